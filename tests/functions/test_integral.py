"""The trapezoidal rule against SciPy."""

import numpy as np
import pytest
import scipy.integrate

import dltk.functions._reduction  # noqa: F401  (operators)
from dltk._errors import FormatError, OptionError
from dltk.dlarray import dlarray, extractdata
from dltk.functions._integral import cumtrapz, trapz
from tests.functions.compiling import assert_compiles
from tests.functions.gradients import assert_derivatives

RANDOM = np.random.default_rng(13)
Y = RANDOM.standard_normal((3, 4))
X = np.array([0.0, 1.0, 1.5, 4.0])


def running(y, x=None, axis=0):
    return scipy.integrate.cumulative_trapezoid(y, x, axis=axis, initial=0)


@pytest.mark.parametrize("fmt", ["", "CB", "BC", "ST"])
@pytest.mark.parametrize("dim", [1, 2])
def test_along_a_dimension(fmt, dim):
    labelled = dlarray(Y, fmt)
    y = extractdata(labelled)
    axis = dim - 1
    points = np.cumsum(np.abs(RANDOM.standard_normal(y.shape[axis])))
    grid = np.cumsum(np.abs(RANDOM.standard_normal(y.shape)), axis)
    for x in (None, points, points[:, None], dlarray(points), grid, dlarray(grid)):
        args = [labelled, dim] if x is None else [x, labelled, dim]
        known = None if x is None else extractdata(x)
        known = known if known is None or known.shape == y.shape else known.ravel()
        total, sums = trapz(*args), cumtrapz(*args)
        assert total.dims == sums.dims == labelled.dims
        witness = np.expand_dims(scipy.integrate.trapezoid(y, known, axis=axis), axis)
        np.testing.assert_allclose(extractdata(total), witness, atol=1e-13)
        np.testing.assert_allclose(extractdata(sums), running(y, known, axis), atol=1e-13)


def test_plain_numbers_and_defaults():
    assert trapz([1.0, 2.0, 4.0]) == 4.5
    assert trapz([0.0, 2.0], [1.0, 3.0]) == 4
    assert trapz(np.array([[1.0, 2.0, 4.0]])).tolist() == [[4.5]]
    np.testing.assert_allclose(trapz(Y), scipy.integrate.trapezoid(Y, axis=0)[None])
    np.testing.assert_allclose(trapz(Y, 2), scipy.integrate.trapezoid(Y, axis=1)[:, None])
    assert cumtrapz([1.0, 2.0, 4.0]).tolist() == [0, 1.5, 4.5]
    assert trapz(5.0) == cumtrapz(5.0) == 0
    assert trapz(dlarray(Y), 3).shape == (3, 4)
    assert cumtrapz(dlarray([[1.0, 2.0], [3.0, 4.0]], "CB"), 3).shape == (2, 2)
    same = RANDOM.standard_normal((4, 3))
    np.testing.assert_allclose(
        extractdata(trapz(dlarray(same, "BC"), dlarray(Y, "CB"), 2)),
        scipy.integrate.trapezoid(Y, same.T, axis=1)[:, None],
    )


def test_types():
    assert trapz(dlarray(Y.astype(np.float32))).dtype == np.float32
    assert trapz(X, dlarray(Y.astype(np.float32)), 2).dtype == np.float32
    np.testing.assert_allclose(cumtrapz(1j * Y), 1j * running(Y), atol=1e-14)


def test_derivatives():
    for function in (trapz, cumtrapz):
        assert_derivatives(lambda x, y, f=function: f(x, y, 2) ** 2, X, Y, order=2)
        assert_derivatives(lambda y, f=function: f(y) ** 2, Y, fmts=["BC"], order=2)


def test_compiled_and_eager_are_equal():
    for function in (trapz, cumtrapz):
        assert_compiles(lambda x, y, f=function: f(x, y, 2), X, Y)


def test_what_does_not_fit_is_refused():
    with pytest.raises(FormatError, match="trapz: X must be a vector with a point for") as error:
        trapz(X, dlarray(Y, "CB"), 1)
    assert error.value.got == {"X": "1×4", "Y": "3(C) × 4(B)"}
    with pytest.raises(FormatError, match="cumtrapz: X must be a vector"):
        cumtrapz(dlarray(Y, "CT"), dlarray(Y, "CB"))
    with pytest.raises(OptionError, match="trapz: expected Y"):
        trapz()
