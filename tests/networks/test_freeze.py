"""Frozen layers stay as they are in every update; others move."""

import numpy as np
import pytest

from dltk import (
    OptionError,
    adamupdate,
    batchNormalizationLayer,
    dlarray,
    dlfeval,
    dlgradient,
    dlnetwork,
    extractdata,
    featureInputLayer,
    forward,
    freezeNetwork,
    fullyConnectedLayer,
    getLearnRateFactor,
    mse,
    networkLayer,
    unfreezeNetwork,
)


def network():
    return dlnetwork(
        [
            featureInputLayer(2),
            fullyConnectedLayer(3, Name="fc_body"),
            batchNormalizationLayer(Name="bn_body"),
            fullyConnectedLayer(2, Name="head"),
        ]
    )


def moved(net):
    """Names of the layers that an update changes."""
    random = np.random.RandomState(0)
    X, T = (dlarray(random.rand(2, 8).astype(np.float32), "CB") for _ in range(2))

    def gradients(net, X, T):
        return dlgradient(mse(forward(net, X), T), net.Learnables)

    new, _, _ = adamupdate(net, dlfeval(gradients, net, X, T), [], [], 1)
    rows = zip(net.Learnables, new.Learnables, strict=True)
    return {a[0] for a, b in rows if not np.array_equal(extractdata(a[2]), extractdata(b[2]))}


def test_all_but_the_named_layers_are_frozen():
    assert moved(network()) == {"fc_body", "bn_body", "head"}
    assert moved(freezeNetwork(network(), LayerNamesToIgnore="head")) == {"head"}
    assert moved(freezeNetwork(network(), "fc_*")) == {"bn_body", "head"}
    kinds = freezeNetwork(network(), LayersToIgnore="batchNormalizationLayer")
    assert moved(kinds) == {"bn_body"}


def test_unfrozen_layers_move_again_and_other_factors_stay():
    net = unfreezeNetwork(freezeNetwork(network()), "*_body")
    assert moved(net) == {"fc_body", "bn_body"}
    assert getLearnRateFactor(net, "head", "Bias") == 0


def nested():
    block = [fullyConnectedLayer(3, Name="a"), networkLayer([fullyConnectedLayer(3, Name="b")])]
    head = fullyConnectedLayer(2, Name="head")
    return dlnetwork([featureInputLayer(2), networkLayer(block, Name="block"), head])


def test_a_network_layer_stands_for_all_layers_within():
    assert moved(nested()) == {"block/a", "block/subnet/b", "head"}
    assert moved(freezeNetwork(nested(), "block")) == {"head"}
    assert moved(freezeNetwork(nested(), "block/subnet")) == {"block/a", "head"}
    assert moved(freezeNetwork(nested(), LayerNamesToIgnore="*/b")) == {"block/subnet/b"}
    assert moved(unfreezeNetwork(freezeNetwork(nested()), "block/a")) == {"block/a"}


def test_a_pattern_that_fits_nothing_is_refused():
    with pytest.raises(OptionError, match='no layer with learnable parameters is named "hed"'):
        freezeNetwork(network(), "hed")
    with pytest.raises(OptionError, match='Did you mean "head"'):
        unfreezeNetwork(network(), "heads")
