"""Elementwise functions: values against NumPy and SciPy, derivatives against finite differences."""

import jax
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dltk._errors import FormatError, OptionError
from dltk.dlarray import dlarray, extractdata
from dltk.functions import _elementwise as dl
from tests.functions.gradients import gradient
from tests.strategies import labelled, quick

REAL = np.array([-2.5, -0.7, -0.2, 0.3, 0.8, 1.6])
POSITIVE = np.array([0.2, 0.7, 1.3, 2.9])

# function, witness, arguments away from kinks and poles
UNARY = [
    (dl.abs, np.abs, REAL),
    (dl.exp, np.exp, REAL),
    (dl.expm1, np.expm1, REAL),
    (dl.log, np.log, POSITIVE),
    (dl.log1p, np.log1p, POSITIVE),
    (dl.log2, np.log2, POSITIVE),
    (dl.log10, np.log10, POSITIVE),
    (dl.sqrt, np.sqrt, POSITIVE),
    (dl.sign, np.sign, REAL),
    (dl.uminus, np.negative, REAL),
    (dl.uplus, np.positive, REAL),
    (dl.real, np.real, REAL),
    (dl.imag, np.imag, REAL),
    (dl.conj, np.conj, REAL),
]
BINARY = [
    (dl.plus, np.add),
    (dl.minus, np.subtract),
    (dl.times, np.multiply),
    (dl.rdivide, np.divide),
    (dl.ldivide, lambda a, b: b / a),
    (dl.power, np.power),
    (dl.hypot, np.hypot),
]
by_name = {"ids": lambda x: getattr(x, "__name__", "")}


@pytest.mark.parametrize(("function", "witness", "x"), UNARY, **by_name)
def test_values_are_numpys(function, witness, x):
    Y = function(dlarray(x, "C"))
    assert (Y.dims, Y.dtype) == ("CU", np.float64)
    np.testing.assert_allclose(extractdata(Y)[:, 0], witness(x), rtol=1e-13, atol=1e-14)
    np.testing.assert_array_equal(function(x), extractdata(Y)[:, 0])


@pytest.mark.parametrize(("function", "witness", "x"), UNARY, **by_name)
def test_single_stays_single(function, witness, x):
    Y = function(dlarray(x.astype(np.float32)))
    assert Y.dtype == np.float32
    np.testing.assert_allclose(extractdata(Y)[0], witness(x), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("function", "witness", "x"), UNARY, **by_name)
def test_derivatives_are_those_of_finite_differences(function, witness, x):
    h = 1e-5
    slope = (witness(x + h) - witness(x - h)) / (2 * h)
    np.testing.assert_allclose(gradient(function, x, "C"), slope, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize(("function", "witness"), BINARY, **by_name)
def test_two_operands(function, witness):
    a, b = np.array([[0.7, 1.3, 2.9]]), np.array([[1.9, 0.6, 1.7]])
    np.testing.assert_allclose(extractdata(function(dlarray(a), b)), witness(a, b), rtol=1e-14)
    np.testing.assert_allclose(function(a, b), witness(a, b), rtol=1e-14)
    h = 1e-5
    slopes = (witness(a + h, b) - witness(a - h, b), witness(a, b + h) - witness(a, b - h))
    by_a = gradient(lambda A: function(A, b), a)
    by_b = gradient(lambda B: function(a, B), b)
    for g, slope in zip((by_a, by_b), slopes, strict=True):
        np.testing.assert_allclose(g, slope / (2 * h), rtol=1e-8, atol=1e-8)


def test_sign_has_derivative_zero():
    assert gradient(dl.sign, REAL).tolist() == [0] * len(REAL)


def test_abs_has_derivative_zero_at_zero():
    assert gradient(dl.abs, [-2.0, 0.0, 3.0]).tolist() == [-1, 0, 1]


@pytest.mark.parametrize("number", [np.float64, np.float32])
def test_logarithms_of_powers_of_their_base_are_whole(number):
    n = np.arange(-30, 31)
    assert dl.log2((2.0**n).astype(number)).tolist() == n.tolist()
    tens = np.array([float(f"1e{k}") for k in n])
    assert dl.log10(tens.astype(number)).tolist() == n.tolist()
    assert dl.log2([0.0, np.inf]).tolist() == [-np.inf, np.inf]
    np.testing.assert_allclose(gradient(dl.log10, [1000.0]), 1 / (1000 * np.log(10)), rtol=1e-15)


def test_the_sign_of_a_complex_number_is_its_direction():
    assert dl.sign(np.array([3 + 4j, 0])).tolist() == [0.6 + 0.8j, 0]
    # d/dt of Re(sign(1 + t i)^2) = Re((1 + ti)^2 / (1 + t^2)) is -4t / (1 + t^2)^2
    slope = gradient(lambda T: dl.real(dl.sign(dl.complex_(1.0, T)) ** 2), [0.5])
    assert slope == pytest.approx(-4 * 0.5 / 1.25**2, rel=1e-14)


@pytest.mark.parametrize("exponent", [-3, -1, 0, 1, 2, 5, 0.5, 2.5])
def test_powers(exponent):
    x = np.array([[0.4, 1.7]])
    np.testing.assert_allclose(extractdata(dlarray(x) ** exponent), x**exponent, rtol=1e-14)
    slope = exponent * x ** (exponent - 1.0)
    np.testing.assert_allclose(gradient(lambda X: X**exponent, x), slope, rtol=1e-13)


def test_a_whole_power_of_negative_and_zero_bases_has_all_derivatives():
    assert gradient(lambda X: X**3, [-2.0, 0.0]).tolist() == [12, 0]
    assert gradient(lambda X: X**2, [-2.0, 0.0]).tolist() == [-4, 0]


def test_the_exponent_has_a_derivative():
    slope = np.log(3) * 3.0 ** np.array([0.5, 2.0])
    np.testing.assert_allclose(gradient(lambda B: 3.0**B, [0.5, 2.0]), slope, rtol=1e-13)


@pytest.mark.parametrize("function", [dl.sqrt, dl.log])
def test_negative_arguments_give_nan_not_complex_numbers(function):
    assert np.isnan(function(-1.0))
    assert np.iscomplexobj(function(dl.complex_(-1.0)))


@pytest.mark.parametrize(
    ("function", "value"),
    [
        (dl.real, 3),
        (dl.imag, 4),
        (dl.conj, 3 - 4j),
        (dl.abs, 5),
        (dl.angle, np.arctan2(4, 3)),
    ],
)
def test_complex_numbers(function, value):
    Z = dl.complex_(dlarray(3.0), 4.0)
    assert function(Z).item() == pytest.approx(value, rel=1e-15)


def test_comparisons_are_logical_and_line_up():
    A, B = dlarray([[1.0, 2.0], [3.0, 4.0]], "CB"), dlarray([2.0, 3.0], "C")
    for function, witness in [
        (dl.eq, np.equal),
        (dl.ne, np.not_equal),
        (dl.lt, np.less),
        (dl.le, np.less_equal),
        (dl.gt, np.greater),
        (dl.ge, np.greater_equal),
        (dl.and_, np.logical_and),
        (dl.or_, np.logical_or),
        (dl.xor, np.logical_xor),
    ]:
        C = function(A, B)
        assert (C.dims, C.dtype) == ("CB", np.bool_)
        witnessed = witness(extractdata(A), np.array([[2.0], [3.0]]))
        np.testing.assert_array_equal(extractdata(C), witnessed)


def test_questions_about_single_numbers():
    x = dlarray([1.0, np.inf, np.nan])
    assert extractdata(dl.isfinite(x)).tolist() == [[True, False, False]]
    assert extractdata(dl.isinf(x)).tolist() == [[False, True, False]]
    assert extractdata(dl.isnan(x)).tolist() == [[False, False, True]]
    assert extractdata(~dlarray([1.0, 0.0])).tolist() == [[False, True]]


@quick
@given(labelled(), st.sampled_from([np.sqrt, np.exp, np.abs, np.tanh, np.negative, np.floor]))
def test_numpys_functions_lead_to_the_same(pair, function):
    X, _ = pair
    Y = function(dl.abs(X))
    assert Y.dims == X.dims
    np.testing.assert_allclose(extractdata(Y), function(np.abs(extractdata(X))), rtol=1e-14)


def test_numpys_binary_functions_take_dlarrays_on_either_side():
    X = dlarray([[1.0, 2.0]], "CB")
    for Y in (np.add(X, 1.0), np.add(1.0, X), np.ones((1, 2)) + X, np.float64(1) + X):
        assert (Y.dims, extractdata(Y).tolist()) == ("CB", [[2.0, 3.0]])


def test_numpys_outputs_in_place_are_refused():
    with pytest.raises(NotImplementedError, match=r"numpy\.add"):
        np.add(np.ones((1, 2)), dlarray([1.0, 2.0]), out=np.ones((1, 2)))


def test_plain_numbers_stay_plain():
    assert dl.exp(0.0) == 1.0
    assert dl.plus([1, 2], 3).tolist() == [4.0, 5.0]
    assert dl.plus(np.ones((2, 1)), np.ones((1, 3))).shape == (2, 3)


def test_errors_name_the_function_and_show_the_operands():
    with pytest.raises(FormatError, match="times: sizes 2 and 3 of dimension 2") as error:
        dl.times(dlarray([1.0, 2.0]), [1.0, 2.0, 3.0])
    assert error.value.got == {"operand 1": "1×2", "operand 2": "1×3"}
    with pytest.raises(OptionError, match="exp: expected numbers"):
        dl.exp("x")


def test_functions_of_formatted_arrays_have_derivatives_in_their_own_layout():
    x = np.arange(12.0).reshape(2, 3, 2) / 7
    g = gradient(lambda X: dl.exp(X) * dlarray([1.0, 2.0, 3.0], "C"), x, "BCT")
    np.testing.assert_allclose(g, np.exp(x) * np.array([1, 2, 3]).reshape(1, 3, 1), rtol=1e-14)


def test_functions_compile():
    assert jax.jit(lambda X: dl.exp(X))(dlarray(np.zeros((2, 3), np.float32), "CB")).dims == "CB"
