"""Keras 3 on JAX: layers, and the compiled stateless training step of its guide, donated."""

from __future__ import annotations

import functools
import os
from typing import Any

os.environ["KERAS_BACKEND"] = "jax"  # read when Keras is imported

import jax
import jax.numpy as jnp
import keras
import numpy as np
from keras import layers

from .jax_runs import second_derivative
from .run import Run
from .workloads import HEADS, RATE, STRIDES, Values, Workload


def filled(layer: Any, *values: np.ndarray) -> None:
    """Other values for the first weights of a built layer; those after them stay."""
    for variable, value in zip(layer.weights, values, strict=False):
        variable.assign(value.reshape(variable.shape))


def fill(model: Any, values: Values) -> None:
    """The values of all layers of a model, found by name."""
    for layer in model.layers:
        i = layer.name.removeprefix("attention")
        own = ("query", "key", "value", "out") if i != layer.name else ("",)
        names = [f"{part}{i}" for part in own]
        filled(layer, *(v for name in names for v in values.get(name, {}).values()))


def dense(values: Values, name: str, activation: str | None = None) -> Any:
    return layers.Dense(len(values[name]["b"]), activation=activation, name=name)


def mlp(values: Values, batch: dict[str, np.ndarray], activation: str = "relu") -> Any:
    *hidden, last = values
    model = keras.Sequential([keras.Input(batch["X"].shape[1:])])
    for name in hidden:
        model.add(dense(values, name, activation))
    model.add(dense(values, last))
    return model


def cnn(values: Values, batch: dict[str, np.ndarray]) -> Any:
    model = keras.Sequential([keras.Input(batch["X"].shape[1:])])
    for i, stride in enumerate(STRIDES, 1):
        width, _, _, filters = values[f"conv{i}"]["W"].shape
        model.add(layers.Conv2D(filters, width, strides=stride, padding="same", name=f"conv{i}"))
        model.add(layers.BatchNormalization(momentum=0.9, epsilon=1e-5, name=f"bn{i}"))
        model.add(layers.ReLU())
    model.add(layers.Flatten())
    model.add(dense(values, "fc"))
    return model


def lstm(values: Values, batch: dict[str, np.ndarray]) -> Any:
    units = len(values["lstm"]["Wh"])
    return keras.Sequential(
        [
            keras.Input(batch["X"].shape[1:]),
            layers.LSTM(units, name="lstm"),
            dense(values, "fc"),
        ]
    )


class Positions(layers.Layer):
    """Adds a learned vector for each position."""

    def build(self, shape: Any) -> None:
        self.E = self.add_weight(shape=shape[1:], name="E")

    def call(self, x: Any) -> Any:
        return x + self.E


def transformer(values: Values, batch: dict[str, np.ndarray]) -> Any:
    words, width = values["embedding"]["E"].shape
    tokens = keras.Input(batch["X"].shape[1:], dtype="int32")
    x = Positions(name="position")(layers.Embedding(words, width, name="embedding")(tokens))
    for i in range(1, sum(name.startswith("up") for name in values) + 1):
        y = layers.LayerNormalization(epsilon=1e-5, name=f"norm{i}a")(x)
        attention = layers.MultiHeadAttention(HEADS, width // HEADS, name=f"attention{i}")
        x = x + attention(y, y, use_causal_mask=True)
        y = layers.LayerNormalization(epsilon=1e-5, name=f"norm{i}b")(x)
        y = keras.activations.gelu(dense(values, f"up{i}")(y), approximate=False)
        x = x + dense(values, f"down{i}")(y)
    x = layers.LayerNormalization(epsilon=1e-5, name="norm")(x)
    return keras.Model(tokens, dense(values, "fc")(x))


def pinn(values: Values, batch: dict[str, np.ndarray]) -> Any:
    return mlp(values, {"X": np.concatenate([batch["x"], batch["t"]], axis=1)}, "tanh")


def classifier_loss(apply: Any, X: Any, T: Any) -> Any:
    loss = keras.losses.CategoricalCrossentropy(from_logits=True)
    return loss(T, apply(X))


def language_loss(apply: Any, X: Any, T: Any) -> Any:
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    return loss(T, apply(X))


def pinn_loss(apply: Any, x: Any, t: Any, x0: Any, t0: Any, u0: Any) -> Any:
    def model(x: Any, t: Any) -> Any:
        return apply(jnp.concatenate([x, t], axis=1))

    uxx, (u, ux, ut) = second_derivative(model, x, t)
    f = ut + u * ux - 0.01 / jnp.pi * uxx
    return jnp.mean(f**2) + jnp.mean((model(x0, t0) - u0) ** 2)


MODELS = {
    "mlp": (mlp, classifier_loss),
    "cnn": (cnn, classifier_loss),
    "lstm": (lstm, classifier_loss),
    "transformer": (transformer, language_loss),
    "pinn": (pinn, pinn_loss),
}


class Keras(Run):
    """One compiled and donated call per iteration, on the values of the model's variables."""

    models = MODELS

    def __init__(self, workload: Workload):
        super().__init__(workload)
        make, loss = MODELS[workload.model]
        model = make(workload.values, workload.batch)
        fill(model, workload.values)
        optimizer = keras.optimizers.Adam(RATE, epsilon=1e-8)
        optimizer.build(model.trainable_variables)

        def evaluate(learned: Any, other: Any, batch: Any) -> Any:
            new = other

            def apply(x: Any) -> Any:
                nonlocal new
                y, new = model.stateless_call(learned, other, x, training=True)
                return y

            value = loss(apply, *batch)
            return value, new if workload.model == "cnn" else other

        @functools.partial(jax.jit, donate_argnums=0)
        def step(state: Any, *batch: Any) -> Any:
            learned, other, averages = state
            value_and_grad = jax.value_and_grad(evaluate, has_aux=True)
            (value, other), grads = value_and_grad(learned, other, batch)
            learned, averages = optimizer.stateless_apply(averages, grads, learned)
            return (learned, other, averages), value

        self.run, self.batch = step, tuple(workload.batch.values())
        variables = (
            model.trainable_variables,
            model.non_trainable_variables,
            optimizer.variables,
        )
        self.carried = tuple([jnp.array(v.value) for v in part] for part in variables)

    def step(self) -> Any:
        self.carried, self.last = self.run(self.carried, *self.batch)
        return self.last
