"""States of recurrent layers: as parameters, inputs and outputs; activations; factors of gates."""

import numpy as np
import pytest

from dltk import dlnetwork, forward, predict
from dltk._errors import FormatError, OptionError
from dltk.dlarray import dlarray, extractdata
from dltk.layers import (
    bilstmLayer,
    gruLayer,
    lstmLayer,
    networkDataLayout,
    sequenceInputLayer,
)

RANDOM = np.random.default_rng(12)
STATES = {
    lstmLayer: ["HiddenState", "CellState"],
    bilstmLayer: ["HiddenState", "CellState"],
    gruLayer: ["HiddenState"],
}
every = pytest.mark.parametrize("make", STATES)
one_way = pytest.mark.parametrize("make", [lstmLayer, gruLayer])


def sequences(observations=2, steps=6, channels=3):
    return dlarray(RANDOM.standard_normal((channels, observations, steps)), "CBT")


def network(layer):
    return dlnetwork([sequenceInputLayer(3), layer])


def test_rows_stand_in_the_documented_order():
    net = network(lstmLayer(4, Name="a"))
    assert list(net.Learnables.Parameter) == ["InputWeights", "RecurrentWeights", "Bias"]
    assert list(net.State.Parameter) == ["HiddenState", "CellState"]


@every
def test_states_start_at_zero_with_one_column_and_get_one_per_observation(make):
    net = network(make(4))
    rows = 8 if make is bilstmLayer else 4
    assert [v.shape for v in net.State.Value] == [(rows, 1)] * len(STATES[make])
    assert not any(extractdata(v).any() for v in net.State.Value)
    _, state = forward(net, sequences(5), nargout=2, Acceleration="none")
    assert [v.shape for v in state.Value] == [(rows, 5)] * len(STATES[make])
    assert [v.dims for v in state.Value] == [""] * len(STATES[make])


@one_way
@pytest.mark.parametrize("method", [forward, predict])
def test_going_on_from_the_state_is_one_long_sequence(make, method):
    net, X = network(make(4)), sequences()
    whole = method(net, X, Acceleration="none")
    first, net.State = method(net, X[:, :, :2], nargout=2, Acceleration="none")
    second = method(net, X[:, :, 2:], Acceleration="none")
    joined = np.concatenate([extractdata(first), extractdata(second)], 2)
    np.testing.assert_allclose(joined, extractdata(whole), rtol=1e-5, atol=1e-7)


@every
def test_a_state_of_other_observations_is_refused_with_advice(make):
    net = network(make(4))
    _, net.State = predict(net, sequences(5), nargout=2, Acceleration="none")
    with pytest.raises(FormatError) as error:
        predict(net, sequences(6), Acceleration="none")
    assert str(error.value) == (
        f"{make.__name__}: HiddenState is for 5 observations, the input has 6.\n"
        "  input: 3(C) × 6(B) × 6(T)\n"
        f"  HiddenState: {8 if make is bilstmLayer else 4}×5\n"
        "Before a mini-batch of another size call net = resetState(net)."
    )


@every
def test_reset_goes_back_to_the_users_first_state(make):
    size = (8, 1) if make is bilstmLayer else (4, 1)
    layer = make(4, HiddenState=np.full(size, 0.5)).initialize(networkDataLayout([3], "C"))
    used = layer.bound({"HiddenState": np.ones((size[0], 7))})
    again = used.initialize(networkDataLayout([3], "C"))  # keeps what is there
    assert again.HiddenState.shape == (size[0], 7)
    np.testing.assert_array_equal(again.resetState().HiddenState, np.full(size, 0.5))


def test_the_first_hidden_state_is_used():
    net = network(lstmLayer(4, HiddenState=np.full((4, 1), 0.5, np.float32)))
    plain = network(lstmLayer(4))
    plain.Learnables = net.Learnables
    X = sequences()
    assert not np.allclose(extractdata(predict(net, X)), extractdata(predict(plain, X)))


@one_way
def test_states_as_inputs_and_outputs(make):
    ports = ["hidden", "cell"][: len(STATES[make])]
    layer = make(4, HasStateInputs=True, HasStateOutputs=True)
    assert layer.inputs == ("in", *ports)
    assert layer.outputs == ("out", *ports)
    layer = layer.initialize(*[networkDataLayout([3, 2], "CB")] * 1)
    values = {n: dlarray(np.asarray(getattr(layer, n), float)) for n in layer.learnables}
    h = [dlarray(RANDOM.standard_normal((4, 2)), "CB") for _ in ports]
    X = sequences()
    Y, *last = layer.bound(values).predict(X, *h)
    held = make(4).initialize(networkDataLayout([3], "C")).bound(values)
    held = held.bound({n: dlarray(extractdata(s)) for n, s in zip(STATES[make], h, strict=True)})
    Z, *states = held.predict(X)
    assert [s.dims for s in last] == ["CB"] * len(ports)
    for a, b in zip((Y, *last), (Z, *states), strict=True):
        np.testing.assert_array_equal(extractdata(a), extractdata(b))


@one_way
def test_a_network_with_state_inputs_has_no_state(make):
    layer = make(4, HasStateInputs=True)
    examples = [networkDataLayout([4, 2], "CB")] * len(STATES[make])
    net = dlnetwork([layer], networkDataLayout([3, 2, 5], "CBT"), *examples)
    assert len(net.State) == 0


def test_state_inputs_and_given_states_exclude_each_other():
    with pytest.raises(OptionError, match="CellState must be empty, as the state is an input"):
        lstmLayer(4, HasStateInputs=True, CellState=np.zeros((4, 1)))


def test_lstm_bias_opens_the_forget_gate():
    layout = networkDataLayout([3], "C")
    bias = lstmLayer(2).initialize(layout).Bias.ravel()
    np.testing.assert_array_equal(bias, [0, 0, 1, 1, 0, 0, 0, 0])
    bias = bilstmLayer(2).initialize(layout).Bias.ravel()
    np.testing.assert_array_equal(np.flatnonzero(bias), [2, 3, 10, 11])
    assert not gruLayer(2).initialize(layout).Bias.any()


def test_gru_has_two_biases_in_the_third_mode():
    layer = gruLayer(2, ResetGateMode="recurrent-bias-after-multiplication")
    assert layer.initialize(networkDataLayout([3], "C")).Bias.shape == (12, 1)


@pytest.mark.parametrize("make", STATES)
def test_activation_functions_reach_the_operation(make):
    """With relu and open gates the state grows beyond what tanh allows."""
    layer = make(1, StateActivationFunction="relu", GateActivationFunction="hard-sigmoid")
    layer = layer.initialize(networkDataLayout([1], "C"))
    bias = np.full(np.shape(layer.Bias), 9.0)
    if make is gruLayer:
        bias[1] = -9  # closed update gate: the state is the candidate
    held = {
        n: dlarray(np.asarray(getattr(layer, n), float)) for n in (*layer.learnables, *layer.states)
    }
    Y = layer.bound({**held, "Bias": dlarray(bias)}).predict(dlarray(np.zeros((1, 1, 1)), "CBT"))[0]
    np.testing.assert_allclose(extractdata(Y).ravel(), [9.0] * Y.size)


def test_factors_per_gate_are_spread_over_the_rows():
    layer = lstmLayer(2, InputWeightsLearnRateFactor=[1, 0, 2, 3])
    np.testing.assert_array_equal(
        layer.learn_rate("InputWeights"), [[1], [1], [0], [0], [2], [2], [3], [3]]
    )
    assert layer.factor("LearnRate", "InputWeights") == (1, 0, 2, 3)
    assert layer.learn_rate("Bias") == 1
    assert layer.factor("L2", "Bias") == 0
    with pytest.raises(OptionError, match="must be a number or 4 numbers"):
        lstmLayer(2, BiasLearnRateFactor=[1, 2, 3])


def test_factors_per_gate_of_a_double_bias_count_for_both_halves():
    mode = "recurrent-bias-after-multiplication"
    layer = gruLayer(1, ResetGateMode=mode, BiasLearnRateFactor=[1, 2, 3])
    np.testing.assert_array_equal(layer.learn_rate("Bias").ravel(), [1, 2, 3, 1, 2, 3])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: lstmLayer(0), "numHiddenUnits must be a positive whole number"),
        (lambda: lstmLayer(3, OutputMode="lst"), 'Did you mean "last"'),
        (lambda: lstmLayer(3, StateActivationFunction="sigmoid"), '"tanh", "softsign", "relu"'),
        (lambda: gruLayer(3, ResetGateMode="after"), "ResetGateMode"),
        (lambda: lstmLayer(3, HasStateInputs="yes"), "HasStateInputs must be True or False"),
    ],
)
def test_wrong_options_are_explained(make, message):
    with pytest.raises(OptionError, match=message):
        make()
