"""Fixed Feature Extractor.

Shows: cloneFunction with "constant": lower layers of a trained network, frozen, below a new
    classifier.
Needs: the extra "examples" (scikit-learn carries the digits). Takes: half a minute.
Prints: how many parameters train, and the accuracy on held-back digits of classes that the first
    network never saw, learned from ten images of each.
"""

import numpy as np
from sklearn.datasets import load_digits

from dltk import (
    adamupdate,
    addLayers,
    batchNormalizationLayer,
    cloneFunction,
    connectLayers,
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
    initialize,
    predict,
    reluLayer,
    rng,
    softmaxLayer,
)

rng(0)

# %% Load Data

digits = load_digits()
X = np.float32(np.transpose(digits.images, (1, 2, 0))[:, :, np.newaxis] / 16)  # 8 x 8 x 1 x 1797
old = np.flatnonzero(digits.target < 5)
new = np.flatnonzero(digits.target >= 5)


def batch(idx, classes):
    T = np.equal.outer(classes, digits.target[idx])
    return dlarray(X[..., idx], "SSCB"), dlarray(np.float32(T), "CB")


# %% Train Network on Digits 0 to 4

net = dlnetwork(
    [
        imageInputLayer([8, 8, 1], Normalization="none", Name="input"),
        convolution2dLayer(3, 16, Padding="same"),
        batchNormalizationLayer(),
        reluLayer(),
        convolution2dLayer(3, 32, Padding="same", Stride=2),
        batchNormalizationLayer(),
        reluLayer(Name="features"),
        fullyConnectedLayer(5),
        softmaxLayer(),
    ]
)


def modelLoss(net, X, T):
    Y, state = forward(net, X, nargout=2)
    loss = crossentropy(Y, T)
    return loss, dlgradient(loss, net.Learnables), state


numIterations = 60


def trained(net, X, T, learnRate):
    averageGrad, averageSqGrad = [], []
    for iteration in range(1, numIterations + 1):
        _, gradients, net.State = dlfeval(modelLoss, net, X, T)
        net, averageGrad, averageSqGrad = adamupdate(
            net, gradients, averageGrad, averageSqGrad, iteration, learnRate
        )
    return net


net = trained(net, *batch(old, range(5)), 0.005)

# %% Put New Classifier on Frozen Features

features = cloneFunction(net, "input", "features", "constant")

classifier = dlnetwork([imageInputLayer([8, 8, 1], Normalization="none", Name="image")])
classifier, node = features(classifier, "image", Name="fixed")
classifier = addLayers(classifier, [fullyConnectedLayer(5, Name="fc"), softmaxLayer()])
classifier = initialize(connectLayers(classifier, node, "fc"))

# %% Train Classifier on Ten Images of Each of Digits 5 to 9

few = np.concatenate([new[digits.target[new] == k][:10] for k in range(5, 10)])
frozen = classifier.State
classifier = trained(classifier, *batch(few, range(5, 10)), 0.01)

# %% Test Classifier

rest = np.setdiff1d(new, few)
XTest, TTest = batch(rest, range(5, 10))
scores = extractdata(predict(classifier, XTest))
same = all(
    np.array_equal(extractdata(a), extractdata(b))
    for a, b in zip(frozen.Value, classifier.State.Value, strict=True)
)
count = sum(value.size for value in classifier.Learnables.Value)
print(f"{count} parameters train; features unchanged: {same}")
accuracy = np.mean(np.argmax(scores, 0) + 5 == digits.target[rest])
print(f"Accuracy on {len(rest)} held-back digits of the new classes: {accuracy:.4f}")
