"""LSTM and GRU as pure programs over time, on arrays that lie as (time, batch, channel).

The time loop of an LSTM has its own derivative rule. JAX would add up the gradient of the weights
step by step; here it is one product over all steps, because the tangents of the gates that come
from inputs and weights are computed for all steps before the (linear) loop of the tangents starts.
The rule is ordinary JAX, so forward mode and derivatives of any order work.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax
from jax.custom_derivatives import SymbolicZero

from .._numbers import Raw
from ._activation import hardsigmoid_of, relu_of, softsign_of

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


def _add(a: Raw, b: Raw) -> Raw:
    """A vector of channels added to all steps and observations."""
    return a + b.reshape((1,) * (a.ndim - 1) + b.shape)


# LSTM


def _lstm(
    state: str, gate: str, all_parts: bool, x: Raw, h0: Raw, c0: Raw, W: Raw, R: Raw, b: Raw
) -> tuple[Raw, tuple[Raw, ...]]:
    """The last cell state; of all steps the hidden states and, if asked for, all parts."""
    tanh, sigma = ACTIVATIONS[state][0], ACTIVATIONS[gate][0]
    # Inputs that are much wider than the state are multiplied for all steps at once; for others one
    # product of input and state together in each step is faster (measured on CPU).
    wide = x.shape[-1] >= 2 * h0.shape[-1]
    inputs = _add(x @ W.T, b) if wide else x
    joined = R.T if wide else jnp.concatenate([W.T, R.T])

    def step(carry: tuple[Raw, Raw], at: Raw) -> Any:
        h, c = carry
        a = at + h @ joined if wide else _add(jnp.concatenate([at, h], axis=-1) @ joined, b)
        i, f, g, o = jnp.split(a, 4, axis=-1)
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
    x, h0, c0, W, R, b = primals
    dx, dh0, dc0, dW, dR, db = (None if isinstance(t, SymbolicZero) else t for t in tangents)
    c, (hs, cs, *gates) = _lstm(state, gate, True, *primals)
    before = jnp.concatenate([h0[None], hs[:-1]])
    dz = jnp.zeros((*hs.shape[:2], len(b)), hs.dtype)
    dz = dz if dx is None else dz + dx @ W.T
    dz = dz if dW is None else dz + x @ dW.T
    dz = dz if dR is None else dz + before @ dR.T
    dz = dz if db is None else _add(dz, db)
    start = (
        jnp.zeros_like(h0) if dh0 is None else dh0,
        jnp.zeros_like(c0) if dc0 is None else dc0,
    )
    factors = _lstm_slopes(state, gate, c0, cs, *gates)
    turned = R.T

    def step(carry: tuple[Raw, Raw], at: Any) -> Any:
        dh, dc = carry
        dz, of_i, of_f, of_g, of_o, of_c, kept = at
        di, df, dg, do = jnp.split(dz + dh @ turned, 4, axis=-1)
        dc = kept * dc + of_i * di + of_f * df + of_g * dg
        dh = of_o * do + of_c * dc
        return (dh, dc), dh

    (_, dc), dhs = lax.scan(step, start, (dz, *factors))
    return (hs, c), (dhs, dc)


def _lstm_slopes(
    state: str, gate: str, c0: Raw, cs: Raw, i: Raw, f: Raw, g: Raw, o: Raw
) -> tuple[Raw, ...]:
    """Slopes of c in the gates i, f, g; of h in the gate o and in c; of c in the c before."""
    tanh, tanh_slope = ACTIVATIONS[state]
    slope = ACTIVATIONS[gate][1]
    before = jnp.concatenate([c0[None], cs[:-1]])
    shown = tanh(cs)
    return (
        g * slope(i),
        before * slope(f),
        i * tanh_slope(g),
        shown * slope(o),
        o * tanh_slope(shown),
        f,
    )


# GRU


@partial(jax.jit, static_argnums=(0, 1, 2))
def gru_over_time(state: str, gate: str, mode: str, x: Raw, h0: Raw, W: Raw, R: Raw, b: Raw) -> Raw:
    """Hidden states of all steps.

    x lies as (time, batch, inputs), h0 as (batch, units), W as (3 units, inputs), R as (3 units,
    units); b has 3 units values, or 6 units with recurrent biases. Row blocks: reset gate, update
    gate, candidate.
    """
    tanh, sigma = ACTIVATIONS[state][0], ACTIVATIONS[gate][0]
    units = h0.shape[-1]
    bias, recurrent_bias = b[: 3 * units], b[3 * units :]
    wide = x.shape[-1] >= 2 * units
    weights, recurrent, of_gates, of_state = W.T, R.T, R[: 2 * units].T, R[2 * units :].T

    def of_inputs(x: Raw) -> Raw:
        return _add(x @ weights, bias)

    def step(h: Raw, at: Raw) -> tuple[Raw, Raw]:
        a = at if wide else of_inputs(at)
        if mode == "before-multiplication":
            r, z = jnp.split(sigma(a[:, : 2 * units] + h @ of_gates), 2, axis=-1)
            c = tanh(a[:, 2 * units :] + (r * h) @ of_state)
        else:
            back = h @ recurrent
            if len(recurrent_bias):
                back = _add(back, recurrent_bias)
            r, z = jnp.split(sigma(a[:, : 2 * units] + back[:, : 2 * units]), 2, axis=-1)
            c = tanh(a[:, 2 * units :] + r * back[:, 2 * units :])
        h = (1 - z) * c + z * h
        return h, h

    return lax.scan(step, h0, of_inputs(x) if wide else x)[1]
