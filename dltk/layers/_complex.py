"""Layers for complex data: rectifiers, and ways to real data and back."""

from __future__ import annotations

from typing import Any, Literal

import jax.numpy as jnp

from .. import _labels as labels
from .._errors import FormatError, OptionError
from ..dlarray import apply, dlarray, stripdims
from ..functions._activation import relu
from ..functions._cat import cat
from ..functions._elementwise import complex_, imag, real
from ..functions._operands import shown
from ..functions._options import whole
from ..functions._shape import reshape
from ._activation import FunctionOfOne
from ._builtin import BuiltinLayer
from ._docs import describes

Dimension = Literal["C", "S", "B", "T", "U", "last"] | int

DIM = """OperationDimension: Label of the dimension ("C", "S", "B", "T", "U", of which there must be
            one), "last", or a number (from 1, in the order S, C, B, T).
        Name: Name in the network.

    Raises:
        OptionError: Another dimension.
        FormatError: The input does not have that dimension, or several of it"""


def _separately(X: dlarray) -> dlarray:
    return complex_(relu(real(X)), relu(imag(X))) if X.dtype.kind == "c" else relu(X)


class complexReluLayer(FunctionOfOne):
    """Rectified linear unit of real and imaginary parts, each for itself; any labels, which stay.

    max(real(X), 0) + i max(imag(X), 0); of real data max(X, 0).

    Args:
        Name: Name in the network.

    Example:
        >>> complexReluLayer().predict(dlarray([[-1 + 2j]], "CB")).item()
        2j

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.complexrelulayer.html
    """

    base_name = "complexrelu"
    Type = "Complex ReLU"
    function = staticmethod(_separately)


def _in_quadrant(X: dlarray) -> dlarray:
    def keep(x: Any) -> Any:
        return jnp.where((jnp.real(x) >= 0) & (jnp.imag(x) >= 0), x, jnp.zeros_like(x))

    return apply("zreluLayer", keep, [X], X.dims, mix=False)


class zreluLayer(FunctionOfOne):
    """X where both its real and its imaginary part are 0 or larger, 0 elsewhere.

    Any labels, which stay.

    Args:
        Name: Name in the network.

    Example:
        >>> zreluLayer().predict(dlarray([[-1 + 2j, 1 + 2j]], "CB"))[0, :].sum().item()
        (1+2j)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.zrelulayer.html
    """

    base_name = "zrelu"
    Type = "zReLU"
    function = staticmethod(_in_quadrant)


class PartsLayer(BuiltinLayer):
    """Base of the ways between complex and real: the dimension that holds the parts."""

    def __init__(self, OperationDimension: Dimension, Name: str):
        super().__init__(Name)
        self.OperationDimension: Any = OperationDimension
        if not isinstance(OperationDimension, str):
            (self.OperationDimension,) = whole(self.kind, "OperationDimension", OperationDimension)
        elif OperationDimension not in ("C", "S", "B", "T", "U", "last"):
            raise OptionError(
                f'{self.kind}: OperationDimension cannot be "{OperationDimension}".',
                fix='Use a label, "last", or a dimension number from 1 on.',
            )

    def _axis(self, X: dlarray) -> int:
        """The dimension, from 0 on."""
        dim = self.OperationDimension
        if dim == "last":
            return X.ndim - 1
        if not isinstance(dim, str):
            places = (dim - 1,) if dim <= X.ndim else ()
        else:
            places = labels.find(X.dims, dim)
        if len(places) != 1:
            raise FormatError(
                f"{self.kind}: the input must have one dimension {dim!r}.",
                got={"input": shown(X)},
                fix="Choose another OperationDimension.",
            )
        return places[0]


@describes(dim=DIM)
class complexToRealLayer(PartsLayer):
    """Complex data as real data of twice the size along one dimension.

    Element 2n - 1 is the real part, element 2n the imaginary part of element n. The labels stay.

    Args:
        {dim} (in `predict`).

    Example:
        >>> complexToRealLayer().predict(dlarray([[1 + 2j], [3 + 4j]], "CB"))[2, 0].item()
        3.0

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.complextoreallayer.html
    """

    base_name = "complextoreal"
    Type = "Complex to Real"

    def __init__(self, *, OperationDimension: Dimension = "C", Name: str = ""):
        super().__init__(OperationDimension, Name)

    def predict(self, X: dlarray) -> dlarray:
        """Real and imaginary parts in turn."""
        axis, plain = self._axis(X), stripdims(X)
        before, after = X.shape[:axis], X.shape[axis:]
        parts = (reshape(part(plain), [*before, 1, *after]) for part in (real, imag))
        Y = reshape(cat(axis + 1, *parts), [*before, 2 * after[0], *after[1:]])
        return dlarray(Y, X.dims)


@describes(dim=DIM)
class realToComplexLayer(PartsLayer):
    """Real data as complex data of half the size along one dimension.

    Element n has element 2n - 1 as its real part, and 2n as its imaginary part. The labels stay.

    Args:
        {dim}, or an
            odd number of elements along it (in `predict`).

    Example:
        >>> realToComplexLayer().predict(dlarray([[1.0], [2.0]], "CB")).item()
        (1+2j)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.realtocomplexlayer.html
    """

    base_name = "realtocomplex"
    Type = "Real to Complex"

    def __init__(self, *, OperationDimension: Dimension = "C", Name: str = ""):
        super().__init__(OperationDimension, Name)

    def predict(self, X: dlarray) -> dlarray:
        """Pairs of elements as complex numbers."""
        axis = self._axis(X)
        if X.shape[axis] % 2 or X.dtype.kind == "c":
            raise FormatError(
                f"{self.kind}: the input must be real, with an even number of elements along "
                f"dimension {axis + 1}.",
                got={"input": shown(X), "type": X.dtype},
                fix="Real and imaginary parts must come in turn.",
            )

        def each_second(first: int) -> dlarray:
            step = slice(first, None, 2)
            return X[tuple(step if i == axis else slice(None) for i in range(X.ndim))]

        return complex_(each_second(0), each_second(1))
