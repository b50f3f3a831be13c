"""Functions that run along one dimension and keep all sizes: running sums and the like, sorting."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from .._errors import OptionError, nearest
from .._numbers import DOUBLE, Raw
from ..dlarray import apply, dlarray, implements
from ._dimensions import along, from_axis, handed_back, operand
from ._extrema import refuse_complex
from ._options import outputs

REFERENCE = "https://www.mathworks.com/help/matlab/ref/{}.html"
DIRECTIONS = ("forward", "reverse")
ORDERS = ("ascend", "descend")


def _split(name: str, dim: Any, word: Any, words: tuple[str, str]) -> tuple[Any, bool]:
    """The dimension, and whether the second word was given (which may stand first)."""
    if isinstance(dim, str):
        dim, word = None, dim
    if word is not None and word not in words:
        raise OptionError(f"{name}: {word!r} is not a direction.", fix=nearest(word, words))
    return dim, word == words[1]


def _cumulative(
    name: str,
    kernel: Callable[[Raw, int], Raw],
    what: str,
    x: list[float],
    y: list[float],
    *numpy: Callable[..., Any],
) -> Callable[..., Any]:
    """A public function of an array, a dimension and a direction; ``name(x)`` is ``y``."""

    def cumulative(X: Any, dim: Any = None, direction: str | None = None) -> Any:
        dim, reverse = _split(name, dim, direction, DIRECTIONS)

        def run(x: Raw, axis: int) -> Raw:
            return jnp.flip(kernel(jnp.flip(x, axis), axis), axis) if reverse else kernel(x, axis)

        return along(name, run, X, dim)

    cumulative.__name__ = cumulative.__qualname__ = name
    cumulative.__module__ = __name__
    cumulative.__doc__ = f"""{what} up to each element, along a dimension.

    Args:
        X: A dlarray, or plain numbers (for which the result is plain).
        dim: Dimension number from 1 on. By default the first one whose size is not 1.
        direction: "forward", or "reverse" to start at the end.

    Returns:
        An array with the labels and sizes of ``X``.

    Example:
        >>> {name}({x}).tolist()
        {y}

    Source:
        {REFERENCE.format(name)}
    """
    implements(*numpy)(_by_vector_axis(cumulative))
    return cumulative


def _by_vector_axis(function: Callable[..., Any]) -> Callable[..., Any]:
    """NumPy's form; without an axis NumPy flattens, so only a vector may do without."""

    def numpy_form(X: dlarray, axis: Any = None) -> Any:
        if axis is None and sum(n != 1 for n in X.shape) > 1:
            raise OptionError(
                f"numpy.{function.__name__}: axis is missing.", fix="Say along which axis, from 0."
            )
        return function(X, from_axis(X, axis, None))

    return numpy_form


@functools.partial(jax.jit, static_argnames=("axis", "sign"), inline=True)
def _record(x: Raw, axis: int, sign: int) -> Raw:
    """The largest (sign 1) or smallest (-1) element so far, the first of equal ones.

    NaN stands only before the first number.
    """
    if x.shape[axis] == 0:
        return x
    number = lax.broadcasted_iota(jnp.int32, x.shape, axis)
    known = jnp.where(jnp.isnan(x), -jnp.inf, sign * lax.stop_gradient(x))
    before = jnp.roll(lax.cummax(known, axis), 1, axis)
    seen = jnp.cumsum((~jnp.isnan(x)).astype(jnp.int32), axis)
    better = ~jnp.isnan(x) & ((known > before) | (seen == 1))
    place = lax.cummax(jnp.where(better, number, 0), axis)
    return jnp.take_along_axis(x, place, axis, mode="clip")


def _extreme(name: str, sign: int) -> Callable[[Raw, int], Raw]:
    def kernel(x: Raw, axis: int) -> Raw:
        refuse_complex(name, x)
        return _record(x, axis, sign)

    return kernel


cumsum = _cumulative("cumsum", jnp.cumsum, "Sum", [1.0, 2.0, 3.0], [1.0, 3.0, 6.0], np.cumsum)
cumprod = _cumulative(
    "cumprod", jnp.cumprod, "Product", [1.0, 2.0, 3.0], [1.0, 2.0, 6.0], np.cumprod
)
cummax = _cumulative(
    "cummax", _extreme("cummax", 1), "Largest element", [1.0, 3.0, 2.0], [1.0, 3.0, 3.0]
)
cummin = _cumulative(
    "cummin", _extreme("cummin", -1), "Smallest element", [3.0, 1.0, 2.0], [3.0, 1.0, 1.0]
)


def sort(X: Any, dim: Any = None, direction: str | None = None, *, nargout: int = 1) -> Any:
    """Sort the elements along a dimension; equal ones stay in order, NaN counts as the largest.

    Args:
        X: A dlarray, or plain numbers (for which the result is plain).
        dim: Dimension number from 1 on. By default the first one whose size is not 1.
        direction: "ascend" (default) or "descend"; may stand in the place of ``dim``.
        nargout: 2 gives the positions too.

    Returns:
        An array with the labels and sizes of ``X``; the derivative goes to where an element came
        from. With ``nargout=2`` also the positions from 1 on in ``X`` along ``dim``, without
        derivative.

    Example:
        >>> Y, I = sort([3.0, 1.0, 2.0], "descend", nargout=2)
        >>> Y.tolist(), I.tolist()
        ([3.0, 2.0, 1.0], [1.0, 3.0, 2.0])

    Source:
        https://www.mathworks.com/help/matlab/ref/sort.html
    """
    outputs("sort", nargout, (1, 2))
    dim, descend = _split("sort", dim, direction, ORDERS)

    def run(x: Raw, axis: int) -> tuple[Raw, Raw]:
        refuse_complex("sort", x)
        keys = lax.stop_gradient(jnp.flip(x, axis) if descend else x)
        order = jnp.argsort(keys, axis, stable=True)
        if descend:
            order = x.shape[axis] - 1 - jnp.flip(order, axis)
        return jnp.take_along_axis(x, order, axis, mode="clip"), order

    value, order = along("sort", run, operand(X, "sort"), dim, 2, mix=False)
    if nargout == 1:
        return handed_back(value, X)
    index = apply("sort", lambda i: i.astype(DOUBLE) + 1, [order], order.dims, mix=False)
    return handed_back(value, X), handed_back(index, X)


@implements(np.sort)
def _numpy_sort(X: dlarray, axis: int = -1) -> dlarray:
    return sort(X, from_axis(X, axis))
