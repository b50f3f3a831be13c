"""`normalize` and `rescale` against their formulas in NumPy."""

import numpy as np
import pytest
from hypothesis import given

from dltk._errors import OptionError, UnsupportedError
from dltk.autodiff import dlfeval
from dltk.dlarray import dlarray, extractdata
from dltk.functions import _normalize as dl
from tests.functions.gradients import assert_derivatives
from tests.strategies import labelled, quick

X = np.random.default_rng(5).normal(size=(5, 3)) * 3 + 1


def quantile(x, p):
    return np.nanquantile(x, p, axis=0, method="hazen")


def mad(x):
    return np.nanmedian(abs(x - np.nanmedian(x, axis=0)), axis=0)


def iqr(x):
    return quantile(x, 0.75) - quantile(x, 0.25)


# options, what is subtracted, what the rest is divided by; along the first dimension
METHODS = [
    ((), lambda x: np.nanmean(x, 0), lambda x: np.nanstd(x, 0, ddof=1)),
    (("zscore",), lambda x: np.nanmean(x, 0), lambda x: np.nanstd(x, 0, ddof=1)),
    (("zscore", "robust"), lambda x: np.nanmedian(x, 0), mad),
    (("norm",), lambda x: 0, lambda x: np.nansum(x**2, 0) ** 0.5),
    (("norm", 1), lambda x: 0, lambda x: np.nansum(abs(x), 0)),
    (("norm", np.inf), lambda x: 0, lambda x: np.nanmax(abs(x), 0)),
    (("scale",), lambda x: 0, lambda x: np.nanstd(x, 0, ddof=1)),
    (("scale", "mad"), lambda x: 0, mad),
    (("scale", "first"), lambda x: 0, lambda x: x[0]),
    (("scale", "iqr"), lambda x: 0, iqr),
    (("scale", 2.5), lambda x: 0, lambda x: 2.5),
    (("range",), lambda x: np.nanmin(x, 0), lambda x: np.nanmax(x, 0) - np.nanmin(x, 0)),
    (
        ("range", [-1, 3]),
        lambda x: np.nanmin(x, 0) + (np.nanmax(x, 0) - np.nanmin(x, 0)) / 4,
        lambda x: (np.nanmax(x, 0) - np.nanmin(x, 0)) / 4,
    ),
    (("center",), lambda x: np.nanmean(x, 0), lambda x: 1),
    (("center", "median"), lambda x: np.nanmedian(x, 0), lambda x: 1),
    (("center", 7.0), lambda x: 7, lambda x: 1),
    (("medianiqr",), lambda x: np.nanmedian(x, 0), iqr),
    (("center", "median", "scale", "mad"), lambda x: np.nanmedian(x, 0), mad),
]
by_options = {"ids": lambda x: " ".join(map(str, x)) if isinstance(x, tuple) else ""}


@pytest.mark.parametrize(("options", "center", "scale"), METHODS, **by_options)
def test_methods(options, center, scale):
    for x in (X, np.where(np.arange(15).reshape(5, 3) == 7, np.nan, X)):
        c, s = center(x), scale(x)
        for V in (dlarray(x), dlarray(x.T, "CB")):
            dim = (2,) if V.dims else ()
            N, C, S = dl.normalize(V, *dim, *options, nargout=3)
            assert N.dims == V.dims
            back = extractdata(N).T if V.dims else extractdata(N)
            np.testing.assert_allclose(back, (x - c) / s, rtol=1e-12, atol=1e-13)
            for value, witness in ((C, c), (S, s)):
                np.testing.assert_allclose(
                    extractdata(value).ravel(), np.ravel(witness), rtol=1e-12
                )


@pytest.mark.parametrize("options", [m[0] for m in METHODS], **by_options)
def test_types_derivatives_and_dlfeval(options):
    def function(V):
        return dl.normalize(V, *options)

    assert function(dlarray(X.astype(np.float32), "BC")).dtype == np.float32
    assert_derivatives(function, X, fmts=["BC"], order=2)
    compiled = extractdata(dlfeval(function, dlarray(X)))
    np.testing.assert_allclose(compiled, function(X), rtol=1e-12, atol=1e-14)


def test_data_that_does_not_vary_becomes_zero():
    for method in ("zscore", "range", "medianiqr"):
        assert dl.normalize([2.0, 2.0, 2.0], method).tolist() == [0, 0, 0]
    assert dl.normalize(np.zeros((3, 1)), "norm").tolist() == [[0], [0], [0]]
    assert dl.normalize(np.ones((2, 2)), 3).tolist() == [[0, 0], [0, 0]]


def test_arguments_by_name():
    a = dl.normalize(X, center="median", scale="mad")
    np.testing.assert_array_equal(a, dl.normalize(X, "center", "median", "scale", "mad"))
    shifted = dl.normalize(X, "center", [[1.0, 2.0, 3.0]])
    np.testing.assert_allclose(shifted, X - [1, 2, 3])


def test_wrong_methods_are_refused():
    for options, text in [
        (("zscores",), "'zscores' is not a method"),
        (("zscore", "center"), "zscore and center do not go together"),
        (("zscore", "mad"), "method type is not one of its words"),
        (("scale", "max"), "scale is not one of its words"),
        (("range", [1, 0]), "a range is"),
        (("norm", 0), "the order of the norm must be positive"),
    ]:
        with pytest.raises(OptionError, match=f"normalize: {text}"):
            dl.normalize(X, *options)


@quick
@given(labelled())
def test_rescale_meets_both_ends(pair):
    Y, m = pair
    values = m.values()
    flat = values.min() == values.max()
    part = 0 * values if flat else (values - values.min()) / (values.max() - values.min())
    Z = dl.rescale(Y, -1, 3)
    assert (Z.dims, Z.shape) == (Y.dims, Y.shape)
    np.testing.assert_allclose(extractdata(Z), -1 + 4 * part, rtol=1e-14, atol=1e-15)
    if not flat:
        assert (extractdata(Z).min(), extractdata(Z).max()) == (-1, 3)


def test_rescale_with_other_limits():
    x = [1.0, 2.0, 5.0, np.nan]
    np.testing.assert_array_equal(dl.rescale(x), [0, 0.25, 1, np.nan])
    np.testing.assert_array_equal(dl.rescale(x, InputMin=2, InputMax=4), [0, 0, 1, np.nan])
    assert dl.rescale([2.0, 2.0], 5, 6).tolist() == [5, 5]
    columns = np.array([[1.0, 10.0], [3.0, 30.0]])
    each = dl.rescale(columns, InputMin=columns.min(0), InputMax=columns.max(0))
    assert each.tolist() == [[0, 0], [1, 1]]
    assert dl.rescale(np.zeros((0, 3))).shape == (0, 3)
    assert dl.rescale(dlarray(np.float32([1, 2]))).dtype == np.float32


def test_rescale_derivatives():
    assert_derivatives(dl.rescale, X, fmts=["BC"], order=2)
    assert_derivatives(lambda V: dl.rescale(V, -1, 1, InputMin=-20, InputMax=20), X, order=2)
    compiled = extractdata(dlfeval(dl.rescale, dlarray(X)))
    np.testing.assert_allclose(compiled, dl.rescale(X), rtol=1e-14)


def test_rescale_refuses():
    with pytest.raises(OptionError, match="rescale: the lower end is above the upper end"):
        dl.rescale([1.0], 2, 1)
    with pytest.raises(UnsupportedError, match="complex numbers have no order"):
        dl.rescale([1j, 2.0])
