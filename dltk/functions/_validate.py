"""Checks of arguments, as MATLAB's functions make them: raise an error or do nothing.

What depends on values is not checked inside a compiled dlfeval, where they are not known.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .. import _labels as labels
from .._errors import OptionError, nearest
from .._numbers import is_known
from ..dlarray import dlarray, extractdata
from ._convert import isfloat, isnumeric, isreal, underlyingType
from ._dimensions import vector, whole
from ._size import iscolumn, isempty, ismatrix, isrow, isscalar, isvector, ndims, numel, sizes_of

NUMBER_CLASSES = ("numeric", "float", "dlarray")


def mustBeUnderlyingType(X: Any, typename: Any) -> None:
    """Raise unless the number type has one of these names.

    Args:
        X: A dlarray or a plain value.
        typename: "single", "double" or "logical", or several of them.

    Raises:
        OptionError: The number type is another one.

    Example:
        >>> mustBeUnderlyingType(dlarray(1.0), "double")

    Source:
        https://www.mathworks.com/help/matlab/ref/mustbeunderlyingtype.html
    """
    names = [typename] if isinstance(typename, str) else list(typename)
    if underlyingType(X) not in names:
        raise OptionError(
            f"mustBeUnderlyingType: the number type must be {' or '.join(names)}.",
            got={"X": f"{labels.show(sizes_of(X), getattr(X, 'dims', ''))} {underlyingType(X)}"},
            fix=f"Convert it, for example with {names[0]}(X).",
        )


def validateattributes(
    A: Any,
    classes: Sequence[str],
    attributes: Sequence[Any],
    funcName: str = "",
    varName: str = "",
    argIndex: Any = None,
) -> None:
    """Raise unless a value has a class and attributes.

    Args:
        A: Any value; the sizes of a formatted dlarray are checked as ``size(A)`` shows them.
        classes: Accepted classes: names of number types, "numeric", "float", "dlarray", ... An
            empty list accepts all.
        attributes: Names, some with a value after them: "2d", "3d", "column", "row", "scalar",
            "vector", "square", "nonempty"; "size" [a, b] (NaN for any), "numel" n, "ncols" n,
            "nrows" n, "ndims" n; "binary", "even", "odd", "integer", "real", "finite", "nonnan",
            "nonnegative", "nonzero", "positive", "increasing", "decreasing", "nondecreasing",
            "nonincreasing"; ">" a, ">=" a, "<" a, "<=" a.
        funcName: Name to begin the error with.
        varName: Name of the value in the error.
        argIndex: Its place among the arguments, for the error.

    Raises:
        OptionError: The value is not as it should be, or an attribute is none.

    Example:
        >>> validateattributes(dlarray([1.0, 2.0]), ["numeric"], ["vector", "positive", "<=", 2])

    Source:
        https://www.mathworks.com/help/matlab/ref/validateattributes.html
    """
    who = f"{funcName or 'validateattributes'}: "
    what = (varName or "the input") + (f" (argument {argIndex})" if argIndex is not None else "")
    got = {varName or "input": _shown(A)}
    if classes and not any(_is_class(A, c) for c in classes):
        raise OptionError(f"{who}{what} must be of class {', '.join(classes)}.", got=got)
    rest = list(attributes)
    while rest:
        attribute = rest.pop(0)
        if attribute in WITH_VALUE:
            if not rest:
                raise OptionError(f'validateattributes: a value must follow "{attribute}".')
            value = rest.pop(0)
            phrase, holds = WITH_VALUE[attribute]
            phrase = phrase.format(value)
            good = holds(A, value)
        elif attribute in PLAIN:
            phrase, holds = PLAIN[attribute]
            good = holds(A)
        else:
            raise OptionError(
                f"validateattributes: {attribute!r} is not an attribute.",
                fix=nearest(attribute, [*PLAIN, *WITH_VALUE]),
            )
        if not good:
            raise OptionError(f"{who}{what} must be {phrase}.", got=got)


def _shown(A: Any) -> str:
    return f"{labels.show(sizes_of(A), getattr(A, 'dims', ''))} {underlyingType(A)}"


def _is_class(A: Any, name: str) -> bool:
    tests = {"numeric": isnumeric, "float": isfloat, "dlarray": lambda X: isinstance(X, dlarray)}
    return tests[name](A) if name in tests else underlyingType(A) == name


def _each(test: Callable[..., Any]) -> Callable[..., bool]:
    """Whether a test holds for all values; true where they are not known."""

    def holds(A: Any, *value: Any) -> bool:
        data = extractdata(A)
        if not is_known(data) or any(not is_known(extractdata(v)) for v in value):
            return True
        return bool(np.all(test(np.asarray(data), *(np.asarray(extractdata(v)) for v in value))))

    return holds


def _steps(test: Callable[[np.ndarray], np.ndarray]) -> Callable[..., bool]:
    """A test of the differences down the columns (along a row)."""
    return _each(lambda a: test(np.diff(a.ravel() if 1 in sizes_of(a) else a, axis=0)))


def _has_size(A: Any, wanted: Any) -> bool:
    shape, sizes = sizes_of(A), [float(np.asarray(n)) for n in vector(wanted)]
    shape = shape + (1,) * (len(sizes) - len(shape))
    return len(shape) == len(sizes) and all(
        np.isnan(n) or n == k for n, k in zip(sizes, shape, strict=True)
    )


# attribute: what the error says, test
PLAIN: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "2d": ("two-dimensional", ismatrix),
    "3d": ("at most three-dimensional", lambda A: all(n == 1 for n in sizes_of(A)[3:])),
    "column": ("a column", iscolumn),
    "row": ("a row", isrow),
    "scalar": ("a scalar", isscalar),
    "vector": ("a vector", isvector),
    "square": ("square", lambda A: ismatrix(A) and sizes_of(A)[0] == sizes_of(A)[1]),
    "nonempty": ("nonempty", lambda A: not isempty(A)),
    "nonsparse": ("nonsparse", lambda A: True),
    "binary": ("0 and 1 only", _each(lambda a: (a == 0) | (a == 1))),
    "even": ("even", _each(lambda a: a % 2 == 0)),
    "odd": ("odd", _each(lambda a: a % 2 == 1)),
    "integer": ("whole numbers", _each(lambda a: np.isfinite(a) & (a == np.floor(a)))),
    "real": ("real", isreal),
    "finite": ("finite", _each(np.isfinite)),
    "nonnan": ("without NaN", _each(lambda a: ~np.isnan(a))),
    "nonnegative": ("nonnegative", _each(lambda a: a >= 0)),
    "nonzero": ("nonzero", _each(lambda a: a != 0)),
    "positive": ("positive", _each(lambda a: a > 0)),
    "increasing": ("increasing", _steps(lambda d: d > 0)),
    "decreasing": ("decreasing", _steps(lambda d: d < 0)),
    "nondecreasing": ("nondecreasing", _steps(lambda d: d >= 0)),
    "nonincreasing": ("nonincreasing", _steps(lambda d: d <= 0)),
}
WITH_VALUE: dict[str, tuple[str, Callable[[Any, Any], Any]]] = {
    "size": ("of size {}", _has_size),
    "numel": ("an array of {} elements", lambda A, n: numel(A) == whole("numel", n, "numel")),
    "ncols": ("an array with {} columns", lambda A, n: sizes_of(A)[1] == n),
    "nrows": ("an array with {} rows", lambda A, n: sizes_of(A)[0] == n),
    "ndims": ("an array with {} dimensions", lambda A, n: ndims(A) == n),
    ">": ("larger than {}", _each(lambda a, b: a > b)),
    ">=": ("at least {}", _each(lambda a, b: a >= b)),
    "<": ("smaller than {}", _each(lambda a, b: a < b)),
    "<=": ("at most {}", _each(lambda a, b: a <= b)),
}
