"""Determinant, trace, rank, exponential and powers against NumPy and SciPy."""

import numpy as np
import pytest
import scipy.linalg

import dltk.functions._reduction  # noqa: F401  (operators)
from dltk._errors import FormatError, OptionError
from dltk.dlarray import dlarray, extractdata
from dltk.functions._matrix_functions import det, expm, mpower, rank, trace
from tests.functions.compiling import assert_compiles
from tests.functions.gradients import assert_derivatives, gradient

RANDOM = np.random.default_rng(9)
A = RANDOM.standard_normal((4, 4))
Z = A + 1j * RANDOM.standard_normal((4, 4))
POWERS = [0, 1, 2, 3, 5, -1, -2]


@pytest.mark.parametrize("a", [A, Z, A[:2, :2], A[:1, :1], A[:3, :3]], ids=lambda a: str(a.shape))
def test_numbers_that_describe_a_matrix(a):
    for function, witness in ((det, np.linalg.det), (trace, np.trace)):
        Y = function(dlarray(a))
        assert Y.shape == (1, 1)
        np.testing.assert_allclose(extractdata(Y), witness(a), rtol=1e-12)
        assert np.ndim(function(a)) == 0
        assert function(a) == pytest.approx(witness(a), rel=1e-12)
    np.testing.assert_allclose(np.linalg.det(dlarray(a)).item(), np.linalg.det(a), rtol=1e-12)


def test_of_nothing():
    assert (det(np.zeros((0, 0))), trace(np.zeros((0, 0))), rank(np.zeros((0, 3)))) == (1, 0, 0)
    assert expm(np.zeros((0, 0))).shape == mpower(np.zeros((0, 0)), 2).shape == (0, 0)


def test_rank_counts_singular_values_above_a_tolerance():
    a = A[:, :2] @ A[:2, :]
    assert rank(a) == np.linalg.matrix_rank(a) == 2
    assert rank(dlarray(a)).item() == 2
    assert rank(np.diag([1.0, 0.1, 0.01]), 0.05) == 2
    assert rank(dlarray(A, None), dlarray(100.0)).item() == 0
    assert rank(np.zeros((2, 2))) == 0


@pytest.mark.parametrize("scale", [0.01, 1, 20])
@pytest.mark.parametrize("a", [A, Z], ids=["real", "complex"])
def test_exponential(a, scale):
    witness = scipy.linalg.expm(scale * a)
    size = np.abs(witness).max()
    np.testing.assert_allclose(
        extractdata(expm(dlarray(scale * a))) / size, witness / size, atol=1e-11
    )


@pytest.mark.parametrize("n", POWERS)
@pytest.mark.parametrize("a", [A, Z], ids=["real", "complex"])
def test_powers(a, n):
    witness = np.linalg.matrix_power(a, n)
    np.testing.assert_allclose(extractdata(mpower(dlarray(a), n)), witness, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(mpower(a, float(n)), witness, rtol=1e-10, atol=1e-12)


def test_a_scalar_to_a_power():
    assert mpower(2.0, 0.5) == pytest.approx(2**0.5)
    assert mpower(dlarray(2.0), 3).item() == 8


def test_derivatives():
    for function in (det, trace, lambda X: mpower(X, 3), lambda X: mpower(X, -2)):
        assert_derivatives(function, A, order=2)
    assert_derivatives(expm, A / 3, order=2)
    assert_derivatives(expm, 3 * A)
    np.testing.assert_allclose(  # the adjugate of a singular matrix
        gradient(det, [[1.0, 2.0, 0.0], [2.0, 4.0, 0.0], [0.0, 0.0, 1.0]]),
        [[4, -2, 0], [-2, 1, 0], [0, 0, 0]],
        atol=1e-12,
    )
    assert not gradient(rank, A).any()


def test_single_stays_single():
    single = dlarray(A.astype(np.float32))
    for function in (det, trace, expm, lambda X: mpower(X, 2)):
        assert function(single).dtype == np.float32


def test_compiled_and_eager_are_equal():
    for function in (det, trace, rank, expm, lambda X: mpower(X, -2)):
        assert_compiles(function, A)


def test_what_does_not_fit_is_refused():
    for function in (det, trace, expm, lambda X: mpower(X, 2)):
        with pytest.raises(FormatError, match="A must be a square matrix") as error:
            function(np.ones((2, 3)))
        assert error.value.got == {"A": "2×3"}
        with pytest.raises(FormatError, match="must be an array without labels"):
            function(dlarray(A, "CB"))
    with pytest.raises(
        OptionError, match="mpower: the exponent of a matrix must be a whole number"
    ):
        mpower(A, 0.5)
    with pytest.raises(FormatError, match="mpower: the exponent must be a scalar"):
        mpower(A, A)
