"""Activation functions.

The formulas are pure functions on raw arrays; the public functions (and those that only layers
use: `clippedrelu`, `elu`, `softplus`, `swish`) send them through the gate. All but `softmax` work
element by element: labels stay, and no format is needed. Plain numbers give plain numbers.
"""

from __future__ import annotations

import math
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from .. import _labels as labels
from .._numbers import Raw
from ..dlarray import apply
from ._align import broadcast
from ._once import once
from ._operands import formatted, need
from ._options import number, word

# Formulas


def relu_of(x: Raw) -> Raw:
    """max(x, 0), with derivative 0 at 0; NaN stays NaN."""
    return jnp.where(x <= 0, jnp.zeros_like(x), x)


def leakyrelu_of(x: Raw, scale: Raw) -> Raw:
    """Negative x times scale."""
    return jnp.where(x >= 0, x, scale * x)


def clippedrelu_of(x: Raw, ceiling: Raw) -> Raw:
    """min(max(x, 0), ceiling), with derivative 0 at both ends."""
    return jnp.where(x >= ceiling, ceiling * jnp.ones_like(x), relu_of(x))


def elu_of(x: Raw, alpha: Raw) -> Raw:
    """Negative x becomes alpha (e^x - 1)."""
    negative = jnp.where(
        x >= 0, jnp.zeros_like(x), x
    )  # e^x of large x must not reach the derivative
    return jnp.where(x >= 0, x, alpha * jnp.expm1(negative))


@jax.custom_jvp
def gelu_of(x: Raw) -> Raw:
    """The product of x and the normal distribution function."""
    return x * _normal(x)


@gelu_of.defjvp
def _gelu_tangent(primals: tuple[Raw], tangents: tuple[Raw]) -> tuple[Raw, Raw]:
    (x,), (dx,) = primals, tangents
    # On a CPU the memory to keep parts of the derivative costs more than to compute them again.
    again = once(x)
    density = jnp.exp(again * again / -2) / math.sqrt(2 * math.pi)
    return gelu_of(x), dx * (_normal(again) + again * density)


def _normal(x: Raw) -> Raw:
    """The distribution function of the normal distribution; in double exact in the left tail."""
    if x.dtype == np.float64:
        return jax.scipy.special.erfc(x * -math.sqrt(0.5)) / 2
    return (1 + lax.erf(x * math.sqrt(0.5))) / 2  # on a CPU in less than half the time


def gelu_by_tanh(x: Raw) -> Raw:
    """The approximation of `gelu_of` by a hyperbolic tangent."""
    return x / 2 * (1 + jnp.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x * x * x)))


def softsign_of(x: Raw) -> Raw:
    """The quotient x / (1 + |x|), of which the derivative at 0 is 1."""
    return x / (1 + jnp.sign(x) * x)


def hardsigmoid_of(x: Raw) -> Raw:
    """0.2 x + 0.5, kept between 0 and 1."""
    return clippedrelu_of(0.2 * x + 0.5, jnp.ones((), x.dtype))


# Public functions


def relu(X: Any) -> Any:
    """Rectified linear unit max(X, 0), element by element.

    The derivative at 0 is 0.

    Args:
        X: A dlarray, whose labels and number type stay, or plain numbers.

    Example:
        >>> print(relu([-1.5, 0.0, 2.0]))
        [0. 0. 2.]

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlarray.relu.html
    """
    return broadcast("relu", relu_of, X)


def leakyrelu(X: Any, scaleFactor: Any = 0.01) -> Any:
    """Leaky rectified linear unit: X where X >= 0, scaleFactor * X elsewhere.

    Args:
        X: A dlarray, whose labels and number type stay, or plain numbers.
        scaleFactor: Factor of negative elements, a scalar.

    Raises:
        OptionError: ``scaleFactor`` is no scalar.

    Example:
        >>> print(leakyrelu([-2.0, 3.0], 0.1))
        [-0.2  3. ]

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlarray.leakyrelu.html
    """
    return broadcast("leakyrelu", leakyrelu_of, X, number("leakyrelu", "scaleFactor", scaleFactor))


def sigmoid(X: Any) -> Any:
    """Logistic function 1 / (1 + e^-X), element by element.

    Args:
        X: A dlarray, whose labels and number type stay, or plain numbers.

    Example:
        >>> print(sigmoid(0.0))
        0.5

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlarray.sigmoid.html
    """
    return broadcast("sigmoid", jax.nn.sigmoid, X)


def gelu(X: Any, *, Approximation: Literal["none", "tanh"] = "none") -> Any:
    r"""Gaussian error linear unit, element by element.

    .. math:: \frac{x}{2} \left(1 + \operatorname{erf}\frac{x}{\sqrt 2}\right)

    Args:
        X: A dlarray, whose labels and number type stay, or plain numbers.
        Approximation: "tanh" replaces the error function by
            :math:`\tanh(\sqrt{2/\pi}\,(x + 0.044715 x^3))`.

    Raises:
        OptionError: Another word for ``Approximation``.

    Example:
        >>> print(gelu(1.0).round(4), gelu(1.0, Approximation="tanh").round(4))
        0.8413 0.8412

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlarray.gelu.html
    """
    kind = word("gelu", "Approximation", Approximation, ["none", "tanh"])
    return broadcast("gelu", gelu_by_tanh if kind == "tanh" else gelu_of, X)


def softmax(X: Any, *, DataFormat: str | None = None) -> Any:
    r"""Softmax over the channels: positive numbers with sum 1 at every other position.

    .. math:: Y_c = \frac{e^{X_c}}{\sum_{k} e^{X_k}}

    The largest channel is subtracted first, so large X do not overflow.

    Args:
        X: A dlarray with a "C" dimension, or an unformatted one with ``DataFormat``.
        DataFormat: Labels of an unformatted ``X`` in the order of its dimensions.

    Returns:
        An array with the sizes, labels and number type of ``X``.

    Raises:
        FormatError: No "C" dimension, or no labels and no ``DataFormat``.

    Example:
        >>> import numpy as np
        >>> from dltk.dlarray import dlarray
        >>> softmax(dlarray(np.log([[1.0], [3.0]]), "CB"))
          2(C) × 1(B) dlarray
        <BLANKLINE>
            0.2500
            0.7500

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlarray.softmax.html
    """
    data, restore = formatted("softmax", X, DataFormat)
    need("softmax", data, "C")
    axis = labels.find_stored(data.dims, "C")[0]
    return restore(apply("softmax", lambda x: jax.nn.softmax(x, axis=axis), [data], data.dims))


# For layers only


def clippedrelu(X: Any, ceiling: Any) -> Any:
    """min(max(X, 0), ceiling), element by element."""
    return broadcast("clippedrelu", clippedrelu_of, X, ceiling)


def elu(X: Any, alpha: Any = 1.0) -> Any:
    """X where X >= 0, alpha (e^X - 1) elsewhere."""
    return broadcast("elu", elu_of, X, alpha)


def swish(X: Any) -> Any:
    """X / (1 + e^-X), element by element."""
    return broadcast("swish", jax.nn.swish, X)


def softplus(X: Any) -> Any:
    """log(1 + e^X), element by element, without overflow."""
    return broadcast("softplus", jax.nn.softplus, X)
