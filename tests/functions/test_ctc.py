"""The CTC loss against all alignments one by one, Optax, and finite differences."""

import itertools

import jax
import numpy as np
import optax
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dltk import dlfeval, dlgradient
from dltk._errors import FormatError, OptionError
from dltk.dlarray import dlarray, extractdata
from dltk.functions._activation import softmax
from dltk.functions._ctc import ctc

from ..strategies import few
from .gradients import assert_derivatives

RANDOM = np.random.default_rng(11)


def probabilities(batch, steps, classes):
    """(observation, time, class)."""
    return RANDOM.dirichlet(np.ones(classes), size=(batch, steps))


def collapsed(alignment, blank):
    """What an alignment says: repeated classes once, blanks left out."""
    return [k for k, _ in itertools.groupby(alignment) if k != blank]


def by_enumeration(y, target, blank):
    """Minus the logarithm of the summed probability of all alignments; y is (time, class)."""
    total = 0.0
    for alignment in itertools.product(range(y.shape[1]), repeat=len(y)):
        if collapsed(alignment, blank) == list(target):
            total += np.prod(y[np.arange(len(y)), alignment])
    return -np.log(total)


def value(loss):
    assert (loss.shape, loss.dims) == ((1, 1), "")
    return float(loss)


@pytest.mark.parametrize("target", [[], [1], [1, 2], [1, 1], [2, 1, 2], [1, 1, 1]])
@pytest.mark.parametrize("blank", [0, 1, 3])
def test_the_loss_sums_over_all_alignments(target, blank):
    target = [k - 1 + (k > blank) for k in target]  # the same one, whatever the blank is
    y = probabilities(1, 5, 4)
    T = np.array([[*target, *[-7] * (4 - len(target))]], float) + 1
    mask = np.arange(4)[None] < len(target)
    got = ctc(dlarray(y, "BTC"), dlarray(T, "BT"), None, dlarray(mask, "BT"), BlankIndex=blank + 1)
    assert value(got) == pytest.approx(by_enumeration(y[0], target, blank), rel=1e-12)


def batch_of_three():
    y = probabilities(3, 9, 5)
    T = RANDOM.integers(2, 6, (3, 4)).astype(float)
    ymask = np.arange(9) < np.array([9, 7, 4])[:, None]
    tmask = np.arange(4) < np.array([4, 2, 0])[:, None]
    return y, T, ymask, tmask


def test_the_mean_over_the_batch_is_optaxs():
    y, T, ymask, tmask = batch_of_three()
    with jax.enable_x64(True):
        wanted = np.mean(optax.ctc_loss(np.log(y), 1.0 - ymask, T.astype(int) - 1, 1.0 - tmask))
    got = ctc(dlarray(y, "BTC"), dlarray(T, "BT"), dlarray(ymask, "BT"), dlarray(tmask, "BT"))
    assert value(got) == pytest.approx(float(wanted), rel=1e-9)


def test_one_class_and_two_steps_in_closed_form():
    p = 0.3
    Y = dlarray([[[1 - p, 1 - p]], [[p, p]]], "CBT")
    assert value(ctc(Y, [[[2.0]]], None, None)) == pytest.approx(-np.log(1 - (1 - p) ** 2))


def test_the_blank_may_be_first_last_or_a_number():
    y, T, _, _ = batch_of_three()
    moved = np.concatenate([y[..., 1:], y[..., :1]], axis=-1)
    first = value(ctc(dlarray(y, "BTC"), dlarray(T, "BT"), None, None))
    for blank in ("last", 5):
        last = ctc(dlarray(moved, "BTC"), dlarray(T - 1, "BT"), None, None, BlankIndex=blank)
        assert value(last) == pytest.approx(first, rel=1e-12)
    assert value(ctc(dlarray(y, "BTC"), dlarray(T, "BT"), None, None, BlankIndex=1)) == first


def test_padding_has_no_influence_on_either_side():
    y, T, ymask, tmask = batch_of_three()
    got = value(
        ctc(dlarray(y, "BTC"), dlarray(T, "BT"), dlarray(ymask, "BT"), dlarray(tmask, "BT"))
    )
    each = []
    for i in range(3):
        Y = dlarray(y[i, ymask[i]], "TC")
        target = dlarray(T[i, tmask[i]] if tmask[i].any() else [2.0], "T")
        none = None if tmask[i].any() else dlarray([0.0], "T")
        each.append(value(ctc(Y, target, None, none)))
    assert got == pytest.approx(np.mean(each), rel=1e-12)
    turned = [dlarray(a[:, ::-1], "BTC"[: a.ndim]) for a in (y[:, ::-1].copy(), T, ymask, tmask)]
    shifted_y = np.array([np.roll(row, -int(m.sum()), 0) for row, m in zip(y, ymask, strict=True)])
    shifted_t = np.array([np.roll(row, -int(m.sum())) for row, m in zip(T, tmask, strict=True)])
    left = ctc(dlarray(shifted_y, "BTC"), dlarray(shifted_t, "BT"), turned[2], turned[3])
    assert value(left) == pytest.approx(got, rel=1e-12)


@pytest.mark.parametrize("fmt", ["CBT", "CTB", "TBC", "BTC"])
def test_data_may_have_labels_or_DataFormat_in_any_order(fmt):
    y, T, ymask, tmask = batch_of_three()
    wanted = value(
        ctc(dlarray(y, "BTC"), dlarray(T, "BT"), dlarray(ymask, "BT"), dlarray(tmask, "BT"))
    )
    axes = ["BTC".index(letter) for letter in fmt]

    def turned(a):
        full = a if a.ndim == 3 else a[..., None]
        return np.transpose(full, axes)

    whole_mask = turned(np.broadcast_to(ymask[..., None], y.shape))  # as padsequences gives it
    labelled = [dlarray(turned(a), fmt) for a in (y, T, ymask, tmask)]
    assert value(ctc(*labelled)) == pytest.approx(wanted, rel=1e-12)
    labelled[2] = dlarray(whole_mask, fmt)
    assert value(ctc(*labelled)) == pytest.approx(wanted, rel=1e-12)
    plain = [dlarray(turned(y)), turned(T), whole_mask.astype(np.float32), turned(tmask)]
    assert value(ctc(*plain, DataFormat=fmt)) == pytest.approx(wanted, rel=1e-12)
    lacking = fmt.replace("C", "")
    rows = [np.transpose(a, ["BT".index(letter) for letter in lacking]) for a in (T, ymask, tmask)]
    assert value(ctc(plain[0], *rows, DataFormat=fmt)) == pytest.approx(wanted, rel=1e-12)


@few
@given(st.integers(1, 3), st.integers(1, 4), st.integers(1, 3), st.integers(2, 4), st.data())
def test_any_size_agrees_with_the_alignments(batch, steps, length, classes, data):
    blank = data.draw(st.integers(1, classes))
    others = [k for k in range(1, classes + 1) if k != blank]
    T = np.array(
        data.draw(
            st.lists(
                st.lists(st.sampled_from(others), min_size=length, max_size=length),
                min_size=batch,
                max_size=batch,
            )
        ),
        float,
    )
    lengths = data.draw(st.lists(st.integers(0, length), min_size=batch, max_size=batch))
    tmask = np.arange(length) < np.array(lengths)[:, None]
    y = probabilities(batch, steps, classes)
    with np.errstate(divide="ignore"):
        wanted = np.mean(
            [by_enumeration(y[i], T[i, : lengths[i]] - 1, blank - 1) for i in range(batch)]
        )
    got = ctc(dlarray(y, "BTC"), dlarray(T, "BT"), None, dlarray(tmask, "BT"), BlankIndex=blank)
    assert value(got) == pytest.approx(wanted, rel=1e-10)


def test_a_target_that_does_not_fit_costs_infinitely_much_without_a_slope():
    Y, T = dlarray(probabilities(1, 2, 3), "BTC"), dlarray([[2.0, 2.0]], "BT")

    def both(Y):
        loss = ctc(Y, T, None, None)  # two equal classes need a blank between: three steps
        return loss, dlgradient(loss, Y)

    loss, slope = dlfeval(both, Y)
    assert value(loss) == np.inf
    assert (extractdata(slope) == 0).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_number_type_is_that_of_the_predictions(dtype):
    y, T, ymask, tmask = batch_of_three()
    Y = dlarray(y.astype(dtype), "BTC")
    others = [dlarray(a.astype(np.float32), "BT") for a in (T, ymask, tmask)]
    loss = ctc(Y, *others)
    assert loss.dtype == dtype
    exact = ctc(dlarray(y, "BTC"), *others)
    assert value(loss) == pytest.approx(value(exact), rel=1e-5 if dtype == np.float32 else 1e-12)


def test_single_keeps_small_probabilities():
    y = np.array([[[1 - 1e-20, 1e-20], [1.0, 0.0]]], np.float32)
    loss = ctc(dlarray(y, "BTC"), dlarray([[2.0]], "BT"), None, None)
    assert value(loss) == pytest.approx(20 * np.log(10), rel=1e-5)
    y[0] = [1, 0]
    nothing = ctc(dlarray(y, "BTC"), dlarray([[2.0]], "BT"), None, None)
    assert np.isfinite(value(nothing))


def test_first_and_second_derivatives_agree_with_finite_differences():
    y, T, ymask, tmask = batch_of_three()
    rest = [dlarray(a, "BT") for a in (T, ymask, tmask)]
    assert_derivatives(lambda Y: ctc(Y, *rest), y / 2 + 0.1, fmts=["BTC"], order=2)


def test_the_gradient_through_softmax_is_prediction_minus_posterior():
    """The derivative by the logits sums to 0 over the classes (Graves, equation 16)."""
    x = RANDOM.standard_normal((3, 9, 5))
    _, T, ymask, tmask = batch_of_three()
    rest = [dlarray(a, "BT") for a in (T, ymask, tmask)]

    def slope(X):
        return dlgradient(ctc(softmax(X), *rest), X)

    g = extractdata(dlfeval(slope, dlarray(x, "BTC")))  # C, B, T
    np.testing.assert_allclose(g.sum(0), 0, atol=1e-12)
    assert (g[:, ~ymask] == 0).all()
    with jax.enable_x64(True):
        wanted = jax.grad(
            lambda x: optax.ctc_loss(x, 1.0 - ymask, T.astype(int) - 1, 1.0 - tmask).mean()
        )(x)
    np.testing.assert_allclose(g, np.moveaxis(wanted, -1, 0), atol=1e-7)


def test_compiled_and_eager_are_equal():
    y, T, ymask, tmask = batch_of_three()
    given = [dlarray(y, "BTC"), *(dlarray(a, "BT") for a in (T, ymask, tmask))]
    assert value(dlfeval(ctc, *given)) == pytest.approx(value(ctc(*given)), rel=1e-14)


# What goes wrong


def test_the_blank_and_numbers_beyond_the_classes_are_no_targets():
    Y = dlarray(probabilities(2, 6, 4), "BTC")
    for wrong, part in (
        (1, "1 is the blank"),
        (5, "5 is not a class"),
        (2.5, "2.5 is not a class"),
    ):
        with pytest.raises(OptionError, match=f"^ctc: {part}") as error:
            ctc(Y, dlarray([[2.0, 3.0], [4.0, wrong]], "BT"), None, None)
        assert "from 1 to 4" in str(error.value)
        masked = ctc(
            Y, dlarray([[2.0, 3.0], [4.0, wrong]], "BT"), None, dlarray([[1, 1], [1, 0]], "BT")
        )
        assert np.isfinite(value(masked))
        unknown = jax.jit(lambda t: extractdata(ctc(Y, dlarray(t, "BT"), None, None)))
        assert np.isnan(unknown(np.array([[2.0, 3.0], [4.0, wrong]]))).all()


def test_a_blank_that_does_not_exist_is_refused():
    Y, T = dlarray(probabilities(1, 3, 4), "BTC"), dlarray([[2.0]], "BT")
    with pytest.raises(OptionError, match="ctc: there is no class 5 to be the blank"):
        ctc(Y, T, None, None, BlankIndex=5)
    with pytest.raises(OptionError, match='Did you mean "first"'):
        ctc(Y, T, None, None, BlankIndex="frist")
    with pytest.raises(OptionError, match="BlankIndex must be a positive whole number"):
        ctc(Y, T, None, None, BlankIndex=0)


def test_sizes_and_labels_that_do_not_fit_are_shown():
    Y, T = dlarray(probabilities(2, 6, 4), "BTC"), dlarray(np.full((2, 3), 2.0), "BT")
    with pytest.raises(FormatError, match=r"^ctc: targets does not fit Y") as error:
        ctc(Y, dlarray(np.full((3, 3), 2.0), "BT"), None, None)
    assert "targets: 3(B) × 3(T)" in str(error.value)
    assert '2 observations ("B"), its own number of time steps' in str(error.value)
    with pytest.raises(FormatError, match=r"^ctc: YMask does not fit Y") as error:
        ctc(Y, T, np.ones((4, 6, 2)), None)  # in the order "CTB", Y shows "CBT"
    assert "dlarray(YMask, format)" in str(error.value)
    with pytest.raises(FormatError, match=r"^ctc: targetsMask does not fit Y"):
        ctc(Y, T, None, dlarray(np.ones((2, 4)), "BT"))
    with pytest.raises(FormatError, match=r'^ctc: Y has no "T" dimension'):
        ctc(dlarray(np.ones((2, 4)), "BC"), T, None, None)
    with pytest.raises(FormatError, match='labels other than "C", "B" and "T"'):
        ctc(dlarray(np.ones((2, 4, 3, 2)), "BCTS"), T, None, None)
    with pytest.raises(OptionError, match="targets must be numbers, not None"):
        ctc(Y, None, None, None)
