"""`analyzeNetwork`: sizes and counts against arithmetic, every mistake found at once."""

import numpy as np
import pytest

from dltk import (
    OptionError,
    additionLayer,
    analyzeNetwork,
    batchNormalizationLayer,
    concatenationLayer,
    connectLayers,
    convolution2dLayer,
    dlarray,
    dlnetwork,
    featureInputLayer,
    fullyConnectedLayer,
    imageInputLayer,
    layerGraph,
    lstmLayer,
    maxPooling2dLayer,
    networkDataLayout,
    reluLayer,
    sequenceInputLayer,
    softmaxLayer,
)


def analyzed(*args):
    return analyzeNetwork(*args, show=False)


def digits():
    return [
        imageInputLayer([28, 28, 1], Normalization="none"),
        convolution2dLayer(5, 20),
        batchNormalizationLayer(),
        reluLayer(),
        maxPooling2dLayer(2, Stride=2),
        fullyConnectedLayer(10),
        softmaxLayer(),
    ]


def test_a_right_network_has_its_sizes_and_counts():
    result = analyzed(dlnetwork(digits()))
    assert result
    assert [row.activations[0] for row in result.LayerInfo] == [
        "28(S) × 28(S) × 1(C) × 1(B)",
        *["24(S) × 24(S) × 20(C) × 1(B)"] * 3,
        "12(S) × 12(S) × 20(C) × 1(B)",
        "10(C) × 1(B)",
        "10(C) × 1(B)",
    ]
    assert result.TotalLearnables == (5 * 5 * 20 + 20) + 2 * 20 + (12 * 12 * 20 * 10 + 10)
    assert result.TotalStates == 2 * 20
    assert result.LayerInfo[1].learnables == (("Weights", (5, 5, 1, 20)), ("Bias", (1, 1, 20)))


def test_layers_an_uninitialized_network_and_a_graph_give_the_same():
    rows = analyzed(digits()).LayerInfo
    assert rows == analyzed(dlnetwork(digits(), Initialize=False)).LayerInfo
    assert rows == analyzed(layerGraph(digits())).LayerInfo


def test_examples_and_layouts_stand_in_for_input_layers():
    layers = [fullyConnectedLayer(3), lstmLayer(2, OutputMode="last")]
    by_layout = analyzed(layers, networkDataLayout([5, float("nan"), 7], "CBT"))
    assert [row.activations for row in by_layout.LayerInfo] == [
        ("3(C) × 1(B) × 7(T)",),
        ("2(C) × 1(B)",),
    ]
    by_data = analyzed(layers, dlarray(np.zeros((5, 4, 7)), "CBT"))
    assert by_data.LayerInfo[0].activations == ("3(C) × 4(B) × 7(T)",)


def wrong_layers():
    return [
        imageInputLayer([28, 28, 1], Normalization="none"),
        convolution2dLayer(5, 20, Weights=np.zeros((5, 5, 3, 20), np.float32)),
        batchNormalizationLayer(NumChannels=7),
        reluLayer(Name="twice"),
        maxPooling2dLayer(40),
        reluLayer(Name="twice"),
    ]


def test_all_mistakes_are_found_not_only_the_first(capsys):
    result = analyzeNetwork(wrong_layers())
    assert not result
    assert [issue.number for issue in result.Issues] == [2, 3, 5, 6]
    text = capsys.readouterr().out
    for words in (
        "4 mistakes:",
        '2  "conv": convolution2dLayer: Weights has the wrong size.',
        "Weights: 5×5×3×20",
        "expected: 5×5×1×20",
        "NumChannels is 7, the input has 20 channels",
        "windows of 40×40 cells do not fit into 24×24",
        "The name stands already, for layer 4",
        "! 2  conv ",
        "unknown",
    ):
        assert words in text, text


def test_layers_behind_a_mistake_are_checked_where_its_output_is_known():
    layers = wrong_layers()[:3]
    assert analyzed(layers).LayerInfo[2].activations == ("24(S) × 24(S) × 20(C) × 1(B)",)


def test_branches_of_different_sizes_show_both_sources():
    layers = [
        featureInputLayer(4, Name="in"),
        fullyConnectedLayer(3, Name="fc"),
        additionLayer(2, Name="add"),
        fullyConnectedLayer(2, Name="last"),
    ]
    result = analyzed(connectLayers(layerGraph(layers), "in", "add/in2"))
    (issue,) = result.Issues
    assert (issue.number, issue.name) == (3, "add")
    assert 'from "fc": 3(C) × 1(B)' in issue.message
    assert 'from "in": 4(C) × 1(B)' in issue.message
    assert result.LayerInfo[3].activations == ("2(C) × 1(B)",)


def test_open_inputs_are_all_named():
    layers = [sequenceInputLayer(3), concatenationLayer(1, 3, Name="cat")]
    messages = [issue.message for issue in analyzed(layers).Issues]
    assert len(messages) == 2
    assert 'Its input "in2" is connected to nothing' in messages[0]
    assert 'Its input "in3" is connected to nothing' in messages[1]


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ((5,), "expected a dlnetwork, a layer graph or a list of layers, not a int"),
        (([reluLayer(), reluLayer],), "entry 2 of the list is not a layer"),
        (([reluLayer()], dlarray(1), dlarray(1)), "2 examples for 1 input without input layer"),
    ],
)
def test_wrong_calls_are_answered(args, words):
    with pytest.raises(ValueError, match=words):
        analyzed(*args)
    assert issubclass(OptionError, ValueError)
