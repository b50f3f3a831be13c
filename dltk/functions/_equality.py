"""Whether values are equal, labels and all."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .._numbers import is_known
from .._struct import items, struct
from .._table import table
from ..dlarray import dlarray, extractdata
from ._size import sizes_of


def isequal(A: Any, B: Any, *more: Any) -> bool:
    """Whether values are equal: sizes, labels and all elements (number types do not count).

    Args:
        A: A dlarray, an array, a dlnetwork, or a struct, dict, list or tuple of such.
        B: Likewise. An unformatted dlarray can equal a plain array.
        *more: Further values, all of which must be equal.

    Returns:
        Whether they are equal; NaN equals nothing.

    Example:
        >>> X = dlarray([[1.0, 2.0]], "CB")
        >>> isequal(X, dlarray([[1.0, 2.0]], "CB")), isequal(X, dlarray([[1.0, 2.0]], "CT"))
        (True, False)

    Source:
        https://www.mathworks.com/help/matlab/ref/isequal.html
    """
    return all(_equal(A, other, nan=False) for other in (B, *more))


def isequaln(A: Any, B: Any, *more: Any) -> bool:
    """Like `isequal`, but NaN equals NaN.

    Example:
        >>> isequaln([1.0, np.nan], [1.0, np.nan]), isequal([1.0, np.nan], [1.0, np.nan])
        (True, False)

    Source:
        https://www.mathworks.com/help/matlab/ref/isequaln.html
    """
    return all(_equal(A, other, nan=True) for other in (B, *more))


def _equal(A: Any, B: Any, *, nan: bool) -> bool:
    if hasattr(A, "_compared") and type(A) is type(B):  # networks
        (a, values), (b, others) = A._compared(), B._compared()
        return _equal(a, b, nan=True) and _equal(values, others, nan=nan)
    if isinstance(A, (Mapping, struct)) and isinstance(B, (Mapping, struct)):
        a, b = dict(items(A)), dict(items(B))
        return a.keys() == b.keys() and all(_equal(a[k], b[k], nan=nan) for k in a)
    if isinstance(A, (list, tuple)) and isinstance(B, (list, tuple)) and (A and B):
        return len(A) == len(B) and all(_equal(a, b, nan=nan) for a, b in zip(A, B, strict=True))
    if not all(isinstance(x, dlarray) or _numeric(x) for x in (A, B)):
        return type(A) is type(B) and bool(np.all(A == B))
    if getattr(A, "dims", "") != getattr(B, "dims", "") or sizes_of(A) != sizes_of(B):
        return False
    a, b = (extractdata(x) for x in (A, B))
    if is_known(a) and is_known(b):
        return bool(_all_equal(np.ravel(a), np.ravel(b), nan=nan))
    with jax.enable_x64(True):  # JAX says that the values must be known
        return bool(_all_equal(jnp.ravel(a), jnp.ravel(b), nan=nan))


def _all_equal(a: Any, b: Any, *, nan: bool) -> Any:
    return ((a == b) | ((a != a) & (b != b)) if nan else a == b).all()


def _numeric(x: Any) -> bool:
    if isinstance(x, (Mapping, struct, str, table)) or x is None:
        return False
    dtype = x.dtype if isinstance(x, jax.Array) else np.asarray(x).dtype
    return dtype.kind in "biufc"
