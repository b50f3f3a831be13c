"""Max pooling layers: one class per number of dimensions."""

from __future__ import annotations

from typing import Any, Literal

from ..dlarray import dlarray
from ..functions._pooling import maxpool
from ._builtin import flag
from ._convolution import Sizes
from ._docs import describes
from ._pooling import ERRORS, FORMATS, ONE, SIZES, THREE, TWO, PoolingLayer

UNPOOLING = """HasUnpoolingOutputs: Whether to give "indices" (positions of the largest values) and
            "size" (size of the input) as well, for unpooling."""


class MaxPoolingLayer(PoolingLayer):
    """Base of the max pooling layers."""

    what = "max"
    HasUnpoolingOutputs = False

    def predict(self, X: dlarray) -> Any:
        """The largest values (and where they were)."""
        options = self._options(X)
        if not self.HasUnpoolingOutputs:
            return maxpool(X, self.PoolSize, **options)
        Y, indices, size = maxpool(X, self.PoolSize, **options, nargout=3)
        return Y, indices, size if isinstance(size, dlarray) else dlarray(size)


class UnpoolableLayer(MaxPoolingLayer):
    """Base of those that can tell where the largest values were."""

    def __init__(
        self,
        poolSize: Sizes,
        *,
        Stride: Sizes = 1,
        Padding: Literal["same"] | Sizes = 0,
        HasUnpoolingOutputs: bool = False,
        Name: str = "",
    ):
        self.HasUnpoolingOutputs = flag(self.kind, "HasUnpoolingOutputs", HasUnpoolingOutputs)
        names = ["out", "indices", "size"]
        ports = {"NumOutputs": 3, "OutputNames": names} if self.HasUnpoolingOutputs else {}
        super().__init__(poolSize, Stride, Padding, Name, **ports)


@describes(formats=FORMATS[1], sizes=SIZES, padding=ONE, errors=ERRORS)
class maxPooling1dLayer(MaxPoolingLayer):
    """Largest value in windows along one dimension.

    Takes {formats}, also without B; the labels stay. {sizes}

    Args:
        poolSize: Cells in a window.
        Stride: Step between windows.
        {padding}
        Name: Name in the network.

    Raises:
        {errors}

    Example:
        >>> import numpy as np
        >>> layer = maxPooling1dLayer(2, Stride=2)
        >>> layer.predict(dlarray(np.zeros((3, 5, 9)), "CBT")).shape
        (3, 5, 4)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.maxpooling1dlayer.html
    """

    rank = 1
    base_name = "maxpool1d"
    Type = "1-D Max Pooling"

    def __init__(
        self,
        poolSize: Sizes,
        *,
        Stride: Sizes = 1,
        Padding: Literal["same"] | Sizes = 0,
        Name: str = "",
    ):
        super().__init__(poolSize, Stride, Padding, Name)


@describes(formats=FORMATS[2], sizes=SIZES, padding=TWO, unpooling=UNPOOLING, errors=ERRORS)
class maxPooling2dLayer(UnpoolableLayer):
    """Largest value in windows over two dimensions.

    Takes {formats}, also without B; the labels stay. {sizes}

    Args:
        poolSize: Height and width of the windows; a scalar for both.
        Stride: Step between windows, a scalar or one value per dimension. The default is 1, not the
            size of the windows.
        {padding}
        {unpooling}
        Name: Name in the network.

    Raises:
        {errors}

    Example:
        >>> import numpy as np
        >>> layer = maxPooling2dLayer(2, Stride=2)
        >>> layer.predict(dlarray(np.zeros((28, 28, 8, 5)), "SSCB")).shape
        (14, 14, 8, 5)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.maxpooling2dlayer.html
    """

    rank = 2
    base_name = "maxpool"
    Type = "2-D Max Pooling"


@describes(formats=FORMATS[3], sizes=SIZES, padding=THREE, unpooling=UNPOOLING, errors=ERRORS)
class maxPooling3dLayer(UnpoolableLayer):
    """Largest value in windows over three dimensions.

    Takes {formats}, also without B; the labels stay. {sizes}

    Args:
        poolSize: Height, width and depth of the windows; a scalar for all.
        Stride: Step between windows, a scalar or one value per dimension.
        {padding}
        {unpooling}
        Name: Name in the network.

    Raises:
        {errors}

    Example:
        >>> import numpy as np
        >>> layer = maxPooling3dLayer(2, Stride=2)
        >>> layer.predict(dlarray(np.zeros((8, 6, 4, 3)), "SSSC")).shape
        (4, 3, 2, 3)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.maxpooling3dlayer.html
    """

    rank = 3
    base_name = "maxpool3d"
    Type = "3-D Max Pooling"
