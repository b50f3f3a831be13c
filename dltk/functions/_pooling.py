"""Average and maximum pooling, and the way back from maximum pooling."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from .. import _labels as labels
from .._errors import OptionError
from .._numbers import Raw
from ..dlarray import apply, dlarray, wrap
from ._folds import Values, apart, fold
from ._operands import formatted, shown
from ._options import outputs
from ._pool_sizes import Pool, alike, cells, pooling, reordered, steps, unpooled_size
from ._windows import pad


def avgpool(
    X: Any,
    poolsize: Any,
    *,
    DataFormat: str | None = None,
    PoolFormat: str | None = None,
    Stride: Any = 1,
    Padding: Any = 0,
    PaddingValue: Any = 0,
) -> dlarray:
    """Mean over windows.

    In a dimension of n cells the output has floor((n + padding - pool size) / stride) + 1 cells.
    Note that the stride is 1 unless given, not the pool size.

    Args:
        X: Data, formatted, or unformatted with ``DataFormat``.
        poolsize: Size of the windows, a scalar or a value per pooled dimension; "global" for one
            window over everything.
        DataFormat: Labels of an unformatted ``X``; the result is then unformatted in that order.
        PoolFormat: Labels of the pooled dimensions; all "S" dimensions (at most 3) if not given.
            "T" or "ST" pools over time too. Options with a value per dimension have this order.
        Stride: Step between windows, a scalar or a value per pooled dimension.
        Padding: Cells added around the data: a scalar, a value per dimension, a matrix of two rows
            (before; after), or "same" (ceil(n / stride) cells out; an odd cell comes after).
        PaddingValue: 0 counts added cells as zeros, "mean" leaves them out of the mean.

    Returns:
        A dlarray in the format of ``X``; pooled dimensions keep their labels.

    Raises:
        FormatError: No dimension to pool, or windows larger than the data.
        OptionError: A wrong option, or padding as large as the windows.

    Example:
        >>> X = dlarray([[1.0], [3.0], [5.0], [7.0]], "SC")
        >>> print(avgpool(X, 2, Stride=2))
          2(S) × 1(C) dlarray
        <BLANKLINE>
             2
             6

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlarray.avgpool.html
    """
    X, restore = formatted("avgpool", X, DataFormat)
    on = pooling("avgpool", X, poolsize, PoolFormat, Stride, Padding)
    whole = not _leaves_out_padding(PaddingValue)
    return restore(apply("avgpool", lambda x: _average(x, on, whole), [X], X.dims))


def maxpool(
    X: Any,
    poolsize: Any,
    *,
    DataFormat: str | None = None,
    PoolFormat: str | None = None,
    Stride: Any = 1,
    Padding: Any = 0,
    nargout: int = 1,
) -> Any:
    """Maximum over windows.

    Sizes and options are those of `avgpool`; added cells never win. Of equal values the first in
    the window (column by column) wins and gets the whole derivative. A NaN wins always.

    Args:
        X: Real data, formatted, or unformatted with ``DataFormat``.
        poolsize: Size of the windows, a scalar or a value per pooled dimension; "global" for one
            window over everything.
        DataFormat: Labels of an unformatted ``X``; the result is then unformatted in that order.
        PoolFormat: Labels of the pooled dimensions; all "S" dimensions (at most 3) if not given.
        Stride: Step between windows, a scalar or a value per pooled dimension; 1 if not given.
        Padding: Cells added around the data, as for `avgpool`.
        nargout: Number of outputs, 1, 2 or 3.

    Returns:
        ``Y`` in the format of ``X``. With ``nargout=3`` also ``indx``, the position of each maximum
        in ``X`` (linear, column by column, from 1; without derivative), and ``inputSize``, the size
        of ``X``: what `maxunpool` takes.

    Raises:
        FormatError: No dimension to pool, or windows larger than the data.
        OptionError: A wrong option, padding as large as the windows, or complex data.

    Example:
        >>> X = dlarray([[1.0], [3.0], [7.0], [5.0]], "SC")
        >>> Y, indx, inputSize = maxpool(X, 2, Stride=2, nargout=3)
        >>> [float(y) for y in Y], [float(i) for i in indx], inputSize.tolist()
        ([3.0, 7.0], [2.0, 3.0], [4, 1])

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlarray.maxpool.html
    """
    outputs("maxpool", nargout, (1, 2, 3))
    given = X
    X, restore = formatted("maxpool", X, DataFormat)
    if X.dtype.kind == "c":
        raise OptionError("maxpool: complex numbers have no maximum.", got={"X": shown(X)})
    on = pooling("maxpool", X, poolsize, PoolFormat, Stride, Padding)
    if nargout == 1:
        return restore(apply("maxpool", lambda x: _largest((x,), on)[0], [X], X.dims))
    size = given.shape if isinstance(given, dlarray) else labels.trimmed_shape("", np.shape(given))
    apart_by = steps(DataFormat or X.dims, size, X.dims)

    def with_positions(x: Raw) -> tuple[Raw, Raw]:
        y, positions = _largest((x, _positions(x.shape, apart_by)), on)
        return y, positions.astype(np.float64)

    Y, indx = apply("maxpool", with_positions, [X], (X.dims, X.dims))
    return (restore(Y), restore(wrap(indx._data, indx._fmt)), np.array(size))[:nargout]


def maxunpool(X: Any, indx: Any, outputSize: Any, *, DataFormat: str | None = None) -> dlarray:
    """Put the outputs of `maxpool` back where they came from; all other elements are zero.

    Args:
        X: Values, formatted, or unformatted with ``DataFormat``.
        indx: Their positions in the result (linear, column by column, from 1), of the size of
            ``X``: the second output of `maxpool`. Of equal positions, as overlapping windows give
            them, one wins.
        outputSize: Size of the result: the third output of `maxpool`. Only "S" and "T" dimensions
            may differ from those of ``X``.
        DataFormat: Labels of an unformatted ``X``; the result is then unformatted in that order.

    Returns:
        A dlarray of size ``outputSize`` in the format of ``X``.

    Raises:
        FormatError: Sizes do not fit.

    Example:
        >>> X = dlarray([[1.0], [3.0], [7.0], [5.0]], "SC")
        >>> print(maxunpool(*maxpool(X, 2, Stride=2, nargout=3)))
          4(S) × 1(C) dlarray
        <BLANKLINE>
             0
             3
             7
             0

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlarray.maxunpool.html
    """
    X, restore = formatted("maxunpool", X, DataFormat, indx)
    positions = alike(X, indx, DataFormat)
    fmt = DataFormat or X.dims
    size = unpooled_size(X, outputSize, fmt)
    apart_by = steps(fmt, size, X.dims)
    stored = labels.to_stored(X.dims, reordered(fmt, size, X.dims))

    def unpool(x: Raw, index: Raw) -> Raw:
        return _put(x, index, stored, apart_by)

    return restore(apply("maxunpool", unpool, [X, positions], X.dims, mix=False))


@partial(jax.jit, static_argnames=("on", "whole"))
def _average(x: Raw, on: Pool, whole: bool) -> Raw:
    """Mean over the whole windows, or over their cells that are not padding."""
    count = math.prod(on.window) if whole else cells(x.shape, on)
    x = pad(x, on.axes, on.pairs, np.zeros((), x.dtype))
    return _sums(x, on) / np.asarray(count, x.dtype)


@partial(jax.jit, static_argnames="on")
def _largest(values: Values, on: Pool) -> Values:
    """The largest of the first array in each window, and the elements beside it."""
    fills = [-np.inf] + [0] * (len(values) - 1)
    values = tuple(
        pad(v, on.axes, on.pairs, np.asarray(fill, v.dtype))
        for v, fill in zip(values, fills, strict=True)
    )
    for axis, k, s in zip(on.axes, on.window, on.strides, strict=True):
        values = fold(_larger, values, axis, k, s)
    return values


def _larger(first: Values, second: Values) -> Values:
    """The larger of two and what goes with it; the first if they are equal, NaN if there is one."""
    a, b = first[0], second[0]
    later = (b > a) | (b != b)
    return tuple(jnp.where(later, v, u) for u, v in zip(first, second, strict=True))


def _sums(x: Raw, on: Pool) -> Raw:
    slides = sorted(zip(on.axes, on.window, on.strides, strict=True))
    if all(s >= k for _, k, s in slides):
        for axis, k, s in reversed(slides):
            (x,) = apart((x,), axis, k, s)
        return x.sum([axis + 1 + i for i, (axis, _, _) in enumerate(slides)])
    for axis, k, s in slides:
        (x,) = fold(lambda a, b: (a[0] + b[0],), (x,), axis, k, s)
    return x


def _leaves_out_padding(PaddingValue: Any) -> bool:
    if isinstance(PaddingValue, str) and PaddingValue.lower() == "mean":
        return True
    if isinstance(PaddingValue, str) or np.any(np.asarray(PaddingValue)):
        raise OptionError(
            'avgpool: PaddingValue is 0 or "mean".', got={"PaddingValue": repr(PaddingValue)}
        )
    return False


@partial(jax.jit, static_argnames=("stored", "apart_by"))
def _put(x: Raw, index: Raw, stored: tuple[int, ...], apart_by: tuple[int, ...]) -> Raw:
    """Zeros of size ``stored`` with x at the caller's linear index."""
    total = math.prod(stored)
    index = index.astype(np.int64) - 1
    place = jnp.zeros_like(index)
    for n, step in zip(stored, apart_by, strict=True):
        place = place * n + index // step % n
    place = jnp.where((index >= 0) & (index < total), place, total)
    y = jnp.zeros(total, x.dtype).at[place.ravel()].set(x.ravel(), mode="drop")
    return y.reshape(stored)


def _positions(shape: tuple[int, ...], apart_by: tuple[int, ...]) -> Raw:
    """The caller's linear index (from 1) of each stored element."""
    kind = np.int32 if math.prod(shape) < 2**31 else np.int64
    positions = lax.full(shape, np.asarray(1, kind))
    for axis, step in enumerate(apart_by):
        positions = positions + lax.broadcasted_iota(kind, shape, axis) * np.asarray(step, kind)
    return positions
