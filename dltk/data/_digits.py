"""The digits data of MATLAB's examples, in a look-alike of our own."""

from __future__ import annotations

from typing import Any

import numpy as np

from ._cache import Arrays, cached
from ._categorical import categorical
from ._draw_digits import SIZE, draw_digits

COUNT = 5000
VERSION = 1  # of the drawing: raise it when the images change
TRAIN, TEST = 101, 202  # seeds
Digits = tuple[np.ndarray, categorical, np.ndarray]


def digitTrain4DArrayData() -> Digits:
    """Synthetic digits for training, 500 of each: images, labels and angles.

    MATLAB's function of this name returns 5000 synthetic images of rotated digits. These are others
    of that kind, drawn from the typefaces that come with Matplotlib, with the same sizes, types and
    ranges; results differ from MATLAB's in the last digits of an accuracy. The images are the same
    in every call. They are drawn at the first call (seconds) and kept in the folder ``DLTK_CACHE``,
    ``$XDG_CACHE_HOME/dltk`` or ``~/.cache/dltk``.

    Returns:
        ``(X, Y, angles)``: 28 x 28 x 1 x 5000 images, double from 0 (background) to 1; a
        categorical of 5000 labels "0" to "9"; 5000 angles in degrees, from -45 to 45, by which
        the digits are turned clockwise.

    Example:
        >>> X, Y, angles = digitTrain4DArrayData()
        >>> X.shape, Y.shape, angles.shape
        ((28, 28, 1, 5000), (5000,), (5000,))

    Source:
        https://www.mathworks.com/help/deeplearning/ug/data-sets-for-deep-learning.html
    """
    return _load("train", TRAIN)


def digitTest4DArrayData() -> Digits:
    """Synthetic digits for testing: 5000 images that `digitTrain4DArrayData` does not have.

    Returns:
        ``(X, Y, angles)``, as `digitTrain4DArrayData` returns them.

    Example:
        >>> X, Y, angles = digitTest4DArrayData()
        >>> from dltk.data import countcats
        >>> countcats(Y)
        array([500, 500, 500, 500, 500, 500, 500, 500, 500, 500])

    Source:
        https://www.mathworks.com/help/deeplearning/ug/data-sets-for-deep-learning.html
    """
    return _load("test", TEST)


def _load(name: str, seed: int) -> Digits:
    found = cached(f"digits-v{VERSION}-{name}.npz", lambda: _make(seed, COUNT), _fits)
    images = np.moveaxis(found["images"][..., np.newaxis] / 255.0, 0, -1)
    digits = [str(digit) for digit in range(10)]
    return images, categorical(found["labels"], range(10), digits), found["angles"]


def _make(seed: int, count: int) -> dict[str, np.ndarray]:
    """Images, labels (equally many of each, in random order) and angles."""
    labels = np.random.RandomState(seed).permutation(np.arange(count) % 10)
    images, angles = draw_digits(labels, seed + 1)
    return {"images": images, "labels": labels.astype(np.uint8), "angles": angles}


def _fits(found: Arrays) -> bool:
    def is_(key: str, shape: tuple[int, ...], dtype: Any) -> bool:
        array = found.get(key)
        return array is not None and array.shape == shape and array.dtype == dtype

    return (
        is_("images", (COUNT, SIZE, SIZE), np.uint8)
        and is_("labels", (COUNT,), np.uint8)
        and is_("angles", (COUNT,), np.float64)
    )
