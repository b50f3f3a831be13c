"""Sums and means over a window that moves along a dimension."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from .._numbers import Raw
from ..dlarray import extractdata
from ._dimensions import along, vector
from ._options import whole, word

ENDS = ("shrink", "discard", "fill")


def _window(name: str, k: Any) -> tuple[int, int]:
    """How many elements before and after each one belong to its window."""
    numbers = vector(k)
    if len(numbers) == 2:
        before, after = (whole(name, "the window", n, least=0)[0] for n in numbers)
        return before, after
    (size,) = whole(name, "the window", k)
    return size // 2, (size - 1) // 2


def _moving(name: str, X: Any, k: Any, dim: Any, ends: Any, *, mean: bool) -> Any:
    before, after = _window(name, k)
    size = before + after + 1
    if isinstance(ends, str):
        ends = word(name, "Endpoints", ends, ENDS)

    def run(x: Raw, axis: int) -> Raw:
        n = x.shape[axis]
        around = [(before, after) if i == axis else (0, 0) for i in range(x.ndim)]
        if ends == "discard" or not isinstance(ends, str):
            if not isinstance(ends, str):
                x = jnp.pad(x, around, constant_values=number)
            around = [(0, 0)] * x.ndim
            counts = np.full(max(0, x.shape[axis] - size + 1), size)
        else:
            places = np.arange(n)
            counts = np.minimum(places + after + 1, n) - np.maximum(places - before, 0)
        if len(counts) == 0:
            return lax.slice_in_dim(x, 0, 0, axis=axis)
        window = [size if i == axis else 1 for i in range(x.ndim)]
        zero = np.zeros((), x.dtype)
        total = lax.reduce_window(x, zero, lax.add, window, [1] * x.ndim, around)
        column = counts.reshape([-1 if i == axis else 1 for i in range(x.ndim)])
        if ends == "fill":
            total = jnp.where(column < size, jnp.nan, total)
        return total / jnp.asarray(column, x.dtype) if mean else total

    number = 0.0 if isinstance(ends, str) else float(np.asarray(extractdata(ends)).reshape(()))
    return along(name, run, X, dim)


def movmean(X: Any, k: Any, dim: Any = None, *, Endpoints: Any = "shrink") -> Any:
    """Mean over a window that moves along a dimension.

    Args:
        X: A dlarray, or plain numbers (for which the result is plain).
        k: Length of the window around each element (of an even one the larger part lies before), or
            the numbers of elements before and after it, ``[kb, kf]``.
        dim: Dimension number from 1 on. By default the first one whose size is not 1.
        Endpoints: Where the window reaches beyond the ends: "shrink" takes what there is, "fill"
            gives NaN, "discard" leaves these places out, a number stands in for what is missing.

    Returns:
        An array with the labels of ``X``, of the same size unless ends are discarded.

    Example:
        >>> movmean([1.0, 2.0, 6.0, 4.0], 3).tolist()
        [1.5, 3.0, 4.0, 5.0]

    Source:
        https://www.mathworks.com/help/matlab/ref/movmean.html
    """
    return _moving("movmean", X, k, dim, Endpoints, mean=True)


def movsum(X: Any, k: Any, dim: Any = None, *, Endpoints: Any = "shrink") -> Any:
    """Sum over a window that moves along a dimension.

    Args:
        X: A dlarray, or plain numbers (for which the result is plain).
        k: Length of the window, or ``[kb, kf]``, as for `movmean`.
        dim: Dimension number from 1 on. By default the first one whose size is not 1.
        Endpoints: As for `movmean`.

    Returns:
        An array with the labels of ``X``, of the same size unless ends are discarded.

    Example:
        >>> movsum([1.0, 2.0, 6.0, 4.0], [1, 0]).tolist()
        [1.0, 3.0, 8.0, 10.0]

    Source:
        https://www.mathworks.com/help/matlab/ref/movsum.html
    """
    return _moving("movsum", X, k, dim, Endpoints, mean=False)
