"""Schedules one after the other, as MATLAB's list {"warmup", schedule}."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .._errors import OptionError, nearest
from ._schedule import LearnRateSchedule
from ._schedules import (
    cosineLearnRate,
    cyclicalLearnRate,
    exponentialLearnRate,
    piecewiseLearnRate,
    polynomialLearnRate,
    timeBasedDecayLearnRate,
    warmupLearnRate,
)

KINDS = (
    cosineLearnRate,
    cyclicalLearnRate,
    exponentialLearnRate,
    piecewiseLearnRate,
    polynomialLearnRate,
    timeBasedDecayLearnRate,
    warmupLearnRate,
)


@dataclass(frozen=True)
class learn_rate_sequence:
    """Schedules one after the other; each counts its own steps.

    MATLAB takes such a list, ``{"warmup", schedule}``, as ``LearnRateSchedule``. A schedule runs
    for its ``NumSteps``, so all but the last must have one: `warmupLearnRate` and
    `polynomialLearnRate`.

    Args:
        schedules: Schedules, or the names "warmup", "polynomial", ... for those with default
            options.
        iterations_per_epoch: How many iterations an epoch has. Needed where a schedule that counts
            epochs follows one that counts iterations, or the other way round.

    Raises:
        OptionError: A name that does not exist, a schedule without end before another one, or the
            iterations of an epoch are missing.

    Example:
        >>> warmup = warmupLearnRate(InitialFactor=0.5, NumSteps=2)
        >>> fall = polynomialLearnRate(FinalFactor=0.5, NumSteps=2, FrequencyUnit="iteration")
        >>> schedule = learn_rate_sequence([warmup, fall])
        >>> [schedule(1.0, iteration) for iteration in (1, 2, 3, 4, 5)]
        [0.5, 0.75, 1.0, 0.75, 0.5]

    Source:
        https://www.mathworks.com/help/deeplearning/ref/trainingoptions.html
    """

    schedules: Sequence[LearnRateSchedule | str]
    iterations_per_epoch: int | None = None

    def __post_init__(self):
        made = tuple(_schedule(given) for given in self.schedules)
        object.__setattr__(self, "schedules", made)
        endless = [s for s in made[:-1] if math.isinf(s.steps)]
        if not made or endless:
            what = "there is none" if not made else f"{type(endless[0]).__name__} has no end"
            raise OptionError(
                f"learn_rate_sequence: {what}.",
                fix="Begin with warmupLearnRate or polynomialLearnRate, which have NumSteps, and "
                "put the others last.",
            )
        units = {s.FrequencyUnit for s in made}
        if len(units) > 1 and not self.iterations_per_epoch:
            raise OptionError(
                "learn_rate_sequence: some schedules count epochs, others iterations.",
                got={type(s).__name__: s.FrequencyUnit for s in made},
                fix="Pass iterations_per_epoch, or give them all one FrequencyUnit.",
            )

    def __call__(self, initialLearnRate: Any, iteration: int, epoch: int = 1) -> Any:
        """The learning rate of an iteration; see `LearnRateSchedule`."""
        schedules: Any = self.schedules
        per_epoch = self.iterations_per_epoch or 1
        for schedule in schedules:
            count = epoch if schedule.FrequencyUnit == "epoch" else iteration
            if count <= schedule.steps or schedule is schedules[-1]:
                return schedule(initialLearnRate, max(iteration, 1), max(epoch, 1))
            by_epoch = schedule.FrequencyUnit == "epoch"
            iteration -= schedule.steps * (per_epoch if by_epoch else 1)
            epoch -= schedule.steps if by_epoch else schedule.steps // per_epoch
        raise AssertionError("the last schedule answers")


def _schedule(given: Any) -> LearnRateSchedule:
    if isinstance(given, LearnRateSchedule):
        return given
    by_name = {kind.name: kind for kind in KINDS}
    if given not in by_name:
        raise OptionError(
            f"learn_rate_sequence: {given!r} is no schedule.", fix=nearest(given, by_name)
        )
    return by_name[given]()
