"""Names of files: folders, patterns and lists as users write them, sorted out once."""

from __future__ import annotations

import glob
import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from .._errors import OptionError


def find_files(who: str, location: Any, subfolders: bool, extensions: Sequence[str]) -> list[str]:
    """The files that a location means, sorted within each folder or pattern.

    Args:
        who: The public name, for errors.
        location: A folder, a file, a pattern such as ``"images/*.png"``, or a list of these.
        subfolders: Whether folders are searched through to the bottom.
        extensions: Endings in lower case that a file in a folder must have; all without.

    Raises:
        OptionError: Nothing there, or something that is no name.
    """
    one = isinstance(location, (str, os.PathLike))
    names: list[Any] = [location] if one else list(location)
    if not all(isinstance(name, (str, os.PathLike)) for name in names):
        raise OptionError(
            f"{who}: location must be a name or a list of names.", got={"l": location}
        )
    found = [
        file
        for name in names
        for file in _of_one(who, str(Path(os.fspath(name)).expanduser()), subfolders, extensions)
    ]
    if not found:
        wanted = f" with one of the endings {', '.join(extensions)}" if extensions else ""
        raise OptionError(
            f"{who}: there are no files{wanted}.",
            got={"location": names[0] if one else names},
            fix="Set IncludeSubfolders=True for files in folders within." if not subfolders else "",
        )
    return found


def _of_one(who: str, name: str, subfolders: bool, extensions: Sequence[str]) -> list[str]:
    if os.path.isdir(name):
        pattern = "**/*" if subfolders else "*"
        inside = (str(path) for path in sorted(Path(name).glob(pattern)) if path.is_file())
        return [file for file in inside if _fits(file, extensions)]
    if os.path.isfile(name):
        return [name]
    matching = sorted(file for file in glob.glob(name, recursive=True) if os.path.isfile(file))
    if not matching:
        raise OptionError(
            f"{who}: there is no such file or folder.",
            got={"location": name, "current folder": os.getcwd()},
        )
    return matching


def _fits(file: str, extensions: Sequence[str]) -> bool:
    return not extensions or os.path.splitext(file)[1].lower() in extensions


def endings(who: str, given: Any) -> tuple[str, ...]:
    """``FileExtensions`` as a tuple of endings in lower case.

    >>> endings("imageDatastore", ".PNG"), endings("imageDatastore", ["jpg", ".png"])
    (('.png',), ('.jpg', '.png'))
    """
    words = [given] if isinstance(given, str) else list(given)
    if not all(isinstance(word, str) for word in words):
        raise OptionError(f"{who}: FileExtensions must be text.", got={"FileExtensions": given})
    return tuple("." + word.lower().removeprefix(".") for word in words)
