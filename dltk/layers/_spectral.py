"""Fourier operator layers: the low frequencies of the data are combined, each for itself."""

from __future__ import annotations

import math
from typing import Any, ClassVar

from .. import _labels as labels
from .._errors import FormatError
from ..dlarray import dlarray, stripdims
from ..functions._fourier import fft, ifft
from ..functions._linear import pagemtimes
from ..functions._operands import shown
from ..functions._options import whole
from ..functions._shape import permute, reshape
from ._builtin import BuiltinLayer, bracket, channels, factor
from ._convolution import Sizes
from ._docs import describes
from ._initializers import Initializer
from ._layer import Layer
from ._layout import networkDataLayout
from ._windows import window

HOW = """For each of the first ``numModes`` frequencies, the transforms of the channels are
    multiplied by a complex matrix; the other frequencies are 0. The output is real, of the length
    of the input, and has ``hiddenSize`` channels; the labels stay."""

OPTIONS = """numModes: How many frequencies, from 0 on, are kept along each dimension; at most half
            of its length plus 1/2 (property ``NumModes``).
        hiddenSize: Number of channels out (property ``HiddenSize``).
        Weights: First value; drawn by ``WeightsInitializer`` if empty.
        WeightsInitializer: "complex-glorot-normal" (normal, variance 1 / (inputs + outputs) of real
            and imaginary part each), another initializer's name, or a function of the size.
        WeightLearnRateFactor: Factor of the learning rate of ``Weights``; 0 freezes them.
        WeightL2Factor: Factor of the L2 penalty of ``Weights``, for a loop that has one.
        Name: Name in the network.

    Raises:
        OptionError: A wrong option.
        FormatError: The input lacks the dimensions, or is too short for ``numModes`` (in
            `predict`)."""


class SpectralConvolutionLayer(BuiltinLayer):
    """Base of the spectral convolution layers."""

    learnables = ("Weights",)
    rank: ClassVar[int]

    def __init__(
        self,
        numModes: Sizes,
        hiddenSize: int,
        *,
        Weights: Any = None,
        WeightsInitializer: Initializer = "complex-glorot-normal",
        WeightLearnRateFactor: float = 1,
        WeightL2Factor: float = 1,
        Name: str = "",
    ):
        super().__init__(Name)
        self.NumModes = whole(self.kind, "numModes", numModes, self.rank)
        (self.HiddenSize,) = whole(self.kind, "hiddenSize", hiddenSize)
        self.InputSize: Any = "auto"
        self.Weights, self.WeightsInitializer = Weights, WeightsInitializer
        factors = {
            "WeightLearnRateFactor": WeightLearnRateFactor,
            "WeightL2Factor": WeightL2Factor,
        }
        for name, value in factors.items():
            setattr(self, name, factor(self.kind, name, value))

    def initialize(self, layout: networkDataLayout) -> Layer:
        """With a first value of Weights."""
        window(self.kind, self.rank, layout)
        count, size = channels(self.kind, layout), self.HiddenSize
        sizes = (*self.NumModes, count, size)
        value = self._value("Weights", sizes, self.WeightsInitializer, count, size)
        return self.bound({"InputSize": count, "Weights": value})

    def predict(self, X: dlarray) -> dlarray:
        """The input with its low frequencies combined."""
        over = window(self.kind, self.rank, X)
        axes = labels.find(X.dims, "S" + "T" * ("T" in over))
        lengths = [X.shape[axis] for axis in axes]
        if any(2 * m > n + 1 for m, n in zip(self.NumModes, lengths, strict=True)):
            raise FormatError(
                f"{self.kind}: the input is too short for {bracket(self.NumModes)} frequencies.",
                got={"input": shown(X)},
                fix="Along each dimension numModes is at most (length + 1) / 2.",
            )
        channel = labels.find(X.dims, "C")[0]
        rest = [axis for axis in range(X.ndim) if axis not in (*axes, channel)]
        order = [channel, *rest, *axes]
        others = [X.shape[axis] for axis in rest]
        # pages of channels x observations, one for each place
        pages = permute(stripdims(X), [axis + 1 for axis in order])
        Y = self._filtered(reshape(pages, [X.shape[channel], math.prod(others), *lengths]), lengths)
        Y = reshape(Y, [self.HiddenSize, *others, *lengths])
        back = [order.index(axis) + 1 for axis in range(X.ndim)]
        return dlarray(permute(Y, back), X.dims)

    def _filtered(self, pages: Any, lengths: list[int]) -> Any:
        """The transform along the dimensions from 3 on, combined, and back."""
        dims = range(3, 3 + self.rank)
        for dim, modes in zip(dims, self.NumModes, strict=True):
            pages = fft(pages, None, dim)
            kept = [slice(modes) if d == dim else slice(None) for d in range(1, 3 + self.rank)]
            pages = pages[tuple(kept)]
        weights = permute(self.Weights, [self.rank + 2, self.rank + 1, *range(1, self.rank + 1)])
        Y = pagemtimes(weights, pages)
        for dim, n in zip(list(dims)[:-1], lengths, strict=False):
            Y = ifft(Y, n, dim)
        return ifft(Y, lengths[-1], dims[-1], "symmetric")

    def _line(self) -> str:
        return f"{self.Type} with {bracket(self.NumModes)} modes, {self.HiddenSize} channels"


@describes(how=HOW, options=OPTIONS)
class spectralConvolution1dLayer(SpectralConvolutionLayer):
    """One-dimensional spectral convolution, of a Fourier neural operator.

    Takes SCB, SCBT (over "S") and CBT (over "T"), also without B. {how}

    Learns Weights (numModes × channels × hiddenSize), complex.

    Args:
        {options}

    Example:
        >>> layer = spectralConvolution1dLayer(5, 8)
        >>> layer.initialize(networkDataLayout([32, 3], "SC")).Weights.shape
        (5, 3, 8)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.spectralconvolution1dlayer.html
        and Li et al., Fourier neural operator for parametric partial differential equations, 2021.
    """

    rank = 1
    base_name = "spectralconv1d"
    Type = "1-D Spectral Convolution"


@describes(how=HOW, options=OPTIONS)
class spectralConvolution2dLayer(SpectralConvolutionLayer):
    """Two-dimensional spectral convolution, of a Fourier neural operator.

    Takes SSCB, SSCBT (over both "S") and SCBT (over "S" and "T"), also without B. {how}

    Learns Weights (numModes × channels × hiddenSize), complex.

    Args:
        {options}

    Example:
        >>> layer = spectralConvolution2dLayer([5, 4], 8)
        >>> layer.initialize(networkDataLayout([32, 32, 3], "SSC")).Weights.shape
        (5, 4, 3, 8)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.spectralconvolution2dlayer.html
    """

    rank = 2
    base_name = "spectralconv2d"
    Type = "2-D Spectral Convolution"


@describes(how=HOW, options=OPTIONS)
class spectralConvolution3dLayer(SpectralConvolutionLayer):
    """Three-dimensional spectral convolution, of a Fourier neural operator.

    Takes SSSCB, SSSCBT (over all "S") and SSCBT (over both "S" and "T"), also without B. {how}

    Learns Weights (numModes × channels × hiddenSize), complex.

    Args:
        {options}

    Example:
        >>> layer = spectralConvolution3dLayer(4, 8)
        >>> layer.initialize(networkDataLayout([9, 9, 9, 3], "SSSC")).Weights.shape
        (4, 4, 4, 3, 8)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.spectralconvolution3dlayer.html
    """

    rank = 3
    base_name = "spectralconv3d"
    Type = "3-D Spectral Convolution"
