"""Singular values and eigenvalues of matrices, and their vectors."""

from __future__ import annotations

from typing import Any, Literal

import jax.numpy as jnp
import numpy as np
from jax import lax

from .. import _labels as labels
from .._errors import UnsupportedError
from .._numbers import Raw, is_known
from .._tape import is_live
from ..dlarray import apply, dlarray
from ._factor import economy
from ._matrices import given_back, hermitian, matrix
from ._options import outputs, word


def svd(A: Any, outputForm: Any = None, *, nargout: int = 1) -> Any:
    """Singular values of a matrix; with their vectors ``A == U * S * V'``.

    Args:
        A: An m x n matrix without labels.
        outputForm: "econ" (or 0 if m > n) for no more columns of U and V than singular values.
        nargout: 1 for the singular values, 3 for U, S and V.

    Returns:
        The singular values as a column, largest first; with ``nargout=3`` U of size m x m, the
        diagonal matrix S, V of size n x n. Unformatted dlarrays (plain for a plain array).
        Derivatives of U and V need singular values that all differ.

    Raises:
        FormatError: Labels.
        UnsupportedError: All of U and V of a traced matrix that is not square: the columns beyond
            the singular values are arbitrary.

    Example:
        >>> svd(np.array([[3.0, 0.0], [0.0, -4.0]]))
        array([[4.],
               [3.]])

    Source:
        https://www.mathworks.com/help/matlab/ref/svd.html
    """
    outputs("svd", nargout, (1, 3))
    X = matrix("svd", A)
    thin = economy("svd", outputForm) and (outputForm == "econ" or X.shape[0] > X.shape[1])
    if nargout == 1:

        def values(a: Raw) -> Raw:
            return jnp.linalg.svd(a, compute_uv=False)[:, None]

        return given_back(apply("svd", values, [X], ""), A)
    if not thin and X.shape[0] != X.shape[1] and is_live(X._variable):
        raise UnsupportedError(
            "svd: all of U and V of a matrix that is not square have no derivative.",
            got={"A": labels.show(X.shape)},
            fix='Use svd(A, "econ", nargout=3), or extractdata(A) to do without derivative.',
        )

    def run(a: Raw) -> tuple[Raw, Raw, Raw]:
        u, s, vh = jnp.linalg.svd(a, full_matrices=not thin)
        rows, columns = u.shape[1], vh.shape[0]
        middle = jnp.zeros((rows, columns), s.dtype)
        return u, middle.at[jnp.arange(s.size), jnp.arange(s.size)].set(s), hermitian(vh)

    return tuple(given_back(Y, A) for Y in apply("svd", run, [X], ("", "", "")))


def eig(A: Any, outputForm: Literal["vector", "matrix"] | None = None, *, nargout: int = 1) -> Any:
    """Eigenvalues of a matrix; with their vectors ``A * V == V * D``.

    Args:
        A: A square matrix without labels. A Hermitian one (up to rounding) has derivatives and may
            stand in a compiled function. Any other one must not be traced, and its values must be
            known; in a compiled function its eigenvalues are NaN.
        outputForm: "vector" gives the eigenvalues as a column, "matrix" as a diagonal matrix. By
            default they are a column for one output, a matrix for two.
        nargout: 1 for the eigenvalues D, 2 for the vectors V (columns of length 1) and D.

    Returns:
        Unformatted dlarrays (plain for a plain array). Eigenvalues of a Hermitian matrix are real
        and ascend; its vectors have derivatives where all eigenvalues differ.

    Raises:
        FormatError: Labels, or a matrix that is not square.
        UnsupportedError: A traced matrix that is not Hermitian.

    Example:
        >>> eig([[2.0, 1.0], [1.0, 2.0]])
        array([[1.],
               [3.]])

    Source:
        https://www.mathworks.com/help/matlab/ref/eig.html
    """
    outputs("eig", nargout, (1, 2))
    form = outputForm or ("vector" if nargout == 1 else "matrix")
    form = word("eig", "outputForm", form, ["vector", "matrix"])
    X = matrix("eig", A, square=True)
    if is_known(X._data) and not _is_hermitian(np.asarray(X._data)):
        V, D = _general(X)
    else:
        V, D = _hermitian_eig(X, nargout)
    if form == "matrix":
        D = apply("eig", lambda d: jnp.diag(d.reshape(-1)), [D], "")
    return given_back(D, A) if nargout == 1 else (given_back(V, A), given_back(D, A))


def _hermitian_eig(X: dlarray, nargout: int) -> tuple[dlarray, dlarray]:
    """Vectors (without use for one output) and eigenvalues."""

    def run(a: Raw) -> tuple[Raw, Raw]:
        fits = _is_hermitian(a)
        values, vectors = jnp.linalg.eigh((a + hermitian(a)) / 2)
        if nargout == 1:
            vectors = lax.stop_gradient(vectors)  # their derivative may be infinite
        return jnp.where(fits, vectors, jnp.nan), jnp.where(fits, values, jnp.nan)[:, None]

    return apply("eig", run, [X], ("", ""))


def _is_hermitian(a: Raw) -> Raw:
    """Whether a matrix is Hermitian up to rounding."""
    xp = np if isinstance(a, np.ndarray) else jnp
    if not a.size:
        return True
    a = lax.stop_gradient(a) if xp is jnp else a * 1.0
    limit = 10 * a.shape[0] * float(np.finfo(a.dtype).eps) * xp.max(xp.abs(a))
    return ~xp.any(xp.abs(a - xp.conj(a.T)) > limit)


def _general(X: dlarray) -> tuple[dlarray, dlarray]:
    """Vectors and eigenvalues of a matrix with known values and without derivative."""
    if is_live(X._variable):
        raise UnsupportedError(
            "eig: A is not Hermitian; eigenvalues of such a matrix have no derivative.",
            got={"A": labels.show(X.shape)},
            fix="For a matrix that should be Hermitian use (A + ctranspose(A)) / 2; svd and norm "
            "take any matrix; extractdata(A) does without derivative.",
        )
    values, vectors = np.linalg.eig(np.asarray(X._data) * 1.0)
    return dlarray(vectors), dlarray(values[:, None])
