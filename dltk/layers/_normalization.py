"""Normalization layers without state: per observation, per group, per channel, local."""

from __future__ import annotations

from typing import Any, Literal

from ..dlarray import dlarray
from ..functions._normalization import (
    crosschannelnorm,
    groupnorm,
    instancenorm,
    layernorm,
)
from ..functions._options import number, whole, word
from ._builtin import BuiltinLayer
from ._docs import describes
from ._initializers import Initializer
from ._normalizing import COMMON, ERRORS, LEARNS, NormalizationLayer


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
        >>> from dltk import networkDataLayout
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
        >>> from dltk import networkDataLayout
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
        >>> from dltk import networkDataLayout
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
