"""Initialize Weights.

Shows: initializers by name and functions of one's own, and what becomes of a network that starts
    with them.
Needs: dltk only (it draws its own digits at the first run). Takes: 15 seconds.
Prints: for each initializer the loss and the accuracy on test digits after two epochs.
"""

import numpy as np

from dltk import (
    adamupdate,
    categories,
    digitTest4DArrayData,
    digitTrain4DArrayData,
    dlaccelerate,
    dlarray,
    dlfeval,
    dlgradient,
    dlnetwork,
    exp,
    extractdata,
    featureInputLayer,
    forward,
    fullyConnectedLayer,
    log,
    max,
    mean,
    onehotencode,
    predict,
    rand,
    randn,
    randperm,
    reluLayer,
    rng,
    sum,
)

# %% Load Data

XTrain, labelsTrain, _ = digitTrain4DArrayData()
XTest, labelsTest, _ = digitTest4DArrayData()
classNames = categories(labelsTrain)


def features(X):
    return np.float32(np.reshape(X, (784, -1), order="F"))


XTrain, TTrain = features(XTrain), np.float32(onehotencode(labelsTrain, 1))
XTest, TTest = dlarray(features(XTest), "CB"), np.float32(onehotencode(labelsTest, 1))

# %% Define Initializers

# A function of one's own is called with the size of the weights, outputs x inputs.


def uniform(sz):
    return rand(*sz)


def centeredUniform(sz):
    return rand(*sz) - 0.5


def generalRule(sz):
    y = 1 / np.sqrt(sz[1])
    return y * (2 * rand(*sz) - 1)


def normal(sz):
    return randn(*sz) / np.sqrt(sz[1])


initializers = {
    "zeros": "zeros",
    "ones": "ones",
    "uniform on [0, 1)": uniform,
    "uniform on [-0.5, 0.5)": centeredUniform,
    "uniform on [-y, y), y = 1/sqrt(n)": generalRule,
    "normal, deviation 1/sqrt(n)": normal,
    "narrow-normal": "narrow-normal",
    "glorot": "glorot",
    "he": "he",
    "orthogonal": "orthogonal",
}

# %% Define Network


def network(initializer):
    return dlnetwork(
        [
            featureInputLayer(784),
            fullyConnectedLayer(256, WeightsInitializer=initializer),
            reluLayer(),
            fullyConnectedLayer(128, WeightsInitializer=initializer),
            reluLayer(),
            fullyConnectedLayer(len(classNames), WeightsInitializer=initializer),
        ]
    )


# %% Define Model Loss Function and Training Step


# Bad weights make scores of thousands, whose softmax is 0 or 1 to the last digit and has no
# gradient. So the network ends without softmaxLayer, and the loss is crossentropy(softmax(Z), T)
# written so that it does not overflow.


def scoreLoss(Z, T):
    Z = Z - max(Z, [], 1)
    return mean(log(sum(exp(Z), 1)) - sum(Z * T, 1), "all")


def modelLoss(net, X, T):
    loss = scoreLoss(forward(net, X), T)
    return loss, dlgradient(loss, net.Learnables)


def trainStep(net, averageGrad, averageSqGrad, iteration, X, T):
    _, gradients = dlfeval(modelLoss, net, X, T)
    return adamupdate(net, gradients, averageGrad, averageSqGrad, iteration)


step = dlaccelerate(trainStep)

# %% Train Models

numEpochs = 2
miniBatchSize = 20


def train(net):
    averageGrad, averageSqGrad = [], []
    iteration = 0
    for _ in range(numEpochs):
        idx = randperm(XTrain.shape[1]) - 1
        for i in range(0, len(idx), miniBatchSize):
            iteration += 1
            X = dlarray(XTrain[:, idx[i : i + miniBatchSize]], "CB")
            T = TTrain[:, idx[i : i + miniBatchSize]]
            net, averageGrad, averageSqGrad = step(net, averageGrad, averageSqGrad, iteration, X, T)
    return net


# %% Compare

print(f"{'initializer':<36}{'test loss':>9}{'accuracy':>10}")
for name, initializer in initializers.items():
    rng(0)
    net = train(network(initializer))
    Y = predict(net, XTest)
    loss = scoreLoss(Y, TTest)
    accuracy = np.mean(np.argmax(extractdata(Y), 0) == np.argmax(TTest, 0))
    print(f"{name:<36}{loss.item():>9.3f}{accuracy:>10.1%}")
