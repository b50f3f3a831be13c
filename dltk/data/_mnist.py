"""The files of the MNIST data set and its relatives (IDX format), read into MATLAB's sizes."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path

import numpy as np

from .._errors import OptionError
from ._categorical import categorical

IMAGES, LABELS = 2051, 2049  # magic numbers: unsigned bytes with 3 and with 1 dimensions
GZIP = b"\x1f\x8b"


def processImagesMNIST(filename: str | Path) -> np.ndarray:
    """Images of a file such as ``train-images-idx3-ubyte.gz``.

    Args:
        filename: An IDX file of images, compressed with gzip or not.

    Returns:
        Height x width x 1 x N (28 x 28 x 1 x N for MNIST), double, from 0 to 1.

    Raises:
        OptionError: No such file, or a damaged one.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> file = Path(tempfile.mkdtemp()) / "images"
        >>> header = np.array([2051, 2, 1, 3], ">i4").tobytes()
        >>> _ = file.write_bytes(header + bytes([0, 51, 255, 0, 0, 102]))
        >>> X = processImagesMNIST(file)
        >>> X.shape, X[0, :, 0, 0]
        ((1, 3, 1, 2), array([0. , 0.2, 1. ]))

    Source:
        https://www.mathworks.com/help/deeplearning/ug/train-a-variational-autoencoder-vae-to-generate-images.html
        (the example whose helper this is); http://yann.lecun.com/exdb/mnist/ (the format).
    """
    (count, height, width), pixels = _read(Path(filename), IMAGES, 3, "processImagesMNIST")
    images = pixels.reshape(count, height, width, 1) / 255.0  # rows of an image lie together
    return np.moveaxis(images, 0, -1)


def processLabelsMNIST(filename: str | Path) -> categorical:
    """Labels of a file such as ``train-labels-idx1-ubyte.gz``.

    Args:
        filename: An IDX file of labels, compressed with gzip or not.

    Returns:
        A categorical vector with one label per image; the categories are the numbers that occur.

    Raises:
        OptionError: No such file, or a damaged one.

    Example:
        >>> import tempfile
        >>> from pathlib import Path
        >>> file = Path(tempfile.mkdtemp()) / "labels"
        >>> _ = file.write_bytes(np.array([2049, 3], ">i4").tobytes() + bytes([7, 2, 7]))
        >>> processLabelsMNIST(file)
        categorical(['7', '2', '7'], categories: 2, 7)

    Source:
        https://www.mathworks.com/help/deeplearning/ug/train-a-variational-autoencoder-vae-to-generate-images.html
        (the example whose helper this is); http://yann.lecun.com/exdb/mnist/ (the format).
    """
    _, labels = _read(Path(filename), LABELS, 1, "processLabelsMNIST")
    return categorical(labels)


def _read(file: Path, magic: int, dimensions: int, who: str) -> tuple[list[int], np.ndarray]:
    """Sizes and bytes of an IDX file."""
    content = _content(file, who)
    head = 4 + 4 * dimensions
    found = int.from_bytes(content[:4], "big")
    if len(content) >= 4 and found != magic:
        kinds = {IMAGES: "images", LABELS: "labels"}
        raise _damaged(
            f"{who}: not a file of {kinds[magic]}.",
            file,
            {"first number": found, "expected": magic},
            f"This is a file of {kinds[found]}." if found in kinds else "Download it again.",
        )
    if len(content) < head:
        raise _damaged(f"{who}: the file ends in its header.", file, {"bytes": len(content)})
    sizes = np.frombuffer(content, ">u4", dimensions, 4).tolist()
    expected = head + int(np.prod(sizes, dtype=object))
    if len(content) != expected:
        problem = "ends too early" if len(content) < expected else "has bytes behind its data"
        sizes_said = " x ".join(map(str, sizes))
        got = {"header says": sizes_said, "bytes": len(content), "expected": expected}
        raise _damaged(f"{who}: the file {problem}.", file, got)
    return sizes, np.frombuffer(content, np.uint8, offset=head)


def _content(file: Path, who: str) -> bytes:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise OptionError(
            f"{who}: the file cannot be read: {error.strerror}.",
            got={"file": file},
            fix="Check the name; the folder is searched from the current one.",
        ) from None
    if not content.startswith(GZIP):
        if file.suffix == ".gz":
            raise _damaged(f"{who}: not a gzip file, though its name ends in .gz.", file, {})
        return content
    try:
        return gzip.decompress(content)
    except (OSError, EOFError, zlib.error) as error:
        raise _damaged(
            f"{who}: the compressed data is damaged.", file, {"gzip says": error}
        ) from None


def _damaged(
    message: str, file: Path, got: dict[str, object], fix: str = "Download it again."
) -> OptionError:
    return OptionError(message, got={"file": file, **got}, fix=fix)
