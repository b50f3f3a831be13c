"""accumarray against loops over the elements."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dltk
import dltk.functions._reduction as reduction
from dltk._errors import FormatError, OptionError, UnsupportedError
from dltk.dlarray import dlarray, extractdata
from dltk.functions._accumulate import accumarray
from tests.functions.compiling import assert_compiles
from tests.functions.gradients import assert_derivatives, gradient
from tests.strategies import few

FUNCTIONS = {"sum": np.sum, "prod": np.prod, "max": np.max, "min": np.min, "mean": np.mean}
IND = [1, 3, 1, 3, 3]
DATA = [2.0, -1.0, 3.0, 4.0, 0.5]


def slow(ind, data, shape, function, fill=0.0):
    groups = {}
    for place, value in zip(ind, data, strict=True):
        groups.setdefault(tuple(n - 1 for n in place), []).append(value)
    out = np.full(shape, fill)
    for place, values in groups.items():
        out[place] = function(values)
    return out


@few
@given(st.data())
def test_elements_with_equal_subscripts_are_combined(data):
    rank = data.draw(st.integers(2, 3))
    shape = [data.draw(st.integers(1, 3)) for _ in range(rank)]
    count = data.draw(st.integers(1, 12))
    ind = [[data.draw(st.integers(1, n)) for n in shape] for _ in range(count)]
    values = [float(data.draw(st.integers(-4, 4))) for _ in range(count)]
    name = data.draw(st.sampled_from(sorted(FUNCTIONS)))
    witness = slow(ind, values, shape, FUNCTIONS[name], 5.0)
    column = values if count > 1 and data.draw(st.booleans()) else np.array(values)[:, None]
    Y = accumarray(np.array(ind), dlarray(column), shape, name, 5.0)
    np.testing.assert_allclose(extractdata(Y), witness.reshape(Y.shape), rtol=1e-14)


def test_one_column_of_subscripts_gives_a_column():
    wanted = [[5], [0], [3.5]]
    column = np.array(IND)[:, None]
    for ind in (IND, column, dlarray(IND), dlarray(column)):
        np.testing.assert_array_equal(extractdata(accumarray(ind, DATA)), wanted)
    assert isinstance(accumarray(IND, DATA), np.ndarray)
    assert accumarray(IND, 1.0).ravel().tolist() == [2, 0, 3]
    assert accumarray(IND, DATA, [1, 4]).tolist() == [[5, 0, 3.5, 0]]
    assert accumarray(IND, dlarray(DATA), [4, 1]).shape == (4, 1)
    assert accumarray(np.array([[2, 3]]), 7.0).tolist() == [[0, 0, 0], [0, 0, 7]]
    assert accumarray(np.zeros((0, 1)), np.zeros((0, 1)), [2, 1]).tolist() == [[0], [0]]


@pytest.mark.parametrize(
    "fun", [dltk.max, max, np.max, "max"], ids=["dltk", "Python", "NumPy", "word"]
)
def test_the_function_by_any_of_its_names(fun):
    assert accumarray(IND, DATA, [3, 1], fun).ravel().tolist() == [3, 0, 4]
    assert accumarray(IND, DATA, [], reduction.mean, np.nan)[2, 0] == pytest.approx(3.5 / 3)


def test_nan_and_types():
    assert np.isnan(accumarray(IND, [1, np.nan, 1, 1, 1])[2, 0])
    assert accumarray(IND, [np.nan, 2, np.nan, np.nan, 1], [], "max").ravel()[2] == 2
    assert np.isnan(accumarray(IND, [np.nan, 2, np.nan, 1, 1], [], "max")[0, 0])
    assert accumarray(IND, dlarray(np.float32(DATA))).dtype == np.float32
    assert accumarray(IND, np.array(DATA) * 1j, [], "prod")[0, 0] == -6
    with pytest.raises(UnsupportedError, match="accumarray: complex numbers have no order"):
        accumarray(IND, np.array(DATA) * 1j, [], "max")


@pytest.mark.parametrize("name", FUNCTIONS)
def test_derivatives(name):
    weights = np.array([[1.0], [0.0], [2.0]])
    assert_derivatives(lambda V: accumarray(IND, V, [3, 1], name) ** 2 * weights, DATA, order=2)


def test_of_equal_elements_the_first_gets_the_derivative():
    g = gradient(lambda V: accumarray([1, 1, 1], V, [1, 1], "max"), [1.0, 2.0, 2.0])
    assert g.ravel().tolist() == [0, 1, 0]
    g = gradient(lambda V: accumarray([1, 1, 2], V, [2, 1], "prod"), [0.0, 2.0, 0.0])
    assert g.ravel().tolist() == [2, 0, 1]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_compiled_and_eager_are_equal(name):
    ind = np.array(IND)
    assert_compiles(lambda V: accumarray(ind, V, [3, 1], name), DATA)


def test_what_does_not_fit_is_refused():
    with pytest.raises(OptionError, match="accumarray: subscripts must be whole numbers from 1"):
        accumarray([0, 1], [1.0, 2.0])
    with pytest.raises(OptionError, match="accumarray: a subscript is larger than the") as error:
        accumarray(IND, DATA, [2, 1])
    assert error.value.got["largest"] == (3,)
    with pytest.raises(FormatError, match="accumarray: data needs an element for each row"):
        accumarray(IND, [1.0, 2.0])
    with pytest.raises(FormatError, match="accumarray: 2 sizes for 3 subscripts of each element"):
        accumarray(np.array([[1, 1, 2]]), 1.0, [2, 2])
    with pytest.raises(FormatError, match="accumarray: data must be an array without labels"):
        accumarray(IND, dlarray(DATA, "T"))
    with pytest.raises(UnsupportedError, match="accumarray: this function is not") as error:
        accumarray(IND, DATA, [], lambda v: v[0])
    assert "sum, prod, max, min, mean" in error.value.fix
