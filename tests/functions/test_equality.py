"""Equality of values, labels and all."""

import jax
import numpy as np
import pytest
from hypothesis import given

import dltk.functions._elementwise  # noqa: F401  (operators)
from dltk._struct import struct
from dltk.dlarray import dlarray
from dltk.functions import _equality as dl
from tests.strategies import labelled, quick


@quick
@given(labelled(), labelled())
def test_isequal_compares_labels_sizes_and_values(a, b):
    assert dl.isequal(a[0], dlarray(a[0]))
    assert dl.isequal(a[0], b[0]) == (a[1] == b[1])


def test_isequal_across_kinds():
    X = dlarray([1.0, 2.0])
    assert dl.isequal(X, [1, 2])
    assert dl.isequal(np.float32(2), 2)
    assert not dl.isequal(dlarray([1.0, 2.0], "C"), [[1], [2]])
    assert not dl.isequal(1.0, 1.0 + 1e-15)
    assert dl.isequal("a", "a")
    assert not dl.isequal("1", 1)
    assert dl.isequal([], np.zeros((0, 0)))
    assert dl.isequal(None, None)


def test_isequal_of_structures():
    a = struct(W=dlarray([1.0]), name="fc", parts=[1, 2])
    assert dl.isequal(a, struct(name="fc", parts=[1, 2], W=dlarray([1.0])))
    assert not dl.isequal(a, struct(W=dlarray([2.0]), name="fc", parts=[1, 2]))
    assert not dl.isequal(a, struct(W=dlarray([1.0])))


def test_nan_equals_nan_for_isequaln_only():
    X = dlarray([1.0, np.nan], "C")
    assert not dl.isequal(X, X)
    assert dl.isequaln(X, X)
    assert not dl.isequaln(X, dlarray([np.nan, 1.0], "C"))


def test_several_values():
    assert dl.isequal(1, 1.0, dlarray(1))
    assert not dl.isequal(1, 1, 2)
    assert dl.isequaln(np.nan, np.nan, dlarray(np.nan))


def test_unknown_values_cannot_be_compared():
    with pytest.raises(jax.errors.TracerBoolConversionError):
        jax.jit(lambda x: dl.isequal(dlarray(x), 1.0))(1.0)
