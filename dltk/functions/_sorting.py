"""Sorting along a dimension, the largest and smallest elements in order, and whether it is sorted.

Equal elements stay in order. NaN counts as the largest number for `sort` (``MissingPlacement``
says otherwise), and is the last choice of `maxk` and `mink`.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from .._numbers import DOUBLE, Raw
from ..dlarray import apply, dlarray, extractdata, implements
from ._cumulative import split
from ._dimensions import along, dimension, first_dimension, from_axis, handed_back, operand, stored
from ._extrema import refuse_complex
from ._options import outputs, whole, word

ORDERS = ("ascend", "descend")
PLACEMENTS = ("auto", "first", "last")
KINDS = ("ascend", "descend", "monotonic", "strictascend", "strictdescend", "strictmonotonic")


def order_of(x: Raw, axis: int, *, descend: bool, missing: str = "auto") -> Raw:
    """The places that sort ``x`` along an axis; equal elements in the order in which they stand."""
    x = lax.stop_gradient(x)
    order = jnp.argsort(jnp.flip(x, axis) if descend else x, axis, stable=True)
    if descend:
        order = x.shape[axis] - 1 - jnp.flip(order, axis)
    if missing in ("auto", "first" if descend else "last") or x.dtype == bool:
        return order
    is_number = ~jnp.isnan(jnp.take_along_axis(x, order, axis, mode="clip"))
    late = is_number if missing == "first" else ~is_number
    return jnp.take_along_axis(order, jnp.argsort(late, axis, stable=True), axis, mode="clip")


def _sorted(
    name: str, X: Any, dim: Any, nargout: int, *, descend: bool, missing: str, most: int | None
) -> Any:
    """Sorted elements (the first ``most`` of them) and their positions."""
    outputs(name, nargout, (1, 2))

    def run(x: Raw, axis: int) -> tuple[Raw, Raw]:
        refuse_complex(name, x)
        order = lax.slice_in_dim(
            order_of(x, axis, descend=descend, missing=missing), 0, most, 1, axis
        )
        return jnp.take_along_axis(x, order, axis, mode="clip"), order

    value, order = along(name, run, operand(X, name), dim, 2, mix=False)
    if nargout == 1:
        return handed_back(value, X)
    index = apply(name, lambda i: i.astype(DOUBLE) + 1, [order], order.dims, mix=False)
    return handed_back(value, X), handed_back(index, X)


def sort(
    X: Any,
    dim: Any = None,
    direction: str | None = None,
    *,
    MissingPlacement: str = "auto",
    nargout: int = 1,
) -> Any:
    """Sort the elements along a dimension; equal ones stay in order, NaN counts as the largest.

    Args:
        X: A dlarray, or plain numbers (for which the result is plain).
        dim: Dimension number from 1 on. By default the first one whose size is not 1.
        direction: "ascend" (default) or "descend"; may stand in the place of ``dim``.
        MissingPlacement: Where NaN goes: "first", "last", or "auto" (last in ascending order, first
            in descending order).
        nargout: 2 gives the positions too.

    Returns:
        An array with the labels and sizes of ``X``; the derivative goes to where an element came
        from. With ``nargout=2`` also the positions from 1 on in ``X`` along ``dim``, without
        derivative.

    Example:
        >>> Y, I = sort([3.0, 1.0, 2.0], "descend", nargout=2)
        >>> Y.tolist(), I.tolist()
        ([3.0, 2.0, 1.0], [1.0, 3.0, 2.0])

    Source:
        https://www.mathworks.com/help/matlab/ref/sort.html
    """
    missing = word("sort", "MissingPlacement", MissingPlacement, PLACEMENTS)
    dim, descend = split("sort", dim, direction, ORDERS)
    return _sorted("sort", X, dim, nargout, descend=descend, missing=missing, most=None)


@implements(np.sort)
def _numpy_sort(X: dlarray, axis: int = -1) -> dlarray:
    return sort(X, from_axis(X, axis))


def _best(name: str, X: Any, k: Any, dim: Any, nargout: int, *, descend: bool) -> Any:
    (count,) = whole(name, "k", k, least=0)
    Y = operand(X, name)
    axis = first_dimension(Y) if dim is None else dimension(name, dim)
    most = min(count, Y.shape[axis] if axis < Y.ndim else 1)
    return _sorted(name, X, dim, nargout, descend=descend, missing="last", most=most)


def maxk(X: Any, k: Any, dim: Any = None, *, nargout: int = 1) -> Any:
    """The k largest elements along a dimension, the largest first.

    Args:
        X: A dlarray, or plain numbers (for which the result is plain). NaN comes last.
        k: How many; all if there are fewer.
        dim: Dimension number from 1 on. By default the first one whose size is not 1.
        nargout: 2 gives the positions too.

    Returns:
        An array with the labels of ``X`` and size k along ``dim``; the derivative goes to where an
        element came from. With ``nargout=2`` also the positions from 1 on, without derivative.

    Example:
        >>> Y, I = maxk([3.0, 9.0, 5.0], 2, nargout=2)
        >>> Y.tolist(), I.tolist()
        ([9.0, 5.0], [2.0, 3.0])

    Source:
        https://www.mathworks.com/help/matlab/ref/maxk.html
    """
    return _best("maxk", X, k, dim, nargout, descend=True)


def mink(X: Any, k: Any, dim: Any = None, *, nargout: int = 1) -> Any:
    """The k smallest elements along a dimension, the smallest first.

    Args:
        X: A dlarray, or plain numbers (for which the result is plain). NaN comes last.
        k: How many; all if there are fewer.
        dim: Dimension number from 1 on. By default the first one whose size is not 1.
        nargout: 2 gives the positions too.

    Returns:
        An array with the labels of ``X`` and size k along ``dim``; the derivative goes to where an
        element came from. With ``nargout=2`` also the positions from 1 on, without derivative.

    Example:
        >>> mink([3.0, 9.0, 5.0], 2).tolist()
        [3.0, 5.0]

    Source:
        https://www.mathworks.com/help/matlab/ref/mink.html
    """
    return _best("mink", X, k, dim, nargout, descend=False)


def issorted(
    X: Any, dim: Any = None, direction: str | None = None, *, MissingPlacement: str = "auto"
) -> bool:
    """Whether the elements are sorted along a dimension.

    Args:
        X: A dlarray, or plain numbers.
        dim: Dimension number from 1 on. By default the first one whose size is not 1.
        direction: "ascend" (default), "descend", "monotonic" (either of them); "strictascend",
            "strictdescend", "strictmonotonic" (no two elements equal, no NaN). May stand in the
            place of ``dim``.
        MissingPlacement: Where NaN has to be, as for `sort`.

    Returns:
        True or False: along the dimension everywhere.

    Example:
        >>> issorted([1.0, 1.0, 2.0]), issorted([1.0, 1.0, 2.0], "strictascend")
        (True, False)

    Source:
        https://www.mathworks.com/help/matlab/ref/issorted.html
    """
    if isinstance(dim, str):
        dim, direction = None, dim
    kind = word("issorted", "direction", "ascend" if direction is None else direction, KINDS)
    missing = word("issorted", "MissingPlacement", MissingPlacement, PLACEMENTS)
    strict, way = kind.startswith("strict"), kind.removeprefix("strict")

    def run(x: Raw, axis: int) -> Raw:
        refuse_complex("issorted", x)
        good = False
        for descend in {"ascend": (False,), "descend": (True,)}.get(way, (False, True)):
            order = order_of(x, axis, descend=descend, missing=missing)
            now = jnp.all(order == lax.broadcasted_iota(order.dtype, x.shape, axis))
            good = good | now
        if strict:
            early = lax.slice_in_dim(x, 0, -1, axis=axis)
            late = lax.slice_in_dim(x, 1, None, axis=axis)
            good = good & jnp.all(early != late) & ~jnp.any(x != x)
        return jnp.reshape(good, (1, 1))

    Y = operand(X, "issorted")
    axis = first_dimension(Y) if dim is None else dimension("issorted", dim)
    if axis >= Y.ndim or Y.shape[axis] <= 1:
        return not strict or not bool(np.isnan(extractdata(Y)).any())
    place = stored(Y.dims, [axis])[0]
    return bool(apply("issorted", lambda x: run(x, place), [Y], "", mix=False))
