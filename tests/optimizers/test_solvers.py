"""What holds for every solver: containers, number types, state, compilation, messages."""

import gc
import weakref

import jax
import numpy as np
import pytest

from dltk import dlnetwork, dlupdate, featureInputLayer, fullyConnectedLayer
from dltk._errors import FormatError, OptionError, StateError
from dltk._struct import struct
from dltk._table import table
from dltk.dlarray import apply, dlarray, extractdata
from dltk.optimizers import _solver
from dltk.optimizers._adam import adamupdate
from dltk.optimizers._rmsprop import rmspropupdate
from dltk.optimizers._sgdm import sgdmupdate

from .network import Network, gradients_of


def adam(net, grad, states, learnRate=0.001, iteration=1, epsilon=1e-8):
    net, *states = adamupdate(net, grad, *states, iteration, learnRate, epsilon=epsilon)
    return net, states


def rmsprop(net, grad, states, learnRate=0.001, iteration=1, epsilon=1e-8):
    net, *states = rmspropupdate(net, grad, *states, learnRate, epsilon=epsilon)
    return net, states


def sgdm(net, grad, states, learnRate=0.01, iteration=1, epsilon=None):
    net, *states = sgdmupdate(net, grad, *states, learnRate)
    return net, states


STATES = {adam: 2, rmsprop: 1, sgdm: 1}
solvers = pytest.mark.parametrize("solver", STATES, ids=lambda s: s.__name__)


def fresh(solver):
    return [[]] * STATES[solver]


TINY = 1e-30  # an epsilon so small that its place makes no difference


def optax_like(name, learn_rate):
    optax = pytest.importorskip("optax")
    return {
        "adam": optax.adam(learn_rate, eps=TINY),
        "rmsprop": optax.rmsprop(learn_rate, decay=0.9, eps=TINY, initial_scale=0.0),
        "sgdm": optax.sgd(learn_rate, momentum=0.9),
    }[name]


@solvers
def test_five_steps_agree_with_optax_in_double(solver):
    optax = pytest.importorskip("optax")
    rng = np.random.default_rng(3)
    params = {"W": rng.random((4, 3)), "b": rng.random((4, 1))}
    states, witness = fresh(solver), params
    with jax.enable_x64(True):
        rule = optax_like(solver.__name__, 0.02)
        memory = rule.init(witness)
    for iteration in range(1, 6):
        grad = {name: rng.standard_normal(p.shape) for name, p in params.items()}
        params, states = solver(params, grad, states, 0.02, iteration, TINY)
        with jax.enable_x64(True):
            steps, memory = rule.update(grad, memory)
            witness = optax.apply_updates(witness, steps)
    for name, expected in witness.items():
        np.testing.assert_allclose(params[name], expected, rtol=1e-12)
        assert params[name].dtype == np.float64


# scalar theta = 1, gradients 2 and -1, defaults; values by hand from the formulas
HAND = {adam: (0.999, 0.998734), rmsprop: (0.996838, 0.998312), sgdm: (0.98, 0.972)}


@solvers
def test_two_steps_give_the_numbers_worked_out_by_hand(solver):
    params, states = solver(dlarray(1.0), dlarray(2.0), fresh(solver))
    assert float(params) == pytest.approx(HAND[solver][0], abs=5e-7)
    params, states = solver(params, dlarray(-1.0), states, iteration=2)
    assert float(params) == pytest.approx(HAND[solver][1], abs=5e-7)


KINDS = {
    "dlarray": lambda a, b: a,
    "struct": lambda a, b: struct(fc=struct(W=a, b=b)),
    "dict": lambda a, b: {"W": a, "b": b},
    "list": lambda a, b: [a, b],
    "tuple": lambda a, b: (a, (b,)),
    "table": lambda a, b: table(["fc", "fc"], ["W", "b"], [a, b]),
}


@solvers
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("wrap", [dlarray, np.asarray], ids=["dlarray", "NumPy"])
def test_container_and_leaves_keep_their_kind(solver, kind, wrap):
    make = KINDS[kind]
    params = make(wrap(np.ones((2, 3), np.float32)), wrap(np.ones((2, 1))))
    grad = make(wrap(np.full((2, 3), 0.5, np.float32)), wrap(np.full((2, 1), 0.5)))
    new, states = solver(params, grad, fresh(solver))
    new, states = solver(new, grad, states, iteration=2)
    for tree in (new, *states):
        assert jax.tree.structure(tree) == jax.tree.structure(params)
        for was, now in zip(leaves(params), leaves(tree), strict=True):
            assert (type(now), now.dtype, now.shape) == (type(was), was.dtype, was.shape)


def leaves(tree):
    return jax.tree.leaves(tree, is_leaf=lambda x: isinstance(x, dlarray))


@solvers
def test_the_arguments_keep_their_values(solver):
    params, grad = np.ones((2, 2)), np.ones((2, 2))
    net = Network()
    before = [extractdata(v).copy() for v in net.values]
    solver(params, grad, fresh(solver))
    solver(net, gradients_of(net), fresh(solver))
    assert (params == 1).all()
    for was, now in zip(before, net.values, strict=True):
        np.testing.assert_array_equal(was, extractdata(now))


@solvers
def test_numpy_results_are_writable(solver):
    params, (state, *_) = solver(np.ones(3), np.ones(3), fresh(solver))
    params[0] = state[0] = 5
    assert params[0] == state[0] == 5


@solvers
def test_empty_states_mean_zeros(solver):
    params, grad = struct(W=dlarray(np.ones((2, 2)))), struct(W=dlarray(np.ones((2, 2))))
    zeros = struct(W=dlarray(np.zeros((2, 2))))
    expected, _ = solver(params, grad, [zeros] * STATES[solver])
    for empty in ([], None, struct(), {}, table([], [], []), np.zeros((0, 0))):
        new, _ = solver(params, grad, [empty] * STATES[solver])
        np.testing.assert_array_equal(extractdata(new.W), extractdata(expected.W))


@solvers
def test_a_network_gives_a_network_and_tables(solver):
    net = Network()
    new, states = solver(net, gradients_of(net), fresh(solver))
    assert isinstance(new, Network)
    for state in states:
        assert state.names == net.Learnables.names
        assert all(v.dtype == np.float32 for v in state.Value)


@solvers
def test_learn_rate_factors_scale_the_step_and_zero_freezes(solver):
    net = Network(factors=(1.0, 0.0, 2.0, np.array([[0.5]])))
    grad = gradients_of(net)
    factored, _ = solver(net, grad, fresh(solver))
    plain, _ = solver(Network(), grad, fresh(solver))
    steps = [
        (extractdata(a) - extractdata(v), extractdata(b) - extractdata(v))
        for a, b, v in zip(factored.values, plain.values, net.values, strict=True)
    ]
    for (step, whole), factor in zip(steps, (1, 0, 2, 0.5), strict=True):
        np.testing.assert_allclose(step, factor * whole, rtol=1e-3, atol=1e-8)
    np.testing.assert_array_equal(extractdata(factored.values[1]), extractdata(net.values[1]))


@solvers
@pytest.mark.parametrize("zero", [0, 0.0, np.zeros((3, 1))], ids=["int", "float", "array"])
def test_a_frozen_parameter_stays_exactly_even_with_bad_gradients(solver, zero):
    net = Network(factors=(1.0, zero, 1.0, 1.0))
    grad = gradients_of(net)
    grad.Value[1] = dlarray(np.full((3, 1), np.nan, np.float32))
    new, _ = solver(net, grad, fresh(solver))
    np.testing.assert_array_equal(extractdata(new.values[1]), extractdata(net.values[1]))


@solvers
def test_factors_of_part_of_a_parameter_apply_row_by_row(solver):
    net = Network(factors=(np.array([[1.0], [0.0], [3.0]]), 1.0, 1.0, 1.0))
    grad = gradients_of(net)
    new, _ = solver(net, grad, fresh(solver))
    plain, _ = solver(Network(), grad, fresh(solver))
    step = extractdata(new.values[0]) - extractdata(net.values[0])
    whole = extractdata(plain.values[0]) - extractdata(net.values[0])
    np.testing.assert_allclose(step, whole * [[1], [0], [3]], rtol=1e-3, atol=1e-8)
    np.testing.assert_array_equal(extractdata(new.values[0])[1], extractdata(net.values[0])[1])


@solvers
def test_formatted_parameters_keep_labels_and_take_plain_gradients(solver):
    values = np.arange(6.0).reshape(2, 3)
    grad = np.array([[1.0, -1.0, 2.0], [0.5, 3.0, -2.0]])
    plain, _ = solver(values, grad, fresh(solver))
    for g in (dlarray(grad, "CB"), dlarray(grad), grad):
        new, states = solver(dlarray(values, "CB"), g, fresh(solver))
        assert new.dims == states[0].dims == "CB"
        np.testing.assert_allclose(extractdata(new), plain, rtol=1e-12)


@solvers
def test_fields_in_another_order_are_matched_by_name(solver):
    params = struct(a=np.ones(2), b=np.zeros(3))
    expected, _ = solver(params, struct(a=np.ones(2), b=np.full(3, 2.0)), fresh(solver))
    new, _ = solver(params, struct(b=np.full(3, 2.0), a=np.ones(2)), fresh(solver))
    np.testing.assert_array_equal(new.b, expected.b)


@solvers
def test_later_steps_and_other_numbers_do_not_trace_again(solver, monkeypatch):
    traces = []
    one = _solver._one
    monkeypatch.setattr(_solver, "_one", lambda *args: traces.append(1) or one(*args))
    net = Network([dlarray(np.ones((7, 5), np.float32))] * 4)
    grad = gradients_of(net)
    net, states = solver(net, grad, fresh(solver))
    first = len(traces)
    assert first == 4
    rates = (0.01, 1, np.float32(0.02), dlarray(0.03), jax.numpy.float32(0.1), np.array([[0.5]]))
    for iteration, rate in enumerate(rates, start=2):
        net, states = solver(net, grad, states, rate, iteration)
    assert len(traces) == first


@solvers
def test_inside_jit_it_is_part_of_the_program(solver):
    params = struct(W=dlarray(np.ones((2, 3), np.float32), "CB"))
    grad = struct(W=dlarray(np.full((2, 3), 0.5, np.float32), "CB"))
    zeros = [struct(W=dlarray(np.zeros((2, 3), np.float32), "CB"))] * STATES[solver]
    expected, states = solver(params, grad, zeros, 0.05, 3)
    new, inside = jax.jit(solver)(params, grad, zeros, 0.05, 3)
    assert new.W.dtype == np.float32
    np.testing.assert_allclose(extractdata(new.W), extractdata(expected.W), rtol=1e-6)
    np.testing.assert_allclose(extractdata(inside[0].W), extractdata(states[0].W), rtol=1e-6)


@solvers
def test_inside_dlfeval_derivatives_flow_through_the_step(solver):
    dlfeval, dlgradient = derivatives()
    p, g = np.array([1.0, -2.0, 3.0]), np.array([0.5, -0.25, 2.0])
    states = [dlarray(np.array([0.3, 0.2, 0.1])[:, None])] * STATES[solver]

    def after(p, g, rate):
        new, _ = solver(struct(W=p), struct(W=g), [struct(W=s) for s in states], rate, 2)
        return apply("sum", lambda x: (x * x).sum().reshape(1, 1), [new.W], "")

    def gradients(p, g, rate):
        return dlgradient(after(p, g, rate), [p, g, rate])

    at = [dlarray(p[:, None]), dlarray(g[:, None]), dlarray(0.02)]
    found = dlfeval(gradients, *at)
    for k, step in enumerate((1e-6, 1e-6, 1e-6)):
        direction = np.ones(at[k].shape)
        up = [x + step * direction if i == k else x for i, x in enumerate(at)]
        down = [x - step * direction if i == k else x for i, x in enumerate(at)]
        slope = (float(after(*up)) - float(after(*down))) / (2 * step)
        assert float(extractdata(found[k]).sum()) == pytest.approx(slope, rel=1e-6)


def derivatives():
    autodiff = pytest.importorskip("dltk.autodiff")
    return autodiff.dlfeval, autodiff.dlgradient


# What goes wrong


def message(error):
    return str(error.value)


@solvers
def test_gradients_of_another_structure_name_the_first_difference(solver):
    params = struct(fc1=struct(Weights=np.ones((2, 2)), Bias=np.ones(2)))
    with pytest.raises(OptionError, match="does not have the structure of the parameters") as error:
        solver(params, struct(fc1=struct(Weights=np.ones((2, 2)))), fresh(solver))
    assert 'grad has no "fc1/Bias"' in message(error)
    with pytest.raises(OptionError) as error:
        solver(params, np.ones((2, 2)), fresh(solver))
    assert "grad: a single array; parameters: a container of arrays" in message(error)
    assert "grad: 2×2 array" in message(error)


@solvers
def test_gradients_of_another_network_name_the_row(solver):
    net = Network()
    grad = gradients_of(net)
    with pytest.raises(OptionError) as error:
        solver(net, grad[:3], fresh(solver))
    assert 'grad has no "fc2/Bias"' in message(error)
    assert message(error).startswith(f"{solver.__name__}update: grad does not")


@solvers
def test_missing_gradients_show_the_call(solver):
    with pytest.raises(OptionError, match="there are no gradients") as error:
        solver(Network(), None, fresh(solver))
    assert "grad: None" in message(error)
    assert f"{solver.__name__}update(net, grad" in message(error)


@solvers
def test_sizes_that_differ_are_both_shown(solver):
    params = struct(fc=struct(W=dlarray(np.ones((2, 3)))))
    with pytest.raises(FormatError, match="grad of fc/W has another size") as error:
        solver(params, struct(fc=struct(W=dlarray(np.ones((3, 2))))), fresh(solver))
    assert "parameter: 2×3" in message(error)
    assert "grad: 3×2" in message(error)


@solvers
def test_a_state_of_other_parameters_is_named(solver):
    name = {adam: "averageGrad", rmsprop: "averageSqGrad", sgdm: "vel"}[solver]
    params, grad = {"W": np.ones(3)}, {"W": np.ones(3)}
    with pytest.raises(OptionError, match=f"{name} does not have the structure") as error:
        solver(params, grad, [{"V": np.ones(3)}] * STATES[solver])
    assert f'{name} has no "W"' in message(error)
    with pytest.raises(FormatError, match=f"{name} of W has another size"):
        solver(params, grad, [{"W": np.ones(4)}] * STATES[solver])


@solvers
@pytest.mark.parametrize(
    ("rate", "shown"),
    [([0.1, 0.2], "2 list"), ("fast", "str 'fast'"), (np.ones((2, 2)), "2×2 ndarray")],
)
def test_a_learn_rate_that_is_no_scalar_is_shown(solver, rate, shown):
    with pytest.raises(OptionError, match="learnRate is not a real scalar") as error:
        solver(np.ones(2), np.ones(2), fresh(solver), rate)
    assert shown in message(error)
    assert "The call is" in message(error)


@solvers
def test_a_network_without_values_is_sent_to_initialize(solver):
    net = Network([None] * 4)
    with pytest.raises(StateError, match="has no values yet"):
        solver(net, gradients_of(Network()), fresh(solver))


@solvers
def test_text_among_the_parameters_is_refused(solver):
    with pytest.raises(OptionError, match="expected numbers"):
        solver({"name": "fc"}, {"name": "fc"}, fresh(solver))


def test_decays_out_of_range_are_refused():
    with pytest.raises(OptionError, match="momentum must be from 0 to 1"):
        sgdmupdate(np.ones(2), np.ones(2), [], 0.1, 1.5)
    with pytest.raises(OptionError, match="epsilon must be at least 0"):
        rmspropupdate(np.ones(2), np.ones(2), [], 0.1, 0.9, -1)


@pytest.mark.parametrize("iteration", [0, -1, 0.0, dlarray(0), np.array(0)])
def test_adam_refuses_iteration_zero(iteration):
    with pytest.raises(OptionError, match="the first update is number 1"):
        adamupdate(np.ones(2), np.ones(2), [], [], iteration)


def test_adam_says_that_the_iteration_is_missing():
    with pytest.raises(OptionError, match="iteration is missing") as error:
        adamupdate(np.ones(2), np.ones(2), [], [])
    assert "adamupdate(net, grad, averageGrad, averageSqGrad, iteration" in message(error)


def test_adam_gives_the_numbers_of_the_example_on_its_page():
    # params rand(3,3,4), gradients all 1, iteration 1, learnRate 0.05, decays 0.75 and 0.95
    params, grad = np.random.default_rng(0).random((3, 3, 4)), np.ones((3, 3, 4))
    new, averageGrad, averageSqGrad = adamupdate(params, grad, [], [], 1, 0.05, 0.75, 0.95)
    np.testing.assert_allclose(params - new, 0.05, rtol=1e-6)
    np.testing.assert_allclose(averageGrad, 0.25)
    np.testing.assert_allclose(averageSqGrad, 0.05)


def test_adam_takes_an_unsigned_iteration():
    new, *_ = adamupdate(1.0, 2.0, [], [], np.uint32(1))
    assert new == pytest.approx(0.999)


def test_sgdm_keeps_the_learn_rate_inside_the_velocity():
    params, vel = sgdmupdate(1.0, 1.0, [], 0.1, 0.9)
    params, vel = sgdmupdate(params, 0.0, vel, 0.0, 0.9)
    assert vel == pytest.approx(-0.09)  # 0.9 times -0.1; outside it would have lost the 0.1
    assert params == pytest.approx(0.81)


# Memory of old results


def test_parameters_that_are_kept_stay_what_they_were():
    p = dlarray(np.ones((40, 40), np.float32))
    g, average, square, kept = dlarray(np.ones((40, 40), np.float32)), [], [], []
    for iteration in range(1, 8):
        p, average, square = adamupdate(p, g, average, square, iteration, 0.1)
        if iteration % 2:
            kept.append((p, extractdata(p).copy(), average, extractdata(average).copy()))
    for p, numbers, average, means in kept:
        np.testing.assert_array_equal(extractdata(p), numbers)
        np.testing.assert_array_equal(extractdata(average), means)


def test_new_parameters_take_the_memory_of_old_ones():
    p, g = dlarray(np.ones((64, 64), np.float32)), dlarray(np.ones((64, 64), np.float32))
    places, vel = [], []
    for _ in range(8):
        p, vel = sgdmupdate(p, g, vel)
        places.append(p._data.unsafe_buffer_pointer())
    assert len(set(places[1:])) == 2


def test_nothing_is_kept_of_parameters_that_are_gone():
    _solver._spare.cache_clear()
    p, g = dlarray(np.ones((32, 64), np.float32)), dlarray(np.ones((32, 64), np.float32))
    for _ in range(3):
        p = sgdmupdate(p, g, [])[0]
    held = weakref.ref(p._data)
    del p
    gc.collect()
    assert held() is None


def test_frozen_parameters_are_handed_through():
    net = dlnetwork([featureInputLayer(40), fullyConnectedLayer(40, WeightLearnRateFactor=0)])
    before = extractdata(net.Learnables["fc", "Weights"]).copy()
    gradients = dlupdate(lambda p: p * 0 + 1, net.Learnables)
    average, square = [], []
    for iteration in (1, 2, 3, 4):
        net, average, square = adamupdate(net, gradients, average, square, iteration)
    np.testing.assert_array_equal(extractdata(net.Learnables["fc", "Weights"]), before)
    assert (extractdata(net.Learnables["fc", "Bias"]) < 0).all()
