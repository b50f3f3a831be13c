"""Layers that put the dimensions in another order or make other ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from .. import _labels as labels
from .._errors import FormatError, OptionError
from ..dlarray import dlarray, stripdims
from ..functions._operands import shown
from ..functions._options import whole, word
from ..functions._shape import permute, reshape
from ._builtin import BuiltinLayer, is_empty, show_option


class permuteLayer(BuiltinLayer):
    """Put the dimensions in another order, under the labels that were there.

    Dimension i of the output holds dimension ``dimorder[i]`` of the input, in the order S, C, B, T;
    dimensions beyond ``dimorder`` stay. The labels do not move with the data: "CBT" with the order
    [3, 2, 1] is "CBT" with time steps as channels.

    Args:
        dimorder: The numbers 1 to n, each once (property ``DimensionOrder``).
        Name: Name in the network.

    Raises:
        OptionError: ``dimorder`` is no such order.

    Example:
        >>> X = dlarray(np.zeros((2, 3, 5)), "CBT")
        >>> permuteLayer([3, 2, 1]).predict(X).shape
        (5, 3, 2)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.permutelayer.html
    """

    base_name = "permute"
    Type = "Permute"

    def __init__(self, dimorder: Sequence[int], *, Name: str = ""):
        super().__init__(Name)
        count = int(np.size(dimorder))
        self.DimensionOrder = whole(self.kind, "dimorder", dimorder, count)
        if sorted(self.DimensionOrder) != list(range(1, count + 1)):
            raise OptionError(
                f"{self.kind}: dimorder must hold the numbers 1 to {count}, each once.",
                got={"dimorder": list(self.DimensionOrder)},
            )

    def predict(self, X: dlarray) -> dlarray:
        """The same data with its dimensions in another order."""
        rest = range(len(self.DimensionOrder) + 1, X.ndim + 1)
        Y = permute(stripdims(X), [*self.DimensionOrder, *rest])
        return dlarray(Y, X.dims + "U" * max(0, Y.ndim - len(X.dims)))

    def _line(self) -> str:
        return f"Permute to {show_option(self.DimensionOrder)}"


class reshapeLayer(BuiltinLayer):
    """The same elements in other sizes, first dimension fastest.

    The output has labels as the input has, but for the spatial ones: as many are added or taken
    away in front as the number of dimensions changes.

    Args:
        *sz: The sizes one by one, of which one may be [] (it follows from the others), or all
            of them as one list (property ``OutputSize``).
        OperationDimension: "all" for sizes of the whole array, or "spatial-channel" for those of
            the spatial dimensions and the channels: other dimensions stay as they are.
        Name: Name in the network.

    Raises:
        OptionError: Wrong sizes, or another number of elements (in `predict`).
        FormatError: Fewer sizes than the input has dimensions that are not spatial (in `predict`).

    Example:
        >>> layer = reshapeLayer(7, 7, [], OperationDimension="spatial-channel")
        >>> layer.predict(dlarray(np.zeros((98, 5)), "CB"))[:, :, 0, 0].shape
        (7, 7, 1, 1)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.reshapelayer.html
    """

    base_name = "reshape"
    Type = "Reshape"

    def __init__(
        self,
        *sz: Any,
        OperationDimension: Literal["all", "spatial-channel"] = "all",
        Name: str = "",
    ):
        super().__init__(Name)
        listed = len(sz) == 1 and hasattr(sz[0], "__len__") and len(sz[0])
        given = list(sz[0]) if listed else sz
        self.OutputSize = tuple(
            None if is_empty(n) else whole(self.kind, "a size", n)[0] for n in given
        )
        if not self.OutputSize or self.OutputSize.count(None) > 1:
            raise OptionError(
                f"{self.kind}: give sizes, of which one may be [].", got={"sz": list(given)}
            )
        words = ["all", "spatial-channel"]
        self.OperationDimension: Any = word(
            self.kind, "OperationDimension", OperationDimension, words
        )

    def predict(self, X: dlarray) -> dlarray:
        """The elements in the new sizes."""
        spatial, count = X.dims.count("S"), len(self.OutputSize)
        if self.OperationDimension == "all":
            kept, sizes = X.dims[spatial:], [*self.OutputSize]
        else:
            joined = labels.find(X.dims, "SC")
            kept = X.dims[spatial:]
            kept = kept if kept.startswith("C") else f"C{kept}"
            sizes = [*self.OutputSize, *X.shape[len(joined) :]]
        if len(sizes) < len(kept):
            raise FormatError(
                f"{self.kind}: {count} sizes are too few for the labels that stay.",
                got={"input": shown(X), "sz": list(self.OutputSize), "labels": f'"{kept}"'},
                fix="Give a size for each dimension, spatial ones first.",
            )
        fmt = "S" * (len(sizes) - len(kept)) + kept
        return dlarray(reshape(X, sizes if len(sizes) > 1 else [*sizes, 1]), fmt)

    def _line(self) -> str:
        sizes = " ".join("[]" if n is None else str(n) for n in self.OutputSize)
        return f"Reshape to [{sizes}]"
