"""The grouped convolution layer."""

from __future__ import annotations

import math
from typing import Any, Literal

from .._errors import FormatError, OptionError
from ..dlarray import dlarray
from ..functions._convolution import dlconv
from ..functions._options import whole
from ..functions._shape import reshape
from ._builtin import auto_or_count, bracket, channels, show_option
from ._convolution import ERRORS, FILL, WORDS, Sizes, SlidingLayer, padding_value
from ._docs import describes
from ._initializers import Initializer
from ._layer import Layer
from ._layout import networkDataLayout
from ._weighted import FACTORS, VALUES
from ._windows import check_length, reach, rows, sides


@describes(fill=FILL, words=WORDS, values=VALUES, factors=FACTORS, errors=ERRORS)
class groupedConvolution2dLayer(SlidingLayer):
    """Convolution in which each group of filters sees its own group of channels.

    Channels come in ``numGroups`` blocks of equal size; the filters of a group see the channels of
    their block only, and the groups' outputs stand one after the other. With "channel-wise", every
    channel is a group (the first half of a separable convolution; `convolution2dLayer` with
    ``filterSize`` 1 is the other). Takes SSCB, SSCBT (over both "S") and SCBT (over "S" and "T"),
    also without B; the output has the same labels and numFiltersPerGroup × numGroups channels.

    Learns Weights (height × width × channels per group × filters per group × groups) and Bias
    (1 × 1 × filters per group × groups).

    Args:
        filterSize: Height and width of the filters; a scalar for both.
        numFiltersPerGroup: Number of filters in each group.
        numGroups: Number of groups, which divides the number of channels; or "channel-wise".
        Stride: Step of the filters, a scalar or one value per dimension.
        DilationFactor: Step between the cells under a filter, a scalar or one value per dimension.
        Padding: Cells added at the edges: a number, [a b] (top and bottom; left and right),
            [top bottom left right], or {words}.
        {fill}
        NumChannelsPerGroup: Channels of each group; "auto" divides those of the input.
        {values}
        {factors}
        Name: Name in the network.

    Raises:
        {errors}

    Example:
        >>> layer = groupedConvolution2dLayer(3, 1, "channel-wise", Padding="same")
        >>> layer.initialize(networkDataLayout([28, 28, 16], "SSC")).Weights.shape
        (3, 3, 1, 1, 16)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.groupedconvolution2dlayer.html
    """

    rank = 2
    base_name = "groupedconv"
    Type = "2-D Grouped Convolution"

    def __init__(
        self,
        filterSize: Sizes,
        numFiltersPerGroup: int,
        numGroups: Literal["channel-wise"] | int,
        *,
        Stride: Sizes = 1,
        DilationFactor: Sizes = 1,
        Padding: Literal["same"] | Sizes = 0,
        PaddingValue: Any = 0,
        NumChannelsPerGroup: Literal["auto"] | int = "auto",
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
            Name,
            (Weights, Bias),
            (WeightsInitializer, BiasInitializer),
            (WeightLearnRateFactor, BiasLearnRateFactor, WeightL2Factor, BiasL2Factor),
        )
        self.FilterSize = whole(self.kind, "filterSize", filterSize, self.rank)
        self.NumGroups = self._groups(numGroups)
        self.NumChannelsPerGroup = auto_or_count(
            self.kind, "NumChannelsPerGroup", NumChannelsPerGroup
        )
        (self.NumFiltersPerGroup,) = whole(self.kind, "numFiltersPerGroup", numFiltersPerGroup)
        self.Stride = whole(self.kind, "Stride", Stride, self.rank)
        self.DilationFactor = whole(self.kind, "DilationFactor", DilationFactor, self.rank)
        self.PaddingMode, self.PaddingSize = sides(self.kind, "Padding", Padding, self.rank)
        self.PaddingValue = padding_value(self.kind, PaddingValue)

    def _groups(self, numGroups: Any) -> Literal["channel-wise"] | int:
        if numGroups == "channel-wise":
            return "channel-wise"
        if isinstance(numGroups, str):
            raise OptionError(
                f'{self.kind}: numGroups cannot be "{numGroups}".',
                fix='Give a positive whole number, or "channel-wise" for a group per channel.',
            )
        return whole(self.kind, "numGroups", numGroups)[0]

    def initialize(self, layout: networkDataLayout) -> Layer:
        """With first values of Weights and Bias."""
        self._over(layout)
        count = channels(self.kind, layout)
        groups = self.NumGroups if isinstance(self.NumGroups, int) else count
        each = count / groups
        if each != int(each) or self.NumChannelsPerGroup not in ("auto", each):
            raise FormatError(
                f"{self.kind}: {count} channels do not make {groups} groups"
                + (f" of {self.NumChannelsPerGroup}." if each == int(each) else " of equal size."),
                got={"input": repr(layout)},
                fix="The number of channels must be channels per group times numGroups.",
            )
        each, filters, cells = int(each), self.NumFiltersPerGroup, math.prod(self.FilterSize)
        size = (*self.FilterSize, each, filters, groups)
        values = self._values(size, (1, 1, filters, groups), cells * each, cells * filters)
        made = {"NumGroups": groups, "NumChannelsPerGroup": each, **values}
        return self.bound(made)

    def predict(self, X: dlarray) -> dlarray:
        """The convolution of the input, group by group."""
        over, padding = self._over(X), rows(self.PaddingMode, self.PaddingSize)
        check_length(
            self.kind,
            X,
            over,
            reach(self.FilterSize, self.DilationFactor),
            self.PaddingMode,
            padding,
        )
        return dlconv(
            X,
            self.Weights,
            reshape(self.Bias, 1, []),
            WeightsFormat=over + "CUU",
            Stride=self.Stride,
            DilationFactor=self.DilationFactor,
            Padding=padding,
            PaddingValue=self.PaddingValue,
        )

    def _line(self) -> str:
        filters = f"{self.NumFiltersPerGroup} {bracket(self.FilterSize)} convolutions"
        padding = show_option(self.PaddingSize or self.PaddingMode)
        return (
            f"{self.NumGroups} groups of {filters} with stride {show_option(self.Stride)} "
            f"and padding {padding}"
        )
