"""Transposed convolution layers: one class per number of dimensions."""

from __future__ import annotations

import math
from typing import Any, Literal

from ..dlarray import dlarray
from ..functions._convolution import dltranspconv
from ..functions._options import whole
from ._builtin import auto_or_count, bracket, channels, show_option
from ._convolution import Sizes, SlidingLayer
from ._docs import describes
from ._initializers import Initializer
from ._layer import Layer
from ._layout import networkDataLayout
from ._weighted import FACTORS, VALUES
from ._windows import rows, sides

COMMON = f"""Stride: Step between the stamps, a scalar or one value per dimension.
        Cropping: {{cropping}}
        NumChannels: Channels of the input; "auto" takes them from it.
        {VALUES}
        {FACTORS}
        Name: Name in the network."""

ERRORS = """FormatError: The input has other channels than ``NumChannels``, lacks the dimensions to
            slide over, or nothing is left after cropping (in `initialize` or `predict`).
        OptionError: A wrong option."""

WORDS = '"same" (size × Stride cells out, an odd cell is cut at the end)'


def arguments(cropping: str) -> str:
    """The shared arguments, with the forms of Cropping that a layer takes."""
    return COMMON.replace("{cropping}", cropping)


class TransposedLayer(SlidingLayer):
    """Base of the transposed convolutions."""

    def __init__(
        self,
        filterSize: Sizes,
        numFilters: int,
        *,
        Stride: Sizes = 1,
        Cropping: Literal["same"] | Sizes = 0,
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
        self.CroppingMode, self.CroppingSize = sides(self.kind, "Cropping", Cropping, self.rank)

    def initialize(self, layout: networkDataLayout) -> Layer:
        """With first values of Weights and Bias."""
        self._over(layout)
        count = channels(self.kind, layout, self.NumChannels, "NumChannels")
        size, cells = (*self.FilterSize, self.NumFilters, count), math.prod(self.FilterSize)
        bias = (*(1,) * self.rank, self.NumFilters)
        values = self._values(size, bias, cells * count, cells * self.NumFilters)
        return self.bound({**values, "NumChannels": count})

    def predict(self, X: dlarray) -> dlarray:
        """The transposed convolution of the input."""
        return dltranspconv(
            X,
            self.Weights,
            self.Bias,
            WeightsFormat=self._over(X) + "CU",
            Stride=self.Stride,
            Cropping=rows(self.CroppingMode, self.CroppingSize),
        )

    def _line(self) -> str:
        count = () if self.NumChannels == "auto" else (self.NumChannels,)
        cropping = show_option(self.CroppingSize or self.CroppingMode)
        return (
            f"{self.NumFilters} {bracket((*self.FilterSize, *count))} transposed convolutions "
            f"with stride {show_option(self.Stride)} and cropping {cropping}"
        )


@describes(
    common=arguments(f"Cells cut at both ends: a number, [left right], or\n            {WORDS}."),
    errors=ERRORS,
)
class transposedConv1dLayer(TransposedLayer):
    """Transposed convolution over one dimension, which makes it longer.

    Each input cell stamps the filters into the output, ``Stride`` cells apart. Takes SCB, SCBT
    (over "S") and CBT (over "T"), also without B; the output has the same labels, ``numFilters``
    channels and, along the dimension, Stride (size - 1) + filterSize - cropping cells.

    Learns Weights (filterSize × numFilters × channels) and Bias (1 × numFilters).

    Args:
        filterSize: Cells of a filter.
        numFilters: Number of filters, which is the number of channels out.
        {common}

    Raises:
        {errors}

    Example:
        >>> layer = transposedConv1dLayer(4, 8, Stride=2, Cropping="same")
        >>> layer.initialize(networkDataLayout([12, 5, 40], "CBT")).Weights.shape
        (4, 8, 12)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.transposedconvolution1dlayer.html
    """

    rank = 1
    base_name = "transposed-conv1d"
    Type = "1-D Transposed Convolution"


@describes(
    common=arguments(
        "Cells cut at the edges: a number, [a b] (top and bottom; left and right),\n"
        f"            [top bottom left right], or {WORDS}."
    ),
    errors=ERRORS,
)
class transposedConv2dLayer(TransposedLayer):
    """Transposed convolution over two dimensions, which makes images larger.

    Each input cell stamps the filters into the output, ``Stride`` cells apart. Takes SSCB, SSCBT
    (over both "S") and SCBT (over "S" and "T"), also without B; the output has the same labels,
    ``numFilters`` channels and, along each dimension, Stride (size - 1) + filterSize - cropping
    cells.

    Learns Weights (height × width × numFilters × channels) and Bias (1 × 1 × numFilters).

    Args:
        filterSize: Height and width of the filters; a scalar for both.
        numFilters: Number of filters, which is the number of channels out.
        {common}

    Raises:
        {errors}

    Example:
        >>> layer = transposedConv2dLayer(5, 64, Stride=2, Cropping="same")
        >>> layer.initialize(networkDataLayout([4, 4, 128], "SSC")).Weights.shape
        (5, 5, 64, 128)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.transposedconvolution2dlayer.html
    """

    rank = 2
    base_name = "transposed-conv"
    Type = "2-D Transposed Convolution"


@describes(
    common=arguments(
        "Cells cut at the edges: a number, [a b c], a matrix of two rows (top, left,\n"
        f"            front; bottom, right, back), or {WORDS}."
    ),
    errors=ERRORS,
)
class transposedConv3dLayer(TransposedLayer):
    """Transposed convolution over three dimensions, which makes volumes larger.

    Each input cell stamps the filters into the output, ``Stride`` cells apart. Takes SSSCB, SSSCBT
    (over all "S") and SSCBT (over both "S" and "T"), also without B; the output has the same
    labels, ``numFilters`` channels and, along each dimension,
    Stride (size - 1) + filterSize - cropping cells.

    Learns Weights (height × width × depth × numFilters × channels) and Bias
    (1 × 1 × 1 × numFilters).

    Args:
        filterSize: Height, width and depth of the filters; a scalar for all.
        numFilters: Number of filters, which is the number of channels out.
        {common}

    Raises:
        {errors}

    Example:
        >>> layer = transposedConv3dLayer(2, 4, Stride=2)
        >>> layer.initialize(networkDataLayout([4, 4, 4, 8], "SSSC")).Bias.shape
        (1, 1, 1, 4)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.transposedconvolution3dlayer.html
    """

    rank = 3
    base_name = "transposed-conv3d"
    Type = "3-D Transposed Convolution"
