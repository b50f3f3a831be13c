"""Differences of neighbours, numerical gradients."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from .. import _labels as labels
from .._errors import FormatError, OptionError
from .._numbers import Raw
from ..dlarray import apply, dlarray, implements
from ._dimensions import (
    along,
    first_dimension,
    from_axis,
    handed_back,
    is_empty_list,
    operand,
    stored,
    whole,
)
from ._options import outputs


def diff(X: Any, n: Any = 1, dim: Any = None) -> Any:
    """Differences of neighbours along a dimension, ``n`` times.

    Args:
        X: A dlarray, or plain numbers (for which the result is plain).
        n: How often.
        dim: Dimension number from 1 on. By default the first one whose size is not 1, which is
            found anew after each difference.

    Returns:
        An array with the labels of ``X``, smaller by ``n`` along the dimension.

    Raises:
        OptionError: ``n`` is not a whole number from 0 on.

    Example:
        >>> diff([1.0, 4.0, 9.0, 16.0])
        array([3., 5., 7.])
        >>> diff([1.0, 4.0, 9.0, 16.0], 2)
        array([2., 2.])

    Source:
        https://www.mathworks.com/help/matlab/ref/diff.html
    """
    times = 1 if n is None or is_empty_list(n) else whole("diff", n, "the number of differences")
    if times < 0:
        raise OptionError("diff: the number of differences must not be negative.", got={"n": times})
    Y = operand(X, "diff")
    for _ in range(times):
        Y = _difference(Y, dim)
    return handed_back(Y, X)


def _difference(Y: dlarray, dim: Any) -> dlarray:
    if dim is None and Y.size == 1:
        return apply("diff", lambda x: jnp.zeros((0,) * x.ndim, x.dtype), [Y], Y.dims)

    def run(x: Raw, axis: int) -> Raw:
        return jnp.diff(x, axis=axis) if x.shape[axis] else x

    return along("diff", run, Y, dim)


def gradient(F: Any, *h: Any, nargout: int = 1) -> Any:
    """Numerical gradient: differences over both neighbours, at the ends over one.

    Args:
        F: A vector or an array, a dlarray or plain (for which the result is plain).
        *h: Distance of the points (1 by default): one number for all dimensions, or for each output
            a number or a vector with the positions of the points.
        nargout: Number of outputs: the first is the gradient along dimension 2 (along a vector for
            a vector), the second along dimension 1, then along 3, 4, ...

    Returns:
        An array with the labels and sizes of ``F``, or ``nargout`` of them.

    Raises:
        FormatError: A number of positions that does not fit.

    Example:
        >>> gradient([1.0, 4.0, 9.0, 16.0])
        array([3., 4., 6., 7.])

    Source:
        https://www.mathworks.com/help/matlab/ref/gradient.html
    """
    Y = operand(F, "gradient")
    vector = sum(n != 1 for n in Y.shape) <= 1
    axes = [first_dimension(Y)] if vector else [1, 0, *range(2, Y.ndim)]
    outputs("gradient", nargout, range(1, len(axes) + 1))
    if len(h) not in (0, 1, len(axes)):
        raise OptionError(
            f"gradient: {len(h)} distances for {len(axes)} dimensions.",
            fix="Give one, or one for each dimension, that of dimension 2 first.",
        )
    spacing = h if len(h) == len(axes) else (h[0] if h else 1.0,) * len(axes)
    found = [_slope(Y, axis, spacing[i]) for i, axis in enumerate(axes[:nargout])]
    any_dlarray = any(isinstance(x, dlarray) for x in (F, *h))
    found = [G if any_dlarray else handed_back(G, F) for G in found]
    return found[0] if nargout == 1 else tuple(found)


def _slope(Y: dlarray, axis: int, h: Any) -> dlarray:
    P, n = operand(h, "gradient"), Y.shape[axis]
    if P.size not in (1, n):
        raise FormatError(
            f"gradient: {P.size} positions for size {n} of dimension {axis + 1}.",
            got={"F": labels.show(Y.shape, Y.dims), "h": labels.show(P.shape, P.dims)},
        )
    place = stored(Y.dims, [axis])[0]
    line = tuple(n if i == place else 1 for i in range(Y.ndim))
    if n == 1:
        return apply("gradient", lambda y, _: jnp.zeros_like(y), [Y, P], Y.dims)

    def run(y: Raw, p: Raw) -> Raw:
        p = p.reshape(()) * jnp.arange(n, dtype=y.dtype) if p.size == 1 else p.reshape(-1)
        after = np.minimum(np.arange(n) + 1, n - 1)
        before = np.maximum(np.arange(n) - 1, 0)
        rise = jnp.take(y, after, axis=place) - jnp.take(y, before, axis=place)
        return rise / (p[after] - p[before]).reshape(line)

    return apply("gradient", run, [Y, P], Y.dims)


@implements(np.diff)
def _numpy_diff(X: dlarray, n: int = 1, axis: int = -1) -> dlarray:
    return diff(X, n, from_axis(X, axis))
