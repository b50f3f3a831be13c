"""Sliding windows: padding and size arithmetic, and how an operation folds over windows.

Convolution and pooling share the arithmetic. Pooling also needs `fold`, which applies an
associative operation (the larger of two, the sum of two) to all elements of each window with slices
and splits alone: many times faster on a CPU than a window reduction, above all its derivative, and
all derivatives exist.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from jax import lax

from .._errors import OptionError
from .._numbers import Raw
from ..dlarray import dlarray

Pairs = tuple[tuple[int, int], ...]
Values = tuple[Raw, ...]
Operation = Callable[[Values, Values], Values]

SHORT = 8  # longest window whose parts are taken one by one


def amounts(name: str, what: str, value: object, count: int, *, least: int = 0) -> Pairs | None:
    """Padding (or cropping) before and after, per dimension; None for "same".

    ``value`` is a scalar for all sides, a vector with one value per dimension, or a matrix with two
    rows, before and after, and a column per dimension.

    >>> amounts("dlconv", "Padding", [1, 2], 2)
    ((1, 1), (2, 2))
    >>> amounts("dlconv", "Padding", [[2], [0]], 1)
    ((2, 0),)
    """
    if isinstance(value, str):
        if value.lower() == "same":
            return None
        raise OptionError(
            f'{name}: {what} is a number, a vector, a matrix or "same".', got={what: repr(value)}
        )
    numbers = np.asarray(value._data if isinstance(value, dlarray) else value)
    if numbers.dtype.kind not in "biuf" or (numbers != np.floor(numbers)).any():
        raise OptionError(f"{name}: {what} must be whole numbers.", got={what: repr(value)})
    if (numbers < least).any():
        raise OptionError(f"{name}: {what} must not be negative.", got={what: repr(value)})
    whole = numbers.astype(int)
    if whole.size == 1:
        only = int(whole.flat[0])
        return ((only, only),) * count
    if whole.shape == (2, count) or (count == 1 and whole.size == 2):
        return tuple((int(a), int(b)) for a, b in whole.reshape(2, count).T)
    if whole.size == count:
        return tuple((int(n), int(n)) for n in whole.ravel())
    raise OptionError(
        f"{name}: {what} does not fit {count} dimension{'s' * (count != 1)}.",
        got={what: repr(value)},
        fix=f"Give a scalar, a vector of {count}, or a matrix of 2×{count} (before; after).",
    )


def same(sizes: Sequence[int], reach: Sequence[int], strides: Sequence[int]) -> Pairs:
    """Padding with which the output has size ceil(n / stride); an odd cell goes to the end.

    >>> same((5, 5), (3, 2), (2, 1))
    ((1, 1), (0, 1))
    """
    pairs = []
    for n, e, s in zip(sizes, reach, strides, strict=True):
        total = max((-(-n // s) - 1) * s + e - n, 0)
        pairs.append((total // 2, total - total // 2))
    return tuple(pairs)


def count(n: int, reach: int, stride: int) -> int:
    """How many windows fit into n cells.

    >>> count(28, 5, 1), count(7, 3, 2), count(2, 3, 1)
    (24, 3, 0)
    """
    return max((n - reach) // stride + 1, 0)


def fold(operation: Operation, values: Values, axis: int, window: int, stride: int) -> Values:
    """Combine the elements of each window along an axis, from first to last.

    Args:
        operation: Associative; takes two tuples of arrays of one shape, the earlier one first.
        values: Arrays of one shape.
        axis: Along which the windows slide.
        window: Number of elements in a window.
        stride: Step between windows.
    """
    total = count(values[0].shape[axis], window, stride)
    if stride >= window:
        return _fold_apart(operation, values, axis, window, stride)
    if window <= SHORT:
        parts = _parts(values, axis, window, stride, total)
        result = parts[0]
        for part in parts[1:]:
            result = operation(result, part)
        return result
    every = _fold_every(operation, values, axis, window)
    return _slice(every, axis, 0, (total - 1) * stride + 1, stride)


def apart(values: Values, axis: int, window: int, stride: int) -> Values:
    """Windows that do not overlap, as a new dimension after the axis of their positions."""
    total = count(values[0].shape[axis], window, stride)
    return _slice(_blocks(values, axis, stride, total), axis + 1, 0, window)


def _fold_apart(
    operation: Operation, values: Values, axis: int, window: int, stride: int
) -> Values:
    """Windows that do not overlap: neighbours are combined until one element is left."""
    parts = apart(values, axis, window, stride)
    tails: list[Values] = []
    while window > 1:
        if window % 2:
            parts, tail = _split(parts, axis + 1, (window - 1, 1))
            tails.append(_squeeze(tail, axis + 1))
        window //= 2
        pairs = _split(_blocks(parts, axis + 1, 2, window), axis + 2, (1, 1))
        parts = operation(*(_squeeze(half, axis + 2) for half in pairs))
    result = _squeeze(parts, axis + 1)
    for tail in reversed(tails):
        result = operation(result, tail)
    return result


def _parts(values: Values, axis: int, window: int, stride: int, total: int) -> list[Values]:
    """The first, second, ... element of all windows.

    Strided slices are taken as blocks of one stride, split: the derivative then joins blocks,
    which is twice as fast as adding up strided scatters.
    """
    if stride == 1:
        return [_slice(values, axis, i, i + total) for i in range(window)]
    blocks = total - 1 + -(-window // stride)
    phases = _split(_blocks(values, axis, stride, blocks), axis + 1, (1,) * stride)
    phases = [_squeeze(phase, axis + 1) for phase in phases]
    return [
        _slice(phases[i % stride], axis, i // stride, i // stride + total) for i in range(window)
    ]


def _fold_every(operation: Operation, values: Values, axis: int, window: int) -> Values:
    """Long windows at every position, from windows of 1, 2, 4, ... elements."""
    total = count(values[0].shape[axis], window, 1)
    size, done, result = 1, 0, None
    while True:
        if window & size:
            part = _slice(values, axis, done, done + total)
            result = part if result is None else operation(result, part)
            done += size
        if 2 * size > window:
            assert result is not None
            return result
        n = values[0].shape[axis]
        values = operation(_slice(values, axis, 0, n - size), _slice(values, axis, size, n))
        size *= 2


def overlap(
    y: Raw, axis: int, across: int, stride: int, dilation: int, first: int, total: int
) -> Raw:
    """Add up windows where they overlap; the adjoint of taking windows.

    Args:
        y: Element i of the window at position p, along the dimensions ``across`` and ``axis``
            (before it), belongs at stride p + dilation i.
        axis: Positions.
        across: Elements of a window; this dimension goes.
        stride: Step between windows.
        dilation: Step between the elements of a window.
        first: Where the result begins.
        total: Its size; what lies beyond the last window is zero.
    """
    n, window = y.shape[axis], y.shape[across]
    blocks = n + (window - 1) * dilation // stride
    phases: list[Raw | None] = [None] * stride
    zero = np.zeros((), y.dtype)
    for i, (part,) in enumerate(_split((y,), across, (1,) * window)):
        block, phase = divmod(i * dilation, stride)
        part = lax.squeeze(part, (across,))
        part = lax.pad(part, zero, _at(part, axis, (block, blocks - n - block, 0)))
        held = phases[phase]
        phases[phase] = part if held is None else held + part
    shape = next(p.shape for p in phases if p is not None)
    full = [lax.full(shape, zero) if p is None else p for p in phases]
    joined = lax.concatenate([lax.expand_dims(p, (axis + 1,)) for p in full], axis + 1)
    joined = joined.reshape((*shape[:axis], blocks * stride, *shape[axis + 1 :]))
    return lax.pad(joined, zero, _at(joined, axis, (-first, first + total - blocks * stride, 0)))


# The same step on all arrays of a tuple


def _blocks(values: Values, axis: int, size: int, total: int) -> Values:
    """Cut an axis into ``total`` blocks of ``size``: a new axis after it. Fill up with zeros."""

    def cut(x: Raw) -> Raw:
        n = x.shape[axis]
        if size * total > n:
            x = lax.pad(x, np.zeros((), x.dtype), _at(x, axis, (0, size * total - n, 0)))
        x = lax.slice_in_dim(x, 0, size * total, axis=axis)
        return x.reshape((*x.shape[:axis], total, size, *x.shape[axis + 1 :]))

    return tuple(cut(x) for x in values)


def _at(x: Raw, axis: int, config: tuple[int, int, int]) -> list[tuple[int, int, int]]:
    return [config if i == axis else (0, 0, 0) for i in range(x.ndim)]


def _slice(values: Values, axis: int, start: int, stop: int, step: int = 1) -> Values:
    return tuple(lax.slice_in_dim(x, start, stop, step, axis) for x in values)


def _split(values: Values, axis: int, sizes: tuple[int, ...]) -> list[Values]:
    return list(zip(*(lax.split(x, sizes, axis) for x in values), strict=True))


def _squeeze(values: Values, axis: int) -> Values:
    return tuple(lax.squeeze(x, (axis,)) for x in values)


def pad(x: Raw, axes: Sequence[int], pairs: Pairs, value: Raw) -> Raw:
    """``x`` with ``value`` before and after, along some axes; negative amounts cut."""
    if not any(a or b for a, b in pairs):
        return x
    config = [(0, 0, 0)] * x.ndim
    for axis, (before, after) in zip(axes, pairs, strict=True):
        config[axis] = (before, after, 0)
    return lax.pad(x, value, config)


def cells(n: int, pair: tuple[int, int], window: int, stride: int) -> np.ndarray:
    """How many cells that are not padding each window holds.

    >>> cells(4, (1, 1), 3, 1)
    array([2, 3, 3, 2])
    """
    inside = np.concatenate([np.zeros(pair[0]), np.ones(n), np.zeros(pair[1])])
    starts = np.arange(count(n + sum(pair), window, stride)) * stride
    return np.array([int(inside[s : s + window].sum()) for s in starts])
