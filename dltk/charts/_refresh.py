"""Brings a figure up to date just before Matplotlib draws it, whoever asks for the drawing.

So ``savefig`` right after ``addpoints`` has all points, and limits that are half automatic follow
the data. Imports Matplotlib: only what draws imports this.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal
from weakref import WeakKeyDictionary

from matplotlib.artist import Artist

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from ._animatedline import AnimatedLine

Which = Literal["x", "y"]

_waits = True  # whether a drawing waits for values that the device still computes


@contextmanager
def ready_values_only() -> Iterator[None]:
    """Drawings within leave out what the device still computes."""
    global _waits
    _waits = False
    try:
        yield
    finally:
        _waits = True


class Refresher(Artist):
    """Draws nothing; a figure comes to it before anything that is to be seen."""

    def __init__(self) -> None:
        super().__init__()
        self.set_zorder(-math.inf)
        self.lines: list[AnimatedLine] = []
        self.limits: WeakKeyDictionary[Axes, dict[Which, tuple[float, float]]] = WeakKeyDictionary()

    def draw(self, renderer: Any) -> None:
        """Bring lines and limits up to date."""
        self.lines = [line for line in self.lines if line.line.axes is not None]
        for axes in {line.line.axes for line in self.lines if line.refresh(wait=_waits)}:
            axes.relim()
            axes.autoscale_view()
        for axes, limits in self.limits.items():
            for which, ends in limits.items():
                _fit(axes, which, ends)

    @classmethod
    def of(cls, figure: Figure) -> Refresher:
        """The one of a figure."""
        for artist in figure.artists:
            if isinstance(artist, cls):
                return artist
        made = cls()
        figure.add_artist(made)
        return made


def _fit(axes: Axes, which: Which, ends: tuple[float, float]) -> None:
    """The given end stays where it is, the other one follows the data."""
    is_x = which == "x"
    axes.autoscale(enable=True, axis=which)
    found = sorted(axes.get_xlim() if is_x else axes.get_ylim())
    low, high = (f if math.isinf(e) else e for f, e in zip(found, ends, strict=True))
    high = high if high > low else low + 1
    (axes.set_xlim if is_x else axes.set_ylim)(low, high, auto=None)
