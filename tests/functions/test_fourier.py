"""Fourier transforms against NumPy, and their derivatives."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dltk.functions._reduction  # noqa: F401  (operators)
from dltk._errors import FormatError, OptionError
from dltk.autodiff import dlfeval, dlgradient
from dltk.dlarray import dlarray, extractdata
from dltk.functions._elementwise import abs, imag, real
from dltk.functions._fourier import fft, fft2, fftshift, ifft, ifft2, ifftshift
from dltk.functions._reduction import sum
from tests.functions.compiling import assert_compiles
from tests.functions.gradients import assert_derivatives
from tests.strategies import few

RANDOM = np.random.default_rng(11)
X = RANDOM.standard_normal((4, 5))
Z = X + 1j * RANDOM.standard_normal((4, 5))
PAGES = RANDOM.standard_normal((3, 4, 2))


@few
@given(st.data())
def test_transforms_of_any_size(data):
    shape = data.draw(st.lists(st.integers(1, 4), min_size=2, max_size=3))
    n, dim = data.draw(st.none() | st.integers(1, 6)), data.draw(st.none() | st.integers(1, 3))
    x = RANDOM.standard_normal(shape)
    if data.draw(st.booleans()):
        x = x + 1j * RANDOM.standard_normal(shape)
    axis = dim - 1 if dim else next((i for i, m in enumerate(shape) if m != 1), 0)
    wide = x.reshape((*shape, *(1,) * (axis + 1 - len(shape))))
    for function, witness in ((fft, np.fft.fft), (ifft, np.fft.ifft)):
        expected = witness(wide, n, axis)
        for Y in (extractdata(function(dlarray(x), n, dim)), function(x, n, dim)):
            np.testing.assert_allclose(Y.ravel(), expected.ravel(), atol=1e-13)
            assert Y.dtype == np.complex128


def test_a_vector_that_lies_flat():
    np.testing.assert_allclose(fft([1.0, 2.0, 3.0]), np.fft.fft([1, 2, 3]), rtol=1e-14)
    assert fft(dlarray([1.0, 2.0, 3.0]), 5).shape == (1, 5)
    assert fft(dlarray([[1.0], [2.0]]), [], 2).shape == (2, 1)


@pytest.mark.parametrize("n", [1, 4, 5, 7])
def test_symmetric_reads_the_first_half_and_is_real(n):
    y = np.fft.fft(RANDOM.standard_normal(n))
    np.testing.assert_allclose(ifft(y, "symmetric"), np.fft.ifft(y).real, atol=1e-14)
    spoilt = y.copy()
    spoilt[n // 2 + 1 :] = 99
    for Y in (ifft(dlarray(spoilt), "symmetric"), ifft(dlarray(spoilt), n, 2, "symmetric")):
        assert Y.dtype == np.float64
        np.testing.assert_allclose(extractdata(Y)[0], np.fft.ifft(y).real, atol=1e-14)
    assert ifft(y, "nonsymmetric").dtype == np.complex128


@pytest.mark.parametrize("sizes", [(), (5, 2), (None, 6), (2,)], ids=str)
def test_transforms_of_pages(sizes):
    m, n = (*sizes, None, None)[:2]
    witness = np.fft.fft(np.fft.fft(PAGES, m, 0), n, 1)
    np.testing.assert_allclose(extractdata(fft2(dlarray(PAGES), *sizes)), witness, atol=1e-13)
    witness = np.fft.ifft(np.fft.ifft(PAGES, m, 0), n, 1)
    np.testing.assert_allclose(ifft2(PAGES, *sizes), witness, atol=1e-14)
    back = ifft2(fft2(dlarray(PAGES)), "symmetric")
    assert back.dtype == np.float64
    np.testing.assert_allclose(extractdata(back), PAGES, atol=1e-14)


def test_types_and_nothing():
    single = dlarray(X.astype(np.float32))
    assert fft(single).dtype == np.complex64
    assert ifft(fft(single), "symmetric").dtype == np.float32
    assert fft(dlarray(X > 0)).dtype == np.complex128
    assert fft(np.zeros((0, 3))).shape == (0, 3)
    assert fft(np.zeros((0, 3))).dtype == np.complex128
    assert fft(X, 0).shape == (0, 5)
    assert ifft(X, 0, "symmetric").dtype == np.float64
    assert np.isnan(fft([1.0, np.nan])).all()


@pytest.mark.parametrize("shape", [(1, 5), (1, 4), (3, 4)], ids=str)
def test_shifts(shape):
    x = RANDOM.standard_normal(shape)
    np.testing.assert_array_equal(fftshift(x), np.fft.fftshift(x))
    np.testing.assert_array_equal(ifftshift(x), np.fft.ifftshift(x))
    np.testing.assert_array_equal(extractdata(fftshift(dlarray(x), 2)), np.fft.fftshift(x, 1))
    np.testing.assert_array_equal(ifftshift(fftshift(x)), x)
    assert fftshift(dlarray(x, "CB")).dims == "CB"
    np.testing.assert_array_equal(fftshift(x, 3), x)


def parts(function):
    """A complex function as one to real numbers."""
    weights = np.linspace(0.5, 1.5, 3)[0]
    return lambda *xs: real(function(*xs)) ** 2 + weights * imag(function(*xs))


def test_derivatives():
    assert_derivatives(parts(fft), X, order=2)
    assert_derivatives(parts(lambda A: fft(A, 7, 2)), X)
    assert_derivatives(parts(lambda A: fft(A, 3)), X)
    assert_derivatives(parts(ifft), X, order=2)
    assert_derivatives(parts(lambda A, B: fft2(A + 1j * B)), X, X + 1, order=2)
    assert_derivatives(lambda A, B: ifft(A + 1j * B, "symmetric") ** 2, X, X + 1, order=2)
    assert_derivatives(lambda A, B: ifft2(A + 1j * B, "symmetric") ** 2, X, X + 1)


def test_the_gradient_of_the_energy_follows_from_parseval():
    # sum |fft(x)|^2 = n sum |x|^2, whose gradient is 2 n x, for complex x too
    def slope(x):
        return dlgradient(sum(abs(fft(x, [], 1)) ** 2, "all"), x)

    np.testing.assert_allclose(extractdata(dlfeval(slope, dlarray(X))), 8 * X, rtol=1e-12)
    np.testing.assert_allclose(extractdata(dlfeval(slope, dlarray(Z))), 8 * Z, rtol=1e-12)


def test_compiled_and_eager_are_equal():
    for function in (fft, ifft, fft2, lambda A: ifft(A, "symmetric"), fftshift):
        assert_compiles(function, X)
        assert_compiles(function, Z)


def test_what_does_not_fit_is_refused():
    for function in (fft, ifft, fft2, ifft2):
        with pytest.raises(FormatError, match="X must be an array without labels") as error:
            function(dlarray(X, "CB"))
        assert "stripdims(X)" in error.value.fix
    with pytest.raises(OptionError, match='Did you mean "symmetric"'):
        ifft(X, "symetric")
    with pytest.raises(OptionError, match="fft: the number of points must not be negative"):
        fft(X, -1)
    with pytest.raises(OptionError, match="ifft: too many arguments"):
        ifft(X, 1, 2, 3)
