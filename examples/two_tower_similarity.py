"""Two-Tower Similarity.

Shows: cloneFunction with "shared": two towers with one set of parameters, trained from both sides.
Needs: the extra "examples" (scikit-learn carries the digits). Takes: half a minute.
Prints: the number of parameters of the network and of one tower, and how often the network tells
    whether two held-back images show the same digit.
"""

import numpy as np
from sklearn.datasets import load_digits

from dltk import (
    adamupdate,
    addLayers,
    cloneFunction,
    connectLayers,
    crossentropy,
    dlarray,
    dlfeval,
    dlgradient,
    dlnetwork,
    extractdata,
    featureInputLayer,
    forward,
    fullyConnectedLayer,
    functionLayer,
    initialize,
    predict,
    reluLayer,
    rng,
    sigmoidLayer,
)

rng(0)

# %% Load Data

digits = load_digits()
X = np.float32(digits.data.T / 16)  # 64 x 1797
idxTrain, idxTest = np.arange(1400), np.arange(1400, 1797)

# %% Define Pairs of Images

stream = np.random.RandomState(0)


def pairs(idx, count):
    """Half of them of the same digit."""
    a = stream.choice(idx, count)
    b = stream.choice(idx, count)
    for k in range(0, count, 2):
        b[k] = stream.choice(idx[digits.target[idx] == digits.target[a[k]]])
    T = np.float32(digits.target[a] == digits.target[b])
    return dlarray(X[:, a], "CB"), dlarray(X[:, b], "CB"), dlarray(T[np.newaxis], "CB")


# %% Define Network

tower = dlnetwork(
    [
        featureInputLayer(64, Name="left"),
        fullyConnectedLayer(128),
        reluLayer(),
        fullyConnectedLayer(32, Name="code"),
    ]
)

net = addLayers(tower, featureInputLayer(64, Name="right"))
net, code = cloneFunction(tower, "left", "code", "shared")(net, "right", Name="twin")

net = addLayers(
    net,
    [
        functionLayer(lambda A, B: abs(A - B), Formattable=True, Name="distance"),
        fullyConnectedLayer(1, Name="compare"),
        sigmoidLayer(Name="same"),
    ],
)
net = connectLayers(net, "code", "distance/in1")
net = connectLayers(net, code, "distance/in2")
net = initialize(net)

# %% Define Model Loss Function


def modelLoss(net, XLeft, XRight, T):
    Y = forward(net, XLeft, XRight)
    loss = crossentropy(Y, T, ClassificationMode="multilabel")
    return loss, dlgradient(loss, net.Learnables)


# %% Train Model

numIterations = 500
averageGrad, averageSqGrad = [], []
for iteration in range(1, numIterations + 1):
    loss, gradients = dlfeval(modelLoss, net, *pairs(idxTrain, 128))
    net, averageGrad, averageSqGrad = adamupdate(
        net, gradients, averageGrad, averageSqGrad, iteration, 0.002
    )

# %% Test Model

XLeft, XRight, T = pairs(idxTest, 1000)
Y = extractdata(predict(net, XLeft, XRight))
accuracy = np.mean((Y > 0.5) == (extractdata(T) > 0.5))


def count(net):
    return sum(value.size for value in net.Learnables.Value)


print(f"Parameters: {count(net)}, of one tower: {count(tower)}")
print(f"Accuracy on 1000 pairs of held-back digits: {accuracy:.4f}")
