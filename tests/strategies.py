"""Hypothesis strategies that tests share: formats, labelled arrays, subscripts."""

from __future__ import annotations

import numpy as np
from hypothesis import settings
from hypothesis import strategies as st

from dltk._errors import DltkError
from dltk.dlarray import dims, dlarray, extractdata

from . import matlab_model as model

quick = settings(max_examples=40, deadline=None)
few = settings(max_examples=15, deadline=None)
thorough = settings(max_examples=100, deadline=None)

LENGTHS = st.integers(1, 3)


@st.composite
def formats(draw, least=1, most=5, letters="SSCBTUU"):
    """Labels in any order, C, B and T at most once."""
    pool = draw(st.permutations(letters))
    return "".join(pool[: draw(st.integers(least, min(most, len(pool))))])


@st.composite
def numbers(draw, shape):
    """Small whole numbers, so that sums and products are exact."""
    size = int(np.prod(shape))
    values = draw(st.lists(st.integers(-9, 9), min_size=size, max_size=size))
    return np.array(values, dtype=float).reshape(shape)


@st.composite
def shapes(draw, least=0, most=4):
    rank = draw(st.integers(least, most))
    return tuple(draw(LENGTHS) for _ in range(rank))


@st.composite
def labelled(draw, fmts=None, most=4):
    """A dlarray and its model, formatted or not."""
    if fmts is None:
        fmts = st.one_of(st.just(""), formats(2, most))
    fmt = draw(fmts)
    shape = draw(shapes(2, most)) if not fmt else tuple(draw(LENGTHS) for _ in fmt)
    values = draw(numbers(shape))
    return dlarray(values, fmt), model.make(values, fmt)


@st.composite
def subscript(draw, n, grow=0):
    """A Python subscript for a dimension of size n, and the positions it selects (or ":")."""
    kind = draw(st.sampled_from(["colon", "slice", "number", "list", "array", "mask"]))
    reach = n + grow
    if kind == "colon" or reach == 0:
        return slice(None), ":"
    if kind == "slice":
        start, stop = sorted(draw(st.lists(st.integers(0, reach), min_size=2, max_size=2)))
        step = draw(st.sampled_from([1, 1, 2, -1]))
        if step == -1 and start < stop <= n:
            return slice(stop - 1, start - 1 if start else None, -1), list(range(start, stop))[::-1]
        return slice(start, stop, abs(step)), list(range(reach))[start : stop : abs(step)]
    if kind == "number":
        place = draw(st.integers(0, reach - 1))
        return (place - n if place < n and draw(st.booleans()) else place), [place]
    if kind == "mask":
        mask = np.array(draw(st.lists(st.booleans(), min_size=n, max_size=n)), dtype=bool)
        return mask, [i for i in range(n) if mask[i]]
    places = draw(st.lists(st.integers(0, reach - 1), min_size=1, max_size=3, unique=grow > 0))
    return (places if kind == "list" else np.array(places)), places


def assert_like(X, m, tolerance=0.0):
    """A dlarray has the labels, sizes and values of a model."""
    assert (dims(X), X.shape) == (m.fmt, tuple(m.sizes))
    np.testing.assert_allclose(extractdata(X), m.values(), rtol=tolerance, atol=tolerance)


def both(actual, expected, tolerance=0.0):
    """Run dltk and the model; either both give the same array or both refuse."""
    try:
        wanted = expected()
    except model.Refused:
        try:
            actual()
        except (DltkError, IndexError):
            return
        raise AssertionError("dltk accepts what MATLAB refuses") from None
    assert_like(actual(), wanted, tolerance)
