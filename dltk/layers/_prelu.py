"""The activation layer with a learnable slope."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._errors import FormatError
from ..dlarray import dlarray
from ..functions._activation import leakyrelu_of
from ..functions._align import broadcast
from ..functions._operands import shown
from ._builtin import BuiltinLayer, factor, is_empty


class preluLayer(BuiltinLayer):
    """Parametrized rectified linear unit: X where X > 0, Alpha X elsewhere.

    Any labels, which stay. Learns Alpha, which expands against the input by position: a scalar for
    all, 1 × 1 × channels for a slope per channel of images, channels × 1 for features and
    sequences.

    Args:
        Alpha: First slope of negative elements, a scalar or an array.
        AlphaLearnRateFactor: Factor of the learning rate of ``Alpha``; 0 freezes it.
        AlphaL2Factor: Factor of the L2 penalty of ``Alpha``, for a loop that has one.
        Name: Name in the network.

    Raises:
        FormatError: ``Alpha`` does not expand to the size of the input.

    Example:
        >>> float(preluLayer().Alpha)
        0.25

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.prelulayer.html
    """

    learnables = ("Alpha",)
    base_name = "prelu"
    Type = "PReLU"

    def __init__(
        self,
        *,
        Alpha: Any = 0.25,
        AlphaLearnRateFactor: float = 1,
        AlphaL2Factor: float = 1,
        Name: str = "",
    ):
        super().__init__(Name)
        self.Alpha = 0.25 if is_empty(Alpha) else Alpha
        if not hasattr(self.Alpha, "dtype"):
            self.Alpha = np.asarray(self.Alpha, np.float32)
        self.AlphaLearnRateFactor = factor(self.kind, "AlphaLearnRateFactor", AlphaLearnRateFactor)
        self.AlphaL2Factor = factor(self.kind, "AlphaL2Factor", AlphaL2Factor)

    def predict(self, X: dlarray) -> dlarray:
        """X where X > 0, Alpha X elsewhere."""
        Y = broadcast("preluLayer", leakyrelu_of, X, self.Alpha)
        if Y.shape != X.shape:
            raise FormatError(
                f"{self.kind}: Alpha does not expand to the size of the input.",
                got={"input": shown(X), "Alpha": shown(self.Alpha)},
                fix="Give a scalar, or sizes of 1 or those of the input, dimension by dimension.",
            )
        return Y
