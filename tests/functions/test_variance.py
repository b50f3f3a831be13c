"""Variance and standard deviation against Python's statistics and NumPy's weighted average."""

import math
import statistics

import numpy as np
import pytest
from hypothesis import given

import dltk.functions._elementwise  # noqa: F401  (operators)
from dltk._errors import FormatError, OptionError
from dltk.autodiff import dlfeval
from dltk.dlarray import dlarray, extractdata
from dltk.functions import _variance as dl
from tests import matlab_model as model
from tests.functions.gradients import assert_derivatives, gradient
from tests.functions.test_reduction import reductions
from tests.strategies import assert_like, few


def variance(values):
    return statistics.variance(values) if len(values) > 1 else 0.0


MEMBERS = {
    "var": (lambda X, *d: dl.var(X, 0, *d), variance),
    "var by N": (lambda X, *d: dl.var(X, 1, *d), statistics.pvariance),
    "std": (lambda X, *d: dl.std(X, 0, *d), lambda v: math.sqrt(variance(v))),
    "std by N": (lambda X, *d: dl.std(X, 1, *d), statistics.pstdev),
}
X23 = np.array([[0.7, -1.2, 0.4], [2.1, 0.3, -0.8]])


@pytest.mark.parametrize(("function", "witness"), MEMBERS.values(), ids=MEMBERS)
@few
@given(reductions())
def test_values_and_labels(function, witness, case):
    X, m, dim, axes = case
    assert_like(function(X, *dim), model.reduce(witness, m, axes), 1e-12)


@pytest.mark.parametrize(("function", "witness"), MEMBERS.values(), ids=MEMBERS)
def test_types_and_derivatives(function, witness):
    assert function(dlarray(np.ones((2, 2), np.float32), "CB")).dtype == np.float32
    assert function(dlarray(np.ones((2, 2), bool), "CB")).dtype == np.float64
    assert_derivatives(function, X23, fmts=["BC"], order=2)
    assert_derivatives(lambda X: function(X, "all"), X23)


WEIGHTS = np.array([0.5, 2.0, 1.0])


@pytest.mark.parametrize(("fmt", "dim"), [("", 2), ("BC", 1)])
def test_a_vector_of_weights(fmt, dim):
    X = dlarray(X23, fmt)
    mean = np.average(X23, axis=1, weights=WEIGHTS)
    spread = np.average((X23 - mean[:, None]) ** 2, axis=1, weights=WEIGHTS)
    for w in (WEIGHTS, WEIGHTS[:, None], dlarray(WEIGHTS), list(WEIGHTS)):
        V, M = dl.var(X, w, dim, nargout=2)
        assert V.dims == X.dims
        np.testing.assert_allclose(extractdata(V).ravel(), spread, rtol=1e-14)
        np.testing.assert_allclose(extractdata(M).ravel(), mean, rtol=1e-14)
        S = dl.std(X, w, dim)
        np.testing.assert_allclose(extractdata(S).ravel(), np.sqrt(spread), rtol=1e-14)
    compiled = dlfeval(dl.var, X, dlarray(WEIGHTS), dim)
    np.testing.assert_allclose(extractdata(compiled).ravel(), spread, rtol=1e-14)


def test_weights_have_derivatives_too():
    assert_derivatives(lambda X, w: dl.var(X, w, 2), X23, WEIGHTS[None], order=2)
    assert_derivatives(lambda X, w: dl.std(X, w, 2), X23, WEIGHTS[None])


def test_the_mean_comes_as_second_output():
    assert dl.var([1.0, 3.0], nargout=2) == (2, 2)
    assert dl.std(X23, 0, "all", nargout=2)[1] == pytest.approx(X23.mean(), rel=1e-14)


def test_std_has_derivative_zero_where_it_is_zero():
    assert gradient(dl.std, [2.0, 2.0, 2.0]).tolist() == [0, 0, 0]


def test_complex_numbers():
    assert dl.var(dlarray([1 + 1j, 3 - 1j]), 1).item() == 2  # |x - 2|^2 = 2 both times


def test_nan_and_nothing():
    assert np.isnan(dl.var([1.0, np.nan]))
    assert np.isnan(dl.var([]))
    assert dl.var(5.0) == 0


def test_weights_that_are_none_are_refused_and_the_dimension_explained():
    with pytest.raises(OptionError, match="var: the weight must be 0") as error:
        dl.var(dlarray([1.0, 2.0]), 2)
    assert "var(X, 0, dim)" in error.value.fix
    with pytest.raises(FormatError, match="std: the weights do not fit the dimension") as error:
        dl.std(dlarray(X23, "CB"), [1, 2], 2)
    assert error.value.got == {"X": "2(C) × 3(B)", "weights": "1×2"}
    with pytest.raises(OptionError, match="var: weights must not be negative"):
        dl.var([1.0, 2.0], [1, -1])
    with pytest.raises(OptionError, match='var: the option "omitnan" is not available'):
        dl.var([1.0, 2.0], 0, 1, "omitnan")


def test_numpys_forms():
    X = dlarray(X23, "CB")
    for function in (np.var, np.std):
        for axis in (0, 1, (0, 1), None):
            for ddof in (0, 1):
                witness = function(X23, axis=axis, ddof=ddof, keepdims=True)
                value = extractdata(function(X, axis=axis, ddof=ddof))
                np.testing.assert_allclose(value, witness, rtol=1e-14)
    with pytest.raises(OptionError, match=r"numpy\.var: ddof must be 0 or 1"):
        np.var(X, ddof=2)
