"""Losses for images of classes, where few of the pixels matter: overlap and focal cross-entropy."""

from __future__ import annotations

from typing import Any, Literal

import jax.numpy as jnp

from .. import _labels as labels
from .._numbers import Raw
from ..dlarray import apply, dlarray, unformatted
from ._loss import classification_mode
from ._loss_common import Fit, log_bounded
from ._operands import formatted, need
from ._options import number, word


def generalizedDice(X: Any, target: Any, *, DataFormat: str | None = None) -> dlarray:
    r"""Generalized Dice similarity of predicted and true segmentations, for each observation.

    .. math::

        D = \frac{2 \sum_k w_k \sum_m X_{km} T_{km}}{\sum_k w_k \sum_m (X_{km}^2 + T_{km}^2)},
        \qquad w_k = \frac{1}{\left(\sum_m T_{km}\right)^2}

    over classes k and places m: 1 where both are equal, 0 where they do not meet. The weights keep
    large classes from outweighing small ones. A class without any place in the target has the
    weight of one with a single place. The loss is ``1 - mean(generalizedDice(X, T), "all")``.

    Args:
        X: Probabilities of classes along "C", usually "SSCB": a formatted dlarray, or an
            unformatted one with ``DataFormat``.
        target: One-hot vectors of the size of ``X``; formatted, or in the order in which ``X``
            shows its dimensions.
        DataFormat: Labels of unformatted ``X`` and target; the result is then unformatted in that
            order.

    Returns:
        The similarities, with the labels of ``X`` and all sizes 1 but that of "B".

    Raises:
        FormatError: Sizes or labels do not fit, no "C" dimension, or no labels.

    Example:
        >>> T = dlarray([[[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]], "SCS")
        >>> generalizedDice(T, T).item(), generalizedDice(1 - T, T).item()
        (1.0, 0.0)

    Source:
        https://www.mathworks.com/help/vision/ref/generalizeddice.html and Sudre et al.,
        Generalised Dice overlap as a deep learning loss function for highly unbalanced
        segmentations, 2017 (squares in the denominator as Milletari et al., V-Net, 2016, have
        them; what a class that is absent weighs is ours).
    """
    name = "generalizedDice"
    data, restore = formatted(name, X, DataFormat, target)
    need(name, data, "C")
    truth = Fit(name, data, DataFormat, of="X").line_up("target", target, data.shape)
    places = labels.find_stored(data.dims, "STU")
    channels = labels.find_stored(data.dims, "C")

    def similarity(x: Raw, t: Raw) -> Raw:
        t = t.reshape(truth.stored)
        size = jnp.sum(t, places, keepdims=True)
        weight = 1 / jnp.square(jnp.where(size > 0, size, jnp.ones_like(size)))
        both, either = (
            jnp.sum(weight * jnp.sum(v, places, keepdims=True), channels, keepdims=True)
            for v in (x * t, x * x + t * t)
        )
        return 2 * both / jnp.where(either > 0, either, jnp.ones_like(either))

    return restore(apply(name, similarity, [data, truth.value], data.dims))


def _focal(y: Raw, t: Raw, alpha: Raw, gamma: Raw) -> Raw:
    return -alpha * _power(1 - y, gamma) * t * log_bounded(y)


def _focal_multilabel(y: Raw, t: Raw, alpha: Raw, gamma: Raw) -> Raw:
    return _focal(y, t, alpha, gamma) + _focal(1 - y, 1 - t, 1 - alpha, gamma)


def _power(base: Raw, exponent: Raw) -> Raw:
    """Powers of what is not negative, with derivative 0 at 0."""
    safe = jnp.where(base > 0, base, jnp.ones_like(base))
    return jnp.where(
        base > 0, safe**exponent, jnp.where(exponent == 0, 1.0, 0.0).astype(base.dtype)
    )


def focalCrossEntropy(
    Y: Any,
    targets: Any,
    *,
    Gamma: Any = 2,
    Alpha: Any = 0.25,
    ClassificationMode: Literal["single-label", "multilabel"] | None = None,
    TargetCategories: Literal["exclusive", "independent"] | None = None,
    Reduction: Literal["sum", "none"] = "sum",
    DataFormat: str | None = None,
) -> dlarray:
    r"""Focal cross-entropy: what is classified well already counts less.

    .. math:: \text{loss} = -\frac{1}{M} \sum_j \alpha (1 - Y_j)^\gamma\, T_j \ln Y_j

    and with "multilabel" the same of 1 - Y and 1 - T added, with :math:`1 - \alpha` for
    :math:`\alpha`. M is the number of targets that are not 0. Logarithms take probabilities below
    eps of the number type as eps.

    Args:
        Y: Probabilities, as `softmax` or `sigmoid` gives them: a formatted dlarray, or an
            unformatted one with ``DataFormat``.
        targets: One-hot vectors of the size of ``Y``; see `crossentropy`.
        Gamma: How much less: :math:`\gamma`, at least 0 (where it makes no difference).
        Alpha: Weight of the classes that are true, from 0 to 1.
        ClassificationMode: "single-label" (the default), one class for each observation, or
            "multilabel".
        TargetCategories: Older name of it: "exclusive" or "independent".
        Reduction: "sum", or "none" for the loss of each element, not divided by M.
        DataFormat: Labels of unformatted ``Y`` and targets.

    Returns:
        An unformatted 1-by-1 dlarray; with ``Reduction="none"`` an unformatted one of the size of
        ``Y``.

    Raises:
        FormatError: Sizes or labels do not fit, or ``Y`` has none.
        OptionError: A word that does not exist, or a number out of its range.

    Example:
        >>> Y = dlarray([[0.25, 0.5], [0.75, 0.5]], "CB")
        >>> loss = focalCrossEntropy(Y, [[0.0, 1.0], [1.0, 0.0]])
        >>> print(f"{loss.item():.4f}")  # (0.25^2 ln 0.75 + 0.5^2 ln 0.5) / -8
        0.0239

    Source:
        https://www.mathworks.com/help/vision/ref/focalcrossentropy.html and Lin et al., Focal loss
        for dense object detection, 2017 (whose weights "multilabel" has).
    """
    name = "focalCrossEntropy"
    multilabel = classification_mode(name, ClassificationMode, TargetCategories) == "multilabel"
    each = word(name, "Reduction", Reduction, ["sum", "none"]) == "none"
    data, restore = formatted(name, Y, DataFormat, targets, what="Y")
    truth = Fit(name, data, DataFormat).line_up("targets", targets, data.shape)
    options = [
        number(name, "Alpha", Alpha, least=0, most=1),
        number(name, "Gamma", Gamma, least=0),
    ]

    def loss(y: Raw, t: Raw, alpha: Raw, gamma: Raw) -> Raw:
        t = t.reshape(truth.stored)
        formula = _focal_multilabel if multilabel else _focal
        L = formula(y, t, alpha.reshape(()), gamma.reshape(()))
        count = jnp.sum((t != 0).astype(y.dtype))
        return L if each else (jnp.sum(L) / jnp.maximum(count, 1)).reshape(1, 1)

    found = apply(name, loss, [data, truth.value, *options], data.dims if each else "")
    return unformatted(restore(found), name) if each else found
