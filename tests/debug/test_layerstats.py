"""layerstats: numbers of every layer and parameter against NumPy, and what looks wrong."""

import numpy as np
import pytest

from dltk import (
    debug,
    dlarray,
    dlgradient,
    dlnetwork,
    featureInputLayer,
    forward,
    fullyconnect,
    fullyConnectedLayer,
    networkLayer,
    relu,
    reluLayer,
    struct,
    sum,
)


def rms(x):
    return np.sqrt(np.mean(np.square(x)))


def test_a_network_layer_by_layer_against_numpy():
    random = np.random.RandomState(0)
    W, b, X = random.randn(4, 3), random.randn(4, 1), random.randn(3, 5)
    net = dlnetwork([featureInputLayer(3), fullyConnectedLayer(4), reluLayer()])
    net.Learnables["fc", "Weights"] = dlarray(W)
    net.Learnables["fc", "Bias"] = dlarray(b)

    def loss(net, X):
        value = sum(forward(net, X) ** 2, "all") / 2
        return value, dlgradient(value, net.Learnables)

    result = debug.layerstats(loss, net, dlarray(X, "CB"))
    Z = W @ X + b
    Y = np.maximum(Z, 0)
    fc, relued = result.layers[1:3]
    assert [x.name for x in result.layers[:3]] == ["input", "fc", "relu"]
    assert (fc.kind, fc.output) == ("fullyConnectedLayer", "4(C) × 5(B)")
    numbers = fc.mean, fc.std, fc.min, fc.max, relued.zeros
    assert numbers == pytest.approx((Z.mean(), Z.std(), Z.min(), Z.max(), np.mean(Z <= 0)))
    assert relued.gradient == pytest.approx(rms(Y))  # the derivative of the loss by Y is Y
    assert fc.gradient == pytest.approx(rms(Y * (Z > 0)))
    assert result.layers[0].gradient is None  # no parameter stands before the input
    weights = result.parameters[0]
    assert weights.name == "fc/Weights"
    assert (weights.value, weights.gradient) == pytest.approx((rms(W), rms(Y @ X.T)))


def test_dead_layers_and_parameters_without_gradient_are_noted(capsys):
    def loss(p, X):
        Y = relu(fullyconnect(X, p.W, p.b))
        value = sum((Y - 1) ** 2, "all")
        return value, dlgradient(value, p)

    p = struct(W=dlarray(np.ones((1, 3))), b=dlarray(-4.0))
    result = debug.layerstats(loss, p, dlarray(np.ones((3, 2)), "CB"))
    assert not result
    dead, none = result.notes
    assert dead.startswith("Gives only zeros: relu test_layerstats.py:")
    assert none == "No gradient arrives at: p.W, p.b."
    assert none in capsys.readouterr().out


def test_a_vanishing_gradient_is_noted():
    def loss(p):
        return sum(1e-8 * p["early"] + p["late"], "all")

    result = debug.layerstats(loss, {"early": dlarray(1.0), "late": dlarray(1.0)})
    assert result.notes == ("The gradient vanishes on the way to: p.early.",)


def test_nan_is_noted():
    result = debug.layerstats(lambda x: x * np.nan, dlarray([1.0, 2.0]))
    assert result.layers[0].nonfinite == 2
    assert result.notes[0].startswith("Gives NaN or Inf: times")


def test_layers_within_a_layer_have_a_path_and_calls_from_one_line_are_one_row():
    inner = dlnetwork([fullyConnectedLayer(2)], dlarray(np.ones((2, 1), np.float32), "CB"))
    net = dlnetwork([featureInputLayer(2), networkLayer(inner, Name="block")])

    def model(net, X):
        for _ in range(3):
            X = forward(net, X)
        return X

    result = debug.layerstats(model, net, dlarray(np.ones((2, 4), np.float32), "CB"))
    assert [x.name for x in result.layers] == ["input", "block/fc", "block"]
    assert not result.parameters  # there is neither gradient nor loss
