"""Reductions against Python's own functions on a slow model of MATLAB's arrays."""

import math
import statistics

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dltk.functions._elementwise  # noqa: F401  (operators)
from dltk._errors import OptionError, UnsupportedError
from dltk.dlarray import dlarray, extractdata
from dltk.functions import _reduction as dl
from tests import matlab_model as model
from tests.functions.gradients import assert_derivatives, gradient
from tests.strategies import assert_like, few, labelled

MEMBERS = {
    "sum": (dl.sum, sum),
    "prod": (dl.prod, math.prod),
    "mean": (dl.mean, statistics.fmean),
    "median": (dl.median, statistics.median),
    "any": (dl.any, any),
    "all": (dl.all, all),
}


@st.composite
def reductions(draw):
    """An array, its model, a dimension argument and the dimensions that it means."""
    X, m = draw(labelled(most=3))
    kind = draw(st.sampled_from(["default", "one", "several", "all", "beyond"]))
    if kind == "default":
        first = next((axis for axis, n in enumerate(m.sizes) if n != 1), 0)
        return X, m, (), [first]
    if kind == "all":
        return X, m, ("all",), list(range(m.rank))
    if kind == "beyond":
        return X, m, (m.rank + 1,), []
    axes = draw(st.lists(st.integers(0, m.rank - 1), min_size=1, unique=True))
    if kind == "one":
        return X, m, (axes[0] + 1,), axes[:1]
    return X, m, (np.array(axes) + 1,), axes


@pytest.mark.parametrize(("function", "witness"), MEMBERS.values(), ids=MEMBERS)
@few
@given(reductions())
def test_reduced_dimensions_keep_their_label_with_size_1(function, witness, case):
    X, m, dim, axes = case
    assert_like(function(X, *dim), model.reduce(witness, m, axes), 1e-12)


@pytest.mark.parametrize(("function", "witness"), MEMBERS.values(), ids=MEMBERS)
def test_types(function, witness):
    logical = function in (dl.any, dl.all)
    for given_type, result in [
        (np.float32, np.float32),
        (np.float64, np.float64),
        (bool, np.float64),
    ]:
        X = dlarray(np.ones((2, 2), given_type), "CB")
        assert function(X).dtype == (bool if logical else result)


SMOOTH = {
    "sum": dl.sum,
    "prod": dl.prod,
    "mean": dl.mean,
    "median": dl.median,
}


@pytest.mark.parametrize("function", SMOOTH.values(), ids=SMOOTH)
def test_derivatives(function):
    x = np.array([[0.7, -1.2, 0.4], [2.1, 0.3, -0.8]])
    assert_derivatives(function, x, fmts=["BC"], order=2)
    assert_derivatives(lambda X: function(X, "all"), x)


def test_the_product_has_a_derivative_at_zeros():
    assert gradient(dl.prod, [2.0, 0.0, 3.0]).tolist() == [0, 6, 0]
    assert gradient(dl.prod, [0.0, 0.0, 3.0]).tolist() == [0, 0, 0]


def test_sum_all_prints_the_published_header():  # published number 3
    stream = np.random.RandomState(5489)
    y, yhat = (stream.random_sample(21).reshape((3, 7), order="F") for _ in range(2))
    Y, Yhat = dlarray(y, "CB"), dlarray(yhat, "CB")
    loss = dl.sum((Yhat - Y) ** 2, "all") / 7 / 2
    assert repr(loss).splitlines() == ["  1(C) × 1(B) dlarray", "", "    0.3697"]


def test_columns_of_probabilities_sum_to_one():  # published number 15, with softmax by its formula
    e = np.exp(np.random.RandomState(5489).random_sample(20).reshape((10, 2), order="F"))
    total = dl.sum(dlarray(e / e.sum(0), "CB"), 1)
    assert repr(total).splitlines() == ["  1(C) × 2(B) dlarray", "", "    1.0000    1.0000"]


@pytest.mark.parametrize(
    ("function", "value"),
    [(dl.sum, 0), (dl.prod, 1), (dl.any, False), (dl.all, True)],
)
def test_empty_arrays_as_in_matlab(function, value):
    assert function([]) == value
    assert function(dlarray([])).shape == (1, 1)
    assert function(np.zeros((0, 3))).tolist() == [[value] * 3]
    assert function(np.zeros((3, 0)), 1).shape == (1, 0)


def test_the_mean_and_median_of_nothing_are_nan():
    assert np.isnan(dl.mean([]))
    assert np.isnan(dl.median([]))


def test_nan_is_not_left_out():
    x = dlarray([1.0, np.nan, 3.0])
    for function in SMOOTH.values():
        assert np.isnan(function(x).item())


def test_any_takes_nan_for_false_and_all_for_true():  # as MATLAB does
    assert not dl.any([np.nan, 0.0])
    assert dl.all([np.nan, 1.0])


def test_complex_numbers():
    x = dlarray([1 + 1j, 3 - 1j])
    assert dl.mean(x).item() == 2
    with pytest.raises(UnsupportedError, match="median: complex numbers have no order"):
        dl.median(x)


def test_plain_arrays_stay_plain():
    assert dl.sum([1, 2, 3]) == 6
    assert dl.sum(np.ones((2, 3))).tolist() == [[2, 2, 2]]
    assert dl.sum(np.ones((2, 3)), 2).tolist() == [[3], [3]]
    assert dl.mean(np.ones((2, 3)), "all") == 1
    assert isinstance(dl.sum([1, 2, 3]), np.float64)


def test_plain_integers_of_any_type_are_doubles():
    assert dl.sum(np.array([200, 200], np.uint8)) == 400.0


@pytest.mark.parametrize("value", ["x", None, {}], ids=repr)
def test_what_is_no_array_is_refused(value):
    with pytest.raises(OptionError, match="mean: expected"):
        dl.mean(value)


def test_a_list_of_dlarrays_is_refused():
    with pytest.raises(OptionError, match="sum: a list of dlarrays is not an array") as error:
        dl.sum([dlarray(1.0), dlarray(2.0)])
    assert "horzcat(*X)" in error.value.fix


@pytest.mark.parametrize("word", ["omitnan", "native"])
def test_option_words_are_refused(word):
    with pytest.raises(OptionError, match=f'sum: the option "{word}" is not available'):
        dl.sum(dlarray([1.0]), 1, word)
    with pytest.raises(OptionError, match=f'sum: "{word}" is not available') as error:
        dl.sum(dlarray([1.0]), word)
    assert 'finddim(X, "C")' in error.value.fix


@pytest.mark.parametrize(
    ("dim", "message"),
    [
        (0, "there is no dimension 0"),
        (-1, "there is no dimension -1"),
        (1.5, "must be a whole number"),
        ([1, 1], "stands twice"),
        ([], "the dimension is empty"),
    ],
)
def test_what_is_no_dimension_is_refused(dim, message):
    with pytest.raises(OptionError, match=f"mean: .*{message}"):
        dl.mean(dlarray(np.ones((2, 2)), "CB"), dim)


def test_numpys_forms_count_axes_from_zero():
    x = np.arange(6.0).reshape(2, 3)
    X = dlarray(x, "CB")
    for function in (np.sum, np.prod, np.mean, np.median, np.any, np.all):
        for axis in (0, 1, -1, (0, 1), None):
            Y = function(X, axis=axis)
            witness = function(x, axis=axis, keepdims=True)
            np.testing.assert_allclose(extractdata(Y), witness, rtol=1e-15)
    assert X.sum(0).shape == (1, 3)
    assert X.mean().item() == 2.5


def test_numpys_options_that_do_not_fit_are_refused():
    X = dlarray([1.0, 2.0])
    with pytest.raises(UnsupportedError, match=r"numpy\.sum: keepdims=False"):
        np.sum(X, keepdims=False)
    with pytest.raises(OptionError, match="axis 2 is not one of the 2 dimensions"):
        np.sum(X, axis=2)
