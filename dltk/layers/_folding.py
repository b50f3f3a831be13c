"""Time steps as observations and back, as networks before R2020 needed them."""

from __future__ import annotations

from .. import _labels as labels
from .._errors import FormatError
from ..dlarray import dlarray, stripdims
from ..functions._operands import need, shown
from ..functions._shape import reshape
from ._builtin import BuiltinLayer


class sequenceFoldingLayer(BuiltinLayer):
    """Make every time step of every observation an observation of its own.

    SSCBT becomes SSCB, CBT becomes CB, with the observations of the first time step first. The
    second output, miniBatchSize, tells `sequenceUnfoldingLayer` how many observations there were.
    MATLAB's layers handle "S" and "T" together by now; this one is for old networks.

    Args:
        Name: Name in the network.

    Raises:
        FormatError: The input has no "B" or no "T" (in `predict`).

    Example:
        >>> import numpy as np
        >>> Y, count = sequenceFoldingLayer().predict(dlarray(np.zeros((3, 2, 5)), "CBT"))
        >>> Y.dims, Y.shape, count.shape
        ('CB', (3, 10), (2, 1))

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.sequencefoldinglayer.html
    """

    base_name = "seqfold"
    Type = "Sequence Folding"

    def __init__(self, *, Name: str = ""):
        super().__init__(Name, OutputNames=["out", "miniBatchSize"], NumOutputs=2)

    def predict(self, X: dlarray) -> tuple[dlarray, dlarray]:
        """The time steps; one number for each observation there was."""
        count = need(self.kind, X, "B")
        need(self.kind, X, "T")
        place = labels.find(X.dims, "B")[0]
        Y = reshape(stripdims(X), [*X.shape[:place], None])
        # as a size, which networks know before they run
        return dlarray(Y, X.dims[: place + 1]), dlarray([[1.0]] * count)


class sequenceUnfoldingLayer(BuiltinLayer):
    """Undo `sequenceFoldingLayer`: CB becomes CBT, SSCB becomes SSCBT.

    Inputs are in and miniBatchSize, the second output of the folding layer.

    Args:
        Name: Name in the network.

    Raises:
        FormatError: The observations do not make whole sequences (in `predict`).

    Example:
        >>> import numpy as np
        >>> Y, count = sequenceFoldingLayer().predict(dlarray(np.zeros((3, 2, 5)), "CBT"))
        >>> sequenceUnfoldingLayer().predict(Y, count).shape
        (3, 2, 5)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.sequenceunfoldinglayer.html
    """

    base_name = "sequnfold"
    Type = "Sequence Unfolding"

    def __init__(self, *, Name: str = ""):
        super().__init__(Name, InputNames=["in", "miniBatchSize"], NumInputs=2)

    def predict(self, X: dlarray, miniBatchSize: dlarray) -> dlarray:
        """Sequences of as many observations as there were."""
        steps, count = need(self.kind, X, "B"), miniBatchSize.shape[0]
        if steps % count:
            raise FormatError(
                f"{self.kind}: {steps} time steps do not make {count} sequences of equal length.",
                got={"input": shown(X)},
                fix="Connect miniBatchSize with the output of the sequenceFoldingLayer.",
            )
        place = labels.find(X.dims, "B")[0]
        Y = reshape(stripdims(X), [*X.shape[:place], count, steps // count])
        return dlarray(Y, f"{X.dims[: place + 1]}T")
