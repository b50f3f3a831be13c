"""The LSTM as a pure program over time, on arrays that lie as (time, batch, channel).

The time loop has its own derivative rule. JAX would add up the gradient of the weights step by
step; here it is one product over all steps, because all that does not depend on the tangent of the
state before is computed for all steps before the (linear) loop of the tangents starts: the tangents
that come from inputs and weights, and the slopes. What remains in a step is one product with the
recurrent weights. The rule is ordinary JAX, so forward mode and derivatives of any order work.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from .._numbers import Raw
from ._activation import hardsigmoid_of, relu_of, softsign_of
from ._rows import rows_with_rows
from ._rules import known_tangents

# name: the function, and its slope in terms of its value
ACTIVATIONS: dict[str, tuple[Callable[[Raw], Raw], Callable[[Raw], Raw]]] = {
    "tanh": (jnp.tanh, lambda y: 1 - y * y),
    "softsign": (softsign_of, lambda y: (1 - jnp.sign(y) * y) ** 2),
    "relu": (relu_of, lambda y: (y > 0).astype(y.dtype)),
    "sigmoid": (jax.nn.sigmoid, lambda y: y * (1 - y)),
    "hard-sigmoid": (hardsigmoid_of, lambda y: 0.2 * ((y > 0) & (y < 1)).astype(y.dtype)),
}
STATE_WORDS = ("tanh", "softsign", "relu")
GATE_WORDS = ("sigmoid", "hard-sigmoid")


def add_channels(a: Raw, b: Raw) -> Raw:
    """A vector of channels added to all steps and observations."""
    return a + b.reshape((1,) * (a.ndim - 1) + b.shape)


def is_wide(x: Raw, units: int) -> bool:
    """Whether inputs are multiplied for all steps at once, before the loop.

    That pays if they are much wider than the state; for others one product of input and state
    together in each step is faster (measured on CPU).
    """
    return x.shape[-1] >= 2 * units


def by_weights(x: Raw, weights: Raw) -> Raw:
    """Products of data (time, batch, channel) with weights (outputs, channel)."""
    flat = x.reshape(-1, x.shape[-1])
    return rows_with_rows(flat, weights).reshape(*x.shape[:2], len(weights))


def tangent_of_products(pairs: list[tuple[Raw, Raw | None]], shape: tuple[int, ...]) -> Raw:
    """Sum of x dW' over pairs (x, dW), in one product; dW is None where the tangent is zero."""
    known = [(x, dW) for x, dW in pairs if dW is not None]
    if not known:
        return jnp.zeros(shape, pairs[0][0].dtype)
    x, dW = (jnp.concatenate(parts, axis=-1) for parts in zip(*known, strict=True))
    return by_weights(x, dW)


def earlier(first: Raw, states: Raw) -> Raw:
    """The state before each step."""
    return jnp.concatenate([first[None], states[:-1]])


def _lstm(
    state: str, gate: str, all_parts: bool, x: Raw, h0: Raw, c0: Raw, W: Raw, R: Raw, b: Raw
) -> tuple[Raw, tuple[Raw, ...]]:
    """The last cell state; of all steps the hidden states and, if asked for, c and the gates."""
    tanh, sigma = ACTIVATIONS[state][0], ACTIVATIONS[gate][0]
    units = h0.shape[-1]
    wide = is_wide(x, units)
    inputs = add_channels(by_weights(x, W), b) if wide else x
    joined = R.T if wide else jnp.concatenate([W.T, R.T])

    def products(at: Raw, h: Raw) -> Raw:
        if wide:
            return at + h @ joined
        return add_channels(jnp.concatenate([at, h], axis=-1) @ joined, b)

    def step(carry: tuple[Raw, Raw], at: Raw) -> Any:
        h, c = carry
        i, f, g, o = jnp.split(products(at, h), 4, axis=-1)
        i, f, g, o = sigma(i), sigma(f), tanh(g), sigma(o)
        c = f * c + i * g
        h = o * tanh(c)
        return (h, c), (h, c, i, f, g, o) if all_parts else (h,)

    (_, c), parts = lax.scan(step, (h0, c0), inputs)
    return c, parts


@cache
def lstm_over_time(state: str, gate: str) -> Callable[..., tuple[Raw, Raw]]:
    """The compiled LSTM for a choice of activations.

    Returns a function of x (time, batch, inputs), the initial h and c (batch, units), weights
    (4 units, inputs), recurrent weights (4 units, units) and bias (4 units), with the row blocks
    input gate, forget gate, cell candidate, output gate. It gives h of all steps and the last c.
    """

    def run(*arguments: Raw) -> tuple[Raw, Raw]:
        c, (hs,) = _lstm(state, gate, False, *arguments)
        return hs, c

    rule = jax.custom_jvp(run)
    rule.defjvp(partial(_lstm_tangents, state, gate), symbolic_zeros=True)
    return jax.jit(rule)


def _lstm_tangents(state: str, gate: str, primals: Any, tangents: Any) -> Any:
    x, h0, c0, W, R, _ = primals
    dx, dh0, dc0, dW, dR, db = known_tangents(tangents)
    units = h0.shape[-1]
    c, (hs, cs, *gates) = _lstm(state, gate, True, *primals)
    da = tangent_of_products([(x, dW), (earlier(h0, hs), dR)], (*x.shape[:2], 4 * units))
    da = da if dx is None else da + by_weights(dx, W)
    da = da if db is None else add_channels(da, db)
    of_gates, of_c, kept = _lstm_slopes(state, gate, c0, cs, *gates)
    by_c, by_h = _by_gates(of_gates * da)

    def step(carry: tuple[Raw, Raw], at: Any) -> Any:
        dh, dc = carry
        of_gates, of_c, kept, by_c, by_h = at
        again_c, again_h = _by_gates(of_gates * rows_with_rows(dh, R))
        dc = kept * dc + by_c + again_c
        dh = of_c * dc + by_h + again_h
        return (dh, dc), dh

    start = (
        jnp.zeros_like(h0) if dh0 is None else dh0,
        jnp.zeros_like(c0) if dc0 is None else dc0,
    )
    (_, dc), dhs = lax.scan(step, start, (of_gates, of_c, kept, by_c, by_h))
    return (hs, c), (dhs, dc)


def _by_gates(effects: Raw) -> tuple[Raw, Raw]:
    """What the gates do to c (the first three blocks together) and to h (the last)."""
    i, f, g, o = jnp.split(effects, 4, axis=-1)
    return i + f + g, o


def _lstm_slopes(
    state: str, gate: str, c0: Raw, cs: Raw, i: Raw, f: Raw, g: Raw, o: Raw
) -> tuple[Raw, Raw, Raw]:
    """Slopes of c in the gates i, f, g and of h in o, side by side; of h in c; of c in its past."""
    tanh, tanh_slope = ACTIVATIONS[state]
    slope = ACTIVATIONS[gate][1]
    shown = tanh(cs)
    of_gates = [
        g * slope(i),
        earlier(c0, cs) * slope(f),
        i * tanh_slope(g),
        shown * slope(o),
    ]
    return jnp.concatenate(of_gates, axis=-1), o * tanh_slope(shown), f
