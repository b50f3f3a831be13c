"""Questions about sizes, and whether two values are equal. Labels count as dimensions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .. import _labels as labels
from .._numbers import is_known
from .._struct import items, struct
from .._table import table
from ..dlarray import dlarray, extractdata, implements
from ._dimensions import dimension, vector


def sizes_of(X: Any) -> tuple[int, ...]:
    """Sizes of anything: a number is 1 x 1, a vector or list a row."""
    if isinstance(X, dlarray):
        return X.shape
    if isinstance(X, table):
        return (len(X), 3)
    if isinstance(X, (str, Mapping, struct)):
        return (1, 1)
    if isinstance(X, (list, tuple)) and (not X or any(_is_item(x) for x in X)):
        return (1, len(X)) if X else (0, 0)
    return labels.trimmed_shape("", np.shape(X))


def _is_item(x: Any) -> bool:
    """Whether a list that holds this is a list of things, not an array written down."""
    return not isinstance(x, (bool, int, float, complex, np.generic, list, tuple))


def size(X: Any, *dim: Any) -> Any:
    """Sizes of an array; trailing dimensions of size 1 count if they have a label.

    Args:
        X: A dlarray, an array, or anything with a shape. A number is 1 x 1, a one-dimensional array
            a row.
        *dim: Dimension numbers from 1 on, one by one or as a vector such as ``finddim(X, "S")``.
            A dimension beyond the last has size 1.

    Returns:
        All sizes as a tuple; one size as an int for one dimension; a tuple for several.

    Example:
        >>> X = dlarray(np.zeros((28, 28, 1, 128)), "SSCB")
        >>> size(X), size(X, 4), size(X, [1, 2]), size(X, 7)
        ((28, 28, 1, 128), 128, (28, 28), 1)

    Source:
        https://www.mathworks.com/help/matlab/ref/size.html
    """
    shape = sizes_of(X)
    if not dim:
        return shape
    single = len(dim) == 1 and (
        dim[0].size == 1 if isinstance(dim[0], dlarray) else np.ndim(dim[0]) == 0
    )
    axes = [dimension("size", d) for given in dim for d in vector(given)]
    found = tuple(shape[axis] if axis < len(shape) else 1 for axis in axes)
    return found[0] if single else found


def ndims(X: Any) -> int:
    """Number of dimensions, at least 2; labels count.

    Example:
        >>> ndims(dlarray(np.zeros((28, 28)), "SSCB")), ndims(5)
        (4, 2)

    Source:
        https://www.mathworks.com/help/matlab/ref/ndims.html
    """
    return len(sizes_of(X))


def numel(X: Any) -> int:
    """Number of elements.

    Example:
        >>> numel(dlarray(np.zeros((3, 4)), "CB"))
        12

    Source:
        https://www.mathworks.com/help/matlab/ref/numel.html
    """
    return math.prod(sizes_of(X))


def length(X: Any) -> int:
    """The largest size, or 0 for an empty array.

    Example:
        >>> length(dlarray(np.zeros((3, 40)), "CB")), length([])
        (40, 0)

    Source:
        https://www.mathworks.com/help/matlab/ref/length.html
    """
    shape = sizes_of(X)
    return 0 if 0 in shape else max(shape)


def height(X: Any) -> int:
    """Size of the first dimension.

    Example:
        >>> height(dlarray(np.zeros((3, 40)), "CB"))
        3

    Source:
        https://www.mathworks.com/help/matlab/ref/height.html
    """
    return sizes_of(X)[0]


def width(X: Any) -> int:
    """Size of the second dimension.

    Example:
        >>> width(dlarray(np.zeros((3, 40)), "CB"))
        40

    Source:
        https://www.mathworks.com/help/matlab/ref/width.html
    """
    return sizes_of(X)[1]


def isempty(X: Any) -> bool:
    """Whether an array has no elements.

    Example:
        >>> isempty([]), isempty(dlarray(np.zeros((3, 0)), "CB")), isempty(0)
        (True, True, False)

    Source:
        https://www.mathworks.com/help/matlab/ref/isempty.html
    """
    return X is None or numel(X) == 0


def iscolumn(X: Any) -> bool:
    """Whether every dimension except the first has size 1.

    Example:
        >>> iscolumn(dlarray([1, 2, 3], "C")), iscolumn([1, 2, 3])
        (True, False)

    Source:
        https://www.mathworks.com/help/matlab/ref/iscolumn.html
    """
    return all(n == 1 for n in sizes_of(X)[1:])


def isrow(X: Any) -> bool:
    """Whether every dimension except the second has size 1.

    Example:
        >>> isrow(dlarray([1, 2, 3], "C")), isrow([1, 2, 3])
        (False, True)

    Source:
        https://www.mathworks.com/help/matlab/ref/isrow.html
    """
    shape = sizes_of(X)
    return all(n == 1 for n in (shape[0], *shape[2:]))


def isvector(X: Any) -> bool:
    """Whether an array is a row or a column.

    Example:
        >>> isvector(dlarray([1, 2, 3], "C")), isvector([[1, 2], [3, 4]])
        (True, False)

    Source:
        https://www.mathworks.com/help/matlab/ref/isvector.html
    """
    return iscolumn(X) or isrow(X)


def isscalar(X: Any) -> bool:
    """Whether all dimensions have size 1.

    Example:
        >>> isscalar(dlarray(np.ones((1, 1)), "CB")), isscalar([1, 2])
        (True, False)

    Source:
        https://www.mathworks.com/help/matlab/ref/isscalar.html
    """
    return all(n == 1 for n in sizes_of(X))


def ismatrix(X: Any) -> bool:
    """Whether all dimensions from the third on have size 1.

    Example:
        >>> ismatrix(dlarray(np.ones((3, 4)), "SCB")), ismatrix(np.ones((2, 3, 4)))
        (True, False)

    Source:
        https://www.mathworks.com/help/matlab/ref/ismatrix.html
    """
    return all(n == 1 for n in sizes_of(X)[2:])


def isequal(A: Any, B: Any) -> bool:
    """Whether two values are equal: sizes, labels and all elements (number types do not count).

    Args:
        A: A dlarray, an array, or a struct, dict, list or tuple of such.
        B: Likewise. An unformatted dlarray can equal a plain array.

    Returns:
        Whether they are equal; NaN equals nothing.

    Example:
        >>> X = dlarray([[1.0, 2.0]], "CB")
        >>> isequal(X, dlarray([[1.0, 2.0]], "CB")), isequal(X, dlarray([[1.0, 2.0]], "CT"))
        (True, False)

    Source:
        https://www.mathworks.com/help/matlab/ref/isequal.html
    """
    return _equal(A, B, nan=False)


def isequaln(A: Any, B: Any) -> bool:
    """Like `isequal`, but NaN equals NaN.

    Example:
        >>> isequaln([1.0, np.nan], [1.0, np.nan]), isequal([1.0, np.nan], [1.0, np.nan])
        (True, False)

    Source:
        https://www.mathworks.com/help/matlab/ref/isequaln.html
    """
    return _equal(A, B, nan=True)


def _equal(A: Any, B: Any, *, nan: bool) -> bool:
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


implements(np.shape)(size)
implements(np.ndim)(ndims)


@implements(np.size)
def _numpy_size(X: dlarray, axis: int | None = None) -> int:
    return numel(X) if axis is None else X.shape[axis]
