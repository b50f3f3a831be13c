"""Generalized Dice similarity and focal cross-entropy: loops, special cases, derivatives."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dltk import dlfeval
from dltk._errors import FormatError, OptionError
from dltk.dlarray import dlarray, extractdata
from dltk.functions._loss import crossentropy
from dltk.functions._segmentation import focalCrossEntropy, generalizedDice

from ..strategies import few
from .gradients import assert_derivatives

RANDOM = np.random.default_rng(8)


def classes(*shape, axis=-1):
    """Probabilities, and one-hot targets in which every class occurs; classes along ``axis``."""
    k = shape[axis]
    where = tuple(np.delete(shape, axis))
    y = RANDOM.dirichlet(np.ones(k), size=where)
    t = np.eye(k)[RANDOM.integers(0, k, where)]
    return np.moveaxis(y, -1, axis), np.moveaxis(t, -1, axis)


def dice_by_loops(x, t):
    """Of one observation; classes last."""
    above = below = 0.0
    for k in range(x.shape[-1]):
        size = t[..., k].sum()
        w = 1 / max(size, 1) ** 2
        above += w * (x[..., k] * t[..., k]).sum()
        below += w * (x[..., k] ** 2 + t[..., k] ** 2).sum()
    return 2 * above / below


@few
@given(st.sampled_from(["SSCB", "BCSS", "SCB", "SSSCB", "CBT", "SSC"]), st.integers(1, 4))
def test_dice_weighs_classes_by_their_size(fmt, n):
    sizes = {"C": 3, "B": 2}
    x, t = classes(*(sizes.get(letter, n + 1) for letter in fmt), axis=fmt.index("C"))
    got = generalizedDice(dlarray(x, fmt), dlarray(t, fmt))
    order = dlarray(x, fmt).dims
    assert got.dims == order
    assert got.shape == tuple(2 if letter == "B" else 1 for letter in order)
    X, T = (np.moveaxis(a, fmt.index("C"), -1) for a in (x, t))
    letters = fmt.replace("C", "") + "C"
    if "B" in fmt:
        X, T = (np.moveaxis(a, letters.index("B"), 0) for a in (X, T))
        wanted = [dice_by_loops(a, b) for a, b in zip(X, T, strict=True)]
    else:
        wanted = [dice_by_loops(X, T)]
    np.testing.assert_allclose(extractdata(got).ravel(), wanted, rtol=1e-12)


def test_dice_of_equal_and_of_foreign_segmentations():
    _, t = classes(4, 5, 3, 2, axis=2)
    T = dlarray(t, "SSCB")
    assert extractdata(generalizedDice(T, T)).ravel().tolist() == pytest.approx([1, 1])
    other = dlarray(np.roll(t, 1, axis=2), "SSCB")
    assert extractdata(generalizedDice(other, T)).ravel().tolist() == [0, 0]
    plain = generalizedDice(dlarray(t), t, DataFormat="SSCB")
    assert (plain.dims, plain.shape) == ("", (1, 1, 1, 2))
    empty = dlarray(np.zeros((2, 2, 3)), "SSC")
    assert generalizedDice(empty, empty).item() == 0


def focal(y, t, alpha=0.25, gamma=2):
    return -alpha * (1 - y) ** gamma * t * np.log(y)


def test_focal_loss_is_divided_by_the_targets_that_are_not_zero():
    y, t = classes(7, 4)
    Y, T = dlarray(y, "BC"), dlarray(t, "BC")
    assert focalCrossEntropy(Y, T).item() == pytest.approx(focal(y, t).sum() / 7)
    got = focalCrossEntropy(Y, T, Alpha=0.7, Gamma=1.5).item()
    assert got == pytest.approx(focal(y, t, 0.7, 1.5).sum() / 7)
    pixels, truth = classes(3, 4, 5, 2, axis=2)
    got = focalCrossEntropy(dlarray(pixels, "SSCB"), dlarray(truth, "SSCB")).item()
    assert got == pytest.approx(focal(pixels, truth).sum() / 24)


def test_focal_loss_of_the_reference_pages_targets():
    """All 32 targets of the second of ten classes, uniform predictions: a closed form."""
    Y = dlarray(np.full((10, 32), 0.1), "CB")
    T = np.zeros((10, 32))
    T[1] = 1
    assert focalCrossEntropy(Y, T).item() == pytest.approx(0.25 * 0.81 * np.log(10))


def test_without_focus_it_is_crossentropy():
    y, t = classes(6, 3)
    Y, T = dlarray(y, "BC"), dlarray(t, "BC")
    got = focalCrossEntropy(Y, T, Gamma=0, Alpha=1).item()
    assert got == pytest.approx(crossentropy(Y, T).item())


def test_multilabel_adds_what_is_not_there():
    y = RANDOM.uniform(0.05, 0.95, (3, 5))
    t = (RANDOM.random((3, 5)) < 0.5).astype(float)
    wanted = (focal(y, t) + focal(1 - y, 1 - t, 0.75)).sum() / (t != 0).sum()
    Y = dlarray(y, "CB")
    got = focalCrossEntropy(Y, t, ClassificationMode="multilabel")
    assert got.item() == pytest.approx(wanted)
    old = focalCrossEntropy(Y, t, TargetCategories="independent")
    assert old.item() == got.item()
    each = focalCrossEntropy(Y, t, ClassificationMode="multilabel", Reduction="none")
    assert each.dims == ""
    np.testing.assert_allclose(extractdata(each), focal(y, t) + focal(1 - y, 1 - t, 0.75))


def test_focal_loss_of_unformatted_data_and_of_no_targets():
    y, t = classes(4, 3)
    got = focalCrossEntropy(dlarray(y), t, DataFormat="BC", Reduction="none")
    np.testing.assert_allclose(extractdata(got), focal(y, t))
    assert focalCrossEntropy(dlarray(y, "BC"), 0 * t.T).item() == 0


@pytest.mark.parametrize("function", [generalizedDice, focalCrossEntropy])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_number_type_stays_and_compiled_equals_eager(function, dtype):
    y, t = classes(3, 4, 2, 2, axis=2)
    Y, T = dlarray(y.astype(dtype), "SSCB"), dlarray(t, "SSCB")
    eager = function(Y, T)
    assert eager.dtype == dtype
    np.testing.assert_allclose(extractdata(dlfeval(function, Y, T)), extractdata(eager), rtol=1e-6)


@pytest.mark.parametrize(
    "function",
    [
        generalizedDice,
        focalCrossEntropy,
        lambda Y, T: focalCrossEntropy(Y, T, Gamma=1.5, ClassificationMode="multilabel"),
    ],
    ids=["dice", "focal", "focal, multilabel"],
)
def test_first_and_second_derivatives_agree_with_finite_differences(function):
    y, t = classes(3, 2, 3, 2, axis=2)
    T = dlarray(t, "SSCB")
    assert_derivatives(lambda Y: function(Y, T), y / 2 + 0.2, fmts=["SSCB"], order=2)


def test_certain_predictions_have_finite_derivatives():
    y = np.array([[1.0, 0.0], [0.0, 1.0]])

    def slopes(Y):
        from dltk import dlgradient

        return dlgradient(focalCrossEntropy(Y, np.eye(2), Gamma=0.5), Y)

    assert np.isfinite(extractdata(dlfeval(slopes, dlarray(y, "CB")))).all()


Y = dlarray(np.full((3, 4), 0.5), "CB")


@pytest.mark.parametrize(
    ("call", "error", "part"),
    [
        (lambda: generalizedDice(Y, np.ones((3, 5))), FormatError, "^generalizedDice: target of"),
        (lambda: generalizedDice(dlarray(np.ones((2, 2)), "SB"), Y), FormatError, 'no "C" dim'),
        (lambda: generalizedDice(dlarray(np.ones((2, 2))), Y), FormatError, "X has no labels"),
        (lambda: focalCrossEntropy(Y, np.ones((4, 3))), FormatError, "target of the wrong size"),
        (lambda: focalCrossEntropy(Y, Y, Alpha=2), OptionError, "Alpha must be a scalar, at least"),
        (
            lambda: focalCrossEntropy(Y, Y, Gamma=-1),
            OptionError,
            "Gamma must be a scalar, at least",
        ),
        (lambda: focalCrossEntropy(Y, Y, Reduction="mean"), OptionError, "Reduction is not one"),
        (
            lambda: focalCrossEntropy(Y, Y, ClassificationMode="x"),
            OptionError,
            "^focalCrossEntropy",
        ),
    ],
)
def test_what_does_not_fit_is_refused_in_words(call, error, part):
    with pytest.raises(error, match=part):
        call()
