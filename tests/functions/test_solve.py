"""Linear equations and inverses against NumPy and SciPy."""

import numpy as np
import pytest
import scipy.linalg

import dltk.functions._reduction  # noqa: F401  (operators)
from dltk._errors import FormatError
from dltk.dlarray import dlarray, extractdata
from dltk.functions._solve import inv, mldivide, mrdivide, pinv
from tests.functions.compiling import assert_compiles
from tests.functions.gradients import assert_derivatives

RANDOM = np.random.default_rng(5)
A = RANDOM.standard_normal((3, 3)) + 3 * np.eye(3)
B = RANDOM.standard_normal((3, 2))
TALL = RANDOM.standard_normal((5, 3))
COMPLEX = A + 1j * RANDOM.standard_normal((3, 3))


@pytest.mark.parametrize("a", [A, COMPLEX], ids=["real", "complex"])
def test_square_equations(a):
    witness = np.linalg.solve(a, B)
    Y = mldivide(dlarray(a), B)
    assert Y.dims == ""
    np.testing.assert_allclose(extractdata(Y), witness, rtol=1e-12)
    np.testing.assert_allclose(mldivide(a, B), witness, rtol=1e-12)
    np.testing.assert_allclose(extractdata(mrdivide(B.T, dlarray(a.T))), witness.T, rtol=1e-12)


@pytest.mark.parametrize("a", [TALL, TALL + 1j * TALL[::-1]], ids=["real", "complex"])
def test_more_equations_than_unknowns_are_solved_in_least_squares(a):
    b = RANDOM.standard_normal((5, 2))
    witness = np.linalg.lstsq(a, b, rcond=None)[0]
    np.testing.assert_allclose(extractdata(mldivide(dlarray(a), b)), witness, rtol=1e-11)
    np.testing.assert_allclose(mrdivide(b.T, a.T), witness.T, rtol=1e-11)


@pytest.mark.parametrize("seed", range(5))
def test_fewer_equations_than_unknowns_have_a_basic_solution(seed):
    random = np.random.default_rng(seed)
    a, b = random.standard_normal((3, 5)), random.standard_normal((3, 2))
    pivots = scipy.linalg.qr(a, pivoting=True, mode="r")[1][:3]
    witness = np.zeros((5, 2))
    witness[pivots] = np.linalg.solve(a[:, pivots], b)
    np.testing.assert_allclose(mldivide(a, b), witness, rtol=1e-10)
    z = a + 1j * random.standard_normal((3, 5))
    pivots = scipy.linalg.qr(z, pivoting=True, mode="r")[1][:3]
    found = mldivide(dlarray(z), b)
    assert set(np.flatnonzero(extractdata(found)[:, 0])) == set(pivots)
    np.testing.assert_allclose(z @ extractdata(found), b, atol=1e-12)


def test_a_scalar_divides():
    X = dlarray(B, "CB")
    for Y in (mldivide(2.0, X), mrdivide(X, dlarray(2.0))):
        assert Y.dims == "CB"
        np.testing.assert_array_equal(extractdata(Y), B / 2)
    assert mldivide(4, 1) == 0.25
    assert mrdivide(1, 4) == 0.25


def test_single_stays_single():
    for Y in (inv(dlarray(A.astype(np.float32))), pinv(dlarray(TALL.astype(np.float32)))):
        assert Y.dtype == np.float32
    assert mldivide(dlarray(A), B.astype(np.float32)).dtype == np.float32
    np.testing.assert_allclose(
        inv(A.astype(np.float32)), np.linalg.inv(A.astype(np.float32)), rtol=1e-4
    )


@pytest.mark.parametrize("a", [A, COMPLEX], ids=["real", "complex"])
def test_inverse(a):
    np.testing.assert_allclose(extractdata(inv(dlarray(a))), np.linalg.inv(a), rtol=1e-12)
    np.testing.assert_allclose(extractdata(np.linalg.inv(dlarray(a))), np.linalg.inv(a), rtol=1e-12)
    assert not np.isfinite(inv([[1.0, 2.0], [2.0, 4.0]])).all()


def low_rank(m, n, rank):
    return RANDOM.standard_normal((m, rank)) @ RANDOM.standard_normal((rank, n))


CASES = [TALL, TALL.T, A, COMPLEX, low_rank(4, 5, 2), 1j * TALL + TALL[::-1], np.zeros((2, 3))]


@pytest.mark.parametrize("a", CASES, ids=lambda a: f"{a.shape}")
def test_pseudoinverse(a):
    np.testing.assert_allclose(extractdata(pinv(dlarray(a))), np.linalg.pinv(a), atol=1e-11)


def test_the_tolerance_of_pinv_is_absolute():
    a = np.diag([4.0, 1.0, 0.1])
    np.testing.assert_allclose(pinv(a, 0.5), np.diag([0.25, 1, 0]), atol=1e-15)
    np.testing.assert_allclose(extractdata(pinv(dlarray(a), 2)), np.diag([0.25, 0, 0]), atol=1e-15)


def test_empty_matrices():
    assert inv(np.zeros((0, 0))).shape == (0, 0)
    assert pinv(np.zeros((0, 3))).shape == (3, 0)
    assert mldivide(np.zeros((0, 3)), np.zeros((0, 2))).tolist() == np.zeros((3, 2)).tolist()
    assert mldivide(dlarray(A), np.zeros((3, 0))).shape == (3, 0)


def test_derivatives():
    assert_derivatives(mldivide, A, B, order=2)
    assert_derivatives(mrdivide, B.T, A, order=2)
    assert_derivatives(inv, A, order=2)
    assert_derivatives(mldivide, TALL, RANDOM.standard_normal((5, 2)), order=2)
    assert_derivatives(mldivide, TALL.T, B, order=2)


@pytest.mark.parametrize("a", [TALL, TALL.T, A], ids=lambda a: f"{a.shape}")
def test_derivatives_of_the_pseudoinverse(a):
    assert_derivatives(pinv, a, order=2)


def test_the_derivative_of_pinv_is_that_at_constant_rank():
    left, right = RANDOM.standard_normal((4, 2)), RANDOM.standard_normal((2, 3))
    assert_derivatives(lambda L, R: pinv(L @ R), left, right)


def test_compiled_and_eager_are_equal():
    assert_compiles(mldivide, A, B)
    assert_compiles(mldivide, TALL.T, B)
    assert_compiles(mldivide, COMPLEX, B)
    assert_compiles(pinv, TALL)


def test_what_does_not_fit_is_refused():
    with pytest.raises(FormatError, match="mldivide: A and B have different numbers of") as error:
        mldivide(A, [1.0, 2.0, 3.0])
    assert error.value.got == {"A": "3×3", "B": "1×3"}
    with pytest.raises(FormatError, match="mrdivide: A and B have different numbers of columns"):
        mrdivide(A, B)
    with pytest.raises(FormatError, match="inv: A must be a square matrix"):
        inv(TALL)
    with pytest.raises(FormatError, match="inv: A must be a square matrix") as error:
        inv(np.zeros((2, 2, 2)))
    assert "each page" in error.value.fix
    for call in (
        lambda: inv(dlarray(A, "CB")),
        lambda: pinv(dlarray(A, "CB")),
        lambda: mldivide(dlarray(A, "CB"), B),
        lambda: mrdivide(B.T, dlarray(A, "CB")),
    ):
        with pytest.raises(FormatError, match="must be an array without labels") as error:
            call()
        assert "stripdims" in error.value.fix
