"""Jacobian rows, divergence and Laplacian of a pure function of one array, with JAX.

Which transformation, measured on the CPU with PINNs (nine layers of 20, 10000 points) and the
gradient of their loss:

* rows: one cotangent per row is pulled back (``jax.vjp``). If x has fewer elements than there are
  rows, one tangent per element is pushed forward (``jax.jvp``).
* divergence: one direction per component is pushed forward.
* Laplacian: twice forward, 0.75 of the time of nested reverse mode (forward over reverse: 0.9).

A few directions run one by one, in a third to a half of the time that a batch of them
(``jax.vmap``) takes; many are batched, as each takes its time to compile. What has no forward mode
(a function with a pullback of its own, complex x) is pulled back.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from ._numbers import Raw

Function = Callable[[Raw], Raw]

MOST_UNROLLED = 16  # directions that run one by one

_REFUSED = (TypeError, NotImplementedError)


def rows(function: Function, x: Raw, axis: int) -> Raw:
    """Gradients of the sums of u(k, ...), for each k along ``axis``; a leading dimension for k."""
    aval = jax.eval_shape(function, x)
    if x.size < aval.shape[axis] and x.dtype.kind != "c":
        try:
            return _rows_forward(function, x, axis)
        except _REFUSED as error:
            _only_without_forward_mode(error)
    basis = _basis(aval.shape, axis, aval.dtype)
    return pulled_rows(function, x, basis)


def pulled_rows(function: Function, x: Raw, cotangents: Raw) -> Raw:
    """Every cotangent of ``function(x)`` pulled back to x, as MATLAB's gradient."""
    _, back = jax.vjp(function, x)
    return conjugate(_each(lambda row: back(row)[0], cotangents))


def _rows_forward(function: Function, x: Raw, axis: int) -> Raw:
    basis = jnp.eye(x.size, dtype=x.dtype).reshape(x.size, *x.shape)

    def column(tangent: Raw) -> Raw:
        out = jax.jvp(function, (x,), (tangent,))[1]
        return out.sum(tuple(i for i in range(out.ndim) if i != axis))

    return _each(column, basis).T.reshape(-1, *x.shape).astype(x.dtype)


def divergence(function: Function, x: Raw, axis: int) -> Raw:
    """Sum along ``axis`` of the derivatives of u(i, b) by x(i, b), observations b not coupled."""
    basis = _basis(x.shape, axis, x.dtype)

    def pushed(direction: Raw) -> Raw:
        out = jax.jvp(function, (x,), (direction,))[1]
        return (out * direction).sum(axis, keepdims=True)

    if x.dtype.kind != "c":
        try:
            return _summed(pushed, basis).astype(x.dtype)
        except _REFUSED as error:
            _only_without_forward_mode(error)
    out, back = jax.vjp(function, x)

    def pulled(direction: Raw) -> Raw:
        row = conjugate(back(direction.real.astype(out.dtype))[0])
        return (row * direction).sum(axis, keepdims=True)

    return _summed(pulled, basis)


def laplacian(function: Function, x: Raw, axis: int) -> Raw:
    """Sum along ``axis`` of the second derivatives of u(b) by x(i, b), b not coupled."""
    basis = _basis(x.shape, axis, x.dtype)

    def pushed(direction: Raw) -> Raw:
        def slope(at: Raw) -> Raw:
            return jax.jvp(function, (at,), (direction,))[1]

        return jax.jvp(slope, (x,), (direction,))[1]

    try:
        return _summed(pushed, basis).astype(x.dtype)
    except _REFUSED as error:
        _only_without_forward_mode(error)

    def gradient(at: Raw) -> Raw:
        out, back = jax.vjp(function, at)
        return back(jnp.ones(out.shape, out.dtype))[0]

    _, back = jax.vjp(gradient, x)
    return _summed(lambda e: (back(e)[0] * e).sum(axis, keepdims=True), basis)


def conjugate(gradient: Raw) -> Raw:
    """MATLAB's gradient by a complex variable, from JAX's."""
    return jnp.conj(gradient) if gradient.dtype.kind == "c" else gradient


def _basis(shape: tuple[int, ...], axis: int, dtype: Any) -> Raw:
    """Arrays of a shape, each 1 at its own place along an axis, 0 elsewhere."""
    count = shape[axis]
    if count == 1:
        return jnp.ones((1, *shape), dtype)
    sizes = [count] + [count if i == axis else 1 for i in range(len(shape))]
    return jnp.broadcast_to(jnp.eye(count, dtype=dtype).reshape(sizes), (count, *shape))


def _each(term: Function, directions: Raw) -> Raw:
    """``term`` of every direction."""
    if len(directions) <= MOST_UNROLLED:
        return jnp.stack([term(direction) for direction in directions])
    return jax.vmap(term)(directions)


def _summed(term: Function, directions: Raw) -> Raw:
    """The sum of ``term`` over all directions."""
    if len(directions) <= MOST_UNROLLED:
        return functools.reduce(jnp.add, [term(direction) for direction in directions])
    return jax.vmap(term)(directions).sum(0)


def _only_without_forward_mode(error: Exception) -> None:
    """Go on only if JAX refused forward mode, as it does for a function with its own pullback."""
    if not any(word in str(error) for word in ("custom_vjp", "custom_lin")):
        raise error
