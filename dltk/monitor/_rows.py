"""What was recorded, as rows: one per step, with the values that were recorded at it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from ._data import Data


class Row(NamedTuple):
    """The values of one step."""

    step: float
    elapsed: float
    values: dict[str, float]


class Rows:
    """Hands out each row once, as soon as it is complete and the device has computed it."""

    def __init__(self) -> None:
        self._taken: dict[str, int] = {}

    def take(self, data: Data, *, final: bool) -> Iterator[Row]:
        """The rows that have come since the last time, by step.

        A step counts as complete when another one has begun, or with ``final``: a loop may record
        its validation by a second call.
        """
        found = sorted(self._settled(data, math.inf if final else _first_open_step(data)))
        for step, records in groupby(found, key=lambda record: record[0]):
            listed = list(records)
            values = {name: value for _, _, name, value in listed}
            yield Row(
                step, listed[0][1], {name: values[name] for name in data.series if name in values}
            )

    def _settled(self, data: Data, limit: float) -> Iterator[tuple[float, float, str, float]]:
        for name, series in data.series.items():
            for index in range(self._taken.get(name, 0), series.settled):
                step, value, elapsed = series.record(index)
                if step >= limit:
                    break
                self._taken[name] = index + 1
                yield step, elapsed, name, value


def _first_open_step(data: Data) -> float:
    """The lowest step of which something is to come, or to be computed."""
    last = max((series.last_step for series in data.series.values()), default=-math.inf)
    return min([last, *(series.first_waiting() for series in data.series.values())])


def columns(data: Data) -> tuple[str, str]:
    """Names for steps and times that no metric has.

    >>> data = Data()
    >>> data.set_metrics(["Loss", "Elapsed"])
    >>> columns(data)
    ('Step', 'Elapsed_')
    """
    step, elapsed = data.xlabel or "Step", "Elapsed"
    while step in data.series:
        step += "_"
    while elapsed in data.series or elapsed == step:
        elapsed += "_"
    return step, elapsed
