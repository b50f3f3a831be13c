"""The batch normalization layer."""

from __future__ import annotations

from typing import Any, Literal

from ..dlarray import dlarray
from ..functions._normalization import batchnorm
from ..functions._options import number
from ._docs import describes
from ._initializers import Initializer
from ._layout import networkDataLayout
from ._normalizing import COMMON, ERRORS, LEARNS, NormalizationLayer, per_channel_size


@describes(common=COMMON, learns=LEARNS, errors=ERRORS)
class batchNormalizationLayer(NormalizationLayer):
    """Normalize each channel over all observations, positions and times.

    Y = Scale (X - mu) / sqrt(sigma^2 + Epsilon) + Offset. In `forward`, mu and sigma^2 are mean and
    variance of the mini-batch, and the states follow them:

    * TrainedMean = MeanDecay mu + (1 - MeanDecay) TrainedMean
    * TrainedVariance = VarianceDecay sigma^2 + (1 - VarianceDecay) TrainedVariance

    (the decay multiplies the new value). In `predict`, mu and sigma^2 are the states. Any labels
    with a "C"; they stay. {learns} The states have the same size.

    Args:
        MeanDecay: Weight of the mini-batch in ``TrainedMean``, from 0 to 1.
        VarianceDecay: Weight of the mini-batch in ``TrainedVariance``, from 0 to 1.
        TrainedMean: First mean; 0 if empty.
        TrainedVariance: First variance; 1 if empty.
        {common}

    Raises:
        {errors}

    Example:
        >>> layer = batchNormalizationLayer()
        >>> layer = layer.initialize(networkDataLayout([28, 28, 20], "SSC"))
        >>> layer.Scale.shape, float(layer.TrainedVariance[0, 0, 0])
        ((1, 1, 20), 1.0)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.batchnormalizationlayer.html
    """

    states = ("TrainedMean", "TrainedVariance")
    base_name = "batchnorm"
    Type = "Batch normalization"

    def __init__(
        self,
        *,
        MeanDecay: float = 0.1,
        VarianceDecay: float = 0.1,
        TrainedMean: Any = None,
        TrainedVariance: Any = None,
        Epsilon: float = 1e-5,
        NumChannels: Literal["auto"] | int = "auto",
        Offset: Any = None,
        Scale: Any = None,
        OffsetInitializer: Initializer = "zeros",
        ScaleInitializer: Initializer = "ones",
        OffsetLearnRateFactor: float = 1,
        ScaleLearnRateFactor: float = 1,
        OffsetL2Factor: float = 1,
        ScaleL2Factor: float = 1,
        Name: str = "",
    ):
        super().__init__(
            Name,
            Epsilon,
            NumChannels,
            (Offset, Scale),
            (OffsetInitializer, ScaleInitializer),
            (OffsetLearnRateFactor, ScaleLearnRateFactor, OffsetL2Factor, ScaleL2Factor),
        )
        self.MeanDecay = number(self.kind, "MeanDecay", MeanDecay, least=0, most=1)
        self.VarianceDecay = number(self.kind, "VarianceDecay", VarianceDecay, least=0, most=1)
        self.TrainedMean, self.TrainedVariance = TrainedMean, TrainedVariance

    def _values(self, layout: networkDataLayout) -> dict[str, Any]:
        values = super()._values(layout)
        size = per_channel_size(layout.Format, values["NumChannels"])
        return {
            **values,
            "TrainedMean": self._value("TrainedMean", size, "zeros"),
            "TrainedVariance": self._value("TrainedVariance", size, "ones"),
        }

    def predict(self, X: dlarray) -> tuple[Any, ...]:
        """Normalized by the states, which stay."""
        states = self.TrainedMean, self.TrainedVariance
        return batchnorm(X, self.Offset, self.Scale, *states, Epsilon=self.Epsilon), *states

    def forward(self, X: dlarray) -> tuple[Any, ...]:
        """Normalized by mean and variance of the mini-batch, and the states that follow these."""
        Y, mean, variance = batchnorm(
            X,
            self.Offset,
            self.Scale,
            self.TrainedMean,
            self.TrainedVariance,
            Epsilon=self.Epsilon,
            MeanDecay=self.MeanDecay,
            VarianceDecay=self.VarianceDecay,
            nargout=3,
        )
        return Y, mean, variance
