"""Helpers of loops against NumPy, optax and definitions."""

import math

import numpy as np
import optax
import pytest

from dltk import (
    NonFiniteError,
    OptionError,
    average_states,
    batchNormalizationLayer,
    check_finite,
    checkpoints,
    dlaccelerate,
    dlarray,
    dlfeval,
    dlgradient,
    dlnetwork,
    dlupdate,
    early_stopping,
    extractdata,
    featureInputLayer,
    forward,
    fullyConnectedLayer,
    struct,
    sum,
    table,
    thresholdAbsoluteValue,
    thresholdGlobalL2Norm,
    thresholdL2Norm,
)

RANDOM = np.random.RandomState(0)
GRADIENTS = [np.float32(g) for g in (RANDOM.randn(4, 3), RANDOM.randn(5), np.zeros(2))]

# Gradient thresholds


@pytest.mark.parametrize("threshold", [0.1, 1.0, 1e3])
def test_thresholds_are_those_of_optax(threshold):
    state = optax.EmptyState()
    single = optax.clip_by_block_rms  # scales each array by itself, by its root mean square
    for g in GRADIENTS:
        rms = threshold / math.sqrt(g.size)
        wanted = single(rms).update([g], state)[0][0]
        np.testing.assert_allclose(thresholdL2Norm(g, threshold), wanted, rtol=1e-6)
        wanted = optax.clip(threshold).update([g], state)[0][0]
        np.testing.assert_allclose(thresholdAbsoluteValue(g, threshold), wanted, rtol=1e-6)
    wanted = optax.clip_by_global_norm(threshold).update(GRADIENTS, state)[0]
    for got, value in zip(thresholdGlobalL2Norm(GRADIENTS, threshold), wanted, strict=True):
        np.testing.assert_allclose(got, value, rtol=1e-6)


def test_a_gradient_below_the_threshold_keeps_its_bits():
    for g in GRADIENTS:
        np.testing.assert_array_equal(thresholdL2Norm(g, 100), g)
    assert all(map(np.array_equal, thresholdGlobalL2Norm(GRADIENTS, 100), GRADIENTS))


def test_thresholds_keep_containers_labels_and_types():
    gradients = table(["a", "b"], ["W", "W"], [dlarray(np.float32(GRADIENTS[0])), GRADIENTS[1]])
    made = thresholdGlobalL2Norm(gradients, 1)
    assert made.names == gradients.names
    total = math.sqrt(np.sum([np.sum(np.asarray(v, float) ** 2) for v in made.Value]))
    assert total == pytest.approx(1, rel=1e-6)
    assert extractdata(made.Value[0]).dtype == np.float32
    labelled = thresholdL2Norm(dlarray(GRADIENTS[0], "CB"), 1)
    assert labelled.dims == "CB"
    assert thresholdGlobalL2Norm(struct(), 1) == struct()


def test_thresholds_run_in_a_compiled_step():
    def loss(x):
        return sum(x**2, "all") / 2

    def step(x):
        _, gradient = dlfeval(lambda x: (loss(x), dlgradient(loss(x), x)), x)
        return dlupdate(lambda g: thresholdL2Norm(g, 1), [gradient])[0]

    made = extractdata(dlaccelerate(step)(dlarray(np.array([3.0, 4.0]))))
    np.testing.assert_allclose(made.ravel(), [0.6, 0.8], rtol=1e-15)


def test_wrong_thresholds_are_refused():
    with pytest.raises(OptionError, match=r"thresholdL2Norm: gradientThreshold must be positive"):
        thresholdL2Norm(GRADIENTS[0], 0)
    with pytest.raises(OptionError, match=r"got a list.\nWrite dlupdate\(lambda g: threshold"):
        thresholdAbsoluteValue(GRADIENTS, 1)


# Early stopping


def test_patience_counts_validations_without_improvement():
    stopping = early_stopping(3, min_delta=0.1)
    losses = [1.0, 0.95, 0.8, math.nan, 0.75, dlarray(0.71)]
    assert [stopping(loss) for loss in losses] == [False] * 5 + [True]
    assert (stopping.metric, stopping.waited, stopping.improved) == (0.8, 3, False)
    accuracy = early_stopping(1, best="largest")
    assert [accuracy(a) for a in (0.5, 0.6, 0.6)] == [False, False, True]


def test_early_stopping_goes_on_from_a_checkpoint(tmp_path):
    stopping = early_stopping(2)
    stopping(0.5)
    stopping(0.6)
    saved = checkpoints(tmp_path)
    saved.save(1, stopping=stopping)
    other = early_stopping(2)
    saved.load(stopping=other)
    assert other.get_state() == stopping.get_state()
    assert other(0.7)


def test_wrong_patience_is_refused():
    with pytest.raises(OptionError, match="patience must be a whole number from 1 on"):
        early_stopping(0)
    with pytest.raises(OptionError, match='Use one of: "smallest", "largest"'):
        early_stopping(1, best="max")


# NaN


def test_the_first_parameter_that_is_not_finite_is_named():
    layers = [featureInputLayer(2), *(fullyConnectedLayer(3, Name=n) for n in "abc")]
    net = dlnetwork(layers)
    check_finite(1, dlarray(0.5), net)
    bad = dlupdate(lambda p: p, net)
    bad.Learnables["b", "Weights"] = dlarray(np.full((3, 3), np.inf, np.float32))
    bad.Learnables["c", "Bias"] = dlarray(np.full((3, 1), np.nan, np.float32))
    with pytest.raises(NonFiniteError) as error:
        check_finite(12, dlarray(np.float32(np.nan)), bad)
    assert error.value.message == "check_finite: the loss is NaN in iteration 12."
    wanted = "b/Weights, 9 of 9 elements not finite"
    assert error.value.got == {"first parameter concerned": wanted}
    with pytest.raises(
        FloatingPointError,
        match=r"loss is -Inf[\s\S]*none\n  largest parameter: [abc]/Weights, up to [\d.]+\nThe par",
    ):
        check_finite(3, -np.inf, net)
    gradients = table(["a", "c"], ["Weights", "Bias"], [np.ones(2), np.array([np.nan])])
    with pytest.raises(NonFiniteError, match=r"first gradient concerned: c/Bias[\s\S]*Hand over"):
        check_finite(3, np.nan, gradients=gradients)
    with pytest.raises(OptionError, match="the loss is not a scalar"):
        check_finite(3, np.ones(2))


# Statistics of batch normalization


def test_pooled_statistics_are_those_of_all_observations():
    net = dlnetwork([featureInputLayer(3), batchNormalizationLayer(MeanDecay=1, VarianceDecay=1)])
    X = np.float32(RANDOM.randn(3, 20) * [[1], [5], [2]] + [[0], [3], [-1]])
    sizes = [4, 6, 10]
    parts = np.split(X, np.cumsum(sizes)[:-1], axis=1)
    states = [forward(net, dlarray(part, "CB"), nargout=2)[1] for part in parts]
    pooled = average_states(states, sizes)
    net.State = pooled
    got = [
        extractdata(net.State["batchnorm", name]).ravel()
        for name in ("TrainedMean", "TrainedVariance")
    ]
    np.testing.assert_allclose(got, [X.mean(axis=1), X.var(axis=1)], rtol=1e-5)


def test_states_of_other_layers_are_the_last():
    states = [table(["lstm"], ["HiddenState"], [np.full(2, k)]) for k in (1.0, 2.0)]
    np.testing.assert_array_equal(average_states(states).Value[0], [2, 2])


def test_states_that_do_not_fit_are_refused():
    one, other = (table([name], ["TrainedMean"], [1.0]) for name in "ab")
    with pytest.raises(OptionError, match=r"not those of one network[\s\S]*another: b/TrainedMean"):
        average_states([one, other])
    with pytest.raises(OptionError, match="1 states and 2 weights"):
        average_states([one], [1, 2])
