"""Norms against numpy.linalg, and their derivatives."""

import numpy as np
import pytest

import dltk.functions._elementwise  # noqa: F401  (operators)
from dltk._errors import OptionError, UnsupportedError
from dltk.dlarray import dlarray, extractdata
from dltk.functions._norm import norm, vecnorm
from tests.functions.gradients import assert_derivatives, gradient

X = np.array([[0.7, -1.2, 0.4], [2.1, 0.3, -0.8]])
ORDERS = [1, 1.5, 2, 3, np.inf]


@pytest.mark.parametrize("p", ORDERS)
@pytest.mark.parametrize("dim", [1, 2])
def test_vecnorm_is_the_norm_along_a_dimension(p, dim):
    witness = np.linalg.norm(X, p, axis=dim - 1, keepdims=True)
    Y = vecnorm(dlarray(X, "CB"), p, dim)
    assert (Y.dims, Y.shape) == ("CB", witness.shape)
    np.testing.assert_allclose(extractdata(Y), witness, rtol=1e-14)
    np.testing.assert_allclose(vecnorm(X, p, dim), witness, rtol=1e-14)


@pytest.mark.parametrize("p", ORDERS)
def test_derivatives(p):
    order = 2 if p in (2, 3) else 1
    assert_derivatives(lambda Z: vecnorm(Z, p), X, fmts=["BC"], order=order)


@pytest.mark.parametrize("p", ORDERS)
def test_a_norm_of_zero_has_derivative_zero(p):
    g = gradient(lambda Z: vecnorm(Z, p), np.zeros((3, 1)))
    if p == np.inf:  # the largest element is one of the zeros, whose abs has derivative 0
        assert g.ravel().tolist() == [0, 0, 0]
    assert np.isfinite(g).all()
    assert not g.any()


@pytest.mark.parametrize("p", [*ORDERS, -np.inf])
def test_norm_of_a_vector(p):
    v = np.array([3.0, -4.0, 1.0])
    witness = np.linalg.norm(v, p)
    assert norm(v, p) == pytest.approx(witness, rel=1e-14)
    Y = norm(dlarray(v, "C"), p)
    assert (Y.dims, Y.shape) == ("CU", (1, 1))
    assert Y.item() == pytest.approx(witness, rel=1e-14)


@pytest.mark.parametrize("p", [1, 2, np.inf, "fro"])
@pytest.mark.parametrize("fmt", ["", "CB", "BC"])
def test_norm_of_a_matrix(p, fmt):
    Y = norm(dlarray(X, fmt), p)
    seen = extractdata(dlarray(X, fmt))
    assert Y.item() == pytest.approx(np.linalg.norm(seen, p), rel=1e-14)


def test_the_2_norm_of_a_matrix_is_its_largest_singular_value():
    z = X + 1j * X[:, ::-1]
    assert norm(z) == pytest.approx(np.linalg.norm(z, 2), rel=1e-14)
    assert norm(dlarray(X.astype(np.float32))).dtype == np.float32
    assert_derivatives(norm, X, order=2)
    assert gradient(norm, np.zeros((2, 3))).tolist() == np.zeros((2, 3)).tolist()
    assert norm(np.zeros((0, 2))) == 0


def test_the_inf_norm_by_word():
    assert norm([1.0, -5.0], "inf") == 5


def test_complex_vectors():
    assert norm(dlarray([3.0, 4.0j])).item() == 5


def test_what_is_not_there_is_refused():
    with pytest.raises(UnsupportedError, match="norm: there is no 3-norm of a matrix") as error:
        norm(dlarray(X, "CB"), 3)
    assert "vecnorm" in error.value.fix
    with pytest.raises(UnsupportedError, match="norm: there is no 2-norm of an array with more"):
        norm(np.ones((2, 2, 2)))
    with pytest.raises(OptionError, match="vecnorm: the order p must be positive"):
        vecnorm(X, -1)
    with pytest.raises(OptionError, match='norm: "from" is not an order') as error:
        norm(X, "from")
    assert 'Did you mean "fro"?' in error.value.fix
