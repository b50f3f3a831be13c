"""Subscripts: Python's (from 0, half-open) with MATLAB's rules on what comes out.

With as many subscripts as dimensions every dimension stays, each subscript acts on its own
dimension, and lists select like MATLAB's index vectors (a grid, not NumPy's point-wise pairs). With
fewer subscripts the last one runs over all remaining dimensions merged in column-major order.

Pure functions on arrays in logical order. Known subscripts are resolved to `slice` or to NumPy
index vectors; a subscript whose value JAX is tracing stays an array.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ._errors import FormatError, OptionError
from ._labels import show
from ._numbers import Raw, is_known

Subscript = Any  # slice | np.ndarray (int) | jax.Array (traced int)


def expand(key: Any, ndim: int) -> tuple[Any, ...]:
    """A key as a tuple without Ellipsis."""
    subscripts = key if isinstance(key, tuple) else (key,)
    dots = [i for i, s in enumerate(subscripts) if s is Ellipsis]
    if len(dots) > 1:
        raise IndexError("dlarray: only one ... may stand among the subscripts.")
    if dots:
        fill = (slice(None),) * (ndim - len(subscripts) + 1)
        subscripts = (*subscripts[: dots[0]], *fill, *subscripts[dots[0] + 1 :])
    if any(s is None for s in subscripts):
        raise OptionError(
            "dlarray: None is not a subscript.", fix="Use reshape, or a format with more labels."
        )
    return subscripts


def resolve(subscript: Any, length: int, place: int, *, grow: bool = False) -> Subscript:
    """One subscript against a dimension of ``length``: a slice, or an index vector.

    With ``grow`` a subscript may point past the end (assignment enlarges the array then).
    """
    if isinstance(subscript, slice):
        return _resolve_slice(subscript, length, grow)
    if not isinstance(subscript, (np.ndarray, jax.Array)):
        subscript = np.asarray(subscript)
    if not is_known(subscript):
        # raises JAX's own error for a logical subscript, as the size is not known, and for a plain
        # number, so that dlfeval makes it known and it can be checked
        if subscript.dtype == bool or getattr(subscript, "weak_type", False):
            subscript = np.asarray(subscript)
        index = jnp.atleast_1d(subscript).astype(np.int64).ravel(order="F")
        return jnp.where(index < 0, index + length, index)
    index = np.asarray(subscript)
    if index.dtype == bool:
        if index.size > length and index.ravel(order="F")[length:].any():
            raise IndexError(f"dlarray: logical subscript of {index.size} for a size of {length}.")
        return np.flatnonzero(index.ravel(order="F"))
    if index.dtype.kind == "f" and np.all(index == np.round(index)):
        index = index.astype(np.int64)
    if index.size == 0:
        return np.zeros(0, np.int64)
    if index.dtype.kind not in "iu":
        raise IndexError(
            f"dlarray: a subscript is a whole number, a slice or logical, not {index}."
        )
    index = index.astype(np.int64).ravel(order="F")
    low, high = int(index.min()), int(index.max())
    if low < -length or (high >= length and not grow):
        wrong = low if low < -length else high
        raise IndexError(
            f"dlarray: subscript {wrong} in position {place + 1} is outside a dimension of size "
            f"{length}. Subscripts count from 0 to {length - 1} (or from -{length} for the end)."
        )
    return np.where(index < 0, index + length, index)


def _resolve_slice(subscript: slice, length: int, grow: bool) -> slice:
    bounds = [None if b is None else _whole(b) for b in (subscript.start, subscript.stop)]
    step = None if subscript.step is None else _whole(subscript.step)
    stop = bounds[1]
    reach = max(length, stop) if grow and stop is not None and stop > 0 else length
    start, stop, step = slice(bounds[0], stop, step).indices(reach)
    return slice(start, stop, step)


def _whole(bound: Any) -> int:
    return bound if isinstance(bound, int) else int(bound)


def count(subscript: Subscript) -> int:
    """How many positions a resolved subscript selects."""
    if isinstance(subscript, slice):
        return len(range(subscript.start, subscript.stop, subscript.step))
    return subscript.shape[0]


def positions(subscript: Subscript) -> Raw:
    """The positions themselves."""
    if isinstance(subscript, slice):
        return np.arange(subscript.start, subscript.stop, subscript.step)
    return subscript


def select(value: Raw, subscripts: Sequence[Subscript], axes: Sequence[int]) -> Raw:
    """Apply resolved subscripts, each to its own axis."""
    for subscript, axis in zip(subscripts, axes, strict=True):
        if isinstance(subscript, slice):
            if subscript != slice(0, value.shape[axis], 1):
                stop = None if subscript.stop < 0 else subscript.stop
                part = slice(subscript.start, stop, subscript.step)
                value = value[(slice(None),) * axis + (part,)]
        else:
            value = jnp.take(value, subscript, axis=axis, mode="clip")
    return value


def merged(shape: Sequence[int], subscripts: int) -> tuple[int, ...]:
    """Sizes when the dimensions from ``subscripts`` on are merged into one.

    >>> merged((2, 3, 4), 2), merged((2, 3), 1)
    ((2, 12), (6,))
    """
    return (*shape[: subscripts - 1], math.prod(shape[subscripts - 1 :]))


def grown(shape: Sequence[int], subscripts: Sequence[Subscript]) -> tuple[int, ...]:
    """Sizes after an assignment that may reach past the end."""
    sizes = list(shape) + [1] * (len(subscripts) - len(shape))
    for axis, subscript in enumerate(subscripts):
        if isinstance(subscript, slice):
            if count(subscript):
                last = max(range(subscript.start, subscript.stop, subscript.step))
                sizes[axis] = max(sizes[axis], last + 1)
        elif is_known(subscript) and subscript.size:
            sizes[axis] = max(sizes[axis], int(subscript.max()) + 1)
    return tuple(sizes)


def put(target: Raw, value: Raw, subscripts: Sequence[Subscript]) -> Raw:
    """``target`` with ``value`` written to the grid that the subscripts select."""
    if all(isinstance(s, slice) and s.step > 0 for s in subscripts):
        return jnp.asarray(target).at[tuple(subscripts)].set(value)
    grid = np.ix_ if all(is_known(positions(s)) for s in subscripts) else jnp.ix_
    return jnp.asarray(target).at[grid(*(positions(s) for s in subscripts))].set(value)


def fit(value_shape: Sequence[int], wanted: Sequence[int]) -> tuple[int, ...]:
    """The shape in which a right-hand side is broadcast to the ``wanted`` sizes.

    Singleton dimensions do not count, as in MATLAB; a scalar fits everything.
    """
    if math.prod(value_shape) == 1:
        return (1,) * len(wanted)
    if [n for n in value_shape if n != 1] != [n for n in wanted if n != 1]:
        raise FormatError(
            "dlarray: the right-hand side does not fit the subscripts.",
            got={"left": show(tuple(wanted)), "right": show(tuple(value_shape))},
            fix="Assign an array of the selected size, or a scalar.",
        )
    return tuple(wanted)
