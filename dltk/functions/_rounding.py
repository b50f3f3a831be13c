# ruff: noqa: E501  (the table reads best one row per line)
"""Rounding and remainders, and what the number types round to. All steps have derivative 0."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from .._errors import OptionError
from .._numbers import DOUBLE, Raw, convert
from ..dlarray import implements
from ._align import broadcast
from ._dimensions import whole as whole_number
from ._options import word
from ._pointwise import Rows

_rows = Rows(__name__)

MOST = 300  # a power of ten beyond this one is taken in two factors
TENS = np.array([float(f"1e{k}") for k in range(MOST + 1)])


def _nearest(x: Raw) -> Raw:
    """Halves go away from zero."""
    size = jnp.abs(x)
    whole = jnp.floor(size)
    return jnp.sign(x) * (whole + (size - whole >= 0.5))


def _ten(k: Raw) -> Raw:
    """10^k for whole k from 0 on, correctly rounded up to 10^300."""
    return jnp.asarray(TENS)[jnp.minimum(k, MOST)] * jnp.asarray(TENS)[jnp.maximum(k - MOST, 0)]


def _to_digits(x: Raw, digits: Raw) -> Raw:
    """Rounded to a number of digits after the point (before it, if negative), in double."""
    up, down = _ten(jnp.clip(digits, 0, 2 * MOST)), _ten(jnp.clip(-digits, 0, 2 * MOST))
    scaled = x * up / down
    return jnp.where(jnp.isfinite(scaled), _nearest(scaled) * down / up, x)


def _decimals(n: int) -> Any:
    def rounded(x: Raw) -> Raw:
        return convert(_to_digits(convert(lax.stop_gradient(x), DOUBLE), n), x.dtype)

    return rounded


def _significant(n: int) -> Any:
    def rounded(x: Raw) -> Raw:
        wide = convert(lax.stop_gradient(x), DOUBLE)
        size = jnp.abs(wide)
        usual = (size > 0) & jnp.isfinite(size)
        size = jnp.where(usual, size, 1)
        first = jnp.floor(jnp.log10(size)).astype(jnp.int32)
        first = first + (size * _ten(jnp.maximum(-first - 1, 0)) >= _ten(jnp.maximum(first + 1, 0)))
        first = first - (size * _ten(jnp.maximum(-first, 0)) < _ten(jnp.maximum(first, 0)))
        result = jnp.where(usual, _to_digits(wide, n - 1 - first), wide)
        return convert(result, x.dtype)

    return rounded


def round(X: Any, N: Any = 0, type: str = "decimals") -> Any:
    """Nearest whole number, or nearest number with N digits; halves go away from zero.

    Args:
        X: A dlarray (labels stay) or plain numbers.
        N: Number of digits: after the decimal point ("decimals"; a negative one rounds to tens,
            hundreds, ...), or in all ("significant", at least 1).
        type: "decimals" or "significant".

    Returns:
        The same kind of array, with derivative 0.

    Example:
        >>> print(round(2.5), round(-1234.567, 1), round(-1234.567, 2, "significant"))
        3.0 -1234.6 -1200.0

    Source:
        https://www.mathworks.com/help/matlab/ref/round.html
    """
    type = word("round", "type", type, ("decimals", "significant"))
    if type == "significant":
        digits = whole_number("round", N, "the number of digits")
        if digits < 1:
            raise OptionError(
                "round: there must be at least one significant digit.", got={"N": digits}
            )
        return broadcast("round", _significant(digits), X)
    digits = whole_number("round", N, "the number of digits")
    return broadcast("round", _decimals(digits) if digits else _nearest, X)


implements(np.rint, np.round)(round)


def _rem(a: Raw, b: Raw) -> Raw:
    """The sign of a; NaN for b = 0."""
    return jnp.fmod(a, b)


def _mod(a: Raw, b: Raw) -> Raw:
    """The sign of b; a for b = 0."""
    safe = jnp.where(b == 0, jnp.ones_like(b), b)
    rest = jnp.fmod(a, safe)
    rest = jnp.where((rest != 0) & ((rest < 0) != (safe < 0)), rest + safe, rest)
    return jnp.where(b == 0, a, rest)


def _exponent(x: Raw) -> Raw:
    """The smallest whole p with 2^p >= abs(x); 0 for 0."""
    x = jnp.abs(lax.stop_gradient(x))
    fraction, p = jnp.frexp(x)
    p = jnp.where(fraction == 0.5, p - 1, p).astype(x.dtype)
    return jnp.where(jnp.isfinite(x), jnp.where(x == 0, 0, p), x)


# name, function, formula, an argument and the value there, NumPy's counterpart
# fmt: off
ceil = _rows.unary("ceil", jnp.ceil, "Next whole number upwards, with derivative 0", 1.2, 2.0, np.ceil)
floor = _rows.unary("floor", jnp.floor, "Next whole number downwards, with derivative 0", 1.8, 1.0, np.floor)
fix = _rows.unary("fix", jnp.trunc, "Next whole number towards zero, with derivative 0", -1.8, -1.0, np.trunc)
nextpow2 = _rows.unary("nextpow2", _exponent, "Exponent of the next power of 2 that is not below abs(X)", 100.0, 7.0)
rem = _rows.binary("rem", _rem, "Remainder of A/B with the sign of A, NaN for B = 0", -7.0, 3.0, -1.0, np.fmod)
mod = _rows.binary("mod", _mod, "Remainder of A/B with the sign of B, A for B = 0", -7.0, 3.0, 2.0, np.mod)
# fmt: on
