"""Curves as MATLAB's `plot` takes them: vectors of any orientation, matrices by columns, styles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal
from weakref import WeakSet

import numpy as np

from .._errors import OptionError, nearest

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

# MATLAB's name, Matplotlib's
OPTIONS = {
    "Color": "color",
    "LineStyle": "linestyle",
    "LineWidth": "linewidth",
    "Marker": "marker",
    "MarkerSize": "markersize",
    "MarkerEdgeColor": "markeredgecolor",
    "MarkerFaceColor": "markerfacecolor",
    "DisplayName": "label",
}

_held: WeakSet[Axes] = WeakSet()


def hold(state: Literal["on", "off"] | None = None, /) -> None:
    """Whether the current axes keep their curves when `plot` draws new ones.

    Args:
        state: "on": they do. "off": `plot` clears the axes first, as it does at first. None:
            the other way round.

    Raises:
        OptionError: Another word.

    Example:
        >>> import matplotlib
        >>> matplotlib.use("agg")
        >>> from dltk import plot
        >>> lines = plot([1, 2, 3])
        >>> hold("on")
        >>> lines += plot([3, 2, 1])
        >>> len(lines[0].axes.lines)
        2
        >>> hold("off")

    Source:
        https://www.mathworks.com/help/matlab/ref/hold.html
    """
    from matplotlib import pyplot

    if state not in ("on", "off", None):
        raise OptionError(
            "hold: this is no state.", got={"state": repr(state)}, fix=nearest(state, ["on", "off"])
        )
    axes = pyplot.gca()
    if state == "on" or (state is None and axes not in _held):
        _held.add(axes)
    else:
        _held.discard(axes)


def curves(args: tuple[Any, ...], options: dict[str, Any], ax: Axes | None) -> list[Line2D]:
    """Draw ``Y``, ``X, Y``, each with a style such as "r--o" behind it, as often as wanted."""
    from matplotlib import pyplot
    from matplotlib.axes import Axes

    if args and isinstance(args[0], Axes):
        ax, args = args[0], args[1:]
    drawn = [(x, y, style) for *pair, style in _groups(args) for x, y in _columns(*pair)]
    axes = pyplot.gca() if ax is None else ax
    if axes not in _held:
        axes.clear()
    more = {OPTIONS[name]: value for name, value in options.items() if value is not None}
    return [line for x, y, style in drawn for line in _draw(axes, x, y, style, more)]


def _draw(
    axes: Axes, x: np.ndarray, y: np.ndarray, style: tuple[str, ...], more: dict[str, Any]
) -> list[Line2D]:
    try:
        return axes.plot(x, y, *style, **more)
    except ValueError as error:
        raise OptionError(
            "plot: Matplotlib refuses the style or an option.",
            got={"style": ", ".join(style) or "none", **more, "reason": error},
            fix='A style is a colour, a line and a marker, such as "r--o"; options are keywords, '
            "such as LineWidth=2.",
        ) from None


def _groups(args: tuple[Any, ...]) -> list[tuple[Any, Any, tuple[str, ...]]]:
    """X (or None), Y and style (none or one) of each group."""
    groups: list[tuple[Any, Any, tuple[str, ...]]] = []
    rest = list(args)
    while rest:
        arrays = [rest.pop(0)]
        if isinstance(arrays[0], str):
            raise OptionError(
                "plot: a style stands behind the numbers that it is for.", got={"style": arrays[0]}
            )
        if rest and not isinstance(rest[0], str):
            arrays.append(rest.pop(0))
        style = (rest.pop(0),) if rest and isinstance(rest[0], str) else ()
        x, y = arrays if len(arrays) == 2 else (None, arrays[0])
        groups.append((x, y, style))
    return groups


def _columns(X: Any, Y: Any) -> list[tuple[np.ndarray, np.ndarray]]:
    """Vectors to be drawn: one per column of a matrix, or per row if that is what X fits."""
    y = _array("Y", Y)
    if X is None:
        x = np.arange(1, len(y) + 1)
    else:
        x = _array("X", X)
        if x.ndim == 1 and y.ndim == 2 and len(x) != len(y) and len(x) == y.shape[1]:
            y = y.T
        if len(x) != len(y) or (x.ndim == 2 and x.shape != y.shape):
            raise OptionError(
                "plot: X and Y do not have the same length.",
                got={"X": _size(X), "Y": _size(Y)},
            )
    if y.ndim == 1:
        return [(x if x.ndim == 1 else x[:, 0], y)]
    return [(x if x.ndim == 1 else x[:, j], y[:, j]) for j in range(y.shape[1])]


def _array(name: str, given: Any) -> np.ndarray:
    """A vector, whichever dimension it lies in, or a matrix."""
    array = np.asarray(given)
    if array.dtype.kind not in ("buifM" if name == "X" else "buif") or array.size == 0:
        raise OptionError(
            "plot: curves are drawn of real numbers.",
            got={name: f"{_size(given)} {type(given).__name__} ({array.dtype})"},
        )
    kept = array.squeeze()
    if kept.ndim > 2:
        raise OptionError(
            "plot: curves are drawn of vectors and matrices.", got={name: _size(given)}
        )
    return np.atleast_1d(kept)


def _size(given: Any) -> str:
    return "×".join(map(str, np.shape(given))) or "scalar"
