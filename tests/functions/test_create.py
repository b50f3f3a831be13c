"""Arrays of one value."""

import math

import numpy as np
import pytest

import dltk.functions._elementwise  # noqa: F401  (operators)
from dltk._errors import OptionError
from dltk.dlarray import dlarray, extractdata, isdlarray
from dltk.functions import _create as dl
from dltk.functions._size import size

FILLS = {"zeros": 0, "ones": 1, "Inf": math.inf}


@pytest.mark.parametrize(("name", "value"), FILLS.items())
@pytest.mark.parametrize(
    ("arguments", "shape"),
    [
        ((3,), (3, 3)),
        ((2, 3), (2, 3)),
        (([2, 3, 4],), (2, 3, 4)),
        ((np.array([2.0, 3.0]),), (2, 3)),
        (((2, 0),), (2, 0)),
        ((-1, 2), (0, 2)),
        ((dlarray(2), 3), (2, 3)),
    ],
    ids=str,
)
def test_sizes_as_in_matlab(name, value, arguments, shape):
    made = getattr(dl, name)(*arguments)
    assert (made.shape, made.dtype) == (shape, np.float64)
    assert np.all(made == value)


def test_without_sizes_there_is_a_number():
    assert dl.zeros() == 0.0
    assert dl.ones("single").dtype == np.float32
    assert np.ndim(dl.true()) == 0


@pytest.mark.parametrize("name", ["zeros", "ones", "Inf", "NaN", "eye"])
def test_like_a_dlarray(name):
    X = dlarray(np.zeros((2, 3), np.float32), "CB")
    for made in (getattr(dl, name)(2, 2, like=X), getattr(dl, name)([2, 2], "like", X)):
        assert isdlarray(made)
        assert (made.dims, made.shape, made.dtype) == ("", (2, 2), np.float32)


def test_like_the_size_of_another_array():
    X = dlarray(np.ones((2, 3, 4)), "SCB")
    assert dl.zeros(size(X), like=X).shape == (2, 3, 4)


def test_types_by_name():
    assert dl.zeros(2, 2, "single").dtype == np.float32
    assert dl.ones(2, like=np.float32(1)).dtype == np.float32
    assert dl.zeros(1, like=dlarray(1j)).dtype == np.complex128
    with pytest.raises(OptionError, match="zeros: 'uint8' is no number type"):
        dl.zeros(2, "uint8")
    with pytest.raises(OptionError, match="zeros: a size must be a whole number"):
        dl.zeros(1.5)


def test_the_identity():
    assert dl.eye(2).tolist() == [[1, 0], [0, 1]]
    assert dl.eye(1, 3).tolist() == dl.eye([1, 3]).tolist() == [[1, 0, 0]]
    with pytest.raises(OptionError, match="eye: a matrix has two sizes"):
        dl.eye(1, 2, 3)


def test_inf_and_nan_are_numbers_too():
    assert dl.inf is dl.Inf
    assert dl.nan is dl.NaN
    assert dl.Inf == math.inf
    assert -dl.Inf < 0
    assert math.isnan(dl.NaN)
    assert np.isnan(dl.NaN(2, 2)).all()
    assert dlarray([1.0, dl.NaN]).dtype == np.float64


def test_true_and_false_are_truth_values_too():
    assert dl.true
    assert not dl.false
    assert dl.true == True  # noqa: E712
    assert dl.false(2, 2).dtype == dl.true(1, 2, "like", dlarray(True)).dtype == bool
    assert dlarray(dl.false).dtype == bool
    assert extractdata(dl.true(1, 2, like=dlarray(False))).tolist() == [[True, True]]
