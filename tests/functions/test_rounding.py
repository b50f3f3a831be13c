"""Rounding and remainders against NumPy and decimal arithmetic; all steps have derivative 0."""

import decimal
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dltk._errors import OptionError
from dltk.autodiff import dlfeval
from dltk.dlarray import dlarray, extractdata
from dltk.functions import _rounding as dl
from tests.functions.gradients import assert_derivatives, gradient
from tests.strategies import quick

REAL = np.array([-2.5, -0.7, -0.2, 0.3, 0.8, 1.6])
by_name = {"ids": lambda x: getattr(x, "__name__", "")}

UNARY = [
    (dl.ceil, np.ceil),
    (dl.floor, np.floor),
    (dl.fix, np.trunc),
    (dl.round, lambda x: np.trunc(x + np.copysign(0.5, x))),
    (dl.nextpow2, lambda x: np.ceil(np.log2(np.abs(x)))),
]


@pytest.mark.parametrize(("function", "witness"), UNARY, **by_name)
def test_steps(function, witness):
    for number in (np.float64, np.float32):
        Y = function(dlarray(REAL.astype(number), "C"))
        assert (Y.dims, Y.dtype) == ("CU", number)
        np.testing.assert_array_equal(extractdata(Y)[:, 0], witness(REAL))
        compiled = dlfeval(function, dlarray(REAL.astype(number), "C"))
        np.testing.assert_array_equal(extractdata(compiled), extractdata(Y))
    assert gradient(function, REAL).tolist() == [0] * len(REAL)


def test_round_takes_halves_away_from_zero():  # MATLAB; NumPy rounds them to even
    x = [-2.5, -0.5, 0.49999999999999994, 0.5, 1.5, 2.5, 2.0**52 + 1, np.inf]
    assert dl.round(x).tolist() == [-3, -1, 0, 1, 2, 3, 2.0**52 + 1, np.inf]
    assert np.isnan(dl.round(np.nan))


@quick
@given(st.decimals(-10000, 10000, places=5), st.integers(-4, 4))
def test_digits_after_the_point_are_those_of_decimal_arithmetic(number, digits):
    tie = (abs(number).scaleb(digits) + decimal.Decimal("0.5")) % 1 == 0
    if tie:  # the double may lie on either side of the tie
        return
    exact = number.quantize(decimal.Decimal(1).scaleb(-digits), decimal.ROUND_HALF_UP)
    assert dl.round(float(number), digits) == pytest.approx(float(exact), rel=1e-15)


@quick
@given(st.floats(1e-290, 1e290) | st.floats(-1e290, -1e-290), st.integers(1, 14))
def test_significant_digits_are_those_of_printing(number, digits):
    printed = decimal.Decimal(f"{number:.{digits - 1}e}")
    rest = abs(decimal.Decimal(number) - printed) / abs(decimal.Decimal(number))
    if rest > decimal.Decimal(5).scaleb(-digits) * decimal.Decimal("0.9999"):
        return  # nearly a tie
    assert dl.round(number, digits, "significant") == pytest.approx(float(printed), rel=1e-14)


def test_rounding_to_digits():
    assert dl.round([0.5, -1.25, 8.76], 1).tolist() == [0.5, -1.3, 8.8]
    assert dl.round([863.0, -455.0], -2).tolist() == [900, -500]
    assert dl.round([1253.0, 0.0], 2, "significant").tolist() == [1300, 0]
    assert dl.round([999.9, 1000.0, 1e15, 0.001], 3, "significant").tolist() == [
        1000,
        1000,
        1e15,
        0.001,
    ]
    assert dl.round(1e300, 20) == 1e300
    assert dl.round(np.inf, 3) == np.inf
    assert np.isnan(dl.round(np.nan, 2, "significant"))
    X = dlarray(np.float32([[math.pi]]), "CB")
    Y = dl.round(X, 3)
    assert (Y.dims, Y.dtype, Y.item()) == ("CB", np.float32, float(np.float32(3.142)))
    assert gradient(lambda X: dl.round(X, 2), REAL).tolist() == [0] * len(REAL)
    assert extractdata(np.round(X, 2)).item() == np.float32(3.14)


def test_wrong_digits_are_refused():
    with pytest.raises(OptionError, match="round: there must be at least one significant digit"):
        dl.round(1.0, 0, "significant")
    with pytest.raises(OptionError, match="round: the number of digits must be a whole number"):
        dl.round(1.0, 1.5)
    with pytest.raises(OptionError, match="round: type is not one of its words"):
        dl.round(1.0, 1, "digits")


def test_next_powers_of_two():
    x = [0.0, 1.0, 1.5, 1024.0, 1025.0, -9.0, np.inf]
    assert dl.nextpow2(x).tolist() == [0, 0, 1, 10, 11, 4, np.inf]


@pytest.mark.parametrize(("function", "witness"), [(dl.rem, np.fmod), (dl.mod, np.mod)], **by_name)
def test_remainders(function, witness):
    a, b = np.array([[0.7, -1.3, 2.9, -7.0]]), np.array([[1.9, 0.6, -1.7, 3.0]])
    np.testing.assert_allclose(extractdata(function(dlarray(a), b)), witness(a, b), rtol=1e-14)
    assert_derivatives(function, a[:, :3], b[:, :3], order=2)


@pytest.mark.parametrize(
    ("function", "a", "b", "value"),
    [
        (dl.mod, -7, 3, 2),
        (dl.mod, 7, -3, -2),
        (dl.mod, 5, 0, 5),
        (dl.rem, -7, 3, -1),
        (dl.rem, 7, -3, 1),
    ],
)
def test_remainders_have_matlabs_signs(function, a, b, value):
    assert function(a, b) == value


def test_the_remainder_of_a_division_by_zero_is_nan():
    assert np.isnan(dl.rem(5, 0))
