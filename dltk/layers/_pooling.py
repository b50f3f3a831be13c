"""What the pooling layers have in common."""

from __future__ import annotations

from typing import Any, ClassVar

from ..dlarray import dlarray
from ..functions._options import whole
from ._builtin import BuiltinLayer, bracket, show_option
from ._convolution import Sizes
from ._layer import Layer
from ._layout import networkDataLayout
from ._windows import check_length, rows, sides, window

SIZES = """PoolSize is the size of the windows; along each dimension the output has
    floor((size + padding - poolSize) / Stride) + 1 cells."""

ONE = """Padding: Cells added at both ends: a number, [left right], or "same" (ceil(size / stride)
            cells out, an odd cell at the end)."""
TWO = """Padding: Cells added at the edges: a number, [a b] (top and bottom; left and right),
            [top bottom left right], or "same" (ceil(size / stride) cells out, an odd cell at the
            end)."""
THREE = """Padding: Cells added at the edges: a number, [a b c], a matrix of two rows (top, left,
            front; bottom, right, back), or "same" (ceil(size / stride) cells out, an odd cell at
            the end)."""

ERRORS = """FormatError: The input lacks the dimensions to pool, or is smaller than a window when
            padded (in `predict`).
        OptionError: A wrong option."""

FORMATS = {
    1: 'SCB, SCBT (over "S") and CBT (over "T")',
    2: 'SSCB, SSCBT (over both "S") and SCBT (over "S" and "T")',
    3: 'SSSCB, SSSCBT (over all "S") and SSCBT (over both "S" and "T")',
}


class PoolingLayer(BuiltinLayer):
    """Base of the pooling layers."""

    rank: ClassVar[int]
    what: ClassVar[str]

    def __init__(self, poolSize: Sizes, Stride: Sizes, Padding: Any, Name: str, **ports: Any):
        super().__init__(Name, **ports)
        self.PoolSize = whole(self.kind, "poolSize", poolSize, self.rank)
        self.Stride = whole(self.kind, "Stride", Stride, self.rank)
        self.PaddingMode, self.PaddingSize = sides(self.kind, "Padding", Padding, self.rank)

    def initialize(self, layout: networkDataLayout) -> Layer:
        """Check the labels of the input."""
        window(self.kind, self.rank, layout)
        return self

    def _options(self, X: dlarray) -> dict[str, Any]:
        """Name-value arguments of the operation."""
        over, padding = window(self.kind, self.rank, X), rows(self.PaddingMode, self.PaddingSize)
        check_length(self.kind, X, over, self.PoolSize, self.PaddingMode, padding)
        return {"PoolFormat": over, "Stride": self.Stride, "Padding": padding}

    def _line(self) -> str:
        padding = show_option(self.PaddingSize or self.PaddingMode)
        return (
            f"{bracket(self.PoolSize)} {self.what} pooling with stride {show_option(self.Stride)} "
            f"and padding {padding}"
        )
