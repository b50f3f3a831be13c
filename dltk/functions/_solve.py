"""Systems of linear equations, inverses."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.scipy.linalg import solve_triangular

from .. import _labels as labels
from .._errors import FormatError
from .._numbers import Raw
from ..dlarray import apply, implements
from ._align import broadcast
from ._matrices import given_back, hermitian, is_scalar, matrix


def mldivide(A: Any, B: Any) -> Any:
    r"""The solution X of the linear equations ``A @ X == B`` (MATLAB's ``A \ B``).

    With more equations than unknowns the one of least squares; with fewer a basic solution, which
    has at most as many nonzero rows as there are equations (columns of ``A`` are chosen as a QR
    decomposition with pivoting chooses them).

    Args:
        A: A matrix of full rank without labels, or a scalar, by which ``B`` is divided.
        B: A matrix with as many rows (a one-dimensional array is a row); with a scalar ``A`` any
            array, whose labels stay.

    Returns:
        An unformatted dlarray (plain for two plain arrays). A square matrix without an inverse
        gives Inf or NaN.

    Raises:
        FormatError: Labels, or different numbers of rows.

    Example:
        >>> mldivide([[2.0, 0.0], [0.0, 4.0]], [[2.0], [2.0]])
        array([[1. ],
               [0.5]])

    Source:
        https://www.mathworks.com/help/matlab/ref/mldivide.html
    """
    if is_scalar(A):
        return broadcast("mldivide", lambda a, b: b / a, A, B)
    X, Y = matrix("mldivide", A), matrix("mldivide", B, "B")
    if X.shape[0] != Y.shape[0]:
        raise FormatError(
            "mldivide: A and B have different numbers of rows.",
            got={"A": labels.show(X.shape), "B": labels.show(Y.shape)},
            fix="A one-dimensional array is a row; write a column as [[1.0], [2.0]].",
        )
    return given_back(apply("mldivide", solved, [X, Y], ""), A, B)


def mrdivide(A: Any, B: Any) -> Any:
    """The solution X of the linear equations ``X @ B == A`` (MATLAB's ``A / B``).

    Args:
        A: A matrix without labels; with a scalar ``B`` any array, whose labels stay.
        B: A matrix of full rank with as many columns, or a scalar, by which ``A`` is divided.

    Returns:
        An unformatted dlarray (plain for two plain arrays); see `mldivide`.

    Raises:
        FormatError: Labels, or different numbers of columns.

    Example:
        >>> mrdivide(np.array([[2.0, 2.0]]), [[2.0, 0.0], [0.0, 4.0]])
        array([[1. , 0.5]])

    Source:
        https://www.mathworks.com/help/matlab/ref/mrdivide.html
    """
    if is_scalar(B):
        return broadcast("mrdivide", jnp.divide, A, B)
    X, Y = matrix("mrdivide", A), matrix("mrdivide", B, "B")
    if X.shape[1] != Y.shape[1]:
        raise FormatError(
            "mrdivide: A and B have different numbers of columns.",
            got={"A": labels.show(X.shape), "B": labels.show(Y.shape)},
            fix="For division element by element use rdivide (A / B in Python).",
        )
    result = apply("mrdivide", lambda a, b: solved(b.T, a.T).T, [X, Y], "")
    return given_back(result, A, B)


def solved(a: Raw, b: Raw) -> Raw:
    """The solution x of ``a @ x == b``."""
    rows, columns = a.shape
    if 0 in (rows, columns, b.shape[1]):
        return jnp.zeros((columns, b.shape[1]), a.dtype)
    if rows == columns:
        return jnp.linalg.solve(a, b)
    if rows > columns:
        q, r = jnp.linalg.qr(a)
        return solve_triangular(r, hermitian(q) @ b)
    basis = _pivots(lax.stop_gradient(a))
    part = jnp.linalg.solve(jnp.take(a, basis, axis=1), b)
    return jnp.zeros((columns, b.shape[1]), part.dtype).at[basis].set(part)


def _pivots(a: Raw) -> Raw:
    """As many columns as there are rows, each the longest one left when those before are removed.

    The rule of LAPACK's geqp3, which MATLAB follows.
    """

    def step(k: Raw, carry: tuple[Raw, Raw]) -> tuple[Raw, Raw]:
        rest, chosen = carry
        lengths = jnp.sum(jnp.real(rest * jnp.conj(rest)), axis=0)
        longest = jnp.argmax(lengths.at[chosen].set(-1.0, mode="drop"))
        column = jnp.take(rest, longest, axis=1)
        column = column / jnp.sqrt(jnp.take(lengths, longest))
        along = jnp.conj(column) @ rest
        return rest - jnp.outer(column, along), chosen.at[k].set(longest)

    rows, columns = a.shape
    none = jnp.full(rows, columns, jnp.int64)  # an index out of range: nothing chosen yet
    return lax.fori_loop(0, rows, step, (a, none))[1]


def inv(A: Any) -> Any:
    """Inverse of a square matrix; `mldivide` solves equations faster and more precisely.

    Args:
        A: A square matrix without labels.

    Returns:
        An unformatted dlarray (plain for a plain array), of Inf or NaN if there is no inverse.

    Raises:
        FormatError: Labels, or a matrix that is not square.

    Example:
        >>> inv([[2.0, 0.0], [0.0, 4.0]])
        array([[0.5 , 0.  ],
               [0.  , 0.25]])

    Source:
        https://www.mathworks.com/help/matlab/ref/inv.html
    """
    X = matrix("inv", A, square=True)
    if not X.size:
        return given_back(X, A)
    return given_back(apply("inv", jnp.linalg.inv, [X], ""), A)


def pinv(A: Any, tol: Any = None) -> Any:
    """Moore-Penrose pseudoinverse of a matrix.

    Args:
        A: A matrix without labels.
        tol: Singular values up to ``tol`` count as 0. By default the largest one times the larger
            size of ``A`` times the precision of the number type.

    Returns:
        An unformatted dlarray (plain for a plain array). The derivative is that at constant rank.

    Raises:
        FormatError: Labels.

    Example:
        >>> pinv([[2.0, 0.0], [0.0, 0.0], [0.0, 0.0]])
        array([[0.5, 0. , 0. ],
               [0. , 0. , 0. ]])

    Source:
        https://www.mathworks.com/help/matlab/ref/pinv.html
    """
    X = matrix("pinv", A)
    if not X.size:
        return given_back(apply("pinv", lambda a: a.T, [X], ""), A)
    limit = -1.0 if tol is None else tol
    return given_back(apply("pinv", lambda a, t: _pseudo(a, t.reshape(())), [X, limit], ""), A)


@jax.custom_jvp
def _pseudo(a: Raw, limit: Raw) -> Raw:
    """The pseudoinverse; a negative limit stands for the default one."""
    u, s, vh = jnp.linalg.svd(a, full_matrices=False)
    default = max(a.shape) * s[0] * jnp.finfo(s.dtype).eps
    limit = jnp.real(limit)
    keep = s > jnp.where(limit < 0, default, limit)
    inverse = jnp.where(keep, 1 / jnp.where(keep, s, 1), 0)
    return (hermitian(vh) * inverse[None, :]) @ hermitian(u)


@_pseudo.defjvp
def _pseudo_jvp(primals: tuple[Raw, Raw], tangents: tuple[Raw, Raw]) -> tuple[Raw, Raw]:
    """Golub and Pereyra, SIAM Journal on Numerical Analysis 10 (2), 1973, equation 4.12."""
    a, change = primals[0], tangents[0]
    p = _pseudo(*primals)
    back = hermitian(change)
    outside = back - back @ a @ p  # what leaves the column space
    inside = back - p @ a @ back
    return p, -p @ change @ p + p @ hermitian(p) @ outside + inside @ hermitian(p) @ p


implements(np.linalg.inv)(inv)
implements(np.linalg.pinv)(pinv)
