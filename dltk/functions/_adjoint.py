"""Gradients of a solution by the adjoint equation, solved backwards in time.

With a = dL/dy the adjoint state, from the last time to the first one

    dy/dt = f,    da/dt = -(df/dy)' a,    dg/dt = -(df/dtheta)' a,

where a jumps by the gradient given for the solution at each time. Nothing is kept of the steps of
the solution, so memory does not grow with their number.

Source: Chen, Rubanova, Bettencourt and Duvenaud, Neural ordinary differential equations, 2018; the
error control without g: Kidger, Chen and Lyons, "Hey, that's not an ODE", 2021.
"""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from jax.custom_derivatives import SymbolicZero
from jax.flatten_util import ravel_pytree

from .._numbers import Raw, convert
from ._runge_kutta import Rate, solve


def solve_adjoint(
    rate: Rate, times: Raw, y0: Raw, theta: Any, numbers: Raw, *, seminorm: bool
) -> Raw:
    """The solution at ``times[1:]``, differentiable by the adjoint equation.

    Arguments are those of `solve`; with ``seminorm`` the error control on the way back does not
    look at the gradients of ``theta``.
    """
    moving: list[bool] = []  # which arrays of theta need gradients

    @jax.custom_vjp
    def run(times: Raw, y0: Raw, theta: Any, numbers: Raw) -> Raw:
        return solve(rate, times, y0, theta, numbers)

    def forward(*marked: Any) -> tuple[Raw, Any]:
        is_marked = lambda x: hasattr(x, "perturbed")  # noqa: E731
        moving[:] = [x.perturbed for x in jax.tree.leaves(marked[2], is_leaf=is_marked)]
        given = jax.tree.map(lambda x: x.value, marked, is_leaf=is_marked)
        ys = solve(rate, *given)
        return ys, (*given, ys)

    def backward(kept: Any, change: Any) -> Any:
        if isinstance(change, SymbolicZero):
            return None, None, None, None
        return (*_Pull(rate, kept, moving, seminorm).run(change), None)

    run.defvjp(forward, backward, symbolic_zeros=True)
    return run(times, y0, theta, numbers)


class _Pull:
    """The way back: from a gradient of the solution to those of times, y0 and theta."""

    def __init__(self, rate: Rate, kept: Any, moving: list[bool], seminorm: bool):
        self.times, self.y0, theta, self.numbers, self.ys = kept
        self.leaves, self.structure = jax.tree.flatten(theta)
        self.rate, self.moving = rate, moving
        chosen = [leaf for leaf, moves in zip(self.leaves, moving, strict=True) if moves]
        self.flat, self.unravel = ravel_pytree(chosen)
        self.size = self.y0.size
        self.counted = 2 * self.size if seminorm else None

    def slope(self, t: Raw, y: Raw, flat: Raw, leaves: Any) -> Raw:
        """The right-hand side, with what moves in theta as one vector."""
        moved = iter(self.unravel(flat))
        filled = [next(moved) if m else x for x, m in zip(leaves, self.moving, strict=True)]
        return self.rate(t, y, jax.tree.unflatten(self.structure, filled))

    def augmented(self, t: Raw, z: Raw, theta: tuple[Raw, Any]) -> Raw:
        """Slopes of the state, the adjoint state and the gradient together."""
        y, a = z[: self.size], z[self.size : 2 * self.size]
        flat, leaves = theta
        f, pull = jax.vjp(lambda y, flat: self.slope(t, y, flat, leaves), y, flat)
        of_y, of_theta = pull(a)
        return jnp.concatenate([f, -of_y, -convert(of_theta, y.dtype)])

    def interval(self, carry: tuple[Raw, Raw], at: Any) -> tuple[tuple[Raw, Raw], Raw]:
        """From one time back to the one before; gives the gradient of the later time, too."""
        a, g = carry
        before, after, y, jump = at
        a = a + jump
        z, theta = jnp.concatenate([y, a, g]), (self.flat, self.leaves)
        first, most, *tolerances = self.numbers
        span = jnp.abs(self.times[-1] - self.times[0])
        most = jnp.where(most > 0, most, 0.1 * span)
        numbers = jnp.stack([jnp.zeros_like(first), most, *tolerances])
        end = solve(self.augmented, jnp.stack([after, before]), z, theta, numbers, self.counted)[0]
        of_time = jump @ self.slope(after, y, *theta)
        return (end[self.size : 2 * self.size], end[2 * self.size :]), of_time

    def run(self, change: Raw) -> tuple[Raw, Raw, Any]:
        """Gradients of times, y0 and theta."""
        dtype = self.y0.dtype
        begin = (jnp.zeros(self.size, dtype), jnp.zeros(self.flat.size, dtype))
        rows = (self.times[:-1], self.times[1:], self.ys, change)
        (a, g), of_times = lax.scan(self.interval, begin, rows, reverse=True)
        of_start = -(a @ self.slope(self.times[0], self.y0, self.flat, self.leaves))
        of_times = jnp.concatenate([of_start[None], of_times]).astype(self.times.dtype)
        found = iter(self.unravel(convert(g, self.flat.dtype)))
        of_theta = [next(found) if moves else None for moves in self.moving]
        return of_times, a, jax.tree.unflatten(self.structure, of_theta)
