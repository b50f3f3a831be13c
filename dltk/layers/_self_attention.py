"""Self-attention: queries, keys and values are learned combinations of one input."""

from __future__ import annotations

from typing import Any, Literal

from .._errors import OptionError
from ..dlarray import dlarray, finddim
from ..functions._dense import fullyconnect
from ..functions._options import whole
from ._attention import MASKS, AttentionLayer
from ._builtin import auto_or_count, channels, factor
from ._docs import describes
from ._initializers import Initializer
from ._layer import Layer
from ._layout import networkDataLayout

PARTS = ("Query", "Key", "Value", "Output")

EACH = """QueryWeights: First value; drawn by ``WeightsInitializer`` if empty. Likewise
            ``KeyWeights``, ``ValueWeights`` and ``OutputWeights``.
        QueryBias: First value; made by ``BiasInitializer`` if empty. Likewise ``KeyBias``,
            ``ValueBias`` and ``OutputBias``.
        WeightsInitializer: "glorot" (uniform, variance 2 / (inputs + outputs)), "he" (normal,
            variance 2 / inputs), "orthogonal", "narrow-normal" (normal, deviation 0.01), "zeros",
            "ones" or a function of the size.
        BiasInitializer: "zeros", "narrow-normal", "ones" or a function of the size.
        QueryWeightsLearnRateFactor: Factor of the learning rate; 0 freezes. Likewise for the other
            weights, and for the biases, as ``QueryBiasLearnRateFactor``.
        QueryWeightsL2Factor: Factor of the L2 penalty, for a loop that has one. Likewise for the
            other weights, and for the biases, as ``QueryBiasL2Factor``."""


@describes(masks=MASKS, each=EACH)
class selfAttentionLayer(AttentionLayer):
    """Multi-head self-attention over the positions of a sequence or an image.

    Queries, keys and values are W x + b of the channels x at each position. With their channels in
    ``numHeads`` consecutive blocks of n key channels, each head gives
    V softmax(KᵀQ / sqrt(n)), with the softmax over the keys; OutputWeights and OutputBias combine
    the heads. The labels stay: CBT, SCB, SSCB, also without B.

    Learns QueryWeights, KeyWeights (numKeyChannels × inputs), ValueWeights (NumValueChannels ×
    inputs), OutputWeights (OutputSize × NumValueChannels) and a bias of as many rows for each.

    Args:
        numHeads: Number of heads (property ``NumHeads``).
        numKeyChannels: Channels of keys and queries (property ``NumKeyChannels``).
        NumValueChannels: Channels of values; "auto" for ``numKeyChannels``.
        OutputSize: Channels of the output; "auto" for those of the input.
        {masks}
        {each}
        Name: Name in the network.

    Raises:
        OptionError: A wrong option, or numbers of channels that the heads do not divide.
        FormatError: The input has no "C", or no positions along either "T" or "S".

    Example:
        >>> from dltk import dlnetwork, sequenceInputLayer
        >>> net = dlnetwork([sequenceInputLayer(12), selfAttentionLayer(4, 24)])
        >>> net.Learnables["selfattention", "OutputWeights"].shape
        (12, 24)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.selfattentionlayer.html and
        Vaswani et al., Attention is all you need, 2017.
    """

    learnables = (*(f"{p}Weights" for p in PARTS), *(f"{p}Bias" for p in PARTS))
    base_name = "selfattention"
    Type = "Self Attention"

    def __init__(
        self,
        numHeads: int,
        numKeyChannels: int,
        *,
        NumValueChannels: Literal["auto"] | int = "auto",
        OutputSize: Literal["auto"] | int = "auto",
        HasPaddingMaskInput: bool = False,
        HasScoresOutput: bool = False,
        AttentionMask: Literal["none", "causal"] = "none",
        DropoutProbability: float = 0,
        QueryWeights: Any = None,
        KeyWeights: Any = None,
        ValueWeights: Any = None,
        OutputWeights: Any = None,
        QueryBias: Any = None,
        KeyBias: Any = None,
        ValueBias: Any = None,
        OutputBias: Any = None,
        WeightsInitializer: Initializer = "glorot",
        BiasInitializer: Initializer = "zeros",
        QueryWeightsLearnRateFactor: float = 1,
        KeyWeightsLearnRateFactor: float = 1,
        ValueWeightsLearnRateFactor: float = 1,
        OutputWeightsLearnRateFactor: float = 1,
        QueryBiasLearnRateFactor: float = 1,
        KeyBiasLearnRateFactor: float = 1,
        ValueBiasLearnRateFactor: float = 1,
        OutputBiasLearnRateFactor: float = 1,
        QueryWeightsL2Factor: float = 1,
        KeyWeightsL2Factor: float = 1,
        ValueWeightsL2Factor: float = 1,
        OutputWeightsL2Factor: float = 1,
        QueryBiasL2Factor: float = 0,
        KeyBiasL2Factor: float = 0,
        ValueBiasL2Factor: float = 0,
        OutputBiasL2Factor: float = 0,
        Name: str = "",
    ):
        given = {name: value for name, value in locals().items() if name.endswith("Factor")}
        super().__init__(
            Name,
            ("in",),
            numHeads,
            (HasPaddingMaskInput, HasScoresOutput),
            AttentionMask,
            DropoutProbability,
        )
        (self.NumKeyChannels,) = whole(self.kind, "numKeyChannels", numKeyChannels)
        self.NumValueChannels = auto_or_count(self.kind, "NumValueChannels", NumValueChannels)
        if NumValueChannels == "auto":
            self.NumValueChannels = self.NumKeyChannels
        self.OutputSize = auto_or_count(self.kind, "OutputSize", OutputSize)
        self.InputSize: Literal["auto"] | int = "auto"
        counts = {n: getattr(self, n) for n in ("NumKeyChannels", "NumValueChannels")}
        if any(count % self.NumHeads for count in counts.values()):
            raise OptionError(
                f"{self.kind}: the number of heads must divide the numbers of channels.",
                got={"NumHeads": self.NumHeads, **counts},
            )
        self.QueryWeights, self.KeyWeights, self.ValueWeights, self.OutputWeights = (
            QueryWeights,
            KeyWeights,
            ValueWeights,
            OutputWeights,
        )
        self.QueryBias, self.KeyBias, self.ValueBias, self.OutputBias = (
            QueryBias,
            KeyBias,
            ValueBias,
            OutputBias,
        )
        self.WeightsInitializer, self.BiasInitializer = WeightsInitializer, BiasInitializer
        for name, value in given.items():
            setattr(self, name, factor(self.kind, name, value))

    def initialize(self, layout: networkDataLayout, *mask: networkDataLayout) -> Layer:
        """With first values of the weights and biases."""
        count = channels(self.kind, layout)
        out = count if self.OutputSize == "auto" else self.OutputSize
        key, value = self.NumKeyChannels, self.NumValueChannels
        sizes = ((key, count), (key, count), (value, count), (out, value))
        first = {}
        for part, (rows, columns) in zip(PARTS, sizes, strict=True):
            weights = f"{part}Weights"
            initializer = self.WeightsInitializer
            first[weights] = self._value(weights, (rows, columns), initializer, columns, rows)
            first[f"{part}Bias"] = self._value(f"{part}Bias", (rows, 1), self.BiasInitializer)
        return self.bound({"InputSize": count, "OutputSize": out, **first})

    def _attended(self, X: tuple[dlarray, ...], dropout: float) -> Any:
        QKV = tuple(self._combined(part, X[0]) for part in PARTS[:3])
        found = self._attention(QKV, (*X[1:], None)[0], "auto", dropout)
        if not self.HasScoresOutput:
            return self._combined("Output", found)
        return self._combined("Output", found[0]), found[1]

    def _combined(self, part: str, X: dlarray) -> dlarray:
        """Weights x + Bias at every position."""
        weights, bias = getattr(self, f"{part}Weights"), getattr(self, f"{part}Bias")
        return fullyconnect(X, weights, bias, int(finddim(X, "C")[0]))

    def _line(self) -> str:
        return f"Self attention with {self.NumHeads} heads and {self.NumKeyChannels} key channels"
