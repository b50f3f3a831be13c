"""Numbers that describe a matrix, powers and exponential of a matrix."""

from __future__ import annotations

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .. import _labels as labels
from .._errors import FormatError, OptionError
from .._numbers import DOUBLE, Raw
from ..dlarray import apply, implements
from ._dimensions import whole
from ._elementwise import power
from ._matrices import given_back, is_scalar, matrix, number_back


def det(A: Any) -> Any:
    """Determinant of a square matrix.

    Args:
        A: A square matrix without labels.

    Returns:
        A scalar, an unformatted dlarray or a number as ``A`` is one or plain.

    Raises:
        FormatError: Labels, or a matrix that is not square.

    Example:
        >>> print(det([[2.0, 1.0], [1.0, 3.0]]))
        5.0

    Source:
        https://www.mathworks.com/help/matlab/ref/det.html
    """

    def run(a: Raw) -> Raw:
        return jnp.linalg.det(a).reshape(1, 1) if a.size else jnp.ones((1, 1), a.dtype)

    return number_back(apply("det", run, [matrix("det", A, square=True)], ""), A)


def trace(A: Any) -> Any:
    """Sum of the diagonal elements of a square matrix.

    Args:
        A: A square matrix without labels.

    Returns:
        A scalar, an unformatted dlarray or a number as ``A`` is one or plain.

    Raises:
        FormatError: Labels, or a matrix that is not square.

    Example:
        >>> print(trace([[2.0, 1.0], [1.0, 3.0]]))
        5.0

    Source:
        https://www.mathworks.com/help/matlab/ref/trace.html
    """
    X = matrix("trace", A, square=True)
    return number_back(apply("trace", lambda a: jnp.trace(a).reshape(1, 1), [X], ""), A)


def rank(A: Any, tol: Any = None) -> Any:
    """Number of singular values of a matrix above a tolerance; it has no derivative.

    Args:
        A: A matrix without labels.
        tol: The tolerance. By default the largest singular value times the larger size of ``A``
            times the precision of the number type.

    Returns:
        A scalar of type double, an unformatted dlarray or a number as ``A`` is one or plain.

    Raises:
        FormatError: Labels.

    Example:
        >>> print(rank([[1.0, 2.0], [2.0, 4.0]]))
        1.0

    Source:
        https://www.mathworks.com/help/matlab/ref/rank.html
    """
    X = matrix("rank", A)

    def run(a: Raw, *limit: Raw) -> Raw:
        a = jax.lax.stop_gradient(a)
        s = jnp.linalg.svd(a, compute_uv=False) if a.size else jnp.zeros(1, jnp.real(a).dtype)
        least = limit[0].reshape(()) if limit else max(a.shape) * s[0] * jnp.finfo(s.dtype).eps
        return jnp.sum(s > least).astype(DOUBLE).reshape(1, 1)

    return number_back(apply("rank", run, [X] if tol is None else [X, tol], ""), A)


def expm(A: Any) -> Any:
    r"""Exponential of a square matrix, :math:`\sum_k A^k / k!`.

    Args:
        A: A square matrix without labels.

    Returns:
        An unformatted dlarray (plain for a plain array).

    Raises:
        FormatError: Labels, or a matrix that is not square.

    Example:
        >>> expm([[0.0, 2.0], [0.0, 0.0]])
        array([[1., 2.],
               [0., 1.]])

    Source:
        https://www.mathworks.com/help/matlab/ref/expm.html
    """
    X = matrix("expm", A, square=True)
    if not X.size:
        return given_back(X, A)
    return given_back(apply("expm", jax.scipy.linalg.expm, [X], ""), A)


def mpower(A: Any, B: Any) -> Any:
    """A square matrix to the power of a whole number (MATLAB's ``A ^ B``).

    Args:
        A: A square matrix without labels, or a scalar.
        B: A whole number, negative for powers of the inverse; any number for a scalar ``A``.

    Returns:
        An unformatted dlarray (plain for plain arguments).

    Raises:
        FormatError: Labels, or a matrix that is not square.
        OptionError: The exponent is not a whole number.

    Example:
        >>> mpower([[1.0, 1.0], [0.0, 1.0]], 3)
        array([[1., 3.],
               [0., 1.]])

    Source:
        https://www.mathworks.com/help/matlab/ref/mpower.html
    """
    X = matrix("mpower", A, square=True)
    if is_scalar(A) and is_scalar(B):
        return power(A, B)
    if not is_scalar(B):
        raise FormatError(
            "mpower: the exponent must be a scalar.",
            got={"B": labels.show(matrix("mpower", B, "B").shape)},
            fix="For powers element by element use power (A ** B in Python).",
        )
    try:
        n = whole("mpower", B, "the exponent of a matrix")
    except OptionError as error:
        error.add_note("For powers element by element use power (A ** B in Python).")
        raise
    if not X.size:
        return given_back(X, A)
    return given_back(apply("mpower", functools.partial(_powered, n), [X], ""), A, B)


def _powered(n: int, a: Raw) -> Raw:
    return jnp.linalg.matrix_power(a, n)


implements(np.linalg.det)(det)
implements(np.linalg.matrix_power)(mpower)
