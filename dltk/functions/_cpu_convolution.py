"""Convolution and its input gradient as XLA computes them fast on a CPU.

XLA has fast kernels there for matrix products and for two-dimensional convolutions of one group
with stride 1 in the data. What is slow is said in terms of these. Milliseconds in the comments are
of two cores in single precision, for the sizes of `benchmarks/operations.py`.
"""

from __future__ import annotations

import math
from functools import reduce
from operator import add

import jax.numpy as jnp
import numpy as np
from jax import lax

from .._numbers import Raw
from ._blocks import blocks
from ._folds import overlap
from ._form import Form, convolution
from ._windows import pad

CELLS = 64  # largest filter written out cell by cell


def convolve(x: Raw, w: Raw, form: Form) -> Raw:
    """Result y of a form."""
    channels, filters = w.shape[-2:]
    if form.groups == 1 and _is_product(form):
        return _every(x, form) @ w.reshape(channels, filters)  # 0.5 against 1.1
    if channels == 1 and math.prod(form.window) <= CELLS:
        # One fused loop. One channel of data: 0.8 against 1.4; a filter per channel: 0.45
        # against 16 to 28; three dimensions: 0.2 against 11.
        return _by_cells(x, w, form)
    if form.groups > 1:
        split = blocks(form, channels, filters // form.groups)
        if split is None:
            return convolution(x, w, form)
        parts = zip(split.cut(x), split.cut(w), strict=True)  # 2.9 against 11
        return jnp.concatenate([convolve(a, split.join(b), split.form) for a, b in parts], -1)
    if len(form.window) == 3:
        return _by_planes(x, w, form)  # XLA has no fast kernel for three: 13
    if channels == 3 and form.strides == (1, 1):
        # XLA's kernel stumbles over groups of three numbers: 22 against 4 with four of them.
        x = jnp.pad(x, [(0, 0)] * (x.ndim - 1) + [(0, 1)])
        w = jnp.pad(w, [(0, 0)] * (w.ndim - 2) + [(0, 1), (0, 0)])
    return convolution(x, w, form)


def input_gradient(w: Raw, y: Raw, form: Form) -> Raw:
    """Data x of a form, from filters and result."""
    channels, filters = w.shape[-2], w.shape[-1] // form.groups
    alone = channels == filters == 1
    if alone and math.prod(form.window) <= CELLS:
        return _turned(w, y, form)  # 0.5 against 17, with strides 59
    if form.groups > 1:
        split = blocks(form, channels, filters)
        if split is None:
            return _turned(w, y, form)
        parts = zip(split.cut(w), split.cut(y), strict=True)  # 3.9 against 10
        return jnp.concatenate([input_gradient(split.join(a), b, split.form) for a, b in parts], -1)
    if max(form.strides) > 1 or _is_product(form) or channels == 1:
        # Strides: 2.6 against 3.8, 7.3 against 700; one channel: 3.5 against 4.9.
        return _stamped(w, y, form)
    return _turned(w, y, form)


def _is_product(form: Form) -> bool:
    """The filters have one cell and nothing is added around the data."""
    return math.prod(form.window) == 1 and not any(map(any, form.pairs))


def _every(x: Raw, form: Form) -> Raw:
    """The cells of data at which filters start."""
    for axis, s in zip(form.axes, form.strides, strict=True):
        x = lax.slice_in_dim(x, 0, None, s, axis)
    return x


def padded(x: Raw, form: Form) -> Raw:
    """Data with zeros around."""
    return pad(x, form.axes, form.pairs, np.zeros((), x.dtype))


def seen(x: Raw, form: Form, dimension: int, axis: int | None = None) -> list[Raw]:
    """What the first, second, ... cell of a filter sees, along one dimension of padded data.

    That dimension lies along ``axis`` where the data are stored in another order.
    """
    s, d = form.strides[dimension], form.dilation[dimension]
    axis = form.axes[dimension] if axis is None else axis
    span = (form.results[dimension] - 1) * s + 1
    starts = (i * d for i in range(form.window[dimension]))
    return [lax.slice_in_dim(x, start, start + span, s, axis) for start in starts]


def _by_cells(x: Raw, w: Raw, form: Form) -> Raw:
    """Groups of one channel: multiply and add, cell by cell."""
    filters = w.shape[-1] // form.groups
    if form.groups > 1 and filters > 1:
        x = jnp.repeat(x, filters, -1)
    parts = [padded(x, form)]
    for dimension in range(len(form.window)):
        parts = [p for part in parts for p in seen(part, form, dimension)]
    cells = w.reshape(len(parts), *(1,) * (x.ndim - 1), w.shape[-1])
    return reduce(add, (part * cell for part, cell in zip(parts, cells, strict=True)))


def _by_planes(x: Raw, w: Raw, form: Form) -> Raw:
    """Three dimensions as two: the cells of the third become channels, its positions observations.

    The third is the first dimension of the data but for the observations: depth, or time.
    """
    flat, x = planes(x, form)
    w = w if form.time else jnp.moveaxis(w, 0, 2)
    w = w.reshape((*flat.window, -1, w.shape[-1]))
    x = jnp.concatenate(x, -1)
    y = convolve(x.reshape((-1, *x.shape[2:])), w, flat)
    return y.reshape((*x.shape[:2], *y.shape[1:]))


def planes(x: Raw, form: Form) -> tuple[Form, list[Raw]]:
    """The form without depth (or time), and the data that each of its cells sees."""
    dimension = 2 if form.time else 0
    keep = slice(0, 2) if form.time else slice(1, 3)
    flat = Form(
        form.sizes[keep],
        form.window[keep],
        form.strides[keep],
        form.dilation[keep],
        form.pairs[keep],
    )
    pairs = [pair if i == dimension else (0, 0) for i, pair in enumerate(form.pairs)]
    x = padded(x, form._replace(pairs=tuple(pairs)))
    return flat, seen(x, form, dimension)


def _turned(w: Raw, y: Raw, form: Form) -> Raw:
    """The input gradient as a convolution of the result, spread by the strides, by turned filters.

    By the rules of `convolve`, at stride 1.
    """
    groups = form.groups
    config = [(0, 0, 0)] * y.ndim
    for axis, s in zip(form.axes, form.strides, strict=True):
        config[axis] = (0, 0, s - 1)
    if max(form.strides) > 1:
        y = lax.pad(y, np.zeros((), y.dtype), config)
    sizes = tuple(y.shape[axis] for axis in form.axes)
    pairs = tuple(
        (e - 1 - first, n + first - m)
        for n, m, e, (first, _) in zip(form.sizes, sizes, form.reach, form.pairs, strict=True)
    )
    w = jnp.flip(w, range(len(sizes)))
    *size, channels, filters = w.shape
    w = w.reshape((*size, channels, groups, filters // groups)).swapaxes(-1, -3)
    w = w.reshape((*size, filters // groups, groups * channels))
    turned = form._replace(sizes=sizes, strides=(1,) * len(sizes), pairs=pairs)
    return convolve(y, w, turned)


def _stamped(w: Raw, y: Raw, form: Form) -> Raw:
    """The input gradient as one matrix product, what each position stamps, and additions."""
    *size, channels, filters = w.shape
    x = lax.dot_general(y, w.reshape(-1, filters), (((y.ndim - 1,), (1,)), ((), ())))
    x = x.reshape((*y.shape[:-1], *size, channels))
    rows = (form.axes, form.strides, form.dilation, form.pairs, form.sizes)
    for axis, s, d, (first, _), n in zip(*rows, strict=True):
        x = overlap(x, axis, y.ndim - 1, s, d, first, n)
    return x
