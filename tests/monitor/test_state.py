import gc
import signal
import threading
import weakref
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from PIL import Image

from dltk._errors import OptionError, StateError
from dltk.monitor import recordMetrics, trainingProgressMonitor, updateInfo


def train(monitor, iterations=20):
    """The loop as MATLAB users write it; the number of iterations done."""
    iteration = 0
    while iteration < iterations and not monitor.Stop:
        iteration += 1
        recordMetrics(monitor, iteration, Loss=1 / iteration)
        updateInfo(monitor, Epoch=f"{iteration} of {iterations}")
        monitor.Progress = 100 * iteration / iterations
    return iteration


def ready_to_train(**options):
    return trainingProgressMonitor(Metrics="Loss", Info="Epoch", XLabel="Iteration", **options)


def test_a_new_monitor_has_matlabs_defaults():
    monitor = trainingProgressMonitor()
    assert (monitor.Metrics, monitor.Info, monitor.XLabel, monitor.Status) == ((), (), "", "")
    assert (monitor.Progress, monitor.Visible, monitor.Stop) == (0, True, False)


def test_all_properties_can_be_assigned_after_creation(capsys):
    monitor = trainingProgressMonitor()
    monitor.Metrics = ["A", "B"]
    monitor.Info = "Epoch"
    monitor.XLabel = "Iteration"
    monitor.Status = "Running"
    monitor.Progress = np.float32(12.5)
    assert repr(monitor).splitlines() == [
        "trainingProgressMonitor:",
        "  Metrics: ('A', 'B')",
        "  Info: ('Epoch',)",
        "  XLabel: Iteration",
        "  Progress: 12.5",
        "  Status: Running",
        "  Visible: True",
        "  Stop: False",
    ]


def test_recording_never_reads_a_value_of_the_device(watched):
    monitor = trainingProgressMonitor(Metrics="Loss")
    values = [watched(1 / n, ready=False) for n in range(1, 200)]
    for step, value in enumerate(values, start=1):
        recordMetrics(monitor, step, Loss=value)
        monitor.Progress = step / 2
    assert sum(value.reads for value in values) == 0
    expected = [[n, 1 / n] for n in range(1, 200)]
    np.testing.assert_array_equal(monitor.MetricData.Loss, expected)


def test_a_record_takes_less_than_50_microseconds():
    import timeit

    monitor = trainingProgressMonitor(Metrics=["Loss", "Accuracy"], Visible=False)
    steps = iter(range(10**6))
    runs = timeit.repeat(
        lambda: recordMetrics(monitor, next(steps), Loss=0.5, Accuracy=0.25), number=200, repeat=5
    )
    assert min(runs) / 200 < 50e-6


def test_headless_training_leaves_a_picture_and_lines(capsys, tmp_path):
    train(ready_to_train())
    image = np.asarray(Image.open(tmp_path / "training_progress.png").convert("RGB"))
    blue = (image == (0x00, 0x72, 0xBD)).all(axis=-1)  # curve and full progress bar
    assert blue.sum() > 5000
    note, *lines = capsys.readouterr().err.splitlines()
    assert note == f"The training progress is drawn in {tmp_path / 'training_progress.png'}"
    assert len(lines) == 1
    assert lines[0].startswith("Training: 100 %, Iteration 20, Loss 0.05, Epoch 20 of 20, elapsed")


def test_a_loop_that_ends_early_is_drawn_when_the_monitor_is_dropped(tmp_path):
    monitor = ready_to_train()
    recordMetrics(monitor, 1, Loss=1)
    before = Path("training_progress.png").stat().st_mtime_ns
    recordMetrics(monitor, 2, Loss=2)
    del monitor
    gc.collect()
    assert Path("training_progress.png").stat().st_mtime_ns > before


def test_a_dropped_monitor_is_not_kept_alive():
    monitor = ready_to_train()
    train(monitor)
    seen = weakref.ref(monitor)
    del monitor
    gc.collect()
    assert seen() is None


def test_headless_training_leaves_pyplot_alone():
    from matplotlib import pyplot

    figures, settings = pyplot.get_fignums(), dict(matplotlib.rcParams)
    train(ready_to_train())
    assert pyplot.get_fignums() == figures
    assert dict(matplotlib.rcParams) == settings


@pytest.mark.parametrize(
    ("options", "files"),
    [
        ({}, ["training_progress.png"]),
        ({"file": "mine.svg"}, ["mine.svg"]),
        ({"file": None}, []),
        ({"Visible": False}, []),
        ({"Visible": False, "file": Path("mine.png")}, ["mine.png"]),
        ({"Visible": False, "file": None}, []),
    ],
    ids=str,
)
def test_which_files_are_written(tmp_path, options, files):
    train(ready_to_train(**options))
    assert [path.name for path in tmp_path.iterdir()] == files


def test_an_invisible_monitor_is_silent_and_has_all_numbers(capsys):
    monitor = ready_to_train(Visible=False)
    train(monitor)
    assert capsys.readouterr() == ("", "")
    assert len(monitor.MetricData["Loss"]) == len(monitor.InfoData["Epoch"]) == 20


def test_visible_can_be_switched(tmp_path):
    monitor = ready_to_train(Visible=False)
    train(monitor, 5)
    monitor.Visible = True
    monitor.Status = "now shown"
    assert monitor.Visible
    assert [path.name for path in tmp_path.iterdir()] == ["training_progress.png"]


def test_after_close_nothing_is_shown_but_values_are_recorded(tmp_path):
    monitor = ready_to_train()
    monitor.close()
    train(monitor)
    assert list(tmp_path.iterdir()) == []
    assert len(monitor.MetricData.Loss) == 20


@pytest.mark.skipif(
    threading.current_thread() is not threading.main_thread(), reason="signals need the main thread"
)
def test_ctrl_c_stops_a_loop_that_looks_at_stop(capsys):
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        monitor = ready_to_train()
        iteration = 0
        while iteration < 10 and not monitor.Stop:
            iteration += 1
            recordMetrics(monitor, iteration, Loss=1)
            if iteration == 3:
                signal.raise_signal(signal.SIGINT)
        assert (iteration, monitor.Stop) == (3, True)
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("look_once_more", [False, True])
def test_after_100_percent_ctrl_c_means_what_it_meant(look_once_more):
    before = signal.getsignal(signal.SIGINT)
    monitor = ready_to_train()
    train(monitor)
    assert not (look_once_more and monitor.Stop)
    assert signal.getsignal(signal.SIGINT) is before


def test_a_loop_that_never_looks_at_stop_keeps_ctrl_c():
    before = signal.getsignal(signal.SIGINT)
    monitor = ready_to_train()
    recordMetrics(monitor, 1, Loss=1)
    monitor.Progress = 1
    assert signal.getsignal(signal.SIGINT) is before


@pytest.mark.parametrize("name", ["Stop", "MetricData", "InfoData"])
def test_what_the_monitor_tells_cannot_be_assigned(name):
    with pytest.raises(OptionError, match=f"trainingProgressMonitor: {name} is read-only"):
        setattr(trainingProgressMonitor(), name, True)


def test_a_misspelt_property_is_refused_with_the_right_one():
    with pytest.raises(OptionError, match=r"no property Progess(.|\n)*Did you mean \"Progress\""):
        trainingProgressMonitor().Progess = 50


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"Metrics": "Training Loss"}, 'Metrics is not a valid identifier(.|\n)*"Training_Loss"'),
        ({"Info": ["a", "a"]}, "Info names 'a' more than once"),
        ({"Progress": 101}, "Progress is a percentage from 0 to 100"),
        ({"XLabel": 3}, "XLabel is a text"),
        ({"Status": None}, "Status is a text"),
        ({"file": "progress.doc"}, "does not end like that of a picture"),
    ],
)
def test_wrong_options_are_refused(options, text):
    with pytest.raises(OptionError, match=text):
        trainingProgressMonitor(**options)


def test_metrics_cannot_change_after_the_first_record():
    monitor = ready_to_train(Visible=False)
    train(monitor, 1)
    with pytest.raises(
        StateError, match="Metrics cannot change any more, because Loss has records"
    ):
        monitor.Metrics = ["Loss", "Accuracy"]
