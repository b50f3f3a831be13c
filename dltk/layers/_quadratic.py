"""All products of two channels."""

from __future__ import annotations

import numpy as np

from .. import _labels as labels
from ..dlarray import dlarray
from ..functions._elementwise import times
from ..functions._operands import need
from ._builtin import BuiltinLayer


class quadraticLayer(BuiltinLayer):
    """Products of all pairs of channels, such as for the value function of a linear system.

    Channels u1, u2, u3 become u1 u1, u1 u2, u2 u2, u1 u3, u2 u3, u3 u3: c (c + 1) / 2 of them. The
    labels stay.

    Args:
        Name: Name in the network.

    Raises:
        FormatError: The input has no "C" (in `predict`).

    Example:
        >>> quadraticLayer().predict(dlarray([[2.0], [3.0]], "CB"))[:, 0].sum().item()  # 4 + 6 + 9
        19.0

    Source:
        https://www.mathworks.com/help/reinforcement-learning/ref/quadraticlayer.html
    """

    base_name = "quadratic"
    Type = "Quadratic"

    def __init__(self, *, Name: str = ""):
        super().__init__(Name)

    def predict(self, X: dlarray) -> dlarray:
        """The products."""
        count = need(self.kind, X, "C")
        axis = labels.find(X.dims, "C")[0]
        later, earlier = np.tril_indices(count)  # row by row: the later channel counts slowest

        def channels(which: np.ndarray) -> dlarray:
            return X[tuple(which if i == axis else slice(None) for i in range(X.ndim))]

        return times(channels(earlier), channels(later))
