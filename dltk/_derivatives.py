"""Gradients, Jacobian rows, divergence and Laplacian of a pure function, with JAX.

Which transformation, measured on the CPU with PINNs (nine layers of 20, 10000 points) and the
gradient of their loss:

* rows: one cotangent per row is pulled back (``jax.vjp``). If x has fewer elements than there are
  rows, one tangent per element is pushed forward.
* divergence: one direction per component is pushed forward through one linearization
  (``jax.linearize``), 0.9 of the time of ``jax.jvp`` for each; where u is a derivative itself, 0.95
  of the time of pulling back.
* Laplacian: twice forward, 0.75 of the time of nested reverse mode (forward over reverse: 0.9).

A few directions run one by one, in a third to a half of the time that a batch of them
(``jax.vmap``) takes; many are batched, as each takes its time to compile. What has no forward mode
(a function with a pullback of its own, complex x) is pulled back.

The function returns u and what else it knows on the way, which is handed out beside the derivative.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from ._numbers import Raw

Handed = tuple[Raw, ...]
Function = Callable[..., tuple[Raw, Handed]]  # a pure function of the xs
Term = Callable[[Raw], Raw]

MOST_UNROLLED = 16  # directions that run one by one

_REFUSED = (TypeError, NotImplementedError)


def gradients(function: Function, xs: Sequence[Raw]) -> tuple[tuple[Raw, ...], Handed]:
    """MATLAB's gradients of a scalar by the xs."""
    out, back, handed = jax.vjp(function, *xs, has_aux=True)
    return tuple(conjugate(g) for g in back(jnp.ones(out.shape, out.dtype))), handed


def rows(function: Function, x: Raw, axis: int, count: int) -> tuple[Raw, Handed]:
    """Gradients of the sums of u(k, ...), for each of ``count`` k along ``axis``, k leading."""
    if x.size < count and x.dtype.kind != "c":
        try:
            return _pushed_rows(function, x, axis)
        except _REFUSED as error:
            _only_without_forward_mode(error)
    out, back, handed = jax.vjp(function, x, has_aux=True)
    return _pulled(back, _basis(out.shape, axis, out.dtype)), handed


def pulled_rows(function: Function, x: Raw, cotangents: Raw) -> tuple[Raw, Handed]:
    """Every cotangent of ``function(x)`` pulled back to x, as MATLAB's gradient."""
    _, back, handed = jax.vjp(function, x, has_aux=True)
    return _pulled(back, cotangents), handed


def _pulled(back: Callable[..., Any], cotangents: Raw) -> Raw:
    return conjugate(_each(lambda row: back(row)[0], cotangents))


def _pushed_rows(function: Function, x: Raw, axis: int) -> tuple[Raw, Handed]:
    """The same from one tangent per element of x."""
    _, push, handed = jax.linearize(function, x, has_aux=True)

    def column(tangent: Raw) -> Raw:
        out = push(tangent)
        return out.sum(tuple(i for i in range(out.ndim) if i != axis))

    basis = jnp.eye(x.size, dtype=x.dtype).reshape(x.size, *x.shape)
    return _each(column, basis).T.reshape(-1, *x.shape).astype(x.dtype), handed


def divergence(function: Function, x: Raw, axis: int) -> tuple[Raw, Handed]:
    """Sum along ``axis`` of the derivatives of u(i, b) by x(i, b), observations b not coupled."""
    basis = _basis(x.shape, axis, x.dtype)
    if x.dtype.kind != "c":
        try:
            _, push, handed = jax.linearize(function, x, has_aux=True)
            return _trace(push, basis, axis).astype(x.dtype), handed
        except _REFUSED as error:
            _only_without_forward_mode(error)
    out, back, handed = jax.vjp(function, x, has_aux=True)
    return _trace(lambda e: conjugate(back(e.real.astype(out.dtype))[0]), basis, axis), handed


def laplacian(function: Function, x: Raw, axis: int) -> tuple[Raw, Handed]:
    """Sum along ``axis`` of the second derivatives of u(b) by x(i, b), b not coupled."""
    basis = _basis(x.shape, axis, x.dtype)

    def pushed(direction: Raw) -> tuple[Raw, Handed]:
        def slope(at: Raw) -> tuple[Raw, Handed]:
            return jax.jvp(function, (at,), (direction,), has_aux=True)[1:]

        return jax.jvp(slope, (x,), (direction,), has_aux=True)[1:]

    try:
        total, handed = _summed(pushed, basis)
        return total.astype(x.dtype), handed
    except _REFUSED as error:
        _only_without_forward_mode(error)

    def gradient(at: Raw) -> tuple[Raw, Handed]:
        (slope,), handed = gradients(function, (at,))
        return slope, handed

    _, back, handed = jax.vjp(gradient, x, has_aux=True)
    return _trace(lambda e: back(e)[0], basis, axis), handed


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


def _each(term: Term, directions: Raw) -> Raw:
    """``term`` of every direction."""
    if len(directions) <= MOST_UNROLLED:
        return jnp.stack([term(direction) for direction in directions])
    return jax.vmap(term)(directions)


def _summed(term: Function, directions: Raw) -> tuple[Raw, Handed]:
    """The sum of ``term`` over all directions, and what it hands out, the same for each of them."""
    if len(directions) <= MOST_UNROLLED:
        found, handed = zip(*(term(direction) for direction in directions), strict=True)
        return functools.reduce(jnp.add, found), handed[0]
    found, handed = jax.vmap(term)(directions)
    return found.sum(0), tuple(h[0] for h in handed)


def _trace(term: Term, directions: Raw, axis: int) -> Raw:
    """The sum over i of element i along ``axis`` of ``term`` of direction i."""
    if len(directions) > MOST_UNROLLED:
        return jax.vmap(lambda e: (term(e) * e).sum(axis, keepdims=True))(directions).sum(0)
    parts = [
        lax.slice_in_dim(term(direction), i, i + 1, axis=axis)
        for i, direction in enumerate(directions)
    ]
    return functools.reduce(jnp.add, parts)


def _only_without_forward_mode(error: Exception) -> None:
    """Go on only if JAX refused forward mode, as it does for a function with its own pullback."""
    if not any(word in str(error) for word in ("custom_vjp", "custom_lin")):
        raise error
