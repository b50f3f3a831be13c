"""Functions that copy or shift elements along dimensions."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import _labels as labels
from .._errors import OptionError
from .._numbers import Raw
from ..dlarray import dlarray, implements
from ._dimensions import dimension, from_axis, sizes, vector, whole
from ._shape import format_of, move, rank_of, refuse_no_array, shown
from ._size import sizes_of


def repmat(X: Any, *rep: Any) -> Any:
    """Copies of an array side by side.

    Args:
        X: A dlarray, or a plain array (for which the result is plain).
        *rep: How many copies along each dimension, one by one or as a vector; a single number
            stands for rows and columns.

    Returns:
        An array with the labels of ``X``; copies beyond its dimensions stand along "U" dimensions.

    Example:
        >>> repmat(dlarray([[1.0], [2.0]], "CB"), 1, 3).shape
        (2, 3)

    Source:
        https://www.mathworks.com/help/matlab/ref/repmat.html
    """
    if not rep:
        raise OptionError("repmat: the numbers of copies are missing.", fix="Use repmat(X, 2, 3).")
    times, _, fmt, spread = _spread(X, sizes("repmat", rep))
    copies = labels.to_stored(fmt, times)

    def run(xp: Any, x: Raw) -> Raw:
        return xp.tile(xp.reshape(x, spread), copies)

    return move("repmat", run, X, fmt, rank_of(X))


def _spread(
    X: Any, numbers: tuple[Any, ...]
) -> tuple[tuple[Any, ...], tuple[int, ...], str, tuple[int, ...]]:
    """One number per dimension (1 where there is none), sizes, format, and sizes in memory."""
    shape, fmt = sizes_of(X), format_of(X)
    rank = max(len(shape), len(numbers))
    shape = shape + (1,) * (rank - len(shape))
    fmt = fmt and fmt + "U" * (rank - len(fmt))
    return (*numbers, *(1,) * (rank - len(numbers))), shape, fmt, labels.to_stored(fmt, shape)


def repelem(X: Any, *rep: Any) -> Any:
    """Copies of each element next to it.

    Args:
        X: A dlarray, or a plain array (for which the result is plain).
        *rep: For each dimension a number of copies, or a vector with a number for each element. A
            single one is for a vector ``X``.

    Returns:
        An array with the labels of ``X``.

    Example:
        >>> repelem([1.0, 2.0], 3)
        array([1., 1., 1., 2., 2., 2.])

    Source:
        https://www.mathworks.com/help/matlab/ref/repelem.html
    """
    shape = sizes_of(X)
    if not rep or (len(rep) == 1 and sum(n != 1 for n in shape) > 1):
        raise OptionError(
            "repelem: a number of copies for each dimension is missing.",
            got={"X": shown(X)},
            fix="Use repelem(X, r1, r2), 1 for a dimension that stays.",
        )
    if len(rep) == 1:
        rep = (rep[0], 1) if shape[1] == 1 and shape[0] != 1 else (1, rep[0])
    counts = tuple([whole("repelem", n, "a number of copies") for n in vector(r)] for r in rep)
    counts, shape, fmt, spread = _spread(X, counts)
    axes = labels.logical_axes(fmt) if fmt else tuple(range(len(shape)))
    picks = [_picks(c, n, axis) for axis, (c, n) in enumerate(zip(counts, shape, strict=True))]

    def run(xp: Any, x: Raw) -> Raw:
        x = xp.reshape(x, spread)
        for axis, pick in zip(axes, picks, strict=True):
            if pick is not None:
                x = xp.take(x, pick, axis=axis)
        return x

    return move("repelem", run, X, fmt, rank_of(X))


def _picks(copies: Any, n: int, axis: int) -> np.ndarray | None:
    """Which elements stand along a dimension afterwards; None for all of them once."""
    numbers = [copies] if isinstance(copies, int) else copies
    if len(numbers) not in (1, n):
        raise OptionError(
            f"repelem: {len(numbers)} numbers of copies for size {n} of dimension {axis + 1}.",
            fix="Give one number, or one for each element.",
        )
    if list(numbers) == [1]:
        return None
    return np.repeat(np.arange(n), numbers if len(numbers) == n else numbers[0])


def flip(X: Any, dim: Any = None) -> Any:
    """Reverse the order of the elements along a dimension.

    Args:
        X: A dlarray, or a plain array (for which the result is plain).
        dim: Dimension number from 1 on. By default the first one whose size is not 1.

    Returns:
        An array with the labels of ``X``.

    Example:
        >>> flip([1.0, 2.0, 3.0])
        array([3., 2., 1.])

    Source:
        https://www.mathworks.com/help/matlab/ref/flip.html
    """
    return flipped("flip", X, dim)


def flipped(name: str, X: Any, dim: Any) -> Any:
    """`flip` for the function ``name``."""
    axis = _axis(name, X, dim)
    if axis is None:
        return X
    return move(name, lambda xp, x: xp.flip(x, axis), X, format_of(X), rank_of(X))


def _axis(name: str, X: Any, dim: Any) -> int | None:
    """Where a dimension lies in memory; None if it is beyond the last."""
    refuse_no_array(name, X)
    shape, fmt = sizes_of(X), format_of(X)
    axis = next((i for i, n in enumerate(shape) if n != 1), 0)
    axis = axis if dim is None else dimension(name, dim)
    if axis >= len(shape):
        return None
    return labels.logical_axes(fmt)[axis] if fmt else axis


def circshift(X: Any, K: Any, dim: Any = None) -> Any:
    """Shift the elements, those that leave at the end enter at the start.

    Args:
        X: A dlarray, or a plain array (for which the result is plain).
        K: By how much, or a vector with a shift for each dimension.
        dim: Dimension number from 1 on. By default the first one whose size is not 1.

    Returns:
        An array with the labels of ``X``.

    Example:
        >>> circshift([1.0, 2.0, 3.0, 4.0], 1)
        array([4., 1., 2., 3.])

    Source:
        https://www.mathworks.com/help/matlab/ref/circshift.html
    """
    shifts = [whole("circshift", k, "a shift") for k in vector(K)]
    if len(shifts) == 1:
        axes = [_axis("circshift", X, dim)]
    elif dim is None:
        axes = [_axis("circshift", X, axis + 1) for axis in range(len(shifts))]
    else:
        raise OptionError(
            "circshift: several shifts and a dimension.", fix="Leave out one of them."
        )
    places = [axis for axis in axes if axis is not None]
    shifts = [k for k, axis in zip(shifts, axes, strict=True) if axis is not None]

    def run(xp: Any, x: Raw) -> Raw:
        return xp.roll(x, tuple(shifts), tuple(places))

    return move("circshift", run, X, format_of(X), rank_of(X))


@implements(np.flip)
def _numpy_flip(X: dlarray, axis: int | None = None) -> dlarray:
    for dim in range(1, X.ndim + 1) if axis is None else vector(from_axis(X, axis)):
        X = flip(X, dim)
    return X


@implements(np.roll)
def _numpy_roll(X: dlarray, shift: int, axis: int) -> dlarray:
    return circshift(X, shift, from_axis(X, axis))
