"""Positions as sines and cosines of many wavelengths."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from .._errors import FormatError, OptionError
from ..dlarray import dlarray, finddim, stripdims
from ..functions._cat import cat
from ..functions._elementwise import plus, times
from ..functions._operands import need, shown
from ..functions._options import whole, word
from ..functions._shape import permute, reshape
from ..functions._trigonometry import cos, sin
from ._builtin import BuiltinLayer, is_empty
from ._layer import Layer
from ._layout import networkDataLayout
from ._position_embedding import at_positions
from ._positions import position_axis

FIRST = 1  # position of the first step, as MATLAB counts
LABELS = {"temporal-indices": "T", "spatial-indices": "S"}
WORDS = ["auto", *LABELS, "data-values"]


class sinusoidalPositionEncodingLayer(BuiltinLayer):
    """Encode positions as sines and cosines, to be added to the data at those positions.

    Channels 2j + 1 and 2j + 2 (from 1 on) of position p are sin(p / w) and cos(p / w), with
    w = 10000^(2j / d) and d the number of channels. Labels and sizes are those of the input, but
    for ``outputSize`` channels. Nothing is learned.

    Args:
        outputSize: Number d of channels out, even (property ``OutputSize``).
        Positions: "temporal-indices" or "spatial-indices" count the positions along "T" or the only
            "S" from 1 on; "data-values" takes the data itself, which has one channel; "auto" takes
            indices along "T", else along the only "S", else the data.
        PositionOffset: What is added to the indices, 0 or larger. If it is given it is a state that
            grows by the number of positions with each call, so that sequences can come in parts;
            `resetState` goes back to this value.
        Name: Name in the network.

    Raises:
        OptionError: A wrong option.
        FormatError: The dimension to count along is missing, or the data to encode has several
            channels (in `predict`).

    Example:
        >>> layer = sinusoidalPositionEncodingLayer(4)
        >>> (Y,) = layer.predict(dlarray(np.zeros((1, 1, 3)), "CBT"))
        >>> print(f"{Y[0, 0, 1].item():.4f}")  # sin(2)
        0.9093

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.sinusoidalpositionencodinglayer.html
        and Vaswani et al., Attention is all you need, 2017.
    """

    states = ("PositionOffset",)
    base_name = "sinposenc"
    Type = "Sinusoidal Position Encoding"

    def __init__(
        self,
        outputSize: int,
        *,
        Positions: Literal["auto", "temporal-indices", "spatial-indices", "data-values"] = "auto",
        PositionOffset: int | Sequence[int] | None = None,
        Name: str = "",
    ):
        super().__init__(Name)
        (self.OutputSize,) = whole(self.kind, "outputSize", outputSize)
        if self.OutputSize % 2:
            raise OptionError(
                f"{self.kind}: outputSize must be even, a sine and a cosine for each wavelength.",
                got={"outputSize": outputSize},
            )
        self.Positions: Any = word(self.kind, "Positions", Positions, WORDS)
        self.PositionOffset: Any = None
        if not is_empty(PositionOffset):
            (self.PositionOffset,) = whole(self.kind, "PositionOffset", PositionOffset, least=0)

    @property
    def absent(self) -> tuple[str, ...]:
        """The offset is no state if it is empty."""
        return ("PositionOffset",) if is_empty(self.PositionOffset) else ()

    def initialize(self, layout: networkDataLayout) -> Layer:
        """With the first offset."""
        if self.absent:
            return self
        first = vars(self).get("_start", self.PositionOffset)
        offset = self.PositionOffset
        offset = offset if isinstance(offset, dlarray) else np.array([[offset]], np.float32)
        return self.bound({"PositionOffset": offset, "_start": first})

    def resetState(self) -> Layer:
        """The first offset."""
        if self.absent:
            return self
        first = vars(self).get("_start", self.PositionOffset)
        return self.bound({"PositionOffset": np.array([[first]], np.float32)})

    def predict(self, X: dlarray) -> tuple[dlarray, ...]:
        """Sines and cosines; the offset after the last position."""
        indexed = self.Positions in LABELS or (
            self.Positions == "auto" and ("T" in X.dims or X.dims.count("S") == 1)
        )
        offset = () if self.absent else (self.PositionOffset,)
        if not indexed:
            return self._of_data(X), *offset
        axis = position_axis(self.kind, X, LABELS.get(self.Positions, ""))
        count = X.shape[axis]
        numbers: Any = np.arange(FIRST, FIRST + count, dtype=X.dtype)[None]
        if not offset:
            return (at_positions(self.kind, self._encoded(dlarray(numbers)), X, axis),)
        vectors = self._encoded(plus(numbers, offset[0]))
        return at_positions(self.kind, vectors, X, axis), plus(offset[0], count)

    def _encoded(self, positions: dlarray) -> dlarray:
        """Channels × positions of a row of positions."""
        pairs = self.OutputSize // 2
        rates = (10000.0 ** (-2 * np.arange(pairs) / self.OutputSize))[:, None]
        angles = reshape(times(rates.astype(positions.dtype), positions), 1, pairs, [])
        return reshape(cat(1, sin(angles), cos(angles)), self.OutputSize, [])

    def _of_data(self, X: dlarray) -> dlarray:
        if need(self.kind, X, "C") != 1:
            raise FormatError(
                f"{self.kind}: positions must have one channel, as the data is encoded.",
                got={"input": shown(X)},
            )
        channel = int(finddim(X, "C")[0])
        others = [n for i, n in enumerate(X.shape) if i != channel - 1]
        vectors = reshape(self._encoded(reshape(stripdims(X), 1, [])), [self.OutputSize, *others])
        order = [*range(2, channel + 1), 1, *range(channel + 1, X.ndim + 1)]
        return dlarray(permute(vectors, order), X.dims)
