"""Input layers: normalization, what they refuse, what they tell a network."""

# ruff: noqa: E501  (tables read best one row per line)

import numpy as np
import pytest

from dltk import dlnetwork, predict
from dltk._errors import FormatError, OptionError
from dltk.dlarray import dlarray, extractdata
from dltk.layers import (
    convolution1dLayer,
    featureInputLayer,
    fullyConnectedLayer,
    globalAveragePooling1dLayer,
    globalAveragePooling2dLayer,
    image3dInputLayer,
    imageInputLayer,
    inputLayer,
    sequenceInputLayer,
)

NAN = float("nan")
RANDOM = np.random.default_rng(11)

FORMULAS = {
    "zerocenter": lambda x, s: x - s["Mean"],
    "zscore": lambda x, s: (x - s["Mean"]) / s["StandardDeviation"],
    "rescale-symmetric": lambda x, s: 2 * (x - s["Min"]) / (s["Max"] - s["Min"]) - 1,
    "rescale-zero-one": lambda x, s: (x - s["Min"]) / (s["Max"] - s["Min"]),
}
LAYERS = {
    "features": (featureInputLayer, 3, (3,), "CB", (2,)),
    "images": (imageInputLayer, [4, 5, 3], (4, 5, 3), "SSCB", (2,)),
    "volumes": (image3dInputLayer, [4, 5, 2, 3], (4, 5, 2, 3), "SSSCB", (2,)),
    "sequences": (sequenceInputLayer, 3, (3,), "CBT", (2, 6)),
    "image sequences": (sequenceInputLayer, [4, 5, 3], (4, 5, 3), "SSCBT", (2, 6)),
}


def statistics(size):
    low = RANDOM.standard_normal(size)
    return {
        "Mean": RANDOM.standard_normal(size),
        "StandardDeviation": RANDOM.uniform(1, 2, size),
        "Min": low,
        "Max": low + RANDOM.uniform(1, 2, size),
    }


@pytest.mark.parametrize("mode", FORMULAS)
@pytest.mark.parametrize("kind", ["element", "channel", "all"])
@pytest.mark.parametrize("layer", LAYERS.values(), ids=LAYERS)
def test_normalization_by_statistics_of_every_size(layer, kind, mode):
    make, given, size, fmt, rest = layer
    sizes = {"element": size, "channel": (1,) * (len(size) - 1) + size[-1:], "all": ()}
    values = statistics(sizes[kind])
    made = make(given, Normalization=mode, NormalizationDimension=kind, **values)
    x = RANDOM.standard_normal((*size, *rest))
    Y = made.initialize(made.layout()).predict(dlarray(x, fmt))
    spread = {n: np.reshape(v, (*np.shape(v), *(1,) * len(rest))) for n, v in values.items()}
    assert Y.dims == fmt
    np.testing.assert_allclose(extractdata(Y), FORMULAS[mode](x, spread), atol=1e-12)


def test_a_vector_of_means_is_one_per_channel():
    layer = imageInputLayer([4, 4, 3], Mean=[1, 2, 3])
    Y = layer.predict(dlarray(np.zeros((4, 4, 3, 1)), "SSCB"))
    np.testing.assert_array_equal(extractdata(Y)[0, 0, :, 0], [-1, -2, -3])


def test_single_data_stay_single_with_double_statistics():
    layer = featureInputLayer(3, Normalization="zscore", Mean=np.ones(3), StandardDeviation=2.0)
    assert layer.predict(dlarray(np.zeros((3, 1), np.float32), "CB")).dtype == np.float32


def test_normalization_by_a_function():
    layer = featureInputLayer(3, Normalization=lambda X: X / 10)
    Y = layer.predict(dlarray(np.full((3, 1), 5.0), "CB"))
    assert (Y.dims, Y[0, 0].item()) == ("CB", 0.5)


def test_images_of_another_size_pass_but_not_with_statistics_per_element():
    X = dlarray(np.zeros((9, 9, 3, 1)), "SSCB")
    assert imageInputLayer([4, 4, 3], Mean=[1, 2, 3]).predict(X).shape == (9, 9, 3, 1)
    with pytest.raises(FormatError, match="Mean is per element") as error:
        imageInputLayer([4, 4, 3], Mean=np.zeros((4, 4, 3))).predict(X)
    assert error.value.got["InputSize"] == "4×4×3"


def test_complex_channels_are_split_into_interleaved_real_and_imaginary_parts():
    layer = featureInputLayer(2, SplitComplexInputs=True)
    Y = layer.predict(dlarray(np.array([[1 + 2j], [3 + 4j]]), "CB"))
    np.testing.assert_array_equal(extractdata(Y).ravel(), [1, 2, 3, 4])


def test_a_missing_statistic_is_named_when_the_network_is_made():
    with pytest.raises(OptionError) as error:
        dlnetwork([imageInputLayer([28, 28, 1]), fullyConnectedLayer(2)])
    assert str(error.value) == (
        'imageInputLayer: Normalization "zerocenter" needs Mean, which is empty.\n'
        'Compute it from the data and give Mean=..., or set Normalization="none".'
    )
    with pytest.raises(OptionError, match="needs StandardDeviation") as error:
        dlnetwork([featureInputLayer(2, Normalization="zscore", Mean=1)])
    assert "Mean=..., StandardDeviation=..." in error.value.fix


def test_statistics_may_be_set_after_the_layer_was_made():
    layer = imageInputLayer([2, 2, 1])
    layer.Mean = 3
    net = dlnetwork([layer])
    assert predict(net, dlarray(np.zeros((2, 2, 1, 1)), "SSCB"))[0, 0, 0, 0].item() == -3


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: featureInputLayer(3, Mean=[1, 2]), "featureInputLayer: Mean has the wrong size."),
        (
            lambda: imageInputLayer([4, 4, 3], Mean=np.ones((4, 4))),
            "It must have size 1×1×1 or 1×1×3 or 4×4×3.",
        ),
        (
            lambda: imageInputLayer([4, 4, 3], Mean=[1, 2, 3], NormalizationDimension="element"),
            "It must have size 4×4×3.",
        ),
        (lambda: featureInputLayer(3, Normalization="zscor"), 'Did you mean "zscore"?'),
        (lambda: featureInputLayer(3, NormalizationDimension="each"), '"auto", "channel"'),
        (lambda: imageInputLayer(28), r"Give \[height, width, channels\]"),
        (lambda: sequenceInputLayer([1, 2, 3, 4, 5]), "inputSize has 5 values"),
        (lambda: featureInputLayer(0), "numFeatures must be a positive whole number"),
        (lambda: inputLayer([NAN, 3], "B"), "inputSize has 2 of 1 sizes"),
        (lambda: inputLayer([2.5, 3], "BC"), "sizes are positive whole numbers, or NaN"),
        (lambda: inputLayer([2, 3], "BX"), '"X" is not a dimension label'),
    ],
)
def test_wrong_arguments_are_explained(make, message):
    with pytest.raises((OptionError, FormatError), match=message):
        make()


@pytest.mark.parametrize(
    ("layer", "fmt", "shape", "message"),
    [
        (imageInputLayer([28, 28, 1], Normalization="none"), "CB", (784, 5), "0 spatial dimensions, expected 2"),
        (featureInputLayer(4), "SCB", (9, 4, 5), "1 spatial dimension, expected 0"),
        (imageInputLayer([8, 8, 1], Normalization="none"), "SSCB", (8, 8, 3, 2), "3 channels, expected 1"),
        (imageInputLayer([8, 8, 1], Normalization="none"), "SSCBT", (8, 8, 1, 2, 3), 'must not have a "T"'),
        (imageInputLayer([8, 8, 1], Normalization="none"), "SSB", (8, 8, 2), 'has no "C"'),
        (featureInputLayer(4), "", (4, 5), "has no labels"),
        (sequenceInputLayer(4), "CBT", (5, 2, 7), "5 channels, expected 4"),
        (inputLayer([NAN, 4], "BC"), "CB", (5, 2), "another size"),
        (inputLayer([NAN, 4], "BC"), "CT", (4, 2), "other labels"),
    ],
)  # fmt: skip
def test_data_that_do_not_fit_are_explained(layer, fmt, shape, message):
    with pytest.raises(FormatError, match=message) as error:
        layer.predict(dlarray(np.zeros(shape), fmt))
    assert str(error.value).startswith(type(layer).__name__)
    assert "(" in error.value.got["X"] or not fmt


@pytest.mark.parametrize(
    ("layer", "fmt", "size", "plain"),
    [
        (featureInputLayer(4), "CB", (4, NAN), "BC"),
        (imageInputLayer([8, 9], Normalization="none"), "SSCB", (8, 9, 1, NAN), "SSCB"),
        (image3dInputLayer([8, 9, 7, 2]), "SSSCB", (8, 9, 7, 2, NAN), "SSSCB"),
        (sequenceInputLayer(4), "CBT", (4, NAN, NAN), "TCB"),
        (sequenceInputLayer([9, 4]), "SCBT", (9, 4, NAN, NAN), "SCTB"),
        (sequenceInputLayer([9, 8, 4]), "SSCBT", (9, 8, 4, NAN, NAN), "SSCTB"),
        (inputLayer([NAN, 32, 2], "BSC"), "SCB", (32, 2, NAN), "BSC"),
    ],
)
def test_layouts_for_the_network_and_labels_of_plain_data(layer, fmt, size, plain):
    assert layer.layout().Format == fmt
    np.testing.assert_array_equal(layer.layout().Size, size)
    assert layer.implied_format(len(size)) == plain


def test_input_of_unspecified_dimensions_is_unformatted():
    layer = inputLayer([2, 3], "UU")
    assert layer.predict(dlarray(np.zeros((2, 3)), "UU")).dims == ""


def test_a_network_over_time_needs_a_shortest_length():
    layers = [convolution1dLayer(5, 2), globalAveragePooling1dLayer()]
    with pytest.raises(FormatError, match="a window of 5 time steps does not fit into 1") as error:
        dlnetwork([sequenceInputLayer(3), *layers])
    assert "MinLength=5" in error.value.fix
    net = dlnetwork([sequenceInputLayer(3, MinLength=5), *layers])
    assert predict(net, dlarray(np.zeros((3, 2, 9)), "CBT")).shape == (2, 2)


def test_unknown_sizes_pass_where_nothing_depends_on_them():
    net = dlnetwork([inputLayer([NAN, NAN, 3, NAN], "SSCB"), globalAveragePooling2dLayer()])
    assert predict(net, dlarray(np.ones((7, 9, 3, 2)), "SSCB")).shape == (1, 1, 3, 2)
    with pytest.raises(FormatError, match="known sizes of what is multiplied"):
        dlnetwork([inputLayer([NAN, NAN, 3, NAN], "SSCB"), fullyConnectedLayer(2)])
