"""`minibatchpredict`, `testnet`, `scores2label`: the same as one call of predict, in parts."""

import numpy as np
import pytest

from dltk import (
    FormatError,
    OptionError,
    additionLayer,
    categorical,
    convolution2dLayer,
    dlarray,
    dlnetwork,
    extractdata,
    featureInputLayer,
    flattenLayer,
    fullyConnectedLayer,
    imageInputLayer,
    lstmLayer,
    minibatchpredict,
    minibatchqueue,
    predict,
    scores2label,
    sequenceInputLayer,
    softmaxLayer,
)
from dltk import testnet as measured

random = np.random.RandomState(3)


def features():
    return dlnetwork([featureInputLayer(4), fullyConnectedLayer(3), softmaxLayer()])


def test_parts_together_are_what_one_call_gives():
    net, X = features(), random.rand(10, 4).astype(np.float32)
    np.testing.assert_allclose(
        minibatchpredict(net, X, MiniBatchSize=4), predict(net, X), rtol=1e-6
    )


def test_a_formatted_dlarray_gives_a_dlarray():
    net, X = features(), dlarray(random.rand(4, 10).astype(np.float32), "CB")
    Y = minibatchpredict(net, X, MiniBatchSize=3)
    assert (Y.dims, Y.shape) == ("CB", (3, 10))
    np.testing.assert_allclose(extractdata(Y), extractdata(predict(net, X)), rtol=1e-6)


def test_images_keep_their_observations_last_and_labels_can_be_chosen():
    net = dlnetwork([imageInputLayer([6, 6, 1], Normalization="none"), convolution2dLayer(3, 2)])
    X = random.rand(6, 6, 1, 5)
    Y = minibatchpredict(net, X, MiniBatchSize=2)
    assert Y.shape == (4, 4, 2, 5)
    turned = minibatchpredict(net, X, MiniBatchSize=2, OutputDataFormats="BSSC")
    np.testing.assert_allclose(turned, np.moveaxis(Y, 3, 0), rtol=1e-6)


def test_inner_outputs_come_as_a_tuple_in_the_order_asked_for():
    net, X = features(), random.rand(5, 4)
    scores, linear = minibatchpredict(net, X, Outputs=["softmax", "fc"], MiniBatchSize=2)
    e = np.exp(linear)
    np.testing.assert_allclose(scores, e / e.sum(1, keepdims=True), rtol=1e-5)


def sequences():
    net = dlnetwork([sequenceInputLayer(2), lstmLayer(3)])
    return net, [random.rand(n, 2).astype(np.float32) for n in (4, 2, 6)]


@pytest.mark.parametrize("direction", ["right", "left"])
def test_sequences_come_back_in_their_own_lengths(direction):
    net, X = sequences()
    found = minibatchpredict(
        net, X, MiniBatchSize=2, UniformOutput=False, SequencePaddingDirection=direction
    )
    assert [y.shape for y in found] == [(4, 3), (2, 3), (6, 3)]
    alone = predict(net, X[2][:, :, None]).reshape(6, 3)
    np.testing.assert_allclose(found[2], alone, rtol=1e-5, atol=1e-6)
    if direction == "right":  # padding comes after the end, so it changes nothing before
        alone = predict(net, X[1][:, :, None]).reshape(2, 3)
        np.testing.assert_allclose(found[1], alone, rtol=1e-5, atol=1e-6)


def test_uniform_output_pads_all_mini_batches_to_the_longest():
    net, X = sequences()
    Y = minibatchpredict(net, X, MiniBatchSize=2)
    assert Y.shape == (6, 3, 3)
    assert not Y[4:, :, :2].any()


def test_two_inputs_and_a_queue():
    layers = [
        imageInputLayer([2, 2, 1], Normalization="none"),
        flattenLayer(),
        additionLayer(2, Name="add"),
        featureInputLayer(4, Name="more"),
    ]
    net = dlnetwork(layers, Connections=[("more", "add/in2")])
    X, Z = random.rand(2, 2, 1, 5), random.rand(5, 4)
    Y = minibatchpredict(net, X, Z, MiniBatchSize=3)
    np.testing.assert_allclose(Y, X.reshape(4, 5, order="F").T + Z, rtol=1e-5)
    queue = minibatchqueue((X, Z.T), MiniBatchSize=2, MiniBatchFormat=["SSCB", "CB"])
    np.testing.assert_allclose(minibatchpredict(net, queue), Y, rtol=1e-6)


def test_accuracy_is_in_percent_and_rmse_is_that_of_numpy():
    net = dlnetwork([featureInputLayer(3)])
    scores = np.array([[0.7, 0.2, 0.1], [0.1, 0.2, 0.7], [0.3, 0.4, 0.3], [0.9, 0.1, 0]])
    T = categorical(["a", "c", "a", "a"], ["a", "b", "c"])
    assert measured(net, scores, T, "accuracy") == 75
    targets = random.rand(4, 3)
    expected = np.sqrt(np.mean((scores - targets) ** 2))
    both = measured(net, scores, targets, ["rmse", lambda Y, T: abs(Y - T).max()])
    np.testing.assert_allclose(both, [expected, abs(scores - targets).max()], rtol=1e-6)


def test_labels_of_scores_and_of_formatted_scores():
    scores = np.array([[0.1, 0.9], [0.7, 0.3], [np.nan, 0.2]])
    names = [str(x) for x in scores2label(scores[:2], ["cat", "dog"])]
    assert names == ["dog", "cat"]
    turned = scores2label(dlarray(scores[:2].T, "CB"), ["cat", "dog"])
    assert [str(x) for x in turned] == names
    assert str(scores2label(scores, ["cat", "dog"])[2]) == "<undefined>"


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda: minibatchpredict(features()), OptionError, "1 input expected, 0 given"),
        (
            lambda: minibatchpredict(features(), np.ones((4, 4)), OutputDataFormats=["CB", "CB"]),
            OptionError,
            "2 OutputDataFormats for 1 outputs",
        ),
        (
            lambda: minibatchpredict(features(), np.ones((4, 4)), MiniBatchSize=0),
            OptionError,
            "MiniBatchSize",
        ),
        (
            lambda: measured(features(), np.ones((4, 4)), np.ones((4, 2)), "mse"),
            FormatError,
            "predictions and targets have different sizes",
        ),
        (
            lambda: measured(features(), np.ones((4, 4)), np.ones((4, 3)), "acc"),
            OptionError,
            'no metric "acc"',
        ),
        (lambda: scores2label(np.ones((2, 3)), ["a"]), FormatError, "1 class names"),
    ],
)
def test_wrong_calls_are_answered(call, kind, words):
    with pytest.raises(kind, match=words):
        call()
