"""What a datastore is: a collection of observations that is read from front to back.

What a datastore of a user's own must offer stands in ``help(dltk.data)``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np

from .._errors import OptionError
from .._random import host
from ._reading import Info, Reader, check_left

PREVIEW = 8


class Datastore(ABC):
    """Base of the datastores that come with dltk.

    Attributes:
        ReadSize: How many observations one ``read`` returns. Setting it resets the datastore.
    """

    def __init__(self, ReadSize: int = 1):
        self._read_size = check_count(ReadSize, "ReadSize", type(self).__name__)
        self._started: Reader | None = None

    @abstractmethod
    def reader(self) -> Reader:
        """An independent walk through the datastore from its first observation."""

    @abstractmethod
    def numobservations(self) -> int:
        """How many observations there are in all."""

    @abstractmethod
    def subset(self, indices: Any) -> Datastore:
        """A new datastore with some observations, in the order of ``indices`` (from 0)."""

    @property
    def ReadSize(self) -> int:
        return self._read_size

    @ReadSize.setter
    def ReadSize(self, value: int) -> None:
        self._read_size = check_count(value, "ReadSize", type(self).__name__)
        self.reset()

    @property
    def _reader(self) -> Reader:
        if self._started is None:
            self._started = self.reader()
        return self._started

    def hasdata(self) -> bool:
        """Whether anything is left to read."""
        return self._reader.hasdata()

    def read(self, *, nargout: int = 1) -> Any:
        """The next ``ReadSize`` observations; with ``nargout=2`` also a dict with information."""
        check_left(self._reader, "read")
        data: tuple[Any, Info] = self._reader.read()
        return data if nargout == 2 else data[0]

    def readall(self) -> Any:
        """All observations, from the first on; the reading position stays."""
        count = self.numobservations()
        if count == 0:
            return []
        everything = self.subset(np.arange(count))
        everything.ReadSize = count
        return everything.read()

    def preview(self) -> Any:
        """The first eight observations; the reading position stays."""
        return self.subset(np.arange(min(PREVIEW, self.numobservations()))).readall()

    def reset(self) -> None:
        """Back to the first observation."""
        self._started = None

    def __len__(self) -> int:
        return self.numobservations()


def shuffled(ds: Any) -> Any:
    """A new datastore with the same observations in random order."""
    if hasattr(ds, "shuffle"):
        return ds.shuffle()
    order = random_order(ds)
    return ds.subset(order)


def random_order(ds: Any) -> np.ndarray:
    """Numbers of all observations, from 0, in random order."""
    _check_divisible(ds, "shuffle", "shuffle()")
    return host().permutation(ds.numobservations())


def part(ds: Any, n: int, index: int) -> Any:
    """Part ``index`` (from 1) of ``n`` parts of almost equal length, in order."""
    if not (isinstance(n, (int, np.integer)) and isinstance(index, (int, np.integer))) or not (
        1 <= index <= n
    ):
        raise OptionError(
            f"partition: there is no part {index} of {n}.", fix="Parts count from 1 to n."
        )
    if hasattr(ds, "partition"):
        return ds.partition(n, index)
    _check_divisible(ds, "partition", "partition(n, index)")
    return ds.subset(np.array_split(np.arange(ds.numobservations()), n)[index - 1])


def _check_divisible(ds: Any, who: str, instead: str) -> None:
    missing = [name for name in ("numobservations", "subset") if not hasattr(ds, name)]
    if missing:
        raise OptionError(
            f"{who}: a {type(ds).__name__} cannot do this, it lacks {' and '.join(missing)}.",
            fix=getattr(ds, "in_order_only", "")
            or f"Give the class numobservations() and subset(indices), or {instead}.",
        )


def check_indices(indices: Any, count: int) -> np.ndarray:
    """``indices`` as whole numbers from 0; a logical mask is turned into them."""
    chosen = np.asarray(indices).reshape(-1)
    if chosen.dtype == bool:
        chosen = np.flatnonzero(chosen) if chosen.size == count else np.array([count])
    if chosen.size and (chosen.dtype.kind not in "iu" or chosen.min() < 0 or chosen.max() >= count):
        raise OptionError(
            f"subset: indices do not fit {count} observations.",
            got={"indices": np.array2string(np.asarray(indices), threshold=8, edgeitems=3)},
            fix=f"Use Python's subscripts, whole numbers from 0 to {count - 1}, or a mask.",
        )
    return chosen.astype(np.intp)


def check_count(value: object, name: str, who: str) -> int:
    """``value`` as a positive whole number."""
    if isinstance(value, bool) or not isinstance(value, (int, float, np.integer, np.floating)):
        value = 0
    if value != int(value) or value < 1:
        raise OptionError(f"{who}: {name} must be a whole number from 1 on.", fix=f"Set {name}=1.")
    return int(value)
