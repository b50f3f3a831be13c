"""Quantiles against NumPy's method "hazen", modes against Python's counter."""

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dltk._errors import OptionError, UnsupportedError
from dltk.autodiff import dlfeval
from dltk.dlarray import dlarray, extractdata
from dltk.functions import _quantiles as dl
from tests import matlab_model as model
from tests.functions.gradients import assert_derivatives, gradient
from tests.functions.test_reduction import reductions
from tests.strategies import assert_like, few

NAN = math.nan
PS = st.lists(st.sampled_from([0.0, 0.1, 0.25, 0.5, 0.6, 0.9, 1.0]), min_size=1, max_size=3)


@few
@given(reductions(), PS)
def test_quantiles_are_interpolated_between_the_sorted_elements(case, p):
    X, m, dim, axes = case
    Y = dl.quantile(X, p, *dim)
    place = min(axes, default=m.rank)
    parts = [
        model.reduce(lambda v, q=q: float(np.quantile(v, q, method="hazen")), m, axes) for q in p
    ]
    assert_like(Y, model.cat(place, parts), 1e-12)
    np.testing.assert_allclose(
        extractdata(dl.prctile(X, np.multiply(p, 100), *dim)), extractdata(Y), atol=1e-12
    )


def test_the_example_of_the_definition():
    x = [6.0, 3, 2, 10, 1]  # sorted 1 2 3 6 10 are the quantiles of 0.1 0.3 0.5 0.7 0.9
    assert dl.quantile(x, [0.1, 0.3, 0.5, 0.7, 0.9]).tolist() == pytest.approx([1, 2, 3, 6, 10])
    assert dl.quantile(x, [0.0, 1.0]).tolist() == [1, 10]
    np.testing.assert_allclose(dl.quantile(x, 3), dl.quantile(x, [0.25, 0.5, 0.75]))
    assert dl.prctile(x, 50) == 3
    assert dl.iqr(x) == pytest.approx(7 - 1.75, rel=1e-15)


def test_nan_is_left_out():
    assert dl.quantile([NAN, 1.0, 3.0, NAN], 0.5) == 2
    assert np.isnan(dl.quantile([NAN, NAN], 0.5))
    assert np.isnan(dl.quantile([], 0.5))
    assert dl.quantile([-np.inf, 1.0, np.inf], [0.0, 0.5, 1.0]).tolist() == [-np.inf, 1, np.inf]


def test_types():
    assert dl.quantile(dlarray(np.ones((2, 2), np.float32), "CB"), [0.3, 0.5]).dtype == np.float32
    assert dl.quantile(dlarray([True, False]), 0.5).item() == 0.5


def test_derivatives():
    x = np.array([[0.7, -1.2, 0.4], [2.1, 0.3, -0.8]])
    assert_derivatives(lambda X: dl.quantile(X, [0.3, 0.6], 2) ** 2, x, order=2)
    assert_derivatives(lambda X: dl.iqr(X, "all"), x, fmts=["BC"])
    assert_derivatives(lambda P: dl.quantile(x, P, "all"), [[0.27, 0.61]])


def test_compiled_inside_dlfeval_is_the_same():
    X = dlarray(np.array([[3.0, NAN, 1.0], [2.0, 5.0, 2.0]]), "CB")

    def run(X):
        return dl.quantile(X, [0.2, 0.7], 2), dl.iqr(X, 2), *dl.mode(X, 2, nargout=2)

    for compiled, eager in zip(dlfeval(run, X), run(X), strict=True):
        np.testing.assert_allclose(extractdata(compiled), extractdata(eager), rtol=1e-15)


def test_wrong_probabilities_are_refused():
    with pytest.raises(OptionError, match="quantile: p must lie between 0 and 1") as error:
        dl.quantile([1.0], [0.5, 1.5])
    assert error.value.got == {"p": [0.5, 1.5]}
    with pytest.raises(OptionError, match="prctile: p must lie between 0 and 100"):
        dl.prctile([1.0], -1)
    with pytest.raises(OptionError, match="quantile: Method is not one of its words"):
        dl.quantile([1.0], 0.5, Method="approximate")
    with pytest.raises(UnsupportedError, match="quantile: complex numbers have no order"):
        dl.quantile(1j, 0.5)


def most_frequent(values):
    counts = Counter(values)
    return min(v for v in counts if counts[v] == max(counts.values()))


@few
@given(reductions())
def test_modes(case):
    X, m, dim, axes = case
    M, F = dl.mode(X, *dim, nargout=2)
    assert_like(M, model.reduce(most_frequent, m, axes))
    assert_like(F, model.reduce(lambda v: float(max(Counter(v).values())), m, axes))


def test_modes_leave_nan_out():
    assert dl.mode([NAN, NAN, 2.0, 1.0, 2.0]) == 2
    assert dl.mode([NAN, NAN, 1.0], nargout=2) == (1, 1)
    value, times = dl.mode([NAN, NAN], nargout=2)
    assert np.isnan(value)
    assert times == 0
    assert np.isnan(dl.mode([]))
    assert gradient(dl.mode, [3.0, 1.0, 3.0]).sum() == 1
