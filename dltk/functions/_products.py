"""Products other than the matrix product: Kronecker, cross and tensor products."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from .. import _labels as labels
from .._errors import FormatError, OptionError
from .._numbers import Raw
from ..dlarray import apply, dlarray, implements
from ._dimensions import dimension, vector, whole
from ._matrices import given_back, is_vector, matrix, unlabelled


def kron(A: Any, B: Any) -> Any:
    """Kronecker product: the block matrix of ``A[i, j] * B``.

    Args:
        A: A matrix without labels, a dlarray or plain.
        B: Likewise.

    Returns:
        An unformatted dlarray (plain for two plain arrays).

    Raises:
        FormatError: Labels, or more than two dimensions.

    Example:
        >>> kron([1.0, 2.0], [1.0, 1.0])
        array([1., 1., 2., 2.])

    Source:
        https://www.mathworks.com/help/matlab/ref/kron.html
    """
    X, Y = matrix("kron", A), matrix("kron", B, "B")
    return given_back(apply("kron", jnp.kron, [X, Y], ""), A, B)


def cross(A: Any, B: Any, dim: Any = None) -> Any:
    """Cross products of vectors with three elements.

    Args:
        A: An array without labels, a dlarray or plain, of size 3 along ``dim``.
        B: Of the same size; two vectors may lie differently (the result is a column then).
        dim: Dimension number from 1 on. By default the first one of size 3.

    Returns:
        An unformatted dlarray of the same size (plain for two plain arrays).

    Raises:
        FormatError: Labels, sizes that differ, or no dimension of size 3.

    Example:
        >>> cross([1.0, 0.0, 0.0], [0.0, 1.0, 0.0])
        array([0., 0., 1.])

    Source:
        https://www.mathworks.com/help/matlab/ref/cross.html
    """
    X, Y = unlabelled("cross", A, "A"), unlabelled("cross", B, "B")
    shape = X.shape
    if X.shape != Y.shape and is_vector(X) and is_vector(Y) and X.size == Y.size:
        shape = (X.size, 1)
    elif X.shape != Y.shape:
        raise FormatError("cross: the sizes of the arrays differ.", got=_both(X, Y))
    axis = dimension("cross", dim) if dim is not None else _three(shape)
    if axis >= len(shape) or shape[axis] != 3:
        raise FormatError(
            "cross: vectors of a cross product have three elements.",
            got=_both(X, Y),
            fix="Give the number of a dimension of size 3.",
        )

    def run(x: Raw, y: Raw) -> Raw:
        return jnp.cross(x.reshape(shape), y.reshape(shape), axis=axis)

    return given_back(apply("cross", run, [X, Y], ""), A, B)


def _three(shape: tuple[int, ...]) -> int:
    return shape.index(3) if 3 in shape else len(shape)


def _both(X: dlarray, Y: dlarray) -> dict[str, str]:
    return {"A": labels.show(X.shape), "B": labels.show(Y.shape)}


def tensorprod(A: Any, B: Any, *dims: Any, NumDimensionsA: int | None = None) -> Any:
    """Tensor product: sums of products over pairs of dimensions, all combinations of the others.

    ``tensorprod(A, B)`` sums over nothing (the outer product), ``tensorprod(A, B, dim)`` over the
    same dimensions of both, ``tensorprod(A, B, dimA, dimB)`` over pairs of dimensions, and
    ``tensorprod(A, B, "all")`` over all (the inner product).

    Args:
        A: An array without labels, a dlarray or plain.
        B: Likewise.
        *dims: Nothing, ``dim``, ``dimA, dimB`` (numbers from 1 on, or several), or "all".
        NumDimensionsA: How many dimensions ``A`` has, counting trailing ones of size 1.

    Returns:
        The other dimensions of ``A``, then those of ``B``; an unformatted dlarray (plain for two
        plain arrays).

    Raises:
        FormatError: Labels, or dimensions of a pair that differ in size.

    Example:
        >>> A, B = np.ones((2, 3, 4)), np.ones((3, 5))
        >>> tensorprod(A, B, 2, 1).shape
        (2, 4, 5)

    Source:
        https://www.mathworks.com/help/matlab/ref/tensorprod.html
    """
    X, Y = unlabelled("tensorprod", A, "A"), unlabelled("tensorprod", B, "B")
    if len(dims) > 2:
        raise OptionError(
            "tensorprod: expected dimensions of A and of B.",
            fix="For example tensorprod(A, B, [1, 2], [2, 1]).",
        )
    pairs = _pairs(X, Y, dims)
    rank = X.ndim if NumDimensionsA is None else whole("tensorprod", NumDimensionsA, "a number")
    rank = max(rank, X.ndim, *(i + 1 for i in pairs[0]), 0)
    shapes = _spread(X.shape, rank), _spread(Y.shape, max(Y.ndim, *(i + 1 for i in pairs[1]), 0))
    if len(pairs[0]) != len(pairs[1]) or any(
        shapes[0][i] != shapes[1][j] for i, j in zip(*pairs, strict=True)
    ):
        raise FormatError(
            "tensorprod: the dimensions to sum over do not fit together.",
            got=_both(X, Y) | {"dimensions": ", ".join(str(d) for d in dims)},
            fix="Each dimension of A needs one of B of the same size.",
        )

    def run(x: Raw, y: Raw) -> Raw:
        product = jnp.tensordot(x.reshape(shapes[0]), y.reshape(shapes[1]), pairs)
        return product.reshape(product.shape + (1,) * (2 - product.ndim))

    return given_back(apply("tensorprod", run, [X, Y], ""), np.zeros((1, 1)), A, B)


def _pairs(X: dlarray, Y: dlarray, dims: tuple[Any, ...]) -> tuple[list[int], list[int]]:
    """The dimensions of A and of B to sum over, counted from 0."""
    if not dims:
        return [], []
    if isinstance(dims[0], str) and dims[0] == "all":
        if X.shape != Y.shape:
            raise FormatError('tensorprod: "all" needs arrays of one size.', got=_both(X, Y))
        return list(range(X.ndim)), list(range(X.ndim))
    first = [dimension("tensorprod", d) for d in vector(dims[0])]
    return first, [dimension("tensorprod", d) for d in vector(dims[-1])]


def _spread(shape: tuple[int, ...], rank: int) -> tuple[int, ...]:
    """Sizes with trailing ones, up to ``rank`` of them."""
    return shape + (1,) * (rank - len(shape))


implements(np.kron)(kron)
