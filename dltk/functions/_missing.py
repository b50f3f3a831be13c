"""Whether an array holds NaN or infinite numbers anywhere."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp

from ..dlarray import apply, dlarray, extractdata
from ._dimensions import operand


def anynan(X: Any) -> Any:
    """Whether any element is NaN.

    Args:
        X: A dlarray or plain numbers.

    Returns:
        A logical scalar, for a dlarray an unformatted dlarray (which may steer an ``if``).

    Example:
        >>> print(anynan([1.0, float("nan")]))
        True

    Source:
        https://www.mathworks.com/help/matlab/ref/anynan.html
    """
    return _whole("anynan", lambda x: jnp.any(jnp.isnan(x), keepdims=True), X)


def allfinite(X: Any) -> Any:
    """Whether no element is NaN or infinite.

    Args:
        X: A dlarray or plain numbers.

    Returns:
        A logical scalar, for a dlarray an unformatted dlarray (which may steer an ``if``).

    Example:
        >>> print(allfinite([1.0, 2.0]))
        True

    Source:
        https://www.mathworks.com/help/matlab/ref/allfinite.html
    """
    return _whole("allfinite", lambda x: jnp.all(jnp.isfinite(x), keepdims=True), X)


def _whole(name: str, kernel: Any, X: Any) -> Any:
    result = apply(name, kernel, [operand(X, name)], "", mix=False)
    return result if isinstance(X, dlarray) else extractdata(result).reshape(())[()]
