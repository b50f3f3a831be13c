"""dltk's models that are networks, as users of MATLAB write them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from dltk import (
    adamupdate,
    batchNormalizationLayer,
    cat,
    convolution2dLayer,
    crossentropy,
    dlarray,
    dlfeval,
    dlgradient,
    dllaplacian,
    dlnetwork,
    featureInputLayer,
    forward,
    fullyConnectedLayer,
    imageInputLayer,
    l2loss,
    lstmLayer,
    reluLayer,
    sequenceInputLayer,
    softmaxLayer,
    stripdims,
    tanhLayer,
)
from dltk import sum as sum_

from .workloads import STRIDES, Values


def modelLoss(net, X, T):
    Y, state = forward(net, X, nargout=2)
    loss = crossentropy(Y, T)
    return loss, dlgradient(loss, net.Learnables), state


def trainStep(net, averageGrad, averageSqGrad, iteration, X, T):
    loss, gradients, net.State = dlfeval(modelLoss, net, X, T)
    net, averageGrad, averageSqGrad = adamupdate(
        net, gradients, averageGrad, averageSqGrad, iteration
    )
    return net, averageGrad, averageSqGrad, loss


def dense(values: Values, name: str) -> fullyConnectedLayer:
    outputs = len(values[name]["Bias"])
    return fullyConnectedLayer(outputs, Name=name, **values[name])


def mlp(values: Values, batch: dict[str, np.ndarray]) -> Any:
    layers: list[Any] = [featureInputLayer(batch["X"].shape[1])]
    for name in values:
        layers += [dense(values, name), reluLayer()]
    net = dlnetwork([*layers[:-1], softmaxLayer()])
    return net, (dlarray(batch["X"], "BC"), dlarray(batch["T"], "BC")), modelLoss, trainStep


def cnn(values: Values, batch: dict[str, np.ndarray]) -> Any:
    layers: list[Any] = [imageInputLayer(batch["X"].shape[1:], Normalization="none")]
    for i, stride in enumerate(STRIDES, 1):
        width, filters = values[f"conv{i}"]["Weights"].shape[1::2]
        layers += [
            convolution2dLayer(
                width,
                filters,
                Padding="same",
                Stride=stride,
                Name=f"conv{i}",
                **values[f"conv{i}"],
            ),
            batchNormalizationLayer(Name=f"bn{i}", **values[f"bn{i}"]),
            reluLayer(),
        ]
    net = dlnetwork([*layers, dense(values, "fc"), softmaxLayer()])
    return net, (dlarray(batch["X"], "BSSC"), dlarray(batch["T"], "BC")), modelLoss, trainStep


# A classifier of sequences: every sequence starts from the same state, so no state goes on


def sequenceLoss(net, X, T):
    Y = forward(net, X)
    loss = crossentropy(Y, T)
    return loss, dlgradient(loss, net.Learnables)


def trainSequenceStep(net, averageGrad, averageSqGrad, iteration, X, T):
    loss, gradients = dlfeval(sequenceLoss, net, X, T)
    net, averageGrad, averageSqGrad = adamupdate(
        net, gradients, averageGrad, averageSqGrad, iteration
    )
    return net, averageGrad, averageSqGrad, loss


def lstm(values: Values, batch: dict[str, np.ndarray]) -> Any:
    units = values["lstm"]["RecurrentWeights"].shape[1]
    net = dlnetwork(
        [
            sequenceInputLayer(batch["X"].shape[2]),
            lstmLayer(units, OutputMode="last", Name="lstm", **values["lstm"]),
            dense(values, "fc"),
            softmaxLayer(),
        ]
    )
    return (
        net,
        (dlarray(batch["X"], "BTC"), dlarray(batch["T"], "BC")),
        sequenceLoss,
        trainSequenceStep,
    )


# Burgers' equation: X, T inside; X0, T0, U0 where the solution is known


def burgersLoss(net, X, T, X0, T0, U0):
    U = forward(net, cat(1, X, T))
    Ux, Ut = dlgradient(sum_(U, "all"), X, T, EnableHigherDerivatives=True)
    Uxx = dlgradient(sum_(Ux, "all"), X, EnableHigherDerivatives=True)
    f = Ut + U * Ux - 0.01 / np.pi * Uxx
    loss = l2loss(f, np.zeros(f.shape)) + l2loss(forward(net, cat(1, X0, T0)), U0)
    return loss, dlgradient(loss, net.Learnables)


def laplacianLoss(net, X, T, X0, T0, U0):
    U = stripdims(forward(net, dlarray(cat(1, X, T), "CB")))
    Ux, Ut = dlgradient(sum_(U, "all"), X, T, EnableHigherDerivatives=True)
    f = Ut + U * Ux - 0.01 / np.pi * dllaplacian(U, X, 1)
    f = dlarray(f, "CB")
    loss = l2loss(f, np.zeros(f.shape)) + l2loss(forward(net, cat(1, X0, T0)), U0)
    return loss, dlgradient(loss, net.Learnables)


def pinn(values: Values, batch: dict[str, np.ndarray]) -> Any:
    return _pinn(values, batch, burgersLoss, "CB")


def pinn_laplacian(values: Values, batch: dict[str, np.ndarray]) -> Any:
    return _pinn(values, batch, laplacianLoss, "")


def _pinn(values: Values, batch: dict[str, np.ndarray], loss: Callable[..., Any], fmt: str) -> Any:
    def trainBurgersStep(net, averageGrad, averageSqGrad, iteration, X, T, X0, T0, U0):
        value, gradients = dlfeval(loss, net, X, T, X0, T0, U0)
        net, averageGrad, averageSqGrad = adamupdate(
            net, gradients, averageGrad, averageSqGrad, iteration
        )
        return net, averageGrad, averageSqGrad, value

    layers: list[Any] = [featureInputLayer(2)]
    for name in values:
        layers += [dense(values, name), tanhLayer()]
    net = dlnetwork(layers[:-1])
    inside = (dlarray(batch[name].T, fmt) for name in ("x", "t"))
    known = (dlarray(batch[name].T, "CB") for name in ("x0", "t0", "u0"))
    return net, (*inside, *known), loss, trainBurgersStep


MODELS = {"mlp": mlp, "cnn": cnn, "lstm": lstm, "pinn": pinn}
