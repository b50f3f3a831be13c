"""Arrays that are dear to make, kept in the cache folder."""

from __future__ import annotations

import contextlib
import os
import tempfile
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from .._cache_folder import cache_folder

Arrays = Mapping[str, np.ndarray]


def cached(name: str, make: Callable[[], Arrays], fits: Callable[[Arrays], bool]) -> Arrays:
    """The arrays in the file ``name`` of the cache, or made now and put there.

    A file that cannot be read or does not fit is made again. Without permission to write, the
    arrays are made every time.

    Args:
        name: Name of the file; what changes its content changes the name too.
        make: Makes the arrays.
        fits: Whether arrays that were read are what ``make`` makes.
    """
    file = cache_folder() / name
    found = _read(file)
    if found is not None and fits(found):
        return found
    made = make()
    with contextlib.suppress(OSError):
        _write(file, made)
    return made


def _read(file: Path) -> Arrays | None:
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as content:
            return {key: content[key] for key in content.files}
    except (OSError, ValueError, EOFError, KeyError, AttributeError, zipfile.BadZipFile):
        return None


def _write(file: Path, arrays: Arrays) -> None:
    """Under another name first, so that nobody ever reads half a file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=file.parent, prefix=file.stem, suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as stream:
            np.savez_compressed(stream, allow_pickle=False, **arrays)
            stream.flush()
            os.fsync(stream.fileno())
        os.replace(temporary, file)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
