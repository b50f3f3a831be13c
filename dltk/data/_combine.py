"""Several datastores as one: side by side (inputs with their targets) or one after another."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np

from .._errors import OptionError, nearest
from ._datastore import Datastore, check_indices
from ._reading import Columns, Info, Reader, RowReader, check_datastore, reader_of


def combine(
    *datastores: Any, ReadOrder: Literal["associated", "sequential"] = "associated"
) -> CombinedDatastore | SequentialDatastore:
    """Several datastores as one.

    Args:
        *datastores: Datastores, of dltk or your own (see ``help(dltk.data)``).
        ReadOrder: "associated": the observations stand side by side, ``read`` returns a tuple with
            the variables of all datastores (a list of tuples where several observations are read at
            once). It ends with the shortest datastore. "sequential": one datastore after the other.

    Returns:
        A datastore. Shuffled, it stays in step.

    Raises:
        OptionError: Something that is no datastore, or a wrong ``ReadOrder``.

    Example:
        >>> from dltk.data import arrayDatastore
        >>> dsX = arrayDatastore(np.array([[1.0, 2.0], [3.0, 4.0]]))
        >>> ds = combine(dsX, arrayDatastore(np.array([10.0, 20.0])))
        >>> ds.read()
        (array([[1., 2.]]), np.float64(10.0))

    Source:
        https://www.mathworks.com/help/matlab/ref/matlab.io.datastore.combine.html
    """
    if not datastores:
        raise OptionError("combine: no datastore given.", fix="Write combine(dsX, dsT).")
    for ds in datastores:
        check_datastore(ds, "combine")
    if ReadOrder not in ("associated", "sequential"):
        raise OptionError(
            f'combine: ReadOrder "{ReadOrder}" does not exist.',
            fix=nearest(ReadOrder, ["associated", "sequential"]),
        )
    return (CombinedDatastore if ReadOrder == "associated" else SequentialDatastore)(datastores)


class CombinedDatastore(Datastore):
    """Datastores side by side; made by `combine`.

    Attributes:
        UnderlyingDatastores: The datastores, in order.
    """

    def __init__(self, datastores: tuple[Any, ...], ReadSize: int | None = None):
        super().__init__(ReadSize or getattr(datastores[0], "ReadSize", 1))
        self.UnderlyingDatastores = datastores

    def reader(self) -> Reader:
        """An independent walk through the datastore from its first observation."""
        return CombinedReader(self)

    def numobservations(self) -> int:
        """How many observations there are: those of the shortest datastore."""
        return min(_count(ds) for ds in self.UnderlyingDatastores)

    def subset(self, indices: Any) -> CombinedDatastore:
        """A new datastore with some observations, in the order of ``indices`` (from 0)."""
        chosen = check_indices(indices, len(self))
        parts = tuple(_subset(ds, chosen) for ds in self.UnderlyingDatastores)
        return CombinedDatastore(parts, self.ReadSize)

    def __repr__(self) -> str:
        return f"CombinedDatastore of {_listed(self.UnderlyingDatastores)}"


class CombinedReader(Reader):
    """Walks through several datastores in step."""

    def __init__(self, ds: CombinedDatastore):
        self.ds = ds
        self.readers = [reader_of(part) for part in ds.UnderlyingDatastores]

    def hasdata(self) -> bool:
        return all(reader.hasdata() for reader in self.readers)

    def left(self) -> int | None:
        counts = [reader.left() for reader in self.readers]
        return None if None in counts else min(n for n in counts if n is not None)

    def get_state(self) -> Any:
        return [reader.get_state() for reader in self.readers]

    def set_state(self, state: Any) -> None:
        for reader, part in zip(self.readers, state, strict=True):
            reader.set_state(part)

    def take(self, count: int) -> Columns:
        columns = [column for reader in self.readers for column in reader.take(count)]
        shortest = min(len(column) for column in columns)
        return tuple(column[:shortest] for column in columns)

    def read(self) -> tuple[Any, Info]:
        observations = list(zip(*self.take(self.ds.ReadSize), strict=True))
        return (observations[0] if self.ds.ReadSize == 1 else observations), {}


class SequentialDatastore(Datastore):
    """Datastores one after the other; made by `combine` with ``ReadOrder="sequential"``.

    Attributes:
        UnderlyingDatastores: The datastores, in order.
    """

    def __init__(self, datastores: tuple[Any, ...], ReadSize: int | None = None):
        super().__init__(ReadSize or getattr(datastores[0], "ReadSize", 1))
        self.UnderlyingDatastores = datastores

    def reader(self) -> Reader:
        """An independent walk through the datastore from its first observation."""
        return SequentialReader(self)

    def numobservations(self) -> int:
        """How many observations there are in all."""
        return sum(_count(ds) for ds in self.UnderlyingDatastores)

    def subset(self, indices: Any) -> SequentialDatastore:
        """A new datastore with some observations, in the order of ``indices`` (from 0)."""
        chosen = check_indices(indices, len(self))
        starts = np.cumsum([0, *(_count(ds) for ds in self.UnderlyingDatastores)])
        which = np.searchsorted(starts, chosen, side="right") - 1
        parts = []
        for run in np.split(np.arange(len(chosen)), np.flatnonzero(np.diff(which)) + 1):
            if len(run):
                part = which[run[0]]
                parts.append(_subset(self.UnderlyingDatastores[part], chosen[run] - starts[part]))
        return SequentialDatastore(tuple(parts), self.ReadSize)

    def __repr__(self) -> str:
        return f"SequentialDatastore of {_listed(self.UnderlyingDatastores)}"


class SequentialReader(RowReader):
    """Walks through one datastore after the other."""

    def __init__(self, ds: SequentialDatastore):
        super().__init__(ds.ReadSize)
        self.parts = ds.UnderlyingDatastores
        self.begun = 0
        self.reader: Reader | None = None

    def more(self) -> bool:
        while self.begun < len(self.parts) and (self.reader is None or not self.reader.hasdata()):
            self.reader = reader_of(self.parts[self.begun])
            self.begun += 1
        return self.reader is not None and self.reader.hasdata()

    def read(self) -> tuple[Any, Info]:
        assert self.reader is not None, "more() comes first"
        return self.reader.read()

    def source_state(self) -> Any:
        inner = None if self.reader is None else self.reader.get_state()
        return {"begun": self.begun, "reader": inner}

    def go_on(self, state: Any) -> None:
        self.begun = state["begun"]
        if self.begun:
            self.reader = reader_of(self.parts[self.begun - 1])
            self.reader.set_state(state["reader"])


def _count(ds: Any) -> int:
    _check_has(ds, "numobservations")
    return ds.numobservations()


def _subset(ds: Any, indices: np.ndarray) -> Any:
    _check_has(ds, "subset")
    return ds.subset(indices)


def _check_has(ds: Any, method: str) -> None:
    if not hasattr(ds, method):
        raise OptionError(
            f"combine: a {type(ds).__name__} has no {method}, so the combined datastore can be "
            "read but not shuffled or divided.",
            fix="Give the class the methods numobservations() and subset(indices).",
        )


def _listed(datastores: tuple[Any, ...]) -> str:
    """The datastores with their numbers of observations, in a line."""
    parts = []
    for ds in datastores:
        known = hasattr(ds, "numobservations")
        size = f" ({ds.numobservations()} observations)" if known else ""
        parts.append(type(ds).__name__ + size)
    return ", ".join(parts)
