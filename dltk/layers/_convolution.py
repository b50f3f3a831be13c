"""Convolution layers: one class per number of dimensions, and the grouped one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar, Literal

from ..dlarray import dlarray
from ..functions._convolution import FILLS, dlconv
from ..functions._options import number, whole, word
from ._builtin import auto_or_count, bracket, channels, show_option
from ._docs import describes
from ._initializers import Initializer
from ._layer import Layer
from ._layout import networkDataLayout
from ._weighted import FACTORS, VALUES, WeightedLayer
from ._windows import check_length, reach, rows, sides, window

Sizes = int | Sequence[int]

FILL = """PaddingValue: What padding holds: a number, "symmetric-include-edge" (mirrored with the
            edge cell), "symmetric-exclude-edge" (without it) or "replicate" (the edge cell)."""

COMMON = f"""Stride: Step of the filters, a scalar or one value per dimension.
        DilationFactor: Step between the cells under a filter, a scalar or one value per dimension.
        Padding: {{padding}}
        {FILL}
        NumChannels: Channels of the input; "auto" takes them from it.
        {VALUES}
        {FACTORS}
        Name: Name in the network."""

ERRORS = """FormatError: The input has other channels than ``NumChannels``, lacks the dimensions to
            slide over, or is smaller than a filter when padded (in `initialize` or `predict`).
        OptionError: A wrong option."""

WORDS = '"same" (ceil(size / stride) cells out, an odd cell at the end)'


def arguments(padding: str) -> str:
    """The shared arguments, with the forms of Padding that a layer takes."""
    return COMMON.replace("{padding}", padding)


def padding_value(kind: str, value: Any) -> Any:
    """A number, or a word for how to continue the data."""
    if not isinstance(value, str):
        return number(kind, "PaddingValue", value)
    return word(kind, "PaddingValue", value, list(FILLS))


class SlidingLayer(WeightedLayer):
    """Base of (transposed) convolutions: filters that slide over ``rank`` dimensions."""

    rank: ClassVar[int]

    def _over(self, X: dlarray | networkDataLayout) -> str:
        return window(self.kind, self.rank, X)


class ConvolutionLayer(SlidingLayer):
    """Base of the convolutions without groups."""

    def __init__(
        self,
        filterSize: Sizes,
        numFilters: int,
        *,
        Stride: Sizes = 1,
        DilationFactor: Sizes = 1,
        Padding: Literal["same", "causal"] | Sizes = 0,
        PaddingValue: Any = 0,
        NumChannels: Literal["auto"] | int = "auto",
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
        self.NumChannels = auto_or_count(self.kind, "NumChannels", NumChannels)
        (self.NumFilters,) = whole(self.kind, "numFilters", numFilters)
        self.Stride = whole(self.kind, "Stride", Stride, self.rank)
        self.DilationFactor = whole(self.kind, "DilationFactor", DilationFactor, self.rank)
        words = ("same", "causal") if self.rank == 1 else ("same",)
        self.PaddingMode, self.PaddingSize = sides(self.kind, "Padding", Padding, self.rank, words)
        self.PaddingValue = padding_value(self.kind, PaddingValue)

    def initialize(self, layout: networkDataLayout) -> Layer:
        """With first values of Weights and Bias."""
        self._over(layout)
        count = channels(self.kind, layout, self.NumChannels, "NumChannels")
        size, cells = (*self.FilterSize, count, self.NumFilters), math.prod(self.FilterSize)
        bias = (*(1,) * self.rank, self.NumFilters)
        values = self._values(size, bias, cells * count, cells * self.NumFilters)
        return self.bound({**values, "NumChannels": count})

    def predict(self, X: dlarray) -> dlarray:
        """The convolution of the input."""
        over, padding = self._over(X), self._padding()
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
            self.Bias,
            WeightsFormat=over + "CU",
            Stride=self.Stride,
            DilationFactor=self.DilationFactor,
            Padding=padding,
            PaddingValue=self.PaddingValue,
        )

    def _padding(self) -> Any:
        if self.PaddingMode == "causal":
            return [[reach(self.FilterSize, self.DilationFactor)[0] - 1], [0]]
        return rows(self.PaddingMode, self.PaddingSize)

    def _line(self) -> str:
        count = () if self.NumChannels == "auto" else (self.NumChannels,)
        padding = show_option(self.PaddingSize or self.PaddingMode)
        return (
            f"{self.NumFilters} {bracket((*self.FilterSize, *count))} convolutions "
            f"with stride {show_option(self.Stride)} and padding {padding}"
        )


@describes(
    common=arguments(
        f"Cells added at both ends: a number, [left right], {WORDS}, or "
        '"causal" (all before the data, so that no output sees a later input).'
    ),
    errors=ERRORS,
)
class convolution1dLayer(ConvolutionLayer):
    """Convolution over one dimension: space of 1-D images, time of sequences.

    Y(f) = Bias(f) + sum over channels c and cells k of Weights(k, c, f) X(c), shifted by k;
    filters are not flipped. Takes SCB, SCBT (over "S") and CBT (over "T"), also without B; the
    output has the same labels, ``numFilters`` channels and, along the dimension,
    floor((size + padding - ((filterSize - 1) DilationFactor + 1)) / Stride) + 1 cells.

    Learns Weights (filterSize × channels × numFilters) and Bias (1 × numFilters).

    Args:
        filterSize: Cells under a filter.
        numFilters: Number of filters, which is the number of channels out.
        {common}

    Raises:
        {errors}

    Example:
        >>> layer = convolution1dLayer(3, 8, Padding="causal")
        >>> layer.initialize(networkDataLayout([12, 5, 40], "CBT")).Weights.shape
        (3, 12, 8)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.convolution1dlayer.html
    """

    rank = 1
    base_name = "conv1d"
    Type = "1-D Convolution"


@describes(
    common=arguments(
        f"Cells added at the edges: a number, [a b] (top and bottom; left and right), "
        f"[top bottom left right], or {WORDS}."
    ),
    errors=ERRORS,
)
class convolution2dLayer(ConvolutionLayer):
    """Convolution over two dimensions: height and width of images, space and time of 1-D ones.

    Y(f) = Bias(f) + sum over channels c and cells (i, j) of Weights(i, j, c, f) X(c), shifted by
    (i, j); filters are not flipped. Takes SSCB, SSCBT (over both "S") and SCBT (over "S" and "T"),
    also without B; the output has the same labels, ``numFilters`` channels and, along each
    dimension, floor((size + padding - ((filterSize - 1) DilationFactor + 1)) / Stride) + 1 cells.

    Learns Weights (height × width × channels × numFilters) and Bias (1 × 1 × numFilters).

    Args:
        filterSize: Height and width of the filters; a scalar for both.
        numFilters: Number of filters, which is the number of channels out.
        {common}

    Raises:
        {errors}

    Example:
        >>> layer = convolution2dLayer(5, 20, Padding="same")
        >>> layer = layer.initialize(networkDataLayout([28, 28, 1], "SSC"))
        >>> layer.Weights.shape, layer.Bias.shape
        ((5, 5, 1, 20), (1, 1, 20))

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.convolution2dlayer.html
    """

    rank = 2
    base_name = "conv"
    Type = "2-D Convolution"


@describes(
    common=arguments(
        f"Cells added at the edges: a number, [a b c], a matrix of two rows "
        f"(top, left, front;\n            bottom, right, back), or {WORDS}."
    ),
    errors=ERRORS,
)
class convolution3dLayer(ConvolutionLayer):
    """Convolution over three dimensions: volumes, or space and time of image sequences.

    Y(f) = Bias(f) + sum over channels c and cells (i, j, k) of Weights(i, j, k, c, f) X(c), shifted
    by (i, j, k); filters are not flipped. Takes SSSCB, SSSCBT (over all "S") and SSCBT (over both
    "S" and "T"), also without B; the output has the same labels, ``numFilters`` channels and, along
    each dimension, floor((size + padding - ((filterSize - 1) DilationFactor + 1)) / Stride) + 1
    cells.

    Learns Weights (height × width × depth × channels × numFilters) and Bias
    (1 × 1 × 1 × numFilters).

    Args:
        filterSize: Height, width and depth of the filters; a scalar for all.
        numFilters: Number of filters, which is the number of channels out.
        {common}

    Raises:
        {errors}

    Example:
        >>> layer = convolution3dLayer([3, 3, 1], 4)
        >>> layer.initialize(networkDataLayout([9, 9, 9, 2], "SSSC")).Weights.shape
        (3, 3, 1, 2, 4)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.convolution3dlayer.html
    """

    rank = 3
    base_name = "conv3d"
    Type = "3-D Convolution"
