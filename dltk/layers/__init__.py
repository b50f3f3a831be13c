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
from ._adaptive_pooling import (
    adaptiveAveragePooling2dLayer,
)
from ._arrange import (
    permuteLayer,
    reshapeLayer,
)
from ._attention import (
    attentionLayer,
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
from ._complex import (
    complexReluLayer,
    complexToRealLayer,
    realToComplexLayer,
    zreluLayer,
)
from ._complex_dense import (
    complexFullyConnectedLayer,
)
from ._convolution import (
    convolution1dLayer,
    convolution2dLayer,
    convolution3dLayer,
)
from ._crop import (
    crop2dLayer,
    crop3dLayer,
)
from ._dense import (
    fullyConnectedLayer,
)
from ._depth_space import (
    depthToSpace2dLayer,
    spaceToDepthLayer,
)
from ._dropout import (
    dropoutLayer,
    spatialDropoutLayer,
)
from ._embedding import (
    embeddingLayer,
    wordEmbeddingLayer,
)
from ._folding import (
    sequenceFoldingLayer,
    sequenceUnfoldingLayer,
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
from ._gru_projected import (
    gruProjectedLayer,
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
from ._inverse_normalization import (
    inverseNormalizationLayer,
)
from ._layer import (
    Layer,
)
from ._layout import (
    networkDataLayout,
)
from ._legacy import (
    classificationLayer,
    dicePixelClassificationLayer,
    focalLossLayer,
    pixelClassificationLayer,
    regressionLayer,
)
from ._lstm import (
    bilstmLayer,
    lstmLayer,
)
from ._lstm_projected import (
    lstmProjectedLayer,
)
from ._max_pooling import (
    maxPooling1dLayer,
    maxPooling2dLayer,
    maxPooling3dLayer,
)
from ._network import (
    networkLayer,
)
from ._neural_ode import (
    neuralODELayer,
)
from ._normalization import (
    crossChannelNormalizationLayer,
    groupNormalizationLayer,
    instanceNormalizationLayer,
    layerNormalizationLayer,
)
from ._patch import (
    patchEmbeddingLayer,
)
from ._position_embedding import (
    positionEmbeddingLayer,
)
from ._position_encoding import (
    sinusoidalPositionEncodingLayer,
)
from ._prelu import (
    preluLayer,
)
from ._quadratic import (
    quadraticLayer,
)
from ._resize import (
    resize2dLayer,
    resize3dLayer,
)
from ._self_attention import (
    selfAttentionLayer,
)
from ._sequence_ends import (
    embeddingConcatenationLayer,
    indexing1dLayer,
)
from ._spectral import (
    spectralConvolution1dLayer,
    spectralConvolution2dLayer,
    spectralConvolution3dLayer,
)
from ._stft import (
    istftLayer,
    stftLayer,
)
from ._transposed import (
    transposedConv1dLayer,
    transposedConv2dLayer,
    transposedConv3dLayer,
)
from ._unpooling import (
    maxUnpooling2dLayer,
)
from ._utility import (
    flattenLayer,
    identityLayer,
    scalingLayer,
)

__all__ = [
    "Layer",
    "adaptiveAveragePooling2dLayer",
    "additionLayer",
    "attentionLayer",
    "averagePooling1dLayer",
    "averagePooling2dLayer",
    "averagePooling3dLayer",
    "batchNormalizationLayer",
    "bilstmLayer",
    "classificationLayer",
    "clippedReluLayer",
    "complexFullyConnectedLayer",
    "complexReluLayer",
    "complexToRealLayer",
    "concatenationLayer",
    "convolution1dLayer",
    "convolution2dLayer",
    "convolution3dLayer",
    "crop2dLayer",
    "crop3dLayer",
    "crossChannelNormalizationLayer",
    "depthConcatenationLayer",
    "depthToSpace2dLayer",
    "dicePixelClassificationLayer",
    "dropoutLayer",
    "eluLayer",
    "embeddingConcatenationLayer",
    "embeddingLayer",
    "featureInputLayer",
    "flattenLayer",
    "focalLossLayer",
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
    "gruProjectedLayer",
    "identityLayer",
    "image3dInputLayer",
    "imageInputLayer",
    "indexing1dLayer",
    "inputLayer",
    "instanceNormalizationLayer",
    "inverseNormalizationLayer",
    "istftLayer",
    "layerNormalizationLayer",
    "leakyReluLayer",
    "lstmLayer",
    "lstmProjectedLayer",
    "maxPooling1dLayer",
    "maxPooling2dLayer",
    "maxPooling3dLayer",
    "maxUnpooling2dLayer",
    "multiplicationLayer",
    "networkDataLayout",
    "networkLayer",
    "neuralODELayer",
    "patchEmbeddingLayer",
    "permuteLayer",
    "pixelClassificationLayer",
    "positionEmbeddingLayer",
    "preluLayer",
    "quadraticLayer",
    "realToComplexLayer",
    "regressionLayer",
    "reluLayer",
    "reshapeLayer",
    "resize2dLayer",
    "resize3dLayer",
    "scalingLayer",
    "selfAttentionLayer",
    "sequenceFoldingLayer",
    "sequenceInputLayer",
    "sequenceUnfoldingLayer",
    "sigmoidLayer",
    "sinusoidalPositionEncodingLayer",
    "softmaxLayer",
    "softplusLayer",
    "spaceToDepthLayer",
    "spatialDropoutLayer",
    "spectralConvolution1dLayer",
    "spectralConvolution2dLayer",
    "spectralConvolution3dLayer",
    "stftLayer",
    "swishLayer",
    "tanhLayer",
    "transposedConv1dLayer",
    "transposedConv2dLayer",
    "transposedConv3dLayer",
    "wordEmbeddingLayer",
    "zreluLayer",
]
