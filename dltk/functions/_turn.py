"""Matrices turned and mirrored."""

from __future__ import annotations

from typing import Any

import numpy as np

from .. import _labels as labels
from .._errors import FormatError
from .._numbers import Raw
from ..dlarray import implements
from ._dimensions import whole
from ._repeat import flipped
from ._shape import format_of, move, rank_of, shown
from ._size import sizes_of


def fliplr(X: Any) -> Any:
    """Reverse the order of the columns.

    Args:
        X: A dlarray, or a plain array (for which the result is plain).

    Returns:
        An array with the labels of ``X``.

    Example:
        >>> fliplr(np.array([[1, 2], [3, 4]]))
        array([[2, 1],
               [4, 3]])

    Source:
        https://www.mathworks.com/help/matlab/ref/fliplr.html
    """
    return flipped("fliplr", X, 2)


def flipud(X: Any) -> Any:
    """Reverse the order of the rows.

    Args:
        X: A dlarray, or a plain array (for which the result is plain).

    Returns:
        An array with the labels of ``X``.

    Example:
        >>> flipud(np.array([[1, 2], [3, 4]]))
        array([[3, 4],
               [1, 2]])

    Source:
        https://www.mathworks.com/help/matlab/ref/flipud.html
    """
    return flipped("flipud", X, 1)


def rot90(X: Any, k: Any = 1) -> Any:
    """Turn a matrix (or each page) counterclockwise by ``k`` quarter turns.

    Args:
        X: A dlarray, or a plain array (for which the result is plain). With labels only half turns
            are possible, unless the first two labels are "U".
        k: Number of quarter turns, negative for clockwise.

    Returns:
        An array with the labels of ``X``.

    Raises:
        FormatError: Labelled dimensions would change places.

    Example:
        >>> rot90(np.array([[1, 2], [3, 4]]))
        array([[2, 4],
               [1, 3]])

    Source:
        https://www.mathworks.com/help/matlab/ref/rot90.html
    """
    turns, fmt = whole("rot90", k, "the number of quarter turns") % 4, format_of(X)
    if turns % 2 and fmt and fmt[:2] != "UU":
        raise FormatError(
            "rot90: a quarter turn would exchange labelled dimensions.",
            got={"X": shown(X)},
            fix="Remove the labels first: rot90(stripdims(X)).",
        )
    rows, columns = (labels.logical_axes(fmt)[:2] if fmt else (0, 1)) if turns else (0, 1)

    def run(xp: Any, x: Raw) -> Raw:
        return xp.rot90(x, turns, (rows, columns))

    rank = rank_of(X) if turns % 2 == 0 else 2
    return move("rot90", run, X, fmt, rank) if len(sizes_of(X)) else X


implements(np.fliplr)(fliplr)
implements(np.flipud)(flipud)
