# ruff: noqa: E501  (the table reads best one row per line)
"""Error function, gamma function and their relatives: one table row per function."""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.scipy import special

from .._errors import OptionError, UnsupportedError
from .._numbers import Raw, is_known, raw
from ..dlarray import dlarray
from ._align import broadcast
from ._options import whole, word
from ._pointwise import Rows

_rows = Rows(__name__)

FACTORIALS = np.array([float(math.factorial(n)) for n in range(171)])
TAILS = ("lower", "upper", "scaledlower", "scaledupper")


def _whole_factorial(n: Raw) -> Raw:
    """The factorial of whole n, correctly rounded; infinite beyond 170, NaN for what has none."""
    with np.errstate(over="ignore"):  # in single they are infinite from 35 on
        table = FACTORIALS.astype(n.dtype)
    exact = jnp.asarray(table)[jnp.clip(jnp.nan_to_num(n), 0, 170).astype(jnp.int32)]
    exact = jnp.where(n > 170, jnp.inf, exact)
    return jnp.where((n >= 0) & ((n == jnp.floor(n)) | jnp.isinf(n)), exact, jnp.nan)


def _gamma(x: Raw) -> Raw:
    """Exact at whole numbers, where the general formula is off by the last digits."""
    y = special.gamma(x)
    exact = _whole_factorial(x - 1)
    close = jnp.isfinite(exact) & jnp.isfinite(y)
    return y + lax.stop_gradient(jnp.where(close, exact - y, 0))


def _inverse_complement(x: Raw) -> Raw:
    """Through the normal distribution, which is exact near 0."""
    inside = (x > 0) & (x < 2)
    y = (0 - special.ndtri(jnp.where(inside, x, 1) / 2)) / math.sqrt(2)
    ends = jnp.where(x == 0, jnp.inf, jnp.where(x == 2, -jnp.inf, jnp.nan))
    return jnp.where(inside, y, ends)


def _inverse_error(x: Raw) -> Raw:
    inside = jnp.abs(x) < 1
    y = special.erfinv(jnp.where(inside, x, 0))
    ends = jnp.where(x == 1, jnp.inf, jnp.where(x == -1, -jnp.inf, jnp.nan))
    return jnp.where(inside, y, ends)


@jax.custom_jvp
def _lower(x: Raw, a: Raw) -> Raw:
    """The regularized lower incomplete gamma function."""
    inside = (x > 0) & (a > 0)
    y = special.gammainc(jnp.where(inside, a, 1), jnp.where(inside, x, 1))
    ends = jnp.where(a == 0, 1, jnp.where(x == 0, 0, jnp.nan))
    return jnp.where(inside, y, jnp.where((x >= 0) & (a >= 0), ends, jnp.nan)).astype(y.dtype)


@jax.custom_jvp
def _upper(x: Raw, a: Raw) -> Raw:
    inside = (x > 0) & (a > 0)
    y = special.gammaincc(jnp.where(inside, a, 1), jnp.where(inside, x, 1))
    return jnp.where(inside, y, 1 - _lower(x, a))


@jax.custom_jvp
def _by_order(x: Raw, a: Raw) -> Raw:
    """The derivative of the lower function by a."""
    inside = (x > 0) & (a > 0)
    y = lax.igamma_grad_a(jnp.where(inside, a, 1), jnp.where(inside, x, 1))
    return jnp.where(inside, y, 0)


def _density(x: Raw, a: Raw) -> Raw:
    """The derivative by x, x^(a-1) exp(-x) / gamma(a); JAX's own rule gives NaN at x = 0."""
    return jnp.exp(special.xlogy(a - 1, x) - x - special.gammaln(a))


def _is_zero(tangent: Any) -> bool:
    return isinstance(tangent, jax.custom_derivatives.SymbolicZero)


def _lower_rule(at: tuple[Raw, Raw], tangents: tuple[Any, Any]) -> tuple[Raw, Raw]:
    (x, a), (dx, da) = at, tangents
    slope = jnp.zeros_like(x)
    if not _is_zero(dx):
        slope = slope + _density(x, a) * dx
    if not _is_zero(da):
        slope = slope + _by_order(x, a) * da
    return _lower(x, a), slope


def _upper_rule(at: tuple[Raw, Raw], tangents: tuple[Any, Any]) -> tuple[Raw, Raw]:
    return _upper(*at), -_lower_rule(at, tangents)[1]


def _by_order_rule(at: tuple[Raw, Raw], tangents: tuple[Any, Any]) -> tuple[Raw, Raw]:
    (x, a), (dx, da) = at, tangents
    if not _is_zero(da):
        raise UnsupportedError(
            "gammainc: there is no second derivative by A.",
            fix="Differentiate by X as often as needed.",
        )
    slope = special.xlogy(_density(x, a), x) - _density(x, a) * special.digamma(a)
    return _by_order(x, a), slope * dx


_lower.defjvp(_lower_rule, symbolic_zeros=True)  # pyright: ignore[reportFunctionMemberAccess]
_upper.defjvp(_upper_rule, symbolic_zeros=True)  # pyright: ignore[reportFunctionMemberAccess]
_by_order.defjvp(_by_order_rule, symbolic_zeros=True)  # pyright: ignore[reportFunctionMemberAccess]


def gammainc(X: Any, A: Any, tail: str = "lower") -> Any:
    r"""Regularized incomplete gamma function, element by element.

    .. math:: P(x, a) = \frac{1}{\Gamma(a)} \int_0^x t^{a-1} e^{-t} dt

    Args:
        X: Upper limit of the integral, not negative: a dlarray (labels stay, operands line up by
            label) or plain numbers.
        A: Order, not negative, likewise.
        tail: "lower" is P, "upper" is Q = 1 - P, exact where P is close to 1. "scaledlower" and
            "scaledupper" are those times :math:`\Gamma(a+1) e^x / x^a`.

    Returns:
        The same kind of array; NaN outside the limits. All derivatives by ``X`` exist; those by
        ``A`` are of the first order.

    Example:
        >>> print(gammainc(1.0, 1.0))  # 1 - 1/e
        0.6321205588285577

    Source:
        https://www.mathworks.com/help/matlab/ref/gammainc.html
    """
    tail = word("gammainc", "tail", tail, TAILS)
    kernel = _lower if tail.endswith("lower") else _upper

    def function(x: Raw, a: Raw) -> Raw:
        y = kernel(x, a)
        if not tail.startswith("scaled"):
            return y
        scaled = y * jnp.exp(special.gammaln(a + 1) + x - special.xlogy(a, x))
        return jnp.where(x == 0, 1 if kernel is _lower else jnp.inf, scaled)

    return broadcast("gammainc", function, X, A)


def factorial(N: Any) -> Any:
    """Factorial of whole numbers, element by element: exact up to 22, correctly rounded up to 170.

    Args:
        N: A dlarray (labels stay) or plain numbers.

    Returns:
        The same kind of array, without derivative.

    Raises:
        OptionError: A negative number or a fraction (NaN inside a compiled dlfeval).

    Example:
        >>> print(factorial(5))
        120.0

    Source:
        https://www.mathworks.com/help/matlab/ref/factorial.html
    """
    value = N._data if isinstance(N, dlarray) else raw(N, "factorial")
    if is_known(value):
        numbers = np.asarray(value)
        if np.iscomplexobj(numbers) or not ((numbers >= 0) & (numbers == np.floor(numbers))).all():
            raise OptionError(
                "factorial: only whole numbers from 0 on have one.", fix="Use gamma(N + 1)."
            )
    return broadcast("factorial", lambda n: _whole_factorial(lax.stop_gradient(n)), N)


def psi(k: Any, X: Any = None) -> Any:
    r"""Polygamma function, the derivative of order k + 1 of :math:`\ln \Gamma`, element by element.

    ``psi(X)`` is the digamma function (k = 0), ``psi(k, X)`` its derivative of order k.

    Args:
        k: Order, a whole number from 0 on; or X, if it is the only argument.
        X: A dlarray (labels stay) or plain numbers.

    Returns:
        The same kind of array.

    Example:
        >>> print(psi(1.0).round(5), psi(1, 1.0).round(5))  # -Euler's constant, pi^2/6
        -0.57722 1.64493

    Source:
        https://www.mathworks.com/help/matlab/ref/psi.html
    """
    if X is None:
        return broadcast("psi", special.digamma, k)
    (order,) = whole("psi", "the order", k, least=0)
    if order == 0:
        return broadcast("psi", special.digamma, X)
    return broadcast("psi", lambda x: special.polygamma(order, x), X)


# name, function, formula, an argument and the value there
# fmt: off
erf = _rows.unary("erf", special.erf, "Error function", 0.0, 0.0)
erfc = _rows.unary("erfc", special.erfc, "1 - erf(X), exact for large X", 0.0, 1.0)
erfinv = _rows.unary("erfinv", _inverse_error, "Inverse of the error function, NaN outside [-1, 1]", 0.5, "0.47693...")
erfcinv = _rows.unary("erfcinv", _inverse_complement, "Inverse of erfc, exact for small X, NaN outside [0, 2]", 1.0, 0.0)
gammaln = _rows.unary("gammaln", special.gammaln, "Logarithm of the gamma function", 1.0, 0.0)
gamma = _rows.unary("gamma", _gamma, "Gamma function", 5.0, 24.0)
beta = _rows.binary("beta", lambda a, b: jnp.exp(special.betaln(a, b)), "Beta function gamma(A) gamma(B) / gamma(A + B) of positive numbers", 2.0, 3.0, "0.08333...")
betaln = _rows.binary("betaln", special.betaln, "Logarithm of the beta function of positive numbers", 2.0, 3.0, "-2.48490...")
# fmt: on
