"""The LSTM layer, and the one that runs in both directions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..dlarray import dlarray, finddim
from ..functions._cat import cat
from ..functions._recurrent import lstm
from ..functions._repeat import flip
from ._docs import describes
from ._initializers import Initializer
from ._recurrent import (
    ACTIVATIONS,
    ERRORS,
    FACTORS,
    MODE,
    VALUES,
    GateActivation,
    Mode,
    RecurrentLayer,
    StateActivation,
    arguments,
)
from ._time import at_step

BIAS = """BiasInitializer: "unit-forget-gate" (ones for the forget gate, else zeros), "zeros",
            "ones", "narrow-normal" or a function of the size."""


class LongShortTermLayer(RecurrentLayer):
    """Base of both LSTM layers."""

    states = ("HiddenState", "CellState")
    ports = ("hidden", "cell")

    def _bias_initializer(self) -> Initializer:
        given = self.BiasInitializer
        return self._unit_forget if given == "unit-forget-gate" else given

    def _unit_forget(self, size: Sequence[int]) -> np.ndarray:
        """Ones for the forget gate, the second of the four blocks of rows in each direction."""
        bias = np.zeros((size[0] // (4 * self.NumHiddenUnits), 4, self.NumHiddenUnits))
        bias[:, 1] = 1
        return bias.reshape(size)

    def _directed(self, X: dlarray, parameters: tuple[Any, ...]) -> tuple[Any, ...]:
        return lstm(
            X,
            *parameters,
            StateActivationFunction=self.StateActivationFunction,
            GateActivationFunction=self.GateActivationFunction,
            nargout=3,
        )


@describes(
    mode=MODE, activations=ACTIVATIONS, values=VALUES, bias=BIAS, factors=FACTORS, errors=ERRORS
)
class lstmLayer(LongShortTermLayer):
    """Long short-term memory: a recurrent layer with a cell that gates protect.

    With x the input of a time step, h the hidden and c the cell state, o meaning element by
    element:

    * i = sigma(Wi x + Ri h + bi), f = sigma(Wf x + Rf h + bf), o = sigma(Wo x + Ro h + bo)
    * g = tanh(Wg x + Rg h + bg)
    * c becomes f c + i g, then h becomes o tanh(c)

    CBT becomes CBT with the hidden units as channels ("last": CB); CB is one time step; spatial
    dimensions are flattened into the channels.

    Learns InputWeights (4 H × inputs), RecurrentWeights (4 H × H) and Bias (4 H × 1), with blocks
    of H rows in the order i, f, g, o. The states HiddenState and CellState (H × 1, then H ×
    observations) go on from call to call until `resetState`.

    Args:
        numHiddenUnits: Number H of hidden units (property ``NumHiddenUnits``).
        {mode}
        HasStateInputs: Whether the states are inputs, called hidden and cell, instead.
        HasStateOutputs: Whether the states are outputs too, called hidden and cell.
        {activations}
        HiddenState: First hidden state; zeros if empty.
        CellState: First cell state; zeros if empty.
        {values}
        {bias}
        {factors}

    Raises:
        {errors}

    Example:
        >>> from dltk import dlnetwork, sequenceInputLayer
        >>> net = dlnetwork([sequenceInputLayer(12), lstmLayer(100, OutputMode="last")])
        >>> net.Learnables["lstm", "InputWeights"].shape
        (400, 12)
        >>> net.Learnables["lstm", "Bias"][100, 0].item()
        1.0

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.lstmlayer.html
    """

    gates = 4
    base_name = "lstm"
    Type = "LSTM"

    def __init__(
        self,
        numHiddenUnits: int,
        *,
        OutputMode: Mode = "sequence",
        HasStateInputs: bool = False,
        HasStateOutputs: bool = False,
        StateActivationFunction: StateActivation = "tanh",
        GateActivationFunction: GateActivation = "sigmoid",
        HiddenState: Any = None,
        CellState: Any = None,
        InputWeights: Any = None,
        RecurrentWeights: Any = None,
        Bias: Any = None,
        InputWeightsInitializer: Initializer = "glorot",
        RecurrentWeightsInitializer: Initializer = "orthogonal",
        BiasInitializer: Initializer = "unit-forget-gate",
        InputWeightsLearnRateFactor: Any = 1,
        RecurrentWeightsLearnRateFactor: Any = 1,
        BiasLearnRateFactor: Any = 1,
        InputWeightsL2Factor: Any = 1,
        RecurrentWeightsL2Factor: Any = 1,
        BiasL2Factor: Any = 0,
        Name: str = "",
    ):
        super().__init__(arguments(locals()))

    def _run(self, X: dlarray, states: tuple[Any, ...]) -> tuple[dlarray, tuple[Any, ...]]:
        weights = self.InputWeights, self.RecurrentWeights, self.Bias
        Y, *last = self._directed(X, (*states, *weights))
        return Y, tuple(last)


@describes(
    mode=MODE, activations=ACTIVATIONS, values=VALUES, bias=BIAS, factors=FACTORS, errors=ERRORS
)
class bilstmLayer(LongShortTermLayer):
    """Two LSTMs, one forward in time and one backward, with their outputs on top of each other.

    As `lstmLayer`; the output has 2 H channels, forward then backward. With OutputMode "last" the
    forward half is that of the last time step, the backward half that of the first (the end of
    its own way).

    Learns InputWeights (8 H × inputs), RecurrentWeights (8 H × H) and Bias (8 H × 1): 4 H rows as
    in `lstmLayer` for each direction. The states HiddenState and CellState are 2 H × 1, then 2 H
    × observations.

    Args:
        numHiddenUnits: Number H of hidden units of each direction (property ``NumHiddenUnits``).
        {mode}
        {activations}
        HiddenState: First hidden state; zeros if empty.
        CellState: First cell state; zeros if empty.
        {values}
        {bias}
        {factors}

    Raises:
        {errors}

    Example:
        >>> from dltk import dlnetwork, sequenceInputLayer
        >>> net = dlnetwork([sequenceInputLayer(12), bilstmLayer(100)])
        >>> net.Learnables["biLSTM", "InputWeights"].shape
        (800, 12)
        >>> net.State["biLSTM", "HiddenState"].shape
        (200, 1)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.bilstmlayer.html
    """

    gates = 8
    directions = 2
    base_name = "biLSTM"
    Type = "BiLSTM"

    def __init__(
        self,
        numHiddenUnits: int,
        *,
        OutputMode: Mode = "sequence",
        StateActivationFunction: StateActivation = "tanh",
        GateActivationFunction: GateActivation = "sigmoid",
        HiddenState: Any = None,
        CellState: Any = None,
        InputWeights: Any = None,
        RecurrentWeights: Any = None,
        Bias: Any = None,
        InputWeightsInitializer: Initializer = "glorot",
        RecurrentWeightsInitializer: Initializer = "orthogonal",
        BiasInitializer: Initializer = "unit-forget-gate",
        InputWeightsLearnRateFactor: Any = 1,
        RecurrentWeightsLearnRateFactor: Any = 1,
        BiasLearnRateFactor: Any = 1,
        InputWeightsL2Factor: Any = 1,
        RecurrentWeightsL2Factor: Any = 1,
        BiasL2Factor: Any = 0,
        Name: str = "",
    ):
        super().__init__(arguments(locals()))

    def _run(self, X: dlarray, states: tuple[Any, ...]) -> tuple[dlarray, tuple[Any, ...]]:
        """Both directions; the backward output still in its own order of time."""
        parameters = *states, self.InputWeights, self.RecurrentWeights, self.Bias
        time = int(finddim(X, "T")[0])
        upper, lower = zip(*(_halves(p) for p in parameters), strict=True)
        ahead, *end = self._directed(X, upper)
        back, *start = self._directed(flip(X, time), lower)
        if self.OutputMode == "last":
            ahead, back = (at_step(self.kind, y, -1) for y in (ahead, back))
        else:
            back = flip(back, int(finddim(back, "T")[0]))
        Y = cat(int(finddim(ahead, "C")[0]), ahead, back)
        return Y, tuple(cat(1, a, b) for a, b in zip(end, start, strict=True))

    def _last(self, Y: dlarray) -> dlarray:
        return Y  # taken in _run, where both directions are still apart


def _halves(value: Any) -> tuple[Any, Any]:
    """The rows of the forward and of the backward direction."""
    rows = value.shape[0] // 2
    return value[:rows, :], value[rows:, :]
