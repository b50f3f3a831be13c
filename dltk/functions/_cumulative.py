"""Functions that run along one dimension and keep all sizes: running sums, products, extrema."""

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


def split(name: str, dim: Any, word: Any, words: tuple[str, str]) -> tuple[Any, bool]:
    """The dimension, and whether the second word was given (which may stand first)."""
    if isinstance(dim, str):
        if word is not None:
            raise OptionError(f"{name}: the dimension stands before the word.", got={"dim": dim})
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
        dim, reverse = split(name, dim, direction, DIRECTIONS)

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
def _record(x: Raw, axis: int, sign: int) -> tuple[Raw, Raw]:
    """The largest (sign 1) or smallest (-1) element so far, the first of equal ones; and where.

    NaN stands only before the first number.
    """
    if x.shape[axis] == 0:
        return x, jnp.zeros(x.shape, jnp.int32)
    number = lax.broadcasted_iota(jnp.int32, x.shape, axis)
    known = jnp.where(jnp.isnan(x), -jnp.inf, sign * lax.stop_gradient(x))
    before = jnp.roll(lax.cummax(known, axis), 1, axis)
    seen = jnp.cumsum((~jnp.isnan(x)).astype(jnp.int32), axis)
    better = ~jnp.isnan(x) & ((known > before) | (seen == 1))
    place = lax.cummax(jnp.where(better, number, 0), axis)
    return jnp.take_along_axis(x, place, axis, mode="clip"), place


def _running_extremum(
    name: str, sign: int, X: Any, dim: Any, direction: str | None, nargout: int
) -> Any:
    outputs(name, nargout, (1, 2))
    dim, reverse = split(name, dim, direction, DIRECTIONS)

    def run(x: Raw, axis: int) -> tuple[Raw, Raw]:
        refuse_complex(name, x)
        value, place = _record(jnp.flip(x, axis) if reverse else x, axis, sign)
        if not reverse:
            return value, place
        return jnp.flip(value, axis), x.shape[axis] - 1 - jnp.flip(place, axis)

    value, place = along(name, run, operand(X, name), dim, 2)
    if nargout == 1:
        return handed_back(value, X)
    index = apply(name, lambda i: i.astype(DOUBLE) + 1, [place], place.dims, mix=False)
    return handed_back(value, X), handed_back(index, X)


def cummax(X: Any, dim: Any = None, direction: str | None = None, *, nargout: int = 1) -> Any:
    """Largest element up to each element, along a dimension; the first of equal ones counts.

    NaN is left out; it stands only before the first number.

    Args:
        X: A dlarray, or plain numbers (for which the result is plain).
        dim: Dimension number from 1 on. By default the first one whose size is not 1.
        direction: "forward", or "reverse" to start at the end.
        nargout: 2 gives the positions too.

    Returns:
        An array with the labels and sizes of ``X``; with ``nargout=2`` also the positions from 1 on
        along ``dim``, without derivative.

    Example:
        >>> M, I = cummax([1.0, 3.0, 2.0], nargout=2)
        >>> M.tolist(), I.tolist()
        ([1.0, 3.0, 3.0], [1.0, 2.0, 2.0])

    Source:
        https://www.mathworks.com/help/matlab/ref/cummax.html
    """
    return _running_extremum("cummax", 1, X, dim, direction, nargout)


def cummin(X: Any, dim: Any = None, direction: str | None = None, *, nargout: int = 1) -> Any:
    """Smallest element up to each element, along a dimension; the first of equal ones counts.

    NaN is left out; it stands only before the first number.

    Args:
        X: A dlarray, or plain numbers (for which the result is plain).
        dim: Dimension number from 1 on. By default the first one whose size is not 1.
        direction: "forward", or "reverse" to start at the end.
        nargout: 2 gives the positions too.

    Returns:
        An array with the labels and sizes of ``X``; with ``nargout=2`` also the positions from 1 on
        along ``dim``, without derivative.

    Example:
        >>> cummin([3.0, 1.0, 2.0]).tolist()
        [3.0, 1.0, 1.0]

    Source:
        https://www.mathworks.com/help/matlab/ref/cummin.html
    """
    return _running_extremum("cummin", -1, X, dim, direction, nargout)


cumsum = _cumulative("cumsum", jnp.cumsum, "Sum", [1.0, 2.0, 3.0], [1.0, 3.0, 6.0], np.cumsum)
cumprod = _cumulative(
    "cumprod", jnp.cumprod, "Product", [1.0, 2.0, 3.0], [1.0, 2.0, 6.0], np.cumprod
)
