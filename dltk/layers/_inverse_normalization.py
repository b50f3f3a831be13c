"""Bring normalized predictions back to the scale of the targets."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from .. import _labels as labels
from .._errors import FormatError, OptionError
from ..dlarray import dlarray, extractdata
from ..functions._operands import need, shown
from ..functions._options import whole, word
from ..functions._shape import reshape
from ._builtin import BuiltinLayer, is_empty
from ._layer import Layer
from ._layout import networkDataLayout
from ._statistics import MODES

Mode = Literal["zscore", "zerocenter", "rescale-symmetric", "rescale-zero-one"]


class inverseNormalizationLayer(BuiltinLayer):
    """Undo a normalization of the targets, at prediction time; in training the input stays.

    So the loss compares normalized values, while predictions have the targets' own scale:

    * "zscore": X StandardDeviation + Mean
    * "zerocenter": X + Mean
    * "rescale-symmetric": (X + 1) (Max - Min) / 2 + Min
    * "rescale-zero-one": X (Max - Min) + Min

    Any labels, which stay.

    Args:
        dim: Along which dimension statistics that are vectors lie: "channel", or a number (from 1,
            in the order S, C, B, T) (property ``OperationDimension``).
        Normalization: What is undone.
        Mean: Mean of the targets, a scalar or a value for each channel.
        StandardDeviation: Standard deviation, likewise.
        Min: Smallest value, likewise.
        Max: Largest value, likewise.
        Name: Name in the network.

    Raises:
        OptionError: A wrong option, or a statistic that is needed is empty.
        FormatError: A statistic of the wrong size (in `predict`).

    Example:
        >>> layer = inverseNormalizationLayer(Mean=5, StandardDeviation=2)
        >>> X = dlarray([[1.0]], "CB")
        >>> layer.predict(X).item(), layer.forward(X).item()
        (7.0, 1.0)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.inversenormalizationlayer.html
    """

    base_name = "invnorm"
    Type = "Inverse Normalization"

    def __init__(
        self,
        dim: Literal["channel"] | int = "channel",
        *,
        Normalization: Mode = "zscore",
        Mean: Any = None,
        StandardDeviation: Any = None,
        Min: Any = None,
        Max: Any = None,
        Name: str = "",
    ):
        super().__init__(Name)
        self.OperationDimension: Any = (
            word(self.kind, "dim", dim, ["channel"])
            if isinstance(dim, str)
            else whole(self.kind, "dim", dim)[0]
        )
        words = [mode for mode in MODES if mode != "none"]
        self.Normalization: Any = word(self.kind, "Normalization", Normalization, words)
        self.Mean, self.StandardDeviation, self.Min, self.Max = Mean, StandardDeviation, Min, Max

    def initialize(self, layout: networkDataLayout) -> Layer:
        """Check that the statistics are there."""
        for name in MODES[self.Normalization]:
            if is_empty(getattr(self, name)):
                raise OptionError(
                    f'{self.kind}: Normalization "{self.Normalization}" needs {name}, which is '
                    "empty.",
                    fix="Compute it from the targets, as they were before the normalization.",
                )
        return self

    def predict(self, X: dlarray) -> dlarray:
        """The values on the scale of the targets."""
        a, *b = (self._statistic(name, X) for name in MODES[self.Normalization])
        if self.Normalization == "zerocenter":
            return X + a
        if self.Normalization == "zscore":
            return X * b[0] + a
        if self.Normalization == "rescale-symmetric":
            X = (X + 1) / 2
        return X * (b[0] - a) + a

    def forward(self, X: dlarray) -> dlarray:
        """The input."""
        return X

    def _statistic(self, name: str, X: dlarray) -> Any:
        value = np.asarray(extractdata(getattr(self, name)))
        value = value.astype(X.dtype) if X.dtype.kind == "f" else value
        if value.size == 1:
            return dlarray(value)
        if self.OperationDimension == "channel":
            need(self.kind, X, "C")
            axis = labels.find(X.dims, "C")[0]
        else:
            axis = self.OperationDimension - 1
        count = X.shape[axis] if axis < X.ndim else 1
        if value.size != count or value.size != max(value.shape):
            raise FormatError(
                f"{self.kind}: {name} does not fit the input.",
                got={name: labels.show(value.shape), "input": shown(X)},
                fix=f"Give a scalar, or a vector of {count} values.",
            )
        return reshape(value, [1] * axis + [count] + [1] * max(1 - axis, 0))
