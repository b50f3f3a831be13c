"""How functions read their dimension and size arguments, and hand back what they were given.

Dimension numbers count from 1 and mean the dimensions as ``size(X)`` shows them. Plain numbers go
through the same code as unformatted dlarrays and come back plain; a one-dimensional NumPy array is
a row and stays one-dimensional.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import jax
import numpy as np

from .. import _labels as labels
from .._errors import OptionError, UnsupportedError
from .._numbers import DOUBLE, is_known, raw
from ..dlarray import apply, dlarray, extractdata

ADVICE = (
    'Give a dimension number from 1 on (finddim(X, "C") finds that of a label), several such as '
    '[1, 2], or "all".'
)


def is_empty_list(x: Any) -> bool:
    """Whether an argument is MATLAB's ``[]``."""
    return (isinstance(x, (list, tuple)) and len(x) == 0) or (
        isinstance(x, np.ndarray) and x.size == 0
    )


def operand(X: Any, name: str) -> dlarray:
    """A dlarray as it is; plain numbers as an unformatted one.

    >>> operand([1, 2, 3], "sum").shape, operand([], "sum").shape
    ((1, 3), (0, 0))
    """
    if isinstance(X, dlarray):
        return X
    if isinstance(X, str) or X is None:
        raise OptionError(f"{name}: expected an array, not {X!r}.")
    refuse_list_of_dlarrays(name, X)
    if is_empty_list(X) and np.ndim(X) < 2:
        return dlarray(np.zeros((0, 0)))
    value = np.asarray(X) if isinstance(X, (np.ndarray, jax.Array)) and is_known(X) else X
    if hasattr(value, "dtype") and value.dtype.kind in "iu":
        value = value.astype(DOUBLE)
    return dlarray(raw(value, name))


def refuse_list_of_dlarrays(name: str, X: Any) -> None:
    """Raise for a list that holds dlarrays, which would lose its trace as an array."""
    if isinstance(X, (list, tuple)) and any(isinstance(x, dlarray) for x in X):
        raise OptionError(
            f"{name}: a list of dlarrays is not an array.",
            fix="Join them first, for example with horzcat(*X) or cat(3, *X).",
        )


def handed_back(Y: dlarray, X: Any) -> Any:
    """A result in the kind of the input: a dlarray, or plain with NumPy's number of dimensions."""
    return Y if isinstance(X, dlarray) else plain(extractdata(Y), np.ndim(X))


def plain(value: Any, rank: int) -> Any:
    """A plain result of inputs with ``rank`` dimensions: rows of rows are one-dimensional.

    >>> plain(np.ones((1, 1)), 0), plain(np.ones((1, 2)), 1), plain(np.ones((1, 2)), 2)
    (np.float64(1.0), array([1., 1.]), array([[1., 1.]]))
    """
    if rank < 2 and value.ndim == 2 and value.shape[0] == 1:
        value = value[0]
    return value[0] if rank == 0 and value.shape == (1,) else value


def whole(name: str, value: Any, what: str) -> int:
    """A whole number (of any number type; a dlarray too).

    >>> whole("zeros", 3.0, "a size")
    3
    """
    data = value._data if isinstance(value, dlarray) else value
    if not is_known(data):
        return int(data)  # JAX says that the value must be known
    number = np.asarray(data)
    if number.size != 1 or number.dtype.kind not in "iuf" or number != np.floor(number):
        given = f"{number}" if number.size == 1 else labels.show(np.shape(extractdata(value)))
        raise OptionError(f"{name}: {what} must be a whole number.", got={"given": given})
    return int(number.reshape(()))


def vector(value: Any) -> Sequence[Any]:
    """The elements of an argument that may be a scalar or a vector."""
    data = extractdata(value)
    return list(data) if isinstance(data, (list, tuple, range)) else list(np.ravel(data))


def refuse_options(name: str, options: Sequence[Any]) -> None:
    """Raise for MATLAB's option words, which a dlarray does not take."""
    if options:
        shown = ", ".join(f'"{o}"' if isinstance(o, str) else repr(o) for o in options)
        raise OptionError(
            f"{name}: the option {shown} is not available for a dlarray.",
            fix="Leave it out.",
        )


def dimension(name: str, dim: Any) -> int:
    """One dimension number as an axis that counts from 0."""
    if isinstance(dim, str):
        raise OptionError(f'{name}: "{dim}" is not a dimension.', fix="Count dimensions from 1.")
    axis = whole(name, dim, "a dimension") - 1
    if axis < 0:
        raise OptionError(
            f"{name}: there is no dimension {axis + 1}.",
            fix="MATLAB's dimension numbers count from 1.",
        )
    return axis


def first_dimension(X: dlarray) -> int:
    """The first dimension whose size is not 1, counted from 0."""
    return next((axis for axis, n in enumerate(X.shape) if n != 1), 0)


def dimensions(name: str, dim: Any, X: dlarray) -> tuple[int, ...]:
    """The dimensions to reduce, counted from 0; those beyond the last dimension are left out.

    >>> X = dlarray(np.zeros((1, 3, 4)))
    >>> dimensions("sum", None, X), dimensions("sum", [1, 5], X), dimensions("sum", "all", X)
    ((1,), (0,), (0, 1, 2))
    """
    if dim is None:
        return (0, 1) if X.shape == (0, 0) else (first_dimension(X),)
    if isinstance(dim, str):
        if dim != "all":
            raise OptionError(f'{name}: "{dim}" is not available for a dlarray.', fix=ADVICE)
        return tuple(range(X.ndim))
    if is_empty_list(dim):
        raise OptionError(
            f"{name}: the dimension is empty.",
            got={"X": labels.show(X.shape, X.dims)},
            fix="Perhaps finddim has found no such label. " + ADVICE,
        )
    axes = [dimension(name, d) for d in vector(dim)]
    if len(set(axes)) < len(axes):
        raise OptionError(f"{name}: a dimension stands twice in {dim}.", fix=ADVICE)
    return tuple(axis for axis in axes if axis < X.ndim)


def stored(fmt: str, axes: Sequence[int]) -> tuple[int, ...]:
    """The same dimensions in memory."""
    position = labels.logical_axes(fmt) if fmt else None
    return tuple(axes) if position is None else tuple(position[axis] for axis in axes)


def compiled(kernel: Callable[..., Any]) -> Callable[..., Any]:
    """A kernel of an array and static axes as one program instead of one per operation.

    Only faster, outside dlfeval; inside it the kernel is a part of the larger program.
    """
    return jax.jit(kernel, static_argnums=1, inline=True)


def reduced(
    name: str, kernel: Callable[..., Any], X: Any, dim: Any, options: Sequence[Any] = (), **how: Any
) -> Any:
    """``kernel(x, axes)``, which keeps reduced axes with size 1, over MATLAB's dimensions."""
    refuse_options(name, options)
    Y = operand(X, name)
    axes = stored(Y.dims, dimensions(name, dim, Y))
    result = apply(name, lambda x: kernel(x, axes), [Y], Y.dims, **how)
    if isinstance(X, dlarray):
        return result
    return scalar_if(extractdata(result), dim, X)


def scalar_if(value: Any, dim: Any, X: Any) -> Any:
    """A reduction of plain numbers: a scalar for "all" or of a one-dimensional array."""
    whole_array = dim is not None and isinstance(dim, str)
    if value.size == 1 and (np.ndim(X) < 2 or whole_array):
        return value.reshape(())[()]
    return plain(value, np.ndim(X))


def along(
    name: str, kernel: Callable[..., Any], X: Any, dim: Any, fmts: int = 1, **how: Any
) -> Any:
    """``kernel(x, axis)``, which keeps all sizes, along one dimension; a tuple for ``fmts`` > 1."""
    Y = operand(X, name)
    axis = first_dimension(Y) if dim is None else dimension(name, dim)
    shape = Y.shape + (1,) * (axis + 1 - Y.ndim)
    fmt = Y.dims and Y.dims + "U" * (len(shape) - Y.ndim)
    sizes, place = labels.to_stored(fmt, shape), stored(fmt, [axis])[0]
    out = fmt if fmts == 1 else (fmt,) * fmts
    result = apply(name, lambda x: kernel(x.reshape(sizes), place), [Y], out, **how)
    if fmts == 1:
        return handed_back(result, X)
    return tuple(handed_back(r, X) for r in result)


def sizes(name: str, given: Sequence[Any]) -> tuple[int, ...]:
    """Size arguments: ``f(n)`` is n x n, ``f([a b c])`` and ``f(a, b, c)`` are a x b x c.

    >>> sizes("zeros", [3]), sizes("zeros", [[2, 3, 4]]), sizes("zeros", [2, 3]), sizes("zeros", [])
    ((3, 3), (2, 3, 4), (2, 3), ())
    """
    if len(given) == 1:
        numbers = vector(given[0])
        if len(numbers) == 1:
            numbers = [numbers[0], numbers[0]]
    else:
        numbers = list(given)
    return tuple(max(0, whole(name, n, "a size")) for n in numbers)


def by_axis(function: Callable[..., Any], *, default: Any = "all") -> Callable[..., Any]:
    """NumPy's form of a function along dimensions: ``axis`` counts from 0 (or from the end)."""

    def numpy_form(X: dlarray, axis: Any = None, **options: Any) -> Any:
        if options.pop("keepdims", True) is not True or options:
            shown = ", ".join(options) or "keepdims=False"
            raise UnsupportedError(
                f"numpy.{function.__name__}: {shown} is not available for a dlarray.",
                fix="A reduced dimension stays, with size 1; squeeze or reshape removes it.",
            )
        return function(X, from_axis(X, axis, default))

    return numpy_form


def from_axis(X: dlarray, axis: Any, default: Any = "all") -> Any:
    """MATLAB's dimension(s) for NumPy's axis or axes."""
    if axis is None:
        return default
    if isinstance(axis, (tuple, list)):
        return [from_axis(X, a) for a in axis]
    count = math.inf if isinstance(axis, str) else axis
    if not -X.ndim <= count < X.ndim:
        raise OptionError(
            f"numpy: axis {axis} is not one of the {X.ndim} dimensions.",
            got={"X": labels.show(X.shape, X.dims)},
            fix="An axis counts from 0; MATLAB's functions of that name count dimensions from 1.",
        )
    return int(axis) % X.ndim + 1
