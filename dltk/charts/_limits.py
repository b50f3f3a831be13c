"""Limits with one automatic end, and MATLAB's colours."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from .._errors import OptionError
from ..monitor._paper import COLORS


def ylim(limits: Sequence[float] | str | None = None, /) -> tuple[float, float]:
    """Set the limits of the y-axis of the current axes; an infinite one follows the data.

    Matplotlib's own ``ylim(bottom=0)`` stops the other end, too; here it goes on moving with the
    points of an `animatedline` and with what ``plot`` adds.

    Args:
        limits: ``[low, high]``, where -inf or inf stands for an automatic end; "auto" for both
            ends automatic, "manual" for both as they are now.

    Returns:
        The limits as they are now.

    Raises:
        OptionError: Other words, not two numbers, or not in order.

    Example:
        >>> import matplotlib
        >>> matplotlib.use("agg")
        >>> from matplotlib import pyplot
        >>> _ = pyplot.figure()
        >>> _ = pyplot.plot([1, 2, 3], [5, 3, 4])
        >>> low, high = ylim([0, float("inf")])
        >>> low, bool(high > 5)
        (0.0, True)
        >>> pyplot.close()

    Source:
        https://www.mathworks.com/help/matlab/ref/ylim.html
    """
    return _limits("y", limits)


def xlim(limits: Sequence[float] | str | None = None, /) -> tuple[float, float]:
    """Set the limits of the x-axis of the current axes; an infinite one follows the data.

    Args:
        limits: As for `ylim`.

    Returns:
        The limits as they are now.

    Raises:
        OptionError: Other words, not two numbers, or not in order.

    Example:
        >>> import matplotlib
        >>> matplotlib.use("agg")
        >>> from matplotlib import pyplot
        >>> _ = pyplot.figure()
        >>> xlim([1, 10])
        (1.0, 10.0)
        >>> pyplot.close()

    Source:
        https://www.mathworks.com/help/matlab/ref/xlim.html
    """
    return _limits("x", limits)


def colororder() -> np.ndarray:
    """The colours that MATLAB gives lines in turn, a row [red green blue] each.

    Example:
        >>> colororder()[1]  # C(2,:)
        array([0.85098039, 0.3254902 , 0.09803922])

    Source:
        https://www.mathworks.com/help/matlab/ref/colororder.html
    """
    order = [COLORS[k] for k in (0, 1, 4, 3, 2, 5, 6)]
    return np.array([[int(c[k : k + 2], 16) / 255 for k in (1, 3, 5)] for c in order])


def _limits(which: Any, limits: Any) -> tuple[float, float]:
    from matplotlib import pyplot

    from ._refresh import Refresher, _fit

    axes = pyplot.gca()
    get, put = (axes.get_xlim, axes.set_xlim) if which == "x" else (axes.get_ylim, axes.set_ylim)
    if limits is not None:
        ends = _checked(f"{which}lim", limits)
        kept = Refresher.of(axes.get_figure(root=True)).limits.setdefault(axes, {})  # pyright: ignore
        kept.pop(which, None)
        if ends == (-math.inf, math.inf):
            axes.autoscale(enable=True, axis=which)
        elif ends is None:
            put(*get())
        elif any(map(math.isinf, ends)):
            kept[which] = ends
            _fit(axes, which, ends)
        else:
            put(*ends)
    low, high = get()
    return float(low), float(high)


def _checked(function: str, limits: Any) -> tuple[float, float] | None:
    if isinstance(limits, str) and limits in ("auto", "manual"):
        return (-math.inf, math.inf) if limits == "auto" else None
    try:
        low, high = (float(end) for end in limits)
    except (TypeError, ValueError):
        low = high = math.nan
    if not low < high:
        raise OptionError(
            f"{function}: limits are two numbers in order.",
            got={"limits": repr(limits)},
            fix='Write [low, high], such as [0, inf]; or "auto", "manual".',
        )
    return low, high
