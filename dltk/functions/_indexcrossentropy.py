"""Cross-entropy of class numbers, without one-hot vectors."""

from __future__ import annotations

from typing import Any, Literal

import jax.numpy as jnp
import numpy as np

from .. import _labels as labels
from .._errors import OptionError
from .._numbers import DOUBLE, Raw, raw
from ..dlarray import apply, dlarray
from ._loss_common import Fit, Options, finish, log_bounded, reduce
from ._operands import formatted, need
from ._options import number

NAME = "indexcrossentropy"


def indexcrossentropy(
    Y: Any,
    targets: Any,
    weights: Any = None,
    *,
    MaskIndex: Any = None,
    Mask: Any = None,
    Reduction: Literal["sum", "none"] = "sum",
    NormalizationFactor: Literal["batch-size", "target-included", "none"] = "batch-size",
    DataFormat: str | None = None,
    WeightsFormat: str | None = None,
) -> dlarray:
    r"""Cross-entropy of predicted probabilities and class numbers.

    .. math:: \text{loss} = -\frac{1}{N} \sum_j m_j w_j \ln Y_{T_j, j}

    over all positions j except channels; what `crossentropy` gives for the one-hot vectors of the
    targets, without making them.

    Args:
        Y: Probabilities of classes along "C": a formatted dlarray, or one with ``DataFormat``.
        targets: Class numbers from 1 to the number of channels, of the size of ``Y`` without "C" or
            with "C" of size 1. A number that is no class makes the loss NaN where it is not known
            before the loss is computed (inside a compiled function).
        weights: One per class (``WeightsFormat="C"``), a scalar, or of the size of ``Y``.
        MaskIndex: Targets with this number are left out.
        Mask: 1 for targets to include, 0 for the others; of the size of the targets.
        Reduction: "sum" or "none" (the loss of each target, without normalization).
        NormalizationFactor: Divide by the number of observations ("batch-size"), by the number of
            targets that are not left out ("target-included"), or not at all ("none").
        DataFormat: Labels of unformatted ``Y`` and targets.
        WeightsFormat: Labels of unformatted weights.

    Returns:
        An unformatted 1-by-1 dlarray; with ``Reduction="none"`` an unformatted one of the size of
        ``Y`` with one channel.

    Raises:
        FormatError: Sizes or labels do not fit, or ``Y`` has none.
        OptionError: A target that is no class number, or a word that does not exist.

    Example:
        >>> Y = dlarray([[0.25, 0.5], [0.75, 0.5]], "CB")
        >>> print(f"{indexcrossentropy(Y, [2, 1]).item():.4f}")  # (-ln 0.75 - ln 0.5) / 2
        0.4904

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlarray.indexcrossentropy.html
    """
    options = Options(weights, WeightsFormat, Mask, Reduction, NormalizationFactor, DataFormat)
    options = options.checked(NAME, ("batch-size", "target-included", "none"))
    data, restore = formatted(NAME, Y, DataFormat, targets, what="Y")
    classes = need(NAME, data, "C", "Y")
    fit = Fit(NAME, data, DataFormat)
    one = tuple(1 if letter == "C" else n for n, letter in zip(data.shape, data.dims, strict=True))
    target = fit.line_up("targets", _with_channel(fit, _double(targets), one), one)
    mask = fit.mask(None if Mask is None else _with_channel(fit, Mask, one), one)
    weigh = fit.weights(weights, WeightsFormat)
    ignored = None if MaskIndex is None else number(NAME, "MaskIndex", MaskIndex)
    if mask is None:
        _check_classes(target.value, classes, ignored)
    operands = {"m": mask, "w": weigh}
    operands = {key: operand for key, operand in operands.items() if operand is not None}

    def loss(y: Raw, t: Raw, *values: Raw) -> Raw:
        t = t.reshape(target.stored)
        given = {
            key: v.reshape(o.stored) for (key, o), v in zip(operands.items(), values, strict=False)
        }
        m = jnp.broadcast_to(given["m"] != 0, t.shape) if "m" in given else None
        if ignored is not None:
            kept = t != values[-1].reshape(())
            m = kept if m is None else m & kept
        valid = (t >= 1) & (t <= classes)
        index = jnp.where(valid, t, jnp.ones_like(t)).astype(np.int32) - 1
        p = _pick(y, index)
        p = p if m is None else jnp.where(m, p, jnp.ones_like(p))
        L = jnp.where(valid, -log_bounded(p), jnp.full_like(p, jnp.nan))
        w = _pick(given["w"], index) if "w" in given else None
        return reduce(L, m, w, data.dims, options)

    inputs = [data, target.value, *(o.value for o in operands.values())]
    inputs += [] if ignored is None else [ignored]
    return finish(NAME, loss, inputs, data.dims, options, restore)


def _pick(values: Raw, index: Raw) -> Raw:
    """The entry of each target's class; channels lie last. One channel stands for all."""
    if values.shape[-1] == 1:
        return values
    values = jnp.broadcast_to(values, (*index.shape[:-1], values.shape[-1]))
    return jnp.take_along_axis(values, index, axis=-1, mode="clip")


def _double(targets: Any) -> Any:
    """Class numbers as double, so that single ones do not make the loss single."""
    if not isinstance(targets, dlarray):
        return raw(targets, NAME).astype(DOUBLE)
    if targets.dtype == DOUBLE:
        return targets
    return apply(NAME, lambda t: t.astype(DOUBLE), [targets], targets.dims, mix=False)


def _with_channel(fit: Fit, value: Any, one: tuple[int, ...]) -> Any:
    """Unformatted targets that lack the channel dimension, with one of size 1."""
    if isinstance(value, dlarray) and value.dims:
        return value
    value = value if isinstance(value, dlarray) else raw(value, NAME)
    _, axes = labels.arrange(fit.order)
    sizes = [1] * len(fit.order)
    for n, axis in zip(one, axes, strict=False):
        sizes[axis] = n
    lacking = [n for n, letter in zip(sizes, fit.order, strict=True) if letter != "C"]
    given = labels.trimmed_shape("", value.shape)
    column = (lacking[0], 1) if len(lacking) == 1 else None
    if given == labels.trimmed_shape("", sizes):
        return value
    if given != column and given != labels.trimmed_shape("", lacking):
        return value  # `Fit` says what is wrong with it
    if isinstance(value, dlarray):
        return apply(NAME, lambda t: t.reshape(sizes), [value], "", mix=False)
    return value.reshape(sizes)


def _check_classes(targets: dlarray, classes: int, ignored: Any) -> None:
    """Refuse numbers that are no class, if the targets are at hand."""
    values = targets._data
    if not isinstance(values, np.ndarray) or isinstance(ignored, dlarray):
        return
    wrong = (values < 1) | (values > classes) | (values != np.round(values))
    if ignored is not None:
        wrong &= values != ignored
    if wrong.any():
        raise OptionError(
            f"{NAME}: {values[wrong].flat[0]:g} is not a class number.",
            got={"targets": labels.show(targets.shape, targets.dims), "classes": classes},
            fix=f'Classes are numbered from 1 to {classes}, the size of "C" of Y. To leave out '
            "targets with a certain number say MaskIndex.",
        )
