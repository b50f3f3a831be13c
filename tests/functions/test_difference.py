"""Differences and numerical gradients against NumPy and slow loops."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dltk.functions._reduction  # noqa: F401  (operators)
from dltk._errors import FormatError, OptionError
from dltk.dlarray import dlarray, extractdata
from dltk.functions._difference import diff, gradient
from tests.functions.compiling import assert_compiles
from tests.functions.gradients import assert_derivatives
from tests.strategies import few, labelled

X = np.array([[1.0, 4.0, 9.0, 11.0], [0.0, 2.0, 1.0, 7.0], [3.0, 3.0, 8.0, 5.0]])


@few
@given(labelled(most=3), st.data())
def test_diff_runs_along_a_dimension(pair, data):
    array, m = pair
    axis = data.draw(st.integers(0, m.rank - 1))
    if m.sizes[axis] == 1:
        assert diff(array, 1, axis + 1).shape[axis] == 0
        return
    Y = diff(array, 1, axis + 1)
    wanted = np.diff(m.values(), axis=axis)
    assert m.fmt.startswith(Y.dims)
    np.testing.assert_array_equal(extractdata(Y), wanted.reshape(Y.shape))


def test_several_differences():
    np.testing.assert_array_equal(diff(X, 2), np.diff(X, 2, 0))
    np.testing.assert_array_equal(extractdata(diff(dlarray(X), 3, 2)), np.diff(X, 3, 1))
    np.testing.assert_array_equal(diff(X, 3), np.diff(np.diff(X, 2, 0), 1))  # then along rows
    np.testing.assert_array_equal(diff(X, 0), X)
    np.testing.assert_array_equal(diff(X, [], 2), np.diff(X))
    assert diff(5).size == diff(dlarray(5.0)).size == diff([]).size == 0
    assert diff([True, False]).tolist() == [-1]
    assert diff(X, 7, 2).shape == (3, 0)
    np.testing.assert_array_equal(extractdata(np.diff(dlarray(X), axis=0)), np.diff(X, axis=0))


def slow_gradient(f, x):
    """Central differences, one-sided at the ends."""
    n = len(f)
    pairs = [(max(i - 1, 0), min(i + 1, n - 1)) for i in range(n)]
    return [(f[b] - f[a]) / (x[b] - x[a]) for a, b in pairs]


def test_gradient_of_a_vector():
    f, x = [1.0, 4.0, 9.0, 16.0], [0.0, 1.0, 3.0, 4.0]
    assert gradient(f).tolist() == slow_gradient(f, range(4))
    assert gradient(f, 2.0).tolist() == slow_gradient(f, [0, 2, 4, 6])
    assert gradient(f, x).tolist() == slow_gradient(f, x)
    Y = gradient(dlarray(f, "T"), x)
    assert (Y.dims, Y.shape) == ("TU", (4, 1))
    assert extractdata(Y).ravel().tolist() == slow_gradient(f, x)
    assert gradient(5.0) == 0


def test_gradient_of_a_matrix_has_columns_first():
    FX, FY = gradient(dlarray(X, "CB"), 1.0, [0.0, 1.0, 3.0], nargout=2)
    assert FX.dims == FY.dims == "CB"
    np.testing.assert_allclose(extractdata(FX), np.gradient(X, axis=1))
    wanted = np.array([slow_gradient(c, [0, 1, 3]) for c in X.T]).T
    np.testing.assert_allclose(extractdata(FY), wanted)
    np.testing.assert_allclose(gradient(X, 0.5), np.gradient(X, 0.5, axis=1))
    pages = gradient(np.arange(24.0).reshape(2, 3, 4) ** 2, nargout=3)
    np.testing.assert_allclose(pages[2], np.gradient(np.arange(24.0).reshape(2, 3, 4) ** 2, axis=2))


def test_derivatives():
    assert_derivatives(lambda Z: diff(Z, 2, 2) ** 2, X, fmts=["BC"], order=2)
    assert_derivatives(lambda Z, h: gradient(Z, h) ** 2, X, [0.5, 1.0, 3.0, 4.0], order=2)


def test_compiled_and_eager_are_equal():
    assert_compiles(diff, X)
    assert_compiles(lambda Z, h: gradient(Z, h, 1.0, nargout=2)[1], X, 2.0)


def test_single_stays_single():
    single = dlarray(X.astype(np.float32))
    assert diff(single).dtype == gradient(single).dtype == np.float32


def test_what_does_not_fit_is_refused():
    with pytest.raises(OptionError, match="diff: the number of differences must not be negative"):
        diff(X, -1)
    with pytest.raises(OptionError, match="diff: the number of differences must be a whole number"):
        diff(X, 0.5)
    with pytest.raises(FormatError, match="gradient: 3 positions for size 4 of dimension 2"):
        gradient(X, [1.0, 2.0, 3.0])
    with pytest.raises(OptionError, match="gradient: 3 distances for 2 dimensions"):
        gradient(X, 1, 1, 1)
    with pytest.raises(OptionError, match="gradient: nargout must be 1 or 2"):
        gradient(X, nargout=3)
