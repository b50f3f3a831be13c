"""Layers that look up a learnable vector for each index."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np

from .._errors import OptionError
from ..dlarray import apply, dlarray
from ..functions._cat import cat
from ..functions._dense import embed
from ..functions._options import whole, word
from ._builtin import BuiltinLayer, factor, is_empty
from ._docs import describes
from ._initializers import Initializer
from ._layer import Layer
from ._layout import networkDataLayout

COMMON = """Weights: First value; drawn by ``WeightsInitializer`` if empty.
        WeightsInitializer: "narrow-normal" (normal, deviation 0.01), "glorot", "he", "zeros",
            "ones" or a function of the size.
        WeightLearnRateFactor: Factor of the learning rate of ``Weights``; 0 freezes them.
        WeightL2Factor: Factor of the L2 penalty of ``Weights``, for a loop that has one.
        Name: Name in the network."""


class LookUpLayer(BuiltinLayer):
    """Base of the embedding layers: Weights with a column per index."""

    learnables = ("Weights",)

    def __init__(
        self,
        Name: str,
        Weights: Any,
        WeightsInitializer: Initializer,
        factors: tuple[Any, Any],
    ):
        super().__init__(Name)
        self.Weights = Weights
        self.WeightsInitializer = WeightsInitializer
        for name, value in zip(("WeightLearnRateFactor", "WeightL2Factor"), factors, strict=True):
            setattr(self, name, factor(self.kind, name, value))

    def _size(self) -> tuple[int, int]:
        """Size of the weights."""
        raise NotImplementedError

    def initialize(self, layout: networkDataLayout) -> Layer:
        """With a first value of Weights."""
        rows, columns = self._size()
        value = self._value("Weights", (rows, columns), self.WeightsInitializer, columns, rows)
        return self.bound({"Weights": value})

    def _looked_up(self, X: dlarray, weights: Any) -> dlarray:
        """Column k for index k; zeros for an index that has no column."""
        return embed(X, cat(2, weights, np.zeros((self._size()[0], 1))))


@describes(common=COMMON)
class embeddingLayer(LookUpLayer):
    """A learnable vector for each index.

    Index k gives column k of the weights; an index that has no column (such as 0, which often pads
    sequences) gives zeros. The input has one channel or no "C"; the output has ``outputSize``
    channels and else the same labels: CB stays CB, BT becomes CBT.

    Learns Weights (outputSize × maxIndex; one column more if 0 has one too).

    Args:
        outputSize: Number of channels out (property ``OutputSize``).
        maxIndex: Largest index (property ``MaxIndex``).
        MaskIndex: Index whose vector is not trained; [] for none.
        ZeroIndexMapping: "none", or "first-vector": index 0 gives the first column, 1 the second.
        {common}

    Raises:
        OptionError: A wrong option.
        FormatError: The input has several channels (in `predict`).

    Example:
        >>> layer = embeddingLayer(2, 3, Weights=[[1, 2, 3], [4, 5, 6]])
        >>> layer = layer.initialize(networkDataLayout([1, 5], "CB"))
        >>> layer.predict(dlarray([[3.0, 0.0]], "CB"))[:, 0].sum().item()
        9.0

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.embeddinglayer.html
    """

    base_name = "embedding"
    Type = "Embedding"

    def __init__(
        self,
        outputSize: int,
        maxIndex: int,
        *,
        MaskIndex: int | Sequence[int] | None = None,
        ZeroIndexMapping: Literal["none", "first-vector"] = "none",
        Weights: Any = None,
        WeightsInitializer: Initializer = "narrow-normal",
        WeightLearnRateFactor: float = 1,
        WeightL2Factor: float = 1,
        Name: str = "",
    ):
        factors = WeightLearnRateFactor, WeightL2Factor
        super().__init__(Name, Weights, WeightsInitializer, factors)
        (self.OutputSize,) = whole(self.kind, "outputSize", outputSize)
        (self.MaxIndex,) = whole(self.kind, "maxIndex", maxIndex)
        words = ["none", "first-vector"]
        self.ZeroIndexMapping: Any = word(self.kind, "ZeroIndexMapping", ZeroIndexMapping, words)
        self.MaskIndex: int | None = None
        if not is_empty(MaskIndex):
            least = 0 if ZeroIndexMapping == "first-vector" else 1
            (self.MaskIndex,) = whole(self.kind, "MaskIndex", MaskIndex, least=least)
            if self.MaskIndex > self.MaxIndex:
                raise OptionError(
                    f"{self.kind}: MaskIndex is larger than maxIndex.",
                    got={"MaskIndex": self.MaskIndex, "maxIndex": self.MaxIndex},
                )

    def _size(self) -> tuple[int, int]:
        return self.OutputSize, self.MaxIndex + self._first

    @property
    def _first(self) -> int:
        """How many columns stand before that of index 1."""
        return int(self.ZeroIndexMapping == "first-vector")

    def predict(self, X: dlarray) -> dlarray:
        """A column of the weights for each index."""
        weights = self.Weights
        if self.MaskIndex is not None:
            weights = _untrained(self.kind, weights, self.MaskIndex + self._first - 1)
        return self._looked_up(X + self._first if self._first else X, weights)

    def _line(self) -> str:
        return f"Embedding layer with output size {self.OutputSize} and {self.MaxIndex} indices"


def _untrained(name: str, weights: Any, column: int) -> dlarray:
    """The same weights, without derivative in a column."""

    def stop(w: Any) -> Any:
        held = np.arange(w.shape[1])[None, :] == column
        return jnp.where(held, jax.lax.stop_gradient(w), w)

    return apply(name, stop, [weights], "", mix=False)


@describes(common=COMMON)
class wordEmbeddingLayer(LookUpLayer):
    """A learnable vector for each word of a vocabulary.

    Index k gives column k of the weights; an index outside the vocabulary (such as 0, which often
    pads sequences) gives zeros. The input has one channel or no "C"; the output has ``dimension``
    channels and else the same labels: CBT stays CBT.

    Learns Weights (dimension × numWords).

    Args:
        dimension: Number of channels out (property ``Dimension``).
        numWords: Number of words in the vocabulary (property ``NumWords``).
        {common}

    Raises:
        OptionError: A wrong option.
        FormatError: The input has several channels (in `predict`).

    Example:
        >>> layer = wordEmbeddingLayer(50, 1000)
        >>> layer.initialize(networkDataLayout([1, 5, 20], "CBT")).Weights.shape
        (50, 1000)

    Source:
        https://www.mathworks.com/help/textanalytics/ref/wordembeddinglayer.html
    """

    base_name = "wordembedding"
    Type = "Word Embedding"

    def __init__(
        self,
        dimension: int,
        numWords: int,
        *,
        Weights: Any = None,
        WeightsInitializer: Initializer = "narrow-normal",
        WeightLearnRateFactor: float = 1,
        WeightL2Factor: float = 1,
        Name: str = "",
    ):
        factors = WeightLearnRateFactor, WeightL2Factor
        super().__init__(Name, Weights, WeightsInitializer, factors)
        (self.Dimension,) = whole(self.kind, "dimension", dimension)
        (self.NumWords,) = whole(self.kind, "numWords", numWords)

    def _size(self) -> tuple[int, int]:
        return self.Dimension, self.NumWords

    def predict(self, X: dlarray) -> dlarray:
        """A column of the weights for each index."""
        return self._looked_up(X, self.Weights)

    def _line(self) -> str:
        words = f"{self.NumWords} unique words"
        return f"Word embedding layer with {self.Dimension} dimensions and {words}"
