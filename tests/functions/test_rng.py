"""rng: seeds, and states that come back."""

import numpy as np
import pytest

from dltk._errors import OptionError, StateError
from dltk._struct import struct
from dltk.functions._draw import rand, randn, randperm
from dltk.functions._rng import rng
from tests.functions.test_draw import inside


def test_a_state_is_restored():
    rng(3)
    randn(1, 3)  # leaves a spare number behind
    state = rng()
    assert (state.Type, state.Seed) == ("twister", 3)

    def draws():
        return [randn(1, 3), rand(2, 2), randperm(9), inside(lambda: rand(1, 2))[0]]

    first = draws()
    rng(state)
    for a, b in zip(first, draws(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_a_state_survives_being_saved_as_numbers():
    state = rng()
    copy = struct(Type="twister", Seed=float(state.Seed), State=state.State.astype(np.float64))
    a = rand()
    rng(copy)
    assert rand() == a


def test_seeds_differ_and_repeat():
    values = []
    for seed in (1, 2, 1):
        rng(seed)
        values.append(rand())
    assert values[0] == values[2] != values[1]
    np.testing.assert_array_equal(values[0], np.random.RandomState(1).random_sample())


def test_shuffle_takes_a_new_seed():
    rng("shuffle")
    a = rng().Seed
    rng("shuffle")
    assert rng().Seed != a


def test_the_state_before_is_returned_on_request():
    assert rng(7) is None
    before = rng(8, "twister", nargout=1)
    assert before.Seed == 7
    assert rng().Seed == 8


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("defaults",), "is not an option"),
        ((1.5,), "the seed must be a whole number"),
        ((-1,), "the seed must lie between"),
        ((2**32,), "the seed must lie between"),
        ((1, "philox"), "generator 'philox' is not available"),
        ((struct(a=1),), "not a state of the generator"),
    ],
    ids=str,
)
def test_wrong_seeds_are_refused(arguments, message):
    with pytest.raises(OptionError, match=f"rng: .*{message}"):
        rng(*arguments)


def test_rng_cannot_be_set_inside_dlfeval():
    with pytest.raises(StateError, match="rng: the generator cannot be set inside dlfeval"):
        inside(lambda: rng(1))
