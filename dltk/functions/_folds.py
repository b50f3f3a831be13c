"""How pooling combines the elements of windows, and how transposed convolution adds windows up.

`fold` applies an associative operation (the larger of two, the sum of two) to all elements of each
window, with slices and splits alone: many times faster on a CPU than a window reduction, above all
its derivative, and all derivatives exist. `overlap` is the adjoint of taking windows.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from jax import lax

from .._numbers import Raw
from ._windows import count

Values = tuple[Raw, ...]
Operation = Callable[[Values, Values], Values]

SHORT = 8  # longest window whose elements are taken one by one


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
