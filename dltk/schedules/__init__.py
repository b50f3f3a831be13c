"""Learning-rate schedules: records that give the rate of an iteration when they are called."""

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
from ._sequence import KINDS, learn_rate_sequence

__all__ = [
    "KINDS",
    "LearnRateSchedule",
    "cosineLearnRate",
    "cyclicalLearnRate",
    "exponentialLearnRate",
    "learn_rate_sequence",
    "piecewiseLearnRate",
    "polynomialLearnRate",
    "timeBasedDecayLearnRate",
    "warmupLearnRate",
]
