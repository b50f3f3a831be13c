"""Numbers with names: `eps`, `pi`, and the limits of the number types.

Each is a number by itself and, called, the number of a type: ``eps("single")``.
"""

from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from .._errors import OptionError, nearest
from .._numbers import DOUBLE, SINGLE, Raw, raw
from ..dlarray import dlarray
from ._align import broadcast

KINDS = {"single": SINGLE, "double": DOUBLE}


def _type(name: str, typename: Any, like: Any) -> np.dtype:
    """The number type that a call asks for, double by default."""
    if like is None:
        return KINDS[typename] if typename in tuple(KINDS) else DOUBLE
    return np.dtype(like.dtype if isinstance(like, dlarray) else raw(like, name).dtype)


def _number(name: str, value: float, typename: Any, like: Any) -> Any:
    """A value in the type that a call asks for."""
    if typename is not None and (not isinstance(typename, str) or typename not in KINDS):
        raise OptionError(f"{name}: {typename!r} is no number type.", fix=nearest(typename, KINDS))
    if like is None:
        return KINDS[typename or "double"].type(value)
    dtype = like.dtype if isinstance(like, dlarray) else raw(like, name).dtype
    number = np.asarray(value, dtype)
    return dlarray(number) if isinstance(like, dlarray) else number[()]


class _Pi(float):
    """The ratio of a circle's circumference to its diameter.

    Example:
        >>> round(pi, 4), pi()
        (3.1416, 3.141592653589793)

    Source:
        https://www.mathworks.com/help/matlab/ref/pi.html
    """

    def __call__(self) -> float:
        return float(self)


class _Eps(float):
    """Distance from 1 to the next larger number, 2^-52; or from each element of an array.

    ``eps(X)`` takes a dlarray (labels stay) or plain numbers, ``eps("single")`` is that of 1 in
    single, ``eps("like", X)`` that of 1 in the type of X.

    Example:
        >>> print(eps == 2**-52, eps("single") == 2**-23, eps(4.0) == 2**-50)
        True True True

    Source:
        https://www.mathworks.com/help/matlab/ref/eps.html
    """

    def __call__(self, X: Any = None, value: Any = None, *, like: Any = None) -> Any:
        if isinstance(X, str) and X == "like":
            X, like = None, value
        if X is not None and not isinstance(X, str):
            return broadcast("eps", _spacing, X)
        return _number("eps", float(np.finfo(_type("eps", X, like)).eps), X, like)


def _spacing(x: Raw) -> Raw:
    return jnp.spacing(jnp.abs(lax.stop_gradient(x)))


class _Limit(float):
    """A limit of the number types; called, that of another type.

    ``realmin`` is the smallest positive number that is not denormal, ``realmax`` the largest finite
    number, ``flintmax`` the largest of the consecutive whole numbers.

    Example:
        >>> print(realmin("single") == 2**-126, flintmax == 2**53, realmax("single") > 3e38)
        True True True

    Source:
        https://www.mathworks.com/help/matlab/ref/realmin.html
    """

    single: float
    name: str

    def __new__(cls, name: str, single: float, double: float) -> _Limit:
        made = super().__new__(cls, double)
        made.name, made.single = name, single
        return made

    def __reduce__(self) -> str:
        return self.name

    def __call__(self, typename: Any = None, value: Any = None, *, like: Any = None) -> Any:
        if typename == "like":
            typename, like = None, value
        dtype = _type(self.name, typename, like)
        number = self.single if dtype in (SINGLE, np.complex64) else float(self)
        return _number(self.name, number, typename, like)


def _limit(name: str, single: Any, double: Any) -> _Limit:
    return _Limit(name, float(single), float(double))


pi = _Pi(math.pi)
eps = _Eps(np.finfo(DOUBLE).eps)
realmin = _limit("realmin", np.finfo(SINGLE).tiny, np.finfo(DOUBLE).tiny)
realmax = _limit("realmax", np.finfo(SINGLE).max, np.finfo(DOUBLE).max)
flintmax = _limit("flintmax", 2**24, 2**53)
