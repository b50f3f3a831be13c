"""Schedules give the rates of their formulas; optax has most of them, too."""

import math

import numpy as np
import optax
import pytest

from dltk import (
    LearnRateSchedule,
    OptionError,
    cosineLearnRate,
    cyclicalLearnRate,
    exponentialLearnRate,
    learn_rate_sequence,
    piecewiseLearnRate,
    polynomialLearnRate,
    timeBasedDecayLearnRate,
    warmupLearnRate,
)

BASE = 0.3
STEPS = range(25)
PAIRS = {
    "piecewise": (
        piecewiseLearnRate(DropFactor=0.5, Period=4),
        optax.exponential_decay(BASE, 4, 0.5, staircase=True),
    ),
    "exponential": (
        exponentialLearnRate(DropFactor=0.5, Period=4),
        optax.exponential_decay(BASE, 4, 0.5),
    ),
    "polynomial": (
        polynomialLearnRate(InitialFactor=2, FinalFactor=0.1, Power=3, NumSteps=10),
        optax.polynomial_schedule(2 * BASE, 0.1 * BASE, 3, 10),
    ),
    "warm-up": (
        warmupLearnRate(InitialFactor=0.2, NumSteps=6),
        optax.linear_schedule(0.2 * BASE, BASE, 6),
    ),
    "cosine, one cycle": (
        cosineLearnRate(FinalFactor=0.2, Period=10, PeriodGrowthFactor=math.inf),
        optax.cosine_decay_schedule(BASE, 10, alpha=0.2),
    ),
    "cosine, restarts that grow": (
        cosineLearnRate(FinalFactor=0.2, Period=3, PeriodGrowthFactor=2),
        optax.join_schedules(
            [optax.cosine_decay_schedule(BASE, n, alpha=0.2) for n in (3, 6, 12, 24)], [3, 9, 21]
        ),
    ),
    "cyclical": (
        cyclicalLearnRate(MaxFactor=4, Period=8),
        lambda k: BASE + 3 * BASE * (1 - abs(k % 8 - 4) / 4),
    ),
    "cyclical, rising for a quarter": (
        cyclicalLearnRate(MaxFactor=4, Period=8, StepRatio=0.25),
        lambda k: BASE + 3 * BASE * min(k % 8 / 2, (8 - k % 8) / 6),
    ),
    "time-based decay": (timeBasedDecayLearnRate(Decay=0.1), lambda k: BASE / (1 + 0.1 * k)),
}


@pytest.mark.parametrize("name", PAIRS)
def test_rates_are_those_of_the_formula(name):
    schedule, wanted = PAIRS[name]
    by_epoch = schedule.FrequencyUnit == "epoch"
    rates = [schedule(BASE, iteration=k + 1, epoch=k + 1) for k in STEPS]
    np.testing.assert_allclose(rates, [float(wanted(k)) for k in STEPS], rtol=2e-6)
    again = [schedule(BASE, 1, k + 1) if by_epoch else schedule(BASE, k + 1, 1) for k in STEPS]
    assert again == rates


def test_all_iterations_of_an_epoch_have_one_rate_unless_steps_are_iterations():
    by_epoch, by_iteration = (
        piecewiseLearnRate(Period=1),
        piecewiseLearnRate(Period=1, FrequencyUnit="iteration"),
    )
    assert {by_epoch(1.0, iteration, 2) for iteration in range(10, 20)} == {0.1}
    assert by_iteration(1.0, 3, 2) == pytest.approx(0.01)


def test_a_schedule_after_a_warm_up_counts_its_own_steps():
    """MATLAB's page: after a warm-up of 5 iterations, iteration 15 is step 10 of the schedule."""
    fall = polynomialLearnRate(NumSteps=20, FrequencyUnit="iteration")
    both = learn_rate_sequence(["warmup", fall])
    assert both(BASE, 15) == fall(BASE, 10)
    assert both(BASE, 5) == warmupLearnRate()(BASE, 5)
    by_epoch = learn_rate_sequence([warmupLearnRate(FrequencyUnit="epoch"), polynomialLearnRate()])
    assert by_epoch(BASE, 1, epoch=8) == polynomialLearnRate()(BASE, 1, epoch=3)


def test_units_may_differ_when_the_length_of_an_epoch_is_known():
    both = learn_rate_sequence(
        [warmupLearnRate(NumSteps=20), piecewiseLearnRate(Period=1)], iterations_per_epoch=10
    )
    assert both(1.0, 20, 2) == warmupLearnRate(NumSteps=20)(1.0, 20)
    assert [both(1.0, 10 * epoch, epoch) for epoch in (3, 4)] == [1.0, 0.1]


def test_a_schedule_of_ones_own_takes_part():
    class halving(LearnRateSchedule):
        def factor(self, step):
            return 0.5**step

    schedule = learn_rate_sequence(
        [warmupLearnRate(NumSteps=2), halving(FrequencyUnit="iteration")]
    )
    assert [schedule(1.0, k) for k in (3, 4, 5)] == [1.0, 0.5, 0.25]


def test_schedules_are_values():
    assert cosineLearnRate(Period=7) == cosineLearnRate(Period=7)
    assert repr(warmupLearnRate()).startswith("warmupLearnRate(FrequencyUnit='iteration'")


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda: cosineLearnRate(FrequencyUnit="epochs"), 'Did you mean "epoch"'),
        (lambda: piecewiseLearnRate(DropFactor=1.5), "DropFactor must be between 0 and 1"),
        (lambda: piecewiseLearnRate(Period=0), "Period must be a positive whole number"),
        (lambda: polynomialLearnRate(Power=-1), "Power must be a positive number"),
        (lambda: cosineLearnRate(PeriodGrowthFactor=0.5), "must be 1 or larger"),
        (lambda: warmupLearnRate()(0.1, 0), "the iteration must be 1 or larger"),
        (lambda: piecewiseLearnRate()(0.1, 5, 0), "the epoch must be 1 or larger"),
        (lambda: learn_rate_sequence([]), "there is none"),
        (lambda: learn_rate_sequence(["cosine", "warmup"]), "cosineLearnRate has no end"),
        (lambda: learn_rate_sequence(["warm-up"]), 'Did you mean "warmup"'),
        (lambda: learn_rate_sequence(["warmup", "cosine"]), "Pass iterations_per_epoch"),
    ],
)
def test_wrong_use_is_refused(call, text):
    with pytest.raises(OptionError, match=text):
        call()
