"""Layers put into a network that is there, and layer graphs."""

import numpy as np
import pytest

from dltk import (
    OptionError,
    addInputLayer,
    additionLayer,
    addLayers,
    concatenationLayer,
    connectLayers,
    disconnectLayers,
    dlarray,
    dlnetwork,
    extractdata,
    featureInputLayer,
    fullyConnectedLayer,
    getLayer,
    initialize,
    layerGraph,
    networkLayer,
    predict,
    reluLayer,
    removeLayers,
    replaceLayer,
    sigmoidLayer,
    tanhLayer,
)


def layers():
    return [
        featureInputLayer(3, Name="in"),
        fullyConnectedLayer(3, Name="fc"),
        reluLayer(Name="relu"),
        additionLayer(2, Name="add"),
    ]


def skip_network():
    return dlnetwork(layers(), Connections=[("in", "add/in2")])


def nested():
    return dlnetwork([featureInputLayer(3), networkLayer([fullyConnectedLayer(3)], Name="block")])


def values(net, *row):
    return np.asarray(extractdata(net.Learnables[row]))


def test_new_layers_take_over_place_and_connections():
    net = replaceLayer(skip_network(), "relu", [tanhLayer(Name="a"), sigmoidLayer(Name="b")])
    assert [layer.Name for layer in net.Layers] == ["in", "fc", "a", "b", "add"]
    arrows = [("in", "fc"), ("fc", "a"), ("a", "b"), ("b", "add/in1"), ("in", "add/in2")]
    assert sorted(net.Connections) == sorted(arrows)


def test_other_layers_keep_their_values_and_the_new_one_has_its_own():
    old = skip_network()
    given = np.full((3, 3), 0.5, np.float32)
    net = replaceLayer(old, "relu", fullyConnectedLayer(3, Weights=given, Name="relu"))
    assert not net.Initialized
    net = initialize(net)
    np.testing.assert_array_equal(values(net, "fc", "Weights"), values(old, "fc", "Weights"))
    np.testing.assert_array_equal(values(net, "relu", "Weights"), given)


def test_a_layer_of_the_same_name_does_not_inherit_the_old_values():
    old = skip_network()
    net = initialize(replaceLayer(old, "fc", fullyConnectedLayer(3, Name="fc")))
    assert np.abs(values(net, "fc", "Weights") - values(old, "fc", "Weights")).max() > 0.01


def test_ports_correspond_by_name_or_by_order():
    cat = concatenationLayer(1, 2, Name="cat")
    net = initialize(replaceLayer(skip_network(), "add", cat))
    assert predict(net, dlarray(np.ones((3, 1), np.float32), "CB")).shape == (6, 1)
    cat.InputNames = ["x", "y"]
    with pytest.raises(OptionError, match=r'no input for "add/in1"') as error:
        replaceLayer(skip_network(), "add", cat)
    assert "inputs of cat: x, y" in str(error.value)
    net = replaceLayer(skip_network(), "add", cat, ReconnectBy="order")
    assert ("in", "cat/y") in net.Connections


def test_a_layer_within_a_network_layer_is_replaced_by_its_path():
    inner = networkLayer([fullyConnectedLayer(3, Name="fc"), reluLayer(Name="r")], Name="inner")
    block = networkLayer([fullyConnectedLayer(3, Name="fc"), inner], Name="block")
    old = dlnetwork([featureInputLayer(3, Name="in"), block, fullyConnectedLayer(2, Name="out")])
    net = replaceLayer(old, "block/inner/fc", [fullyConnectedLayer(3, Name="a"), tanhLayer()])
    assert not net.Initialized
    net = initialize(net)
    assert values(net, "block/inner/a", "Weights").shape == (3, 3)
    assert getLayer(net, "block/inner/tanh").kind == "tanhLayer"
    for row in (("block/fc", "Weights"), ("out", "Bias")):
        np.testing.assert_array_equal(values(net, *row), values(old, *row))
    X = dlarray(np.ones((3, 1), np.float32), "CB")
    Y = extractdata(predict(net, X, Outputs="block/inner/a"))
    bias, W = values(net, "block/fc", "Bias"), values(net, "block/fc", "Weights")
    A = values(net, "block/inner/a", "Weights") @ (W @ np.ones((3, 1)) + bias)
    np.testing.assert_allclose(Y, A, rtol=1e-5, atol=1e-6)


def test_outputs_that_the_user_chose_stay():
    net = dlnetwork(layers()[:3], OutputNames=["fc", "relu"])
    assert replaceLayer(net, "fc", fullyConnectedLayer(2, Name="fc2")).OutputNames == [
        "fc2",
        "relu",
    ]


def test_an_input_layer_is_put_before_the_layer_that_it_feeds():
    net = dlnetwork(
        [concatenationLayer(1, 2, Name="cat"), fullyConnectedLayer(2)], Initialize=False
    )
    net = addInputLayer(net, featureInputLayer(3, Name="b"), "cat/in2")
    assert not net.Initialized
    net = addInputLayer(net, featureInputLayer(4, Name="a"))
    assert net.Initialized
    assert values(net, "fc", "Weights").shape == (2, 7)
    assert sorted(net.Connections) == [("a", "cat/in1"), ("b", "cat/in2"), ("cat", "fc")]
    assert net.InputNames == ["b", "a"]


def test_a_layer_graph_is_edited_like_a_network_and_becomes_one():
    lgraph = addLayers(layerGraph(layers()), fullyConnectedLayer(3, Name="skip"))
    lgraph = connectLayers(lgraph, "in", "skip")
    lgraph = connectLayers(lgraph, "skip", "add/in2")
    assert (lgraph.InputNames, lgraph.OutputNames) == (["in"], ["add"])
    net = dlnetwork(lgraph)
    assert net.Connections == lgraph.Connections
    assert values(net, "skip", "Weights").shape == (3, 3)
    lgraph = disconnectLayers(lgraph, "skip", "add/in2")
    assert dlnetwork(removeLayers(lgraph, "skip"), Initialize=False).InputNames == ["in", "add/in2"]


def test_a_network_becomes_a_layer_graph_with_its_values_and_back():
    net = skip_network()
    again = dlnetwork(layerGraph(net))
    X = dlarray(np.random.RandomState(0).rand(3, 4).astype(np.float32), "CB")
    np.testing.assert_array_equal(*(np.asarray(extractdata(predict(n, X))) for n in (net, again)))


def test_an_empty_layer_graph_can_be_filled():
    lgraph = addLayers(layerGraph(), layers()[:2])
    assert dlnetwork(lgraph).Initialized
    assert "LayerGraph with properties" in repr(lgraph)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: replaceLayer(skip_network(), "rellu", reluLayer()), 'no layer "rellu"'),
        (lambda: replaceLayer(nested(), "block/fd", reluLayer()), 'no layer "fd"'),
        (lambda: replaceLayer(skip_network(), "relu", []), "no layer to put in"),
        (lambda: replaceLayer(skip_network(), "relu/a", reluLayer()), "has no layers within"),
        (lambda: replaceLayer(skip_network(), "relu", reluLayer(Name="fc")), "must be unique"),
        (
            lambda: replaceLayer(skip_network(), "relu", reluLayer(), ReconnectBy="type"),
            "ReconnectBy is 'type'",
        ),
        (lambda: addInputLayer(skip_network(), featureInputLayer(2)), "has no open input"),
        (lambda: addInputLayer(skip_network(), reluLayer()), "expected an input layer"),
        (
            lambda: addInputLayer(
                dlnetwork(layers()[1:], Initialize=False), featureInputLayer(3), "x"
            ),
            'no open input "x"',
        ),
        (lambda: layerGraph(3), "expected a list of layers"),
    ],
)
def test_wrong_calls_are_answered(call, words):
    with pytest.raises(OptionError, match=words):
        call()
