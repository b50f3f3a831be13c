"""Score transforms: what classifiers turn raw scores into, MATLAB's ``deep.transform``.

A row each: the formula on raw arrays above, the public function below. All but `ismax` and
`symmetricismax` work element by element and need no labels. Plain numbers give plain numbers.
(Sizes are free here; MATLAB takes two dimensions at most.)
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from .. import _labels as labels
from .._numbers import Raw
from ..dlarray import apply
from ._align import broadcast
from ._operands import formatted, need

# Formulas


def _doublelogit(x: Raw) -> Raw:
    return jax.nn.sigmoid(2 * x)


def _invlogit(x: Raw) -> Raw:
    return jnp.log(x) - jnp.log1p(-x)


def _symmetric(x: Raw) -> Raw:
    return 2 * x - 1


def _symmetriclogit(x: Raw) -> Raw:
    return jnp.tanh(x / 2)  # the same as 2 / (1 + exp(-x)) - 1, with all digits near 0


def _ismax(x: Raw, axis: int) -> Raw:
    return jax.nn.one_hot(jnp.argmax(x, axis), x.shape[axis], dtype=x.dtype, axis=axis)


def _symmetricismax(x: Raw, axis: int) -> Raw:
    return 2 * _ismax(x, axis) - 1


# Public functions


def logit(X: Any) -> Any:
    """Logistic function 1 / (1 + e^-X), element by element (in spite of its name).

    Args:
        X: A dlarray, whose labels and number type stay, or plain numbers.

    Example:
        >>> print(logit(0.0))
        0.5

    Source:
        https://www.mathworks.com/help/deeplearning/ref/deep.transform.logit.html
    """
    return broadcast("deep.transform.logit", jax.nn.sigmoid, X)


def doublelogit(X: Any) -> Any:
    """Logistic function of twice the score: 1 / (1 + e^-2X), element by element.

    Args:
        X: A dlarray, whose labels and number type stay, or plain numbers.

    Example:
        >>> print(doublelogit(1.0).round(4))
        0.8808

    Source:
        https://www.mathworks.com/help/deeplearning/ref/deep.transform.doublelogit.html
    """
    return broadcast("deep.transform.doublelogit", _doublelogit, X)


def invlogit(X: Any) -> Any:
    """Inverse of the logistic function: log(X / (1 - X)), element by element.

    Args:
        X: Probabilities: a dlarray, whose labels and number type stay, or plain numbers. 0 and 1
            give infinities, numbers outside NaN.

    Example:
        >>> print(invlogit(0.75).round(4))  # log 3
        1.0986

    Source:
        https://www.mathworks.com/help/deeplearning/ref/deep.transform.invlogit.html
    """
    return broadcast("deep.transform.invlogit", _invlogit, X)


def symmetric(X: Any) -> Any:
    """Scores between 0 and 1 spread to -1 to 1: 2 X - 1, element by element.

    Args:
        X: A dlarray, whose labels and number type stay, or plain numbers.

    Example:
        >>> print(symmetric([0.0, 0.75]))
        [-1.   0.5]

    Source:
        https://www.mathworks.com/help/deeplearning/ref/deep.transform.symmetric.html
    """
    return broadcast("deep.transform.symmetric", _symmetric, X)


def symmetriclogit(X: Any) -> Any:
    """Logistic function spread to -1 to 1: 2 / (1 + e^-X) - 1, element by element.

    Args:
        X: A dlarray, whose labels and number type stay, or plain numbers.

    Example:
        >>> print(symmetriclogit(1.0).round(4))
        0.4621

    Source:
        https://www.mathworks.com/help/deeplearning/ref/deep.transform.symmetriclogit.html
    """
    return broadcast("deep.transform.symmetriclogit", _symmetriclogit, X)


def sign(X: Any) -> Any:
    """Sign of each score: -1, 0 or 1. The derivative is 0.

    Args:
        X: A dlarray, whose labels and number type stay, or plain numbers.

    Example:
        >>> print(sign([-3.0, 0.0, 0.2]))
        [-1.  0.  1.]

    Source:
        https://www.mathworks.com/help/deeplearning/ref/deep.transform.sign.html
    """
    return broadcast("deep.transform.sign", jnp.sign, X)


def ismax(X: Any) -> Any:
    """1 for the largest score over the channels of each observation, 0 for the others.

    Of equal scores the first counts. The derivative is 0.

    Args:
        X: A dlarray with a "C" dimension.

    Returns:
        A dlarray with the sizes, labels and number type of ``X``.

    Raises:
        FormatError: ``X`` has no labels, or no "C" dimension.

    Example:
        >>> from dltk.dlarray import dlarray
        >>> ismax(dlarray([[0.2, 0.5], [0.8, 0.5]], "CB"))
          2(C) × 2(B) dlarray
        <BLANKLINE>
             0     1
             1     0

    Source:
        https://www.mathworks.com/help/deeplearning/ref/deep.transform.ismax.html
    """
    return _over_channels("deep.transform.ismax", _ismax, X)


def symmetricismax(X: Any) -> Any:
    """1 for the largest score over the channels of each observation, -1 for the others.

    Of equal scores the first counts. The derivative is 0.

    Args:
        X: A dlarray with a "C" dimension.

    Returns:
        A dlarray with the sizes, labels and number type of ``X``.

    Raises:
        FormatError: ``X`` has no labels, or no "C" dimension.

    Example:
        >>> from dltk.dlarray import dlarray
        >>> symmetricismax(dlarray([[0.2, 0.5], [0.8, 0.5]], "CB"))
          2(C) × 2(B) dlarray
        <BLANKLINE>
            -1     1
             1    -1

    Source:
        https://www.mathworks.com/help/deeplearning/ref/deep.transform.symmetricismax.html
    """
    return _over_channels("deep.transform.symmetricismax", _symmetricismax, X)


def _over_channels(name: str, function: Callable[[Raw, int], Raw], X: Any) -> Any:
    data, _ = formatted(name, X, None)
    need(name, data, "C")
    axis = labels.find_stored(data.dims, "C")[0]
    return apply(name, lambda x: function(x, axis), [data], data.dims)
