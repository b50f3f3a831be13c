"""MATLAB's functions on a monitor. Each one also is a method, as in MATLAB."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any, Literal

from .._errors import OptionError
from ._state import trainingProgressMonitor


def recordMetrics(
    monitor: trainingProgressMonitor, step: Any, /, *struct_or_pairs: Any, **metrics: Any
) -> None:
    """Record values of metrics at a step, and redraw when it is time.

    A value is anything that `float` takes: a number, a scalar dlarray, NumPy or JAX array (size
    1, of any number of dimensions). It is not read here, so the call does not wait for the
    device; a JAX value is read when it is drawn, or when ``MetricData`` is asked for. The call
    takes a few microseconds. A metric may be left out at some steps, as is usual for validation.

    Args:
        monitor: The monitor, whose ``Metrics`` are named.
        step: A finite number, such as the iteration, that increases from record to record of a
            metric.
        *struct_or_pairs: Instead of keywords a struct or mapping, or the older form
            ``"Loss", loss, "Accuracy", accuracy``.
        **metrics: Name and value of each metric.

    Raises:
        OptionError: Unknown metric; the value is no real scalar; the step does not increase.
            Nothing is recorded then.
        StateError: The monitor has no metrics yet.

    Example:
        >>> monitor = trainingProgressMonitor(Metrics=["Loss", "Accuracy"], Visible=False)
        >>> recordMetrics(monitor, 1, Loss=2.5)
        >>> recordMetrics(monitor, 2, Loss=1.5, Accuracy=60)
        >>> monitor.MetricData.Loss
        array([[1. , 2.5],
               [2. , 1.5]])

    Source:
        https://www.mathworks.com/help/deeplearning/ref/deep.trainingprogressmonitor.recordmetrics.html
    """
    _checked("recordMetrics", monitor).recordMetrics(step, *struct_or_pairs, **metrics)


def updateInfo(monitor: trainingProgressMonitor, /, *struct_or_pairs: Any, **infos: Any) -> None:
    """Show values and texts beside the plots, such as the epoch or the learning rate.

    Args:
        monitor: The monitor, whose ``Info`` are named.
        *struct_or_pairs: Instead of keywords a struct or mapping, or the older form ``"Epoch", 3``.
        **infos: Name and value of each info: a text or a real scalar.

    Raises:
        OptionError: Unknown info, or neither text nor scalar. Nothing is changed then.

    Example:
        >>> monitor = trainingProgressMonitor(Info=["Epoch", "LearnRate"], Visible=False)
        >>> updateInfo(monitor, Epoch="1 of 5", LearnRate=0.01)
        >>> monitor.InfoData.Epoch.tolist(), monitor.InfoData.LearnRate.tolist()
        (['1 of 5'], [0.01])

    Source:
        https://www.mathworks.com/help/deeplearning/ref/deep.trainingprogressmonitor.updateinfo.html
    """
    _checked("updateInfo", monitor).updateInfo(*struct_or_pairs, **infos)


def groupSubPlot(
    monitor: trainingProgressMonitor,
    groupName: str | None = None,
    metricNames: str | Sequence[str] | None = None,
    /,
    **groups: str | Sequence[str],
) -> None:
    """Show several metrics in one sub-plot.

    Args:
        monitor: The monitor, whose ``Metrics`` are named.
        groupName: Name of the group, the label of the y-axis. Metrics of an earlier call with this
            name stay in the group.
        metricNames: One metric or several, each in one group at most, all with one `yscale`.
        **groups: The same as keywords: ``groupSubPlot(monitor, Loss=["Training", "Validation"])``.

    Raises:
        OptionError: Unknown metric, a metric of another group, or different scales.

    Example:
        >>> monitor = trainingProgressMonitor(Metrics=["Training", "Validation"], Visible=False)
        >>> groupSubPlot(monitor, "Loss", ["Training", "Validation"])

    Source:
        https://www.mathworks.com/help/deeplearning/ref/deep.trainingprogressmonitor.groupsubplot.html
    """
    _checked("groupSubPlot", monitor).groupSubPlot(groupName, metricNames, **groups)


def yscale(
    monitor: trainingProgressMonitor, metricOrGroupName: str, scale: Literal["linear", "log"], /
) -> None:
    """Make the y-axis of a sub-plot logarithmic or linear.

    On a logarithmic axis values that are not positive are left out.

    Args:
        monitor: The monitor.
        metricOrGroupName: A metric or group; a metric of a group stands for the group.
        scale: "linear" (at first) or "log".

    Raises:
        OptionError: Unknown metric or group, or another scale.

    Example:
        >>> monitor = trainingProgressMonitor(Metrics="Loss", Visible=False)
        >>> yscale(monitor, "Loss", "log")

    Source:
        https://www.mathworks.com/help/deeplearning/ref/deep.trainingprogressmonitor.yscale.html
    """
    _checked("yscale", monitor).yscale(metricOrGroupName, scale)


def exportPlotAsImage(monitor: trainingProgressMonitor, file: str | os.PathLike[str], /) -> None:
    """Write the picture to a file, with all values up to now; works without a window too.

    Args:
        monitor: The monitor.
        file: Name with the suffix of an image or vector format: .png, .jpg, .tif, .webp, .svg,
            .pdf.

    Raises:
        OptionError: Another suffix, or no such folder.

    Example:
        >>> import pathlib, tempfile
        >>> monitor = trainingProgressMonitor(Metrics="Loss", Visible=False)
        >>> recordMetrics(monitor, 1, Loss=0.5)
        >>> file = pathlib.Path(tempfile.mkdtemp(), "progress.png")
        >>> exportPlotAsImage(monitor, file)
        >>> file.read_bytes()[1:4]
        b'PNG'

    Source:
        https://www.mathworks.com/help/deeplearning/ref/deep.trainingprogressmonitor.exportplotasimage.html
    """
    _checked("exportPlotAsImage", monitor).exportPlotAsImage(file)


def _checked(function: str, monitor: Any) -> Any:
    """Anything with the method, so that a monitor of the user's own serves too."""
    if not hasattr(type(monitor), function):
        raise OptionError(
            f"{function}: the first argument is the monitor.",
            got={"first argument": type(monitor).__name__},
            fix=f"Write {function}(monitor, ...), with monitor = trainingProgressMonitor(...).",
        )
    return monitor
