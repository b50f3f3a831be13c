"""Cross-entropy of class numbers, without one-hot vectors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import jax.numpy as jnp
import numpy as np

from .. import _labels as labels
from .._errors import OptionError
from .._numbers import LOGICAL, Raw, common, convert, raw
from ..dlarray import dlarray
from ._loss_common import Fit, Operand, Options, finish, log_bounded, reduce
from ._operands import formatted, need
from ._options import number


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

    over all positions j except channels; the value of `crossentropy` for the one-hot vectors of the
    targets, without making them.

    Args:
        Y: Probabilities of classes along "C": a formatted dlarray, or one with ``DataFormat``.
        targets: Class numbers from 1 to the number of channels, of the size of ``Y`` without "C" or
            with "C" of size 1. A number that is no class makes the loss NaN where it cannot be found
            before (while a function compiles).
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
    name = "indexcrossentropy"
    options = Options(weights, WeightsFormat, Mask, Reduction, NormalizationFactor, DataFormat)
    options.check(name, ("batch-size", "target-included", "none"))
    data, restore = formatted(name, Y, DataFormat, targets, what="Y")
    classes = need(name, data, "C", "Y")
    fit = Fit(name, data, DataFormat)
    single = tuple(1 if letter == "C" else n for n, letter in zip(data.shape, data.dims, strict=True))
    target = fit.line_up("targets", _with_channel(targets, single, data.dims, DataFormat), single)
    ignored = None if MaskIndex is None else number(name, "MaskIndex", MaskIndex)
    _check_classes(name, target, classes, ignored)
    mask = fit.mask(_with_channel(Mask, single, data.dims, DataFormat), single)
    weigh = fit.weights(weights, WeightsFormat)
    chosen = [(key, o) for key, o in (("m", mask), ("w", weigh)) if o is not None]
    inputs = [data, target.value, *(o.value for _, o in chosen)]
    inputs += [] if ignored is None else [ignored]
    dtype = common(x.dtype for x in (data, weigh.value if weigh else data) if x.dtype != LOGICAL)

    def loss(y: Raw, t: Raw, *values: Raw) -> Raw:
        given = {key: v.reshape(o.stored) for (key, o), v in zip(chosen, values, strict=False)}
        y, t = convert(y, dtype), t.reshape(target.stored)
        index, valid = _positions(t, classes)
        L = jnp.where(valid, -log_bounded(_pick(y, index)), jnp.nan)
        m = jnp.broadcast_to(given["m"] != 0, t.shape) if "m" in given else None
        if ignored is not None:
            kept = t != values[-1].reshape(()).astype(t.dtype)
            m = kept if m is None else m & kept
        if m is not None:  # a NaN that is masked must not reach the derivative
            L = jnp.where(valid, L, jnp.zeros_like(L)) if ignored is not None else L
        w = _weights_of(convert(given["w"], dtype), y, index) if "w" in given else None
        return reduce(L, m, w, data.dims, options)

    return finish(name, loss, inputs, data.dims, options, restore)
