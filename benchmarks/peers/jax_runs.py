"""JAX by hand: a function of a dict of arrays, the formulas of Adam, and `jax.jit`."""

from __future__ import annotations

import functools
from typing import Any

import jax
import jax.numpy as jnp

from .run import Run
from .workloads import HEADS, RATE, STRIDES, Workload

BETA1, BETA2, EPSILON = 0.9, 0.999, 1e-8


def dense(p: Any, x: Any) -> Any:
    y = x.reshape(-1, x.shape[-1]) @ p["W"] + p["b"]  # XLA takes more time for sequences as such
    return y.reshape(*x.shape[:-1], -1)


def cross_entropy(logits: Any, T: Any) -> Any:
    return -(T * jax.nn.log_softmax(logits)).sum() / len(T)


# Each loss takes parameters, state and data, and gives the loss and the new state.


def mlp(params: Any, state: Any, X: Any, T: Any) -> Any:
    *hidden, last = params.values()
    for p in hidden:
        X = jax.nn.relu(dense(p, X))
    return cross_entropy(dense(last, X), T), state


def cnn(params: Any, state: Any, X: Any, T: Any) -> Any:
    new, layout = {}, ("NHWC", "HWIO", "NHWC")
    for i, stride in enumerate(STRIDES, 1):
        conv, norm, old = params[f"conv{i}"], params[f"bn{i}"], state[f"bn{i}"]
        X = jax.lax.conv_general_dilated(
            X, conv["W"], (stride, stride), "SAME", dimension_numbers=layout
        )
        X = X + conv["b"]
        mean, var = X.mean((0, 1, 2)), X.var((0, 1, 2))
        new[f"bn{i}"] = {
            "mean": 0.9 * old["mean"] + 0.1 * mean,
            "var": 0.9 * old["var"] + 0.1 * var,
        }
        X = (X - mean) * (jax.lax.rsqrt(var + 1e-5) * norm["scale"]) + norm["offset"]
        X = jax.nn.relu(X)
    return cross_entropy(dense(params["fc"], X.reshape(len(T), -1)), T), new


def lstm(params: Any, state: Any, X: Any, T: Any) -> Any:
    p = params["lstm"]

    def step(carry: Any, x: Any) -> Any:
        h, c = carry  # x @ Wx for all steps before the loop would be slower at these sizes
        i, f, g, o = jnp.split(x @ p["Wx"] + h @ p["Wh"] + p["b"], 4, axis=-1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        return (jax.nn.sigmoid(o) * jnp.tanh(c), c), None

    zeros = jnp.zeros((len(T), len(p["Wh"])), X.dtype)
    (h, _), _ = jax.lax.scan(step, (zeros, zeros), X.transpose(1, 0, 2))
    return cross_entropy(dense(params["fc"], h), T), state


def layer_norm(p: Any, x: Any) -> Any:
    mean, var = x.mean(-1, keepdims=True), x.var(-1, keepdims=True)
    return (x - mean) * jax.lax.rsqrt(var + 1e-5) * p["scale"] + p["offset"]


def attend(params: Any, i: int, x: Any) -> Any:
    heads = (*x.shape[:2], HEADS, x.shape[2] // HEADS)
    q, k, v = (dense(params[f"{n}{i}"], x).reshape(heads) for n in ("query", "key", "value"))
    y = jax.nn.dot_product_attention(q, k, v, is_causal=True)
    return dense(params[f"out{i}"], y.reshape(x.shape))


def transformer(params: Any, state: Any, X: Any, T: Any) -> Any:
    x = params["embedding"]["E"][X] + params["position"]["E"]
    for i in range(1, sum(name.startswith("up") for name in params) + 1):
        x = x + attend(params, i, layer_norm(params[f"norm{i}a"], x))
        y = jax.nn.gelu(
            dense(params[f"up{i}"], layer_norm(params[f"norm{i}b"], x)), approximate=False
        )
        x = x + dense(params[f"down{i}"], y)
    logits = dense(params["fc"], layer_norm(params["norm"], x))
    found = jnp.take_along_axis(jax.nn.log_softmax(logits), T[..., None], axis=-1)
    return -found.mean(), state


def second_derivative(model: Any, x: Any, t: Any) -> Any:
    """u_xx, and u, u_x, u_t from the same pass, of a model of all points at once."""

    def total(x: Any, t: Any) -> Any:
        u = model(x, t)
        return u.sum(), u

    def slopes(x: Any) -> Any:
        (ux, ut), u = jax.grad(total, (0, 1), has_aux=True)(x, t)
        return ux.sum(), (u, ux, ut)

    return jax.grad(slopes, has_aux=True)(x)


def pinn(params: Any, state: Any, x: Any, t: Any, x0: Any, t0: Any, u0: Any) -> Any:
    *hidden, last = params.values()

    def model(x: Any, t: Any) -> Any:
        y = jnp.concatenate([x, t], axis=1)
        for p in hidden:
            y = jnp.tanh(dense(p, y))
        return dense(last, y)

    uxx, (u, ux, ut) = second_derivative(model, x, t)
    f = ut + u * ux - 0.01 / jnp.pi * uxx
    return jnp.mean(f**2) + jnp.mean((model(x0, t0) - u0) ** 2), state


LOSSES = {
    "mlp": mlp,
    "cnn": cnn,
    "function": cnn,
    "lstm": lstm,
    "transformer": transformer,
    "pinn": pinn,
}


def adam(params: Any, grads: Any, averages: Any) -> Any:
    m, s, t = averages
    t = t + 1  # counted on the device: a number passed in each time is slower
    m = jax.tree.map(lambda a, g: BETA1 * a + (1 - BETA1) * g, m, grads)
    s = jax.tree.map(lambda a, g: BETA2 * a + (1 - BETA2) * g * g, s, grads)
    rate = RATE * jnp.sqrt(1 - BETA2**t) / (1 - BETA1**t)
    params = jax.tree.map(lambda p, a, b: p - rate * a / (jnp.sqrt(b) + EPSILON), params, m, s)
    return params, (m, s, t)


def state_of(workload: Workload) -> Any:
    """Running statistics of the normalizations."""
    scales = {k: v["scale"] for k, v in workload.values.items() if k.startswith("bn")}
    return {k: {"mean": jnp.zeros_like(v), "var": jnp.ones_like(v)} for k, v in scales.items()}


class ByHand(Run):
    """What both ways share."""

    models = LOSSES

    def __init__(self, workload: Workload):
        super().__init__(workload)
        self.gradient = jax.value_and_grad(LOSSES[workload.model], has_aux=True)
        params = jax.tree.map(lambda v: jnp.array(v, copy=True), workload.values)
        zeros = (jax.tree.map(jnp.zeros_like, params) for _ in range(2))
        self.carried = params, (*zeros, jnp.float32(0)), state_of(workload)
        self.batch = tuple(workload.batch.values())

    def values(self) -> Any:
        return jax.device_get(self.carried[0])


class OneCall(ByHand):
    """Gradients and update in one compiled call, into the buffers of the step before."""

    def __init__(self, workload: Workload):
        super().__init__(workload)

        @functools.partial(jax.jit, donate_argnums=0)
        def run(carried: Any, *batch: Any) -> Any:
            params, averages, state = carried
            (loss, state), grads = self.gradient(params, state, *batch)
            return (*adam(params, grads, averages), state), loss

        self.run = run

    def step(self) -> Any:
        self.carried, self.last = self.run(self.carried, *self.batch)
        return self.last


class TwoCalls(ByHand):
    """Gradients in one compiled call, the update in another."""

    def __init__(self, workload: Workload):
        super().__init__(workload)
        self.gradient, self.update = jax.jit(self.gradient), jax.jit(adam)

    def step(self) -> Any:
        params, averages, state = self.carried
        (self.last, state), grads = self.gradient(params, state, *self.batch)
        self.carried = *self.update(params, grads, averages), state
        return self.last
