"""The network: graph, names, values, running, errors."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dltk import (
    FormatError,
    OptionError,
    StateError,
    additionLayer,
    addLayers,
    batchNormalizationLayer,
    connectLayers,
    convolution2dLayer,
    crossentropy,
    debug,
    disconnectLayers,
    dlarray,
    dlfeval,
    dlgradient,
    dlnetwork,
    dlupdate,
    dropoutLayer,
    extractdata,
    featureInputLayer,
    forward,
    fullyConnectedLayer,
    functionLayer,
    getLayer,
    getLearnRateFactor,
    imageInputLayer,
    initialize,
    isequal,
    isequaln,
    lstmLayer,
    networkDataLayout,
    networkLayer,
    predict,
    reluLayer,
    removeLayers,
    resetState,
    rng,
    sequenceInputLayer,
    setLearnRateFactor,
    sgdmupdate,
    softmaxLayer,
    summary,
    tanhLayer,
)
from dltk.autodiff import programs
from dltk.functions._bilinear import convolve
from dltk.functions._form import Form
from dltk.layers import Layer

NAN = float("nan")


def digits_layers(filters=8, stride=2):
    return [
        imageInputLayer([12, 12, 1], Normalization="none"),
        convolution2dLayer(5, filters, Padding="same"),
        batchNormalizationLayer(),
        reluLayer(),
        convolution2dLayer(3, filters, Padding="same", Stride=stride),
        batchNormalizationLayer(),
        reluLayer(),
        fullyConnectedLayer(10),
        softmaxLayer(),
    ]


def batch(n=16, seed=0):
    random = np.random.RandomState(seed)
    X = dlarray(random.rand(12, 12, 1, n).astype(np.float32), "SSCB")
    T = dlarray(np.eye(10, dtype=np.float32)[random.randint(10, size=n)].T, "CB")
    return X, T


def modelLoss(net, X, T):
    Y, state = forward(net, X, nargout=2)
    loss = crossentropy(Y, T)
    return loss, dlgradient(loss, net.Learnables), state


# Graph and names


def test_unnamed_layers_are_named_by_kind_and_numbered_where_there_are_several():
    names = [layer.Name for layer in dlnetwork(digits_layers()).Layers]
    assert names == [
        "imageinput",
        "conv_1",
        "batchnorm_1",
        "relu_1",
        "conv_2",
        "batchnorm_2",
        "relu_2",
        "fc",
        "softmax",
    ]


def test_learnables_and_states_stand_in_layer_order():
    net = dlnetwork(digits_layers())
    rows = [f"{a}/{b}" for a, b in net.Learnables.names]
    assert rows == [
        "conv_1/Weights",
        "conv_1/Bias",
        "batchnorm_1/Offset",
        "batchnorm_1/Scale",
        "conv_2/Weights",
        "conv_2/Bias",
        "batchnorm_2/Offset",
        "batchnorm_2/Scale",
        "fc/Weights",
        "fc/Bias",
    ]
    assert [f"{a}/{b}" for a, b in net.State.names] == [
        "batchnorm_1/TrainedMean",
        "batchnorm_1/TrainedVariance",
        "batchnorm_2/TrainedMean",
        "batchnorm_2/TrainedVariance",
    ]
    assert net.Learnables["conv_2", "Weights"].shape == (3, 3, 8, 8)
    assert net.Learnables["fc", "Weights"].shape == (10, 6 * 6 * 8)


def skip_network():
    layers = [
        featureInputLayer(3, Name="in"),
        fullyConnectedLayer(3, Name="fc"),
        reluLayer(Name="relu"),
        additionLayer(2, Name="add"),
    ]
    return dlnetwork(layers, Connections=[("in", "add/in2")])


def test_connections_name_ports_where_there_are_several():
    assert skip_network().Connections == [
        ("in", "fc"),
        ("fc", "relu"),
        ("relu", "add/in1"),
        ("in", "add/in2"),
    ]


def test_skip_connection_adds_the_input():
    net = skip_network()
    X = np.array([[1.0, -2.0], [0.5, 3.0], [2.0, 0.0]], np.float32)
    W, b = (extractdata(v) for v in net.Learnables.Value)
    expected = np.maximum(W @ X + b, 0) + X
    np.testing.assert_allclose(extractdata(predict(net, dlarray(X, "CB"))), expected, rtol=1e-6)


def test_network_built_by_editing_equals_one_built_at_once():
    net = addLayers(
        dlnetwork(), [featureInputLayer(3, Name="in"), fullyConnectedLayer(3, Name="fc")]
    )
    net = addLayers(net, [reluLayer(Name="relu"), additionLayer(2, Name="add")])
    net = connectLayers(connectLayers(net, "fc", "relu"), "in", "add/in2")
    assert not net.Initialized
    net = initialize(net)
    assert sorted(net.Connections) == sorted(skip_network().Connections)
    assert net.Initialized


def test_editing_leaves_its_argument_as_it_was():
    net = skip_network()
    smaller = removeLayers(net, "relu")
    assert len(net.Layers) == 4
    assert [layer.Name for layer in smaller.Layers] == ["in", "fc", "add"]
    assert ("in", "add/in2") not in disconnectLayers(net, "in", "add/in2").Connections
    assert ("in", "add/in2") in net.Connections


def test_two_inputs_and_two_outputs_keep_their_order():
    net = dlnetwork(
        [
            featureInputLayer(2, Name="a"),
            tanhLayer(Name="ta"),
            featureInputLayer(3, Name="b"),
            reluLayer(Name="rb"),
        ]
    )
    assert net.InputNames == ["a", "b"]
    assert net.OutputNames == ["ta", "rb"]
    A, B = dlarray(np.full((2, 1), 0.5), "CB"), dlarray(-np.ones((3, 1)), "CB")
    ya, yb = predict(net, A, B, nargout=2)
    np.testing.assert_allclose(extractdata(ya), np.tanh(np.full((2, 1), 0.5)))
    assert (extractdata(yb) == 0).all()
    ya, yb, state = predict(net, A, B, nargout=3)
    assert len(state) == 0
    only = predict(net, A, B, Outputs="rb")
    assert only.shape == (3, 1)


def test_outputs_may_be_inner_layers():
    net = dlnetwork(digits_layers())
    X, _ = batch()
    Y, inner = predict(net, X, Outputs=["softmax", "relu_1"], nargout=2)
    assert Y.shape == (10, 16)
    assert inner.shape == (12, 12, 8, 16)


def test_network_without_input_layer_takes_an_example_or_a_layout():
    for example in (networkDataLayout([5, NAN], "CB"), dlarray(np.ones((5, 2)), "CB")):
        net = dlnetwork([fullyConnectedLayer(2)], example)
        assert net.Learnables["fc", "Weights"].shape == (2, 5)
    net = dlnetwork([fullyConnectedLayer(2)], Initialize=False)
    assert not net.Initialized
    assert initialize(net, networkDataLayout([5, NAN], "CB")).Initialized


def test_initialize_keeps_values_that_are_there():
    W = np.arange(6.0, dtype=np.float32).reshape(2, 3)
    net = dlnetwork([featureInputLayer(3), fullyConnectedLayer(2, Weights=W)])
    np.testing.assert_array_equal(extractdata(net.Learnables["fc", "Weights"]), W)
    again = initialize(net)
    for a, b in zip(net.Learnables.Value, again.Learnables.Value, strict=True):
        np.testing.assert_array_equal(extractdata(a), extractdata(b))


# Values


def test_a_network_is_a_value():
    net = dlnetwork(digits_layers())
    X, T = batch()
    best = net
    before = [extractdata(v).copy() for v in net.Learnables.Value]
    _, gradients, state = dlfeval(modelLoss, net, X, T)
    net, _ = sgdmupdate(net, gradients, [])
    net.State = state
    for value, old in zip(best.Learnables.Value, before, strict=True):
        np.testing.assert_array_equal(extractdata(value), old)
    assert not np.array_equal(
        extractdata(net.Learnables["fc", "Weights"]), extractdata(best.Learnables["fc", "Weights"])
    )
    assert (extractdata(best.State["batchnorm_1", "TrainedMean"]) == 0).all()
    assert (extractdata(net.State["batchnorm_1", "TrainedMean"]) != 0).any()


def test_one_value_can_be_replaced_by_name():
    net = dlnetwork([featureInputLayer(2), fullyConnectedLayer(1)])
    net.Learnables["fc", "Weights"] = np.array([[3.0, 4.0]], np.float32)
    net.Learnables["fc", "Bias"] = np.array([[1.0]], np.float32)
    assert predict(net, dlarray(np.ones((2, 1), np.float32), "CB")).item() == 8.0


def test_parameters_are_single_and_dlupdate_makes_them_double():
    from dltk import dlupdate, double

    net = dlnetwork(digits_layers())
    assert {v.dtype for v in net.Learnables.Value} == {np.dtype(np.float32)}
    net = dlupdate(double, net)
    assert {v.dtype for v in net.Learnables.Value} == {np.dtype(np.float64)}


def test_learn_rate_factor_zero_freezes():
    net = setLearnRateFactor(dlnetwork(digits_layers()), "conv_1", "Weights", 0)
    assert getLearnRateFactor(net, "conv_1/Weights") == 0
    X, T = batch()
    _, gradients, _ = dlfeval(modelLoss, net, X, T)
    new, _ = sgdmupdate(net, gradients, [])
    np.testing.assert_array_equal(
        extractdata(new.Learnables["conv_1", "Weights"]),
        extractdata(net.Learnables["conv_1", "Weights"]),
    )
    assert (
        extractdata(new.Learnables["conv_2", "Weights"])
        != extractdata(net.Learnables["conv_2", "Weights"])
    ).any()


def test_recurrent_state_is_carried_by_the_caller_and_reset():
    net = dlnetwork([sequenceInputLayer(3), lstmLayer(2)])
    X = dlarray(np.random.RandomState(0).rand(3, 4, 5).astype(np.float32), "CBT")
    Y, state = predict(net, X, nargout=2)
    assert state["lstm", "HiddenState"].shape == (2, 4)
    np.testing.assert_allclose(
        extractdata(state["lstm", "HiddenState"]), extractdata(Y)[:, :, -1], rtol=1e-6
    )
    net.State = state
    again = predict(net, X)
    assert not np.allclose(extractdata(again), extractdata(Y))
    fresh = resetState(net)
    np.testing.assert_allclose(extractdata(predict(fresh, X)), extractdata(Y), rtol=1e-6)


# Running


def test_predict_uses_trained_statistics_and_forward_the_batch():
    net = dlnetwork([featureInputLayer(1), batchNormalizationLayer(Epsilon=1e-5)])
    X = dlarray(np.array([[1.0, 3.0]], np.float32), "CB")
    np.testing.assert_allclose(
        extractdata(predict(net, X)), np.array([[1.0, 3.0]]) / np.sqrt(1 + 1e-5), rtol=1e-6
    )
    Y, state = forward(net, X, nargout=2)
    np.testing.assert_allclose(extractdata(Y), np.array([[-1, 1]]) / np.sqrt(1 + 1e-5), rtol=1e-6)
    assert state["batchnorm", "TrainedMean"].item() == pytest.approx(0.1 * 2)
    assert state["batchnorm", "TrainedVariance"].item() == pytest.approx(0.9 + 0.1 * 1)


def test_dropout_is_random_in_forward_and_nothing_in_predict():
    net = dlnetwork([featureInputLayer(1000), dropoutLayer(0.25)])
    X = dlarray(np.ones((1000, 1), np.float32), "CB")
    assert (extractdata(predict(net, X)) == 1).all()
    a, b = extractdata(forward(net, X)), extractdata(forward(net, X))
    assert set(np.unique(a)) == {np.float32(0), np.float32(1 / 0.75)}
    assert abs((a == 0).mean() - 0.25) < 0.06
    assert (a != b).any()


def test_same_seed_gives_the_same_numbers_bit_for_bit():
    def run():
        rng(7)
        net = dlnetwork([*digits_layers()[:7], dropoutLayer(0.5), *digits_layers()[7:]])
        vel = []
        for k in range(4):
            X, T = batch(seed=k)
            loss, gradients, net.State = dlfeval(modelLoss, net, X, T)
            net, vel = sgdmupdate(net, gradients, vel)
        return [extractdata(v) for v in net.Learnables.Value], loss.item()

    (first, loss_a), (second, loss_b) = run(), run()
    assert loss_a == loss_b
    for a, b in zip(first, second, strict=True):
        np.testing.assert_array_equal(a, b)


def test_plain_input_gives_plain_output_with_observations_first():
    net = dlnetwork([featureInputLayer(3), fullyConnectedLayer(2)])
    X = np.random.RandomState(0).rand(5, 3).astype(np.float32)
    Y = predict(net, X)
    assert isinstance(Y, np.ndarray)
    expected = predict(net, dlarray(X, "BC"))
    np.testing.assert_array_equal(Y, extractdata(expected).T)


def test_compiled_and_eager_agree():
    net = dlnetwork(digits_layers())
    X, T = batch()
    loss, gradients, state = dlfeval(modelLoss, net, X, T)
    with debug.eager():
        loss2, gradients2, state2 = dlfeval(modelLoss, net, X, T)
    assert loss.item() == pytest.approx(loss2.item(), rel=1e-6)
    for a, b in zip(gradients.Value, gradients2.Value, strict=True):
        np.testing.assert_allclose(extractdata(a), extractdata(b), rtol=1e-4, atol=1e-6)
    for a, b in zip(state.Value, state2.Value, strict=True):
        np.testing.assert_allclose(extractdata(a), extractdata(b), rtol=1e-5)


def test_no_iteration_after_the_first_traces_again():
    net = dlnetwork(digits_layers())
    vel = []
    traces = []
    for k in range(4):
        X, T = batch(seed=k)
        _, gradients, net.State = dlfeval(modelLoss, net, X, T)
        net, vel = sgdmupdate(net, gradients, vel, 0.01 / (1 + k))
        traces.append(programs.traces)
    assert len(set(traces)) == 1


def same(X, W):
    """Convolution by the primitive whose formulations dltk chooses by the platform."""
    k = W.shape[0]
    window = Form(X.shape[1:3], (k, k), (1, 1), (1, 1), (((k - 1) // 2, k // 2),) * 2)
    return convolve(X, W, window)


def hand_written_loss(params, state, X, T):
    """digits_layers with stride 1 in JAX, on batch-height-width-channel data."""
    new = []
    for i in range(2):
        W, b, offset, scale = params[4 * i : 4 * i + 4]
        X = same(X, W) + b
        mean = X.mean((0, 1, 2))
        var = jnp.square(X - mean).mean((0, 1, 2))
        new += [0.9 * state[2 * i] + 0.1 * mean, 0.9 * state[2 * i + 1] + 0.1 * var]
        X = (X - mean) * (jax.lax.rsqrt(var + 1e-5) * scale) + offset
        X = jax.nn.relu(X)
    W, b = params[8:]
    Y = jax.nn.softmax(X.reshape(X.shape[0], -1) @ W + b)
    return -(T * jnp.log(Y)).sum() / T.shape[0], new


def flops(compiled):
    return compiled.compile().cost_analysis()["flops"]


@pytest.mark.filterwarnings("ignore")
def test_compiled_program_has_the_flops_of_hand_written_jax():
    n = 24  # so many that the convolutions dominate, as they do in practice
    net = dlnetwork(digits_layers(n, stride=1))
    X, T = batch(64)
    programs.clear()
    dlfeval(modelLoss, net, X, T)
    ours = flops(programs.lowered(modelLoss, net, X, T))
    sizes = ((5, 5, 1, n), n, n, n, (3, 3, n, n), n, n, n, (144 * n, 10), 10)
    params = [np.zeros(size, np.float32) for size in sizes]
    state = [np.zeros(n, np.float32)] * 4
    args = (params, state, np.zeros((64, 12, 12, 1), np.float32), np.zeros((64, 10), np.float32))
    with jax.numpy_rank_promotion("allow"):
        step = jax.jit(jax.value_and_grad(hand_written_loss, has_aux=True))
        theirs = flops(step.lower(*args))
    assert ours == pytest.approx(theirs, rel=0.01)


# Custom layers


class peepholeLayer(Layer):
    """Two inputs, a learnable, a state that counts calls."""

    learnables = ("Gain",)
    states = ("Calls",)

    def __init__(self, Name=""):
        super().__init__(Name=Name, NumInputs=2)
        self.Calls = np.zeros((1, 1), np.float32)

    def initialize(self, layout1, layout2):
        if self.Gain is None:
            self.Gain = np.full((int(layout1.of("C")), 1), 2.0, np.float32)
        return self

    def predict(self, X1, X2):
        return self.Gain * X1 + X2, self.Calls + 1


def test_custom_layer_with_two_inputs_a_learnable_and_a_state():
    net = dlnetwork(
        [featureInputLayer(2, Name="a"), peepholeLayer(Name="peep")],
        networkDataLayout([2, NAN], "CB"),
        networkDataLayout([2, NAN], "CB"),
    )
    assert net.InputNames == ["a", "peep/in2"]
    X = dlarray(np.ones((2, 3), np.float32), "CB")
    Y, state = predict(net, X, X, nargout=2)
    assert Y.dims == "CB"
    assert (extractdata(Y) == 3).all()
    assert state["peep", "Calls"].item() == 1
    net.State = state
    _, state = forward(net, X, X, nargout=2)
    assert state["peep", "Calls"].item() == 2


def test_what_a_function_layer_reads_is_never_stale():
    scale = 2.0
    net = dlnetwork([featureInputLayer(1), functionLayer(lambda X: scale * X)])
    X = dlarray(np.ones((1, 1), np.float32), "CB")

    def value(net, X):
        return forward(net, X)

    assert dlfeval(value, net, X).item() == 2
    assert predict(net, X).item() == 2
    scale = 5.0
    assert dlfeval(value, net, X).item() == 5
    assert predict(net, X).item() == 5


# Printing


def test_summary_counts_learnables_and_lists_inputs(capsys):
    summary(dlnetwork(digits_layers()))
    out = capsys.readouterr().out
    assert "Initialized: true" in out
    assert "Number of learnables: 3.71k" in out  # 208 + 16 + 584 + 16 + 2890 = 3714
    assert "'imageinput'   12×12×1 images" in out


# Wrong use


def error(kind, call):
    with pytest.raises(kind) as caught:
        call()
    return "\n".join([str(caught.value), *getattr(caught.value, "__notes__", ())])


def test_a_network_prints_as_in_matlab():
    net = dlnetwork([featureInputLayer(4, Name="in"), fullyConnectedLayer(3)])
    assert repr(net).splitlines() == [
        "  dlnetwork with properties:",
        "",
        "         Layers: [2×1 Layer]",
        "    Connections: [1×2 table]",
        "     Learnables: [2×3 table]",
        "          State: [0×3 table]",
        "     InputNames: {'in'}",
        "    OutputNames: {'fc'}",
        "    Initialized: 1",
        "",
        "  View summary with summary(net).",
    ]


def block(scale=1.0, **options):
    layers = [fullyConnectedLayer(3, Weights=scale * np.ones((3, 4))), reluLayer()]
    return dlnetwork([featureInputLayer(4, **options), networkLayer(layers), lstmLayer(2)])


def test_networks_are_equal_if_layers_connections_and_values_are():
    rng(0)
    net = block()
    assert isequal(net, dlupdate(lambda W: W, net))
    rng(0)
    assert isequal(net, block())
    assert not isequal(net, block())  # other recurrent weights
    rng(0)
    assert not isequal(net, block(2.0))
    rng(0)
    assert not isequal(net, block(Normalization="zscore", Mean=0, StandardDeviation=1))
    assert not isequal(net, setLearnRateFactor(net, "lstm", "Bias", 0))
    assert not isequal(net, setLearnRateFactor(net, "subnet/fc", "Bias", 0))
    nothing = dlupdate(lambda W: W * float("nan"), net)
    assert not isequal(nothing, nothing)
    assert isequaln(nothing, nothing)


def test_error_in_a_layer_names_the_layer_and_both_sizes():
    net = dlnetwork(digits_layers())
    bad = dlarray(np.zeros((12, 12, 3, 2), np.float32), "SSCB")
    text = error(FormatError, lambda: predict(net, bad))
    assert "12(S) × 12(S) × 3(C) × 2(B)" in text
    assert 'in layer "imageinput" (imageInputLayer, 1 of 9)' in text


def test_wrong_labels_are_named():
    net = dlnetwork(digits_layers())
    bad = dlarray(np.zeros((12, 12), np.float32), "CB")
    assert 'in layer "imageinput"' in error(FormatError, lambda: predict(net, bad))


def test_network_that_is_not_initialized_says_what_is_missing():
    net = dlnetwork([featureInputLayer(2), fullyConnectedLayer(2)], Initialize=False)
    text = error(StateError, lambda: predict(net, dlarray(np.ones((2, 1)), "CB")))
    assert text.startswith("predict: the network is not initialized.")
    assert "fc/Weights, fc/Bias" in text
    assert "initialize(net)" in text


def test_missing_example_input_says_which():
    text = error(OptionError, lambda: dlnetwork([fullyConnectedLayer(2)]))
    assert "inputs without input layer: fc" in text


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: dlnetwork([reluLayer(Name="a"), reluLayer(Name="a")]), ["unique", "a"]),
        (lambda: dlnetwork([reluLayer]), ["not a layer", "Call it"]),
        (lambda: dlnetwork(5), ["list of layers", "int"]),
        (lambda: connectLayers(skip_network(), "in", "add/in2"), ["already connected", "in"]),
        (lambda: connectLayers(skip_network(), "inn", "add"), ['no layer "inn"', '"in"']),
        (lambda: connectLayers(skip_network(), "in", "add/in9"), ['no input "in9"', "in1"]),
        (
            lambda: connectLayers(addLayers(dlnetwork(), tanhLayer(Name="a")), "a", "a"),
            ["cycle", "a"],
        ),
        (lambda: getLayer(skip_network(), "nope"), ['no layer "nope"']),
        (lambda: predict(skip_network()), ["1 input expected", "0 given", "in"]),
        (lambda: predict("net", 1), ["dlnetwork", "str"]),
        (
            lambda: predict(skip_network(), dlarray(np.ones((3, 1)), "CB"), nargout=3),
            ["1 outputs and a state", "nargout is 3"],
        ),
        (lambda: setattr(skip_network(), "State", 3), ["table", "int"]),
        (
            lambda: setattr(skip_network(), "Learnables", dlnetwork(digits_layers()).Learnables),
            ["another network", "fc/Weights"],
        ),
    ],
)
def test_wrong_calls_are_answered_in_the_users_terms(call, words):
    text = error((OptionError, FormatError), call)
    for word in words:
        assert word in text, text


def test_a_state_that_is_no_array_is_refused():
    net = dlnetwork([featureInputLayer(3), batchNormalizationLayer(Name="bn")])
    state = net.State
    state["bn", "TrainedMean"] = "zero"
    with pytest.raises(OptionError, match='TrainedMean of layer "bn" must be an array of numbers'):
        net.State = state


def test_reset_keeps_batch_statistics_and_the_compiled_program():
    net = dlnetwork([sequenceInputLayer(2), lstmLayer(3), batchNormalizationLayer()])
    X = dlarray(np.random.RandomState(0).rand(2, 4, 5).astype(np.float32), "CBT")
    _, net.State = forward(net, X, nargout=2)
    fresh = resetState(net)
    assert (extractdata(fresh.State["lstm", "HiddenState"]) == 0).all()
    np.testing.assert_array_equal(
        extractdata(fresh.State["batchnorm", "TrainedMean"]),
        extractdata(net.State["batchnorm", "TrainedMean"]),
    )
    assert fresh._graph is net._graph
