"""Covariance and correlation of observations (rows) of several variables (columns)."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from .. import _labels as labels
from .._errors import FormatError, OptionError
from .._numbers import Raw
from ..dlarray import apply, dlarray, extractdata
from ._dimensions import is_empty_list, operand
from ._reduction import root


def _observations(name: str, A: Any, B: Any) -> tuple[dlarray, ...]:
    """The matrix of observations, or the two arrays whose elements are pairs of observations."""
    arrays = (operand(A, name),) if B is None else (operand(A, name), operand(B, name))
    for X in arrays:
        if X.dims or X.ndim > 2:
            raise FormatError(
                f"{name}: needs matrices without labels.",
                got={"array": labels.show(X.shape, X.dims)},
                fix=f"Remove the labels first: {name}(stripdims(X)).",
            )
    if len({X.size for X in arrays}) > 1:
        raise FormatError(
            f"{name}: A and B differ in their number of elements.",
            got={w: labels.show(X.shape) for w, X in zip("AB", arrays, strict=True)},
        )
    return arrays


def _columns(*values: Raw) -> Raw:
    """One row per observation; a vector is a single variable."""
    if len(values) == 2:
        return jnp.stack([v.T.reshape(-1) for v in values], axis=1)
    (x,) = values
    return x.reshape(-1, 1) if 1 in x.shape else x


def _covariance(x: Raw, weight: int) -> Raw:
    count = x.shape[0]
    away = x - jnp.mean(x, axis=0, keepdims=True)
    divisor = count if weight == 1 or count <= 1 else count - 1
    return jnp.conj(away.T) @ away / divisor


def cov(A: Any, B: Any = None, w: Any = 0) -> Any:
    """Covariance matrix of the columns of a matrix, or of two arrays.

    Args:
        A: Observations in rows, variables in columns: an unformatted dlarray or plain numbers. A
            vector is one variable.
        B: A second array with as many elements: the covariance of the pairs ``A[:]``, ``B[:]``.
            The number 0 or 1 in this place is ``w``.
        w: 0 divides by N-1 (by 1 for N = 1), 1 by N.

    Returns:
        A matrix with a row and column per variable, its diagonal the variances; a scalar for one
        vector.

    Raises:
        FormatError: Labels, more than two dimensions, or arrays of different sizes.

    Example:
        >>> cov([1.0, 2.0, 3.0], [2.0, 4.0, 6.0]).tolist()
        [[1.0, 2.0], [2.0, 4.0]]

    Source:
        https://www.mathworks.com/help/matlab/ref/cov.html
    """
    if (
        B is not None
        and not isinstance(B, dlarray)
        and np.size(B) == 1
        and np.ravel(B)[0] in (0, 1)
    ):
        B, w = None, B
    if np.size(extractdata(w)) != 1 or np.ravel(extractdata(w))[0] not in (0, 1):
        raise OptionError("cov: w must be 0 (divide by N-1) or 1 (divide by N).", got={"w": w})
    weight = int(np.ravel(extractdata(w))[0])
    return _result("cov", A, B, lambda x: _covariance(x, weight))


def corrcoef(A: Any, B: Any = None) -> Any:
    """Correlation coefficients of the columns of a matrix, or of two arrays.

    Args:
        A: Observations in rows, variables in columns: an unformatted dlarray or plain numbers. A
            vector is one variable.
        B: A second array with as many elements.

    Returns:
        A matrix with ones on its diagonal; NaN for a variable that does not vary.

    Raises:
        FormatError: Labels, more than two dimensions, or arrays of different sizes.

    Example:
        >>> corrcoef([1.0, 2.0, 3.0], [6.0, 4.0, 2.0]).tolist()
        [[1.0, -1.0], [-1.0, 1.0]]

    Source:
        https://www.mathworks.com/help/matlab/ref/corrcoef.html
    """

    def run(x: Raw) -> Raw:
        c = _covariance(x, 0)
        spread = root(jnp.real(jnp.diag(c)))
        r = c / spread[:, None] / spread[None, :]
        same = jnp.eye(len(c), dtype=bool) & ~jnp.isnan(r)
        return jnp.where(same, 1, r)

    return _result("corrcoef", A, B, run)


def _result(name: str, A: Any, B: Any, function: Any) -> Any:
    arrays = _observations(name, A, None if B is None or is_empty_list(B) else B)

    def run(*values: Raw) -> Raw:
        x = _columns(*values)
        return function(x) if x.size else jnp.full((1, 1), jnp.nan, x.dtype)

    result = apply(name, run, arrays, "")
    if isinstance(A, dlarray) or isinstance(B, dlarray):
        return result
    value = extractdata(result)
    return value[0, 0] if value.shape == (1, 1) else value
