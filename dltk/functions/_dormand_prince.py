"""One step of Dormand and Prince's Runge-Kutta pair of orders 5 and 4, and its interpolant.

Times and step sizes are double, whatever the state is. The last slope of a step is the first of the
next.

Sources: Dormand and Prince, A family of embedded Runge-Kutta formulae, 1980; the interpolant is
Shampine's, Some practical Runge-Kutta formulas, 1986.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from .._numbers import Raw

_ROWS = [
    "",
    "1/5",
    "3/40 9/40",
    "44/45 -56/15 32/9",
    "19372/6561 -25360/2187 64448/6561 -212/729",
    "9017/3168 -355/33 46732/5247 49/176 -5103/18656",
    "35/384 0 500/1113 125/192 -2187/6784 11/84",
]


def _matrix(rows: list[str], columns: int) -> np.ndarray:
    numbers = [[float(Fraction(word)) for word in row.split()] for row in rows]
    return np.array([row + [0.0] * (columns - len(row)) for row in numbers])


WEIGHTS = _matrix(_ROWS, 7)  # of earlier slopes in each stage; the last row gives the result
NODES = WEIGHTS.sum(axis=1).round(15)
ERROR = _matrix(["71/57600 0 -71/16695 71/1920 -17253/339200 22/525 -1/40"], 7)[0]
INTERPOLANT = _matrix(  # of the slopes at t + x h: coefficients of x, x^2, x^3, x^4
    [
        "1 -183/64 37/12 -145/128",
        "0 0 0 0",
        "0 1500/371 -1000/159 1000/371",
        "0 -125/32 125/12 -375/64",
        "0 9477/3392 -729/106 25515/6784",
        "0 -11/7 11/3 -55/28",
        "0 3/2 -4 5/2",
    ],
    4,
)


def stages(rate: Callable[[Raw, Raw], Raw], t: Raw, y: Raw, h: Raw, first: Raw) -> Raw:
    """The seven slopes of a step of length h, as rows; the first is given."""

    def stage(slopes: Raw, row: Any) -> tuple[Raw, None]:
        place, node, weights = row
        slope = rate(t + node * h, y + weights @ slopes)
        return slopes.at[place].set(slope), None

    slopes = jnp.zeros((7, y.size), y.dtype).at[0].set(first)
    rows = (np.arange(1, 7), NODES[1:], (h * WEIGHTS[1:]).astype(y.dtype))
    return lax.scan(stage, slopes, rows)[0]


def result(y: Raw, h: Raw, slopes: Raw) -> Raw:
    """The state at the end of the step."""
    return y + (h * WEIGHTS[6]).astype(y.dtype) @ slopes


def error(h: Raw, slopes: Raw) -> Raw:
    """The difference to the method of order 4."""
    return (h * ERROR).astype(slopes.dtype) @ slopes


def interpolated(x: Raw, y: Raw, h: Raw, slopes: Raw) -> Raw:
    """The states at t + x h, a row for every x."""
    powers = x[:, None] ** np.arange(1, 5)[None]
    return y[None] + (h * (powers @ INTERPOLANT.T)).astype(y.dtype) @ slopes
