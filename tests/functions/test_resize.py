"""dlresize against SciPy's interpolation, loops, and finite differences."""

import numpy as np
import pytest
import scipy.ndimage
from hypothesis import given
from hypothesis import strategies as st

from dltk import dlfeval
from dltk._errors import FormatError, OptionError
from dltk.dlarray import dlarray, extractdata
from dltk.functions._resize import dlresize

from ..strategies import few
from .gradients import assert_derivatives

RANDOM = np.random.default_rng(6)


def places(m, scale, mode):
    i = np.arange(m)
    return (i + 0.5) / scale - 0.5 if mode == "half-pixel" else i / scale


def linear_by_scipy(x, targets, scales, mode):
    """Linear interpolation of the first dimensions; the nearest cell counts beyond the ends."""
    k = len(targets)
    grids = np.meshgrid(
        *(places(m, s, mode) for m, s in zip(targets, scales, strict=True)), indexing="ij"
    )
    flat = x.reshape(*x.shape[:k], -1)
    out = [
        scipy.ndimage.map_coordinates(flat[..., j], grids, order=1, mode="nearest")
        for j in range(flat.shape[-1])
    ]
    return np.stack(out, axis=-1).reshape(*targets, *x.shape[k:])


@few
@given(
    st.lists(st.integers(1, 5), min_size=1, max_size=3),
    st.lists(st.integers(1, 7), min_size=3, max_size=3),
    st.sampled_from(["half-pixel", "asymmetric"]),
)
def test_linear_is_scipys_interpolation(sizes, targets, mode):
    targets = targets[: len(sizes)]
    x = RANDOM.standard_normal((*sizes, 2, 2))
    fmt = "S" * len(sizes) + "CB"
    got = dlresize(
        dlarray(x, fmt), OutputSize=targets, Method="linear", GeometricTransformMode=mode
    )
    scales = [m / n for m, n in zip(targets, sizes, strict=True)]
    assert got.dims == fmt
    wanted = linear_by_scipy(x, targets, scales, mode)
    np.testing.assert_allclose(extractdata(got), wanted, atol=1e-12)


def test_a_scale_sets_the_places_and_its_floor_the_size():
    x = RANDOM.standard_normal((5, 4, 3))
    got = dlresize(dlarray(x, "SSC"), Scale=[1.5, 1], Method="linear")
    assert got.shape == (7, 4, 3)
    wanted = linear_by_scipy(x, (7, 4), (1.5, 1), "half-pixel")
    np.testing.assert_allclose(extractdata(got), wanted, atol=1e-12)
    assert dlresize(dlarray(x, "SSC"), Scale=2).shape == (10, 8, 3)


# the cell of the input (from 1) of each cell of the result, by hand from the formulas
NEAREST = [
    (4, 8, "half-pixel", "round", [1, 1, 2, 2, 3, 3, 4, 4]),
    (4, 8, "asymmetric", "floor", [1, 1, 2, 2, 3, 3, 4, 4]),
    (4, 8, "asymmetric", "round", [1, 2, 2, 3, 3, 4, 4, 4]),
    (4, 8, "half-pixel", "floor", [1, 1, 1, 2, 2, 3, 3, 4]),
    (4, 8, "asymmetric", "onnx-10", [1, 1, 2, 2, 3, 3, 4, 4]),
    (6, 4, "asymmetric", "onnx-10", [1, 3, 4, 6]),
    (6, 3, "half-pixel", "round", [2, 4, 6]),
    (6, 3, "half-pixel", "floor", [1, 3, 5]),
    (5, 5, "half-pixel", "round", [1, 2, 3, 4, 5]),
]


@pytest.mark.parametrize(("n", "m", "mode", "rounding", "cells"), NEAREST)
def test_nearest_takes_the_cell_that_the_mode_says(n, m, mode, rounding, cells):
    X = dlarray(np.arange(1.0, n + 1)[:, None], "SC")
    options = {"GeometricTransformMode": mode, "NearestRoundingMode": rounding}
    got = dlresize(X, OutputSize=m, **options)
    assert extractdata(got)[:, 0].tolist() == cells
    assert extractdata(dlresize(X, Scale=m / n, **options))[:, 0].tolist() == cells


def test_nan_in_OutputSize_keeps_the_proportions():
    X = dlarray(np.zeros((4, 6, 3)), "SSC")
    assert dlresize(X, OutputSize=[8, np.nan]).shape == (8, 12, 3)
    assert dlresize(X, OutputSize=[np.nan, 4]).shape == (3, 4, 3)


@pytest.mark.parametrize("fmt", ["CSBS", "BSSC", "SSCB"])
def test_data_format_gives_unformatted_data_in_its_own_order(fmt):
    x = RANDOM.standard_normal((2, 3, 4, 5))
    got = dlresize(dlarray(x), Scale=2, Method="linear", DataFormat=fmt)
    wanted = [2 * n if letter == "S" else n for n, letter in zip(x.shape, fmt, strict=True)]
    assert (got.dims, list(got.shape)) == ("", wanted)
    labelled = dlresize(dlarray(x, fmt), Scale=2, Method="linear")
    np.testing.assert_allclose(extractdata(dlarray(got, fmt)), extractdata(labelled))


def test_other_dimensions_stay_and_the_number_type_too():
    X = dlarray(RANDOM.standard_normal((3, 2, 2, 4)).astype(np.float32), "SCBT")
    for method in ("nearest", "linear"):
        got = dlresize(X, OutputSize=5, Method=method)
        assert (got.dims, got.shape, got.dtype) == ("SCBT", (5, 2, 2, 4), np.float32)
        compiled = dlfeval(lambda X, m=method: dlresize(X, OutputSize=5, Method=m), X)
        np.testing.assert_allclose(extractdata(compiled), extractdata(got), rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("method", ["nearest", "linear"])
def test_derivatives_agree_with_finite_differences(method):
    x = RANDOM.standard_normal((3, 4, 2))
    assert_derivatives(
        lambda X: dlresize(X, OutputSize=[5, 3], Method=method) ** 3, x, fmts=["SSC"], order=2
    )


X = dlarray(np.zeros((4, 6, 3)), "SSC")


@pytest.mark.parametrize(
    ("call", "error", "part"),
    [
        (lambda: dlresize(X), OptionError, "^dlresize: give either Scale or OutputSize"),
        (lambda: dlresize(X, Scale=2, OutputSize=[1, 2]), OptionError, "give either Scale or"),
        (lambda: dlresize(X, Scale=[1, 2, 3]), OptionError, "3 values for 2 spatial dimensions"),
        (lambda: dlresize(X, OutputSize=4), OptionError, "1 values for 2 spatial dimensions"),
        (lambda: dlresize(X, Scale=-1), OptionError, "Scale must be positive"),
        (lambda: dlresize(X, Scale=0.1), OptionError, "nothing is left at this scale"),
        (lambda: dlresize(X, OutputSize=[2.5, 2]), OptionError, "must be whole numbers"),
        (lambda: dlresize(X, OutputSize=[np.nan, np.nan]), OptionError, "other sizes must fix"),
        (lambda: dlresize(X, Scale=2, Method="cubic"), OptionError, "Method is not one of its"),
        (lambda: dlresize(dlarray(np.zeros(3), "C"), Scale=2), FormatError, 'no "S" dimension'),
        (lambda: dlresize(dlarray(np.zeros(3)), Scale=2), FormatError, "dlresize: X has no labels"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(call, error, part):
    with pytest.raises(error, match=part):
        call()
