"""Images from files, by Pillow, and what happens to them before a network sees them."""

from __future__ import annotations

from typing import Any

import numpy as np

GRAY = np.array([0.298936, 0.587043, 0.114021])  # of red, green, blue, as in MATLAB's rgb2gray


def read_image(filename: str) -> np.ndarray:
    """An image as MATLAB's imread gives it: height x width, and x 3 if it has colors.

    Palettes become colors, transparency is left out.
    """
    from PIL import Image

    with Image.open(filename) as image:
        if image.mode in ("P", "RGBA", "PA"):
            image = image.convert("RGB")
        elif image.mode == "LA":
            image = image.convert("L")
        return np.asarray(image)


def with_channels(image: np.ndarray) -> np.ndarray:
    """Height x width x channels."""
    return image[:, :, np.newaxis] if image.ndim == 2 else image


def gray2rgb(image: np.ndarray) -> np.ndarray:
    """Three equal channels; an image with colors stays."""
    image = with_channels(image)
    return np.repeat(image, 3, axis=2) if image.shape[2] == 1 else image


def rgb2gray(image: np.ndarray) -> np.ndarray:
    """One channel of brightness; an image without colors stays."""
    image = with_channels(image)
    return like(image[:, :, :3] @ GRAY, image)[:, :, np.newaxis] if image.shape[2] >= 3 else image


def like(values: np.ndarray, image: np.ndarray) -> np.ndarray:
    """Computed values in the number type of an image; whole numbers are rounded and saturate."""
    if image.dtype == bool:
        return values >= 0.5
    if image.dtype.kind in "iu":
        limits = np.iinfo(image.dtype)
        values = np.clip(np.rint(values), limits.min, limits.max)
    return values.astype(image.dtype)


def resized(image: np.ndarray, height: int, width: int) -> np.ndarray:
    """Scaled by bilinear interpolation; where it shrinks, averaged, so that nothing flickers."""
    from PIL import Image

    if image.shape[:2] == (height, width):
        return image
    channels = [
        np.asarray(
            Image.fromarray(np.float32(with_channels(image)[:, :, c])).resize(
                (width, height), Image.Resampling.BILINEAR
            )
        )
        for c in range(with_channels(image).shape[2])
    ]
    made = like(np.stack(channels, axis=2), image)
    return made if image.ndim == 3 else made[:, :, 0]


def cropped(image: np.ndarray, height: int, width: int, corner: Any) -> np.ndarray:
    """A part of an image; ``corner`` gives its place from the room that is left."""
    room = image.shape[0] - height, image.shape[1] - width
    top, left = corner(room)
    return image[top : top + height, left : left + width]
