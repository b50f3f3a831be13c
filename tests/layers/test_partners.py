"""Layers that work in pairs, or hold a network: unpooling, unfolding, nested networks."""

import numpy as np
import pytest
from scipy.linalg import expm

import dltk.layers as L
from dltk import (
    adamupdate,
    dlfeval,
    dlgradient,
    forward,
    getLayer,
    getLearnRateFactor,
    predict,
    resetState,
    setLearnRateFactor,
)
from dltk._errors import FormatError, OptionError, UnsupportedError
from dltk.dlarray import dlarray, extractdata
from dltk.dlnetwork import dlnetwork


def data(*shape, fmt, seed=0):
    return dlarray(np.random.default_rng(seed).standard_normal(shape).astype(np.float32), fmt)


# Pairs


def unpooling_network():
    return dlnetwork(
        [
            L.imageInputLayer([6, 4, 2], Normalization="none"),
            L.maxPooling2dLayer(2, Stride=2, HasUnpoolingOutputs=True, Name="pool"),
            L.scalingLayer(Scale=3),
            L.maxUnpooling2dLayer(Name="back"),
        ],
        Connections=[("pool/indices", "back/indices"), ("pool/size", "back/size")],
    )


def test_unpooling_puts_each_largest_value_back_and_zeros_elsewhere():
    X = data(6, 4, 2, 3, fmt="SSCB")
    Y = predict(unpooling_network(), X)
    x = extractdata(X)
    wanted = np.zeros_like(x)
    for i, j, c, n in np.ndindex(3, 2, 2, 3):
        part = x[2 * i : 2 * i + 2, 2 * j : 2 * j + 2, c, n]
        a, b = np.unravel_index(part.argmax(), (2, 2))
        wanted[2 * i + a, 2 * j + b, c, n] = 3 * part.max()
    assert Y.dims == "SSCB"
    np.testing.assert_allclose(extractdata(Y), wanted, rtol=1e-6)


def test_the_gradient_of_unpooled_values_reaches_the_largest_elements():
    net, X = unpooling_network(), data(6, 4, 2, 1, fmt="SSCB")

    def loss(net, X):
        return dlgradient(forward(net, X).sum(), X)

    gradient = extractdata(dlfeval(loss, net, X))
    Y = extractdata(predict(net, X))
    np.testing.assert_array_equal(gradient, 3 * (Y != 0))


@pytest.mark.parametrize(("fmt", "size"), [("CBT", (4, 3, 5)), ("SSCBT", (5, 4, 2, 3, 4))])
def test_unfolding_undoes_folding(fmt, size):
    spatial = fmt.count("S")
    start = L.sequenceInputLayer(size[: spatial + 1])
    net = dlnetwork(
        [
            start,
            L.sequenceFoldingLayer(Name="f"),
            L.tanhLayer(),
            L.sequenceUnfoldingLayer(Name="u"),
        ],
        Connections=[("f/miniBatchSize", "u/miniBatchSize")],
    )
    X = data(*size, fmt=fmt)
    Y = predict(net, X)
    assert Y.dims == fmt
    np.testing.assert_allclose(extractdata(Y), np.tanh(extractdata(X)), rtol=1e-6)


def test_unfolding_refuses_observations_that_make_no_sequences():
    with pytest.raises(FormatError, match="7 time steps do not make 3 sequences") as error:
        L.sequenceUnfoldingLayer().predict(data(2, 7, fmt="CB"), dlarray(np.ones((3, 1))))
    assert error.value.got["input"] == "2(C) × 7(B)"


# Networks within


def nested():
    deep = L.networkLayer([L.fullyConnectedLayer(3), L.batchNormalizationLayer()], Name="deep")
    block = L.networkLayer([deep, L.lstmLayer(2, Name="lstm")], Name="block")
    return dlnetwork([L.sequenceInputLayer(5), block, L.fullyConnectedLayer(2, Name="end")])


def flat(net):
    """The same layers side by side, with the nested network's values."""
    made = dlnetwork(
        [
            L.sequenceInputLayer(5),
            L.fullyConnectedLayer(3, Name="fc"),
            L.batchNormalizationLayer(Name="batchnorm"),
            L.lstmLayer(2, Name="lstm"),
            L.fullyConnectedLayer(2, Name="end"),
        ]
    )
    made.Learnables.Value = list(net.Learnables.Value)
    made.State.Value = list(net.State.Value)
    return made


def test_rows_of_nested_networks_carry_the_path_of_the_layer():
    net = nested()
    rows = ["/".join(row) for row in net.Learnables.names]
    assert rows == [
        *(f"block/deep/fc/{p}" for p in ("Weights", "Bias")),
        *(f"block/deep/batchnorm/{p}" for p in ("Offset", "Scale")),
        *(f"block/lstm/{p}" for p in ("InputWeights", "RecurrentWeights", "Bias")),
        *(f"end/{p}" for p in ("Weights", "Bias")),
    ]
    assert net.State.names[-1] == ("block/lstm", "CellState")
    assert net.Learnables["block/deep/fc", "Weights"].shape == (3, 5)
    assert net.Initialized


def test_a_nested_network_trains_as_the_same_layers_do_side_by_side():
    net, X = nested(), data(5, 3, 7, fmt="CBT")

    def step(net, X):
        Y, state = forward(net, X, nargout=2)
        loss = (Y * Y).sum()
        return loss, dlgradient(loss, net.Learnables), state

    pair = [net, flat(net)]
    for _ in range(2):
        (loss, gradients, state), (same, others, alike) = (dlfeval(step, n, X) for n in pair)
        np.testing.assert_allclose(loss.item(), same.item(), rtol=1e-6)
        for a, b in zip(
            (*gradients.Value, *state.Value), (*others.Value, *alike.Value), strict=True
        ):
            np.testing.assert_allclose(extractdata(a), extractdata(b), rtol=1e-4, atol=1e-6)
        for n, g, s in zip(pair, (gradients, others), (state, alike), strict=True):
            n.State = s
            n.Learnables = adamupdate(n.Learnables, g, None, None, 1)[0]
    np.testing.assert_allclose(*(extractdata(predict(n, X)) for n in pair), rtol=1e-4, atol=1e-6)


def test_paths_name_layers_factors_and_outputs_within():
    net = nested()
    assert getLayer(net, "block/deep/fc").OutputSize == 3
    net = setLearnRateFactor(net, "block/deep/fc", "Weights", 0)
    assert getLearnRateFactor(net, "block/deep/fc/Weights") == 0
    assert net._learn_rates == (0, *[1] * 8)
    X = data(5, 3, 7, fmt="CBT")
    inner, outer = predict(net, X, Outputs=["block/deep", "end"], nargout=2)
    assert inner.shape == (3, 3, 7)
    np.testing.assert_array_equal(extractdata(outer), extractdata(predict(net, X)))
    with pytest.raises(OptionError, match='layer "block" has no output "wrong"'):
        predict(net, X, Outputs="block/wrong")
    with pytest.raises(OptionError, match='no layer "end/fc"'):
        getLearnRateFactor(net, "end/fc/Weights")


def test_states_within_go_on_and_can_be_reset():
    net, X = nested(), data(5, 3, 7, fmt="CBT")
    Y, net.State = predict(net, X, nargout=2)
    assert net.State["block/lstm", "HiddenState"].shape == (2, 3)
    again = predict(net, X)
    assert (extractdata(again) != extractdata(Y)).any()
    fresh = resetState(net)
    np.testing.assert_allclose(extractdata(predict(fresh, X)), extractdata(Y), rtol=1e-5)


def test_several_inputs_and_outputs_carry_the_inner_names():
    inner = dlnetwork([L.additionLayer(2, Name="add"), L.reluLayer(Name="r")], Initialize=False)
    block = L.networkLayer(inner, OutputNames=["add", "r"], Name="block")
    assert block.inputs == ("add/in1", "add/in2")
    net = dlnetwork([block], data(3, 2, fmt="CB"), data(3, 2, fmt="CB"))
    assert net.InputNames == ["block/add/in1", "block/add/in2"]
    assert net.OutputNames == ["block/add", "block/r"]
    A, B = data(3, 2, fmt="CB", seed=1), data(3, 2, fmt="CB", seed=2)
    total, positive = predict(net, A, B, nargout=2)
    wanted = extractdata(A) + extractdata(B)
    np.testing.assert_allclose(extractdata(total), wanted)
    np.testing.assert_allclose(extractdata(positive), np.maximum(wanted, 0))


def test_values_of_an_initialized_network_stay_and_copies_are_independent():
    inner = dlnetwork([L.featureInputLayer(4), L.fullyConnectedLayer(3)])
    net = dlnetwork([L.featureInputLayer(4), L.networkLayer(inner, Name="a")])
    W = extractdata(inner.Learnables["fc", "Weights"])
    np.testing.assert_array_equal(extractdata(net.Learnables["a/fc", "Weights"]), W)
    net.Learnables["a/fc", "Weights"] = dlarray(np.zeros((3, 4), np.float32))
    assert not extractdata(net.Layers[1].Network.Learnables["fc", "Weights"]).any()
    np.testing.assert_array_equal(extractdata(inner.Learnables["fc", "Weights"]), W)


def test_what_is_no_network_is_refused():
    with pytest.raises(OptionError, match="a dlnetwork or a list of layers, not a int"):
        L.networkLayer(3)
    with pytest.raises(OptionError, match='no layer "missing"'):
        L.networkLayer([L.reluLayer()], OutputNames="missing")


# Differential equations


def linear(A):
    return dlnetwork([L.featureInputLayer(2), L.fullyConnectedLayer(2, Weights=A)])


@pytest.mark.parametrize("mode", ["direct", "adjoint", "adjoint-seminorm"])
def test_the_solution_of_a_linear_equation_is_the_matrix_exponential(mode):
    A = np.array([[0.0, 1.0], [-2.0, -0.3]])
    options = {"RelativeTolerance": 1e-6, "AbsoluteTolerance": 1e-8, "GradientMode": mode}
    layer = L.neuralODELayer(linear(A), [0, 0.5, 2], SolverOptions=options, Name="ode")
    net = dlnetwork([L.featureInputLayer(2), layer])
    X = data(2, 3, fmt="CB")
    Y = predict(net, X)
    assert Y.dims == "CBT"
    for k, t in enumerate((0.5, 2)):
        np.testing.assert_allclose(
            extractdata(Y)[:, :, k], expm(A * t) @ extractdata(X), rtol=1e-3, atol=1e-4
        )

    def loss(net, X):
        return dlgradient(forward(net, X)[:, :, 1].sum(), X)

    wanted = np.tile(expm(A * 2).sum(0)[:, None], 3)
    np.testing.assert_allclose(extractdata(dlfeval(loss, net, X)), wanted, rtol=1e-3, atol=1e-4)


def test_a_network_with_two_inputs_gets_the_time():
    f = dlnetwork(
        [L.functionLayer(lambda t, y: 0 * y + 2 * t, Formattable=True, Name="f")],
        data(1, 3, fmt="CB"),
        data(2, 3, fmt="CB"),
    )
    Y = L.neuralODELayer(f, [1, 3]).predict(dlarray(np.zeros((2, 3)), "CB"))
    np.testing.assert_allclose(extractdata(Y), np.full((2, 3), 8.0), rtol=1e-6)  # 3^2 - 1^2


def test_wrong_options_of_the_solver_are_refused():
    with pytest.raises(OptionError, match="two or more times, increasing or decreasing"):
        L.neuralODELayer(linear(np.eye(2)), [0, 1, 0.5])
    with pytest.raises(UnsupportedError, match='"ode1" differentiates its steps'):
        L.neuralODELayer(linear(np.eye(2)), [0, 1], Solver="ode1", GradientMode="adjoint")
    with pytest.raises(OptionError, match="an option of the solver"):
        L.neuralODELayer(linear(np.eye(2)), [0, 1], SolverOptions={"Tolerance": 1})
    wide = dlnetwork([L.featureInputLayer(2), L.fullyConnectedLayer(3)])
    with pytest.raises(FormatError, match="size and labels of its input"):
        L.neuralODELayer(wide, [0, 1]).predict(data(2, 3, fmt="CB"))


# Single layers: what a table of formulas does not show


def test_attention_drops_weights_in_training_only():
    net = dlnetwork([L.sequenceInputLayer(4), L.selfAttentionLayer(2, 4, DropoutProbability=0.5)])
    X = data(4, 2, 6, fmt="CBT")
    first, second = (extractdata(forward(net, X)) for _ in range(2))
    assert (first != second).any()
    np.testing.assert_array_equal(*(extractdata(predict(net, X)) for _ in range(2)))


def test_scores_sum_to_one_over_the_keys():
    net = dlnetwork([L.sequenceInputLayer(4), L.selfAttentionLayer(2, 4, HasScoresOutput=True)])
    _, scores = predict(net, data(4, 3, 6, fmt="CBT"), nargout=2)
    assert scores.shape == (6, 6, 2, 3)
    np.testing.assert_allclose(extractdata(scores).sum(0), 1, rtol=1e-5)


def test_an_offset_of_positions_goes_on_until_the_state_is_reset():
    layers = [L.sequenceInputLayer(1), L.sinusoidalPositionEncodingLayer(4, PositionOffset=2)]
    net = dlnetwork(layers)
    X = dlarray(np.zeros((1, 1, 3), np.float32), "CBT")
    Y, state = predict(net, X, nargout=2)
    np.testing.assert_allclose(extractdata(Y)[0, 0], np.sin([3, 4, 5]), rtol=1e-5)
    net.State = state
    np.testing.assert_allclose(extractdata(predict(net, X))[0, 0], np.sin([6, 7, 8]), rtol=1e-4)
    fresh = resetState(net)
    np.testing.assert_allclose(extractdata(predict(fresh, X))[0, 0], np.sin([3, 4, 5]), rtol=1e-5)


@pytest.mark.parametrize("make", [L.lstmProjectedLayer, L.gruProjectedLayer])
def test_states_of_projected_layers_can_be_inputs_and_outputs(make):
    layer = make(3, 2, 2, HasStateInputs=True, HasStateOutputs=True)
    names = ["hidden", "cell"][: len(layer.inputs) - 1]
    assert (layer.inputs, layer.outputs) == (("in", *names), ("out", *names))
    assert layer.factor("L2", "InputProjector") == layer.factor("LearnRate", "OutputProjector") == 1
    assert layer.factor("L2", "Bias") == 0
    assert len(make(3, 2, 2).states) == len(names)
