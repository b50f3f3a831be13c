"""Largest and smallest elements, along dimensions or of two arrays.

NaN counts only where there is nothing else, or "includenan" asks for it. Of equal elements the
first is taken (in MATLAB's order, first dimension fastest), and it alone gets the derivative.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from .. import _labels as labels
from .._errors import OptionError, UnsupportedError, nearest
from .._numbers import DOUBLE, Raw
from ..dlarray import apply, dlarray, extractdata, implements
from ._align import broadcast
from ._dimensions import (
    by_axis,
    dimensions,
    is_empty_list,
    operand,
    scalar_if,
    stored,
)
from ._options import outputs

NAN = ("omitnan", "omitmissing", "includenan", "includemissing")


def refuse_complex(name: str, value: Raw) -> None:
    """Raise for complex numbers."""
    if jnp.iscomplexobj(value):
        raise UnsupportedError(
            f"{name}: complex numbers have no order.", fix="Use abs(X), real(X) or imag(X)."
        )


def strides(shape: Sequence[int]) -> tuple[int, ...]:
    """How far apart neighbours lie when the first dimension is fastest.

    >>> strides((3, 4, 5))
    (1, 3, 12)
    """
    return tuple(math.prod(shape[:axis]) for axis in range(len(shape)))


@functools.partial(jax.jit, static_argnames=("axes", "steps", "sign", "nan"), inline=True)
def chosen(
    x: Raw, axes: tuple[int, ...], steps: tuple[int, ...], sign: int, *, nan: bool = False
) -> tuple[Raw, Raw]:
    """The largest (sign 1) or smallest (-1) element over ``axes``, and its number.

    ``steps`` are the strides that number the elements; of equal ones the smallest number is taken.
    With ``nan`` the first NaN is taken if there is one. Without elements to choose from the array
    stays as it is.
    """
    if any(x.shape[axis] == 0 for axis in axes):
        return x, jnp.zeros(x.shape, jnp.int32)
    worst = jnp.asarray(-sign * jnp.inf, x.dtype)
    known = jnp.where(jnp.isnan(x), worst, x)
    best = (jnp.max if sign > 0 else jnp.min)(known, axis=axes, keepdims=True)
    hit = x == lax.stop_gradient(best)
    hit = hit | ~jnp.any(hit, axis=axes, keepdims=True)  # nothing but NaN
    if nan:
        missing = jnp.isnan(x)
        hit = jnp.where(jnp.any(missing, axis=axes, keepdims=True), missing, hit)
    number = jnp.zeros(x.shape, jnp.int32 if math.prod(x.shape) < 2**31 else jnp.int64)
    for axis, step in enumerate(steps):
        number = number + lax.broadcasted_iota(number.dtype, x.shape, axis) * step
    last = jnp.iinfo(number.dtype).max
    first = jnp.min(jnp.where(hit, number, last), axis=axes, keepdims=True)
    return jnp.sum(jnp.where(number == first, x, 0), axis=axes, keepdims=True), first


def _of_two(sign: int, *, nan: bool) -> Callable[[Raw, Raw], Raw]:
    """The better one of two, the first of equals; NaN only if both are (or with ``nan`` if any)."""
    better = jnp.greater_equal if sign > 0 else jnp.less_equal

    def kernel(a: Raw, b: Raw) -> Raw:
        refuse_complex("max" if sign > 0 else "min", a)
        first = better(a, b) | jnp.isnan(b)
        return jnp.where((better(a, b) | jnp.isnan(a)) if nan else first, a, b)

    return kernel


def _words(name: str, given: Sequence[Any], accepted: Sequence[str]) -> tuple[Any, set[str]]:
    """The dimension (None without), and the option words, which may stand in its place."""
    words = [x for x in given if isinstance(x, str) and x != "all"]
    rest = [x for x in given if x is not None and not (isinstance(x, str) and x != "all")]
    for word in words:
        if word not in accepted:
            raise OptionError(
                f'{name}: "{word}" is not an option.', fix=nearest(word, [*accepted, "all"])
            )
    if len(rest) > 1:
        raise OptionError(
            f"{name}: there is more than one dimension argument.",
            got={"dimensions": ", ".join(map(str, rest))},
            fix=f"Give several dimensions as a vector: {name}(X, [], [1, 2]).",
        )
    return (rest[0] if rest else None), set(words)


def extremum(name: str, sign: int, A: Any, B: Any, given: Sequence[Any], nargout: int) -> Any:
    """`max` (sign 1) or `min` (-1) under another name; ``given`` are the dimension and words."""
    outputs(name, nargout, (1, 2))
    of_two = B is not None and not is_empty_list(B)
    dim, words = _words(name, given, (*NAN, *(() if of_two or name == "bounds" else ("linear",))))
    nan = not words.isdisjoint(NAN[2:])
    if of_two:
        if isinstance(B, str) or dim is not None or nargout == 2:
            raise OptionError(
                f"{name}: of two arrays there is one result, and no dimension.",
                fix=f'To reduce a dimension write {name}(X, [], dim) or {name}(X, [], "all").',
            )
        return broadcast(name, _of_two(sign, nan=nan), A, B)
    X = operand(A, name)
    refuse_complex(name, X._data)
    axes = dimensions(name, dim, X)
    places = stored(X.dims, axes)
    step = strides(X.shape)
    steps = labels.to_stored(X.dims, step)
    if nargout == 1:
        value = apply(name, lambda x: chosen(x, places, steps, sign, nan=nan)[0], [X], X.dims)
        return value if isinstance(A, dlarray) else scalar_if(extractdata(value), dim, A)
    value, first = apply(
        name, lambda x: chosen(x, places, steps, sign, nan=nan), [X], (X.dims,) * 2
    )
    linear = isinstance(dim, str) or len(axes) > 1 or "linear" in words
    pace, length = (step[axes[0]], X.shape[axes[0]]) if axes else (1, 1)

    def count(i: Raw) -> Raw:
        i = i if linear else i // pace % (length or 1)
        return i.astype(DOUBLE) + 1

    index = apply(name, count, [first], first.dims, mix=False)
    if isinstance(A, dlarray):
        return value, index
    return tuple(scalar_if(extractdata(r), dim, A) for r in (value, index))


def max(A: Any, B: Any = None, dim: Any = None, *options: Any, nargout: int = 1) -> Any:
    """Largest elements: along a dimension, or of two arrays element by element.

    NaN is ignored unless there is nothing else or you ask for it. Of equal elements the first
    counts, and it alone gets the derivative.

    Args:
        A: A dlarray, or plain numbers (for which the result is plain).
        B: A second array, which lines up with ``A`` as in ``A + B``; None or [] to reduce ``A``.
        dim: Dimension number from 1 on, several of them, or "all". By default the first dimension
            whose size is not 1.
        *options: "omitnan" (default) or "includenan", which makes NaN the result where there is one
            ("omitmissing" and "includemissing" mean the same); "linear" for positions in ``A[:]``.
            They may stand in the place of ``dim``.
        nargout: 2 gives the position of each largest element too.

    Returns:
        An array with the labels of ``A``, of size 1 in the reduced dimensions. With ``nargout=2``
        also positions from 1 on along ``dim`` (for several dimensions or "all" those in ``A[:]``),
        with the same labels and without derivative.

    Raises:
        OptionError: Two arrays together with a dimension.
        FormatError: Two arrays that do not line up.

    Example:
        >>> X = dlarray([[1.0, 9.0], [8.0, 2.0]], "CB")
        >>> value, index = max(X, None, 1, nargout=2)
        >>> index
          1(C) × 2(B) dlarray
        <BLANKLINE>
             2     1
        >>> max([1.0, 5.0], [4.0, 2.0])
        array([4., 5.])

    Source:
        https://www.mathworks.com/help/matlab/ref/max.html
    """
    return extremum("max", 1, A, B, (dim, *options), nargout)


def min(A: Any, B: Any = None, dim: Any = None, *options: Any, nargout: int = 1) -> Any:
    """Smallest elements: along a dimension, or of two arrays element by element.

    NaN is ignored unless there is nothing else or you ask for it. Of equal elements the first
    counts, and it alone gets the derivative.

    Args:
        A: A dlarray, or plain numbers (for which the result is plain).
        B: A second array, which lines up with ``A`` as in ``A + B``; None or [] to reduce ``A``.
        dim: Dimension number from 1 on, several of them, or "all". By default the first dimension
            whose size is not 1.
        *options: "omitnan" (default) or "includenan", which makes NaN the result where there is one
            ("omitmissing" and "includemissing" mean the same); "linear" for positions in ``A[:]``.
            They may stand in the place of ``dim``.
        nargout: 2 gives the position of each smallest element too.

    Returns:
        An array with the labels of ``A``, of size 1 in the reduced dimensions. With ``nargout=2``
        also positions from 1 on along ``dim`` (for several dimensions or "all" those in ``A[:]``),
        with the same labels and without derivative.

    Raises:
        OptionError: Two arrays together with a dimension.
        FormatError: Two arrays that do not line up.

    Example:
        >>> print(min([3.0, 1.0, 2.0]))
        1.0

    Source:
        https://www.mathworks.com/help/matlab/ref/min.html
    """
    return extremum("min", -1, A, B, (dim, *options), nargout)


implements(np.maximum, np.fmax)(max)
implements(np.minimum, np.fmin)(min)


def _numpy_max(X: dlarray, dim: Any) -> Any:
    return max(X, None, dim)


def _numpy_min(X: dlarray, dim: Any) -> Any:
    return min(X, None, dim)


implements(np.max, np.amax)(by_axis(_numpy_max))
implements(np.min, np.amin)(by_axis(_numpy_min))
