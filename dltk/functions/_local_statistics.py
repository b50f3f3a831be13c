"""Local means, variances and covariance of two images, and the similarity made of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import lax

from .._numbers import Raw


class Constants(NamedTuple):
    """What keeps the three terms of the similarity from dividing by 0."""

    luminance: float
    contrast: float
    structure: float

    @classmethod
    def of(cls, largest: float) -> Constants:
        """The usual ones, for images with values up to ``largest``."""
        return cls((0.01 * largest) ** 2, (0.03 * largest) ** 2, (0.03 * largest) ** 2 / 2)


class Moments(NamedTuple):
    """Local means, variances and the covariance of two images."""

    x: Raw
    y: Raw
    xx: Raw
    yy: Raw
    xy: Raw


def local_moments(x: Raw, y: Raw, axes: Sequence[int], radius: float) -> Moments:
    """The moments, weighted by a Gaussian around each place."""
    sums = gaussian(jnp.stack([x, y, x * x, y * y, x * y]), [axis + 1 for axis in axes], radius)
    mx, my, xx, yy, xy = sums
    return Moments(mx, my, xx - mx * mx, yy - my * my, xy - mx * my)


def gaussian(x: Raw, axes: Sequence[int], radius: float) -> Raw:
    """Smoothed along axes, by a Gaussian cut after three standard deviations.

    As products with matrices: many times faster on a CPU than sums of shifted slices, above all
    their derivative.
    """
    shape = x.shape
    for axis in axes:
        matrix = _smoothing(shape[axis], radius).astype(x.dtype)
        rows = x.reshape(math.prod(shape[:axis]), shape[axis], -1)
        # HIGHEST: variances are small differences of what comes out
        x = jnp.einsum("ij,bjk->bik", matrix, rows, precision=lax.Precision.HIGHEST).reshape(shape)
    return x


@lru_cache(maxsize=64)
def _smoothing(cells: int, radius: float) -> np.ndarray:
    """The weight of each cell around each cell; what lies beyond the ends goes to the last one."""
    reach = math.ceil(3 * radius)
    steps = np.arange(-reach, reach + 1)
    weights = np.exp(-((steps / radius) ** 2) / 2)
    matrix = np.zeros((cells, cells))
    for step, weight in zip(steps, weights / weights.sum(), strict=True):
        places = np.clip(np.arange(cells) + step, 0, cells - 1)
        matrix[np.arange(cells), places] += weight
    return matrix


def terms(m: Moments, constants: Constants, *, apart: bool = False) -> tuple[Raw, Raw, Raw]:
    """Luminance, contrast and structure; the last two need not be ``apart`` if multiplied."""
    c1, c2, c3 = constants
    luminance = (2 * m.x * m.y + c1) / (m.x * m.x + m.y * m.y + c1)
    if 2 * c3 == c2 and not apart:  # their product simplifies, and no root is taken
        return luminance, jnp.ones((), m.x.dtype), (2 * m.xy + c2) / (m.xx + m.yy + c2)
    deviations = _root(m.xx) * _root(m.yy)
    contrast = (2 * deviations + c2) / (m.xx + m.yy + c2)
    return luminance, contrast, (m.xy + c3) / (deviations + c3)


def similarity(m: Moments, constants: Constants, exponents: Sequence[float]) -> Raw:
    """The similarity at each place."""
    first, second, third = exponents
    luminance, contrast, structure = terms(m, constants, apart=second != third)
    if second == third:
        return power(luminance, first) * power(contrast * structure, second)
    return power(luminance, first) * power(contrast, second) * power(structure, third)


def power(base: Raw, exponent: float) -> Raw:
    """A power that stays real: with a fractional exponent what is negative counts as 0."""
    if exponent == int(exponent):
        return base ** int(exponent)
    safe = jnp.where(base > 0, base, jnp.ones_like(base))
    return jnp.where(base > 0, safe**exponent, jnp.zeros_like(base))


def _root(variance: Raw) -> Raw:
    """Standard deviation, with derivative 0 where it is 0 (rounding may leave less)."""
    safe = jnp.where(variance > 0, variance, jnp.ones_like(variance))
    return jnp.where(variance > 0, jnp.sqrt(safe), jnp.zeros_like(variance))


def halved(x: Raw, axes: Sequence[int]) -> Raw:
    """Means of blocks of two cells along axes; a last cell without partner stays alone."""
    for axis in axes:
        n = x.shape[axis]
        x = jnp.pad(x, [(0, n % 2 * (i == axis)) for i in range(x.ndim)], mode="edge")
        x = x.reshape((*x.shape[:axis], -1, 2, *x.shape[axis + 1 :])).mean(axis + 1)
    return x
