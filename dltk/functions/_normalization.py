"""Normalizations: they differ in the dimensions over which mean and variance are taken."""

from __future__ import annotations

from typing import Any, Literal

import jax.numpy as jnp
import numpy as np

from .. import _labels as labels
from .._errors import FormatError, OptionError
from .._numbers import Raw
from ..dlarray import apply, dlarray
from ._folds import fold
from ._operands import formatted, need, per_channel, shown, vector
from ._options import number, outputs, whole, word
from ._standardize import Prepared, affine, prepare, real, standardize, standardized


def batchnorm(
    X: Any,
    offset: Any,
    scaleFactor: Any,
    mu: Any = None,
    sigmaSq: Any = None,
    *,
    DataFormat: str | None = None,
    Epsilon: Any = 1e-5,
    MeanDecay: Any = 0.1,
    VarianceDecay: Any = 0.1,
    nargout: int = 1,
) -> Any:
    r"""Normalize each channel over all observations, places and time steps.

    .. math:: y = \gamma \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} + \beta

    What is asked for decides which mean and variance:

    * ``batchnorm(X, offset, scaleFactor)``: those of ``X``; ``nargout=3`` returns them too.
    * ``batchnorm(X, offset, scaleFactor, mu, sigmaSq)``: the given ones, for prediction.
    * the same with ``nargout=3``: those of ``X``, for training; returned are the running ones,
      updated to ``decay * new + (1 - decay) * old``. Note that the decay weighs the new value.

    Variances divide by the number of elements.

    Args:
        X: Real data with a "C" dimension, formatted, or unformatted with ``DataFormat``.
        offset: :math:`\beta`, one number per channel, or a scalar.
        scaleFactor: :math:`\gamma`, one number per channel, or a scalar.
        mu: Mean of each channel, trained or running.
        sigmaSq: Variance of each channel, trained or running.
        DataFormat: Labels of an unformatted ``X``; the result is then unformatted in that order.
        Epsilon: What is added to the variance.
        MeanDecay: Weight of the mean of ``X`` in the updated mean, from 0 to 1.
        VarianceDecay: Weight of the variance of ``X`` in the updated variance, from 0 to 1.
        nargout: 1, or 3 for mean and variance too (2 leaves the variance out).

    Returns:
        A dlarray in the format of ``X``. With ``nargout=3`` also mean and variance, in size and
        labels like ``mu`` and ``sigmaSq``; without these numChannels × 1, labelled "C" if
        ``offset`` is labelled.

    Raises:
        FormatError: No "C" dimension, or a vector that has not one number per channel.
        OptionError: A wrong option, or only one of ``mu`` and ``sigmaSq``.

    Example:
        >>> X = dlarray([[1.0, 3.0]], "CB")
        >>> Y, mu, sigmaSq = batchnorm(X, 0, 1, nargout=3)
        >>> mu.item(), sigmaSq.item()
        (2.0, 1.0)
        >>> Y, mu, sigmaSq = batchnorm(X, 0, 1, 0, 1, nargout=3)
        >>> round(mu.item(), 6), round(sigmaSq.item(), 6)
        (0.2, 1.0)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlarray.batchnorm.html
    """
    outputs("batchnorm", nargout, (1, 2, 3))
    given = prepare("batchnorm", X, offset, scaleFactor, DataFormat, Epsilon)
    axes = labels.find_stored(given.X.dims, "SBTU")
    if mu is None and sigmaSq is None:
        fmt = "CU" if isinstance(offset, dlarray) and offset.dims else ""
        column = (1, given.channels) if fmt else (given.channels, 1)

        def normalize(x: Raw, b: Raw, g: Raw, e: Raw) -> tuple[Raw, Raw, Raw]:
            y, mean, var = _over_batch(x, b, g, e, axes)
            return y, mean.reshape(column), var.reshape(column)

        found = apply("batchnorm", normalize, given.inputs, (given.X.dims, fmt, fmt))
        return _first(given, found, nargout)
    statistics = _statistics(given, mu, sigmaSq)
    if nargout == 1:
        predicted = apply("batchnorm", _with_given, [*given.inputs, *statistics], given.X.dims)
        return given.restore(predicted)
    decays = [
        number("batchnorm", "MeanDecay", MeanDecay, least=0, most=1),
        number("batchnorm", "VarianceDecay", VarianceDecay, least=0, most=1),
    ]

    def train(x: Raw, b: Raw, g: Raw, e: Raw, *old: Raw) -> tuple[Raw, Raw, Raw]:
        y, mean, var = _over_batch(x, b, g, e, axes)
        return y, _updated(old[0], mean, old[2]), _updated(old[1], var, old[3])

    inputs = [*given.inputs, *statistics, *decays]
    formats = (given.X.dims, *(_labels_kept(s, given.channels) for s in statistics))
    return _first(given, apply("batchnorm", train, inputs, formats), nargout)


def _over_batch(
    x: Raw, b: Raw, g: Raw, epsilon: Raw, axes: tuple[int, ...]
) -> tuple[Raw, Raw, Raw]:
    return standardize(x, per_channel(b, x.ndim), per_channel(g, x.ndim), epsilon, axes)


def _with_given(x: Raw, b: Raw, g: Raw, epsilon: Raw, mean: Raw, variance: Raw) -> Raw:
    mean, variance, b, g = (per_channel(v, x.ndim) for v in (mean, variance, b, g))
    return affine(x, mean, variance, b, g, epsilon)


def _updated(old: Raw, new: Raw, decay: Raw) -> Raw:
    """The running value, in the shape that it had; a column if it was one number for all."""
    decay = decay.reshape(())
    if old.size == new.size:
        return decay * new.reshape(old.shape) + (1 - decay) * old
    return decay * new.reshape(-1, 1) + (1 - decay) * old.reshape(1, 1)


def _labels_kept(statistic: Any, channels: int) -> str:
    dims = statistic.dims if isinstance(statistic, dlarray) else ""
    return dims if dims and statistic.size == channels else ""


def _statistics(given: Prepared, mu: Any, sigmaSq: Any) -> list[Any]:
    if mu is None or sigmaSq is None:
        raise OptionError(
            "batchnorm: mu and sigmaSq come together.",
            got={
                name: "none" if value is None else shown(value)
                for name, value in (("mu", mu), ("sigmaSq", sigmaSq))
            },
            fix="Give both, or none.",
        )
    got = {"X": shown(given.X)}
    return [
        vector("batchnorm", "mu", mu, given.channels, got=got),
        vector("batchnorm", "sigmaSq", sigmaSq, given.channels, got=got),
    ]


def _first(given: Prepared, found: tuple[dlarray, ...], nargout: int) -> Any:
    values = (given.restore(found[0]), *found[1:])
    return values[0] if nargout == 1 else values[:nargout]


OPERATIONS = ("auto", "channel-only", "spatial-channel", "batch-excluded")


def layernorm(
    X: Any,
    offset: Any,
    scaleFactor: Any,
    *,
    DataFormat: str | None = None,
    Epsilon: Any = 1e-5,
    OperationDimension: Literal[
        "auto", "channel-only", "spatial-channel", "batch-excluded"
    ] = "auto",
) -> dlarray:
    r"""Normalize each observation (and time step) over its channels and places.

    .. math:: y = \gamma \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} + \beta

    Args:
        X: Real data with a "C" dimension, formatted, or unformatted with ``DataFormat``.
        offset: :math:`\beta`, one number per channel, or a scalar.
        scaleFactor: :math:`\gamma`, one number per channel, or a scalar.
        DataFormat: Labels of an unformatted ``X``; the result is then unformatted in that order.
        Epsilon: What is added to the variance.
        OperationDimension: Over which dimensions: "auto" and "spatial-channel" "S" and "C",
            "channel-only" "C", "batch-excluded" all but "B" (time too, as before R2023a).

    Returns:
        A dlarray in the format of ``X``.

    Raises:
        FormatError: No "C" dimension, or a vector that has not one number per channel.
        OptionError: A wrong option.

    Example:
        >>> layernorm(dlarray([[1.0], [3.0]], "CB"), 0, 1, Epsilon=0)
          2(C) × 1(B) dlarray
        <BLANKLINE>
            -1
             1

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlarray.layernorm.html
    """
    operation = word("layernorm", "OperationDimension", OperationDimension, OPERATIONS)
    given = prepare("layernorm", X, offset, scaleFactor, DataFormat, Epsilon)
    over = {"channel-only": "C", "batch-excluded": "SCTU"}.get(operation, "SC")
    return standardized("layernorm", given, labels.find_stored(given.X.dims, over))


def instancenorm(
    X: Any,
    offset: Any,
    scaleFactor: Any,
    *,
    DataFormat: str | None = None,
    Epsilon: Any = 1e-5,
) -> dlarray:
    r"""Normalize each channel of each observation over places and time.

    .. math:: y = \gamma \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} + \beta

    Args:
        X: Real data with a "C" dimension and at least one of "S", "T", "U", formatted, or
            unformatted with ``DataFormat``.
        offset: :math:`\beta`, one number per channel, or a scalar.
        scaleFactor: :math:`\gamma`, one number per channel, or a scalar.
        DataFormat: Labels of an unformatted ``X``; the result is then unformatted in that order.
        Epsilon: What is added to the variance.

    Returns:
        A dlarray in the format of ``X``.

    Raises:
        FormatError: No "C" dimension, nothing to normalize over, or a vector that has not one
            number per channel.

    Example:
        >>> instancenorm(dlarray([[1.0, 3.0]], "CT"), 0, 1, Epsilon=0)
          1(C) × 2(T) dlarray
        <BLANKLINE>
            -1     1

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlarray.instancenorm.html
    """
    given = prepare("instancenorm", X, offset, scaleFactor, DataFormat, Epsilon)
    axes = labels.find_stored(given.X.dims, "STU")
    if not axes:
        raise FormatError(
            'instancenorm: X has no "S", "T" or "U" dimension to normalize over.',
            got={"X": shown(given.X)},
            fix="For channels and observations alone use layernorm or batchnorm.",
        )
    return standardized("instancenorm", given, axes)


def groupnorm(
    X: Any,
    numGroups: int | Literal["all-channels", "channel-wise"],
    offset: Any,
    scaleFactor: Any,
    *,
    DataFormat: str | None = None,
    Epsilon: Any = 1e-5,
) -> dlarray:
    r"""Normalize groups of consecutive channels of each observation, over places and time too.

    .. math:: y = \gamma \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} + \beta

    Args:
        X: Real data with a "C" dimension, formatted, or unformatted with ``DataFormat``.
        numGroups: Number of groups, a divisor of the number of channels; "all-channels" is one
            group, "channel-wise" one group per channel.
        offset: :math:`\beta`, one number per channel, or a scalar.
        scaleFactor: :math:`\gamma`, one number per channel, or a scalar.
        DataFormat: Labels of an unformatted ``X``; the result is then unformatted in that order.
        Epsilon: What is added to the variance.

    Returns:
        A dlarray in the format of ``X``.

    Raises:
        FormatError: No "C" dimension, or a vector that has not one number per channel.
        OptionError: The groups do not divide the channels.

    Example:
        >>> X = dlarray([[1.0], [3.0], [10.0], [30.0]], "CB")
        >>> groupnorm(X, 2, 0, 1)
          4(C) × 1(B) dlarray
        <BLANKLINE>
           -1.0000
            1.0000
           -1.0000
            1.0000

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlarray.groupnorm.html
    """
    given = prepare("groupnorm", X, offset, scaleFactor, DataFormat, Epsilon)
    groups = _groups(given, numGroups)
    axes = (*labels.find_stored(given.X.dims, "STU"), len(given.X.dims))  # the channels, split
    return standardized("groupnorm", given, axes, groups)


def _groups(given: Prepared, numGroups: Any) -> int:
    if isinstance(numGroups, str):
        words = {"all-channels": 1, "channel-wise": given.channels}
        return words[word("groupnorm", "numGroups", numGroups, list(words))]
    groups = whole("groupnorm", "numGroups", numGroups)[0]
    if given.channels % groups:
        raise OptionError(
            f"groupnorm: {groups} groups do not divide {given.channels} channels.",
            got={"X": shown(given.X)},
            fix='numGroups is a divisor of the channels, "all-channels" or "channel-wise".',
        )
    return groups


def crosschannelnorm(
    X: Any,
    windowSize: int,
    *,
    DataFormat: str | None = None,
    Alpha: Any = 1e-4,
    Beta: Any = 0.75,
    K: Any = 2,
) -> dlarray:
    r"""Divide each value by what its neighbours in other channels amount to.

    .. math:: y = \frac{x}{(K + \alpha s / w)^\beta}

    where s is the sum of squares over the w channels around each channel at the same position. At
    both ends the window is cut, but s still divided by w. An even window has one more channel after
    than before.

    Args:
        X: Real data with a "C" dimension, formatted, or unformatted with ``DataFormat``.
        windowSize: Number of channels w in a window.
        DataFormat: Labels of an unformatted ``X``; the result is then unformatted in that order.
        Alpha: :math:`\alpha`.
        Beta: :math:`\beta`, at least 0.01.
        K: At least 1e-5.

    Returns:
        A dlarray in the format of ``X``.

    Raises:
        FormatError: No "C" dimension.
        OptionError: A number out of its range.

    Example:
        >>> X = dlarray([[1.0], [1.0], [1.0]], "CB")
        >>> crosschannelnorm(X, 3, Alpha=1, Beta=1, K=1)
          3(C) × 1(B) dlarray
        <BLANKLINE>
            0.6000
            0.5000
            0.6000

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlarray.crosschannelnorm.html
    """
    X, restore = formatted("crosschannelnorm", X, DataFormat)
    need("crosschannelnorm", X, "C")
    real("crosschannelnorm", X)
    (window,) = whole("crosschannelnorm", "windowSize", windowSize)
    options = [
        number("crosschannelnorm", "Alpha", Alpha),
        number("crosschannelnorm", "Beta", Beta, least=0.01),
        number("crosschannelnorm", "K", K, least=1e-5),
    ]

    def normalize(x: Raw, *scalars: Raw) -> Raw:
        alpha, beta, k = (s.reshape(()) for s in scalars)
        ends = [(0, 0)] * (x.ndim - 1) + [((window - 1) // 2, window // 2)]
        squares = jnp.pad(jnp.square(x), ends)
        total = fold(lambda a, b: (a[0] + b[0],), (squares,), x.ndim - 1, window, 1)[0]
        return x * (k + alpha / np.asarray(window, x.dtype) * total) ** -beta

    return restore(apply("crosschannelnorm", normalize, [X, *options], X.dims))
