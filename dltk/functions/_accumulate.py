"""Grouping elements by subscripts: `accumarray`."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from .. import _labels as labels
from .._errors import FormatError, OptionError, UnsupportedError
from .._numbers import Raw, is_known
from ..dlarray import apply, dlarray
from ._dimensions import is_empty_list, sizes
from ._matrices import given_back, matrix


def accumarray(ind: Any, data: Any, sz: Any = None, fun: Any = None, fillval: Any = 0) -> Any:
    """Sum (or otherwise combine) the elements that have the same subscripts.

    Args:
        ind: Subscripts from 1 on: a row for each element of ``data``, a column for each dimension
            of the result. A one-dimensional array has a subscript for each element.
        data: A vector without labels, or a scalar that stands for all elements.
        sz: Sizes of the result, such as ``[4, 1]``; by default (or []) the largest subscripts,
            which must be known then.
        fun: How to combine: ``sum`` (default), ``prod``, ``max``, ``min`` or ``mean`` (of dltk, of
            NumPy, Python's own, or as a word).
        fillval: Where there are no elements.

    Returns:
        An array of the sizes ``sz``, a column for one column of subscripts: an unformatted dlarray
        (plain for plain arguments). It has derivatives with respect to ``data``; those of ``max``
        and ``min`` go to the first of equal elements.

    Raises:
        FormatError: Labels, or numbers of elements and subscripts that differ.
        OptionError: Subscripts that are not whole numbers from 1 on, or larger than ``sz``.
        UnsupportedError: Another function.

    Example:
        >>> accumarray([1, 2, 1, 4], [10.0, 20.0, 30.0, 40.0]).tolist()
        [[40.0], [20.0], [0.0], [40.0]]

    Source:
        https://www.mathworks.com/help/matlab/ref/accumarray.html
    """
    combine = _combination(fun)
    V, S = matrix("accumarray", data, "data"), _subscripts(ind, data)
    if 1 not in V.shape and V.size:
        raise FormatError("accumarray: data must be a vector.", got={"data": labels.show(V.shape)})
    if V.size not in (1, S.shape[0]):
        raise FormatError(
            "accumarray: data needs an element for each row of subscripts, or a single one.",
            got={"ind": labels.show(S.shape), "data": labels.show(V.shape)},
        )
    shape, wanted = _sizes(S, sz)
    count = math.prod(shape)

    def run(v: Raw, s: Raw, fill: Raw) -> Raw:
        strides = [math.prod(shape[:axis]) for axis in range(len(shape))]
        group = jnp.zeros(s.shape[0], jnp.int64)
        inside = jnp.ones(s.shape[0], bool)
        for axis, step in enumerate(strides):
            place = jnp.real(s[:, axis]).astype(jnp.int64) - 1
            inside &= (place >= 0) & (place < shape[axis])
            group = group + place * step
        group = jnp.where(inside, group, count)  # what has no place is left out
        v = jnp.broadcast_to(v.reshape(-1), group.shape)
        full = jnp.zeros(count, bool).at[group].set(True, mode="drop")
        result = jnp.where(full, combine(v, group, count), fill.reshape(()))
        return jnp.reshape(result, wanted, order="F")

    result = apply("accumarray", run, [V, S, fillval], "")
    return given_back(result, np.zeros((1, 1)), ind, data, fillval)


def _subscripts(ind: Any, data: Any) -> dlarray:
    """A row for each element."""
    S = matrix("accumarray", ind, "ind")
    single = S.shape[0] == 1 and S.size > 1
    if single and (np.ndim(ind) == 1 or math.prod(np.shape(data)) == S.size):
        S = apply("accumarray", lambda s: s.reshape(-1, 1), [S], "", mix=False)
    if is_known(S._data):
        numbers = np.asarray(S._data)
        if (numbers < 1).any() or (numbers != np.floor(numbers)).any():
            raise OptionError(
                "accumarray: subscripts must be whole numbers from 1 on.",
                got={"smallest": numbers.min()},
                fix="MATLAB counts from 1; add 1 to Python's subscripts.",
            )
    return S


def _sizes(S: dlarray, sz: Any) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Sizes of the dimensions that have subscripts, and of the result."""
    columns = S.shape[1]
    if sz is None or is_empty_list(sz):
        largest = np.asarray(S._data)  # JAX says that values must be known
        shape = tuple(int(n) for n in largest.max(axis=0)) if largest.size else (0,) * columns
        return shape, shape if columns > 1 else (*shape, 1)
    wanted = sizes("accumarray", [sz])
    shape = wanted if columns > 1 else (math.prod(wanted),)
    if len(shape) != columns or (columns == 1 and sum(n != 1 for n in wanted) > 1):
        raise FormatError(
            f"accumarray: {len(wanted)} sizes for {columns} "
            f"subscript{'s' * (columns > 1)} of each element.",
            got={"ind": labels.show(S.shape), "sz": labels.show(wanted)},
            fix="Give a size for each column of ind; for one column [n, 1].",
        )
    if is_known(S._data):
        largest = np.asarray(S._data).max(axis=0, initial=0)
        if any(m > n for m, n in zip(largest, shape, strict=True)):
            raise OptionError(
                "accumarray: a subscript is larger than the size of the result.",
                got={"largest": tuple(int(m) for m in largest), "sz": labels.show(wanted)},
            )
    return shape, wanted


def _combination(fun: Any) -> Callable[[Raw, Raw, int], Raw]:
    name = fun if isinstance(fun, str) else getattr(fun, "__name__", repr(fun))
    if fun is None or (isinstance(fun, (list, tuple)) and not fun):
        name = "sum"
    if name not in COMBINATIONS:
        raise UnsupportedError(
            "accumarray: this function is not available.",
            got={"fun": name},
            fix=f"Available are {', '.join(COMBINATIONS)}.",
        )
    return COMBINATIONS[name]


# Combinations: elements, their groups (``count`` for none) and the number of groups to one element
# for each group. What they give for a group without elements does not matter.


def _sum(v: Raw, group: Raw, count: int) -> Raw:
    return jnp.zeros(count, v.dtype).at[group].add(v, mode="drop")


def _mean(v: Raw, group: Raw, count: int) -> Raw:
    number = _sum(jnp.ones_like(v), group, count)
    return _sum(v, group, count) / jnp.where(number == 0, 1, number)


def _prod(v: Raw, group: Raw, count: int) -> Raw:
    """Running products that start anew at each group; a scatter of products has no derivative."""
    if not v.size:
        return jnp.ones(count, v.dtype)
    order = jnp.argsort(group, stable=True)
    v, group = v[order], group[order]
    starts = jnp.concatenate([jnp.ones(1, bool), group[1:] != group[:-1]])

    def joined(left: tuple[Raw, Raw], right: tuple[Raw, Raw]) -> tuple[Raw, Raw]:
        return left[0] | right[0], jnp.where(right[0], right[1], left[1] * right[1])

    products = lax.associative_scan(joined, (starts, v))[1]
    ends = jnp.concatenate([group[1:] != group[:-1], jnp.ones(1, bool)])
    return jnp.ones(count, v.dtype).at[jnp.where(ends, group, count)].set(products, mode="drop")


def _extreme(sign: int) -> Callable[[Raw, Raw, int], Raw]:
    def extreme(v: Raw, group: Raw, count: int) -> Raw:
        """The first largest (smallest) element; NaN counts only where there is nothing else."""
        if jnp.iscomplexobj(v):
            raise UnsupportedError(
                "accumarray: complex numbers have no order.", fix="Use abs, real or imag first."
            )
        key = sign * lax.stop_gradient(v)
        key = jnp.where(jnp.isnan(key), -jnp.inf, key)
        best = jnp.full(count + 1, -jnp.inf, key.dtype).at[group].max(key)
        number = jnp.arange(v.size)
        winner = jnp.where(key == best[group], number, v.size)
        first = jnp.full(count, v.size).at[group].min(winner, mode="drop")
        return jnp.take(v, first, mode="fill", fill_value=0)

    return extreme


COMBINATIONS = {
    "sum": _sum,
    "prod": _prod,
    "max": _extreme(1),
    "min": _extreme(-1),
    "mean": _mean,
}
