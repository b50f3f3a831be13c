import time

import numpy as np
import pytest

from dltk._errors import OptionError
from dltk._struct import struct
from dltk.dlarray import dlarray
from dltk.monitor import (
    exportPlotAsImage,
    groupSubPlot,
    recordMetrics,
    trainingProgressMonitor,
    updateInfo,
    yscale,
)


@pytest.fixture
def monitor():
    return trainingProgressMonitor(Metrics=["A", "B"], Info=["Epoch", "Rate"], Visible=False)


RECORDS = {
    "keywords": lambda m: recordMetrics(m, 1, A=2, B=3),
    "pairs": lambda m: recordMetrics(m, 1, "A", 2, "B", 3),
    "mapping": lambda m: recordMetrics(m, 1, {"A": 2, "B": 3}),
    "struct": lambda m: recordMetrics(m, 1, struct(A=2, B=3)),
    "method": lambda m: m.recordMetrics(1, A=2, B=3),
    "dlarray": lambda m: recordMetrics(m, dlarray(1.0), A=dlarray(2.0), B=dlarray([[3.0]], "CB")),
}


@pytest.mark.parametrize("way", RECORDS)
def test_all_ways_to_record_give_the_same_numbers(monitor, way):
    RECORDS[way](monitor)
    np.testing.assert_array_equal(monitor.MetricData.A, [[1, 2]])
    np.testing.assert_array_equal(monitor.MetricData.B, [[1, 3]])


UPDATES = {
    "keywords": lambda m: updateInfo(m, Epoch="1 of 2", Rate=0.5),
    "pairs": lambda m: updateInfo(m, "Epoch", "1 of 2", "Rate", 0.5),
    "struct": lambda m: updateInfo(m, struct(Epoch="1 of 2", Rate=0.5)),
    "method": lambda m: m.updateInfo(Epoch="1 of 2", Rate=0.5),
}


@pytest.mark.parametrize("way", UPDATES)
def test_all_ways_to_update_give_the_same_values(monitor, way):
    UPDATES[way](monitor)
    assert monitor.InfoData.Epoch.tolist() == ["1 of 2"]
    assert monitor.InfoData.Rate.tolist() == [0.5]


@pytest.mark.parametrize(
    "group",
    [
        lambda m: groupSubPlot(m, "Loss", ["A", "B"]),
        lambda m: groupSubPlot(m, Loss=["A", "B"]),
        lambda m: m.groupSubPlot("Loss", ["A", "B"]),
    ],
    ids=["positions", "keyword", "method"],
)
def test_all_ways_to_group_give_the_same_subplot(monitor, group):
    group(monitor)
    yscale(monitor, "Loss", "log")
    assert [tuple(panel) for panel in monitor._data.panels()] == [("Loss", ("A", "B"), "log")]


def test_metrics_may_be_named_like_arguments():
    monitor = trainingProgressMonitor(Metrics=["step", "monitor", "self"], Visible=False)
    recordMetrics(monitor, 1, step=2, monitor=3, self=4)
    assert [v[0, 1] for v in monitor.MetricData.values()] == [2, 3, 4]


def test_an_exported_picture_has_all_values(monitor, tmp_path, watched):
    late = watched(ready=False)
    recordMetrics(monitor, 1, A=late)
    exportPlotAsImage(monitor, "progress.png")
    assert late.reads == 1
    assert (tmp_path / "progress.png").stat().st_size > 5000


@pytest.mark.parametrize(
    ("call", "name"),
    [
        (lambda: recordMetrics(1, 0.5), "recordMetrics"),
        (lambda: updateInfo("Epoch", 1), "updateInfo"),
        (lambda: groupSubPlot("Loss", ["A", "B"]), "groupSubPlot"),
        (lambda: yscale(None, "A", "log"), "yscale"),
        (lambda: exportPlotAsImage("progress.png", "x"), "exportPlotAsImage"),
    ],
)
def test_a_forgotten_monitor_is_named(call, name):
    with pytest.raises(OptionError, match=f"{name}: the first argument is the monitor"):
        call()


def test_a_value_without_a_name_is_refused(monitor):
    with pytest.raises(OptionError, match=r"a value has no name(.|\n)*Name=value"):
        recordMetrics(monitor, 1, dlarray(0.5))


def test_recording_takes_microseconds(monitor):
    """Far below 50, so that a busy machine does not fail it; benchmarks/monitor.py measures."""
    value, times = dlarray(np.single(0.5)), []
    for iteration in range(1, 1001):
        start = time.perf_counter()
        recordMetrics(monitor, iteration, A=value, B=iteration)
        times.append(time.perf_counter() - start)
    assert np.median(times) < 50e-6
