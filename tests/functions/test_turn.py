"""Turned and mirrored matrices against NumPy."""

import numpy as np
import pytest

import dltk.functions._reduction  # noqa: F401  (operators)
from dltk._errors import FormatError
from dltk.dlarray import dlarray, extractdata
from dltk.functions._turn import fliplr, flipud, rot90
from tests.functions.compiling import assert_compiles
from tests.functions.gradients import assert_derivatives

A = np.arange(6.0).reshape(2, 3)
PAGES = np.arange(12.0).reshape(2, 3, 2)


@pytest.mark.parametrize("k", [-2, -1, 0, 1, 2, 3, 6])
def test_quarter_turns(k):
    np.testing.assert_array_equal(extractdata(rot90(dlarray(A), k)), np.rot90(A, k))
    np.testing.assert_array_equal(rot90(A, k), np.rot90(A, k))
    np.testing.assert_array_equal(rot90(PAGES, k), np.rot90(PAGES, k))
    np.testing.assert_array_equal(extractdata(rot90(dlarray(A, "UU"), k)), np.rot90(A, k))


def test_half_turns_keep_labels():
    for fmt in ("CB", "BC", "SCB"):
        X = dlarray(PAGES[:, :, 0] if len(fmt) == 2 else PAGES, fmt)
        Y = rot90(X, 2)
        assert Y.dims == X.dims
        np.testing.assert_array_equal(extractdata(Y), np.rot90(extractdata(X), 2))


def test_a_vector_that_lies_flat():
    assert rot90([1, 2, 3]).tolist() == [[3], [2], [1]]
    assert rot90([1, 2, 3], 2).tolist() == [3, 2, 1]
    assert fliplr([1, 2, 3]).tolist() == [3, 2, 1]
    assert flipud([1, 2, 3]).tolist() == [1, 2, 3]


def test_mirrors():
    for function, witness in ((fliplr, np.fliplr(A)), (flipud, np.flipud(A))):
        np.testing.assert_array_equal(function(A), witness)
        Y = function(dlarray(A, "CB"))
        assert Y.dims == "CB"
        np.testing.assert_array_equal(extractdata(Y), witness)
    np.testing.assert_array_equal(extractdata(np.fliplr(dlarray(A))), np.fliplr(A))


def test_derivatives_and_compiling():
    weights = np.linspace(1, 2, 6).reshape(3, 2)
    assert_derivatives(lambda X: rot90(X) ** 2 * weights, A, order=2)
    assert_compiles(lambda X: rot90(X, -1) * weights, A)


def test_a_quarter_turn_of_labels_is_refused():
    with pytest.raises(FormatError, match="rot90: a quarter turn would exchange") as error:
        rot90(dlarray(A, "CB"))
    assert error.value.got == {"X": "2(C) × 3(B)"}
