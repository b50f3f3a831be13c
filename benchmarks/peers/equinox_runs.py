"""Equinox with Optax: models of one observation, `jax.vmap`, and a filtered, donated step.

Observations come first in the data and disappear in the model, so images are channels × height ×
width, and weights outputs × inputs.
"""

from __future__ import annotations

import functools
from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax

from .run import Run
from .workloads import HEADS, RATE, STRIDES, Values, Workload

KEY = jax.random.key(0)  # the values drawn with it are replaced


def dense(p: dict[str, np.ndarray]) -> eqx.nn.Linear:
    layer = eqx.nn.Linear(*p["W"].shape, key=KEY)
    return eqx.tree_at(
        lambda m: (m.weight, m.bias), layer, (jnp.array(p["W"].T), jnp.array(p["b"]))
    )


class MLP(eqx.Module):
    layers: list[eqx.nn.Linear]

    def __init__(self, values: Values):
        self.layers = [dense(p) for p in values.values()]

    def __call__(self, x: Any) -> Any:
        for layer in self.layers[:-1]:
            x = jax.nn.relu(layer(x))
        return self.layers[-1](x)


class CNN(eqx.Module):
    convolutions: list[eqx.nn.Conv2d]
    norms: list[eqx.nn.BatchNorm]
    fc: eqx.nn.Linear

    def __init__(self, values: Values):
        self.convolutions, self.norms = [], []
        for i, stride in enumerate(STRIDES, 1):
            W, b = values[f"conv{i}"]["W"], values[f"conv{i}"]["b"]
            conv = eqx.nn.Conv2d(*W.shape[2:], W.shape[0], stride=stride, padding="SAME", key=KEY)
            parts = jnp.array(W.transpose(3, 2, 0, 1)), jnp.array(b)[:, None, None]
            self.convolutions.append(eqx.tree_at(lambda m: (m.weight, m.bias), conv, parts))
            self.norms.append(eqx.nn.BatchNorm(len(b), "batch", momentum=0.9, mode="batch"))
        W, b = values["fc"]["W"], values["fc"]["b"]
        self.fc = dense({"W": channels_first(W, len(values["conv3"]["b"])), "b": b})

    def __call__(self, x: Any, state: Any) -> Any:
        for conv, norm in zip(self.convolutions, self.norms, strict=True):
            x, state = norm(conv(x), state)
            x = jax.nn.relu(x)
        return self.fc(x.ravel()), state


def channels_first(W: np.ndarray, channels: int) -> np.ndarray:
    """Rows for images flattened as (channels, height, width)."""
    return W.reshape(-1, channels, W.shape[1]).swapaxes(0, 1).reshape(W.shape)


class LSTM(eqx.Module):
    cell: eqx.nn.LSTMCell
    fc: eqx.nn.Linear

    def __init__(self, values: Values):
        p = values["lstm"]
        cell = eqx.nn.LSTMCell(len(p["Wx"]), len(p["Wh"]), key=KEY)
        parts = jnp.array(p["Wx"].T), jnp.array(p["Wh"].T), jnp.array(p["b"])
        self.cell = eqx.tree_at(lambda m: (m.weight_ih, m.weight_hh, m.bias), cell, parts)
        self.fc = dense(values["fc"])

    def __call__(self, x: Any) -> Any:
        zeros = jnp.zeros(self.cell.hidden_size)
        (h, _), _ = jax.lax.scan(lambda s, x: (self.cell(x, s), None), (zeros, zeros), x)
        return self.fc(h)


class Block(eqx.Module):
    norm1: eqx.nn.LayerNorm
    attention: eqx.nn.MultiheadAttention
    norm2: eqx.nn.LayerNorm
    up: eqx.nn.Linear
    down: eqx.nn.Linear

    def __init__(self, values: Values, i: int):
        width = len(values["norm"]["scale"])
        biases = {f"use_{n}_bias": True for n in ("query", "key", "value", "output")}
        attention = eqx.nn.MultiheadAttention(HEADS, width, **biases, key=KEY)
        projections = [dense(values[f"{n}{i}"]) for n in ("query", "key", "value", "out")]
        self.attention = eqx.tree_at(
            lambda m: [m.query_proj, m.key_proj, m.value_proj, m.output_proj],
            attention,
            projections,
        )
        self.norm1, self.norm2 = eqx.nn.LayerNorm(width), eqx.nn.LayerNorm(width)
        self.up, self.down = dense(values[f"up{i}"]), dense(values[f"down{i}"])

    def __call__(self, x: Any) -> Any:
        y = jax.vmap(self.norm1)(x)
        x = x + self.attention(y, y, y, mask=jnp.tril(jnp.ones((len(x), len(x)), bool)))
        y = jax.nn.gelu(jax.vmap(self.up)(jax.vmap(self.norm2)(x)), approximate=False)
        return x + jax.vmap(self.down)(y)


class Transformer(eqx.Module):
    embedding: eqx.nn.Embedding
    position: eqx.nn.Embedding
    blocks: list[Block]
    norm: eqx.nn.LayerNorm
    fc: eqx.nn.Linear

    def __init__(self, values: Values):
        self.embedding = eqx.nn.Embedding(weight=jnp.array(values["embedding"]["E"]))
        self.position = eqx.nn.Embedding(weight=jnp.array(values["position"]["E"]))
        count = sum(name.startswith("up") for name in values)
        self.blocks = [Block(values, i) for i in range(1, count + 1)]
        self.norm = eqx.nn.LayerNorm(len(values["norm"]["scale"]))
        self.fc = dense(values["fc"])

    def __call__(self, x: Any) -> Any:
        x = jax.vmap(self.embedding)(x) + self.position.weight
        for block in self.blocks:
            x = block(x)
        return jax.vmap(self.fc)(jax.vmap(self.norm)(x))


class PINN(eqx.Module):
    layers: list[eqx.nn.Linear]

    def __init__(self, values: Values):
        self.layers = [dense(p) for p in values.values()]

    def __call__(self, x: Any, t: Any) -> Any:
        y = jnp.stack([x, t])
        for layer in self.layers[:-1]:
            y = jnp.tanh(layer(y))
        return self.layers[-1](y)[0]


def classifier_loss(model: Any, state: Any, X: Any, T: Any) -> Any:
    return optax.softmax_cross_entropy(jax.vmap(model)(X), T).mean(), state


def cnn_loss(model: Any, state: Any, X: Any, T: Any) -> Any:
    over_batch = jax.vmap(model, axis_name="batch", in_axes=(0, None), out_axes=(0, None))
    logits, state = over_batch(X, state)
    return optax.softmax_cross_entropy(logits, T).mean(), state


def language_loss(model: Any, state: Any, X: Any, T: Any) -> Any:
    logits = jax.vmap(model)(X)
    return optax.softmax_cross_entropy_with_integer_labels(logits, T).mean(), state


def pinn_loss(model: Any, state: Any, x: Any, t: Any, x0: Any, t0: Any, u0: Any) -> Any:
    def slopes(x: Any, t: Any) -> Any:
        u, (ux, ut) = jax.value_and_grad(model, (0, 1))(x, t)
        return ux, (u, ux, ut)

    def residual(x: Any, t: Any) -> Any:
        uxx, (u, ux, ut) = jax.grad(slopes, has_aux=True)(x, t)
        return ut + u * ux - 0.01 / jnp.pi * uxx

    f = jax.vmap(residual)(x, t)
    return jnp.mean(f**2) + jnp.mean((jax.vmap(model)(x0, t0) - u0) ** 2), state


MODELS = {
    "mlp": (MLP, classifier_loss),
    "cnn": (CNN, cnn_loss),
    "lstm": (LSTM, classifier_loss),
    "transformer": (Transformer, language_loss),
    "pinn": (PINN, pinn_loss),
}


class Equinox(Run):
    """One compiled and donated call per iteration, on the arrays of the model in a list.

    `equinox.filter_jit` takes the model apart and puts it together in every iteration; with the
    arrays kept in a list, as the library's tricks page has it, that is done while tracing.
    """

    models = MODELS

    def __init__(self, workload: Workload):
        super().__init__(workload)
        make, loss = MODELS[workload.model]
        model, state = eqx.nn.make_with_state(make)(workload.values)
        optimizer = optax.adam(RATE)
        averages = optimizer.init(eqx.filter(model, eqx.is_inexact_array))
        arrays, rest = eqx.partition((model, state, averages), eqx.is_array)
        self.carried, structure = jax.tree.flatten(arrays)
        self.batch = data(workload)

        @functools.partial(jax.jit, donate_argnums=0)
        def step(arrays: Any, *batch: Any) -> Any:
            model, state, averages = eqx.combine(jax.tree.unflatten(structure, arrays), rest)
            value_and_grad = eqx.filter_value_and_grad(loss, has_aux=True)
            (value, state), grads = value_and_grad(model, state, *batch)
            updates, averages = optimizer.update(grads, averages)
            carried = eqx.apply_updates(model, updates), state, averages
            return jax.tree.leaves(eqx.filter(carried, eqx.is_array)), value

        self.run = step

    def step(self) -> Any:
        self.carried, self.last = self.run(self.carried, *self.batch)
        return self.last


def data(workload: Workload) -> tuple[np.ndarray, ...]:
    """The batch: images channels first, points without a second dimension."""
    batch = dict(workload.batch)
    if workload.model == "cnn":
        batch["X"] = np.ascontiguousarray(batch["X"].transpose(0, 3, 1, 2))
    if workload.model == "pinn":
        batch = {name: column[:, 0] for name, column in batch.items()}
    return tuple(batch.values())
