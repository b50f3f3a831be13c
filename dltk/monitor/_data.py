"""What a monitor knows: metrics, infos, groups, progress. No pictures, no waiting for a device."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import numpy as np

from .._errors import OptionError, StateError, nearest
from ._fields import Fields, names_of
from ._series import Series, as_text, check_number, is_ready, kind, number, snapshot

Scale = Literal["linear", "log"]


class Panel(NamedTuple):
    """One sub-plot: a metric by itself, or a group."""

    title: str
    metrics: tuple[str, ...]
    scale: Scale


class Data:
    """The numbers behind a picture; ``changes`` counts what happened since the start."""

    def __init__(self, clock: Callable[[], float] = time.perf_counter):
        self.clock = clock
        self.started = self.touched = clock()
        self.began = time.time()
        self.series: dict[str, Series] = {}
        self.info: dict[str, list[Any]] = {}
        self.groups: dict[str, tuple[str, ...]] = {}
        self.scales: dict[str, Scale] = {}
        self.xlabel = ""
        self.status = ""
        self.progress: float | None = None
        self.stop = False
        self.changes = 0

    def touch(self) -> None:
        """Something has changed, now."""
        self.changes += 1
        self.touched = self.clock()

    def request_stop(self) -> None:
        """The user wants the loop to end."""
        self.stop = True
        self.touch()

    @property
    def elapsed(self) -> float:
        """Seconds from the start to the last change."""
        return self.touched - self.started

    @property
    def started_at(self) -> str:
        """Date and time of the start."""
        return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(self.began))

    @property
    def remaining(self) -> float | None:
        """Seconds to go if the rest is as fast as the run was so far."""
        if not self.progress or self.progress >= 100:
            return None
        return self.elapsed * (100 - self.progress) / self.progress

    def set_metrics(self, given: object) -> None:
        """Name the metrics anew, before the first record."""
        names = names_of("trainingProgressMonitor", "Metrics", given)
        if names == tuple(self.series):
            return
        recorded = [name for name, series in self.series.items() if len(series)]
        if recorded:
            raise _too_late("Metrics", tuple(self.series), names, f"{recorded[0]} has records")
        stay = set(names) & set(self.series)
        self.groups = {title: m for title, m in self.groups.items() if set(m) <= stay}
        self.scales = {t: scale for t, scale in self.scales.items() if t in stay | set(self.groups)}
        self.series = {name: Series(name) for name in names}
        self.touch()

    def set_info(self, given: object) -> None:
        """Name the infos anew, before the first updateInfo."""
        names = names_of("trainingProgressMonitor", "Info", given)
        if names == tuple(self.info):
            return
        filled = [name for name, values in self.info.items() if values]
        if filled:
            raise _too_late("Info", tuple(self.info), names, f"{filled[0]} has values")
        self.info = {name: [] for name in names}
        self.touch()

    def set_progress(self, value: Any) -> None:
        """Percent done."""
        check_number("trainingProgressMonitor", "Progress", value)
        percent = number(value)
        if not -1e-9 <= percent <= 100 + 1e-9:  # 100*iteration/numIterations may be rounded up
            raise OptionError(
                "trainingProgressMonitor: Progress is a percentage from 0 to 100.",
                got={"Progress": f"{percent:.6g}"},
                fix="Assign 100*iteration/numIterations; is numIterations = numEpochs * "
                "ceil(numObservations/miniBatchSize)?",
            )
        self.progress = min(max(percent, 0.0), 100.0)
        self.touch()

    def record(self, step: Any, metrics: dict[str, Any]) -> None:
        """Add a value to some of the metrics: all of them or, after an error, none."""
        if not self.series:
            raise StateError(
                "recordMetrics: the monitor has no metrics yet.",
                got={"recorded": ", ".join(metrics)},
                fix=f"Name them first: monitor.Metrics = {list(metrics)}.",
            )
        if isinstance(step, (int, float)):
            at = float(step)
        else:
            check_number("recordMetrics", "step", step)
            at = number(step)
        for name, value in metrics.items():
            if name not in self.series:
                raise _unknown("recordMetrics", "metric", name, self.series)
            check_number("recordMetrics", name, value)
            if not self.series[name].last_step < at < math.inf:
                raise OptionError(
                    "recordMetrics: steps must be finite and increase from record to record.",
                    got={
                        "step": f"{at:.15g}",
                        f"last step of {name}": f"{self.series[name].last_step:.15g}",
                    },
                    fix="Count the iteration up before recordMetrics; for a second training make a "
                    "new trainingProgressMonitor.",
                )
        self.touch()
        elapsed = self.elapsed
        for name, value in metrics.items():
            self.series[name].append(at, value, elapsed)

    def update_info(self, infos: dict[str, Any]) -> None:
        """Add a text or number to some of the infos: all of them or, after an error, none."""
        for name, value in infos.items():
            if name not in self.info:
                raise _unknown("updateInfo", "info", name, self.info)
            if not isinstance(value, str):
                check_number("updateInfo", name, value)
        for name, value in infos.items():
            self.info[name].append(snapshot(value))
        self.touch()

    def group(self, title: object, given: object) -> None:
        """Put metrics into one sub-plot; those of an earlier call with this title stay in it."""
        if not isinstance(title, str) or not title:
            raise OptionError(
                "groupSubPlot: the name of a group is a text.", got={"groupName": kind(title)}
            )
        names = names_of("groupSubPlot", "metricNames", given)
        for name in names:
            if name not in self.series:
                raise _unknown("groupSubPlot", "metric", name, self.series)
        for other, members in self.groups.items():
            if other != title and set(members) & set(names):
                raise OptionError(
                    "groupSubPlot: a metric can be in one group only.",
                    got={other: ", ".join(members), title: ", ".join(names)},
                    fix="Take the metric out of one of them.",
                )
        together = tuple(dict.fromkeys([*self.groups.get(title, ()), *names]))
        chosen: dict[str, Scale] = {
            name: self.scales.get(self._home(name), "linear") for name in together
        }
        if len(set(chosen.values())) > 1:
            raise OptionError(
                "groupSubPlot: metrics of one sub-plot have one scale.",
                got=chosen,
                fix=f'Group them first, then call yscale(monitor, "{title}", "log").',
            )
        self.groups[title] = together
        for name, scale in chosen.items():
            self.scales.pop(name, None)
            self.scales[title] = scale
        self.touch()

    def set_scale(self, title: object, scale: Scale) -> None:
        """Make the y-axis of a metric or group linear or logarithmic."""
        if scale not in ("linear", "log"):
            raise OptionError(
                "yscale: this is not a scale.",
                got={"scale": repr(scale)},
                fix=nearest(scale, ["linear", "log"]),
            )
        titles = [panel.title for panel in self.panels()]
        home = self._home(title)
        if home not in titles:
            raise _unknown("yscale", "metric or group", title, titles)
        self.scales[home] = scale
        self.touch()

    def switch_scale(self, title: str) -> None:
        """Make the y-axis of a sub-plot logarithmic, or linear again."""
        self.set_scale(title, "linear" if self.scales.get(title) == "log" else "log")

    def panels(self) -> list[Panel]:
        """The sub-plots in the order of their first metrics."""
        titles = dict.fromkeys(self._home(name) for name in self.series)
        return [
            Panel(title, self.groups.get(title, (title,)), self.scales.get(title, "linear"))
            for title in titles
        ]

    def _home(self, name: Any) -> Any:
        """The group of a metric, or what was given where it is in none."""
        return next((title for title, names in self.groups.items() if name in names), name)

    def settle(self, *, wait: bool) -> None:
        """Read the recorded values: all, or those that the device has finished."""
        for series in self.series.values():
            series.settle(wait=wait)

    def metric_data(self) -> Fields:
        """Steps and values of each metric, n-by-2; waits for the device."""
        self.settle(wait=True)
        return Fields({name: np.column_stack(s.arrays()) for name, s in self.series.items()})

    def info_data(self) -> Fields:
        """All values of each info; waits for the device."""
        return Fields({name: _column(values) for name, values in self.info.items()})

    def latest_info(self) -> dict[str, str]:
        """The newest value of each info that is at hand, as text."""
        return {
            name: next((as_text(v) for v in reversed(values) if is_ready(v)), "")
            for name, values in self.info.items()
        }


def _column(values: list[Any]) -> np.ndarray:
    read = [value if isinstance(value, str) else number(value) for value in values]
    if all(isinstance(value, float) for value in read):
        return np.array(read, dtype=float)
    return np.array([as_text(value) for value in values])


def _unknown(function: str, what: str, name: object, known: Any) -> OptionError:
    article = "an" if what == "info" else "a"
    plural = {"metric": "Metrics", "info": "Info"}.get(what, "")
    return OptionError(
        f'{function}: "{name}" is not {article} {what} of this monitor.',
        got={"name": name, plural or "names": ", ".join(known) or "(none)"},
        fix=nearest(name, known) if known else f'Name it first: monitor.{plural} = ["{name}"].',
    )


def _too_late(argument: str, old: tuple[str, ...], new: tuple[str, ...], why: str) -> StateError:
    return StateError(
        f"trainingProgressMonitor: {argument} cannot change any more, because {why}.",
        got={argument: ", ".join(old), "new": ", ".join(new) or "(none)"},
        fix="Name everything before the loop, or make a new trainingProgressMonitor.",
    )
