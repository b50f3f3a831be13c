"""Joining arrays, against the slow model; ranges."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dltk.functions._elementwise  # noqa: F401  (operators)
from dltk._errors import FormatError, OptionError
from dltk.data._categorical import categorical
from dltk.dlarray import dlarray, extractdata
from dltk.functions import _cat as dl
from tests import matlab_model as model
from tests.functions.gradients import assert_derivatives
from tests.strategies import both, labelled, numbers, quick


@quick
@given(labelled(most=3), st.data())
def test_cat_joins_equal_formats_and_unformatted_arrays(pair, data):
    X, m = pair
    axis = data.draw(st.integers(0, m.rank))
    sizes = [*m.sizes, 1][: max(m.rank, axis + 1)]
    sizes[axis] = data.draw(st.integers(1, 2))
    values = data.draw(numbers(tuple(sizes)))
    same = dlarray(values, m.fmt) if m.fmt and len(sizes) == m.rank else values
    for part, number in [(same, axis + 1), (dlarray(values), axis + 1), (values, float(axis + 1))]:
        both(
            lambda p=part, k=number: dl.cat(k, X, p),
            lambda: model.cat(axis, [m, model.make(values)]),
        )
        both(
            lambda p=part, k=number: dl.cat(k, p, X),
            lambda: model.cat(axis, [model.make(values), m]),
        )


@quick
@given(labelled(most=3), labelled(most=3), st.integers(1, 3))
def test_cat_refuses_what_matlab_refuses(a, b, dim):
    both(lambda: dl.cat(dim, a[0], b[0]), lambda: model.cat(dim - 1, [a[1], b[1]]))


def test_the_errors_show_all_arrays():
    X, Y = dlarray(np.zeros((2, 3)), "CB"), dlarray(np.zeros((2, 3)), "CT")
    with pytest.raises(FormatError, match="cat: the formats differ: CB and CT") as error:
        dl.cat(1, X, Y)
    assert error.value.got == {"array 1": "2(C) × 3(B)", "array 2": "2(C) × 3(T)"}
    with pytest.raises(OptionError, match="cat: a list of dlarrays is not an array"):
        dl.cat(1, [X, X])
    with pytest.raises(OptionError, match="cat: a dimension must be a whole number") as error:
        dl.cat(X, X)
    assert error.value.got == {"given": "2×3"}
    with pytest.raises(FormatError, match="horzcat: sizes differ in a dimension other than 2"):
        dl.horzcat(np.zeros((2, 3)), np.zeros((3, 3)))


def test_empty_arrays_are_left_out():
    X = dlarray([[1.0], [2.0]], "CB")
    Y = dl.cat(2, [], X)
    assert (Y.dims, extractdata(Y).tolist()) == ("CB", [[1], [2]])
    assert dl.vertcat([], [1, 2]).tolist() == [1, 2]
    assert dl.cat(1, dlarray([]), np.ones((2, 2))).shape == (2, 2)
    assert dl.cat(1).shape == dl.cat(1, [], []).shape == (0, 0)


@pytest.mark.parametrize(
    ("kinds", "result"),
    [
        ((np.float32, np.float64), np.float32),
        ((bool, np.float64), np.float64),
        ((bool, bool), bool),
    ],
)
def test_number_types(kinds, result):
    arrays = [dlarray(np.ones(2, kind)) for kind in kinds]
    assert dl.horzcat(*arrays).dtype == result


def test_programs_join_unformatted_arrays_along_dimension_5():
    X = dlarray(np.zeros((2, 3)))
    assert dl.cat(5, X, X).shape == (2, 3, 1, 1, 2)


def test_plain_arrays_of_any_type():
    images = [np.zeros((4, 4), np.uint8)] * 3
    stacked = dl.cat(4, *images)
    assert (stacked.shape, stacked.dtype) == ((4, 4, 1, 3), np.uint8)
    assert dl.horzcat(1, 2, [3, 4]).tolist() == [1, 2, 3, 4]
    assert dl.vertcat(1, 2).tolist() == [[1], [2]]
    assert dl.horzcat(["a"], ["b"]).tolist() == ["a", "b"]
    assert dl.horzcat(categorical(["a"]), categorical(["b"])).tolist() == ["a", "b"]


def test_derivatives():
    a, b = np.array([[1.0, 2.0]]), np.array([[3.0, 4.0], [5.0, 6.0]])
    assert_derivatives(lambda A, B: dl.cat(2, A, B) ** 2, a, b, fmts=["BC", "BC"])


def test_numpys_form():
    a, b = np.ones((1, 2)), np.zeros((3, 2))
    joined = np.concatenate([a, dlarray(b, "CB")])
    assert (joined.dims, joined.shape) == ("CB", (4, 2))
    assert np.concatenate((dlarray(b), b), axis=-1).shape == (3, 4)


@pytest.mark.parametrize(
    ("arguments", "values"),
    [
        ((1, 4), [1, 2, 3, 4]),
        ((1, 0), []),
        ((5, -2, 0), [5, 3, 1]),
        ((0, 0.1, 0.3), [0, 0.1, 0.2, 0.3]),
        ((1, 0, 5), []),
        ((2.5, 5), [2.5, 3.5, 4.5]),
    ],
)
def test_colon_reaches_its_end(arguments, values):
    assert dl.colon(*arguments) == pytest.approx(values, abs=1e-15)
    X = dl.colon(dlarray(arguments[0]), *arguments[1:])
    assert X.shape == (1, len(values))


def test_colon_never_passes_its_end():
    for n in range(1, 40):
        assert dl.colon(0, 1 / n, 1)[-1] <= 1
        assert len(dl.colon(0, 1 / n, 1)) == n + 1


def test_colon_takes_scalars_without_labels():
    assert dl.colon(dlarray(np.float32(1)), 3).dtype == np.float32
    with pytest.raises(OptionError, match="scalars without labels") as error:
        dl.colon(dlarray([[1.0]], "CB"), 3)
    assert error.value.got == {"given": "1(C) × 1(B)"}
    with pytest.raises(OptionError, match="scalars without labels"):
        dl.colon([1, 2], 3)
