"""First values of parameters: distributions, sizes, what the user gives."""

# ruff: noqa: E501  (tables read best one row per line)

import numpy as np
import pytest

from dltk import _random
from dltk._errors import FormatError, OptionError
from dltk.dlarray import dlarray
from dltk.layers import (
    batchNormalizationLayer,
    bilstmLayer,
    complexFullyConnectedLayer,
    convolution1dLayer,
    convolution2dLayer,
    convolution3dLayer,
    embeddingConcatenationLayer,
    embeddingLayer,
    fullyConnectedLayer,
    groupedConvolution2dLayer,
    gruLayer,
    gruProjectedLayer,
    lstmLayer,
    lstmProjectedLayer,
    networkDataLayout,
    patchEmbeddingLayer,
    positionEmbeddingLayer,
    preluLayer,
    selfAttentionLayer,
    spectralConvolution1dLayer,
    spectralConvolution2dLayer,
    spectralConvolution3dLayer,
    transposedConv1dLayer,
    transposedConv2dLayer,
    transposedConv3dLayer,
    wordEmbeddingLayer,
)


def values_of_24(*sizes, **options):
    return selfAttentionLayer(*sizes, NumValueChannels=24, **options)


# layer, size and labels of the input, parameter, its size, number of inputs and of outputs
TABLE = {
    "fc": (fullyConnectedLayer, (50,), (8, 9, 2), "SSC", "Weights", (50, 144), 144, 50),
    "conv1d": (convolution1dLayer, (5, 40), (30,), "CT", "Weights", (5, 30, 40), 150, 200),
    "conv2d": (convolution2dLayer, ([3, 4], 30), (8, 8, 20), "SSC", "Weights", (3, 4, 20, 30), 240, 360),
    "conv3d": (convolution3dLayer, (3, 20), (8, 8, 8, 10), "SSSC", "Weights", (3, 3, 3, 10, 20), 270, 540),
    "grouped": (groupedConvolution2dLayer, (3, 20, 5), (8, 8, 50), "SSC", "Weights", (3, 3, 10, 20, 5), 90, 180),
    "channel-wise": (groupedConvolution2dLayer, (5, 4, "channel-wise"), (8, 8, 50), "SSC", "Weights", (5, 5, 1, 4, 50), 25, 100),
    "transposed1d": (transposedConv1dLayer, (5, 40), (30,), "CT", "Weights", (5, 40, 30), 150, 200),
    "transposed2d": (transposedConv2dLayer, ([3, 4], 30), (8, 8, 20), "SSC", "Weights", (3, 4, 30, 20), 240, 360),
    "transposed3d": (transposedConv3dLayer, (3, 20), (8, 8, 8, 10), "SSSC", "Weights", (3, 3, 3, 20, 10), 270, 540),
    "lstm": (lstmLayer, (40,), (60,), "C", "InputWeights", (160, 60), 60, 160),
    "lstm recurrent": (lstmLayer, (40,), (60,), "C", "RecurrentWeights", (160, 40), 40, 160),
    "bilstm": (bilstmLayer, (40,), (60,), "C", "InputWeights", (320, 60), 60, 320),
    "gru": (gruLayer, (40,), (60,), "C", "InputWeights", (120, 60), 60, 120),
    "gru recurrent": (gruLayer, (50,), (60,), "C", "RecurrentWeights", (150, 50), 50, 150),
    "lstm projected": (lstmProjectedLayer, (40, 25, 30), (60,), "C", "InputWeights", (160, 30), 30, 160),
    "lstm projected recurrent": (lstmProjectedLayer, (40, 25, 30), (60,), "C", "RecurrentWeights", (160, 25), 25, 160),
    "lstm projector of inputs": (lstmProjectedLayer, (40, 25, 30), (60,), "C", "InputProjector", (60, 30), 60, 30),
    "lstm projector of outputs": (lstmProjectedLayer, (40, 25, 30), (60,), "C", "OutputProjector", (40, 25), 40, 25),
    "gru projected": (gruProjectedLayer, (40, 25, 30), (60,), "C", "InputWeights", (120, 30), 30, 120),
    "gru projected recurrent": (gruProjectedLayer, (40, 25, 30), (60,), "C", "RecurrentWeights", (120, 25), 25, 120),
    "queries": (selfAttentionLayer, (4, 40), (60,), "C", "QueryWeights", (40, 60), 60, 40),
    "keys": (selfAttentionLayer, (4, 40), (60,), "C", "KeyWeights", (40, 60), 60, 40),
    "attended values": (values_of_24, (4, 40), (60,), "C", "ValueWeights", (24, 60), 60, 24),
    "attention outputs": (values_of_24, (4, 40), (60,), "C", "OutputWeights", (60, 24), 24, 60),
    "patches": (patchEmbeddingLayer, (4, 30), (8, 8, 20), "SSC", "Weights", (4, 4, 20, 30), 320, 480),
    "positions": (positionEmbeddingLayer, (50, 200), (9, 5), "CT", "Weights", (50, 200), 200, 50),
    "class token": (embeddingConcatenationLayer, (), (900, 5), "CT", "Weights", (900, 1), 900, 900),
    "embedding": (embeddingLayer, (50, 200), (1,), "C", "Weights", (50, 200), 200, 50),
    "words": (wordEmbeddingLayer, (50, 200), (1,), "C", "Weights", (50, 200), 200, 50),
}  # fmt: skip
VARIANCE = {
    "glorot": lambda inputs, outputs: 2 / (inputs + outputs),
    "he": lambda inputs, outputs: 2 / inputs,
    "narrow-normal": lambda inputs, outputs: 1e-4,
}
NARROW = ("embedding", "words", "positions", "class token")


def value(row, initializer):
    make, given, sizes, fmt, kept, *_ = row
    attention = make in (selfAttentionLayer, values_of_24)
    parameter = "Weights" if attention else kept
    options = {} if initializer is None else {f"{parameter}Initializer": initializer}
    layer = make(*given, **options)
    return np.asarray(getattr(layer.initialize(networkDataLayout(sizes, fmt)), kept))


@pytest.mark.parametrize("initializer", VARIANCE)
@pytest.mark.parametrize("row", TABLE.values(), ids=TABLE)
def test_random_weights_have_mean_zero_and_the_variance_of_the_rule(row, initializer):
    *_, size, inputs, outputs = row
    W = value(row, initializer)
    variance = VARIANCE[initializer](inputs, outputs)
    assert W.shape == size
    assert W.dtype == np.float32
    # four standard errors; a normal variable's variance has the larger one, 2 / n
    assert abs(W.mean()) < 4 * np.sqrt(variance / W.size)
    assert abs(W.var() / variance - 1) < 4 * np.sqrt(2 / W.size)
    if initializer == "glorot":
        assert abs(W).max() <= np.sqrt(6 / (inputs + outputs))


@pytest.mark.parametrize("name", TABLE)
def test_the_default_is_glorot_orthogonal_or_narrow(name):
    row = TABLE[name]
    default = "narrow-normal" if name in NARROW else "glorot"
    if "recurrent" in name or "projector" in name:
        default = "orthogonal"
    first = value(row, None)
    _random.generator.seed(0)
    np.testing.assert_array_equal(first, value(row, default))


@pytest.mark.parametrize("name", [n for n in TABLE if "recurrent" in n or "projector" in n])
def test_orthogonal_columns_are_orthonormal(name):
    W = value(TABLE[name], "orthogonal").astype(float)
    np.testing.assert_allclose(W.T @ W, np.eye(W.shape[1]), atol=1e-6)


@pytest.mark.parametrize(
    ("layer", "sizes", "size", "ends"),
    [
        (complexFullyConnectedLayer(50), (80,), (50, 80), 130),
        (spectralConvolution1dLayer(9, 30), (40, 20), (9, 20, 30), 50),
        (spectralConvolution2dLayer([5, 4], 30), (9, 9, 20), (5, 4, 20, 30), 50),
        (spectralConvolution3dLayer(3, 20), (5, 5, 5, 20), (3, 3, 3, 20, 20), 40),
    ],
    ids=lambda value: getattr(value, "kind", ""),
)
def test_complex_weights_have_two_normal_parts(layer, sizes, size, ends):
    W = layer.initialize(networkDataLayout(sizes, "S" * (len(sizes) - 1) + "C")).Weights
    assert (W.shape, W.dtype) == (size, np.complex64)
    for part in (W.real, W.imag):
        assert abs(part.mean()) < 4 * np.sqrt(1 / ends / W.size)
        assert abs(part.var() * ends - 1) < 4 * np.sqrt(2 / W.size)
    assert abs(np.corrcoef(W.real.ravel(), W.imag.ravel())[0, 1]) < 4 / np.sqrt(W.size)


def test_attention_starts_with_zeros_as_biases_and_sizes_that_follow():
    layer = selfAttentionLayer(2, 6, NumValueChannels=4, OutputSize=5)
    made = layer.initialize(networkDataLayout([3, 7], "CT"))
    sizes = {"Query": (6, 3), "Key": (6, 3), "Value": (4, 3), "Output": (5, 4)}
    for name, size in sizes.items():
        assert getattr(made, f"{name}Weights").shape == size
        assert getattr(made, f"{name}Bias").shape == (size[0], 1)
        assert not getattr(made, f"{name}Bias").any()


def test_projected_layers_forget_or_not_as_the_plain_ones():
    layout = networkDataLayout([3], "C")
    bias = lstmProjectedLayer(2, 1, 1).initialize(layout).Bias
    np.testing.assert_array_equal(bias.ravel(), [0, 0, 1, 1, 0, 0, 0, 0])
    assert not gruProjectedLayer(2, 1, 1).initialize(layout).Bias.any()


def test_a_slope_starts_at_a_quarter():
    assert preluLayer().initialize(networkDataLayout([3], "C")).Alpha == 0.25


def test_the_same_seed_gives_the_same_values():
    first = value(TABLE["conv2d"], "glorot")
    second = value(TABLE["conv2d"], "glorot")
    _random.generator.seed(0)
    assert (first != second).any()
    np.testing.assert_array_equal(value(TABLE["conv2d"], "glorot"), first)


def test_biases_are_zeros_and_lie_as_their_layer_says():
    layout = networkDataLayout([8, 8, 6], "SSC")
    biases = {
        (1, 1, 4): convolution2dLayer(3, 4),
        (4, 1): fullyConnectedLayer(4),
        (1, 1, 2, 3): groupedConvolution2dLayer(3, 2, 3),
    }
    for size, layer in biases.items():
        bias = layer.initialize(layout).Bias
        assert bias.shape == size
        assert not bias.any()


@pytest.mark.parametrize(
    ("fmt", "sizes", "size"),
    [
        ("CB", (5, 2), (5, 1)),
        ("CBT", (5, 2, 3), (5, 1)),
        ("SCB", (9, 5, 2), (1, 5)),
        ("SSCB", (9, 9, 5, 2), (1, 1, 5)),
        ("SSSCB", (9, 9, 9, 5, 2), (1, 1, 1, 5)),
    ],
)
def test_parameters_of_normalization_lie_as_the_channels_do(fmt, sizes, size):
    layer = batchNormalizationLayer().initialize(networkDataLayout(sizes, fmt))
    for name, first in (("Offset", 0), ("Scale", 1), ("TrainedMean", 0), ("TrainedVariance", 1)):
        held = getattr(layer, name)
        assert held.shape == size
        assert (held == first).all()


def test_a_function_is_called_with_the_size():
    asked = []

    def fill(size):
        asked.append(tuple(size))
        return np.full(size, 7.0)

    layer = convolution2dLayer(3, 4, WeightsInitializer=fill)
    W = layer.initialize(networkDataLayout([8, 8, 6], "SSC")).Weights
    assert asked == [(3, 3, 6, 4)]
    assert (W == 7).all()
    assert W.dtype == np.float32


def test_given_values_are_kept_with_their_type():
    W = np.arange(6.0).reshape(2, 3)
    layer = fullyConnectedLayer(2, Weights=W, Bias=[1, 2]).initialize(networkDataLayout([3], "C"))
    np.testing.assert_array_equal(layer.Weights, W)
    assert layer.Weights.dtype == np.float64
    assert layer.Bias.shape == (2, 1)
    made = fullyConnectedLayer(2, Weights=dlarray(W)).initialize(networkDataLayout([3], "C"))
    assert isinstance(made.Weights, dlarray)


def test_given_values_of_the_wrong_size_are_refused():
    layer = convolution2dLayer(3, 4, Weights=np.zeros((3, 3, 1, 5)))
    with pytest.raises(FormatError) as error:
        layer.initialize(networkDataLayout([8, 8, 1], "SSC"))
    assert str(error.value) == (
        "convolution2dLayer: Weights has the wrong size.\n"
        "  Weights: 3×3×1×5\n"
        "  expected: 3×3×1×4\n"
        "Leave Weights out for a first value of the right size."
    )


def test_given_values_must_not_have_labels():
    layer = fullyConnectedLayer(2, Weights=dlarray(np.zeros((2, 3)), "CU"))
    with pytest.raises(FormatError, match=r"stripdims\(Weights\)"):
        layer.initialize(networkDataLayout([3], "C"))


def test_an_unknown_initializer_is_refused():
    layer = fullyConnectedLayer(2, WeightsInitializer="xavier")
    with pytest.raises(
        OptionError, match='fullyConnectedLayer: Weights: there is no initializer "xavier"'
    ):
        layer.initialize(networkDataLayout([3], "C"))


def test_initializing_leaves_the_layer_alone():
    layer = convolution2dLayer(3, 4)
    layer.initialize(networkDataLayout([8, 8, 6], "SSC"))
    assert (layer.Weights, layer.NumChannels) == (None, "auto")
