"""Variance and standard deviation, also weighted."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np

from .. import _labels as labels
from .._errors import FormatError, OptionError
from .._numbers import Raw, is_known, raw
from ..dlarray import apply, dlarray, extractdata, implements
from ._dimensions import (
    by_axis,
    compiled,
    dimensions,
    is_empty_list,
    operand,
    reduced,
    refuse_options,
    scalar_if,
    stored,
)
from ._options import outputs
from ._reduction import Kernel, mean, root


@functools.cache
def _variance(weight: int) -> Kernel:
    @compiled
    def kernel(x: Raw, axes: Sequence[int]) -> Raw:
        count = math.prod(x.shape[axis] for axis in axes)
        away = x - jnp.mean(x, axis=axes, keepdims=True)
        squares = jnp.real(away * jnp.conj(away))
        divisor = count if weight == 1 or count <= 1 else count - 1
        return jnp.sum(squares, axis=axes, keepdims=True) / divisor

    return kernel


@functools.cache
def _deviation(weight: int) -> Kernel:
    variance = _variance(weight)
    return compiled(lambda x, axes: root(variance(x, axes)))


def _weighted(x: Raw, w: Raw, axis: int) -> tuple[Raw, Raw]:
    """Variance and mean with a weight for each element along an axis."""
    w = w.reshape([-1 if i == axis else 1 for i in range(x.ndim)])
    total = jnp.sum(w)
    center = jnp.sum(w * x, axis=axis, keepdims=True) / total
    away = x - center
    spread = jnp.real(away * jnp.conj(away))
    return jnp.sum(w * spread, axis=axis, keepdims=True) / total, center


def _word(name: str, w: Any) -> int | None:
    """MATLAB's weighting word: 0 divides by N-1, 1 by N; None for a vector of weights."""
    if w is None or is_empty_list(w):
        return 0
    if (w.size if isinstance(w, dlarray) else np.size(w)) > 1:
        return None
    value = np.asarray(extractdata(w)).reshape(())
    if value not in (0, 1):
        raise OptionError(
            f"{name}: the weight must be 0 (divide by N-1), 1 (divide by N) or a vector.",
            got={"weight": w},
            fix=f"The dimension comes third: {name}(X, 0, dim).",
        )
    return int(value)


def _spread(
    name: str, kernels: Callable[[int], Kernel], X: Any, w: Any, given: Sequence[Any], nargout: int
) -> Any:
    outputs(name, nargout, (1, 2))
    dim, *options = given
    number = _word(name, w)
    if number is not None:
        result = reduced(name, kernels(number), X, dim, options)
        return result if nargout == 1 else (result, mean(X, dim))
    refuse_options(name, options)
    Y = operand(X, name)
    axes = dimensions(name, dim, Y)
    weights = w if isinstance(w, dlarray) else raw(w, name)
    _check_weights(name, Y, weights, axes)
    place = stored(Y.dims, axes)[0]
    finish = root if kernels is _deviation else lambda v: v

    def run(x: Raw, v: Raw) -> tuple[Raw, Raw]:
        variance, center = _weighted(x, v, place)
        return finish(variance), center

    both = apply(name, run, [Y, weights], (Y.dims, Y.dims))
    if not isinstance(X, dlarray) and not isinstance(w, dlarray):
        both = tuple(scalar_if(extractdata(r), dim, X) for r in both)
    return both[0] if nargout == 1 else both


def _check_weights(name: str, Y: dlarray, w: Any, axes: Sequence[int]) -> None:
    size = w.size
    if len(axes) != 1 or sum(n != 1 for n in w.shape) > 1 or size != Y.shape[axes[0]]:
        raise FormatError(
            f"{name}: the weights do not fit the dimension.",
            got={"X": labels.show(Y.shape, Y.dims), "weights": labels.show(w.shape)},
            fix=f"Give a weight for each element along a dimension: {name}(X, w, dim).",
        )
    data = w._data if isinstance(w, dlarray) else w
    if is_known(data) and not (np.asarray(data) >= 0).all():
        raise OptionError(f"{name}: weights must not be negative.")


def var(X: Any, w: Any = 0, dim: Any = None, *options: Any, nargout: int = 1) -> Any:
    r"""Variance, :math:`\frac{1}{N-1} \sum_i |X_i - \bar X|^2`.

    Args:
        X: A dlarray, or plain numbers (for which the result is plain).
        w: 0 divides by N-1 (by 1 for N = 1), 1 divides by N. A vector gives a weight to each
            element along ``dim``: then :math:`\sum_i w_i |X_i - M|^2 / \sum_i w_i` with the
            weighted mean M.
        dim: Dimension number from 1 on, several of them, or "all". By default the first dimension
            whose size is not 1.
        *options: Refused: MATLAB's option words are not available for a dlarray.
        nargout: 2 gives the (weighted) mean too.

    Returns:
        An array with the labels of ``X``, of size 1 in the reduced dimensions.

    Raises:
        OptionError: Another number for ``w``, or negative weights.
        FormatError: Weights that do not fit the dimension.

    Example:
        >>> print(var([1.0, 2.0, 3.0, 4.0], 1), var([1.0, 2.0, 9.0], [1, 1, 0]))
        1.25 0.25

    Source:
        https://www.mathworks.com/help/matlab/ref/var.html
    """
    return _spread("var", _variance, X, w, (dim, *options), nargout)


def std(X: Any, w: Any = 0, dim: Any = None, *options: Any, nargout: int = 1) -> Any:
    """Standard deviation, the square root of `var`; its derivative is 0 where it is 0.

    Args:
        X: A dlarray, or plain numbers (for which the result is plain).
        w: 0 divides by N-1 (by 1 for N = 1), 1 divides by N; or a vector of weights, as for `var`.
        dim: Dimension number from 1 on, several of them, or "all". By default the first dimension
            whose size is not 1.
        *options: Refused: MATLAB's option words are not available for a dlarray.
        nargout: 2 gives the (weighted) mean too.

    Returns:
        An array with the labels of ``X``, of size 1 in the reduced dimensions.

    Raises:
        OptionError: Another number for ``w``, or negative weights.
        FormatError: Weights that do not fit the dimension.

    Example:
        >>> print(std([2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0], 1))
        2.0

    Source:
        https://www.mathworks.com/help/matlab/ref/std.html
    """
    return _spread("std", _deviation, X, w, (dim, *options), nargout)


def _by_ddof(function: Callable[..., Any]) -> Callable[..., Any]:
    """NumPy's form of var and std, which divide by N - ddof."""

    def numpy_form(X: dlarray, axis: Any = None, *, ddof: int = 0, **options: Any) -> Any:
        if ddof not in (0, 1):
            raise OptionError(
                f"numpy.{function.__name__}: ddof must be 0 or 1.", got={"ddof": ddof}
            )

        def weighted(X: dlarray, dim: Any) -> Any:
            return function(X, 1 - ddof, dim)

        weighted.__name__ = function.__name__
        return by_axis(weighted)(X, axis, **options)

    return numpy_form


implements(np.var)(_by_ddof(var))
implements(np.std)(_by_ddof(std))
