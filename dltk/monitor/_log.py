"""The numbers in files while the training runs: CSV, JSON lines, events for TensorBoard."""

from __future__ import annotations

import csv
import json
import math
import os
from abc import abstractmethod
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from .._errors import OptionError
from ._data import Data
from ._output import Output
from ._rows import Row, Rows, columns


class Log(Output):
    """Rows that are appended as they come; the file of an earlier run is replaced."""

    def __init__(self, path: Path):
        self.path = path
        self._rows = Rows()
        self._writer: Any = None

    def update(self, data: Data, *, final: bool) -> None:
        """Append what has come since the last time."""
        if not any(map(len, data.series.values())):
            return  # names may still change
        if self._writer is None:
            self._writer = self.opened(data)
        self.write(data, list(self._rows.take(data, final=final)))
        self._writer.flush()

    def close(self) -> None:
        """Close the file."""
        if self._writer is not None:
            self._writer.close()

    @abstractmethod
    def opened(self, data: Data) -> Any:
        """Something to write to, with ``flush`` and ``close``."""

    @abstractmethod
    def write(self, data: Data, rows: Sequence[Row]) -> None:
        """Append rows."""


class CsvLog(Log):
    """A column per metric; empty where a metric has no value at a step."""

    def opened(self, data: Data) -> Any:
        """The file with its header."""
        file = self.path.open("w", newline="", encoding="utf-8")
        csv.writer(file, lineterminator="\n").writerow([*columns(data), *data.series])
        return file

    def write(self, data: Data, rows: Sequence[Row]) -> None:
        """Append lines."""
        writer = csv.writer(self._writer, lineterminator="\n")
        for row in rows:
            values = [
                _digits(row.values[name]) if name in row.values else "" for name in data.series
            ]
            writer.writerow([_digits(row.step), f"{row.elapsed:.6f}", *values])


class JsonLog(Log):
    """An object per step and line. What JSON has no number for (NaN, Inf) is null."""

    def opened(self, data: Data) -> Any:
        """The file."""
        return self.path.open("w", encoding="utf-8")

    def write(self, data: Data, rows: Sequence[Row]) -> None:
        """Append lines."""
        step, elapsed = columns(data)
        for row in rows:
            values = {k: v if math.isfinite(v) else None for k, v in row.values.items()}
            line = {step: _whole(row.step), elapsed: round(row.elapsed, 6), **values}
            self._writer.write(json.dumps(line, ensure_ascii=False) + "\n")


class EventLog(Log):
    """Event files of a run in a folder, written by TensorBoard's own writer.

    The tag of a metric in a group is "group/metric": TensorBoard shows them in one section.
    """

    def opened(self, data: Data) -> Any:
        """The writer of the folder."""
        from tensorboard.summary.writer.event_file_writer import EventFileWriter

        return EventFileWriter(str(self.path))

    def write(self, data: Data, rows: Sequence[Row]) -> None:
        """Append events, at the time of the record."""
        from tensorboard.compat.proto.event_pb2 import (
            Event,  # pyright: ignore[reportAttributeAccessIssue]
        )
        from tensorboard.compat.proto.summary_pb2 import (
            Summary,  # pyright: ignore[reportAttributeAccessIssue]
        )

        tags = {
            name: name if panel.metrics == (panel.title,) else f"{panel.title}/{name}"
            for panel in data.panels()
            for name in panel.metrics
        }
        for step, elapsed, values in rows:
            found = [Summary.Value(tag=tags[k], simple_value=v) for k, v in values.items()]
            at = data.began + elapsed
            self._writer.add_event(
                Event(wall_time=at, step=round(step), summary=Summary(value=found))
            )


def _digits(value: float) -> str:
    """All digits of a number, named as MATLAB does where it is none."""
    if math.isfinite(value):
        return repr(_whole(value))
    return "NaN" if math.isnan(value) else "Inf" if value > 0 else "-Inf"


def _whole(value: float) -> float | int:
    return int(value) if value == int(value) and abs(value) < 2**53 else value


def logs(given: object) -> list[Log]:
    """A log per name: ``.csv``, ``.jsonl``, or a folder for TensorBoard."""
    if given is None:
        return []
    one = isinstance(given, (str, os.PathLike))
    names: list[Any] = [given] if one else list(given) if isinstance(given, Iterable) else [given]
    return [_log(name) for name in names]


def _log(name: object) -> Log:
    if not isinstance(name, (str, os.PathLike)) or not str(name):
        raise OptionError(
            "trainingProgressMonitor: log is a file name, or several.", got={"log": repr(name)}
        )
    path = Path(os.fspath(name)).absolute()
    kinds = {".csv": CsvLog, ".jsonl": JsonLog, "": EventLog}
    if path.suffix.lower() not in kinds:
        raise OptionError(
            "trainingProgressMonitor: the numbers are not written in such a file.",
            got={"log": name},
            fix='End the name with ".csv" or ".jsonl"; a name without an ending is a folder for '
            "TensorBoard.",
        )
    if path.suffix and not path.parent.is_dir():
        raise OptionError(
            "trainingProgressMonitor: the folder of the log does not exist.",
            got={"folder": path.parent},
            fix="Make the folder first, or name another one.",
        )
    if not path.suffix and find_spec("tensorboard") is None:
        raise ImportError(
            "trainingProgressMonitor: a log in a folder, for TensorBoard, needs tensorboard: "
            'pip install "dltk-jax[tensorboard]"'
        )
    return kinds[path.suffix.lower()](path)
