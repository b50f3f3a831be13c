"""The gradient of filters as XLA computes it fast on a CPU.

It is a matrix product over all observations and positions, of what the cells of the filters see
with the gradient of the result. XLA calls it a convolution with filters as large as the data: 10 ms
where a gradient of the data takes 2.5. Milliseconds in the comments are of two cores in single
precision, for the sizes of `benchmarks/operations.py`.
"""

from __future__ import annotations

import math

import jax
import jax.numpy as jnp
from jax import lax

from .._numbers import Raw
from ._blocks import blocks
from ._cpu_convolution import CELLS, padded, planes, seen
from ._form import Form, convolution

MEMORY = 8e6  # bytes that the copies of a part of the observations may take
WIDE = 64 * 128  # channels times filters for which JAX's own gradient is as good


def weight_gradient(x: Raw, y: Raw, form: Form) -> Raw:
    """Filters w of a form, from data and result."""
    channels, filters = x.shape[-1] // form.groups, y.shape[-1] // form.groups
    if channels == filters == 1 and form.groups > 1 and math.prod(form.window) <= CELLS:
        return _by_channels(x, y, form)  # 2.5 against 12
    if form.groups > 1:
        split = blocks(form, channels, filters)
        if split is None:
            return _by_convolution(x, y, form)
        parts = zip(split.cut(x), split.cut(y), strict=True)  # 6 against 250
        return jnp.concatenate(
            [split.part(weight_gradient(a, b, split.form)) for a, b in parts], -1
        )
    if len(form.window) == 3:
        flat, parts = planes(x, form)  # 6 against 15
        y = y.reshape((-1, *y.shape[2:]))
        cells = [weight_gradient(part.reshape((-1, *part.shape[2:])), y, flat) for part in parts]
        return jnp.stack(cells, 2 if form.time else 0)
    positions = math.prod(form.results)
    few = filters <= 2 * positions and channels * filters < WIDE
    if len(form.window) == 2 and not form.time and few:
        return _by_rows(x, y, form)
    return _by_convolution(x, y, form)


def _by_convolution(x: Raw, y: Raw, form: Form) -> Raw:
    """As JAX computes it."""
    shape = (*form.window, x.shape[-1] // form.groups, y.shape[-1])
    return jax.linear_transpose(
        lambda w: convolution(x, w, form), jax.ShapeDtypeStruct(shape, x.dtype)
    )(y)[0]


def _by_channels(x: Raw, y: Raw, form: Form) -> Raw:
    """A filter per channel: multiply and add up, cell by cell."""
    parts = [padded(x, form)]
    for dimension in range(len(form.window)):
        parts = [p for part in parts for p in seen(part, form, dimension)]
    cells = jnp.stack([(part * y).sum(range(y.ndim - 1)) for part in parts])
    return cells.reshape((*form.window, 1, -1))


def _by_rows(x: Raw, y: Raw, form: Form) -> Raw:
    """Two dimensions: a matrix product for each observation and row of the filters, added up.

    What the cells of a row see is copied once, channels first as the matrix product wants it; the
    rows are parts of that copy. Many observations are taken in turns, so that copies stay in fast
    memory: fresh memory costs more than the product (12 ms in turns, 25 at once, 31 by JAX).
    """
    observations, (rows, columns) = x.shape[0], form.window
    height, (down, across) = form.sizes[0] + sum(form.pairs[0]), form.results
    bytes_each = x.shape[-1] * columns * across * (height + rows * down) * x.dtype.itemsize
    turns = _turns(observations, bytes_each)
    if turns == 1:
        return _rows(x, y, form)
    x, y = (a.reshape((turns, observations // turns, *a.shape[1:])) for a in (x, y))

    def turn(total: Raw, part: tuple[Raw, Raw]) -> tuple[Raw, None]:
        return total + _rows(*part, form), None

    shape = (rows, columns, x.shape[-1], y.shape[-1])
    return lax.scan(turn, jnp.zeros(shape, x.dtype), (x, y))[0]


def _turns(observations: int, bytes_each: int) -> int:
    """Into how many parts of one size to divide the observations.

    >>> _turns(128, 100_000), _turns(6, 3_000_000), _turns(7, 3_000_000)
    (2, 3, 7)
    """
    fitting = (n for n in range(1, observations + 1) if observations % n == 0)
    return next((n for n in fitting if observations // n * bytes_each <= MEMORY), observations)


def _rows(x: Raw, y: Raw, form: Form) -> Raw:
    observations, channels, filters = x.shape[0], x.shape[-1], y.shape[-1]
    rows, columns = form.window
    x = padded(x, form).transpose(0, 3, 1, 2)
    x = lax.concatenate(seen(x, form, 1, axis=3), 1)
    y = y.reshape(observations, -1, filters)
    products = [
        (row.reshape(observations, columns * channels, -1) @ y).sum(0)
        for row in seen(x, form, 0, axis=2)
    ]
    return jnp.stack(products).reshape(rows, columns, channels, filters)
