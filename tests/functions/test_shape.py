"""Moving data around, against the slow model."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dltk.functions._elementwise  # noqa: F401  (operators)
from dltk._errors import FormatError, OptionError
from dltk.data._categorical import categorical
from dltk.dlarray import dlarray, extractdata
from dltk.functions import _shape as dl
from tests import matlab_model as model
from tests.functions.gradients import assert_derivatives
from tests.strategies import assert_like, both, formats, labelled, quick


@quick
@given(labelled(), st.data())
def test_reshape_runs_in_column_major_order_and_drops_labels(pair, data):
    X, m = pair
    count = len(m.cells)
    first = data.draw(st.sampled_from([n for n in range(1, count + 1) if count % n == 0]))
    rest = count // first
    second = data.draw(st.sampled_from([n for n in range(1, rest + 1) if rest % n == 0]))
    sizes = data.draw(st.permutations([first, second, rest // second]))
    wanted = model.reshape(m, sizes)
    assert_like(dl.reshape(X, *sizes), wanted)
    assert_like(dl.reshape(X, sizes), wanted)
    assert_like(dl.reshape(X, np.array(sizes, float)), wanted)
    for missing in ([], None):
        assert_like(dl.reshape(X, sizes[0], missing, sizes[2]), wanted)


def test_reshape_of_plain_arrays_keeps_type_and_sizes():
    assert dl.reshape(np.arange(4, dtype=np.uint8), 2, 2).dtype == np.uint8
    assert dl.reshape([1, 2, 3, 4], 2, 2).tolist() == [[1, 3], [2, 4]]
    assert dl.reshape(np.zeros((28, 28)), 28, 28, 1, []).shape == (28, 28, 1, 1)
    labels = dl.reshape(categorical(["a", "b", "c", "d"]), 2, 2)
    assert labels.tolist() == [["a", "c"], ["b", "d"]]


@pytest.mark.parametrize("sizes", [(4, 2), (4, []), ([], []), (-2, -3), (6,), ([4, 2],)], ids=str)
def test_sizes_that_do_not_fit_are_refused(sizes):
    with pytest.raises(OptionError, match="reshape: 6 elements do not fit") as error:
        dl.reshape(dlarray(np.zeros((2, 3)), "CB"), *sizes)
    assert error.value.got == {"X": "2(C) × 3(B)"}


@quick
@given(labelled(st.one_of(st.just(""), formats(2, 4, letters="SUUU"))), st.data())
def test_permute_moves_only_u_dimensions(pair, data):
    X, m = pair
    more = 0 if m.fmt else data.draw(st.integers(0, 1))
    order = data.draw(st.permutations(range(m.rank + more)))
    numbers = [axis + 1 for axis in order]
    both(lambda: dl.permute(X, numbers), lambda: model.permute(m, order))
    if not m.fmt:
        back = dl.ipermute(dl.permute(X, numbers), numbers)
        assert_like(back, m)
        plain = dl.permute(extractdata(X), numbers)
        np.testing.assert_array_equal(
            plain.reshape(dl.permute(X, numbers).shape), model.permute(m, order).values()
        )


@pytest.mark.parametrize("order", [[1, 1], [1], [0, 1], [1, 3], [2, 1, 4]], ids=str)
def test_what_is_no_order_is_refused(order):
    with pytest.raises(OptionError, match="permute:"):
        dl.permute(np.zeros((2, 3)), order)
    with pytest.raises(OptionError, match="permute:"):
        dl.ipermute(np.zeros((2, 3)), order)


def test_permuting_labels_shows_the_way_out():
    with pytest.raises(FormatError, match='only "U" dimensions') as error:
        dl.permute(dlarray(np.zeros((2, 3)), "CB"), [2, 1])
    assert error.value.got == {"X": "2(C) × 3(B)"}
    assert "stripdims(X)" in error.value.fix
    with pytest.raises(FormatError, match="transpose: only"):
        _ = dlarray(np.zeros((2, 3)), "SU").T


def test_transposes():
    Z = np.array([[1 + 1j, 2], [3, 4 - 2j], [0, 5j]])
    for X in (dlarray(Z), dlarray(Z, "UU")):
        for Y, witness in [(X.T, Z.T), (dl.transpose(X), Z.T), (dl.ctranspose(X), Z.conj().T)]:
            assert Y.dims == X.dims
            np.testing.assert_array_equal(extractdata(Y), witness)
    np.testing.assert_array_equal(dl.ctranspose(Z), Z.conj().T)
    assert dl.transpose([1, 2]).tolist() == [[1], [2]]
    with pytest.raises(OptionError, match="more than two dimensions") as error:
        dl.transpose(np.zeros((2, 3, 4)))
    assert error.value.fix == "Use permute."


@quick
@given(labelled())
def test_squeeze_removes_singletons_with_their_labels(pair):
    X, m = pair
    assert_like(dl.squeeze(X), model.squeeze(m))
    assert_like(dlarray(dl.squeeze(extractdata(X))), model.squeeze(model.strip(m)))


@pytest.mark.parametrize(
    ("shape", "fmt", "dims_out", "size_out"),
    [  # reference/dlarray.md section 8
        ((1, 1, 3, 5), "SSCB", "CB", (3, 5)),
        ((1, 4), "CB", "CB", (1, 4)),
        ((1, 4, 1, 1), "SSCB", "SS", (1, 4)),
        ((1, 1, 5), "SSC", "CU", (5, 1)),
        ((2, 1, 3, 1), "SSCB", "SC", (2, 3)),
    ],
)
def test_the_documented_cases_of_squeeze(shape, fmt, dims_out, size_out):
    Y = dl.squeeze(dlarray(np.zeros(shape), fmt))
    assert (Y.dims, Y.shape) == (dims_out, size_out)


def test_derivatives():
    x = np.arange(12.0).reshape(2, 3, 2)
    w = np.linspace(0.5, 2, 12)
    assert_derivatives(lambda X: dl.reshape(X, 4, 3) ** 2 * w.reshape(4, 3), x, fmts=["TBC"])
    assert_derivatives(lambda X: dl.permute(X, [3, 1, 2]) ** 2 * w.reshape(2, 2, 3), x)


def test_numpys_forms():
    x = np.arange(6.0).reshape(2, 3)
    X = dlarray(x)
    np.testing.assert_array_equal(extractdata(np.reshape(X, (3, 2))), np.reshape(x, (3, 2)))
    column_major = np.reshape(X, (3, -1), order="F")
    np.testing.assert_array_equal(extractdata(column_major), np.reshape(x, (3, -1), order="F"))
    labelled_too = np.reshape(dlarray(x, "BC"), (2, 3))
    np.testing.assert_array_equal(extractdata(labelled_too), np.reshape(x.T, (2, 3)))
    np.testing.assert_array_equal(extractdata(np.transpose(X)), x.T)
    y = np.arange(24.0).reshape(2, 3, 4)
    moved = np.transpose(dlarray(y), (2, 0, 1))
    np.testing.assert_array_equal(extractdata(moved), np.transpose(y, (2, 0, 1)))
    assert np.squeeze(dlarray(np.zeros((1, 1, 3, 5)), "SSCB")).dims == "CB"


def test_no_elements():
    assert dl.reshape(np.zeros((0, 3)), 3, []).shape == (3, 0)
    assert dl.reshape([], 0, 5).shape == (0, 5)
    assert math.prod(dl.squeeze(dlarray(np.zeros((1, 0, 2)))).shape) == 0
