"""The GRU layer with projected inputs and hidden state."""

from __future__ import annotations

from typing import Any, Literal

from ..dlarray import dlarray
from . import _recurrent as common
from ._docs import describes
from ._gru import GatedLayer
from ._initializers import Initializer
from ._projected import FACTORS, HOW, VALUES, ProjectedLayer
from ._recurrent import GateActivation, Mode, StateActivation, arguments


@describes(
    how=HOW,
    mode=common.MODE,
    activations=common.ACTIVATIONS,
    values=common.VALUES,
    projectors=VALUES,
    projector_factors=FACTORS,
    factors=common.FACTORS,
    errors=common.ERRORS,
)
class gruProjectedLayer(ProjectedLayer, GatedLayer):
    """`gruLayer` with fewer learnable parameters.

    {how}

    Labels, state and modes are those of `gruLayer`, with H hidden units.

    Learns InputWeights (3 H × inputProjectorSize), RecurrentWeights (3 H × outputProjectorSize),
    Bias (3 H × 1, or 6 H × 1 as in `gruLayer`), InputProjector (inputs × inputProjectorSize) and
    OutputProjector (H × outputProjectorSize).

    Args:
        numHiddenUnits: Number H of hidden units (property ``NumHiddenUnits``).
        outputProjectorSize: Columns of the projector of the hidden state (property
            ``OutputProjectorSize``).
        inputProjectorSize: Columns of the projector of the inputs (property
            ``InputProjectorSize``).
        {mode}
        HasStateInputs: Whether the state is an input, called hidden, instead.
        HasStateOutputs: Whether the state is an output too, called hidden.
        ResetGateMode: How the reset gate acts, as in `gruLayer`.
        {activations}
        HiddenState: First hidden state; zeros if empty.
        {values}
        BiasInitializer: "zeros", "ones", "narrow-normal" or a function of the size.
        {projectors}
        {projector_factors}
        {factors}

    Raises:
        {errors}

    Example:
        >>> from dltk import dlnetwork, sequenceInputLayer
        >>> net = dlnetwork([sequenceInputLayer(12), gruProjectedLayer(100, 25, 6)])
        >>> net.Learnables["grup", "InputProjector"].shape
        (12, 6)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.gruprojectedlayer.html
    """

    base_name = "grup"
    Type = "Projected GRU"

    def __init__(
        self,
        numHiddenUnits: int,
        outputProjectorSize: int,
        inputProjectorSize: int,
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
        InputProjector: Any = None,
        OutputProjector: Any = None,
        InputWeightsInitializer: Initializer = "glorot",
        RecurrentWeightsInitializer: Initializer = "orthogonal",
        BiasInitializer: Initializer = "zeros",
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
        return self._gated(reduced, states[0], weights)
