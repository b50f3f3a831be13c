"""The input layer for data of any format."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from .. import _labels as labels
from .._errors import FormatError, OptionError
from ..dlarray import dlarray, stripdims
from ._builtin import BuiltinLayer, bracket
from ._layout import networkDataLayout


class inputLayer(BuiltinLayer):
    """Input of data with any labels.

    Args:
        inputSize: One size per label; NaN for a size that may vary.
        inputFormat: The labels in the order of ``inputSize``, which is also the order of the
            dimensions of plain data; only "U" for unformatted data.
        Name: Name in the network.

    Raises:
        OptionError: Not one size per label, or sizes that are no whole numbers.
        FormatError: Letters that are no labels; data with other labels or sizes (in `predict`).

    Example:
        >>> inputLayer([float("nan"), 32, 2], "BSC").layout()
        32(S) × 2(C) × ?(B)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.inputlayer.html
    """

    is_input = True
    base_name = "input"
    Type = "Input"

    def __init__(self, inputSize: Sequence[float], inputFormat: str, *, Name: str = ""):
        super().__init__(Name)
        sizes = tuple(float(n) for n in np.atleast_1d(np.asarray(inputSize, float)))
        self.InputFormat = labels.check(inputFormat, self.kind)
        if len(sizes) != len(inputFormat):
            raise OptionError(
                f"{self.kind}: inputSize has {len(sizes)} of {len(inputFormat)} sizes.",
                got={"inputSize": bracket(sizes), "inputFormat": f'"{inputFormat}"'},
                fix="Give one size per label, NaN for a size that may vary.",
            )
        if any(not math.isnan(n) and (n < 1 or n != int(n)) for n in sizes):
            raise OptionError(
                f"{self.kind}: sizes are positive whole numbers, or NaN.",
                got={"inputSize": bracket(sizes)},
            )
        self.InputSize = tuple(n if math.isnan(n) else int(n) for n in sizes)

    def layout(self) -> networkDataLayout:
        """Size and labels of the data."""
        return networkDataLayout(self.InputSize, self.InputFormat)

    def implied_format(self, ndim: int) -> str:
        """Labels of plain data."""
        return self.InputFormat

    def predict(self, X: dlarray) -> dlarray:
        """The data, checked."""
        wanted = self.layout()
        plain = not wanted.Format.strip("U")
        fits = plain or X.dims == labels.trim(wanted.Format, X.shape)
        sizes = X.shape + (1,) * (len(wanted.Size) - X.ndim)
        same = all(math.isnan(n) or n == m for n, m in zip(wanted.Size, sizes, strict=False))
        if not fits or not same or len(sizes) > len(wanted.Size):
            raise FormatError(
                f"{self.kind}: the data has another size or other labels than the layer.",
                got={"X": labels.show(X.shape, X.dims), "expected": repr(wanted)},
                fix=f'Label the data, for example dlarray(X, "{self.InputFormat}").',
            )
        return stripdims(X) if plain else X

    def _line(self) -> str:
        return f"Input of {self.layout()!r}"
