"""Python's own sources of data: sequences such as PyTorch's Dataset, iterables, generators."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, islice
from typing import Any

import numpy as np

from .._errors import OptionError, StateError
from .._numbers import describe
from .._struct import struct
from ._datastore import Datastore, check_indices
from ._reading import Info, Reader, RowReader, check_left


def iterable_datastore(source: Any) -> SequenceDatastore | IterableDatastore:
    """A datastore of any Python source; `minibatchqueue` makes one by itself.

    An item of the source is an observation: a tuple of its variables, a dict of them, or one
    variable.

    Args:
        source: One of these:

            * something with ``len`` and subscripts from 0, such as PyTorch's (map-style) Dataset:
              it can be shuffled and divided;
            * something that can be walked through again and again, such as PyTorch's
              IterableDataset: it is read in its order;
            * a function that returns a generator: called anew at every reset;
            * a generator: walked through once.

    Returns:
        The datastore.

    Raises:
        OptionError: Something else, or PyTorch's DataLoader, which gives mini-batches already.

    Example:
        >>> squares = iterable_datastore(lambda: ((k, k * k) for k in range(3)))
        >>> squares.read(), squares.read()
        ((0, 0), (1, 1))

    Source:
        Python's data model, https://docs.python.org/3/reference/datamodel.html
    """
    if hasattr(source, "batch_size") and hasattr(source, "dataset"):
        raise OptionError(
            "iterable_datastore: a DataLoader gives mini-batches, here observations are wanted.",
            fix="Hand over its dataset, minibatchqueue(loader.dataset, MiniBatchSize=...).",
        )
    if is_sequence(source):
        return SequenceDatastore(source)
    if isinstance(source, Iterable) or callable(source):
        return IterableDatastore(source)
    raise OptionError(
        f"iterable_datastore: {describe(source)} is no source of observations.",
        fix="Hand over something with len and subscripts, an iterable, or a function that returns "
        "a generator.",
    )


def is_source(value: Any) -> bool:
    """Whether a value is such a source, and no datastore."""
    if isinstance(value, (type, str, bytes, dict, struct)) or hasattr(value, "hasdata"):
        return False
    return is_sequence(value) or isinstance(value, Iterable) or callable(value)


def is_sequence(value: Any) -> bool:
    """Whether a value has a length and subscripts."""
    return hasattr(value, "__getitem__") and hasattr(value, "__len__")


class SequenceDatastore(Datastore):
    """Items of something with a length and subscripts; made by `iterable_datastore`."""

    def __init__(self, source: Any):
        super().__init__()
        self._source = source
        self._order = np.arange(len(source))

    def reader(self) -> Reader:
        """An independent walk through the datastore from its first observation."""
        return SequenceReader(self)

    def numobservations(self) -> int:
        """How many items there are."""
        return len(self._order)

    def subset(self, indices: Any) -> SequenceDatastore:
        """A new datastore with some items, in the order of ``indices`` (from 0)."""
        made = SequenceDatastore(self._source)
        made._order = self._order[check_indices(indices, len(self))]
        return made

    def item(self, place: int) -> Any:
        """The item at a place of the order."""
        return self._source[int(self._order[place])]

    def __repr__(self) -> str:
        return f"SequenceDatastore of {len(self)} items of a {type(self._source).__name__}"


class SequenceReader(RowReader):
    """A walk through a SequenceDatastore."""

    def __init__(self, ds: SequenceDatastore):
        super().__init__(1)
        self.ds, self.position = ds, 0

    def more(self) -> bool:
        return self.position < len(self.ds)

    def left(self) -> int | None:
        return len(self.waiting) + len(self.ds) - self.position

    def read(self) -> tuple[Any, Info]:
        self.position += 1
        return one_observation(self.ds.item(self.position - 1)), {}

    def source_state(self) -> Any:
        return self.position

    def go_on(self, state: Any) -> None:
        self.position = state


class IterableDatastore:
    """Items of something that can only be walked through; made by `iterable_datastore`."""

    ReadSize = 1
    in_order_only = "Hand over something with len and subscripts, such as a (map-style) Dataset."

    def __init__(self, source: Iterable[Any] | Callable[..., Any]):
        self._source = source
        self._once = isinstance(source, Iterator)
        self._started = False
        self._reader: Reader | None = None

    def walk(self) -> Iterator[Any]:
        """Items from the first one on."""
        if self._once and self._started:
            raise StateError(
                "iterable_datastore: a generator can be walked through once, and it has begun.",
                fix="Hand over the function that makes it: without the parentheses of the call.",
            )
        self._started = True
        source: Any = self._source
        items = source if isinstance(source, Iterable) else source()
        if not isinstance(items, Iterable):
            raise OptionError(
                f"iterable_datastore: the function returned {describe(items)}.",
                fix="It must return a generator or another iterable: write yield in it.",
            )
        return iter(items)

    def first(self) -> Any:
        """The first observation, without beginning the walk; None if there is none."""
        if not self._once:
            reader = self.reader()
            return reader.read()[0] if reader.hasdata() else None
        items: Any = self._source
        found = list(islice(items, 1))
        self._source = chain(found, items)
        return one_observation(found[0]) if found else None

    def reader(self) -> Reader:
        """An independent walk through the items."""
        return IterableReader(self)

    def _present(self) -> Reader:
        if self._reader is None:
            self._reader = self.reader()
        return self._reader

    def hasdata(self) -> bool:
        """Whether anything is left to read."""
        return self._present().hasdata()

    def read(self, *, nargout: int = 1) -> Any:
        """The next observation; with ``nargout=2`` also an empty dict."""
        check_left(self._present(), "read")
        data = self._present().read()
        return data if nargout == 2 else data[0]

    def reset(self) -> None:
        """Back to the first observation."""
        self._reader = None

    def __repr__(self) -> str:
        return f"IterableDatastore of a {type(self._source).__name__}"


END = object()


class IterableReader(RowReader):
    """A walk through an IterableDatastore, one item ahead to know whether there is one.

    The walk begins when the first item is asked for.
    """

    def __init__(self, ds: IterableDatastore):
        super().__init__(1)
        self.ds, self.reads = ds, 0
        self.items: Iterator[Any] | None = None
        self.ahead: Any = None

    def more(self) -> bool:
        if self.items is None:
            self.items = self.ds.walk()
            self.ahead = next(islice(self.items, self.reads, None), END)
        return self.ahead is not END

    def read(self) -> tuple[Any, Info]:
        self.more()
        assert self.items is not None
        item, self.ahead = self.ahead, next(self.items, END)
        self.reads += 1
        return one_observation(item), {}

    def source_state(self) -> Any:
        return self.reads

    def go_on(self, state: Any) -> None:
        self.reads = state


def one_observation(item: Any) -> Any:
    """An item as the variables of one observation; a list is one variable only in a tuple."""
    return tuple(item) if isinstance(item, list) else item
