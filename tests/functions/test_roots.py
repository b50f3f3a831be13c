"""Roots and powers that stay real."""

import numpy as np
import pytest

from dltk._errors import OptionError
from dltk.autodiff import dlfeval
from dltk.dlarray import dlarray, extractdata
from dltk.functions import _roots as dl
from tests.functions.gradients import assert_derivatives, gradient

POSITIVE = np.array([[0.2, 0.7, 1.3, 2.9]])

MEMBERS = {
    "realsqrt": (dl.realsqrt, np.sqrt),
    "reallog": (dl.reallog, np.log),
    "nthroot 3": (lambda X: dl.nthroot(X, 3), np.cbrt),
    "nthroot 4": (lambda X: dl.nthroot(X, 4), lambda x: x**0.25),
    "realpow": (lambda X: dl.realpow(X, 1.7), lambda x: x**1.7),
    "pow2": (dl.pow2, np.exp2),
    "pow2 with exponent": (lambda X: dl.pow2(X, -3), lambda x: x / 8),
}


@pytest.mark.parametrize(("function", "witness"), MEMBERS.values(), ids=MEMBERS)
def test_values_types_and_derivatives(function, witness):
    X = dlarray(POSITIVE, "CB")
    Y = function(X)
    assert (Y.dims, Y.dtype) == ("CB", np.float64)
    np.testing.assert_allclose(extractdata(Y), witness(POSITIVE), rtol=1e-14)
    single = function(dlarray(POSITIVE.astype(np.float32)))
    assert single.dtype == np.float32
    np.testing.assert_allclose(extractdata(single), witness(POSITIVE), rtol=1e-6)
    np.testing.assert_allclose(extractdata(dlfeval(function, X)), extractdata(Y), rtol=1e-15)
    assert_derivatives(function, POSITIVE, fmts=["BC"], order=2)


def test_whole_roots_are_whole():
    n = np.arange(-20.0, 21.0)
    assert dl.nthroot(n**3, 3).tolist() == n.tolist()
    assert dl.nthroot(np.abs(n) ** 5, 5).tolist() == np.abs(n).tolist()
    assert dl.nthroot([-8.0, 16.0], [3.0, 4.0]).tolist() == [-2, 2]
    assert dl.nthroot([0.0, np.inf], 3).tolist() == [0, np.inf]
    assert dl.nthroot(8.0, -3) == 0.5


def test_roots_of_negative_numbers_have_derivatives():
    slope = np.cbrt(np.array([-8.0, -0.3])) ** -2 / 3
    np.testing.assert_allclose(
        gradient(lambda X: dl.nthroot(X, 3), [-8.0, -0.3]), slope, rtol=1e-14
    )


def test_what_has_no_real_result_is_refused_where_it_is_known():
    for function in (dl.realsqrt, dl.reallog):
        with pytest.raises(
            OptionError, match=f"{function.__name__}: there is no real result for neg"
        ):
            function([1.0, -1.0])
        with pytest.raises(OptionError, match="no real result for complex"):
            function(1j)
    with pytest.raises(OptionError, match="nthroot: negative numbers have a real root only if N"):
        dl.nthroot(-8.0, 2)
    with pytest.raises(OptionError, match="nthroot: complex numbers"):
        dl.nthroot(1j, 2)
    with pytest.raises(OptionError, match="realpow: negative numbers have a real power only"):
        dl.realpow(-8.0, 1.5)
    with pytest.raises(OptionError, match="realpow: there is no real result for complex"):
        dl.realpow(1j, 2)


def test_compiled_it_is_nan():
    X = dlarray([-8.0])
    for function in (dl.realsqrt, dl.reallog, lambda X: dl.nthroot(X, 2)):
        assert np.isnan(dlfeval(function, X).item())


def test_powers_of_two_are_exact():
    n = np.arange(-1022.0, 1024.0)
    assert dl.pow2(n).tolist() == (2.0**n).tolist()
    assert dl.pow2([-np.inf, np.inf]).tolist() == [0, np.inf]
    assert extractdata(dl.pow2(dlarray([[0.75, 3.0]]), [[4.0, -1.5]])).tolist() == [[12, 1.5]]
