"""Average and maximum pooling, and the way back from maximum pooling."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import lax

from .. import _labels as labels
from .._errors import FormatError, OptionError
from .._numbers import Raw
from ..dlarray import apply, dlarray, wrap
from . import _windows as windows
from ._operands import formatted, shown
from ._options import outputs, whole


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

    In a dimension of n cells the output has floor((n + padding - pool size) / stride) + 1 cells. Note
    that the stride is 1 unless given, not the pool size.

    Args:
        X: Data, formatted, or unformatted with ``DataFormat``.
        poolsize: Size of the windows, a scalar or a value per pooled dimension; "global" for one
            window over everything.
        DataFormat: Labels of an unformatted ``X``; the result is then unformatted in that order.
        PoolFormat: Labels of the pooled dimensions, all "S" dimensions (at most 3) if not given: "T"
            or "ST" pools over time too. Options with a value per dimension have this order.
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
    on = _pool("avgpool", X, poolsize, PoolFormat, Stride, Padding)
    inside = _leaves_out_padding(PaddingValue)
    scale = _cells(X, on) if inside else math.prod(on.window)

    def average(x: Raw) -> Raw:
        x = windows.pad(x, on.axes, on.pairs, np.zeros((), x.dtype))
        for axis, k, s in zip(on.axes, on.window, on.strides, strict=True):
            x = _sums(x, axis, k, s)
        return x / np.asarray(scale, x.dtype)

    return restore(apply("avgpool", average, [X], X.dims))


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

    Sizes and options are those of `avgpool`; added cells never win. Of equal values the first in the
    window (column by column) wins and gets the whole derivative. NaN wins always.

    Args:
        X: Real data, formatted, or unformatted with ``DataFormat``.
        poolsize: Size of the windows, a scalar or a value per pooled dimension; "global" for one
            window over everything.
        DataFormat: Labels of an unformatted ``X``; the result is then unformatted in that order.
        PoolFormat: Labels of the pooled dimensions, all "S" dimensions (at most 3) if not given.
        Stride: Step between windows, a scalar or a value per pooled dimension; 1 if not given.
        Padding: Cells added around the data, as for `avgpool`.
        nargout: Number of outputs, 1, 2 or 3.

    Returns:
        ``Y`` in the format of ``X``. With ``nargout=3`` also ``indx``, the position of each maximum in
        ``X`` (linear, column by column, from 1; no derivative), and ``inputSize``, the size of ``X``,
        as `maxunpool` takes them.

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
    on = _pool("maxpool", X, poolsize, PoolFormat, Stride, Padding)

    def largest(values: windows.Values) -> windows.Values:
        for axis, k, s in zip(on.axes, on.window, on.strides, strict=True):
            values = windows.fold(_larger, values, axis, k, s)
        return values

    def padded(x: Raw, value: float) -> Raw:
        return windows.pad(x, on.axes, on.pairs, np.asarray(value, x.dtype))

    if nargout == 1:
        return restore(apply("maxpool", lambda x: largest((padded(x, -np.inf),))[0], [X], X.dims))
    size = _size(given)
    steps = _steps(DataFormat or X.dims, size, X.dims)

    def with_positions(x: Raw) -> tuple[Raw, Raw]:
        y, positions = largest((padded(x, -np.inf), padded(_positions(x.shape, steps), 0)))
        return y, positions.astype(np.float64)

    Y, indx = apply("maxpool", with_positions, [X], (X.dims, X.dims))
    found = (restore(Y), restore(wrap(indx._data, indx._fmt)), np.array(size))
    return found[:nargout]


def maxunpool(X: Any, indx: Any, outputSize: Any, *, DataFormat: str | None = None) -> dlarray:
    """Put the outputs of `maxpool` back where they came from; all other elements are zero.

    Args:
        X: Values, formatted, or unformatted with ``DataFormat``.
        indx: Their positions in the result (linear, column by column, from 1): the second output of
            `maxpool`, of the size of ``X``. Of equal positions, as overlapping windows give them, the
            last wins.
        outputSize: Size of the result: the third output of `maxpool`. Only "S" and "T" dimensions may
            differ from those of ``X``.
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
    given = X
    X, restore = formatted("maxunpool", X, DataFormat, indx)
    positions = _like(X, indx, DataFormat)
    fmt = DataFormat or X.dims
    size = _output_size(given, X, outputSize, fmt)
    steps = _steps(fmt, size, X.dims)
    total = math.prod(size)
    stored = labels.to_stored(X.dims, _logical(fmt, size, X.dims))

    def unpool(x: Raw, index: Raw) -> Raw:
        index = index.astype(np.int64) - 1
        place = jnp.zeros_like(index)
        for n, step in zip(stored, steps, strict=True):
            place = place * n + index // step % n
        place = jnp.where((index >= 0) & (index < total), place, total)
        y = jnp.zeros(total, x.dtype).at[place.ravel()].set(x.ravel(), mode="drop")
        return y.reshape(stored)

    return restore(apply("maxunpool", unpool, [X, positions], X.dims, mix=False))


# Windows


class _Pool(NamedTuple):
    """Windows on stored data: a value per pooled dimension, in MATLAB's order of dimensions."""

    axes: tuple[int, ...]
    window: tuple[int, ...]
    strides: tuple[int, ...]
    pairs: windows.Pairs


def _pool(
    name: str, X: dlarray, poolsize: Any, PoolFormat: str | None, Stride: Any, Padding: Any
) -> _Pool:
    places = _pooled(name, X, PoolFormat)
    sizes = tuple(X.shape[place] for place in places)
    count = len(places)
    if isinstance(poolsize, str):
        if poolsize.lower() != "global":
            raise OptionError(
                f'{name}: poolsize is a number, a vector or "global".', got={"poolsize": poolsize}
            )
        window, strides, Padding = sizes, sizes, 0
    else:
        window = whole(name, "poolsize", poolsize, count)
        strides = whole(name, "Stride", Stride, count)
    pairs = windows.amounts(name, "Padding", Padding, count)
    if pairs is None:
        pairs = windows.same(sizes, window, strides)
    elif any(max(pair) >= k for pair, k in zip(pairs, window, strict=True)):
        raise OptionError(
            f"{name}: Padding must be smaller than the pool size.",
            got={"poolsize": list(window), "Padding": [list(pair) for pair in pairs]},
        )
    padded = tuple(n + sum(pair) for n, pair in zip(sizes, pairs, strict=True))
    if any(k > n for k, n in zip(window, padded, strict=True)):
        raise FormatError(
            f"{name}: windows of {labels.show(window)} cells do not fit into "
            f"{labels.show(padded)} (padded) cells.",
            got={"X": shown(X), "poolsize": list(window)},
            fix="Use smaller windows or more Padding.",
        )
    stored = labels.logical_axes(X.dims)
    order = sorted(range(count), key=places.__getitem__)
    return _Pool(
        tuple(stored[places[i]] for i in order),
        tuple(window[i] for i in order),
        tuple(strides[i] for i in order),
        tuple(pairs[i] for i in order),
    )


def _pooled(name: str, X: dlarray, PoolFormat: str | None) -> tuple[int, ...]:
    """Positions of the pooled dimensions, in the order of PoolFormat."""
    over = "S" * X.dims.count("S") if PoolFormat is None else labels.check(PoolFormat, name)
    got = {"X": shown(X)} if PoolFormat is None else {"X": shown(X), "PoolFormat": PoolFormat}
    if not over:
        also = ' To pool over time, say PoolFormat="T".' * ("T" in X.dims)
        raise FormatError(
            f'{name}: X has no "S" dimension to pool.',
            got=got,
            fix='Label one to three dimensions "S".' + also,
        )
    for letter in over:
        if letter not in "ST" or over.count(letter) != X.dims.count(letter):
            raise FormatError(
                f"{name}: PoolFormat does not fit X.",
                got=got,
                fix='It names all "S" dimensions, the "T" dimension, or both.',
            )
    if len(over) > 3:
        raise FormatError(
            f"{name}: at most 3 dimensions can be pooled, here it would be {len(over)}.", got=got
        )
    seen = {letter: iter(labels.find(X.dims, letter)) for letter in "ST"}
    return tuple(next(seen[letter]) for letter in over)


def _larger(first: windows.Values, second: windows.Values) -> windows.Values:
    """The larger of two and what goes with it; the first if they are equal, NaN if there is one."""
    a, b = first[0], second[0]
    later = (b > a) | (b != b)
    return tuple(jnp.where(later, v, u) for u, v in zip(first, second, strict=True))


def _sums(x: Raw, axis: int, window: int, stride: int) -> Raw:
    if stride >= window:
        return windows.apart((x,), axis, window, stride)[0].sum(axis + 1)
    return windows.fold(lambda a, b: (a[0] + b[0],), (x,), axis, window, stride)[0]


def _leaves_out_padding(PaddingValue: Any) -> bool:
    if isinstance(PaddingValue, str) and PaddingValue.lower() == "mean":
        return True
    if isinstance(PaddingValue, str) or np.any(np.asarray(PaddingValue)):
        raise OptionError(
            'avgpool: PaddingValue is 0 or "mean".', got={"PaddingValue": repr(PaddingValue)}
        )
    return False


def _cells(X: dlarray, on: _Pool) -> np.ndarray:
    """How many cells of X each window holds, to be broadcast against the stored result."""
    stored = labels.to_stored(X.dims, X.shape)
    held = np.ones((1,) * len(stored))
    for axis, k, s, pair in zip(on.axes, on.window, on.strides, on.pairs, strict=True):
        cells = windows.cells(stored[axis], pair, k, s)
        held = held * cells.reshape([-1 if i == axis else 1 for i in range(len(stored))])
    return held


# Linear positions, as the caller counts them


def _size(X: Any) -> tuple[int, ...]:
    return X.shape if isinstance(X, dlarray) else labels.trimmed_shape("", np.shape(X))


def _steps(fmt: str, size: tuple[int, ...], dims: str) -> tuple[int, ...]:
    """How far apart neighbours along each stored dimension lie in the caller's column-major count.

    >>> _steps("SCB", (5, 2, 3), "SCB"), _steps("BCS", (3, 2, 5), "SCB")
    ((10, 1, 5), (1, 6, 3))
    """
    if len(fmt) == 1:
        size = (math.prod(size),)
    steps = [math.prod(size[:axis]) for axis in range(len(fmt))]
    return labels.to_stored(dims, _logical(fmt, steps, dims))


def _logical(fmt: str, values: Any, dims: str) -> tuple[int, ...]:
    """One value per dimension, from the caller's order of dimensions to that of a dlarray."""
    padded = tuple(values) + (1,) * (len(fmt) - len(values))
    ordered = tuple(padded[axis] for axis in labels.arrange(fmt)[1])[: len(dims)]
    return ordered + (1,) * (len(dims) - len(ordered))


def _positions(shape: tuple[int, ...], steps: tuple[int, ...]) -> Raw:
    """The caller's linear index (from 1) of each stored element."""
    kind = np.int32 if math.prod(shape) < 2**31 else np.int64
    positions = lax.full(shape, np.asarray(1, kind))
    for axis, step in enumerate(steps):
        positions = positions + lax.broadcasted_iota(kind, shape, axis) * np.asarray(step, kind)
    return positions


def _like(X: dlarray, indx: Any, DataFormat: str | None) -> dlarray:
    """Positions lying as the values do."""
    positions = indx
    if not (isinstance(indx, dlarray) and indx.dims):
        positions = dlarray(indx, DataFormat or X.dims)
    if positions.dims != X.dims or positions.shape != X.shape:
        raise FormatError(
            "maxunpool: indx does not have the size of X.",
            got={"X": shown(X), "indx": shown(indx)},
            fix="Pass the first two outputs of maxpool (nargout=3).",
        )
    return positions


def _output_size(given: Any, X: dlarray, outputSize: Any, fmt: str) -> tuple[int, ...]:
    """The size of the result in the caller's order."""
    size = whole("maxunpool", "outputSize", outputSize, np.size(outputSize))
    while len(size) > len(fmt) and size[-1] == 1:
        size = size[:-1]
    wanted = _logical(fmt, size, X.dims) if len(size) <= len(fmt) else ()
    if not wanted or any(
        a != b and letter not in "ST" for a, b, letter in zip(wanted, X.shape, X.dims, strict=True)
    ):
        raise FormatError(
            'maxunpool: outputSize may differ from the size of X only in "S" and "T" dimensions.',
            got={"X": shown(given if isinstance(given, dlarray) else X), "outputSize": list(size)},
            fix="Pass the third output of maxpool (nargout=3).",
        )
    return size
