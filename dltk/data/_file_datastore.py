"""Files as a datastore: one observation per file, read by a function."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from typing import Any

import numpy as np

from .._errors import OptionError
from ._datastore import Datastore, check_indices
from ._files import endings, find_files
from ._reading import Info, Reader, RowReader


class FilesDatastore(Datastore):
    """Base of the datastores of files.

    Attributes:
        Files: Names of the files, in order.
        ReadFcn: The function that reads one.
    """

    Files: list[str]
    ReadFcn: Callable[[str], Any]

    def reader(self) -> Reader:
        """An independent walk through the datastore from its first observation."""
        return FileReader(self)

    def numobservations(self) -> int:
        """How many files there are."""
        return len(self.Files)

    def subset(self, indices: Any) -> Any:
        """A new datastore with some files, in the order of ``indices`` (from 0)."""
        return self._chosen(check_indices(indices, len(self)))

    def _chosen(self, indices: np.ndarray) -> Any:
        made = copy(self)
        made.Files = [self.Files[i] for i in indices]
        made.reset()
        return made

    def info(self, index: int) -> Info:
        """What is told about the file number ``index`` (from 0) besides its content."""
        return {"Filename": self.Files[index]}

    def content(self, index: int) -> Any:
        """What ``ReadFcn`` makes of the file number ``index`` (from 0)."""
        try:
            return self.ReadFcn(self.Files[index])
        except Exception as error:
            error.add_note(f"in ReadFcn of the {type(self).__name__}: {self.Files[index]}")
            raise

    def __repr__(self) -> str:
        name = getattr(self.ReadFcn, "__name__", repr(self.ReadFcn))
        first = self.Files[0] if self.Files else "none"
        return (
            f"{type(self).__name__} with {len(self)} files and properties:\n\n"
            f"       Files: {first}{', ...' if len(self) > 1 else ''}\n"
            f"    ReadSize: {self.ReadSize}\n"
            f"     ReadFcn: {name}"
        )


class FileReader(RowReader):
    """A walk through files."""

    def __init__(self, ds: FilesDatastore):
        super().__init__(ds.ReadSize)
        self.ds, self.position = ds, 0

    def more(self) -> bool:
        return self.position < len(self.ds)

    def left(self) -> int | None:
        return len(self.waiting) + len(self.ds) - self.position

    def read(self) -> tuple[Any, Info]:
        last = min(self.position + self.ds.ReadSize, len(self.ds))
        numbers = range(self.position, last)
        made = [self.ds.content(i) for i in numbers]
        infos = [self.ds.info(i) for i in numbers]
        self.position = last
        if self.ds.ReadSize == 1:
            return made[0], infos[0]
        return made, {name: [info[name] for info in infos] for name in infos[0]}

    def source_state(self) -> Any:
        return self.position

    def go_on(self, state: Any) -> None:
        self.position = state


class fileDatastore(FilesDatastore):
    """Datastore of files of any kind.

    Args:
        location: A folder, a file, a pattern such as ``"runs/*.npz"``, or a list of these.
        ReadFcn: Function that is called with the name of a file and returns its content: one array,
            or a tuple of several variables.
        IncludeSubfolders: Whether folders within count, too.
        FileExtensions: Endings that files must have, a text or several; all without.
        UniformRead: Accepted for MATLAB's sake; it concerns ``readall`` there.

    Attributes:
        Files: Names of the files, sorted.

    Raises:
        OptionError: No files, no function.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     for k in range(3):
        ...         np.savez(f"{folder}/{k}.npz", X=np.full(2, k), T=k)
        ...
        ...     def readFcn(filename):
        ...         with np.load(filename) as content:
        ...             return content["X"], content["T"]
        ...
        ...     ds = fileDatastore(folder, ReadFcn=readFcn, FileExtensions=".npz")
        ...     ds.read(), len(ds)
        ((array([0, 0]), array(0)), 3)

    Source:
        https://www.mathworks.com/help/matlab/ref/matlab.io.datastore.filedatastore.html
    """

    def __init__(
        self,
        location: Any,
        *,
        ReadFcn: Callable[[str], Any],
        IncludeSubfolders: bool = False,
        FileExtensions: str | Sequence[str] = (),
        UniformRead: bool = False,
    ):
        super().__init__()
        self.ReadFcn = checked_function("fileDatastore", ReadFcn)
        self.UniformRead = UniformRead
        found = endings("fileDatastore", FileExtensions)
        self.Files = find_files("fileDatastore", location, IncludeSubfolders, found)


def checked_function(who: str, function: Any) -> Any:
    """A ``ReadFcn``, which must be a function."""
    if not callable(function):
        raise OptionError(
            f"{who}: ReadFcn is {function!r}, not a function.",
            fix="It is called with the name of a file and returns its content.",
        )
    return function
