"""Turn Off Bias Before Batch Normalization.

Shows: batch normalization takes away any constant that the layer before it adds, so that layer's
    Bias has no effect and no gradient; a learning-rate factor of 0 leaves it at zero.
Needs: dltk only. Takes: seconds.
Prints: how far a Bias moves the outputs, the largest gradients, and the Bias after training.
"""

import numpy as np

from dltk import (
    adamupdate,
    batchNormalizationLayer,
    convolution2dLayer,
    crossentropy,
    dlarray,
    dlfeval,
    dlgradient,
    dlnetwork,
    extractdata,
    forward,
    fullyConnectedLayer,
    imageInputLayer,
    rand,
    reluLayer,
    rng,
    setLearnRateFactor,
    softmaxLayer,
)

rng(0)

# %% Define Network

net = dlnetwork(
    [
        imageInputLayer([8, 8, 1], Normalization="none"),
        convolution2dLayer(3, 4, Padding="same", Name="conv"),
        batchNormalizationLayer(),
        reluLayer(),
        fullyConnectedLayer(3),
        softmaxLayer(),
    ]
)
X = dlarray(np.float32(rand(8, 8, 1, 30)), "SSCB")
T = np.float32(np.eye(3)[:, np.arange(30) % 3])

# %% A Bias Has No Effect


def largest(A):
    return np.max(np.abs(extractdata(A)))


zeroBias = net.Learnables["conv", "Bias"]
Y0 = forward(net, X)
net.Learnables["conv", "Bias"] = zeroBias + 5
Y5 = forward(net, X)
net.Learnables["conv", "Bias"] = zeroBias
print(f"Outputs with Bias 5 and Bias 0 differ by {largest(Y5 - Y0):.1g}")

# %% It Has No Gradient


def modelLoss(net, X, T):
    Y, state = forward(net, X, nargout=2)
    loss = crossentropy(Y, T)
    return loss, dlgradient(loss, net.Learnables), state


_, gradients, _ = dlfeval(modelLoss, net, X, T)
print(f"Largest gradient of Weights: {largest(gradients['conv', 'Weights']):.1g}")
print(f"Largest gradient of Bias:    {largest(gradients['conv', 'Bias']):.1g}")

# %% Train With Bias and Without

# adamupdate divides a gradient by its own size, so even one of rounding errors moves the Bias.

numIterations = 50


def train(net):
    averageGrad, averageSqGrad = [], []
    for iteration in range(1, numIterations + 1):
        _, gradients, net.State = dlfeval(modelLoss, net, X, T)
        net, averageGrad, averageSqGrad = adamupdate(
            net, gradients, averageGrad, averageSqGrad, iteration
        )
    return net


bias = train(net).Learnables["conv", "Bias"]
print(f"Bias after {numIterations} iterations: {largest(bias):.1g}")
net = setLearnRateFactor(net, "conv", "Bias", 0)
bias = train(net).Learnables["conv", "Bias"]
print(f"Bias with learning-rate factor 0: {largest(bias):.1g}")
