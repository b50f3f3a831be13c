"""Image files as a datastore, with labels from the names of their folders."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from copy import copy
from typing import Any, Literal

import numpy as np

from .._errors import OptionError, nearest
from ._categorical import categorical
from ._file_datastore import FilesDatastore, checked_function
from ._files import endings, find_files
from ._images import read_image
from ._reading import Info

# of files in folders that count as images
ENDINGS = (
    *(".bmp", ".gif", ".jpeg", ".jpg", ".pbm", ".pgm"),
    *(".png", ".ppm", ".tif", ".tiff", ".webp"),
)
SOURCES = ("none", "foldernames")


class imageDatastore(FilesDatastore):
    """Datastore of image files.

    A read gives the image alone, height x width (x 3 for colors); its label is in the information
    of the read. In a `minibatchqueue` the labels come from a second datastore,
    ``combine(imds, arrayDatastore(imds.Labels))``, or from `augmentedImageDatastore`.

    Args:
        location: A folder, a file, a pattern such as ``"images/*.png"``, or a list of these.
        IncludeSubfolders: Whether folders within count, too.
        LabelSource: "none", or "foldernames": the label of a file is the name of its folder.
        FileExtensions: Endings that files in folders must have; those of the usual formats without.
        Labels: Labels instead, one per file: a categorical, text or numbers.
        ReadSize: How many images one ``read`` returns (a list, if more than one).
        ReadFcn: Function that reads a file; by default Pillow does, as MATLAB's imread.

    Attributes:
        Files: Names of the files, sorted.
        Labels: A categorical, one label per file; ``[]`` without labels. Assignable.

    Raises:
        OptionError: No files, a wrong word, or another number of labels than files.

    Example:
        >>> import tempfile, pathlib
        >>> from PIL import Image
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     for name in ("cat", "dog"):
        ...         path = pathlib.Path(folder, name)
        ...         path.mkdir()
        ...         Image.fromarray(np.zeros((4, 6), np.uint8)).save(path / "1.png")
        ...
        ...     imds = imageDatastore(folder, IncludeSubfolders=True, LabelSource="foldernames")
        ...     imds.Labels, imds.read().shape
        (categorical(['cat', 'dog'], categories: cat, dog), (4, 6))

    Source:
        https://www.mathworks.com/help/matlab/ref/matlab.io.datastore.imagedatastore.html
    """

    def __init__(
        self,
        location: Any,
        *,
        IncludeSubfolders: bool = False,
        LabelSource: Literal["none", "foldernames"] = "none",
        FileExtensions: str | Sequence[str] = (),
        Labels: Any = (),
        ReadSize: int = 1,
        ReadFcn: Callable[[str], Any] = read_image,
    ):
        super().__init__(ReadSize)
        who = "imageDatastore"
        if LabelSource not in SOURCES:
            raise OptionError(
                f"{who}: LabelSource {LabelSource!r} does not exist.",
                fix=nearest(LabelSource, SOURCES),
            )
        self.ReadFcn = checked_function(who, ReadFcn)
        found = endings(who, FileExtensions) or ENDINGS
        self.Files = find_files(who, location, IncludeSubfolders, found)
        self._labels: Any = []
        self.Labels = self._folders() if LabelSource == "foldernames" else Labels

    @property
    def Labels(self) -> Any:
        return self._labels

    @Labels.setter
    def Labels(self, labels: Any) -> None:
        if not isinstance(labels, categorical) and len(labels) == 0:
            self._labels = []
            return
        made = (labels if isinstance(labels, categorical) else categorical(labels)).ravel()
        if made.size != len(self.Files):
            raise OptionError(
                f"imageDatastore: {made.size} labels for {len(self.Files)} files.",
                fix="Give one label per file, in the order of Files.",
            )
        self._labels = made

    def _folders(self) -> list[str]:
        return [os.path.basename(os.path.dirname(os.path.abspath(file))) for file in self.Files]

    def _chosen(self, indices: np.ndarray) -> Any:
        made = copy(self)
        made.Files = [self.Files[i] for i in indices]
        made._labels = self._labels[indices] if isinstance(self._labels, categorical) else []
        made.reset()
        return made

    def info(self, index: int) -> Info:
        """Name, size in bytes and label of the file number ``index`` (from 0)."""
        file = self.Files[index]
        label = self._labels[index] if isinstance(self._labels, categorical) else []
        return {"Filename": file, "FileSize": os.path.getsize(file), "Label": label}


def readimage(imds: imageDatastore, I: int) -> Any:
    """One image of a datastore; its reading position stays.

    Args:
        imds: An `imageDatastore`.
        I: Number of the image, from 1.

    Raises:
        OptionError: No such image.

    Example:
        >>> import tempfile
        >>> from PIL import Image
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     Image.fromarray(np.full((2, 3), 7, np.uint8)).save(f"{folder}/a.png")
        ...     readimage(imageDatastore(folder), 1)
        array([[7, 7, 7],
               [7, 7, 7]], dtype=uint8)

    Source:
        https://www.mathworks.com/help/matlab/ref/matlab.io.datastore.imagedatastore.readimage.html
    """
    if not isinstance(I, (int, np.integer)) or not 1 <= I <= len(imds.Files):
        raise OptionError(
            f"readimage: there is no image {I}.", fix=f"Numbers go from 1 to {len(imds.Files)}."
        )
    return imds.content(int(I) - 1)
