"""The shared front of linear algebra: matrices without labels in, the caller's kind out."""

from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp
import numpy as np

from .. import _labels as labels
from .._errors import FormatError
from .._numbers import Raw
from ..dlarray import dlarray, extractdata
from ._dimensions import operand, plain


def unlabelled(name: str, X: Any, what: str = "X") -> dlarray:
    """An argument as an unformatted dlarray; labels are refused.

    >>> unlabelled("fft", [1, 2, 3]).shape
    (1, 3)
    """
    Y = operand(X, name)
    if Y.dims:
        raise FormatError(
            f"{name}: {what} must be an array without labels.",
            got={what: labels.show(Y.shape, Y.dims)},
            fix=f"Use stripdims({what}) first; dlarray(Y, fmt) puts labels back on.",
        )
    return Y


def matrix(name: str, X: Any, what: str = "A", *, square: bool = False) -> dlarray:
    """An argument as an unformatted dlarray with two dimensions, of equal sizes if ``square``."""
    Y = unlabelled(name, X, what)
    if Y.ndim > 2 or (square and Y.shape[0] != Y.shape[1]):
        raise FormatError(
            f"{name}: {what} must be a {'square ' if square else ''}matrix.",
            got={what: labels.show(Y.shape)},
            fix="Call it for each page X[:, :, k]." if Y.ndim > 2 else "",
        )
    return Y


def is_vector(X: dlarray) -> bool:
    """Whether an array is a row or a column (a scalar is both)."""
    return X.ndim == 2 and 1 in X.shape


def is_scalar(X: Any) -> bool:
    """Whether an argument is a single number without labels."""
    if isinstance(X, dlarray):
        return not X.dims and X.size == 1
    return math.prod(np.shape(X)) == 1


def given_back(Y: dlarray, *given: Any) -> Any:
    """A dlarray if any of the arguments is one, else plain."""
    if any(isinstance(x, dlarray) for x in given):
        return Y
    return plain(extractdata(Y), max(np.ndim(x) for x in given))


def number_back(Y: dlarray, *given: Any) -> Any:
    """A scalar result: a dlarray if any of the arguments is one, else a number."""
    if any(isinstance(x, dlarray) for x in given):
        return Y
    return extractdata(Y).reshape(())[()]


def hermitian(x: Raw) -> Raw:
    """The conjugate transpose of a raw matrix."""
    return jnp.conj(x.T) if jnp.iscomplexobj(x) else x.T
