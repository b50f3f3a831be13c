"""L-BFGS against closed forms, SciPy and the dense formula; line searches, state, messages."""

import copy
import pickle

import jax
import numpy as np
import pytest
import scipy.optimize

from dltk import (
    dlfeval,
    dlgradient,
    dlnetwork,
    dlupdate,
    double,
    featureInputLayer,
    forward,
    fullyConnectedLayer,
    mse,
    setLearnRateFactor,
    tanhLayer,
)
from dltk._errors import FormatError, OptionError, StateError
from dltk._struct import struct
from dltk._table import table
from dltk.dlarray import dlarray, extractdata
from dltk.optimizers import _lbfgs_problem as problem
from dltk.optimizers import _lbfgs_steps as steps
from dltk.optimizers._lbfgs import lbfgsupdate
from dltk.optimizers._lbfgs_state import lbfgsState
from dltk.optimizers._line_search import METHODS, Trial, search

from .network import Network

methods = pytest.mark.parametrize("method", METHODS)


def rosenbrock(x):
    """SciPy's own function and gradient."""
    return scipy.optimize.rosen(x.ravel()), scipy.optimize.rosen_der(x.ravel()).reshape(x.shape)


def minimize(lossFcn, x, most, until=lambda x, state: False, **options):
    """Iterations up to ``most``; gives parameters, state, number of iterations."""
    state = options.pop("state", None)
    iteration = 0
    while iteration < most:
        iteration += 1
        x, state = lbfgsupdate(x, lossFcn, state, **options)
        if until(x, state) or state.LineSearchStatus == "failed":
            break
    return x, state, iteration


def quadratic(size, condition, seed=0):
    """A positive definite matrix and a vector."""
    random = np.random.default_rng(seed)
    Q, _ = np.linalg.qr(random.standard_normal((size, size)))
    A = Q @ np.diag(np.geomspace(1, condition, size)) @ Q.T
    return A, random.standard_normal(size)


# Where it ends


@methods
@pytest.mark.parametrize("size", [2, 10])
def test_rosenbrocks_minimum_is_found_in_as_many_iterations_as_scipy_takes(size, method):
    x = np.where(np.arange(size) % 2 == 0, -1.2, 1.0)
    options = {"ftol": 0, "gtol": 1e-7, "maxcor": 10}
    witness = scipy.optimize.minimize(
        scipy.optimize.rosen, x, jac=scipy.optimize.rosen_der, method="L-BFGS-B", options=options
    )
    there = lambda x, state: abs(x - 1).max() < 1e-8  # noqa: E731
    x, _, iterations = minimize(rosenbrock, x, 200, there, LineSearchMethod=method)
    np.testing.assert_allclose(x, 1, atol=1e-8)
    assert iterations <= 1.1 * witness.nit + 2


@methods
def test_the_minimum_of_a_quadratic_is_the_solution_of_the_linear_system(method):
    A, b = quadratic(8, 100.0)
    lossFcn = lambda x: (0.5 * x @ A @ x - b @ x, A @ x - b)  # noqa: E731
    x, state, _ = minimize(
        lossFcn, np.zeros(8), 60, lambda x, s: s.GradientsNorm < 1e-10, LineSearchMethod=method
    )
    np.testing.assert_allclose(x, np.linalg.solve(A, b), atol=1e-10)
    assert state.LineSearchStatus == "completed"


def test_the_first_step_on_a_round_bowl_with_the_right_factor_is_the_solution():
    state = lbfgsState(InitialInverseHessianFactor=0.25)
    x, state = lbfgsupdate(np.zeros(3), lambda x: (2 * ((x - 1) ** 2).sum(), 4 * (x - 1)), state)
    np.testing.assert_array_equal(x, 1)
    assert state.StepNorm == pytest.approx(np.sqrt(3))
    assert state.GradientsNorm == 0


def test_the_step_is_that_of_the_dense_update_formula():
    # H <- (I - r s y') H (I - r y s') + r s s' from H = factor I (Nocedal and Wright, eq. 6.17)
    A, b = quadratic(6, 30.0)
    lossFcn = lambda x: (0.5 * x @ A @ x - b @ x, A @ x - b)  # noqa: E731
    x, state = np.zeros(6), lbfgsState(HistorySize=3)
    for _ in range(5):
        before, known = x, state
        x, state = lbfgsupdate(x, lossFcn, state)
    pairs = list(zip(known.StepHistory, known.GradientsDifferenceHistory, strict=True))
    assert len(pairs) == 3
    H = known.InverseHessianFactor * np.eye(6)
    for (s,), (y,) in pairs:
        r, identity = 1 / (s @ y), np.eye(6)
        H = (identity - r * np.outer(s, y)) @ H @ (identity - r * np.outer(y, s))
        H += r * np.outer(s, s)
    direction, step = -H @ (A @ before - b), x - before
    cosine = direction @ step / np.linalg.norm(direction) / np.linalg.norm(step)
    assert cosine == pytest.approx(1, abs=1e-12)
    (s,), (y,) = pairs[-1]
    assert known.InverseHessianFactor == pytest.approx(s @ y / (y @ y))


# Networks


def regression(*layers):
    x = np.linspace(-1, 1, 60)[None]
    net = dlupdate(double, dlnetwork([featureInputLayer(1), *layers]))
    return net, dlarray(x, "CB"), dlarray(np.sin(3 * x) + x**2, "CB")


def modelLoss(net, X, T):
    Y = forward(net, X)
    loss = mse(Y, T)
    return loss, dlgradient(loss, net.Learnables), Y


def test_a_linear_network_ends_at_least_squares():
    net, X, T = regression(fullyConnectedLayer(1))
    lossFcn = lambda net: dlfeval(modelLoss, net, X, T)  # noqa: E731
    net, state, _ = minimize(lossFcn, net, 20, lambda net, s: s.GradientsNorm < 1e-9)
    design = np.stack([extractdata(X)[0], np.ones(60)], axis=1)
    expected, rest, *_ = np.linalg.lstsq(design, extractdata(T)[0])
    found = [extractdata(v).item() for v in net.Learnables.Value]
    np.testing.assert_allclose(found, expected, rtol=1e-8)
    assert state.Loss.item() == pytest.approx(rest[0] / 2 / 60)


def test_a_small_network_learns_a_curve():
    net, X, T = regression(fullyConnectedLayer(12), tanhLayer(), fullyConnectedLayer(1))
    lossFcn = lambda net: dlfeval(modelLoss, net, X, T)  # noqa: E731
    net, state, _ = minimize(lossFcn, net, 150)
    Y = forward(net, X)
    assert abs(extractdata(Y - T)).max() < 0.01
    assert state.Loss.item() == pytest.approx(mse(Y, T).item(), rel=1e-9)
    assert state.Gradients.names == net.Learnables.names
    assert all(v.dtype == np.float64 for v in net.Learnables.Value)


def test_frozen_parameters_stay():
    net, X, T = regression(fullyConnectedLayer(1))
    net = setLearnRateFactor(net, "fc", "Weights", 0)
    net.Learnables["fc", "Weights"] = dlarray(np.array([[0.5]]))
    lossFcn = lambda net: dlfeval(modelLoss, net, X, T)  # noqa: E731
    net, state, _ = minimize(lossFcn, net, 20, lambda net, s: s.GradientsNorm < 1e-9)
    weight, bias = (extractdata(v).item() for v in net.Learnables.Value)
    assert weight == 0.5
    assert bias == pytest.approx(np.mean(extractdata(T - 0.5 * X)), rel=1e-8)
    assert state.GradientsNorm < 1e-9  # of the free parameters


def test_parameters_frozen_in_part_stay_in_part():
    goal = [np.full((3, 2), 2.0), np.ones((3, 1))]

    def lossFcn(net):
        off = [v - g for v, g in zip(net.values, goal, strict=True)]
        gradients = net.Learnables
        gradients.Value = off
        return sum(float((o * o).sum()) for o in off) / 2, gradients

    factors = (np.array([1.0, 0.0, 1.0]), 1)
    net = TwoRows([dlarray(np.zeros((3, 2))), dlarray(np.zeros((3, 1)))], factors)
    net, _ = lbfgsupdate(net, lossFcn)
    np.testing.assert_array_equal(extractdata(net.values[0]), [[2, 2], [0, 0], [2, 2]])
    np.testing.assert_array_equal(extractdata(net.values[1]), 1)


class TwoRows(Network):
    """One layer."""

    @property
    def Learnables(self):
        return table(["fc", "fc"], ["Weights", "Bias"], self.values)

    def _with_values(self, values):
        return TwoRows(values, self._learn_rates)


# Containers and number types

KINDS = {
    "dlarray": lambda a, b: a,
    "struct": lambda a, b: struct(fc=struct(W=a, b=b)),
    "dict": lambda a, b: {"W": a, "b": b},
    "list": lambda a, b: [a, b],
    "tuple": lambda a, b: (a, (b,)),
    "table": lambda a, b: table(["fc", "fc"], ["W", "b"], [a, b]),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("wrap", [dlarray, np.asarray], ids=["dlarray", "NumPy"])
def test_container_and_leaves_keep_their_kind(kind, wrap):
    make = KINDS[kind]
    a, b = wrap(np.ones((2, 3), np.float32)), wrap(np.ones((2, 1), np.float32))

    def lossFcn(params):
        loss = dlupdate(lambda p: (p * p).sum(), params)
        total = sum(float(x) for x in leaves(loss))
        return total, dlupdate(lambda p: 2 * p, params)

    params, state = make(a, b), []
    for _ in range(2):
        params, state = lbfgsupdate(params, lossFcn, state)
    assert type(params) is type(make(a, b))
    for was, now in zip(leaves(make(a, b)), leaves(params), strict=True):
        assert (type(now), now.dtype, now.shape) == (type(was), was.dtype, was.shape)
        np.testing.assert_allclose(np.asarray(extractdata(now)), 0, atol=1e-6)


def leaves(tree):
    return jax.tree.leaves(tree, is_leaf=lambda x: isinstance(x, dlarray))


def test_labels_of_parameters_and_gradients_may_differ_in_form_only():
    goal = dlarray(np.array([[1.0], [2.0]]), "CB")
    lossFcn = lambda x: (((x - goal) ** 2).sum() / 2, extractdata(x - goal))  # noqa: E731
    x, _ = lbfgsupdate(dlarray(np.zeros((2, 1)), "CB"), lossFcn)
    assert x.dims == "CB"
    np.testing.assert_array_equal(extractdata(x), [[1.0], [2.0]])


def test_in_single_precision_it_goes_on_until_losses_differ_by_rounding():
    A, b = (x.astype(np.float32) for x in quadratic(5, 10.0))
    lossFcn = lambda x: (0.5 * x @ A @ x - b @ x + np.float32(7), A @ x - b)  # noqa: E731
    x, state, _ = minimize(
        lossFcn, np.zeros(5, np.float32), 40, lambda x, s: s.GradientsNorm < 3e-5
    )
    assert x.dtype == np.float32
    assert state.GradientsNorm < 3e-5
    np.testing.assert_allclose(x, np.linalg.solve(A, b), atol=1e-4)


# Line searches


@pytest.mark.parametrize("method", ["weak-wolfe", "strong-wolfe"])
def test_accepted_steps_satisfy_the_wolfe_conditions(method):
    x, state = np.array([-1.2, 1.0, -0.5]), None
    lengths = []
    for _ in range(25):
        (f0, g0), before = rosenbrock(x), x
        x, state = lbfgsupdate(x, rosenbrock, state, LineSearchMethod=method)
        (f1, g1), s = rosenbrock(x), x - before
        assert state.LineSearchStatus == "completed"
        assert f1 <= f0 + 1e-4 * (g0 @ s)
        flat = abs(g1 @ s) if method == "strong-wolfe" else -(g1 @ s)
        assert flat <= -0.9 * (g0 @ s)
        lengths.append(np.linalg.norm(s))
        assert state.StepNorm == pytest.approx(lengths[-1])
        assert state.GradientsNorm == pytest.approx(np.linalg.norm(g1))


def test_backtracking_asks_for_decrease_only():
    # along -g the loss is t -> -t with a slope that never flattens: only backtracking is content
    slide = lambda t: Trial(t, -t, -1.0)  # noqa: E731
    assert search("backtracking", slide, slide(0.0), 20)[0].step == 1.0
    trial, satisfied = search("weak-wolfe", slide, slide(0.0), 6)
    assert (trial.step, satisfied) == (32.0, False)


@methods
def test_a_step_to_where_there_is_no_loss_is_too_long(method):
    def lossFcn(x):  # defined between -1 and 1, lowest at 1/3
        with np.errstate(invalid="ignore"):
            return -(np.log(1 - x) + 2 * np.log(1 + x)).sum(), 1 / (1 - x) - 2 / (1 + x)

    x, _, _ = minimize(
        lossFcn,
        np.array([-0.99]),
        40,
        lambda x, s: s.GradientsNorm < 1e-9,
        LineSearchMethod=method,
    )
    np.testing.assert_allclose(x, 1 / 3, rtol=1e-9)


@methods
def test_a_gradient_of_the_wrong_sign_fails_and_changes_nothing(method):
    x = np.array([1.0, 2.0])
    lossFcn = lambda x: ((x * x).sum(), -2 * x)  # noqa: E731
    new, state = lbfgsupdate(x, lossFcn, LineSearchMethod=method)
    assert state.LineSearchStatus == "failed"
    np.testing.assert_array_equal(new, x)
    assert state.StepNorm == 0
    assert state.Loss == 5.0


def test_after_a_failed_search_the_next_call_starts_from_steepest_descent():
    state = minimize(rosenbrock, np.array([-1.2, 1.0]), 5)[1]
    x = np.array([1.0, 2.0])
    _, state = lbfgsupdate(x, lambda x: ((x * x).sum(), -2 * x), state)
    assert state.StepHistory == []
    assert state.InverseHessianFactor == 1
    x, state = lbfgsupdate(x, lambda x: ((x * x).sum(), 2 * x), state)
    np.testing.assert_array_equal(x, 0)


def test_a_search_that_runs_out_of_trials_keeps_the_best_decrease():
    x, state = lbfgsupdate(
        np.array([0.0]),
        lambda x: (float((x[0] - 100) ** 2), 2 * (x - 100)),
        lbfgsState(InitialInverseHessianFactor=1e-6),
        MaxNumLineSearchIterations=3,
    )
    assert state.LineSearchStatus == "failed"
    np.testing.assert_allclose(x, 4 * 200e-6)  # three trials: 1, 2, 4
    assert state.StepNorm == pytest.approx(8e-4)


def test_no_loss_at_the_start_is_a_failure():
    x, state = lbfgsupdate(np.array([-1.0]), lambda x: (np.nan, x))
    assert state.LineSearchStatus == "failed"
    assert x == -1
    assert np.isnan(state.Loss)


def test_at_a_minimum_nothing_moves():
    x, state = lbfgsupdate(np.zeros(2), lambda x: ((x * x).sum(), 2 * x))
    assert (state.LineSearchStatus, state.StepNorm, state.GradientsNorm) == ("completed", 0, 0)
    np.testing.assert_array_equal(x, 0)


# State


def test_a_new_state_shows_its_settings_and_nothing_else():
    state = lbfgsState(HistorySize=4, InitialInverseHessianFactor=0.5)
    assert (state.HistorySize, state.InverseHessianFactor, state.LineSearchStatus) == (4, 0.5, "")
    assert state.Loss == state.Gradients == state.StepNorm == state.StepHistory == []
    assert "HistorySize: 4" in repr(state)
    assert "StepNorm" in repr(lbfgsupdate(np.ones(1), rosenbrock_like)[1])


def rosenbrock_like(x):
    return float((x**4).sum()), 4 * x**3


def test_the_history_keeps_the_newest_pairs():
    x, state, steps_taken = np.array([-1.2, 1.0]), lbfgsState(HistorySize=3), []
    for _ in range(5):
        before = x
        x, state = lbfgsupdate(x, rosenbrock, state)
        steps_taken.append(x - before)
    np.testing.assert_array_equal(state.HistoryIndices, [1, 2, 3])
    for (held,), taken in zip(state.StepHistory, steps_taken[-3:], strict=True):
        np.testing.assert_allclose(held, taken, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize(("size", "largest"), [(0.25, 0.25), ("auto", 0.5 * 2 + 0.1)])
def test_the_initial_step_size_is_the_largest_element_of_the_first_step(size, largest):
    x0 = np.array([2.0, -1.0])
    lossFcn = lambda x: ((x - 50) @ (x - 50), 2 * (x - 50))  # noqa: E731
    x, _ = lbfgsupdate(
        x0, lossFcn, lbfgsState(InitialStepSize=size), LineSearchMethod="backtracking"
    )
    assert abs(x - x0).max() == pytest.approx(largest)


def test_further_outputs_of_the_loss_function_are_kept():
    net, X, T = regression(fullyConnectedLayer(1))
    lossFcn = lambda net: dlfeval(modelLoss, net, X, T)  # noqa: E731
    net, state = lbfgsupdate(net, lossFcn, NumLossFunctionOutputs=3)
    (Y,) = state.AdditionalLossFunctionOutputs
    np.testing.assert_allclose(extractdata(Y), extractdata(forward(net, X)), rtol=1e-12)
    _, state = lbfgsupdate(net, lossFcn, state)
    assert state.AdditionalLossFunctionOutputs == []


def test_the_arguments_keep_their_values():
    x, state = np.array([-1.2, 1.0]), lbfgsState()
    lbfgsupdate(x, rosenbrock, state)
    assert state.Loss == []
    np.testing.assert_array_equal(x, [-1.2, 1.0])
    x, state = lbfgsupdate(x, rosenbrock, state)
    twice = [lbfgsupdate(x, rosenbrock, state)[0] for _ in range(2)]
    np.testing.assert_array_equal(*twice)


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda s: pickle.loads(pickle.dumps(s))])
def test_a_state_can_be_saved(copied):
    x, state, _ = minimize(rosenbrock, np.array([-1.2, 1.0]), 5)
    one, _ = lbfgsupdate(x, rosenbrock, state)
    other, _ = lbfgsupdate(x, rosenbrock, copied(state))
    np.testing.assert_array_equal(one, other)


# What is evaluated, and how often


@pytest.fixture
def evaluations(monkeypatch):
    """Counts evaluations of the loss function from outside (a function that counts reads more)."""
    made, plain = [], problem.Problem._evaluated
    monkeypatch.setattr(problem.Problem, "_evaluated", lambda *args: made.append(1) or plain(*args))
    return made


def test_the_loss_of_the_last_point_is_not_evaluated_anew(evaluations):
    data, x, state = np.ones(2), np.zeros(2), None
    counts = []
    for _ in range(3):  # a new lambda each time, with the same code and data
        x, state = lbfgsupdate(x, lambda x: fit(x, data), state, LineSearchMethod="backtracking")
        counts.append(len(evaluations))
        evaluations.clear()
    assert counts == [3, 1, 1]


def fit(x, data):
    weights = np.array([1.0, 3.0])
    return float(weights @ (x - data) ** 2), 2 * weights * (x - data)


def test_a_loss_function_with_other_data_is_evaluated_anew(evaluations):
    data = np.ones(2)
    lossFcn = lambda x: fit(x, data)  # noqa: E731
    x, state, _ = minimize(lossFcn, np.zeros(2), 20, lambda x, s: s.GradientsNorm < 1e-9)
    data = np.full(2, 5.0)
    x, state, _ = minimize(lossFcn, x, 20, lambda x, s: s.GradientsNorm < 1e-9, state=state)
    np.testing.assert_allclose(x, 5, atol=1e-8)


@pytest.mark.parametrize("change", ["replaced", "written into"])
def test_changed_parameters_are_evaluated_anew(change):
    x, state, _ = minimize(rosenbrock, np.array([-1.2, 1.0]), 3)
    if change == "replaced":
        x = np.array([2.0, 2.0])
    else:
        x[:] = 2.0
    new, state = lbfgsupdate(x, rosenbrock, state)
    assert state.Loss < rosenbrock(np.full(2, 2.0))[0]
    assert state.Loss == pytest.approx(rosenbrock(new)[0])


def test_nothing_is_compiled_after_the_first_iterations():
    x, state, _ = minimize(rosenbrock, np.array([-1.2, 1.0, 0.3]), 2)
    programs = [steps.direction, steps.moved, steps.measured, steps.pushed]
    before = [p._cache_size() for p in programs]
    minimize(rosenbrock, x, 5, state=state)
    assert [p._cache_size() for p in programs] == before


# Messages


def explained(error, *parts):
    return all(part in str(error.value) for part in parts)


@pytest.mark.parametrize(
    ("returned", "message", "part"),
    [
        (lambda x: 1.0, "the loss function returned 1 value, 2 are needed", "loss and gradients"),
        (lambda x: None, "the loss function returned 1 value", "returned: a NoneType"),
        (lambda x: (x, x), "is not a real scalar", "first output: a 1×3 array"),
        (lambda x: (dlarray(x), x), "is not a real scalar", "first output: a 1×3 dlarray"),
        (lambda x: ("1", x), "is not a real scalar", "first output: a str"),
        (lambda x: (1.0, None), "holds no gradients", "second output: a NoneType"),
        (lambda x: (1.0, {"a": x}), "gradients does not have the structure", "a single array"),
        (lambda x: (1.0, x[:2]), "another size than the parameter", "gradients: 1×2"),
    ],
)
def test_what_the_loss_function_returns_is_checked(returned, message, part):
    with pytest.raises((OptionError, FormatError), match=message) as error:
        lbfgsupdate(np.ones(3), returned)
    assert explained(error, "lbfgsupdate: ", part)


def test_missing_gradients_of_a_field_are_named():
    params = struct(a=np.ones(2), b=np.ones(2))
    with pytest.raises(OptionError, match="gradients does not have the structure") as error:
        lbfgsupdate(params, lambda p: (1.0, struct(a=p.a)))
    assert explained(error, 'gradients has no "b"')


def test_the_state_of_another_network_is_refused():
    _, state = lbfgsupdate(np.ones(2), rosenbrock)
    with pytest.raises(OptionError, match="belongs to other parameters") as error:
        lbfgsupdate(np.ones(3), rosenbrock, state)
    assert explained(error, "state: 1 array (2; double)", "parameters: 1 array (3; double)")
    with pytest.raises(OptionError, match="solver state is a dict"):
        lbfgsupdate(np.ones(2), rosenbrock, {"Loss": 1})


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: lbfgsupdate(np.ones(2), 5.0), "must be a function, not a float"),
        (lambda: lbfgsupdate(rosenbrock, np.ones(2)), "must be a function"),
        (lambda: lbfgsupdate(struct(), rosenbrock), "no parameters to update"),
        (lambda: lbfgsupdate(np.ones(2) + 0j, rosenbrock), "must be real numbers"),
        (
            lambda: lbfgsupdate(np.ones(2), rosenbrock, LineSearchMethod="weak-wolf"),
            'Did you mean "weak-wolfe"',
        ),
        (
            lambda: lbfgsupdate(np.ones(2), rosenbrock, MaxNumLineSearchIterations=0),
            "MaxNumLineSearchIterations must be a whole number of at least 1",
        ),
        (
            lambda: lbfgsupdate(np.ones(2), rosenbrock, NumLossFunctionOutputs=1),
            "NumLossFunctionOutputs must be a whole number of at least 2",
        ),
        (lambda: lbfgsState(HistorySize=2.5), "HistorySize must be a whole number"),
        (lambda: lbfgsState(InitialInverseHessianFactor=0), "must be a positive number"),
        (lambda: lbfgsState(InitialStepSize="aut"), 'Did you mean "auto"'),
        (lambda: lbfgsState(InitialStepSize=-1), "InitialStepSize must be a positive number"),
    ],
)
def test_wrong_arguments_are_explained(call, message):
    with pytest.raises(OptionError, match=message):
        call()


def test_inside_dlfeval_it_says_where_it_belongs():
    with pytest.raises(StateError, match="runs inside dlfeval"):
        dlfeval(lambda x: lbfgsupdate(x, rosenbrock)[0], dlarray([1.0, 2.0]))
