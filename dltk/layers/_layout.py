"""Sizes and labels of data that is not there yet."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .. import _labels as labels
from .._errors import FormatError
from ..dlarray import dlarray

UNKNOWN_SPACE = 64  # size with which an unknown spatial dimension is tried out


@dataclass(frozen=True, init=False)
class networkDataLayout:
    """Size and format of data that a network will get.

    Args:
        sz: One size per dimension; NaN for a size that is not known (batch, time).
        fmt: Labels in the order of ``sz``; "" for unformatted data.

    Attributes:
        Size: The sizes, sorted as a dlarray sorts them.
        Format: The labels in that order.

    Example:
        >>> layout = networkDataLayout([28, 28, float("nan"), 3], "SSBC")
        >>> layout.Format, layout.Size
        ('SSCB', (28, 28, 3, nan))

    Source:
        https://www.mathworks.com/help/deeplearning/ref/networkdatalayout.html
    """

    Size: tuple[float, ...]
    Format: str
    known: Any = field(default=None, repr=False, compare=False)  # the values, if they are fixed

    def __init__(self, sz: Sequence[float], fmt: str = ""):
        sizes = tuple(n if math.isnan(n) else int(n) for n in sz)
        if fmt and len(fmt) < len(sizes):
            raise FormatError(
                f"networkDataLayout: {len(fmt)} labels for {len(sizes)} sizes.",
                got={"sz": list(sizes), "fmt": f'"{fmt}"'},
                fix="Give one label per size.",
            )
        sizes += (1,) * (len(fmt) - len(sizes))
        if fmt:
            fmt, axes = labels.arrange(labels.check(fmt, "networkDataLayout"))
            sizes = tuple(sizes[axis] for axis in axes)
        object.__setattr__(self, "Size", sizes)
        object.__setattr__(self, "Format", fmt)

    def of(self, label: str) -> float:
        """Size of the only dimension with a label; 1 if there is none.

        >>> networkDataLayout([5, 7], "CB").of("C")
        5
        """
        places = labels.find(self.Format, label)
        return self.Size[places[0]] if places else 1

    def sizes(self, letters: str) -> tuple[float, ...]:
        """Sizes of all dimensions whose label is one of ``letters``."""
        return tuple(self.Size[place] for place in labels.find(self.Format, letters))

    def zeros(self, shortest: int = 1) -> dlarray:
        """Single zeros of this layout; unknown sizes are small, time at least ``shortest``."""
        if self.known is not None:
            return dlarray(self.known)
        stand_in = {"B": 1, "T": shortest, "S": UNKNOWN_SPACE}
        fmt = self.Format or "U" * len(self.Size)
        sizes = [
            stand_in.get(letter, 1) if math.isnan(n) else int(n)
            for n, letter in zip(self.Size, fmt, strict=True)
        ]
        return dlarray(np.zeros(sizes, np.float32), self.Format)

    def holding(self, values: Any) -> networkDataLayout:
        """The same layout of data whose values do not depend on the input, such as its size."""
        object.__setattr__(self, "known", values)
        return self

    def __repr__(self) -> str:
        if not self.Format:
            return "×".join(_size(n) for n in self.Size)
        pairs = zip(self.Size, self.Format, strict=True)
        return " × ".join(f"{_size(n)}({letter})" for n, letter in pairs)


def _size(n: float) -> str:
    return "?" if math.isnan(n) else str(n)
