"""Cloning a part of a network: one claim per point of CNTK's CloneFunction, and its use cases."""

import contextlib

import jax
import numpy as np
import pytest

from dltk import (
    Layer,
    OptionError,
    StateError,
    adamupdate,
    additionLayer,
    addLayers,
    batchNormalizationLayer,
    cloneFunction,
    connectLayers,
    convolution2dLayer,
    crossentropy,
    debug,
    dlaccelerate,
    dlarray,
    dlfeval,
    dlgradient,
    dlnetwork,
    dlupdate,
    double,
    dropoutLayer,
    extractdata,
    featureInputLayer,
    forward,
    fullyConnectedLayer,
    functionLayer,
    imageInputLayer,
    initialize,
    log,
    lstmLayer,
    maxPooling2dLayer,
    networkLayer,
    predict,
    reluLayer,
    removeLayers,
    resetState,
    sequenceInputLayer,
    sgdmupdate,
    softmax,
    softmaxLayer,
    struct,
    tanhLayer,
)
from dltk import max as largest
from dltk import sum as total
from dltk.autodiff import programs


def mlp(*, norm=False):
    """input(4) -> fc1(3) -> [bn] -> act -> fc2(2)."""
    return dlnetwork(
        [
            featureInputLayer(4, Name="input"),
            fullyConnectedLayer(3, Name="fc1"),
            *([batchNormalizationLayer(Name="bn")] if norm else []),
            tanhLayer(Name="act"),
            fullyConnectedLayer(2, Name="fc2"),
        ]
    )


def data(channels=4, n=5, seed=0):
    values = np.random.RandomState(seed).randn(channels, n)
    return dlarray(values.astype(np.float32), "CB")


def value(net, layer, parameter):
    """A parameter as NumPy has it."""
    return np.asarray(extractdata(net.Learnables[layer, parameter]))


def by_hand(net, X, start="input"):
    """fc2(tanh(fc1(X))) or, from "fc1" on, fc2(tanh(X)), in NumPy."""
    h = np.asarray(extractdata(X))
    if start == "input":
        h = value(net, "fc1", "Weights") @ h + value(net, "fc1", "Bias")
    return value(net, "fc2", "Weights") @ np.tanh(h) + value(net, "fc2", "Bias")


def assert_close(a, b, tolerance=1e-6):
    a, b = (np.asarray(extractdata(x)) if isinstance(x, dlarray) else np.asarray(x) for x in (a, b))
    np.testing.assert_allclose(a, b, rtol=tolerance, atol=tolerance)


def assert_same_bits(a, b):
    """Two tables hold the very same numbers."""
    assert a.names == b.names
    for x, y in zip(a.Value, b.Value, strict=True):
        np.testing.assert_array_equal(np.asarray(extractdata(x)), np.asarray(extractdata(y)))


def squares(net, *X):
    """Sum of the squares of all outputs, gradients of the learnables, new state."""
    *Y, state = forward(net, *X, nargout=len(net.OutputNames) + 1)
    loss = sum((total(y**2, "all") for y in Y[1:]), total(Y[0] ** 2, "all"))
    return loss, dlgradient(loss, net.Learnables), state


def trained(net, *X, steps=3):
    """The network after some steps of Adam."""
    mean, mean_square = [], []
    for iteration in range(1, steps + 1):
        _, gradients, net.State = dlfeval(squares, net, *X)
        net, mean, mean_square = adamupdate(net, gradients, mean, mean_square, iteration, 0.05)
    return net


# 1 and 2: input and output nodes


def test_the_argument_takes_the_place_of_the_input_node():
    net, H = mlp(), data(3)
    clone = cloneFunction(net, "fc1", "fc2")()
    assert clone.InputNames == ["fc1"]
    assert_close(predict(clone, H), by_hand(net, H, "fc1"))


def test_an_input_layer_stands_for_the_data_fed_to_it_so_normalization_is_cloned():
    layers = [
        featureInputLayer(4, Normalization="zerocenter", Mean=[1, 2, 3, 4], Name="input"),
        fullyConnectedLayer(2, Name="fc"),
    ]
    net, X = dlnetwork(layers), data()
    centered = np.asarray(extractdata(X)) - [[1], [2], [3], [4]]
    expected = value(net, "fc", "Weights") @ centered
    assert_close(predict(cloneFunction(net, "input", "fc")(), X), expected, 1e-5)
    after = value(net, "fc", "Weights") @ np.asarray(extractdata(X))
    assert_close(predict(cloneFunction(net, "input/out", "fc")(), X), after, 1e-5)


def test_several_input_nodes_may_stand_in_nested_lists_and_give_the_order_of_the_arguments():
    net = two_inputs()
    A, B = data(3, seed=1), data(3, seed=2)
    clone = cloneFunction(net, [["right"], "left"], "minus")()
    assert clone.InputNames == ["right", "left"]
    assert_close(predict(clone, A, B), np.asarray(extractdata(B)) - np.asarray(extractdata(A)))


def two_inputs():
    """left and right, 3 channels each -> minus = left - right."""
    layers = [featureInputLayer(3, Name="left"), functionLayer(lambda a, b: a - b, Name="minus")]
    net = addLayers(dlnetwork(layers, Initialize=False), featureInputLayer(3, Name="right"))
    return initialize(connectLayers(net, "right", "minus/in2"))


def test_one_input_node_may_feed_several_layers():
    net = skip_network()
    clone = cloneFunction(net, "fc1", "add")()
    H = data(3)
    h = np.asarray(extractdata(H))
    expected = h + value(net, "fc2", "Weights") @ np.tanh(h) + value(net, "fc2", "Bias")
    assert clone.InputNames == ["fc1"]
    assert_close(predict(clone, H), expected)


def skip_network():
    """input -> fc1 -> tanh -> fc2 -> add, with fc1 -> add too."""
    layers = [
        featureInputLayer(4, Name="input"),
        fullyConnectedLayer(3, Name="fc1"),
        tanhLayer(Name="act"),
        fullyConnectedLayer(3, Name="fc2"),
        additionLayer(2, Name="add"),
    ]
    return dlnetwork(layers, Connections=[("fc1", "add/in2")])


def test_an_input_node_that_is_an_output_is_the_argument_itself():
    net, H = mlp(), data(3)
    clone = cloneFunction(net, "fc1", ["fc1", "act"])()
    same, after = predict(clone, H, nargout=2)
    assert_close(same, H)
    assert_close(after, np.tanh(np.asarray(extractdata(H))))
    larger, names = cloneFunction(net, "fc1", ["fc1", "act"])(net, "fc1")
    assert names == ("fc1", "clone.act")
    assert larger.OutputNames == ["fc2", "clone.act"]


def test_a_record_of_output_nodes_gives_a_record_with_these_names():
    net = mlp()
    f = cloneFunction(net, "input", {"z": "fc2", "h": "act"})
    clone = f()
    assert clone.OutputNames == ["z", "h"]
    assert_close(predict(clone, data(), Outputs="z"), by_hand(net, data()))
    _, nodes = f(net, "input", Name="c")
    assert nodes == struct(z="c.fc2", h="c.act")
    single = cloneFunction(net, "input", struct(z="fc2"))
    assert single(net, "input")[1] == struct(z="clone.fc2")
    with pytest.raises(OptionError, match='cannot be called "fc1"'):
        cloneFunction(net, "input", {"fc1": "fc2"})()


def test_no_output_node_is_refused():
    with pytest.raises(OptionError, match="outputNodes names no node"):
        cloneFunction(mlp(), "input", {})
    with pytest.raises(OptionError, match='"fc1/Weights" is no output of a layer'):
        cloneFunction(mlp(), "input", "fc1/Weights")


# 3: the three treatments of parameters


def test_any_other_word_for_parameters_is_refused():
    with pytest.raises(OptionError, match='Use one of: "learnable", "constant", "shared"'):
        cloneFunction(mlp(), "input", "fc2", "frozen")


def test_learnable_clones_train_by_themselves():
    net, X = mlp(norm=True), data()
    before, state = net.Learnables, net.State
    f = cloneFunction(net, "input", "fc2")
    one, two = f(), f()
    one = trained(one, X)
    assert np.abs(value(one, "fc1", "Weights") - value(two, "fc1", "Weights")).max() > 0.01
    assert_same_bits(two.Learnables, before)
    assert_same_bits(net.Learnables, before)
    assert_same_bits(net.State, state)


def test_training_the_source_leaves_learnable_and_constant_clones():
    net, X = mlp(), data()
    clones = [cloneFunction(net, "input", "fc2", mode)() for mode in ("learnable", "constant")]
    expected = by_hand(net, X)
    trained(net, X)
    for clone in clones:
        assert_close(predict(clone, X), expected)


def test_a_cut_in_the_middle_leaves_out_the_layers_above():
    clone = cloneFunction(mlp(), "fc1", "fc2")()
    assert [layer.Name for layer in clone.Layers] == ["fc1", "act", "fc2"]
    assert set(clone.Learnables.Layer) == {"fc2"}


# 4: shared


def twin(net, mode="shared"):
    """fc1..fc2 once more, on a second input."""
    net = addLayers(net, featureInputLayer(4, Name="second"))
    return cloneFunction(net, "input", "fc2", mode)(net, "second", Name="twin")


def test_shared_clones_have_one_row_for_each_parameter():
    net, node = twin(mlp(norm=True))
    assert node == "twin.fc2"
    assert net.InputNames == ["input", "second"]
    assert net.OutputNames == ["fc2", "twin.fc2"]
    assert net.Learnables.names == mlp(norm=True).Learnables.names
    assert net.State.names == mlp(norm=True).State.names


@pytest.mark.parametrize("eager", [False, True])
def test_gradients_of_all_uses_add_up(eager):
    net, A, B = mlp(), data(seed=1), data(seed=2)
    larger, _ = twin(net)
    with debug.eager() if eager else contextlib.nullcontext():
        _, both, _ = dlfeval(squares, larger, A, B)
    _, left, _ = dlfeval(squares, net, A)
    _, right, _ = dlfeval(squares, net, B)
    for row in left.names:
        assert_close(both[row], left[row] + right[row], 1e-4)


def test_the_gradient_of_a_shared_parameter_is_the_numerical_one():
    net = dlupdate(double, twin(mlp())[0])
    A, B = (dlarray(np.random.RandomState(s).randn(4, 5), "CB") for s in (1, 2))
    _, gradients, _ = dlfeval(squares, net, A, B)
    row, step, slope = ("fc1", "Weights"), 1e-6, np.zeros((3, 4))
    start = np.asarray(extractdata(net.Learnables[row]))
    for place in np.ndindex(3, 4):
        losses = []
        for sign in (1, -1):
            moved = start.copy()
            moved[place] += sign * step
            net.Learnables[row] = dlarray(moved)
            losses.append(dlfeval(squares, net, A, B)[0].item())
        slope[place] = (losses[0] - losses[1]) / (2 * step)
    assert_close(gradients[row], slope, 1e-6)


def test_training_through_one_clone_moves_the_original_and_all_clones():
    net, X = twin(mlp())[0], data()
    net, third = cloneFunction(net, "fc1", "fc2", "shared")(net, "twin.fc1", Name="third")
    start = value(net, "fc2", "Weights")

    def through_third(net, X):
        loss = total(forward(net, X, X, Outputs=third) ** 2, "all")
        return loss, dlgradient(loss, net.Learnables)

    _, gradients = dlfeval(through_third, net, X)
    net, _ = sgdmupdate(net, gradients, [], 0.1)
    assert np.abs(value(net, "fc2", "Weights") - start).max() > 0.001
    outputs = predict(net, X, X, Outputs=["fc2", "twin.fc2", "third.fc2"], nargout=3)
    for Y in outputs:
        assert_close(Y, by_hand(net, X))


def test_shared_statistics_move_with_every_use_one_after_the_other():
    net, A, B = mlp(norm=True), data(seed=1), data(seed=2)
    larger, _ = twin(net)
    *_, state = forward(larger, A, B, nargout=3)
    mean = np.zeros((3, 1))
    for X in (A, B):
        h = value(net, "fc1", "Weights") @ np.asarray(extractdata(X)) + value(net, "fc1", "Bias")
        mean = 0.1 * h.mean(1, keepdims=True) + 0.9 * mean
    assert_close(state["bn", "TrainedMean"], mean)


def test_a_shared_clone_that_loses_its_original_keeps_the_parameters():
    net = trained(twin(mlp())[0], data(seed=1), data(seed=2))
    expected = by_hand(net, data())
    rest = removeLayers(net, ["input", "fc1", "act", "fc2"])
    assert rest.Learnables.names[0] == ("twin.fc1", "Weights")
    assert_close(predict(rest, data()), expected)


def test_shared_parameters_cannot_be_divided_between_two_networks():
    net = twin(mlp())[0]
    original = [layer for layer in net.Layers if layer.Name in ("fc1", "act")]
    inner = networkLayer(original, Name="inner")
    twins = [layer for layer in net.Layers if layer.Name.startswith("twin.")]
    with pytest.raises(OptionError, match="must lie in one network") as caught:
        dlnetwork([featureInputLayer(4), inner, *twins[1:]], Initialize=False)
    assert caught.value.got == {'also in "inner"': "twin.fc1/Weights, twin.fc1/Bias"}


def test_a_shared_clone_needs_the_network_of_the_original():
    f = cloneFunction(mlp(), "input", "fc2", "shared")
    other = dlnetwork([featureInputLayer(4, Name="input"), fullyConnectedLayer(3, Name="fc1")])
    with pytest.raises(OptionError, match="does not hold the original") as caught:
        f(other, "input")
    assert caught.value.got["layers that it lacks, or that are others"] == "act, fc2"
    with pytest.raises(OptionError, match="lives in the network that holds the original"):
        f()


def test_a_shared_clone_is_a_function_of_data_and_network_in_functions_of_the_users():
    net, A, B = mlp(norm=True), data(seed=1), data(seed=2)
    tower = cloneFunction(net, "input", {"z": "fc2"}, "shared")

    def both(net, A, B):
        left, net.State = tower.forward(net, A, nargout=2)
        right, net.State = tower.forward(net, B, nargout=2)
        loss = total(left.z**2, "all") + total(right.z**2, "all")
        return loss, dlgradient(loss, net.Learnables), net.State

    larger, _ = twin(net)
    for mine, theirs in zip(dlfeval(both, net, A, B), dlfeval(squares, larger, A, B), strict=True):
        leaves = (mine,), (theirs,)
        if not isinstance(mine, dlarray):
            assert mine.names == theirs.names
            leaves = mine.Value, theirs.Value
        for a, b in zip(*leaves, strict=True):
            assert_close(a, b, 1e-5)
    assert_close(tower.predict(net, A).z, predict(net, A))


def test_the_second_step_through_a_shared_clone_compiles_nothing():
    net, X = twin(mlp())[0], data()
    tower = cloneFunction(net, "input", "fc2", "shared")

    def step(net, X):
        loss = total(tower.forward(net, X) ** 2, "all")
        return dlgradient(loss, net.Learnables)

    traces = []
    for _ in range(4):
        traces.append(programs.traces)
        net, _ = sgdmupdate(net, dlfeval(step, net, X), [], 0.1)
    assert traces[1:] == [traces[0] + 1] * 3


# 5: constant


def test_constant_clones_have_no_learnables_and_never_move():
    net, X = mlp(norm=True), data()
    clone = cloneFunction(net, "input", "fc2", "constant")()
    assert len(clone.Learnables) == 0
    assert len(clone.State) == len(net.Learnables) + len(net.State)
    Y, state = forward(clone, X, nargout=2)
    assert_close(Y, predict(net, X))
    assert_same_bits(state, clone.State)


def test_gradients_pass_through_a_constant_clone_to_its_argument():
    net, X = mlp(), data()
    frozen = cloneFunction(net, "input", "fc2", "constant")()

    def slope(net, X):
        return dlgradient(total(forward(net, X) ** 2, "all"), X)

    assert np.abs(np.asarray(extractdata(dlfeval(slope, frozen, X)))).min() > 0
    assert_close(dlfeval(slope, frozen, X), dlfeval(slope, net, X))


def test_dropout_of_a_constant_clone_is_off():
    layers = [featureInputLayer(4, Name="input"), dropoutLayer(0.5, Name="drop")]
    clone = cloneFunction(dlnetwork(layers), "input", "drop", "constant")()
    assert_close(forward(clone, data()), data())


def test_a_learnable_clone_of_a_constant_clone_trains_again():
    frozen = cloneFunction(mlp(norm=True), "input", "fc2", "constant")()
    assert (
        cloneFunction(frozen, "input", "fc2")().Learnables.names == mlp(norm=True).Learnables.names
    )


def test_a_constant_clone_needs_values():
    net = dlnetwork([fullyConnectedLayer(3, Name="fc")], Initialize=False)
    with pytest.raises(StateError, match="needs a network with values") as caught:
        cloneFunction(net, "fc/in", "fc", "constant")()
    assert caught.value.got["parameters without value"] == "fc/Weights, fc/Bias"


# 6: the larger network may be another one, or the one that is cloned


@pytest.mark.parametrize("mode", ["learnable", "constant"])
def test_a_clone_fits_into_another_network(mode):
    source, X = mlp(), data()
    larger = dlnetwork([featureInputLayer(4, Name="x"), fullyConnectedLayer(3, Name="fc1")])
    larger, node = cloneFunction(source, "fc1", "fc2", mode)(larger, "fc1", Name="top")
    h = value(larger, "fc1", "Weights") @ np.asarray(extractdata(X)) + value(larger, "fc1", "Bias")
    assert node == "top.fc2"
    assert_close(predict(larger, X), by_hand(source, dlarray(h, "CB"), "fc1"))
    assert ("top.fc2" in larger.Learnables.Layer) == (mode == "learnable")


def test_a_clone_may_follow_its_original():
    layers = [featureInputLayer(3, Name="input"), fullyConnectedLayer(3, Name="fc")]
    net, X = dlnetwork(layers), data(3)
    net, node = cloneFunction(net, "input", "fc", "shared")(net, "fc")
    W, b = value(net, "fc", "Weights"), value(net, "fc", "Bias")
    assert net.OutputNames == [node]
    assert_close(predict(net, X), W @ (W @ np.asarray(extractdata(X)) + b) + b)


def test_each_call_without_name_gets_a_name_of_its_own():
    net = mlp()
    f = cloneFunction(net, "fc1", "fc2")
    net, first = f(net, "fc1")
    net, second = f(net, "fc1")
    assert (first, second) == ("clone.fc2", "clone_1.fc2")
    with pytest.raises(OptionError, match="already"):
        f(net, "fc1", Name="clone_1")
    with pytest.raises(OptionError, match="text without /"):
        f(net, "fc1", Name="a/b")


# 7: the section is defined by its cut


def test_every_crossing_into_the_section_must_be_listed():
    with pytest.raises(OptionError, match="inputNodes does not list") as caught:
        cloneFunction(skip_network(), "act", "add")
    assert caught.value.got["missing"] == '"fc1" (into "add")'
    with pytest.raises(OptionError) as caught:
        cloneFunction(two_inputs(), "left", "minus")
    assert caught.value.got["missing"] == '"right" (into "minus")'
    with pytest.raises(OptionError) as caught:
        cloneFunction(mlp(), "fc2/Weights", "fc2")
    assert caught.value.got["missing"] == '"act" (into "fc2")'
    with pytest.raises(OptionError) as caught:
        cloneFunction(skip_network(), "act", ["fc2", "fc1"])
    assert caught.value.got["missing"] == '"fc1" (into "the outputs")'


def test_an_input_node_without_effect_is_refused():
    with pytest.raises(OptionError, match='no output depends on the input node "fc2"'):
        cloneFunction(mlp(), ["input", "fc2"], "act")
    with pytest.raises(OptionError, match='no output depends on the input node "input"'):
        cloneFunction(mlp(), ["input", "fc1"], "fc2")
    with pytest.raises(OptionError, match='no output depends on the input node "fc1/Weights"'):
        cloneFunction(mlp(), ["fc1", "fc1/Weights"], "fc2")


def test_an_input_node_that_depends_on_the_section_is_refused():
    with pytest.raises(OptionError, match='"fc2" depends on "act", which lies inside'):
        cloneFunction(skip_network(), ["fc1", "fc2"], ["act", "add"])


def test_an_input_node_must_be_there_and_stand_once():
    with pytest.raises(OptionError, match=r'no node "fc3".*\n.*Did you mean "fc'):
        cloneFunction(mlp(), "fc3", "fc2")
    with pytest.raises(OptionError, match="at least one node, and none twice"):
        cloneFunction(mlp(), ["input", "input/in"], "fc2")
    with pytest.raises(OptionError, match="at least one node"):
        cloneFunction(mlp(), [], "fc2")
    with pytest.raises(OptionError, match="a node is given by its name, not by 3"):
        cloneFunction(mlp(), 3, "fc2")
    with pytest.raises(OptionError, match="must be a dlnetwork, not a list"):
        cloneFunction([], "input", "fc2")


# 8: as many arguments as input nodes


def test_the_function_takes_one_argument_per_input_node():
    net = two_inputs()
    f = cloneFunction(net, ["left", "right"], "minus")
    with pytest.raises(OptionError, match="one argument per input node, 2; 1 given") as caught:
        f(net, "left")
    assert caught.value.got["inputNodes"] == '"left", "right"'
    with pytest.raises(OptionError, match="2; 3 given"):
        f(None, None, None)
    with pytest.raises(OptionError, match='the argument for "left" is None'):
        f(data(3), data(3))
    with pytest.raises(OptionError, match="must be the name of a node of the larger network"):
        f(net, data(3), data(3))
    with pytest.raises(OptionError, match='is for parameters="shared"'):
        f.forward(net, data(3), data(3))


# 9: parameters among the input nodes


def test_a_parameter_as_input_node_is_replaced_and_may_have_another_size():
    net, H = mlp(), data(3)
    W, b = np.arange(15, dtype=np.float32).reshape(5, 3), np.ones((5, 1), np.float32)
    f = cloneFunction(net, ["act", "fc2/Weights", "fc2/Bias"], "fc2", "constant")
    clone = f(None, W, b)
    assert clone.Learnables.names == (("fc2", "Weights"), ("fc2", "Bias"))
    assert_close(predict(clone, H), W @ np.asarray(extractdata(H)) + 1)
    assert clone.Layers[-1].OutputSize == 5
    larger, node = f(net, "act", W, b, Name="wide")
    larger = initialize(larger)  # sizes are consistent: what is there stays
    assert predict(larger, data(), Outputs=node).shape == (5, 5)
    assert larger.Learnables["wide.fc2", "Bias"].shape == (5, 1)


def test_the_filters_of_a_convolution_may_be_others():
    layers = [
        imageInputLayer([6, 6, 1], Normalization="none", Name="x"),
        convolution2dLayer(3, 4, Name="conv"),
    ]
    net = dlnetwork(layers)
    f = cloneFunction(net, ["x", "conv/Weights", "conv/Bias"], "conv")
    clone = f(None, np.ones((5, 5, 1, 2), np.float32), np.zeros((1, 1, 2), np.float32))
    Y = predict(initialize(clone), dlarray(np.ones((6, 6, 1, 1), np.float32), "SSCB"))
    assert Y.shape == (2, 2, 2, 1)
    assert_close(Y, np.full((2, 2, 2, 1), 25.0))


def test_none_stands_for_a_parameter_to_be_drawn_anew():
    net = mlp()
    clone = cloneFunction(net, ["input", "fc2/Weights"], "fc2")(None, None)
    assert not clone.Initialized
    clone = initialize(clone)
    assert np.abs(value(clone, "fc2", "Weights") - value(net, "fc2", "Weights")).min() > 0
    assert_close(value(clone, "fc1", "Weights"), value(net, "fc1", "Weights"))


def test_a_parameter_given_to_a_shared_function_is_the_one_that_trains():
    net, H = mlp(), data(3)
    f = cloneFunction(net, ["fc1", "fc2/Weights"], "fc2", "shared")

    def slope(net, W, H):
        loss = total(f.forward(net, H, W), "all")
        return dlgradient(loss, W, net.Learnables)

    gradient, others = dlfeval(slope, net, dlarray(np.zeros((2, 3), np.float32)), H)
    h = np.tanh(np.asarray(extractdata(H))).sum(1)
    assert_close(gradient, np.stack([h, h]), 1e-5)
    assert_close(others["fc2", "Weights"], np.zeros((2, 3)))
    assert_close(others["fc2", "Bias"], np.full((2, 1), 5.0))


def test_a_parameter_takes_a_value_not_a_name():
    f = cloneFunction(mlp(), ["act", "fc2/Weights"], "fc2")
    with pytest.raises(OptionError, match='the parameter "fc2/Weights" must be its value'):
        f(None, "fc1")


# 10: names


def test_dots_and_brackets_in_names_may_be_written_as_underscores():
    layers = [
        featureInputLayer(4, Name="in.put"),
        fullyConnectedLayer(3, Name="layers[3]"),
        tanhLayer(Name="result.z"),
    ]
    net = dlnetwork(layers)
    for names in (("in.put", "result.z"), ("in_put", "result_z")):
        assert_close(predict(cloneFunction(net, *names)(), data()), predict(net, data()))
    for name in ("layers[3]/Weights", "layers_3_/Weights", "layers_3__Weights"):
        clone = cloneFunction(net, ["in.put", name], "result_z")(None, np.zeros((3, 4)))
        assert_close(value(clone, "layers[3]", "Weights"), np.zeros((3, 4)))


def test_a_name_that_may_be_two_nodes_is_refused_the_exact_one_wins():
    start = [featureInputLayer(4, Name="input")]
    net = dlnetwork([*start, tanhLayer(Name="a.b"), reluLayer(Name="a[b")])
    with pytest.raises(OptionError, match='"a_b" may be several nodes') as caught:
        cloneFunction(net, "input", "a_b")
    assert caught.value.got["nodes"] == '"a.b", "a[b"'
    net = dlnetwork([*start, tanhLayer(Name="a.b"), reluLayer(Name="a_b")])
    assert cloneFunction(net, "input", "a_b")().OutputNames == ["a_b"]


# 11: the call copies


def test_values_are_copied_at_the_call_and_the_source_stays():
    net = mlp()
    f = cloneFunction(net, "input", "fc2")
    early = f()
    before = net.Learnables
    net.Learnables = dlupdate(lambda p: 2 * p, net).Learnables
    late = f()
    assert_same_bits(early.Learnables, before)
    assert_same_bits(late.Learnables, net.Learnables)
    assert net.OutputNames == ["fc2"]


def test_a_function_is_a_tree_and_may_be_an_argument_of_dlfeval():
    net, X = mlp(), data()
    f = cloneFunction(net, "input", "fc2", "constant")
    assert repr(f) == "cloneFunction(net, ['input'], ['fc2'], \"constant\")"
    leaves, structure = jax.tree.flatten(f)
    assert_close(predict(jax.tree.unflatten(structure, leaves)(), X), by_hand(net, X))
    assert_close(dlfeval(lambda f, X: forward(f(), X), f, X), by_hand(net, X))


def test_what_a_captured_function_refers_to_may_change():
    net, X = mlp(), data()
    f = cloneFunction(net, "input", "fc2", "constant")

    def model(X):
        return forward(f(), X)

    assert_close(dlfeval(model, X), by_hand(net, X))
    net.Learnables = dlupdate(lambda p: 2 * p, net).Learnables
    assert_close(dlfeval(model, X), by_hand(net, X))


# 12: recurrent sections


@pytest.mark.parametrize("mode", ["learnable", "constant", "shared"])
def test_recurrent_sections_work_and_each_clone_has_its_own_hidden_state(mode):
    layers = [
        sequenceInputLayer(2, Name="input"),
        lstmLayer(3, Name="lstm"),
        fullyConnectedLayer(2, Name="fc"),
    ]
    source = dlnetwork(layers)
    net = addLayers(source, sequenceInputLayer(2, Name="second"))
    net, node = cloneFunction(net, "input", "fc", mode)(net, "second", Name="twin")
    A, B = (
        dlarray(np.random.RandomState(s).randn(2, 4, 5).astype(np.float32), "CBT") for s in (1, 2)
    )
    Y, Z, state = predict(net, A, B, Outputs=["fc", node], nargout=3)
    for X, out, name in ((A, Y, "lstm"), (B, Z, "twin.lstm")):
        expected, alone = predict(source, X, nargout=2)
        assert_close(out, expected)
        assert_close(state[name, "HiddenState"], alone["lstm", "HiddenState"])
    net.State = state
    assert_close(resetState(net).State["twin.lstm", "CellState"], np.zeros((3, 1)))
    rows = {"learnable": 10, "constant": 5, "shared": 5}
    assert len(net.Learnables) == rows[mode]


# 13 to 15: the three examples of the documentation


def test_example_1_log_probabilities_of_new_features():
    layers = [
        featureInputLayer(4, Name="features"),
        fullyConnectedLayer(3, Name="z"),
        softmaxLayer(Name="P"),
        functionLayer(log, Formattable=True, Name="logP"),
    ]
    net, new = dlnetwork(layers), data(seed=7)
    z = value(net, "z", "Weights") @ np.asarray(extractdata(new)) + value(net, "z", "Bias")
    expected = z - np.log(np.exp(z).sum(0))
    assert_close(predict(cloneFunction(net, "features", "logP")(), new), expected, 1e-5)


def criteria():
    """features and labels -> ce = cross-entropy with softmax, errs = error rate."""

    def ce(labels, z):
        return crossentropy(softmax(z), labels)

    def errs(labels, z):
        hit = total(labels * (z == largest(z, [], 1)), 1)
        return 1 - total(hit, "all") / z.shape[1]

    net = dlnetwork(
        [featureInputLayer(4, Name="features"), fullyConnectedLayer(3, Name="z")], Initialize=False
    )
    net = addLayers(net, featureInputLayer(3, Name="labels"))
    for name, function in (("ce", ce), ("errs", errs)):
        net = addLayers(net, functionLayer(function, Formattable=True, Name=name))
        net = connectLayers(net, "labels", f"{name}/in1")
        net = connectLayers(net, "z", f"{name}/in2")
    return initialize(net)


def test_example_2_criterion_and_error_of_a_record():
    net, X = criteria(), data(n=6)
    labels = np.eye(3, dtype=np.float32)[:, [0, 1, 2, 0, 1, 2]]
    f = cloneFunction(net, ["features", "labels"], struct(ce="ce", errs="errs"))
    clone = f()
    ce, errs = predict(clone, X, dlarray(labels, "CB"), nargout=2)
    z = value(net, "z", "Weights") @ np.asarray(extractdata(X)) + value(net, "z", "Bias")
    logP = z - np.log(np.exp(z).sum(0))
    assert_close(ce, -(labels * logP).sum() / 6, 1e-5)
    assert_close(errs, np.mean(z.argmax(0) != labels.argmax(0)))


def test_example_3_adaptation_leaves_the_reference_bit_for_bit():
    source, X = mlp(norm=True), data()
    T = dlarray(np.eye(2, dtype=np.float32)[:, [0, 1, 0, 1, 1]], "CB")
    adapted = cloneFunction(source, "input", "fc2")()
    reference = cloneFunction(source, "input", "fc2", "constant")()
    outputs = np.asarray(extractdata(predict(source, X)))
    learned, states, kept = source.Learnables, source.State, reference.State

    def loss(adapted, reference, X, T, refWeight=0.9):
        z, state = forward(adapted, X, nargout=2)
        zRef, fixed = forward(reference, X, nargout=2)
        targets = (1 - refWeight) * T + refWeight * softmax(zRef)
        value = crossentropy(softmax(z), targets)
        return value, dlgradient(value, adapted.Learnables), state, fixed

    mean, mean_square = [], []
    for iteration in range(1, 6):
        _, gradients, adapted.State, reference.State = dlfeval(loss, adapted, reference, X, T)
        adapted, mean, mean_square = adamupdate(
            adapted, gradients, mean, mean_square, iteration, 0.05
        )
    assert_same_bits(source.Learnables, learned)
    assert_same_bits(source.State, states)
    assert_same_bits(reference.State, kept)
    for net in (source, reference):
        np.testing.assert_array_equal(np.asarray(extractdata(predict(net, X))), outputs)
    assert np.abs(value(adapted, "fc2", "Weights") - value(source, "fc2", "Weights")).min() > 0.01


# 16: further uses


def test_a_linear_transform_trains_in_front_of_a_frozen_network():
    source, X = mlp(norm=True), data()
    net = dlnetwork([featureInputLayer(4, Name="features"), fullyConnectedLayer(4, Name="T")])
    net, _ = cloneFunction(source, "input", "fc2", "constant")(net, "T", Name="frozen")
    before = net.State
    start = value(net, "T", "Weights")
    net = trained(net, X)
    assert set(net.Learnables.Layer) == {"T"}
    assert_same_bits(net.State, before)
    assert np.abs(value(net, "T", "Weights") - start).min() > 0.01


def test_a_clone_may_be_a_layer():
    features = cloneFunction(mlp(norm=True), "input", "act", "constant")()
    net = dlnetwork(
        [
            featureInputLayer(4),
            networkLayer(features, Name="features"),
            fullyConnectedLayer(2, Name="fc"),
        ]
    )
    before = net.State
    net = trained(net, data())
    assert set(net.Learnables.Layer) == {"fc"}
    assert_same_bits(net.State, before)


def test_networks_within_layers_are_cloned_whole():
    block = networkLayer(
        [fullyConnectedLayer(3, Name="fc"), batchNormalizationLayer(Name="bn")], Name="block"
    )
    net = dlnetwork([featureInputLayer(4, Name="input"), block])
    rows = net.Learnables.names
    shared, _ = cloneFunction(net, "input", "block", "shared")(net, "input", Name="twin")
    assert (shared.Learnables.names, shared.State.names) == (rows, net.State.names)
    _, _, state = forward(shared, data(), nargout=3)
    h = value(net, "block/fc", "Weights") @ np.asarray(extractdata(data()))
    assert_close(state["block/bn", "TrainedMean"], 0.19 * h.mean(1, keepdims=True), 1e-5)
    constant = cloneFunction(net, "input", "block", "constant")()
    Y, state = forward(constant, data(), nargout=2)
    assert len(constant.Learnables) == 0
    assert_same_bits(state, constant.State)
    assert_close(Y, predict(net, data()))


def test_a_parameter_that_the_section_uses_twice_is_copied_once():
    layers = [featureInputLayer(3, Name="input"), fullyConnectedLayer(3, Name="fc")]
    net = dlnetwork(layers)
    net, node = cloneFunction(net, "input", "fc", "shared")(net, "fc", Name="again")
    for mode, count in (("learnable", 2), ("constant", 0)):
        clone = cloneFunction(net, "input", node, mode)()
        assert len(clone.Learnables) == count
        assert len(clone.Learnables) + len(clone.State) == 2
        assert_close(predict(clone, data(3)), predict(net, data(3)))
    two, _ = cloneFunction(net, "input", node)(net, node, Name="copy")
    assert two.Learnables.names == tuple(
        (layer, name) for layer in ("fc", "copy.fc") for name in ("Weights", "Bias")
    )


def test_several_outputs_of_one_layer_are_nodes_of_their_own():
    pool = maxPooling2dLayer(2, Stride=2, HasUnpoolingOutputs=True, Name="pool")
    net = dlnetwork([imageInputLayer([4, 4, 1], Normalization="none", Name="x"), pool])
    f = cloneFunction(net, "x", {"index": "pool/indices", "Y": "pool/out"})
    X = dlarray(np.arange(16, dtype=np.float32).reshape(4, 4, 1, 1), "SSCB")
    values = predict(f(), X, Outputs="Y")
    assert_close(np.asarray(extractdata(values)).squeeze(), [[5, 7], [13, 15]])
    assert f(net, "x")[1] == struct(index="clone.pool/indices", Y="clone.pool/out")


class scaleLayer(Layer):
    learnables = ("Scale",)

    def initialize(self, layout):
        if self.Scale is None:
            self.Scale = np.float32(3)
        return self

    def predict(self, X):
        return self.Scale * X


def test_layers_of_the_users_own_are_cloned():
    net = dlnetwork([featureInputLayer(4, Name="input"), scaleLayer(Name="scale")])
    net, _ = cloneFunction(net, "input", "scale", "shared")(net, "scale")
    assert_close(predict(net, data()), 9 * np.asarray(extractdata(data())), 1e-5)
    assert len(net.Learnables) == 1
    _, gradients, _ = dlfeval(squares, net, data())
    expected = 4 * 3**3 * (np.asarray(extractdata(data())) ** 2).sum()
    assert_close(gradients["scale", "Scale"].item(), expected, 1e-4)
    frozen = cloneFunction(net, "input", "clone.scale", "constant")()
    assert len(frozen.Learnables) == 0


def test_a_whole_training_step_with_shared_clones_may_be_accelerated():
    net, X = twin(mlp())[0], data()

    def step(net, X):
        loss, gradients, _ = dlfeval(squares, net, X, X)
        return loss, sgdmupdate(net, gradients, [], 0.1)[0]

    expected = step(net, X)[1]
    _, moved = dlaccelerate(step)(net, X)
    for a, b in zip(moved.Learnables.Value, expected.Learnables.Value, strict=True):
        assert_close(a, b)
