"""The compiled programs of L-BFGS, on one flat vector of all parameters that move."""

from __future__ import annotations

from collections.abc import Sequence

import jax
import jax.numpy as jnp
from jax import lax

from .._numbers import Raw, convert
from ._lbfgs_history import History


def _flat(arrays: Sequence[Raw]) -> Raw:
    """All arrays as one vector, in the widest of their types."""
    dtype = jnp.result_type(*(a.dtype for a in arrays))
    return jnp.concatenate([convert(a, dtype).reshape(-1) for a in arrays])


@jax.jit
def direction(gradient: Raw, history: History) -> tuple[Raw, Raw]:
    """The direction -H g by the two-loop recursion; its slope and norm as a vector of two.

    A row of zeros with rho = 0 changes nothing, so a history that is not full needs no case of its
    own.
    """
    rows = (history.steps, history.differences, history.rho)

    def back(q: Raw, row: tuple[Raw, Raw, Raw]) -> tuple[Raw, Raw]:
        s, y, rho = row
        weight = rho * (s @ q)
        return q - weight * y, weight

    def forth(q: Raw, row: tuple[tuple[Raw, Raw, Raw], Raw]) -> tuple[Raw, None]:
        (s, y, rho), weight = row
        return q + (weight - rho * (y @ q)) * s, None

    q, weights = lax.scan(back, gradient, rows, reverse=True)
    q, _ = lax.scan(forth, history.factor * q, (rows, weights))
    return -q, jnp.stack([-(gradient @ q), jnp.linalg.norm(q)])


@jax.jit
def moved(values: Sequence[Raw], along: Raw, step: Raw) -> list[Raw]:
    """The parameters after a step, each in its own type."""
    step = convert(step, along.dtype)
    out, start = [], 0
    for value in values:
        piece = along[start : start + value.size].reshape(value.shape)
        out.append(convert(value + step * piece, value.dtype))
        start += value.size
    return out


@jax.jit
def measured(gradients: Sequence[Raw], loss: Raw, along: Raw | None) -> tuple[Raw, Raw]:
    """The gradients as one vector; with it loss, slope along a direction, norm of the gradient."""
    flat = _flat(gradients)
    slope = jnp.zeros(()) if along is None else flat @ convert(along, flat.dtype)
    numbers = (loss.reshape(()), slope, jnp.linalg.norm(flat))
    return flat, jnp.stack([convert(n, jnp.dtype("float64")) for n in numbers])


@jax.jit
def pushed(history: History, along: Raw, step: Raw, before: Raw, after: Raw) -> History:
    """The history with the newest pair, if that keeps H positive definite; the oldest goes."""
    dtype = history.steps.dtype
    s = convert(step, dtype) * convert(along, dtype)
    y = convert(after, dtype) - convert(before, dtype)
    curvature = s @ y
    tiny = jnp.finfo(dtype).eps * jnp.linalg.norm(s) * jnp.linalg.norm(y)
    longer = History(
        jnp.concatenate([history.steps[1:], s[None]]),
        jnp.concatenate([history.differences[1:], y[None]]),
        jnp.concatenate([history.rho[1:], (1 / curvature)[None]]),
        curvature / (y @ y),
    )
    keep = curvature > tiny
    return jax.tree.map(lambda new, old: jnp.where(keep, new, old), longer, history)


@jax.jit
def largest(arrays: Sequence[Raw]) -> Raw:
    """The largest absolute value."""
    return jnp.max(jnp.abs(_flat(arrays)))
