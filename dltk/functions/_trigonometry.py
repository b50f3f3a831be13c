# ruff: noqa: E501  (the table reads best one row per line)
"""Trigonometric and hyperbolic functions: one table row per function.

Angles are in radians; the functions that end in ``d`` take or give degrees, and ``sinpi`` and
``cospi`` half turns. Those two kinds are exact at multiples of a right angle.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import jax.numpy as jnp
import numpy as np

from .._numbers import Raw
from ._pointwise import Rows

_rows = Rows(__name__)


def _reduced_sine(half_turn: float) -> Callable[[Raw], Raw]:
    """Sine in a unit of which ``half_turn`` make pi, the argument first brought near 0."""

    def sine(x: Raw) -> Raw:
        r = x - 2 * half_turn * jnp.round(x / (2 * half_turn))
        quarter = half_turn / 2
        r = jnp.where(r > quarter, half_turn - r, jnp.where(r < -quarter, -half_turn - r, r))
        return jnp.sin(r * (math.pi / half_turn))

    return sine


def _reduced_cosine(half_turn: float) -> Callable[[Raw], Raw]:
    """Cosine as the sine of the distance from the nearest zero of the cosine."""

    def cosine(x: Raw) -> Raw:
        r = x - 2 * half_turn * jnp.round(x / (2 * half_turn))
        quarter = half_turn / 2
        return jnp.sin(jnp.where(r > 0, quarter - r, quarter + r) * (math.pi / half_turn))

    return cosine


_sind, _cosd = _reduced_sine(180), _reduced_cosine(180)


def _degrees(inverse: Callable[..., Raw]) -> Callable[..., Raw]:
    return lambda *x: inverse(*x) * (180 / math.pi)


# name, function, formula, an argument and the value there, NumPy's counterpart
# fmt: off
sin = _rows.unary("sin", jnp.sin, "Sine of radians", 0.0, 0.0, np.sin)
cos = _rows.unary("cos", jnp.cos, "Cosine of radians", 0.0, 1.0, np.cos)
tan = _rows.unary("tan", jnp.tan, "Tangent of radians", 0.0, 0.0, np.tan)
sec = _rows.unary("sec", lambda x: 1 / jnp.cos(x), "1/cos(X)", 0.0, 1.0)
csc = _rows.unary("csc", lambda x: 1 / jnp.sin(x), "1/sin(X)", 1.5707963267948966, 1.0)
cot = _rows.unary("cot", lambda x: 1 / jnp.tan(x), "1/tan(X)", 1.5707963267948966, 6.123233995736766e-17)
asin = _rows.unary("asin", jnp.arcsin, "Inverse sine in radians, NaN outside [-1, 1]", 0.0, 0.0, np.arcsin)
acos = _rows.unary("acos", jnp.arccos, "Inverse cosine in radians, NaN outside [-1, 1]", 1.0, 0.0, np.arccos)
atan = _rows.unary("atan", jnp.arctan, "Inverse tangent in radians", 0.0, 0.0, np.arctan)
asec = _rows.unary("asec", lambda x: jnp.arccos(1 / x), "Inverse secant in radians", 1.0, 0.0)
acsc = _rows.unary("acsc", lambda x: jnp.arcsin(1 / x), "Inverse cosecant in radians", 1.0, 1.5707963267948966)
acot = _rows.unary("acot", lambda x: jnp.arctan(1 / x), "Inverse cotangent in radians", 1.0, 0.7853981633974483)
sinh = _rows.unary("sinh", jnp.sinh, "Hyperbolic sine", 0.0, 0.0, np.sinh)
cosh = _rows.unary("cosh", jnp.cosh, "Hyperbolic cosine", 0.0, 1.0, np.cosh)
tanh = _rows.unary("tanh", jnp.tanh, "Hyperbolic tangent", 0.0, 0.0, np.tanh)
asinh = _rows.unary("asinh", jnp.arcsinh, "Inverse hyperbolic sine", 0.0, 0.0, np.arcsinh)
acosh = _rows.unary("acosh", jnp.arccosh, "Inverse hyperbolic cosine, NaN below 1", 1.0, 0.0, np.arccosh)
atanh = _rows.unary("atanh", jnp.arctanh, "Inverse hyperbolic tangent, NaN outside [-1, 1]", 0.0, 0.0, np.arctanh)
atan2 = _rows.binary("atan2", jnp.arctan2, "Angle of the point (B, A) in radians", 0.0, 1.0, 0.0, np.arctan2)
sech = _rows.unary("sech", lambda x: 1 / jnp.cosh(x), "1/cosh(X)", 0.0, 1.0)
csch = _rows.unary("csch", lambda x: 1 / jnp.sinh(x), "1/sinh(X)", 1.0, "0.85091...")
coth = _rows.unary("coth", lambda x: 1 / jnp.tanh(x), "1/tanh(X)", 1.0, "1.31303...")
asech = _rows.unary("asech", lambda x: jnp.arccosh(1 / x), "Inverse hyperbolic secant, NaN outside [0, 1]", 1.0, 0.0)
acsch = _rows.unary("acsch", lambda x: jnp.arcsinh(1 / x), "Inverse hyperbolic cosecant", 1.0, "0.88137...")
acoth = _rows.unary("acoth", lambda x: jnp.arctanh(1 / x), "Inverse hyperbolic cotangent, NaN inside (-1, 1)", 2.0, "0.54930...")
sind = _rows.unary("sind", _sind, "Sine of degrees", 180.0, 0.0)
cosd = _rows.unary("cosd", _cosd, "Cosine of degrees", 90.0, 0.0)
tand = _rows.unary("tand", lambda x: _sind(x) / _cosd(x), "Tangent of degrees", 0.0, 0.0)
asind = _rows.unary("asind", _degrees(jnp.arcsin), "Inverse sine in degrees, NaN outside [-1, 1]", 1.0, 90.0)
acosd = _rows.unary("acosd", _degrees(jnp.arccos), "Inverse cosine in degrees, NaN outside [-1, 1]", 0.0, 90.0)
atand = _rows.unary("atand", _degrees(jnp.arctan), "Inverse tangent in degrees", 1.0, 45.0)
atan2d = _rows.binary("atan2d", _degrees(jnp.arctan2), "Angle of the point (B, A) in degrees", 1.0, 0.0, 90.0)
sinpi = _rows.unary("sinpi", _reduced_sine(1), "Sine of pi times X", 1.0, 0.0)
cospi = _rows.unary("cospi", _reduced_cosine(1), "Cosine of pi times X", 0.5, 0.0)
deg2rad = _rows.unary("deg2rad", lambda x: x * (math.pi / 180), "Radians of degrees", 180.0, "3.14159...", np.deg2rad, np.radians)
rad2deg = _rows.unary("rad2deg", lambda x: x * (180 / math.pi), "Degrees of radians", 0.0, 0.0, np.rad2deg, np.degrees)
# fmt: on
