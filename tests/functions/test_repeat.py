"""Copies and shifts, against the slow model and NumPy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dltk.functions._elementwise  # noqa: F401  (operators)
from dltk._errors import OptionError
from dltk.dlarray import dlarray, extractdata
from dltk.functions import _repeat as dl
from tests import matlab_model as model
from tests.functions.gradients import assert_derivatives
from tests.strategies import assert_like, few, labelled

TIMES = st.lists(st.integers(1, 2), min_size=2, max_size=4)


@few
@given(labelled(most=3), TIMES)
def test_repmat(pair, times):
    X, m = pair
    assert_like(dl.repmat(X, *times), model.repmat(m, times))
    assert_like(dl.repmat(X, times), model.repmat(m, times))
    np.testing.assert_array_equal(
        np.squeeze(dl.repmat(extractdata(X), times)), np.squeeze(model.repmat(m, times).values())
    )


@few
@given(labelled(most=3), TIMES)
def test_repelem(pair, times):
    X, m = pair
    assert_like(dl.repelem(X, *times), model.repelem(m, times))


def test_one_number_of_copies():
    assert dl.repmat(dlarray([1.0, 2.0]), 2).shape == (2, 4)
    assert dl.repmat(7, 1, 3).tolist() == [7, 7, 7]
    assert dl.repmat([1, 2], 2, 1).tolist() == [[1, 2], [1, 2]]
    assert dl.repelem([1, 2], 2).tolist() == [1, 1, 2, 2]
    assert extractdata(dl.repelem(dlarray([1.0, 2.0], "C"), 2)).tolist() == [[1], [1], [2], [2]]
    assert dl.repmat(dlarray([1.0, 2.0]), 0, 1).shape == (0, 2)


def test_a_number_of_copies_for_each_element():
    Y = dl.repelem(dlarray([[1.0, 2.0], [3.0, 4.0]], "CB"), [2, 1], 1)
    assert extractdata(Y).tolist() == [[1, 2], [1, 2], [3, 4]]
    with pytest.raises(OptionError, match="3 numbers of copies for size 2 of dimension 1"):
        dl.repelem(dlarray([[1.0, 2.0], [3.0, 4.0]]), [2, 1, 1], 1)
    with pytest.raises(OptionError, match="a number of copies for each dimension is missing"):
        dl.repelem(np.ones((2, 2)), 2)
    with pytest.raises(OptionError, match="the numbers of copies are missing"):
        dl.repmat(np.ones((2, 2)))


@few
@given(labelled(most=3), st.data())
def test_flip_and_circshift_run_along_a_dimension(pair, data):
    X, m = pair
    axis = data.draw(st.integers(0, m.rank - 1))
    k = data.draw(st.integers(-4, 4))

    def shifted(line):
        k_here = k % len(line)
        return line[-k_here:] + line[:-k_here] if k_here else line

    assert_like(dl.flip(X, axis + 1), model.along(lambda v: v[::-1], m, axis))
    assert_like(dl.circshift(X, k, axis + 1), model.along(shifted, m, axis))
    first = next((a for a, n in enumerate(m.sizes) if n != 1), 0)
    assert_like(dl.flip(X), model.along(lambda v: v[::-1], m, first))
    assert_like(dl.circshift(X, k), model.along(shifted, m, first))


def test_several_shifts():
    x = np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(dl.circshift(x, [1, -1]), np.roll(x, (1, -1), (0, 1)))
    Y = dl.circshift(dlarray(x, "BC"), [1, -1])
    np.testing.assert_array_equal(extractdata(Y), np.roll(x.T, (1, -1), (0, 1)))
    with pytest.raises(OptionError, match="several shifts and a dimension"):
        dl.circshift(x, [1, 2], 1)


def test_beyond_the_last_dimension_nothing_happens():
    X = dlarray([[1.0, 2.0]], "CB")
    for Y in (dl.flip(X, 3), dl.circshift(X, 1, 3)):
        assert extractdata(Y).tolist() == [[1, 2]]


def test_derivatives():
    x = np.arange(1.0, 7.0).reshape(2, 3)
    w = np.linspace(0.5, 2, 6).reshape(3, 2)
    assert_derivatives(lambda X: dl.flip(X, 1) ** 2 * w, x, fmts=["BC"])
    assert_derivatives(lambda X: dl.circshift(X, 1, 2) ** 2 * w, x, fmts=["BC"])
    assert_derivatives(lambda X: dl.repmat(X, 2, 1)[0:3, :] ** 2, x, fmts=["BC"])
    assert_derivatives(lambda X: dl.repelem(X, 2, 1)[0:3, :] ** 2, x, fmts=["BC"])


def test_numpys_forms():
    x = np.arange(6.0).reshape(2, 3)
    X = dlarray(x, "CB")
    for axis in (0, 1, -1, None):
        np.testing.assert_array_equal(extractdata(np.flip(X, axis)), np.flip(x, axis))
    np.testing.assert_array_equal(extractdata(np.roll(X, 1, 1)), np.roll(x, 1, 1))
