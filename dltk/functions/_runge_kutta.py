"""Adaptive solution of ordinary differential equations, with derivatives of any order.

The state is a vector; a rate is a function (t, y, theta) -> dy/dt. `solve` has one derivative rule:
the steps are found first, in a loop of unknown length that is not differentiated (`_march`); then
the same steps are taken again in a loop of bounded length that is (`_retrace`). So derivatives are
those of the steps taken: the length of a step is a constant, and steps tried in vain do not appear.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.custom_derivatives import SymbolicZero

from .._numbers import DOUBLE, Raw
from ._dormand_prince import error, interpolated, result, stages

Rate = Callable[[Raw, Raw, Any], Raw]

# A loop of bounded length is loops within loops: what is not needed is skipped at a high level.
# What every second level computed is forgotten, and computed again on the way back.
LEVELS = (8, 8, 8, 8)
MOST_STEPS = math.prod(LEVELS)  # of which derivatives can be taken


class Options(NamedTuple):
    """First and largest step (0: to be chosen), tolerances, and what the error control looks at."""

    first: Raw
    most: Raw
    relative: Raw
    absolute: Raw
    counted: int | None  # leading elements of the state; None: all

    @classmethod
    def of(cls, numbers: Raw, counted: int | None) -> Options:
        """From the first four as a vector."""
        first, most, relative, absolute = numbers
        return cls(first, most, relative, absolute, counted)


def solve(
    rate: Rate, times: Raw, y0: Raw, theta: Any, numbers: Raw, counted: int | None = None
) -> Raw:
    """The solution at ``times[1:]``, a row each; NaN from where it cannot be continued.

    Args:
        rate: The right-hand side.
        times: The start, and where the solution is wanted; strictly monotonic.
        y0: The state at the start.
        theta: What the rate takes besides: a tree of arrays.
        numbers: A vector of the first four `Options`.
        counted: The fifth.
    """

    @jax.custom_jvp
    def run(times: Raw, y0: Raw, theta: Any, numbers: Raw) -> Raw:
        bound = lambda t, y: rate(t, y, theta)  # noqa: E731
        return _march(bound, times, y0, Options.of(numbers, counted), outputs=True).ys

    def rule(primals: Any, tangents: Any) -> Any:
        values, structure = jax.tree.flatten(primals)
        changes = jax.tree.leaves(tangents, is_leaf=lambda t: isinstance(t, SymbolicZero))
        moving = [i for i, change in enumerate(changes) if not isinstance(change, SymbolicZero)]

        def again(*moved: Raw) -> Raw:
            filled = list(values)
            for i, value in zip(moving, moved, strict=True):
                filled[i] = value
            times, y0, theta, numbers = jax.tree.unflatten(structure, filled)
            return _twice(rate, times, y0, theta, Options.of(numbers, counted))

        return jax.jvp(again, [values[i] for i in moving], [changes[i] for i in moving])

    run.defjvp(rule, symbolic_zeros=True)
    return run(times, y0, theta, numbers)


def _twice(rate: Rate, times: Raw, y0: Raw, theta: Any, options: Options) -> Raw:
    """The same solution: steps found without derivatives, then taken with them."""
    fixed_times, fixed_y0, fixed = lax.stop_gradient((times, y0, theta))
    bound = lambda t, y: rate(t, y, fixed)  # noqa: E731
    found = _march(bound, fixed_times, fixed_y0, options, outputs=False)
    steps = lax.stop_gradient(found.steps)
    return _retrace(lambda t, y: rate(t, y, theta), times, y0, steps)


# Finding the steps


class _Steps(NamedTuple):
    """Where steps began, how long they were (signed), and how many there are."""

    starts: Raw
    lengths: Raw
    count: Raw


class _Marching(NamedTuple):
    t: Raw
    h: Raw  # length of the next step, positive
    y: Raw
    slope: Raw
    ys: Any  # what is wanted of the solution, or None
    steps: Any  # a record of the steps, or None
    alive: Raw
    rejected: Raw


def _march(
    rate: Callable[[Raw, Raw], Raw], times: Raw, y0: Raw, options: Options, *, outputs: bool
) -> _Marching:
    """Steps from the first to the last time: with the solution, or with a record of the steps."""
    wanted, end = times[1:], times[-1]
    direction = jnp.sign(end - times[0])
    most = jnp.where(options.most > 0, options.most, 0.1 * jnp.abs(end - times[0]))

    def goes_on(c: _Marching) -> Raw:
        return c.alive & (direction * (end - c.t) > 0)

    def attempt(c: _Marching) -> _Marching:
        least = 16 * jnp.finfo(DOUBLE).eps * jnp.abs(c.t)
        h, left = jnp.clip(c.h, least, most), jnp.abs(end - c.t)
        last = 1.1 * h >= left
        h = jnp.where(last, left, h)
        step = direction * h
        slopes = stages(rate, c.t, c.y, step, c.slope)
        y, t = result(c.y, step, slopes), jnp.where(last, end, c.t + step)
        size = _relative(error(h, slopes), c.y, y, options)
        good = size <= options.relative
        ys, steps = c.ys, c.steps
        if outputs:
            inside = good & (direction * (wanted - c.t) > 0) & (direction * (wanted - t) <= 0)
            found = interpolated((wanted - c.t) / step, c.y, step, slopes)
            ys = jnp.where(inside[:, None], found, ys)
        else:
            steps = _noted(steps, c.t, step, good)
        t, y, slope = (
            jnp.where(good, new, old) for new, old in ((t, c.t), (y, c.y), (slopes[6], c.slope))
        )
        h = h * _factor(size, good, c.rejected, options)
        return _Marching(t, h, y, slope, ys, steps, good | (h > least), ~good)

    slope = rate(times[0], y0)
    begin = _Marching(
        times[0],
        _first_step(slope, y0, most, options),
        y0,
        slope,
        jnp.full((wanted.size, y0.size), jnp.nan, y0.dtype) if outputs else None,
        None if outputs else _Steps(jnp.zeros(MOST_STEPS), jnp.zeros(MOST_STEPS), jnp.asarray(0)),
        jnp.isfinite(end - times[0]),
        jnp.asarray(False),
    )
    return lax.while_loop(goes_on, attempt, begin)


def _relative(change: Raw, y: Raw, other: Raw, options: Options) -> Raw:
    """The largest change relative to the state, where that is not below the tolerances' ratio."""
    scale = jnp.maximum(jnp.abs(y), jnp.abs(other))
    scale = jnp.maximum(scale, (options.absolute / options.relative).astype(scale.dtype))
    return jnp.max((jnp.abs(change) / scale)[: options.counted]).astype(DOUBLE)


def _first_step(slope: Raw, y0: Raw, most: Raw, options: Options) -> Raw:
    """The length of the first step: as given, or such that the state changes little."""
    per_time = _relative(slope, y0, y0, options) / (0.8 * options.relative**0.2)
    chosen = jnp.where(per_time * most > 1, 1 / per_time, most)
    return jnp.minimum(jnp.where(options.first > 0, options.first, chosen), most)


def _factor(size: Raw, good: Raw, rejected: Raw, options: Options) -> Raw:
    """By what to multiply the step, from the size of the error (NaN: far too large)."""
    ideal = jnp.nan_to_num(0.8 * (options.relative / size) ** 0.2, nan=0.0, posinf=5.0)
    most = jnp.where(good, jnp.where(rejected, 1.0, 5.0), 0.5)
    return jnp.clip(ideal, 0.2, most)


def _noted(steps: _Steps, t: Raw, step: Raw, good: Raw) -> _Steps:
    return _Steps(
        steps.starts.at[steps.count].set(t, mode="drop"),
        steps.lengths.at[steps.count].set(step, mode="drop"),
        steps.count + good,
    )


# Taking the same steps again


def _retrace(rate: Callable[[Raw, Raw], Raw], times: Raw, y0: Raw, steps: _Steps) -> Raw:
    """The solution at ``times[1:]`` by given steps; NaN if there are too many of them."""
    wanted = times[1:]
    direction = jnp.sign(times[-1] - times[0])
    shift = times[0] - lax.stop_gradient(times[0])  # steps begin later if the first one does

    def take(i: Raw, carry: tuple[Raw, Raw, Raw]) -> tuple[Raw, Raw, Raw]:
        y, slope, ys = carry
        t, h = steps.starts[i] + shift, steps.lengths[i]
        slopes = stages(rate, t, y, h, slope)
        reached = (direction * (wanted - t - h) <= 0) | (i + 1 == steps.count)
        inside = (direction * (wanted - t) > 0) & reached
        found = interpolated(jnp.where(inside, (wanted - t) / h, 0), y, h, slopes)
        ys = jnp.where(inside[:, None], found, ys)
        return result(y, h, slopes), slopes[6], ys

    ys = jnp.full((wanted.size, y0.size), jnp.nan, y0.dtype)
    start = (y0, rate(times[0], y0), ys)
    ys = _bounded(take, start, steps.count, LEVELS)[2]
    return jnp.where(steps.count > MOST_STEPS, jnp.nan, ys)


def _bounded(
    step: Callable[[Raw, Any], Any], carry: Any, count: Raw, levels: Sequence[int], first: Any = 0
) -> Any:
    """``carry = step(i, carry)`` for i from ``first`` to below ``count``, reverse mode included."""
    size = math.prod(levels[1:])

    def part(carry: Any, place: Raw) -> tuple[Any, None]:
        start = first + place * size

        def run(carry: Any) -> Any:
            if len(levels) == 1:
                return step(start, carry)
            return _bounded(step, carry, count, levels[1:], start)

        return lax.cond(start < count, run, lambda carry: carry, carry), None

    if len(levels) % 2:
        part = jax.checkpoint(part, prevent_cse=False)  # a scan keeps them apart anyway
    return lax.scan(part, carry, np.arange(levels[0]))[0]
