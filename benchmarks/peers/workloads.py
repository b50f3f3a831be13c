"""What is trained: sizes, first values and one batch of data for each workload, float32.

Values lie as JAX code usually has them: a dict of layers, each a dict of arrays. Dense weights W
are inputs × outputs, filters height × width × channels × filters, LSTM weights inputs × 4 units
with the gates in the order input, forget, candidate, output. Images are batch × height × width ×
channels, sequences batch × time × features; what a dense layer reads from an image is flattened in
that order. A peer with another layout converts once, before its first step.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

Values = dict[str, dict[str, np.ndarray]]

HEADS = 4
STRIDES = 1, 2, 2  # of the three convolutions
RATE = 0.001  # of Adam; its other numbers are the defaults that all peers share


@dataclass(frozen=True)
class Workload:
    """One model with its data.

    ``model`` says which architecture (a key of the tables in the files of the peers), ``still``
    which parameters have a derivative that is zero but for rounding: Adam moves them at random.
    """

    name: str
    title: str
    model: str
    values: Values
    batch: dict[str, np.ndarray]
    still: tuple[tuple[str, str], ...] = ()


def _dense(random: np.random.RandomState, inputs: int, outputs: int) -> dict[str, np.ndarray]:
    W = random.randn(inputs, outputs) / np.sqrt(inputs)
    return {"W": np.float32(W), "b": np.zeros(outputs, np.float32)}


def _scaled(channels: int) -> dict[str, np.ndarray]:
    return {"scale": np.ones(channels, np.float32), "offset": np.zeros(channels, np.float32)}


def _classes(random: np.random.RandomState, count: int, classes: int) -> np.ndarray:
    """One-hot rows."""
    return np.eye(classes, dtype=np.float32)[random.randint(classes, size=count)]


def mlp(random: np.random.RandomState, sizes: tuple[int, ...], batch: int) -> dict[str, Any]:
    pairs = enumerate(itertools.pairwise(sizes), 1)
    values = {f"fc{i}": _dense(random, a, b) for i, (a, b) in pairs}
    X = random.rand(batch, sizes[0]).astype(np.float32)
    return {"values": values, "batch": {"X": X, "T": _classes(random, batch, sizes[-1])}}


def cnn(random: np.random.RandomState, size: int, filters: int, batch: int) -> dict[str, Any]:
    values, still, channels, side = {}, [], 1, size
    for i, (width, stride) in enumerate(zip((5, 3, 3), STRIDES, strict=True), 1):
        W = random.randn(width, width, channels, filters) / np.sqrt(width * width * channels)
        values[f"conv{i}"] = {"W": np.float32(W), "b": np.zeros(filters, np.float32)}
        values[f"bn{i}"] = _scaled(filters)
        still.append((f"conv{i}", "b"))  # the normalization takes it away again
        channels, side = filters, -(-side // stride)
    values["fc"] = _dense(random, side * side * filters, 10)
    X = random.rand(batch, size, size, 1).astype(np.float32)
    data = {"X": X, "T": _classes(random, batch, 10)}
    return {"values": values, "batch": data, "still": tuple(still)}


def lstm(
    random: np.random.RandomState, steps: int, features: int, units: int, classes: int, batch: int
) -> dict[str, Any]:
    forget = np.repeat(np.float32([0, 1, 0, 0]), units)
    cell = {
        "Wx": np.float32(random.randn(features, 4 * units) / np.sqrt(features + units)),
        "Wh": np.float32(random.randn(units, 4 * units) / np.sqrt(features + units)),
        "b": forget,
    }
    X = random.randn(batch, steps, features).astype(np.float32)
    values = {"lstm": cell, "fc": _dense(random, units, classes)}
    return {"values": values, "batch": {"X": X, "T": _classes(random, batch, classes)}}


def transformer(
    random: np.random.RandomState, layers: int, width: int, tokens: int, words: int, batch: int
) -> dict[str, Any]:
    values: Values = {
        "embedding": {"E": np.float32(0.1 * random.randn(words, width))},
        "position": {"E": np.float32(0.1 * random.randn(tokens, width))},
    }
    for i in range(1, layers + 1):
        values[f"norm{i}a"] = _scaled(width)
        for name in ("query", "key", "value", "out"):
            values[f"{name}{i}"] = _dense(random, width, width)
        values[f"norm{i}b"] = _scaled(width)
        values[f"up{i}"] = _dense(random, width, 4 * width)
        values[f"down{i}"] = _dense(random, 4 * width, width)
    values["norm"] = _scaled(width)
    values["fc"] = _dense(random, width, words)
    text = random.randint(words, size=(batch, tokens + 1)).astype(np.int32)
    text[0, :words] = np.arange(words)[: tokens + 1]  # every word occurs
    still = tuple((f"key{i}", "b") for i in range(1, layers + 1))  # the softmax takes it away
    data = {"X": text[:, :-1].copy(), "T": text[:, 1:].copy()}
    return {"values": values, "batch": data, "still": still}


def pinn(random: np.random.RandomState, layers: int, width: int, points: int) -> dict[str, Any]:
    """Burgers' equation: points inside, and 100 on the boundary and at the beginning."""
    values = mlp(random, (2, *[width] * (layers - 1), 1), 1)["values"]
    edges = np.concatenate([-np.ones(25), np.ones(25), np.linspace(-1, 1, 50)])
    start = np.concatenate([np.linspace(0, 1, 25), np.linspace(0, 1, 25), np.zeros(50)])
    known = np.where(start > 0, 0, -np.sin(np.pi * edges))
    columns = {
        "x": random.uniform(-1, 1, points),
        "t": random.uniform(0, 1, points),
        "x0": edges,
        "t0": start,
        "u0": known,
    }
    batch = {name: np.float32(column)[:, None] for name, column in columns.items()}
    return {"values": values, "batch": batch}


@dataclass(frozen=True)
class Row:
    """A workload before it is made.

    ``sizes`` are the arguments of its maker after the random stream: in full; narrow, where the
    arithmetic takes no time; and shallow, where compiling takes little too.
    """

    title: str
    model: str
    make: Callable[..., dict[str, Any]]
    full: tuple[Any, ...]
    narrow: tuple[Any, ...]
    shallow: tuple[Any, ...] | None = None


TABLE = {
    "tiny": Row("MLP 64-32-10, batch 32", "mlp", mlp, ((64, 32, 10), 32), ((3, 2, 2), 2)),
    "mlp": Row(
        "MLP 784-512-512-10, batch 128", "mlp", mlp, ((784, 512, 512, 10), 128), ((3, 2, 2, 2), 2)
    ),
    "cnn": Row("digits CNN, batch 128", "cnn", cnn, (28, 20, 128), (4, 2, 4)),
    "function": Row("digits CNN as a function", "function", cnn, (28, 20, 128), (4, 2, 4)),
    "lstm": Row(
        "LSTM, 100 steps, 100 units, batch 27", "lstm", lstm, (100, 12, 100, 9, 27), (3, 2, 2, 2, 2)
    ),
    "transformer": Row(
        "transformer, 4 layers of 128, 16 x 128 tokens",
        "transformer",
        transformer,
        (4, 128, 128, 64, 16),
        (4, 8, 4, 3, 2),
        (1, 8, 4, 3, 2),
    ),
    "pinn": Row("Burgers PINN, 10000 points", "pinn", pinn, (9, 20, 10000), (9, 4, 4), (3, 4, 4)),
}


def workload(name: str, size: Literal["full", "narrow", "shallow"] = "full") -> Workload:
    """A workload by its name."""
    row = TABLE[name]
    sizes = getattr(row, size) or row.narrow
    made = row.make(np.random.RandomState(0), *sizes)
    return Workload(name, row.title, row.model, **made)
