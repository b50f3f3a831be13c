"""Functions that make arrays: filled with one value, or the identity.

All take sizes as MATLAB does, ``f(n)`` for n x n, ``f(a, b, c)`` or ``f([a, b, c])``, then a type
name or ``like=X`` (also as ``"like", X``). With a dlarray as ``like`` the result is an unformatted
dlarray, else a NumPy array of type double.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .._errors import OptionError, nearest
from .._numbers import DOUBLE, LOGICAL, TYPES, raw
from ..dlarray import dlarray
from ._dimensions import sizes


class Request:
    """What a call of a creation function asks for: sizes, number type, kind of array."""

    def __init__(self, name: str, given: Sequence[Any], like: Any, default: np.dtype = DOUBLE):
        words = [i for i, x in enumerate(given) if isinstance(x, str)]
        numbers, options = (given[: words[0]], given[words[0] :]) if words else (given, ())
        self.dtype = default
        if len(options) == 2 and options[0] == "like" and like is None:
            like, options = options[1], ()
        if options:
            self.dtype = _type(name, options)
        elif isinstance(like, dlarray):
            self.dtype = like.dtype
        elif like is not None:
            self.dtype = np.dtype(raw(like, name).dtype)
        self.typed = bool(options) or like is not None
        self.as_dlarray = isinstance(like, dlarray)
        self.sizes = sizes(name, numbers)

    def filled(self, value: float) -> Any:
        """The array with this value everywhere."""
        return self.finish(np.full(self.sizes, value, self.dtype))

    def finish(self, values: Any) -> Any:
        """Values in the kind of array that was asked for; a number if there are no sizes."""
        if self.as_dlarray:
            return dlarray(values)
        return values[()] if isinstance(values, np.ndarray) else values


def _type(name: str, options: Sequence[Any]) -> np.dtype:
    if len(options) > 1 or options[0] not in TYPES:
        raise OptionError(
            f"{name}: {options[0]!r} is no number type.", fix=nearest(options[0], [*TYPES, "like"])
        )
    return TYPES[options[0]]


def zeros(*sz: Any, like: Any = None) -> Any:
    """Array of zeros.

    Args:
        *sz: The sizes, and possibly a type name ("single", "double", "logical").
        like: An array that gives the number type; a dlarray makes the result an unformatted
            dlarray.

    Returns:
        A NumPy array of type double, or as ``like``; a number without sizes.

    Example:
        >>> zeros(1, 3), zeros(2, like=dlarray(np.ones(3, np.float32))).dtype.name
        (array([[0., 0., 0.]]), 'float32')

    Source:
        https://www.mathworks.com/help/matlab/ref/zeros.html
    """
    return Request("zeros", sz, like).filled(0)


def ones(*sz: Any, like: Any = None) -> Any:
    """Array of ones.

    Args:
        *sz: The sizes, and possibly a type name ("single", "double", "logical").
        like: An array that gives the number type; a dlarray makes the result an unformatted
            dlarray.

    Returns:
        A NumPy array of type double, or as ``like``; a number without sizes.

    Example:
        >>> ones([1, 3])
        array([[1., 1., 1.]])

    Source:
        https://www.mathworks.com/help/matlab/ref/ones.html
    """
    return Request("ones", sz, like).filled(1)


def eye(*sz: Any, like: Any = None) -> Any:
    """Identity matrix.

    Args:
        *sz: One or two sizes, and possibly a type name.
        like: An array that gives the number type; a dlarray makes the result an unformatted
            dlarray.

    Returns:
        A NumPy array of type double, or as ``like``.

    Example:
        >>> eye(2)
        array([[1., 0.],
               [0., 1.]])

    Source:
        https://www.mathworks.com/help/matlab/ref/eye.html
    """
    wanted = Request("eye", sz, like)
    if len(wanted.sizes) > 2:
        raise OptionError("eye: a matrix has two sizes.", got={"sizes": wanted.sizes})
    rows, columns = (*wanted.sizes, 1, 1)[:2]
    return wanted.finish(np.eye(rows, columns, dtype=wanted.dtype))


class _Number(float):
    """A number that makes arrays of itself when called: ``Inf`` and ``NaN``.

    Example:
        >>> Inf > 5, Inf(1, 2)
        (True, array([[inf, inf]]))

    Source:
        https://www.mathworks.com/help/matlab/ref/inf.html
    """

    def __call__(self, *sz: Any, like: Any = None) -> Any:
        wanted = Request("NaN" if self != self else "Inf", sz, like)
        if wanted.dtype == LOGICAL:
            raise OptionError(
                "Inf and NaN have no logical value.", fix="Use a floating-point type."
            )
        return wanted.filled(float(self))


class _Truth:
    """A truth value that makes arrays of itself when called: ``true`` and ``false``.

    Example:
        >>> true(1, 2), bool(false)
        (array([[ True,  True]]), False)

    Source:
        https://www.mathworks.com/help/matlab/ref/true.html
    """

    def __init__(self, value: bool):
        self.value = value

    def __call__(self, *sz: Any, like: Any = None) -> Any:
        wanted = Request(repr(self), sz, like, LOGICAL)
        wanted.dtype = LOGICAL
        return wanted.filled(self.value)

    def __bool__(self) -> bool:
        return self.value

    def __eq__(self, other: object) -> Any:
        return self.value == other

    def __hash__(self) -> int:
        return hash(self.value)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        return np.asarray(self.value, dtype)

    def __repr__(self) -> str:
        return "true" if self.value else "false"


Inf = inf = _Number("inf")  # MATLAB takes both spellings
NaN = nan = _Number("nan")
true = _Truth(True)
false = _Truth(False)
