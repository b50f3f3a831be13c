"""Global pooling layers: one value per channel, over all positions or all times."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

from ..dlarray import dlarray
from ..functions._pooling import avgpool, maxpool
from ._builtin import BuiltinLayer
from ._docs import describes
from ._layout import networkDataLayout
from ._time import at_step
from ._windows import window

FORMATS = {
    1: """SCB and SCBT are pooled over "S", which stays with size 1; CBT is pooled over "T" and
    becomes CB.""",
    2: """SSCB and SSCBT are pooled over both "S", which stay with size 1; SCBT is pooled over "S"
    and "T" and becomes SCB.""",
    3: """SSSCB and SSSCBT are pooled over all "S", which stay with size 1; SSCBT is pooled over "S"
    and "T" and becomes SSCB.""",
}

COMMON = """Args:
        Name: Name in the network.

    Raises:
        FormatError: The input lacks the dimensions to pool."""


class GlobalPoolingLayer(BuiltinLayer):
    """Base of the global pooling layers."""

    rank: ClassVar[int]
    function: ClassVar[Callable[..., Any]]

    def __init__(self, *, Name: str = ""):
        super().__init__(Name)

    def initialize(self, layout: networkDataLayout) -> GlobalPoolingLayer:
        """Check the labels of the input."""
        window(self.kind, self.rank, layout)
        return self

    def predict(self, X: dlarray) -> dlarray:
        """One value per channel."""
        over = window(self.kind, self.rank, X)
        Y = type(self).function(X, "global", PoolFormat=over)
        return at_step(self.kind, Y, 0) if "T" in over else Y


@describes(formats=FORMATS[1], common=COMMON)
class globalMaxPooling1dLayer(GlobalPoolingLayer):
    """Largest value of each channel of a 1-D image or sequence.

    {formats}

    {common}

    Example:
        >>> import numpy as np
        >>> globalMaxPooling1dLayer().predict(dlarray(np.zeros((3, 5, 9)), "CBT")).shape
        (3, 5)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.globalmaxpooling1dlayer.html
    """

    rank = 1
    base_name = "gmpool1d"
    Type = "1-D Global Max Pooling"
    function = staticmethod(maxpool)


@describes(formats=FORMATS[2], common=COMMON)
class globalMaxPooling2dLayer(GlobalPoolingLayer):
    """Largest value of each channel of a 2-D image.

    {formats}

    {common}

    Example:
        >>> import numpy as np
        >>> globalMaxPooling2dLayer().predict(dlarray(np.zeros((9, 8, 3, 5)), "SSCB")).shape
        (1, 1, 3, 5)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.globalmaxpooling2dlayer.html
    """

    rank = 2
    base_name = "gmpool"
    Type = "2-D Global Max Pooling"
    function = staticmethod(maxpool)


@describes(formats=FORMATS[3], common=COMMON)
class globalMaxPooling3dLayer(GlobalPoolingLayer):
    """Largest value of each channel of a 3-D image.

    {formats}

    {common}

    Example:
        >>> import numpy as np
        >>> globalMaxPooling3dLayer().predict(dlarray(np.zeros((9, 8, 7, 3)), "SSSC")).shape
        (1, 1, 1, 3)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.globalmaxpooling3dlayer.html
    """

    rank = 3
    base_name = "gmpool3d"
    Type = "3-D Global Max Pooling"
    function = staticmethod(maxpool)


@describes(formats=FORMATS[1], common=COMMON)
class globalAveragePooling1dLayer(GlobalPoolingLayer):
    """Mean value of each channel of a 1-D image or sequence.

    {formats}

    {common}

    Example:
        >>> import numpy as np
        >>> globalAveragePooling1dLayer().predict(dlarray(np.zeros((3, 5, 9)), "CBT")).shape
        (3, 5)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.globalaveragepooling1dlayer.html
    """

    rank = 1
    base_name = "gapool1d"
    Type = "1-D Global Average Pooling"
    function = staticmethod(avgpool)


@describes(formats=FORMATS[2], common=COMMON)
class globalAveragePooling2dLayer(GlobalPoolingLayer):
    """Mean value of each channel of a 2-D image.

    {formats}

    {common}

    Example:
        >>> import numpy as np
        >>> globalAveragePooling2dLayer().predict(dlarray(np.zeros((9, 8, 3, 5)), "SSCB")).shape
        (1, 1, 3, 5)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.globalaveragepooling2dlayer.html
    """

    rank = 2
    base_name = "gapool"
    Type = "2-D Global Average Pooling"
    function = staticmethod(avgpool)


@describes(formats=FORMATS[3], common=COMMON)
class globalAveragePooling3dLayer(GlobalPoolingLayer):
    """Mean value of each channel of a 3-D image.

    {formats}

    {common}

    Example:
        >>> import numpy as np
        >>> globalAveragePooling3dLayer().predict(dlarray(np.zeros((9, 8, 7, 3)), "SSSC")).shape
        (1, 1, 1, 3)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.globalaveragepooling3dlayer.html
    """

    rank = 3
    base_name = "gapool3d"
    Type = "3-D Global Average Pooling"
    function = staticmethod(avgpool)
