import csv
import json
import math

import numpy as np
import pytest

from dltk._errors import OptionError
from dltk.monitor import _log, groupSubPlot, recordMetrics, trainingProgressMonitor
from dltk.monitor._data import Data
from dltk.monitor._log import logs
from dltk.monitor._rows import Rows


def trained(tmp_path, *names, metrics=("Loss", "ValidationLoss"), xlabel="Iteration", **options):
    """A monitor that has seen five iterations, two of them with a validation."""
    monitor = trainingProgressMonitor(
        Metrics=metrics,
        XLabel=xlabel,
        Visible=False,
        log=[tmp_path / name for name in names],
        **options,
    )
    for iteration in range(1, 6):
        recordMetrics(monitor, iteration, **{metrics[0]: 1 / iteration})
        if iteration % 2 == 0:
            recordMetrics(monitor, iteration, **{metrics[1]: iteration / 3})
    return monitor


def test_csv_has_a_row_per_step_with_all_digits(tmp_path):
    trained(tmp_path, "a.csv").close()
    with open(tmp_path / "a.csv", newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["Iteration", "Elapsed", "Loss", "ValidationLoss"]
    assert [row[0] for row in rows] == ["1", "2", "3", "4", "5"]
    assert [float(row[2]) for row in rows] == [1 / k for k in range(1, 6)]
    assert [row[3] for row in rows] == ["", repr(2 / 3), "", repr(4 / 3), ""]
    elapsed = [float(row[1]) for row in rows]
    assert elapsed == sorted(elapsed)
    assert 0 <= elapsed[0] <= elapsed[-1] < 60


def test_numpy_reads_the_csv_as_the_monitor_has_it(tmp_path):
    monitor = trained(tmp_path, "a.csv")
    monitor.close()
    read = np.genfromtxt(tmp_path / "a.csv", delimiter=",", names=True)
    np.testing.assert_array_equal(
        np.column_stack([read["Iteration"], read["Loss"]]), monitor.MetricData.Loss
    )


def test_json_lines_have_an_object_per_step(tmp_path):
    trained(tmp_path, "a.jsonl").close()
    rows = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text().splitlines()]
    assert [row.pop("Elapsed") >= 0 for row in rows] == [True] * 5
    assert rows[:2] == [
        {"Iteration": 1, "Loss": 1.0},
        {"Iteration": 2, "Loss": 0.5, "ValidationLoss": 2 / 3},
    ]


def test_what_is_no_number_is_named_in_csv_and_null_in_json(tmp_path):
    files = [tmp_path / "a.csv", tmp_path / "a.jsonl"]
    monitor = trainingProgressMonitor(Metrics="Loss", Visible=False, log=files)
    for step, value in enumerate([math.nan, math.inf, -math.inf], start=1):
        recordMetrics(monitor, step, Loss=value)
    monitor.close()
    assert [line.split(",")[2] for line in files[0].read_text().splitlines()] == [
        "Loss", "NaN", "Inf", "-Inf",
    ]  # fmt: skip
    assert [json.loads(line)["Loss"] for line in files[1].read_text().splitlines()] == [None] * 3


def test_steps_and_times_keep_their_column_when_a_metric_has_the_name(tmp_path):
    trained(tmp_path, "a.csv", metrics=("Step", "Elapsed"), xlabel="").close()
    header = (tmp_path / "a.csv").read_text().splitlines()[0]
    assert header == "Step_,Elapsed_,Step,Elapsed"


def test_tensorboard_reads_step_value_and_time(tmp_path):
    pytest.importorskip("tensorboard")
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    monitor = trained(tmp_path, "run", metrics=("Loss", "ValidationLoss", "Rate"))
    groupSubPlot(monitor, "All", ["Loss", "ValidationLoss"])
    recordMetrics(monitor, 6, Rate=0.5)
    monitor.close()
    read = EventAccumulator(str(tmp_path / "run"))
    read.Reload()
    assert read.Tags()["scalars"] == ["All/Loss", "All/ValidationLoss", "Rate"]
    events = read.Scalars("All/Loss")
    assert [event.step for event in events] == [1, 2, 3, 4, 5]
    assert [event.value for event in events] == [np.float32(1 / k) for k in range(1, 6)]
    began = monitor._data.began
    assert all(began <= event.wall_time < began + 60 for event in events)
    assert [event.step for event in read.Scalars("All/ValidationLoss")] == [2, 4]


def test_the_file_grows_while_the_training_runs(tmp_path):
    monitor = trained(tmp_path, "a.csv")
    assert (tmp_path / "a.csv").read_text() in ("", "Iteration,Elapsed,Loss,ValidationLoss\n")
    monitor._screen._next = -math.inf  # a second later
    next(iter(monitor._screen._files.values())).next = -math.inf
    monitor.Status = "Running"
    assert (tmp_path / "a.csv").read_text().splitlines()[-1].startswith("4,")
    monitor.Progress = 100
    assert (tmp_path / "a.csv").read_text().splitlines()[-1].startswith("5,")


def test_hiding_the_picture_does_not_end_the_log(tmp_path):
    monitor = trained(tmp_path, "a.csv")
    monitor.Visible = True
    monitor.Visible = False
    recordMetrics(monitor, 6, Loss=0.0)
    monitor.close()
    steps = [line.split(",")[0] for line in (tmp_path / "a.csv").read_text().splitlines()]
    assert steps == ["Iteration", "1", "2", "3", "4", "5", "6"]


@pytest.fixture
def data(clock):
    data = Data(clock)
    data.set_metrics(["Loss", "Accuracy"])
    return data


def test_a_row_waits_for_its_second_call_and_for_the_device(data, watched):
    rows = Rows()
    late = watched(0.25, ready=False)

    def steps(*, final=False):
        data.settle(wait=False)
        return [(row.step, row.values) for row in rows.take(data, final=final)]

    data.record(1, {"Loss": 0.5})
    assert steps() == []
    data.record(1, {"Accuracy": 60})
    data.record(2, {"Loss": late})
    assert steps() == [(1, {"Loss": 0.5, "Accuracy": 60})]
    data.record(3, {"Loss": 0.125, "Accuracy": 80})
    data.record(4, {"Loss": 0.125})
    assert steps() == []
    late.ready = True
    assert steps() == [(2, {"Loss": 0.25}), (3, {"Loss": 0.125, "Accuracy": 80})]
    assert steps(final=True) == [(4, {"Loss": 0.125})]
    assert steps(final=True) == []


def test_each_row_has_the_time_of_its_record(data, clock):
    for clock.now in (1.5, 2.5):
        data.record(clock.now, {"Loss": 0})
    data.settle(wait=True)
    assert [row.elapsed for row in Rows().take(data, final=True)] == [1.5, 2.5]


@pytest.mark.parametrize(
    ("log", "text"),
    [
        ("a.txt", r'End the name with ".csv" or ".jsonl"'),
        ("no/such/a.csv", "the folder of the log does not exist"),
        (3, r"log is a file name, or several.\n  log: 3"),
        ([""], "log is a file name, or several"),
    ],
)
def test_a_log_that_cannot_be_is_refused_at_once(log, text):
    with pytest.raises(OptionError, match=text):
        trainingProgressMonitor(Metrics="Loss", log=log)


def test_a_missing_library_is_named(monkeypatch):
    monkeypatch.setattr(_log, "find_spec", lambda name: None)
    with pytest.raises(ImportError, match=r'pip install "dltk-jax\[tensorboard\]"'):
        logs("run")
