"""Dot-product attention between inputs; it learns nothing."""

from __future__ import annotations

from typing import Any, Literal

from .._errors import OptionError
from ..dlarray import dlarray
from ..functions._attention import attention
from ..functions._options import number, whole, word
from ._builtin import BuiltinLayer, flag
from ._docs import describes

MASKS = """HasPaddingMaskInput: Whether there is an input mask: 1 for keys to use, 0 for padding; of
            the size of the keys with one channel.
        HasScoresOutput: Whether the weights are an output too, called scores: keys × queries ×
            heads × observations, without labels.
        AttentionMask: "none", or "causal": a query uses keys up to its own position.
        DropoutProbability: How often a weight becomes 0 in training; the others are divided by one
            minus it."""


class AttentionLayer(BuiltinLayer):
    """Base of both attention layers: their options and ports."""

    def __init__(
        self,
        Name: str,
        inputs: tuple[str, ...],
        numHeads: int,
        flags: tuple[bool, bool],
        AttentionMask: str,
        DropoutProbability: float,
    ):
        words = ("HasPaddingMaskInput", "HasScoresOutput")
        masked, scores = (flag(self.kind, w, f) for w, f in zip(words, flags, strict=True))
        names = [*inputs, *["mask"] * masked]
        ports: dict[str, Any] = {}
        if len(names) > 1:
            ports |= {"InputNames": names, "NumInputs": len(names)}
        if scores:
            ports |= {"OutputNames": ["out", "scores"], "NumOutputs": 2}
        super().__init__(Name, **ports)
        (self.NumHeads,) = whole(self.kind, "numHeads", numHeads)
        self.HasPaddingMaskInput, self.HasScoresOutput = masked, scores
        self.AttentionMask = word(self.kind, "AttentionMask", AttentionMask, ["none", "causal"])
        self.DropoutProbability = number(
            self.kind, "DropoutProbability", DropoutProbability, least=0, most=1
        )
        if self.DropoutProbability == 1:
            raise OptionError(
                f"{self.kind}: DropoutProbability must be less than 1.",
                got={"DropoutProbability": DropoutProbability},
            )

    def predict(self, *X: dlarray) -> Any:
        """All weights count."""
        return self._attended(X, 0)

    def forward(self, *X: dlarray) -> Any:
        """Some weights are dropped."""
        return self._attended(X, self.DropoutProbability)

    def _attended(self, X: tuple[dlarray, ...], dropout: float) -> Any:
        raise NotImplementedError

    def _attention(self, QKV: tuple[dlarray, ...], mask: Any, scale: Any, dropout: float) -> Any:
        queries, keys, values = QKV
        return attention(
            queries,
            keys,
            values,
            self.NumHeads,
            Scale=scale,
            PaddingMask=mask,
            AttentionMask=self.AttentionMask,
            DropoutProbability=dropout,
            nargout=1 + self.HasScoresOutput,
        )


@describes(masks=MASKS)
class attentionLayer(AttentionLayer):
    """Dot-product attention with several heads.

    Inputs are query, key and value (then mask). With the channels in ``numHeads`` consecutive
    blocks, each head gives V softmax(s KᵀQ), with the softmax over the keys. The output has labels
    and positions (along "T", or along "S") of the queries and the channels of the values.

    Args:
        numHeads: Number of heads (property ``NumHeads``); it divides all numbers of channels.
        Scale: The factor s; "auto" is one over the square root of a head's number of key channels.
        {masks}
        Name: Name in the network.

    Raises:
        OptionError: A wrong option, or channels that the heads do not divide (in `predict`).
        FormatError: Inputs that do not fit together (in `predict`).

    Example:
        >>> import numpy as np
        >>> Q, K, V = (dlarray(np.ones((c, 2, n)), "CBT") for c, n in ((4, 3), (4, 5), (6, 5)))
        >>> attentionLayer(2).predict(Q, K, V).shape
        (6, 2, 3)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.attentionlayer.html and
        Vaswani et al., Attention is all you need, 2017.
    """

    base_name = "attention"
    Type = "Attention"

    def __init__(
        self,
        numHeads: int,
        *,
        Scale: Literal["auto"] | float = "auto",
        HasPaddingMaskInput: bool = False,
        HasScoresOutput: bool = False,
        AttentionMask: Literal["none", "causal"] = "none",
        DropoutProbability: float = 0,
        Name: str = "",
    ):
        super().__init__(
            Name,
            ("query", "key", "value"),
            numHeads,
            (HasPaddingMaskInput, HasScoresOutput),
            AttentionMask,
            DropoutProbability,
        )
        self.Scale: Any = (
            word(self.kind, "Scale", Scale, ["auto"])
            if isinstance(Scale, str)
            else number(self.kind, "Scale", Scale)
        )

    def _attended(self, X: tuple[dlarray, ...], dropout: float) -> Any:
        return self._attention(X[:3], (*X[3:], None)[0], self.Scale, dropout)

    def _line(self) -> str:
        return f"Attention with {self.NumHeads} heads"
