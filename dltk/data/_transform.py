"""A datastore whose reads pass through a function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .._errors import OptionError
from ._datastore import Datastore
from ._reading import Info, Reader, RowReader, check_datastore, reader_of, rows


def transform(
    ds: Any, fun: Callable[..., Any], *, IncludeInfo: bool = False
) -> TransformedDatastore:
    """A datastore that gives ``fun(data)`` for each ``data`` that ``ds`` gives.

    Args:
        ds: A datastore, of dltk or your own (see ``help(dltk.data)``).
        fun: Called once per read with what ``read(ds)`` returns: a list of observations from an
            `arrayDatastore`, a tuple of variables from a combined datastore. It returns the changed
            observation as a tuple (or list) of its variables, or as an array if there is one
            variable; or a list of such tuples for several observations. It runs when the data is
            read, so random changes differ from epoch to epoch.
        IncludeInfo: Call ``fun(data, info)`` with the information of the read, and expect
            ``(data, info)`` back.

    Raises:
        OptionError: ``ds`` is no datastore or ``fun`` no function.

    Example:
        >>> from dltk.data import arrayDatastore
        >>> ds = transform(arrayDatastore([1.0, 2.0]), lambda data: [10 * data[0][0]])
        >>> ds.read(), ds.read()
        ([10.0], [20.0])

    Source:
        https://www.mathworks.com/help/matlab/ref/matlab.io.datastore.transform.html
    """
    check_datastore(ds, "transform")
    if not callable(fun):
        raise OptionError(
            f"transform: fun is a {type(fun).__name__}, not a function.",
            fix="Write transform(ds, fun), with the datastore first.",
        )
    return TransformedDatastore(ds, fun, IncludeInfo)


class TransformedDatastore(Datastore):
    """A datastore with a function behind it; made by `transform`.

    Attributes:
        UnderlyingDatastore: The datastore that is read.
        Transform: The function.
        IncludeInfo: Whether the function gets and returns the information of a read.
    """

    def __init__(self, ds: Any, fun: Callable[..., Any], IncludeInfo: bool):
        super().__init__()
        self.UnderlyingDatastore, self.Transform, self.IncludeInfo = ds, fun, IncludeInfo

    @property
    def ReadSize(self) -> int:
        return getattr(self.UnderlyingDatastore, "ReadSize", 1)

    @ReadSize.setter
    def ReadSize(self, value: int) -> None:
        self.UnderlyingDatastore.ReadSize = value
        self.reset()

    def reader(self) -> Reader:
        """An independent walk through the datastore from its first observation."""
        return TransformedReader(self)

    def numobservations(self) -> int:
        """How many observations the underlying datastore has."""
        return self._underlying("numobservations")()

    def subset(self, indices: Any) -> TransformedDatastore:
        """A new datastore with some observations, in the order of ``indices`` (from 0)."""
        chosen = self._underlying("subset")(indices)
        return TransformedDatastore(chosen, self.Transform, self.IncludeInfo)

    def readall(self) -> list[Any]:
        """All observations, from the first on, one tuple each (without it for one variable)."""
        reader, found = self.reader(), []
        while reader.hasdata():
            found.extend(rows(reader.read()[0], self.ReadSize))
        return [row[0] if len(row) == 1 else row for row in found]

    def _underlying(self, method: str) -> Callable[..., Any]:
        if not hasattr(self.UnderlyingDatastore, method):
            name = type(self.UnderlyingDatastore).__name__
            raise OptionError(
                f"transform: a {name} has no {method}, so its transform can only be read in order.",
                fix="Give the class the methods numobservations() and subset(indices).",
            )
        return getattr(self.UnderlyingDatastore, method)

    def __repr__(self) -> str:
        name = getattr(self.Transform, "__name__", type(self.Transform).__name__)
        return f"TransformedDatastore: {name} of {type(self.UnderlyingDatastore).__name__}"


class TransformedReader(RowReader):
    """Walks through a datastore and passes each read through the function."""

    def __init__(self, ds: TransformedDatastore):
        super().__init__(ds.ReadSize)
        self.ds = ds
        self.reader = reader_of(ds.UnderlyingDatastore)

    def more(self) -> bool:
        return self.reader.hasdata()

    def source_state(self) -> Any:
        return self.reader.get_state()

    def go_on(self, state: Any) -> None:
        self.reader.set_state(state)

    def read(self) -> tuple[Any, Info]:
        data, info = self.reader.read()
        if not self.ds.IncludeInfo:
            return self.ds.Transform(data), info
        made = self.ds.Transform(data, info)
        if not (isinstance(made, tuple) and len(made) == 2):
            raise OptionError(
                "transform: with IncludeInfo the function must return (data, info).",
                got={"returned": f"a {type(made).__name__}"},
                fix="Write return data, info.",
            )
        return made
