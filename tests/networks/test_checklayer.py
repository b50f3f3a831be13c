"""`checkLayer`: right layers pass, each kind of mistake is found and said in words."""

import numpy as np
import pytest

from dltk import (
    DifferentiableFunction,
    FormatError,
    OptionError,
    batchNormalizationLayer,
    checkLayer,
    dlarray,
    dropoutLayer,
    extractdata,
    lstmLayer,
    networkDataLayout,
    permute,
    reluLayer,
    sqrt,
    sum,
)
from dltk.layers import Layer

NAN = float("nan")


class scaleLayer(Layer):
    """A right layer: two inputs, a learnable, a state that counts training steps."""

    learnables = ("Alpha",)
    states = ("Count",)

    def initialize(self, a, b):
        if self.Alpha is None:
            self.Alpha = np.full((int(a.of("C")), 1), 0.5, np.float32)
        if self.Count is None:
            self.Count = np.zeros((1, 1), np.float32)
        return self

    def predict(self, a, b):
        return self.Alpha * a + b**2, self.Count

    def forward(self, a, b):
        return self.Alpha * a + b**2, self.Count + 1

    def resetState(self):
        return self.bound({"Count": np.zeros((1, 1), np.float32)})


def test_a_right_layer_passes_and_the_report_says_so(capsys):
    result = checkLayer(scaleLayer(NumInputs=2), [5, 3], [5, 3], ObservationDimension=2)
    assert result
    text = capsys.readouterr().out
    assert "checkLayer: scaleLayer" in text
    assert "ok      Those of forward agree with finite differences." in text
    assert "15 passed, 0 failed, 1 skipped" in text


@pytest.mark.parametrize(
    ("layer", "layout"),
    [
        (reluLayer(), networkDataLayout([6, 6, 3, NAN], "SSCB")),
        (lstmLayer(2), networkDataLayout([3, NAN, 4], "CBT")),
        (batchNormalizationLayer(), networkDataLayout([6, 6, 3, NAN], "SSCB")),
        (dropoutLayer(), networkDataLayout([3, NAN], "CB")),
    ],
    ids=lambda value: getattr(value, "kind", ""),
)
def test_built_in_layers_pass(layer, layout):
    result = checkLayer(layer, layout, show=False)
    assert result, str(result)


class Base(Layer):
    def predict(self, X):
        return 2 * X


class forgetsValue(Base):
    learnables = ("W",)


class replacesValue(Base):
    learnables = ("W",)

    def initialize(self, layout):
        self.W = np.random.RandomState().rand(3, 1).astype(np.float32)
        return self


class forgetsState(Base):
    states = ("Count",)

    def initialize(self, layout):
        self.Count = np.zeros((1, 1), np.float32)
        return self


class losesObservations(Base):
    Formattable = True

    def predict(self, X):
        return dlarray(extractdata(sum(X, 2)), "CB")


class otherSize(Base):
    def forward(self, X):
        return X[:2, :]


dice = np.random.RandomState(0)


class randomPredict(Base):
    def predict(self, X):
        return X + dice.rand()


class setsItself(Base):
    def predict(self, X):
        self.Last = X
        return 2 * X


class becomesDouble(Base):
    def predict(self, X):
        return dlarray(np.asarray(extractdata(X), np.float64))


class becomesSingle(Base):
    def predict(self, X):
        return dlarray(np.asarray(extractdata(X), np.float32))


class wrongFunction(DifferentiableFunction):
    def __init__(self):
        super().__init__(1, SaveInputsForBackward=True)

    def forward(self, X):
        return X**2

    def backward(self, dLdY, computeGradients, X):
        return X * dLdY  # a factor 2 is missing


class wrongGradient(Base):
    def predict(self, X):
        return wrongFunction()(X)


class wrongBackward(Base):
    def backward(self, X, Y, dLdY, memory):
        return 3 * dLdY


class fewDerivatives(forgetsValue):
    def initialize(self, layout):
        self.W = np.ones((3, 1), np.float32)
        return self

    def backward(self, X, Y, dLdY, memory):
        return 2 * dLdY


class largeDerivative(fewDerivatives):
    def backward(self, X, Y, dLdY, memory):
        return 2 * dLdY, X


class growingState(Base):
    states = ("Seen",)

    def initialize(self, layout):
        self.Seen = np.zeros((1, 1), np.float32)
        return self

    def predict(self, X):
        return X, np.zeros((self.Seen.shape[0] + 1, 1), np.float32)


class raises(Base):
    def predict(self, X):
        return permute(X, [1, 1])


@pytest.mark.parametrize(
    ("layer", "words"),
    [
        (forgetsValue, "initialize leaves W without a value"),
        (replacesValue, "initialize replaces values that are there: W"),
        (forgetsState, "predict returns 0 values after the outputs, the layer has 1 states"),
        (losesObservations, "Output 1 has 1 observations"),
        (otherSize, "predict gives 3(C) × 3(B), forward gives 2(C) × 3(B)"),
        (randomPredict, "Two calls of predict with the same data differ"),
        (setsItself, "predict sets self.Last"),
        (becomesDouble, "Output 1 of predict is float64 for single data"),
        (becomesSingle, "Output 1 of predict is float32 for double data"),
        (wrongGradient, "input in, entry"),
        (wrongBackward, "input in, entry"),
        (fewDerivatives, "backward returned 1 derivatives, 2 are needed"),
        (largeDerivative, "derivative by W of another size"),
        (growingState, "Seen is 2×1 after one call and 3×1 after two"),
        (raises, "permute"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_each_mistake_is_found(layer, words):
    layout = networkDataLayout([3, NAN], "CB")
    result = checkLayer(layer(), layout, show=False)
    assert not result
    failed = [r.message for r in result.results if r.status == "failed"]
    assert any(words in message for message in failed), failed


class branchLayer(Base):
    def predict(self, X):
        return X if sum(X, "all").item() > 0 else 2 * X


def test_a_layer_that_branches_on_values_is_right_but_slow():
    result = checkLayer(branchLayer(), [3], show=False)
    assert result
    (speed,) = [r for r in result.results if r.group == "Speed"]
    assert speed.status == "skipped"
    assert "runs without compiling" in speed.message


class squareFunction(DifferentiableFunction):
    def __init__(self):
        super().__init__(1, SaveInputsForBackward=True)

    def forward(self, X):
        return X**2

    def backward(self, dLdY, computeGradients, X):
        return 2 * X * dLdY


class ownBackward(Base):
    def predict(self, X):
        return squareFunction()(X)


def test_a_layer_with_a_backward_of_its_own_passes():
    result = checkLayer(ownBackward(), [6, 6, 2], show=False)
    assert result, str(result)


class vectorLength(Layer):
    """Formattable: its output has other labels than its input, and it has two of them."""

    Formattable = True

    def predict(self, X):
        length = sqrt(sum(X**2, 1) + 1)
        return length, X / length


def test_two_outputs_and_labels_of_its_own():
    layout = networkDataLayout([3, NAN, 4], "CBT")
    result = checkLayer(vectorLength(NumOutputs=2), layout, show=False)
    assert result, str(result)


@pytest.mark.parametrize(
    ("call", "kind", "words"),
    [
        (lambda: checkLayer(reluLayer, [3]), OptionError, "is not a layer"),
        (lambda: checkLayer(Base(), [3], [3]), OptionError, "has 1 inputs, 2 were described"),
        (lambda: checkLayer(reluLayer(), [3]), FormatError, "a size alone has none"),
        (
            lambda: checkLayer(Base(), [3, 2], ObservationDimension=4),
            OptionError,
            "ObservationDimension is 4",
        ),
    ],
)
def test_wrong_calls_are_answered(call, kind, words):
    with pytest.raises(kind, match=words):
        call()
