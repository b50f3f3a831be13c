"""MATLAB's struct."""

import jax
import numpy as np
import pytest

from dltk import OptionError, dlarray, fieldnames, fullyconnect, isfield, rmfield, struct


def test_nested_fields_are_made_by_assignment():
    s = struct()
    s.a.b.c = 5
    s.a.d = 6
    assert s == struct(a=struct(b=struct(c=5), d=6))
    assert fieldnames(s.a) == ["b", "d"]


def test_looking_at_a_missing_field_leaves_nothing_behind():
    s = struct(a=1)
    assert not s.b
    assert not isfield(s, "b")
    assert len(s) == 1


def test_fields_by_name_as_in_matlab():
    s = struct("a", 1, "b", 2)
    name = "c"
    s[name] = 3
    assert s["a"] + s.b + s["c"] == 6
    assert fieldnames(rmfield(s, "b")) == ["a", "c"]
    with pytest.raises(KeyError, match="fields: a, b, c"):
        s["d"]


def test_a_struct_is_a_tree_in_the_order_of_its_fields():
    s = struct(z=1.0, a=struct(b=2.0))
    assert jax.tree.leaves(s) == [1.0, 2.0]
    assert jax.tree.map(lambda v: v * 2, s) == struct(z=2.0, a=struct(b=4.0))


def test_a_misspelt_parameter_is_named():
    parameters = struct(fc=struct(Weights=np.ones((2, 3))))
    X = dlarray(np.ones((3, 1)), "CB")
    with pytest.raises(OptionError, match='missing field "Wieghts"'):
        fullyconnect(X, parameters.fc.Wieghts, 0)
    with pytest.raises(OptionError, match='missing field "Wieghts"'):
        X + parameters.fc.Wieghts
