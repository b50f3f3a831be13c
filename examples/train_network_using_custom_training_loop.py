"""Train Network Using Custom Training Loop.

Shows: dlnetwork, minibatchqueue, dlfeval, sgdmupdate with a learning rate that decays, progress
    plot.
Needs: the extra "examples" (scikit-learn carries the digits). Takes: about a minute.
Prints: the accuracy on held-back digits, 0.98 or better; leaves training_progress.png.
"""

import numpy as np
from sklearn.datasets import load_digits

from dltk import (
    arrayDatastore,
    batchNormalizationLayer,
    categorical,
    categories,
    combine,
    convolution2dLayer,
    crossentropy,
    dlarray,
    dlfeval,
    dlgradient,
    dlnetwork,
    forward,
    fullyConnectedLayer,
    hasdata,
    imageInputLayer,
    minibatchqueue,
    next,
    onehotdecode,
    onehotencode,
    predict,
    randperm,
    recordMetrics,
    reluLayer,
    rng,
    sgdmupdate,
    shuffle,
    softmaxLayer,
    summary,
    trainingProgressMonitor,
    updateInfo,
)

rng(0)

# %% Load Training Data

digits = load_digits()
X = np.transpose(digits.images, (1, 2, 0))[:, :, np.newaxis, :] / 16  # 8 x 8 x 1 x 1797
labels = categorical(digits.target)
classes = categories(labels)

idx = randperm(X.shape[3]) - 1
idxTest, idxTrain = idx[:360], idx[360:]
XTrain, labelsTrain = X[:, :, :, idxTrain], labels[idxTrain]
XTest, labelsTest = X[:, :, :, idxTest], labels[idxTest]

# %% Define Network

layers = [
    imageInputLayer([8, 8, 1], Normalization="none"),
    convolution2dLayer(5, 20, Padding="same"),
    batchNormalizationLayer(),
    reluLayer(),
    convolution2dLayer(3, 20, Padding="same"),
    batchNormalizationLayer(),
    reluLayer(),
    convolution2dLayer(3, 20, Padding="same"),
    batchNormalizationLayer(),
    reluLayer(),
    fullyConnectedLayer(len(classes)),
    softmaxLayer(),
]
net = dlnetwork(layers)
summary(net)

# %% Define Model Loss Function


def modelLoss(net, X, T):
    Y, state = forward(net, X, nargout=2)
    loss = crossentropy(Y, T)
    gradients = dlgradient(loss, net.Learnables)
    return loss, gradients, state


# %% Specify Training Options

numEpochs = 15
miniBatchSize = 128
initialLearnRate = 0.05
decay = 0.01
momentum = 0.9

# %% Train Model


def preprocessMiniBatch(dataX, dataT):
    X = np.stack(dataX, axis=3)
    T = onehotencode(categorical(dataT, classes), 1)
    return X, T


mbq = minibatchqueue(
    combine(arrayDatastore(XTrain, IterationDimension=4), arrayDatastore(labelsTrain)),
    MiniBatchSize=miniBatchSize,
    MiniBatchFcn=preprocessMiniBatch,
    MiniBatchFormat=["SSCB", ""],
)

velocity = []
numIterationsPerEpoch = int(np.ceil(XTrain.shape[3] / miniBatchSize))
numIterations = numEpochs * numIterationsPerEpoch

monitor = trainingProgressMonitor(Metrics="Loss", Info=["Epoch", "LearnRate"], XLabel="Iteration")

epoch = 0
iteration = 0
while epoch < numEpochs and not monitor.Stop:
    epoch += 1
    shuffle(mbq)

    while hasdata(mbq) and not monitor.Stop:
        iteration += 1
        X, T = next(mbq)

        loss, gradients, net.State = dlfeval(modelLoss, net, X, T)

        learnRate = initialLearnRate / (1 + decay * iteration)
        net, velocity = sgdmupdate(net, gradients, velocity, learnRate, momentum)

        recordMetrics(monitor, iteration, Loss=loss)
        updateInfo(monitor, Epoch=f"{epoch} of {numEpochs}", LearnRate=learnRate)
        monitor.Progress = 100 * iteration / numIterations

# %% Test Model

scores = predict(net, dlarray(np.float32(XTest), "SSCB"))
Y = onehotdecode(scores, classes, 1)
accuracy = np.mean(Y == labelsTest)
print(f"Accuracy on {len(labelsTest)} held-back digits: {accuracy:.4f}")
