"""`imtile`: several images as one."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from .._errors import OptionError


def imtile(
    images: Any,
    /,
    *,
    GridSize: Sequence[float] | None = None,
    BorderSize: int | Sequence[int] = 0,
    BackgroundColor: float | Sequence[float] = 0,
) -> np.ndarray:
    """Put images side by side, row by row, as generators show what they have learned.

    Args:
        images: Height × width × channels × images, a dlarray "SSCB" included, with 1 or 3 channels;
            or a list of images of one size.
        GridSize: Rows and columns, one of them NaN for as many as needed. At first about as high as
            wide.
        BorderSize: Pixels around each image; rows and columns apart as two numbers.
        BackgroundColor: Of borders and empty places, a number or three.

    Returns:
        One image, height × width (× 3), a NumPy array of the type of the images, such as
        ``matplotlib.pyplot.imshow`` takes.

    Raises:
        OptionError: Sizes that are no images, or a grid that is too small.

    Example:
        >>> import numpy as np
        >>> imtile(np.ones((2, 2, 1, 3)))
        array([[1., 1., 1., 1.],
               [1., 1., 1., 1.],
               [1., 1., 0., 0.],
               [1., 1., 0., 0.]])

    Source:
        https://www.mathworks.com/help/images/ref/imtile.html
    """
    array = _stacked(images)
    height, width, channels, count = array.shape
    rows, columns = _grid(GridSize, height, width, count)
    above, beside = np.broadcast_to(np.asarray(BorderSize), 2).tolist()
    high, wide = height + 2 * above, width + 2 * beside
    sheet = np.empty((rows * high, columns * wide, channels), array.dtype)
    sheet[:] = BackgroundColor
    for k in range(count):
        top, left = k // columns * high + above, k % columns * wide + beside
        sheet[top : top + height, left : left + width] = array[..., k]
    return sheet[:, :, 0] if channels == 1 else sheet


def _stacked(images: Any) -> np.ndarray:
    """Height, width, channels, images."""
    if isinstance(images, (list, tuple)):
        parts = [np.asarray(image) for image in images]
        if len({part.shape for part in parts}) != 1:
            raise OptionError(
                "imtile: the images of a list have one size.",
                got={"sizes": ", ".join(sorted({_size(part) for part in parts})) or "no images"},
                fix="Resize them first.",
            )
        array = np.stack([np.atleast_3d(part) for part in parts], axis=3)
    else:
        array = np.asarray(images)
        array = array.reshape(array.shape + (1,) * (4 - array.ndim))
    shape = tuple(map(int, array.shape))
    if len(shape) != 4 or shape[2] not in (1, 3) or 0 in shape:
        raise OptionError(
            "imtile: images are height × width × channels × images, with 1 or 3 channels.",
            got={"images": _size(array)},
        )
    return array


def _grid(given: Any, height: int, width: int, count: int) -> tuple[int, int]:
    rows, columns = (math.nan, math.nan) if given is None else map(float, given)
    if math.isnan(rows) and math.isnan(columns):
        columns = min(count, math.ceil(math.sqrt(count * height / width)))
    if math.isnan(columns):
        columns = math.ceil(count / rows)
    if math.isnan(rows):
        rows = math.ceil(count / columns)
    if rows * columns < count or rows < 1 or columns < 1:
        raise OptionError(
            "imtile: the grid has fewer places than there are images.",
            got={"GridSize": f"{rows:g} × {columns:g}", "images": count},
            fix="Leave one of the numbers to be found: GridSize=[2, NaN].",
        )
    return int(rows), int(columns)


def _size(array: np.ndarray) -> str:
    return "×".join(map(str, array.shape))
