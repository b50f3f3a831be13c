"""Networks within layers."""

import numpy as np

import dltk.layers as L

from .. import witness as w
from ._table import add


def block():
    inner = L.networkLayer([L.fullyConnectedLayer(3), L.batchNormalizationLayer()], Name="in")
    return L.networkLayer([inner, L.tanhLayer()])


def by_block(p, x, mean=None, variance=None):
    y = w.dense(x, "CB", p["in/fc/Weights"], p["in/fc/Bias"])
    mean = p["in/batchnorm/TrainedMean"] if mean is None else y.mean(1, keepdims=True)
    variance = p["in/batchnorm/TrainedVariance"] if variance is None else y.var(1, keepdims=True)
    y = (y - mean) / np.sqrt(variance + 1e-5)
    return np.tanh(p["in/batchnorm/Scale"] * y + p["in/batchnorm/Offset"])


add("networkLayer", block, "CB", by_block, trained=lambda p, x: by_block(p, x, "own", "own"))


def euler(p, y, steps):
    for h in steps:
        y = y + h * np.tanh(w.dense(y, "CB", p["fc/Weights"], p["fc/Bias"]))
    return y


def slope():
    return [L.fullyConnectedLayer(4), L.tanhLayer()]


add(
    "neuralODELayer",
    lambda: L.neuralODELayer(slope(), [0, 1], Solver="ode1"),
    "CB",
    lambda p, x: euler(p, x, [0.1] * 10),
)
add(
    "neuralODELayer(times)",
    lambda: L.neuralODELayer(
        slope(), [1, 0.5, -0.2], Solver="ode1", SolverOptions={"StepSize": 0.2}
    ),
    "CB",
    lambda p, x: np.stack(
        [euler(p, x, [-0.2, -0.2, -0.1]), euler(p, x, [-0.2, -0.2, -0.1, -0.2, -0.2, -0.2, -0.1])],
        2,
    ),
    out="CBT",
    derivatives=True,
)
