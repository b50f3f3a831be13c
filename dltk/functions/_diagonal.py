"""Parts of matrices and matrices of parts: diagonals, triangles, blocks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np

from .._numbers import Raw
from ..dlarray import apply, dlarray, implements
from ._dimensions import whole
from ._matrices import given_back, matrix
from ._shape import move, rank_of
from ._size import sizes_of

REFERENCE = "https://www.mathworks.com/help/matlab/ref/{}.html"


def _checked(name: str, X: Any) -> Any:
    """A matrix without labels; a plain one as it is (of any number type)."""
    matrix(name, X if isinstance(X, dlarray) else np.broadcast_to(np.False_, sizes_of(X)), "X")
    return X


def diag(X: Any, k: Any = 0) -> Any:
    """The diagonal of a matrix as a column; of a vector the matrix that has it as diagonal.

    Args:
        X: A matrix or vector without labels, a dlarray or plain (for which the result is plain).
        k: Which diagonal: 0 the main one, positive above it, negative below.

    Returns:
        An array of the same kind and number type.

    Raises:
        FormatError: Labels.

    Example:
        >>> diag([1.0, 2.0])
        array([[1., 0.],
               [0., 2.]])
        >>> diag(np.array([[1.0, 2.0], [3.0, 4.0]]), 1)
        array([[2.]])

    Source:
        https://www.mathworks.com/help/matlab/ref/diag.html
    """
    k = whole("diag", k, "the number of a diagonal")
    shape = sizes_of(_checked("diag", X))
    if len(shape) == 2 and 1 in shape:
        return move("diag", lambda xp, x: xp.diag(x.reshape(-1), k), X)
    return move("diag", lambda xp, x: xp.diagonal(x, k)[:, None], X)


def _triangle(name: str, side: str, rest: str, x: str) -> Callable[..., Any]:
    """A public function that keeps one triangle; ``name`` is NumPy's name of it as well."""

    def triangle(X: Any, k: Any = 0) -> Any:
        k = whole(name, k, "the number of a diagonal")
        return move(
            name, lambda xp, x: getattr(xp, name)(x, k), _checked(name, X), "", max(2, rank_of(X))
        )

    triangle.__name__ = triangle.__qualname__ = name
    triangle.__module__ = __name__
    triangle.__doc__ = f"""The {side} triangle of a matrix, zeros {rest} it.

    Args:
        X: A matrix without labels, a dlarray or plain (for which the result is plain).
        k: The last diagonal to keep: 0 the main one, positive above it, negative below.

    Returns:
        An array of the same kind, size and number type.

    Raises:
        FormatError: Labels.

    Example:
        >>> {name}(np.array([[1.0, 2.0], [3.0, 4.0]]))
        {x}

    Source:
        {REFERENCE.format(name)}
    """
    return implements(getattr(np, name))(triangle)


triu = _triangle("triu", "upper", "below", "array([[1., 2.],\n               [0., 4.]])")
tril = _triangle("tril", "lower", "above", "array([[1., 0.],\n               [3., 4.]])")


def blkdiag(*A: Any) -> Any:
    """Matrices along the diagonal of a larger one, zeros elsewhere.

    Args:
        *A: Matrices without labels, dlarrays or plain.

    Returns:
        An unformatted dlarray (plain for plain matrices).

    Raises:
        FormatError: Labels.

    Example:
        >>> blkdiag([[1.0, 2.0]], 3.0)
        array([[1., 2., 0.],
               [0., 0., 3.]])

    Source:
        https://www.mathworks.com/help/matlab/ref/blkdiag.html
    """
    if not A:
        return np.zeros((0, 0))
    blocks = [matrix("blkdiag", X, f"matrix {i + 1}") for i, X in enumerate(A)]

    def run(*values: Raw) -> Raw:
        rows, columns = (sum(v.shape[axis] for v in values) for axis in (0, 1))
        whole = jnp.zeros((rows, columns), values[0].dtype)
        row = column = 0
        for v in values:
            whole = whole.at[row : row + v.shape[0], column : column + v.shape[1]].set(v)
            row, column = row + v.shape[0], column + v.shape[1]
        return whole

    result = apply("blkdiag", run, blocks, "")
    return given_back(result, np.zeros((1, 1)), *A)
