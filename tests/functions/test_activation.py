"""relu and its kin, softmax: formulas, derivatives, labels, messages."""

import jax
import numpy as np
import pytest
import scipy.special
from jax.test_util import check_grads

from dltk._errors import FormatError, OptionError
from dltk.dlarray import dlarray, extractdata
from dltk.functions._activation import (
    clippedrelu,
    elu,
    gelu,
    leakyrelu,
    relu,
    sigmoid,
    softmax,
    softplus,
    swish,
)

POINTS = np.array([[-3.2, -0.7, 0.4, 1.3, 2.6], [-1.1, -0.2, 0.1, 0.9, 5.5]])

# name: the function, and the same in NumPy/SciPy
FORMULAS = {
    "relu": (relu, lambda x: np.maximum(x, 0)),
    "leakyrelu": (leakyrelu, lambda x: np.where(x < 0, 0.01 * x, x)),
    "leakyrelu 0.3": (lambda X: leakyrelu(X, 0.3), lambda x: np.where(x < 0, 0.3 * x, x)),
    "sigmoid": (sigmoid, scipy.special.expit),
    "gelu": (gelu, lambda x: x / 2 * (1 + scipy.special.erf(x / np.sqrt(2)))),
    "gelu tanh": (
        lambda X: gelu(X, Approximation="tanh"),
        lambda x: x / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))),
    ),
    "clippedrelu": (lambda X: clippedrelu(X, 2), lambda x: np.clip(x, 0, 2)),
    "elu": (lambda X: elu(X, 0.7), lambda x: np.where(x < 0, 0.7 * (np.exp(x) - 1), x)),
    "swish": (swish, lambda x: x / (1 + np.exp(-x))),
    "softplus": (softplus, lambda x: np.log(1 + np.exp(x))),
}
formulas = pytest.mark.parametrize("name", FORMULAS)


def matlab_rand(*shape):
    """The first numbers of rand in a fresh MATLAB, column by column."""
    stream = np.random.RandomState(5489).random_sample(int(np.prod(shape)))
    return stream.reshape(shape, order="F")


@formulas
def test_formula_agrees_with_numpy_and_labels_and_type_stay(name):
    function, expected = FORMULAS[name]
    Y = function(dlarray(POINTS, "CB"))
    assert (Y.dims, Y.dtype) == ("CB", np.float64)
    np.testing.assert_allclose(extractdata(Y), expected(POINTS), rtol=1e-13)
    assert function(dlarray(POINTS.astype(np.float32), "CB")).dtype == np.float32


@formulas
def test_plain_numbers_give_plain_numbers(name):
    function, expected = FORMULAS[name]
    Y = function(POINTS)
    assert isinstance(Y, np.ndarray)
    np.testing.assert_allclose(Y, expected(POINTS), rtol=1e-13)


@formulas
def test_first_and_second_derivatives_agree_with_finite_differences(name):
    function, _ = FORMULAS[name]
    with jax.enable_x64(True):
        raw = jax.jit(lambda x: extractdata(function(dlarray(x, "CB"))))
        check_grads(raw, (POINTS,), order=2, modes=["rev"], atol=1e-5)
        check_grads(raw, (POINTS,), order=1, modes=["fwd"], atol=1e-5)


@pytest.mark.parametrize("function", [relu, lambda X: clippedrelu(X, 1)])
def test_derivative_at_the_kink_is_zero(function):
    slope = jax.grad(lambda x: extractdata(function(dlarray(x))).sum())(np.zeros((1, 1)))
    assert slope == 0


@formulas
def test_large_and_broken_values_neither_overflow_nor_hide(name):
    function, _ = FORMULAS[name]
    big = np.array([[-1e4, 1e4]], np.float32)
    assert np.isfinite(function(big)).all()
    slopes = jax.grad(lambda x: extractdata(function(dlarray(x))).sum())(big)
    assert np.isfinite(slopes).all()
    assert np.isnan(function(np.array([[np.nan]]))).all()


def test_gelu_keeps_its_digits_in_the_left_tail():
    # -10 times the normal distribution function at -10 (SciPy); 1 + erf would give 0
    assert gelu(-10.0) == pytest.approx(-10 * scipy.special.ndtr(-10), rel=1e-10)


def test_softmax_gives_the_numbers_on_its_reference_page():
    # reference page: softmax(dlarray(rand(5,7),"CB"))
    Y = extractdata(softmax(dlarray(matlab_rand(5, 7), "CB")))
    np.testing.assert_allclose(Y[:, 0], [0.2205, 0.2415, 0.1109, 0.2434, 0.1837], atol=5e-5)
    np.testing.assert_allclose(Y[:, 6], [0.3104, 0.1582, 0.2021, 0.1605, 0.1688], atol=5e-5)
    np.testing.assert_allclose(
        Y[3], [0.2434, 0.2777, 0.1583, 0.2210, 0.2592, 0.2182, 0.1605], atol=5e-5
    )


@pytest.mark.parametrize(
    ("fmt", "axis"), [("CB", 0), ("SSCB", 2), ("BC", 1), ("TBCS", 2), ("CU", 0)]
)
def test_softmax_runs_over_the_channels_whatever_the_order(fmt, axis):
    X = np.random.default_rng(1).standard_normal((3, 4, 2, 5)[: len(fmt)])
    Y = softmax(dlarray(X, fmt))
    expected = dlarray(scipy.special.softmax(X, axis=axis), fmt)
    assert Y.dims == expected.dims
    np.testing.assert_allclose(extractdata(Y), extractdata(expected), rtol=1e-13)


def test_softmax_with_DataFormat_keeps_the_order_of_dimensions():
    X = np.random.default_rng(2).standard_normal((4, 3, 2))
    Y = softmax(dlarray(X), DataFormat="BCT")
    assert Y.dims == ""
    np.testing.assert_allclose(extractdata(Y), scipy.special.softmax(X, axis=1), rtol=1e-13)


def test_softmax_neither_overflows_nor_loses_its_sum():
    Y = extractdata(softmax(dlarray(np.array([[1e4], [1e4], [-1e4]], np.float32), "CB")))
    np.testing.assert_array_equal(Y, [[0.5], [0.5], [0]])


def test_softmax_derivatives_agree_with_finite_differences():
    X = np.random.default_rng(3).standard_normal((4, 3))
    with jax.enable_x64(True):
        raw = jax.jit(lambda x: extractdata(softmax(dlarray(x, "CB"))) ** 2)
        check_grads(raw, (X,), order=2, modes=["rev"], atol=1e-5)
        check_grads(raw, (X,), order=1, modes=["fwd"], atol=1e-5)


def test_softmax_without_channels_or_labels_says_what_to_do():
    with pytest.raises(FormatError, match='softmax: X has no "C" dimension') as error:
        softmax(dlarray(np.ones((2, 3)), "SB"))
    assert "2(S) × 3(B)" in str(error.value)
    with pytest.raises(FormatError, match="softmax: X has no labels") as error:
        softmax(dlarray(np.ones((2, 3))))
    assert "DataFormat" in str(error.value)


def test_options_that_do_not_exist_are_explained():
    with pytest.raises(OptionError, match="gelu: Approximation is not one of its words") as error:
        gelu(dlarray(1.0), Approximation="tan")
    assert 'Did you mean "tanh"?' in str(error.value)
    with pytest.raises(OptionError, match="leakyrelu: scaleFactor must be a scalar"):
        leakyrelu(dlarray(1.0), [0.1, 0.2])
