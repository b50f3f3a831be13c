"""The file: safetensors with a description of the values in its metadata.

Safetensors holds named arrays and words, nothing that could run; it is read by PyTorch, JAX, Rust
and others, one array without the rest. What it lacks is added here: it appears under its name only
when it is complete and on the disk, and check sums tell damage.
"""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from .._errors import FileError, OptionError
from .._numbers import describe

ENDING = ".safetensors"
PART = ".part"  # the ending of a file that is being written
VERSION = 1
KEY, SUM = "dltk", "dltk.crc32"  # of the description in the metadata


def path_of(filename: Any, who: str) -> Path:
    """The path with the ending of the format."""
    if not isinstance(filename, (str, os.PathLike)) or not os.fspath(filename):
        given = repr(filename) if isinstance(filename, str) else describe(filename)
        raise OptionError(
            f"{who}: the file name is {given}.", fix=f'Write {who}("net{ENDING}", ...).'
        )
    path = Path(filename)
    if path.suffix == ".mat":
        raise OptionError(
            f'{who}: "{filename}" has the ending of MATLAB\'s own files, which this is not.',
            fix=f'Use "{path.with_suffix(ENDING)}". MAT-files are read by scipy.io.loadmat.',
        )
    if who == "save" and not path.parent.is_dir():
        raise FileNotFoundError(f"save: there is no folder {path.parent}; make it first.")
    return path if path.suffix == ENDING else path.with_name(path.name + ENDING)


def write(path: Path, variables: Mapping[str, Any], arrays: Mapping[str, np.ndarray]) -> None:
    """Write a file so that whoever looks finds the old one or the new one, whole."""
    from safetensors.numpy import save_file

    sums = {name: _sum_of_array(array) for name, array in arrays.items()}
    content = {"version": VERSION, "variables": variables, "crc32": sums}
    text = json.dumps(content, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}{PART}")
    try:
        save_file(dict(arrays), temporary, {KEY: text, SUM: _sum(text)})
        with open(temporary, "r+b") as stream:
            os.fsync(stream.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    _fsync_folder(path.parent)


def _fsync_folder(folder: Path) -> None:
    """Put the new name on the disk, where folders can be opened."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def _sum_of_array(array: np.ndarray) -> int:
    return zlib.crc32(np.ascontiguousarray(array).data)


def _sum(text: str) -> str:
    return f"{zlib.crc32(text.encode()):08x}"


class SavedFile:
    """A file that is open for reading.

    Args:
        path: Where it is.

    Attributes:
        variables: The nodes of the variables.

    Raises:
        FileNotFoundError: There is no such file.
        FileError: It is damaged, or not of this kind.
    """

    def __init__(self, path: Path):
        from safetensors import SafetensorError, safe_open

        self._path = path
        path.open("rb").close()  # Python's own words for a file that is not there
        try:
            self._file = safe_open(path, framework="numpy")
            metadata = self._file.metadata() or {}
        except SafetensorError as error:
            raise self._damaged(str(error)) from error
        if KEY not in metadata:
            raise FileError(
                f"load: {path} was not written by dltk.",
                fix="Arrays of other programs are read by safetensors.numpy.load_file.",
            )
        if _sum(metadata[KEY]) != metadata.get(SUM):
            raise self._damaged("the description of the variables has changed")
        content = json.loads(metadata[KEY])
        if content["version"] > VERSION:
            raise FileError(
                f"load: {path} was written by a newer version of dltk.",
                got={"version of the file": content["version"], "known here": VERSION},
                fix="Update dltk.",
            )
        self.variables: dict[str, Any] = content["variables"]
        self._sums: dict[str, int] = content["crc32"]

    def array(self, name: str) -> np.ndarray:
        """One of its arrays."""
        from safetensors import SafetensorError

        try:
            array = self._file.get_tensor(name)
        except SafetensorError as error:
            raise self._damaged(str(error)) from error
        if _sum_of_array(array) != self._sums.get(name):
            raise self._damaged(f"{name} has changed")
        return array

    def _damaged(self, reason: str) -> FileError:
        return FileError(
            f"load: {self._path} is damaged or not a file of this kind.",
            got={"reason": reason},
            fix="Use an earlier file.",
        )
