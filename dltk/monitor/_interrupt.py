"""Ctrl-C as a stop button: the first one asks the loop to stop, the second one interrupts."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable
from types import FrameType


class Interrupt:
    """Takes Ctrl-C (in a notebook: "interrupt kernel") until `restore`.

    Only in the main thread, and only where Python's own handler is in force: a program that handles
    Ctrl-C itself goes on doing so.
    """

    def __init__(self, on_stop: Callable[[], None]):
        self._on_stop = on_stop
        self._is_taken = False

    def take(self) -> None:
        """From now on the first Ctrl-C means stop."""
        if threading.current_thread() is not threading.main_thread():
            return
        if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, self._handle)
            self._is_taken = True

    def restore(self) -> None:
        """Give Ctrl-C its usual meaning back."""
        in_main = threading.current_thread() is threading.main_thread()
        if self._is_taken and in_main and signal.getsignal(signal.SIGINT) == self._handle:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        self._is_taken = False

    def _handle(self, number: int, frame: FrameType | None) -> None:
        self.restore()
        self._on_stop()
        try:
            message = "\nStopping after this iteration; interrupt again (Ctrl-C) to end at once."
            print(message, file=sys.stderr, flush=True)
        except (RuntimeError, ValueError, AttributeError):
            pass  # the signal came in the middle of another print, or there is no stderr
