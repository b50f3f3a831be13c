"""A folder of checkpoints of a training loop: the last ones, and the best."""

from __future__ import annotations

import contextlib
import os
import re
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np

from .._errors import DltkWarning, FileError, OptionError, nearest
from .._numbers import describe
from .._struct import struct
from ..functions import rng
from ._file import ENDING, PART, SavedFile
from ._save import named, read_variables, write_variables

OWN = ("iteration", "metric", "rng", "serial")  # variables that every checkpoint has
NAME = re.compile(rf"checkpoint_(\d+){re.escape(ENDING)}")


class _Entry(NamedTuple):
    """What is known of a file: how many were written before it, its iteration, its metric."""

    serial: int
    iteration: int
    metric: float | None
    path: Path


class checkpoints:
    """Checkpoints of a training loop in a folder: saved in one call, loaded in one call.

    A training that is interrupted at any moment, even by ``kill -9`` or a power cut, and goes on
    from its last checkpoint computes bit for bit what it would have computed without interruption.
    Besides what you hand over, a checkpoint holds the state of the random numbers (`rng`).

    Args:
        folder: Where the files are, ``checkpoint_00000120.safetensors`` for iteration 120; it is
            made if it does not exist. One training, one folder.
        keep_last: How many of the last checkpoints stay.
        keep_best: How many of the best ones stay besides, by their ``metric``.
        best: Which metric is best, the "smallest" (a loss) or the "largest" (an accuracy).

    Attributes:
        files: Paths of the checkpoints, the last one at the end.

    Raises:
        OptionError: A number that is none, or another word for ``best``.

    Example:
        >>> import tempfile
        >>> import numpy as np
        >>> from dltk import minibatchqueue, next
        >>> folder = tempfile.TemporaryDirectory()
        >>> saved = checkpoints(folder.name)
        >>> mbq = minibatchqueue(np.arange(5.0), MiniBatchSize=2)
        >>> X = next(mbq)
        >>> saved.save(1, mbq=mbq, total=float(X.sum().item()))

        Later, in a new Python:

        >>> mbq = minibatchqueue(np.arange(5.0), MiniBatchSize=2)
        >>> S = checkpoints(folder.name).load(mbq=mbq)
        >>> S.iteration, S.total, np.asarray(next(mbq)).tolist()
        (1, 1.0, [[2.0, 3.0]])
        >>> folder.cleanup()
    """

    def __init__(
        self,
        folder: str | os.PathLike[str],
        *,
        keep_last: int = 2,
        keep_best: int = 0,
        best: Literal["smallest", "largest"] = "smallest",
    ):
        self.folder = Path(folder)
        self.keep_last = _count("keep_last", keep_last, 1)
        self.keep_best = _count("keep_best", keep_best, 0)
        if best not in ("smallest", "largest"):
            raise OptionError(
                f"checkpoints: best is {best!r}.", fix=nearest(best, ("smallest", "largest"))
            )
        self.best = best
        self.folder.mkdir(parents=True, exist_ok=True)
        for part in self.folder.glob(f".*{PART}"):  # what an interruption left behind
            with contextlib.suppress(OSError):
                part.unlink()

    @property
    def files(self) -> list[Path]:
        return [entry.path for entry in self._entries()[0]]

    def save(
        self,
        iteration: int,
        /,
        *values: struct | Mapping[str, Any],
        metric: Any = None,
        **variables: Any,
    ) -> None:
        """Save the state of a loop, then remove checkpoints that need not stay.

        Args:
            iteration: Number of the iteration that is complete.
            *values: A struct or dict whose fields are saved as variables.
            metric: What tells the best, such as a validation loss; a scalar.
            **variables: Everything else that the loop goes on with: network, averages of the
                solver, epoch, mini-batch queue, monitor, ...

        Raises:
            OptionError: A value that cannot be saved; nothing is written.
        """
        everything = named(values, variables)
        taken = [name for name in OWN if name in everything]
        if taken:
            raise OptionError(
                f'checkpoints: "{taken[0]}" is saved in every checkpoint already.',
                fix="Leave it out, or use another name.",
            )
        entries = self._entries()[0]
        own = {
            "iteration": _count("iteration", iteration, 0),
            "metric": None if metric is None else _scalar(metric),
            "serial": entries[-1].serial + 1 if entries else 1,
        }
        path = self.folder / f"checkpoint_{own['iteration']:08d}{ENDING}"
        # A mini-batch in preparation, which the queue waits for, may still draw random numbers.
        write_variables(path, {**own, **everything}, rng=rng)
        self._remove_old()

    def load(
        self, which: Literal["last", "best"] | int = "last", /, *names: str, **given: Any
    ) -> Any:
        """Load a checkpoint, and go on with its random numbers.

        If the last file is damaged, the one before it is taken, with a warning.

        Args:
            which: "last", "best", or the number of an iteration.
            *names: Names of the variables to load; then random numbers stay as they are. Without
                names, all: to go on with the training.
            **given: What you have, by the names of the variables; see `load`. Mini-batch queues and
                monitors must be handed over.

        Returns:
            A struct with the variables and ``iteration``; None if there is no checkpoint yet.

        Raises:
            OptionError: There is no such checkpoint, or what was saved is not like what you have.
            FileError: No checkpoint is whole.
        """
        entries, damaged = self._entries()
        if damaged and not entries:
            raise damaged[0]
        if damaged:
            warnings.warn(f"{damaged[0].message} It is passed over.", DltkWarning, stacklevel=2)
        if not entries:
            return None
        if which != "last":
            return _read(self._chosen(entries, which), names, given)
        for entry, earlier in zip(entries[::-1], [*entries[-2::-1], None], strict=True):
            try:
                return _read(entry, names, given)
            except FileError as error:
                if earlier is None:
                    raise
                warnings.warn(
                    f"{error.message} The checkpoint before it is loaded, {earlier.path.name}.",
                    DltkWarning,
                    stacklevel=2,
                )
        raise AssertionError("one of them is returned")

    def _chosen(self, entries: list[_Entry], which: Any) -> _Entry:
        if which == "best":
            ranked = self._ranked(entries)
            if ranked:
                return ranked[0]
        found = [entry for entry in entries if entry.iteration == which]
        if found:
            return found[-1]
        what = "with a metric" if which == "best" else f"of iteration {which!r}"
        raise OptionError(
            f"checkpoints: there is no checkpoint {what}.",
            got={"iterations": ", ".join(str(entry.iteration) for entry in entries)},
            fix='Use "last", or one of these iterations. For "best" hand metric= to save.',
        )

    def _ranked(self, entries: list[_Entry]) -> list[_Entry]:
        """Those with a metric, the best first; of equal ones the earlier."""
        sign = -1 if self.best == "largest" else 1
        known = [entry for entry in entries if entry.metric == entry.metric is not None]
        return sorted(known, key=lambda entry: (sign * (entry.metric or 0.0), entry.serial))

    def _remove_old(self) -> None:
        entries = self._entries()[0]
        stay = {*entries[-self.keep_last :], *self._ranked(entries)[: self.keep_best]}
        for entry in entries:
            if entry not in stay:
                with contextlib.suppress(OSError):
                    entry.path.unlink()

    def _entries(self) -> tuple[list[_Entry], list[FileError]]:
        """The checkpoints in the order in which they were written, and why some are none."""
        found, damaged = [], []
        for path in self.folder.iterdir():
            if NAME.fullmatch(path.name):
                try:
                    found.append(_entry(path))
                except FileError as error:
                    damaged.append(error)
        return sorted(found), damaged


def _entry(path: Path) -> _Entry:
    variables = SavedFile(path).variables
    iteration, metric, serial = (variables[name] for name in ("iteration", "metric", "serial"))
    if isinstance(metric, dict):
        metric = float(metric["float"])
    return _Entry(serial, iteration, metric, path)


def _read(entry: _Entry, names: Any, given: Mapping[str, Any]) -> struct:
    S = read_variables(SavedFile(entry.path), names, given)
    if not names:
        rng(S.rng)
    return struct({k: v for k, v in vars(S).items() if k not in ("metric", "rng", "serial")})


def _scalar(metric: Any) -> float:
    if np.size(metric) != 1:
        raise OptionError("checkpoints: metric must be a scalar.", got={"metric": describe(metric)})
    return float(np.asarray(metric).reshape(()))


def _count(name: str, value: Any, least: int) -> int:
    if isinstance(value, bool) or not hasattr(value, "__index__") or value < least:
        raise OptionError(
            f"checkpoints: {name} must be a whole number from {least} on.", got={name: repr(value)}
        )
    return int(value)
