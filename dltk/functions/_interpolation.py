"""Interpolation of values at points on a line: what `interp1` accepts and gives back."""

from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp
import numpy as np

from .. import _labels as labels
from .._errors import FormatError, OptionError, nearest
from .._numbers import Raw, is_known
from ..dlarray import apply, dlarray
from ._interpolants import EXTRAPOLATING, METHODS, interpolated
from ._matrices import given_back, is_vector, unlabelled


def interp1(*args: Any) -> Any:
    """Interpolate values given at points on a line.

    ``interp1(x, v, xq)`` or ``interp1(v, xq)`` (points 1, 2, 3, ...), then possibly the method, and
    after it what to do outside the points.

    Args:
        *args: ``x``: the points, a real vector in any order, each point once. ``v``: the values, a
            vector as long as ``x``, or an array whose columns are interpolated each. ``xq``: where
            to interpolate. The method: "linear" (default), "nearest" (halfway to the right one),
            "previous", "next", "pchip" (cubic, keeps the shape of the data), "makima" (cubic,
            modified Akima) or "spline" (cubic, smooth second derivative, not-a-knot ends). Last
            "extrap", or the value outside the points: by default NaN, while "pchip", "makima" and
            "spline" extrapolate. None of the arrays may have labels.

    Returns:
        An array of the size of ``xq`` for a vector ``v``; else a column for each column of ``v``,
        with the sizes of ``xq`` first if it is no vector. An unformatted dlarray if an argument is
        a dlarray, else plain. It has derivatives with respect to ``x``, ``v``, ``xq`` and the value
        outside.

    Raises:
        FormatError: Labels, or sizes that do not fit.
        OptionError: An unknown method, points that are given twice, or complex points.

    Example:
        >>> interp1([0.0, 1.0, 2.0], [0.0, 10.0, 40.0], [0.5, 1.5, 3.0])
        array([ 5., 25., nan])
        >>> interp1([0.0, 10.0, 40.0], 3.5, "linear", "extrap")
        np.float64(55.0)

    Source:
        https://www.mathworks.com/help/matlab/ref/interp1.html
    """
    arrays, method, outside = _split(args)
    given = [*arrays, *([] if outside is None or isinstance(outside, str) else [outside])]
    V, Q = (
        unlabelled("interp1", Z, what) for Z, what in zip(arrays[-2:], ("v", "xq"), strict=True)
    )
    V = V if not is_vector(V) else _column(V)
    count = V.shape[0]
    points = arrays[0] if len(arrays) == 3 else np.arange(count) + 1.0
    X = unlabelled("interp1", points, "x")
    _check(X, V, Q)
    if outside is None:
        outside = "extrap" if method in EXTRAPOLATING else math.nan
    extrapolate = isinstance(outside, str)
    wanted = _result_sizes(V, Q)

    def run(x: Raw, v: Raw, q: Raw, fill: Raw) -> Raw:
        flat = jnp.reshape(jnp.real(q), (-1,), order="F")
        columns = jnp.reshape(v, (count, -1), order="F")
        y = interpolated(method, jnp.real(x).reshape(-1), columns, flat)
        if not extrapolate:
            out = (flat < jnp.min(jnp.real(x))) | (flat > jnp.max(jnp.real(x)))
            y = jnp.where(out[:, None], fill.reshape(()), y)
        y = jnp.where(jnp.isnan(flat)[:, None], jnp.nan, y)
        return jnp.reshape(y, wanted, order="F")

    result = apply("interp1", run, [X, V, Q, 0.0 if extrapolate else outside], "")
    if any(isinstance(z, dlarray) for z in given):
        return result
    return given_back(result, arrays[-1] if V.shape[1:] == (1,) else np.zeros((1, 1)))


def _split(args: tuple[Any, ...]) -> tuple[list[Any], str, Any]:
    """The arrays, the method, and the value or word for what lies outside (None if not given)."""
    place = next((i for i, x in enumerate(args) if isinstance(x, str)), len(args))
    arrays, options = list(args[:place]), args[place:]
    if len(arrays) not in (2, 3) or len(options) > 2:
        raise OptionError(
            "interp1: expected points, values and query points.",
            got={"arrays": len(arrays)},
            fix='For example interp1(x, v, xq, "linear", "extrap").',
        )
    if options and options[0] not in METHODS:
        raise OptionError(
            f'interp1: "{options[0]}" is not one of its methods.', fix=nearest(options[0], METHODS)
        )
    outside = options[1] if len(options) > 1 else None
    if isinstance(outside, str) and outside != "extrap":
        raise OptionError(
            f'interp1: "{outside}" does not say what to do outside the points.',
            fix='Use "extrap", or a number.',
        )
    return arrays, options[0] if options else "linear", outside


def _column(V: dlarray) -> dlarray:
    return apply("interp1", lambda v: v.reshape(-1, 1), [V], "", mix=False)


def _check(X: dlarray, V: dlarray, Q: dlarray) -> None:
    got = {name: labels.show(Z.shape) for name, Z in zip(("x", "v", "xq"), (X, V, Q), strict=True)}
    if not is_vector(X) or X.size != V.shape[0]:
        raise FormatError(
            "interp1: x must be a vector with a point for each value (each row of an array v).",
            got=got,
        )
    if X.size < 2:
        raise FormatError("interp1: at least two points are needed.", got=got)
    if "c" in (X.dtype.kind, Q.dtype.kind):
        raise OptionError("interp1: points must be real numbers.", got=got)
    if is_known(X._data):
        points = np.sort(np.asarray(X._data).ravel())
        if np.isnan(points).any() or (np.diff(points) == 0).any():
            raise OptionError(
                "interp1: x must have no point twice, and no NaN.",
                got=got,
                fix="Take the mean of values at one point, or remove all but one.",
            )


def _result_sizes(V: dlarray, Q: dlarray) -> tuple[int, ...]:
    """Sizes of the result, V being a column or an array of columns."""
    if V.shape[1:] == (1,):
        return Q.shape
    return ((Q.size,) if is_vector(Q) else Q.shape) + V.shape[1:]
