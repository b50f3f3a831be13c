"""Put the results of max pooling back where they came from."""

from __future__ import annotations

from ..dlarray import dlarray
from ..functions._pooling import maxunpool
from ._builtin import BuiltinLayer


class maxUnpooling2dLayer(BuiltinLayer):
    """Put the largest values back where `maxPooling2dLayer` found them; other elements are 0.

    Inputs are in, indices and size: the outputs of a pooling layer with HasUnpoolingOutputs=True,
    of which the first may have gone through other layers. SSCB, also without B or with T; the
    labels stay.

    Args:
        Name: Name in the network.

    Raises:
        FormatError: The inputs do not fit together (in `predict`).

    Example:
        >>> import numpy as np
        >>> from dltk import dlnetwork, imageInputLayer, maxPooling2dLayer, predict
        >>> net = dlnetwork(
        ...     [
        ...         imageInputLayer([2, 2, 1], Normalization="none"),
        ...         maxPooling2dLayer(2, Stride=2, HasUnpoolingOutputs=True, Name="pool"),
        ...         maxUnpooling2dLayer(Name="back"),
        ...     ],
        ...     Connections=[("pool/indices", "back/indices"), ("pool/size", "back/size")],
        ... )
        >>> X = dlarray(np.array([[1.0, 5.0], [2.0, 4.0]])[..., None, None], "SSCB")
        >>> Y = predict(net, X)
        >>> Y.sum().item(), Y[0, 1, 0, 0].item()
        (5.0, 5.0)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.maxunpooling2dlayer.html
    """

    base_name = "unpool"
    Type = "2-D Max Unpooling"

    def __init__(self, *, Name: str = ""):
        super().__init__(Name, InputNames=["in", "indices", "size"], NumInputs=3)

    def predict(self, X: dlarray, indices: dlarray, size: dlarray) -> dlarray:
        """The values in an array of that size."""
        return maxunpool(X, indices, size)
