"""Sorting the rows of a matrix."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax.numpy as jnp
from jax import lax

from .. import _labels as labels
from .._errors import FormatError, OptionError, nearest
from .._numbers import DOUBLE, Raw
from ..dlarray import apply
from ._dimensions import handed_back, operand, vector
from ._dimensions import whole as whole_number
from ._extrema import refuse_complex
from ._options import outputs, whole
from ._sorting import ORDERS, order_of

Keys = list[tuple[int, bool]]  # column from 0 on, whether it descends


def _keys(name: str, columns: int, column: Any, direction: Any, usual: str) -> Keys:
    """The columns that decide, the most important one first."""
    if isinstance(column, str) or (
        isinstance(column, (list, tuple)) and column and isinstance(column[0], str)
    ):
        column, direction = None, column
    numbers = (
        [c + 1 for c in range(columns)]
        if column is None
        else [whole_number(name, c, "a column") for c in vector(column)]
    )
    for number in numbers:
        if not 1 <= abs(number) <= columns:
            raise OptionError(f"{name}: there is no column {number}.", got={"columns": columns})
    if direction is None:
        return [(abs(n) - 1, (n < 0) != (usual == "descend")) for n in numbers]
    words = [direction] * len(numbers) if isinstance(direction, str) else list(direction)
    for word in words:
        if word not in ORDERS:
            raise OptionError(f"{name}: {word!r} is not a direction.", fix=nearest(word, ORDERS))
    if len(words) != len(numbers):
        raise OptionError(f"{name}: {len(words)} directions for {len(numbers)} columns.")
    return [(abs(n) - 1, w == "descend") for n, w in zip(numbers, words, strict=True)]


def _by_rows(name: str, X: Any, keys: Keys, most: int | None, missing: str, nargout: int) -> Any:
    outputs(name, nargout, (1, 2))
    Y = operand(X, name)
    there = labels.logical_axes(Y.dims) if Y.dims else (0, 1)
    back = labels.stored_axes(Y.dims) if Y.dims else (0, 1)

    def run(x: Raw) -> tuple[Raw, Raw]:
        refuse_complex(name, x)
        x = x.transpose(there)
        order = jnp.arange(x.shape[0])
        for column, descend in reversed(keys):  # stable, so the last one sorted decides
            key = lax.stop_gradient(x[:, column])[order]
            order = order[order_of(key, 0, descend=descend, missing=missing)]
        order = order[:most]
        return x[order].transpose(back), order[:, None]

    value, order = apply(name, run, [Y], (Y.dims, ""), mix=False)
    if nargout == 1:
        return handed_back(value, X)
    index = apply(name, lambda i: i.astype(DOUBLE) + 1, [order], "", mix=False)
    return handed_back(value, X), handed_back(index, X)


def _matrix(name: str, X: Any) -> int:
    """The number of columns of a matrix."""
    Y = operand(X, name)
    if Y.ndim != 2:
        raise FormatError(f"{name}: X must be a matrix.", got={"X": labels.show(Y.shape, Y.dims)})
    return Y.shape[1]


def sortrows(
    X: Any, column: Any = None, direction: str | Sequence[str] | None = None, *, nargout: int = 1
) -> Any:
    """Sort the rows of a matrix by their first elements, then their second ones, and so on.

    Args:
        X: A matrix: a dlarray, or plain numbers (for which the result is plain).
        column: The columns (from 1 on) to sort by, the most important one first; a negative number
            sorts in descending order. By default all columns.
        direction: "ascend" or "descend", or one of them for each column; may stand in the place of
            ``column``.
        nargout: 2 gives the positions of the rows too.

    Returns:
        An array like ``X``; with ``nargout=2`` also a column of positions from 1 on.

    Example:
        >>> sortrows([[2.0, 1.0], [1.0, 9.0], [1.0, 5.0]]).tolist()
        [[1.0, 5.0], [1.0, 9.0], [2.0, 1.0]]

    Source:
        https://www.mathworks.com/help/matlab/ref/double.sortrows.html
    """
    keys = _keys("sortrows", _matrix("sortrows", X), column, direction, "ascend")
    return _by_rows("sortrows", X, keys, None, "auto", nargout)


def topkrows(
    X: Any,
    k: Any,
    column: Any = None,
    direction: str | Sequence[str] | None = None,
    *,
    nargout: int = 1,
) -> Any:
    """The first k rows of a matrix whose rows are sorted in descending order.

    Args:
        X: A matrix: a dlarray, or plain numbers (for which the result is plain).
        k: How many rows; all if there are fewer.
        column: The columns (from 1 on) to sort by, the most important one first. By default all.
        direction: "descend" (default) or "ascend", or one of them for each column; may stand in the
            place of ``column``.
        nargout: 2 gives the positions of the rows too.

    Returns:
        A matrix with the columns of ``X``; with ``nargout=2`` also a column of positions from 1 on.

    Example:
        >>> topkrows([[2.0, 1.0], [1.0, 9.0], [2.0, 5.0]], 2).tolist()
        [[2.0, 5.0], [2.0, 1.0]]

    Source:
        https://www.mathworks.com/help/matlab/ref/topkrows.html
    """
    (count,) = whole("topkrows", "k", k, least=0)
    keys = _keys("topkrows", _matrix("topkrows", X), column, direction, "descend")
    return _by_rows("topkrows", X, keys, count, "last", nargout)
