"""The GRU layer, and what the projected one has in common with it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from ..dlarray import dlarray
from ..functions._options import word
from ..functions._recurrent import gru
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

RESET_MODES = [
    "after-multiplication",
    "before-multiplication",
    "recurrent-bias-after-multiplication",
]


class GatedLayer(RecurrentLayer):
    """Base of both GRU layers."""

    states = ("HiddenState",)
    ports = ("hidden",)
    gates = 3

    def __init__(self, options: Mapping[str, Any]):
        mode = options["ResetGateMode"]
        self.ResetGateMode: Any = word(self.kind, "ResetGateMode", mode, RESET_MODES)
        super().__init__(options)

    def _bias_rows(self) -> int:
        twice = self.ResetGateMode == "recurrent-bias-after-multiplication"
        return (1 + twice) * super()._bias_rows()

    def _gated(
        self, X: dlarray, state: Any, parameters: tuple[Any, Any, Any]
    ) -> tuple[dlarray, tuple[Any, ...]]:
        Y, last = gru(
            X,
            state,
            *parameters,
            ResetGateMode=self.ResetGateMode,
            StateActivationFunction=self.StateActivationFunction,
            GateActivationFunction=self.GateActivationFunction,
            nargout=2,
        )
        return Y, (last,)


@describes(mode=MODE, activations=ACTIVATIONS, values=VALUES, factors=FACTORS, errors=ERRORS)
class gruLayer(GatedLayer):
    """Gated recurrent unit.

    With x the input of a time step and h the hidden state, products of vectors element by element:

    * r = sigma(Wr x + Rr h + br), z = sigma(Wz x + Rz h + bz)
    * candidate n = tanh(Wn x + bn + r (Rn h)) (``ResetGateMode`` "after-multiplication"),
      tanh(Wn x + Rn (r h) + bn) ("before-multiplication") or
      tanh(Wn x + bn + r (Rn h + b'n)) ("recurrent-bias-after-multiplication")
    * h becomes (1 - z) n + z h

    CBT becomes CBT with the hidden units as channels ("last": CB); CB is one time step; spatial
    dimensions are flattened into the channels.

    Learns InputWeights (3 H × inputs), RecurrentWeights (3 H × H) and Bias (3 H × 1), with blocks
    of H rows in the order r, z, n; with "recurrent-bias-after-multiplication" Bias is 6 H × 1,
    those of the input, then those of the state. The state HiddenState (H × 1, then H ×
    observations) goes on from call to call until `resetState`.

    Args:
        numHiddenUnits: Number H of hidden units (property ``NumHiddenUnits``).
        {mode}
        HasStateInputs: Whether the state is an input, called hidden, instead.
        HasStateOutputs: Whether the state is an output too, called hidden.
        ResetGateMode: How the reset gate acts, see above.
        {activations}
        HiddenState: First hidden state; zeros if empty.
        {values}
        BiasInitializer: "zeros", "ones", "narrow-normal" or a function of the size.
        {factors}

    Raises:
        {errors}

    Example:
        >>> from dltk import dlnetwork, sequenceInputLayer
        >>> net = dlnetwork([sequenceInputLayer(12), gruLayer(100)])
        >>> net.Learnables["gru", "InputWeights"].shape
        (300, 12)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.grulayer.html
    """

    base_name = "gru"
    Type = "GRU"

    def __init__(
        self,
        numHiddenUnits: int,
        *,
        OutputMode: Mode = "sequence",
        HasStateInputs: bool = False,
        HasStateOutputs: bool = False,
        ResetGateMode: Literal[
            "after-multiplication",
            "before-multiplication",
            "recurrent-bias-after-multiplication",
        ] = "after-multiplication",
        StateActivationFunction: StateActivation = "tanh",
        GateActivationFunction: GateActivation = "sigmoid",
        HiddenState: Any = None,
        InputWeights: Any = None,
        RecurrentWeights: Any = None,
        Bias: Any = None,
        InputWeightsInitializer: Initializer = "glorot",
        RecurrentWeightsInitializer: Initializer = "orthogonal",
        BiasInitializer: Initializer = "zeros",
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
        return self._gated(X, states[0], (self.InputWeights, self.RecurrentWeights, self.Bias))
