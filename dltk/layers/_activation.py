"""Activation layers without parameters: elementwise functions and softmax."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar, Literal

from ..dlarray import dlarray
from ..functions import _activation as functions
from ..functions._options import number, word
from ..functions._trigonometry import tanh
from ._builtin import BuiltinLayer


class FunctionOfOne(BuiltinLayer):
    """Base of the layers that are one function without options."""

    function: ClassVar[Callable[[dlarray], dlarray]]

    def __init__(self, *, Name: str = ""):
        super().__init__(Name)

    def predict(self, X: dlarray) -> dlarray:
        """The function of the input."""
        return type(self).function(X)


class reluLayer(FunctionOfOne):
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
    function = staticmethod(functions.relu)


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
        self.Approximation: Any = word(self.kind, "Approximation", Approximation, ["none", "tanh"])

    def predict(self, X: dlarray) -> dlarray:
        """X times the normal distribution function at X."""
        return functions.gelu(X, Approximation=self.Approximation)


class sigmoidLayer(FunctionOfOne):
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
    function = staticmethod(functions.sigmoid)


class tanhLayer(FunctionOfOne):
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
    function = staticmethod(tanh)


class softplusLayer(FunctionOfOne):
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
    function = staticmethod(functions.softplus)


class swishLayer(FunctionOfOne):
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
    function = staticmethod(functions.swish)


class softmaxLayer(FunctionOfOne):
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
    function = staticmethod(functions.softmax)
