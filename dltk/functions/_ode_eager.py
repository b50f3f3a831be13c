"""The same solution without compiling, for a right-hand side that needs values.

Steps are taken one by one on dlarrays, so that odefun may branch on values, print, or stop in a
debugger, and derivatives are recorded operation by operation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np

from .._numbers import Raw
from ..dlarray import apply, dlarray
from ._dormand_prince import ERROR, INTERPOLANT, NODES, WEIGHTS

Slope = Callable[[Any, dlarray], dlarray]


def march(slope: Slope, times: dlarray, y: dlarray, numbers: np.ndarray) -> list[dlarray]:
    """The states at all times but the first; NaN from where the solution cannot be continued.

    Args:
        slope: The right-hand side, of a time and a state.
        times: Times as a row; derivatives with respect to them are recorded as well.
        y: The state at the first time.
        numbers: First and largest step (0: to be chosen), relative and absolute tolerance.
    """
    known = np.asarray(times._data, np.float64).ravel()
    first, most, relative, absolute = (float(n) for n in numbers)
    direction, offset, found = np.sign(known[-1] - known[0]), 0.0, []
    span = abs(known[-1] - known[0])
    most = most or 0.1 * span
    k = slope(times[0], y)
    per_time = _relative(k, y, y, absolute / relative) / (0.8 * relative**0.2)
    h, rejected = min(first or (1 / per_time if per_time * most > 1 else most), most), False
    while offset < span:
        least = 16 * np.finfo(float).eps * abs(known[0] + direction * offset)
        h = min(max(h, least), most)
        h = span - offset if 1.1 * h >= span - offset else h
        t, step = times[0] + direction * offset, direction * h
        slopes = _stages(slope, t, y, step, k)
        new = y + _sum(step * WEIGHTS[6], slopes)
        size = _relative(_sum(h * ERROR, slopes), y, new, absolute / relative)
        ideal = 0.8 * (relative / size) ** 0.2 if size > 0 else 5.0
        if size <= relative:
            end = span if h == span - offset else offset + h
            while len(found) < known.size - 1 and abs(known[len(found) + 1] - known[0]) <= end:
                found.append(_interpolated((times[len(found) + 1] - t) / step, y, step, slopes))
            offset, y, k = end, new, slopes[6]
            h, rejected = h * np.clip(ideal, 0.2, 1.0 if rejected else 5.0), False
        elif h > least:
            h, rejected = h * (np.clip(ideal, 0.2, 0.5) if size == size else 0.2), True
        else:
            break
    return found + [y * np.nan] * (known.size - 1 - len(found))


def _stages(slope: Slope, t: Any, y: dlarray, step: float, k: dlarray) -> list[dlarray]:
    slopes = [k]
    for node, weights in zip(NODES[1:], WEIGHTS[1:], strict=True):
        slopes.append(slope(t + node * step, y + _sum(step * weights, slopes)))
    return slopes


def _sum(weights: Any, slopes: Sequence[dlarray]) -> Any:
    """The weighted sum of slopes, where the weights are not 0."""
    return sum(k * float(w) for w, k in zip(weights, slopes, strict=False) if w != 0)


def _interpolated(x: dlarray, y: dlarray, step: float, slopes: Sequence[dlarray]) -> dlarray:
    """The state at t + x h."""

    def state(x: Raw, y: Raw, *slopes: Raw) -> Raw:
        powers = jnp.stack([x.reshape(()) ** n for n in range(1, 5)])
        weights = step * (INTERPOLANT @ powers)
        return y + sum(w.astype(y.dtype) * k for w, k in zip(weights, slopes, strict=True))

    return apply("dlode45", state, [x, y, *slopes], y.dims, mix=False)


def _relative(change: dlarray, y: dlarray, other: dlarray, least: float) -> float:
    """The largest change relative to the state, where that is not below ``least``."""
    sizes = [np.abs(np.asarray(x._data)) for x in (change, y, other)]
    return float(np.max(sizes[0] / np.maximum(np.maximum(sizes[1], sizes[2]), least)))
