"""Sorting rows against Python's sorted."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dltk._errors import FormatError, OptionError
from dltk.dlarray import dlarray, extractdata
from dltk.functions import _sortrows as dl
from tests.functions.gradients import gradient
from tests.strategies import quick

matrices = st.integers(1, 3).flatmap(
    lambda n: st.lists(st.lists(st.integers(0, 2), min_size=n, max_size=n), min_size=1, max_size=6)
)


@quick
@given(matrices, st.data())
def test_rows_are_sorted_as_lists_are(rows, data):
    columns = data.draw(st.lists(st.integers(1, len(rows[0])), min_size=1, max_size=3))
    down = data.draw(st.lists(st.booleans(), min_size=len(columns), max_size=len(columns)))

    def key(i):
        return [
            -rows[i][c - 1] if d else rows[i][c - 1] for c, d in zip(columns, down, strict=True)
        ]

    places = sorted(range(len(rows)), key=key)
    signed = [-c if d else c for c, d in zip(columns, down, strict=True)]
    words = ["descend" if d else "ascend" for d in down]
    x = np.array(rows, float)
    for fmt, arguments in (("", (signed,)), ("BC", (signed,)), ("", (columns, words))):
        X = dlarray(x, fmt) if fmt != "BC" else dlarray(x.T, "BC")  # lies the other way round
        Y, I = dl.sortrows(X, *arguments, nargout=2)
        assert Y.dims == X.dims
        assert extractdata(Y).tolist() == x[places].tolist()
        assert extractdata(I).ravel().tolist() == [p + 1 for p in places]


def test_defaults():
    x = [[2.0, 1.0], [1.0, 9.0], [1.0, 5.0]]
    assert dl.sortrows(x).tolist() == sorted(x)
    assert dl.sortrows(x, "descend").tolist() == sorted(x, reverse=True)
    assert dl.sortrows(x, 2).tolist() == [[2, 1], [1, 5], [1, 9]]
    Y, I = dl.topkrows(x, 2, nargout=2)
    assert (Y.tolist(), I.tolist()) == ([[2, 1], [1, 9]], [[1], [2]])
    assert dl.topkrows(x, 9, "ascend").tolist() == sorted(x)
    assert gradient(lambda X: dl.sortrows(X)[0, :], x).tolist() == [[0, 0], [0, 0], [1, 1]]


def test_wrong_arguments_are_refused():
    x = dlarray([[2.0, 1.0], [1.0, 9.0]])
    with pytest.raises(OptionError, match="sortrows: there is no column 3"):
        dl.sortrows(x, 3)
    with pytest.raises(OptionError, match="sortrows: 'up' is not a direction"):
        dl.sortrows(x, 1, "up")
    with pytest.raises(OptionError, match="sortrows: 2 directions for 1 columns"):
        dl.sortrows(x, 1, ["ascend", "descend"])
    with pytest.raises(FormatError, match="topkrows: X must be a matrix"):
        dl.topkrows(np.zeros((2, 2, 2)), 1)
