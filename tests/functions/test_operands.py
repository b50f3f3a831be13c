"""The shared front of deep-learning operations: layouts, parameters, options."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dltk._errors import FormatError, OptionError
from dltk.dlarray import dlarray, extractdata
from dltk.functions._operands import formatted, need, parameter, restored, vector
from dltk.functions._options import number, outputs, whole, word

from ..strategies import formats, quick


def message(error, function, *arguments, **options):
    with pytest.raises(error) as caught:
        function(*arguments, **options)
    return str(caught.value)


# Layouts


@quick
@given(formats(least=2, most=5), st.data())
def test_restoring_data_gives_back_what_was_given(fmt, data):
    shape = tuple(data.draw(st.integers(1, 3)) for _ in fmt)
    x = np.arange(np.prod(shape), dtype=float).reshape(shape)
    X, restore = formatted("f", dlarray(x), fmt)
    back = restore(X)
    assert back.dims == ""
    assert np.array_equal(extractdata(back), extractdata(dlarray(x)))


@quick
@given(formats(least=2, most=5))
def test_removed_labels_leave_the_order_of_the_others(fmt):
    dims = dlarray(np.zeros((2,) * len(fmt)), fmt).dims
    kept = "".join(letter for letter in dims if letter not in "SU")
    wanted = "".join(letter for letter in fmt if letter not in "SU")
    assert restored(fmt, dims, kept, "SU") == wanted


def test_labelled_data_comes_back_as_it_is():
    X = dlarray(np.zeros((2, 3)), "CB")
    again, restore = formatted("f", X, None)
    assert again is X
    assert restore(X) is X


def test_numbers_may_be_the_data_if_a_parameter_is_a_dlarray():
    X, _ = formatted("f", np.zeros((2, 3)), "CB", dlarray(1.0))
    assert X.dims == "CB"
    assert "none of the inputs is a dlarray" in message(OptionError, formatted, "f", [1.0], "CB", 1)


def test_a_format_for_labelled_data_is_refused_and_a_missing_one_asked_for():
    X = dlarray(np.zeros((2, 3)), "CB")
    assert message(FormatError, formatted, "f", X, "CB") == (
        "f: DataFormat is given, but X has labels.\n"
        "  X: 2(C) × 3(B)\n"
        '  DataFormat: "CB"\n'
        "Leave DataFormat out, or remove the labels first: stripdims(X)."
    )
    text = message(FormatError, formatted, "f", dlarray(np.zeros((2, 3))), None, what="Y")
    assert "f: Y has no labels" in text
    assert "  Y: 2×3" in text


def test_words_that_are_no_data_are_refused():
    assert message(OptionError, formatted, "f", "X", "CB") == "f: X must be a dlarray, not 'X'."


def test_need_names_the_missing_label():
    assert need("f", dlarray(np.zeros((2, 3)), "CB"), "C") == 2
    text = message(FormatError, need, "f", dlarray(np.zeros((2, 3)), "SB"), "C")
    assert text.startswith('f: X has no "C" dimension.\n  X: 2(S) × 3(B)')


# Parameters


@pytest.mark.parametrize(
    ("value", "fmt"),
    [
        (np.arange(6.0).reshape(2, 3), None),
        (dlarray(np.arange(6.0).reshape(2, 3)), None),
        (dlarray(np.arange(6.0).reshape(2, 3), "UC"), None),
        (dlarray(np.arange(6.0).reshape(2, 3).T, "CU"), None),
        (np.arange(6.0).reshape(2, 3).T, "CU"),
    ],
)
def test_a_parameter_is_arranged_by_its_labels_or_as_it_lies(value, fmt):
    found = parameter("f", "weights", value, "UCU", fmt)
    data = found.value._data if isinstance(found.value, dlarray) else found.value
    assert found.sizes == (2, 3, 1)
    assert np.array_equal(found.arrange(data)[..., 0], np.arange(6.0).reshape(2, 3))


def test_a_parameter_with_other_labels_is_refused():
    text = message(FormatError, parameter, "f", "weights", dlarray(np.zeros((2, 3)), "CB"), "CU")
    assert 'f: the labels of weights do not fit; expected "CU".\n  weights: 2(C) × 3(B)' in text
    text = message(FormatError, parameter, "f", "weights", np.zeros((2, 3, 4)), "CU")
    assert "weights has 3 dimensions, at most 2 have a meaning" in text
    labelled = dlarray(np.zeros((2, 3)), "CU")
    text = message(FormatError, parameter, "f", "weights", labelled, "CU", "CU")
    assert "WeightsFormat is given, but weights has labels" in text


def test_what_is_no_number_is_named():
    text = message(OptionError, parameter, "f", "weights", None, "CU")
    assert text.startswith("f (weights): expected numbers, got a NoneType.")
    assert "f (bias): int32 data" in message(OptionError, vector, "f", "bias", np.int32([1, 2]), 2)


@pytest.mark.parametrize("shape", [(4,), (4, 1), (1, 4), (1, 1, 4), (1,), ()])
def test_vectors_may_lie_along_any_dimension(shape):
    assert vector("f", "bias", np.zeros(shape), 4).shape == shape


@pytest.mark.parametrize(
    ("value", "part"),
    [
        (np.zeros((2, 2)), "bias must be a vector."),
        (np.zeros(3), "bias has 3 values for 4 channels."),
        (dlarray(np.zeros(4), "S"), 'bias must be a vector, with a size other than 1 only in "C".'),
        (np.zeros(0), "bias has 0 values for 4 channels."),
    ],
)
def test_what_is_no_vector_of_that_length_is_refused(value, part):
    assert part in message(FormatError, vector, "f", "bias", value, 4)


# Options


def test_whole_numbers_expand_to_all_dimensions():
    assert whole("f", "Stride", 2, 3) == (2, 2, 2)
    assert whole("f", "Stride", np.array([[1], [2]]), 2) == (1, 2)
    assert whole("f", "Stride", dlarray([1.0, 2.0]), 2) == (1, 2)


@pytest.mark.parametrize(
    ("value", "part"),
    [
        (0, "Stride must be a positive whole number"),
        (1.5, "Stride must be a positive whole number"),
        ([1, 2, 3], "Stride has 3 values for 2 dimensions"),
        ("two", "Stride must be a number"),
        ([], "Stride has 0 values for 2 dimensions"),
    ],
)
def test_other_values_of_whole_numbers_are_refused(value, part):
    assert part in message(OptionError, whole, "f", "Stride", value, 2)


def test_numbers_keep_within_limits():
    assert number("f", "Epsilon", 0.0, least=0) == 0.0
    text = message(OptionError, number, "f", "Epsilon", 0.0, above=0)
    assert text == "f: Epsilon must be a scalar, larger than 0.\n  Epsilon: 0.0"
    assert "must be a scalar" in message(OptionError, number, "f", "Epsilon", [1.0, 2.0])
    assert "at most 1" in message(OptionError, number, "f", "Epsilon", np.nan, most=1)


def test_a_wrong_word_gets_the_nearest_one():
    text = message(OptionError, word, "f", "Mode", "sme", ["same", "full"])
    assert text == (
        "f: Mode is not one of its words.\n  Mode: 'sme'\n"
        'Did you mean "same"? Use one of: "same", "full".'
    )
    assert outputs("f", 3, (1, 3)) == 3
    assert "nargout must be 1 or 3" in message(OptionError, outputs, "f", 2, (1, 3))
