"""Order Batch Normalization, Activation, and Dropout.

Shows: one network of two convolution blocks with its layers in ten orders, trained alike, with
    batch normalization before or after the activation, with and without dropout.
Needs: the extra "examples" (scikit-learn carries the digits). Takes: a minute.
Prints: training loss, test loss and accuracy of each order, side by side; means of three runs.
"""

import numpy as np
from sklearn.datasets import load_digits

from dltk import (
    adamupdate,
    batchNormalizationLayer,
    convolution2dLayer,
    crossentropy,
    dlaccelerate,
    dlarray,
    dlfeval,
    dlgradient,
    dlnetwork,
    dropoutLayer,
    extractdata,
    forward,
    fullyConnectedLayer,
    imageInputLayer,
    maxPooling2dLayer,
    predict,
    randperm,
    reluLayer,
    rng,
    softmaxLayer,
)

# %% Load Data

digits = load_digits()
X = np.float32(np.transpose(digits.images, (1, 2, 0))[:, :, np.newaxis] / 16)  # 8 x 8 x 1 x 1797
T = np.float32(np.equal.outer(range(10), digits.target))
idxTrain, idxTest = np.arange(1000), np.arange(1000, 1797)  # other writers

# %% Define Network

orders = [
    "conv  relu  pool",
    "conv  bn  relu  pool",
    "conv  relu  bn  pool",
    "conv  relu  pool  bn",
    "conv  relu  pool  drop",
    "conv  bn  relu  drop  pool",
    "conv  bn  relu  pool  drop",
    "conv  relu  bn  drop  pool",
    "conv  relu  drop  bn  pool",
    "conv  drop  bn  relu  pool",
]


def block(order, numFilters):
    layers = {
        "conv": convolution2dLayer(3, numFilters, Padding="same"),
        "bn": batchNormalizationLayer(),
        "relu": reluLayer(),
        "pool": maxPooling2dLayer(2, Stride=2),
        "drop": dropoutLayer(0.25),
    }
    return [layers[word] for word in order.split()]


def network(order):
    return dlnetwork(
        [
            imageInputLayer([8, 8, 1], Normalization="none"),
            block(order, 16),
            block(order, 32),
            fullyConnectedLayer(10),
            softmaxLayer(),
        ]
    )


# %% Define Model Loss Function and Training Step


def modelLoss(net, X, T):
    Y, state = forward(net, X, nargout=2)
    loss = crossentropy(Y, T)
    return loss, dlgradient(loss, net.Learnables), state


def trainStep(net, averageGrad, averageSqGrad, iteration, X, T):
    _, gradients, net.State = dlfeval(modelLoss, net, X, T)
    return adamupdate(net, gradients, averageGrad, averageSqGrad, iteration)


step = dlaccelerate(trainStep)

# %% Train Models

numEpochs = 20
miniBatchSize = 50


def train(net):
    averageGrad, averageSqGrad = [], []
    iteration = 0
    for _ in range(numEpochs):
        idx = idxTrain[randperm(len(idxTrain)) - 1]
        for i in range(0, len(idx), miniBatchSize):
            iteration += 1
            batch = idx[i : i + miniBatchSize]
            net, averageGrad, averageSqGrad = step(
                net,
                averageGrad,
                averageSqGrad,
                iteration,
                dlarray(X[..., batch], "SSCB"),
                dlarray(T[:, batch], "CB"),
            )
    return net


# %% Compare

seeds = [0, 1, 2]


def losses(net):
    for idx in (idxTrain, idxTest):
        Y = predict(net, dlarray(X[..., idx], "SSCB"))
        yield crossentropy(Y, T[:, idx]).item()
    yield np.mean(np.argmax(extractdata(Y), 0) == digits.target[idx])


print(
    f"{'order in each block':<28}{'train loss':>10}{'test loss (of all seeds)':>28}{'accuracy':>10}"
)
for order in orders:
    runs = []
    for seed in seeds:
        rng(seed)
        runs.append(list(losses(train(network(order)))))
    trainLoss, testLoss, accuracy = np.mean(runs, 0)
    spread = f"({np.min(runs, 0)[1]:.3f} to {np.max(runs, 0)[1]:.3f})"
    print(f"{order:<28}{trainLoss:>10.3f}{testLoss:>11.3f} {spread:>16}{accuracy:>10.1%}")
