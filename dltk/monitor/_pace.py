"""How often to show something that costs time: seldom enough to be a small part of the run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Pace:
    """Says when the next showing is due.

    At the earliest ``pause`` seconds after the last one, and late enough for showings to take at
    most ``share`` of the time. The cost of the first one is not counted: it loads fonts and
    modules. ``shown`` and ``was_final`` are notes of who shows: which state, and whether
    completely.
    """

    def __init__(self, clock: Callable[[], float], pause: float, share: float = 0.03):
        self._clock = clock
        self._pause = pause
        self._share = share
        self._is_first = True
        self.next = -float("inf")
        self.shown = -1
        self.was_final = False

    @contextmanager
    def spend(self) -> Iterator[None]:
        """Measure a showing and set the time of the next one, also when it fails."""
        start = self._clock()
        try:
            yield
        finally:
            end = self._clock()
            cost = 0.0 if self._is_first else end - start
            self._is_first = False
            self.next = end + max(self._pause, cost / self._share - cost)
