# ruff: noqa: E501  (tables read best one row per line)
"""Arithmetic, exponents and logarithms, complex parts, comparisons: one table row per function.

All of them take dlarrays and plain arrays; plain in, plain out. A dlarray keeps its labels; two
operands line up as `_align` says. Square roots, logarithms and fractional powers of negative real
numbers are NaN: a result is complex only if an input is (``complex_(X)`` makes it so).
Trigonometric functions, rounding and special functions have tables of their own.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from .._numbers import Raw, is_known, raw
from ..dlarray import dlarray, implements
from ._align import broadcast
from ._pointwise import Rows

_rows = Rows(__name__)


# Formulas that differ from jax.numpy's


def _abs(x: Raw) -> Raw:
    """With derivative 0 at 0."""
    return jnp.abs(x) if jnp.iscomplexobj(x) else jnp.sign(x) * x


def _exact(logarithm: Callable[[Raw], Raw], base: float) -> Callable[[Raw], Raw]:
    """A logarithm that is whole for the powers of its base; XLA's ``log2(8)`` is below 3."""
    exponents = np.arange(-1100, 1101)
    within = [math.fabs(n * math.log10(base)) < 308 for n in exponents]
    known = [
        float(base) ** int(n) if w else math.nan for n, w in zip(exponents, within, strict=True)
    ]

    def corrected(x: Raw) -> Raw:
        y = logarithm(x)
        if jnp.iscomplexobj(x):
            return y
        near = jnp.clip(jnp.nan_to_num(jnp.round(y)), -1100, 1100)
        with np.errstate(over="ignore"):  # in single most are infinite or 0
            table = np.asarray(known).astype(x.dtype)
        powers = jnp.asarray(table)[near.astype(jnp.int32) + 1100]
        hit = (powers == x) & jnp.isfinite(y)
        return y + lax.stop_gradient(jnp.where(hit, near - y, 0))

    return corrected


def _sign(x: Raw) -> Raw:
    """For complex numbers the direction, which has a derivative."""
    if not jnp.iscomplexobj(x):
        return jnp.sign(x)
    size = jnp.abs(x)
    return jnp.where(size == 0, 0, x / jnp.where(size == 0, 1, size))


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
    return broadcast("ldivide", lambda a, b: jnp.divide(b, a), A, B)


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
abs = _rows.unary("abs", _abs, "Absolute value, with derivative 0 at 0", -2.0, 2.0, np.abs)
exp = _rows.unary("exp", jnp.exp, "e to the power X", 0.0, 1.0, np.exp)
expm1 = _rows.unary("expm1", jnp.expm1, "exp(X) - 1, exact for small X", 0.0, 0.0, np.expm1)
log = _rows.unary("log", jnp.log, "Natural logarithm, NaN for negative X", 1.0, 0.0, np.log)
log1p = _rows.unary("log1p", jnp.log1p, "log(1 + X), exact for small X", 0.0, 0.0, np.log1p)
log2 = _rows.unary("log2", _exact(jnp.log2, 2), "Logarithm to the base 2", 1.0, 0.0, np.log2)
log10 = _rows.unary("log10", _exact(jnp.log10, 10), "Logarithm to the base 10", 100.0, 2.0, np.log10)
sqrt = _rows.unary("sqrt", jnp.sqrt, "Square root, NaN for negative X", 9.0, 3.0, np.sqrt)
sign = _rows.unary("sign", _sign, "-1, 0 or 1, with derivative 0; of a complex number X/abs(X)", -3.0, -1.0, np.sign)
uminus = _rows.unary("uminus", jnp.negative, "-X", 1.0, -1.0, np.negative)
uplus = _rows.unary("uplus", lambda x: x, "X", 1.0, 1.0, np.positive)
real = _rows.unary("real", jnp.real, "Real part", 1.0, 1.0, np.real)
imag = _rows.unary("imag", jnp.imag, "Imaginary part", 1.0, 0.0, np.imag)
conj = _rows.unary("conj", jnp.conj, "Complex conjugate", 1.0, 1.0, np.conjugate)
angle = _rows.unary("angle", jnp.angle, "Phase of complex numbers in radians", 1.0, 0.0, np.angle)
isfinite = _rows.unary("isfinite", jnp.isfinite, "Whether neither infinite nor NaN", 1.0, True, np.isfinite)
isinf = _rows.unary("isinf", jnp.isinf, "Whether infinite", 1.0, False, np.isinf)
isnan = _rows.unary("isnan", jnp.isnan, "Whether NaN", 1.0, False, np.isnan)
not_ = _rows.unary("not_", _logical(jnp.logical_not), "Logical not (``~X``)", 0.0, True, np.logical_not, np.invert)

plus = _rows.binary("plus", jnp.add, "A + B", 1.0, 2.0, 3.0, np.add)
minus = _rows.binary("minus", jnp.subtract, "A - B", 1.0, 2.0, -1.0, np.subtract)
times = _rows.binary("times", jnp.multiply, "A times B", 2.0, 3.0, 6.0, np.multiply)
rdivide = _rows.binary("rdivide", jnp.divide, "A divided by B", 1.0, 4.0, 0.25, np.divide)
hypot = _rows.binary("hypot", jnp.hypot, "Square root of A^2 + B^2", 3.0, 4.0, 5.0, np.hypot)
eq = _rows.binary("eq", jnp.equal, "Whether A == B", 1.0, 1.0, True, np.equal)
ne = _rows.binary("ne", jnp.not_equal, "Whether A and B differ", 1.0, 1.0, False, np.not_equal)
lt = _rows.binary("lt", jnp.less, "Whether A < B", 1.0, 2.0, True, np.less)
le = _rows.binary("le", jnp.less_equal, "Whether A <= B", 1.0, 2.0, True, np.less_equal)
gt = _rows.binary("gt", jnp.greater, "Whether A > B", 1.0, 2.0, False, np.greater)
ge = _rows.binary("ge", jnp.greater_equal, "Whether A >= B", 1.0, 2.0, False, np.greater_equal)
and_ = _rows.binary("and_", _logical(jnp.logical_and), "Logical and (``A & B``)", 1.0, 0.0, False, np.logical_and, np.bitwise_and)
or_ = _rows.binary("or_", _logical(jnp.logical_or), "Logical or (``A | B``)", 1.0, 0.0, True, np.logical_or, np.bitwise_or)
xor = _rows.binary("xor", _logical(jnp.logical_xor), "Logical exclusive or", 1.0, 0.0, True, np.logical_xor, np.bitwise_xor)
# fmt: on
