"""dlaccelerate: programs that are kept and counted, whole training steps, memory used again."""

import threading

import numpy as np
import pytest

import dltk
from dltk import (
    AcceleratedFunction,
    DltkWarning,
    OptionError,
    StateError,
    adamupdate,
    clearCache,
    crossentropy,
    dlaccelerate,
    dlarray,
    dlfeval,
    dlgradient,
    dlnetwork,
    dropoutLayer,
    extractdata,
    featureInputLayer,
    forward,
    fullyConnectedLayer,
    randn,
    reluLayer,
    rng,
    softmaxLayer,
    sum,
)
from dltk.autodiff import programs

RANDOM = np.random.default_rng(3)
X = dlarray(RANDOM.random((6, 16), np.float32), "CB")
T = dlarray(np.eye(3, dtype=np.float32)[:, RANDOM.integers(3, size=16)], "CB")


def network():
    rng(7)
    layers = [featureInputLayer(6), fullyConnectedLayer(300), reluLayer(), dropoutLayer(0.4)]
    return dlnetwork([*layers, fullyConnectedLayer(3), softmaxLayer()])


def modelLoss(net, X, T):
    Y, state = forward(net, X, nargout=2)
    loss = crossentropy(Y, T)
    return loss, dlgradient(loss, net.Learnables), state


def trainStep(net, averageGrad, averageSqGrad, iteration, X, T):
    loss, gradients, net.State = dlfeval(modelLoss, net, X, T)
    net, averageGrad, averageSqGrad = adamupdate(
        net, gradients, averageGrad, averageSqGrad, iteration, 0.01
    )
    return net, averageGrad, averageSqGrad, loss


def trained(step, iterations=6):
    """Losses and networks of some iterations."""
    net, averageGrad, averageSqGrad = network(), [], []
    nets, losses = [net], []
    for iteration in range(1, iterations + 1):
        net, averageGrad, averageSqGrad, loss = step(
            net, averageGrad, averageSqGrad, iteration, X, T
        )
        nets.append(net)
        losses.append(loss.item())
    return losses, nets


def values(net):
    return [np.array(extractdata(value)) for value in net.Learnables.Value]


@pytest.fixture(autouse=True)
def fresh():
    clearCache(dlaccelerate(trainStep))


# Whole training steps


def test_an_accelerated_step_gives_what_the_loop_gives():
    losses, nets = trained(trainStep)
    accelerated, others = trained(dlaccelerate(trainStep))
    np.testing.assert_allclose(accelerated, losses, rtol=1e-5)
    assert losses[-1] < losses[0]
    for a, b in zip(values(nets[-1]), values(others[-1]), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-6)


def test_an_accelerated_step_does_not_change_its_arguments():
    step, net = dlaccelerate(trainStep), network()
    before = values(net)
    for iteration in (1, 2, 3):
        step(net, [], [], iteration, X, T)
    for a, b in zip(before, values(net), strict=True):
        np.testing.assert_array_equal(a, b)


def test_networks_that_are_kept_stay_what_they_were():
    step = dlaccelerate(trainStep)
    net, averageGrad, averageSqGrad = network(), [], []
    kept = []
    for iteration in range(1, 9):
        net, averageGrad, averageSqGrad, _ = step(net, averageGrad, averageSqGrad, iteration, X, T)
        if iteration % 3 == 1:
            kept.append(
                (net, values(net), averageGrad, np.array(extractdata(averageGrad.Value[0])))
            )
    for network_, numbers, average, gradient in kept:
        for a, b in zip(values(network_), numbers, strict=True):
            np.testing.assert_array_equal(a, b)
        np.testing.assert_array_equal(extractdata(average.Value[0]), gradient)


def test_views_of_old_results_stay_what_they_were():
    grow = dlaccelerate(lambda x: x + 1)
    x = dlarray(np.zeros((64, 64), np.float32))
    views = []
    for _ in range(6):
        x = grow(x)
        views.append(np.asarray(x))
    assert [view[0, 0] for view in views] == [1, 2, 3, 4, 5, 6]


def test_results_take_the_memory_of_old_ones():
    grow = dlaccelerate(lambda x: x * 2)
    x = dlarray(np.ones((256, 256), np.float32))
    places = []
    for _ in range(9):
        x = grow(x)
        places.append(x._data.unsafe_buffer_pointer())
    assert len(set(places)) == 2
    assert extractdata(x)[0, 0] == 2**9


def test_random_numbers_are_those_of_the_loop():
    def draw(x):
        return x + randn(2, 2, "like", x)

    x = dlarray(np.zeros((2, 2)))
    step = dlaccelerate(draw)
    rng(5)
    first = [extractdata(step(x)) for _ in range(3)]
    rng(5)
    with dltk.debug.eager():
        second = [extractdata(dlfeval(draw, x)) for _ in range(3)]
    np.testing.assert_allclose(first, second, rtol=1e-12)
    assert len({float(a[0, 0]) for a in first}) == 3


def test_two_threads_do_not_mix():
    step = dlaccelerate(lambda x, n: x * n + 1)
    results = {}

    def run(n):
        x = dlarray(np.zeros((64, 64)))
        for _ in range(30):
            x = step(x, n)
        results[n] = extractdata(x)[0, 0]

    threads = [threading.Thread(target=run, args=(n,)) for n in (1.0, 0.5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {1.0: 30.0, 0.5: pytest.approx(2, rel=1e-8)}


# Counting


def test_hits_and_occupancy():
    accfun = dlaccelerate(lambda x, name: x + len(name))
    assert (accfun.HitRate, accfun.Occupancy) == (0, 0)
    for size in (2, 3, 2, 3):
        accfun(dlarray(np.ones((size, 1))), "a")
    assert (accfun.HitRate, accfun.Occupancy) == (50, 4)
    accfun(dlarray(np.ones((2, 1))), "bb")  # a string is compared by value
    assert (accfun.HitRate, accfun.Occupancy) == (40, 6)
    accfun(dlarray(np.ones((2, 1), np.float32)), "a")
    assert accfun.Occupancy == 8
    clearCache(accfun)
    assert (accfun.HitRate, accfun.Occupancy) == (0, 0)


def test_numbers_are_no_part_of_the_key():
    accfun = dlaccelerate(lambda x, n: x * n)
    x = dlarray(np.ones((2, 1)))
    assert [extractdata(accfun(x, n))[0, 0] for n in range(5)] == [0, 1, 2, 3, 4]
    assert accfun.Occupancy == 2


def test_the_oldest_program_goes_first():
    accfun = dlaccelerate(lambda x: x + 3)
    accfun.CacheSize = 2
    for size in (1, 2, 3, 3, 2, 1):
        accfun(dlarray(np.ones((size, 1))))
    assert accfun.Occupancy == 100
    assert accfun.HitRate == pytest.approx(100 * 2 / 6)


def test_objects_of_one_function_share_their_programs():
    def double(x):
        return 2 * x

    first, second = dlaccelerate(double), dlaccelerate(double)
    first(dlarray(1.0))
    second(dlarray(2.0))
    assert first.HitRate == second.HitRate == 50


def test_dlfeval_of_an_accelerated_function():
    def loss(x):
        y = sum(x**3)
        return y, dlgradient(y, x)

    accfun = dlaccelerate(loss)
    for x in (1.0, 2.0):
        y, g = dlfeval(accfun, dlarray([x, x]))
        assert (y.item(), extractdata(g).tolist()) == (2 * x**3, [[3 * x**2, 3 * x**2]])
    assert (accfun.HitRate, accfun.Occupancy) == (50, 2)


# Derivatives inside


def twice(x):
    return dlgradient(sum(dlgradient(sum(x**4), x)), x)


def test_gradients_inside_can_be_differentiated_without_being_asked_to():
    x = dlarray([1.0, 2.0])
    assert extractdata(dlfeval(dlaccelerate(twice), x)).tolist() == [[12, 48]]
    assert extractdata(dlaccelerate(lambda x: dlfeval(twice, x))(x)).tolist() == [[12, 48]]
    with pytest.raises(StateError, match="cannot be differentiated again"):
        dlfeval(twice, x)


def test_third_derivatives_mixed_with_values():
    def third(x):
        g = dlgradient(sum(x**5), x)
        h = dlgradient(sum(g * x), x)
        return dlgradient(sum(h), x)  # (25 x^4)' = 100 x^3

    assert extractdata(dlfeval(dlaccelerate(third), dlarray([2.0]))).item() == 800


def test_a_gradient_of_what_does_not_depend_on_the_variable_is_zero():
    def nothing(x, y):
        g = dlgradient(sum(y**2), x)
        return g, dlgradient(sum(y), y)

    g, h = dlfeval(dlaccelerate(nothing), dlarray([1.0, 2.0]), dlarray(3.0))
    assert (extractdata(g).tolist(), h.item()) == ([[0, 0]], 1)


def test_the_default_can_be_taken_back():
    def loss(x):
        return dlgradient(sum(dlgradient(sum(x**4), x, EnableHigherDerivatives=False)), x)

    with pytest.raises(StateError, match="cannot be differentiated again"):
        dlfeval(dlaccelerate(loss), dlarray([1.0]))


# What it is made of changes


SHIFT = 1.0


def shifted(x):
    return x + SHIFT


inner = dlaccelerate(shifted)


def test_an_accelerated_function_is_never_stale(monkeypatch):
    assert inner(dlarray(1.0)).item() == 2
    monkeypatch.setattr("tests.test_accelerated.SHIFT", 5.0)
    assert inner(dlarray(1.0)).item() == 6


def test_inside_another_function_it_is_seen_through(monkeypatch):
    def outer(x):
        return inner(x) * 2

    assert dlfeval(outer, dlarray(1.0)).item() == 4
    monkeypatch.setattr("tests.test_accelerated.SHIFT", 2.0)
    assert dlfeval(outer, dlarray(1.0)).item() == 6
    assert dlaccelerate(outer)(dlarray(1.0)).item() == 6


# Running as it is


def test_a_step_that_prints_runs_as_it_is_and_dlfeval_in_it_compiles(capsys):
    def loss(x):
        return dlgradient(sum(x**2), x)

    def step(x):
        g = dlfeval(loss, x)
        print("step")
        return x - 0.5 * g

    accfun = dlaccelerate(step)
    x = dlarray([4.0])
    with pytest.warns(DltkWarning, match="dlaccelerate: .*step runs without compiling"):
        x = accfun(x)
    before = programs.traces
    accfun(accfun(x))
    assert programs.traces == before
    assert capsys.readouterr().out.count("step") == 3
    assert accfun.HitRate == 0


def test_a_loss_that_cannot_be_compiled_warns_once(recwarn):
    def loss(x):
        y = sum(x**2)
        return y if y > 1 else -y

    accfun = dlaccelerate(loss)
    results = [dlfeval(accfun, dlarray([x])).item() for x in (2.0, 0.5, 3.0)]
    assert results == [4, -0.25, 9]
    (warning,) = recwarn.list
    assert "loss runs without compiling" in str(warning.message)
    assert "return y if y > 1 else -y" in str(warning.message)


def test_without_acceleration_values_are_known_and_arguments_are_its_own():
    seen = []

    def loss(x):
        seen.append(x.item())
        x[0] = 7.0
        return x

    accfun = dlaccelerate(loss)
    accfun.Enabled = False
    x = dlarray(3.0)
    assert accfun(x).item() == 7
    assert dlfeval(accfun, x).item() == 7
    assert (x.item(), seen) == (3, [3, 3])


def test_errors_are_the_functions_own():
    def wrong(x):
        return x @ dlarray(np.ones((3, 3)))

    with pytest.raises(dltk.FormatError, match="mtimes"):
        dlaccelerate(wrong)(dlarray(np.ones((2, 2))))


# Checking


def test_tolerance_warns_where_outputs_differ(monkeypatch):
    accfun = dlaccelerate(lambda x: x)
    monkeypatch.setattr(accfun._programs, "call", lambda function, args, kwargs: args[0] + 1)
    x = dlarray(1.0)
    assert accfun(x).item() == 2  # "none" does not compare
    accfun.CheckMode = "tolerance"
    with pytest.warns(DltkWarning, match=r"differ from those of the function itself by 1, more"):
        assert accfun(x).item() == 2
    accfun.CheckTolerance = 1.5
    assert accfun(x).item() == 2


def test_tolerance_compares_the_same_random_numbers():
    accfun = dlaccelerate(lambda x: x + randn(1, 1, "like", x))
    accfun.CheckMode = "tolerance"
    first, second = accfun(dlarray(0.0)).item(), accfun(dlarray(0.0)).item()
    assert first != second


# Properties


def test_properties_have_matlabs_defaults_and_print():
    accfun = dlaccelerate(trainStep)
    assert isinstance(accfun, AcceleratedFunction)
    assert accfun.Function is trainStep
    assert dlaccelerate(accfun) is accfun
    assert repr(accfun) == (
        "  AcceleratedFunction with properties:\n\n"
        "          Function: trainStep\n"
        "           Enabled: 1\n"
        "         CacheSize: 50\n"
        "           HitRate: 0\n"
        "         Occupancy: 0\n"
        "         CheckMode: 'none'\n"
        "    CheckTolerance: 1.0000e-04"
    )


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("Enabled", "on", "Enabled is True or False"),
        ("CacheSize", 0, "whole number from 1 on"),
        ("CacheSize", 2.5, "whole number from 1 on"),
        ("CheckMode", "tolerence", 'Did you mean "tolerance"'),
        ("CheckTolerance", -1, "positive number"),
    ],
)
def test_wrong_properties_are_refused(name, value, text):
    with pytest.raises(OptionError, match=text):
        setattr(dlaccelerate(trainStep), name, value)


@pytest.mark.parametrize("name", ["Function", "HitRate", "Occupancy", "Cache"])
def test_other_properties_cannot_be_set(name):
    with pytest.raises(AttributeError):
        setattr(dlaccelerate(trainStep), name, 1)


def test_wrong_arguments_are_refused():
    with pytest.raises(OptionError, match="must be a function, not a float"):
        dlaccelerate(1.0)
    with pytest.raises(OptionError, match="must be an AcceleratedFunction, not a function"):
        clearCache(trainStep)
