"""Bessel functions of whole order, with derivatives of any order.

Near 0 a function is its power series, far away its asymptotic expansion. In between the modified
function still is its series (all terms are positive), and J the integral of
cos(n t - x sin t) over a circle, which the trapezoidal rule gives to the last digit.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from .._errors import OptionError, UnsupportedError
from .._numbers import DOUBLE, Raw, convert
from ._align import broadcast
from ._dimensions import whole

HIGHEST = 20  # orders beyond would need ever more terms
EXPANSION = 30  # terms of the asymptotic expansion


def _far(n: int) -> float:
    """From where the asymptotic expansion holds to the last digit."""
    return max(30.0, n * n / 2)


def _series(n: int, x: Raw, sign: int, terms: int) -> Raw:
    """Sum of (sign x^2/4)^k / (k! (k + n)!) times (x/2)^n."""
    t = sign * jnp.square(x / 2)
    total = jnp.zeros_like(x)
    for k in range(terms, 0, -1):
        total = (total + 1) * t / (k * (k + n))
    return (total + 1) * lax.integer_pow(x / 2, n) / math.factorial(n)


def _expansion(n: int) -> list[float]:
    """Coefficients of Hankel's expansion in powers of 1/x."""
    found = [1.0]
    for k in range(1, EXPANSION + 1):
        found.append(found[-1] * (4 * n * n - (2 * k - 1) ** 2) / (8 * k))
    return found


def _polynomial(coefficients: list[float], x: Raw) -> Raw:
    return functools.reduce(lambda total, c: total * x + c, reversed(coefficients), 0.0 * x)


def _circle(n: int, x: Raw) -> Raw:
    """The mean of cos(n t - x sin t) over points of a circle, of which one half suffices."""
    far = _far(n)
    half = math.ceil((n + far + 45 * math.cbrt(far / 25)) / 2)
    total = jnp.full_like(x, (1 + (-1) ** n) / 2)
    for k in range(1, half):
        angle = math.pi * k / half
        total = total + jnp.cos(n * angle - x * math.sin(angle))
    return total / half


def _first_kind(n: int, x: Raw) -> Raw:
    """J of order n >= 0."""
    size, far = jnp.abs(x), _far(n)
    near = 2 * math.sqrt(n + 1)
    y = _series(n, jnp.minimum(size, near), -1, 24)
    y = jnp.where(size > near, _circle(n, jnp.clip(size, near, far)), y)
    distant = jnp.maximum(size, far)
    c = _expansion(n)
    even = _polynomial([v * (-1) ** k for k, v in enumerate(c[0::2])], 1 / distant**2)
    odd = _polynomial([v * (-1) ** k for k, v in enumerate(c[1::2])], 1 / distant**2) / distant
    phase = distant - (2 * n + 1) * math.pi / 4
    wave = jnp.sqrt(2 / (math.pi * distant)) * (even * jnp.cos(phase) - odd * jnp.sin(phase))
    wave = jnp.where(jnp.isinf(size), 0, wave)
    y = jnp.where(size > far, wave, y)
    return jnp.where(jnp.isnan(x), x, jnp.where(x < 0, (-1) ** n * y, y))


def _scaled(n: int, x: Raw) -> Raw:
    """I of order n >= 0 times exp(-abs(x))."""
    size, far = jnp.abs(x), _far(n)
    near = jnp.minimum(size, far)
    y = _series(n, near, 1, math.ceil(far / 2) + 50) * jnp.exp(-near)
    distant = jnp.maximum(size, far)
    alternating = [v * (-1) ** k for k, v in enumerate(_expansion(n))]
    tail = _polynomial(alternating, 1 / distant) / jnp.sqrt(2 * math.pi * distant)
    y = jnp.where(size > far, tail, y)
    return jnp.where(jnp.isnan(x), x, jnp.where(x < 0, (-1) ** n * y, y))


Rule = Callable[[int, Raw, Callable[[int, Raw], Raw]], Raw]


def _with_slope(value: Callable[[int, Raw], Raw], slope: Rule) -> Callable[[int, Raw], Raw]:
    """A function of a known order whose derivative is one of its neighbours'."""

    @functools.partial(jax.custom_jvp, nondiff_argnums=(0,))
    def function(n: int, x: Raw) -> Raw:
        return convert(value(n, convert(x, DOUBLE)), x.dtype)

    @function.defjvp
    def rule(n: int, at: tuple[Raw], tangents: tuple[Raw]) -> tuple[Raw, Raw]:
        (x,), (dx,) = at, tangents
        return function(n, x), slope(n, x, function) * dx

    return function


def _j_slope(n: int, x: Raw, J: Callable[[int, Raw], Raw]) -> Raw:
    return -J(1, x) if n == 0 else (J(n - 1, x) - J(n + 1, x)) / 2


def _i_slope(n: int, x: Raw, I: Callable[[int, Raw], Raw]) -> Raw:
    return I(1, x) if n == 0 else (I(n - 1, x) + I(n + 1, x)) / 2


def _scaled_slope(n: int, x: Raw, I: Callable[[int, Raw], Raw]) -> Raw:
    return _i_slope(n, x, I) - jnp.sign(x) * I(n, x)


_j = _with_slope(_first_kind, _j_slope)
_i = _with_slope(lambda n, x: _scaled(n, x) * jnp.exp(jnp.abs(x)), _i_slope)
_ie = _with_slope(_scaled, _scaled_slope)


def _order(name: str, nu: Any, scale: Any) -> int:
    n = whole(name, nu, "the order") if np.size(nu) == 1 else HIGHEST + 1
    if abs(n) > HIGHEST:
        raise UnsupportedError(
            f"{name}: the order must be one whole number from -{HIGHEST} to {HIGHEST}.",
            got={"nu": nu},
        )
    if isinstance(scale, str) or scale not in (0, 1):
        raise OptionError(f"{name}: scale must be 0 or 1.", got={"scale": scale})
    return n


def _bessel(name: str, function: Callable[[int, Raw], Raw], n: int, Z: Any, flip: int) -> Any:
    def run(x: Raw) -> Raw:
        if jnp.iscomplexobj(x):
            raise UnsupportedError(f"{name}: complex arguments are not available.")
        return flip * function(abs(n), x)

    return broadcast(name, run, Z)


def besselj(nu: Any, Z: Any, scale: Any = 0) -> Any:
    """Bessel function of the first kind, element by element.

    Args:
        nu: Order, one whole number from -20 to 20.
        Z: Real numbers: a dlarray (labels stay) or plain.
        scale: 1 multiplies by exp(-abs(imag(Z))), which is 1 for real numbers.

    Returns:
        The same kind of array; derivatives of any order exist.

    Raises:
        UnsupportedError: Another order, or complex numbers.

    Example:
        >>> print(besselj(0, 1.0).round(6))
        0.765198

    Source:
        https://www.mathworks.com/help/matlab/ref/besselj.html
    """
    n = _order("besselj", nu, scale)
    return _bessel("besselj", _j, n, Z, (-1) ** n if n < 0 else 1)


def besseli(nu: Any, Z: Any, scale: Any = 0) -> Any:
    """Modified Bessel function of the first kind, element by element.

    Args:
        nu: Order, one whole number from -20 to 20.
        Z: Real numbers: a dlarray (labels stay) or plain.
        scale: 1 multiplies by exp(-abs(Z)), so that large arguments do not overflow.

    Returns:
        The same kind of array; derivatives of any order exist.

    Raises:
        UnsupportedError: Another order, or complex numbers.

    Example:
        >>> print(besseli(0, 1.0).round(6), besseli(0, 1000.0, 1).round(6))
        1.266066 0.012617

    Source:
        https://www.mathworks.com/help/matlab/ref/besseli.html
    """
    n = _order("besseli", nu, scale)
    return _bessel("besseli", _ie if scale else _i, n, Z, 1)
