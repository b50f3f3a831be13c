"""Matrix products against NumPy's."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dltk.functions._elementwise  # noqa: F401  (operators)
from dltk._errors import FormatError, OptionError
from dltk.dlarray import dlarray, extractdata
from dltk.functions._linear import dot, mtimes, pagemtimes
from tests.functions.gradients import assert_derivatives
from tests.strategies import few

RANDOM = np.random.default_rng(3)
A, B = RANDOM.standard_normal((2, 3)), RANDOM.standard_normal((3, 4))


def test_unformatted_matrices_multiply():
    for C in (mtimes(dlarray(A), B), dlarray(A) @ dlarray(B), A @ dlarray(B)):
        assert C.dims == ""
        np.testing.assert_allclose(extractdata(C), A @ B, rtol=1e-14)
    np.testing.assert_allclose(mtimes(A, B), A @ B, rtol=1e-14)
    assert (dlarray(A.astype(np.float32)) @ B).dtype == np.float32


def test_an_unformatted_scalar_scales_any_array():
    X = dlarray(A, "CB")
    for Y in (mtimes(2.0, X), X @ dlarray(2.0), mtimes(X, 2)):
        assert Y.dims == "CB"
        np.testing.assert_array_equal(extractdata(Y), 2 * A)
    assert mtimes(2, 3) == 6


@pytest.mark.parametrize("scale", [dlarray(2.0, "C"), B, dlarray(B), dlarray(B, "CB")], ids=repr)
def test_a_labelled_array_has_no_matrix_product(scale):
    X = dlarray(A, "CB")
    with pytest.raises(FormatError, match="mtimes: a matrix product needs arrays") as error:
        mtimes(X, scale)
    assert error.value.got["A"] == "2(C) × 3(B)"
    assert "stripdims" in error.value.fix


@pytest.mark.parametrize(
    "other", [np.ones((2, 4)), np.ones(3), np.ones((3, 4, 2))], ids=lambda x: str(x.shape)
)
def test_sizes_that_do_not_fit_are_shown(other):
    with pytest.raises(FormatError, match="mtimes: the sizes do not fit") as error:
        dlarray(A) @ other
    assert error.value.got["A"] == "2×3"


def test_derivatives():
    assert_derivatives(mtimes, A, B, order=2)
    P, Q = RANDOM.standard_normal((2, 3, 2)), RANDOM.standard_normal((3, 2))
    assert_derivatives(pagemtimes, P, Q)
    assert_derivatives(dot, A, A + 1, fmts=["BC", "BC"])


def pages(x, rank):
    """Pages first, as numpy.matmul wants them."""
    x = x.reshape(x.shape + (1,) * (rank - x.ndim))
    return np.moveaxis(x, (0, 1), (-2, -1))


@few
@given(st.data())
def test_pagemtimes_multiplies_page_by_page(data):
    m, k, n = (data.draw(st.integers(1, 3)) for _ in range(3))
    outer = [data.draw(st.sampled_from([(1, 1), (1, 2), (2, 1), (2, 2)])) for _ in range(2)]
    words = [data.draw(st.sampled_from(["none", "transpose", "ctranspose"])) for _ in range(2)]
    keep = [data.draw(st.integers(0, 2)) for _ in range(2)]
    operands = []
    for word, rows, columns, side in zip(words, (m, k), (k, n), (0, 1), strict=True):
        page = (rows, columns) if word == "none" else (columns, rows)
        shape = (*page, *(sizes[side] for sizes in outer[: keep[side]]))
        operands.append(RANDOM.standard_normal(shape) + 1j * RANDOM.standard_normal(shape))
    X, Y = operands
    Z = extractdata(pagemtimes(dlarray(X), words[0], Y, words[1]))
    rank = max(X.ndim, Y.ndim)
    change = {
        "none": lambda v: v,
        "transpose": lambda v: np.swapaxes(v, -1, -2),
        "ctranspose": lambda v: np.swapaxes(v, -1, -2).conj(),
    }
    product = change[words[0]](pages(X, rank)) @ change[words[1]](pages(Y, rank))
    witness = np.moveaxis(product, (-2, -1), (0, 1))
    np.testing.assert_allclose(Z.reshape(witness.shape), witness, rtol=1e-12, atol=1e-13)


def test_pagemtimes_without_words():
    P = RANDOM.standard_normal((2, 3, 5))
    Z = pagemtimes(dlarray(P), B)
    assert Z.shape == (2, 4, 5)
    np.testing.assert_allclose(extractdata(Z)[:, :, 3], P[:, :, 3] @ B, rtol=1e-13)


def test_a_labelled_array_can_be_scaled_page_by_page():
    X = dlarray(np.ones((2, 3, 4)), "SCB")
    scale = np.arange(4.0).reshape(1, 1, 4)
    for Y in (pagemtimes(X, scale), pagemtimes(scale, "transpose", X, "none")):
        assert (Y.dims, Y.shape) == ("SCB", (2, 3, 4))
        assert extractdata(Y)[0, 0].tolist() == [0, 1, 2, 3]
    with pytest.raises(FormatError, match="pagemtimes: a product of pages needs arrays"):
        pagemtimes(X, np.ones((3, 1)))
    with pytest.raises(FormatError, match="pagemtimes: a product of pages"):
        pagemtimes(X, "transpose", 2.0, "none")


def test_wrong_calls_of_pagemtimes():
    with pytest.raises(OptionError, match="transposition is not one of its words") as error:
        pagemtimes(A, "transposed", B, "none")
    assert 'Did you mean "transpose"?' in error.value.fix
    with pytest.raises(OptionError, match="expected two arrays"):
        pagemtimes(A, "none", B)
    with pytest.raises(FormatError, match="pagemtimes: the sizes do not fit") as error:
        pagemtimes(dlarray(np.ones((2, 3, 4))), np.ones((3, 2, 5)))
    assert error.value.got == {"A": "2×3×4", "B": "3×2×5"}


def test_dot_sums_products_along_a_dimension():
    Y = dot(dlarray(A, "CB"), dlarray(2 * A, "CB"), 2)
    assert (Y.dims, Y.shape) == ("CB", (2, 1))
    np.testing.assert_allclose(extractdata(Y), (2 * A * A).sum(1, keepdims=True), rtol=1e-14)
    np.testing.assert_allclose(dot(A, 2 * A), (2 * A * A).sum(0, keepdims=True), rtol=1e-14)
    mixed = dot(dlarray(A, "BC"), A.T)
    np.testing.assert_allclose(extractdata(mixed), (A * A).T.sum(0, keepdims=True), rtol=1e-14)


def test_dot_of_vectors_and_complex_numbers():
    assert dot([1, 2, 3], [4, 5, 6]) == 32
    assert dot([1, 2], np.array([[3.0], [4.0]])).item() == 11
    assert dot(dlarray([1.0, 2.0], "C"), [3.0, 4.0]).item() == 11
    z, w = np.array([1 + 2j, 3j]), np.array([2 - 1j, 4])
    assert dot(z, w) == pytest.approx(np.vdot(z, w), rel=1e-15)


def test_dot_needs_equal_sizes():
    with pytest.raises(FormatError, match="dot: the sizes or labels") as error:
        dot(dlarray(A, "CB"), dlarray(A, "CT"))
    assert error.value.got == {"A": "2(C) × 3(B)", "B": "2(C) × 3(T)"}


def test_numpys_dot():
    assert np.dot(dlarray([1.0, 2.0]), [3.0, 4.0]).item() == 11
    np.testing.assert_allclose(extractdata(np.dot(dlarray(A), B)), A @ B, rtol=1e-14)
