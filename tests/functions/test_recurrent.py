"""lstm and gru against a loop in NumPy: values, states, labels, derivatives, messages."""

import jax
import numpy as np
import pytest
from jax.test_util import check_grads
from scipy.special import expit

from dltk._errors import FormatError, OptionError
from dltk.dlarray import dlarray, extractdata
from dltk.functions import _recurrence
from dltk.functions._recurrent import gru, lstm

RNG = np.random.default_rng(5)
STATE = {
    "tanh": np.tanh,
    "softsign": lambda x: x / (1 + abs(x)),
    "relu": lambda x: np.maximum(x, 0),
}
GATE = {"sigmoid": expit, "hard-sigmoid": lambda x: np.clip(0.2 * x + 0.5, 0, 1)}


def lstm_loop(X, h, c, W, R, b, state="tanh", gate="sigmoid"):
    """The equations of the reference, a step at a time; X is inputs x observations x time."""
    units, Y = R.shape[1], []
    for t in range(X.shape[2]):
        a = W @ X[:, :, t] + R @ h + b
        i, f, g, o = (a[k * units : (k + 1) * units] for k in range(4))
        c = GATE[gate](f) * c + GATE[gate](i) * STATE[state](g)
        h = GATE[gate](o) * STATE[state](c)
        Y.append(h)
    return np.stack(Y, 2), h, c


def gru_loop(X, h, W, R, b, mode, state="tanh", gate="sigmoid"):
    units, Y = R.shape[1], []
    rows = [slice(k * units, (k + 1) * units) for k in range(3)]
    recurrent = b[3 * units :] if mode.startswith("recurrent") else 0 * b
    for t in range(X.shape[2]):
        x = X[:, :, t]
        r, z = (GATE[gate](W[k] @ x + b[k] + R[k] @ h + recurrent[k]) for k in (rows[0], rows[1]))
        k = rows[2]
        if mode == "before-multiplication":
            candidate = STATE[state](W[k] @ x + b[k] + R[k] @ (r * h))
        else:
            candidate = STATE[state](W[k] @ x + b[k] + r * (R[k] @ h + recurrent[k]))
        h = (1 - z) * candidate + z * h
        Y.append(h)
    return np.stack(Y, 2), h


def sample(blocks, inputs=3, units=4, observations=2, steps=5, biases=None):
    X = RNG.standard_normal((inputs, observations, steps))
    H0, C0 = RNG.standard_normal((2, units, observations))
    W = RNG.standard_normal((blocks * units, inputs)) / 2
    R = RNG.standard_normal((blocks * units, units)) / 2
    b = RNG.standard_normal(((biases or blocks) * units, 1))
    return X, H0, C0, W, R, b


def assert_close(got, expected):
    np.testing.assert_allclose(extractdata(got), expected, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("state", STATE)
@pytest.mark.parametrize("gate", GATE)
@pytest.mark.parametrize("inputs", [3, 9], ids=["narrow", "wide"])
def test_lstm_agrees_with_the_equations(state, gate, inputs):
    X, H0, C0, W, R, b = sample(4, inputs)
    options = {"StateActivationFunction": state, "GateActivationFunction": gate}
    Y, h, c = lstm(dlarray(X, "CBT"), H0, C0, W, R, b, nargout=3, **options)
    expected = lstm_loop(X, H0, C0, W, R, b, state, gate)
    assert (Y.dims, h.dims, c.dims) == ("CBT", "CB", "CB")
    for got, wanted in zip((Y, h, c), expected, strict=True):
        assert_close(got, wanted)


MODES = ("after-multiplication", "before-multiplication", "recurrent-bias-after-multiplication")


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("inputs", [3, 9], ids=["narrow", "wide"])
@pytest.mark.parametrize(("state", "gate"), [("tanh", "sigmoid"), ("softsign", "hard-sigmoid")])
def test_gru_agrees_with_the_equations(mode, inputs, state, gate):
    X, H0, _, W, R, b = sample(3, inputs, biases=6 if mode.startswith("recurrent") else 3)
    options = {"StateActivationFunction": state, "GateActivationFunction": gate}
    Y, h = gru(dlarray(X, "CBT"), H0, W, R, b, ResetGateMode=mode, nargout=2, **options)
    expected = gru_loop(X, H0, W, R, b, mode, state, gate)
    assert (Y.dims, h.dims) == ("CBT", "CB")
    assert_close(Y, expected[0])
    assert_close(h, expected[1])


def run_lstm(X, H0, C0, W, R, b, **options):
    return lstm(X, H0, C0, W, R, b, **options)


def run_gru(X, H0, C0, W, R, b, **options):
    units = 4
    return gru(X, H0, W[: 3 * units], R[: 3 * units], b[: 3 * units], **options)


both = pytest.mark.parametrize("operation", [run_lstm, run_gru], ids=["lstm", "gru"])


@both
def test_spatial_dimensions_are_flattened_first_one_fastest(operation):
    X, H0, C0, W, R, b = sample(4, inputs=2 * 3 * 2)
    folded = X.reshape(2, 3, 2, 2, 5, order="F")
    Y = operation(dlarray(folded, "SSCBT"), H0, C0, W, R, b)
    assert Y.dims == "CBT"
    assert_close(Y, extractdata(operation(dlarray(X, "CBT"), H0, C0, W, R, b)))


@both
def test_labels_in_any_order_and_without_observations(operation):
    X, H0, C0, W, R, b = sample(4)
    expected = extractdata(operation(dlarray(X, "CBT"), H0, C0, W, R, b))
    turned = operation(dlarray(X.transpose(2, 0, 1), "TCB"), H0, C0, W, R, b)
    assert_close(turned, expected)
    one, h, *_ = operation(dlarray(X[:, 0], "CT"), H0[:, :1], C0[:, :1], W, R, b, nargout=2)
    assert (one.dims, one.shape, h.dims, h.shape) == ("CT", (4, 5), "CB", (4, 1))
    assert_close(one, expected[:, 0])


@both
def test_DataFormat_keeps_the_order_of_dimensions(operation):
    X, H0, C0, W, R, b = sample(4)
    expected = extractdata(operation(dlarray(X, "CBT"), H0, C0, W, R, b))
    Y, h, *_ = operation(
        dlarray(X.transpose(2, 1, 0)), H0, C0, W, R, b, DataFormat="TBC", nargout=2
    )
    assert (Y.dims, h.dims) == ("", "")
    assert_close(Y, expected.transpose(2, 1, 0))
    assert_close(h, expected[:, :, -1])
    one_step = operation(dlarray(X[:, :, 0]), H0, C0, W, R, b, DataFormat="CBT")
    assert_close(one_step, expected[:, :, 0])


@both
def test_states_are_columns_rows_matrices_or_labelled(operation):
    X, H0, C0, W, R, b = sample(4)
    column = operation(dlarray(X, "CBT"), H0[:, :1], C0[:, :1], W, R, b)
    spread = [np.repeat(s[:, :1], 2, axis=1) for s in (H0, C0)]
    assert_close(column, extractdata(operation(dlarray(X, "CBT"), *spread, W, R, b)))
    row = operation(dlarray(X, "CBT"), H0[:, 0], C0[:, 0], W, R, b)
    assert_close(row, extractdata(column))
    labelled = operation(dlarray(X, "CBT"), dlarray(H0.T, "BC"), dlarray(C0, "CB"), W, R, b)
    assert_close(labelled, extractdata(operation(dlarray(X, "CBT"), H0, C0, W, R, b)))


@both
def test_states_carry_a_long_sequence_over_its_parts(operation):
    X, H0, C0, W, R, b = sample(4, steps=6)
    whole = extractdata(operation(dlarray(X, "CBT"), H0, C0, W, R, b))
    _, *states = operation(
        dlarray(X[:, :, :4], "CBT"), H0, C0, W, R, b, nargout=3 if operation is run_lstm else 2
    )
    h, c = (*states, C0)[:2]
    assert_close(operation(dlarray(X[:, :, 4:], "CBT"), h, c, W, R, b), whole[:, :, 4:])


@both
def test_single_stays_single(operation):
    X, *rest = sample(4)
    assert operation(dlarray(X.astype(np.float32), "CBT"), *rest).dtype == np.float32
    assert operation(dlarray(X, "CBT"), *rest).dtype == np.float64


OPTIONS = [{}, {"StateActivationFunction": "softsign", "GateActivationFunction": "hard-sigmoid"}]


@both
@pytest.mark.parametrize("options", OPTIONS, ids=["default", "other activations"])
@pytest.mark.parametrize("inputs", [2, 8], ids=["narrow", "wide"])
def test_derivatives_in_everything_agree_with_finite_differences(operation, options, inputs):
    given = sample(4, inputs, steps=3)

    def raw(X, H0, C0, W, R, b):
        Y, *states = operation(dlarray(X, "CBT"), H0, C0, W, R, b, nargout=2, **options)
        return extractdata(Y), extractdata(states[0])

    with jax.enable_x64(True):
        check_grads(jax.jit(raw), given, order=1, atol=1e-5, rtol=1e-5)


@both
def test_second_derivatives_agree_with_finite_differences(operation):
    given = sample(4, inputs=2, steps=3)

    def raw(X, H0, C0, W, R, b):
        return extractdata(operation(dlarray(X, "CBT"), H0, C0, W, R, b))

    with jax.enable_x64(True):
        check_grads(jax.jit(raw), given, order=2, modes=["rev"], atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("traced", range(6))
def test_lstm_derivative_in_one_input_alone_is_that_of_all(traced):
    given = sample(4)

    def total(*inputs):
        X, *rest = inputs
        Y, h, c = lstm(dlarray(X, "CBT"), *rest, nargout=3)
        return (extractdata(Y) ** 2).sum() + (extractdata(c) * extractdata(h)).sum()

    with jax.enable_x64(True):
        every = jax.grad(total, argnums=tuple(range(6)))(*given)
        alone = jax.grad(total, argnums=traced)(*given)
        np.testing.assert_allclose(alone, every[traced], rtol=1e-10, atol=1e-12)


def test_gradient_of_the_lstm_weights_equals_that_of_the_unrolled_loop():
    X, H0, C0, W, R, b = sample(4)

    def by_scan(W, R, b):
        hs, _ = _recurrence.lstm_over_time("tanh", "sigmoid")(
            X.transpose(2, 1, 0), H0.T, C0.T, W, R, b[:, 0]
        )
        return (hs**2).sum()

    def unrolled(W, R, b):
        h, c, total = H0, C0, 0.0
        for t in range(X.shape[2]):
            i, f, g, o = jax.numpy.split(W @ X[:, :, t] + R @ h + b, 4)
            c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jax.numpy.tanh(g)
            h = jax.nn.sigmoid(o) * jax.numpy.tanh(c)
            total = total + (h**2).sum()
        return total

    with jax.enable_x64(True), jax.numpy_rank_promotion("allow"):
        got = jax.grad(by_scan, argnums=(0, 1, 2))(W, R, b)
        expected = jax.grad(unrolled, argnums=(0, 1, 2))(W, R, b)
        for a, e in zip(got, expected, strict=True):
            np.testing.assert_allclose(a, e, rtol=1e-10, atol=1e-12)


def test_eager_calls_compile_once():
    X, *rest = sample(4, inputs=7, units=6)
    program = _recurrence.lstm_over_time("tanh", "sigmoid")
    lstm(dlarray(X, "CBT"), *rest)
    compiled = program._cache_size()
    for _ in range(3):
        lstm(dlarray(RNG.standard_normal(X.shape), "CBT"), *rest)
    assert program._cache_size() == compiled


# What goes wrong


@both
def test_data_without_time_or_channels_says_what_is_missing(operation):
    X, *rest = sample(4)
    with pytest.raises(FormatError, match='X has no "T" dimension') as error:
        operation(dlarray(X, "CBS"), *rest)
    assert "2(B)" in str(error.value)
    with pytest.raises(FormatError, match='X has a "U" dimension'):
        operation(dlarray(X[..., None].repeat(2, 3), "CBTU"), *rest)
    with pytest.raises(FormatError, match="X has no labels"):
        operation(dlarray(X), *rest)


@both
def test_weights_that_do_not_fit_show_all_sizes(operation):
    X, H0, C0, W, R, b = sample(4)
    with pytest.raises(FormatError, match="do not fit together") as error:
        operation(dlarray(X, "CBT"), H0, C0, W[:, :2], R, b)
    rows = 16 if operation is run_lstm else 12
    assert "3(C) × 2(B) × 5(T), 3 values per time step" in str(error.value)
    assert f"weights: {rows}×2" in str(error.value)
    assert f"weights must be {rows}×3 and recurrentWeights {rows}×4" in str(error.value)


@both
def test_states_and_biases_of_the_wrong_size_are_shown(operation):
    X, H0, C0, W, R, b = sample(4)
    with pytest.raises(FormatError, match="H0 has the wrong size") as error:
        operation(dlarray(X, "CBT"), np.zeros((5, 1)), C0, W, R, b)
    assert "H0: 5×1" in str(error.value)
    assert "4×1 or 4×2" in str(error.value)
    with pytest.raises(FormatError, match="bias has 5 values"):
        operation(dlarray(X, "CBT"), H0, C0, W, R, b[:5])


@both
def test_activations_that_do_not_exist_are_explained(operation):
    X, *rest = sample(4)
    with pytest.raises(OptionError, match="GateActivationFunction is not one") as error:
        operation(dlarray(X, "CBT"), *rest, GateActivationFunction="hardsigmoid")
    assert 'Did you mean "hard-sigmoid"?' in str(error.value)
    with pytest.raises(OptionError, match="nargout must be"):
        operation(dlarray(X, "CBT"), *rest, nargout=4)


def test_gru_reset_gate_modes_are_listed():
    X, H0, _, W, R, b = sample(3)
    with pytest.raises(OptionError, match="ResetGateMode is not one of its words") as error:
        gru(dlarray(X, "CBT"), H0, W, R, b, ResetGateMode="after")
    assert '"before-multiplication"' in str(error.value)
