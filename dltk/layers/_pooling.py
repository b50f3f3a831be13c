"""Pooling layers: the largest or the mean value in windows; one class per number of dimensions."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from ..dlarray import dlarray
from ..functions._options import whole, word
from ..functions._pooling import avgpool, maxpool
from ._builtin import BuiltinLayer, bracket, flag, show_option
from ._convolution import Sizes
from ._docs import describes
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

MEAN = """PaddingValue: 0 counts added cells as zeros, "mean" leaves them out of the mean."""

UNPOOLING = """HasUnpoolingOutputs: Whether to give "indices" (positions of the largest values) and
            "size" (size of the input) as well, for unpooling."""

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

    def initialize(self, layout: networkDataLayout) -> PoolingLayer:
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
