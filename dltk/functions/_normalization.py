"""Normalizations: subtract a mean, divide by a standard deviation, scale and shift per channel.

They differ in the dimensions over which mean and variance are taken. Variances divide by the number
of elements and are computed from the deviations, so single precision keeps its digits.
"""

from __future__ import annotations

from typing import Any, Literal

import jax.numpy as jnp
from jax import lax

from .. import _labels as labels
from .._errors import FormatError, OptionError, nearest
from .._numbers import Raw
from ..dlarray import apply, dlarray
from ._operands import formatted, need, per_channel, shown, vector


def _moments(x: Raw, axes: tuple[int, ...]) -> tuple[Raw, Raw]:
    """Mean and population variance over ``axes``, which stay with size 1."""
    mean = jnp.mean(x, axis=axes, keepdims=True)
    return mean, jnp.mean(jnp.square(x - mean), axis=axes, keepdims=True)


def _affine(x: Raw, mean: Raw, var: Raw, offset: Raw, scale: Raw, epsilon: float) -> Raw:
    rank = x.ndim
    standard = (x - mean) * lax.rsqrt(var + epsilon)
    return standard * per_channel(scale, rank) + per_channel(offset, rank)


def _prepared(
    name: str, X: Any, offset: Any, scaleFactor: Any, DataFormat: str | None, Epsilon: float
) -> tuple[dlarray, Any, Any, Any]:
    """The checked front that all normalizations share."""
    X, restore = formatted(name, X, DataFormat, offset, scaleFactor)
    channels = need(name, X, "C")
    if Epsilon < 0:
        raise OptionError(f"{name}: Epsilon must not be negative.", got={"Epsilon": Epsilon})
    given = {"X": shown(X)}
    offset = vector(name, "offset", offset, channels, got=given)
    scale = vector(name, "scaleFactor", scaleFactor, channels, got=given)
    return X, restore, offset, scale


def batchnorm(
    X: Any,
    offset: Any,
    scaleFactor: Any,
    runningMean: Any = None,
    runningVariance: Any = None,
    *,
    DataFormat: str | None = None,
    Epsilon: float = 1e-5,
    MeanDecay: float = 0.1,
    VarianceDecay: float = 0.1,
    nargout: int = 1,
) -> Any:
    r"""Normalize each channel over observations, space and time.

    .. math:: y = \gamma \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} + \beta

    * ``batchnorm(X, offset, scale)``: with mean and variance of ``X``; with ``nargout=3`` these are
      returned too.
    * ``batchnorm(X, offset, scale, mu, sigmaSq)``: with the given statistics (prediction).
    * the same with ``nargout=3``: with the statistics of ``X`` (training), and the updated ones,
      :math:`decay \cdot new + (1 - decay) \cdot old`.

    Args:
        X: Data with a "C" dimension.
        offset: :math:`\beta`, one number per channel.
        scaleFactor: :math:`\gamma`, one number per channel.
        runningMean: Mean of each channel, trained or running.
        runningVariance: Variance of each channel.
        DataFormat: Labels of ``X`` when it has none.
        Epsilon: Keeps the root away from zero.
        MeanDecay: Weight of the new mean in the running one.
        VarianceDecay: Weight of the new variance in the running one.
        nargout: 1, or 3 for mean and variance as well.

    Returns:
        A dlarray like ``X``; with ``nargout=3`` also mean and variance, shaped like the given ones
        (numChannels × 1 without).

    Example:
        >>> X = dlarray([[1.0, 3.0]], "CB")
        >>> Y, mu, sigmaSq = batchnorm(X, 0, 1, nargout=3)
        >>> mu.item(), sigmaSq.item()
        (2.0, 1.0)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlarray.batchnorm.html
    """
    if nargout not in (1, 3):
        raise OptionError("batchnorm: nargout is 1 or 3.", got={"nargout": nargout})
    if (runningMean is None) != (runningVariance is None):
        raise OptionError("batchnorm: mean and variance come together.", fix="Give both or none.")
    X, restore, offset, scale = _prepared("batchnorm", X, offset, scaleFactor, DataFormat, Epsilon)
    axes = labels.find_stored(X.dims, "SBTU")
    if runningMean is None:
        return _with_own_statistics(X, restore, offset, scale, axes, Epsilon, nargout)
    given = {"X": shown(X)}
    channels = need("batchnorm", X, "C")
    mean = vector("batchnorm", "mean", runningMean, channels, got=given)
    var = vector("batchnorm", "variance", runningVariance, channels, got=given)
    if nargout == 1:
        return restore(
            apply(
                "batchnorm",
                lambda x, b, g, m, v: _affine(
                    x, per_channel(m, x.ndim), per_channel(v, x.ndim), b, g, Epsilon
                ),
                [X, offset, scale, mean, var],
                X.dims,
            )
        )

    def train(x: Raw, b: Raw, g: Raw, m: Raw, v: Raw) -> tuple[Raw, Raw, Raw]:
        new_m, new_v = _moments(x, axes)
        y = _affine(x, new_m, new_v, b, g, Epsilon)
        m = MeanDecay * new_m.reshape(m.shape) + (1 - MeanDecay) * m
        v = VarianceDecay * new_v.reshape(v.shape) + (1 - VarianceDecay) * v
        return y, m, v

    formats = (X.dims, _dims(mean), _dims(var))
    Y, m, v = apply("batchnorm", train, [X, offset, scale, mean, var], formats)
    return restore(Y), m, v


def _dims(value: Any) -> str:
    return value.dims if isinstance(value, dlarray) else ""


def _with_own_statistics(
    X: dlarray, restore: Any, offset: Any, scale: Any, axes: Any, epsilon: float, nargout: int
) -> Any:
    def normalize(x: Raw, b: Raw, g: Raw) -> tuple[Raw, Raw, Raw]:
        mean, var = _moments(x, axes)
        y = _affine(x, mean, var, b, g, epsilon)
        return y, mean.reshape(-1, 1), var.reshape(-1, 1)

    Y, mean, var = apply("batchnorm", normalize, [X, offset, scale], (X.dims, "", ""))
    return restore(Y) if nargout == 1 else (restore(Y), mean, var)


OPERATIONS = ("auto", "spatial-channel", "channel-only", "batch-excluded")


def layernorm(
    X: Any,
    offset: Any,
    scaleFactor: Any,
    *,
    DataFormat: str | None = None,
    Epsilon: float = 1e-5,
    OperationDimension: Literal[
        "auto", "spatial-channel", "channel-only", "batch-excluded"
    ] = "auto",
) -> dlarray:
    r"""Normalize each observation over its channels (and space), then scale and shift per channel.

    .. math:: y = \gamma \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} + \beta

    Args:
        X: Data with a "C" dimension.
        offset: :math:`\beta`, one number per channel.
        scaleFactor: :math:`\gamma`, one number per channel.
        DataFormat: Labels of ``X`` when it has none.
        Epsilon: Keeps the root away from zero.
        OperationDimension: What mean and variance are taken over: "auto" and "spatial-channel"
            space and channels, "channel-only" channels, "batch-excluded" all but the observations.

    Returns:
        A dlarray like ``X``.

    Example:
        >>> layernorm(dlarray([[1.0], [3.0]], "CB"), 0, 1, Epsilon=0)
          2(C) × 1(B) dlarray
        <BLANKLINE>
            -1
             1

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlarray.layernorm.html
    """
    if OperationDimension not in OPERATIONS:
        raise OptionError(
            f'layernorm: there is no OperationDimension "{OperationDimension}".',
            fix=nearest(OperationDimension, OPERATIONS),
        )
    X, restore, offset, scale = _prepared("layernorm", X, offset, scaleFactor, DataFormat, Epsilon)
    over = {"channel-only": "C", "batch-excluded": "SCTU"}.get(OperationDimension, "SC")
    axes = labels.find_stored(X.dims, over)

    def normalize(x: Raw, b: Raw, g: Raw) -> Raw:
        return _affine(x, *_moments(x, axes), b, g, Epsilon)

    return restore(apply("layernorm", normalize, [X, offset, scale], X.dims))


def instancenorm(
    X: Any,
    offset: Any,
    scaleFactor: Any,
    *,
    DataFormat: str | None = None,
    Epsilon: float = 1e-5,
) -> dlarray:
    r"""Normalize each channel of each observation over space and time.

    .. math:: y = \gamma \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} + \beta

    Args:
        X: Data with a "C" dimension and at least one of "S", "T", "U".
        offset: :math:`\beta`, one number per channel.
        scaleFactor: :math:`\gamma`, one number per channel.
        DataFormat: Labels of ``X`` when it has none.
        Epsilon: Keeps the root away from zero.

    Returns:
        A dlarray like ``X``.

    Raises:
        FormatError: ``X`` has no dimension to normalize over.

    Example:
        >>> instancenorm(dlarray([[1.0, 3.0]], "CT"), 0, 1, Epsilon=0)
          1(C) × 2(T) dlarray
        <BLANKLINE>
            -1     1

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlarray.instancenorm.html
    """
    X, restore, offset, scale = _prepared(
        "instancenorm", X, offset, scaleFactor, DataFormat, Epsilon
    )
    axes = labels.find_stored(X.dims, "STU")
    if not axes:
        raise FormatError(
            "instancenorm: X has no spatial, time or unspecified dimension to normalize over.",
            got={"X": shown(X)},
            fix="For data with channels and observations only, use layernorm or batchnorm.",
        )

    def normalize(x: Raw, b: Raw, g: Raw) -> Raw:
        return _affine(x, *_moments(x, axes), b, g, Epsilon)

    return restore(apply("instancenorm", normalize, [X, offset, scale], X.dims))


def groupnorm(
    X: Any,
    numGroups: int | Literal["all-channels", "channel-wise"],
    offset: Any,
    scaleFactor: Any,
    *,
    DataFormat: str | None = None,
    Epsilon: float = 1e-5,
) -> dlarray:
    r"""Normalize groups of consecutive channels of each observation, with space and time.

    .. math:: y = \gamma \frac{x - \mu}{\sqrt{\sigma^2 + \epsilon}} + \beta

    Args:
        X: Data with a "C" dimension.
        numGroups: Number of groups, a divisor of the number of channels; "all-channels" is one
            group, "channel-wise" one group per channel.
        offset: :math:`\beta`, one number per channel.
        scaleFactor: :math:`\gamma`, one number per channel.
        DataFormat: Labels of ``X`` when it has none.
        Epsilon: Keeps the root away from zero.

    Returns:
        A dlarray like ``X``.

    Raises:
        OptionError: The groups do not divide the channels.

    Example:
        >>> X = dlarray([[1.0], [3.0], [10.0], [30.0]], "CB")
        >>> groupnorm(X, 2, 0, 1, Epsilon=0)
          4(C) × 1(B) dlarray
        <BLANKLINE>
           -1.0000
            1.0000
           -1.0000
            1.0000

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlarray.groupnorm.html
    """
    X, restore, offset, scale = _prepared("groupnorm", X, offset, scaleFactor, DataFormat, Epsilon)
    channels = need("groupnorm", X, "C")
    groups = {"all-channels": 1, "channel-wise": channels}.get(numGroups, numGroups)  # type: ignore[arg-type]
    if not isinstance(groups, int) or groups < 1 or channels % groups:
        raise OptionError(
            f"groupnorm: {numGroups} groups do not divide {channels} channels.",
            got={"X": shown(X), "numGroups": numGroups},
            fix='numGroups is a divisor of the channels, "all-channels" or "channel-wise".',
        )
    axes = (*labels.find_stored(X.dims, "STU"), len(X.dims))  # channels come last, split in two

    def normalize(x: Raw, b: Raw, g: Raw) -> Raw:
        split = x.reshape(*x.shape[:-1], groups, channels // groups)
        mean, var = _moments(split, axes)
        standard = ((split - mean) * lax.rsqrt(var + Epsilon)).reshape(x.shape)
        return standard * per_channel(g, x.ndim) + per_channel(b, x.ndim)

    return restore(apply("groupnorm", normalize, [X, offset, scale], X.dims))


def crosschannelnorm(
    X: Any,
    windowSize: int,
    *,
    DataFormat: str | None = None,
    Alpha: float = 1e-4,
    Beta: float = 0.75,
    K: float = 2,
) -> dlarray:
    r"""Divide each value by a measure of its neighbours in other channels.

    .. math:: y = x \left(K + \frac{\alpha}{w} \sum_{window} x^2\right)^{-\beta}

    The sum runs over the w channels around each channel at the same position; at the ends the
    window is cut, but still divided by w.

    Args:
        X: Data with a "C" dimension.
        windowSize: Number of channels w; an even window has one more channel after than before.
        DataFormat: Labels of ``X`` when it has none.
        Alpha: :math:`\alpha`.
        Beta: :math:`\beta`, at least 0.01.
        K: At least 1e-5.

    Returns:
        A dlarray like ``X``.

    Raises:
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
    if not isinstance(windowSize, int) or windowSize < 1 or Beta < 0.01 or K < 1e-5:
        raise OptionError(
            "crosschannelnorm: windowSize is a whole number from 1, Beta at least 0.01, K at least 1e-5.",
            got={"windowSize": windowSize, "Beta": Beta, "K": K},
        )
    X, restore = formatted("crosschannelnorm", X, DataFormat)
    need("crosschannelnorm", X, "C")
    before, after = (windowSize - 1) // 2, windowSize // 2

    def normalize(x: Raw) -> Raw:
        channels = x.shape[-1]
        squares = jnp.pad(jnp.square(x), [(0, 0)] * (x.ndim - 1) + [(before, after)])
        total = sum(squares[..., k : k + channels] for k in range(windowSize))
        return x * (K + Alpha / windowSize * total) ** -Beta

    return restore(apply("crosschannelnorm", normalize, [X], X.dims))
