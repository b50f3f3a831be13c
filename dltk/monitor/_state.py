"""The monitor of a training loop: what users hold in their hands."""

from __future__ import annotations

import os
import weakref
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from .._errors import OptionError, nearest
from ._data import Data
from ._fields import Fields, pairs
from ._history import get_history, set_history
from ._log import logs
from ._output import checked_path, write_picture
from ._plot import draw, figure_size, plain_style
from ._screen import DEFAULT_FILE, Screen, display_switch
from ._series import kind

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ASSIGNABLE = ("Metrics", "Info", "XLabel", "Progress", "Status", "Visible")
_READ_ONLY = ("Stop", "MetricData", "InfoData")


class trainingProgressMonitor:
    """Plots metrics of a custom training loop while it runs, and lets the user stop it.

    Make it just before the loop: its clock starts at once. The picture comes with the first sign of
    the loop (`recordMetrics`, `updateInfo`, ``Progress``, ``Status`` or a look at ``Stop``):

    * in a notebook under the running cell, one image updated in place; with the extra
      ``dltk-jax[notebook]`` a Stop button above it,
    * on a desktop in a window with a Stop button,
    * elsewhere (a server, a batch job) in the file ``training_progress.png``, and as text on
      stderr: a bar in a terminal, a line every half minute in a log,
    * with ``display="browser"`` on a page with a Stop button, whose address is printed.

    In a window and on a page a click on a y-axis makes it logarithmic, or linear again.

    Values are kept as they are and read when they are drawn, at most about once a second, so that
    the loop does not wait for the device; drawing takes at most a few percent of the time. The
    environment variable ``DLTK_MONITOR`` stands above ``display``; ``DLTK_MONITOR=off`` means as if
    ``Visible=False``.

    Args:
        Metrics: Names of the metrics, a text or several; each gets a sub-plot unless `groupSubPlot`
            puts it together with others. Also assignable until the first record.
        Info: Names of values and texts that are shown at the right. Assignable until the first
            `updateInfo`.
        XLabel: What the steps count, such as "Iteration".
        Visible: Whether anything is shown. False: no window, no text, and no file unless ``file``
            says so; numbers are recorded all the same.
        Progress: Percent done, 0 to 100. Assign ``100 * iteration / numIterations`` in the loop. At
            100 the picture is completed.
        Status: A text such as "Running".
        file: Where the picture is written (PNG, SVG, PDF, ...). "auto": ``training_progress.png``
            in the current folder where there is neither window nor notebook. A name: there, in
            any case. None: nowhere.
        display: "auto": a window, the notebook, or the file. "browser": a page; needs the extra
            ``dltk-jax[browser]``, and listens at Matplotlib's ``webagg.address`` and
            ``webagg.port``. "file": neither window nor notebook.
        log: Where the numbers are written while they come, in any case: a file ``.csv`` or
            ``.jsonl`` (a row per step), a folder for TensorBoard (needs the extra
            ``dltk-jax[tensorboard]``), or several of them. Files of an earlier run are replaced.

    Attributes:
        Stop: Read-only. True once the user has pressed Stop, closed the window, or pressed Ctrl-C
            (in a notebook: interrupted the kernel). The loop must look at it: only loops that do
            get this meaning of Ctrl-C, and a second Ctrl-C interrupts as usual.
        MetricData: Read-only. The n-by-2 array [step value] of each metric, ``MetricData.Loss``.
        InfoData: Read-only. The column of values of each info: numbers, or texts.

    Raises:
        OptionError: A name is not an identifier; Progress is not in 0 to 100; the file cannot be
            one; a property has no such name or is read-only.
        StateError: Metrics (Info) is changed after the first record (update).
        ImportError: ``display`` or ``log`` needs an extra that is not installed.

    Example:
        >>> from dltk.monitor import recordMetrics
        >>> monitor = trainingProgressMonitor(Metrics="Loss", XLabel="Iteration", Visible=False)
        >>> iteration = 0
        >>> while iteration < 3 and not monitor.Stop:
        ...     iteration += 1
        ...     recordMetrics(monitor, iteration, Loss=1 / iteration)
        ...     monitor.Progress = 100 * iteration / 3
        >>> monitor.MetricData.Loss[:, 1].round(2).tolist()
        [1.0, 0.5, 0.33]

    Source:
        https://www.mathworks.com/help/deeplearning/ref/deep.trainingprogressmonitor.html
    """

    def __init__(
        self,
        *,
        Metrics: str | Sequence[str] = (),
        Info: str | Sequence[str] = (),
        XLabel: str = "",
        Visible: bool = True,
        Progress: float = 0,
        Status: str = "",
        file: str | os.PathLike[str] | Literal["auto"] | None = "auto",
        display: Literal["auto", "browser", "file"] = "auto",
        log: str | os.PathLike[str] | Sequence[str | os.PathLike[str]] | None = None,
    ):
        display_switch(display)  # a wrong word shall be found now, not in the first iteration
        is_auto = isinstance(file, str) and file == "auto"
        path = DEFAULT_FILE if is_auto else file
        self._data = Data()
        self._screen = Screen(
            self._data,
            visible=bool(Visible),
            file=None if path is None else checked_path("trainingProgressMonitor", path),
            is_auto=is_auto or path is None,
            display=display,
            logs=logs(log),
        )
        self._data.set_metrics(Metrics)
        self._data.set_info(Info)
        self._data.xlabel = _text("XLabel", XLabel)
        self._data.status = _text("Status", Status)
        if Progress != 0:
            self._data.set_progress(Progress)
        weakref.finalize(self, self._screen.end).atexit = False  # the end of the program: _screen

    def __setattr__(self, name: str, value: Any) -> None:
        if name in _READ_ONLY:
            raise OptionError(
                f"trainingProgressMonitor: {name} is read-only.",
                fix="Leave the loop by break, or by a condition of your own."
                if name == "Stop"
                else "Record values with recordMetrics and updateInfo.",
            )
        if name not in _ASSIGNABLE and not name.startswith("_"):
            raise OptionError(
                f"trainingProgressMonitor: there is no property {name}.",
                fix=nearest(name, _ASSIGNABLE),
            )
        object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        shown = {name: getattr(self, name) for name in (*_ASSIGNABLE, "Stop")}
        return "\n".join(["trainingProgressMonitor:", *(f"  {n}: {v}" for n, v in shown.items())])

    @property
    def Metrics(self) -> tuple[str, ...]:
        """Names of the metrics."""
        return tuple(self._data.series)

    @Metrics.setter
    def Metrics(self, names: str | Sequence[str]) -> None:
        self._data.set_metrics(names)

    @property
    def Info(self) -> tuple[str, ...]:
        """Names of the infos."""
        return tuple(self._data.info)

    @Info.setter
    def Info(self, names: str | Sequence[str]) -> None:
        self._data.set_info(names)

    @property
    def XLabel(self) -> str:
        """What the steps count."""
        return self._data.xlabel

    @XLabel.setter
    def XLabel(self, text: str) -> None:
        self._data.xlabel = _text("XLabel", text)
        self._data.touch()

    @property
    def Progress(self) -> float:
        """Percent done."""
        return self._data.progress or 0.0

    @Progress.setter
    def Progress(self, percent: float) -> None:
        self._data.set_progress(percent)
        self._screen.progressed()

    @property
    def Status(self) -> str:
        """A text beside the title."""
        return self._data.status

    @Status.setter
    def Status(self, text: str) -> None:
        self._data.status = _text("Status", text)
        self._data.touch()
        self._screen.tick()

    @property
    def Visible(self) -> bool:
        """Whether progress is shown."""
        return self._screen.visible

    @Visible.setter
    def Visible(self, visible: bool) -> None:
        self._screen.set_visible(bool(visible))

    @property
    def Stop(self) -> bool:
        """Whether the user wants the loop to end."""
        self._screen.look_for_stop()
        return self._data.stop

    @property
    def MetricData(self) -> Fields:
        """Steps and values of each metric, n-by-2; waits for the device."""
        return self._data.metric_data()

    @property
    def InfoData(self) -> Fields:
        """All values of each info; waits for the device."""
        return self._data.info_data()

    def recordMetrics(self, step: Any, /, *struct_or_pairs: Any, **metrics: Any) -> None:
        """See the function `recordMetrics`."""
        self._data.record(step, pairs("recordMetrics", struct_or_pairs, metrics))
        self._screen.tick()

    def updateInfo(self, /, *struct_or_pairs: Any, **infos: Any) -> None:
        """See the function `updateInfo`."""
        self._data.update_info(pairs("updateInfo", struct_or_pairs, infos))
        self._screen.tick()

    def groupSubPlot(
        self, groupName: Any = None, metricNames: Any = None, /, **groups: str | Sequence[str]
    ) -> None:
        """See the function `groupSubPlot`."""
        named = {} if groupName is None and metricNames is None else {groupName: metricNames}
        for name, members in {**named, **groups}.items():
            self._data.group(name, members)

    def yscale(self, metricOrGroupName: str, scale: Literal["linear", "log"], /) -> None:
        """See the function `yscale`."""
        self._data.set_scale(metricOrGroupName, scale)

    def exportPlotAsImage(self, file: str | os.PathLike[str], /) -> None:
        """See the function `exportPlotAsImage`."""
        path = checked_path("exportPlotAsImage", file)
        self._data.settle(wait=True)
        write_picture(self._data, path, dpi=200)

    def get_state(self) -> dict[str, Any]:
        """Everything recorded, progress and elapsed time: what a checkpoint keeps."""
        return get_history(self._data)

    def set_state(self, state: dict[str, Any]) -> None:
        """Go on where a monitor of the same metrics and infos was; `load` calls this.

        Raises:
            StateError: It had other metrics or infos.
        """
        set_history(self._data, state)

    def plot(self) -> Figure:
        """See the function `plot`."""
        from matplotlib import pyplot

        self._data.settle(wait=True)
        figure = pyplot.figure(figsize=figure_size(self._data))

        def drawn(event: Any = None) -> None:
            with plain_style():
                draw(figure, self._data)

        drawn()
        figure.canvas.mpl_connect("resize_event", drawn)
        return figure

    def close(self) -> None:
        """Draw the last picture, then close window and bar; what is recorded later is not shown."""
        self._screen.close()


def _text(name: str, given: object) -> str:
    if not isinstance(given, str):
        raise OptionError(
            f"trainingProgressMonitor: {name} is a text.",
            got={name: kind(given)},
            fix=f'Assign a str, such as f"{{value}}", to {name}.',
        )
    return given
