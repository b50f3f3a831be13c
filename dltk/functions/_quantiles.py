"""Quantiles, percentiles and the most frequent values. NaN is left out."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from .._errors import OptionError
from .._numbers import DOUBLE, Raw, convert, is_known, raw
from ..dlarray import apply, dlarray, extractdata
from ._cat import cat
from ._dimensions import dimensions, operand, scalar_if, stored
from ._elementwise import minus
from ._extrema import refuse_complex
from ._options import outputs, word
from ._reduction import rows


def _along(name: str, X: Any, P: Any, dim: Any) -> Any:
    """The quantiles at the probabilities ``P``, along the first of the reduced dimensions."""
    Y = operand(X, name)
    axes = dimensions(name, dim, Y)
    count = math.prod(np.shape(P)) if not isinstance(P, dlarray) else P.size
    if not axes and count != 1:
        return cat(dim, *(_along(name, X, np.ravel(extractdata(P))[i], dim) for i in range(count)))
    places = stored(Y.dims, axes)
    place = stored(Y.dims, [min(axes, default=0)])[0]

    def run(x: Raw, p: Raw) -> Raw:
        refuse_complex(name, x)
        shape = [1 if axis in places else n for axis, n in enumerate(x.shape)]
        y = _picked(jnp.sort(rows(x, places), axis=-1), convert(p, DOUBLE))
        if not places:  # beyond the last dimension every element stands alone
            return y.reshape(shape)
        return jnp.squeeze(jnp.moveaxis(y.reshape([*shape, count]), -1, place), place + 1)

    result = apply(name, run, [_floating(Y), P], Y.dims, mix=False)
    return result if isinstance(X, dlarray) else scalar_if(extractdata(result), dim, X)


def _floating(Y: dlarray) -> dlarray:
    return Y if Y.dtype != bool else apply("double", lambda x: convert(x, DOUBLE), [Y], Y.dims)


def _picked(ordered: Raw, p: Raw) -> Raw:
    """Values between the sorted ones; the i-th of n (from 1) belongs to (i - 0.5) / n."""
    if ordered.shape[-1] == 0:
        return jnp.full((*ordered.shape[:-1], p.size), jnp.nan, ordered.dtype)
    p = p.reshape((1,) * (ordered.ndim - 1) + (-1,))
    n = jnp.sum(~jnp.isnan(ordered), axis=-1, keepdims=True)
    at = jnp.clip(p * n - 0.5, 0, jnp.maximum(n - 1, 0))
    low = lax.stop_gradient(jnp.floor(at)).astype(jnp.int32)
    high = jnp.minimum(low + 1, jnp.maximum(n - 1, 0).astype(jnp.int32))
    rest = (at - low).astype(ordered.dtype)
    below, above = (jnp.take_along_axis(ordered, i, -1, mode="clip") for i in (low, high))
    # infinite neighbours of a value that is met exactly stay out of it
    return jnp.where(rest == 0, below, below + rest * (jnp.where(rest == 0, below, above) - below))


def _probabilities(name: str, p: Any, most: float) -> Any:
    """Numbers from 0 to ``most``, as a dlarray or NumPy array."""
    given = p if isinstance(p, dlarray) else raw(p, name)
    data = given._data if isinstance(given, dlarray) else given
    if is_known(data):
        values = np.asarray(data)
        if values.dtype.kind == "c" or not ((values >= 0) & (values <= most)).all():
            raise OptionError(
                f"{name}: p must lie between 0 and {most:g}.",
                got={"p": p if values.size < 10 else f"{values.size} numbers"},
            )
    return given


def quantile(X: Any, p: Any, dim: Any = None, *, Method: str = "exact") -> Any:
    """Quantiles: values below which a fraction p of the elements lies.

    The i-th smallest of n elements is the quantile of (i - 0.5) / n; between them the quantiles
    are interpolated, outside they are the smallest or the largest element. NaN is left out.

    Args:
        X: A dlarray, or plain numbers (for which the result is plain).
        p: Probabilities between 0 and 1; or a whole number n > 1 for 1/(n+1), ..., n/(n+1).
        dim: Dimension number from 1 on, several of them, or "all". By default the first dimension
            whose size is not 1.
        Method: "exact", the only one.

    Returns:
        An array with the labels of ``X``, with a quantile for each p along ``dim``. The derivative
        goes to the elements next to the quantile.

    Example:
        >>> quantile([1.0, 2.0, 3.0, 4.0], [0.25, 0.5]).tolist()
        [1.5, 2.5]

    Source:
        https://www.mathworks.com/help/matlab/ref/quantile.html
    """
    word("quantile", "Method", Method, ("exact",))
    if not isinstance(p, dlarray) and np.ndim(p) == 0 and p > 1 and p == np.floor(p):
        p = np.arange(1, p + 1) / (p + 1)
    return _along("quantile", X, _probabilities("quantile", p, 1), dim)


def prctile(X: Any, p: Any, dim: Any = None, *, Method: str = "exact") -> Any:
    """Percentiles: `quantile` at p / 100.

    Args:
        X: A dlarray, or plain numbers (for which the result is plain).
        p: Percentages between 0 and 100.
        dim: Dimension number from 1 on, several of them, or "all". By default the first dimension
            whose size is not 1.
        Method: "exact", the only one.

    Returns:
        An array with the labels of ``X``, with a percentile for each p along ``dim``.

    Example:
        >>> print(prctile([1.0, 2.0, 3.0, 4.0], 50))
        2.5

    Source:
        https://www.mathworks.com/help/matlab/ref/prctile.html
    """
    word("prctile", "Method", Method, ("exact",))
    P = _probabilities("prctile", p, 100)
    return _along("prctile", X, P / 100, dim)


def iqr(X: Any, dim: Any = None) -> Any:
    """Interquartile range, the difference of the quantiles at 0.75 and 0.25; NaN is left out.

    Args:
        X: A dlarray, or plain numbers (for which the result is plain).
        dim: Dimension number from 1 on, several of them, or "all". By default the first dimension
            whose size is not 1.

    Returns:
        An array with the labels of ``X``, of size 1 in the reduced dimensions.

    Example:
        >>> print(iqr([1.0, 2.0, 3.0, 4.0]))
        2.0

    Source:
        https://www.mathworks.com/help/matlab/ref/iqr.html
    """
    return minus(_along("iqr", X, np.asarray(0.75), dim), _along("iqr", X, np.asarray(0.25), dim))


def _most_frequent(x: Raw, axes: Sequence[int]) -> tuple[Raw, Raw]:
    shape = [1 if axis in axes else n for axis, n in enumerate(x.shape)]
    ordered = jnp.sort(rows(x, axes), axis=-1)
    if ordered.shape[-1] == 0:
        return jnp.full(shape, jnp.nan, x.dtype), jnp.zeros(shape, x.dtype)
    place = lax.broadcasted_iota(jnp.int32, ordered.shape, ordered.ndim - 1)
    new = jnp.concatenate(
        [jnp.ones((*ordered.shape[:-1], 1), bool), ordered[..., 1:] != ordered[..., :-1]], -1
    )
    start = lax.cummax(jnp.where(new, place, 0), ordered.ndim - 1)
    run = jnp.where(jnp.isnan(ordered), 0, place - start + 1)
    best = jnp.argmax(run, axis=-1, keepdims=True)  # the first of equals is the smallest value
    value, times = (jnp.take_along_axis(a, best, -1, mode="clip") for a in (ordered, run))
    return value.reshape(shape), times.astype(x.dtype).reshape(shape)


def mode(X: Any, dim: Any = None, *, nargout: int = 1) -> Any:
    """The most frequent elements, the smallest one of several; NaN is left out.

    Args:
        X: A dlarray, or plain numbers (for which the result is plain).
        dim: Dimension number from 1 on, several of them, or "all". By default the first dimension
            whose size is not 1.
        nargout: 2 gives the numbers of occurrences too.

    Returns:
        An array with the labels of ``X``, of size 1 in the reduced dimensions; NaN for no elements.

    Example:
        >>> M, F = mode([3.0, 1.0, 3.0, 1.0, 2.0], nargout=2)
        >>> print(M, F)
        1.0 2.0

    Source:
        https://www.mathworks.com/help/matlab/ref/mode.html
    """
    outputs("mode", nargout, (1, 2))
    Y = operand(X, "mode")
    axes = stored(Y.dims, dimensions("mode", dim, Y))

    def run(x: Raw) -> tuple[Raw, Raw]:
        refuse_complex("mode", x)
        value, times = _most_frequent(x, axes)
        return value, lax.stop_gradient(times)

    both = apply("mode", run, [Y], (Y.dims, Y.dims))
    if not isinstance(X, dlarray):
        both = tuple(scalar_if(extractdata(r), dim, X) for r in both)
    return both[0] if nargout == 1 else both
