"""The table of learnables: rows by place and by name, a tree, what it prints."""

import re
import sys
import types

import jax
import numpy as np
import pytest

from dltk import OptionError, dlarray, table


def learnables():
    return table(
        ["conv1", "conv1", "conv2", "fc"],
        ["Weights", "Bias", "Weights", "Weights"],
        [np.ones((3, 3)), np.zeros((1, 3)), dlarray(np.ones((2, 2), np.float32)), None],
    )


@pytest.mark.parametrize(
    ("key", "rows"),
    [
        (slice(0, 2), [0, 1]),
        ([0, 2], [0, 2]),
        (np.array([True, False, False, True]), [0, 3]),
        (-1, [3]),
        (([1, 0], slice(None)), [1, 0]),
        ("conv1", [0, 1]),
        (("conv*", slice(None)), [0, 1, 2]),
        (("conv*", "Weights"), [0, 2]),
        (("*", "Bias"), [1]),
    ],
)
def test_rows_are_chosen_by_place_and_by_pattern(key, rows):
    t = learnables()
    part = t[key]
    assert isinstance(part, table)
    assert part.names == tuple(t.names[row] for row in rows)
    assert all(a is b for a, b in zip(part.Value, [t.Value[row] for row in rows], strict=True))


def test_two_names_give_the_value():
    t = learnables()
    assert t["conv1", "Bias"] is t.Value[1]


def test_a_column_compared_with_a_word_chooses_rows():
    t = learnables()
    assert t[t.Parameter == "Weights"].Layer.tolist() == ["conv1", "conv2", "fc"]


def test_values_are_set_by_name_and_by_rows():
    t = learnables()
    t["fc", "Weights"] = np.full((2, 1), 7)
    t["conv1"] = [1, 2]
    t[[0]] = table(["x"], ["y"], ["new"])
    assert t.Value[3].tolist() == [[7], [7]]
    assert t.Value[:2] == ["new", 2]


def test_setting_another_number_of_rows_is_an_error():
    with pytest.raises(ValueError, match="zip"):
        learnables()["conv1"] = [1, 2, 3]


@pytest.mark.parametrize(
    ("key", "words"),
    [
        (("conv3", "Weights"), 'no row for layer "conv3".*\n.*"conv1"'),
        (("conv1", "Wieghts"), 'Did you mean "Weights"'),
    ],
)
def test_a_misspelt_name_is_answered_with_the_nearest(key, words):
    with pytest.raises(OptionError, match=words):
        learnables()[key]


def test_columns_of_different_lengths_are_refused():
    with pytest.raises(OptionError, match="different lengths"):
        table(["a"], ["b"], [1, 2])


def test_a_part_does_not_share_later_changes():
    t = learnables()
    part = t["conv1"]
    part["conv1", "Bias"] = 5
    assert t["conv1", "Bias"].shape == (1, 3)


def test_it_is_a_tree_with_names_in_its_paths():
    t = table(["a", "b"], ["W", "W"], [1.0, 2.0])
    assert jax.tree.leaves(t) == [1.0, 2.0]
    doubled = jax.tree.map(lambda v: v * 2, t)
    assert (doubled.names, doubled.Value) == (t.names, [2.0, 4.0])
    paths, _ = jax.tree_util.tree_flatten_with_path(t)
    assert [path[0].key for path, _ in paths] == ["a/W", "b/W"]


def test_it_prints_sizes_and_types():
    lines = repr(learnables()).splitlines()
    assert lines[0] == "4×3 table"
    assert lines[2].split() == ["Layer", "Parameter", "Value"]
    assert "{3×3 double array}" in lines[4]
    assert "{2×2 single dlarray}" in lines[6]
    assert lines[7].split() == ["fc", "Weights", "[]"]
    assert repr(table([], [], [])) == "0×3 table"


def test_a_name_with_the_characters_of_a_pattern_is_found():
    t = table(["layers[3]", "layers3"], ["Weights", "Weights"], [1, 2])
    assert t["layers[3]", "Weights"] == 1
    assert t["layers[3]", :].Value == [1]


def test_rows_come_one_by_one():
    assert [(layer, parameter) for layer, parameter, _ in learnables()] == list(learnables().names)


def test_pandas_gets_the_columns(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", types.SimpleNamespace(DataFrame=dict))
    frame = learnables().to_pandas()
    assert list(frame) == ["Layer", "Parameter", "Value"]
    assert list(frame["Layer"]) == ["conv1", "conv1", "conv2", "fc"]


def test_without_pandas_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match=re.escape('pip install "dltk-jax[pandas]"')):
        learnables().to_pandas()
