# ruff: noqa: E501  (tables read best one row per line)
"""Elementwise functions: one table row per member of the family.

All of them take dlarrays and plain arrays; plain in, plain out. A dlarray keeps its labels; two
operands line up as `_align` says. Square roots, logarithms and fractional powers of negative real
numbers are NaN: a result is complex only if an input is (``complex_(X)`` makes it so).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from .._numbers import Raw, is_known, raw
from ..dlarray import dlarray, implements
from ._align import broadcast

REFERENCE = "https://www.mathworks.com/help/matlab/ref/{}.html"


def _document(function: Any, name: str, formula: str, example: str) -> Any:
    function.__name__ = function.__qualname__ = name
    function.__module__ = __name__
    function.__doc__ = f"""{formula}, element by element.

    Takes dlarrays, whose labels and number type stay (two operands line up by label), and plain
    numbers and arrays, for which the result is plain.

    Example:
        >>> {example}

    Source:
        {REFERENCE.format(name)}
    """
    return function


def _unary(
    name: str,
    function: Callable[[Raw], Raw],
    formula: str,
    x: float,
    y: float | bool | str,
    *numpy: Callable[..., Any],
) -> Callable[[Any], Any]:
    """A public function of one array; ``name(x)`` is ``y``."""

    def elementwise(X: Any) -> Any:
        return broadcast(name, function, X)

    option = "  # doctest: +ELLIPSIS" if isinstance(y, str) else ""
    example = f"print({name}({x})){option}\n        {y}"
    return implements(*numpy)(_document(elementwise, name, formula, example))


def _binary(
    name: str,
    function: Callable[[Raw, Raw], Raw],
    formula: str,
    a: float,
    b: float,
    y: float | bool,
    *numpy: Callable[..., Any],
) -> Callable[[Any, Any], Any]:
    """A public function of two arrays; ``name(a, b)`` is ``y``."""

    def elementwise(A: Any, B: Any) -> Any:
        return broadcast(name, function, A, B)

    example = f"print({name}({a}, {b}))\n        {y}"
    return implements(*numpy)(_document(elementwise, name, formula, example))


# Formulas that differ from jax.numpy's


def _abs(x: Raw) -> Raw:
    """With derivative 0 at 0."""
    return jnp.abs(x) if jnp.iscomplexobj(x) else jnp.sign(x) * x


def _round(x: Raw) -> Raw:
    """Halves go away from zero."""
    size = jnp.abs(x)
    whole = jnp.floor(size)
    return jnp.sign(x) * (whole + (size - whole >= 0.5))


def _rem(a: Raw, b: Raw) -> Raw:
    """The sign of a; NaN for b = 0."""
    return jnp.fmod(a, b)


def _mod(a: Raw, b: Raw) -> Raw:
    """The sign of b; a for b = 0."""
    safe = jnp.where(b == 0, jnp.ones_like(b), b)
    rest = jnp.fmod(a, safe)
    rest = jnp.where((rest != 0) & ((rest < 0) != (safe < 0)), rest + safe, rest)
    return jnp.where(b == 0, a, rest)


def _logical(operation: Callable[..., Raw]) -> Callable[..., Raw]:
    return lambda *values: operation(*(v != 0 for v in values))


def power(A: Any, B: Any) -> Any:
    """A to the power B, element by element (``A ** B``).

    A whole number B is raised by multiplication, so negative A have a value and all derivatives; a
    fractional power of a negative number is NaN.

    Args:
        A: Base, a dlarray (labels stay, operands line up by label) or plain.
        B: Exponent, likewise.

    Example:
        >>> print(power(-2.0, 3))
        -8.0

    Source:
        https://www.mathworks.com/help/matlab/ref/power.html
    """
    exponent = None if isinstance(B, dlarray) else raw(B, "power")
    if exponent is not None and exponent.size == 1 and is_known(exponent):
        n = complex(exponent.reshape(()))
        if n.imag == 0 and n.real == int(n.real) and -64 <= n.real <= 64:
            return broadcast("power", lambda a: lax.integer_pow(a, int(n.real)), A)
    return broadcast("power", jnp.power, A, B)


implements(np.power, np.float_power)(power)


def ldivide(A: Any, B: Any) -> Any:
    """B divided by A, element by element.

    Example:
        >>> print(ldivide(4.0, 1.0))
        0.25

    Source:
        https://www.mathworks.com/help/matlab/ref/ldivide.html
    """
    return rdivide(B, A)


def complex_(A: Any, B: Any = 0.0) -> Any:
    """The complex array A + iB (MATLAB's ``complex``; the underscore keeps Python's own name free).

    Example:
        >>> print(complex_(1.0, 2.0))
        (1+2j)

    Source:
        https://www.mathworks.com/help/matlab/ref/complex.html
    """
    return broadcast("complex", lax.complex, A, B)


# name, function, formula, an argument and the value there, NumPy's counterpart
# fmt: off
abs = _unary("abs", _abs, "Absolute value, with derivative 0 at 0", -2.0, 2.0, np.abs)
exp = _unary("exp", jnp.exp, "e to the power X", 0.0, 1.0, np.exp)
expm1 = _unary("expm1", jnp.expm1, "exp(X) - 1, exact for small X", 0.0, 0.0, np.expm1)
log = _unary("log", jnp.log, "Natural logarithm, NaN for negative X", 1.0, 0.0, np.log)
log1p = _unary("log1p", jnp.log1p, "log(1 + X), exact for small X", 0.0, 0.0, np.log1p)
log2 = _unary("log2", jnp.log2, "Logarithm to the base 2", 1.0, 0.0, np.log2)
log10 = _unary("log10", jnp.log10, "Logarithm to the base 10", 100.0, 2.0, np.log10)
sqrt = _unary("sqrt", jnp.sqrt, "Square root, NaN for negative X", 9.0, 3.0, np.sqrt)
sin = _unary("sin", jnp.sin, "Sine of radians", 0.0, 0.0, np.sin)
cos = _unary("cos", jnp.cos, "Cosine of radians", 0.0, 1.0, np.cos)
tan = _unary("tan", jnp.tan, "Tangent of radians", 0.0, 0.0, np.tan)
sec = _unary("sec", lambda x: 1 / jnp.cos(x), "1/cos(X)", 0.0, 1.0)
csc = _unary("csc", lambda x: 1 / jnp.sin(x), "1/sin(X)", 1.5707963267948966, 1.0)
cot = _unary("cot", lambda x: 1 / jnp.tan(x), "1/tan(X)", 1.5707963267948966, 6.123233995736766e-17)
asin = _unary("asin", jnp.arcsin, "Inverse sine in radians, NaN outside [-1, 1]", 0.0, 0.0, np.arcsin)
acos = _unary("acos", jnp.arccos, "Inverse cosine in radians, NaN outside [-1, 1]", 1.0, 0.0, np.arccos)
atan = _unary("atan", jnp.arctan, "Inverse tangent in radians", 0.0, 0.0, np.arctan)
asec = _unary("asec", lambda x: jnp.arccos(1 / x), "Inverse secant in radians", 1.0, 0.0)
acsc = _unary("acsc", lambda x: jnp.arcsin(1 / x), "Inverse cosecant in radians", 1.0, 1.5707963267948966)
acot = _unary("acot", lambda x: jnp.arctan(1 / x), "Inverse cotangent in radians", 1.0, 0.7853981633974483)
sinh = _unary("sinh", jnp.sinh, "Hyperbolic sine", 0.0, 0.0, np.sinh)
cosh = _unary("cosh", jnp.cosh, "Hyperbolic cosine", 0.0, 1.0, np.cosh)
tanh = _unary("tanh", jnp.tanh, "Hyperbolic tangent", 0.0, 0.0, np.tanh)
asinh = _unary("asinh", jnp.arcsinh, "Inverse hyperbolic sine", 0.0, 0.0, np.arcsinh)
acosh = _unary("acosh", jnp.arccosh, "Inverse hyperbolic cosine, NaN below 1", 1.0, 0.0, np.arccosh)
atanh = _unary("atanh", jnp.arctanh, "Inverse hyperbolic tangent, NaN outside [-1, 1]", 0.0, 0.0, np.arctanh)
erf = _unary("erf", jax.scipy.special.erf, "Error function", 0.0, 0.0)
erfc = _unary("erfc", jax.scipy.special.erfc, "1 - erf(X), exact for large X", 0.0, 1.0)
gammaln = _unary("gammaln", jax.scipy.special.gammaln, "Logarithm of the gamma function", 1.0, 0.0)
gamma = _unary("gamma", jax.scipy.special.gamma, "Gamma function", 1.0, 1.0)
psi = _unary("psi", jax.scipy.special.digamma, "Derivative of the logarithm of the gamma function", 1.0, "-0.57721...")
sign = _unary("sign", jnp.sign, "-1, 0 or 1, with derivative 0", -3.0, -1.0, np.sign)
ceil = _unary("ceil", jnp.ceil, "Next whole number upwards, with derivative 0", 1.2, 2.0, np.ceil)
floor = _unary("floor", jnp.floor, "Next whole number downwards, with derivative 0", 1.8, 1.0, np.floor)
fix = _unary("fix", jnp.trunc, "Next whole number towards zero, with derivative 0", -1.8, -1.0, np.trunc)
round = _unary("round", _round, "Nearest whole number, halves away from zero, derivative 0", 2.5, 3.0, np.rint, np.round)
uminus = _unary("uminus", jnp.negative, "-X", 1.0, -1.0, np.negative)
uplus = _unary("uplus", lambda x: x, "X", 1.0, 1.0, np.positive)
real = _unary("real", jnp.real, "Real part", 1.0, 1.0, np.real)
imag = _unary("imag", jnp.imag, "Imaginary part", 1.0, 0.0, np.imag)
conj = _unary("conj", jnp.conj, "Complex conjugate", 1.0, 1.0, np.conjugate)
angle = _unary("angle", jnp.angle, "Phase of complex numbers in radians", 1.0, 0.0, np.angle)
isfinite = _unary("isfinite", jnp.isfinite, "Whether neither infinite nor NaN", 1.0, True, np.isfinite)
isinf = _unary("isinf", jnp.isinf, "Whether infinite", 1.0, False, np.isinf)
isnan = _unary("isnan", jnp.isnan, "Whether NaN", 1.0, False, np.isnan)
not_ = _unary("not_", _logical(jnp.logical_not), "Logical not (``~X``)", 0.0, True, np.logical_not, np.invert)

plus = _binary("plus", jnp.add, "A + B", 1.0, 2.0, 3.0, np.add)
minus = _binary("minus", jnp.subtract, "A - B", 1.0, 2.0, -1.0, np.subtract)
times = _binary("times", jnp.multiply, "A times B", 2.0, 3.0, 6.0, np.multiply)
rdivide = _binary("rdivide", jnp.divide, "A divided by B", 1.0, 4.0, 0.25, np.divide)
atan2 = _binary("atan2", jnp.arctan2, "Angle of the point (B, A) in radians", 0.0, 1.0, 0.0, np.arctan2)
hypot = _binary("hypot", jnp.hypot, "Square root of A^2 + B^2", 3.0, 4.0, 5.0, np.hypot)
rem = _binary("rem", _rem, "Remainder of A/B with the sign of A, NaN for B = 0", -7.0, 3.0, -1.0, np.fmod)
mod = _binary("mod", _mod, "Remainder of A/B with the sign of B, A for B = 0", -7.0, 3.0, 2.0, np.mod)
eq = _binary("eq", jnp.equal, "Whether A == B", 1.0, 1.0, True, np.equal)
ne = _binary("ne", jnp.not_equal, "Whether A and B differ", 1.0, 1.0, False, np.not_equal)
lt = _binary("lt", jnp.less, "Whether A < B", 1.0, 2.0, True, np.less)
le = _binary("le", jnp.less_equal, "Whether A <= B", 1.0, 2.0, True, np.less_equal)
gt = _binary("gt", jnp.greater, "Whether A > B", 1.0, 2.0, False, np.greater)
ge = _binary("ge", jnp.greater_equal, "Whether A >= B", 1.0, 2.0, False, np.greater_equal)
and_ = _binary("and_", _logical(jnp.logical_and), "Logical and (``A & B``)", 1.0, 0.0, False, np.logical_and, np.bitwise_and)
or_ = _binary("or_", _logical(jnp.logical_or), "Logical or (``A | B``)", 1.0, 0.0, True, np.logical_or, np.bitwise_or)
xor = _binary("xor", _logical(jnp.logical_xor), "Logical exclusive or", 1.0, 0.0, True, np.logical_xor, np.bitwise_xor)
# fmt: on
