"""Sorting against Python's sorted, line by line."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dltk.functions._elementwise  # noqa: F401  (operators)
from dltk._errors import OptionError, UnsupportedError
from dltk.autodiff import dlfeval
from dltk.dlarray import dlarray, extractdata
from dltk.functions import _sorting as dl
from tests import matlab_model as model
from tests.functions.gradients import assert_derivatives, gradient
from tests.functions.test_cumulative import lines
from tests.strategies import assert_like, few

NAN = np.nan


@few
@given(lines(), st.sampled_from(["ascend", "descend"]))
def test_sort(case, order):
    X, m, dim, axis = case
    descend = order == "descend"

    def places(values):
        return sorted(range(len(values)), key=lambda i: -values[i] if descend else values[i])

    Y, I = dl.sort(X, *dim, order, nargout=2)
    assert_like(Y, model.along(lambda v: sorted(v, reverse=descend), m, axis))
    assert_like(I, model.along(lambda v: [p + 1.0 for p in places(v)], m, axis))


def test_nan_counts_as_the_largest():
    up, place = dl.sort([np.nan, 2.0, 1.0], nargout=2)
    np.testing.assert_array_equal(up, [1, 2, np.nan])
    assert place.tolist() == [3, 2, 1]
    np.testing.assert_array_equal(dl.sort([2.0, np.nan, 1.0], "descend"), [np.nan, 2, 1])


def test_sorted_elements_keep_their_derivative():
    weights = np.array([1.0, 10.0, 100.0])
    assert gradient(lambda X: dl.sort(X) * weights, [3.0, 1.0, 2.0]).tolist() == [100, 1, 10]
    assert_derivatives(lambda X: dl.sort(X, 1) ** 3, [[3.0, 1.0], [2.0, 4.0]], fmts=["BC"])


def test_sorting_keeps_the_number_type():
    for kind in (np.float32, np.float64, bool):
        Y, I = dl.sort(dlarray(np.array([1, 0, 1], kind)), nargout=2)
        assert (Y.dtype, I.dtype) == (kind, np.float64)


@pytest.mark.parametrize(
    ("order", "placement", "places"),
    [
        ("ascend", "first", [2, 4, 3, 1, 5]),
        ("ascend", "last", [3, 1, 5, 2, 4]),
        ("ascend", "auto", [3, 1, 5, 2, 4]),
        ("descend", "first", [2, 4, 1, 5, 3]),
        ("descend", "last", [1, 5, 3, 2, 4]),
        ("descend", "auto", [2, 4, 1, 5, 3]),
    ],
)
def test_nan_goes_where_it_should(order, placement, places):
    x = np.array([5.0, NAN, 1.0, NAN, 5.0])
    Y, I = dl.sort(x, order, MissingPlacement=placement, nargout=2)
    assert I.tolist() == places
    np.testing.assert_array_equal(Y, x[np.array(places) - 1])


def test_wrong_words_are_refused():
    with pytest.raises(OptionError, match="sort: 'descent' is not a direction") as error:
        dl.sort(dlarray([1.0]), "descent")
    assert 'Did you mean "descend"?' in error.value.fix
    with pytest.raises(UnsupportedError, match="sort: complex numbers have no order"):
        dl.sort(dlarray([1j]))
    with pytest.raises(OptionError, match="sort: MissingPlacement is not one of its words"):
        dl.sort([1.0], MissingPlacement="middle")


def test_numpys_form():
    x = np.array([[3.0, 1.0], [2.0, 4.0]])
    for axis in (0, 1, -1):
        np.testing.assert_array_equal(
            extractdata(np.sort(dlarray(x, "CB"), axis)), np.sort(x, axis)
        )


def test_empty_arrays_and_scalars():
    assert dl.sort([]).shape == (0, 0)
    assert dl.sort(dlarray(np.zeros((0, 3)), "CB")).shape == (0, 3)
    assert dl.sort(5.0, nargout=2) == (5, 1)
    assert dl.maxk(np.zeros((0, 3)), 2).shape == (0, 3)


@pytest.mark.parametrize(("function", "sign"), [(dl.maxk, -1), (dl.mink, 1)])
@few
@given(lines(), st.integers(1, 4))
def test_the_best_k(function, sign, case, k):
    X, m, dim, axis = case
    value, index = function(X, k, *dim, nargout=2)
    places = np.argsort(sign * m.values(), axis=axis, kind="stable")
    places = np.take(places, range(min(k, m.sizes[axis])), axis)
    wanted = np.take_along_axis(m.values(), places, axis)
    assert_like(
        value, model.trimmed(model.Model(list(wanted.shape), m.fmt, dict(np.ndenumerate(wanted))))
    )
    np.testing.assert_array_equal(extractdata(index), (places + 1.0).reshape(index.shape))


def test_nan_is_the_last_choice():
    value, index = dl.maxk([NAN, 1.0, 3.0], 2, nargout=2)
    assert (value.tolist(), index.tolist()) == ([3, 1], [3, 2])
    np.testing.assert_array_equal(dl.mink([NAN, 3.0, 1.0], 3), [1, 3, NAN])
    assert dl.maxk([1.0, 2.0], 0).shape == (0,)
    with pytest.raises(OptionError, match="maxk: k must be a whole number, 0 or larger"):
        dl.maxk([1.0], -1)


def test_the_best_have_the_derivative():
    assert gradient(lambda X: dl.maxk(X, 2) ** 2, [3.0, 1.0, 4.0]).tolist() == [6, 0, 8]
    assert_derivatives(lambda X: dl.mink(X, 2, 1) ** 3, [[3.0, 1.0], [2.0, 4.0]], order=2)


ORDERED = {
    "ascend": lambda a, b: a <= b,
    "descend": lambda a, b: a >= b,
    "strictascend": lambda a, b: a < b,
    "strictdescend": lambda a, b: a > b,
}


@few
@given(lines(), st.sampled_from([*ORDERED, "monotonic", "strictmonotonic"]))
def test_issorted(case, kind):
    X, m, dim, axis = case
    values = np.moveaxis(m.values(), axis, 0)
    kinds = (
        [kind]
        if kind in ORDERED
        else [k for k in ORDERED if k.startswith("s") == kind.startswith("s")]
    )
    wanted = any(bool(np.all(ORDERED[k](values[:-1], values[1:]))) for k in kinds)
    assert dl.issorted(X, *dim, kind) is wanted
    assert dl.issorted(X, *dim) is bool(np.all(values[:-1] <= values[1:]))


def test_issorted_with_nan():
    assert dl.issorted([1.0, 2.0, NAN])
    assert dl.issorted([NAN, 2.0, 1.0], "descend")
    assert not dl.issorted([1.0, NAN, 2.0])
    assert dl.issorted([NAN, 1.0, 2.0], MissingPlacement="first")
    assert not dl.issorted([1.0, NAN], "strictascend")
    assert dl.issorted([])
    with pytest.raises(OptionError, match="issorted: direction is not one of its words"):
        dl.issorted([1.0], "up")


def test_compiled_inside_dlfeval_is_the_same():
    X = dlarray(np.array([[3.0, NAN, 1.0], [2.0, 5.0, 2.0]]), "CB")

    def run(X):
        Y, I = dl.sort(X, 2, "descend", nargout=2)
        return Y, I, dl.maxk(X, 2, 2)

    for compiled, eager in zip(dlfeval(run, X), run(X), strict=True):
        np.testing.assert_array_equal(extractdata(compiled), extractdata(eager))
