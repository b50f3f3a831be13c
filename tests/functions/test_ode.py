"""dlode45 against closed forms, SciPy and finite differences; labels, modes, messages."""

import math
import warnings

import numpy as np
import pytest
import scipy.integrate
import scipy.linalg

from dltk import (
    adamupdate,
    cat,
    concatenationLayer,
    cos,
    debug,
    dlfeval,
    dlgradient,
    dlnetwork,
    dlupdate,
    double,
    dropoutLayer,
    exp,
    featureInputLayer,
    forward,
    fullyConnectedLayer,
    inputLayer,
    l1loss,
    predict,
    sin,
    stripdims,
    struct,
    tanh,
    tanhLayer,
)
from dltk._errors import DltkWarning, FormatError, OptionError, StateError
from dltk.dlarray import dlarray, extractdata
from dltk.functions import _ode
from dltk.functions import _runge_kutta as runge_kutta
from dltk.functions._dormand_prince import ERROR, INTERPOLANT, NODES, WEIGHTS
from dltk.functions._ode import dlode45

TIGHT = {"RelativeTolerance": 1e-9, "AbsoluteTolerance": 1e-11}
SPIRAL = np.array([[-0.1, -1.0], [1.0, -0.1]])  # of MATLAB's neural ODE example


def linear(t, y, A):
    return A @ y


def decay(t, y, rate):
    return -rate * y


# The method


def test_the_method_has_order_five_and_its_partner_order_four():
    # Conditions for sum(b c^k) and sum(b_i a_ij c_j^k): Hairer, Norsett, Wanner I, section II.2
    b, A, c = WEIGHTS[6], WEIGHTS, NODES
    np.testing.assert_allclose(A.sum(axis=1), c, atol=1e-15)
    for weights, order in ((b, 5), (b - ERROR, 4)):
        for k in range(order):
            assert weights @ c**k == pytest.approx(1 / (k + 1), abs=1e-14)
        for k in range(order - 1):
            assert weights @ A @ c**k == pytest.approx(1 / ((k + 1) * (k + 2)), abs=1e-14)


def test_the_interpolant_meets_the_ends_with_their_slopes():
    ends = INTERPOLANT.sum(axis=1)
    np.testing.assert_allclose(ends, WEIGHTS[6], atol=1e-14)
    np.testing.assert_allclose(INTERPOLANT[:, 0], np.eye(7)[0], atol=1e-14)
    np.testing.assert_allclose(INTERPOLANT @ [1, 2, 3, 4], np.eye(7)[6], atol=1e-13)


# Solutions


def test_a_linear_equation_has_the_matrix_exponential_as_solution():
    times, y0 = np.linspace(0, 15, 31), np.array([[2.0], [0.0]])
    Y = dlode45(linear, times, dlarray(y0), dlarray(SPIRAL), **TIGHT)
    expected = [scipy.linalg.expm(SPIRAL * t) @ y0 for t in times[1:]]
    np.testing.assert_allclose(extractdata(Y), np.stack(expected, axis=-1), atol=1e-8)


def test_time_may_run_backwards():
    times, y0 = np.array([3.0, 1.0, -1.0]), np.array([[2.0], [1.0]])
    Y = dlode45(linear, times, dlarray(y0), dlarray(SPIRAL), **TIGHT)
    expected = [scipy.linalg.expm(SPIRAL * (t - 3)) @ y0 for t in times[1:]]
    np.testing.assert_allclose(extractdata(Y), np.stack(expected, axis=-1), atol=1e-8)


@pytest.mark.parametrize("tolerance", [1e-3, 1e-5, 1e-7])
def test_errors_are_those_of_scipys_method_of_the_same_order(tolerance):
    def pendulum(t, y):  # with a drive that depends on the time
        return np.array([y[1], -np.sin(y[0]) + 0.5 * np.cos(t)])

    def labelled(t, y):
        return cat(1, y[1, :], -sin(y[0, :]) + 0.5 * cos(t))

    times, y0 = np.linspace(0, 10, 12), np.array([1.0, 0.0])
    options = {"rtol": tolerance, "atol": tolerance * 1e-2}
    exact = scipy.integrate.solve_ivp(
        pendulum, (0, 10), y0, t_eval=times[1:], method="DOP853", rtol=1e-12, atol=1e-13
    ).y
    witness = scipy.integrate.solve_ivp(
        pendulum, (0, 10), y0, t_eval=times[1:], method="RK45", **options
    ).y
    Y = dlode45(
        labelled,
        times,
        dlarray(y0[:, None]),
        RelativeTolerance=tolerance,
        AbsoluteTolerance=tolerance * 1e-2,
    )
    off, theirs = abs(extractdata(Y)[:, 0] - exact).max(), abs(witness - exact).max()
    assert off <= 3 * theirs
    assert off <= 50 * tolerance


def test_a_stiff_start_is_resolved_from_any_first_step():
    # y' = -50 (y - cos t): from SciPy's implicit method
    def rate(t, y):
        return -50 * (y - cos(t))

    exact = scipy.integrate.solve_ivp(
        lambda t, y: -50 * (y - np.cos(t)), (0, 1.5), [0.0], method="Radau", rtol=1e-10, atol=1e-12
    ).y[0, -1]
    for first in (None, [], 1e-6, 1.5):
        y = dlode45(rate, [0, 1.5], dlarray(0.0), InitialStepSize=first, RelativeTolerance=1e-6)
        assert y.item() == pytest.approx(exact, rel=1e-5)


def test_steps_are_not_longer_than_the_largest():
    # with a slope of 0 until t = 5, long steps would jump over the bump from 5 to 5.5
    def bump(t, y):
        inside = (t > 5) & (t < 5.5)
        return inside + 0 * y

    y = dlode45(bump, [0, 10], dlarray(0.0), MaxStepSize=0.05)
    assert y.item() == pytest.approx(0.5, abs=0.02)


def test_a_solution_that_ends_is_followed_by_nan():
    # y' = y^2, y(0) = 1 is 1 / (1 - t): nothing from t = 1 on
    Y = extractdata(dlode45(lambda t, y: y * y, [0, 0.5, 0.9, 1.5, 2], dlarray(1.0), **TIGHT))
    np.testing.assert_allclose(Y.ravel()[:2], [2, 10], rtol=1e-6)
    assert np.isnan(Y.ravel()[2:]).all()


# Sizes, labels, number types


def test_the_published_sizes_41_times_and_a_state_of_2x200():
    Y = dlode45(decay, np.linspace(0, 1, 41), dlarray(np.ones((2, 200)), "CB"), dlarray(1.0))
    assert (Y.shape, Y.dims) == ((2, 200, 40), "CBT")
    np.testing.assert_allclose(extractdata(Y)[1, 7], np.exp(-np.linspace(0, 1, 41)[1:]), rtol=1e-4)


@pytest.mark.parametrize(
    ("fmt", "size", "result", "sizes"),
    [
        ("CB", (2, 3), "CBT", (2, 3, 4)),
        ("SSCB", (4, 3, 2, 5), "SSCBT", (4, 3, 2, 5, 4)),
        ("BU", (3, 2), "BTU", (3, 4, 2)),
        ("C", (3,), "CT", (3, 4)),
        (None, (2, 3), "", (2, 3, 4)),
        (None, (2, 1), "", (2, 1, 4)),
        (None, (2, 3, 5), "", (2, 3, 5, 4)),
    ],
)
def test_the_solution_has_a_dimension_of_time(fmt, size, result, sizes):
    y0 = np.random.default_rng(0).random(size)
    Y = dlode45(decay, [0.0, 0.5, 1, 1.5, 2], dlarray(y0, fmt), dlarray(0.7), **TIGHT)
    assert (Y.dims, Y.shape) == (result, sizes)
    last = Y[..., -1] if "U" not in result else Y[:, -1, :]
    np.testing.assert_allclose(extractdata(last).ravel(), y0.ravel() * np.exp(-1.4), rtol=1e-7)


def test_two_times_give_the_final_state():
    Y = dlode45(decay, [0, 1], dlarray(np.ones((2, 3)), "CB"), dlarray(1.0))
    assert (Y.dims, Y.shape) == ("CB", (2, 3))


def test_a_state_without_labels_meets_odefun_without_labels():
    seen = []

    def rate(t, y, theta):
        seen.append((t.shape, t.dims, y.shape, y.dims))
        return theta.W @ y

    theta = struct(W=dlarray(SPIRAL))
    Y = dlode45(rate, [0, 1, 2], dlarray(np.ones((2, 5))), theta, DataFormat="CB")
    assert (Y.dims, Y.shape) == ("", (2, 5, 2))
    assert set(seen) == {((1, 1), "", (2, 5), "")}


@pytest.mark.parametrize(
    ("state", "theta", "result"),
    [("f4", "f4", "f4"), ("f8", "f8", "f8"), ("f4", "f8", "f4"), ("f8", "f4", "f4")],
)
def test_single_wins_over_double(state, theta, result):
    Y = dlode45(decay, [0, 1, 2], dlarray(np.ones(2, state), "C"), dlarray(np.ones(1, theta)))
    assert Y.dtype == result
    np.testing.assert_allclose(extractdata(Y)[0], np.exp([-1, -2]), rtol=2e-3)


def test_theta_may_be_left_out_and_may_hold_anything():
    y0 = dlarray([1.0, 2.0], "CB")
    plain = dlode45(lambda t, y: -y, [0, 1], y0)
    theta = {"rate": [dlarray(1.0), np.ones(1)], "name": "decay", "power": 1, "none": None}

    def rate(t, y, theta):
        assert theta["name"] == "decay"
        assert theta["none"] is None
        return -y * theta["rate"][0] * theta["rate"][1] ** theta["power"]

    np.testing.assert_array_equal(extractdata(dlode45(rate, [0, 1], y0, theta)), extractdata(plain))
    np.testing.assert_array_equal(
        extractdata(dlode45(lambda t, y, theta: -y, [0, 1], y0, [])), extractdata(plain)
    )


def test_a_complex_state_turns_around_zero():
    y = dlode45(lambda t, y: 1j * y, [0, np.pi], dlarray(1 + 0j), **TIGHT)
    assert y.item() == pytest.approx(-1, abs=1e-8)


# Gradients

WEIGHT = np.random.default_rng(3).standard_normal((2, 3, 5))


def objective(y0, A, times, mode):
    """A number that depends on all of the solution of y' = A tanh(y) + sin(t), in part masked."""
    Y = dlode45(
        lambda t, y, theta: theta["A"] @ tanh(y) * theta["mask"] + sin(t),
        times,
        y0,
        {"A": A, "mask": dlarray(np.array([True, False, True]))},
        GradientMode=mode,
        **TIGHT,
    )
    value = (Y * WEIGHT[:, :, : math.prod(times.shape) - 1]).sum()
    return value, *dlgradient(value, y0, A, times)


def problem():
    random = np.random.default_rng(5)
    times = np.sort(random.random(5)) * 3
    return [random.standard_normal((2, 3)), SPIRAL + 0.3, times[None]]


def finite_difference(place, index, arguments, step=1e-5):
    values = []
    for sign in (1, -1):
        moved = [a.copy() for a in arguments]
        moved[place][index] += sign * step
        values.append(dlfeval(objective, *map(dlarray, moved), "direct")[0].item())
    return (values[0] - values[1]) / (2 * step)


@pytest.mark.parametrize("mode", ["direct", "adjoint", "adjoint-seminorm"])
def test_gradients_are_those_of_finite_differences(mode):
    arguments = problem()
    _, *gradients = dlfeval(objective, *map(dlarray, arguments), mode)
    for place, gradient in enumerate(gradients):
        values = extractdata(gradient)
        assert values.shape == arguments[place].shape
        for index in [(0, 0), (-1, -1), (0, 1)]:
            expected = finite_difference(place, index, arguments)
            assert values[index] == pytest.approx(expected, rel=2e-6, abs=1e-7)


def test_eager_and_compiled_gradients_agree():
    arguments = list(map(dlarray, problem()))
    compiled = dlfeval(objective, *arguments, "direct")
    with debug.eager():
        eager = dlfeval(objective, *arguments, "direct")
    for a, b in zip(compiled, eager, strict=True):
        np.testing.assert_allclose(extractdata(a), extractdata(b), rtol=1e-10)


def test_second_derivatives_are_those_of_the_exact_solution():
    # y(1) = y0 exp(-k): d2/dk2 = y0 exp(-k)
    def curvature(k):
        y = dlode45(decay, [0, 1], dlarray(3.0), k, **TIGHT)
        slope = dlgradient(y, k, EnableHigherDerivatives=True)
        return slope, dlgradient(slope, k)

    slope, second = dlfeval(curvature, dlarray(0.5))
    assert slope.item() == pytest.approx(-3 * np.exp(-0.5), rel=1e-7)
    assert second.item() == pytest.approx(3 * np.exp(-0.5), rel=1e-6)


def test_steps_tried_in_vain_do_not_spoil_gradients():
    # the first step, 0.5, overflows; its slopes must not turn the gradient into NaN
    def loss(k):
        y = dlode45(
            lambda t, y, k: -k * exp(300 * y), [0, 0.5], dlarray(1.0), k, InitialStepSize=0.5
        )
        return dlgradient(y, k)

    # y = -log(exp(-300) + 300 k t) / 300, so dy/dk = -t / (exp(-300) + 300 k t) to rounding
    assert dlfeval(loss, dlarray(1e-3)).item() == pytest.approx(-1 / (300 * 1e-3), rel=0.05)


def test_more_steps_than_can_be_kept_give_nan_if_gradients_are_asked_for(monkeypatch):
    monkeypatch.setattr(runge_kutta, "LEVELS", (2, 2))
    monkeypatch.setattr(runge_kutta, "MOST_STEPS", 4)

    def loss(k):
        y = dlode45(decay, [0, 1], dlarray(1.0), k)
        return y, dlgradient(y, k)

    assert np.isnan(dlfeval(loss, dlarray(1.25))[0].item())
    assert dlode45(decay, [0, 1], dlarray(1.0), dlarray(1.25)).item() == pytest.approx(
        np.exp(-1.25), rel=1e-3
    )


def test_odefun_may_ask_for_gradients_itself():
    # Hamilton's equations of H = theta (p^2 + q^2): a rotation with the speed 2 theta
    def field(t, y, theta):
        g = dlgradient((theta * y**2).sum(), y)
        return cat(1, g[1, :], -g[0, :])

    def loss(y0, theta):
        y = dlode45(field, [0, 1], y0, theta, **TIGHT)
        return y, dlgradient(y[0], theta)

    y, gradient = dlfeval(loss, dlarray([[1.0], [0.0]]), dlarray(0.5))
    np.testing.assert_allclose(extractdata(y).ravel(), [np.cos(1), -np.sin(1)], atol=1e-8)
    assert gradient.item() == pytest.approx(-2 * np.sin(1), rel=1e-7)


# Networks


def network(*inputs):
    layers = [*inputs, fullyConnectedLayer(4), tanhLayer(), fullyConnectedLayer(2)]
    return dlupdate(double, dlnetwork(layers))


def gradients_of(odefun, net, Y0, *theta):
    def loss(net, Y0, *theta):
        options = {"GradientMode": "adjoint", **TIGHT}
        Y = dlode45(odefun or net, [0, 1], Y0, *(net,) * len(theta), **options)
        total = (Y**2).sum()
        return total, dlgradient(total, net.Learnables)

    return dlfeval(loss, net, Y0, *theta)


def test_a_network_is_a_right_hand_side():
    net, Y0 = network(featureInputLayer(2)), dlarray(np.eye(2), "CB")
    W1, b1, W2, b2 = (extractdata(v) for v in net.Learnables.Value)

    def rate(t, y):
        return (W2 @ np.tanh(W1 @ y.reshape(2, 2) + b1) + b2).ravel()

    exact = scipy.integrate.solve_ivp(rate, (0, 1), np.eye(2).ravel(), rtol=1e-10, atol=1e-12)
    Y = dlode45(net, [0, 1], Y0, **TIGHT)
    assert Y.dims == "CB"
    np.testing.assert_allclose(extractdata(Y), exact.y[:, -1].reshape(2, 2), atol=1e-7)
    plain = dlode45(net, [0, 1], stripdims(Y0), DataFormat="CB", **TIGHT)
    np.testing.assert_allclose(extractdata(plain), extractdata(Y), rtol=1e-12)
    turned = dlode45(net, [0, 1], dlarray(np.eye(2)), DataFormat="BC", **TIGHT)
    np.testing.assert_allclose(extractdata(turned), extractdata(Y).T, rtol=1e-12)


def test_a_network_may_come_as_theta():
    net, Y0 = network(featureInputLayer(2)), dlarray(np.eye(2), "CB")
    own = gradients_of(None, net, Y0)
    passed = gradients_of(lambda t, y, net: predict(net, y), net, Y0, net)
    assert own[0].item() == pytest.approx(passed[0].item(), rel=1e-12)
    for a, b in zip(own[1].Value, passed[1].Value, strict=True):
        np.testing.assert_allclose(extractdata(a), extractdata(b), rtol=1e-9)


def test_a_network_with_two_inputs_gets_the_time_as_well():
    layers = [
        inputLayer([1, np.nan], "CB", Name="t"),
        concatenationLayer(1, 2, Name="cat"),
        fullyConnectedLayer(1, Weights=np.array([[2.0, 0.0]]), Bias=np.array([[0.0]])),
        inputLayer([1, np.nan], "CB", Name="y"),
    ]
    net = dlnetwork(layers, Connections=[("y", "cat/in2")])
    y = dlode45(net, [0, 3], dlarray([1.0, 5.0], "CB"))  # y' = 2 t
    np.testing.assert_allclose(extractdata(y), [[10, 14]], rtol=1e-6)


# Compiled once, or not at all


def test_a_second_call_does_not_compile_again(monkeypatch):
    traced = []
    monkeypatch.setattr(_ode, "solve", lambda *a: traced.append(1) or runge_kutta.solve(*a))
    for k in (1.0, 2.0, 3.0):
        y = dlode45(decay, [0, 1], dlarray(np.ones((7, 3)), "CB"), dlarray(k))
        assert extractdata(y)[0, 0] == pytest.approx(np.exp(-k), rel=1e-2)
    assert len(traced) == 1


def test_a_captured_array_that_changes_is_seen():
    def solution(rate):
        return dlode45(lambda t, y: -rate * y, [0, 1], dlarray(1.0)).item()

    results = [solution(dlarray(k)) for k in (1.0, 2.0)]
    np.testing.assert_allclose(results, np.exp([-1, -2]), rtol=2e-3)


def branching(t, y, k):
    return -k * y if t < 1 else 0 * y


def test_branches_on_values_run_without_compiling_and_say_so():
    y0, k = dlarray([1.0, 2.0], "CB"), dlarray(1.0)
    with pytest.warns(DltkWarning, match="dlode45: branching runs without compiling"):
        Y = dlode45(branching, [0, 0.5, 1, 2], y0, k, MaxStepSize=0.05)
    expected = np.exp([-0.5, -1, -1]) * np.array([[1.0], [2.0]])
    np.testing.assert_allclose(extractdata(Y)[0], expected, rtol=1e-2)
    with warnings.catch_warnings(action="error"):  # said once
        dlode45(branching, [0, 0.5], dlarray([1.0]), k)


def test_gradients_without_compiling_are_those_of_the_exact_solution():
    def printing(t, y, k):
        print(end="")
        return -k * y

    def loss(y0, k, times):
        Y = dlode45(printing, times, y0, k, MaxStepSize=0.5)
        total = (Y * np.array([[[1.0, 2.0]]])).sum()
        return total, *dlgradient(total, y0, k, times)

    times = np.array([0.5, 0.8, 1.5])
    with debug.eager():
        found = dlfeval(loss, dlarray([3.0]), dlarray(0.8), dlarray(times))
    after = times[1:] - times[0]
    y, weights = 3 * np.exp(-0.8 * after), np.array([1.0, 2.0])
    of_times = -0.8 * y * weights
    expected = [y @ weights, y @ weights / 3, -(after * y) @ weights]
    for value, exact in zip(found, [*expected, [-of_times.sum(), *of_times]], strict=True):
        np.testing.assert_allclose(extractdata(value).ravel(), exact, rtol=1e-3)


# Messages


def explained(error, *parts):
    return all(part in str(error.value) for part in parts)


@pytest.mark.parametrize(
    ("tspan", "kind", "message"),
    [
        ([0], OptionError, "tspan must be a vector of at least two times"),
        (5.0, OptionError, "tspan must be a vector of at least two times"),
        (np.zeros((2, 2)), OptionError, r"tspan: 2×2 float64"),
        ([0, 1, 1], OptionError, r"tspan\[1\] and tspan\[2\]: 1, 1"),
        ([0, 2, 1], OptionError, "must increase strictly, or decrease strictly"),
        ([3, 2, 2.5], OptionError, r"tspan\[1\] and tspan\[2\]: 2, 2.5"),
        ([0, np.nan], OptionError, "a time in tspan is not finite"),
        ([0, np.inf], OptionError, "a time in tspan is not finite"),
        (dlarray([0.0, 1.0], "TB"), FormatError, "tspan has labels"),
        ("0:1", OptionError, "expected numbers"),
    ],
)
def test_wrong_times_are_explained(tspan, kind, message):
    with pytest.raises(kind, match=message) as error:
        dlode45(decay, tspan, dlarray(1.0), dlarray(1.0))
    assert explained(error, "dlode45: ")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"GradientMode": "adjont"}, 'Did you mean "adjoint"'),
        ({"GradientMode": "adjoint", "GradientsMode": "direct"}, "give one of them"),
        ({"RelativeTolerance": 0}, "RelativeTolerance must be a scalar, larger than 0"),
        ({"AbsoluteTolerance": [1, 2]}, "AbsoluteTolerance must be a scalar"),
        ({"MaxStepSize": -1}, "MaxStepSize must be a scalar, larger than 0"),
        ({"InitialStepSize": "auto"}, "InitialStepSize must be a number"),
        ({"DataFormat": "CB"}, "DataFormat is given, but Y0 has labels"),
    ],
)
def test_wrong_options_are_explained(options, message):
    with pytest.raises((OptionError, FormatError), match=message):
        dlode45(decay, [0, 1], dlarray(1.0, "CB"), dlarray(1.0), **options)


def test_the_older_spelling_of_the_mode_is_accepted():
    y = dlode45(decay, [0, 1], dlarray(1.0), dlarray(1.0), GradientsMode="adjoint")
    assert y.item() == pytest.approx(np.exp(-1), rel=1e-3)


def test_a_state_with_time_or_too_few_labels_is_refused():
    with pytest.raises(FormatError, match='a time dimension "T" already') as error:
        dlode45(decay, [0, 1], dlarray(np.ones((2, 3, 4)), "CBT"), dlarray(1.0))
    assert explained(error, "2(C) × 3(B) × 4(T)")
    with pytest.raises(FormatError, match="DataFormat has 1 labels, Y0 has 2 dimensions"):
        dlode45(decay, [0, 1], dlarray(np.ones((2, 3))), dlarray(1.0), DataFormat="C")


@pytest.mark.parametrize(
    ("odefun", "kind", "parts"),
    [
        (lambda t, y: y[0, :], FormatError, ["y: 2(C) × 3(B)", "odefun returned: 1(C) × 3(B)"]),
        (lambda t, y: dlarray(stripdims(y), "BC"), FormatError, ["odefun returned: 3(C) × 2(B)"]),
        (lambda t, y: None, OptionError, ["odefun must return the derivative", "NoneType"]),
        (lambda t, y: (y, y), OptionError, ["odefun returned: a tuple"]),
    ],
)
def test_what_odefun_returns_is_checked(odefun, kind, parts):
    with pytest.raises(kind) as error:
        dlode45(odefun, [0, 1], dlarray(np.ones((2, 3)), "CB"))
    assert explained(error, "dlode45: odefun", *parts)


def test_an_error_in_odefun_says_with_what_it_was_called():
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'rate'") as error:
        dlode45(decay, [0, 1], dlarray(np.ones((2, 3)), "CB"))
    assert error.value.__notes__ == ["in odefun, which dlode45 called with y of 2(C) × 3(B)"]


@pytest.mark.parametrize("eagerly", [False, True])
def test_a_traced_array_that_is_captured_is_refused(eagerly):
    def loss(y0, k):
        y = dlode45(lambda t, y: -k * y, [0, 1], y0)
        return dlgradient(y.sum(), k)

    def attempt():
        with pytest.raises(StateError, match="traced dlarray that is not among its arg") as error:
            dlfeval(loss, dlarray([1.0]), dlarray(2.0))
        assert explained(error, "Pass it in theta")

    if eagerly:
        with debug.eager():
            attempt()
    else:
        attempt()


def test_random_numbers_in_odefun_are_refused():
    net = dlnetwork([featureInputLayer(2), dropoutLayer(), fullyConnectedLayer(2)])
    with pytest.raises(OptionError, match="odefun draws random numbers") as error:
        dlode45(lambda t, y, net: forward(net, y), [0, 1], dlarray(np.ones((2, 1)), "CB"), net)
    assert explained(error, "predict instead of forward")
    dlode45(lambda t, y, net: predict(net, y), [0, 1], dlarray(np.ones((2, 1)), "CB"), net)


def test_the_first_argument_is_a_function_or_a_network():
    with pytest.raises(OptionError, match="must be a function or a network, not a str") as error:
        dlode45("decay", [0, 1], dlarray(1.0))
    assert explained(error, "dlode45(odefun, tspan, Y0, theta)")


def test_a_network_takes_no_theta():
    net = network(featureInputLayer(2))
    with pytest.raises(OptionError, match="a network takes no theta"):
        dlode45(net, [0, 1], dlarray(np.ones((2, 1)), "CB"), net)


# The example


def test_a_neural_ode_learns_the_spiral():
    times = np.linspace(0, 1, 6)
    random = np.random.default_rng(1)
    X = random.standard_normal((2, 30))
    T = np.stack([scipy.linalg.expm(SPIRAL * t) @ X for t in times[1:]], axis=-1)

    def modelLoss(theta, X, T):
        Y = dlode45(linear, times, X, theta)
        loss = l1loss(Y, T, DataFormat="CBT", NormalizationFactor="all-elements")
        return loss, dlgradient(loss, theta)

    theta, mean, meanSq = dlarray(np.zeros((2, 2))), [], []
    for iteration in range(1, 301):
        _, gradient = dlfeval(modelLoss, theta, dlarray(X), dlarray(T))
        theta, mean, meanSq = adamupdate(theta, gradient, mean, meanSq, iteration, 0.02)
    np.testing.assert_allclose(extractdata(theta), SPIRAL, atol=0.03)
