"""Number types: conversion and questions. A dlarray answers for the numbers it holds."""

from __future__ import annotations

from typing import Any

import jax
import numpy as np

from .._errors import OptionError, nearest
from .._numbers import LOGICAL, NAMES, TYPES, Raw, convert, describe, is_known, raw
from ..dlarray import apply, dlarray


def single(X: Any) -> Any:
    """Numbers of type single (float32).

    Args:
        X: A dlarray, which keeps its labels and trace, or plain numbers of any type.

    Returns:
        The same kind of array.

    Example:
        >>> single(dlarray([1.0, 2.0], "C")).dtype.name
        'float32'

    Source:
        https://www.mathworks.com/help/matlab/ref/single.html
    """
    return _to("single", X)


def double(X: Any) -> Any:
    """Numbers of type double (float64).

    Args:
        X: A dlarray, which keeps its labels and trace, or plain numbers of any type; for a
            categorical the numbers of the categories.

    Returns:
        The same kind of array.

    Example:
        >>> double(np.array([1, 2], np.uint8))
        array([1., 2.])

    Source:
        https://www.mathworks.com/help/matlab/ref/double.html
    """
    if not isinstance(X, dlarray) and hasattr(X, "double"):  # a categorical
        return X.double()
    return _to("double", X)


def logical(X: Any) -> Any:
    """True where a number is not zero.

    Args:
        X: A dlarray, which keeps its labels, or plain numbers of any type.

    Returns:
        The same kind of array.

    Raises:
        OptionError: NaN, or complex numbers.

    Example:
        >>> logical([0.0, 2.0])
        array([False,  True])

    Source:
        https://www.mathworks.com/help/matlab/ref/logical.html
    """
    return _to("logical", X)


def _to(name: str, X: Any, who: str = "") -> Any:
    """``X`` in the number type ``name``, for the function ``who`` (that of the type if empty)."""
    if isinstance(X, dlarray):
        _check_logical(name, X._data)
        return apply(name, lambda x: _converted(x, name), [X], X.dims, mix=False)
    if isinstance(X, jax.Array) and not is_known(X):
        with jax.enable_x64(True):
            return _converted(X, name)
    value = np.asarray(X)
    if value.dtype.kind not in "biufc":
        raise OptionError(f"{who or name}: expected numbers, got {describe(X)}.")
    _check_logical(name, value)
    return _converted(value, name)[()]


def _converted(x: Raw, name: str) -> Raw:
    if name == "logical":
        return x != 0
    wanted = TYPES[name]
    if x.dtype.kind == "c":
        wanted = np.result_type(np.complex64, wanted)
    return convert(x, np.dtype(wanted))


def _check_logical(name: str, x: Raw) -> None:
    if name != "logical":
        return
    if x.dtype.kind == "c" or (is_known(x) and bool(np.isnan(np.asarray(x)).any())):
        what = "complex numbers" if x.dtype.kind == "c" else "NaN"
        raise OptionError(f"logical: {what} cannot become true or false.", fix="Compare first.")


def cast(X: Any, *newclass: Any, like: Any = None) -> Any:
    """Convert to a number type by name, or to that of another array.

    ``cast(X, "single")``, ``cast(X, "like", Y)`` or ``cast(X, like=Y)``.

    Args:
        X: A dlarray, which keeps its labels and trace, or plain numbers.
        *newclass: "single", "double" or "logical"; or "like" and an array.
        like: An array whose number type is wanted; if it is a dlarray, so is the result.

    Returns:
        The array in the new type.

    Example:
        >>> cast(dlarray([1.0], "C"), "single").dtype.name
        'float32'
        >>> isinstance(cast([1.0, 2.0], like=dlarray(1.0)), dlarray)
        True

    Source:
        https://www.mathworks.com/help/matlab/ref/cast.html
    """
    if len(newclass) == 2 and newclass[0] == "like":
        newclass, like = (), newclass[1]
    if len(newclass) != (like is None):
        raise OptionError(
            "cast: expected one type.", fix='Use cast(X, "single") or cast(X, like=Y).'
        )
    if like is None:
        if newclass[0] not in TYPES:
            raise OptionError(
                f"cast: {newclass[0]!r} is no number type of a dlarray.",
                fix=nearest(newclass[0], TYPES),
            )
        return _to(newclass[0], X, "cast")
    name = NAMES[np.dtype((like._data if isinstance(like, dlarray) else raw(like, "cast")).dtype)]
    Y = _to(name, X, "cast")
    return dlarray(Y) if isinstance(like, dlarray) and not isinstance(X, dlarray) else Y


def _dtype(X: Any) -> np.dtype | None:
    if isinstance(X, (dlarray, jax.Array, np.ndarray, np.generic)):
        return np.dtype(X.dtype)
    try:
        return np.asarray(X).dtype
    except ValueError:
        return None


def underlyingType(X: Any) -> str:
    """Name of the number type: "single", "double", "logical", or NumPy's name of another type.

    Whole numbers of Python and NumPy's default integers are double, as MATLAB's literals are.

    Args:
        X: A dlarray or a plain value.

    Returns:
        The name.

    Example:
        >>> underlyingType(dlarray(np.zeros(3, np.float32))), underlyingType(1)
        ('single', 'double')

    Source:
        https://www.mathworks.com/help/matlab/ref/underlyingtype.html
    """
    dtype = _dtype(X)
    if dtype is None or dtype.kind not in "biufcV":
        return "string" if dtype is not None and dtype.kind == "U" else type(X).__name__
    return "double" if dtype == np.int64 else NAMES.get(dtype, dtype.name)


def isUnderlyingType(X: Any, typename: str) -> bool:
    """Whether the number type has this name.

    Args:
        X: A dlarray or a plain value.
        typename: For example "single".

    Returns:
        True or False.

    Example:
        >>> isUnderlyingType(dlarray(1.0), "single")
        False

    Source:
        https://www.mathworks.com/help/matlab/ref/isunderlyingtype.html
    """
    return underlyingType(X) == typename


def isfloat(X: Any) -> bool:
    """Whether the numbers are single or double.

    Example:
        >>> isfloat(dlarray(1.0)), isfloat(dlarray(True))
        (True, False)

    Source:
        https://www.mathworks.com/help/matlab/ref/isfloat.html
    """
    return underlyingType(X) in ("single", "double")


def isnumeric(X: Any) -> bool:
    """Whether the values are numbers (logical values are not).

    Example:
        >>> isnumeric(dlarray(1.0)), isnumeric(True), isnumeric("one")
        (True, False, False)

    Source:
        https://www.mathworks.com/help/matlab/ref/isnumeric.html
    """
    dtype = _dtype(X)
    return dtype is not None and dtype.kind in "iufc"


def islogical(X: Any) -> bool:
    """Whether the values are true and false.

    Example:
        >>> islogical(dlarray([True, False])), islogical(dlarray(1.0))
        (True, False)

    Source:
        https://www.mathworks.com/help/matlab/ref/islogical.html
    """
    return _dtype(X) == LOGICAL


def isreal(X: Any) -> bool:
    """Whether the values are real, not complex.

    Example:
        >>> isreal(dlarray(1.0)), isreal(dlarray(1j))
        (True, False)

    Source:
        https://www.mathworks.com/help/matlab/ref/isreal.html
    """
    dtype = _dtype(X)
    return dtype is not None and dtype.kind in "biuf"


def isgpuarray(X: Any) -> bool:
    """Whether the data lies on a GPU (or another accelerator).

    Example:
        >>> isgpuarray(dlarray(np.zeros(3)))
        False

    Source:
        https://www.mathworks.com/help/parallel-computing/isgpuarray.html
    """
    data = X._data if isinstance(X, dlarray) else X
    if not isinstance(data, jax.Array):
        return False
    if not is_known(data):
        return jax.default_backend() != "cpu"
    return any(device.platform != "cpu" for device in data.devices())
