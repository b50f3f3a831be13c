"""Average pooling layers: one class per number of dimensions."""

from __future__ import annotations

from typing import Any, Literal

from ..dlarray import dlarray
from ..functions._options import word
from ..functions._pooling import avgpool
from ._convolution import Sizes
from ._docs import describes
from ._pooling import ERRORS, FORMATS, ONE, SIZES, THREE, TWO, PoolingLayer

MEAN = """PaddingValue: 0 counts added cells as zeros, "mean" leaves them out of the mean."""


class AveragePoolingLayer(PoolingLayer):
    """Base of the average pooling layers."""

    what = "average"

    def __init__(
        self,
        poolSize: Sizes,
        *,
        Stride: Sizes = 1,
        Padding: Literal["same"] | Sizes = 0,
        PaddingValue: Literal["mean"] | float = 0,
        Name: str = "",
    ):
        super().__init__(poolSize, Stride, Padding, Name)
        if not isinstance(PaddingValue, str) and PaddingValue == 0:
            self.PaddingValue: Any = 0
        else:
            self.PaddingValue = word(self.kind, "PaddingValue", PaddingValue, ["mean"])

    def predict(self, X: dlarray) -> dlarray:
        """The means."""
        options = self._options(X)
        return avgpool(X, self.PoolSize, **options, PaddingValue=self.PaddingValue)


@describes(formats=FORMATS[1], sizes=SIZES, padding=ONE, value=MEAN, errors=ERRORS)
class averagePooling1dLayer(AveragePoolingLayer):
    """Mean value in windows along one dimension.

    Takes {formats}, also without B; the labels stay. {sizes}

    Args:
        poolSize: Cells in a window.
        Stride: Step between windows.
        {padding}
        {value}
        Name: Name in the network.

    Raises:
        {errors}

    Example:
        >>> layer = averagePooling1dLayer(2)
        >>> layer.predict(dlarray([[1.0, 3.0, 5.0]], "CT"))[0, :].shape
        (1, 2)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.averagepooling1dlayer.html
    """

    rank = 1
    base_name = "avgpool1d"
    Type = "1-D Average Pooling"


@describes(formats=FORMATS[2], sizes=SIZES, padding=TWO, value=MEAN, errors=ERRORS)
class averagePooling2dLayer(AveragePoolingLayer):
    """Mean value in windows over two dimensions.

    Takes {formats}, also without B; the labels stay. {sizes}

    Args:
        poolSize: Height and width of the windows; a scalar for both.
        Stride: Step between windows, a scalar or one value per dimension. The default is 1, not the
            size of the windows.
        {padding}
        {value}
        Name: Name in the network.

    Raises:
        {errors}

    Example:
        >>> import numpy as np
        >>> layer = averagePooling2dLayer(2, Stride=2)
        >>> layer.predict(dlarray(np.zeros((28, 28, 8, 5)), "SSCB")).shape
        (14, 14, 8, 5)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.averagepooling2dlayer.html
    """

    rank = 2
    base_name = "avgpool2d"
    Type = "2-D Average Pooling"


@describes(formats=FORMATS[3], sizes=SIZES, padding=THREE, value=MEAN, errors=ERRORS)
class averagePooling3dLayer(AveragePoolingLayer):
    """Mean value in windows over three dimensions.

    Takes {formats}, also without B; the labels stay. {sizes}

    Args:
        poolSize: Height, width and depth of the windows; a scalar for all.
        Stride: Step between windows, a scalar or one value per dimension.
        {padding}
        {value}
        Name: Name in the network.

    Raises:
        {errors}

    Example:
        >>> import numpy as np
        >>> layer = averagePooling3dLayer(2, Stride=2)
        >>> layer.predict(dlarray(np.zeros((8, 6, 4, 3)), "SSSC")).shape
        (4, 3, 2, 3)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.averagepooling3dlayer.html
    """

    rank = 3
    base_name = "avgpool3d"
    Type = "3-D Average Pooling"
