"""A learnable vector for each position."""

from __future__ import annotations

from typing import Any, Literal

from .._errors import FormatError
from ..dlarray import dlarray, finddim
from ..functions._operands import need, shown
from ..functions._options import whole, word
from ..functions._repeat import repmat
from ..functions._shape import permute, reshape
from ._docs import describes
from ._embedding import COMMON, LookUpLayer
from ._initializers import Initializer
from ._positions import position_axis

DIMENSIONS = {"auto": "", "temporal": "T", "spatial": "S"}


@describes(common=COMMON)
class positionEmbeddingLayer(LookUpLayer):
    """A learnable vector for each position, to be added to the data at that position.

    Position p of the output, at all observations, is column p of the weights, whatever the data is.
    Labels and sizes are those of the input, but for ``outputSize`` channels.

    Learns Weights (outputSize × maxPosition).

    Args:
        outputSize: Number of channels out (property ``OutputSize``).
        maxPosition: Largest number of positions (property ``MaxPosition``).
        PositionDimension: "temporal", "spatial" (the only "S"), or "auto": along "T" if there is
            one, else "S".
        {common}

    Raises:
        OptionError: A wrong option.
        FormatError: There are more positions than ``maxPosition``, or the dimension is missing (in
            `predict`).

    Example:
        >>> from dltk import dlnetwork, sequenceInputLayer
        >>> net = dlnetwork([sequenceInputLayer(3), positionEmbeddingLayer(3, 100)])
        >>> net.Learnables["positionembed", "Weights"].shape
        (3, 100)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.positionembeddinglayer.html
    """

    base_name = "positionembed"
    Type = "Position Embedding"

    def __init__(
        self,
        outputSize: int,
        maxPosition: int,
        *,
        PositionDimension: Literal["auto", "temporal", "spatial"] = "auto",
        Weights: Any = None,
        WeightsInitializer: Initializer = "narrow-normal",
        WeightLearnRateFactor: float = 1,
        WeightL2Factor: float = 1,
        Name: str = "",
    ):
        factors = WeightLearnRateFactor, WeightL2Factor
        super().__init__(Name, Weights, WeightsInitializer, factors)
        (self.OutputSize,) = whole(self.kind, "outputSize", outputSize)
        (self.MaxPosition,) = whole(self.kind, "maxPosition", maxPosition)
        self.PositionDimension: Any = word(
            self.kind, "PositionDimension", PositionDimension, list(DIMENSIONS)
        )

    def _size(self) -> tuple[int, int]:
        return self.OutputSize, self.MaxPosition

    def predict(self, X: dlarray) -> dlarray:
        """The vectors of the positions of the input."""
        axis = position_axis(self.kind, X, DIMENSIONS[self.PositionDimension])
        if X.shape[axis] > self.MaxPosition:
            raise FormatError(
                f"{self.kind}: {X.shape[axis]} positions, the layer has {self.MaxPosition}.",
                got={"input": shown(X), "MaxPosition": self.MaxPosition},
                fix="Use shorter data or a larger maxPosition.",
            )
        return at_positions(self.kind, self.Weights[:, : X.shape[axis]], X, axis)

    def _line(self) -> str:
        return f"Position embedding with {self.MaxPosition} positions"


def at_positions(kind: str, vectors: Any, X: dlarray, axis: int) -> dlarray:
    """Columns of a matrix at the positions of data, for all its observations.

    Args:
        kind: Name of the layer.
        vectors: channels × positions.
        X: Data whose labels and other sizes the result has.
        axis: Its dimension (from 0) of the positions.
    """
    need(kind, X, "C")
    channel = int(finddim(X, "C")[0]) - 1
    matrix = permute(vectors, [2, 1]) if axis < channel else vectors
    rows, columns = matrix.shape
    sizes = [1] * X.ndim
    sizes[min(axis, channel)], sizes[max(axis, channel)] = rows, columns
    copies = [1 if i in (axis, channel) else n for i, n in enumerate(X.shape)]
    return dlarray(repmat(reshape(matrix, sizes), copies), X.dims)
