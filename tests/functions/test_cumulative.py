"""Running sums, products and extrema against itertools, line by line."""

import itertools
import operator

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dltk.functions._elementwise  # noqa: F401  (operators)
from dltk._errors import OptionError, UnsupportedError
from dltk.dlarray import dlarray, extractdata
from dltk.functions import _cumulative as dl
from tests import matlab_model as model
from tests.functions.gradients import assert_derivatives, gradient
from tests.strategies import assert_like, few, labelled

MEMBERS = {
    "cumsum": (dl.cumsum, operator.add),
    "cumprod": (dl.cumprod, operator.mul),
    "cummax": (dl.cummax, max),
    "cummin": (dl.cummin, min),
}


@st.composite
def lines(draw):
    """An array, its model, the arguments that name a dimension, and that dimension."""
    X, m = draw(labelled(most=3))
    if draw(st.booleans()):
        return X, m, (), next((axis for axis, n in enumerate(m.sizes) if n != 1), 0)
    axis = draw(st.integers(0, m.rank - 1))
    return X, m, (axis + 1,), axis


@pytest.mark.parametrize(("function", "step"), MEMBERS.values(), ids=MEMBERS)
@few
@given(lines(), st.booleans())
def test_running_along_a_dimension(function, step, case, reverse):
    X, m, dim, axis = case

    def witness(values):
        if reverse:
            return list(itertools.accumulate(values[::-1], step))[::-1]
        return list(itertools.accumulate(values, step))

    Y = function(X, *dim, "reverse" if reverse else "forward")
    assert_like(Y, model.along(witness, m, axis))


@pytest.mark.parametrize("function", [f for f, _ in MEMBERS.values()], ids=MEMBERS)
def test_derivatives(function):
    x = np.array([[0.7, -1.2, 0.4], [2.1, 0.3, -0.8]])
    assert_derivatives(lambda X: function(X) ** 2, x, fmts=["BC"])
    assert_derivatives(lambda X: function(X, 2, "reverse") ** 2, x)


def test_the_running_product_has_a_derivative_at_zeros():
    # y = (x1, x1 x2, x1 x2 x3) at (2, 0, 3): dy/dx1 = 1 + 0 + 0, dy/dx2 = 2 + 6, dy/dx3 = 0
    assert gradient(dl.cumprod, [2.0, 0.0, 3.0]).tolist() == [1, 8, 0]


def test_running_extrema_leave_nan_out():
    nan = np.nan
    x = [nan, -np.inf, 2.0, nan, 1.0, 3.0]
    np.testing.assert_array_equal(dl.cummax(x), [nan, -np.inf, 2, 2, 2, 3])
    np.testing.assert_array_equal(dl.cummin([nan, 2.0, nan, 1.0, 3.0]), [nan, 2, 2, 1, 1])


def test_the_first_of_equals_gets_the_derivative():
    assert gradient(dl.cummax, [1.0, 3.0, 3.0, 2.0]).tolist() == [1, 3, 0, 0]


def test_beyond_the_last_dimension_nothing_happens():
    X = dlarray([[1.0, 2.0]], "CB")
    assert dl.cumsum(X, 3).shape == (1, 2)


def test_logical_values_sum_to_numbers():
    assert dl.cumsum([True, True, False]).tolist() == [1, 2, 2]


@pytest.mark.parametrize(("function", "best"), [(dl.cummax, max), (dl.cummin, min)])
@few
@given(lines(), st.booleans())
def test_places_of_running_extrema(function, best, case, reverse):
    X, m, dim, axis = case

    def witness(values):
        places = range(len(values))
        parts = [places[i:] if reverse else places[: i + 1] for i in places]
        wanted = [best(values[i] for i in part) for part in parts]
        seen = [part[::-1] if reverse else part for part in parts]
        pairs = zip(wanted, seen, strict=True)
        return [next(i for i in part if values[i] == value) + 1.0 for value, part in pairs]

    value, index = function(X, *dim, "reverse" if reverse else "forward", nargout=2)
    assert_like(index, model.along(witness, m, axis))
    assert index.dtype == np.float64
    assert_like(value, model.along(lambda v: [v[int(i) - 1] for i in witness(v)], m, axis))


def test_wrong_words_are_refused():
    with pytest.raises(OptionError, match="cumsum: 'backwards' is not a direction") as error:
        dl.cumsum(dlarray([1.0]), 1, "backwards")
    assert 'Use one of: "forward", "reverse".' in error.value.fix
    with pytest.raises(OptionError, match="cumsum: the dimension stands before the word"):
        dl.cumsum(dlarray([1.0]), "reverse", 1)
    with pytest.raises(OptionError, match="cummax: nargout must be 1 or 2"):
        dl.cummax(dlarray([1.0]), nargout=3)
    with pytest.raises(UnsupportedError, match="cummin: complex numbers have no order"):
        dl.cummin(dlarray([1j]))


def test_numpys_forms():
    x = np.array([[3.0, 1.0], [2.0, 4.0]])
    X = dlarray(x, "CB")
    for function in (np.cumsum, np.cumprod):
        for axis in (0, 1, -1):
            np.testing.assert_array_equal(extractdata(function(X, axis=axis)), function(x, axis))
    with pytest.raises(OptionError, match=r"numpy\.cumsum: axis is missing"):
        np.cumsum(X)
