"""Gradient clipping: the three helper functions of MATLAB's pages on training options in a loop."""

from __future__ import annotations

from typing import Any

from .._errors import OptionError
from ..functions import clip, max, sqrt, sum
from ..optimizers._trees import Parameters


def thresholdL2Norm(gradients: Any, gradientThreshold: float) -> Any:
    r"""Scale one gradient so that its Euclidean norm is at most a threshold.

    .. math:: g \leftarrow g \, \min(1, \theta / \lVert g \rVert)

    Args:
        gradients: The gradient of one parameter, a dlarray or array. For all parameters write
            ``dlupdate(lambda g: thresholdL2Norm(g, 1), gradients)``.
        gradientThreshold: The threshold, positive.

    Returns:
        The gradient, with its labels; unchanged to the last bit where its norm is not larger.

    Raises:
        OptionError: The threshold is not positive, or ``gradients`` is not one array.

    Example:
        >>> import numpy as np
        >>> thresholdL2Norm(np.array([3.0, 4.0]), 1)
        array([0.6, 0.8])

    Source:
        https://www.mathworks.com/help/deeplearning/ug/specify-training-options-in-custom-training-loop.html
    """
    _check("thresholdL2Norm", gradients, gradientThreshold)
    norm = sqrt(sum(abs(gradients) ** 2, "all"))
    return gradients * _share(gradientThreshold, norm)


def thresholdGlobalL2Norm(gradients: Any, gradientThreshold: float) -> Any:
    r"""Scale all gradients by one factor so that their norm together is at most a threshold.

    .. math:: g_i \leftarrow g_i \, \min(1, \theta / \sqrt{\textstyle\sum_j \lVert g_j \rVert^2})

    Args:
        gradients: Gradients in a table, list, struct or dict: what `dlgradient` returns, or as in
            MATLAB the column of its table, ``gradients.Value``.
        gradientThreshold: The threshold, positive.

    Returns:
        The gradients in a container of the same kind.

    Raises:
        OptionError: The threshold is not positive.

    Example:
        >>> import numpy as np
        >>> thresholdGlobalL2Norm([np.array([3.0]), np.array([4.0])], 1)
        [array([0.6]), array([0.8])]

    Source:
        https://www.mathworks.com/help/deeplearning/ug/specify-training-options-in-custom-training-loop.html
    """
    who = "thresholdGlobalL2Norm"
    _check_threshold(who, gradientThreshold)
    tree = Parameters(who, gradients)
    if not tree.leaves:
        return gradients
    total, *others = (sum(abs(g) ** 2, "all") for g in tree.leaves)
    for square in others:
        total = total + square
    share = _share(gradientThreshold, sqrt(total))
    return tree.container([g * share for g in tree.leaves])


def thresholdAbsoluteValue(gradients: Any, gradientThreshold: float) -> Any:
    """Bring the elements of one gradient into the range from minus to plus a threshold.

    Args:
        gradients: The gradient of one parameter, a dlarray or array. For all parameters write
            ``dlupdate(lambda g: thresholdAbsoluteValue(g, 1), gradients)``.
        gradientThreshold: The threshold, positive.

    Returns:
        The gradient, with its labels.

    Raises:
        OptionError: The threshold is not positive, or ``gradients`` is not one array.

    Example:
        >>> import numpy as np
        >>> thresholdAbsoluteValue(np.array([-3.0, 0.5]), 1)
        array([-1. ,  0.5])

    Source:
        https://www.mathworks.com/help/deeplearning/ug/specify-training-options-in-custom-training-loop.html
    """
    _check("thresholdAbsoluteValue", gradients, gradientThreshold)
    return clip(gradients, -gradientThreshold, gradientThreshold)


def _share(threshold: float, norm: Any) -> Any:
    """Factor that brings a norm down to a threshold; exactly 1 for a smaller one."""
    return threshold / max(norm, threshold)


def _check(who: str, gradients: Any, threshold: Any) -> None:
    if not hasattr(gradients, "shape"):
        raise OptionError(
            f"{who}: expected the gradient of one parameter, got a {type(gradients).__name__}.",
            fix=f"Write dlupdate(lambda g: {who}(g, {threshold!r}), gradients).",
        )
    _check_threshold(who, threshold)


def _check_threshold(who: str, threshold: Any) -> None:
    if isinstance(threshold, (int, float)) and not threshold > 0:
        raise OptionError(
            f"{who}: gradientThreshold must be positive.",
            got={"gradientThreshold": threshold},
            fix="For no threshold leave the call out.",
        )
