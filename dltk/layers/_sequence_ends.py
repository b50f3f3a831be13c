"""Layers at the ends of a sequence: put a vector before it, take its first or last step."""

from __future__ import annotations

from typing import Any, Literal

import jax.numpy as jnp

from .. import _labels as labels
from ..dlarray import apply, dlarray, stripdims
from ..functions._cat import cat
from ..functions._options import word
from ._builtin import BuiltinLayer, channels, flag
from ._docs import describes
from ._embedding import COMMON, LookUpLayer
from ._initializers import Initializer
from ._layer import Layer
from ._layout import networkDataLayout
from ._position_embedding import at_positions
from ._positions import position_axis


@describes(common=COMMON)
class embeddingConcatenationLayer(LookUpLayer):
    """Put a learnable vector before the first position, such as the class token of a transformer.

    The same vector for all observations. Along "T" if there is one, else along the only "S": n
    positions become n + 1. The labels stay.

    Learns Weights (channels × 1).

    Args:
        {common}

    Raises:
        FormatError: The input has no "C", or no positions.

    Example:
        >>> from dltk import dlnetwork, inputLayer, predict
        >>> import numpy as np
        >>> net = dlnetwork([inputLayer([9, 4, np.nan], "SCB"), embeddingConcatenationLayer()])
        >>> predict(net, dlarray(np.zeros((9, 4, 2)), "SCB")).shape
        (10, 4, 2)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.embeddingconcatenationlayer.html
    """

    base_name = "embedcat"
    Type = "Embedding Concatenation"

    def __init__(
        self,
        *,
        Weights: Any = None,
        WeightsInitializer: Initializer = "narrow-normal",
        WeightLearnRateFactor: float = 1,
        WeightL2Factor: float = 1,
        Name: str = "",
    ):
        super().__init__(Name, Weights, WeightsInitializer, (WeightLearnRateFactor, WeightL2Factor))

    def initialize(self, layout: networkDataLayout) -> Layer:
        """With a first value of Weights."""
        count = channels(self.kind, layout)
        value = self._value("Weights", (count, 1), self.WeightsInitializer, count, count)
        return self.bound({"Weights": value})

    def predict(self, X: dlarray) -> dlarray:
        """The vector, then the input."""
        axis = position_axis(self.kind, X)
        return cat(axis + 1, at_positions(self.kind, self.Weights, X, axis), X)


class indexing1dLayer(BuiltinLayer):
    """Take the first or the last position along "T" if there is one, else along the only "S".

    The dimension is gone after that: CBT and SCB become CB.

    Args:
        index: "first" or "last" (property ``Index``).
        HasPaddingMaskInput: Whether there is an input mask: 1 for positions to use, 0 for padding;
            of the size of the data with one channel. Then the first or last position is that of the
            first or last 1 of each observation.
        Name: Name in the network.

    Raises:
        OptionError: A wrong option.
        FormatError: The input has no positions (in `predict`).

    Example:
        >>> layer = indexing1dLayer("last")
        >>> layer.predict(dlarray([[1.0, 2.0, 3.0]], "CT")).item()
        3.0

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.indexing1dlayer.html
    """

    base_name = "index1d"
    Type = "1-D Indexing"

    def __init__(
        self,
        index: Literal["first", "last"] = "first",
        *,
        HasPaddingMaskInput: bool = False,
        Name: str = "",
    ):
        masked = flag(self.kind, "HasPaddingMaskInput", HasPaddingMaskInput)
        super().__init__(Name, **_with_mask(masked))
        self.Index: Any = word(self.kind, "index", index, ["first", "last"])
        self.HasPaddingMaskInput = masked

    def predict(self, X: dlarray, *mask: dlarray) -> dlarray:
        """One position of the input."""
        axis = position_axis(self.kind, X)
        kept = [(n, d) for i, (n, d) in enumerate(zip(X.shape, X.dims, strict=True)) if i != axis]
        fmt = "".join(d for _, d in kept) + "U" * (len(kept) < 2)
        sizes = labels.to_stored(fmt, [*(n for n, _ in kept), 1][: len(fmt)])
        stored = labels.stored_axes(X.dims)
        along, last = stored.index(axis), self.Index == "last"

        def take(x: Any, *used: Any) -> Any:
            if not used:
                place = x.shape[along] - 1 if last else 0
                return jnp.take(x, place, along).reshape(sizes)
            ones = used[0].reshape(used[0].shape + (1,) * (x.ndim - used[0].ndim)) != 0
            ones = ones.transpose(stored)
            if last:
                place = x.shape[along] - 1 - jnp.argmax(jnp.flip(ones, along), along, keepdims=True)
            else:
                place = jnp.argmax(ones, along, keepdims=True)
            return jnp.take_along_axis(x, place, along).reshape(sizes)

        used = [stripdims(m, X.dims) for m in mask]
        return apply(self.kind, take, [X, *used], fmt, mix=False)

    def _line(self) -> str:
        return f"{self.Type}, {self.Index} position"


def _with_mask(masked: bool) -> dict[str, Any]:
    return {"InputNames": ["in", "mask"], "NumInputs": 2} if masked else {}
