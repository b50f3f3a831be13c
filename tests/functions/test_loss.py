"""Losses: published numbers, formulas in NumPy, labels, weights, masks, derivatives, messages."""

import jax
import numpy as np
import pytest
from jax.test_util import check_grads

from dltk._errors import FormatError, OptionError
from dltk.dlarray import dlarray, extractdata
from dltk.functions._activation import softmax
from dltk.functions._indexcrossentropy import indexcrossentropy
from dltk.functions._loss import crossentropy, huber, l1loss, l2loss, mse


class MatlabStream:
    """rand and randi of a fresh MATLAB: Mersenne Twister with seed 5489, column by column."""

    def __init__(self):
        self.stream = np.random.RandomState(5489)

    def rand(self, *shape):
        return self.stream.random_sample(int(np.prod(shape))).reshape(shape, order="F")

    def randi(self, top, *shape):
        return np.floor(self.rand(*shape) * top) + 1


@pytest.fixture
def matlab():
    return MatlabStream()


def onehot(numbers, classes):
    return (np.arange(1, classes + 1)[:, None] == np.asarray(numbers).reshape(1, -1)).astype(float)


def value(loss):
    assert (loss.shape, loss.dims) == ((1, 1), "")
    return float(loss)


# Numbers that MATLAB's reference pages print


def test_mse_gives_the_number_on_its_reference_page(matlab):
    X = dlarray(matlab.rand(6, 6, 1, 1), "SSCB")
    assert f"{value(mse(X, np.ones((6, 6)))):.4f}" == "5.2061"


def test_mse_divides_by_observations(matlab):
    y, yhat = matlab.rand(3, 7), matlab.rand(3, 7)
    assert f"{value(mse(dlarray(yhat, 'CB'), dlarray(y, 'CB'))):.4f}" == "0.3697"
    assert f"{value(mse(dlarray(yhat, 'BC'), dlarray(y, 'BC'))):.4f}" == "0.8626"


def test_crossentropy_gives_the_number_on_its_reference_page(matlab):
    Y = softmax(dlarray(matlab.rand(10, 12), "CB"))
    T = onehot(matlab.randi(10, 1, 12), 10)
    assert f"{value(crossentropy(Y, T)):.4f}" == "2.3343"


def test_class_weights_do_not_enter_the_normalizer(matlab):
    Y = softmax(dlarray(matlab.rand(10, 12), "CB"))
    T = onehot(matlab.randi(10, 1, 12), 10)
    weights = matlab.rand(1, 10)
    assert f"{value(crossentropy(Y, T, weights, WeightsFormat='UC')):.4f}" == "1.1261"


@pytest.mark.parametrize(
    ("loss", "printed"), [(l1loss, "3.1679"), (l2loss, "1.4748"), (huber, "0.7374")]
)
def test_regression_losses_give_the_numbers_of_the_documentation(matlab, loss, printed):
    Y, targets = dlarray(matlab.rand(10, 12), "CB"), matlab.rand(10, 12)
    assert f"{value(loss(Y, targets)):.4f}" == printed


@pytest.mark.parametrize(("loss", "printed"), [(l1loss, "32.6172"), (l2loss, "16.3668")])
def test_masked_padded_sequences_give_the_numbers_of_the_documentation(matlab, loss, printed):
    lengths = matlab.randi(15, 12).astype(int)
    assert lengths.tolist() == [13, 14, 2, 14, 10, 2, 5, 9, 15, 15, 3, 15]
    Y, T, mask = (np.zeros((10, 15, 12)) for _ in range(3))
    for i, n in enumerate(lengths):
        Y[:, :n, i] = matlab.rand(10, n)
        T[:, :n, i] = matlab.rand(10, n)
        mask[:, :n, i] = 1
    given = [dlarray(a, "CTB") for a in (Y, T, mask)]
    assert f"{value(loss(given[0], given[1], Mask=given[2])):.4f}" == printed


def test_indexcrossentropy_gives_the_number_of_the_documentation(matlab):
    Y = softmax(dlarray(matlab.rand(5, 7), "CB"))
    T = matlab.randi(5, 1, 7)
    assert T.tolist() == [[5, 4, 2, 5, 1, 3, 2]]
    assert f"{value(indexcrossentropy(Y, T)):.4f}" == "1.5620"


# All elementwise losses keep the same promises

RNG = np.random.default_rng(7)
LOSSES = {
    "crossentropy": (crossentropy, lambda y, t: -t * np.log(y)),
    "multilabel": (
        lambda *a, **k: crossentropy(*a, ClassificationMode="multilabel", **k),
        lambda y, t: -t * np.log(y) - (1 - t) * np.log(1 - y),
    ),
    "l1loss": (l1loss, lambda y, t: np.abs(y - t)),
    "l2loss": (l2loss, lambda y, t: (y - t) ** 2),
    "huber": (
        lambda *a, **k: huber(*a, TransitionPoint=0.3, **k),
        lambda y, t: np.where(abs(y - t) <= 0.3, (y - t) ** 2 / 2, 0.3 * abs(y - t) - 0.045),
    ),
}
losses = pytest.mark.parametrize("name", LOSSES)


def sample(*shape):
    return RNG.uniform(0.05, 0.95, shape), RNG.uniform(0.05, 0.95, shape)


@losses
def test_loss_is_the_sum_divided_by_the_observations(name):
    loss, formula = LOSSES[name]
    y, t = sample(4, 3, 5, 2)
    for fmt, n in {"SSCB": 2, "SCBT": 5, "SSCT": 1, "BCTU": 4}.items():
        Y, T = dlarray(y, fmt), dlarray(t, fmt)
        assert value(loss(Y, T)) == pytest.approx(formula(y, t).sum() / n, rel=1e-12)


@losses
@pytest.mark.parametrize(
    ("factor", "divisor"), [("batch-size", 5), ("all-elements", 60), ("none", 1)]
)
def test_normalization_factors(name, factor, divisor):
    loss, formula = LOSSES[name]
    y, t = sample(3, 5, 4)
    got = loss(dlarray(y, "CBT"), t, NormalizationFactor=factor)
    assert value(got) == pytest.approx(formula(y, t).sum() / divisor, rel=1e-12)


@losses
def test_mask_included_averages_each_observation_first(name):
    loss, formula = LOSSES[name]
    y, t = sample(3, 5, 4)
    mask = RNG.random((3, 5, 4)) < 0.5
    mask[:, 0] = False  # an observation without any element counts as 0
    each = (formula(y, t) * mask).sum((0, 2)) / np.maximum(mask.sum((0, 2)), 1)
    got = loss(dlarray(y, "CBT"), t, Mask=mask, NormalizationFactor="mask-included")
    assert value(got) == pytest.approx(each.sum() / 5, rel=1e-12)


@losses
def test_without_reduction_every_element_has_its_weighted_masked_loss(name):
    loss, formula = LOSSES[name]
    y, t = sample(3, 5)
    weights, mask = RNG.random((3, 5)), RNG.random((3, 5)) < 0.5
    got = loss(dlarray(y, "CB"), t, weights, Mask=mask, Reduction="none")
    assert got.dims == ""
    np.testing.assert_allclose(extractdata(got), formula(y, t) * weights * mask, rtol=1e-12)


@losses
def test_DataFormat_reads_everything_in_the_callers_order(name):
    loss, formula = LOSSES[name]
    y, t = sample(5, 4, 3)  # B, T, C
    got = loss(dlarray(y), t, DataFormat="BTC")
    assert value(got) == pytest.approx(formula(y, t).sum() / 5, rel=1e-12)
    each = loss(dlarray(y), t, DataFormat="BTC", Reduction="none")
    np.testing.assert_allclose(extractdata(each), formula(y, t), rtol=1e-12)
    from_numbers = loss(y, dlarray(t), DataFormat="BTC")
    assert value(from_numbers) == pytest.approx(value(got), rel=1e-12)


@losses
@pytest.mark.parametrize(
    ("weights", "fmt", "expanded"),
    [
        (np.array([1.0, 2.0, 3.0]), "C", np.array([1.0, 2.0, 3.0])[:, None, None]),
        (np.array([[1.0, 2.0, 3.0]]), "UC", np.array([1.0, 2.0, 3.0])[:, None, None]),
        (np.array([1.0, 0.0, 0.5, 2.0]), "T", np.array([1.0, 0.0, 0.5, 2.0])),
        (np.arange(15.0).reshape(5, 3), "BC", np.arange(15.0).reshape(5, 3).T[:, :, None]),
        (2.5, None, np.array(2.5)),
    ],
)
def test_weights_expand_by_label(name, weights, fmt, expanded):
    loss, formula = LOSSES[name]
    y, t = sample(3, 5, 4)
    expected = (formula(y, t) * expanded).sum() / 5
    got = loss(dlarray(y, "CBT"), t, weights, WeightsFormat=fmt)
    assert value(got) == pytest.approx(expected, rel=1e-12)
    if fmt:
        labelled = loss(dlarray(y, "CBT"), t, dlarray(weights, fmt))
        assert value(labelled) == pytest.approx(expected, rel=1e-12)


@losses
def test_what_is_masked_has_no_influence_even_if_it_is_not_a_number(name):
    loss, formula = LOSSES[name]
    y, t = sample(3, 4)
    mask = np.ones((3, 4))
    mask[1, 2] = 0
    bad_y, bad_t = y.copy(), t.copy()
    bad_y[1, 2] = bad_t[1, 2] = np.nan

    def masked(y):
        return extractdata(loss(dlarray(y, "CB"), bad_t, Mask=mask)).sum()

    with jax.enable_x64(True):
        got, slopes = map(np.asarray, jax.value_and_grad(masked)(bad_y))
    assert got == pytest.approx((formula(y, t) * mask).sum() / 4, rel=1e-12)
    assert slopes[1, 2] == 0
    assert np.isfinite(slopes).all()


@losses
def test_a_mask_of_one_row_holds_for_all_channels(name):
    loss, formula = LOSSES[name]
    y, t = sample(3, 4, 2)
    mask = RNG.random((4, 2)) < 0.5
    expected = (formula(y, t) * mask).sum() / 4
    for given in (mask[None], dlarray(mask, "BT"), dlarray(mask[None].astype(np.float32), "CBT")):
        got = loss(dlarray(y, "CBT"), t, Mask=given)
        assert got.dtype == np.float64
        assert value(got) == pytest.approx(expected, rel=1e-12)


@losses
def test_single_stays_single_and_wins_over_double(name):
    loss, _ = LOSSES[name]
    y, t = sample(3, 4)
    single = y.astype(np.float32)
    assert loss(dlarray(single, "CB"), t).dtype == np.float32
    assert loss(dlarray(single, "CB"), t, [1.0, 2.0, 3.0], WeightsFormat="C").dtype == np.float32
    assert loss(dlarray(y, "CB"), t, Mask=np.ones((3, 4), np.float32)).dtype == np.float64


@losses
def test_first_and_second_derivatives_agree_with_finite_differences(name):
    loss, _ = LOSSES[name]
    y, t = sample(3, 4)
    weights, mask = RNG.random((3, 4)), RNG.random((3, 4)) < 0.7

    def raw(y, t, w):
        Y, T, w = dlarray(y, "CB"), dlarray(t, "CB"), dlarray(w, "CB")
        return extractdata(loss(Y, T, w, Mask=mask))

    with jax.enable_x64(True):
        check_grads(jax.jit(raw), (y, t, weights), order=2, modes=["rev"], atol=1e-4, rtol=1e-4)
        check_grads(jax.jit(raw), (y, t, weights), order=1, modes=["fwd"], atol=1e-5)


@losses
def test_targets_of_the_wrong_size_show_both_sizes(name):
    loss, _ = LOSSES[name]
    public = "crossentropy" if name == "multilabel" else name
    Y = dlarray(np.full((3, 4, 5), 0.5), "CTB")
    with pytest.raises(FormatError, match=f"^{public}: target of the wrong size") as error:
        loss(Y, np.ones((3, 4, 5)))  # in the order in which the labels were given
    assert "Y: 3(C) × 5(B) × 4(T)" in str(error.value)
    assert "targets: 3×4×5" in str(error.value)
    assert 'order "CBT"' in str(error.value)
    assert ("onehotencode" in str(error.value)) == (public == "crossentropy")
    with pytest.raises(FormatError, match="target of the wrong size") as error:
        loss(Y, dlarray(np.ones((3, 5)), "CB"))
    assert "Give targets the labels and sizes of Y." in str(error.value)
    with pytest.raises(FormatError, match="target of the wrong size"):
        loss(Y, dlarray(np.ones((3, 5, 4, 2)), "CBTS"))


def test_a_target_may_lack_labels_of_size_one():
    Y = dlarray(np.full((1, 3), 0.5), "CB")
    assert value(l1loss(Y, dlarray([0.0, 0.0, 0.0], "B"))) == 0.5


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_probabilities_of_zero_cost_as_much_as_eps_and_still_learn(dtype):
    eps = np.finfo(dtype).eps
    zero, one = np.zeros((1, 1), dtype), np.ones((1, 1), dtype)

    def loss(y, t, mode="single-label"):
        return extractdata(crossentropy(dlarray(y, "CB"), t, ClassificationMode=mode)).sum()

    with jax.enable_x64(True):
        cost, slope = jax.value_and_grad(loss)(zero, one)
        bend = jax.grad(lambda y: jax.grad(loss)(y, one).sum())(zero)
        other = jax.value_and_grad(lambda y: loss(y, zero, "multilabel"))(one)
    assert float(cost) == pytest.approx(-np.log(eps), rel=1e-6)
    assert float(slope[0, 0]) == pytest.approx(-1 / eps, rel=1e-6)
    assert np.isfinite(np.asarray(bend)).all()
    assert float(other[0]) == pytest.approx(-np.log(eps), rel=1e-6)
    assert float(other[1][0, 0]) == pytest.approx(1 / eps, rel=1e-6)


def test_slope_of_l1loss_is_zero_at_zero():
    y = np.array([[1.0], [2.0]])
    slope = jax.grad(lambda y: extractdata(l1loss(dlarray(y, "CB"), [[1.0], [0.0]])).sum())(y)
    np.testing.assert_array_equal(slope, [[0], [1]])


def test_older_names_of_the_classification_mode():
    y, t = sample(3, 4)
    Y = dlarray(y, "CB")
    new = crossentropy(Y, t, ClassificationMode="multilabel")
    assert value(crossentropy(Y, t, TargetCategories="independent")) == value(new)
    assert value(crossentropy(Y, t, TargetCategories="exclusive")) == value(crossentropy(Y, t))
    with pytest.raises(OptionError, match="older name of ClassificationMode; give one"):
        crossentropy(Y, t, TargetCategories="exclusive", ClassificationMode="multilabel")


# indexcrossentropy


@pytest.mark.parametrize("fmt", ["CB", "CBT", "SSCB", "CT"])
def test_indexcrossentropy_equals_crossentropy_of_one_hot_vectors(fmt):
    shape = (4, 6, 3, 2)[: len(fmt)] if fmt != "SSCB" else (6, 3, 4, 2)
    axis = fmt.index("C")
    y = RNG.dirichlet(np.ones(4), size=tuple(np.delete(shape, axis)))
    y = np.moveaxis(y, -1, axis)
    t = RNG.integers(1, 5, size=tuple(np.delete(shape, axis))).astype(float)
    T = np.moveaxis(np.eye(4)[t.astype(int) - 1], -1, axis)
    Y = dlarray(y, fmt)
    expected = value(crossentropy(Y, dlarray(T, fmt)))
    lacking = fmt.replace("C", "")
    for targets in (t, np.expand_dims(t, axis), dlarray(t, lacking), t.astype(np.float32)):
        got = indexcrossentropy(Y, targets)
        assert got.dtype == np.float64
        assert value(got) == pytest.approx(expected, rel=1e-12)
    plain = indexcrossentropy(dlarray(y), t, DataFormat=fmt)
    assert value(plain) == pytest.approx(expected, rel=1e-12)
    weights = RNG.random(4)
    weighted = indexcrossentropy(Y, t, weights, WeightsFormat="C")
    assert value(weighted) == pytest.approx(
        value(crossentropy(Y, dlarray(T, fmt), weights, WeightsFormat="C")), rel=1e-12
    )


def test_indexcrossentropy_leaves_out_what_is_masked():
    y = RNG.dirichlet(np.ones(3), size=4).T
    Y, t = dlarray(y, "CB"), np.array([1.0, 0.0, 3.0, 2.0])
    kept = -np.log([y[0, 0], y[2, 2], y[1, 3]]).sum()
    assert value(indexcrossentropy(Y, t, MaskIndex=0)) == pytest.approx(kept / 4)
    by_mask = indexcrossentropy(Y, t, Mask=[1, 0, 1, 1], NormalizationFactor="target-included")
    assert value(by_mask) == pytest.approx(kept / 3)
    each = indexcrossentropy(Y, t, MaskIndex=0, Reduction="none")
    assert each.shape == (1, 4)
    assert extractdata(each)[0, 1] == 0


def test_indexcrossentropy_refuses_numbers_that_are_no_class():
    Y = dlarray(np.full((3, 2), 1 / 3), "CB")
    for wrong, shown in ((0, "0"), (4, "4"), (1.5, "1.5")):
        with pytest.raises(OptionError, match=f"{shown} is not a class number") as error:
            indexcrossentropy(Y, [1, wrong])
        assert "from 1 to 3" in str(error.value)
    unknown = jax.jit(lambda t: extractdata(indexcrossentropy(Y, dlarray(t, "B"))))
    assert np.isnan(unknown(np.array([1.0, 0.0]))).all()


def test_indexcrossentropy_derivatives_agree_with_finite_differences():
    y = RNG.dirichlet(np.ones(3), size=4).T
    t = np.array([1, 3, 3, 2])
    with jax.enable_x64(True):
        raw = jax.jit(lambda y: extractdata(indexcrossentropy(dlarray(y, "CB"), t)))
        check_grads(raw, (y,), order=2, modes=["rev"], atol=1e-4, rtol=1e-4)


def test_indexcrossentropy_of_targets_that_do_not_fit_shows_both_sizes():
    with pytest.raises(FormatError, match="indexcrossentropy: target of the wrong size") as error:
        indexcrossentropy(dlarray(np.full((3, 4), 1 / 3), "CB"), [1, 2, 3])
    assert "Y: 3(C) × 4(B)" in str(error.value)
    assert "targets: 1×3" in str(error.value)


# What goes wrong


def message(error):
    return str(error.value)


def test_plain_predictions_ask_for_labels():
    with pytest.raises(FormatError, match="mse: Y has no labels") as error:
        mse(dlarray(np.ones((2, 2))), np.ones((2, 2)))
    assert "DataFormat" in message(error)
    with pytest.raises(OptionError, match="mse: none of the inputs is a dlarray"):
        mse(np.ones((2, 2)), np.ones((2, 2)))


def test_weights_without_labels_ask_for_WeightsFormat():
    Y = dlarray(np.full((3, 4), 0.5), "CB")
    with pytest.raises(FormatError, match="weights without labels") as error:
        crossentropy(Y, np.ones((3, 4)), [1.0, 2.0, 3.0])
    assert 'WeightsFormat="C"' in message(error)
    with pytest.raises(FormatError, match="weights of the wrong size"):
        crossentropy(Y, np.ones((3, 4)), [1.0, 2.0], WeightsFormat="C")
    with pytest.raises(FormatError, match="WeightsFormat is given, but weights has labels"):
        l1loss(Y, np.ones((3, 4)), dlarray([1.0, 2.0, 3.0], "C"), WeightsFormat="C")


def test_a_mask_of_the_wrong_size_is_shown():
    Y = dlarray(np.full((3, 4), 0.5), "CB")
    with pytest.raises(FormatError, match="l2loss: Mask of the wrong size") as error:
        l2loss(Y, np.ones((3, 4)), Mask=np.ones((3, 2)))
    assert "Mask: 3×2" in message(error)


def test_words_that_do_not_exist_are_explained():
    Y = dlarray(np.full((3, 4), 0.5), "CB")
    with pytest.raises(OptionError, match="Reduction is not one of its words") as error:
        l1loss(Y, np.ones((3, 4)), Reduction="mean")
    assert 'Use one of: "sum", "none".' in message(error)
    with pytest.raises(OptionError, match="ClassificationMode is not one of its words") as error:
        crossentropy(Y, np.ones((3, 4)), ClassificationMode="multi-label")
    assert 'Did you mean "multilabel"?' in message(error)
    with pytest.raises(OptionError, match='"mask-included" needs a mask'):
        l1loss(Y, np.ones((3, 4)), NormalizationFactor="mask-included")
    with pytest.raises(OptionError, match="TransitionPoint must be a scalar, larger than 0"):
        huber(Y, np.ones((3, 4)), TransitionPoint=0)
