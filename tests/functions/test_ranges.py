"""Equally spaced numbers and grids against NumPy."""

import math

import numpy as np
import pytest

import dltk.functions._reduction  # noqa: F401  (operators)
from dltk._errors import FormatError, OptionError
from dltk.dlarray import dlarray, extractdata
from dltk.functions._ranges import linspace, logspace, meshgrid, ndgrid
from tests.functions.compiling import assert_compiles
from tests.functions.gradients import assert_derivatives


@pytest.mark.parametrize("n", [1, 2, 3, 7, 100])
def test_linspace(n):
    witness = np.linspace(-1, 0.3, n) if n > 1 else np.array([0.3])
    np.testing.assert_allclose(linspace(-1, 0.3, n), witness, rtol=1e-15, atol=1e-15)
    Y = linspace(dlarray(-1.0), 0.3, n)
    assert (Y.dims, Y.shape) == ("", (1, n))
    np.testing.assert_allclose(extractdata(Y)[0], witness, rtol=1e-15, atol=1e-15)
    assert linspace(0.1, 0.7, n)[-1] == 0.7


def test_defaults_and_types():
    assert linspace(0, 1).shape == (100,)
    assert logspace(0, 1).shape == (50,)
    assert linspace(1, 2, 0).tolist() == [2]
    assert linspace(dlarray(np.float32(0)), 1, 3).dtype == np.float32
    assert linspace(0, 2 + 2j, 3).tolist() == [0, 1 + 1j, 2 + 2j]


def test_logspace():
    np.testing.assert_allclose(logspace(-1, 2, 7), np.logspace(-1, 2, 7), rtol=1e-14)
    np.testing.assert_allclose(logspace(0, math.pi, 3)[-1], math.pi, rtol=1e-15)
    Y = logspace(dlarray(-1.0), dlarray(2.0), 7)
    np.testing.assert_allclose(extractdata(Y)[0], np.logspace(-1, 2, 7), rtol=1e-14)


def test_grids():
    x, y, z = [1.0, 2.0, 3.0], [4.0, 5.0], np.array([[6.0], [7.0]])
    for given in ((x, y), (x, y, z), (dlarray(x), y, z)):
        flat = [np.ravel(extractdata(v)) for v in given]
        for found, witness in zip(meshgrid(*given), np.meshgrid(*flat), strict=True):
            np.testing.assert_array_equal(extractdata(found), witness)
        for found, witness in zip(ndgrid(*given), np.meshgrid(*flat, indexing="ij"), strict=True):
            np.testing.assert_array_equal(extractdata(found), witness)
    assert isinstance(meshgrid(dlarray(x), y)[1], dlarray)
    assert isinstance(meshgrid(x, y)[1], np.ndarray)


def test_one_vector_for_all_dimensions():
    X, Y = meshgrid([1, 2])
    assert X.tolist() == Y.T.tolist() == [[1, 2], [1, 2]]
    assert [G.shape for G in meshgrid([1, 2], nargout=3)] == [(2, 2, 2)] * 3
    assert [G.shape for G in ndgrid([1, 2, 3])] == [(3, 3)] * 2
    assert [G.shape for G in ndgrid([1, 2], nargout=3)] == [(2, 2, 2)] * 3
    assert meshgrid([1, 2], [3], nargout=1).tolist() == [[1, 2]]
    assert ndgrid([1, 2], [3, 4], [5], nargout=2)[1].shape == (2, 2)


def test_derivatives():
    assert_derivatives(lambda a, b: linspace(a, b, 5) ** 2, 0.3, 2.0, order=2)
    assert_derivatives(lambda a, b: logspace(a, b, 4), 0.3, 1.0, order=2)
    assert_derivatives(lambda x, y: meshgrid(x, y)[1] ** 2, [1.0, 2.0], [3.0, 4.0, 5.0], order=2)


def test_compiled_and_eager_are_equal():
    assert_compiles(lambda a, b: linspace(a, b, 5), 0.3, 2.0)
    assert_compiles(lambda x, y: meshgrid(x, y)[0] * ndgrid(y, x)[0], [1.0, 2.0], [3.0, 4.0, 5.0])


def test_what_does_not_fit_is_refused():
    for function in (linspace, logspace):
        with pytest.raises(OptionError, match="the ends must be scalars without labels") as error:
            function(dlarray([1.0], "C"), 2)
        assert "stripdims" in error.value.fix
        with pytest.raises(OptionError, match="the number of points must be a whole number"):
            function(0, 1, 2.5)
    with pytest.raises(FormatError, match="meshgrid: vector 1 must be an array without labels"):
        meshgrid(dlarray([1.0, 2.0], "C"))
    with pytest.raises(FormatError, match="ndgrid: a grid is spanned by vectors"):
        ndgrid(np.ones((2, 2)), [1.0])
    with pytest.raises(OptionError, match="ndgrid: the vectors are missing"):
        ndgrid()
