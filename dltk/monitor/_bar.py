"""Progress in text: a bar in a terminal, now and then a line in a log."""

from __future__ import annotations

import math
import os
import sys
from typing import TYPE_CHECKING, Any

from ._data import Data
from ._output import Output
from ._series import as_text
from ._side import clock_text

if TYPE_CHECKING:
    from typing import TextIO


def text_output(note: str = "") -> Output | None:
    """A bar if stderr is a terminal, else lines; None with TQDM_DISABLE or without stderr.

    Args:
        note: A line that stands above, such as where the picture is.
    """
    stream = sys.stderr
    if stream is None or os.environ.get("TQDM_DISABLE", "").lower() not in ("", "0", "false"):
        return None
    return Bar(stream, note) if _is_terminal(stream) else Lines(stream, note)


def _is_terminal(stream: TextIO) -> bool:
    """Whether there is room for a bar; a terminal without size, as in some containers, has none."""
    try:
        return stream.isatty() and min(os.get_terminal_size(stream.fileno())) > 0
    except (OSError, ValueError, AttributeError):
        return False


class Bar(Output):
    """A tqdm bar in percent."""

    pause = 0.5

    def __init__(self, stream: TextIO, note: str = ""):
        self._stream = stream
        self._note = note
        self._bar: Any = None
        self._is_complete = False

    def update(self, data: Data, *, final: bool) -> None:
        """Redraw the bar; with ``final`` leave it as it is and go to the next line."""
        if final and self._is_complete:
            return
        bar = self._bar = self._bar or self._started(data)
        bar.n = data.progress or 0
        bar.bar_format = _layout(data)
        bar.set_description_str(f"{data.status or 'Training'} ", refresh=False)
        bar.set_postfix_str(summary(data), refresh=False)
        bar.refresh()
        self._is_complete = final and data.progress == 100
        if final:
            self.close()

    def _started(self, data: Data) -> Any:
        from tqdm import tqdm

        if self._note:
            tqdm.write(self._note, file=self._stream)
            self._note = ""
        # miniters=1: only set by hand, so tqdm need not watch over it in a thread
        bar = tqdm(
            total=100,
            file=self._stream,
            dynamic_ncols=True,
            miniters=1,
            bar_format=_layout(data),
            desc=f"{data.status or 'Training'} ",
        )
        bar.start_t -= data.elapsed
        return bar

    def close(self) -> None:
        """End the line of the bar."""
        if self._bar is not None:
            self._bar.close()
            self._bar = None


def _layout(data: Data) -> str:
    """How tqdm puts its line together, with a bar once there is a Progress."""
    bar = "" if data.progress is None else "{percentage:3.0f}%|{bar:20}| "
    left = "" if data.progress is None else "<{remaining}"
    return "{desc}" + bar + "{elapsed}" + left + "{postfix}"


class Lines(Output):
    """A line at most every half minute, for log files."""

    pause = 30.0

    def __init__(self, stream: TextIO, note: str = ""):
        self._stream = stream
        self._note = note
        self._last = ""
        self._is_complete = False

    def update(self, data: Data, *, final: bool) -> None:
        """Print a line unless it would say the same as the last one."""
        if self._note:
            print(self._note, file=self._stream, flush=True)
            self._note = ""
        line = f"{data.status or 'Training'}: {', '.join(_parts(data))}"
        said = line.partition(", left ")[0]
        if not summary(data) or said == self._last or (final and self._is_complete):
            return
        self._last, self._is_complete = said, final and data.progress == 100
        print(line, file=self._stream, flush=True)


def _parts(data: Data) -> list[str]:
    percent = [] if data.progress is None else [f"{data.progress:.0f} %"]
    left = [] if data.remaining is None else [f"left {clock_text(data.remaining)}"]
    return [*percent, summary(data), f"elapsed {clock_text(data.elapsed)}", *left]


def summary(data: Data) -> str:
    """Step, metrics and infos in a few words: "Iteration 450, Loss 0.0123, Epoch 3 of 10"."""
    last = max((series.last_step for series in data.series.values()), default=-math.inf)
    step = [] if last == -math.inf else [f"{data.xlabel or 'Step'} {as_text(last)}"]
    latest = {name: series.latest() for name, series in data.series.items()}
    metrics = [f"{name} {as_text(value)}" for name, value in latest.items() if value is not None]
    infos = [f"{name} {value}" for name, value in data.latest_info().items() if value]
    return ", ".join([*step, *metrics, *infos])
