"""Moving sums and means against loops."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dltk._errors import OptionError
from dltk.autodiff import dlfeval
from dltk.dlarray import dlarray, extractdata
from dltk.functions import _moving as dl
from tests import matlab_model as model
from tests.functions.gradients import assert_derivatives
from tests.functions.test_cumulative import lines
from tests.strategies import assert_like, few

WINDOWS = st.one_of(st.integers(1, 6), st.tuples(st.integers(0, 3), st.integers(0, 3)))


def around(values, k, i):
    before, after = k if isinstance(k, tuple) else (k // 2, (k - 1) // 2)
    return [values[j] if 0 <= j < len(values) else None for j in range(i - before, i + after + 1)]


@few
@given(lines(), WINDOWS)
def test_windows_shrink_at_the_ends(case, k):
    X, m, dim, axis = case

    def sums(values):
        return [sum(v for v in around(values, k, i) if v is not None) for i in range(len(values))]

    def means(values):
        return [
            np.mean([v for v in around(values, k, i) if v is not None]) for i in range(len(values))
        ]

    assert_like(dl.movsum(X, k, *dim), model.along(sums, m, axis), 1e-12)
    assert_like(dl.movmean(X, k, *dim), model.along(means, m, axis), 1e-12)


def test_other_ends():
    x = [1.0, 2.0, 6.0, 4.0]
    nan = np.nan
    np.testing.assert_array_equal(dl.movmean(x, 3, Endpoints="fill"), [nan, 3, 4, nan])
    assert dl.movmean(x, 3, Endpoints="discard").tolist() == [3, 4]
    assert dl.movmean(x, 3, Endpoints=9).tolist() == [4, 3, 4, 19 / 3]
    assert dl.movsum(x, [1, 0], Endpoints=1).tolist() == [2, 3, 8, 10]
    assert dl.movsum(x, 7, Endpoints="discard").shape == (0,)
    X = dlarray(np.ones((3, 5)), "CB")
    assert dl.movmean(X, 3, 2, Endpoints="discard").shape == (3, 3)
    assert dl.movmean(np.zeros((0, 3)), 3).shape == (0, 3)
    np.testing.assert_array_equal(dl.movmean([1.0, nan, 3.0, 5.0], 2), [1, nan, nan, 4])


def test_types_derivatives_and_dlfeval():
    x = np.array([[0.7, -1.2, 0.4], [2.1, 0.3, -0.8]])
    assert dl.movmean(dlarray(x.astype(np.float32)), 2).dtype == np.float32
    for ends in ("shrink", "discard", 2.0):
        assert_derivatives(
            lambda X, ends=ends: dl.movmean(X, 2, 2, Endpoints=ends) ** 2, x, fmts=["BC"], order=2
        )
    compiled = extractdata(dlfeval(dl.movsum, dlarray(x), 2, 2))
    np.testing.assert_allclose(compiled, dl.movsum(x, 2, 2), rtol=1e-15)


def test_wrong_arguments_are_refused():
    with pytest.raises(OptionError, match="movmean: Endpoints is not one of its words"):
        dl.movmean([1.0], 3, Endpoints="mirror")
    with pytest.raises(OptionError, match="movsum: the window must be a positive whole number"):
        dl.movsum([1.0], 0)
