"""Reading one after the other: what every datastore gives, as columns of observations.

A *reader* walks through a datastore once:

* ``hasdata()``: whether an observation is left;
* ``read()``: what the datastore's ``read`` returns, and a dict with information about it;
* ``take(count)``: the next ``count`` observations (fewer at the end), one column per variable;
* ``get_state()`` and ``set_state(state)``: where it stands, for another reader of the same data.

A *column* is a sequence of observations: an array or a categorical whose first dimension counts
them, or a list. Readers are independent of each other, so two queues may share a datastore.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import deque
from typing import Any

from .._errors import FormatError, OptionError, StateError
from .._numbers import describe
from .._struct import struct

Columns = tuple[Any, ...]
Info = dict[str, Any]


class Reader(ABC):
    """One walk through a datastore."""

    @abstractmethod
    def hasdata(self) -> bool:
        """Whether an observation is left."""

    @abstractmethod
    def read(self) -> tuple[Any, Info]:
        """The next read of the datastore, and information about it."""

    @abstractmethod
    def take(self, count: int) -> Columns:
        """The next observations, at most ``count``, one column per variable."""

    def left(self) -> int | None:
        """How many observations are left, if that is known without reading them."""
        return None

    @abstractmethod
    def get_state(self) -> Any:
        """Where it stands: numbers, lists, dicts and observations."""

    @abstractmethod
    def set_state(self, state: Any) -> None:
        """Go on where a reader of the same data stood; this one has read nothing yet."""


class RowReader(Reader):
    """Takes observations from reads of any size; keeps what was read too much for the next time."""

    def __init__(self, read_size: int):
        self.read_size = read_size
        self.waiting: deque[tuple[Any, ...]] = deque()

    def take(self, count: int) -> Columns:
        while len(self.waiting) < count and self.more():
            self.waiting.extend(rows(self.read()[0], self.read_size))
        taken = [self.waiting.popleft() for _ in range(min(count, len(self.waiting)))]
        if len({len(row) for row in taken}) > 1:
            sizes = sorted({len(row) for row in taken})
            raise FormatError(
                "read: the datastore gives observations with different numbers of variables.",
                got={"numbers of variables": sizes},
                fix="Return the same variables from every read, one tuple per observation.",
            )
        return tuple(list(column) for column in zip(*taken, strict=True))

    def hasdata(self) -> bool:
        return bool(self.waiting) or self.more()

    def get_state(self) -> Any:
        return {"waiting": list(self.waiting), "source": self.source_state()}

    def set_state(self, state: Any) -> None:
        self.go_on(state["source"])
        self.waiting = deque(tuple(row) for row in state["waiting"])

    @abstractmethod
    def more(self) -> bool:
        """Whether the datastore can be read once more."""

    @abstractmethod
    def source_state(self) -> Any:
        """Where the reading of the datastore stands."""

    @abstractmethod
    def go_on(self, state: Any) -> None:
        """Go on reading the datastore from there."""


class UserReader(RowReader):
    """Reads a datastore that a user wrote; `dltk.data` lists the methods that it needs."""

    def __init__(self, ds: Any):
        super().__init__(getattr(ds, "ReadSize", 1))
        self.ds = ds
        self.reads = 0
        ds.reset()

    def more(self) -> bool:
        return bool(self.ds.hasdata())

    def read(self) -> tuple[Any, Info]:
        self.reads += 1
        return self.ds.read(), {}

    def source_state(self) -> Any:
        own = self.ds.get_state() if hasattr(self.ds, "get_state") else None
        return {"reads": self.reads, "own": own}

    def go_on(self, state: Any) -> None:
        if state["own"] is not None:
            self.ds.set_state(state["own"])
            self.reads = state["reads"]
        while self.reads < state["reads"]:  # nobody knows how to skip, so read again
            self.read()


def reader_of(ds: Any) -> Reader:
    """A reader that starts at the first observation of ``ds``."""
    return ds.reader() if hasattr(ds, "reader") else UserReader(ds)


def rows(data: Any, read_size: int) -> list[tuple[Any, ...]]:
    """One read as a list of observations, each a tuple of variables.

    A tuple is one observation. A list of tuples is a list of observations. Any other list is the
    variables of one observation where one is read at a time, else observations of one variable.

    >>> rows((1, 2), 1), rows([1, 2], 1), rows([1, 2], 2), rows([(1, 2), (3, 4)], 2)
    ([(1, 2)], [(1, 2)], [(1,), (2,)], [(1, 2), (3, 4)])
    """
    if isinstance(data, tuple):
        return [data]
    if isinstance(data, dict):
        return [tuple(data.values())]
    if isinstance(data, list) and data and all(isinstance(row, tuple) for row in data):
        return data
    if read_size == 1:
        return [tuple(data) if isinstance(data, list) else (data,)]
    return [(value,) for value in data]


def check_datastore(ds: Any, who: str) -> Any:
    """``ds``, after a check that it can be read."""
    wanted = ("hasdata", "read", "reset")
    missing = [name for name in wanted if not callable(getattr(ds, name, None))]
    missing = [*wanted] if isinstance(ds, struct) else missing
    if missing or isinstance(ds, type):
        given = f"the class {ds.__name__} itself" if isinstance(ds, type) else describe(ds)
        raise OptionError(
            f"{who}: expected a datastore, got {given}.",
            got={"missing methods": ", ".join(missing) or "none, but it is a class, not an object"},
            fix="Put arrays, lists and categoricals into an arrayDatastore first.",
        )
    return ds


def check_left(reader: Any, who: str) -> None:
    if not reader.hasdata():
        raise StateError(
            f"{who}: no data left in the datastore.",
            fix="Call reset(ds) to start again, and ask hasdata(ds) before reading.",
        )
