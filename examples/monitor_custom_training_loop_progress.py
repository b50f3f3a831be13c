"""Monitor Custom Training Loop Progress.

Shows: trainingProgressMonitor with grouped metrics, validation, a logarithmic axis, a log of the
    numbers and a Stop button; afterwards the picture and a confusion chart.
Needs: the extra "examples" (scikit-learn carries the digits). Takes: half a minute. For a page in
    a browser: DLTK_MONITOR=browser and the extra "browser".
Prints: the accuracy on held-back digits, 0.95 or better; leaves training_progress.png,
    training_progress.csv and confusion.png.
"""

import numpy as np
from sklearn.datasets import load_digits

from dltk import (
    adamupdate,
    arrayDatastore,
    categorical,
    categories,
    combine,
    confusionchart,
    crossentropy,
    dlaccelerate,
    dlarray,
    dlfeval,
    dlgradient,
    dlnetwork,
    featureInputLayer,
    forward,
    fullyConnectedLayer,
    groupSubPlot,
    hasdata,
    minibatchqueue,
    next,
    onehotdecode,
    onehotencode,
    predict,
    randperm,
    recordMetrics,
    reluLayer,
    rng,
    shuffle,
    softmaxLayer,
    trainingProgressMonitor,
    updateInfo,
    yscale,
)

rng(0)

# %% Load Training Data

digits = load_digits()
X = np.float32(digits.data.T / 16)  # 64 features x 1797 observations
labels = categorical(digits.target)
classes = categories(labels)
T = onehotencode(labels, 1)

idx = randperm(X.shape[1]) - 1
idxTest, idxTrain = idx[:360], idx[360:]
XTest, TTest = dlarray(X[:, idxTest], "CB"), dlarray(T[:, idxTest], "CB")

# %% Define Network

net = dlnetwork(
    [
        featureInputLayer(64),
        fullyConnectedLayer(60),
        reluLayer(),
        fullyConnectedLayer(len(classes)),
        softmaxLayer(),
    ]
)

# %% Define Model Loss Function


def modelLoss(net, X, T):
    loss = crossentropy(forward(net, X), T)
    return loss, dlgradient(loss, net.Learnables)


def trainStep(net, averageGrad, averageSqGrad, iteration, X, T):
    loss, gradients = dlfeval(modelLoss, net, X, T)
    net, averageGrad, averageSqGrad = adamupdate(
        net, gradients, averageGrad, averageSqGrad, iteration, 0.003
    )
    return net, averageGrad, averageSqGrad, loss


step = dlaccelerate(trainStep)


def accuracy(Y, labels):
    return 100 * np.mean(onehotdecode(Y, classes, 1).ravel() == labels)


# %% Specify Training Options

numEpochs = 40
miniBatchSize = 128

# %% Train Network

mbq = minibatchqueue(
    combine(
        arrayDatastore(X[:, idxTrain], IterationDimension=2),
        arrayDatastore(T[:, idxTrain], IterationDimension=2),
    ),
    MiniBatchSize=miniBatchSize,
    MiniBatchFormat=["CB", "CB"],
)

monitor = trainingProgressMonitor(
    Metrics=["TrainingLoss", "ValidationLoss", "ValidationAccuracy"],
    Info=["Epoch", "BestAccuracy"],
    XLabel="Iteration",
    file="training_progress.png",
    log="training_progress.csv",
)
groupSubPlot(monitor, "Loss", ["TrainingLoss", "ValidationLoss"])
yscale(monitor, "Loss", "log")

averageGrad, averageSqGrad = [], []
epoch = iteration = best = 0
monitor.Status = "Running"
while epoch < numEpochs and not monitor.Stop:
    epoch += 1
    shuffle(mbq)

    while hasdata(mbq) and not monitor.Stop:
        iteration += 1
        net, averageGrad, averageSqGrad, loss = step(
            net, averageGrad, averageSqGrad, iteration, *next(mbq)
        )
        recordMetrics(monitor, iteration, TrainingLoss=loss)

    Y = predict(net, XTest)
    validationAccuracy = accuracy(Y, labels[idxTest])
    recordMetrics(
        monitor,
        iteration,
        ValidationLoss=crossentropy(Y, TTest),
        ValidationAccuracy=validationAccuracy,
    )
    best = max(best, validationAccuracy)
    updateInfo(monitor, Epoch=f"{epoch} of {numEpochs}", BestAccuracy=best)
    monitor.Progress = 100 * epoch / numEpochs
monitor.Status = "Stopped" if monitor.Stop else "Done"

# %% Test Network

Y = predict(net, XTest)
chart = confusionchart(labels[idxTest], onehotdecode(Y, classes, 1), RowSummary="row-normalized")
chart.axes.figure.savefig("confusion.png")
print(f"Accuracy on held-back digits: {accuracy(Y, labels[idxTest]) / 100:.4f}")
