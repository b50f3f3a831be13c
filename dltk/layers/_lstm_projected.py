"""The LSTM layer with projected inputs and hidden state."""

from __future__ import annotations

from typing import Any

from ..dlarray import dlarray
from . import _recurrent as common
from ._docs import describes
from ._initializers import Initializer
from ._lstm import BIAS, LongShortTermLayer
from ._projected import FACTORS, HOW, VALUES, ProjectedLayer
from ._recurrent import GateActivation, Mode, StateActivation, arguments


@describes(
    how=HOW,
    mode=common.MODE,
    activations=common.ACTIVATIONS,
    values=common.VALUES,
    bias=BIAS,
    projectors=VALUES,
    projector_factors=FACTORS,
    factors=common.FACTORS,
    errors=common.ERRORS,
)
class lstmProjectedLayer(ProjectedLayer, LongShortTermLayer):
    """`lstmLayer` with fewer learnable parameters.

    {how}

    Labels, states and modes are those of `lstmLayer`, with H hidden units.

    Learns InputWeights (4 H × inputProjectorSize), RecurrentWeights (4 H × outputProjectorSize),
    Bias (4 H × 1), InputProjector (inputs × inputProjectorSize) and OutputProjector (H ×
    outputProjectorSize).

    Args:
        numHiddenUnits: Number H of hidden units (property ``NumHiddenUnits``).
        outputProjectorSize: Columns of the projector of the hidden state (property
            ``OutputProjectorSize``).
        inputProjectorSize: Columns of the projector of the inputs (property
            ``InputProjectorSize``).
        {mode}
        HasStateInputs: Whether the states are inputs, called hidden and cell, instead.
        HasStateOutputs: Whether the states are outputs too, called hidden and cell.
        {activations}
        HiddenState: First hidden state; zeros if empty.
        CellState: First cell state; zeros if empty.
        {values}
        {bias}
        {projectors}
        {projector_factors}
        {factors}

    Raises:
        {errors}

    Example:
        >>> from dltk import dlnetwork, sequenceInputLayer
        >>> net = dlnetwork([sequenceInputLayer(12), lstmProjectedLayer(100, 25, 6)])
        >>> net.Learnables["lstmp", "RecurrentWeights"].shape
        (400, 25)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.lstmprojectedlayer.html
    """

    base_name = "lstmp"
    gates = 4
    Type = "Projected LSTM"

    def __init__(
        self,
        numHiddenUnits: int,
        outputProjectorSize: int,
        inputProjectorSize: int,
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
        InputProjector: Any = None,
        OutputProjector: Any = None,
        InputWeightsInitializer: Initializer = "glorot",
        RecurrentWeightsInitializer: Initializer = "orthogonal",
        BiasInitializer: Initializer = "unit-forget-gate",
        InputProjectorInitializer: Initializer = "orthogonal",
        OutputProjectorInitializer: Initializer = "orthogonal",
        InputWeightsLearnRateFactor: Any = 1,
        RecurrentWeightsLearnRateFactor: Any = 1,
        BiasLearnRateFactor: Any = 1,
        InputProjectorLearnRateFactor: float = 1,
        OutputProjectorLearnRateFactor: float = 1,
        InputWeightsL2Factor: Any = 1,
        RecurrentWeightsL2Factor: Any = 1,
        BiasL2Factor: Any = 0,
        InputProjectorL2Factor: float = 1,
        OutputProjectorL2Factor: float = 1,
        Name: str = "",
    ):
        super().__init__(arguments(locals()))

    def _run(self, X: dlarray, states: tuple[Any, ...]) -> tuple[dlarray, tuple[Any, ...]]:
        reduced, weights = self._reduced(X)
        Y, *last = self._directed(reduced, (*states, *weights))
        return Y, tuple(last)
