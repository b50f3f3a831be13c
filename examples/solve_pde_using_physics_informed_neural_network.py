"""Solve PDE Using Physics-Informed Neural Network.

Shows: derivatives of a network by its inputs inside the loss (EnableHigherDerivatives), lbfgsupdate
    in double precision. The equation is that of Burgers, u_t + u u_x = (0.01/pi) u_xx for
    -1 < x < 1 and 0 < t < 1, with u(x,0) = -sin(pi x) and u(-1,t) = u(1,t) = 0.
Needs: dltk only. Takes: three minutes on two cores.
Prints: the relative error at four times, against the solution by the formula of Cole and Hopf;
    leaves burgers.png.
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy.stats import qmc

from dltk import (
    cat,
    dlaccelerate,
    dlarray,
    dlfeval,
    dlgradient,
    dlnetwork,
    dlupdate,
    double,
    extractdata,
    featureInputLayer,
    forward,
    fullyConnectedLayer,
    lbfgsState,
    lbfgsupdate,
    mse,
    predict,
    recordMetrics,
    rng,
    sum,
    tanhLayer,
    trainingProgressMonitor,
    updateInfo,
)

rng(0)
viscosity = 0.01 / np.pi

# %% Generate Training Data

numBoundaryConditionPoints = [25, 25]
numInitialConditionPoints = 50
numInternalCollocationPoints = 10000

xLeft = np.full(numBoundaryConditionPoints[0], -1.0)
xRight = np.full(numBoundaryConditionPoints[1], 1.0)
tBoundary = np.linspace(0, 1, numBoundaryConditionPoints[0])
xInitial = np.linspace(-1, 1, numInitialConditionPoints)

x0 = np.concatenate([xLeft, xRight, xInitial])
t0 = np.concatenate([tBoundary, tBoundary, np.zeros_like(xInitial)])
u0 = np.concatenate([0 * xLeft, 0 * xRight, -np.sin(np.pi * xInitial)])
X0, T0, U0 = (dlarray(values[np.newaxis], "CB") for values in (x0, t0, u0))

points = qmc.Halton(2, seed=0).random(numInternalCollocationPoints)
X = dlarray(2 * points[:, 0][np.newaxis] - 1, "CB")
T = dlarray(points[:, 1][np.newaxis], "CB")

# %% Define Neural Network Architecture

numBlocks = 8
fcOutputSize = 20

layers = [featureInputLayer(2, Name="input")]
for _ in range(numBlocks):
    layers += [fullyConnectedLayer(fcOutputSize), tanhLayer()]
layers += [fullyConnectedLayer(1)]

net = dlupdate(double, dlnetwork(layers))

# %% Define Model Loss Function


def modelLoss(net, X, T, X0, T0, U0):
    U = forward(net, cat(1, X, T))

    UX, UT = dlgradient(sum(U, "all"), X, T, EnableHigherDerivatives=True)
    UXX = dlgradient(sum(UX, "all"), X, EnableHigherDerivatives=True)

    f = UT + U * UX - viscosity * UXX
    mseF = mse(f, np.zeros(f.shape))

    U0Pred = forward(net, cat(1, X0, T0))
    mseU = mse(U0Pred, U0)

    loss = mseF + mseU
    gradients = dlgradient(loss, net.Learnables)
    return loss, gradients


# %% Train Neural Network

maxIterations = 1500
gradientTolerance = 1e-5
stepTolerance = 1e-5

accfun = dlaccelerate(modelLoss)


def lossFcn(net):
    return dlfeval(accfun, net, X, T, X0, T0, U0)


solverState = lbfgsState()
monitor = trainingProgressMonitor(
    Metrics="TrainingLoss",
    Info=["Iteration", "GradientsNorm", "StepNorm"],
    XLabel="Iteration",
)

iteration = 0
while iteration < maxIterations and not monitor.Stop:
    iteration += 1
    net, solverState = lbfgsupdate(net, lossFcn, solverState)

    updateInfo(
        monitor,
        Iteration=iteration,
        GradientsNorm=solverState.GradientsNorm,
        StepNorm=solverState.StepNorm,
    )
    recordMetrics(monitor, iteration, TrainingLoss=solverState.Loss)
    monitor.Progress = 100 * iteration / maxIterations

    if (
        solverState.GradientsNorm < gradientTolerance
        or solverState.StepNorm < stepTolerance
        or solverState.LineSearchStatus == "failed"
    ):
        break

# %% Evaluate Model Accuracy


def solveBurgers(x, t):
    """Cole and Hopf's formula by Gauss-Hermite quadrature."""
    z, weights = np.polynomial.hermite.hermgauss(100)
    y = x[:, np.newaxis] - np.sqrt(4 * viscosity * t) * z
    f = weights * np.exp(-np.cos(np.pi * y) / (2 * np.pi * viscosity))
    return -(np.sin(np.pi * y) * f).sum(axis=1) / f.sum(axis=1)


tTest = [0.25, 0.5, 0.75, 1]
xTest = np.linspace(-1, 1, 1001)
figure, axes = plt.subplots(2, 2, layout="constrained")
for t, axis in zip(tTest, axes.flat, strict=True):
    XTTest = dlarray(np.stack([xTest, np.full_like(xTest, t)]), "CB")
    UPred = extractdata(predict(net, XTTest)).ravel()
    UTest = solveBurgers(xTest, t)
    err = np.linalg.norm(UPred - UTest) / np.linalg.norm(UTest)
    print(f"t = {t}: relative error {err:.2e}")

    axis.plot(xTest, UPred, "-", xTest, UTest, "--", linewidth=2)
    axis.set(title=f"t = {t}, error = {err:.2e}", xlabel="x", ylabel="u", ylim=(-1.1, 1.1))
axes[0, 0].legend(["Prediction", "Target"])
figure.savefig("burgers.png")
print(f"Loss after {iteration} iterations: {solverState.Loss.item():.3e}")
