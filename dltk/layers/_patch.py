"""Images cut into patches, each of which becomes a vector."""

from __future__ import annotations

from typing import Any, Literal

from .. import _labels as labels
from .._errors import FormatError, OptionError
from ..dlarray import dlarray, stripdims
from ..functions._convolution import dlconv
from ..functions._operands import shown
from ..functions._options import whole, word
from ..functions._shape import permute, reshape
from ._builtin import auto_or_count, bracket, channels
from ._convolution import Sizes
from ._docs import describes
from ._initializers import Initializer
from ._layer import Layer
from ._layout import networkDataLayout
from ._weighted import FACTORS, VALUES, WeightedLayer


@describes(values=VALUES, factors=FACTORS)
class patchEmbeddingLayer(WeightedLayer):
    """Cut an image into patches and combine the values of each patch to one vector.

    That is a convolution whose stride is the size of its filters, and whose places are then put
    in a row: SSCB and SSSCB become SCB, with one place for each patch; with T they become SCBT.
    Cells at the end that fill no patch are left out.

    Learns Weights (patch × channels × outputSize) and Bias (1 × 1 × outputSize).

    Args:
        patchSize: Height and width (and depth) of a patch; a scalar for all (property
            ``PatchSize``).
        outputSize: Number of channels out (property ``OutputSize``).
        SpatialFlattenMode: Order of the patches: "row-major" goes along the last dimension first,
            "column-major" along the first.
        NumChannels: Channels of the input; "auto" takes them from it.
        {values}
        {factors}
        Name: Name in the network.

    Raises:
        OptionError: A wrong option.
        FormatError: The input has not as many spatial dimensions as the patches, or another number
            of channels.

    Example:
        >>> from dltk import dlnetwork, imageInputLayer
        >>> images = imageInputLayer([32, 48, 3], Normalization="none")
        >>> net = dlnetwork([images, patchEmbeddingLayer(16, 5)])
        >>> net.Learnables["patchembed", "Weights"].shape
        (16, 16, 3, 5)

    Source:
        https://www.mathworks.com/help/vision/ref/nnet.cnn.layer.patchembeddinglayer.html
    """

    base_name = "patchembed"
    Type = "Patch Embedding"

    def __init__(
        self,
        patchSize: Sizes,
        outputSize: int,
        *,
        SpatialFlattenMode: Literal["row-major", "column-major"] = "row-major",
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
        count = len(patchSize) if isinstance(patchSize, (list, tuple)) else 1
        if count > 3:
            raise OptionError(
                f"{self.kind}: patchSize has {count} values.", fix="Give 1, 2 or 3 values."
            )
        self.PatchSize = whole(self.kind, "patchSize", patchSize, count)
        (self.OutputSize,) = whole(self.kind, "outputSize", outputSize)
        words = ["row-major", "column-major"]
        self.SpatialFlattenMode: Any = word(
            self.kind, "SpatialFlattenMode", SpatialFlattenMode, words
        )
        self.NumChannels = auto_or_count(self.kind, "NumChannels", NumChannels)

    def initialize(self, layout: networkDataLayout) -> Layer:
        """With first values of Weights and Bias."""
        count = channels(self.kind, layout, self.NumChannels, "NumChannels")
        spatial = layout.Format.count("S")
        patch = self.PatchSize * spatial if len(self.PatchSize) == 1 else self.PatchSize
        if not spatial or len(patch) != spatial:
            raise FormatError(
                f"{self.kind}: patches with {len(patch)} sizes need as many spatial dimensions.",
                got={"input": repr(layout), "PatchSize": bracket(self.PatchSize)},
                fix='Label images "SSCB", volumes "SSSCB".',
            )
        cells = 1
        for n in patch:
            cells *= n
        values = self._values(
            (*patch, count, self.OutputSize),
            (*(1,) * len(patch), self.OutputSize),
            cells * count,
            cells * self.OutputSize,
        )
        return self.bound({**values, "NumChannels": count, "PatchSize": patch})

    def predict(self, X: dlarray) -> dlarray:
        """A vector for each patch."""
        spatial = X.dims.count("S")
        sizes = [X.shape[axis] for axis in labels.find(X.dims, "S")]
        if any(n < k for n, k in zip(sizes, self.PatchSize, strict=True)):
            raise FormatError(
                f"{self.kind}: the input is smaller than a patch of {bracket(self.PatchSize)}.",
                got={"input": shown(X)},
                fix="Use larger images or a smaller patchSize.",
            )
        Y = dlconv(X, self.Weights, self.Bias, Stride=self.PatchSize)
        fmt, plain = Y.dims, stripdims(Y)
        if self.SpatialFlattenMode == "row-major":
            order = [*reversed(range(1, spatial + 1)), *range(spatial + 1, len(fmt) + 1)]
            plain = permute(plain, order)
        rest = Y.shape[spatial:]
        return dlarray(reshape(plain, [None, *rest]), fmt[spatial - 1 :])

    def _line(self) -> str:
        return f"Patches of {bracket(self.PatchSize)} to {self.OutputSize} channels"
