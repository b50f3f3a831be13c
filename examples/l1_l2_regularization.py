"""L1 and L2 Regularization.

Shows: L2 regularization by the factors of the layers, added to the gradients; L1 and L2 written
    into the loss; what strengths from 0 to 1 do.
Needs: the extra "examples" (scikit-learn carries the digits). Takes: 15 seconds.
Prints: whether both ways give the same gradients; for each strength the loss and the accuracy on
    training and test digits, the mean size of a weight, and how many weights are almost zero.
"""

import numpy as np
from sklearn.datasets import load_digits

from dltk import (
    adamupdate,
    crossentropy,
    dlaccelerate,
    dlarray,
    dlfeval,
    dlgradient,
    dlnetwork,
    extractdata,
    featureInputLayer,
    forward,
    fullyConnectedLayer,
    getL2Factor,
    predict,
    reluLayer,
    rng,
    softmaxLayer,
    sum,
)

# %% Load Data

digits = load_digits()
X = dlarray(np.float32(digits.data.T / 16), "CB")  # 64 x 1797
T = np.float32(np.equal.outer(range(10), digits.target))
XTrain, TTrain = X[:, :300], T[:, :300]  # few, so that the network can learn them by heart
XTest, TTest = X[:, 300:], T[:, 300:]

# %% Define Network

rng(0)
net = dlnetwork(
    [
        featureInputLayer(64),
        fullyConnectedLayer(100),
        reluLayer(),
        fullyConnectedLayer(10),
        softmaxLayer(),
    ]
)

# %% Regularize by Factors

# The penalty is L2/2 times the sum of squares, its gradient L2 times the parameter. L2Factor is 1
# for Weights and 0 for Bias; a custom training loop reads it itself.


def gradientsByFactors(net, X, T, L2):
    loss = crossentropy(forward(net, X), T)
    gradients = dlgradient(loss, net.Learnables)
    for layer, parameter, W in net.Learnables:
        factor = getL2Factor(net, layer, parameter)
        gradients[layer, parameter] += L2 * factor * W
    return gradients


# %% Regularize by Hand


def modelLoss(net, X, T, L1, L2):
    loss = crossentropy(forward(net, X), T)
    for W in net.Learnables["*", "Weights"].Value:
        loss = loss + L1 * sum(abs(W), "all") + L2 / 2 * sum(W**2, "all")
    return dlgradient(loss, net.Learnables)


first = dlfeval(gradientsByFactors, net, XTrain, TTrain, 0.01)
second = dlfeval(modelLoss, net, XTrain, TTrain, 0, 0.01)
differences = [
    np.max(np.abs(extractdata(a - b))) for a, b in zip(first.Value, second.Value, strict=True)
]
print(f"Gradients by factors and by hand differ by {max(differences):.1g}")

# %% Train Models


def trainStep(net, averageGrad, averageSqGrad, iteration, X, T, L1, L2):
    gradients = dlfeval(modelLoss, net, X, T, L1, L2)
    return adamupdate(net, gradients, averageGrad, averageSqGrad, iteration)


step = dlaccelerate(trainStep)
numIterations = 1000


def train(net, L1, L2):
    averageGrad, averageSqGrad = [], []
    for iteration in range(1, numIterations + 1):
        net, averageGrad, averageSqGrad = step(
            net, averageGrad, averageSqGrad, iteration, XTrain, TTrain, L1, L2
        )
    return net


# %% Compare Strengths


def scores(net, X, T):
    Y = predict(net, X)
    accuracy = np.mean(np.argmax(extractdata(Y), 0) == np.argmax(T, 0))
    return f"{crossentropy(Y, T).item():>8.3f}{accuracy:>7.1%}"


print(f"{'':<10}{'training':>15}{'test':>15}{'mean |W|':>12}{'|W| < 0.001':>13}")
for kind in ("L2", "L1"):
    for strength in (0, 1e-4, 1e-2, 1):
        trained = train(net, **{"L1": 0, "L2": 0, kind: strength})
        W = np.concatenate(
            [extractdata(W).ravel() for W in trained.Learnables["*", "Weights"].Value]
        )
        print(
            f"{kind} {strength:<7g}{scores(trained, XTrain, TTrain)}{scores(trained, XTest, TTest)}"
            f"{np.mean(np.abs(W)):>12.4f}{np.mean(np.abs(W) < 0.001):>13.1%}"
        )
