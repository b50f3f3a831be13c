"""KL-Regularized Adaptation.

Shows: cloneFunction in both ways: a clone that trains on a few new images, and a frozen one whose
    predictions it must not leave.
Needs: the extra "examples" (scikit-learn carries the digits). Takes: half a minute.
Prints: accuracies on the new kind of images and on the old one, before and after adaptation,
    without and with the regularization, which keeps what the network knew.
"""

import numpy as np
from sklearn.datasets import load_digits

from dltk import (
    adamupdate,
    cloneFunction,
    crossentropy,
    dlarray,
    dlfeval,
    dlgradient,
    dlnetwork,
    extractdata,
    featureInputLayer,
    forward,
    fullyConnectedLayer,
    predict,
    reluLayer,
    rng,
    softmax,
)

rng(0)

# %% Load Data

digits = load_digits()
images = np.float32(digits.images / 16)
targets = np.eye(10, dtype=np.float32)[digits.target].T  # 10 x 1797


def features(images):
    return dlarray(images.reshape(len(images), 64).T, "CB")


shifted = np.roll(images, 1, axis=2)  # the new kind: the same digits, a pixel to the right
train, few, test = slice(0, 1200), slice(1200, 1300), slice(1300, None)

# %% Train Network

net = dlnetwork(
    [
        featureInputLayer(64, Name="features"),
        fullyConnectedLayer(100),
        reluLayer(),
        fullyConnectedLayer(10, Name="z"),
    ]
)


def modelLoss(net, X, T):
    loss = crossentropy(softmax(forward(net, X)), T)
    return loss, dlgradient(loss, net.Learnables)


numIterations = 200
averageGrad, averageSqGrad = [], []
for iteration in range(1, numIterations + 1):
    loss, gradients = dlfeval(
        modelLoss, net, features(images[train]), dlarray(targets[:, train], "CB")
    )
    net, averageGrad, averageSqGrad = adamupdate(
        net, gradients, averageGrad, averageSqGrad, iteration, 0.01
    )

# %% Clone Network

adapt = cloneFunction(net, "features", "z")  # each call makes a clone that trains
reference = cloneFunction(net, "features", "z", "constant")()  # this one stays as it is

# %% Define Adaptation Loss Function


def adaptationLoss(net, reference, X, T, refWeight):
    z = forward(net, X)
    zRef = forward(reference, X)
    T = (1 - refWeight) * T + refWeight * softmax(zRef)
    loss = crossentropy(softmax(z), T)
    return loss, dlgradient(loss, net.Learnables)


# %% Adapt Network


def adapted(refWeight):
    net = adapt()
    averageGrad, averageSqGrad = [], []
    X, T = features(shifted[few]), dlarray(targets[:, few], "CB")
    for iteration in range(1, numIterations + 1):
        _, gradients = dlfeval(adaptationLoss, net, reference, X, T, refWeight)
        net, averageGrad, averageSqGrad = adamupdate(
            net, gradients, averageGrad, averageSqGrad, iteration, 0.003
        )
    return net


# %% Compare


def accuracy(net, images):
    scores = extractdata(predict(net, features(images[test])))
    return np.mean(np.argmax(scores, 0) == digits.target[test])


before = [np.array(extractdata(value)) for value in reference.State.Value]
networks = {"before": net, "refWeight 0": adapted(0), "refWeight 0.5": adapted(0.5)}
for name, one in networks.items():
    print(f"{name:>13}: shifted {accuracy(one, shifted):.4f}, centered {accuracy(one, images):.4f}")
after = [np.array(extractdata(value)) for value in net.Learnables.Value]
print("Reference unchanged:", all(map(np.array_equal, before, after)))
