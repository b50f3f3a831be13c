"""What the normalization layers that learn have in common."""

from __future__ import annotations

from typing import Any, Literal

from .. import _labels as labels
from ..functions._options import number
from ._builtin import BuiltinLayer, auto_or_count, channels, factor
from ._initializers import Initializer
from ._layer import Layer
from ._layout import networkDataLayout

COMMON = """Epsilon: What is added to the variance, larger than 0.
        NumChannels: Channels of the input; "auto" takes them from it.
        Offset: First offset per channel; made by ``OffsetInitializer`` if empty.
        Scale: First scale per channel; made by ``ScaleInitializer`` if empty.
        OffsetInitializer: "zeros", "ones", "narrow-normal" or a function of the size.
        ScaleInitializer: "ones", "zeros", "narrow-normal" or a function of the size.
        OffsetLearnRateFactor: Factor of the learning rate of ``Offset``; 0 freezes it.
        ScaleLearnRateFactor: Factor of the learning rate of ``Scale``.
        OffsetL2Factor: Factor of the L2 penalty of ``Offset``, for a loop that has one.
        ScaleL2Factor: Factor of the L2 penalty of ``Scale``.
        Name: Name in the network."""

LEARNS = """Learns Offset and Scale, a number per channel that lies as the channels do:
    1 × 1 × channels for SSCB, channels × 1 for CB and CBT."""

ERRORS = """FormatError: The input has other channels than ``NumChannels``.
        OptionError: A wrong option."""


class NormalizationLayer(BuiltinLayer):
    """Base of the normalization layers that learn."""

    learnables = ("Offset", "Scale")

    def __init__(
        self,
        Name: str,
        Epsilon: float,
        NumChannels: Literal["auto"] | int,
        values: tuple[Any, Any],
        initializers: tuple[Initializer, Initializer],
        factors: tuple[Any, Any, Any, Any],
    ):
        super().__init__(Name)
        self.Epsilon = number(self.kind, "Epsilon", Epsilon, above=0)
        self.NumChannels = auto_or_count(self.kind, "NumChannels", NumChannels)
        self.Offset, self.Scale = values
        self.OffsetInitializer, self.ScaleInitializer = initializers
        names = ("OffsetLearnRateFactor", "ScaleLearnRateFactor", "OffsetL2Factor", "ScaleL2Factor")
        for name, value in zip(names, factors, strict=True):
            setattr(self, name, factor(self.kind, name, value))

    def _values(self, layout: networkDataLayout) -> dict[str, Any]:
        count = channels(self.kind, layout, self.NumChannels, "NumChannels")
        size = per_channel_size(layout.Format, count)
        return {
            "NumChannels": count,
            "Offset": self._value("Offset", size, self.OffsetInitializer),
            "Scale": self._value("Scale", size, self.ScaleInitializer),
        }

    def initialize(self, layout: networkDataLayout) -> Layer:
        """With first values of Offset and Scale."""
        return self.bound(self._values(layout))

    def _line(self) -> str:
        count = "" if self.NumChannels == "auto" else f" with {self.NumChannels} channels"
        return self.Type + count


def per_channel_size(fmt: str, count: int) -> tuple[int, ...]:
    """Sizes of a parameter with a number per channel.

    >>> per_channel_size("SSCB", 7), per_channel_size("CBT", 7)
    ((1, 1, 7), (7, 1))
    """
    spatial = labels.find(fmt, "C")[0]
    return (*(1,) * spatial, count) if spatial else (count, 1)
