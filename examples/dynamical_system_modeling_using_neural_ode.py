"""Dynamical System Modeling Using Neural ODE.

Shows: dlode45, a network as the right side of a differential equation, trained through its
    solution; parameters in a struct. The data are a trajectory of y' = A y; the network does not
    know A, it learns from the trajectory alone.
Needs: dltk only. Takes: half a minute.
Prints: the mean absolute error of trajectories from four starting points, of which only the first
    one's was trained on; leaves neural_ode.png.
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy.linalg import expm

from dltk import (
    adamupdate,
    dlarray,
    dlfeval,
    dlgradient,
    dlode45,
    extractdata,
    l1loss,
    rand,
    randperm,
    recordMetrics,
    rng,
    struct,
    tanh,
    trainingProgressMonitor,
    updateInfo,
)

rng(0)

# %% Synthesize Data of Target Dynamics

x0 = np.array([2.0, 0.0])
A = np.array([[-0.1, -1.0], [1.0, -0.1]])
numTimeSteps = 2000
t = np.linspace(0, 15, numTimeSteps)
dt = t[1]


def trajectory(x0, times):
    """The exact solution of y' = A y, 2 x times."""
    return np.stack([expm(A * s) @ x0 for s in times], axis=1)


xTrain = trajectory(x0, t)

# %% Define and Initialize Model Parameters

neuralOdeTimesteps = 40
timesteps = np.arange(neuralOdeTimesteps + 1) * dt

stateSize = len(x0)
hiddenSize = 20


def initializeGlorot(numOut, numIn):
    bound = np.sqrt(6 / (numIn + numOut))
    return dlarray(np.float32((2 * rand(numOut, numIn) - 1) * bound))


def initializeZeros(numOut):
    return dlarray(np.zeros((numOut, 1), np.float32))


neuralOdeParameters = struct()
neuralOdeParameters.fc1.Weights = initializeGlorot(hiddenSize, stateSize)
neuralOdeParameters.fc1.Bias = initializeZeros(hiddenSize)
neuralOdeParameters.fc2.Weights = initializeGlorot(stateSize, hiddenSize)
neuralOdeParameters.fc2.Bias = initializeZeros(stateSize)

# %% Define Neural ODE Model


def odeModel(t, y, theta):
    y = tanh(theta.fc1.Weights @ y + theta.fc1.Bias)
    return theta.fc2.Weights @ y + theta.fc2.Bias


def model(tspan, X0, parameters):
    return dlode45(odeModel, tspan, X0, parameters, DataFormat="CB")


# %% Define Model Loss Function


def modelLoss(tspan, X0, parameters, targets):
    X = model(tspan, X0, parameters)
    loss = l1loss(X, targets, NormalizationFactor="all-elements", DataFormat="CBT")
    gradients = dlgradient(loss, parameters)
    return loss, gradients


def createMiniBatch(numTimesteps, numTimesPerObs, miniBatchSize, X):
    """Starting points chosen at random, 2 x batch, and what follows them, 2 x batch x time."""
    s = np.asarray(randperm(numTimesteps - numTimesPerObs, miniBatchSize), int).ravel() - 1
    targets = np.stack([X[:, s + k] for k in range(1, numTimesPerObs + 1)], axis=2)
    return dlarray(np.float32(X[:, s])), np.float32(targets)


# %% Train Model

gradDecay = 0.9
sqGradDecay = 0.999
learnRate = 0.002
numIter = 1200
miniBatchSize = 200

averageGrad, averageSqGrad = [], []
monitor = trainingProgressMonitor(
    Metrics="Loss", Info=["Iteration", "LearnRate"], XLabel="Iteration"
)

iteration = 0
while iteration < numIter and not monitor.Stop:
    iteration += 1
    X, targets = createMiniBatch(numTimeSteps, neuralOdeTimesteps, miniBatchSize, xTrain)

    loss, gradients = dlfeval(modelLoss, timesteps, X, neuralOdeParameters, targets)

    neuralOdeParameters, averageGrad, averageSqGrad = adamupdate(
        neuralOdeParameters,
        gradients,
        averageGrad,
        averageSqGrad,
        iteration,
        learnRate,
        gradDecay,
        sqGradDecay,
    )

    recordMetrics(monitor, iteration, Loss=loss)
    updateInfo(monitor, Iteration=iteration, LearnRate=learnRate)
    monitor.Progress = 100 * iteration / numIter

# %% Evaluate Model

tPred = t
x0Pred = [x0, [-1.0, -1.5], [0.0, 1.9], [1.0, 0.0]]
figure, axes = plt.subplots(2, 2, layout="constrained")
for x, axis in zip(x0Pred, axes.flat, strict=True):
    xTrue = trajectory(np.asarray(x), tPred)
    X0 = dlarray(np.float32(x)[:, np.newaxis])
    xPred = extractdata(dlfeval(model, tPred, X0, neuralOdeParameters)).reshape(2, -1)
    xPred = np.concatenate([np.asarray(x)[:, np.newaxis], xPred], axis=1)
    err = np.mean(np.abs(xTrue - xPred))
    print(f"from ({x[0]:g}, {x[1]:g}): mean absolute error {err:.4f}")

    axis.plot(*xTrue, "r--", *xPred, "b-", linewidth=1)
    axis.set(title=f"x0 = ({x[0]:g}, {x[1]:g}), error = {err:.4f}", xlim=(-2, 2), ylim=(-2, 2))
axes[0, 0].legend(["Ground truth", "Predicted"])
figure.savefig("neural_ode.png")
