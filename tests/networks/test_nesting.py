"""expandLayers and groupLayers: other graphs that compute, train and share as before."""

import numpy as np
import pytest

from dltk import (
    OptionError,
    additionLayer,
    addLayers,
    batchNormalizationLayer,
    cloneFunction,
    connectLayers,
    dlarray,
    dlfeval,
    dlgradient,
    dlnetwork,
    dlupdate,
    dropoutLayer,
    expandLayers,
    extractdata,
    featureInputLayer,
    forward,
    fullyConnectedLayer,
    getLearnRateFactor,
    groupLayers,
    identityLayer,
    initialize,
    lstmLayer,
    mse,
    networkLayer,
    predict,
    reluLayer,
    replaceLayer,
    resetState,
    sequenceInputLayer,
    setLearnRateFactor,
    sgdmupdate,
    tanhLayer,
)

X = dlarray(np.random.RandomState(0).randn(3, 4).astype(np.float32), "CB")


def inner():
    return [fullyConnectedLayer(3, Name="fc"), batchNormalizationLayer(Name="bn")]


def nested():
    """A skip connection around a block with a block in it; two inputs of the block."""
    add = additionLayer(2, Name="add")
    block = dlnetwork(
        [fullyConnectedLayer(3, Name="fc"), networkLayer(inner(), Name="deep"), add],
        Initialize=False,
    )
    layers = [featureInputLayer(3, Name="in"), networkLayer(block, Name="block"), tanhLayer()]
    return initialize(connectLayers(dlnetwork(layers, Initialize=False), "in", "block/add/in2"))


FLAT = ["in", "block:fc", "block:deep:fc", "block:deep:bn", "block:add", "tanh"]


def names(net):
    return [layer.Name for layer in net.Layers]


def trained(net, steps=2):
    """Values of all learnables and states after some steps, in the order of the rows."""
    count = len(net.OutputNames)

    def gradients(net, X):
        *Y, state = forward(net, X, nargout=count + 1)
        return dlgradient(sum(mse(y, 0 * y) for y in Y), net.Learnables), state

    net, vel = dlupdate(lambda W: W, net), []  # whose state is its own
    for _ in range(steps):
        grad, net.State = dlfeval(gradients, net, X)
        net, vel = sgdmupdate(net, grad, vel, 0.1)
    return [extractdata(v) for t in (net.Learnables, net.State) for v in t.Value]


def assert_same(net, other):
    """Predictions, and what training makes of all values."""
    for a, b in zip(outputs(net), outputs(other), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-6)
    for a, b in zip(trained(net), trained(other), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def outputs(net):
    count = len(net.OutputNames)
    Y = predict(net, *[X] * len(net.InputNames), nargout=count)
    return [extractdata(y) for y in (Y if count > 1 else (Y,))]


def test_expanded_layers_are_named_by_their_path_and_compute_the_same():
    net = nested()
    flat = expandLayers(net)
    assert names(flat) == FLAT
    assert ("in", "block:add/in2") in flat.Connections
    assert ("block:deep:bn", "block:add/in1") in flat.Connections
    assert [(a.replace("/", ":"), b) for a, b in net.Learnables.names] == list(
        flat.Learnables.names
    )
    assert flat.Initialized
    assert_same(net, flat)


def test_grouping_is_the_reverse_of_expanding():
    net = nested()
    again = groupLayers(expandLayers(net))
    assert names(again) == names(net)
    assert again.Connections == net.Connections
    assert again.Learnables.names == net.Learnables.names
    assert_same(net, again)


def test_one_level_only():
    whole = nested()
    net = expandLayers(whole, Recursive=False)
    assert names(net) == ["in", "block:fc", "block:deep", "block:add", "tanh"]
    net = groupLayers(expandLayers(net), Recursive=False)
    assert names(net) == ["in", "block", "tanh"]
    assert names(net.Layers[1].Network) == ["fc", "deep:fc", "deep:bn", "add"]
    assert_same(net, whole)


def test_layers_are_chosen_by_name_or_number_and_the_delimiter_is_free():
    layers = [networkLayer([tanhLayer()], Name=name) for name in ("a", "b", "c")]
    net = dlnetwork([featureInputLayer(3, Name="in"), *layers])
    assert names(expandLayers(net, "b")) == ["in", "a", "b:tanh", "c"]
    net = expandLayers(net, [2, "c"], Delimiter="@")
    assert names(net) == ["in", "a@tanh", "b", "c@tanh"]
    assert names(groupLayers(net)) == names(net)
    assert names(groupLayers(net, Delimiter="@")) == ["in", "a", "b", "c"]


def test_groups_of_ones_own_with_several_inputs_and_outputs():
    net = dlnetwork(
        [
            featureInputLayer(3, Name="in"),
            fullyConnectedLayer(3, Name="a"),
            tanhLayer(Name="b"),
            additionLayer(2, Name="add"),
            reluLayer(Name="c"),
        ],
        Connections=[("in", "add/in2")],
        OutputNames=["c", "b"],
    )
    grouped = groupLayers(net, ["b", "add"], GroupNames="mid")
    assert grouped.Layers[2].InputNames == ["b", "add/in2"]
    assert grouped.Layers[2].OutputNames == ["b", "add"]
    assert grouped.OutputNames == ["c", "mid/b"]
    assert_same(net, grouped)
    assert expandLayers(grouped).OutputNames == ["c", "mid:b"]
    grouped = groupLayers(net, [[2, 3], ["add", "c"]])
    assert names(grouped) == ["in", "subnet_1", "subnet_2"]
    assert grouped.OutputNames == ["subnet_2", "subnet_1"]
    assert_same(net, grouped)
    assert_same(net, expandLayers(grouped))


def test_an_output_within_that_nobody_sees_stays_unseen():
    block = dlnetwork([fullyConnectedLayer(3, Name="a"), tanhLayer()], Initialize=False)
    block = networkLayer(addLayers(block, reluLayer(Name="loose")), OutputNames="tanh", Name="n")
    net = dlnetwork([featureInputLayer(3, Name="in"), block], Initialize=False)
    net = initialize(connectLayers(net, "in", "n/loose"))
    assert expandLayers(net).OutputNames == ["n:tanh"]
    assert_same(net, expandLayers(net))


def test_factors_states_and_first_states_go_along():
    layers = [lstmLayer(2, Name="lstm"), fullyConnectedLayer(3, Name="fc")]
    net = dlnetwork([sequenceInputLayer(3), networkLayer(layers, Name="block")])
    net = setLearnRateFactor(net, "block/fc", "Bias", 0.5)
    S = dlarray(np.ones((3, 2, 4), np.float32), "CBT")
    _, net.State = predict(net, S, nargout=2)
    flat = expandLayers(net)
    assert getLearnRateFactor(flat, "block:fc", "Bias") == 0.5
    assert flat.State["block:lstm", "HiddenState"].shape == (2, 2)
    assert not extractdata(resetState(flat).State["block:lstm", "CellState"]).any()
    again = groupLayers(flat)
    assert getLearnRateFactor(again, "block/fc", "Bias") == 0.5
    for other in (flat, again):
        np.testing.assert_array_equal(*(extractdata(predict(n, S)) for n in (net, other)))


def towers(parameters):
    """A network layer and its clone, whose outputs add up."""
    block = networkLayer([*inner(), dropoutLayer(0.5, Name="drop")], Name="block")
    net = dlnetwork([featureInputLayer(3, Name="in"), fullyConnectedLayer(3, Name="fc"), block])
    clone = cloneFunction(net, "fc", "block", parameters)
    net, node = clone(net, "in", Name="twin")
    net = addLayers(net, additionLayer(2, Name="add"))
    net = connectLayers(connectLayers(net, "block", "add/in1"), node, "add/in2")
    return initialize(net)


def without_chance(net):
    """The same without dropout."""
    for layer in net.Layers:
        if layer.Name.endswith("drop"):
            net = replaceLayer(net, layer.Name, identityLayer(Name=layer.Name))
        elif hasattr(layer, "Network"):
            net = replaceLayer(net, f"{layer.Name}/drop", identityLayer(Name="drop"))
    return net


def test_shared_parameters_stay_shared():
    net = towers("shared")
    flat = expandLayers(net)
    # two network layers with one set of parameters
    assert len(flat.Learnables) == len(net.Learnables) == 6
    again = groupLayers(flat)
    assert again.Learnables.names == net.Learnables.names
    whole = groupLayers(flat, [flat.Layers[i].Name for i in range(2, len(flat.Layers) - 1)])
    assert len(whole.Learnables) == 6
    plain = without_chance(net)
    flat = without_chance(flat)
    assert_same(plain, flat)
    assert_same(plain, groupLayers(flat))
    assert_same(plain, groupLayers(flat, ["block:fc", "block:bn", "block:drop"]))
    assert_same(plain, groupLayers(flat, names(flat)[2:]))


def test_frozen_layers_stay_frozen_without_dropout_too():
    net = towers("constant")
    frozen = [row for row in net.State.names if row[0].startswith("twin")]
    assert ("twin.block/fc", "Weights") in frozen
    flat = expandLayers(net, "twin.block")
    assert ("twin.block:fc", "Weights") in flat.State.names
    again = groupLayers(flat)
    assert ("twin.block/fc", "Weights") in again.State.names
    for other in (flat, again):
        node = "twin.block:drop" if other is flat else "twin.block"
        Y = [extractdata(forward(other, X, Outputs=node)) for _ in range(2)]
        np.testing.assert_array_equal(*Y)
        np.testing.assert_allclose(
            Y[0], extractdata(predict(net, X, Outputs="twin.block")), rtol=1e-6
        )
        assert len(other.Learnables) == len(net.Learnables)


class plusLayer(networkLayer):
    def predict(self, X):
        Y, *states = super().predict(X)
        return (X + Y, *states)


def test_a_layer_class_of_ones_own_is_not_taken_apart():
    net = dlnetwork([featureInputLayer(3, Name="in"), plusLayer([tanhLayer()], Name="own")])
    assert names(expandLayers(net)) == ["in", "own"]
    with pytest.raises(OptionError, match=r'layer "own" \(plusLayer\) is no network layer'):
        expandLayers(net, "own")


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda net: expandLayers(net, "tanh"), r'layer "tanh" \(tanhLayer\) is no network layer'),
        (lambda net: expandLayers(net, "blok"), 'Did you mean "block"'),
        (lambda net: expandLayers(net, 7), "there is no layer 7, the network has 3"),
        (lambda net: groupLayers(net, [["in"], ["in"]]), "in two groups: in"),
        (lambda net: groupLayers(net, [[]]), "groups must have layers"),
        (lambda net: groupLayers(net, ["in", "tanh"]), "leave the group .* come back"),
        (lambda net: groupLayers(net, ["tanh"], GroupNames=["a", "b"]), "2 GroupNames for 1 group"),
        (lambda net: groupLayers(net, ["tanh"], GroupNames="in"), "must be unique"),
    ],
)
def test_wrong_calls_are_answered(call, words):
    with pytest.raises(OptionError, match=words):
        call(nested())
