"""When programs are compiled, what is said if they cannot be, and what stays right besides."""

import gc
import threading
import traceback
import warnings
import weakref

import jax
import numpy as np
import pytest

import dltk
from dltk import (
    DltkWarning,
    FormatError,
    StateError,
    adamupdate,
    crossentropy,
    debug,
    dlarray,
    dlfeval,
    dlgradient,
    dlnetwork,
    extractdata,
    featureInputLayer,
    forward,
    fullyConnectedLayer,
    rand,
    randn,
    rng,
    softmaxLayer,
    struct,
    sum,
    tanhLayer,
)
from dltk import _history as history_module
from dltk.autodiff import programs


@pytest.fixture(autouse=True)
def no_programs():
    programs.clear()


def ones(*size):
    return dlarray(np.ones(size))


def traces_of(call):
    before = programs.traces
    call()
    return programs.traces - before


def told(call):
    """Texts of the DltkWarnings of a call."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        call()
    return [str(w.message) for w in caught if issubclass(w.category, DltkWarning)]


# A training loop


def modelLoss(net, X, T, weightDecay=0.0):
    Y, state = forward(net, X, nargout=2)
    loss = crossentropy(Y, T) + weightDecay * sum(net.Learnables["fc_1", "Weights"] ** 2, "all")
    return loss, dlgradient(loss, net.Learnables), state


def test_no_iteration_after_the_first_compiles():
    layers = [featureInputLayer(3), fullyConnectedLayer(4), tanhLayer(), fullyConnectedLayer(2)]
    net = dlnetwork([*layers, softmaxLayer()])
    averageGrad, averageSqGrad = [], []
    random = np.random.RandomState(0)
    counts = []
    for iteration in range(1, 6):
        X = dlarray(random.rand(3, 8).astype(np.float32), "CB")
        T = np.eye(2, dtype=np.float32)[:, random.randint(0, 2, 8)]
        loss, gradients, net.State = dlfeval(modelLoss, net, X, T, 1e-3 / iteration)
        # as users write who have read about closures
        again, *_ = dlfeval(lambda net, X=X: modelLoss(net, X, T, 1e-3 / iteration), net)  # noqa: B023
        assert again.item() == pytest.approx(loss.item())
        net, averageGrad, averageSqGrad = adamupdate(
            net, gradients, averageGrad, averageSqGrad, iteration
        )
        counts.append(programs.traces)
    assert len(set(counts)) == 1


def test_a_second_size_compiles_once_more_and_is_then_known():
    def loss(X):
        return sum(X, "all")

    for _ in range(3):
        for n in (5, 3):
            assert dlfeval(loss, ones(2, n)).item() == 2 * n
    assert traces_of(lambda: dlfeval(loss, ones(2, 5))) == 0


def test_labels_are_part_of_the_key():
    def loss(X):
        return sum(X, X.dims.index("C") + 1)

    assert dlfeval(loss, dlarray(np.ones((2, 3)), "CB")).shape == (1, 3)
    assert dlfeval(loss, dlarray(np.ones((2, 3)), "SC")).shape == (2, 1)


# Control flow


def test_a_branch_on_a_value_runs_eagerly_with_one_warning_that_names_the_line():
    def clipped(x):
        if sum(x, "all") > 3:
            return x / 2
        return x

    def three_calls():
        assert dlfeval(clipped, ones(1, 2)).shape == (1, 2)
        found = extractdata(dlfeval(clipped, ones(1, 4)))
        np.testing.assert_array_equal(found, np.full((1, 4), 0.5))
        dlfeval(clipped, ones(1, 4))

    (text,) = told(three_calls)
    assert "clipped runs without compiling, so it is slower" in text
    assert "it needs a value that is not known while compiling" in text
    assert "test_program.py, line" in text
    assert 'if sum(x, "all") > 3:' in text
    assert "masks" in text


def test_the_warning_points_at_the_call_of_dlfeval():
    def loss(x):
        return x * float(x)

    with pytest.warns(DltkWarning) as caught:
        dlfeval(loss, dlarray(2.0))
    assert caught[0].filename == __file__


def test_while_recursion_and_early_return_follow_the_values():
    def halvings(x, n=0):
        if x < 1:
            return x, n
        return halvings(x / 2, n + 1)

    def loss(x):
        y, n = halvings(x)
        while y < 0.9:
            y = y * 1.2
        return y, dlgradient(y, x), n

    with pytest.warns(DltkWarning, match="if x < 1:"):
        y, gradient, n = dlfeval(loss, dlarray(5.0))
    assert n == 3
    assert y.item() == pytest.approx(5 / 8 * 1.2**3)
    assert gradient.item() == pytest.approx(1 / 8 * 1.2**3)


def test_an_array_made_by_logical_subscripts_has_an_unknown_size():
    def positives(x):
        return sum(x[x > 0], "all")

    with pytest.warns(DltkWarning, match=r"x\[x > 0\]"):
        assert dlfeval(positives, dlarray([1.0, -2.0, 3.0])).item() == 4


def test_one_way_of_calling_a_function_may_compile_and_another_not():
    def loss(x, mode):
        if mode == "clip" and x > 1:
            return x * 0 + 1
        return x

    assert len(told(lambda: dlfeval(loss, dlarray(3.0), "clip"))) == 1
    dlfeval(loss, dlarray(3.0), "plain")
    assert traces_of(lambda: dlfeval(loss, dlarray(4.0), "plain")) == 0
    assert traces_of(lambda: dlfeval(loss, dlarray(4.0), "clip")) == 0
    dlfeval(loss, dlarray(np.ones((1, 1), np.float32)), "plain")


# Numbers


def test_a_number_that_steers_compiles_once_per_value():
    def loss(x, epoch):
        return x * 2 if epoch > 1 else x

    values = [dlfeval(loss, dlarray(1.0), epoch).item() for epoch in (0, 1, 2, 3)]
    assert values == [1, 1, 2, 2]
    known = lambda: [dlfeval(loss, dlarray(1.0), e) for e in (3, 1, 0, 2)]  # noqa: E731
    assert traces_of(known) == 0


def test_a_number_that_steers_with_many_values_runs_eagerly():
    def loss(x, epoch):
        return x * 2 if epoch > 10 else x

    def calls():
        values = [dlfeval(loss, dlarray(1.0), epoch).item() for epoch in range(20)]
        assert values == [1] * 11 + [2] * 9

    (text,) = told(calls)
    assert "plain numbers steer it: more than 8 values" in text


def test_a_number_that_steers_nothing_stays_an_input_beside_one_that_does():
    def loss(x, classes, iteration):
        return sum(x * np.ones((1, classes)), "all") / iteration

    for iteration in (1, 2):
        dlfeval(loss, dlarray(1.0), 3, iteration)
    later = lambda: [dlfeval(loss, dlarray(1.0), 3, k).item() for k in range(1, 30)]  # noqa: E731
    before = programs.traces
    assert later() == pytest.approx([3 / k for k in range(1, 30)])
    assert programs.traces == before


# Compiling too often


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(history_module, "LONG", 0.0)


def test_sizes_that_change_in_every_call_are_announced_once(impatient):
    def loss(X):
        return sum(X, "all")

    (text,) = told(lambda: [dlfeval(loss, ones(2, n)) for n in range(1, 20)])
    assert "loss was compiled 12 times in 12 calls, which took" in text
    assert "the size of X changes: 2×12 after 2×11" in text
    assert "padding" in text


def test_a_string_that_changes_in_every_call_is_announced(impatient):
    def loss(x, name):
        return {name: x}

    (text,) = told(lambda: [dlfeval(loss, dlarray(1.0), f"run{k}") for k in range(15)])
    assert "the value of name changes: 'run11' after 'run10'" in text


def reasons(function, *calls):
    """Why a function was compiled again, at each further call."""
    found = []
    for args in calls:
        dlfeval(function, *args)
        found.append(programs._ladder(function, None).history.reason)
    return found[1:]


def test_the_input_that_made_a_function_compile_again_is_named():
    def loss(net, X, option, *, scale=1):
        return X

    net, X = {"W": ones(2, 3)}, dlarray(np.ones((3, 4)), "CB")
    larger, single = dlarray(np.ones((3, 5)), "CB"), dlarray(np.ones((3, 4), np.float32), "CB")
    assert reasons(
        loss,
        (net, X, "a"),
        (net, larger, "a"),
        (net, larger, "b"),
        (net, X, "b"),
        (net, single, "b"),
        ({"W": ones(2, 4)}, single, "b"),
        ({"V": ones(2, 4)}, single, "b"),
    ) == [
        "the size of X changes: 3(C) × 5(B) after 3(C) × 4(B)",
        "the value of option changes: 'b' after 'a'",
        "the size of X changes: 3(C) × 4(B) after 3(C) × 5(B)",
        "the type of X changes: float32 after float64",
        "the size of net['W'] changes: 2×4 after 2×3",
        "the arguments have another structure",
    ]


def test_a_number_that_steers_is_named():
    def loss(x, count):
        return sum(x * np.ones((1, count)), "all")

    x = dlarray(1.0)
    assert reasons(loss, (x, 3), (x, 4)) == [
        "the number count steers what is computed: 4 after 3",
    ]


def test_an_array_from_outside_is_told_from_arguments():
    A = np.ones((2, 3))

    def loss(x):
        return sum(A * x, "all")

    dlfeval(loss, dlarray(1.0))
    A = np.ones((4, 5))
    dlfeval(loss, dlarray(1.0))
    reason = programs._ladder(loss, None).history.reason
    assert reason == "the size of an array that it reads from outside changes: 4×5 after 2×3"


def test_recompilations_prints_a_table_dearest_first(capsys):
    def loss(X):
        return X * 3

    for n in (1, 2):
        dlfeval(loss, ones(1, n))
    rows = dltk.debug.recompilations()
    printed = capsys.readouterr().out.splitlines()
    assert printed[0].split() == ["function", "calls", "compilations", "seconds", "last", "reason"]
    assert [row.seconds for row in rows] == sorted((row.seconds for row in rows), reverse=True)
    (mine,) = [row for row in rows if row.function.endswith("a_table_dearest_first.<locals>.loss")]
    assert mine[1:3] == (2, 2)
    assert mine.reason == "the size of X changes: 1×2 after 1×1"


def test_the_oldest_programs_go_first(monkeypatch):
    monkeypatch.setattr(programs, "most", 2)

    def loss(x, name):
        return x

    for name in "abc":
        dlfeval(loss, dlarray(1.0), name)
    assert traces_of(lambda: dlfeval(loss, dlarray(1.0), "c")) == 0
    assert traces_of(lambda: dlfeval(loss, dlarray(1.0), "a")) == 1


# Errors


def wrong(x):
    y = x + dlarray(np.ones((7, 5)), "CB")
    return sum(y, "all")


def test_an_error_is_raised_once_and_ends_in_the_users_line():
    with pytest.raises(FormatError, match="sizes 4 and 7") as caught:
        dlfeval(wrong, dlarray(np.ones((4, 5)), "CB"))
    shown = "".join(traceback.format_exception(caught.value))
    assert shown.count("Traceback") == 1
    assert "y = x + dlarray" in shown
    assert "4(C) × 5(B)" in shown
    assert "7(C) × 5(B)" in shown


def test_after_an_error_the_function_still_compiles():
    for _ in range(2):
        with pytest.raises(FormatError):
            dlfeval(wrong, dlarray(np.ones((4, 5)), "CB"))
    assert dlfeval(wrong, dlarray(np.ones((7, 5)), "CB")).item() == 70
    assert traces_of(lambda: dlfeval(wrong, dlarray(np.ones((7, 5)), "CB"))) == 0


def test_after_a_call_that_cannot_be_seen_the_function_still_compiles():
    def loss(x, source):
        return x * 2

    assert len(told(lambda: dlfeval(loss, dlarray(1.0), iter([1])))) == 1
    dlfeval(loss, dlarray(1.0), None)
    assert traces_of(lambda: dlfeval(loss, dlarray(2.0), None)) == 0


def test_an_error_in_the_middle_leaves_the_world_as_eager_does():
    kept = []

    def loss(x):
        kept.append(1)
        raise ValueError("stop here")

    for _ in range(2):
        with pytest.raises(ValueError, match="stop here"):
            dlfeval(loss, dlarray(1.0))
    assert kept == [1, 1]


def test_a_value_kept_out_of_a_compiled_function_says_so_when_it_is_used():
    kept = []

    def keep(x):
        kept.append(x * 2)
        return x

    jax.jit(keep)(dlarray(1.0))
    with pytest.raises(StateError, match="kept after it returned") as caught:
        kept[0] + 1
    assert "Return it from the function instead" in str(caught.value)


# Memory


def test_nothing_of_a_call_is_kept_alive():
    def loss(x, box):
        return sum(x, "all") * box.rate

    box = struct(rate=2.0)
    X = ones(3, 3)
    dlfeval(loss, X, box)
    gone = weakref.ref(X)
    del X
    gc.collect()
    assert gone() is None


def test_losses_kept_in_a_list_do_not_keep_the_trace():
    kept = []

    def loss(x):
        y = sum(x**2, "all")
        kept.append(y)
        return dlgradient(y, x, RetainData=True)

    with debug.eager():
        dlfeval(loss, ones(2, 2))
    node = kept[0]._variable.node
    assert node.pullback is None
    assert node.values == node.inputs == ()


# Random numbers


def noisy(x):
    return x + rand(2, 3), randn(2, 2)


def draws(count):
    return [
        [np.asarray(extractdata(part)).tolist() for part in dlfeval(noisy, ones(2, 3))]
        for _ in range(count)
    ]


def test_every_call_draws_anew_and_the_seed_decides():
    rng(7)
    first = draws(3)
    assert len({str(d) for d in first}) == 3
    rng(7)
    assert draws(3) == first


def test_compiled_and_eager_draw_the_same_numbers():
    rng(7)
    compiled = draws(3)
    rng(7)
    with debug.eager():
        assert draws(3) == compiled


def test_calls_with_and_without_random_numbers_alternate():
    def plain(x):
        return x

    rng(7)
    expected = draws(2)
    rng(7)
    found = draws(1)
    dlfeval(plain, ones(1, 1))
    assert found + draws(1) == expected


def test_a_vain_attempt_to_compile_draws_nothing():
    def loss(x):
        y = x * rand(1, 1)
        return y if y > 0 else -y

    def values():
        rng(7)
        return [dlfeval(loss, dlarray(1.0)).item() for _ in range(2)]

    with pytest.warns(DltkWarning):
        found = values()
    with debug.eager():
        assert values() == found


def test_random_numbers_inside_the_users_own_jit_are_refused():
    def loss(x):
        return x * rand(1, 1)

    rng(7)
    with pytest.raises(StateError, match="JAX transformation of your own"):
        jax.jit(lambda x: dlfeval(loss, x))(dlarray(1.0))
    assert dlfeval(loss, dlarray(1.0)).item() > 0


def test_dlfeval_without_random_numbers_works_inside_the_users_own_jit():
    def loss(x):
        return dlgradient(sum(x**2, "all"), x)

    found = jax.jit(lambda x: dlfeval(loss, x))(dlarray([1.0, 2.0]))
    np.testing.assert_array_equal(extractdata(found), [[2, 4]])


# Threads


def test_two_threads_do_not_mix():
    found = {}

    def work(rate):
        def loss(x):
            y = sum(rate * x**2, "all")
            return dlgradient(y, x), rand(1, 1)

        found[rate] = [dlfeval(loss, dlarray([float(k)])) for k in range(20)]

    threads = [threading.Thread(target=work, args=(rate,)) for rate in (2.0, 3.0)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for rate, results in found.items():
        assert [g.item() for g, _ in results] == [2 * rate * k for k in range(20)]
    drawn = [float(r[0, 0]) for results in found.values() for _, r in results]
    assert len(set(drawn)) == 40


def test_an_eager_thread_does_not_make_another_eager():
    def loss(x):
        return x * 2

    with debug.eager():
        thread = threading.Thread(target=dlfeval, args=(loss, dlarray(1.0)))
        assert traces_of(lambda: (thread.start(), thread.join())) == 1


# Outputs


def test_numbers_come_back_as_numbers_and_inputs_as_they_were():
    def loss(x, n, rate, data):
        return n, rate / 2, n + 1, data, "text", x.shape

    data = np.arange(3.0)
    dlfeval(loss, dlarray(1.0), 2, 0.5, data)
    n, half, more, back, text, size = dlfeval(loss, dlarray(1.0), 3, 0.25, data)
    assert [type(v) for v in (n, half, more)] == [int, float, int]
    assert (n, half, more, text, size) == (3, 0.125, 4, "text", (1, 1))
    assert back is not data
    np.testing.assert_array_equal(back, data)


def test_jit_switched_off_is_respected():
    seen = []

    def loss(x):
        seen.append(x.item())
        return x

    with jax.disable_jit():
        dlfeval(loss, dlarray(2.0))
    assert seen == [2.0]
