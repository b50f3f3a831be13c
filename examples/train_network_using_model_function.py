"""Train Network Using Model Function.

Shows: a model written as a function of a struct of parameters, with two outputs (which digit, and
by how many degrees it is turned), batch normalization state carried by hand, adamupdate on a
struct.
Needs: dltk only (it draws its own digits at the first run). Takes: two to three minutes.
Prints: accuracy and angle error on test digits; leaves training_progress.png.
"""

import numpy as np

from dltk import (
    adamupdate,
    arrayDatastore,
    batchnorm,
    categorical,
    categories,
    combine,
    crossentropy,
    digitTest4DArrayData,
    digitTrain4DArrayData,
    dlarray,
    dlconv,
    dlfeval,
    dlgradient,
    extractdata,
    fullyconnect,
    hasdata,
    l2loss,
    minibatchqueue,
    next,
    onehotdecode,
    onehotencode,
    rand,
    recordMetrics,
    relu,
    reset,
    rng,
    shuffle,
    softmax,
    struct,
    trainingProgressMonitor,
    updateInfo,
)

rng(0)

# %% Load Training Data

XTrain, T1Train, T2Train = digitTrain4DArrayData()
XTest, T1Test, T2Test = digitTest4DArrayData()
classNames = categories(T1Train)
numClasses = len(classNames)
numResponses = 1


def dataQueue(X, T1, T2, miniBatchSize):
    ds = combine(arrayDatastore(X, IterationDimension=4), arrayDatastore(T1), arrayDatastore(T2))
    return minibatchqueue(
        ds,
        MiniBatchSize=miniBatchSize,
        MiniBatchFcn=preprocessMiniBatch,
        MiniBatchFormat=["SSCB", "", ""],
    )


def preprocessMiniBatch(dataX, dataT1, dataT2):
    X = np.stack(dataX, axis=3)
    T1 = onehotencode(categorical(dataT1, classNames), 1)
    T2 = np.reshape(dataT2, (1, -1))
    return X, T1, T2


# %% Define and Initialize Model Parameters


def initializeGlorot(sz, numOut, numIn):
    bound = np.sqrt(6 / (numIn + numOut))
    return dlarray(np.float32((2 * rand(*sz) - 1) * bound))


def initializeZeros(sz):
    return dlarray(np.zeros(sz, np.float32))


def initializeOnes(sz):
    return dlarray(np.ones(sz, np.float32))


def initializeConvolution(filterSize, numChannels, numFilters):
    sz = (*filterSize, numChannels, numFilters)
    area = np.prod(filterSize)
    return struct(
        Weights=initializeGlorot(sz, area * numFilters, area * numChannels),
        Bias=initializeZeros((numFilters, 1)),
    )


def initializeFullyConnected(outputSize, inputSize):
    return struct(
        Weights=initializeGlorot((outputSize, inputSize), outputSize, inputSize),
        Bias=initializeZeros((outputSize, 1)),
    )


parameters = struct()
state = struct()

parameters.conv1 = initializeConvolution((5, 5), 1, 16)
parameters.conv2 = initializeConvolution((3, 3), 16, 32)
parameters.conv3 = initializeConvolution((3, 3), 32, 32)
parameters.convSkip = initializeConvolution((1, 1), 16, 32)
parameters.fc1 = initializeFullyConnected(numClasses, 14 * 14 * 32)
parameters.fc2 = initializeFullyConnected(numResponses, 14 * 14 * 32)
for name, numChannels in [("batchnorm1", 16), ("batchnorm2", 32), ("batchnormSkip", 32)]:
    parameters[name] = struct(
        Offset=initializeZeros((numChannels, 1)), Scale=initializeOnes((numChannels, 1))
    )
    state[name] = struct(
        TrainedMean=initializeZeros((numChannels, 1)),
        TrainedVariance=initializeOnes((numChannels, 1)),
    )

# %% Define Model Function


def normalize(X, parameters, state, doTraining):
    if not doTraining:
        statistics = state.TrainedMean, state.TrainedVariance
        return batchnorm(X, parameters.Offset, parameters.Scale, *statistics), state
    Y, mu, sigmaSq = batchnorm(
        X,
        parameters.Offset,
        parameters.Scale,
        state.TrainedMean,
        state.TrainedVariance,
        nargout=3,
    )
    return Y, struct(TrainedMean=mu, TrainedVariance=sigmaSq)


def model(parameters, X, doTraining, state):
    newState = struct()

    Y = dlconv(X, parameters.conv1.Weights, parameters.conv1.Bias, Padding="same")
    Y, newState.batchnorm1 = normalize(Y, parameters.batchnorm1, state.batchnorm1, doTraining)
    Y = relu(Y)

    YSkip = dlconv(Y, parameters.convSkip.Weights, parameters.convSkip.Bias, Stride=2)
    YSkip, newState.batchnormSkip = normalize(
        YSkip, parameters.batchnormSkip, state.batchnormSkip, doTraining
    )

    Y = dlconv(Y, parameters.conv2.Weights, parameters.conv2.Bias, Padding="same", Stride=2)
    Y, newState.batchnorm2 = normalize(Y, parameters.batchnorm2, state.batchnorm2, doTraining)
    Y = relu(Y)
    Y = dlconv(Y, parameters.conv3.Weights, parameters.conv3.Bias, Padding="same")
    Y = relu(YSkip + Y)

    Y1 = softmax(fullyconnect(Y, parameters.fc1.Weights, parameters.fc1.Bias))
    Y2 = fullyconnect(Y, parameters.fc2.Weights, parameters.fc2.Bias)
    return Y1, Y2, newState


# %% Define Model Loss Function


def modelLoss(parameters, X, T1, T2, state):
    Y1, Y2, state = model(parameters, X, True, state)
    loss = crossentropy(Y1, T1) + 0.1 * l2loss(Y2, T2 / 10)  # angles in tens of degrees
    gradients = dlgradient(loss, parameters)
    return loss, gradients, state


# %% Specify Training Options

numEpochs = 8
miniBatchSize = 128

# %% Train Model

mbq = dataQueue(XTrain, T1Train, T2Train, miniBatchSize)
averageGrad, averageSqGrad = [], []
numIterations = numEpochs * int(np.ceil(XTrain.shape[3] / miniBatchSize))

monitor = trainingProgressMonitor(Metrics="Loss", Info="Epoch", XLabel="Iteration")

epoch = 0
iteration = 0
while epoch < numEpochs and not monitor.Stop:
    epoch += 1
    shuffle(mbq)

    while hasdata(mbq) and not monitor.Stop:
        iteration += 1
        X, T1, T2 = next(mbq)

        loss, gradients, state = dlfeval(modelLoss, parameters, X, T1, T2, state)

        parameters, averageGrad, averageSqGrad = adamupdate(
            parameters, gradients, averageGrad, averageSqGrad, iteration
        )

        recordMetrics(monitor, iteration, Loss=loss)
        updateInfo(monitor, Epoch=f"{epoch} of {numEpochs}")
        monitor.Progress = 100 * iteration / numIterations

# %% Test Model

mbqTest = dataQueue(XTest, T1Test, T2Test, 500)
reset(mbqTest)
correct, squares = [], []
while hasdata(mbqTest):
    X, T1, T2 = next(mbqTest)
    Y1, Y2, _ = dlfeval(model, parameters, X, False, state)
    correct.append(onehotdecode(Y1, classNames, 1) == onehotdecode(T1, classNames, 1))
    squares.append((10 * extractdata(Y2) - extractdata(T2)) ** 2)
accuracy = np.mean(np.concatenate([np.ravel(c) for c in correct]))
angleRMSE = np.sqrt(np.mean(np.concatenate(squares, axis=1)))
print(f"Accuracy: {accuracy:.4f}, angle error (RMSE): {angleRMSE:.2f} degrees")
