"""Average pooling to a given size."""

from __future__ import annotations

import numpy as np

from .. import _labels as labels
from ..dlarray import dlarray, stripdims
from ..functions._linear import pagemtimes
from ..functions._options import whole
from ._builtin import BuiltinLayer, bracket
from ._convolution import Sizes
from ._resize import check_spatial


class adaptiveAveragePooling2dLayer(BuiltinLayer):
    """Means over windows that are chosen so that the output has a given size.

    Cell j (from 0) of m is the mean of the cells floor(j n / m) to ceil((j + 1) n / m) - 1 of n,
    in each spatial dimension; neighbouring windows may share a cell. SSCB, also without B or with
    T; the labels stay.

    Args:
        outputSize: Height and width of the output; a scalar for both (property ``OutputSize``).
        Name: Name in the network.

    Raises:
        OptionError: ``outputSize`` is not one or two positive whole numbers.
        FormatError: The input has not two "S" dimensions (in `predict`).

    Example:
        >>> layer = adaptiveAveragePooling2dLayer(2)
        >>> layer.predict(dlarray(np.arange(9.0).reshape(3, 3), "SS"))[0, 0].item()  # 0, 1, 3, 4
        2.0

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.adaptiveaveragepooling2dlayer.html
    """

    base_name = "adaptavgpool2d"
    Type = "2-D Adaptive Average Pooling"

    def __init__(self, outputSize: Sizes, *, Name: str = ""):
        super().__init__(Name)
        self.OutputSize = whole(self.kind, "outputSize", outputSize, 2)

    def predict(self, X: dlarray) -> dlarray:
        """The means."""
        check_spatial(self.kind, X, 2)
        sizes = [X.shape[axis] for axis in labels.find(X.dims, "S")]
        rows, columns = (
            _means(n, m).astype(X.dtype.type(0).real.dtype)
            for n, m in zip(sizes, self.OutputSize, strict=True)
        )
        Y = pagemtimes(rows, pagemtimes(stripdims(X), "none", columns, "transpose"))
        return dlarray(Y, X.dims)

    def _line(self) -> str:
        return f"Adaptive average pooling to {bracket(self.OutputSize)}"


def _means(n: int, m: int) -> np.ndarray:
    """The matrix that takes m means of n cells.

    >>> _means(3, 2)
    array([[0.5, 0.5, 0. ],
           [0. , 0.5, 0.5]])
    """
    matrix = np.zeros((m, n))
    for j in range(m):
        first, end = j * n // m, -(-(j + 1) * n // m)
        matrix[j, first:end] = 1 / (end - first)
    return matrix
