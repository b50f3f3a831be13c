"""Decompositions of matrices against NumPy and SciPy, and by multiplying back."""

import numpy as np
import pytest
import scipy.linalg

import dltk.functions._reduction  # noqa: F401  (operators)
from dltk._errors import FormatError, OptionError
from dltk.autodiff import dlfeval
from dltk.dlarray import dlarray, extractdata
from dltk.functions._factor import chol, lu, qr
from tests.functions.compiling import assert_compiles
from tests.functions.gradients import assert_derivatives, gradient

RANDOM = np.random.default_rng(6)
M = RANDOM.standard_normal((4, 4))
POSITIVE = M @ M.T + np.eye(4)
HERMITIAN = (M + 1j * M[::-1]) @ (M + 1j * M[::-1]).conj().T + np.eye(4)
SIZES = [(4, 4), (5, 3), (3, 5)]


def some(shape, kind):
    real = RANDOM.standard_normal(shape)
    return real if kind == "real" else real + 1j * RANDOM.standard_normal(shape)


@pytest.mark.parametrize("a", [POSITIVE, HERMITIAN], ids=["real", "complex"])
def test_cholesky_factors(a):
    R, L = chol(dlarray(a)), chol(dlarray(a), "lower")
    witness = np.linalg.cholesky(a)
    np.testing.assert_allclose(extractdata(L), witness, rtol=1e-11, atol=1e-14)
    np.testing.assert_allclose(extractdata(R), witness.conj().T, rtol=1e-11, atol=1e-14)
    np.testing.assert_array_equal(chol(a), extractdata(R))


def test_chol_reads_one_triangle():
    wrong = np.tril(RANDOM.standard_normal((4, 4)), -1)
    np.testing.assert_allclose(
        chol(np.triu(POSITIVE) + wrong), np.linalg.cholesky(POSITIVE).T, rtol=1e-9, atol=1e-12
    )
    np.testing.assert_allclose(
        chol(np.tril(POSITIVE) + wrong.T, "lower"),
        np.linalg.cholesky(POSITIVE),
        rtol=1e-9,
        atol=1e-12,
    )


@pytest.mark.parametrize("triangle", ["upper", "lower"])
def test_derivatives_of_chol(triangle):
    symmetric = lambda X: chol(X @ X.T + np.eye(4), triangle)  # noqa: E731
    assert_derivatives(symmetric, M, order=2)
    g = gradient(lambda X: chol(X, triangle), POSITIVE)
    np.testing.assert_allclose(g, g.T, rtol=1e-12)


def test_a_matrix_that_is_not_positive_definite():
    a = np.diag([1.0, -1.0])
    with pytest.raises(OptionError, match="chol: A is not positive definite") as error:
        chol(dlarray(a))
    assert "multiple of the identity" in error.value.fix
    assert np.isnan(extractdata(dlfeval(chol, dlarray(a)))).any()
    with pytest.raises(OptionError, match='Did you mean "lower"'):
        chol(a, "lowr")


@pytest.mark.parametrize("kind", ["real", "complex"])
@pytest.mark.parametrize("shape", SIZES, ids=str)
@pytest.mark.parametrize("form", [None, "econ", 0])
def test_qr_multiplies_back(shape, kind, form):
    a = some(shape, kind)
    Q, R = (extractdata(Y) for Y in qr(dlarray(a), form, nargout=2))
    columns = shape[0] if form is None else min(shape)
    assert (Q.shape, R.shape) == ((shape[0], columns), (columns, shape[1]))
    np.testing.assert_allclose(Q @ R, a, atol=1e-13)
    np.testing.assert_allclose(Q.conj().T @ Q, np.eye(columns), atol=1e-13)
    np.testing.assert_array_equal(np.tril(R, -1), 0)
    np.testing.assert_array_equal(extractdata(qr(dlarray(a), form)), R)


@pytest.mark.parametrize("kind", ["real", "complex"])
@pytest.mark.parametrize("shape", SIZES, ids=str)
def test_lu_multiplies_back(shape, kind):
    a = some(shape, kind)
    L, U, P = (extractdata(Y) for Y in lu(dlarray(a), nargout=3))
    np.testing.assert_allclose(P @ a, L @ U, atol=1e-13)
    order, lower, upper = scipy.linalg.lu(a)
    np.testing.assert_allclose(L, lower, atol=1e-12)
    np.testing.assert_allclose(U, upper, atol=1e-12)
    np.testing.assert_array_equal(P, order.T)
    L, U = lu(a)
    np.testing.assert_allclose(L @ U, a, atol=1e-13)


@pytest.mark.parametrize("shape", SIZES, ids=str)
def test_derivatives(shape):
    a = some(shape, "real")
    order = 2 if shape == (4, 4) else 1
    assert_derivatives(lambda X: qr(X, "econ", nargout=2)[0], a, order=order)
    assert_derivatives(lambda X: qr(X, "econ"), a, order=order)
    assert_derivatives(lambda X: lu(X)[0], a, order=order)
    assert_derivatives(lambda X: lu(X, nargout=3)[1], a, order=order)


def test_derivatives_of_the_full_qr():
    assert_derivatives(lambda X: qr(X, nargout=2)[0], some((5, 3), "real"))
    assert_derivatives(qr, some((5, 3), "real"))


def test_single_stays_single_and_empty_stays_empty():
    single = dlarray(POSITIVE.astype(np.float32))
    assert all(Y.dtype == np.float32 for Y in (chol(single), qr(single), *lu(single)))
    assert chol(np.zeros((0, 0))).shape == (0, 0)
    assert qr(np.zeros((3, 0)), nargout=2)[0].tolist() == np.eye(3).tolist()


def test_compiled_and_eager_are_equal():
    assert_compiles(lambda X: chol(X @ X.T + np.eye(4)), M)
    assert_compiles(lambda X: qr(X, "econ", nargout=2)[0], some((5, 3), "real"))
    assert_compiles(lambda X: lu(X)[0], M)


def test_what_does_not_fit_is_refused():
    with pytest.raises(FormatError, match="chol: A must be a square matrix"):
        chol(np.ones((2, 3)))
    for function in (chol, qr, lu):
        with pytest.raises(FormatError, match="must be an array without labels") as error:
            function(dlarray(POSITIVE, "CB"))
        assert "stripdims" in error.value.fix
    with pytest.raises(OptionError, match="qr: the form of the output"):
        qr(M, "economy")
    with pytest.raises(OptionError, match="qr: nargout must be 1 or 2"):
        qr(M, nargout=3)
