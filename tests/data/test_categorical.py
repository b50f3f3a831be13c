import copy
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dltk._errors import OptionError
from dltk.data import (
    addcats,
    categorical,
    categories,
    cellstr,
    countcats,
    iscategory,
    isundefined,
    mergecats,
    removecats,
    renamecats,
    reordercats,
)

PETS = ["dog", "cat", "", "dog"]
words = st.lists(st.sampled_from(["a", "b", "c", "d e"]), min_size=1, max_size=20)


@given(words)
def test_categories_and_codes_are_numpy_unique(values):
    c = categorical(values)
    names, positions = np.unique(values, return_inverse=True)
    assert categories(c) == names.tolist()
    np.testing.assert_array_equal(c.double(), positions + 1)
    assert cellstr(c) == values


@given(words, words)
def test_joining_keeps_every_element(a, b):
    joined = np.concatenate([categorical(a), categorical(b)])
    assert cellstr(joined) == a + b
    assert set(categories(joined)) == set(a + b)


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ([10, 9, 100], ["9", "10", "100"]),  # numbers ascending, not as text
        (["b10", "b9"], ["b10", "b9"]),  # text alphabetically
        ([2.5, -1.0], ["-1", "2.5"]),
        ([np.pi], ["3.1416"]),
        ([True, False], ["false", "true"]),
        (np.array([[3, 1], [2, 1]], np.uint8), ["1", "2", "3"]),
        ([" cat ", "cat"], ["cat"]),
        ([None, "x"], ["x"]),
        ([1, None, 3], ["1", "3"]),
        ([], []),
        ("single", ["single"]),
        (7, ["7"]),
    ],
    ids=str,
)
def test_categories_are_sorted_values(values, names):
    assert categories(categorical(values)) == names


@pytest.mark.parametrize("missing", [None, float("nan"), ""])
def test_missing_values_are_undefined_and_equal_nothing(missing):
    c = categorical([missing, missing])
    assert isundefined(c).all()
    assert not (c == c).any()
    assert (c != c).all()


def test_valueset_gives_order_and_names_and_leaves_others_undefined():
    c = categorical([3, 1, 7], [3, 2, 1], ["drei", "zwei", "eins"])
    assert categories(c) == ["drei", "zwei", "eins"]
    assert cellstr(c) == ["drei", "eins", "<undefined>"]
    np.testing.assert_array_equal(c.double(), [1, 3, np.nan])


def test_equal_names_merge_values():
    c = categorical([1, 2, 3, 2], [1, 2, 3], ["odd", "even", "odd"])
    assert cellstr(c) == ["odd", "even", "odd", "even"]
    assert categories(c) == ["odd", "even"]


def test_one_label_alone_makes_one_category():
    # the trap that https://www.mathworks.com/matlabcentral/answers/882213 is about
    assert categories(categorical(["3"])) == ["3"]
    assert len(categories(categorical(["3"], [str(k) for k in range(10)]))) == 10


def test_comparison_broadcasts_and_ignores_the_order_of_categories():
    a = categorical([["x"], ["y"]])
    b = categorical(["y", "x", "z"], ["z", "y", "x"])
    np.testing.assert_array_equal(a == b, [[False, True, False], [True, False, False]])
    np.testing.assert_array_equal(a != b, [[True, False, True], [False, True, True]])
    np.testing.assert_array_equal(b == ["y", "y", "z"], [True, False, True])
    np.testing.assert_array_equal(np.array(["y", "y", "z"]) == b, [True, False, True])
    assert np.mean(b == b) == 1


def test_text_that_is_no_category_equals_nothing():
    assert not (categorical(PETS) == "cow").any()
    assert (categorical(PETS) != "cow").all()


def test_comparison_with_a_number_says_to_quote_it():
    with pytest.raises(OptionError, match=r'categories: 1, 2\n.*\nQuote .* T == "3"'):
        _ = categorical([1, 2]) == 1


def test_subscripts_keep_all_categories():
    c = categorical(PETS)
    assert cellstr(c[1:]) == ["cat", "<undefined>", "dog"]
    assert categories(c[c == "cat"]) == ["cat", "dog"]
    assert str(c[0]) == "dog"
    assert c[0].shape == ()
    assert cellstr(c[[3, 0]]) == ["dog", "dog"]
    assert "cat" in c
    assert "cow" not in c
    assert [str(one) for one in c] == cellstr(c)
    assert len(c) == 4


def test_a_part_is_a_copy_as_in_matlab():
    c = categorical(PETS)
    part = c[:2]
    part[0] = "cow"
    assert cellstr(part) == ["cow", "cat"]
    assert cellstr(c) == ["dog", "cat", "<undefined>", "dog"]


def test_assignment_makes_new_categories_and_undefined():
    c = categorical(PETS)
    c[1] = "ant"
    c[0] = ""
    c[2:] = ["cat", "ant"]
    assert cellstr(c) == ["<undefined>", "ant", "cat", "ant"]
    assert categories(c) == ["cat", "dog", "ant"]


def test_numpy_sees_names_or_numbers():
    c = categorical(PETS)
    assert np.asarray(c).tolist() == ["dog", "cat", "<undefined>", "dog"]
    np.testing.assert_array_equal(np.asarray(c, float), [2, 1, np.nan, 2])
    assert np.unique(c).tolist() == ["<undefined>", "cat", "dog"]
    assert np.shape(c.reshape(2, 2).T) == (2, 2)
    assert c.reshape(2, 2).T.tolist() == [["dog", "<undefined>"], ["cat", "dog"]]
    assert np.stack([c[0], c[1]]).tolist() == ["dog", "cat"]
    assert np.append(c, "cow").tolist()[-1] == "cow"
    assert np.vstack([c, c]).shape == (2, 4)


def test_shared_codes_let_any_function_join():
    codes, wrap = categorical.shared_codes([categorical(["b", "a"]), "c", categorical(["a"])])
    joined = wrap(np.concatenate([np.ravel(code) for code in codes]))
    assert cellstr(joined) == ["b", "a", "c", "a"]


@pytest.mark.parametrize(
    "again", [copy.copy, copy.deepcopy, lambda c: pickle.loads(pickle.dumps(c))]
)
def test_copies_and_pickles(again):
    assert cellstr(again(categorical(PETS))) == cellstr(categorical(PETS))


def test_long_arrays_print_short():
    text = repr(categorical(np.arange(5000) % 10))
    assert text.startswith("categorical(['0', '1', '2', '3', ..., '6', '7', '8', '9'], 5000, cat")
    assert len(text) < 120


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: categorical([1, "a"]), "all text or all numbers"),
        (lambda: categorical([[1, "a"]]), "all text or all numbers"),
        (lambda: categorical([1 + 2j]), "complex"),
        (lambda: categorical([{}]), "all text or all numbers"),
        (lambda: categorical([1, 2], ["1", "2"]), "both be text or both be numbers"),
        (lambda: categorical([1, 2], [1, 1]), "twice"),
        (lambda: categorical([1, 2], [1, 2], ["one"]), "1 names for 2 categories"),
        (lambda: categorical([1.0, 1.0 + 1e-9]), "same category name"),
        (lambda: categorical(["a"])[categorical(["a"])], "subscript"),
    ],
)
def test_what_cannot_be_labels_is_refused(make, message):
    with pytest.raises(OptionError, match=message):
        make()


# categories


def test_countcats_counts_as_numpy_does():
    labels = np.random.RandomState(0).randint(0, 4, (6, 5))
    c = categorical(labels, range(5))
    assert countcats(c.ravel()).tolist() == np.bincount(labels.ravel(), minlength=5).tolist()
    per_column = np.stack([np.bincount(column, minlength=5) for column in labels.T], axis=1)
    np.testing.assert_array_equal(countcats(c), per_column)
    np.testing.assert_array_equal(countcats(c.T, 2), per_column.T)


def test_undefined_elements_are_not_counted():
    assert countcats(categorical(PETS)).tolist() == [1, 2]


def test_removing_categories_makes_their_elements_undefined():
    c = removecats(categorical(PETS), "dog")
    assert cellstr(c) == ["<undefined>", "cat", "<undefined>", "<undefined>"]
    assert categories(c) == ["cat"]


def test_unused_categories_are_removed_without_a_name():
    assert categories(removecats(addcats(categorical(PETS), ["eel", "ant"]))) == ["cat", "dog"]


def test_renaming_reordering_and_merging_keep_elements():
    c = categorical(["s", "m", "l", "m"])
    assert cellstr(renamecats(c, ["big", "mid", "tiny"])) == ["tiny", "mid", "big", "mid"]
    assert cellstr(renamecats(c, ["s", "l"], ["l", "s"])) == ["l", "m", "s", "m"]
    turned = reordercats(c, ["s", "m", "l"])
    assert cellstr(turned) == cellstr(c)
    np.testing.assert_array_equal(turned.double(), [1, 2, 3, 2])
    assert categories(reordercats(turned)) == ["l", "m", "s"]
    assert cellstr(mergecats(c, ["s", "m"])) == ["s", "s", "l", "s"]
    assert cellstr(c) == ["s", "m", "l", "m"]


def test_iscategory_asks_for_names():
    assert iscategory(categorical(PETS), ["dog", "cow"]).tolist() == [True, False]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: removecats(c, "cow"), r'"cow" is not a category.*\n  categories: cat, dog'),
        (lambda c: renamecats(c, ["a"]), "1 new names for 2"),
        (lambda c: renamecats(c, "cat", "dog"), "mergecats"),
        (lambda c: reordercats(c, ["dog"]), "every category once"),
        (lambda c: addcats(c, "dog"), "a category already"),
        (lambda c: mergecats(c, []), "no category is named"),
        (lambda c: countcats(c, 3), "dim is 3"),
        (lambda c: categories(["cat"]), "got a list"),
    ],
)
def test_wrong_category_names_are_refused(change, message):
    with pytest.raises(OptionError, match=message):
        change(categorical(PETS))
