"""Flax NNX with Optax: modules on batches, and the functional training loop of its speed guide.

That loop splits model and optimizer into structure and state once, and hands the state through
`jax.jit` with donated buffers; `nnx.jit` would walk over the objects in every iteration.
"""

from __future__ import annotations

import functools
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx

from .jax_runs import second_derivative
from .run import Run
from .workloads import HEADS, RATE, STRIDES, Values, Workload

RNGS = nnx.Rngs(0)  # the values drawn with it are replaced


def dense(p: dict[str, np.ndarray]) -> nnx.Linear:
    return filled(nnx.Linear(*p["W"].shape, rngs=RNGS), kernel=p["W"], bias=p["b"])


def layer_norm(p: dict[str, np.ndarray]) -> nnx.LayerNorm:
    return nnx.LayerNorm(len(p["scale"]), epsilon=1e-5, rngs=RNGS)


def filled(layer: Any, **values: np.ndarray) -> Any:
    """A layer with other values in its parameters."""
    for name, value in values.items():
        parameter = getattr(layer, name)
        parameter[...] = jnp.array(value).reshape(parameter.shape)
    return layer


class MLP(nnx.Module):
    def __init__(self, values: Values):
        self.layers = nnx.List([dense(p) for p in values.values()])

    def __call__(self, x: Any) -> Any:
        for layer in self.layers[:-1]:
            x = nnx.relu(layer(x))
        return self.layers[-1](x)


class CNN(nnx.Module):
    def __init__(self, values: Values):
        self.convolutions, self.norms = nnx.List(), nnx.List()
        for i, stride in enumerate(STRIDES, 1):
            W, b = values[f"conv{i}"]["W"], values[f"conv{i}"]["b"]
            conv = nnx.Conv(*W.shape[2:], W.shape[:2], strides=stride, padding="SAME", rngs=RNGS)
            self.convolutions.append(filled(conv, kernel=W, bias=b))
            norm = nnx.BatchNorm(len(b), momentum=0.9, epsilon=1e-5, rngs=RNGS)
            self.norms.append(norm)
        self.fc = dense(values["fc"])

    def __call__(self, x: Any) -> Any:
        for conv, norm in zip(self.convolutions, self.norms, strict=True):
            x = nnx.relu(norm(conv(x)))
        return self.fc(x.reshape(len(x), -1))


class LSTM(nnx.Module):
    def __init__(self, values: Values):
        p = values["lstm"]
        cell = nnx.OptimizedLSTMCell(len(p["Wx"]), len(p["Wh"]), rngs=RNGS)
        filled(cell.dense_i, kernel=p["Wx"])
        filled(cell.dense_h, kernel=p["Wh"], bias=p["b"])
        self.rnn, self.fc = nnx.RNN(cell), dense(values["fc"])

    def __call__(self, x: Any) -> Any:
        return self.fc(self.rnn(x)[:, -1])


class Block(nnx.Module):
    def __init__(self, values: Values, i: int):
        width = len(values["norm"]["scale"])
        self.norm1, self.norm2 = (layer_norm(values[f"norm{i}{a}"]) for a in "ab")
        self.attention = nnx.MultiHeadAttention(HEADS, width, decode=False, rngs=RNGS)
        for name in ("query", "key", "value", "out"):
            p = values[f"{name}{i}"]
            filled(getattr(self.attention, name), kernel=p["W"], bias=p["b"])
        self.up, self.down = dense(values[f"up{i}"]), dense(values[f"down{i}"])

    def __call__(self, x: Any, mask: Any) -> Any:
        x = x + self.attention(self.norm1(x), mask=mask)
        return x + self.down(nnx.gelu(self.up(self.norm2(x)), approximate=False))


class Transformer(nnx.Module):
    def __init__(self, values: Values):
        E, P = values["embedding"]["E"], values["position"]["E"]
        self.embedding = filled(nnx.Embed(*E.shape, rngs=RNGS), embedding=E)
        self.position = filled(nnx.Embed(*P.shape, rngs=RNGS), embedding=P)
        count = sum(name.startswith("up") for name in values)
        self.blocks = nnx.List([Block(values, i) for i in range(1, count + 1)])
        self.norm, self.fc = layer_norm(values["norm"]), dense(values["fc"])

    def __call__(self, x: Any) -> Any:
        mask = nnx.make_causal_mask(x)
        x = self.embedding(x) + self.position(jnp.arange(x.shape[1]))
        for block in self.blocks:
            x = block(x, mask)
        return self.fc(self.norm(x))


class PINN(nnx.Module):
    def __init__(self, values: Values):
        self.layers = nnx.List([dense(p) for p in values.values()])

    def __call__(self, x: Any, t: Any) -> Any:
        y = jnp.concatenate([x, t], axis=1)
        for layer in self.layers[:-1]:
            y = jnp.tanh(layer(y))
        return self.layers[-1](y)


def classifier_loss(model: Any, X: Any, T: Any) -> Any:
    return optax.softmax_cross_entropy(model(X), T).mean()


def language_loss(model: Any, X: Any, T: Any) -> Any:
    return optax.softmax_cross_entropy_with_integer_labels(model(X), T).mean()


def pinn_loss(model: Any, x: Any, t: Any, x0: Any, t0: Any, u0: Any) -> Any:
    uxx, (u, ux, ut) = second_derivative(model, x, t)
    f = ut + u * ux - 0.01 / jnp.pi * uxx
    return jnp.mean(f**2) + jnp.mean((model(x0, t0) - u0) ** 2)


MODELS = {
    "mlp": (MLP, classifier_loss),
    "cnn": (CNN, classifier_loss),
    "lstm": (LSTM, classifier_loss),
    "transformer": (Transformer, language_loss),
    "pinn": (PINN, pinn_loss),
}


class NNX(Run):
    """One compiled and donated call per iteration."""

    models = MODELS

    def __init__(self, workload: Workload):
        super().__init__(workload)
        make, loss = MODELS[workload.model]
        model = make(workload.values)
        optimizer = nnx.Optimizer(model, optax.adam(RATE), wrt=nnx.Param)
        structure, self.carried = nnx.split((model, optimizer))

        @functools.partial(jax.jit, donate_argnums=0)
        def step(state: Any, *batch: Any) -> Any:
            model, optimizer = nnx.merge(structure, state)
            value, grads = nnx.value_and_grad(loss)(model, *batch)
            optimizer.update(model, grads)
            return nnx.state((model, optimizer)), value

        self.run, self.batch = step, tuple(workload.batch.values())

    def step(self) -> Any:
        self.carried, self.last = self.run(self.carried, *self.batch)
        return self.last
