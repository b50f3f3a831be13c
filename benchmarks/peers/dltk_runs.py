"""dltk: `dlfeval` and `adamupdate` in a training step, as it is or accelerated."""

from __future__ import annotations

from typing import Any

import numpy as np

import dltk
from dltk import dlnetwork

from . import dltk_functions, dltk_networks
from .run import Run
from .workloads import Values, Workload

# What a layer's parameters are called, and how they lie: outputs × inputs, columns of biases.
NAMES = {
    "W": "Weights",
    "b": "Bias",
    "scale": "Scale",
    "offset": "Offset",
    "E": "Weights",
    "Wx": "InputWeights",
    "Wh": "RecurrentWeights",
}

MODELS = {**dltk_networks.MODELS, **dltk_functions.MODELS}
LAPLACIAN = {"pinn": dltk_networks.pinn_laplacian}


def matlab(workload: Workload) -> Values:
    """The first values as dltk's layers and functions have them."""
    return {
        layer: {NAMES[key]: _turned(workload, layer, v) for key, v in parameters.items()}
        for layer, parameters in workload.values.items()
    }


def _turned(workload: Workload, layer: str, v: np.ndarray) -> np.ndarray:
    if v.ndim == 1:
        net = workload.model == "cnn" and layer != "fc"
        return v.reshape((1, 1, -1) if net else (-1, 1))
    if v.ndim == 4:
        return v
    side = _side(workload, layer)
    if side:  # MATLAB flattens images with the first dimension fastest
        return v.reshape(side, side, -1, v.shape[1]).transpose(3, 2, 1, 0).reshape(v.shape[1], -1)
    return np.ascontiguousarray(v.T)


def _back(workload: Workload, layer: str, like: np.ndarray, v: np.ndarray) -> np.ndarray:
    """The inverse of `_turned`."""
    if v.ndim == 4 or like.ndim == 1:
        return v.reshape(like.shape)
    side = _side(workload, layer)
    if side:
        return v.reshape(v.shape[0], -1, side, side).transpose(3, 2, 1, 0).reshape(like.shape)
    return v.T


def _side(workload: Workload, layer: str) -> int:
    """Height of the images that a dense layer flattens, 0 if it gets none."""
    if layer != "fc" or "conv1" not in workload.values:
        return 0
    channels = len(workload.values["conv3"]["b"])
    return round((len(workload.values["fc"]["W"]) / channels) ** 0.5)


class Plain(Run):
    """The training step as it is."""

    models = MODELS

    def __init__(self, workload: Workload):
        super().__init__(workload)
        model = self.models[workload.model](matlab(workload), workload.batch)
        *carried, self.batch, self.loss_function, train = model
        self.carried = *carried, [], []  # network or parameters, and averages
        self.train, self.iteration = self.prepared(train), 0

    def prepared(self, train: Any) -> Any:
        return train

    def step(self) -> Any:
        self.iteration += 1
        *self.carried, self.last = self.train(*self.carried, self.iteration, *self.batch)
        return self.last

    def loss(self) -> float:
        return self.last.item()

    def values(self) -> Values:
        values: Any = self.carried[0]
        if isinstance(values, dlnetwork):
            rows = values.Learnables
            values = {a: {b: rows[a, b] for b in rows[a, :].Parameter} for a in rows.Layer}
        return {
            layer: {
                key: _back(self.workload, layer, v, dltk.extractdata(values[layer][NAMES[key]]))
                for key, v in parameters.items()
            }
            for layer, parameters in self.workload.values.items()
        }


class Laplacian(Plain):
    """The physics-informed network with `dllaplacian` in place of the nested gradient."""

    models = LAPLACIAN


class Accelerated(Plain):
    """The same step, given to `dlaccelerate`."""

    @classmethod
    def offers(cls, workload: Workload) -> bool:
        return hasattr(dltk, "dlaccelerate") and super().offers(workload)

    def prepared(self, train: Any) -> Any:
        return dltk.dlaccelerate(train)
