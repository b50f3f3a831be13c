"""Losses of predictions against targets, element by element.

One row a loss: its formula. Lining up, weights, masks and normalization are `_loss_common`.
"""

from __future__ import annotations

from typing import Any, Literal

import jax.numpy as jnp

from .._errors import OptionError
from .._numbers import Raw
from ..dlarray import dlarray
from ._loss_common import Options, elementwise_loss, log_bounded
from ._options import number, word

Reductions = Literal["sum", "none"]
Normalizations = Literal["batch-size", "all-elements", "mask-included", "none"]

# Formulas


def _single_label(y: Raw, t: Raw) -> Raw:
    return -t * log_bounded(y)


def _multilabel(y: Raw, t: Raw) -> Raw:
    return -(t * log_bounded(y) + (1 - t) * log_bounded(1 - y))


def _absolute(y: Raw, t: Raw) -> Raw:
    return jnp.sign(y - t) * (y - t)  # derivative 0 where y = t


def _squared(y: Raw, t: Raw) -> Raw:
    return (y - t) * (y - t)


def _half_squared(y: Raw, t: Raw) -> Raw:
    return (y - t) * (y - t) / 2


def _huber(y: Raw, t: Raw, delta: Raw) -> Raw:
    size = _absolute(y, t)
    return jnp.where(size <= delta, size * size / 2, delta * size - delta * delta / 2)


# Public functions


def crossentropy(
    Y: Any,
    targets: Any,
    weights: Any = None,
    *,
    ClassificationMode: Literal["single-label", "multilabel"] | None = None,
    TargetCategories: Literal["exclusive", "independent"] | None = None,
    Mask: Any = None,
    Reduction: Reductions = "sum",
    NormalizationFactor: Normalizations = "batch-size",
    DataFormat: str | None = None,
    WeightsFormat: str | None = None,
) -> dlarray:
    r"""Cross-entropy of predicted probabilities, for classification.

    .. math::

        \text{loss} = -\frac{1}{N} \sum_{n} \sum_{j} m_{nj} w_{nj} T_{nj} \ln Y_{nj}

    and with "multilabel" :math:`T \ln Y + (1 - T) \ln (1 - Y)` in place of :math:`T \ln Y`. N is
    the number of observations ("B"), whatever the weights. Logarithms take probabilities below eps
    of the number type as eps.

    Args:
        Y: Probabilities, as `softmax` or `sigmoid` gives them: a formatted dlarray, or an
            unformatted one with ``DataFormat``.
        targets: Probabilities (one-hot vectors) of the size of ``Y``. Formatted ones have the
            labels of ``Y``. Unformatted ones take them over: their dimensions must stand in the
            order in which ``Y`` shows its own ("CBT" for ``Y`` labelled "CTB").
        weights: A scalar, an array of the size of ``Y``, or labelled weights that expand over the
            other dimensions: one for each class with ``WeightsFormat="C"``.
        ClassificationMode: "single-label" (default) or "multilabel".
        TargetCategories: The older name of it: "exclusive" or "independent".
        Mask: 1 for elements to include, 0 for the others; of the size of ``Y``, or with sizes 1.
        Reduction: "sum" adds all up; "none" returns the loss of each element, not normalized.
        NormalizationFactor: Divide the sum by the number of observations ("batch-size"), of all
            elements of ``Y`` ("all-elements"), in each observation by its number of included
            elements and then by that of observations ("mask-included"), or not at all ("none").
        DataFormat: Labels of unformatted ``Y`` and targets.
        WeightsFormat: Labels of unformatted weights.

    Returns:
        An unformatted 1-by-1 dlarray; with ``Reduction="none"`` an unformatted one of the size of
        ``Y``.

    Raises:
        FormatError: Sizes or labels do not fit, or ``Y`` has none.
        OptionError: A word that does not exist.

    Example:
        >>> Y = dlarray([[0.25, 0.5], [0.75, 0.5]], "CB")
        >>> loss = crossentropy(Y, [[0.0, 1.0], [1.0, 0.0]])
        >>> print(f"{loss.item():.4f}")  # (-ln 0.75 - ln 0.5) / 2
        0.4904

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlarray.crossentropy.html
    """
    name = "crossentropy"
    multilabel = classification_mode(name, ClassificationMode, TargetCategories) == "multilabel"
    options = Options(weights, WeightsFormat, Mask, Reduction, NormalizationFactor, DataFormat)
    return elementwise_loss(name, _multilabel if multilabel else _single_label, Y, targets, options)


def classification_mode(name: str, ClassificationMode: Any, TargetCategories: Any) -> str:
    """The classification mode, from its name or its older name."""
    if ClassificationMode is not None and TargetCategories is not None:
        raise OptionError(
            f"{name}: TargetCategories is the older name of ClassificationMode; give one.",
            got={"ClassificationMode": ClassificationMode, "TargetCategories": TargetCategories},
        )
    if TargetCategories is not None:
        old = {"exclusive": "single-label", "independent": "multilabel"}
        return old[word(name, "TargetCategories", TargetCategories, list(old))]
    mode = "single-label" if ClassificationMode is None else ClassificationMode
    return word(name, "ClassificationMode", mode, ["single-label", "multilabel"])


def l1loss(
    Y: Any,
    targets: Any,
    weights: Any = None,
    *,
    Mask: Any = None,
    Reduction: Reductions = "sum",
    NormalizationFactor: Normalizations = "batch-size",
    DataFormat: str | None = None,
    WeightsFormat: str | None = None,
) -> dlarray:
    r"""Sum of absolute differences, divided by the number of observations.

    .. math:: \text{loss} = \frac{1}{N} \sum_j m_j w_j |Y_j - T_j|

    The derivative where :math:`Y_j = T_j` is 0. The number of responses of an observation does not
    divide; ``NormalizationFactor="all-elements"`` gives the mean.

    Args:
        Y: Predictions, see `crossentropy` for this and all other arguments.
        targets: What ``Y`` should be.
        weights: Scalar, of the size of ``Y``, or labelled.
        Mask: 1 for elements to include.
        Reduction: "sum" or "none".
        NormalizationFactor: "batch-size", "all-elements", "mask-included" or "none".
        DataFormat: Labels of unformatted ``Y`` and targets.
        WeightsFormat: Labels of unformatted weights.

    Returns:
        An unformatted 1-by-1 dlarray, or one of the size of ``Y``.

    Raises:
        FormatError: Sizes or labels do not fit, or ``Y`` has none.
        OptionError: A word that does not exist.

    Example:
        >>> Y = dlarray([[1.0, 2.0], [3.0, 5.0]], "CB")
        >>> l1loss(Y, [[1.0, 1.0], [1.0, 1.0]]).item()
        3.5

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlarray.l1loss.html
    """
    options = Options(weights, WeightsFormat, Mask, Reduction, NormalizationFactor, DataFormat)
    return elementwise_loss("l1loss", _absolute, Y, targets, options)


def l2loss(
    Y: Any,
    targets: Any,
    weights: Any = None,
    *,
    Mask: Any = None,
    Reduction: Reductions = "sum",
    NormalizationFactor: Normalizations = "batch-size",
    DataFormat: str | None = None,
    WeightsFormat: str | None = None,
) -> dlarray:
    r"""Sum of squared differences, divided by the number of observations.

    .. math:: \text{loss} = \frac{1}{N} \sum_j m_j w_j (Y_j - T_j)^2

    Args:
        Y: Predictions, see `crossentropy` for this and all other arguments.
        targets: What ``Y`` should be.
        weights: Scalar, of the size of ``Y``, or labelled.
        Mask: 1 for elements to include.
        Reduction: "sum" or "none".
        NormalizationFactor: "batch-size", "all-elements", "mask-included" or "none".
        DataFormat: Labels of unformatted ``Y`` and targets.
        WeightsFormat: Labels of unformatted weights.

    Returns:
        An unformatted 1-by-1 dlarray, or one of the size of ``Y``.

    Raises:
        FormatError: Sizes or labels do not fit, or ``Y`` has none.
        OptionError: A word that does not exist.

    Example:
        >>> Y = dlarray([[1.0, 2.0], [3.0, 5.0]], "CB")
        >>> l2loss(Y, [[1.0, 1.0], [1.0, 1.0]]).item()
        10.5

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlarray.l2loss.html
    """
    options = Options(weights, WeightsFormat, Mask, Reduction, NormalizationFactor, DataFormat)
    return elementwise_loss("l2loss", _squared, Y, targets, options)


def huber(
    Y: Any,
    targets: Any,
    weights: Any = None,
    *,
    TransitionPoint: Any = 1,
    Mask: Any = None,
    Reduction: Reductions = "sum",
    NormalizationFactor: Normalizations = "batch-size",
    DataFormat: str | None = None,
    WeightsFormat: str | None = None,
) -> dlarray:
    r"""Huber loss: squares of small differences, absolute values of large ones.

    .. math::

        \text{loss} = \frac{1}{N} \sum_j m_j w_j h(Y_j - T_j), \qquad
        h(d) = \tfrac12 d^2 \text{ if } |d| \le \delta, \text{ else } \delta |d| - \tfrac12 \delta^2

    Args:
        Y: Predictions, see `crossentropy` for this and all other arguments.
        targets: What ``Y`` should be.
        weights: Scalar, of the size of ``Y``, or labelled.
        TransitionPoint: The positive scalar delta; 1 makes it the smooth L1 loss.
        Mask: 1 for elements to include.
        Reduction: "sum" or "none".
        NormalizationFactor: "batch-size", "all-elements", "mask-included" or "none".
        DataFormat: Labels of unformatted ``Y`` and targets.
        WeightsFormat: Labels of unformatted weights.

    Returns:
        An unformatted 1-by-1 dlarray, or one of the size of ``Y``.

    Raises:
        FormatError: Sizes or labels do not fit, or ``Y`` has none.
        OptionError: A word that does not exist, or a transition point that is not positive.

    Example:
        >>> Y = dlarray([[1.0, 1.5], [1.0, 4.0]], "CB")
        >>> huber(Y, [[1.0, 1.0], [1.0, 1.0]]).item()  # (0.5^2 / 2 + 3 - 1/2) / 2
        1.3125

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlarray.huber.html
    """
    delta = number("huber", "TransitionPoint", TransitionPoint, above=0)
    options = Options(weights, WeightsFormat, Mask, Reduction, NormalizationFactor, DataFormat)
    return elementwise_loss("huber", _huber, Y, targets, options, delta)


def mse(Y: Any, targets: Any, *, DataFormat: str | None = None) -> dlarray:
    r"""Half mean squared error, for regression.

    .. math:: \text{loss} = \frac{1}{2N} \sum_j (Y_j - T_j)^2

    Mind the half, and that N is the number of observations ("B"), not of elements.

    Args:
        Y: Predictions: a formatted dlarray, or an unformatted one with ``DataFormat``.
        targets: What ``Y`` should be; see `crossentropy`.
        DataFormat: Labels of unformatted ``Y`` and targets.

    Returns:
        An unformatted 1-by-1 dlarray.

    Raises:
        FormatError: Sizes or labels do not fit, or ``Y`` has none.

    Example:
        >>> Y = dlarray([[1.0, 2.0], [3.0, 4.0]], "CB")
        >>> mse(Y, [[0.0, 0.0], [0.0, 0.0]]).item()
        7.5

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlarray.mse.html
    """
    return elementwise_loss("mse", _half_squared, Y, targets, Options(DataFormat=DataFormat))
