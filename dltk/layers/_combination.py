"""Layers that make one output of several inputs."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, ClassVar

from .. import _labels as labels
from .._errors import FormatError
from ..dlarray import dlarray, finddim
from ..functions._cat import cat
from ..functions._elementwise import plus, times
from ..functions._operands import need
from ..functions._options import whole
from ._builtin import BuiltinLayer


class CombinationLayer(BuiltinLayer):
    """Base of the layers with several inputs, called in1, in2, ..."""

    def __init__(self, numInputs: int, Name: str):
        count = whole(type(self).__name__, "numInputs", numInputs, least=2)[0]
        super().__init__(Name, NumInputs=count)

    def _refused(self, reason: str, X: tuple[dlarray, ...], fix: str) -> FormatError:
        got = {
            f'input "{port}"': labels.show(x.shape, x.dims)
            for port, x in zip(self.inputs, X, strict=True)
        }
        return FormatError(f"{self.kind}: {reason}", got=got, fix=fix)

    def _joined(self, dim: int, X: tuple[dlarray, ...]) -> dlarray:
        rest = {x.shape[: dim - 1] + x.shape[dim:] for x in X}
        if len({x.dims for x in X}) > 1:
            raise self._refused("the inputs have different labels.", X, "Make them alike.")
        if len(rest) > 1:
            raise self._refused(
                f"the inputs differ in another dimension than {dim}, along which they are joined.",
                X,
                "All sizes but that one must be equal. Padding or pooling on the way may have "
                "changed them.",
            )
        return cat(dim, *X)


class ElementwiseCombination(CombinationLayer):
    """Base of addition and multiplication."""

    function: ClassVar[Callable[..., Any]]

    def __init__(self, numInputs: int, *, Name: str = ""):
        super().__init__(numInputs, Name)

    def predict(self, *X: dlarray) -> dlarray:
        """The inputs combined, element by element."""
        sizes: dict[tuple[str, int], set[int]] = {}
        for x in X:
            seen = ""
            for n, letter in zip(x.shape, x.dims, strict=False):
                sizes.setdefault((letter, seen.count(letter)), set()).add(n)
                seen += letter
        for (letter, _), found in sizes.items():
            if len(found - {1}) > 1:
                raise self._refused(
                    f'the inputs have different sizes of "{letter}".',
                    X,
                    "Sizes of a dimension must be equal, or 1. Padding or pooling on the way may "
                    "have changed them.",
                )
        return functools.reduce(type(self).function, X)

    def _line(self) -> str:
        return f"{self.Type} of {self.NumInputs} inputs"


class additionLayer(ElementwiseCombination):
    """Sum of the inputs, element by element.

    The inputs have the same labels and sizes, or sizes of 1, which expand. A label that an input
    lacks counts as size 1; the output has the labels of all.

    Args:
        numInputs: Number of inputs, called in1, in2, ...
        Name: Name in the network.

    Raises:
        OptionError: ``numInputs`` is no whole number of at least 2.
        FormatError: Sizes do not fit together (in `predict`).

    Example:
        >>> X = dlarray([[1.0], [2.0]], "CB")
        >>> additionLayer(2).predict(X, X)[1, 0].item()
        4.0

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.additionlayer.html
    """

    base_name = "addition"
    Type = "Addition"
    function = staticmethod(plus)


class multiplicationLayer(ElementwiseCombination):
    """Product of the inputs, element by element.

    The inputs have the same labels and sizes, or sizes of 1, which expand. A label that an input
    lacks counts as size 1; the output has the labels of all.

    Args:
        numInputs: Number of inputs, called in1, in2, ...
        Name: Name in the network.

    Raises:
        OptionError: ``numInputs`` is no whole number of at least 2.
        FormatError: Sizes do not fit together (in `predict`).

    Example:
        >>> X = dlarray([[1.0], [3.0]], "CB")
        >>> multiplicationLayer(2).predict(X, X)[1, 0].item()
        9.0

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.multiplicationlayer.html
    """

    base_name = "multiplication"
    Type = "Multiplication"
    function = staticmethod(times)


class concatenationLayer(CombinationLayer):
    """The inputs one after the other along a dimension; labels stay.

    Args:
        dim: Number of the dimension, from 1 on, in the order S, C, B, T: 1 joins channels of
            "CB", 3 those of "SSCB".
        numInputs: Number of inputs, called in1, in2, ...
        Name: Name in the network.

    Raises:
        OptionError: A wrong ``dim`` or ``numInputs``.
        FormatError: Labels differ, or sizes of another dimension (in `predict`).

    Example:
        >>> X = dlarray([[1.0], [2.0]], "CB")
        >>> concatenationLayer(1, 2).predict(X, X).shape
        (4, 1)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.concatenationlayer.html
    """

    base_name = "concat"
    Type = "Concatenation"

    def __init__(self, dim: int, numInputs: int, *, Name: str = ""):
        super().__init__(numInputs, Name)
        (self.Dim,) = whole(self.kind, "dim", dim)

    def predict(self, *X: dlarray) -> dlarray:
        """The inputs joined."""
        return self._joined(self.Dim, X)

    def _line(self) -> str:
        return f"Concatenation of {self.NumInputs} inputs along dimension {self.Dim}"


class depthConcatenationLayer(CombinationLayer):
    """The channels of the inputs one after the other; labels stay.

    Args:
        numInputs: Number of inputs, called in1, in2, ...
        Name: Name in the network.

    Raises:
        OptionError: ``numInputs`` is no whole number of at least 2.
        FormatError: Labels differ, sizes other than channels differ, or there is no "C" (in
            `predict`).

    Example:
        >>> X = dlarray([[1.0], [2.0]], "CB")
        >>> depthConcatenationLayer(3).predict(X, X, X).shape
        (6, 1)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.depthconcatenationlayer.html
    """

    base_name = "depthcat"
    Type = "Depth concatenation"

    def __init__(self, numInputs: int, *, Name: str = ""):
        super().__init__(numInputs, Name)

    def predict(self, *X: dlarray) -> dlarray:
        """The inputs joined along "C"."""
        for x in X:
            need(self.kind, x, "C", "an input")
        return self._joined(int(finddim(X[0], "C")[0]), X)

    def _line(self) -> str:
        return f"Depth concatenation of {self.NumInputs} inputs"
