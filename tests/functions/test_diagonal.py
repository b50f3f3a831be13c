"""Diagonals, triangles and blocks against NumPy and SciPy."""

import numpy as np
import pytest
import scipy.linalg
from hypothesis import given
from hypothesis import strategies as st

import dltk.functions._reduction  # noqa: F401  (operators)
from dltk._errors import FormatError
from dltk.dlarray import dlarray, extractdata
from dltk.functions._diagonal import blkdiag, diag, tril, triu
from tests.functions.compiling import assert_compiles
from tests.functions.gradients import assert_derivatives
from tests.strategies import few

A = np.arange(1.0, 13.0).reshape(3, 4)


@pytest.mark.parametrize("k", [-3, -1, 0, 1, 3, 7])
def test_diagonal_of_a_matrix_is_a_column(k):
    witness = np.diag(A, k)[:, None]
    np.testing.assert_array_equal(extractdata(diag(dlarray(A), k)), witness)
    np.testing.assert_array_equal(diag(A, k), witness)
    assert diag(A > 3, 0).dtype == bool


@pytest.mark.parametrize("k", [-2, 0, 1])
@pytest.mark.parametrize("v", [[1.0, 2.0, 3.0], [[1.0], [2.0]], [[5.0]], 5.0], ids=str)
def test_matrix_of_a_vector(v, k):
    witness = np.diag(np.ravel(v), k)
    np.testing.assert_array_equal(extractdata(diag(dlarray(v), k)), witness)
    np.testing.assert_array_equal(diag(v, k), witness)
    assert diag(dlarray(np.float32(v))).dtype == np.float32


@few
@given(st.integers(0, 3), st.integers(0, 3), st.integers(-4, 4))
def test_triangles(m, n, k):
    a = np.arange(1.0, m * n + 1).reshape(m, n)
    for function, witness in ((triu, np.triu(a, k)), (tril, np.tril(a, k))):
        np.testing.assert_array_equal(extractdata(function(dlarray(a), k)), witness)
        np.testing.assert_array_equal(function(a, k), witness)


def test_a_row_has_triangles():
    assert triu([1, 2, 3], 1).tolist() == [[0, 2, 3]]
    np.testing.assert_array_equal(extractdata(np.tril(dlarray(A))), np.tril(A))


def test_blocks_along_the_diagonal():
    blocks = [A, np.ones((2, 1)), np.full((1, 1), 7.0), np.zeros((0, 2))]
    witness = scipy.linalg.block_diag(*blocks)
    np.testing.assert_array_equal(blkdiag(*blocks), witness)
    Y = blkdiag(dlarray(A), *blocks[1:])
    np.testing.assert_array_equal(extractdata(Y), witness)
    assert blkdiag(dlarray(A.astype(np.float32)), 1.0).dtype == np.float32
    assert blkdiag().shape == (0, 0)
    assert blkdiag(3.0, 4.0).tolist() == [[3, 0], [0, 4]]


def test_derivatives():
    weights = np.linspace(0.5, 2, 12).reshape(3, 4)
    for function in (triu, tril, lambda X: triu(X, 1)):
        assert_derivatives(lambda X, f=function: f(X) ** 2 * weights, A, order=2)
    assert_derivatives(lambda X: diag(X) ** 3, A, order=2)
    assert_derivatives(lambda X: diag(X, 1) ** 2, [1.0, 2.0], order=2)
    assert_derivatives(lambda X, Y: blkdiag(X, Y) ** 2, A, [[1.0, 2.0]], order=2)


def test_compiled_and_eager_are_equal():
    for function in (triu, tril, diag, lambda X: diag(diag(X)), lambda X: blkdiag(X, X)):
        assert_compiles(function, A)


def test_labels_and_pages_are_refused():
    for function in (triu, tril, diag, blkdiag):
        with pytest.raises(FormatError, match="must be an array without labels") as error:
            function(dlarray(A, "CB"))
        assert "stripdims" in error.value.fix
        with pytest.raises(FormatError, match="must be a matrix") as error:
            function(np.ones((2, 3, 4)))
        assert "2×3×4" in error.value.got.values()
