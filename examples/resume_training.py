"""Resume a Training That Was Interrupted.

Shows: checkpoints of a whole training loop, of which the last ones and the best one stay.
Needs: nothing more. Takes: 20 seconds; interrupt it (Ctrl-C, or even kill -9), start it again.
Prints: the iteration from which it goes on, then the validation loss of the best checkpoint, which
    is the same to the last digit however often it was interrupted; leaves the folder checkpoints.
"""

import numpy as np

from dltk import (
    adamupdate,
    checkpoints,
    dlarray,
    dlfeval,
    dlgradient,
    dlnetwork,
    dropoutLayer,
    featureInputLayer,
    forward,
    fullyConnectedLayer,
    hasdata,
    minibatchqueue,
    mse,
    next,
    predict,
    rand,
    recordMetrics,
    rng,
    shuffle,
    tanhLayer,
    trainingProgressMonitor,
)

rng(0)

# %% Load Data

X = 2 * rand(2, 2000) - 1
T = np.sin(4 * X[:1, :]) * X[1:, :]
XTrain, TTrain = X[:, :1600], T[:, :1600]
XValidation, TValidation = dlarray(X[:, 1600:], "CB"), T[:, 1600:]

# %% Define Network and Model Loss Function

layers = [
    featureInputLayer(2),
    fullyConnectedLayer(64),
    tanhLayer(),
    dropoutLayer(0.05),
    fullyConnectedLayer(64),
    tanhLayer(),
    fullyConnectedLayer(1),
]
net = dlnetwork(layers)


def modelLoss(net, X, T):
    loss = mse(forward(net, X), T)
    return loss, dlgradient(loss, net.Learnables)


# %% Begin, or Go On from the Last Checkpoint

numEpochs = 60
epoch, iteration = 0, 0
averageGrad, averageSqGrad = [], []

mbq = minibatchqueue((XTrain, TTrain), MiniBatchSize=64, MiniBatchFormat="CB")
monitor = trainingProgressMonitor(Metrics=["Loss", "Validation"], XLabel="Iteration", Visible=False)
shuffle(mbq)

saved = checkpoints("checkpoints", keep_last=2, keep_best=1)
S = saved.load(net=net, mbq=mbq, monitor=monitor)
if S:
    net, epoch, iteration = S.net, S.epoch, S.iteration
    averageGrad, averageSqGrad = S.averageGrad, S.averageSqGrad
    print(f"Going on after iteration {iteration}.")

# %% Train Model

# A checkpoint may be written anywhere in an epoch, so data are shuffled where an epoch ends: what
# comes before the loop happens in every start of the script.
while epoch < numEpochs and not monitor.Stop:
    while hasdata(mbq) and not monitor.Stop:
        iteration += 1
        Xb, Tb = next(mbq)
        loss, gradients = dlfeval(modelLoss, net, Xb, Tb)
        net, averageGrad, averageSqGrad = adamupdate(
            net, gradients, averageGrad, averageSqGrad, iteration
        )
        recordMetrics(monitor, iteration, Loss=loss)

        if iteration % 50 == 0:
            validationLoss = mse(predict(net, XValidation), TValidation)
            recordMetrics(monitor, iteration, Validation=validationLoss)
            saved.save(
                iteration,
                metric=validationLoss,
                net=net,
                averageGrad=averageGrad,
                averageSqGrad=averageSqGrad,
                epoch=epoch,
                mbq=mbq,
                monitor=monitor,
            )

    epoch += 1
    shuffle(mbq)

# %% Test the Best Network

net = saved.load("best", "net").net
loss = mse(predict(net, XValidation), TValidation)
print(f"Validation loss of the best network: {loss.item():.6g}")
