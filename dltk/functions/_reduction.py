"""Functions that reduce dimensions: one table row per member of the family.

A reduced dimension keeps its label, with size 1, even for "all". Without a dimension they reduce
the first one whose size is not 1. Plain arrays in, plain arrays out (a number for "all").
"""

# ruff: noqa: E501  (the table reads best one row per line)

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np

from .._errors import UnsupportedError
from .._numbers import Raw
from ..dlarray import dlarray, implements  # noqa: F401  (examples)
from ._dimensions import by_axis, compiled, reduced

REFERENCE = "https://www.mathworks.com/help/matlab/ref/{}.html"
Kernel = Callable[[Raw, Sequence[int]], Raw]


def _reduction(
    name: str,
    kernel: Kernel,
    what: str,
    x: list[Any],
    y: object,
    *numpy: Callable[..., Any],
    mix: bool = True,
) -> Callable[..., Any]:
    """A public function of an array and dimensions; ``name(x)`` is ``y``."""
    kernel = compiled(kernel)

    def reduction(X: Any, dim: Any = None, *options: Any) -> Any:
        return reduced(name, kernel, X, dim, options, mix=mix)

    reduction.__name__ = reduction.__qualname__ = name
    reduction.__module__ = __name__
    reduction.__doc__ = f"""{what}.

    Args:
        X: A dlarray, or plain numbers (for which the result is plain).
        dim: Dimension number from 1 on, several of them, or "all". By default the first dimension
            whose size is not 1.
        *options: Refused: MATLAB's option words such as "omitnan" are not available for a dlarray.

    Returns:
        An array with the labels of ``X``, of size 1 in the reduced dimensions.

    Raises:
        OptionError: A dimension that is not a number from 1 on, or an option word.

    Example:
        >>> print({name}({x}))
        {y}
        >>> {name}(dlarray(np.ones((4, 7)), "CB"), 1).shape
        (1, 7)

    Source:
        {REFERENCE.format(name)}
    """
    implements(*numpy)(by_axis(reduction))
    return reduction


# Kernels: raw array and stored axes to an array with these axes of size 1


def _prod(x: Raw, axes: Sequence[int]) -> Raw:
    return jnp.prod(x, axis=axes, keepdims=True)


def _mean(x: Raw, axes: Sequence[int]) -> Raw:
    return jnp.mean(x, axis=axes, keepdims=True)


def _any(x: Raw, axes: Sequence[int]) -> Raw:
    """NaN does not count, as in MATLAB."""
    return jnp.any((x != 0) & (x == x), axis=axes, keepdims=True)


def rows(x: Raw, axes: Sequence[int]) -> Raw:
    """The elements along ``axes`` as one last dimension."""
    kept = [axis for axis in range(x.ndim) if axis not in axes]
    count = math.prod(x.shape[axis] for axis in axes)
    return x.transpose([*kept, *axes]).reshape([x.shape[axis] for axis in kept] + [count])


def _median(x: Raw, axes: Sequence[int]) -> Raw:
    """Middle of the sorted values, mean of the two middle ones; NaN if any is NaN."""
    if jnp.iscomplexobj(x):
        raise UnsupportedError("median: complex numbers have no order.", fix="Use real or abs.")
    shape = [1 if axis in axes else n for axis, n in enumerate(x.shape)]
    ordered = jnp.sort(rows(x, axes), axis=-1)
    count = ordered.shape[-1]
    if count == 0:
        return jnp.full(shape, jnp.nan, x.dtype)
    middle = ordered[..., count // 2]
    if count % 2 == 0:
        middle = (ordered[..., count // 2 - 1] + middle) / 2
    return jnp.where(jnp.isnan(ordered[..., -1]), jnp.nan, middle).reshape(shape)


def root(x: Raw) -> Raw:
    """Square root with derivative 0 at 0."""
    positive = x != 0
    return jnp.where(positive, jnp.sqrt(jnp.where(positive, x, 1)), 0)


# name, kernel, description, an argument and the value there, NumPy's counterpart
# fmt: off
sum = _reduction("sum", lambda x, axes: jnp.sum(x, axis=axes, keepdims=True), "Sum of elements", [1.0, 2.0, 3.0], 6.0, np.sum)
prod = _reduction("prod", _prod, "Product of elements", [2.0, 3.0, 4.0], 24.0, np.prod)
mean = _reduction("mean", _mean, "Mean of elements", [1.0, 2.0, 6.0], 3.0, np.mean)
median = _reduction("median", _median, "Median of elements, the mean of the two middle ones of an even number, NaN if any is NaN", [5.0, 1.0, 2.0, 3.0], 2.5, np.median)
any = _reduction("any", _any, "Whether any element is not zero (and not NaN)", [0.0, 2.0], True, np.any, mix=False)
all = _reduction("all", lambda x, axes: jnp.all(x != 0, axis=axes, keepdims=True), "Whether no element is zero", [0.0, 2.0], False, np.all, mix=False)
# fmt: on
