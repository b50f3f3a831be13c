"""Decompositions of matrices into triangular and orthogonal ones: Cholesky, QR, LU.

What a decomposition demands of the values (a positive definite matrix) is checked where they are
known. In a compiled function they are not; there the result is NaN.
"""

from __future__ import annotations

from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from .. import _labels as labels
from .._errors import OptionError
from .._numbers import Raw, is_known
from ..dlarray import apply
from ._matrices import given_back, hermitian, matrix
from ._options import outputs, word


def chol(A: Any, triangle: Literal["upper", "lower"] = "upper") -> Any:
    """Cholesky factor R of a positive definite matrix, ``A == R' * R``.

    Args:
        A: A Hermitian positive definite matrix without labels. Only one triangle is read, the other
            is taken to mirror it; the derivative is symmetric.
        triangle: "upper" reads the upper triangle and gives the upper triangular R; "lower" reads
            the lower triangle and gives L with ``A == L * L'``.

    Returns:
        A triangular unformatted dlarray (plain for a plain array).

    Raises:
        FormatError: Labels, or a matrix that is not square.
        OptionError: ``A`` is not positive definite. In a compiled function the result is NaN then.

    Example:
        >>> chol([[4.0, 2.0], [2.0, 5.0]])
        array([[2., 1.],
               [0., 2.]])

    Source:
        https://www.mathworks.com/help/matlab/ref/chol.html
    """
    upper = word("chol", "triangle", triangle, ["upper", "lower"]) == "upper"
    X = matrix("chol", A, square=True)
    if not X.size:
        return given_back(X, A)

    def run(a: Raw) -> Raw:
        factor = lax.linalg.cholesky(_mirrored(a, upper), symmetrize_input=False)
        return hermitian(factor) if upper else factor

    result = apply("chol", run, [X], "")
    if is_known(result._data) and np.isnan(result._data).any():
        raise OptionError(
            "chol: A is not positive definite.",
            got={"A": labels.show(X.shape)},
            fix="Perhaps a small multiple of the identity must be added: A + 1e-6 * eye(n).",
        )
    return given_back(result, A)


def _mirrored(a: Raw, upper: bool) -> Raw:
    """The Hermitian matrix with one triangle of ``a``, the derivative spread over both."""
    part = jnp.triu(a, 1) if upper else jnp.tril(a, -1)
    whole = part + hermitian(part) + jnp.diag(jnp.real(jnp.diag(a)))
    mean = (a + hermitian(a)) / 2
    return mean + lax.stop_gradient(whole - mean)


def qr(A: Any, outputForm: Any = None, *, nargout: int = 1) -> Any:
    """Orthogonal Q and upper triangular R with ``A == Q * R``.

    Args:
        A: An m x n matrix without labels.
        outputForm: "econ" or 0 for no more than n columns of Q and rows of R.
        nargout: 1 for R, 2 for Q and R.

    Returns:
        R of size m x n, with ``nargout=2`` Q of size m x m and R; unformatted dlarrays (plain for a
        plain array).

    Raises:
        FormatError: Labels.

    Example:
        >>> Q, R = qr(np.array([[3.0, 1.0], [4.0, 2.0]]), nargout=2)
        >>> np.round(np.abs(R), 12)
        array([[5. , 2.2],
               [0. , 0.4]])

    Source:
        https://www.mathworks.com/help/matlab/ref/qr.html
    """
    outputs("qr", nargout, (1, 2))
    mode = "reduced" if economy("qr", outputForm) else "complete"
    X = matrix("qr", A)
    results = apply("qr", lambda a: tuple(jnp.linalg.qr(a, mode=mode)), [X], ("", ""))
    Q, R = (given_back(Y, A) for Y in results)
    return R if nargout == 1 else (Q, R)


def economy(name: str, form: Any) -> bool:
    """Whether the form of the output is the one without superfluous rows and columns."""
    if form is None or (isinstance(form, str) and form == "econ"):
        return form is not None
    if isinstance(form, (int, float)) and form == 0:
        return True
    raise OptionError(
        f"{name}: the form of the output must be left out, or be one of its words.",
        got={"outputForm": repr(form)},
        fix='Use "econ" (or 0) for factors without superfluous rows and columns.',
    )


def lu(A: Any, *, nargout: int = 2) -> Any:
    """Lower triangular L and upper triangular U with ``P * A == L * U`` for a permutation P.

    Args:
        A: A matrix without labels.
        nargout: 2 for L and U, where L has its rows in an order such that ``A == L * U``; 3 for L,
            U and P.

    Returns:
        Two or three unformatted dlarrays (plain for a plain array).

    Raises:
        FormatError: Labels.

    Example:
        >>> L, U, P = lu(np.array([[1.0, 2.0], [4.0, 4.0]]), nargout=3)
        >>> L.tolist(), U.tolist(), P.tolist()
        ([[1.0, 0.0], [0.25, 1.0]], [[4.0, 4.0], [0.0, 1.0]], [[0.0, 1.0], [1.0, 0.0]])

    Source:
        https://www.mathworks.com/help/matlab/ref/lu.html
    """
    outputs("lu", nargout, (2, 3))

    def run(a: Raw) -> tuple[Raw, ...]:
        order, lower, upper = jax.scipy.linalg.lu(a)
        return (order @ lower, upper) if nargout == 2 else (lower, upper, order.T)

    results = apply("lu", run, [matrix("lu", A)], ("",) * nargout)
    return tuple(given_back(Y, A) for Y in results)
