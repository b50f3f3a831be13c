"""The debugging tools on loss functions that are broken in the usual ways."""

import numpy as np
import pytest

from dltk import (
    FormatError,
    OptionError,
    crossentropy,
    debug,
    dlarray,
    dlfeval,
    dlgradient,
    dlnetwork,
    dropoutLayer,
    extractdata,
    featureInputLayer,
    forward,
    fullyconnect,
    fullyConnectedLayer,
    real,
    relu,
    softmax,
    softmaxLayer,
    struct,
    sum,
    tanhLayer,
)


def network():
    return dlnetwork(
        [
            featureInputLayer(3),
            fullyConnectedLayer(4),
            tanhLayer(),
            dropoutLayer(0.3),
            fullyConnectedLayer(2),
            softmaxLayer(),
        ]
    )


def modelLoss(net, X, T):
    Y, state = forward(net, X, nargout=2)
    loss = crossentropy(Y, T)
    return loss, dlgradient(loss, net.Learnables), state


def data():
    X = dlarray(np.random.RandomState(0).rand(3, 5).astype(np.float32), "CB")
    return X, np.eye(2, dtype=np.float32)[[0, 1, 1, 0, 1]].T


# eager


def test_eager_shows_values_every_time(capsys):
    def loss(x):
        print(f"x = {x.item()}")
        return x * 2

    with debug.eager():
        for k in range(3):
            dlfeval(loss, dlarray(float(k)))
    assert capsys.readouterr().out == "x = 0.0\nx = 1.0\nx = 2.0\n"


def test_eager_gives_what_compiled_gives():
    net, (X, T) = network(), data()
    from dltk import rng

    rng(3)
    compiled, _, _ = dlfeval(modelLoss, net, X, T)
    rng(3)
    with debug.eager():
        plain, _, _ = dlfeval(modelLoss, net, X, T)
    assert compiled.item() == pytest.approx(plain.item(), rel=1e-6)


# checkgradients


def test_right_gradients_of_a_network_with_dropout_pass(capsys):
    result = debug.checkgradients(modelLoss, network(), *data())
    assert result
    assert {p.name for p in result.parameters} == {
        "fc_1/Weights",
        "fc_1/Bias",
        "fc_2/Weights",
        "fc_2/Bias",
    }
    assert "All gradients agree." in capsys.readouterr().out


def test_wrong_gradient_is_named_with_its_worst_entry(capsys):
    def broken(p, x):
        y = sum(p.a**2 * x, "all") + sum(p.b.c * 3, "all")
        g = dlgradient(y, p)
        g.b.c = g.b.c + dlarray(np.array([[0.0, 0.5]]))
        return y, g

    p = struct(a=dlarray(np.array([[1.0, 2.0]])), b=struct(c=dlarray(np.array([[1.0, 4.0]]))))
    result = debug.checkgradients(broken, p, np.array([[1.0, 2.0]]))
    assert not result
    assert result.worst.name == "b.c"
    assert result.worst.entry == (0, 1)
    assert (result.worst.analytic, result.worst.numeric) == (3.5, pytest.approx(3))
    assert 'The gradient of "b.c" is wrong.' in capsys.readouterr().out


def test_a_detached_value_shows_as_a_wrong_gradient():
    def detached(w, x):
        y = sum(w * x * extractdata(w), "all")
        return y, dlgradient(y, w)

    assert not debug.checkgradients(detached, dlarray([[2.0]]), dlarray([[3.0]]))


def test_a_loss_that_is_single_is_checked_coarsely(capsys):
    def loss(p):
        y = sum(p["w"] ** 2 * dlarray(np.float32(3)), "all")
        return y, dlgradient(y, p)

    result = debug.checkgradients(loss, {"w": dlarray([1.0, 2.0])})
    assert result
    assert result.worst.name == "w"
    assert "something in the function is single" in capsys.readouterr().out


def test_gradients_may_come_first_as_in_older_scripts():
    def modelGradients(w):
        y = sum(w**2, "all")
        return dlgradient(y, w), y

    assert debug.checkgradients(modelGradients, dlarray(np.ones((2, 3)), "CB"))


def test_complex_parameters_are_checked_in_both_directions():
    def loss(z, factor):
        y = real(sum(z**2 * (2 + 3j), "all"))
        return y, dlgradient(y, z) * factor

    z = dlarray(np.array([[1 + 2j, 3 - 1j]], np.complex64))
    assert debug.checkgradients(loss, z, 1.0)
    result = debug.checkgradients(loss, z, np.array(1 + 0.5j))
    assert not result
    assert result.worst.numeric == pytest.approx(
        np.conj(2 * (2 + 3j) * z[result.worst.entry].item())
    )


def test_dicts_with_keys_of_any_kind_are_accepted():
    def loss(p):
        y = sum(p["w"] * p[3][0], "all")
        return y, dlgradient(y, p)

    result = debug.checkgradients(loss, {"w": dlarray(1.0), 3: [dlarray(2.0)]})
    assert [p.name for p in result.parameters] == ["w", "3.0"]
    assert result


@pytest.mark.parametrize(
    ("loss", "words"),
    [
        (lambda w: w * 2, "returns no loss"),
        (lambda w: sum(w, "all"), "no gradients to check"),
    ],
)
def test_a_function_without_loss_or_gradients_is_explained(loss, words):
    with pytest.raises(OptionError, match=words):
        debug.checkgradients(loss, dlarray(np.ones((2, 2))))


# tracecalls


def broken(X, W):
    Y = fullyconnect(X, W, 0)
    Y = relu(Y)
    return softmax(Y) + dlarray(np.ones((7, 5)), "CB")


def test_every_operation_up_to_the_failing_one_is_printed(capsys):
    X = dlarray(np.ones((3, 5)), "CB")
    with pytest.raises(FormatError, match="sizes 4 and 7"):
        debug.tracecalls(broken, X, dlarray(np.ones((4, 3))))
    lines = capsys.readouterr().out.splitlines()
    operations = [line.split()[1] for line in lines[1:4]]
    assert operations == ["fullyconnect", "relu", "softmax"]
    assert "3(C) × 5(B), 4×3" in lines[1]
    assert "4(C) × 5(B)" in lines[1]
    assert "Y = fullyconnect(X, W, 0)" in lines[1]
    assert lines[4].startswith("failed: test_debug.py:")
    assert 'softmax(Y) + dlarray(np.ones((7, 5)), "CB")' in lines[4]


def test_layers_have_their_rows_and_a_failing_one_is_named(capsys):
    net, (X, T) = network(), data()
    calls = debug.tracecalls(modelLoss, net, X, T)
    assert [call.layer for call in calls[:2]] == ["fc_1", "tanh"]
    assert (calls[0].type, calls[-1].operation) == ("single", "dlgradient")
    capsys.readouterr()
    with pytest.raises(FormatError, match="2 channels, expected 3"):
        debug.tracecalls(modelLoss, net, X[0:2, :], T)
    assert capsys.readouterr().out.endswith('in layer "input" (featureInputLayer, 1 of 6)\n')


def test_calls_are_returned_with_the_users_line():
    def square(x):
        return x**2

    (call,) = debug.tracecalls(square, dlarray(np.ones((2, 3)), "SC"))
    assert call.operation == "power"
    assert call.operands == call.result == "2(S) × 3(C)"
    assert call.line.endswith("return x**2")
