"""The fully connected layer for complex data."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from ._dense import DenseLayer
from ._docs import describes
from ._initializers import Initializer
from ._weighted import FACTORS


@describes(factors=FACTORS)
class complexFullyConnectedLayer(DenseLayer):
    """Multiply by a complex matrix and add a complex bias, for every observation and time step.

    As `fullyConnectedLayer`, with complex output; real data is taken as complex.

    Learns Weights (outputSize × inputs) and Bias (outputSize × 1), both complex.

    Args:
        outputSize: Number of channels out (property ``OutputSize``).
        dim: "spatial-channel", or the number of a dimension (property ``OperationDimension``), as
            for `fullyConnectedLayer`.
        Weights: First value; drawn by ``WeightsInitializer`` if empty.
        Bias: First value; made by ``BiasInitializer`` if empty.
        WeightsInitializer: "complex-glorot-normal" (normal, variance 1 / (inputs + outputs) of real
            and imaginary part each), another initializer's name, or a function of the size.
        BiasInitializer: "zeros", "narrow-normal", "ones" or a function of the size.
        {factors}
        Name: Name in the network.

    Raises:
        FormatError: The size of the input is not known (in `initialize`), or not the one that the
            layer was initialized for (in `predict`).
        OptionError: A wrong option.

    Example:
        >>> from dltk import dlnetwork, featureInputLayer
        >>> net = dlnetwork([featureInputLayer(4), complexFullyConnectedLayer(3)])
        >>> net.Learnables["complexfc", "Weights"].dtype
        dtype('complex64')

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.complexfullyconnectedlayer.html
    """

    base_name = "complexfc"
    Type = "Complex Fully Connected"

    def __init__(
        self,
        outputSize: int,
        dim: Literal["spatial-channel"] | int = "spatial-channel",
        *,
        Weights: Any = None,
        Bias: Any = None,
        WeightsInitializer: Initializer = "complex-glorot-normal",
        BiasInitializer: Initializer = "zeros",
        WeightLearnRateFactor: float = 1,
        BiasLearnRateFactor: float = 1,
        WeightL2Factor: float = 1,
        BiasL2Factor: float = 0,
        Name: str = "",
    ):
        super().__init__(
            outputSize,
            dim,
            (Weights, Bias),
            (WeightsInitializer, BiasInitializer),
            (WeightLearnRateFactor, BiasLearnRateFactor, WeightL2Factor, BiasL2Factor),
            Name,
        )

    def _values(
        self, weights: Sequence[int], bias: Sequence[int], fan_in: float, fan_out: float
    ) -> dict[str, Any]:
        """Values of both parameters; also real ones become complex, so that they can be learned."""
        values = super()._values(weights, bias, fan_in, fan_out)
        return {
            name: value.astype(np.complex64) if value.dtype == np.float32 else value
            for name, value in values.items()
        }
