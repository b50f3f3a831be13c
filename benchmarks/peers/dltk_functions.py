"""dltk's models that are functions of a struct of parameters, as users of MATLAB write them."""

from __future__ import annotations

from typing import Any

import numpy as np

from dltk import (
    adamupdate,
    attention,
    batchnorm,
    crossentropy,
    dlarray,
    dlconv,
    dlfeval,
    dlgradient,
    embed,
    fullyconnect,
    gelu,
    indexcrossentropy,
    layernorm,
    relu,
    softmax,
    struct,
)

from .workloads import HEADS, STRIDES, Values


def parameters_of(values: Values) -> struct:
    """The first values in a struct of structs."""
    parameters = struct()
    for layer, fields in values.items():
        parameters[layer] = struct(**{name: dlarray(v) for name, v in fields.items()})
    return parameters


# The digits CNN


def normalize(X, parameters, state):
    Y, mu, sigmaSq = batchnorm(
        X,
        parameters.Offset,
        parameters.Scale,
        state.TrainedMean,
        state.TrainedVariance,
        nargout=3,
    )
    return Y, struct(TrainedMean=mu, TrainedVariance=sigmaSq)


def model(parameters, state, X):
    for i, stride in enumerate(STRIDES, 1):
        conv, bn = parameters[f"conv{i}"], f"bn{i}"
        X = dlconv(X, conv.Weights, conv.Bias, Padding="same", Stride=stride)
        X, state[bn] = normalize(X, parameters[bn], state[bn])
        X = relu(X)
    return softmax(fullyconnect(X, parameters.fc.Weights, parameters.fc.Bias)), state


def modelLoss(parameters, state, X, T):
    Y, state = model(parameters, state, X)
    loss = crossentropy(Y, T)
    return loss, dlgradient(loss, parameters), state


def trainStep(parameters, state, averageGrad, averageSqGrad, iteration, X, T):
    loss, gradients, state = dlfeval(modelLoss, parameters, state, X, T)
    parameters, averageGrad, averageSqGrad = adamupdate(
        parameters, gradients, averageGrad, averageSqGrad, iteration
    )
    return parameters, state, averageGrad, averageSqGrad, loss


def function(values: Values, batch: dict[str, np.ndarray]) -> Any:
    parameters, state = parameters_of(values), struct()
    for name in ("bn1", "bn2", "bn3"):
        zeros = np.zeros(values[name]["Scale"].shape, np.float32)
        state[name] = struct(TrainedMean=dlarray(zeros), TrainedVariance=dlarray(zeros + 1))
    data = dlarray(batch["X"], "BSSC"), dlarray(batch["T"], "BC")
    return parameters, state, data, modelLoss, trainStep


# The transformer


def project(X, layer):
    return fullyconnect(X, layer.Weights, layer.Bias)


def block(X, parameters, i):
    Y = layernorm(X, parameters[f"norm{i}a"].Offset, parameters[f"norm{i}a"].Scale)
    Q, K, V = (project(Y, parameters[f"{name}{i}"]) for name in ("query", "key", "value"))
    Y = attention(Q, K, V, HEADS, AttentionMask="causal")
    X = X + project(Y, parameters[f"out{i}"])
    Y = layernorm(X, parameters[f"norm{i}b"].Offset, parameters[f"norm{i}b"].Scale)
    Y = gelu(project(Y, parameters[f"up{i}"]))
    return X + project(Y, parameters[f"down{i}"])


def languageModel(parameters, X, positions, numBlocks):
    Y = embed(X, parameters.embedding.Weights) + embed(positions, parameters.position.Weights)
    for i in range(1, numBlocks + 1):
        Y = block(Y, parameters, i)
    Y = layernorm(Y, parameters.norm.Offset, parameters.norm.Scale)
    return softmax(project(Y, parameters.fc))


def languageLoss(parameters, X, positions, T, numBlocks):
    Y = languageModel(parameters, X, positions, numBlocks)
    loss = indexcrossentropy(Y, T, NormalizationFactor="target-included")
    return loss, dlgradient(loss, parameters)


def trainLanguageStep(
    parameters, averageGrad, averageSqGrad, iteration, X, positions, T, numBlocks
):
    loss, gradients = dlfeval(languageLoss, parameters, X, positions, T, numBlocks)
    parameters, averageGrad, averageSqGrad = adamupdate(
        parameters, gradients, averageGrad, averageSqGrad, iteration
    )
    return parameters, averageGrad, averageSqGrad, loss


def transformer(values: Values, batch: dict[str, np.ndarray]) -> Any:
    tokens = batch["X"].shape[1]
    X, T = (dlarray(np.float32(batch[name] + 1), "BT") for name in "XT")  # words from 1
    positions = dlarray(np.arange(1, tokens + 1, dtype=np.float32), "T")
    count = sum(name.startswith("up") for name in values)
    return parameters_of(values), (X, positions, T, count), languageLoss, trainLanguageStep


MODELS = {"function": function, "transformer": transformer}
