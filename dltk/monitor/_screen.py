"""Chooses where progress is shown and when; a picture that fails never ends a training."""

from __future__ import annotations

import atexit
import os
import warnings
import weakref
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from .._errors import DltkWarning, OptionError, nearest
from ._bar import text_output
from ._browser import has_browser, open_browser
from ._data import Data
from ._interrupt import Interrupt
from ._notebook import Notebook, running_shell
from ._output import File, Output
from ._pace import Pace
from ._window import hold, open_window

DEFAULT_FILE = "training_progress.png"
POLL = 0.1  # seconds between looks for a pressed button

_unfinished: weakref.WeakSet[Screen] = weakref.WeakSet()


class Screen:
    """The outputs of one monitor, opened by the first sign of a loop.

    A notebook cell that merely makes the monitor stays empty; the picture comes under the cell with
    the loop. Reading ``Stop`` is such a sign, so a window opens before the first iteration
    compiles.
    """

    def __init__(
        self,
        data: Data,
        *,
        visible: bool,
        file: Path | None,
        is_auto: bool,
        display: str = "auto",
        logs: Sequence[Output] = (),
    ):
        self.data = data
        self.visible = visible
        self.display = display
        self.file = file
        self._is_auto = is_auto
        asked_for = [*([] if is_auto or file is None else [File(file)]), *logs]
        self._files = {output: Pace(data.clock, output.pause) for output in asked_for}
        self._outputs: dict[Output, Pace] | None = None
        self._next = -float("inf")
        self._was_complete = False
        self.interrupt = Interrupt(data.request_stop)

    def tick(self) -> None:
        """Something changed, or the loop asks for ``Stop``: show it if it is time."""
        now = self.data.clock()
        if now < self._next:
            return
        outputs = self._opened()
        for output, pace in list(outputs.items()):
            if now >= pace.next and pace.shown != self.data.changes:
                self._show(output, pace, final=False)
            else:
                self._guard(output, output.poll)
        due = min((max(pace.next, now + POLL) for pace in outputs.values()), default=float("inf"))
        self._next = now + POLL if any(output.has_user for output in outputs) else due

    def look_for_stop(self) -> None:
        """The loop asks whether to stop: let a click come in, and take Ctrl-C for it."""
        if self._opened() and not self.data.stop and self.data.progress != 100:
            self.interrupt.take()
        self.tick()

    def progressed(self) -> None:
        """At 100 % the picture shall not lack the last values; at once the first time only."""
        is_complete = self.data.progress == 100
        if is_complete:
            self.interrupt.restore()
        if is_complete and not self._was_complete:
            self._was_complete = True
            self.finish()
        else:
            self.tick()

    def finish(self) -> None:
        """Show everything where something has changed since the last time."""
        for output, pace in list(self._opened().items()):
            if (self.data.changes, True) != (pace.shown, pace.was_final):
                self._show(output, pace, final=True)

    def set_visible(self, visible: bool) -> None:
        """Show no more, or again; files that were asked for go on."""
        if visible == self.visible:
            return
        files, self._files = self._files, {}
        if self._outputs is not None:
            self._outputs = {o: pace for o, pace in self._outputs.items() if o not in files}
            self.close()
        self._files, self._outputs = files, None
        self.visible, self._next = visible, -float("inf")

    def end(self) -> None:
        """The monitor is gone or the program ends: the last picture, and Ctrl-C as it was."""
        self.interrupt.restore()
        if self._outputs is not None:
            self.finish()
        for output in self._outputs or ():
            if not output.stays:
                output.close()

    def close(self) -> None:
        """The last picture; then everything is given back and nothing is shown any more."""
        self.end()
        for output in self._outputs or ():
            output.close()
        self._outputs, self._files = {}, {}

    def _opened(self) -> dict[Output, Pace]:
        if self._outputs is None:
            places = {o: Pace(self.data.clock, o.pause) for o in self._chosen()}
            self._outputs = {**places, **self._files}
        if self._outputs and self not in _unfinished:
            _unfinished.add(self)
            atexit.unregister(_end_all)
            atexit.register(_end_all)  # as late as possible: what comes last is called first
        return self._outputs

    def _chosen(self) -> list[Output]:
        switch = display_switch(self.display)
        if not self.visible or switch == "off":
            return []
        if switch == "auto":
            shell = running_shell()
            place = Notebook(self.data, shell) if shell else open_window(self.data)
            if place is not None:
                return [place]
        if switch == "browser":
            return [*filter(None, [open_browser(self.data), text_output()])]
        note = "" if self.file is None else f"The training progress is drawn in {self.file}"
        file = File(self.file) if self.file is not None and self._is_auto else None
        return [*filter(None, [text_output(note), file])]

    def _show(self, output: Output, pace: Pace, *, final: bool) -> None:
        with pace.spend():
            pace.shown, pace.was_final = self.data.changes, final
            self.data.settle(wait=final)
            self._guard(output, lambda: output.update(self.data, final=final))

    def _guard(self, output: Output, action: Callable[[], Any]) -> None:
        try:
            action()
        except Exception as error:
            for outputs in (self._outputs or {}, self._files):
                outputs.pop(output, None)
            warnings.warn(
                "trainingProgressMonitor: progress is no longer shown in the "
                f"{type(output).__name__.lower()}, because that failed ({type(error).__name__}: "
                f"{error}). The training and its numbers are not affected.",
                DltkWarning,
                stacklevel=2,
            )


def display_switch(given: str = "auto") -> str:
    """Where progress is shown: as given, or as the environment variable DLTK_MONITOR says.

    "auto"; "browser"; "file" (no window, no notebook); the variable knows "off" too.
    """
    by_environment = os.environ.get("DLTK_MONITOR", "").lower()
    word = by_environment or given
    words = ["auto", "browser", "file", *(["off"] if by_environment else [])]
    if word not in words:
        raise OptionError(
            "trainingProgressMonitor: the environment variable DLTK_MONITOR has an unknown word."
            if by_environment
            else "trainingProgressMonitor: this is no place where progress can be shown.",
            got={"DLTK_MONITOR" if by_environment else "display": word},
            fix=nearest(word, words),
        )
    if word == "browser" and not has_browser():
        raise ImportError(
            "trainingProgressMonitor: a page in a browser needs tornado: "
            'pip install "dltk-jax[browser]"'
        )
    return word


def _end_all() -> None:
    """At the end of the program: pictures get the last values, windows wait for the user."""
    for screen in list(_unfinished):
        screen.end()
    hold()
