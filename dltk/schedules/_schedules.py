"""The six schedules: one formula each, of the steps that have passed."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from ._schedule import LearnRateSchedule, Unit

# MATLAB's pages give names, meaning and most defaults. Not confirmed (change them here): the first
# step has the initial factor exactly; FinalFactor and NumSteps of polynomialLearnRate, Period,
# PeriodGrowthFactor and FinalFactor of cosineLearnRate, MaxFactor of cyclicalLearnRate and the name
# of its StepRatio.


@dataclass(frozen=True, kw_only=True)
class piecewiseLearnRate(LearnRateSchedule):
    r"""A rate that drops every few steps.

    .. math:: \alpha_k = \alpha_0 \, d^{\lfloor k / P \rfloor}

    where k steps (epochs, by default) have passed, d is ``DropFactor`` and P is ``Period``.

    Args:
        DropFactor: What the rate is multiplied by, between 0 and 1.
        Period: Steps from one drop to the next.
        FrequencyUnit: "epoch" or "iteration".

    Raises:
        OptionError: A wrong word or number.

    Example:
        >>> schedule = piecewiseLearnRate(DropFactor=0.5, Period=2)
        >>> [schedule(0.1, iteration=1, epoch=epoch) for epoch in (1, 2, 3, 4, 5)]
        [0.1, 0.1, 0.05, 0.05, 0.025]

    Source:
        https://www.mathworks.com/help/deeplearning/ref/piecewiselearnrate.html
    """

    name: ClassVar[str] = "piecewise"

    DropFactor: float = 0.1
    Period: int = 10

    def factor(self, step: float) -> float:
        """The factor after so many steps."""
        return self.DropFactor ** (step // self.Period)


@dataclass(frozen=True, kw_only=True)
class exponentialLearnRate(LearnRateSchedule):
    r"""A rate that falls by the same factor in every step.

    .. math:: \alpha_k = \alpha_0 \, d^{k / P}

    where k steps have passed, d is ``DropFactor`` and P is ``Period``.

    Args:
        DropFactor: What the rate is multiplied by in ``Period`` steps, between 0 and 1.
        Period: Number of those steps.
        FrequencyUnit: "epoch" or "iteration".

    Raises:
        OptionError: A wrong word or number.

    Example:
        >>> schedule = exponentialLearnRate(DropFactor=0.25, Period=2)
        >>> [schedule(0.8, iteration=1, epoch=epoch) for epoch in (1, 2, 3)]
        [0.8, 0.4, 0.2]

    Source:
        https://www.mathworks.com/help/deeplearning/ref/exponentiallearnrate.html
    """

    name: ClassVar[str] = "exponential"

    DropFactor: float = 0.1
    Period: int = 1

    def factor(self, step: float) -> float:
        """The factor after so many steps."""
        return self.DropFactor ** (step / self.Period)


@dataclass(frozen=True, kw_only=True)
class warmupLearnRate(LearnRateSchedule):
    r"""A rate that rises at the beginning, along a line.

    .. math:: \alpha_k = \alpha_0 \left(g_0 + (g_N - g_0) \frac{k}{N}\right)

    where k steps have passed, at most N; g are the factors and N is ``NumSteps``.

    Args:
        InitialFactor: Factor of the first step.
        FinalFactor: Factor after ``NumSteps`` steps.
        NumSteps: How many steps it takes.
        FrequencyUnit: "iteration" or "epoch".

    Raises:
        OptionError: A wrong word or number.

    Example:
        >>> schedule = warmupLearnRate(InitialFactor=0.5, NumSteps=2)
        >>> [schedule(1.0, iteration) for iteration in (1, 2, 3, 4)]
        [0.5, 0.75, 1.0, 1.0]

    Source:
        https://www.mathworks.com/help/deeplearning/ref/warmuplearnrate.html
    """

    name: ClassVar[str] = "warmup"

    InitialFactor: float = 0.1
    FinalFactor: float = 1.0
    NumSteps: int = 5
    FrequencyUnit: Unit = "iteration"

    def factor(self, step: float) -> float:
        """The factor after so many steps."""
        rise = self.FinalFactor - self.InitialFactor
        return self.InitialFactor + rise * min(step / self.NumSteps, 1)


@dataclass(frozen=True, kw_only=True)
class polynomialLearnRate(LearnRateSchedule):
    r"""A rate that falls to its final value by a power law.

    .. math:: \alpha_k = \alpha_0 \left(g_N + (g_0 - g_N) (1 - k / N)^p\right)

    where k steps have passed, at most N; g are the factors, N is ``NumSteps`` and p is ``Power``.

    Args:
        InitialFactor: Factor of the first step.
        FinalFactor: Factor after ``NumSteps`` steps, and from then on.
        Power: The exponent; 1 is a line.
        NumSteps: How many steps it takes; best the number of steps of the training.
        FrequencyUnit: "epoch" or "iteration".

    Raises:
        OptionError: A wrong word or number.

    Example:
        >>> schedule = polynomialLearnRate(FinalFactor=0.5, Power=2, NumSteps=2)
        >>> [schedule(1.0, iteration=1, epoch=epoch) for epoch in (1, 2, 3, 4)]
        [1.0, 0.625, 0.5, 0.5]

    Source:
        https://www.mathworks.com/help/deeplearning/ref/polynomiallearnrate.html
    """

    name: ClassVar[str] = "polynomial"

    InitialFactor: float = 1.0
    FinalFactor: float = 0.1
    Power: float = 1.0
    NumSteps: int = 10

    def factor(self, step: float) -> float:
        """The factor after so many steps."""
        left = max(1 - step / self.NumSteps, 0) ** self.Power
        return self.FinalFactor + (self.InitialFactor - self.FinalFactor) * left


@dataclass(frozen=True, kw_only=True)
class cosineLearnRate(LearnRateSchedule):
    r"""A rate that falls along half a cosine wave, and starts again.

    .. math:: \alpha_k = \alpha_0 \left(g_N + \frac{g_0 - g_N}{2}
        \left(1 + \cos \frac{\pi j}{P}\right)\right)

    where g are the factors and j steps of the present cycle, which has P, have passed. The first
    cycle has ``Period`` steps, each further one ``PeriodGrowthFactor`` times as many.

    Args:
        InitialFactor: Factor at the beginning of a cycle.
        FinalFactor: Factor at its end.
        Period: Steps of the first cycle; best the number of steps of the training.
        PeriodGrowthFactor: How much longer the next cycle is, at least 1; ``inf`` for no second
            one.
        FrequencyUnit: "epoch" or "iteration".

    Raises:
        OptionError: A wrong word or number.

    Example:
        >>> schedule = cosineLearnRate(FinalFactor=0.2, Period=2)
        >>> [round(schedule(1.0, iteration=1, epoch=epoch), 3) for epoch in (1, 2, 3, 4)]
        [1.0, 0.6, 1.0, 0.6]

    Source:
        https://www.mathworks.com/help/deeplearning/ref/cosinelearnrate.html
    """

    name: ClassVar[str] = "cosine"

    InitialFactor: float = 1.0
    FinalFactor: float = 0.01
    Period: int = 10
    PeriodGrowthFactor: float = 1.0

    def factor(self, step: float) -> float:
        """The factor after so many steps."""
        share = self._share(step)
        half = (self.InitialFactor - self.FinalFactor) / 2
        return self.FinalFactor + half * (1 + math.cos(math.pi * share))

    def _share(self, step: float) -> float:
        """How much of the present cycle has passed."""
        growth, length = self.PeriodGrowthFactor, float(self.Period)
        if growth == 1:
            return (step % length) / length
        if math.isinf(growth):
            return min(step / length, 1)
        while step >= length:
            step, length = step - length, length * growth
        return step / length


@dataclass(frozen=True, kw_only=True)
class cyclicalLearnRate(LearnRateSchedule):
    """A rate that rises from the base rate to its largest value and falls again, along lines.

    Args:
        MaxFactor: Factor of the largest rate.
        Period: Steps of a cycle.
        StepRatio: Which part of a cycle the rate rises, between 0 and 1.
        FrequencyUnit: "epoch" or "iteration".

    Raises:
        OptionError: A wrong word or number.

    Example:
        >>> schedule = cyclicalLearnRate(MaxFactor=3, Period=4)
        >>> [schedule(1.0, iteration=1, epoch=epoch) for epoch in (1, 2, 3, 4, 5)]
        [1.0, 2.0, 3.0, 2.0, 1.0]

    Source:
        https://www.mathworks.com/help/deeplearning/ref/cyclicallearnrate.html
    """

    name: ClassVar[str] = "cyclical"

    MaxFactor: float = 10.0
    Period: int = 10
    StepRatio: float = 0.5

    def factor(self, step: float) -> float:
        """The factor after so many steps."""
        share = (step % self.Period) / self.Period
        up = self.StepRatio
        height = share / up if share <= up else (1 - share) / (1 - up)
        return 1 + (self.MaxFactor - 1) * height


@dataclass(frozen=True, kw_only=True)
class timeBasedDecayLearnRate(LearnRateSchedule):
    r"""A rate that falls as one over the time.

    .. math:: \alpha_k = \frac{\alpha_0}{1 + \lambda k}

    where k steps have passed and :math:`\lambda` is ``Decay``. MATLAB's page on schedules of one's
    own defines it as its example; scripts write the formula into the loop.

    Args:
        Decay: The rate of the decay.
        FrequencyUnit: "iteration" or "epoch".

    Raises:
        OptionError: A wrong word or number.

    Example:
        >>> schedule = timeBasedDecayLearnRate(Decay=1)
        >>> [schedule(1.0, iteration) for iteration in (1, 2, 4)]
        [1.0, 0.5, 0.25]

    Source:
        https://www.mathworks.com/help/deeplearning/ug/define-custom-learning-rate-schedule.html
    """

    name: ClassVar[str] = "time-based decay"

    Decay: float = 0.01
    FrequencyUnit: Unit = "iteration"

    def factor(self, step: float) -> float:
        """The factor after so many steps."""
        return 1 / (1 + self.Decay * step)
