"""Normalization layers: zero mean and unit variance, then a learnable scale and offset."""

from __future__ import annotations

from typing import Any, Literal

from .. import _labels as labels
from ..dlarray import dlarray
from ..functions._normalization import (
    batchnorm,
    crosschannelnorm,
    groupnorm,
    instancenorm,
    layernorm,
)
from ..functions._options import number, whole, word
from ._builtin import BuiltinLayer, auto_or_count, channels, factor
from ._docs import describes
from ._initializers import Initializer
from ._layer import Layer
from ._layout import networkDataLayout

COMMON = """Epsilon: What is added to the variance, larger than 0.
        NumChannels: Channels of the input; "auto" takes them from it.
        Offset: First offset per channel; made by ``OffsetInitializer`` if empty.
        Scale: First scale per channel; made by ``ScaleInitializer`` if empty.
        OffsetInitializer: "zeros", "ones", "narrow-normal" or a function of the size.
        ScaleInitializer: "ones", "zeros", "narrow-normal" or a function of the size.
        OffsetLearnRateFactor: Factor of the learning rate of ``Offset``; 0 freezes it.
        ScaleLearnRateFactor: Factor of the learning rate of ``Scale``.
        OffsetL2Factor: Factor of the L2 penalty of ``Offset``, for a loop that has one.
        ScaleL2Factor: Factor of the L2 penalty of ``Scale``.
        Name: Name in the network."""

LEARNS = """Learns Offset and Scale, a number per channel that lies as the channels do:
    1 × 1 × channels for SSCB, channels × 1 for CB and CBT."""

ERRORS = """FormatError: The input has other channels than ``NumChannels``.
        OptionError: A wrong option."""


class NormalizationLayer(BuiltinLayer):
    """Base of the normalization layers that learn."""

    learnables = ("Offset", "Scale")

    def __init__(
        self,
        Name: str,
        Epsilon: float,
        NumChannels: Literal["auto"] | int,
        values: tuple[Any, Any],
        initializers: tuple[Initializer, Initializer],
        factors: tuple[Any, Any, Any, Any],
    ):
        super().__init__(Name)
        self.Epsilon = number(self.kind, "Epsilon", Epsilon, above=0)
        self.NumChannels = auto_or_count(self.kind, "NumChannels", NumChannels)
        self.Offset, self.Scale = values
        self.OffsetInitializer, self.ScaleInitializer = initializers
        names = ("OffsetLearnRateFactor", "ScaleLearnRateFactor", "OffsetL2Factor", "ScaleL2Factor")
        for name, value in zip(names, factors, strict=True):
            setattr(self, name, factor(self.kind, name, value))

    def _values(self, layout: networkDataLayout) -> dict[str, Any]:
        count = channels(self.kind, layout, self.NumChannels, "NumChannels")
        size = per_channel_size(layout.Format, count)
        return {
            "NumChannels": count,
            "Offset": self._value("Offset", size, self.OffsetInitializer),
            "Scale": self._value("Scale", size, self.ScaleInitializer),
        }

    def initialize(self, layout: networkDataLayout) -> Layer:
        """With first values of Offset and Scale."""
        return self.bound(self._values(layout))

    def _line(self) -> str:
        count = "" if self.NumChannels == "auto" else f" with {self.NumChannels} channels"
        return self.Type + count


def per_channel_size(fmt: str, count: int) -> tuple[int, ...]:
    """Sizes of a parameter with a number per channel.

    >>> per_channel_size("SSCB", 7), per_channel_size("CBT", 7)
    ((1, 1, 7), (7, 1))
    """
    spatial = labels.find(fmt, "C")[0]
    return (*(1,) * spatial, count) if spatial else (count, 1)


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


@describes(common=COMMON, learns=LEARNS, errors=ERRORS)
class layerNormalizationLayer(NormalizationLayer):
    """Normalize each observation over its channels (and positions).

    Y = Scale (X - mu) / sqrt(sigma^2 + Epsilon) + Offset, with mean and variance of the
    dimensions that ``OperationDimension`` names. Any labels with a "C"; they stay. {learns}

    Args:
        OperationDimension: "auto" and "spatial-channel": over "S" and "C"; "channel-only": over
            "C"; "batch-excluded": over all but "B". Only the last one mixes time steps.
        {common}

    Raises:
        {errors}

    Example:
        >>> layer = layerNormalizationLayer()
        >>> layer.initialize(networkDataLayout([12, 5, 40], "CBT")).Offset.shape
        (12, 1)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.layernormalizationlayer.html
    """

    base_name = "layernorm"
    Type = "Layer normalization"

    def __init__(
        self,
        *,
        OperationDimension: Literal[
            "auto", "channel-only", "spatial-channel", "batch-excluded"
        ] = "auto",
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
        words = ["auto", "channel-only", "spatial-channel", "batch-excluded"]
        self.OperationDimension: Any = word(
            self.kind, "OperationDimension", OperationDimension, words
        )

    def predict(self, X: dlarray) -> dlarray:
        """Normalized, each observation by itself."""
        return layernorm(
            X,
            self.Offset,
            self.Scale,
            Epsilon=self.Epsilon,
            OperationDimension=self.OperationDimension,
        )


@describes(common=COMMON, learns=LEARNS, errors=ERRORS)
class groupNormalizationLayer(NormalizationLayer):
    """Normalize groups of channels of each observation.

    Y = Scale (X - mu) / sqrt(sigma^2 + Epsilon) + Offset, with mean and variance over the
    channels of a group and over all positions and times of an observation. Groups are consecutive
    channels. Any labels with a "C"; they stay. {learns}

    Args:
        numGroups: Number of groups, which divides the number of channels; "all-channels" for one
            group, "channel-wise" for a group per channel (property ``NumGroups``).
        {common}

    Raises:
        {errors}

    Example:
        >>> layer = groupNormalizationLayer(4)
        >>> layer.initialize(networkDataLayout([28, 28, 20], "SSC")).NumChannels
        20

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.groupnormalizationlayer.html
    """

    base_name = "groupnorm"
    Type = "Group normalization"

    def __init__(
        self,
        numGroups: Literal["all-channels", "channel-wise"] | int,
        *,
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
        if isinstance(numGroups, str):
            words = ["all-channels", "channel-wise"]
            self.NumGroups: Any = word(self.kind, "numGroups", numGroups, words)
        else:
            (self.NumGroups,) = whole(self.kind, "numGroups", numGroups)

    def predict(self, X: dlarray) -> dlarray:
        """Normalized, each group of each observation by itself."""
        return groupnorm(X, self.NumGroups, self.Offset, self.Scale, Epsilon=self.Epsilon)


@describes(common=COMMON, learns=LEARNS, errors=ERRORS)
class instanceNormalizationLayer(NormalizationLayer):
    """Normalize each channel of each observation over its positions and times.

    Y = Scale (X - mu) / sqrt(sigma^2 + Epsilon) + Offset, with mean and variance over "S" and
    "T", of which the input must have one. The labels stay. {learns}

    Args:
        {common}

    Raises:
        {errors}

    Example:
        >>> layer = instanceNormalizationLayer()
        >>> layer.initialize(networkDataLayout([28, 28, 20], "SSC")).Scale.shape
        (1, 1, 20)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.instancenormalizationlayer.html
    """

    base_name = "instancenorm"
    Type = "Instance normalization"

    def __init__(
        self,
        *,
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

    def predict(self, X: dlarray) -> dlarray:
        """Normalized, each channel of each observation by itself."""
        return instancenorm(X, self.Offset, self.Scale, Epsilon=self.Epsilon)


class crossChannelNormalizationLayer(BuiltinLayer):
    """Divide by the size of neighbouring channels (local response normalization).

    Y = X / (K + Alpha ss / windowChannelSize)^Beta, with ss the sum of squares of the channels in a
    window around the own one, at the same position. An even window reaches one channel further
    forward than back. Any labels with a "C"; they stay. Nothing is learned.

    Args:
        windowChannelSize: Number of channels in the window (property ``WindowChannelSize``).
        Alpha: Weight of the sum of squares.
        Beta: Exponent.
        K: What is added.
        Name: Name in the network.

    Raises:
        OptionError: A wrong option.
        FormatError: The input has no "C" dimension.

    Example:
        >>> crossChannelNormalizationLayer(5, K=1).WindowChannelSize
        5

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.crosschannelnormalizationlayer.html
    """

    base_name = "crossnorm"
    Type = "Cross channel normalization"

    def __init__(
        self,
        windowChannelSize: int,
        *,
        Alpha: float = 1e-4,
        Beta: float = 0.75,
        K: float = 2,
        Name: str = "",
    ):
        super().__init__(Name)
        (self.WindowChannelSize,) = whole(self.kind, "windowChannelSize", windowChannelSize)
        self.Alpha = number(self.kind, "Alpha", Alpha)
        self.Beta = number(self.kind, "Beta", Beta)
        self.K = number(self.kind, "K", K)

    def predict(self, X: dlarray) -> dlarray:
        """Divided by the size of the neighbours."""
        return crosschannelnorm(
            X, self.WindowChannelSize, Alpha=self.Alpha, Beta=self.Beta, K=self.K
        )

    def _line(self) -> str:
        return f"{self.Type} with {self.WindowChannelSize} channels per element"
