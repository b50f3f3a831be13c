"""Dropout: how much, how it scales, when it is drawn."""

import numpy as np
import pytest

from dltk import _random, dlnetwork, forward, predict
from dltk._errors import OptionError
from dltk.autodiff import dlfeval, dlgradient
from dltk.dlarray import dlarray, extractdata
from dltk.functions._reduction import sum as total
from dltk.layers import dropoutLayer, featureInputLayer, spatialDropoutLayer

ONES = dlarray(np.ones((100, 200), np.float32), "CB")


@pytest.mark.parametrize("probability", [0.1, 0.5, 0.75])
def test_elements_are_zero_as_often_as_said_and_the_rest_keeps_the_mean(probability):
    Y = extractdata(dropoutLayer(probability).forward(ONES))
    kept = np.float32(1) / np.float32(1 - probability)
    np.testing.assert_allclose(np.unique(Y), [0, kept], rtol=1e-6)
    error = np.sqrt(probability * (1 - probability) / Y.size)
    assert abs((Y == 0).mean() - probability) < 4 * error


def test_every_call_draws_anew_and_the_seed_decides():
    layer = dropoutLayer()
    first, second = (extractdata(layer.forward(ONES)) for _ in range(2))
    _random.generator.seed(0)
    assert (first != second).any()
    np.testing.assert_array_equal(extractdata(layer.forward(ONES)), first)


def test_the_number_type_does_not_change_what_is_dropped():
    single = extractdata(dropoutLayer().forward(ONES))
    _random.generator.seed(0)
    double = extractdata(dropoutLayer().forward(dlarray(np.ones((100, 200)), "CB")))
    assert double.dtype == np.float64
    np.testing.assert_array_equal(double, single)


def test_infinite_elements_do_not_become_nan():
    Y = extractdata(dropoutLayer().forward(dlarray(np.full((50, 1), np.inf), "CB")))
    assert not np.isnan(Y).any()


@pytest.mark.parametrize(
    ("fmt", "shape"), [("SSCB", (4, 5, 30, 20)), ("CBT", (30, 20, 7)), ("SCBT", (4, 30, 20, 7))]
)
def test_spatial_dropout_drops_whole_channels_of_single_observations(fmt, shape):
    X = dlarray(np.ones(shape), fmt)
    Y = extractdata(spatialDropoutLayer(Probability=0.4).forward(X))
    axes = tuple(i for i, letter in enumerate(fmt) if letter not in "CB")
    one = Y.min(axes)
    np.testing.assert_array_equal(one, Y.max(axes))
    assert one.shape == (30, 20)
    assert abs((one == 0).mean() - 0.4) < 4 * np.sqrt(0.24 / 600)


def test_the_derivative_is_the_mask():
    def loss(X):
        Y = dropoutLayer().forward(X)
        return Y, dlgradient(total(Y, "all"), X)

    Y, gradient = dlfeval(loss, ONES)
    np.testing.assert_array_equal(extractdata(gradient), extractdata(Y))


def test_a_compiled_forward_draws_anew_in_every_call():
    net = dlnetwork([featureInputLayer(100), dropoutLayer()])
    results = [extractdata(dlfeval(forward, net, ONES)) for _ in range(2)]
    assert (results[0] != results[1]).any()
    np.testing.assert_array_equal(extractdata(predict(net, ONES)), extractdata(ONES))


@pytest.mark.parametrize("probability", [1, -0.1, "half"])
@pytest.mark.parametrize("make", [dropoutLayer, lambda p: spatialDropoutLayer(Probability=p)])
def test_impossible_probabilities_are_refused(make, probability):
    with pytest.raises(OptionError, match=r"ropoutLayer: Probability must be"):
        make(probability)
