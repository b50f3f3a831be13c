"""The contract of a place where progress is shown, and pictures as files."""

from __future__ import annotations

import io
import os
from abc import ABC, abstractmethod
from pathlib import Path

from .._errors import OptionError, nearest
from ._data import Data
from ._plot import draw, figure_size, plain_style

SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".svg", ".pdf", ".eps")


class Output(ABC):
    """A place where progress is shown, at most every ``pause`` seconds.

    ``has_user``: somebody may press something there, so it is polled often. ``stays``: it is not
    taken away when the monitor is gone or the program ends.
    """

    pause = 1.0
    has_user = False
    stays = False

    @abstractmethod
    def update(self, data: Data, *, final: bool) -> None:
        """Show the data as they are now; ``final``: nothing is expected to follow."""

    def poll(self) -> None:  # noqa: B027  most places have no user who presses something
        """Let a user's key or click come in."""

    def close(self) -> None:  # noqa: B027  most places hold nothing
        """Give back what is held."""


class File(Output):
    """A picture in a file, replaced as a whole: who opens it never sees half of it."""

    def __init__(self, path: Path):
        self.path = path

    def update(self, data: Data, *, final: bool) -> None:
        """Write the picture anew."""
        write_picture(data, self.path, dpi=110)


def checked_path(function: str, file: str | os.PathLike[str]) -> Path:
    """An absolute path in a folder that exists, with the suffix of a picture."""
    path = Path(file).absolute()
    if path.suffix.lower() not in SUFFIXES:
        raise OptionError(
            f"{function}: the file name does not end like that of a picture.",
            got={"file": file},
            fix=nearest(path.suffix, SUFFIXES),
        )
    if not path.parent.is_dir():
        raise OptionError(
            f"{function}: the folder of the file does not exist.",
            got={"folder": path.parent},
            fix="Make the folder first, or name another one.",
        )
    return path


def picture(data: Data, *, dpi: float, suffix: str = ".png") -> bytes:
    """The picture in a file format; pyplot and the user's backend are left alone."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    stream = io.BytesIO()
    with plain_style():
        figure = Figure(figsize=figure_size(data))
        FigureCanvasAgg(figure)
        draw(figure, data)
        figure.savefig(stream, format=suffix.lower().lstrip("."), dpi=dpi)
    return stream.getvalue()


def write_picture(data: Data, path: Path, *, dpi: float) -> None:
    """Draw into a file."""
    replace_file(path, picture(data, dpi=dpi, suffix=path.suffix))


def replace_file(path: Path, content: bytes) -> None:
    """Write beside the file first, then put it in its place."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_bytes(content)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
