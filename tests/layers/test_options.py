"""Arguments of layers: forms of padding, properties, factors, what is printed, what is refused."""

# ruff: noqa: E501  (tables read best one row per line)

import numpy as np
import pytest

import dltk.layers as L
from dltk import dlnetwork, forward, predict
from dltk._errors import FormatError, OptionError, UnsupportedError
from dltk.dlarray import dlarray, extractdata
from dltk.functions._pooling import maxunpool
from dltk.layers import networkDataLayout

from .cases import CASES

IMAGE = networkDataLayout([8, 8, 3], "SSC")


@pytest.mark.parametrize(
    ("layer", "mode", "size"),
    [
        (L.convolution2dLayer(3, 1), "manual", (0, 0, 0, 0)),
        (L.convolution2dLayer(3, 1, Padding=2), "manual", (2, 2, 2, 2)),
        (L.convolution2dLayer(3, 1, Padding=[1, 2]), "manual", (1, 1, 2, 2)),
        (L.convolution2dLayer(3, 1, Padding=[1, 2, 3, 4]), "manual", (1, 2, 3, 4)),
        (L.convolution2dLayer(3, 1, Padding="same"), "same", ()),
        (L.convolution1dLayer(3, 1, Padding=[1, 2]), "manual", (1, 2)),
        (L.convolution1dLayer(3, 1, Padding="causal"), "causal", ()),
        (L.convolution3dLayer(3, 1, Padding=[1, 2, 3]), "manual", ((1, 2, 3), (1, 2, 3))),
        (L.convolution3dLayer(3, 1, Padding=np.arange(6).reshape(2, 3)), "manual", ((0, 1, 2), (3, 4, 5))),
        (L.maxPooling2dLayer(2, Padding=[1, 0, 1, 0]), "manual", (1, 0, 1, 0)),
        (L.averagePooling1dLayer(2, Padding="same"), "same", ()),
    ],
)  # fmt: skip
def test_padding_is_shown_as_mode_and_size(layer, mode, size):
    assert (layer.PaddingMode, layer.PaddingSize) == (mode, size)


def test_cropping_is_shown_as_mode_and_size():
    layer = L.transposedConv2dLayer(3, 1, Cropping=[1, 2, 3, 4])
    assert (layer.CroppingMode, layer.CroppingSize) == ("manual", (1, 2, 3, 4))
    assert L.transposedConv1dLayer(3, 1, Cropping="same").CroppingMode == "same"


def test_scalars_stand_for_all_dimensions():
    layer = L.convolution3dLayer(3, 1, Stride=2, DilationFactor=[1, 2, 3])
    assert layer.FilterSize == (3, 3, 3)
    assert layer.Stride == (2, 2, 2)
    assert layer.DilationFactor == (1, 2, 3)
    assert L.maxPooling2dLayer([2, 3]).Stride == (1, 1)


WRONG = {
    "padding word": (lambda: L.convolution2dLayer(3, 1, Padding="Same"), 'Did you mean "same"'),
    "causal in 2-D": (lambda: L.convolution2dLayer(3, 1, Padding="causal"), 'cannot be "causal"'),
    "three paddings": (lambda: L.convolution2dLayer(3, 1, Padding=[1, 2, 3]), r"Padding has 3 values"),
    "negative padding": (lambda: L.convolution2dLayer(3, 1, Padding=-1), "Padding must not be negative"),
    "padding value": (lambda: L.convolution2dLayer(3, 1, PaddingValue="mirror"), '"replicate"'),
    "stride": (lambda: L.convolution2dLayer(3, 1, Stride=[1, 2, 3]), "Stride has 3 values for 2 dim"),
    "filters": (lambda: L.convolution2dLayer(3, -1), "numFilters must be a positive whole number"),
    "fraction": (lambda: L.convolution2dLayer(2.5, 1), "filterSize must be a positive whole number"),
    "channels": (lambda: L.convolution2dLayer(3, 1, NumChannels=0), 'whole number or "auto"'),
    "cropping": (lambda: L.transposedConv2dLayer(3, 1, Cropping="full"), 'Cropping cannot be "full"'),
    "groups": (lambda: L.groupedConvolution2dLayer(3, 1, "depthwise"), '"channel-wise"'),
    "factor": (lambda: L.fullyConnectedLayer(3, WeightL2Factor=-1), "WeightL2Factor must be a scalar"),
    "name": (lambda: L.reluLayer(Name=3), "Name must be text"),
    "outputs": (lambda: L.fullyConnectedLayer("ten"), "outputSize must be a number"),
    "dimension": (lambda: L.fullyConnectedLayer(3, "channel"), 'cannot be "channel"'),
    "pool mean": (lambda: L.averagePooling2dLayer(2, PaddingValue=1), '"mean"'),
    "unpooling": (lambda: L.maxPooling2dLayer(2, HasUnpoolingOutputs="yes"), "True or False"),
    "epsilon": (lambda: L.batchNormalizationLayer(Epsilon=0), "larger than 0"),
    "decay": (lambda: L.batchNormalizationLayer(MeanDecay=2), "at most 1"),
    "layer norm": (lambda: L.layerNormalizationLayer(OperationDimension="time"), '"channel-only"'),
    "group norm": (lambda: L.groupNormalizationLayer("all"), '"all-channels", "channel-wise"'),
    "ceiling": (lambda: L.clippedReluLayer(0), "ceiling must be a scalar, larger than 0"),
    "gelu": (lambda: L.geluLayer(Approximation="erf"), '"none", "tanh"'),
    "one input": (lambda: L.additionLayer(1), "whole number of at least 2"),
    "dim": (lambda: L.concatenationLayer(0, 2), "dim must be a positive whole number"),
    "no function": (lambda: L.functionLayer(3), "predictFcn must be a function, not 3"),
    "port names": (lambda: L.functionLayer(abs, NumInputs=3, InputNames=["a"]), "NumInputs is 3"),
    "mask": (lambda: L.embeddingLayer(2, 3, MaskIndex=4), "MaskIndex is larger than maxIndex"),
    "mask zero": (lambda: L.embeddingLayer(2, 3, MaskIndex=0), "MaskIndex must be a positive"),
    "mapping": (lambda: L.embeddingLayer(2, 3, ZeroIndexMapping="first"), '"first-vector"'),
    "heads": (lambda: L.selfAttentionLayer(4, 6), "heads must divide the numbers of channels"),
    "attention mask": (lambda: L.attentionLayer(2, AttentionMask="future"), '"causal"'),
    "odd encoding": (lambda: L.sinusoidalPositionEncodingLayer(3), "outputSize must be even"),
    "order": (lambda: L.permuteLayer([1, 3]), "the numbers 1 to 2, each once"),
    "two open sizes": (lambda: L.reshapeLayer([], []), "of which one may be"),
    "no size": (L.resize2dLayer, "one of OutputSize, Scale and EnableReferenceInput"),
    "method": (lambda: L.resize2dLayer(Scale=2, Method="trilinear"), '"bilinear"'),
    "location": (lambda: L.crop2dLayer("corner"), 'location cannot be "corner"'),
    "block mode": (lambda: L.depthToSpace2dLayer(2, Mode="rcd"), '"dcr", "crd"'),
    "complex dimension": (lambda: L.complexToRealLayer(OperationDimension="X"), 'cannot be "X"'),
    "inverse": (lambda: L.inverseNormalizationLayer(Normalization="none"), '"zscore"'),
}  # fmt: skip


@pytest.mark.parametrize(("make", "message"), WRONG.values(), ids=WRONG)
def test_wrong_options_are_refused_in_the_name_of_the_layer(make, message):
    with pytest.raises(OptionError, match=message) as error:
        make()
    assert "Layer: " in str(error.value)


def data(*shape, fmt="SSCB"):
    return dlarray(np.zeros(shape), fmt)


def made(layer, layout=IMAGE):
    return layer.initialize(layout)


MISFITS = {
    "channels": (lambda: made(L.convolution2dLayer(3, 1, NumChannels=5)), "NumChannels is 5, the input has 3 channels"),
    "one channel": (lambda: made(L.batchNormalizationLayer(NumChannels=5), networkDataLayout([1], "C")), "the input has 1 channel\\."),
    "no space": (lambda: made(L.convolution2dLayer(3, 1), networkDataLayout([3, 5], "CB")), "0 spatial dimensions and no time dimension"),
    "no time": (lambda: made(L.maxPooling1dLayer(3), networkDataLayout([3, 5], "CB")), 'needs 1 "S" dimension, or a "T"'),
    "too much space": (lambda: made(L.globalMaxPooling1dLayer()), "2 spatial dimensions"),
    "unknown channels": (lambda: made(L.convolution2dLayer(3, 1), networkDataLayout([8, 8, np.nan], "SSC")), 'must have a "C" dimension of known size'),
    "groups": (lambda: made(L.groupedConvolution2dLayer(3, 1, 2)), "3 channels do not make 2 groups of equal size"),
    "group size": (lambda: made(L.groupedConvolution2dLayer(3, 1, 3, NumChannelsPerGroup=2)), "3 channels do not make 3 groups of 2"),
    "filter": (lambda: made(L.convolution2dLayer(9, 1)).predict(data(8, 8, 3, 1)), "the filter reaches over 9×9 cells"),
    "window": (lambda: L.maxPooling2dLayer(9).predict(data(8, 8, 3, 1)), "windows of 9×9 cells do not fit"),
    "short": (lambda: L.averagePooling1dLayer(4).predict(data(3, 2, 3, fmt="CBT")), "4 time steps does not fit into 3"),
    "padded": (lambda: L.maxPooling1dLayer(5, Padding=[1, 0]).predict(data(3, 2, 3, fmt="CBT")), r"into 3 \(4 when padded\)"),
    "addition": (lambda: L.additionLayer(2).predict(data(24, 25, 3, 1), data(24, 24, 3, 1)), 'different sizes of "S"'),
    "product": (lambda: L.multiplicationLayer(2).predict(data(4, 5, fmt="CB"), data(4, 6, fmt="CB")), 'different sizes of "B"'),
    "concatenation": (lambda: L.concatenationLayer(1, 2).predict(data(4, 5, fmt="CB"), data(4, 6, fmt="CB")), "differ in another dimension than 1"),
    "labels": (lambda: L.depthConcatenationLayer(2).predict(data(4, 5, fmt="CB"), data(4, 5, fmt="CT")), "different labels"),
    "no channels": (lambda: L.depthConcatenationLayer(2).predict(*[data(4, 5, fmt="SB")] * 2), 'no "C" dimension'),
    "flatten": (lambda: L.flattenLayer().predict(data(4, 5, fmt="SB")), 'no "C" dimension'),
    "softmax": (lambda: L.softmaxLayer().predict(data(4, 5, fmt="SB")), 'no "C" dimension'),
    "scaling": (lambda: L.scalingLayer(Scale=np.ones((1, 1, 3))).predict(data(4, 5, fmt="CB")), "must expand to the size of the input"),
    "prelu": (lambda: L.preluLayer(Alpha=np.ones((1, 5))).predict(data(4, 1, fmt="CB")), "Alpha does not expand"),
    "dense": (lambda: made(L.fullyConnectedLayer(2)).predict(data(8, 7, 3, 1)), "168 values per observation, the layer was made for 192"),
    "indices": (lambda: made(L.embeddingLayer(2, 3)).predict(data(4, 5, fmt="CB")), "X has 4 channels"),
    "positions": (lambda: made(L.positionEmbeddingLayer(2, 3), networkDataLayout([4], "C")).predict(data(4, 5, 6, fmt="CBT")), "6 positions, the layer has 3"),
    "no positions": (lambda: L.indexing1dLayer().predict(data(8, 8, 3, 1)), 'one "T" dimension, or else one "S"'),
    "patches": (lambda: made(L.patchEmbeddingLayer(9, 2)).predict(data(8, 8, 3, 1)), "smaller than a patch of 9×9"),
    "blocks": (lambda: L.depthToSpace2dLayer(2).predict(data(8, 8, 3, 1)), "3 channels do not make blocks of 2×2"),
    "crop": (lambda: L.crop2dLayer([5, 5]).predict(data(8, 8, 3, 1), data(5, 4, 3, 1)), "does not lie in the input"),
    "odd parts": (lambda: L.realToComplexLayer().predict(data(8, 8, 3, 1)), "an even number of elements along dimension 3"),
    "modes": (lambda: made(L.spectralConvolution2dLayer(5, 2)).predict(data(8, 8, 3, 1)), "too short for 5×5 frequencies"),
}  # fmt: skip


@pytest.mark.parametrize(("run", "message"), MISFITS.values(), ids=MISFITS)
def test_data_that_do_not_fit_are_shown_with_sizes_and_labels(run, message):
    with pytest.raises(FormatError, match=message) as error:
        run()
    assert any("(" in str(value) for value in error.value.got.values())


def test_both_inputs_are_shown_when_they_do_not_fit():
    with pytest.raises(FormatError) as error:
        L.additionLayer(2).predict(data(24, 254, 256, 1), data(24, 255, 256, 1))
    assert str(error.value) == (
        'additionLayer: the inputs have different sizes of "S".\n'
        '  input "in1": 24(S) × 254(S) × 256(C) × 1(B)\n'
        '  input "in2": 24(S) × 255(S) × 256(C) × 1(B)\n'
        "Sizes of a dimension must be equal, or 1. Padding or pooling on the way may have changed them."
    )


@pytest.mark.parametrize(
    ("name", "loss"),
    {
        "classificationLayer": "crossentropy(Y, T)",
        "regressionLayer": "mse(Y, T)",
        "pixelClassificationLayer": "crossentropy(Y, T)",
        "dicePixelClassificationLayer": "1 - generalizedDice(Y, T)",
        "focalLossLayer": "focalCrossEntropy(Y, T)",
    }.items(),
)
def test_output_layers_are_refused_with_the_loss_to_use(name, loss):
    with pytest.raises(UnsupportedError, match=f"{name}: a dlnetwork has no output layer") as error:
        getattr(L, name)(Name="output")
    assert error.value.fix.endswith(f"calls: {loss}.")


# Properties of single layers


def test_default_factors_are_one_but_for_the_penalty_of_biases():
    for layer in (
        L.convolution2dLayer(3, 1),
        L.transposedConv1dLayer(3, 1),
        L.fullyConnectedLayer(1),
    ):
        found = [layer.factor(k, p) for k in ("LearnRate", "L2") for p in layer.learnables]
        assert found == [1, 1, 1, 0]
    for layer in (L.batchNormalizationLayer(), L.layerNormalizationLayer()):
        assert [layer.factor(k, p) for k in ("LearnRate", "L2") for p in layer.learnables] == [
            1
        ] * 4


def test_factors_are_properties_named_as_in_matlab():
    layer = L.convolution2dLayer(3, 1, WeightLearnRateFactor=0, BiasL2Factor=2)
    assert layer.factor("LearnRate", "Weights") == 0
    assert layer.with_factor("L2", "Bias", 5).BiasL2Factor == 5
    assert L.preluLayer(AlphaLearnRateFactor=3).factor("LearnRate", "Alpha") == 3
    assert L.wordEmbeddingLayer(2, 3, WeightL2Factor=4).factor("L2", "Weights") == 4


@pytest.mark.parametrize(
    "case",
    {type(c.layer()): c for c in CASES.values()}.values(),
    ids=lambda c: type(c.layer()).__name__,
)
def test_layers_print_their_name_and_describe_themselves(case):
    layer = case.layer()
    assert repr(layer).startswith(f"  {type(layer).__name__} with properties:\n\n")
    assert layer.describe()
    assert " object at " not in layer.describe() + repr(layer)
    layer.Description = "the first one"
    assert layer.describe() == "the first one"


def test_a_printed_layer_groups_its_properties():
    assert repr(L.convolution2dLayer([5, 3], 20, Padding="same", Name="conv1")) == (
        "  convolution2dLayer with properties:\n"
        "\n"
        "              Name: 'conv1'\n"
        "        FilterSize: [5 3]\n"
        "       NumChannels: 'auto'\n"
        "        NumFilters: 20\n"
        "            Stride: [1 1]\n"
        "    DilationFactor: [1 1]\n"
        "       PaddingMode: 'same'\n"
        "       PaddingSize: []\n"
        "      PaddingValue: 0\n"
        "\n"
        "   Learnable Parameters\n"
        "           Weights: []\n"
        "              Bias: []"
    )


def test_descriptions_say_what_matters():
    assert made(L.convolution2dLayer(5, 20)).describe() == (
        "20 5×5×3 convolutions with stride [1 1] and padding [0 0 0 0]"
    )
    assert L.maxPooling2dLayer(2, Stride=2).describe() == (
        "2×2 max pooling with stride [2 2] and padding [0 0 0 0]"
    )
    assert L.imageInputLayer([28, 28, 1], Mean=0).describe() == (
        "28×28×1 images with 'zerocenter' normalization"
    )


def test_normalization_follows_the_mini_batch_with_the_decay_on_the_new_value():
    x = np.array([[1.0, 3.0], [0.0, 8.0]])  # means 2 and 4, variances 1 and 16
    layer = L.batchNormalizationLayer(MeanDecay=0.25, VarianceDecay=0.5)
    net = dlnetwork([L.featureInputLayer(2), layer])
    _, state = forward(net, dlarray(x, "CB"), nargout=2, Acceleration="none")
    mean, variance = (extractdata(v).ravel() for v in state.Value)
    np.testing.assert_allclose(mean, [0.5, 1.0])
    np.testing.assert_allclose(variance, [1.0, 8.5])
    _, state = predict(net, dlarray(x, "CB"), nargout=2, Acceleration="none")
    np.testing.assert_array_equal(extractdata(state.Value[0]).ravel(), [0, 0])


def test_channels_of_images_have_slopes_of_their_own():
    layer = L.preluLayer(Alpha=np.array([1.0, 2.0, 3.0]).reshape(1, 1, 3))
    Y = layer.predict(dlarray(-np.ones((2, 2, 3, 1)), "SSCB"))
    np.testing.assert_array_equal(extractdata(Y)[0, 0, :, 0], [-1, -2, -3])


def test_scaling_expands_by_position():
    layer = L.scalingLayer(Scale=[[2.0], [3.0]], Offset=[[1.0, 10.0]])
    Y = layer.predict(dlarray(np.ones((2, 2)), "CB"))
    np.testing.assert_array_equal(extractdata(Y), [[3, 12], [4, 13]])


def test_max_pooling_can_say_where_the_values_were():
    x = np.random.default_rng(5).standard_normal((6, 4, 2, 3))
    layer = L.maxPooling2dLayer(2, Stride=2, HasUnpoolingOutputs=True)
    assert layer.outputs == ("out", "indices", "size")
    Y, indices, size = layer.predict(dlarray(x, "SSCB"))
    back = extractdata(maxunpool(Y, indices, size))
    assert back.shape == x.shape
    np.testing.assert_array_equal(x[back != 0], back[back != 0])
    assert np.count_nonzero(back) == Y.size


def test_the_masked_vector_is_used_but_not_trained():
    from ..functions.gradients import gradient

    x = np.array([[1.0, 2.0, 2.0]])
    layer = L.embeddingLayer(2, 3, MaskIndex=2)
    W = np.arange(6.0).reshape(2, 3)

    def lookup(weights):
        return layer.bound({"Weights": weights}).predict(dlarray(x, "CB"))

    np.testing.assert_array_equal(extractdata(lookup(dlarray(W))), W[:, [0, 1, 1]])
    np.testing.assert_array_equal(gradient(lookup, W), [[1, 0, 0], [1, 0, 0]])


def test_indices_without_a_channel_get_one():
    layer = made(L.wordEmbeddingLayer(2, 3), networkDataLayout([5, 4], "BT"))
    Y = layer.predict(dlarray(np.ones((5, 4)), "BT"))
    assert (Y.dims, Y.shape) == ("CBT", (2, 5, 4))


def test_function_layers_count_the_arguments_without_default():
    assert L.functionLayer(lambda X, Y: X).inputs == ("in1", "in2")
    assert L.functionLayer(lambda X, scale=2: X).inputs == ("in",)
    assert L.functionLayer(lambda *X: X[0]).inputs == ("in",)
    assert L.functionLayer(abs, InputNames=["left", "right"]).inputs == ("left", "right")
    assert L.functionLayer(abs, NumOutputs=2).outputs == ("out1", "out2")


def test_function_layers_see_labels_only_if_formattable():
    seen = []

    def watch(X):
        seen.append(X.dims)
        return X

    for formattable in (False, True):
        layers = [L.featureInputLayer(2), L.functionLayer(watch, Formattable=formattable)]
        predict(dlnetwork(layers), dlarray(np.ones((2, 1)), "CB"), Acceleration="none")
    assert set(seen[: len(seen) // 2]) == {""}
    assert set(seen[len(seen) // 2 :]) == {"CB"}


def test_automatic_names_are_matlabs():
    names = {
        "conv": L.convolution2dLayer(1, 1),
        "fc": L.fullyConnectedLayer(1),
        "batchnorm": L.batchNormalizationLayer(),
        "relu": L.reluLayer(),
        "imageinput": L.imageInputLayer([1, 1]),
        "sequenceinput": L.sequenceInputLayer(1),
        "input": L.featureInputLayer(1),
        "biLSTM": L.bilstmLayer(1),
        "transposed-conv": L.transposedConv2dLayer(1, 1),
        "crossnorm": L.crossChannelNormalizationLayer(1),
        "maxpool": L.maxPooling2dLayer(1),
        "avgpool2d": L.averagePooling2dLayer(1),
        "gapool": L.globalAveragePooling2dLayer(),
        "depthcat": L.depthConcatenationLayer(2),
        "layer": L.functionLayer(abs),
    }
    assert {name: layer.base_name for name, layer in names.items()} == {n: n for n in names}
