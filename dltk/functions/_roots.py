"""Roots, powers and logarithms that stay real; MATLAB refuses what has no real value.

Inside a compiled dlfeval, where values are not known, it becomes NaN.
"""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from .._errors import OptionError
from .._numbers import Raw, is_known, raw
from ..dlarray import dlarray
from ._align import broadcast


def _known(X: Any, name: str) -> np.ndarray | None:
    value = X._data if isinstance(X, dlarray) else raw(X, name)
    return np.asarray(value) if is_known(value) else None


def _refuse_negative(name: str, X: Any) -> None:
    """Raise for numbers without a real root or logarithm, as far as they are known."""
    value = _known(X, name)
    dtype = X.dtype if isinstance(X, dlarray) else raw(X, name).dtype
    if dtype.kind == "c" or (value is not None and (value < 0).any()):
        what = "complex" if dtype.kind == "c" else "negative"
        raise OptionError(
            f"{name}: there is no real result for {what} numbers.",
            fix=f"Use {name.removeprefix('real')}(X) for a result that may be NaN or complex.",
        )


def _has_pair(X: Any, Y: Any, a: np.ndarray, b: np.ndarray) -> bool:
    """Whether both hold somewhere; of dlarrays (labels decide which elements meet) only scalars."""
    if a.size == 1 or b.size == 1:
        return bool(a.any() and b.any())
    if a.ndim == b.ndim and not (isinstance(X, dlarray) or isinstance(Y, dlarray)):
        return bool((a & b).any())
    return False


def realsqrt(X: Any) -> Any:
    """Square root of numbers that are not negative, element by element.

    Args:
        X: A dlarray (labels stay) or plain numbers.

    Returns:
        The same kind of array.

    Raises:
        OptionError: Negative or complex numbers (inside a compiled dlfeval negative ones give NaN).

    Example:
        >>> print(realsqrt(9.0))
        3.0

    Source:
        https://www.mathworks.com/help/matlab/ref/realsqrt.html
    """
    _refuse_negative("realsqrt", X)
    return broadcast("realsqrt", jnp.sqrt, X)


def reallog(X: Any) -> Any:
    """Natural logarithm of numbers that are not negative, element by element.

    Args:
        X: A dlarray (labels stay) or plain numbers.

    Returns:
        The same kind of array.

    Raises:
        OptionError: Negative or complex numbers (inside a compiled dlfeval negative ones give NaN).

    Example:
        >>> print(reallog(1.0))
        0.0

    Source:
        https://www.mathworks.com/help/matlab/ref/reallog.html
    """
    _refuse_negative("reallog", X)
    return broadcast("reallog", jnp.log, X)


def nthroot(X: Any, N: Any) -> Any:
    """Real root of order N, element by element; negative X have one for odd N.

    Args:
        X: A dlarray (labels stay, operands line up by label) or plain numbers.
        N: Order of the root, likewise; not 0.

    Returns:
        The same kind of array; the derivative at 0 is infinite.

    Raises:
        OptionError: A negative X with an N that is not an odd whole number (NaN inside a compiled
            dlfeval), or complex numbers.

    Example:
        >>> print(nthroot(-27.0, 3))
        -3.0

    Source:
        https://www.mathworks.com/help/matlab/ref/nthroot.html
    """
    x, n = _known(X, "nthroot"), _known(N, "nthroot")
    if any(value is not None and value.dtype.kind == "c" for value in (x, n)):
        raise OptionError("nthroot: complex numbers have no real root.", fix="Use power(X, 1 / N).")
    if x is not None and n is not None and _has_pair(X, N, x < 0, np.abs(np.fmod(n, 2)) != 1):
        raise OptionError(
            "nthroot: negative numbers have a real root only if N is an odd whole number.",
            got={"N": n if n.size == 1 else f"{n.size} numbers"},
        )
    return broadcast("nthroot", _root, X, N)


def _root(x: Raw, n: Raw) -> Raw:
    """One step of Newton's method makes whole roots whole."""
    odd = jnp.abs(jnp.fmod(n, 2)) == 1
    size = jnp.where(x == 0, 1, jnp.abs(x))
    y = size ** (1 / n)
    step = y - (y**n - size) / (n * y ** (n - 1))
    y = jnp.where(jnp.isfinite(step), step, y) * jnp.sign(x)
    return jnp.where((x < 0) & ~odd, jnp.nan, jnp.where(x == 0, jnp.abs(x) ** (1 / n), y))


def realpow(X: Any, Y: Any) -> Any:
    """X to the power Y where that is real, element by element.

    Args:
        X: Base, a dlarray (labels stay, operands line up by label) or plain numbers.
        Y: Exponent, likewise.

    Returns:
        The same kind of array.

    Raises:
        OptionError: A negative base with an exponent that is not whole (NaN inside a compiled
            dlfeval), or complex numbers.

    Example:
        >>> print(realpow(-2.0, 3))
        -8.0

    Source:
        https://www.mathworks.com/help/matlab/ref/realpow.html
    """
    x, y = _known(X, "realpow"), _known(Y, "realpow")
    if any(value is not None and value.dtype.kind == "c" for value in (x, y)):
        raise OptionError("realpow: there is no real result for complex numbers.", fix="Use power.")
    if x is not None and y is not None and _has_pair(X, Y, x < 0, y != np.floor(y)):
        raise OptionError(
            "realpow: negative numbers have a real power only if the exponent is whole.",
            fix="Use power(X, Y) for a result that may be NaN.",
        )
    return broadcast("realpow", jnp.power, X, Y)


def pow2(X: Any, E: Any = None) -> Any:
    """2 to the power X, or X times 2 to the power E, element by element.

    Args:
        X: The exponent, or with ``E`` the factor: a dlarray (labels stay, operands line up by
            label) or plain numbers.
        E: Exponent, whose fraction does not count.

    Returns:
        The same kind of array.

    Example:
        >>> print(pow2(3.0), pow2(0.75, 4))
        8.0 12.0

    Source:
        https://www.mathworks.com/help/matlab/ref/pow2.html
    """
    if E is None:
        return broadcast("pow2", _power_of_two, X)
    return broadcast("pow2", lambda x, e: jnp.ldexp(x, jnp.trunc(e).astype(jnp.int32)), X, E)


def _power_of_two(x: Raw) -> Raw:
    """Exact for whole numbers, of which XLA's exp2 gives 7.999... for 3."""
    whole = jnp.floor(x)
    usual = jnp.abs(whole) < 2000
    factor = jnp.ldexp(jnp.ones_like(x), jnp.where(usual, whole, 0).astype(jnp.int32))
    return jnp.where(usual, jnp.exp2(jnp.where(usual, x - whole, 0)) * factor, jnp.exp2(x))
