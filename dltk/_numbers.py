"""Number types as MATLAB mixes them: single wins over double, logical gives way to both.

Python's and NumPy's default numbers (int, float, int64, float64) are what a MATLAB literal is:
double. Sized integers (uint8, int32, ...) are refused, as MATLAB refuses them for a dlarray.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ._errors import OptionError
from ._struct import missing_field

Raw = Any  # a jax.Array (traced or not) or a numpy.ndarray

LOGICAL, SINGLE, DOUBLE = np.dtype(bool), np.dtype(np.float32), np.dtype(np.float64)
COMPLEX_SINGLE, COMPLEX_DOUBLE = np.dtype(np.complex64), np.dtype(np.complex128)
NAMES = {
    LOGICAL: "logical",
    SINGLE: "single",
    DOUBLE: "double",
    COMPLEX_SINGLE: "single",
    COMPLEX_DOUBLE: "double",
}
ACCEPTED = tuple(NAMES)
TYPES = {"single": SINGLE, "double": DOUBLE, "logical": LOGICAL}


def raw(value: Any, who: str = "dlarray") -> Raw:
    """Any plain numeric value as an array of type logical, single or double (real or complex)."""
    if not isinstance(value, (np.ndarray, jax.Array)):
        value = _array(value, who)
    dtype = value.dtype
    if dtype in ACCEPTED:
        return value
    if dtype == np.int64:
        return value.astype(DOUBLE)
    if dtype.kind in "iuf" or dtype.kind == "V":
        raise OptionError(
            f"{who}: {dtype} data is not accepted; a dlarray holds single, double or logical.",
            got={"data": f"{dtype} array of size {np.shape(value)}"},
            fix="Convert it first, for example with single(X).",
        )
    raise OptionError(
        f"{who}: expected numbers, got {describe(value)}.",
        fix="A dlarray holds single, double or logical data.",
    )


def _array(value: Any, who: str) -> np.ndarray:
    try:
        return np.asarray(value)
    except ValueError as error:
        if "inhomogeneous" not in str(error):
            raise
        raise OptionError(
            f"{who}: the rows of a nested list have different lengths.",
            fix="Make them equally long; for sequences of different lengths see padsequences.",
        ) from None


def describe(value: object) -> str:
    """What a value is, in a user's words."""
    if isinstance(value, np.ndarray) and value.ndim == 0 and value.dtype == object:
        value = value.item()
    if isinstance(value, np.ndarray):
        return f"a NumPy array of {value.dtype}"
    if isinstance(value, missing_field):
        return f"the {value!r} of a struct"
    return f"a {type(value).__name__}"


def common(dtypes: Iterable[np.dtype]) -> np.dtype:
    """The type of a result of arithmetic: single if any is single, else double.

    >>> common([SINGLE, DOUBLE]).name, common([LOGICAL, LOGICAL]).name
    ('float32', 'float64')
    """
    kinds = set(dtypes)
    single = not kinds.isdisjoint((SINGLE, COMPLEX_SINGLE))
    if any(dtype.kind == "c" for dtype in kinds):
        return COMPLEX_SINGLE if single else COMPLEX_DOUBLE
    return SINGLE if single else DOUBLE


def convert(value: Raw, dtype: np.dtype) -> Raw:
    """``value`` in type ``dtype``, untouched when it has it already."""
    if value.dtype == dtype:
        return value
    return (
        value.astype(dtype) if isinstance(value, np.ndarray) else jnp.asarray(value).astype(dtype)
    )


def is_known(value: Raw) -> bool:
    """Whether the numbers are known now (False while JAX traces a program)."""
    return not isinstance(value, jax.core.Tracer)  # pyright: ignore[reportAttributeAccessIssue]
