"""What all tools have in common: where they work, what they leave alone, wrong use."""

import numpy as np
import pytest

from dltk import (
    DltkWarning,
    FormatError,
    OptionError,
    adamupdate,
    debug,
    dlaccelerate,
    dlarray,
    dlfeval,
    dlgradient,
    dlnetwork,
    dropoutLayer,
    featureInputLayer,
    forward,
    fullyconnect,
    fullyConnectedLayer,
    mse,
    rand,
    struct,
)
from dltk._random import generator

TOOLS = {
    "tracecalls": debug.tracecalls,
    "checkgradients": debug.checkgradients,
    "findnan": debug.findnan,
    "layerstats": debug.layerstats,
    "unusedparameters": debug.unusedparameters,
    "compare": debug.compare,
    "profile": debug.profile,
}
every_tool = pytest.mark.parametrize("tool", TOOLS.values(), ids=TOOLS)

X = dlarray(np.random.RandomState(0).rand(3, 5).astype(np.float32), "CB")
T = np.ones((2, 5), np.float32)


def network():
    return dlnetwork([featureInputLayer(3), dropoutLayer(0.5), fullyConnectedLayer(2)])


def modelLoss(net, X, T):
    loss = mse(forward(net, X), T)
    return loss, dlgradient(loss, net.Learnables)


def parameters():
    rows = np.random.RandomState(1).rand(2, 3).astype(np.float32)
    return struct(fc=struct(W=dlarray(rows), b=dlarray(np.zeros((2, 1), np.float32))))


def modelFunctionLoss(p, X, T):
    kept = dlarray(rand(3, 5) > 0.5, "CB")
    loss = mse(fullyconnect(X * kept, p.fc.W, p.fc.b), T)
    return loss, dlgradient(loss, p)


def square(p):
    return p.W**2, dlgradient(p.W**2, p)


MODELS = {"network": (modelLoss, network), "struct": (modelFunctionLoss, parameters)}


@every_tool
@pytest.mark.parametrize(("loss", "model"), MODELS.values(), ids=MODELS)
def test_nothing_is_wrong_with_a_right_loss_function_with_dropout(tool, loss, model, capsys):
    parameters, before = model(), generator.state()
    result = tool(loss, parameters, X, T)
    assert result
    assert capsys.readouterr().out
    after = generator.state()
    assert (after["device"] == before["device"]).all()
    assert (after["host"][1] == before["host"][1]).all()


@every_tool
def test_accelerated_functions_are_looked_into(tool):
    assert tool(dlaccelerate(modelFunctionLoss), parameters(), X, T)


@every_tool
def test_a_tool_works_inside_dlfeval(tool, capsys):
    def model(p, X):
        tool(square, p)
        return p.W * X

    p = struct(W=dlarray(2.0))
    with pytest.warns(DltkWarning, match="looks at values"):
        assert dlfeval(model, p, dlarray(3.0)).item() == 6
    assert capsys.readouterr().out
    with debug.eager():
        assert dlfeval(model, p, dlarray(3.0)).item() == 6
    assert capsys.readouterr().out


@pytest.mark.parametrize("name", ["tracecalls", "findnan", "layerstats", "unusedparameters"])
def test_a_whole_training_step_may_be_looked_at(name):
    def step(net, averageGrad, averageSqGrad, iteration):
        loss, gradients = dlfeval(modelLoss, net, X, T)
        net, *_ = adamupdate(net, gradients, averageGrad, averageSqGrad, iteration)
        return net, loss

    assert TOOLS[name](step, network(), [], [], 1)


def test_the_call_of_dlfeval_may_be_given_as_it_is():
    result = debug.unusedparameters(dlfeval, square, struct(W=dlarray(2.0), b=dlarray(1.0)))
    assert [p.name for p in result.parameters] == ["p.b"]


@every_tool
def test_something_that_is_no_function_is_refused(tool):
    with pytest.raises(OptionError, match="first argument must be a function, not a dlnetwork"):
        tool(network(), X)


@every_tool
def test_an_error_of_the_function_reaches_the_user(tool):
    def wrong(p, X):
        return fullyconnect(X, p.fc.W[:, 0:2], 0)

    with pytest.raises(FormatError, match="weights has 2 columns"):
        tool(wrong, parameters(), X)


def test_a_result_shows_itself_in_a_line():
    result = debug.findnan(lambda x: x * 2, dlarray(1.0))
    assert repr(result) == "<NaNHunt: All values are finite (1 operation).>"
