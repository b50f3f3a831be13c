"""Special functions against SciPy, factorials against Python's whole numbers."""

import math

import numpy as np
import pytest
from scipy import special

from dltk._errors import OptionError, UnsupportedError
from dltk.autodiff import dlfeval, dlgradient
from dltk.dlarray import dlarray, extractdata
from dltk.functions import _special as dl
from dltk.functions._reduction import sum as total
from tests.functions.gradients import assert_derivatives, gradient

REAL = np.array([-2.5, -0.7, -0.2, 0.3, 0.8, 1.6])
POSITIVE = np.array([0.2, 0.7, 1.3, 2.9])
by_name = {"ids": lambda x: getattr(x, "__name__", "")}

# function, witness, arguments away from poles
UNARY = [
    (dl.erf, special.erf, REAL),
    (dl.erfc, special.erfc, REAL),
    (dl.gammaln, special.gammaln, POSITIVE),
    (dl.gamma, special.gamma, POSITIVE),
    (dl.psi, special.psi, POSITIVE),
    (dl.erfinv, special.erfinv, np.array([-0.9, -0.3, 0.1, 0.7])),
    (dl.erfcinv, special.erfcinv, np.array([0.05, 0.4, 1.3, 1.9])),
]
BINARY = [
    (dl.beta, special.beta),
    (dl.betaln, special.betaln),
    (dl.gammainc, lambda x, a: special.gammainc(a, x)),
]


@pytest.mark.parametrize(("function", "witness", "x"), UNARY, **by_name)
def test_values_are_those_of_the_witness(function, witness, x):
    Y = function(dlarray(x, "C"))
    assert (Y.dims, Y.dtype) == ("CU", np.float64)
    np.testing.assert_allclose(extractdata(Y)[:, 0], witness(x), rtol=1e-13, atol=1e-14)
    np.testing.assert_array_equal(function(x), extractdata(Y)[:, 0])


@pytest.mark.parametrize(("function", "witness", "x"), UNARY, **by_name)
def test_single_stays_single(function, witness, x):
    x = x.astype(np.float32)
    Y = function(dlarray(x))
    assert Y.dtype == np.float32
    np.testing.assert_allclose(extractdata(Y)[0], witness(x.astype(float)), rtol=1e-5, atol=2e-6)


@pytest.mark.parametrize(("function", "witness", "x"), UNARY, **by_name)
def test_derivatives_of_both_orders(function, witness, x):
    h = 1e-5
    slope = (witness(x + h) - witness(x - h)) / (2 * h)
    np.testing.assert_allclose(gradient(function, x, "C"), slope, rtol=1e-7, atol=1e-8)
    assert_derivatives(function, x, fmts=["C"], order=2)


@pytest.mark.parametrize("function", [f for f, _, _ in UNARY], **by_name)
def test_compiled_inside_dlfeval_is_the_same(function):
    x = dlarray(next(x for f, _, x in UNARY if f is function))

    def loss(X):
        Y = function(X)
        return Y, dlgradient(total(Y, "all"), X)

    compiled, slope = dlfeval(loss, x)
    np.testing.assert_allclose(extractdata(compiled), extractdata(function(x)), rtol=1e-14)
    np.testing.assert_allclose(
        extractdata(slope)[0], gradient(function, extractdata(x)[0]), rtol=1e-12
    )


@pytest.mark.parametrize(("function", "witness"), BINARY, **by_name)
def test_two_operands(function, witness):
    a, b = np.array([[0.7, 1.3, 2.9]]), np.array([[1.9, 0.6, 1.7]])
    np.testing.assert_allclose(extractdata(function(dlarray(a), b)), witness(a, b), rtol=1e-13)
    assert function(dlarray(a.astype(np.float32)), b).dtype == np.float32
    assert_derivatives(lambda A: function(A, b), a, order=2)
    assert_derivatives(lambda B: function(a, B), b)


def test_inverses_of_the_error_function_at_and_beyond_their_ends():
    ends = dl.erfinv([-1.0, 1.0, 1.5])
    np.testing.assert_array_equal(ends, [-np.inf, np.inf, np.nan])
    np.testing.assert_array_equal(dl.erfcinv([0.0, 2.0, -0.1]), [np.inf, -np.inf, np.nan])
    tiny = np.array([1e-300, 1e-20, 1e-5])
    np.testing.assert_allclose(dl.erfcinv(tiny), special.erfcinv(tiny), rtol=1e-14)


def test_the_gamma_function_of_whole_numbers_is_exact():
    n = np.arange(1.0, 171.0)
    assert dl.gamma(n).tolist() == [float(math.factorial(int(k) - 1)) for k in n]
    assert dl.gamma([0.0, 172.0]).tolist() == [np.inf, np.inf]
    np.testing.assert_allclose(gradient(dl.gamma, [5.0]), 24 * special.psi(5), rtol=1e-13)


def test_factorials():
    assert dl.factorial(np.arange(171.0)).tolist() == [float(math.factorial(n)) for n in range(171)]
    assert dl.factorial(171) == np.inf
    assert dl.factorial(dlarray(np.float32(5))).dtype == np.float32
    for wrong in (-1.0, 2.5, np.nan, 1j):
        with pytest.raises(OptionError, match="factorial: only whole numbers from 0"):
            dl.factorial(wrong)


@pytest.mark.parametrize("order", [0, 1, 2, 3])
def test_polygamma_functions(order):
    value = dl.psi(order, dlarray(POSITIVE, "C"))
    assert value.dims == "CU"
    witness = special.polygamma(order, POSITIVE)
    np.testing.assert_allclose(extractdata(value)[:, 0], witness, rtol=1e-12)
    slope = gradient(lambda X: dl.psi(order, X), POSITIVE)
    np.testing.assert_allclose(slope, special.polygamma(order + 1, POSITIVE), rtol=1e-11)


def test_an_order_of_psi_that_is_none_is_refused():
    with pytest.raises(OptionError, match="psi: the order must be a whole number, 0 or larger"):
        dl.psi(-1, 2.0)


def scaled(p, a, x):
    return p * special.gamma(a + 1) * np.exp(x) / x**a


@pytest.mark.parametrize(
    ("tail", "witness", "at_zero"),
    [
        ("lower", lambda a, x: special.gammainc(a, x), 0),
        ("upper", lambda a, x: special.gammaincc(a, x), 1),
        ("scaledlower", lambda a, x: scaled(special.gammainc(a, x), a, x), 1),
        ("scaledupper", lambda a, x: scaled(special.gammaincc(a, x), a, x), np.inf),
    ],
)
def test_tails_of_the_incomplete_gamma_function(tail, witness, at_zero):
    x, a = np.array([0.3, 2.5, 40.0]), np.array([0.4, 3.0, 30.0])
    np.testing.assert_allclose(dl.gammainc(x, a, tail), witness(a, x), rtol=1e-11)
    assert dl.gammainc(0.0, 1.5, tail) == at_zero


def test_limits_of_the_incomplete_gamma_function():
    assert dl.gammainc([0.0, 3.0, np.inf], [0.0, 0.0, 2.0]).tolist() == [1, 1, 1]
    assert np.isnan(dl.gammainc([-1.0, 1.0], [1.0, -1.0])).all()
    # P(x, 1) = 1 - exp(-x), with slope 1 at 0
    assert gradient(lambda T: dl.gammainc(T, 1.0), [0.0, 1.0]) == pytest.approx([1, np.exp(-1)])
    slope = gradient(lambda T: dl.gammainc(T, 1.0, "upper"), [0.0])
    assert slope == pytest.approx([-1])


def test_derivatives_of_the_incomplete_gamma_function_by_its_order():
    x, a = np.array([0.3, 2.5, 9.0]), np.array([[0.4, 3.0, 8.0]])
    for tail in ("lower", "upper", "scaledlower"):
        assert_derivatives(lambda A, t=tail: dl.gammainc(x, A, t), a)

    def slope(X, A):
        return dlgradient(total(dl.gammainc(X, A), "all"), A, EnableHigherDerivatives=True)

    with pytest.raises(UnsupportedError, match="gammainc: there is no second derivative by A"):
        dlfeval(lambda A: dlgradient(total(slope(x, A), "all"), A), dlarray(a))


def test_wrong_tails_are_refused():
    with pytest.raises(OptionError, match="gammainc: tail is not one of its words"):
        dl.gammainc(1.0, 1.0, "left")
