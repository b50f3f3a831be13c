"""Sizes and equality."""

import numpy as np
import pytest
from hypothesis import given

import dltk.functions._elementwise  # noqa: F401  (operators)
from dltk._errors import OptionError
from dltk._struct import struct
from dltk._table import table
from dltk.dlarray import dlarray, finddim
from dltk.functions import _size as dl
from tests.strategies import labelled, quick


@quick
@given(labelled())
def test_sizes_are_those_of_the_model(pair):
    X, m = pair
    assert dl.size(X) == tuple(m.sizes)
    assert dl.ndims(X) == m.rank
    assert dl.numel(X) == len(m.cells)
    assert dl.length(X) == max(m.sizes)
    assert (dl.height(X), dl.width(X)) == tuple(m.sizes[:2])
    others = lambda axis: [n for a, n in enumerate(m.sizes) if a != axis]  # noqa: E731
    column, row = set(others(0)) == {1}, set(others(1)) == {1}
    assert (dl.iscolumn(X), dl.isrow(X), dl.isvector(X)) == (column, row, column or row)
    assert dl.isscalar(X) == (len(m.cells) == 1)
    assert dl.ismatrix(X) == (set(m.sizes[2:]) <= {1})
    assert (np.shape(X), np.ndim(X), np.size(X)) == (X.shape, X.ndim, X.size)


def test_labelled_trailing_singletons_count():  # reference/dlarray.md section 2.1
    X = dlarray(np.zeros((28, 28)), "SSCB")
    assert dl.size(X) == (28, 28, 1, 1)
    assert dl.ndims(X) == 4
    assert dl.iscolumn(dlarray(np.zeros((3, 1, 1)), "SCB"))
    assert dl.ismatrix(dlarray(np.zeros((3, 4, 1)), "SCB"))


def test_some_sizes():
    X = dlarray(np.zeros((5, 4, 3, 2)), "TSSU")
    assert dl.size(X, finddim(X, "S")) == (4, 3)  # published number 29
    assert dl.size(X, 3) == dl.size(X, np.int64(3)) == dl.size(X, dlarray(3)) == 5
    assert dl.size(X, 1, 3) == (4, 5)
    assert dl.size(X, 9) == 1
    assert dl.size(X, []) == ()


@pytest.mark.parametrize(
    ("value", "sizes"),
    [
        (5, (1, 1)),
        ([1, 2, 3], (1, 3)),
        ([], (0, 0)),
        ([[1, 2], [3, 4], [5, 6]], (3, 2)),
        (np.zeros((2, 3, 1, 1)), (2, 3)),
        (np.zeros((4, 2), np.uint8), (4, 2)),
        ("text", (1, 1)),
        ([np.zeros(3), np.zeros(4)], (1, 2)),
        (["a", "b"], (1, 2)),
        (struct(a=1), (1, 1)),
        (table(["fc", "fc"], ["Weights", "Bias"], [1, 2]), (2, 3)),
    ],
    ids=str,
)
def test_sizes_of_other_values(value, sizes):
    assert dl.size(value) == sizes


def test_emptiness():
    assert dl.isempty(None)
    assert dl.isempty(dlarray(np.zeros((3, 0)), "CB"))
    assert not dl.isempty(dlarray(0))
    assert dl.length(np.zeros((3, 0))) == 0


@pytest.mark.parametrize("dim", [0, -1, 1.5, "B"])
def test_what_is_no_dimension_is_refused(dim):
    with pytest.raises(OptionError, match="size:"):
        dl.size(dlarray(1), dim)


def test_several_outputs():  # [a, b] = size(X) merges what is left
    X = dlarray(np.zeros((5, 4, 3, 2)), "SSCB")
    assert dl.size(X, nargout=2) == (5, 24)
    assert dl.size(X, nargout=5) == (5, 4, 3, 2, 1)
    assert dl.size(X, [1, 3], nargout=2) == (5, 3)
    assert dl.size(5, nargout=3) == (1, 1, 1)
    with pytest.raises(OptionError, match="size: nargout=3 for 2 dimensions"):
        dl.size(X, [1, 2], nargout=3)
