"""What the input layers that normalize have in common."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Literal

from .. import _labels as labels
from .._errors import FormatError
from ..dlarray import dlarray
from ._builtin import BuiltinLayer, bracket, flag
from ._layer import Layer
from ._layout import networkDataLayout
from ._statistics import MODES, check_statistics, normalized, split_complex

Size = int | Sequence[int]
Mode = (
    Literal["zerocenter", "zscore", "rescale-symmetric", "rescale-zero-one", "none"]
    | Callable[[dlarray], Any]
)
Dimension = Literal["auto", "channel", "element", "all"]

COMMON = """Normalization: "none", "zerocenter" (X - Mean), "zscore"
            ((X - Mean) / StandardDeviation), "rescale-symmetric" (2 (X - Min) / (Max - Min) - 1),
            "rescale-zero-one" ((X - Min) / (Max - Min)), or a function of X.
        NormalizationDimension: What the statistics are of: each "channel", each "element" or
            "all" of the data; "auto" takes them in any of these sizes.
        Mean: Mean of the data, per element (``inputSize``), per channel or a scalar.
        StandardDeviation: Standard deviation, likewise.
        Min: Smallest values, likewise.
        Max: Largest values, likewise.
        SplitComplexInputs: Make two channels of each complex one, the real and the imaginary part.
        Name: Name in the network."""

ERRORS = """OptionError: A wrong option, or a statistic that the normalization needs is missing (in
            `initialize`).
        FormatError: The data has other labels or another number of channels (in `predict`)."""


class NormalizingInputLayer(BuiltinLayer):
    """Base of the input layers that normalize.

    ``InputSize`` are sizes of the spatial dimensions, then the number of channels.
    """

    is_input = True
    sequences = False

    def __init__(
        self,
        InputSize: tuple[int, ...],
        Normalization: Mode,
        NormalizationDimension: Dimension,
        statistics: tuple[Any, Any, Any, Any],
        SplitComplexInputs: bool,
        Name: str,
    ):
        super().__init__(Name)
        self.InputSize = InputSize
        self.Normalization = Normalization
        self.NormalizationDimension = NormalizationDimension
        self.Mean, self.StandardDeviation, self.Min, self.Max = statistics
        self.SplitComplexInputs = flag(self.kind, "SplitComplexInputs", SplitComplexInputs)
        check_statistics(self, complete=False)

    @property
    def _observation(self) -> str:
        """Labels of one observation."""
        return "S" * (len(self.InputSize) - 1) + "C"

    def layout(self) -> networkDataLayout:
        """Size and labels of the data, with batch and time unknown."""
        unknown = "BT" if self.sequences else "B"
        sizes = [*self.InputSize, *[math.nan] * len(unknown)]
        return networkDataLayout(sizes, self._observation + unknown)

    def implied_format(self, ndim: int) -> str:
        """Labels of plain data: images SSCB, features BC, sequences of vectors TCB."""
        spatial = self._observation[:-1]
        if not self.sequences:
            return spatial + "CB" if spatial else "BC"
        return spatial + "CTB" if spatial else "TCB"

    def initialize(self, layout: networkDataLayout) -> Layer:
        """Check that the statistics are there."""
        check_statistics(self, complete=True)
        return self

    def predict(self, X: dlarray) -> dlarray:
        """The data, normalized."""
        self._check(X)
        Y = normalized(self, X, self._observation)
        return split_complex(self.kind, Y) if self.SplitComplexInputs else Y

    def _check(self, X: dlarray) -> None:
        wanted = self.layout().Format
        got = {"X": labels.show(X.shape, X.dims)}
        spatial, needed = X.dims.count("S"), wanted.count("S")
        example = f'Label the data, for example dlarray(X, "{wanted}").'
        if not X.dims:
            raise FormatError(f"{self.kind}: the data has no labels.", got=got, fix=example)
        if spatial != needed:
            raise FormatError(
                f"{self.kind}: the data has {spatial} spatial dimension{'s' * (spatial != 1)}, "
                f"expected {needed}.",
                got=got,
                fix=example,
            )
        surplus = "".join(label for label in X.dims if label not in wanted)
        if surplus or "C" not in X.dims:
            fault = f'must not have a "{surplus[0]}"' if surplus else 'has no "C"'
            hint = " Use sequenceInputLayer for sequences." * ("T" in surplus)
            raise FormatError(
                f"{self.kind}: the data {fault} dimension.", got=got, fix=example + hint
            )
        count = X.shape[labels.find(X.dims, "C")[0]]
        if count != self.InputSize[-1]:
            raise FormatError(
                f"{self.kind}: the data has {count} channel{'s' * (count != 1)}, "
                f"expected {self.InputSize[-1]}.",
                got={**got, "InputSize": bracket(self.InputSize)},
                fix="Give data of the size of the input layer; perhaps its dimensions stand in "
                "another order than the labels say.",
            )

    def _normalization(self) -> str:
        mode = self.Normalization
        if mode == "none":
            return ""
        return f" with '{mode}' normalization" if mode in MODES else " with custom normalization"
