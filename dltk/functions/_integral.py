"""Integrals by the trapezoidal rule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp

from .. import _labels as labels
from .._errors import FormatError, OptionError
from .._numbers import Raw
from ..dlarray import apply, dlarray, extractdata, unformatted
from ._dimensions import (
    dimension,
    first_dimension,
    handed_back,
    is_empty_list,
    operand,
    scalar_if,
    stored,
)
from ._matrices import is_scalar


def trapz(*args: Any) -> Any:
    r"""Integral by the trapezoidal rule, :math:`\sum_i (X_{i+1} - X_i) (Y_i + Y_{i+1}) / 2`.

    ``trapz(Y)`` has points at distance 1, ``trapz(X, Y)`` at X; a dimension may follow.

    Args:
        *args: ``Y`` is a dlarray, or plain numbers (for which the result is plain). ``X`` is a
            vector with a point for each element along the dimension, or as large as ``Y``. A
            dimension number counts from 1; by default the first dimension whose size is not 1.

    Returns:
        An array with the labels of ``Y``, of size 1 along the dimension.

    Raises:
        FormatError: Sizes that do not fit.

    Example:
        >>> print(trapz([0.0, 1.0, 3.0], [0.0, 2.0, 6.0]))
        9.0

    Source:
        https://www.mathworks.com/help/matlab/ref/trapz.html
    """

    def total(areas: Raw, axis: int) -> Raw:
        return jnp.sum(areas, axis=axis, keepdims=True)

    result, Y, dim = _integral("trapz", args, total)
    if any(isinstance(x, dlarray) for x in args):
        return result
    return scalar_if(extractdata(result), dim, Y)


def cumtrapz(*args: Any) -> Any:
    """Integral by the trapezoidal rule up to each element.

    ``cumtrapz(Y)`` has points at distance 1, ``cumtrapz(X, Y)`` at X; a dimension may follow.

    Args:
        *args: As for `trapz`.

    Returns:
        An array with the labels and sizes of ``Y``; the first element along the dimension is 0.

    Raises:
        FormatError: Sizes that do not fit.

    Example:
        >>> cumtrapz([0.0, 1.0, 3.0], [0.0, 2.0, 6.0])
        array([0., 1., 9.])

    Source:
        https://www.mathworks.com/help/matlab/ref/cumtrapz.html
    """

    def running(areas: Raw, axis: int) -> Raw:
        sums = jnp.cumsum(areas, axis=axis)
        return jnp.pad(sums, [(int(i == axis), 0) for i in range(sums.ndim)])

    result, Y, _ = _integral("cumtrapz", args, running)
    return result if any(isinstance(x, dlarray) for x in args) else handed_back(result, Y)


def _integral(
    name: str, args: tuple[Any, ...], combine: Callable[[Raw, int], Raw]
) -> tuple[dlarray, Any, Any]:
    """The areas between neighbours, combined; also Y and the dimension that were given."""
    X, given, dim = _split(name, args)
    Y = operand(given, name)
    axis = first_dimension(Y) if dim is None else dimension(name, dim)
    shape = Y.shape + (1,) * (axis + 1 - Y.ndim)
    fmt = Y.dims and Y.dims + "U" * (len(shape) - Y.ndim)
    place = stored(fmt, [axis])[0]
    stored_shape = labels.to_stored(fmt, shape)
    points, spread = _points(name, X, Y, shape, axis, fmt)

    def run(y: Raw, *x: Raw) -> Raw:
        y = y.reshape(stored_shape)
        width = jnp.diff(spread(x[0]), axis=place) if x else 1
        front = (slice(None),) * place
        heights = (y[(*front, slice(1, None))] + y[(*front, slice(None, -1))]) / 2
        return combine(width * heights, place)

    return apply(name, run, [Y, *points], fmt), given, dim


def _split(name: str, args: tuple[Any, ...]) -> tuple[Any, Any, Any]:
    """X (None for distance 1), Y and the dimension (None by default)."""
    if not 1 <= len(args) <= 3:
        raise OptionError(f"{name}: expected Y, or X and Y, and a dimension.", fix=f"{name}(X, Y).")
    if len(args) == 1:
        return None, args[0], None
    if len(args) == 2 and is_scalar(args[1]) and not is_scalar(args[0]):
        return None, args[0], args[1]
    return args[0], args[1], args[2] if len(args) == 3 else None


def _points(
    name: str, X: Any, Y: dlarray, shape: tuple[int, ...], axis: int, fmt: str
) -> tuple[list[Any], Callable[[Raw], Raw]]:
    """The points, and what brings them into memory's order."""
    if X is None or is_empty_list(X):
        return [], lambda x: x
    P = operand(X, name)
    if P.size == shape[axis] and sum(n != 1 for n in P.shape) <= 1:
        line = labels.to_stored(fmt, tuple(n if i == axis else 1 for i, n in enumerate(shape)))
        return [P], lambda x: x.reshape(line)
    if P.shape != Y.shape or (P.dims and P.dims != Y.dims):
        raise FormatError(
            f"{name}: X must be a vector with a point for each element along dimension {axis + 1}, "
            "or as large as Y.",
            got={"X": labels.show(P.shape, P.dims), "Y": labels.show(Y.shape, Y.dims)},
        )
    order = labels.stored_axes(fmt) if fmt else tuple(range(len(shape)))
    return [unformatted(P, name)], lambda x: x.reshape(shape).transpose(order)
