"""Activation layers: elementwise functions, softmax, and the one with a learnable slope."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from .._errors import FormatError
from ..dlarray import dlarray
from ..functions import _activation as functions
from ..functions._align import broadcast
from ..functions._elementwise import tanh
from ..functions._options import number, word
from ._builtin import BuiltinLayer, factor, fitted, is_empty
from ._layout import networkDataLayout


class reluLayer(BuiltinLayer):
    """Rectified linear unit max(X, 0), element by element; any labels, which stay.

    Args:
        Name: Name in the network.

    Example:
        >>> reluLayer().predict(dlarray([[-1.0, 2.0]], "CB")).shape
        (1, 2)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.relulayer.html
    """

    base_name = "relu"
    Type = "ReLU"

    def __init__(self, *, Name: str = ""):
        super().__init__(Name)

    def predict(self, X: dlarray) -> dlarray:
        """max(X, 0)."""
        return functions.relu(X)


class leakyReluLayer(BuiltinLayer):
    """Leaky rectified linear unit: X where X >= 0, scale X elsewhere; any labels, which stay.

    Args:
        scale: Factor of negative elements (property ``Scale``).
        Name: Name in the network.

    Raises:
        OptionError: ``scale`` is no scalar.

    Example:
        >>> leakyReluLayer(0.1).Scale
        0.1

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.leakyrelulayer.html
    """

    base_name = "leakyrelu"

    def __init__(self, scale: float = 0.01, *, Name: str = ""):
        super().__init__(Name)
        self.Scale = number(self.kind, "scale", scale)

    def predict(self, X: dlarray) -> dlarray:
        """X where X >= 0, Scale X elsewhere."""
        return functions.leakyrelu(X, self.Scale)

    def _line(self) -> str:
        return f"Leaky ReLU with scale {self.Scale:g}"


class clippedReluLayer(BuiltinLayer):
    """Clipped rectified linear unit min(max(X, 0), ceiling); any labels, which stay.

    Args:
        ceiling: Largest value of the output, larger than 0 (property ``Ceiling``).
        Name: Name in the network.

    Raises:
        OptionError: ``ceiling`` is no positive scalar.

    Example:
        >>> clippedReluLayer(6).Ceiling
        6

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.clippedrelulayer.html
    """

    base_name = "clippedrelu"

    def __init__(self, ceiling: float, *, Name: str = ""):
        super().__init__(Name)
        self.Ceiling = number(self.kind, "ceiling", ceiling, above=0)

    def predict(self, X: dlarray) -> dlarray:
        """min(max(X, 0), Ceiling)."""
        return functions.clippedrelu(X, self.Ceiling)

    def _line(self) -> str:
        return f"Clipped ReLU with ceiling {self.Ceiling:g}"


class eluLayer(BuiltinLayer):
    """Exponential linear unit: X where X >= 0, alpha (e^X - 1) elsewhere; any labels, which stay.

    Args:
        alpha: Minus the limit for large negative X (property ``Alpha``).
        Name: Name in the network.

    Raises:
        OptionError: ``alpha`` is no scalar.

    Example:
        >>> eluLayer().Alpha
        1

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.elulayer.html
    """

    base_name = "elu"

    def __init__(self, alpha: float = 1, *, Name: str = ""):
        super().__init__(Name)
        self.Alpha = number(self.kind, "alpha", alpha)

    def predict(self, X: dlarray) -> dlarray:
        """X where X >= 0, Alpha (e^X - 1) elsewhere."""
        return functions.elu(X, self.Alpha)

    def _line(self) -> str:
        return f"ELU with Alpha {self.Alpha:g}"


class geluLayer(BuiltinLayer):
    """Gaussian error linear unit X/2 (1 + erf(X / sqrt(2))); any labels, which stay.

    Args:
        Approximation: "none", or "tanh" for erf(X / sqrt(2)) taken as
            tanh(sqrt(2/pi) (X + 0.044715 X^3)).
        Name: Name in the network.

    Raises:
        OptionError: Another word for ``Approximation``.

    Example:
        >>> geluLayer(Approximation="tanh").Approximation
        'tanh'

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.gelulayer.html
    """

    base_name = "gelu"
    Type = "GELU"

    def __init__(self, *, Approximation: Literal["none", "tanh"] = "none", Name: str = ""):
        super().__init__(Name)
        self.Approximation: Any = word(
            self.kind, "Approximation", Approximation, ["none", "tanh"]
        )

    def predict(self, X: dlarray) -> dlarray:
        """X times the normal distribution function at X."""
        return functions.gelu(X, Approximation=self.Approximation)


class preluLayer(BuiltinLayer):
    """Parametrized rectified linear unit: X where X > 0, Alpha X elsewhere; any labels, which stay.

    Learns Alpha, which expands against the input by position: a scalar for all, 1 × 1 × channels for
    a slope per channel of images, channels × 1 for features and sequences.

    Args:
        Alpha: First slope of negative elements, a scalar or an array.
        AlphaLearnRateFactor: Factor of the learning rate of ``Alpha``; 0 freezes it.
        AlphaL2Factor: Factor of the L2 penalty of ``Alpha``, for a loop that has one.
        Name: Name in the network.

    Raises:
        FormatError: ``Alpha`` does not expand to the size of the input.

    Example:
        >>> float(preluLayer().Alpha)
        0.25

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.prelulayer.html
    """

    learnables = ("Alpha",)
    base_name = "prelu"
    Type = "PReLU"

    def __init__(
        self,
        *,
        Alpha: Any = 0.25,
        AlphaLearnRateFactor: float = 1,
        AlphaL2Factor: float = 1,
        Name: str = "",
    ):
        super().__init__(Name)
        self.Alpha = 0.25 if is_empty(Alpha) else Alpha
        if not hasattr(self.Alpha, "dtype"):
            self.Alpha = np.asarray(self.Alpha, np.float32)
        self.AlphaLearnRateFactor = factor(self.kind, "AlphaLearnRateFactor", AlphaLearnRateFactor)
        self.AlphaL2Factor = factor(self.kind, "AlphaL2Factor", AlphaL2Factor)

    def predict(self, X: dlarray) -> dlarray:
        """X where X > 0, Alpha X elsewhere."""
        Y = broadcast("preluLayer", functions.leakyrelu_of, X, self.Alpha)
        if Y.shape != X.shape:
            raise FormatError(
                f"{self.kind}: Alpha does not expand to the size of the input.",
                got={"input": shown(X), "Alpha": shown(self.Alpha)},
                fix="Give a scalar, or sizes of 1 or those of the input, dimension by dimension.",
            )
        return Y


class sigmoidLayer(BuiltinLayer):
    """Logistic function 1 / (1 + e^-X), element by element; any labels, which stay.

    Args:
        Name: Name in the network.

    Example:
        >>> sigmoidLayer().predict(dlarray([[0.0]], "CB")).item()
        0.5

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.sigmoidlayer.html
    """

    base_name = "sigmoid"
    Type = "sigmoid"

    def __init__(self, *, Name: str = ""):
        super().__init__(Name)

    def predict(self, X: dlarray) -> dlarray:
        """1 / (1 + e^-X)."""
        return functions.sigmoid(X)


class tanhLayer(BuiltinLayer):
    """Hyperbolic tangent, element by element; any labels, which stay.

    Args:
        Name: Name in the network.

    Example:
        >>> tanhLayer().predict(dlarray([[0.0]], "CB")).item()
        0.0

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.tanhlayer.html
    """

    base_name = "tanh"
    Type = "Tanh"

    def __init__(self, *, Name: str = ""):
        super().__init__(Name)

    def predict(self, X: dlarray) -> dlarray:
        """tanh(X)."""
        return tanh(X)


class softplusLayer(BuiltinLayer):
    """Softplus log(1 + e^X), element by element, without overflow; any labels, which stay.

    Args:
        Name: Name in the network.

    Example:
        >>> softplusLayer().predict(dlarray([[1000.0]], "CB")).item()
        1000.0

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.softpluslayer.html
    """

    base_name = "softplus"
    Type = "Softplus"

    def __init__(self, *, Name: str = ""):
        super().__init__(Name)

    def predict(self, X: dlarray) -> dlarray:
        """log(1 + e^X)."""
        return functions.softplus(X)


class swishLayer(BuiltinLayer):
    """Swish X / (1 + e^-X), element by element; any labels, which stay.

    Args:
        Name: Name in the network.

    Example:
        >>> swishLayer().predict(dlarray([[0.0]], "CB")).item()
        0.0

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.swishlayer.html
    """

    base_name = "swish"
    Type = "Swish"

    def __init__(self, *, Name: str = ""):
        super().__init__(Name)

    def predict(self, X: dlarray) -> dlarray:
        """X / (1 + e^-X)."""
        return functions.swish(X)


class softmaxLayer(BuiltinLayer):
    """Softmax over the channels: positive numbers with sum 1 at every other position.

    Y(c) = e^X(c) / sum over channels k of e^X(k). Any labels with a "C"; they stay.

    Args:
        Name: Name in the network.

    Raises:
        FormatError: The input has no "C" dimension.

    Example:
        >>> softmaxLayer().predict(dlarray([[5.0], [5.0]], "CB"))[0, 0].item()
        0.5

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.softmaxlayer.html
    """

    base_name = "softmax"
    Type = "softmax"

    def __init__(self, *, Name: str = ""):
        super().__init__(Name)

    def predict(self, X: dlarray) -> dlarray:
        """Softmax over the channels."""
        return functions.softmax(X)
