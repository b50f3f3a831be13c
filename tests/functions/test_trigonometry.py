"""Trigonometric functions against NumPy; exact values at multiples of a right angle."""

import numpy as np
import pytest

from dltk.autodiff import dlfeval, dlgradient
from dltk.dlarray import dlarray, extractdata
from dltk.functions import _trigonometry as dl
from dltk.functions._reduction import sum as total
from tests.functions.gradients import assert_derivatives, gradient

REAL = np.array([-2.5, -0.7, -0.2, 0.3, 0.8, 1.6])
POSITIVE = np.array([0.2, 0.7, 1.3, 2.9])
SMALL = np.array([-0.9, -0.3, 0.2, 0.8])
BIG = np.array([1.1, 1.7, 3.2])
DEGREES = np.array([-250.0, -100.0, -29.0, 13.0, 70.0, 400.0])
by_name = {"ids": lambda x: getattr(x, "__name__", "")}

# function, witness, arguments away from kinks and poles
UNARY = [
    (dl.sin, np.sin, REAL),
    (dl.cos, np.cos, REAL),
    (dl.tan, np.tan, SMALL),
    (dl.sec, lambda x: 1 / np.cos(x), SMALL),
    (dl.csc, lambda x: 1 / np.sin(x), POSITIVE),
    (dl.cot, lambda x: 1 / np.tan(x), POSITIVE),
    (dl.asin, np.arcsin, SMALL),
    (dl.acos, np.arccos, SMALL),
    (dl.atan, np.arctan, REAL),
    (dl.asec, lambda x: np.arccos(1 / x), BIG),
    (dl.acsc, lambda x: np.arcsin(1 / x), BIG),
    (dl.acot, lambda x: np.arctan(1 / x), POSITIVE),
    (dl.sinh, np.sinh, REAL),
    (dl.cosh, np.cosh, REAL),
    (dl.tanh, np.tanh, REAL),
    (dl.asinh, np.arcsinh, REAL),
    (dl.acosh, np.arccosh, BIG),
    (dl.atanh, np.arctanh, SMALL),
    (dl.sech, lambda x: 1 / np.cosh(x), REAL),
    (dl.csch, lambda x: 1 / np.sinh(x), POSITIVE),
    (dl.coth, lambda x: 1 / np.tanh(x), POSITIVE),
    (dl.asech, lambda x: np.log(1 / x + np.sqrt(1 / x**2 - 1)), np.array([0.2, 0.5, 0.8])),
    (dl.acsch, lambda x: np.log(1 / x + np.sqrt(1 / x**2 + 1)), POSITIVE),
    (dl.acoth, lambda x: np.log((x + 1) / (x - 1)) / 2, BIG),
    (dl.sind, lambda x: np.sin(np.pi * x / 180), DEGREES),
    (dl.cosd, lambda x: np.cos(np.pi * x / 180), DEGREES),
    (dl.tand, lambda x: np.tan(np.pi * x / 180), DEGREES),
    (dl.asind, lambda x: np.arcsin(x) * 180 / np.pi, SMALL),
    (dl.acosd, lambda x: np.arccos(x) * 180 / np.pi, SMALL),
    (dl.atand, lambda x: np.arctan(x) * 180 / np.pi, REAL),
    (dl.sinpi, lambda x: np.sin(np.pi * x), REAL),
    (dl.cospi, lambda x: np.cos(np.pi * x), REAL),
    (dl.deg2rad, np.deg2rad, DEGREES),
    (dl.rad2deg, np.rad2deg, REAL),
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


def test_right_angles_are_exact():
    quarters = np.arange(-8.0, 9.0)
    sines, cosines = [0, 1, 0, -1], [1, 0, -1, 0]
    for function, unit, values in [
        (dl.sind, 90, sines),
        (dl.cosd, 90, cosines),
        (dl.sinpi, 0.5, sines),
        (dl.cospi, 0.5, cosines),
    ]:
        for number in (np.float64, np.float32):
            expected = [values[int(q) % 4] for q in quarters]
            assert function((quarters * unit).astype(number)).tolist() == expected
    assert dl.sinpi(1e15 + 1) == 0
    assert [abs(dl.tand(x)) for x in (0.0, 180.0, 90.0)] == [0, 0, np.inf]
    assert np.isnan(dl.sind(np.inf))


def test_the_angle_of_a_point():
    a, b = np.array([[0.7, -1.3, 2.9]]), np.array([[1.9, 0.6, -1.7]])
    for function, unit in ((dl.atan2, 1), (dl.atan2d, 180 / np.pi)):
        value = extractdata(function(dlarray(a), b))
        np.testing.assert_allclose(value, np.arctan2(a, b) * unit, rtol=1e-14)
        assert_derivatives(function, a, b, order=2)


def test_outside_their_range_inverses_are_nan_not_complex():
    for function in (dl.asin, dl.acos, dl.asind, dl.acosd, dl.atanh):
        assert np.isnan(function(1.5))
    assert np.isnan(dl.acosh(0.5))
    assert np.isnan(dl.asech(1.5))
    assert np.isnan(dl.acoth(0.5))
