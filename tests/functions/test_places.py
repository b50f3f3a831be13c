"""Subscripts and positions against NumPy and loops."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dltk
import dltk.functions._reduction
from dltk._errors import DltkWarning, FormatError, OptionError
from dltk.autodiff import dlfeval, dlgradient
from dltk.dlarray import dlarray, extractdata
from dltk.functions._places import find, ind2sub, nnz, sub2ind
from tests.strategies import few

A = np.array([[0.0, 2.0, 0.0], [5.0, 0.0, np.nan]])


@few
@given(st.data())
def test_numbers_of_elements_and_back(data):
    shape = data.draw(st.lists(st.integers(1, 4), min_size=2, max_size=4))
    ind = np.array(data.draw(st.lists(st.integers(1, int(np.prod(shape))), min_size=1)))
    witness = [w + 1 for w in np.unravel_index(ind - 1, shape, order="F")]
    for found, wanted in zip(ind2sub(shape, ind), witness, strict=True):
        np.testing.assert_array_equal(found, wanted)
        assert found.dtype == np.int64
    for found, wanted in zip(ind2sub(shape, dlarray(ind)), witness, strict=True):
        np.testing.assert_array_equal(extractdata(found)[0], wanted)
    np.testing.assert_array_equal(sub2ind(shape, *witness), ind)
    np.testing.assert_array_equal(
        extractdata(sub2ind(shape, dlarray(witness[0]), *witness[1:]))[0], ind
    )


def test_fewer_and_more_subscripts_than_sizes():
    row, column = ind2sub([2, 3, 4], [5, 24], nargout=2)
    assert (row.tolist(), column.tolist()) == ([1, 2], [3, 12])
    assert ind2sub([2, 3], 5, nargout=1) == 5
    assert [int(s) for s in ind2sub([2, 3], 5, nargout=3)] == [1, 3, 1]
    assert sub2ind([2, 3, 4], 2, 12) == 24
    assert sub2ind([2, 3], 1, 3, 1) == 5
    assert sub2ind((2, 3), np.array([[1], [2]]), np.array([[3], [1]])).tolist() == [[5], [2]]


def test_subscripts_compile():
    def together(x):
        rows, columns = ind2sub([2, 3], x)
        return sub2ind([2, 3], rows, columns), rows * 10 + columns

    ind, digits = dlfeval(together, dlarray([1.0, 4.0, 6.0]))
    assert extractdata(ind).tolist() == [[1, 4, 6]]
    assert extractdata(digits).tolist() == [[11, 22, 23]]


def test_positions_outside_are_refused():
    with pytest.raises(
        OptionError, match="sub2ind: subscript 2 must be a whole number from 1 to 3"
    ) as e:
        sub2ind([2, 3], [1, 2], [1, 4])
    assert e.value.got == {"subscript 2": "4", "sizes": "2×3"}
    with pytest.raises(OptionError, match="ind2sub: position must be a whole number from 1 to 6"):
        ind2sub([2, 3], 0)
    with pytest.raises(OptionError, match="ind2sub: position must be a whole number"):
        ind2sub([2, 3], dlarray(1.5))
    with pytest.raises(FormatError, match="sub2ind: the subscripts have different sizes"):
        sub2ind([2, 3], [1, 2], [1, 2, 3])
    with pytest.raises(OptionError, match="sub2ind: expected two or more sizes"):
        sub2ind(4, 1, 1)


@pytest.mark.parametrize("fmt", [None, "CB", "BC"])
def test_find_numbers_elements_column_by_column(fmt):
    X = A if fmt is None else dlarray(A, fmt)
    seen = extractdata(X)
    witness = np.flatnonzero(seen.ravel(order="F")) + 1
    places = find(X)
    assert (places.dtype, places.shape) == (np.int64, (3, 1))
    np.testing.assert_array_equal(places.ravel(), witness)
    row, column, values = find(X, nargout=3)
    np.testing.assert_array_equal(seen[row - 1, column - 1], extractdata(values))
    assert find(X, 2).ravel().tolist() == witness[:2].tolist()
    assert find(X, 1, "last").ravel().tolist() == witness[-1:].tolist()


def test_find_lies_as_a_row_does():
    assert find([0, 1, 1]).tolist() == [2, 3]
    assert find(np.array([[0, 1, 1]])).tolist() == [[2, 3]]
    assert find(dlarray([0.0, 1.0, 1.0])).tolist() == [[2, 3]]
    assert find([0, 0]).size == find(np.zeros((0, 0))).size == 0
    assert find(3) == 1
    pages = np.zeros((2, 2, 2))
    pages[1, 0, 1] = 7
    assert [int(n.item()) for n in find(pages, nargout=3)] == [2, 3, 7]


def test_elements_found_keep_their_trace():
    def loss(X):
        _, _, values = find(X > 1, nargout=3)
        places = find(X > 1)
        return dlgradient(dltk.sum(X[places - 1] ** 2, "all"), X), values

    x = dlarray([1.0, 2.0, 3.0])
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        slope, values = dlfeval(loss, x)
    assert extractdata(slope).tolist() == [[0, 4, 6]]
    assert values.dtype == bool
    assert all(issubclass(w.category, DltkWarning) for w in caught)


def test_find_of_known_values_compiles():
    def loss(X):
        return dlgradient(dltk.sum(X[find([0, 1, 1]) - 1] ** 2, "all"), X)

    assert extractdata(dlfeval(loss, dlarray([1.0, 2.0, 3.0]))).tolist() == [[0, 4, 6]]


def test_nnz_counts():
    assert nnz(A) == nnz(A != 0) == 3
    assert nnz(dlarray(A, "CB")).item() == 3
    assert nnz([]) == 0
    assert dlfeval(nnz, dlarray(A)).item() == 3


def test_words_of_find():
    with pytest.raises(OptionError, match='Did you mean "last"'):
        find(A, 1, "lst")
    with pytest.raises(OptionError, match="find: the number of positions must be a whole number"):
        find(A, 1.5)
    with pytest.raises(OptionError, match="find: nargout must be 1 or 2 or 3"):
        find(A, nargout=4)
