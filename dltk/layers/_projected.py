"""What the projected recurrent layers have in common: small matrices and learnable projectors."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..dlarray import dlarray
from ..functions._dense import fullyconnect
from ..functions._linear import mtimes
from ..functions._options import number, whole
from ..functions._shape import transpose
from ._layer import Layer
from ._layout import networkDataLayout
from ._recurrent import PARAMETERS, RecurrentLayer

PROJECTORS = ("InputProjector", "OutputProjector")

HOW = """Where the layer without projection multiplies the inputs x and the hidden state h by
    matrices, this one multiplies InputProjectorᵀ x by InputWeights and OutputProjectorᵀ h by
    RecurrentWeights, which have fewer columns."""

VALUES = """InputProjector: First value; drawn by ``InputProjectorInitializer`` if empty.
        OutputProjector: First value; drawn by ``OutputProjectorInitializer`` if empty.
        InputProjectorInitializer: As ``InputWeightsInitializer``.
        OutputProjectorInitializer: As ``InputWeightsInitializer``."""

FACTORS = """InputProjectorLearnRateFactor: Factor of the learning rate of ``InputProjector``.
        OutputProjectorLearnRateFactor: Factor for ``OutputProjector``.
        InputProjectorL2Factor: Factor of the L2 penalty of ``InputProjector``.
        OutputProjectorL2Factor: Factor for ``OutputProjector``."""


class ProjectedLayer(RecurrentLayer):
    """Base of the projected recurrent layers."""

    learnables = (*PARAMETERS, *PROJECTORS)

    OutputProjectorSize: int
    InputProjectorSize: int

    def __init__(self, options: Mapping[str, Any]):
        super().__init__(options)
        for name, argument in (
            ("OutputProjectorSize", "outputProjectorSize"),
            ("InputProjectorSize", "inputProjectorSize"),
        ):
            setattr(self, name, *whole(self.kind, argument, options[argument]))
        for name in PROJECTORS:
            setattr(self, name, options[name])
            setattr(self, f"{name}Initializer", options[f"{name}Initializer"])
        for name in (f"{p}{kind}Factor" for kind in ("LearnRate", "L2") for p in PROJECTORS):
            setattr(self, name, number(self.kind, name, options[name], least=0))

    def _columns(self, inputs: int) -> tuple[int, int]:
        """Columns of InputWeights and of RecurrentWeights."""
        return self.InputProjectorSize, self.OutputProjectorSize

    def initialize(self, layout: networkDataLayout, *states: networkDataLayout) -> Layer:
        """With first values of the parameters and states."""
        made: Any = super().initialize(layout, *states)
        rows = (made.InputSize, self.NumHiddenUnits)
        first = {
            name: self._value(name, (n, m), getattr(self, f"{name}Initializer"), n, m)
            for name, n, m in zip(PROJECTORS, rows, self._columns(0), strict=True)
        }
        return made.bound(first)

    def _reduced(self, X: dlarray) -> tuple[dlarray, tuple[Any, Any, Any]]:
        """The projected input; the matrices for it and for the whole hidden state, the bias."""
        projected = fullyconnect(X, transpose(self.InputProjector), 0)
        recurrent = mtimes(self.RecurrentWeights, transpose(self.OutputProjector))
        return projected, (self.InputWeights, recurrent, self.Bias)

    def _line(self) -> str:
        return (
            f"{self.Type} with {self.NumHiddenUnits} hidden units, an output projector of size "
            f"{self.OutputProjectorSize} and an input projector of size {self.InputProjectorSize}"
        )
