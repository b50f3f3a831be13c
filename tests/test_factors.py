"""Factors of learning rates and L2 penalties: by name, by pattern, within networks, per gate."""

import numpy as np
import pytest

from dltk import (
    OptionError,
    dlarray,
    dlnetwork,
    dlupdate,
    extractdata,
    featureInputLayer,
    fullyConnectedLayer,
    getL2Factor,
    getLearnRateFactor,
    gruLayer,
    layerNormalizationLayer,
    lstmLayer,
    networkLayer,
    reluLayer,
    sequenceInputLayer,
    setL2Factor,
    setLearnRateFactor,
    sgdmupdate,
)


def network():
    inner = networkLayer([fullyConnectedLayer(2, Name="fc"), reluLayer()], Name="inner")
    block = networkLayer([fullyConnectedLayer(3, Name="fc"), inner], Name="block")
    return dlnetwork(
        [
            featureInputLayer(2),
            fullyConnectedLayer(3, Name="fc_1"),
            layerNormalizationLayer(Name="ln"),
            block,
            fullyConnectedLayer(3, Name="fc_2"),
        ]
    )


def factors(net, get=getLearnRateFactor):
    return {"/".join(row): get(net, *row) for row in net.Learnables.names}


@pytest.mark.parametrize(
    ("names", "changed"),
    [
        (("fc_1", "Bias"), ["fc_1/Bias"]),
        (("fc_1/Bias",), ["fc_1/Bias"]),
        (("fc_*", "Weights"), ["fc_1/Weights", "fc_2/Weights"]),
        (("fc_?/Bias",), ["fc_1/Bias", "fc_2/Bias"]),
        (("ln", "*"), ["ln/Offset", "ln/Scale"]),
        (("block/fc", "Weights"), ["block/fc/Weights"]),
        (("block/inner/fc/Bias",), ["block/inner/fc/Bias"]),
        (("block/*", "Bias"), ["block/fc/Bias", "block/inner/fc/Bias"]),
    ],
)
@pytest.mark.parametrize(
    ("put", "get"), [(setLearnRateFactor, getLearnRateFactor), (setL2Factor, getL2Factor)]
)
def test_a_factor_is_set_by_name_path_or_pattern(put, get, names, changed):
    before = factors(network(), get)
    after = factors(put(network(), *names, 0.25), get)
    assert {name for name in after if after[name] == 0.25} == set(changed)
    assert all(after[name] == before[name] for name in after if name not in changed)


def test_an_update_multiplies_the_learning_rate_by_the_factor_however_deep():
    net = setLearnRateFactor(network(), "block/inner/fc", "Weights", 0.5)
    ones = dlupdate(lambda W: 0 * W + 1, net.Learnables)
    new, _ = sgdmupdate(net, ones, [], 0.1, 0)
    for row in net.Learnables.names:
        step = extractdata(net.Learnables[row] - new.Learnables[row])
        wanted = 0.05 if row == ("block/inner/fc", "Weights") else 0.1
        np.testing.assert_allclose(step, wanted, rtol=1e-5)


def test_one_factor_per_gate_is_given_back_and_moves_its_rows():
    net = dlnetwork([sequenceInputLayer(2), lstmLayer(2), gruLayer(1)])
    net = setLearnRateFactor(net, "lstm", "Bias", [1, 0, 2, 0])
    assert getLearnRateFactor(net, "lstm", "Bias") == (1, 0, 2, 0)
    ones = dlupdate(lambda W: 0 * W + 1, net.Learnables)
    new, _ = sgdmupdate(net, ones, [], 0.5, 0)
    step = extractdata(net.Learnables["lstm", "Bias"] - new.Learnables["lstm", "Bias"])
    np.testing.assert_allclose(step.ravel(), [0.5, 0.5, 0, 0, 1, 1, 0, 0])


def test_a_layer_takes_patterns_too():
    layer = setLearnRateFactor(fullyConnectedLayer(2), "*", 0)
    assert (layer.WeightLearnRateFactor, layer.BiasLearnRateFactor) == (0, 0)
    block = networkLayer([fullyConnectedLayer(3, Name="a"), fullyConnectedLayer(3, Name="b")])
    block = setLearnRateFactor(block, "*/Bias", 0)
    assert [getLearnRateFactor(block, f"{x}/Bias") for x in "ab"] == [0, 0]
    assert getLearnRateFactor(block, "a/Weights") == 1


def test_values_stay():
    net = network()
    new = setLearnRateFactor(net, "*", "*", 0)
    for a, b in zip(net.Learnables.Value, new.Learnables.Value, strict=True):
        assert isinstance(b, dlarray)
        np.testing.assert_array_equal(extractdata(a), extractdata(b))
    assert set(factors(net).values()) == {1}


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda net: setLearnRateFactor(net, "fc_3", "Bias", 0), 'no layer "fc_3"'),
        (lambda net: setLearnRateFactor(net, "fc_1", "bias", 0), 'no learnable parameter "bias"'),
        (lambda net: getLearnRateFactor(net, "fc_1", "bias"), 'no learnable parameter "bias"'),
        (lambda net: getL2Factor(fullyConnectedLayer(2), "bias"), 'Did you mean "Bias"'),
        (lambda net: setL2Factor(net, "conv*", "Bias", 0), 'parameter fits "conv\\*/Bias"'),
        (lambda net: setL2Factor(net, "block/fc", "bias", 0), 'no learnable parameter "bias"'),
        (lambda net: setL2Factor(net, "block/fd", "Bias", 0), 'no layer "fd"'),
        (lambda net: setLearnRateFactor(net, "fc_1", "Bias", -1), "must be a scalar, at least 0"),
        (lambda net: setLearnRateFactor(net, "fc_1", "Bias", "0"), "factor of Bias"),
        (lambda net: setLearnRateFactor(net, "fc_1", 0), "by its layer and its own name"),
        (lambda net: setLearnRateFactor(net, "a", "b", "c", 0), "names: 'a', 'b', 'c'"),
        (lambda net: setLearnRateFactor(lstmLayer(2), "Bias", [1, 2]), "a number or 4 numbers"),
    ],
)
def test_wrong_calls_are_answered(call, words):
    with pytest.raises(OptionError, match=words):
        call(network())
