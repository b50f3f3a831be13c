"""Layers: one public name per MATLAB function, and the class to derive your own from."""

from ._activation import (
    clippedReluLayer,
    eluLayer,
    geluLayer,
    leakyReluLayer,
    reluLayer,
    sigmoidLayer,
    softmaxLayer,
    softplusLayer,
    swishLayer,
    tanhLayer,
)
from ._average_pooling import (
    averagePooling1dLayer,
    averagePooling2dLayer,
    averagePooling3dLayer,
)
from ._batch_normalization import (
    batchNormalizationLayer,
)
from ._combination import (
    additionLayer,
    concatenationLayer,
    depthConcatenationLayer,
    multiplicationLayer,
)
from ._convolution import (
    convolution1dLayer,
    convolution2dLayer,
    convolution3dLayer,
)
from ._dense import (
    fullyConnectedLayer,
)
from ._dropout import (
    dropoutLayer,
    spatialDropoutLayer,
)
from ._embedding import (
    embeddingLayer,
    wordEmbeddingLayer,
)
from ._function import (
    functionLayer,
)
from ._global_pooling import (
    globalAveragePooling1dLayer,
    globalAveragePooling2dLayer,
    globalAveragePooling3dLayer,
    globalMaxPooling1dLayer,
    globalMaxPooling2dLayer,
    globalMaxPooling3dLayer,
)
from ._grouped import (
    groupedConvolution2dLayer,
)
from ._gru import (
    gruLayer,
)
from ._input import (
    featureInputLayer,
    image3dInputLayer,
    imageInputLayer,
)
from ._input_any import (
    inputLayer,
)
from ._input_sequence import (
    sequenceInputLayer,
)
from ._layer import (
    Layer,
)
from ._layout import (
    networkDataLayout,
)
from ._legacy import (
    classificationLayer,
    pixelClassificationLayer,
    regressionLayer,
)
from ._lstm import (
    bilstmLayer,
    lstmLayer,
)
from ._max_pooling import (
    maxPooling1dLayer,
    maxPooling2dLayer,
    maxPooling3dLayer,
)
from ._normalization import (
    crossChannelNormalizationLayer,
    groupNormalizationLayer,
    instanceNormalizationLayer,
    layerNormalizationLayer,
)
from ._prelu import (
    preluLayer,
)
from ._transposed import (
    transposedConv1dLayer,
    transposedConv2dLayer,
    transposedConv3dLayer,
)
from ._utility import (
    flattenLayer,
    identityLayer,
    scalingLayer,
)

__all__ = [
    "Layer",
    "additionLayer",
    "averagePooling1dLayer",
    "averagePooling2dLayer",
    "averagePooling3dLayer",
    "batchNormalizationLayer",
    "bilstmLayer",
    "classificationLayer",
    "clippedReluLayer",
    "concatenationLayer",
    "convolution1dLayer",
    "convolution2dLayer",
    "convolution3dLayer",
    "crossChannelNormalizationLayer",
    "depthConcatenationLayer",
    "dropoutLayer",
    "eluLayer",
    "embeddingLayer",
    "featureInputLayer",
    "flattenLayer",
    "fullyConnectedLayer",
    "functionLayer",
    "geluLayer",
    "globalAveragePooling1dLayer",
    "globalAveragePooling2dLayer",
    "globalAveragePooling3dLayer",
    "globalMaxPooling1dLayer",
    "globalMaxPooling2dLayer",
    "globalMaxPooling3dLayer",
    "groupNormalizationLayer",
    "groupedConvolution2dLayer",
    "gruLayer",
    "identityLayer",
    "image3dInputLayer",
    "imageInputLayer",
    "inputLayer",
    "instanceNormalizationLayer",
    "layerNormalizationLayer",
    "leakyReluLayer",
    "lstmLayer",
    "maxPooling1dLayer",
    "maxPooling2dLayer",
    "maxPooling3dLayer",
    "multiplicationLayer",
    "networkDataLayout",
    "pixelClassificationLayer",
    "preluLayer",
    "regressionLayer",
    "reluLayer",
    "scalingLayer",
    "sequenceInputLayer",
    "sigmoidLayer",
    "softmaxLayer",
    "softplusLayer",
    "spatialDropoutLayer",
    "swishLayer",
    "tanhLayer",
    "transposedConv1dLayer",
    "transposedConv2dLayer",
    "transposedConv3dLayer",
    "wordEmbeddingLayer",
]
