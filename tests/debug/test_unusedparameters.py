"""unusedparameters decides by the trace what the loss depends on."""

import numpy as np
import pytest

from dltk import (
    OptionError,
    debug,
    dlarray,
    dlgradient,
    dljacobian,
    dlnetwork,
    dlupdate,
    double,
    extractdata,
    featureInputLayer,
    forward,
    fullyConnectedLayer,
    relu,
    stripdims,
    struct,
    sum,
    tanh,
    tanhLayer,
)

X = dlarray(np.random.RandomState(0).rand(2, 5).astype(np.float32), "CB")


def names(result):
    return [p.name for p in result.parameters]


def test_unread_and_detached_parameters_are_named_with_the_reason(capsys):
    def loss(p, x):
        y = tanh(p.w * x)
        value = sum(dlarray(extractdata(y)) * p.v, "all")
        return value, dlgradient(value, p)

    p = struct(w=dlarray(1.0), v=dlarray(2.0), deep=struct(k=dlarray(3.0)))
    result = debug.unusedparameters(loss, p, dlarray([1.0, 2.0]))
    assert not result
    assert names(result) == ["p.w", "p.deep.k"]
    assert result.parameters[0].operation == "times"
    assert result.parameters[0].line.endswith("y = tanh(p.w * x)")
    out = capsys.readouterr().out
    assert out.startswith("The loss does not depend on 2 of 3 parameters")
    assert "no operation reads it" in out


def test_a_gradient_that_happens_to_be_zero_is_no_sign():
    def loss(p):
        value = sum(relu(p["w"] - 10) * 0, "all")
        return value, dlgradient(value, p)

    assert debug.unusedparameters(loss, {"w": dlarray([1.0, 2.0])})


def slopes_by_dlgradient(net, X):
    return dlgradient(sum(forward(net, X), "all"), X, EnableHigherDerivatives=True)


def slopes_by_dljacobian(net, X):
    x = stripdims(X)
    return dljacobian(stripdims(forward(net, dlarray(x, "CB"))), x, 1)


@pytest.mark.parametrize("slopes", [slopes_by_dlgradient, slopes_by_dljacobian])
def test_slopes_do_not_depend_on_the_last_bias(slopes):
    def loss(net, X):
        value = sum(slopes(net, X) ** 2, "all")
        return value, dlgradient(value, net.Learnables)

    net = dlnetwork(
        [featureInputLayer(2), fullyConnectedLayer(3), tanhLayer(), fullyConnectedLayer(1)]
    )
    result = debug.unusedparameters(loss, net, X)
    assert names(result) == ["fc_2/Bias"]
    assert (result.asked, result.parameters[0].layer) == (4, "fc_2")


def test_of_several_losses_the_one_that_asks_counts():
    def losses(netG, netD, Z):
        scores = forward(netD, forward(netG, Z))
        lossG, lossD = sum(scores, "all"), sum(scores**2, "all")
        gradientsG = dlgradient(lossG, netG.Learnables, RetainData=True)
        return lossG, gradientsG, dlgradient(lossD, netD.Learnables)

    netG = dlnetwork([featureInputLayer(2), fullyConnectedLayer(2)])
    netD = dlnetwork([featureInputLayer(2), fullyConnectedLayer(1)])
    result = debug.unusedparameters(losses, netG, netD, X)
    assert result
    assert result.asked == 4


def test_parameters_of_which_no_gradient_is_asked_are_listed():
    def loss(p, q):
        value = sum(p.w * q.w, "all")
        return value, dlgradient(value, p)

    result = debug.unusedparameters(loss, struct(w=dlarray(1.0)), struct(w=dlarray(1.0)))
    assert result.unasked == ("q.w",)
    assert "No gradient is asked of q.w." in str(result)


def test_parameters_converted_inside_are_known_by_their_names():
    def loss(p, x):
        p = dlupdate(double, p)
        value = sum(p.w * x, "all")
        return value, dlgradient(value, p)

    p = struct(w=dlarray(np.float32(1)), b=dlarray(np.float32(1)))
    assert names(debug.unusedparameters(loss, p, dlarray(2.0))) == ["p.b"]
    assert [x.name for x in debug.layerstats(loss, p, dlarray(2.0)).parameters] == ["p.w", "p.b"]


def test_without_dlgradient_the_loss_and_all_parameters_count():
    def loss(p, x):
        return p["w"] * x

    p = {"w": dlarray(1.0), "b": dlarray(1.0)}
    assert names(debug.unusedparameters(loss, p, dlarray(2.0))) == ["p.b"]


def test_a_function_without_loss_is_explained():
    with pytest.raises(OptionError, match="takes no gradient and returns no loss"):
        debug.unusedparameters(lambda x: x * 2, dlarray([1.0, 2.0]))
