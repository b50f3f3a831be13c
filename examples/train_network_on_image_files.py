"""Train Network on Image Files.

Shows: imageDatastore with the names of folders as labels, splitEachLabel, random changes of the
    images by augmentedImageDatastore, a learning-rate schedule, early stopping.
Needs: nothing more; the files are made first, in a temporary folder. Takes: half a minute.
Prints: how many files of each label there are, the accuracy on the files that were held back.
"""

import pathlib
import tempfile

import numpy as np
from PIL import Image

from dltk import (
    adamupdate,
    augmentedImageDatastore,
    batchNormalizationLayer,
    categorical,
    categories,
    convolution2dLayer,
    cosineLearnRate,
    countEachLabel,
    crossentropy,
    digitTrain4DArrayData,
    dlfeval,
    dlgradient,
    dlnetwork,
    early_stopping,
    forward,
    fullyConnectedLayer,
    hasdata,
    imageDataAugmenter,
    imageDatastore,
    imageInputLayer,
    maxPooling2dLayer,
    minibatchqueue,
    next,
    onehotdecode,
    onehotencode,
    predict,
    reluLayer,
    reset,
    rng,
    shuffle,
    softmaxLayer,
    splitEachLabel,
)

rng(0)

# %% Make Image Files

folder = tempfile.TemporaryDirectory()
X, labels, _ = digitTrain4DArrayData()
for k, label in enumerate(labels[:2000]):
    path = pathlib.Path(folder.name, str(label))
    path.mkdir(exist_ok=True)
    Image.fromarray(np.uint8(255 * X[:, :, 0, k])).save(path / f"image{k}.png")

# %% Load Data

imds = imageDatastore(folder.name, IncludeSubfolders=True, LabelSource="foldernames")
print(countEachLabel(imds).Count)
imdsTrain, imdsValidation = splitEachLabel(imds, 0.8, "randomized")
classes = categories(imds.Labels)

augmenter = imageDataAugmenter(RandXTranslation=[-2, 2], RandYTranslation=[-2, 2])
augimdsTrain = augmentedImageDatastore([28, 28, 1], imdsTrain, DataAugmentation=augmenter)
augimdsValidation = augmentedImageDatastore([28, 28, 1], imdsValidation)


def preprocessMiniBatch(dataX, dataT):
    X = np.stack(dataX, axis=3) / 255
    return X, onehotencode(categorical(dataT, classes), 1)


options = {
    "MiniBatchSize": 100,
    "MiniBatchFcn": preprocessMiniBatch,
    "MiniBatchFormat": ["SSCB", "CB"],
    "PreprocessingEnvironment": "background",
}
mbq = minibatchqueue(augimdsTrain, **options)
mbqValidation = minibatchqueue(augimdsValidation, **options)

# %% Define Network and Model Loss Function

layers = [
    imageInputLayer([28, 28, 1], Normalization="none"),
    convolution2dLayer(3, 16, Padding="same"),
    batchNormalizationLayer(),
    reluLayer(),
    maxPooling2dLayer(2, Stride=2),
    convolution2dLayer(3, 32, Padding="same"),
    batchNormalizationLayer(),
    reluLayer(),
    fullyConnectedLayer(len(classes)),
    softmaxLayer(),
]
net = dlnetwork(layers)


def modelLoss(net, X, T):
    Y, state = forward(net, X, nargout=2)
    loss = crossentropy(Y, T)
    return loss, dlgradient(loss, net.Learnables), state


def accuracyOf(net, mbq):
    reset(mbq)
    right = [
        onehotdecode(predict(net, X), classes, 1) == onehotdecode(T, classes, 1) for X, T in mbq
    ]
    return np.mean(np.concatenate([r.ravel() for r in right]))


# %% Train Model

numEpochs = 12
schedule = cosineLearnRate(Period=numEpochs, FinalFactor=0.05)
stopping = early_stopping(patience=4, best="largest")
averageGrad, averageSqGrad = [], []

iteration = 0
for epoch in range(1, numEpochs + 1):
    shuffle(mbq)
    while hasdata(mbq):
        iteration += 1
        X, T = next(mbq)
        loss, gradients, net.State = dlfeval(modelLoss, net, X, T)
        learnRate = schedule(0.001, iteration, epoch)
        net, averageGrad, averageSqGrad = adamupdate(
            net, gradients, averageGrad, averageSqGrad, iteration, learnRate
        )

    stop = stopping(accuracyOf(net, mbqValidation))
    if stopping.improved:
        best = net
    if stop:
        break

# %% Test Model

print(f"Accuracy on {len(imdsValidation)} held-back files: {accuracyOf(best, mbqValidation):.4f}")
folder.cleanup()
