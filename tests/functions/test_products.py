"""Kronecker, cross and tensor products, and transposed pages, against NumPy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dltk.functions._reduction  # noqa: F401  (operators)
from dltk._errors import FormatError, OptionError
from dltk.dlarray import dlarray, extractdata
from dltk.functions._pages import pagectranspose, pagetranspose
from dltk.functions._products import cross, kron, tensorprod
from tests.functions.compiling import assert_compiles
from tests.functions.gradients import assert_derivatives
from tests.strategies import few

RANDOM = np.random.default_rng(10)
A, B = RANDOM.standard_normal((2, 3)), RANDOM.standard_normal((3, 2))
X3, Y3 = RANDOM.standard_normal((3, 4)), RANDOM.standard_normal((3, 4))


def test_kronecker_product():
    np.testing.assert_allclose(extractdata(kron(dlarray(A), B)), np.kron(A, B), rtol=1e-14)
    np.testing.assert_allclose(kron(A, 1j * B), np.kron(A, 1j * B), rtol=1e-14)
    np.testing.assert_allclose(extractdata(np.kron(dlarray(A), B)), np.kron(A, B), rtol=1e-14)
    assert kron(dlarray(A.astype(np.float32)), B).dtype == np.float32
    assert kron(np.zeros((0, 2)), A).shape == (0, 6)
    assert kron(2, 3) == 6


def test_cross_product_along_the_first_dimension_of_size_3():
    np.testing.assert_allclose(cross(X3, Y3), np.cross(X3, Y3, axis=0), rtol=1e-14)
    np.testing.assert_allclose(
        extractdata(cross(dlarray(X3.T), Y3.T)), np.cross(X3.T, Y3.T), rtol=1e-14
    )
    square = RANDOM.standard_normal((3, 3))
    np.testing.assert_allclose(cross(square, square.T, 2), np.cross(square, square.T), rtol=1e-14)


def test_cross_product_of_vectors_that_lie_differently_is_a_column():
    Y = cross([1.0, 0.0, 0.0], np.array([[0.0], [1.0], [0.0]]))
    assert Y.tolist() == [[0], [0], [1]]
    assert cross([1.0, 2.0, 3.0], [3.0, 2.0, 1.0]).tolist() == [-4, 8, -4]


@few
@given(st.data())
def test_tensor_product_sums_over_pairs_of_dimensions(data):
    count = data.draw(st.integers(0, 2))
    common = [data.draw(st.integers(1, 3)) for _ in range(count)]
    shapes = [
        [data.draw(st.integers(1, 3)) for _ in range(data.draw(st.integers(0, 2)))] for _ in "AB"
    ]
    order = [data.draw(st.permutations(range(count + len(s)))) for s in shapes]
    arrays, dims = [], []
    for shape, o in zip(shapes, order, strict=True):
        sizes = [*common, *shape]
        arrays.append(RANDOM.standard_normal([sizes[i] for i in o]))
        dims.append([o.index(i) for i in range(count)])
    if not min(a.ndim for a in arrays) > 1 and count:
        return  # a one-dimensional array is a row, which NumPy does not know
    arrays = [a.reshape(a.shape if a.ndim > 1 else (1,) * (2 - a.ndim) + a.shape) for a in arrays]
    numbers = [[d + 1 for d in group] for group in dims]
    witness = np.tensordot(*arrays, dims)
    # the number of dimensions of A counts, as trailing ones of size 1 do not show
    Z = tensorprod(dlarray(arrays[0]), arrays[1], *numbers, NumDimensionsA=arrays[0].ndim)
    np.testing.assert_allclose(np.squeeze(extractdata(Z)), np.squeeze(witness), rtol=1e-12)


def test_forms_of_the_tensor_product():
    P, Q = RANDOM.standard_normal((2, 3, 4)), RANDOM.standard_normal((4, 3))
    np.testing.assert_allclose(
        tensorprod(P, Q, [2, 3], [2, 1]), np.einsum("ijk,kj->i", P, Q)[:, None], rtol=1e-12
    )
    assert tensorprod(P, Q).shape == (2, 3, 4, 4, 3)
    np.testing.assert_allclose(tensorprod(A, A + 1, 1), A.T @ (A + 1), rtol=1e-12)
    assert tensorprod(A, A, "all").item() == pytest.approx((A * A).sum(), rel=1e-14)
    column = tensorprod(np.ones((2, 1)), np.ones((3, 4)), 3, 3)
    assert column.shape == (2, 1, 3, 4)
    assert tensorprod(np.ones((2, 3)), np.ones((4, 5)), NumDimensionsA=3).shape == (2, 3, 1, 4, 5)


@pytest.mark.parametrize("shape", [(2, 3), (2, 3, 4), (1, 3, 1, 2)], ids=str)
def test_transposed_pages(shape):
    z = RANDOM.standard_normal(shape) + 1j * RANDOM.standard_normal(shape)
    witness = np.swapaxes(z, 0, 1)
    np.testing.assert_array_equal(extractdata(pagetranspose(dlarray(z))), witness)
    np.testing.assert_array_equal(pagetranspose(z), witness)
    np.testing.assert_array_equal(extractdata(pagectranspose(dlarray(z))), witness.conj())
    np.testing.assert_array_equal(pagectranspose(z.real), witness.real)


def test_derivatives():
    assert_derivatives(kron, A, B, order=2)
    assert_derivatives(cross, X3, Y3, order=2)
    assert_derivatives(lambda X, Y: tensorprod(X, Y, 2, 1), A, B, order=2)
    weights = np.linspace(1, 2, 24).reshape(3, 2, 4)
    assert_derivatives(lambda X: pagetranspose(X) ** 2 * weights, RANDOM.standard_normal((2, 3, 4)))


def test_compiled_and_eager_are_equal():
    assert_compiles(kron, A, B)
    assert_compiles(cross, X3, Y3)
    assert_compiles(lambda X, Y: tensorprod(X, Y, [1, 2], [2, 1]), A, B)
    assert_compiles(pagectranspose, A + 1j)


def test_what_does_not_fit_is_refused():
    labelled = dlarray(A, "CB")
    for call in (
        lambda: kron(labelled, B),
        lambda: cross(dlarray(X3, "CB"), X3),
        lambda: tensorprod(labelled, B, 2, 1),
        lambda: pagetranspose(labelled),
    ):
        with pytest.raises(FormatError, match="must be an array without labels") as error:
            call()
        assert "stripdims" in error.value.fix
    with pytest.raises(FormatError, match="cross: vectors of a cross product have three") as error:
        cross(A.T[:, :1], A.T[:, :1], 2)
    assert error.value.got == {"A": "3×1", "B": "3×1"}
    with pytest.raises(FormatError, match="cross: the sizes of the arrays differ"):
        cross(A, B)
    with pytest.raises(FormatError, match="tensorprod: the dimensions to sum over do not"):
        tensorprod(A, B, 1, 1)
    with pytest.raises(FormatError, match='tensorprod: "all" needs arrays of one size'):
        tensorprod(A, B, "all")
    with pytest.raises(OptionError, match="tensorprod: expected dimensions of A and of B"):
        tensorprod(A, B, 1, 2, 3)
