"""Questions about sizes, and whether two values are equal. Labels count as dimensions."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

from .. import _labels as labels
from .._errors import OptionError
from .._struct import struct
from .._table import table
from ..dlarray import dlarray, implements
from ._dimensions import dimension, vector, whole


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


def size(X: Any, *dim: Any, nargout: int | None = None) -> Any:
    """Sizes of an array; trailing dimensions of size 1 count if they have a label.

    Args:
        X: A dlarray, an array, or anything with a shape. A number is 1 x 1, a one-dimensional array
            a row.
        *dim: Dimension numbers from 1 on, one by one or as a vector such as ``finddim(X, "S")``.
            A dimension beyond the last has size 1.
        nargout: With ``nargout=2`` or more and no ``dim``, that many sizes: 1 beyond the last
            dimension, the last one multiplied by all further ones.

    Returns:
        All sizes as a tuple; one size as an int for one dimension; a tuple for several.

    Example:
        >>> X = dlarray(np.zeros((28, 28, 1, 128)), "SSCB")
        >>> size(X), size(X, 4), size(X, [1, 2]), size(X, 7)
        ((28, 28, 1, 128), 128, (28, 28), 1)
        >>> rows, others = size(X, nargout=2)
        >>> rows, others
        (28, 3584)

    Source:
        https://www.mathworks.com/help/matlab/ref/size.html
    """
    shape = sizes_of(X)
    if not dim:
        return shape if nargout in (None, 1) else _merged(shape, nargout)
    single = len(dim) == 1 and (
        dim[0].size == 1 if isinstance(dim[0], dlarray) else np.ndim(dim[0]) == 0
    )
    axes = [dimension("size", d) for given in dim for d in vector(given)]
    found = tuple(shape[axis] if axis < len(shape) else 1 for axis in axes)
    if nargout not in (None, 1, len(found)):
        raise OptionError(
            f"size: nargout={nargout} for {len(found)} dimensions.",
            fix="Ask for one output per dimension, or leave nargout out.",
        )
    return found[0] if single else found


def _merged(shape: tuple[int, ...], count: Any) -> tuple[int, ...]:
    """MATLAB's [a, b, ...] = size(X)."""
    number = whole("size", count, "nargout")
    if number < 1:
        raise OptionError("size: nargout must be positive.", got={"nargout": number})
    full = shape + (1,) * (number - len(shape))
    return (*full[: number - 1], math.prod(full[number - 1 :]))


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


implements(np.shape)(size)
implements(np.ndim)(ndims)


@implements(np.size)
def _numpy_size(X: dlarray, axis: int | None = None) -> int:
    return numel(X) if axis is None else X.shape[axis]
