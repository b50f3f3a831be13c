"""What all normalizations share: zero mean and unit variance, then scale and offset per channel.

The variance divides by the number of elements and is computed from the deviations, so that single
precision keeps its digits far from zero. Where scale and root make a factor that is smaller than
the data they are multiplied first: on a CPU that halves the time of the derivative. The rule for
derivatives is the formula with the sums that are zero left out; its transpose, the gradient, takes
two means over the data.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from .._errors import OptionError
from .._numbers import Raw
from ..dlarray import apply, dlarray
from ._operands import Restore, formatted, need, per_channel, shown, vector
from ._options import number
from ._rules import known_tangents


class Prepared(NamedTuple):
    """Checked arguments of a normalization; ``inputs`` are X, offset, scale and epsilon."""

    X: dlarray
    restore: Restore
    channels: int
    inputs: list[Any]


def prepare(
    name: str, X: Any, offset: Any, scaleFactor: Any, DataFormat: str | None, Epsilon: Any
) -> Prepared:
    """The front that all normalizations share."""
    X, restore = formatted(name, X, DataFormat, offset, scaleFactor)
    channels = need(name, X, "C")
    real(name, X)
    got = {"X": shown(X)}
    offset = vector(name, "offset", offset, channels, got=got)
    scale = vector(name, "scaleFactor", scaleFactor, channels, got=got)
    epsilon = number(name, "Epsilon", Epsilon, least=0)
    return Prepared(X, restore, channels, [X, offset, scale, epsilon])


def real(name: str, X: dlarray) -> None:
    """Refuse complex data."""
    if X.dtype.kind == "c":
        raise OptionError(
            f"{name}: complex data cannot be normalized.",
            got={"X": shown(X)},
            fix="Normalize real(X) and imag(X) apart.",
        )


def standardized(name: str, given: Prepared, axes: tuple[int, ...], groups: int = 0) -> dlarray:
    """The normalization over the stored ``axes`` (of the split channels, with ``groups``)."""

    def normalize(x: Raw, b: Raw, g: Raw, epsilon: Raw) -> Raw:
        split = (*x.shape[:-1], groups, x.shape[-1] // groups) if groups else x.shape
        b, g = (_channels(v, split, groups) for v in (b, g))
        return standardize(x.reshape(split), b, g, epsilon, axes)[0].reshape(x.shape)

    return given.restore(apply(name, normalize, given.inputs, given.X.dims))


def _channels(v: Raw, split: tuple[int, ...], groups: int) -> Raw:
    """A number per channel, or one for all, beside the data (the channels split in groups)."""
    if groups and v.size > 1:
        return v.reshape((1,) * (len(split) - 2) + split[-2:])
    return per_channel(v, len(split))


def standardize(
    x: Raw, offset: Raw, scale: Raw, epsilon: Raw, axes: tuple[int, ...]
) -> tuple[Raw, Raw, Raw]:
    """Normalized data, mean and variance over ``axes``; offset and scale beside the data."""
    return _over(axes)(x, offset, scale, epsilon)


@cache
def _over(axes: tuple[int, ...]) -> Callable[..., tuple[Raw, Raw, Raw]]:
    """The compiled normalization, with its rule, for a choice of axes."""

    def run(x: Raw, offset: Raw, scale: Raw, epsilon: Raw) -> tuple[Raw, Raw, Raw]:
        mean = jnp.mean(x, axis=axes, keepdims=True)
        variance = jnp.mean(jnp.square(x - mean), axis=axes, keepdims=True)
        return affine(x, mean, variance, offset, scale, epsilon), mean, variance

    rule = jax.custom_jvp(run)
    rule.defjvp(partial(_tangents, axes), symbolic_zeros=True)
    return jax.jit(rule)


def _tangents(axes: tuple[int, ...], primals: Any, tangents: Any) -> Any:
    x, _, scale, epsilon = primals
    dx, doffset, dscale, depsilon = known_tangents(tangents)
    y, mean, variance = out = _over(axes)(*primals)
    root = lax.rsqrt(variance + epsilon)
    deviations = x - mean
    dmean, dvariance = jnp.zeros_like(mean), jnp.zeros_like(variance)
    dy = jnp.zeros_like(y)
    if dx is not None:
        dmean = jnp.mean(dx, axis=axes, keepdims=True)
        # the mean of the deviations is 0: that of dx has no part in the tangent of their squares
        dvariance = 2 * jnp.mean(deviations * dx, axis=axes, keepdims=True)
    by_root = dvariance if depsilon is None else dvariance + depsilon
    if dx is not None or depsilon is not None:
        moved = -deviations * (root * root / 2 * by_root)
        dy = _times(moved if dx is None else dx - dmean + moved, root, scale)
    if dscale is not None:
        dy = dy + _times(deviations, root, dscale)
    if doffset is not None:
        dy = dy + doffset
    return out, (dy, dmean, dvariance)


def affine(x: Raw, mean: Raw, variance: Raw, offset: Raw, scale: Raw, epsilon: Raw) -> Raw:
    """Scale times the standardized data plus offset, all beside the data."""
    return _times(x - mean, lax.rsqrt(variance + epsilon), scale) + offset


def _times(deviations: Raw, root: Raw, scale: Raw) -> Raw:
    """The product; root times scale first, where that is smaller than the data."""
    if np.broadcast_shapes(root.shape, scale.shape) == deviations.shape:
        return deviations * root * scale
    return deviations * (root * scale)
