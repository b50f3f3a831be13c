"""Random arrays. Outside dlfeval they come from MATLAB's stream, inside from a JAX key.

``rng(5); rand(3)`` gives MATLAB's numbers (`rand`, `randi`; MATLAB's `randn` uses a method of its
own). Inside dlfeval the generator is a part of the compiled program: every call draws anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax
import numpy as np

from .. import _random
from .._errors import OptionError
from .._numbers import DOUBLE, SINGLE, Raw
from ..dlarray import extractdata
from ._create import Request
from ._dimensions import vector, whole

Uniform = Callable[[tuple[int, ...], np.dtype], Raw]


def _uniform(sizes: Sequence[int], dtype: np.dtype) -> Raw:
    """Numbers between 0 and 1, the first dimension filled first."""
    if not _random.inside():
        draws = _random.host().random_sample(int(np.prod(sizes)))
        return draws.reshape(sizes, order="F").astype(dtype)
    with jax.enable_x64(True):
        tiny = np.finfo(dtype).tiny
        return jax.random.uniform(_key(), tuple(sizes), dtype, minval=tiny)


def _normal(sizes: Sequence[int], dtype: np.dtype) -> Raw:
    if not _random.inside():
        draws = _random.host().standard_normal(int(np.prod(sizes)))
        return draws.reshape(sizes, order="F").astype(dtype)
    with jax.enable_x64(True):
        return jax.random.normal(_key(), tuple(sizes), dtype)


def _key() -> Any:
    return jax.random.wrap_key_data(_random.draw(), impl="threefry2x32")


def _drawn(name: str, draw: Uniform, sz: Sequence[Any], like: Any) -> Any:
    wanted = Request(name, sz, like)
    if wanted.dtype not in (SINGLE, DOUBLE):
        raise OptionError(
            f"{name}: random numbers are single or double.", got={"type": wanted.dtype}
        )
    return wanted.finish(draw(wanted.sizes, wanted.dtype))


def rand(*sz: Any, like: Any = None) -> Any:
    """Random numbers, uniform between 0 and 1.

    Args:
        *sz: The sizes, and possibly "single" or "double".
        like: An array that gives the number type; a dlarray makes the result an unformatted
            dlarray.

    Returns:
        An array of type double, or as ``like``; a number without sizes. Inside `dlfeval` a JAX
        array.

    Example:
        >>> from dltk.functions._rng import rng
        >>> rng(0)
        >>> print(rand(2, 2).round(4))
        [[0.8147 0.127 ]
         [0.9058 0.9134]]

    Source:
        https://www.mathworks.com/help/matlab/ref/rand.html
    """
    return _drawn("rand", _uniform, sz, like)


def randn(*sz: Any, like: Any = None) -> Any:
    """Random numbers, normal with mean 0 and variance 1 (not MATLAB's own sequence).

    Args:
        *sz: The sizes, and possibly "single" or "double".
        like: An array that gives the number type; a dlarray makes the result an unformatted
            dlarray.

    Returns:
        An array of type double, or as ``like``; a number without sizes. Inside `dlfeval` a JAX
        array.

    Example:
        >>> randn(2, 3).shape
        (2, 3)

    Source:
        https://www.mathworks.com/help/matlab/ref/randn.html
    """
    return _drawn("randn", _normal, sz, like)


def randi(imax: Any, *sz: Any, like: Any = None) -> Any:
    """Random whole numbers.

    Args:
        imax: The largest number (the smallest is 1), or both as ``[imin, imax]``.
        *sz: The sizes, and possibly "single" or "double".
        like: An array that gives the number type; a dlarray makes the result an unformatted
            dlarray.

    Returns:
        Integers that may serve as subscripts (dltk computes with them as doubles), or the type that
        was asked for; a number without sizes. Inside `dlfeval` a JAX array.

    Example:
        >>> from dltk.functions._rng import rng
        >>> rng(0)
        >>> randi(10, 1, 5)
        array([[ 9, 10,  2, 10,  7]])

    Source:
        https://www.mathworks.com/help/matlab/ref/randi.html
    """
    limits = [whole("randi", n, "a limit") for n in vector(imax)]
    low, high = limits if len(limits) == 2 else (1, *limits)
    if high < low:
        raise OptionError("randi: the largest number is below the smallest.", got={"imax": imax})
    wanted = Request("randi", sz, like)
    dtype = wanted.dtype if wanted.typed else np.dtype(np.int64)
    with jax.enable_x64(True):
        steps = extractdata(_uniform(wanted.sizes, DOUBLE)) * (high - low + 1)
        return wanted.finish(steps.astype(np.int64).astype(dtype) + np.asarray(low, dtype))


def randperm(n: Any, k: Any = None) -> Any:
    """A random order of the numbers 1 to n.

    Args:
        n: How many numbers.
        k: How many of them to return, all by default.

    Returns:
        A vector of integers from 1 on; subtract 1 to use them as subscripts.

    Example:
        >>> sorted(randperm(5).tolist())
        [1, 2, 3, 4, 5]

    Source:
        https://www.mathworks.com/help/matlab/ref/randperm.html
    """
    count = whole("randperm", n, "the number n")
    part = count if k is None else whole("randperm", k, "the number k")
    if not 0 <= part <= count:
        raise OptionError(f"randperm: cannot choose {part} of {count} numbers.")
    with jax.enable_x64(True):
        return (_uniform((count,), DOUBLE).argsort() + 1)[:part]
