"""Gradient Accumulation.

Shows: dlgradient returns gradients and keeps none, so nothing has to be set to zero between
    iterations; how to add up gradients of several mini-batches where a large one needs too much
    memory.
Needs: the extra "examples" (scikit-learn carries the digits). Takes: 10 seconds.
Prints: that two calls give the same gradients; how far summed gradients of parts are from those of
    the whole; test accuracy after training with wholes and with parts.
"""

import numpy as np
from sklearn.datasets import load_digits

from dltk import (
    adamupdate,
    convolution2dLayer,
    crossentropy,
    dlarray,
    dlfeval,
    dlgradient,
    dlnetwork,
    dlupdate,
    extractdata,
    forward,
    fullyConnectedLayer,
    imageInputLayer,
    layerNormalizationLayer,
    predict,
    randperm,
    reluLayer,
    rng,
    softmaxLayer,
)

rng(0)

# %% Load Data

digits = load_digits()
X = np.float32(np.transpose(digits.images, (1, 2, 0))[:, :, np.newaxis] / 16)  # 8 x 8 x 1 x 1797
T = np.float32(np.equal.outer(range(10), digits.target))
idxTrain, idxTest = np.arange(1400), np.arange(1400, 1797)


def batch(idx):
    return dlarray(X[..., idx], "SSCB"), dlarray(T[:, idx], "CB")


# %% Define Network

# Batch normalization would use the statistics of each part; layer normalization knows no batch.

net = dlnetwork(
    [
        imageInputLayer([8, 8, 1], Normalization="none"),
        convolution2dLayer(3, 16, Padding="same"),
        layerNormalizationLayer(),
        reluLayer(),
        fullyConnectedLayer(10),
        softmaxLayer(),
    ]
)


def modelLoss(net, X, T):
    loss = crossentropy(forward(net, X), T)
    return loss, dlgradient(loss, net.Learnables)


def difference(A, B):
    """Largest difference between two tables."""
    pairs = zip(A.Value, B.Value, strict=True)
    return max(np.max(np.abs(extractdata(a - b))) for a, b in pairs)


# %% Gradients Are Not Kept

# They are results of dlgradient, as loss is one. The network has no place for them.

_, first = dlfeval(modelLoss, net, *batch(idxTrain[:128]))
_, second = dlfeval(modelLoss, net, *batch(idxTrain[:128]))
print(f"Gradients of two calls differ by {difference(first, second):.1g}")

# %% Accumulate Gradients

# The loss is a mean over observations, so each part counts by its share of them.


def accumulated(net, idx, partSize):
    parts = [idx[i : i + partSize] for i in range(0, len(idx), partSize)]
    total = dlupdate(lambda W: 0 * W, net.Learnables)
    for part in parts:
        _, gradients = dlfeval(modelLoss, net, *batch(part))
        share = len(part) / len(idx)
        total = dlupdate(lambda s, g, share=share: s + share * g, total, gradients)
    return total


parts = accumulated(net, idxTrain[:128], 30)  # 30, 30, 30, 30, 8
print(f"Those of 128 images and of their parts differ by {difference(first, parts):.1g}")

# %% Train Model

numEpochs = 10
miniBatchSize = 128


def train(net, gradientsOf):
    rng(1)
    averageGrad, averageSqGrad = [], []
    iteration = 0
    for _ in range(numEpochs):
        idx = idxTrain[randperm(len(idxTrain)) - 1]
        for i in range(0, len(idx), miniBatchSize):
            iteration += 1
            gradients = gradientsOf(net, idx[i : i + miniBatchSize])
            net, averageGrad, averageSqGrad = adamupdate(
                net, gradients, averageGrad, averageSqGrad, iteration, 0.01
            )
    return net


def accuracy(net):
    XTest, TTest = batch(idxTest)
    Y = predict(net, XTest)
    return np.mean(np.argmax(extractdata(Y), 0) == np.argmax(extractdata(TTest), 0))


whole = train(net, lambda net, idx: dlfeval(modelLoss, net, *batch(idx))[1])
inParts = train(net, lambda net, idx: accumulated(net, idx, 32))
print(f"Accuracy, mini-batches of {miniBatchSize}: {accuracy(whole):.4f}")
print(f"Accuracy, the same in parts of 32: {accuracy(inParts):.4f}")
