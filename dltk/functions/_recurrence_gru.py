"""The GRU as a pure program over time, on arrays that lie as (time, batch, channel).

It has a derivative rule of the same kind as the LSTM's (see `_recurrence`).
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any

import jax
import jax.numpy as jnp
from jax import lax

from .._numbers import Raw
from ._recurrence import (
    ACTIVATIONS,
    add_channels,
    by_weights,
    earlier,
    is_wide,
    tangent_of_products,
)
from ._rows import rows_with_rows
from ._rules import known_tangents

BEFORE = "before-multiplication"


def _gru(
    kinds: tuple[str, str, str], all_parts: bool, x: Raw, h0: Raw, W: Raw, R: Raw, b: Raw
) -> tuple[Any, ...]:
    """Of all steps the hidden states and, if asked for, r, z, c and what r multiplies in c."""
    state, gate, mode = kinds
    tanh, sigma = ACTIVATIONS[state][0], ACTIVATIONS[gate][0]
    units = h0.shape[-1]
    bias, recurrent_bias = b[: 3 * units], b[3 * units :]
    wide = is_wide(x, units)
    weights, recurrent, of_gates, of_state = W.T, R.T, R[: 2 * units].T, R[2 * units :].T

    def step(h: Raw, at: Raw) -> tuple[Raw, tuple[Any, ...]]:
        a = at if wide else add_channels(at @ weights, bias)
        back = None  # no array of all steps
        if mode == BEFORE:
            r, z = jnp.split(sigma(a[:, : 2 * units] + h @ of_gates), 2, axis=-1)
            c = tanh(a[:, 2 * units :] + (r * h) @ of_state)
        else:
            products = h @ recurrent
            if len(recurrent_bias):
                products = add_channels(products, recurrent_bias)
            r, z = jnp.split(sigma(a[:, : 2 * units] + products[:, : 2 * units]), 2, axis=-1)
            back = products[:, 2 * units :]
            c = tanh(a[:, 2 * units :] + r * back)
        h = (1 - z) * c + z * h
        return h, (h, r, z, c, back) if all_parts else (h,)

    return lax.scan(step, h0, add_channels(by_weights(x, W), bias) if wide else x)[1]


@cache
def gru_over_time(state: str, gate: str, mode: str) -> Callable[..., Raw]:
    """The compiled GRU for a choice of activations and of the place of the reset gate.

    Returns a function of x (time, batch, inputs), the initial h (batch, units), weights (3 units,
    inputs), recurrent weights (3 units, units) and bias (3 units, or 6 units with recurrent
    biases), with the row blocks reset gate, update gate, candidate. It gives h of all steps.
    """
    kinds = state, gate, mode
    rule = jax.custom_jvp(lambda *arguments: _gru(kinds, False, *arguments)[0])
    rule.defjvp(partial(_gru_tangents, kinds), symbolic_zeros=True)
    return jax.jit(rule)


def _gru_tangents(kinds: tuple[str, str, str], primals: Any, tangents: Any) -> Any:
    """The tangent of h obeys dh = z dh_before + slopes (R dh_before) + what is known before."""
    x, h0, W, R, b = primals
    dx, dh0, dW, dR, db = known_tangents(tangents)
    units = h0.shape[-1]
    hs, r, z, c, back = _gru(kinds, True, *primals)
    before = earlier(h0, hs)
    of_r, of_z, of_c = _gru_slopes(kinds, before, r, z, c, before if back is None else back)
    sizes = (*x.shape[:2], 3 * units)
    da = tangent_of_products([(x, dW)], sizes)
    da = da if dx is None else da + by_weights(dx, W)
    da = da if db is None else add_channels(da, db[: 3 * units])
    start = jnp.zeros_like(h0) if dh0 is None else dh0
    if kinds[2] == BEFORE:
        return hs, _before(R, dR, before, (r, z), (of_r, of_z, of_c), da, start)
    dback = tangent_of_products([(before, dR)], sizes)
    if db is not None and len(b) > 3 * units:
        dback = add_channels(dback, db[3 * units :])
    slopes = jnp.concatenate([of_r, of_z, r * of_c], axis=-1)
    known = _sum(jnp.concatenate([of_r, of_z, of_c], axis=-1) * da + slopes * dback)

    def step(dh: Raw, at: Any) -> tuple[Raw, Raw]:
        slopes, z, known = at
        dh = z * dh + _sum(slopes * rows_with_rows(dh, R)) + known
        return dh, dh

    return hs, lax.scan(step, start, (slopes, z, known))[1]


def _before(
    R: Raw, dR: Raw | None, before: Raw, gates: tuple[Raw, Raw], slopes: Any, da: Raw, start: Raw
) -> Raw:
    """Tangents of h where the reset gate acts on the state: of_r is the slope of r times h."""
    (r, z), (of_r, of_z, of_c) = gates, slopes
    rows = [2 * r.shape[-1]]
    of_gates, candidate = jnp.split(R, rows)
    if dR is not None:
        again = zip((before, r * before), jnp.split(dR, rows), strict=True)
        da = da + jnp.concatenate([by_weights(x, weights) for x, weights in again], axis=-1)
    dr, dz, dc = jnp.split(da, 3, axis=-1)
    known = of_z * dz + of_c * (dc + by_weights(of_r * dr, candidate))

    def step(dh: Raw, at: Any) -> tuple[Raw, Raw]:
        r, z, of_r, of_z, of_c, known = at
        by_r, by_z = jnp.split(rows_with_rows(dh, of_gates), 2, axis=-1)
        reset = rows_with_rows(of_r * by_r + r * dh, candidate)
        dh = z * dh + of_z * by_z + of_c * reset + known
        return dh, dh

    return lax.scan(step, start, (r, z, of_r, of_z, of_c, known))[1]


def _sum(effects: Raw) -> Raw:
    """The effects of three blocks together."""
    r, z, c = jnp.split(effects, 3, axis=-1)
    return r + z + c


def _gru_slopes(
    kinds: tuple[str, str, str], before: Raw, r: Raw, z: Raw, c: Raw, back: Raw
) -> tuple[Raw, Raw, Raw]:
    """Slopes of h in what the gates r, z and the candidate c are functions of.

    Where the reset gate acts on the state, the first is that of r h instead.
    """
    state, gate, mode = kinds
    tanh_slope, slope = ACTIVATIONS[state][1], ACTIVATIONS[gate][1]
    of_c = (1 - z) * tanh_slope(c)
    of_r = back * slope(r)
    return of_r if mode == BEFORE else of_c * of_r, (before - c) * slope(z), of_c
