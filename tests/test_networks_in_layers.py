"""Layers of one's own with networks within: parameters, states, training, as side by side."""

import numpy as np
import pytest

from dltk import (
    OptionError,
    adamupdate,
    additionLayer,
    analyzeNetwork,
    batchNormalizationLayer,
    checkLayer,
    cloneFunction,
    dlarray,
    dlfeval,
    dlgradient,
    dlnetwork,
    extractdata,
    featureInputLayer,
    forward,
    freezeNetwork,
    fullyConnectedLayer,
    getLayer,
    getLearnRateFactor,
    initialize,
    isequal,
    load,
    mse,
    networkDataLayout,
    networkLayer,
    predict,
    reluLayer,
    replaceLayer,
    rng,
    save,
    tanhLayer,
)
from dltk.layers import Layer

X = dlarray(np.random.RandomState(0).randn(3, 6).astype(np.float32), "CB")


def layers():
    return [
        fullyConnectedLayer(3, Name="fc"),
        batchNormalizationLayer(Name="bn"),
        tanhLayer(Name="tanh"),
    ]


class residualLayer(Layer):
    """X plus a network of X."""

    Formattable = True
    learnables = ("Network",)
    states = ("Network",)

    def __init__(self, Name=""):
        super().__init__(Name=Name)
        self.Network = dlnetwork(layers(), Initialize=False)

    def initialize(self, layout):
        self.Network = initialize(self.Network, layout)
        return self

    def predict(self, X):
        return X + predict(self.Network, X), self.Network

    def forward(self, X):
        net = self.Network
        Y, net.State = forward(net, X, nargout=2)
        return X + Y, net


class blendLayer(Layer):
    """Two networks, and a learnable of its own that weighs them."""

    Formattable = True
    learnables = ("Weight", "A", "B")
    states = ("B",)

    def __init__(self, Name=""):
        super().__init__(Name=Name)
        self.A = dlnetwork([fullyConnectedLayer(3)], Initialize=False)
        self.B = dlnetwork(layers(), Initialize=False)

    def initialize(self, layout):
        self.A, self.B = initialize(self.A, layout), initialize(self.B, layout)
        if self.Weight is None:
            self.Weight = np.full((1, 1), 0.25, np.float32)
        return self

    def predict(self, X):
        return self.Weight * predict(self.A, X) + predict(self.B, X), self.B.State

    def forward(self, X):
        Y, state = forward(self.B, X, nargout=2)
        return self.Weight * forward(self.A, X) + Y, state


def network(layer):
    rng(0)
    return dlnetwork([featureInputLayer(3, Name="in"), layer, fullyConnectedLayer(2, Name="out")])


def trained(net, steps=3):
    def gradients(net, X):
        Y, state = forward(net, X, nargout=2)
        return dlgradient(mse(Y, 0 * Y), net.Learnables), state

    average, square = [], []
    for iteration in range(1, steps + 1):
        grad, net.State = dlfeval(gradients, net, X)
        net, average, square = adamupdate(net, grad, average, square, iteration, 0.1)
    return net


def values(net):
    return [extractdata(v) for t in (net.Learnables, net.State) for v in t.Value]


def test_parameters_within_are_rows_of_the_outer_network():
    net = network(residualLayer(Name="res"))
    paths = ["/".join(row) for row in net.Learnables.names[:4]]
    names = ["fc/Weights", "fc/Bias", "bn/Offset", "bn/Scale"]
    assert paths == [f"res/Network/{name}" for name in names]
    assert net.State.names[0] == ("res/Network/bn", "TrainedMean")
    assert net.Initialized
    assert getLayer(net, "res/Network/bn").kind == "batchNormalizationLayer"
    assert analyzeNetwork(net, show=False)


def test_it_trains_as_the_same_layers_do_side_by_side():
    net = network(residualLayer(Name="res"))
    block = [*layers(), additionLayer(2, Name="add")]
    rng(0)
    out = fullyConnectedLayer(2, Name="out")
    flat = dlnetwork(
        [featureInputLayer(3, Name="in"), *block, out], Connections=[("in", "add/in2")]
    )
    for a, b in zip(values(trained(net)), values(trained(flat)), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def test_several_networks_and_a_learnable_of_its_own():
    assert checkLayer(blendLayer(), networkDataLayout([3, np.nan], "CB"), show=False)
    net = network(blendLayer(Name="mix"))
    assert net.Learnables.names[:2] == (("mix", "Weight"), ("mix/A/fc", "Weights"))
    old, new = values(net), values(trained(net, 1))
    assert all((a != b).any() for a, b in zip(old, new, strict=True))


def test_factors_freezing_and_equality_reach_within():
    net = freezeNetwork(network(residualLayer(Name="res")), "res", LayerNamesToIgnore="*/bn")
    assert getLearnRateFactor(net, "res/Network/fc", "Weights") == 0
    assert getLearnRateFactor(net, "res/Network/bn/Scale") == 1
    before, after = net, trained(net, 1)
    for row, a, b in zip(net.Learnables.names, values(before), values(after), strict=False):
        assert (a == b).all() == (row[0] == "res/Network/fc")
    assert isequal(net, freezeNetwork(net, "res", LayerNamesToIgnore="*/bn"))
    assert not isequal(net, network(residualLayer(Name="res")))


def test_a_layer_within_is_replaced_by_its_path():
    old = network(residualLayer(Name="res"))
    net = replaceLayer(old, "res/Network/tanh", reluLayer(Name="relu"))
    assert getLayer(net, "res/Network/relu").kind == "reluLayer"
    for a, b in zip(values(old), values(net), strict=True):
        np.testing.assert_array_equal(a, b)
    Y, Z = (extractdata(predict(n, X, Outputs="res")) for n in (old, net))
    np.testing.assert_allclose(
        np.maximum(np.arctanh(Y - extractdata(X)), 0), Z - extractdata(X), atol=1e-4
    )


def test_layers_with_networks_are_saved_and_cloned_with_them(tmp_path):
    net = trained(network(residualLayer(Name="res")))
    save(tmp_path / "net", net=net)
    again = load(tmp_path / "net", net=network(residualLayer(Name="res"))).net
    for a, b in zip(values(net), values(again), strict=True):
        np.testing.assert_array_equal(a, b)
    clone = cloneFunction(net, "in", "res", "constant")()
    assert len(clone.Learnables) == 0
    np.testing.assert_allclose(
        extractdata(forward(clone, X)), extractdata(predict(net, X, Outputs="res")), rtol=1e-6
    )


def test_a_subclass_of_networklayer_has_its_parameters():
    class plusLayer(networkLayer):
        def predict(self, X):
            Y, *states = super().predict(X)
            return (X + Y, *states)

        def forward(self, X):
            Y, *states = super().forward(X)
            return (X + Y, *states)

    net = network(plusLayer(layers(), Name="res"))
    assert net.Learnables.names[0] == ("res/fc", "Weights")
    other = network(residualLayer(Name="res"))
    for a, b in zip(values(trained(net)), values(trained(other)), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-5, atol=1e-6)


def test_a_path_that_leads_nowhere_is_refused():
    net = network(residualLayer(Name="res"))
    with pytest.raises(OptionError, match='no layer "res/Network"'):
        getLearnRateFactor(net, "res/Network", "Weights")
    with pytest.raises(OptionError, match='no layer "fd"'):
        getLearnRateFactor(net, "res/Network/fd", "Weights")
