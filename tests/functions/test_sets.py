"""unique and ismember against NumPy and Python's sets."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dltk
import dltk.functions._reduction
from dltk._errors import OptionError
from dltk.autodiff import dlfeval, dlgradient
from dltk.dlarray import dlarray, extractdata
from dltk.functions._sets import ismember, unique
from tests.strategies import few

NUMBERS = st.lists(st.integers(-3, 3).map(float), min_size=1, max_size=8)


@few
@given(NUMBERS, st.sampled_from(["sorted", "stable"]), st.booleans())
def test_different_values_and_where_they_are(values, order, as_dlarray):
    given_values = dlarray(values) if as_dlarray else np.array(values)
    C, ia, ic = (np.ravel(extractdata(Y)) for Y in unique(given_values, order, nargout=3))
    wanted = sorted(set(values)) if order == "sorted" else list(dict.fromkeys(values))
    assert C.tolist() == wanted
    assert [values[i - 1] for i in ia] == wanted
    assert [values.index(c) for c in wanted] == (ia - 1).tolist()
    assert C[ic - 1].tolist() == values


def test_how_unique_lies():
    grid = np.array([[3.0, 1.0], [1.0, 2.0]])
    assert unique(grid).tolist() == [[1], [2], [3]]
    assert unique(grid, "stable").tolist() == [[3], [1], [2]]
    assert unique(np.array([[2, 1, 2]])).tolist() == [[1, 2]]
    assert extractdata(unique(dlarray(grid, "CB"))).tolist() == [[1], [2], [3]]
    assert unique(dlarray([2.0, 1.0])).shape == (1, 2)
    assert len(unique([np.nan, 1.0, np.nan])) == 3
    assert unique(["b", "a", "b"]).tolist() == ["a", "b"]
    assert unique(np.float32([1, 1])).dtype == np.float32


def test_unique_values_keep_their_trace():
    def loss(X):
        return dlgradient(dltk.sum(unique(X) ** 2, "all"), X)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it is not compiled
        slope = dlfeval(loss, dlarray([3.0, 1.0, 3.0]))
    assert extractdata(slope).tolist() == [[6, 2, 0]]


@few
@given(NUMBERS, NUMBERS)
def test_members(a, b):
    wanted = [x in b for x in a]
    places = [b.index(x) + 1 if x in b else 0 for x in a]
    found, where = ismember(a, b, nargout=2)
    assert (found.tolist(), where.tolist()) == (wanted, places)
    found, where = ismember(dlarray(a, "C"), b, nargout=2)
    assert found.dims == where.dims == "CU"
    assert extractdata(found).ravel().tolist() == wanted
    assert extractdata(where).ravel().tolist() == places
    assert extractdata(ismember(a, dlarray(b))).ravel().tolist() == wanted


def test_members_of_nothing_and_nan():
    assert ismember(1.0, []) == False  # noqa: E712
    assert ismember([], [1.0]).size == 0
    assert not ismember([np.nan, 1.0], [np.nan, 2.0]).any()
    assert ismember([1.0, np.nan], [np.nan, 1.0]).tolist() == [True, False]


def test_words():
    found, where = ismember(["relu", "gelu"], ["tanh", "relu"], nargout=2)
    assert (found.tolist(), where.tolist()) == ([True, False], [2, 0])
    assert ismember("tanh", ["tanh"])
    assert not ismember("tanh", [])
    with pytest.raises(OptionError, match="ismember: words can only be among words"):
        ismember("a", [1.0])


def test_members_compile():
    found = dlfeval(lambda X: ismember(X, [1.0, 3.0]) * 2.0, dlarray([1.0, 2.0, 3.0]))
    assert extractdata(found).tolist() == [[2, 0, 2]]


def test_words_of_unique():
    with pytest.raises(OptionError, match='Did you mean "stable"'):
        unique([1.0], "stabel")
    with pytest.raises(OptionError, match="unique: nargout must be 1 or 2 or 3"):
        unique([1.0], nargout=4)
