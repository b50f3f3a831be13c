"""deep.transform: numbers that MATLAB's pages print, formulas in NumPy, derivatives."""

import numpy as np
import pytest
from hypothesis import given
from scipy import special

import dltk
from dltk import dlfeval, dlgradient, sum
from dltk._errors import FormatError
from dltk.dlarray import dlarray, extractdata

from ..strategies import labelled, quick
from .gradients import assert_derivatives, gradient

transform = dltk.deep.transform

SCORES = np.random.RandomState(5489).random_sample(15).reshape(3, 5, order="F")

PRINTED = {
    "doublelogit": """0.8361 0.8614 0.6358 0.8732 0.8715
        0.8596 0.7798 0.7491 0.5782 0.7253
        0.5632 0.5486 0.8716 0.8745 0.8321""",
    "logit": """0.6931 0.7137 0.5692 0.7241 0.7226
        0.7121 0.6530 0.6334 0.5393 0.6190
        0.5317 0.5244 0.7226 0.7252 0.6900""",
    "invlogit": """1.4810 2.3556 -0.9519 3.3135 3.1067
        2.2633 0.5424 0.1881 -1.6761 -0.0585
        -1.9279 -2.2249 3.1150 3.4967 1.3880""",
    "symmetric": """0.6294 0.8268 -0.4430 0.9298 0.9143
        0.8116 0.2647 0.0938 -0.6848 -0.0292
        -0.7460 -0.8049 0.9150 0.9412 0.6006""",
    "symmetriclogit": """0.3862 0.4274 0.1384 0.4482 0.4451
        0.4243 0.3060 0.2668 0.0786 0.2380
        0.0634 0.0487 0.4452 0.4505 0.3801""",
    "ismax": """0 1 0 0 1
        1 0 0 0 0
        0 0 1 1 0""",
}


@pytest.mark.parametrize("name", PRINTED)
def test_scores_become_what_the_reference_page_prints(name):
    X = dlarray(SCORES, "CB")
    Y = getattr(transform, name)(X)
    wanted = np.array(PRINTED[name].split(), float).reshape(3, 5)
    assert Y.dims == "CB"
    np.testing.assert_allclose(extractdata(Y), wanted, rtol=0, atol=5.1e-5)


def first_largest(x):
    return (np.arange(len(x))[:, None] == np.argmax(x, axis=0)).astype(float)


FORMULAS = {
    "logit": special.expit,
    "doublelogit": lambda x: special.expit(2 * x),
    "invlogit": special.logit,
    "symmetric": lambda x: 2 * x - 1,
    "symmetriclogit": lambda x: 2 * special.expit(x) - 1,
    "sign": np.sign,
    "ismax": first_largest,
    "symmetricismax": lambda x: 2 * first_largest(x) - 1,
}
SMOOTH = ("logit", "doublelogit", "invlogit", "symmetric", "symmetriclogit")
members = pytest.mark.parametrize("name", FORMULAS)


def test_everything_of_the_namespace_is_here():
    assert set(transform.__all__) == set(FORMULAS)
    assert dltk.deep.DifferentiableFunction is dltk.DifferentiableFunction


@members
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_formula_agrees_and_labels_and_type_stay(name, dtype):
    x = np.array([[-2.0, 0.3, 0.0], [0.5, 0.3, 1.0], [3.0, 0.1, 0.25]])
    if name == "invlogit":
        x = special.expit(x)
    Y = getattr(transform, name)(dlarray(x.astype(dtype), "CB"))
    assert (Y.dims, Y.dtype) == ("CB", dtype)
    wanted = FORMULAS[name](x.astype(dtype).astype(float))
    np.testing.assert_allclose(extractdata(Y), wanted, rtol=1e-5 if dtype == np.float32 else 1e-14)


@quick
@given(labelled())
def test_sizes_and_labels_stay_whatever_they_are(pair):
    X, _ = pair
    for name in FORMULAS:
        if name.endswith("ismax") and "C" not in X.dims:
            continue
        if name == "invlogit":
            continue  # the numbers are whole
        Y = getattr(transform, name)(X)
        assert (Y.dims, Y.shape) == (X.dims, X.shape)


@pytest.mark.parametrize("name", ["ismax", "symmetricismax"])
@pytest.mark.parametrize("fmt", ["CB", "BC", "CBT", "SCB"])
def test_the_largest_is_sought_over_the_channels(name, fmt):
    x = np.random.default_rng(1).standard_normal((3, 4, 2)[: len(fmt)])
    axis = fmt.index("C")
    Y = getattr(transform, name)(dlarray(x, fmt))
    low = -1 if name.startswith("symmetric") else 0
    where = np.expand_dims(x.argmax(axis), axis)
    wanted = np.full(x.shape, low, float)
    np.put_along_axis(wanted, where, 1.0, axis)
    assert extractdata(Y).tolist() == extractdata(dlarray(wanted, fmt)).tolist()


def test_plain_numbers_and_unlabelled_arrays():
    assert transform.symmetric([0.0, 1.0]).tolist() == [-1, 1]
    assert isinstance(transform.logit(dlarray([1.0, 2.0])), dlarray)


def test_small_scores_keep_their_digits():
    assert transform.symmetriclogit(1e-20) == pytest.approx(5e-21, rel=1e-12)
    assert transform.logit(1000.0) == 1
    assert transform.invlogit([0.0, 1.0]).tolist() == [-np.inf, np.inf]


@pytest.mark.parametrize("name", SMOOTH)
def test_first_and_second_derivatives_agree_with_finite_differences(name):
    assert_derivatives(getattr(transform, name), SCORES, fmts=["CB"], order=2)


@pytest.mark.parametrize("name", ["sign", "ismax", "symmetricismax"])
def test_steps_have_derivative_zero(name):
    assert (gradient(getattr(transform, name), SCORES, "CB") == 0).all()


@members
def test_compiled_equals_eager(name):
    function, X = getattr(transform, name), dlarray(SCORES, "CB")

    def both(X):
        Y = function(X)
        return Y, dlgradient(sum(Y, "all"), X)

    Y, _ = dlfeval(both, X)
    np.testing.assert_allclose(extractdata(Y), extractdata(function(X)), rtol=1e-14)


@pytest.mark.parametrize("name", ["ismax", "symmetricismax"])
def test_without_channels_nothing_is_largest(name):
    function = getattr(transform, name)
    with pytest.raises(FormatError, match=rf"^deep.transform.{name}: X has no \"C\" dimension"):
        function(dlarray(SCORES, "SB"))
    with pytest.raises(FormatError, match=rf"^deep.transform.{name}: X has no labels"):
        function(dlarray(SCORES))
