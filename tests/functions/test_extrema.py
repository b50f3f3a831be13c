"""max, min and bounds against loops: NaN left out, first of equals, positions from 1."""

import math

import jax
import numpy as np
import pytest
from hypothesis import given

import dltk.functions._elementwise  # noqa: F401  (operators)
from dltk._errors import FormatError, OptionError, UnsupportedError
from dltk.dlarray import dlarray, extractdata
from dltk.functions import _extrema as dl
from tests import matlab_model as model
from tests.functions.gradients import assert_derivatives, gradient
from tests.functions.test_reduction import reductions
from tests.strategies import assert_like, both, few, labelled

NAN = math.nan
BOTH = {"max": (dl.max, max), "min": (dl.min, min)}


def with_nan(m):
    """The same model with NaN for 3, in both forms."""
    cells = {index: NAN if value == 3 else value for index, value in m.cells.items()}
    return model.Model(m.sizes, m.fmt, cells)


def best(choose):
    def function(values):
        numbers = [v for v in values if v == v]
        return choose(numbers) if numbers else NAN

    return function


def place(choose):
    def function(values):
        wanted = best(choose)(values)
        return next((i for i, v in enumerate(values) if v == wanted), 0) + 1.0

    return function


@pytest.mark.parametrize(("function", "choose"), BOTH.values(), ids=BOTH)
@few
@given(reductions())
def test_values_and_positions(function, choose, case):
    X, m, dim, axes = case
    m = with_nan(m)
    X = dlarray(m.values(), m.fmt) if m.fmt else dlarray(m.values())
    value, index = function(X, None, *dim, nargout=2)
    assert_like(value, model.reduce(best(choose), m, axes))
    assert_like(function(X, [], *dim), model.reduce(best(choose), m, axes))
    if dim and (isinstance(dim[0], str) or (np.ndim(dim[0]) == 1 and len(axes) > 1)):
        flat = extractdata(X).ravel(order="F")
        picked = flat[extractdata(index).astype(int) - 1]
        np.testing.assert_array_equal(picked, extractdata(value))
        if len(axes) == m.rank:
            assert index.item() == place(choose)(m.list())
    else:
        assert_like(index, model.reduce(place(choose), m, axes))


@pytest.mark.parametrize(("function", "choose"), BOTH.values(), ids=BOTH)
@few
@given(labelled(most=3), labelled(most=3))
def test_of_two_arrays(function, choose, a, b):
    both(lambda: function(a[0], b[0]), lambda: model.elementwise(lambda *v: choose(v), a[1], b[1]))


def test_nan_counts_only_without_a_number():
    assert dl.max([NAN, 1.0], [NAN, NAN]).tolist()[1] == 1
    assert np.isnan(dl.max(NAN, NAN))
    assert dl.min([1.0, NAN, 3.0], 2).tolist() == [1, 2, 2]


def test_infinities_are_numbers():
    value, index = dl.max([NAN, -np.inf], nargout=2)
    assert (value, index) == (-np.inf, 2)


def test_the_first_of_equals_in_matlabs_order_gets_the_derivative():
    x = np.array([[1.0, 5.0], [5.0, 5.0]])
    assert gradient(lambda X: dl.max(X, [], "all"), x).tolist() == [[0, 0], [1, 0]]
    assert gradient(lambda X: dl.max(X, [], "all"), x, "BC").tolist() == [[0, 1], [0, 0]]
    assert gradient(lambda X: dl.max(X, [5.0, 7.0]), np.array([5.0, 5.0])).tolist() == [1, 0]


@pytest.mark.parametrize("function", [dl.max, dl.min])
def test_derivatives(function):
    x = np.array([[0.7, -1.2, 0.4], [2.1, 0.3, -0.8]])
    assert_derivatives(function, x, fmts=["BC"])
    assert_derivatives(lambda X: function(X, [], [1, 2]) ** 2, x)
    assert_derivatives(lambda X: function(X, 0.35), x)


def test_positions_have_no_trace_and_are_double():
    with jax.enable_x64(True):
        _, back = jax.vjp(lambda x: dl.max(dlarray(x), nargout=2)[1]._data, np.array([1.0, 3.0]))
        assert back(np.array([[1.0]]))[0].tolist() == [0, 0]
    _, index = dl.max(dlarray(np.ones((2, 2), np.float32), "CB"), nargout=2)
    assert (index.dtype, index.dims) == (np.float64, "CB")


@pytest.mark.parametrize("function", [dl.max, dl.min])
def test_empty_arrays_as_in_matlab(function):
    assert function(dlarray([])).shape == (0, 0)
    assert function(np.zeros((0, 3))).shape == (0, 3)
    assert function(np.zeros((3, 0)), [], 1).shape == (1, 0)


WITH_NAN = np.array([[3.0, NAN, 3.0], [1.0, 2.0, 7.0]])


@pytest.mark.parametrize("word", ["includenan", "includemissing"])
def test_nan_wins_if_it_is_included(word):
    for fmt in ("", "BC"):
        X = dlarray(WITH_NAN, fmt)
        value, index = dl.max(X, [], word, 1 if not fmt else 2, nargout=2)
        np.testing.assert_array_equal(extractdata(value).ravel(), [3, NAN, 7])
        assert extractdata(index).ravel().tolist() == [1, 1, 2]
    assert np.isnan(dl.max([1.0, NAN], [NAN, 1.0], word)).all()
    assert dl.max(WITH_NAN, [], "all", word, nargout=2)[1] == 3
    slope = gradient(lambda X: dl.min(X, [], 1, word), WITH_NAN)
    assert slope.tolist() == [[0, 1, 1], [1, 0, 0]]


def test_leaving_nan_out_is_the_default():
    for word in ("omitnan", "omitmissing"):
        assert dl.max(WITH_NAN, [], 1, word).tolist() == dl.max(WITH_NAN).tolist() == [[3, 2, 7]]
        assert dl.max([1.0, NAN], [NAN, 1.0], word).tolist() == [1, 1]


def test_linear_positions():
    x = np.array([[1.0, 9.0, 4.0], [8.0, 2.0, 6.0]])
    for function in (dl.max, dl.min):
        value, index = function(x, [], 2, "linear", nargout=2)
        assert x.ravel(order="F")[index.astype(int) - 1].tolist() == value.tolist()
    assert dl.max(x, [], "linear", nargout=2)[1].tolist() == [[2, 3, 6]]


def test_a_dimension_in_the_place_of_the_second_array_is_explained():
    with pytest.raises(OptionError, match="of two arrays there is one result") as error:
        dl.max(dlarray([1.0, 2.0]), "all")
    assert 'max(X, [], "all")' in error.value.fix
    with pytest.raises(OptionError, match="max: of two arrays"):
        dl.max(dlarray([1.0, 2.0]), 1.0, 2)


def test_errors_name_the_function():
    with pytest.raises(UnsupportedError, match="min: complex numbers have no order"):
        dl.min(dlarray([1j, 2.0]))
    with pytest.raises(UnsupportedError, match="max: complex numbers have no order"):
        dl.max(dlarray([1j, 2.0]), 0.0)
    with pytest.raises(FormatError, match="max: sizes 2 and 3"):
        dl.max(dlarray([1.0, 2.0]), [1.0, 2.0, 3.0])
    with pytest.raises(OptionError, match='max: "omitnans" is not an option') as error:
        dl.max(dlarray([1.0]), [], 1, "omitnans")
    assert 'Did you mean "omitnan"?' in error.value.fix
    with pytest.raises(OptionError, match="max: there is more than one dimension argument"):
        dl.max(dlarray([1.0]), [], 1, 2)
    with pytest.raises(OptionError, match="max: nargout must be 1 or 2"):
        dl.max(dlarray([1.0]), nargout=3)


def test_numpys_forms():
    x = np.array([[1.0, 4.0], [3.0, 2.0]])
    X = dlarray(x, "CB")
    assert extractdata(np.max(X, axis=0)).tolist() == [[3, 4]]
    assert X.min().item() == 1
    assert extractdata(np.maximum(X, 2.5)).tolist() == np.maximum(x, 2.5).tolist()
    assert extractdata(np.minimum(2.5, X)).tolist() == np.minimum(x, 2.5).tolist()


def test_compiled_and_not_agree():
    x = np.array([[1.0, 4.0, 4.0], [3.0, 2.0, 9.0]], np.float32)
    for dim, places in [(1, [2, 1, 2]), (2, [2, 3]), ("all", [6])]:
        compiled = jax.jit(lambda x, dim=dim: dl.max(dlarray(x), [], dim, nargout=2)[1]._data)
        assert np.ravel(compiled(x)).tolist() == places
        assert np.ravel(dl.max(x, [], dim, nargout=2)[1]).tolist() == places
