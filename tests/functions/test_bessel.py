"""Bessel functions against SciPy, derivatives against its derivative functions."""

import jax
import numpy as np
import pytest
from scipy import special

from dltk._errors import OptionError, UnsupportedError
from dltk.autodiff import dlfeval
from dltk.dlarray import dlarray, extractdata
from dltk.functions import _bessel as dl
from tests.functions.gradients import assert_derivatives

X = np.concatenate(
    [[0.0], np.geomspace(1e-8, 1.0, 9), np.linspace(1.1, 60, 60), [199.0, 201.0, 3e3]]
)
X = np.concatenate([-X[::-1], X])


@pytest.mark.parametrize("n", [0, 1, 2, 3, 7, 20, -1, -2])
def test_first_kind(n):
    value, witness = dl.besselj(n, X), special.jv(n, X)
    np.testing.assert_allclose(value, witness, rtol=1e-11, atol=2e-15)
    small = abs(X) < 2
    np.testing.assert_allclose(value[small], witness[small], rtol=1e-13)


@pytest.mark.parametrize("n", [0, 1, 2, 3, 7, 20, -1, -2])
def test_modified(n):
    x = X[abs(X) < 600]
    np.testing.assert_allclose(dl.besseli(n, x), special.iv(n, x), rtol=2e-13)
    np.testing.assert_allclose(dl.besseli(n, X, 1), special.ive(n, X), rtol=2e-13)


@pytest.mark.parametrize(("n", "highest"), [(0, 2), (1, 3), (4, 2)])
def test_derivatives_of_higher_order(n, highest):
    x = np.array([-33.0, -3.0, 0.0, 0.5, 2.9, 31.0])
    for function, witness in ((dl.besselj, special.jvp), (dl.besseli, special.ivp)):
        with jax.enable_x64(True):
            slope = lambda x, f=function: extractdata(f(n, dlarray(x))).sum()  # noqa: E731
            for order in range(1, highest + 1):
                slope = jax.grad(slope)
                value = jax.vmap(slope)(x)
                np.testing.assert_allclose(value, witness(n, x, order), rtol=1e-11, atol=1e-14)
    assert_derivatives(lambda X: dl.besselj(n, X), x, order=highest - 1)
    assert_derivatives(lambda X: dl.besseli(n, X, 1), x[[1, 3, 4]], order=highest - 1)


def test_types_labels_and_dlfeval():
    Z = dlarray(np.float32([[0.5, 40.0]]), "CB")
    for function, witness in ((dl.besselj, special.jv), (dl.besseli, special.iv)):
        Y = function(1, Z)
        assert (Y.dims, Y.dtype) == ("CB", np.float32)
        np.testing.assert_allclose(extractdata(Y), witness(1, [[0.5, 40.0]]), rtol=1e-5)
        compiled = dlfeval(lambda X, f=function: f(1, X), Z)
        np.testing.assert_allclose(extractdata(compiled), extractdata(Y), rtol=1e-6)


def test_the_ends():
    assert dl.besselj(0, [np.inf, -np.inf]).tolist() == [0, 0]
    assert np.isnan([dl.besselj(0, np.nan), dl.besseli(0, np.nan)]).all()
    assert dl.besseli(0, 1000.0) == np.inf


def test_what_is_not_offered_is_refused():
    for nu in (21, [0, 1]):
        with pytest.raises(UnsupportedError, match="besselj: the order must be one whole number"):
            dl.besselj(nu, 1.0)
    with pytest.raises(OptionError, match="besseli: the order must be a whole number"):
        dl.besseli(0.5, 1.0)
    with pytest.raises(UnsupportedError, match="besseli: complex arguments"):
        dl.besseli(0, 1j)
    with pytest.raises(OptionError, match="besseli: scale must be 0 or 1"):
        dl.besseli(0, 1.0, 2)
