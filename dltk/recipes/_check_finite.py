"""Stop where a loss becomes NaN, and say which parameter is concerned."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .._errors import NonFiniteError, OptionError
from ..dlarray import dlarray, extractdata
from ..optimizers._trees import Parameters


def check_finite(iteration: int, loss: Any, net: Any = None, gradients: Any = None) -> None:
    """Stop the loop when its loss is NaN or infinite, and name the first parameter concerned.

    Call it before the update: then ``net`` is what the loss was computed with. A parameter that is
    not finite became so in the update before, from its gradient, and is named, with what to do. If
    all are finite, the loss function itself made the NaN, from its data or by a formula such as
    ``log(0)``.

    The call waits for the loss. NaN does not go away, so it may be made in every tenth iteration.

    Args:
        iteration: Number of the iteration, for the message.
        loss: The loss, a scalar.
        net: The network or the parameters with which it was computed.
        gradients: Their gradients, if they are to be searched, too.

    Raises:
        NonFiniteError: The loss is NaN or infinite (also a FloatingPointError).
        OptionError: ``loss`` is no scalar.

    Example:
        >>> import numpy as np
        >>> parameters = {"W": np.ones(3), "b": np.array([1.0, np.nan])}
        >>> check_finite(17, 0.5, parameters)
        >>> check_finite(18, np.nan, parameters)
        Traceback (most recent call last):
        ...
        dltk._errors.NonFiniteError: check_finite: the loss is NaN in iteration 18.
          first parameter concerned: b, 1 of 2 elements not finite
        Its last update had a gradient too large or not finite: use a smaller learning rate, or a
        threshold (thresholdL2Norm); go on from a checkpoint before.
    """
    value = _plain(loss)
    if value.size != 1:
        raise OptionError(
            "check_finite: the loss is not a scalar.", got={"loss": f"array of size {value.shape}"}
        )
    number = float(np.real(value.reshape(())))
    if math.isfinite(number):
        return
    word = "NaN" if math.isnan(number) else "Inf" if number > 0 else "-Inf"
    parameter, gradient = _first(net), _first(gradients)
    got = {
        "first parameter concerned": parameter or ("none" if net is not None else ""),
        "largest parameter": "" if parameter or net is None else _largest(net),
        "first gradient concerned": gradient or ("none" if gradients is not None else ""),
    }
    raise NonFiniteError(
        f"check_finite: the loss is {word} in iteration {iteration}.",
        got={name: text for name, text in got.items() if text},
        fix=_advice(net is not None, bool(parameter)),
    )


def _advice(known: bool, concerned: bool) -> str:
    if concerned:
        return (
            "Its last update had a gradient too large or not finite: use a smaller learning rate, "
            "or a\nthreshold (thresholdL2Norm); go on from a checkpoint before."
        )
    if known:
        return (
            "The parameters are finite, so the loss function made it. If they have grown, use a "
            "smaller learning\nrate; else it is in the data, or made by log(0), 0/0 or the "
            "derivative of a square root at 0:\ndebug.findnan(modelLoss, net, X, T) names the "
            "operation and the line."
        )
    return (
        "Hand over the network, check_finite(iteration, loss, net), to see which parameter it was."
    )


def _first(tree: Any) -> str:
    """The first array of a tree that is not finite, in words; "" if all are."""
    if tree is None:
        return ""
    parameters = Parameters("check_finite", tree)
    for index, leaf in enumerate(parameters.leaves):
        bad = int(np.sum(~np.isfinite(_plain(leaf))))
        if bad:
            name = parameters.describe(index) or "it"
            return f"{name}, {bad} of {np.size(_plain(leaf))} elements not finite"
    return ""


def _largest(tree: Any) -> str:
    """The array of a tree with the largest element, in words."""
    parameters = Parameters("check_finite", tree)
    sizes = [float(np.max(np.abs(_plain(leaf)), initial=0)) for leaf in parameters.leaves]
    if not sizes:
        return "none"
    index = int(np.argmax(sizes))
    return f"{parameters.describe(index) or 'it'}, up to {sizes[index]:.3g}"


def _plain(value: Any) -> np.ndarray:
    return np.asarray(extractdata(value) if isinstance(value, dlarray) else value)
