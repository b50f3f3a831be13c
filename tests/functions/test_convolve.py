"""Convolutions against NumPy and SciPy."""

import numpy as np
import pytest
import scipy.signal
from hypothesis import given
from hypothesis import strategies as st

import dltk.functions._reduction  # noqa: F401  (operators)
from dltk._errors import FormatError, OptionError
from dltk.dlarray import dlarray, extractdata
from dltk.functions._convolve import conv, conv2, polyval
from tests.functions.compiling import assert_compiles
from tests.functions.gradients import assert_derivatives
from tests.strategies import few

RANDOM = np.random.default_rng(14)
A, B = RANDOM.standard_normal((4, 5)), RANDOM.standard_normal((2, 3))
SHAPES = ["full", "same", "valid"]


def central(full, size):
    """MATLAB's central part: of an even surplus the later half."""
    first = (full - size + 1) // 2
    return slice(first, first + size)


def slow_conv(u, v, shape):
    full = np.convolve(u, v)
    if shape == "same":
        return full[central(len(full), len(u))]
    if shape == "valid":
        return full[len(v) - 1 : len(u)] if len(u) >= len(v) else full[:0]
    return full


@few
@given(st.integers(1, 6), st.integers(1, 6), st.sampled_from(SHAPES), st.booleans())
def test_conv(m, n, shape, complex_numbers):
    u, v = RANDOM.standard_normal(m), RANDOM.standard_normal(n)
    if complex_numbers:
        u = u + 1j * RANDOM.standard_normal(m)
    witness = slow_conv(u, v, shape)
    np.testing.assert_allclose(conv(u, v, shape), witness, atol=1e-13)
    np.testing.assert_allclose(extractdata(conv(dlarray(u), v, shape))[0], witness, atol=1e-13)


def test_which_way_a_convolution_lies():
    row, column = [1.0, 2.0, 3.0], np.array([[1.0], [1.0]])
    assert conv(row, column).shape == (1, 4)
    assert conv(column, row).shape == (1, 4)
    assert conv(np.ones((4, 1)), row).shape == (6, 1)
    assert conv(column, row, "same").shape == (2, 1)
    assert conv([1.0, 2.0, 3.0], [1.0, 1.0], "same").tolist() == [3, 5, 3]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("b", [B, np.ones((3, 2)), np.ones((1, 1)), np.ones((6, 2))], ids=str)
def test_conv2(shape, b):
    witness = scipy.signal.convolve2d(A, b)
    if shape == "same":
        witness = witness[central(len(witness), 4), central(witness.shape[1], 5)]
    if shape == "valid":
        rows, columns = (max(n - m + 1, 0) for n, m in zip(A.shape, b.shape, strict=True))
        witness = witness[len(b) - 1 :, b.shape[1] - 1 :][:rows, :columns]
    np.testing.assert_allclose(conv2(A, b, shape), witness, atol=1e-13)
    Y = conv2(dlarray(A), 1j * b, shape)
    np.testing.assert_allclose(extractdata(Y), 1j * witness, atol=1e-13)


@pytest.mark.parametrize("shape", SHAPES)
def test_conv2_with_two_vectors(shape):
    u, v = np.array([1.0, 2.0]), np.array([1.0, -1.0, 3.0])
    witness = conv2(A, np.outer(u, v), shape)
    np.testing.assert_allclose(conv2(u, v, A, shape), witness, atol=1e-13)


def test_types_and_nothing():
    single = A.astype(np.float32)
    assert conv2(dlarray(single), B).dtype == np.float32
    assert conv(single[0], [1.0]).dtype == np.float32
    assert conv2(A, np.zeros((0, 0))).shape == (0, 0)


def test_polyval():
    p, x = [2.0, -1.0, 0.5], dlarray(A, "CB")
    Y = polyval(p, x)
    assert Y.dims == "CB"
    np.testing.assert_allclose(extractdata(Y), np.polyval(p, A), rtol=1e-13)
    np.testing.assert_allclose(polyval(p, A * 1j), np.polyval(p, A * 1j), rtol=1e-13)
    assert polyval(dlarray(p), 2.0).item() == np.polyval(p, 2)
    assert polyval([], 3.0) == 0
    assert polyval(7, [1.0, 2.0]).tolist() == [7, 7]


def test_derivatives():
    for shape in SHAPES:
        assert_derivatives(lambda u, v, s=shape: conv(u, v, s), A[0], B[0], order=2)
        assert_derivatives(lambda a, b, s=shape: conv2(a, b, s), A, B, order=2)
    assert_derivatives(lambda p, x: polyval(p, x), [2.0, -1.0, 0.5], A, order=2)


def test_compiled_and_eager_are_equal():
    assert_compiles(conv, A[0], B[0])
    assert_compiles(lambda a, b: conv2(a, b, "same"), A, B)
    assert_compiles(polyval, A[0], B)


def test_what_does_not_fit_is_refused():
    with pytest.raises(FormatError, match="conv: u and v must be vectors") as error:
        conv(A, [1.0])
    assert error.value.fix == "For matrices use conv2."
    for call in (lambda: conv(dlarray(A[0], "T"), [1.0]), lambda: conv2(dlarray(A, "SS"), B)):
        with pytest.raises(FormatError, match="must be an array without labels"):
            call()
    with pytest.raises(OptionError, match='Did you mean "same"'):
        conv(A[0], B[0], "some")
    with pytest.raises(OptionError, match="conv2: expected two or three arrays"):
        conv2(A, B, A, B)
    with pytest.raises(FormatError, match="polyval: the coefficients must be a vector"):
        polyval(A, 1.0)
