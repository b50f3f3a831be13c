"""Line searches: how far to go along a direction of descent.

With phi(t) the loss after a step of length t, phi'(t) its slope along the direction, a step must

* decrease the loss sufficiently: phi(t) <= phi(0) + c1 t phi'(0), and
* flatten the slope: phi'(t) >= c2 phi'(0) (weak Wolfe), or |phi'(t)| <= c2 |phi'(0)| (strong).

Everything here is plain Python on floats; a trial that gives no finite loss is a step too far.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

DECREASE, CURVATURE = 1e-4, 0.9  # c1 and c2, the usual ones for quasi-Newton directions
METHODS = ("weak-wolfe", "strong-wolfe", "backtracking")


@dataclass(frozen=True)
class Trial:
    """A step that was tried, with loss and slope there; ``point`` is the caller's."""

    step: float
    loss: float
    slope: float
    point: Any = None

    @property
    def usable(self) -> bool:
        """Whether loss and slope are numbers."""
        return math.isfinite(self.loss) and math.isfinite(self.slope)


def search(
    method: str,
    evaluate: Callable[[float], Trial],
    start: Trial,
    limit: int,
    roundoff: float = 0.0,
) -> tuple[Trial | None, bool]:
    """The step to take from ``start`` (step 0), and whether it satisfies the conditions.

    If none of ``limit`` trials satisfies them, the best of those that decrease the loss
    sufficiently is returned, or None.

    Args:
        method: One of `METHODS`.
        evaluate: Gives the trial at a step.
        start: The trial at step 0; its slope is negative.
        limit: Most evaluations.
        roundoff: Relative error of a loss; a smaller rise is none if the slope says so.

    Example:
        >>> parabola = lambda t: Trial(t, (t - 0.25) ** 2, 2 * (t - 0.25))
        >>> trial, satisfied = search("weak-wolfe", parabola, parabola(0.0), 20)
        >>> trial.step, satisfied
        (0.25, True)
    """
    low, high, best = start, None, None
    step = 1.0
    for _ in range(limit):
        trial = evaluate(step)
        if not _decreases(start, trial, roundoff):
            high = trial
        elif method == "backtracking" or _is_flat(method, start, trial):
            return trial, True
        else:
            best = trial if best is None or trial.loss < best.loss else best
            low, high = (trial, high) if trial.slope < 0 else (low, trial)
        step = 2 * step if high is None else _between(low, high)
    return best, False


def _decreases(start: Trial, trial: Trial, roundoff: float) -> bool:
    """Sufficient decrease; where losses differ by rounding only, as the slopes tell.

    The second form is exact for a parabola (Hager and Zhang, SIAM J. Optim. 16, 2005, eq. 4.1).
    """
    if not trial.usable:
        return False
    if trial.loss - start.loss <= DECREASE * trial.step * start.slope:  # false for a tiny step
        return True
    same = trial.loss <= start.loss + roundoff * abs(start.loss)
    low, high = CURVATURE * start.slope, (2 * DECREASE - 1) * start.slope
    return same and low <= trial.slope <= high


def _is_flat(method: str, start: Trial, trial: Trial) -> bool:
    slope = abs(trial.slope) if method == "strong-wolfe" else -trial.slope
    return slope <= -CURVATURE * start.slope


def _between(low: Trial, high: Trial) -> float:
    """A step between two trials: the minimum of the cubic through both, kept off the ends.

    ``low`` descends and ``high`` is too far, so a good step lies between. The bracket shrinks by a
    tenth at least.
    """
    width = high.step - low.step
    middle = low.step + 0.5 * width
    if not high.usable:
        return low.step + 0.25 * width
    # the cubic's minimum after Nocedal and Wright, Numerical Optimization, equation 3.59
    d1 = low.slope + high.slope - 3 * (high.loss - low.loss) / width
    square = d1 * d1 - low.slope * high.slope
    if not (math.isfinite(square) and square >= 0):
        return middle
    d2 = math.sqrt(square)
    divisor = high.slope - low.slope + 2 * d2
    if divisor == 0:
        return middle
    step = high.step - width * (high.slope + d2 - d1) / divisor
    return min(max(step, low.step + 0.1 * width), high.step - 0.1 * width)
