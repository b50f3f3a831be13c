"""Layers that move or scale data: flatten, identity, scaling."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .. import _labels as labels
from .._errors import FormatError
from .._numbers import raw
from ..dlarray import apply, dlarray
from ..functions._elementwise import plus, times
from ..functions._operands import need, shown
from ._builtin import BuiltinLayer


class flattenLayer(BuiltinLayer):
    """Merge the spatial dimensions into the channels.

    The elements of an observation come in the order S, S, ..., C, first dimension fastest. SCB,
    SSCB and SSSCB become CB; with T they become CBT; data without "S" stays as it is.

    Args:
        Name: Name in the network.

    Raises:
        FormatError: The input has no "C" dimension.

    Example:
        >>> import numpy as np
        >>> flattenLayer().predict(dlarray(np.zeros((4, 3, 2, 5)), "SSCB"))[:, 0].shape
        (24, 1)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.flattenlayer.html
    """

    base_name = "flatten"
    Type = "Flatten"

    def __init__(self, *, Name: str = ""):
        super().__init__(Name)

    def predict(self, X: dlarray) -> dlarray:
        """The input without spatial dimensions."""
        need(self.kind, X, "C")
        spatial = X.dims.count("S")
        if not spatial:
            return X
        fmt = X.dims[spatial:] + "U" * (X.dims[spatial:] == "C")
        features = math.prod(X.shape[: spatial + 1])
        sizes = labels.to_stored(fmt, (features, *X.shape[spatial + 1 :], 1)[: len(fmt)])

        def flatten(x: Any) -> Any:
            # in memory S, ..., S, C come last; the first S shall run fastest
            lead = x.ndim - spatial - 1
            order = [*range(lead), *reversed(range(lead, x.ndim))]
            return x.transpose(order).reshape(sizes)

        return apply(self.kind, flatten, [X], fmt, mix=False)


class identityLayer(BuiltinLayer):
    """The input itself, such as at the ends of a skip connection.

    Args:
        Name: Name in the network.

    Example:
        >>> identityLayer(Name="skip").predict(3)
        3

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.identitylayer.html
    """

    base_name = "identity"
    Type = "Identity"

    def __init__(self, *, Name: str = ""):
        super().__init__(Name)

    def predict(self, X: Any) -> Any:
        """The input."""
        return X


class scalingLayer(BuiltinLayer):
    """Scale X + Offset, element by element; any labels, which stay.

    Nothing is learned. Arrays expand against the input by position, as unformatted arrays do.

    Args:
        Scale: Factor, a scalar or an array whose sizes are 1 or those of the input.
        Offset: What is added, likewise.
        Name: Name in the network.

    Raises:
        FormatError: ``Scale`` or ``Offset`` does not expand to the size of the input (in
            `predict`).

    Example:
        >>> scalingLayer(Scale=2, Offset=1).predict(dlarray([[3.0]], "CB")).item()
        7.0

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.scalinglayer.html
    """

    base_name = "scaling"
    Type = "Scaling"

    def __init__(self, *, Scale: Any = 1, Offset: Any = 0, Name: str = ""):
        super().__init__(Name)
        self.Scale = _array(self.kind, Scale)
        self.Offset = _array(self.kind, Offset)

    def predict(self, X: dlarray) -> dlarray:
        """Scale X + Offset."""
        Y = plus(times(self.Scale, X), self.Offset)
        if Y.shape != X.shape:
            raise FormatError(
                f"{self.kind}: Scale and Offset must expand to the size of the input.",
                got={"X": shown(X), "Scale": shown(self.Scale), "Offset": shown(self.Offset)},
                fix="Give scalars, or sizes of 1 or those of the input, dimension by dimension.",
            )
        return Y


def _array(kind: str, value: Any) -> Any:
    return value if isinstance(value, (int, float, dlarray)) else raw(np.asarray(value), kind)
