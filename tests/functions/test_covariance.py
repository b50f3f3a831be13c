"""Covariance and correlation against NumPy."""

import numpy as np
import pytest

from dltk._errors import FormatError, OptionError
from dltk.autodiff import dlfeval
from dltk.dlarray import dlarray, extractdata
from dltk.functions import _covariance as dl
from tests.functions.gradients import assert_derivatives

RANDOM = np.random.default_rng(3)
A, B = RANDOM.normal(size=(2, 6, 3))


def test_of_the_columns_of_a_matrix():
    np.testing.assert_allclose(dl.cov(A), np.cov(A, rowvar=False), rtol=1e-13)
    np.testing.assert_allclose(dl.cov(A, 1), np.cov(A, rowvar=False, bias=True), rtol=1e-13)
    np.testing.assert_allclose(dl.cov(A, [], 1), dl.cov(A, 1), rtol=1e-15)
    np.testing.assert_allclose(dl.corrcoef(A), np.corrcoef(A, rowvar=False), rtol=1e-13)


def test_of_two_arrays():
    a, b = A.ravel(order="F"), B.ravel(order="F")
    np.testing.assert_allclose(dl.cov(A, B), np.cov(a, b), rtol=1e-13)
    np.testing.assert_allclose(dl.cov(A, B, 1), np.cov(a, b, bias=True), rtol=1e-13)
    np.testing.assert_allclose(
        extractdata(dl.corrcoef(dlarray(A), B)), np.corrcoef(a, b), rtol=1e-13
    )


def test_of_a_vector():
    assert dl.cov([1.0, 2.0, 3.0]) == 1
    assert dl.corrcoef([1.0, 2.0, 3.0]) == 1
    assert dl.cov([[1.0], [2.0], [3.0]], 1) == pytest.approx(2 / 3)
    assert dl.cov(5.0) == 0
    assert np.isnan(dl.corrcoef([[1.0, 2.0], [1.0, 3.0]])[0, 0])
    assert np.isnan(dl.cov([]))


def test_complex_numbers():
    z = A + 1j * B
    witness = (z - z.mean(0)).conj().T @ (z - z.mean(0)) / 5
    np.testing.assert_allclose(dl.cov(z), witness, rtol=1e-13)


def test_types_derivatives_and_dlfeval():
    assert dl.cov(dlarray(A.astype(np.float32))).dtype == np.float32
    for function in (dl.cov, dl.corrcoef):
        assert_derivatives(function, A, order=2)
        assert_derivatives(function, A, B)
        compiled = extractdata(dlfeval(function, dlarray(A)))
        np.testing.assert_allclose(compiled, function(A), rtol=1e-13)


def test_what_does_not_fit_is_refused():
    with pytest.raises(FormatError, match="cov: needs matrices without labels") as error:
        dl.cov(dlarray(A, "BC"))
    assert "stripdims(X)" in error.value.fix
    with pytest.raises(FormatError, match="corrcoef: A and B differ in their number of elements"):
        dl.corrcoef([1.0, 2.0], [1.0, 2.0, 3.0])
    with pytest.raises(OptionError, match="cov: w must be 0"):
        dl.cov([1.0, 2.0], [3.0, 1.0], 2)
