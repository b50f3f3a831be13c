"""Construction, labels, operators, subscripts, display, against a slow model of MATLAB's rules."""

import copy
import pickle

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import dltk.functions._cat
import dltk.functions._elementwise
import dltk.functions._linear
import dltk.functions._reduction
import dltk.functions._shape  # noqa: F401
from dltk._errors import FormatError, OptionError, UnsupportedError
from dltk.dlarray import dlarray, extractdata, finddim, isdlarray, stripdims

from . import matlab_model as model
from .strategies import (
    assert_like,
    both,
    formats,
    labelled,
    numbers,
    quick,
    shapes,
    subscript,
    thorough,
)


def matlab_rand(*shape):
    return np.random.RandomState(5489).random_sample(int(np.prod(shape))).reshape(shape, order="F")


# Construction


@thorough
@given(st.one_of(st.just(""), formats(1, 5)), shapes(), st.data())
def test_construction_sorts_permutes_and_trims_as_matlab(fmt, shape, data):
    values = data.draw(numbers(shape))
    both(lambda: dlarray(values, fmt), lambda: model.make(values, fmt))


@quick
@given(labelled(), formats(1, 5))
def test_new_labels_are_read_against_the_dimensions_as_they_stand(pair, fmt):
    X, m = pair
    both(lambda: dlarray(X, fmt), lambda: model.label(m, fmt))


@quick
@given(labelled())
def test_stripdims_keeps_values_and_order(pair):
    X, m = pair
    assert_like(stripdims(X), model.strip(m))
    assert_like(dlarray(X), m)


@quick
@given(labelled(formats(2, 4)), st.data())
def test_stripdims_with_a_format_gives_its_order(pair, data):
    X, _ = pair
    wanted = "".join(data.draw(st.permutations(X.dims)))
    Y = stripdims(X, wanted)
    # MATLAB: relabelling the result restores the array, as labels sort stably ...
    relabelled = dlarray(Y, wanted)
    assert (relabelled.dims, relabelled.shape) == (X.dims, X.shape)
    np.testing.assert_array_equal(extractdata(relabelled), extractdata(X))
    # ... and each size stands where its label stands
    sizes = iter([])
    by_label = {letter: iter([X.shape[k - 1] for k in finddim(X, letter)]) for letter in "SCBTU"}
    sizes = [next(by_label[letter]) for letter in wanted]
    assert np.squeeze(np.empty(sizes)).shape == np.squeeze(extractdata(Y)).shape


def test_the_documented_formats_and_sizes():
    # reference/dlarray.md section 1.3; published numbers 28 to 30
    table = [
        ((3, 4), "TS", "ST", (4, 3)),
        ((5, 4, 3, 2), "TSSU", "SSTU", (4, 3, 5, 2)),
        ((3, 10), "CB", "CB", (3, 10)),
        ((3, 10), "BC", "CB", (10, 3)),
        ((3, 3, 10, 7), "SSBC", "SSCB", (3, 3, 7, 10)),
        ((5, 1), "CU", "CU", (5, 1)),
        ((4, 3, 1), "CBU", "CB", (4, 3)),
        ((28, 28, 3), "SSCB", "SSCB", (28, 28, 3, 1)),
    ]
    for shape, fmt, dims_out, size_out in table:
        X = dlarray(np.zeros(shape), fmt)
        assert (X.dims, X.shape) == (dims_out, size_out)


def test_finddim_gives_the_published_numbers():
    X = dlarray(np.zeros((5, 4, 3, 2)), "TSSU")
    assert finddim(X, "T").tolist() == [3]
    assert finddim(X, "S").tolist() == [1, 2]
    assert finddim(X, "B").shape == (0,)
    assert [X.shape[k - 1] for k in finddim(X, "S")] == [4, 3]
    assert finddim(dlarray(1.0), "S").size == 0


@pytest.mark.parametrize("vector", [np.ones(3), np.ones((1, 3)), np.ones((3, 1))], ids=np.shape)
def test_a_vector_with_one_label_is_a_column(vector):
    X = dlarray(vector, "T")
    assert (X.dims, X.shape) == ("TU", (3, 1))


def test_too_few_labels_are_refused_with_both_counts():
    with pytest.raises(FormatError, match="2 labels for 3 dimensions") as error:
        dlarray(np.zeros((2, 3, 4)), "CB")
    assert error.value.got == {"X": "2×3×4", "format": '"CB"'}


@pytest.mark.parametrize(
    "data", [np.zeros(3, np.uint8), np.zeros(3, np.int32), np.zeros(3, np.float16)], ids=str
)
def test_other_number_types_are_refused(data):
    with pytest.raises(OptionError, match=f"{data.dtype} data is not accepted"):
        dlarray(data)


@pytest.mark.parametrize(
    "data", ["text", None, {"a": 1}, [object()]], ids=["text", "None", "dict", "object"]
)
def test_what_is_no_number_is_refused(data):
    with pytest.raises(OptionError, match="expected numbers"):
        dlarray(data)


def test_rows_of_different_lengths_are_refused():
    with pytest.raises(OptionError, match="dlarray: the rows of a nested list have different"):
        dlarray([[1], [1, 2]])


def test_construction_keeps_the_number_type():
    for value in (np.float32(1), np.float64(1), np.bool_(True), np.complex64(1)):
        assert dlarray(value).dtype == value.dtype
    assert dlarray(3).dtype == dlarray([1, 2]).dtype == np.float64


def test_an_empty_list_is_zero_by_zero():
    assert dlarray([]).shape == (0, 0)


def test_a_dlarray_is_copied_with_its_labels():
    X = dlarray([[1.0, 2.0]], "CB")
    Y = dlarray(X)
    Y[0, 0] = 5
    assert (X[0, 0].item(), Y.dims) == (1.0, "CB")
    assert isdlarray(Y)
    assert not isdlarray(extractdata(Y))


def test_formatted_data_lies_in_stored_order():
    # docs/design: SSCB lies as batch, height, width, channel; CBT as time, batch, channel
    assert dlarray(np.zeros((2, 3, 4, 5)), "SSCB")._data.shape == (5, 2, 3, 4)
    assert dlarray(np.zeros((2, 3, 4)), "CBT")._data.shape == (4, 3, 2)


# Operators


OPERATORS = {
    "+": lambda a, b: a + b,
    "-": lambda a, b: a - b,
    "*": lambda a, b: a * b,
    "<": lambda a, b: a < b,
    "==": lambda a, b: a == b,
}


@pytest.mark.parametrize("operator", OPERATORS.values(), ids=OPERATORS)
@quick
@given(labelled(), labelled())
def test_two_arrays_line_up_as_in_matlab(operator, a, b):
    both(
        lambda: operator(a[0], b[0]),
        lambda: model.elementwise(operator, a[1], b[1]),
    )


@thorough
@given(labelled(formats(2, 3, letters="SSCB")), labelled(formats(2, 3, letters="SSBT")))
def test_formatted_arrays_line_up_by_label(a, b):
    both(lambda: a[0] - b[0], lambda: model.elementwise(lambda x, y: x - y, a[1], b[1]))


@quick
@given(labelled(), shapes(0, 4), st.data())
def test_a_plain_array_lines_up_by_position(pair, shape, data):
    X, m = pair
    values = data.draw(numbers(shape))
    plain = model.make(values)
    both(lambda: X - values, lambda: model.elementwise(lambda x, y: x - y, m, plain))
    both(lambda: values - X, lambda: model.elementwise(lambda x, y: x - y, plain, m))


@pytest.mark.parametrize(
    ("a", "b", "dims_out", "size_out"),
    [  # reference/dlarray.md section 4.1
        (((2, 3, 2), "SCB"), ((3,), "C"), "SCB", (2, 3, 2)),
        (((4, 5), "CB"), ((4, 7), "CT"), "CBT", (4, 5, 7)),
        (((4, 5), "CB"), ((5,), "B"), "CB", (4, 5)),
        (((4, 5), "CB"), ((1, 1), "SC"), "SCB", (1, 4, 5)),
    ],
)
def test_the_documented_combinations(a, b, dims_out, size_out):
    total = dlarray(np.ones(a[0]), a[1]) + dlarray(np.ones(b[0]), b[1])
    assert (total.dims, total.shape) == (dims_out, size_out)


def test_sizes_of_one_label_that_differ_are_refused_and_shown():
    with pytest.raises(FormatError, match='sizes 3 and 6 of the "S" dimension') as error:
        dlarray(np.ones((3, 2)), "SC") + dlarray(np.ones((6, 2)), "SC")
    assert error.value.got == {"operand 1": "3(S) × 2(C)", "operand 2": "6(S) × 2(C)"}


DOUBLE, SINGLE, LOGICAL = np.float64, np.float32, np.bool_


@pytest.mark.parametrize(
    ("left", "right", "result"),
    [
        (DOUBLE, DOUBLE, DOUBLE),
        (SINGLE, DOUBLE, SINGLE),
        (DOUBLE, SINGLE, SINGLE),
        (LOGICAL, DOUBLE, DOUBLE),
        (LOGICAL, SINGLE, SINGLE),
        (LOGICAL, LOGICAL, DOUBLE),
    ],
)
def test_number_types_mix_as_in_matlab(left, right, result):
    a, b = np.ones((2, 2), left), np.ones((2, 2), right)
    for total in (dlarray(a) + dlarray(b), dlarray(a) + b, a + dlarray(b)):
        assert isdlarray(total)
        assert total.dtype == result


def test_double_precision_survives():
    third = dlarray(1.0) / 3
    assert third.item() == 1 / 3


@pytest.mark.parametrize("other", ["a", None, {}])
def test_an_operator_with_something_else_is_a_type_error(other):
    with pytest.raises(TypeError, match="unsupported operand"):
        dlarray(1.0) + other


def test_operators_in_place_make_a_new_array():
    X = dlarray([1.0, 2.0])
    Y = X
    Y += 1
    assert extractdata(X).tolist() == [[1.0, 2.0]]
    assert extractdata(Y).tolist() == [[2.0, 3.0]]


# Subscripts


@st.composite
def subscripted(draw, grow=0, linear=False):
    """A dlarray, its model, and subscripts for some or all dimensions (and perhaps one more)."""
    X, m = draw(labelled())
    count = 1 if linear else draw(st.integers(2, m.rank + 1))
    padded = m.sizes + [1] * (count - m.rank)
    sizes = [*padded[: count - 1], int(np.prod(padded[count - 1 :]))]
    pairs = [draw(subscript(n, grow if count >= m.rank else 0)) for n in sizes]
    return X, m, tuple(key for key, _ in pairs), [places for _, places in pairs]


@thorough
@given(subscripted())
def test_reading_with_subscripts(case):
    X, m, key, places = case
    both(lambda: X[key], lambda: model.select(m, places))


@st.composite
def linear_keys(draw, X):
    """One subscript, the positions it selects, and its shape in MATLAB (None for a colon)."""
    kind = draw(st.sampled_from(["colon", "slice", "number", "list", "matrix", "mask"]))
    n = X.size
    if kind == "colon":
        return slice(None), list(range(n)), None
    if kind == "slice":
        start = draw(st.integers(0, n - 1))
        stop = draw(st.integers(start, n))
        return slice(start, stop, 1), list(range(start, stop)), [1, stop - start]
    if kind == "number":
        place = draw(st.integers(0, n - 1))
        return place, [place], [1, 1]
    if kind == "mask":
        mask = np.array(draw(st.lists(st.booleans(), min_size=n, max_size=n)))
        mask = mask.reshape(X.shape, order="F")
        places = [i for i, hit in enumerate(mask.ravel(order="F")) if hit]
        row = all(k == 1 for k in (mask.shape[0], *mask.shape[2:]))
        return mask, places, [1, len(places)] if row else [len(places), 1]
    places = draw(st.lists(st.integers(0, n - 1), min_size=1, max_size=4))
    if kind == "list":
        return places, places, [1, len(places)]
    rows = [places, places[::-1]]
    return np.array(rows), [p for pair in zip(*rows, strict=True) for p in pair], [2, len(places)]


@thorough
@given(labelled(), st.data())
def test_reading_with_one_subscript_runs_in_column_major_order(pair, data):
    X, m = pair
    key, places, shape = data.draw(linear_keys(X))
    both(lambda: X[key], lambda: model.select_linear(m, places, shape))


@quick
@given(labelled())
def test_reading_and_writing_through_a_dlarray_mask(pair):
    X, m = pair
    mask = X > 0
    places = [i for i, v in enumerate(m.list()) if v > 0]
    sizes = model.strip(m).sizes
    row = len(sizes) == 2 and sizes[0] == 1
    shape = [1, len(places)] if row else [len(places), 1]
    both(lambda: X[mask], lambda: model.select_linear(m, places, shape))
    X[mask] = -1
    assert_like(X, model.assign_linear(m, places, model.make(-1.0)))


@quick
@given(subscripted(grow=2), st.data())
def test_writing_with_subscripts_grows_with_zeros(case, data):
    X, m, key, places = case
    assume(len(key) >= m.rank)
    padded = m.sizes + [1] * (len(key) - m.rank)
    counts = [n if p == ":" else len(p) for p, n in zip(places, padded, strict=True)]
    assume(all(p == ":" or len(set(p)) == len(p) for p in places))
    shape = data.draw(st.sampled_from([(), tuple(counts), (2, 2)]))
    values = data.draw(numbers(shape))

    def write():
        Y = dlarray(X)
        Y[key] = values
        return Y

    both(write, lambda: model.assign(m, places, model.make(values)))


@quick
@given(labelled(), st.data())
def test_writing_with_one_subscript(pair, data):
    X, m = pair
    n = X.size
    places = data.draw(st.lists(st.integers(0, n + 1), min_size=1, max_size=4, unique=True))
    values = data.draw(numbers(data.draw(st.sampled_from([(), (len(places),), (len(places), 1)]))))

    def write():
        Y = dlarray(X)
        Y[places] = values
        return Y

    both(write, lambda: model.assign_linear(m, places, model.make(values)))


@quick
@given(labelled(), labelled())
def test_labels_of_the_right_hand_side_do_not_count(pair, other):
    X, m = pair
    right, r = other
    whole = (slice(None),) * X.ndim

    def write():
        Y = dlarray(X)
        Y[whole] = right
        return Y

    both(write, lambda: model.assign(m, [":"] * m.rank, model.strip(r)))


@quick
@given(subscripted(), st.booleans())
def test_deleting(case, by_del):
    X, m, key, places = case

    def remove():
        Y = dlarray(X)
        if by_del:
            del Y[key]
        else:
            Y[key] = []
        return Y

    both(remove, lambda: model.delete(m, places))


@quick
@given(labelled(), st.data())
def test_deleting_with_one_subscript(pair, data):
    X, m = pair
    places = data.draw(st.lists(st.integers(0, X.size - 1), max_size=3, min_size=1))
    Y = dlarray(X)
    del Y[places]
    assert_like(Y, model.delete_linear(m, places))


def test_assigning_beyond_the_last_dimension_adds_u():
    X = dlarray(np.ones((2, 2)), "SC")
    X[:, :, 1] = 2
    assert (X.dims, X.shape) == ("SCU", (2, 2, 2))


def test_a_colon_takes_any_array_with_as_many_elements():
    X = dlarray(np.zeros((2, 3)), "CB")
    X[:] = np.arange(6.0).reshape(3, 2)
    assert extractdata(X).ravel(order="F").tolist() == [0, 2, 4, 1, 3, 5]


def test_assignment_keeps_the_number_type():
    X = dlarray(np.zeros(3, np.float32))
    X[0] = 1 / 3
    assert X.dtype == np.float32


def test_an_empty_array_grows_as_a_row():
    X = dlarray([])
    X[2] = 5
    assert extractdata(X).tolist() == [[0, 0, 5]]


def test_a_subscript_outside_says_where_and_how_large():
    with pytest.raises(IndexError, match=r"subscript 4 in position 2 is outside .* size 4"):
        dlarray(np.ones((3, 4)), "CB")[0, 4]
    with pytest.raises(IndexError, match="outside a dimension of size 12"):
        dlarray(np.ones((3, 4)), "CB")[12]


@pytest.mark.parametrize("key", [1.5, "a", (None, 0)], ids=repr)
def test_what_is_no_subscript_is_refused(key):
    with pytest.raises((IndexError, OptionError), match="subscript"):
        dlarray(np.ones((3, 4)))[key]


def test_a_right_hand_side_that_does_not_fit_is_shown():
    X = dlarray(np.ones((3, 4)), "CB")
    with pytest.raises(FormatError, match="right-hand side does not fit") as error:
        X[:, 0:2] = np.ones((2, 3))
    assert error.value.got == {"left": "3×2", "right": "2×3"}


def test_only_whole_slices_can_be_deleted():
    X = dlarray(np.ones((3, 4)), "CB")
    with pytest.raises(OptionError, match="only whole rows, columns or pages"):
        del X[0, 1]


def test_subscripts_are_differentiable():
    def f(x, r):
        X = dlarray(x, "CB")
        X[0, :] = dlarray(r)
        return extractdata((X[[0, 0, 2], 1:] * 2)[:])[:, 0].sum()

    x, r = jnp.ones((3, 3)), jnp.ones((1, 3))
    with jax.enable_x64(True):
        gx, gr = jax.grad(f, (0, 1))(x, r)
    assert gx.tolist() == [[0, 0, 0], [0, 0, 0], [0, 2, 2]]
    assert gr.tolist() == [[0, 4, 4]]


# Values for Python


def test_scalars_become_python_numbers():
    X = dlarray(np.float32(2.5))
    assert (float(X), X.item(), int(X), complex(X)) == (2.5, 2.5, 2, 2.5 + 0j)
    assert f"{X:.3f}" == "2.500"
    assert bool(dlarray(1.0) < 2)
    assert [10, 20, 30][dlarray(1.0)] == 20


def test_an_array_is_no_scalar():
    with pytest.raises(OptionError, match="bool: a dlarray with 2 elements"):
        bool(dlarray([1.0, 2.0]))
    with pytest.raises(IndexError, match=r"whole number, not 0\.5"):
        [1][dlarray(0.5)]


def test_only_vectors_unpack():
    a, b = dlarray([1.0, 2.0], "C")
    assert (a.item(), b.item()) == (1.0, 2.0)
    with pytest.raises(OptionError, match="only a vector"):
        list(dlarray(np.ones((2, 2))))


def test_numpy_reads_an_untraced_array():
    X = dlarray([[1.0, 2.0, 3.0]], "BC")
    assert np.asarray(X).tolist() == [[1.0], [2.0], [3.0]]


def test_a_numpy_function_without_counterpart_is_refused_by_name():
    with pytest.raises(UnsupportedError, match=r"numpy\.linalg\.|numpy\.svd|numpy\.cross"):
        np.cross(dlarray([1.0, 0, 0]), dlarray([0, 1.0, 0]))
    with pytest.raises(UnsupportedError, match=r"numpy\.add\.reduce"):
        np.add.reduce(dlarray([1.0, 2.0]))


def test_a_dlarray_is_a_pytree_whose_format_is_static():
    X = dlarray(np.ones((2, 3)), "CB")
    leaves, tree = jax.tree.flatten(X)
    assert [leaf.shape for leaf in leaves] == [(3, 2)]
    assert jax.tree.unflatten(tree, leaves).dims == "CB"
    assert jax.jit(lambda X: X)(X).dims == "CB"


def test_copies_and_pickles_keep_everything():
    X = dlarray([[1.0, 2.0]], "CB")
    for Y in (copy.copy(X), copy.deepcopy(X), pickle.loads(pickle.dumps(X))):
        assert (Y.dims, extractdata(Y).tolist()) == ("CB", [[1.0, 2.0]])


# Display


def shown(X):
    return repr(X).splitlines()


@pytest.mark.parametrize(
    ("X", "header"),
    [  # reference/dlarray.md section 12
        (dlarray(np.zeros((3, 5))), "  3×5 dlarray"),
        (dlarray(1.0), "  1×1 dlarray"),
        (dlarray(np.zeros((3, 2, 1, 2)), "SSTU"), "  3(S) × 2(S) × 1(T) × 2(U) dlarray"),
        (dlarray(np.zeros((4, 3), bool), "SS"), "  4(S) × 3(S) logical dlarray"),
        (dlarray(np.zeros((10, 1), np.float32), "CB"), "  10(C) × 1(B) single dlarray"),
        (dlarray(np.zeros((3, 2, 1, 2))), "  3×2×1×2 dlarray"),
    ],
    ids=lambda x: x if isinstance(x, str) else "",
)
def test_headers(X, header):
    assert shown(X)[:2] == [header, ""]


def test_logical_values_print_as_on_the_reference_page():  # published number 26
    assert shown(dlarray(matlab_rand(4, 3) > 0.5, "SS")) == [
        "  4(S) × 3(S) logical dlarray",
        "",
        "   1   1   1",
        "   1   0   1",
        "   0   0   0",
        "   1   1   1",
    ]


def test_pages_print_as_on_the_reference_page():  # published number 27
    values = [0.5377, 1.8339, -2.2588, 0.8622, 0.3188, -1.3077]
    values += [-0.4336, 0.3426, 3.5784, 2.7694, -1.3499, 3.0349]
    X = dlarray(np.array(values).reshape((3, 2, 1, 2), order="F"), "SSTU")
    assert shown(X) == [
        "  3(S) × 2(S) × 1(T) × 2(U) dlarray",
        "",
        "",
        "(:,:,1,1) =",
        "",
        "    0.5377    0.8622",
        "    1.8339    0.3188",
        "   -2.2588   -1.3077",
        "",
        "",
        "(:,:,1,2) =",
        "",
        "   -0.4336    2.7694",
        "    0.3426   -1.3499",
        "    3.5784    3.0349",
    ]
    assert shown(stripdims(X))[0] == "  3×2×1×2 dlarray"


def test_trailing_singletons_print_as_one_matrix():
    X = dlarray(matlab_rand(2, 2, 1, 1), "SSCB")
    assert shown(X)[2:] == ["    0.8147    0.1270", "    0.9058    0.9134"]


def test_a_common_scale_factor_stands_above():  # published number 16
    assert shown(dlarray(np.full((3, 1), 2326.5864), "CB"))[2:] == [
        "   1.0e+03 *",
        "",
        *["    2.3266"] * 3,
    ]


@pytest.mark.parametrize(
    ("values", "line"),
    [
        (np.pi, "    3.1416"),
        (2326.5864, "   2.3266e+03"),
        (1e-3, "   1.0000e-03"),
        ([[0.25, 0.0, np.nan, -np.inf]], "    0.2500         0       NaN      -Inf"),
        ([[1.0, -2.0, np.inf]], "     1    -2   Inf"),
        ([[1.0, 1000.0]], "           1        1000"),
        ([[1 + 2j, 3 - 1j]], "   1.0000 + 2.0000i   3.0000 - 1.0000i"),
    ],
    ids=str,
)
def test_numbers_print_as_format_short(values, line):
    assert shown(dlarray(values))[-1] == line


def test_wide_matrices_print_in_blocks_of_eighty_characters():
    lines = shown(dlarray(np.full((1, 17), 0.5)))
    assert lines[2:] == [
        "  Columns 1 through 8",
        "",
        "    0.5000" * 8,
        "",
        "  Columns 9 through 16",
        "",
        "    0.5000" * 8,
        "",
        "  Column 17",
        "",
        "    0.5000",
    ]


def test_an_empty_array_prints():
    assert shown(dlarray(np.zeros((3, 0)), "CB"))[0] == "  3(C) × 0(B) dlarray"


def test_values_under_jit_print_their_sizes_only():
    seen = []
    jax.jit(lambda X: seen.append(repr(X)))(dlarray(np.ones((2, 3), np.float32), "CB"))
    assert seen[0].startswith("  2(C) × 3(B) single dlarray (values are not known")


def test_a_copy_and_a_pickle_keep_number_type_and_labels():
    with jax.enable_x64(True):
        X = dlarray(jax.numpy.ones((2, 3)), "CB")
    for made in (pickle.loads(pickle.dumps(X)), copy.deepcopy(X)):
        assert (made.dims, made.shape, made.dtype) == ("CB", (2, 3), np.float64)


@pytest.mark.parametrize("fmt", [None, "CB", "BC", "SS"])
def test_a_dlarray_is_a_value(fmt):
    x = np.ones((2, 3), np.float32)
    X = dlarray(x, fmt)
    x[0, 0] = 7
    assert (extractdata(X) == 1).all()
    assert X._data.flags.c_contiguous
