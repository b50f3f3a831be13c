"""The algebra of formats, exhaustively or against another way to count."""

import itertools
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dltk import _labels as labels
from dltk._errors import FormatError

from .strategies import formats, quick, thorough

ALL_SHORT = [
    "".join(letters)
    for n in range(1, 5)
    for letters in itertools.product("SCBTU", repeat=n)
    if all(letters.count(letter) <= 1 for letter in "CBT")
]


@pytest.mark.parametrize("fmt", ["X", "sscb", "S CB", "SSCB1"])
def test_check_refuses_letters_that_are_no_labels_and_lists_the_labels(fmt):
    with pytest.raises(FormatError, match="is not a dimension label") as error:
        labels.check(fmt)
    assert "S (spatial), C (channel), B (batch), T (time), U (unspecified)" in str(error.value)


@pytest.mark.parametrize("fmt", ["CC", "BSB", "TSST"])
def test_check_refuses_a_second_c_b_or_t(fmt):
    with pytest.raises(FormatError, match="stands 2 times"):
        labels.check(fmt)


@pytest.mark.parametrize("fmt", ["", "SSS", "UUUU", "SSCBTUU"])
def test_check_accepts(fmt):
    assert labels.check(fmt) == fmt


def test_arrange_is_a_stable_sort_of_the_labels():
    for fmt in ALL_SHORT:
        arranged, axes = labels.arrange(fmt)
        ranks = ["SCBTU".index(letter) for letter in arranged]
        assert ranks == sorted(ranks)
        assert "".join(fmt[axis] for axis in axes) == arranged
        for letter in "SU":
            places = [axis for axis in axes if fmt[axis] == letter]
            assert places == sorted(places)


@given(formats())
def test_arranging_twice_changes_nothing(fmt):
    arranged, _ = labels.arrange(fmt)
    assert labels.arrange(arranged) == (arranged, tuple(range(len(fmt))))


def test_stored_order_is_time_batch_unspecified_space_channels():
    for fmt in ALL_SHORT:
        arranged, _ = labels.arrange(fmt)
        ranks = ["TBUSC".index(letter) for letter in labels.stored_letters(arranged)]
        assert ranks == sorted(ranks)


@given(formats(), st.data())
def test_stored_and_logical_order_undo_each_other(fmt, data):
    fmt, _ = labels.arrange(fmt)
    shape = tuple(data.draw(st.permutations(range(2, 2 + len(fmt)))))
    array = np.empty(shape)
    there = array.transpose(labels.stored_axes(fmt))
    assert there.shape == labels.to_stored(fmt, shape)
    assert there.transpose(labels.logical_axes(fmt)).shape == shape
    assert labels.to_logical(fmt, there.shape) == shape


@given(formats(), st.sampled_from("SCBTU"))
def test_find_stored_finds_the_dimensions_that_find_finds(fmt, letter):
    fmt, _ = labels.arrange(fmt)
    sizes = tuple(range(2, 2 + len(fmt)))
    stored = labels.to_stored(fmt, sizes)
    by_logical = [sizes[axis] for axis in labels.find(fmt, letter)]
    assert by_logical == [stored[axis] for axis in labels.find_stored(fmt, letter)]
    assert by_logical == [n for n, other in zip(sizes, fmt, strict=True) if other == letter]


@thorough
@given(formats(), formats())
def test_union_has_each_label_as_often_as_the_format_with_more_of_it(a, b):
    assert Counter(labels.union(a, b)) == Counter(a) | Counter(b)
    assert labels.union(a, b) == labels.union(b, a)
    assert labels.arrange(labels.union(a, b))[0] == labels.union(a, b)


@quick
@given(formats(), formats())
def test_slots_pair_equal_labels_from_the_first_on(a, b):
    a, _ = labels.arrange(a)
    target = labels.union(a, b)
    places = labels.slots(a, target)
    assert [target[place] for place in places] == list(a)
    for letter in set(a):
        own = [p for p, other in zip(places, a, strict=True) if other == letter]
        first = target.index(letter)
        assert own == list(range(first, first + a.count(letter)))


@pytest.mark.parametrize(
    ("fmt", "shape", "kept"),
    [
        ("CBU", (4, 3, 1), "CB"),
        ("CBU", (4, 3, 2), "CBU"),
        ("CU", (5, 1), "CU"),
        ("UUU", (1, 1, 1), "UU"),
        ("SUU", (2, 1, 3), "SUU"),
        ("SCB", (2, 3, 1), "SCB"),
    ],
)
def test_only_trailing_singleton_u_beyond_two_dimensions_go(fmt, shape, kept):
    assert labels.trim(fmt, shape) == kept
    assert labels.trimmed_shape(fmt, shape) == shape[: len(kept)]
