"""Random arrays."""

import jax
import numpy as np
import pytest
import scipy.stats

import dltk.functions._elementwise  # noqa: F401  (operators)
from dltk import _random
from dltk._errors import OptionError
from dltk.dlarray import dlarray, isdlarray
from dltk.functions._draw import rand, randi, randn, randperm
from dltk.functions._rng import rng

# reference/dlarray-functions.md section 7: MATLAB's stream at start-up, and labels drawn from it
FIRST = [0.8147, 0.9058, 0.1270, 0.9134, 0.6324, 0.0975, 0.2785, 0.5469, 0.9575, 0.9649]


def test_rand_gives_matlabs_numbers_column_by_column():
    for start in (None, "default", 0):
        if start is not None:
            rng(start)
        np.testing.assert_allclose(rand(5, 2).ravel(order="F"), FIRST, atol=5e-5)


def test_randi_gives_matlabs_numbers():  # published numbers 14 and 11
    rand(5, 7)
    assert randi(5, [1, 7]).tolist() == [[5, 4, 2, 5, 1, 3, 2]]
    rng("default")
    lengths = [13, 14, 2, 14, 10, 2, 5, 9, 15, 15, 3, 15]
    assert randi(15, [1, 12]).tolist() == [lengths]


@pytest.mark.parametrize("draw", [rand, randn, lambda *a, **k: randi(9, *a, **k)])
def test_kinds_of_results(draw):
    assert draw(2, 3).shape == draw([2, 3]).shape == (2, 3)
    assert np.ndim(draw()) == 0
    assert draw(2, 2, "single").dtype == np.float32
    X = draw(2, 2, like=dlarray(np.float32(1), "C"))
    assert isdlarray(X)
    assert (X.dims, X.dtype) == ("", np.float32)


def test_whole_numbers_between_limits():
    values = randi([3, 5], 1, 200)
    assert set(values.ravel().tolist()) == {3, 4, 5}
    assert values.dtype == np.int64  # may be a subscript
    assert dlarray(values).dtype == np.float64
    with pytest.raises(OptionError, match="randi: the largest number is below the smallest"):
        randi([5, 3])


def test_orders():
    order = randperm(20)
    assert sorted(order.tolist()) == list(range(1, 21))
    part = randperm(20, 5)
    assert len(set(part.tolist())) == 5
    with pytest.raises(OptionError, match="randperm: cannot choose 6 of 5"):
        randperm(5, 6)


def test_logical_random_numbers_are_refused():
    with pytest.raises(OptionError, match="rand: random numbers are single or double"):
        rand(2, like=dlarray(True))


def inside(function):
    """Runs a function as dlfeval does, compiled: its numbers and the next key."""

    def program(key):
        stream = _random.Stream(key)
        with _random.drawing_from(stream):
            return function(), stream.key

    with jax.enable_x64(True):
        return jax.jit(program)(_random.generator.device.key)


def test_inside_dlfeval_numbers_come_from_the_threaded_key():
    (a, b), key = inside(lambda: (rand(3, 2), rand(3, 2)))
    assert a.shape == (3, 2)
    assert a.dtype == np.float64
    assert not np.any(np.asarray(a) == np.asarray(b))
    assert not np.array_equal(key, _random.generator.device.key)
    (again, _), _ = inside(lambda: (rand(3, 2), rand(3, 2)))
    np.testing.assert_array_equal(a, again)


@pytest.mark.parametrize("within", [True, False], ids=["inside", "outside"])
def test_distributions(within):
    def draw():
        return rand(4000, 1), randn(4000, 1), randi(4, 4000, 1), randperm(50)

    u, n, i, order = (np.ravel(x) for x in (inside(draw)[0] if within else draw()))
    assert scipy.stats.kstest(u, "uniform").pvalue > 1e-3
    assert scipy.stats.kstest(n, "norm").pvalue > 1e-3
    assert scipy.stats.chisquare(np.bincount(i, minlength=5)[1:]).pvalue > 1e-3
    assert sorted(order.tolist()) == list(range(1, 51))
    assert u.min() > 0


def test_inside_the_result_is_a_jax_array_or_a_dlarray():
    X = dlarray(np.float32(1))
    (plain, like), _ = inside(lambda: (rand(2, 2), randn(2, 2, like=X)))
    assert isinstance(plain, jax.Array)
    assert isdlarray(like)
    assert like.dtype == np.float32
