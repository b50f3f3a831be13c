"""Stop when a metric has not improved for a while."""

from __future__ import annotations

import math
from typing import Any, Literal

from .._errors import OptionError, nearest


class early_stopping:
    """Says when a metric has not improved for ``patience`` validations.

    In MATLAB's loops this is written by hand; ``ValidationPatience`` of `trainingOptions` counts in
    the same way. The best network needs no copy, as networks are values:
    ``if stopping.improved: best = net``.

    Args:
        patience: How many validations in a row may be without improvement.
        min_delta: By how much the metric must be better than the best one to count.
        best: Which metric is best, the "smallest" (a loss) or the "largest" (an accuracy).

    Attributes:
        metric: The best metric so far.
        waited: Validations since then.
        improved: Whether the last metric was the best so far.

    Raises:
        OptionError: A patience that is no positive whole number, or another word for ``best``.

    Example:
        >>> stopping = early_stopping(patience=2)
        >>> [stopping(loss) for loss in (0.5, 0.4, 0.6, 0.4)]
        [False, False, False, True]
        >>> stopping.metric
        0.4

    Source:
        https://www.mathworks.com/help/deeplearning/ug/specify-training-options-in-custom-training-loop.html
    """

    def __init__(
        self,
        patience: int,
        *,
        min_delta: float = 0.0,
        best: Literal["smallest", "largest"] = "smallest",
    ):
        if isinstance(patience, bool) or not hasattr(patience, "__index__") or patience < 1:
            raise OptionError(
                "early_stopping: patience must be a whole number from 1 on.",
                got={"patience": repr(patience)},
                fix="It counts validations, not iterations.",
            )
        if best not in ("smallest", "largest"):
            raise OptionError(
                f"early_stopping: best is {best!r}.", fix=nearest(best, ("smallest", "largest"))
            )
        self.patience, self.min_delta, self.best = int(patience), float(min_delta), best
        self.metric = math.inf if best == "smallest" else -math.inf
        self.waited = 0
        self.improved = False

    def __call__(self, metric: Any) -> bool:
        """Whether to stop; waits for the value. NaN is no improvement."""
        value = float(metric)
        gain = self.metric - value if self.best == "smallest" else value - self.metric
        self.improved = gain > self.min_delta
        if self.improved:
            self.metric, self.waited = value, 0
        else:
            self.waited += 1
        return self.waited >= self.patience

    def get_state(self) -> dict[str, Any]:
        """Best metric and what was waited since; checkpoints keep it."""
        return {"metric": self.metric, "waited": self.waited, "improved": self.improved}

    def set_state(self, state: dict[str, Any]) -> None:
        """Go on from there."""
        self.metric, self.waited = state["metric"], state["waited"]
        self.improved = state["improved"]

    def __repr__(self) -> str:
        return (
            f"early_stopping(patience={self.patience}): best metric {self.metric:g}, "
            f"{self.waited} validations ago"
        )
