"""Layers with a hand-written backward: MATLAB's contract, and that it is what gets called."""

import numpy as np
import pytest

from dltk import (
    DltkWarning,
    FormatError,
    OptionError,
    UnsupportedError,
    checkLayer,
    cloneFunction,
    dlarray,
    dlfeval,
    dlgradient,
    dlnetwork,
    extractdata,
    featureInputLayer,
    forward,
    fullyConnectedLayer,
    imageInputLayer,
    initialize,
    max,
    min,
    networkDataLayout,
    networkLayer,
    predict,
    rand,
    sum,
)
from dltk.layers import Layer


class prelu(Layer):
    """Derivatives are automatic."""

    learnables = ("Alpha",)

    def initialize(self, layout):
        if self.Alpha is None:
            size = (*[1] * (len(layout.Format) - 2), int(layout.of("C")), 1)
            self.Alpha = np.full(size, 0.25, np.float32)
        return self

    def predict(self, X):
        return max(X, 0) + self.Alpha * min(X, 0)


class preluBackward(prelu):
    """They are written by hand."""

    def backward(self, X, Z, dLdZ, memory):
        assert memory is None
        dLdX = dLdZ * ((X > 0) + self.Alpha * (X <= 0))
        dLdAlpha = dLdZ * min(X, 0)
        for dimension in [d + 1 for d, n in enumerate(self.Alpha.shape) if n == 1] + [4]:
            dLdAlpha = sum(dLdAlpha, dimension)
        return dLdX, dLdAlpha


def gradients(net, X):
    loss = sum(forward(net, X) ** 2, "all")
    return dlgradient(loss, net.Learnables, X)


def numbers(*size):
    return np.random.RandomState(1).standard_normal(size).astype(np.float32)


def assert_close(a, b):
    np.testing.assert_allclose(extractdata(a), extractdata(b), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(
    ("head", "X"),
    [
        (featureInputLayer(3), dlarray(numbers(3, 5), "CB")),
        (imageInputLayer([4, 4, 2], Normalization="none"), dlarray(numbers(4, 4, 2, 3), "SSCB")),
    ],
    ids=["CB", "SSCB"],
)
def test_hand_written_derivatives_are_those_found_automatically(head, X):
    first = fullyConnectedLayer(3) if X.dims == "CB" else prelu(Name="first")
    net = dlnetwork([head, first, preluBackward(Name="p")])
    other = dlnetwork([head, first, prelu(Name="p")])
    other.Learnables = net.Learnables
    for a, b in zip(dlfeval(gradients, net, X), dlfeval(gradients, other, X), strict=True):
        for x, y in zip(*(t.Value if hasattr(t, "Value") else [t] for t in (a, b)), strict=True):
            assert_close(x, y)


class reversal(Layer):
    """Passes data on, and the derivative with the other sign."""

    Formattable = True

    def predict(self, X):
        return X

    def backward(self, X, Z, dLdZ, memory):
        assert dLdZ.dims == Z.dims == X.dims == "CBT"
        return -dLdZ


def test_the_backward_is_what_counts_and_formattable_layers_see_labels():
    X = dlarray(numbers(3, 2, 4), "CBT")

    def slope(net, X):
        return dlgradient(sum(forward(net, X) ** 2, "all"), X)

    net = dlnetwork([reversal()], X)
    assert_close(dlfeval(slope, net, X), -2 * X)


class dropBackward(Layer):
    """Its mask goes from forward to backward."""

    def predict(self, X):
        return X

    def forward(self, X):
        mask = rand(*X.shape) > 0.5
        return 2 * X * mask, mask

    def backward(self, X, Z, dLdZ, memory):
        return dLdZ if memory is None else 2 * dLdZ * memory


def test_memory_goes_from_forward_to_backward():
    X = dlarray(numbers(20, 30), "CB")
    net = dlnetwork([dropBackward()], X)

    def outputs(net, X):
        Y = forward(net, X)
        return Y, dlgradient(sum(Y, "all"), X)

    seen = []
    for _ in range(2):
        Y, slope = (extractdata(a) for a in dlfeval(outputs, net, X))
        np.testing.assert_array_equal(slope != 0, Y != 0)
        assert set(np.unique(slope)) == {0, 2}
        seen.append(slope)
    assert (seen[0] != seen[1]).any()
    assert_close(predict(net, X), X)


class everything(Layer):
    """Two inputs, two outputs, a learnable and a state."""

    learnables = ("W",)
    states = ("S",)

    def initialize(self, *layouts):
        self.W, self.S = np.full((1, 1), 2.0, np.float32), np.full((1, 1), 3.0, np.float32)
        return self

    def predict(self, A, B):
        return self.W * A, A * B, self.S * self.W

    def backward(self, A, B, Y, Z, dLdY, dLdZ, dLdS, memory):
        dLdA = self.W * dLdY + B * dLdZ
        dLdW = sum(dLdY * A, "all") + dLdS * self.S
        return dLdA, A * dLdZ, dLdW, dLdS * self.W


def test_several_inputs_outputs_and_a_state_come_in_their_order():
    layer = everything(NumInputs=2, NumOutputs=2)
    layouts = [networkDataLayout([3, np.nan], "CB")] * 2
    result = checkLayer(layer, layouts, show=False)
    assert result, str(result)
    A, B = dlarray(numbers(3, 2), "CB"), dlarray(numbers(3, 2) + 1, "CB")
    net = initialize(dlnetwork([layer], Initialize=False), A, B)

    def loss(net, A, B):
        Y, Z, state = forward(net, A, B, nargout=3)
        total = sum(Y, "all") + sum(Z, "all") + 10 * state.Value[0]
        return dlgradient(total, net.Learnables, net.State)

    learned, state = dlfeval(loss, net, A, B)
    assert_close(learned.Value[0], sum(A, "all") + 30)
    assert_close(state.Value[0], dlarray(20.0))


class numpyOnly(Layer):
    """Uses what JAX cannot trace."""

    def predict(self, X):
        return np.sort(extractdata(X), 0)

    def backward(self, X, Z, dLdZ, memory):
        order = np.argsort(extractdata(X), 0)
        dLdX = np.empty(X.shape, np.float32)
        np.put_along_axis(dLdX, order, extractdata(dLdZ), 0)
        return dLdX


def test_functions_that_cannot_be_differentiated_will_do_in_an_uncompiled_call():
    net = dlnetwork([featureInputLayer(4), numpyOnly()])
    X, weights = dlarray(numbers(4, 3), "CB"), dlarray(numbers(4, 3), "CB")

    def slope(net, X):
        return dlgradient(sum(forward(net, X) * weights, "all"), X)

    with pytest.warns(DltkWarning, match="runs without compiling"):
        got = extractdata(dlfeval(slope, net, X))
    order = np.argsort(extractdata(X), 0)
    np.testing.assert_allclose(np.take_along_axis(got, order, 0), extractdata(weights))


def test_it_works_within_network_layers_and_in_frozen_clones():
    block = networkLayer([preluBackward(Name="p")], Name="block")
    net = dlnetwork([featureInputLayer(3, Name="in"), block])
    X = dlarray(numbers(3, 5), "CB")
    learned, _ = dlfeval(gradients, net, X)
    assert learned.names == (("block/p", "Alpha"),)
    assert extractdata(learned.Value[0]).any()
    frozen = cloneFunction(net, "in", "block", "constant")()
    learned, slope = dlfeval(gradients, frozen, X)
    assert len(learned) == 0
    assert_close(slope, dlfeval(gradients, net, X)[1])


class Base(Layer):
    learnables = ("W",)

    def initialize(self, layout):
        self.W = np.ones((3, 1), np.float32)
        return self

    def predict(self, X):
        return self.W * X

    def backward(self, X, Z, dLdZ, memory):
        return self.W * dLdZ, sum(X * dLdZ, 2)


class tooFew(Base):
    def backward(self, X, Z, dLdZ, memory):
        return dLdZ


class wrongSize(Base):
    def backward(self, X, Z, dLdZ, memory):
        return dLdZ, X * dLdZ


class tooMany(Base):
    def predict(self, X):
        return X, X


@pytest.mark.parametrize(
    ("layer", "kind", "words"),
    [
        (tooFew, OptionError, "tooFew: backward returned 1 derivatives, 2 are needed"),
        (wrongSize, FormatError, "derivative by W of another size.\n  W: 3×1\n  derivative: 3×2"),
    ],
)
def test_what_backward_returns_must_fit(layer, kind, words):
    net = dlnetwork([featureInputLayer(3), layer()])
    with pytest.raises(kind) as error:
        dlfeval(gradients, net, dlarray(numbers(3, 2), "CB"))
    assert words in str(error.value)
    if layer is tooFew:
        assert "derivatives of the loss by: input in, W" in str(error.value)


def test_what_predict_returns_must_fit():
    with pytest.raises(OptionError, match="tooMany: predict returned 2 values") as error:
        dlnetwork([featureInputLayer(3), tooMany()])
    assert error.value.__notes__ == ['in layer "layer" (tooMany, 2 of 2)']


def test_second_derivatives_are_refused():
    net = dlnetwork([featureInputLayer(3), Base()])

    def second(net, X):
        slope = dlgradient(sum(forward(net, X) ** 2, "all"), X, EnableHigherDerivatives=True)
        return dlgradient(sum(slope**2, "all"), X)

    with pytest.raises(UnsupportedError, match="Base: only first derivatives"):
        dlfeval(second, net, dlarray(numbers(3, 2), "CB"))


def test_checklayer_tests_the_backward():
    assert checkLayer(preluBackward(), [6, 6, 3], show=False)
    claim = "A backward of its own returns a derivative for each."
    results = checkLayer(Base(), [3], show=False).results
    assert [r.status for r in results if r.claim == claim] == ["passed"]
