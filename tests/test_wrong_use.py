"""What a user is told who makes one of the usual mistakes: whole messages."""

import textwrap

import numpy as np
import pytest

from dltk import (
    adamupdate,
    crossentropy,
    debug,
    dlarray,
    dlconv,
    dlfeval,
    dlgradient,
    dlnetwork,
    featureInputLayer,
    forward,
    fullyConnectedLayer,
    predict,
    softmaxLayer,
)

MEANING = "S (spatial), C (channel), B (batch), T (time), U (unspecified)"


def message(call):
    with pytest.raises(Exception) as caught:  # noqa: PT011  the text is compared whole
        call()
    return "\n".join([str(caught.value), *getattr(caught.value, "__notes__", ())])


def expect(call, text):
    assert message(call) == textwrap.dedent(text).strip().replace("{MEANING}", MEANING)


def network():
    return dlnetwork([featureInputLayer(4), fullyConnectedLayer(3), softmaxLayer()])


def modelLoss(net, X, T):
    Y, state = forward(net, X, nargout=2)
    loss = crossentropy(Y, T)
    return loss, dlgradient(loss, net.Learnables), state


X = dlarray(np.ones((4, 5), np.float32), "CB")


def test_a_letter_that_is_no_label():
    expect(
        lambda: dlarray(np.ones((2, 3)), "CN"),
        """
        dlarray: "N" is not a dimension label.
          format: "CN"
        Labels are {MEANING}, one letter per dimension.
        """,
    )


def test_too_few_labels():
    expect(
        lambda: dlarray(np.ones((28, 28, 3)), "SS"),
        """
        dlarray: 2 labels for 3 dimensions.
          X: 28×28×3
          format: "SS"
        Give one label per dimension: {MEANING}.
        """,
    )


def test_channels_that_do_not_match():
    image = dlarray(np.ones((28, 28, 3, 2), np.float32), "SSCB")
    text = message(lambda: dlconv(image, np.ones((5, 5, 1, 20), np.float32), 0))
    assert text.startswith("dlconv: ")
    assert "28(S) × 28(S) × 3(C) × 2(B)" in text
    assert "5×5×1×20" in text


def test_features_that_do_not_match_name_the_layer():
    text = message(lambda: predict(network(), dlarray(np.ones((5, 2), np.float32), "CB")))
    assert "5(C) × 2(B)" in text
    assert 'in layer "input" (featureInputLayer, 1 of 3)' in text


def test_target_of_the_wrong_size():
    T = dlarray(np.ones((2, 5), np.float32), "CB")
    for run in (dlfeval, lambda f, *args: f(*args)):
        text = message(lambda run=run: run(modelLoss, network(), X, T))
        assert text.startswith("crossentropy: ")
        assert "3(C) × 5(B)" in text
        assert "2(C) × 5(B)" in text


def test_forgotten_iteration():
    _, gradients, _ = dlfeval(modelLoss, network(), X, np.eye(3, 5, dtype=np.float32))
    text = message(lambda: adamupdate(network(), gradients, [], []))
    assert text.startswith("adamupdate: the iteration is missing.")
    assert "adamupdate(net, grad, averageGrad, averageSqGrad, iteration" in text


def test_dlgradient_outside_dlfeval():
    expect(
        lambda: modelLoss(network(), X, np.eye(3, 5, dtype=np.float32)),
        """
        dlgradient: the value to differentiate is not traced; dlgradient was called outside dlfeval.
          value: 1×1
        Call dlgradient inside a function that dlfeval calls: dlfeval(modelLoss, net, X, T).
        """,
    )


def test_a_loss_that_is_not_a_scalar():
    def lossPerObservation(net, X):
        Y = forward(net, X)
        return dlgradient(Y, net.Learnables)

    expect(
        lambda: dlfeval(lossPerObservation, network(), X),
        """
        dlgradient: the value to differentiate is not a scalar.
          value: 3(C) × 5(B)
        Reduce it first, for example with sum(Y, "all") or a loss such as mse.
        """,
    )


def test_a_network_that_is_not_initialized():
    net = dlnetwork([featureInputLayer(4), fullyConnectedLayer(3)], Initialize=False)
    expect(
        lambda: predict(net, X),
        """
        predict: the network is not initialized.
          parameters without value: fc/Weights, fc/Bias
        Call net = initialize(net), with example inputs if it has no input layer.
        """,
    )


def test_outputs_that_were_not_asked_for():
    def oldHabit(net, X):
        Y, state = forward(net, X)
        return Y, state

    text = message(lambda: dlfeval(oldHabit, network(), X))
    assert "Y, state = forward(net, X, nargout=2)" in text


def test_an_error_in_a_loss_function_has_the_users_line_compiled_or_not():
    def brokenLoss(net, X):
        Y = forward(net, X)
        return Y + dlarray(np.ones((4, 5)), "CB")  # three channels plus four

    def eagerly():
        with debug.eager():
            dlfeval(brokenLoss, network(), X)

    for run in (lambda: dlfeval(brokenLoss, network(), X), eagerly):
        with pytest.raises(Exception, match=r"3\(C\) × 5\(B\)") as caught:
            run()
        lines = [str(entry.statement) for entry in caught.traceback]
        assert any("three channels plus four" in line for line in lines)
