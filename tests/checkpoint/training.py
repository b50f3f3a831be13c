"""A small training with everything that a checkpoint holds; run as a program it trains to the end.

Dropout and the noise of the mini-batches draw random numbers, batch normalization has a state, the
data are shuffled, the last mini-batch of an epoch is shorter, the rate follows a schedule.
"""

import contextlib
import sys

import numpy as np

from dltk import (
    adamupdate,
    batchNormalizationLayer,
    checkpoints,
    cosineLearnRate,
    debug,
    dlaccelerate,
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
    randn,
    recordMetrics,
    reluLayer,
    rng,
    shuffle,
    trainingProgressMonitor,
)

ITERATIONS = 30
OBSERVATIONS = 22
X = np.sin(np.arange(3.0 * OBSERVATIONS)).reshape(3, OBSERVATIONS)
T = X.sum(axis=0, keepdims=True)


def modelLoss(net, X, T):
    Y, state = forward(net, X, nargout=2)
    loss = mse(Y, T)
    return loss, dlgradient(loss, net.Learnables), state


def step(net, averages, iteration, rate, X, T):
    loss, gradients, net.State = dlfeval(modelLoss, net, X, T)
    net, *averages = adamupdate(net, gradients, *averages, iteration, rate)
    return net, averages, loss


def noisy(X, T):
    X = np.stack(X, axis=1)[:, :, 0]
    return X + 0.1 * randn(*X.shape), np.stack(T, axis=1)[:, :, 0]


def start(preprocessing):
    """Network, queue and monitor of a training that begins."""
    rng(3)
    layers = [
        featureInputLayer(3),
        fullyConnectedLayer(8),
        batchNormalizationLayer(),
        reluLayer(),
        dropoutLayer(0.2),
        fullyConnectedLayer(1),
    ]
    mbq = minibatchqueue(
        ([*X.T[:, :, np.newaxis]], [*T.T[:, :, np.newaxis]]),
        MiniBatchSize=4,
        MiniBatchFcn=noisy,
        MiniBatchFormat="CB",
        PreprocessingEnvironment=preprocessing,
    )
    monitor = trainingProgressMonitor(Metrics="Loss", Info="Epoch", Visible=False)
    return dlnetwork(layers), mbq, monitor


def train(folder, *, until=ITERATIONS, preprocessing="serial", how="compiled", every=1):
    """Train, from the last checkpoint in the folder if there is one, and return everything."""
    run = dlaccelerate(step) if how == "accelerated" else step
    net, mbq, monitor = start(preprocessing)
    schedule = cosineLearnRate(FinalFactor=0.1, Period=12, FrequencyUnit="iteration")
    averages, epoch, iteration = ([], []), 0, 0
    saved = checkpoints(folder)
    S = saved.load(net=net, mbq=mbq, monitor=monitor)
    if S:
        net, averages, epoch, iteration = S.net, S.averages, S.epoch, S.iteration
        schedule = S.schedule

    with debug.eager() if how == "eager" else contextlib.nullcontext():
        while iteration < until:
            if iteration == 0 or not hasdata(mbq):
                shuffle(mbq)
                epoch += 1
            iteration += 1
            Xb, Tb = next(mbq)
            rate = schedule(0.05, iteration)
            net, averages, loss = run(net, averages, iteration, rate, Xb, Tb)
            recordMetrics(monitor, iteration, Loss=loss)
            monitor.updateInfo(Epoch=epoch)
            if iteration % every == 0 or iteration == until:
                saved.save(
                    iteration,
                    net=net,
                    averages=averages,
                    epoch=epoch,
                    schedule=schedule,
                    mbq=mbq,
                    monitor=monitor,
                )
    return net, averages, monitor, rng()


if __name__ == "__main__":
    train(sys.argv[1], preprocessing="background", until=int(sys.argv[2]))
