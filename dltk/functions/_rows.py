"""Products of rows with rows, and the order in which their derivatives are multiplied.

The product a b' of matrices is linear in each of them. The gradient in a is the gradient of the
product times b. That in b is a product along the long side, the observations, for which both
factors would have to be read column by column. XLA for the CPU is fast only where the left factor
lies along its rows, so the smaller one of the two is transposed and stands on the left. JAX would
always have the gradient there: with 512 outputs of 128 inputs that is four times the work. (`once`
keeps XLA from moving the transposition into the product.)
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from jax.core import ShapedArray
from jax.extend.core import Primitive
from jax.interpreters import ad, batching, mlir

from .._numbers import Raw
from ._once import once


def rows_with_rows(a: Raw, b: Raw) -> Raw:
    """Products of the rows of a (..., m, c) with those of b (..., n, c), as (..., m, n)."""
    return _rows.bind(a, b)


def _product(a: Raw, b: Raw, column: int) -> Raw:
    """Sums over the last dimension of a, and over the last (1) or last but one (0) of b."""
    leading = tuple(range(a.ndim - 2))
    contracted = ((a.ndim - 1,), (b.ndim - 2 + column,))
    return lax.dot_general(a, b, (contracted, (leading, leading)))


def _plain(a: Raw, b: Raw) -> Raw:
    return _product(a, b, 1)


def _turned(x: Raw) -> Raw:
    return jnp.swapaxes(x, -1, -2)


def _gradient_in_a(cotangent: Raw, _: Any, b: Raw) -> Raw:
    return _product(cotangent, b, 0)


def _gradient_in_b(cotangent: Raw, a: Raw, _: Any) -> Raw:
    if a.shape[-1] <= cotangent.shape[-1]:
        return _turned(_product(once(_turned(a)), cotangent, 0))
    return _product(once(_turned(cotangent)), a, 0)


def _batched(arguments: Any, axes: Any) -> tuple[Raw, int]:
    return jax.vmap(_plain, axes)(*arguments), 0


_rows = Primitive("rows_with_rows")
_rows.def_impl(jax.jit(_plain))
_rows.def_abstract_eval(lambda a, b: ShapedArray((*a.shape[:-1], b.shape[-2]), a.dtype))
mlir.register_lowering(_rows, mlir.lower_fun(_plain, multiple_results=False))
batching.primitive_batchers[_rows] = _batched
ad.defbilinear(_rows, _gradient_in_a, _gradient_in_b)
