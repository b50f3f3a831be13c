"""`animatedline` and its points: a curve that grows, and does not wait for the device."""

from __future__ import annotations

import math
from array import array
from collections import deque
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from .._errors import OptionError, UnsupportedError
from ..functions._options import outputs
from ..monitor._series import check_number, is_ready, number, snapshot

if TYPE_CHECKING:
    from matplotlib.axes import Axes


class AnimatedLine:
    """A line of Matplotlib whose points are added one by one; made by `animatedline`.

    Attributes:
        line: The ``matplotlib.lines.Line2D``, for everything else that can be set.
    """

    def __init__(self, line: Any, most: float):
        self.line = line
        self.most = most
        self._x, self._y = array("d"), array("d")
        self._waiting: deque[tuple[Any, Any]] = deque()
        self._is_shown = False

    def __repr__(self) -> str:
        count = len(self._x) + len(self._waiting)
        return f"AnimatedLine with {count} point{'' if count == 1 else 's'}"

    def add(self, x: Any, y: Any) -> None:
        """Keep a point; it is read when drawn."""
        self._waiting.append((snapshot(x), snapshot(y)))
        self._is_shown = False
        if not self.line.stale:
            self.line.stale = True

    def clear(self) -> None:
        """Forget all points."""
        self._x, self._y = array("d"), array("d")
        self._waiting.clear()
        self._is_shown = False
        self.line.stale = True

    def settle(self, *, wait: bool) -> None:
        """Read points: all, or those that the device has finished."""
        while self._waiting and (wait or all(map(is_ready, self._waiting[0]))):
            x, y = self._waiting.popleft()
            self._x.append(number(x))
            self._y.append(number(y))
        surplus = len(self._x) - self.most
        if surplus > 0:
            del self._x[: int(surplus)], self._y[: int(surplus)]

    def points(self) -> tuple[np.ndarray, np.ndarray]:
        """The points that are read."""
        return np.array(self._x), np.array(self._y)

    def refresh(self, *, wait: bool) -> bool:
        """Hand the points to Matplotlib's line; whether there was anything new."""
        if self._is_shown:
            return False
        self.settle(wait=wait)
        self.line.set_data(*self.points())
        self._is_shown = not self._waiting
        return True


def animatedline(
    x: Any = (),
    y: Any = (),
    *,
    Color: Any = None,
    LineStyle: Literal["-", "--", ":", "-.", "none"] = "-",
    LineWidth: float = 1.0,
    Marker: str = "none",
    MarkerSize: float = 6.0,
    MarkerEdgeColor: Any = None,
    MarkerFaceColor: Any = "none",
    MaximumNumPoints: float = math.inf,
    DisplayName: str = "",
    Parent: Axes | None = None,
) -> AnimatedLine:
    """A line in the current axes to which a loop adds points.

    `addpoints` keeps a value as it is, so a loss on the device is not waited for; `drawnow` draws
    what is computed, and ``savefig`` everything. The axes follow the points unless `xlim` and
    `ylim` say otherwise.

    Args:
        x: First points, none to begin with.
        y: As many.
        Color: A colour of Matplotlib, or three numbers; black.
        LineStyle: "-", "--", ":", "-." or "none".
        LineWidth: In points.
        Marker: A marker of Matplotlib, or "none".
        MarkerSize: In points.
        MarkerEdgeColor: As ``Color``, which it is at first.
        MarkerFaceColor: As ``Color``; "none" for hollow markers.
        MaximumNumPoints: Only the last so many points stay.
        DisplayName: Text for ``matplotlib.pyplot.legend()``.
        Parent: Axes; the current ones.

    Raises:
        OptionError: x and y have different sizes, or a number of points below one.

    Example:
        >>> import matplotlib
        >>> matplotlib.use("agg")
        >>> from dltk import colororder
        >>> line = animatedline(Color=colororder()[1])
        >>> for iteration in range(1, 4):
        ...     addpoints(line, iteration, 1 / iteration)
        >>> getpoints(line, nargout=2)
        (array([1., 2., 3.]), array([1.        , 0.5       , 0.33333333]))

    Source:
        https://www.mathworks.com/help/matlab/ref/animatedline.html
    """
    from matplotlib import pyplot
    from matplotlib.lines import Line2D

    from ._refresh import Refresher

    if not MaximumNumPoints >= 1:
        raise OptionError(
            "animatedline: MaximumNumPoints is at least 1.",
            got={"MaximumNumPoints": MaximumNumPoints},
        )
    axes = Parent if Parent is not None else pyplot.gca()
    color = "black" if Color is None else Color
    line = Line2D(
        [],
        [],
        color=color,
        linestyle=LineStyle,
        linewidth=LineWidth,
        marker=Marker,
        markersize=MarkerSize,
        markeredgecolor=color if MarkerEdgeColor is None else MarkerEdgeColor,
        markerfacecolor=MarkerFaceColor,
        label=DisplayName or "_animated",
    )
    axes.add_line(line)
    made = AnimatedLine(line, MaximumNumPoints)
    Refresher.of(axes.get_figure(root=True)).lines.append(made)  # pyright: ignore
    if np.size(x) or np.size(y):
        addpoints(made, x, y)
    return made


def addpoints(an: AnimatedLine, x: Any, y: Any, z: Any = None, /) -> None:
    """Add a point, or several, to an animated line; a few microseconds, and nothing is drawn.

    Args:
        an: The line.
        x: A number (anything ``float`` takes: a scalar dlarray, NumPy or JAX array), or a vector.
        y: As many numbers.
        z: A third coordinate is not supported.

    Raises:
        OptionError: Not an animated line, no real numbers, or different sizes.
        UnsupportedError: A third coordinate.

    Example:
        >>> import matplotlib
        >>> matplotlib.use("agg")
        >>> line = animatedline()
        >>> addpoints(line, [1, 2], [0.5, 0.25])
        >>> line
        AnimatedLine with 2 points

    Source:
        https://www.mathworks.com/help/matlab/ref/addpoints.html
    """
    _check("addpoints", an)
    if z is not None:
        raise UnsupportedError(
            "addpoints: an animated line has two coordinates.",
            fix="For a curve in space use Matplotlib's axes with projection='3d'.",
        )
    sizes = _size(x), _size(y)
    if sizes == (1, 1):
        for name, value in (("x", x), ("y", y)):
            if not isinstance(value, (list, tuple)):
                check_number("addpoints", name, value)
        an.add(*(v[0] if isinstance(v, (list, tuple)) else v for v in (x, y)))
        return
    if sizes[0] != sizes[1]:
        raise OptionError(
            "addpoints: x and y have different numbers of elements.",
            got={"x": sizes[0], "y": sizes[1]},
        )
    for point in zip(np.ravel(np.asarray(x)), np.ravel(np.asarray(y)), strict=True):
        an.add(*map(float, point))


def clearpoints(an: AnimatedLine, /) -> None:
    """Take all points of an animated line away.

    Example:
        >>> import matplotlib
        >>> matplotlib.use("agg")
        >>> line = animatedline([1, 2], [3, 4])
        >>> clearpoints(line)
        >>> line
        AnimatedLine with 0 points

    Source:
        https://www.mathworks.com/help/matlab/ref/clearpoints.html
    """
    _check("clearpoints", an)
    an.clear()


def getpoints(an: AnimatedLine, /, *, nargout: int = 1) -> Any:
    """The points of an animated line, as double; waits for those the device still computes.

    Args:
        an: The line.
        nargout: 2 gives the y-coordinates too.

    Returns:
        x, or x and y.

    Example:
        >>> import matplotlib
        >>> matplotlib.use("agg")
        >>> x, y = getpoints(animatedline([1, 2], [3, 4]), nargout=2)
        >>> y
        array([3., 4.])

    Source:
        https://www.mathworks.com/help/matlab/ref/getpoints.html
    """
    _check("getpoints", an)
    outputs("getpoints", nargout, (1, 2))
    an.settle(wait=True)
    return an.points() if nargout == 2 else an.points()[0]


def _size(value: Any) -> int:
    shape = getattr(value, "shape", None)
    if shape is None:
        return len(value) if isinstance(value, (list, tuple, range)) else 1
    return math.prod(shape)


def _check(function: str, an: object) -> None:
    if not isinstance(an, AnimatedLine):
        raise OptionError(
            f"{function}: the first argument is an animated line.",
            got={"first argument": type(an).__name__},
            fix="Make one: line = animatedline().",
        )
