"""What a learning-rate schedule is: a record of options, and a factor for each of its steps."""

from __future__ import annotations

import math
from dataclasses import dataclass, fields
from typing import Any, ClassVar, Literal

from .._errors import OptionError, nearest

Unit = Literal["epoch", "iteration"]


@dataclass(frozen=True, kw_only=True)
class LearnRateSchedule:
    """Base of the learning-rate schedules, and of your own: a factor for each step.

    Call a schedule in the loop: ``learnRate = schedule(initialLearnRate, iteration, epoch)``. One
    of your own is a frozen dataclass with a method ``factor(step)``. It keeps no state: the rate
    follows from iteration and epoch, so a training that is resumed goes on with the right one.

    Attributes:
        FrequencyUnit: What a step is: "epoch" (all iterations of an epoch have the same rate) or
            "iteration".

    Example:
        >>> @dataclass(frozen=True, kw_only=True)
        ... class inverseRoot(LearnRateSchedule):
        ...     def factor(self, step):
        ...         return 1 / math.sqrt(1 + step)
        >>> schedule = inverseRoot(FrequencyUnit="iteration")
        >>> schedule(0.1, iteration=4)
        0.05

    Source:
        https://www.mathworks.com/help/deeplearning/ug/define-custom-learning-rate-schedule.html
    """

    name: ClassVar[str] = ""  # of the schedule in MATLAB's lists

    FrequencyUnit: Unit = "epoch"

    def __post_init__(self):
        if self.FrequencyUnit not in ("epoch", "iteration"):
            raise OptionError(
                f"{type(self).__name__}: FrequencyUnit {self.FrequencyUnit!r} does not exist.",
                fix=nearest(self.FrequencyUnit, ("epoch", "iteration")),
            )
        for field in fields(self):
            if field.name != "FrequencyUnit":
                check(type(self).__name__, field.name, getattr(self, field.name))

    @property
    def steps(self) -> float:
        """How many steps it takes."""
        return getattr(self, "NumSteps", math.inf)

    def factor(self, step: float) -> float:
        """The factor of the rate after so many steps; 0 is the first step."""
        raise NotImplementedError

    def __call__(self, initialLearnRate: Any, iteration: int, epoch: int = 1) -> Any:
        """The learning rate of an iteration.

        Args:
            initialLearnRate: The base rate.
            iteration: Number of the iteration, from 1 on through the whole training.
            epoch: Number of the epoch, from 1.
        """
        count, unit = (iteration, "iteration")
        if self.FrequencyUnit == "epoch":
            count, unit = epoch, "epoch"
        if isinstance(count, str) or not count >= 1:
            raise OptionError(
                f"{type(self).__name__}: the {unit} must be 1 or larger.",
                got={unit: count},
                fix=f"Count the {unit} up before you ask for the rate.",
            )
        return initialLearnRate * self.factor(count - 1)


WHOLE = ("Period", "NumSteps")
BELOW_ONE = ("DropFactor", "StepRatio")
FROM_ONE = ("PeriodGrowthFactor",)


def check(who: str, name: str, value: Any) -> None:
    """Refuse an option that is not a positive number of its kind."""
    number = isinstance(value, (int, float)) and not isinstance(value, bool) and value > 0
    if name in WHOLE:
        if number and value == int(value):
            return
        wanted = "a positive whole number"
    elif name in BELOW_ONE:
        if number and value < 1:
            return
        wanted = "between 0 and 1"
    elif name in FROM_ONE:
        if number and value >= 1:
            return
        wanted = "1 or larger"
    elif number:
        return
    else:
        wanted = "a positive number"
    raise OptionError(f"{who}: {name} must be {wanted}.", got={name: repr(value)})
