"""The fully connected layer, and what the complex one has in common with it."""

from __future__ import annotations

import math
from typing import Any, Literal

from .. import _labels as labels
from .._errors import FormatError, OptionError
from ..dlarray import dlarray, stripdims
from ..functions._dense import fullyconnect
from ..functions._operands import shown
from ..functions._options import whole
from ..functions._shape import ipermute, permute, reshape
from ._docs import describes
from ._initializers import Initializer
from ._layer import Layer
from ._layout import networkDataLayout
from ._weighted import FACTORS, VALUES, WeightedLayer


class DenseLayer(WeightedLayer):
    """Base of the fully connected layers."""

    def __init__(
        self,
        outputSize: int,
        dim: Literal["spatial-channel"] | int,
        values: tuple[Any, Any],
        initializers: tuple[Initializer, Initializer],
        factors: tuple[Any, Any, Any, Any],
        Name: str,
    ):
        super().__init__(Name, values, initializers, factors)
        (self.OutputSize,) = whole(self.kind, "outputSize", outputSize)
        self.InputSize: Literal["auto"] | int = "auto"
        self.OperationDimension = dim
        if isinstance(dim, str) and dim != "spatial-channel":
            raise OptionError(
                f'{self.kind}: the dimension cannot be "{dim}".',
                fix='Use "spatial-channel" or a dimension number from 1 on.',
            )
        if not isinstance(dim, str):
            (self.OperationDimension,) = whole(self.kind, "dim", dim)

    def _joined(self, fmt: str) -> tuple[int, ...]:
        """The dimensions (from 0) whose elements are multiplied by the weights."""
        if isinstance(self.OperationDimension, str):
            return labels.find(fmt, "SC")
        return (self.OperationDimension - 1,)

    def initialize(self, layout: networkDataLayout) -> Layer:
        """With first values of Weights and Bias."""
        joined = self._joined(layout.Format)
        sizes = [layout.Size[axis] if axis < len(layout.Size) else 1 for axis in joined]
        if "C" not in layout.Format or any(math.isnan(n) for n in sizes):
            raise FormatError(
                f'{self.kind}: the input must have a "C" dimension, and known sizes of what is '
                "multiplied.",
                got={"input": repr(layout)},
                fix="Fix the size of the input layer, or pool over the unknown dimensions first.",
            )
        count = int(math.prod(sizes))
        values = self._values(
            (self.OutputSize, count), (self.OutputSize, 1), count, self.OutputSize
        )
        return self.bound({**values, "InputSize": count})

    def predict(self, X: dlarray) -> dlarray:
        """Weights x + Bias."""
        joined = self._joined(X.dims)
        count = math.prod(X.shape[axis] for axis in joined if axis < X.ndim)
        if count != self.Weights.shape[1]:
            raise FormatError(
                f"{self.kind}: the input has {count} values per observation, the layer was made "
                f"for {self.Weights.shape[1]}.",
                got={"input": labels.show(X.shape, X.dims), "Weights": shown(self.Weights)},
                fix="Give the network data of the size that it was initialized with.",
            )
        if isinstance(self.OperationDimension, str) and "U" not in X.dims[2:]:
            return fullyconnect(X, self.Weights, self.Bias)
        return self._along(X, joined)

    def _along(self, X: dlarray, joined: tuple[int, ...]) -> dlarray:
        """For every element of the other dimensions, whatever their labels are."""
        fmt = X.dims + "U" * (max(joined) + 1 - X.ndim)
        sizes = X.shape + (1,) * (len(fmt) - X.ndim)
        rest = [axis for axis in range(len(fmt)) if axis not in joined]
        order = [axis + 1 for axis in (*joined, *rest)]
        columns = reshape(
            permute(reshape(stripdims(X), sizes), order), math.prod(sizes[a] for a in joined), []
        )
        Y = fullyconnect(columns, self.Weights, self.Bias, DataFormat="CB")
        others = [sizes[axis] for axis in rest]
        if isinstance(self.OperationDimension, str):
            return dlarray(reshape(Y, [self.OutputSize, *others]), "C" + fmt[max(joined) + 1 :])
        return dlarray(ipermute(reshape(Y, [self.OutputSize, *others]), order), fmt)

    def _line(self) -> str:
        return f"{self.OutputSize} {self.Type.lower()} layer"


@describes(values=VALUES, factors=FACTORS)
class fullyConnectedLayer(DenseLayer):
    """Multiply by a matrix and add a bias, for every observation and time step.

    Y = Weights x + Bias, where x are the elements of the spatial dimensions and the channels, first
    dimension fastest. CB, SCB, SSCB and SSSCB become CB; with T they become CBT.

    Learns Weights (outputSize × inputs) and Bias (outputSize × 1).

    Args:
        outputSize: Number of channels out (property ``OutputSize``).
        dim: "spatial-channel" as above, or the number (from 1, in the order S, C, B, T) of a
            dimension: then x are the elements along it, and the labels stay (property
            ``OperationDimension``).
        {values}
        {factors}
        Name: Name in the network.

    Raises:
        FormatError: The size of the input is not known (in `initialize`), or not the one that the
            layer was initialized for (in `predict`).
        OptionError: A wrong option.

    Example:
        >>> layer = fullyConnectedLayer(10)
        >>> layer.initialize(networkDataLayout([28, 28, 1], "SSC")).Weights.shape
        (10, 784)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.fullyconnectedlayer.html
    """

    base_name = "fc"
    Type = "Fully Connected"

    def __init__(
        self,
        outputSize: int,
        dim: Literal["spatial-channel"] | int = "spatial-channel",
        *,
        Weights: Any = None,
        Bias: Any = None,
        WeightsInitializer: Initializer = "glorot",
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
