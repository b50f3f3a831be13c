"""Singular values and eigenvalues against NumPy."""

import numpy as np
import pytest

import dltk.functions._reduction  # noqa: F401  (operators)
from dltk._errors import FormatError, OptionError, UnsupportedError
from dltk.autodiff import dlfeval, dlgradient, without_compiling
from dltk.dlarray import dlarray, extractdata
from dltk.functions._elementwise import abs
from dltk.functions._reduction import sum
from dltk.functions._spectrum import eig, svd
from tests.functions.compiling import assert_compiles
from tests.functions.gradients import assert_derivatives, gradient

RANDOM = np.random.default_rng(8)
M = RANDOM.standard_normal((4, 4))
SYMMETRIC = M + M.T
HERMITIAN = M + 1j * M[::-1] + (M + 1j * M[::-1]).conj().T
SHAPES = [(4, 4), (5, 3), (3, 5)]


@pytest.mark.parametrize("shape", SHAPES, ids=str)
@pytest.mark.parametrize("scale", [1, 1 + 2j], ids=["real", "complex"])
@pytest.mark.parametrize("form", [None, "econ", 0])
def test_singular_values_and_vectors(shape, scale, form):
    a = RANDOM.standard_normal(shape) * scale + 0.1
    s = svd(dlarray(a))
    assert (s.shape, s.dtype) == ((min(shape), 1), np.float64)
    np.testing.assert_allclose(extractdata(s)[:, 0], np.linalg.svd(a)[1], rtol=1e-12)
    U, S, V = (extractdata(Y) for Y in svd(dlarray(a), form, nargout=3))
    np.testing.assert_allclose(U @ S @ V.conj().T, a, atol=1e-13)
    np.testing.assert_allclose(np.diag(S), np.linalg.svd(a)[1], rtol=1e-12)
    thin = form == "econ" or (form == 0 and shape[0] > shape[1])
    assert U.shape[1] == (min(shape) if thin else shape[0])
    assert V.shape[1] == (min(shape) if thin else shape[1])


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_derivatives_of_the_singular_value_decomposition(shape):
    a = RANDOM.standard_normal(shape)
    assert_derivatives(svd, a, order=2)
    for k in range(3):
        product = lambda X, k=k: abs(svd(X, "econ", nargout=3)[k])  # noqa: E731
        assert_derivatives(product, a)


def test_all_vectors_have_no_derivative():
    def loss(X):
        return sum(svd(X, nargout=3)[0], "all")

    with pytest.raises(UnsupportedError, match="svd: all of U and V") as error:
        dlfeval(loss, dlarray(np.ones((3, 2))))
    assert '"econ"' in error.value.fix


@pytest.mark.parametrize("a", [SYMMETRIC, HERMITIAN], ids=["symmetric", "hermitian"])
def test_eigenvalues_of_a_hermitian_matrix_are_real_and_ascend(a):
    d = eig(dlarray(a))
    assert (d.shape, d.dtype) == ((4, 1), np.float64)
    np.testing.assert_allclose(extractdata(d)[:, 0], np.linalg.eigvalsh(a), rtol=1e-11)
    V, D = (extractdata(Y) for Y in eig(dlarray(a), nargout=2))
    np.testing.assert_allclose(a @ V, V @ D, atol=1e-12)
    np.testing.assert_allclose(V.conj().T @ V, np.eye(4), atol=1e-12)
    assert eig(a, "matrix").shape == (4, 4)
    assert eig(a, "vector", nargout=2)[1].shape == (4, 1)


def test_derivatives_of_eigenvalues_and_vectors():
    symmetric = lambda X: X + X.T  # noqa: E731
    assert_derivatives(lambda X: eig(symmetric(X)), M, order=2)
    assert_derivatives(lambda X: abs(eig(symmetric(X), nargout=2)[0]), M)
    g = gradient(lambda X: eig(X), np.eye(3))  # all eigenvalues equal: their sum is the trace
    np.testing.assert_allclose(g, np.eye(3), atol=1e-12)


def test_other_matrices_outside_a_trace():
    turn = np.array([[0.0, -1.0], [1.0, 0.0]])
    np.testing.assert_allclose(sorted(eig(turn)[:, 0].imag), [-1, 1])
    V, D = (extractdata(Y) for Y in eig(dlarray(M), nargout=2))
    np.testing.assert_allclose(M @ V, V @ D, atol=1e-12)
    np.testing.assert_allclose(np.linalg.norm(V, axis=0), 1, rtol=1e-12)
    triangular = np.array([[1.0, 2.0], [0.0, 3.0]])
    assert eig(triangular).dtype == np.float64


def test_a_traced_matrix_must_be_hermitian():
    def loss(X):
        return dlgradient(sum(eig(X), "all"), X)

    with (
        without_compiling(),
        pytest.raises(UnsupportedError, match="eig: A is not Hermitian") as error,
    ):
        dlfeval(loss, dlarray(M))
    assert "svd" in error.value.fix
    assert np.isnan(extractdata(dlfeval(lambda X: eig(X), dlarray(M)))).all()
    almost = SYMMETRIC + np.triu(np.full((4, 4), 1e-15))
    assert np.isfinite(extractdata(dlfeval(loss, dlarray(almost)))).all()


def test_single_stays_single_and_empty_stays_empty():
    single = dlarray(SYMMETRIC.astype(np.float32))
    assert {Y.dtype.name for Y in (svd(single), eig(single), *eig(single, nargout=2))} == {
        "float32"
    }
    assert eig(dlarray(M.astype(np.float32))).dtype in (np.float32, np.complex64)
    assert eig(np.zeros((0, 0))).shape == (0, 1)
    assert svd(np.zeros((0, 3))).shape == (0, 1)


def test_compiled_and_eager_are_equal():
    assert_compiles(svd, RANDOM.standard_normal((5, 3)))
    assert_compiles(lambda X: eig(X @ X.T), M)
    assert_compiles(lambda X: abs(eig(X @ X.T, nargout=2)[0]), M)


def test_what_does_not_fit_is_refused():
    with pytest.raises(FormatError, match="eig: A must be a square matrix"):
        eig(np.ones((2, 3)))
    for function in (eig, svd):
        with pytest.raises(FormatError, match="must be an array without labels"):
            function(dlarray(SYMMETRIC, "CB"))
    with pytest.raises(OptionError, match="svd: nargout must be 1 or 3"):
        svd(M, nargout=2)
    with pytest.raises(OptionError, match='Did you mean "vector"'):
        eig(M, "vectors")
