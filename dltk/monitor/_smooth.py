"""Curves made fit for a picture: the trend of a noisy one, fewer points of a long one."""

from __future__ import annotations

import numpy as np


def trend(x: np.ndarray, y: np.ndarray) -> np.ndarray | None:
    """A smooth curve through noisy points, or None where the points are few or smooth already.

    Each value is that of a straight line fitted to the neighbours (one in 25 of all points on
    either side), twice over: unlike a moving average it does not lag and keeps a steep start.
    Points that are not finite count as missing.

    >>> trend(np.arange(100.0), np.arange(100.0)) is None
    True
    """
    keep = np.isfinite(y)
    if keep.sum() < 30:
        return None
    reach = max(3, int(keep.sum()) // 25)
    smooth = np.full(y.shape, np.nan)
    smooth[keep] = _local_lines(x[keep], _local_lines(x[keep], y[keep], reach), reach)
    # Second differences tell noise from curvature; their median, so that a steep start is no noise.
    noise = np.median(np.abs(np.diff(y[keep], 2))) / 1.65
    is_noisy = noise > 0.003 * np.ptp(smooth[keep]) and noise > 1e-9 * np.abs(y[keep]).max()
    return smooth if is_noisy else None


def _local_lines(x: np.ndarray, y: np.ndarray, reach: int) -> np.ndarray:
    """Least-squares line over x[i-reach : i+reach+1], read at x[i], for all i by running sums."""
    index = np.arange(len(x))
    low, high = np.maximum(index - reach, 0), np.minimum(index + reach + 1, len(x))

    def window_mean(values: np.ndarray) -> np.ndarray:
        sums = np.concatenate([[0.0], np.cumsum(values)])
        return (sums[high] - sums[low]) / (high - low)

    t = (x - x.mean()) / (np.ptp(x) or 1.0)
    mean_t, mean_y = window_mean(t), window_mean(y)
    spread = window_mean(t * t) - mean_t**2
    joint = window_mean(t * y) - mean_t * mean_y
    return mean_y + (t - mean_t) * joint / np.maximum(spread, 1e-300)


def thin_out(x: np.ndarray, y: np.ndarray, most: int = 2000) -> tuple[np.ndarray, np.ndarray]:
    """At most about ``most`` points that draw the same line: lowest and highest of each stretch.

    >>> thin_out(np.arange(6.0), np.array([0, 5, 2, 1, -7, 0.0]), most=4)[1]
    array([ 0.,  5.,  1., -7.,  0.])
    """
    if len(x) <= most:
        return x, y
    stretch = -(-len(x) // (most // 2))
    whole = len(y) // stretch * stretch
    blocks = np.where(np.isnan(y[:whole]), np.inf, y[:whole]).reshape(-1, stretch)
    lowest = np.argmin(blocks, axis=1)
    highest = np.argmax(np.where(blocks == np.inf, -np.inf, blocks), axis=1)
    starts = np.arange(len(blocks)) * stretch
    kept = np.concatenate(
        [starts + lowest, starts + highest, np.arange(whole, len(y)), [len(y) - 1]]
    )
    kept = np.unique(np.concatenate([[0], kept]))
    return x[kept], y[kept]
