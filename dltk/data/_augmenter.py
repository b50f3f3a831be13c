"""Random changes of images: reflected, rotated, scaled, sheared, shifted, anew at every read."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from .._errors import OptionError
from .._random import host
from ._images import like, with_channels

Range = Sequence[float] | Callable[[], float]


@dataclass(frozen=True, kw_only=True)
class imageDataAugmenter:
    """Random changes that an `augmentedImageDatastore` makes to its images.

    Each image is changed about its centre: scaled, reflected, sheared, rotated, then shifted, all
    in one interpolation (bilinear). A range is a pair [low, high], from which numbers are drawn
    uniformly, or a function without arguments that draws one. Numbers come from the generator that
    ``rng`` seeds.

    Args:
        FillValue: Value of what lies outside the image; one per channel, or one for all.
        RandXReflection: Whether left and right are exchanged in half of the images.
        RandYReflection: Whether top and bottom are.
        RandRotation: Range of the rotation, in degrees, counterclockwise.
        RandScale: Range of a factor for both directions; then RandXScale and RandYScale do not
            count.
        RandXScale: Range of a factor along the width.
        RandYScale: Range of a factor along the height.
        RandXShear: Range of the horizontal shear, in degrees between -90 and 90.
        RandYShear: Range of the vertical shear.
        RandXTranslation: Range of the shift to the right, in pixels.
        RandYTranslation: Range of the shift down.

    Raises:
        OptionError: A range that is none.

    Example:
        >>> augmenter = imageDataAugmenter(RandRotation=[-20, 20], RandXReflection=True)
        >>> augment(augmenter, np.ones((5, 7, 3))).shape
        (5, 7, 3)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/imagedataaugmenter.html
    """

    FillValue: Any = 0
    RandXReflection: bool = False
    RandYReflection: bool = False
    RandRotation: Range = (0, 0)
    RandScale: Range = (1, 1)
    RandXScale: Range = (1, 1)
    RandYScale: Range = (1, 1)
    RandXShear: Range = (0, 0)
    RandYShear: Range = (0, 0)
    RandXTranslation: Range = (0, 0)
    RandYTranslation: Range = (0, 0)

    def __post_init__(self):
        for field in fields(self):
            if field.type == "Range":
                _check_range(field.name, getattr(self, field.name))

    def _backward(self) -> np.ndarray:
        """A random matrix that takes a place (y, x) about the centre to where it comes from."""
        scale = _draw(self.RandScale)
        factors = (scale, scale)
        if scale == 1:
            factors = _draw(self.RandYScale), _draw(self.RandXScale)
        flips = (
            -1 if wanted and host().random_sample() < 0.5 else 1
            for wanted in (self.RandYReflection, self.RandXReflection)
        )
        size = np.diag([f * s for f, s in zip(factors, flips, strict=True)])
        across, down = (math.radians(_draw(r)) for r in (self.RandXShear, self.RandYShear))
        shear = np.array([[1, math.tan(down)], [math.tan(across), 1]])
        turn = math.radians(_draw(self.RandRotation))
        rotation = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
        return np.linalg.inv(rotation @ shear @ size)

    def _shift(self) -> np.ndarray:
        return np.array([_draw(self.RandYTranslation), _draw(self.RandXTranslation)])


def augment(augmenter: imageDataAugmenter, I: Any) -> Any:
    """An image, or each of a list of images, changed at random.

    Args:
        augmenter: The `imageDataAugmenter`.
        I: An array height x width or height x width x channels, or a list of these.

    Returns:
        The changed image or list, of the same sizes and number types.

    Example:
        >>> augment(imageDataAugmenter(RandXTranslation=[1, 1]), np.array([[1, 2, 3]]))
        array([[0, 1, 2]])

    Source:
        https://www.mathworks.com/help/deeplearning/ref/imagedataaugmenter.augment.html
    """
    if isinstance(I, list):
        return [augment(augmenter, image) for image in I]
    from scipy.ndimage import affine_transform

    image = with_channels(np.asarray(I))
    matrix, shift = augmenter._backward(), augmenter._shift()
    centre = (np.array(image.shape[:2]) - 1) / 2
    offset: Any = centre - matrix @ (centre + shift)
    fill = np.broadcast_to(np.asarray(augmenter.FillValue, float), image.shape[2])
    number = np.float32 if image.dtype != np.float64 else np.float64
    changed = [
        affine_transform(image[:, :, c].astype(number), matrix, offset, order=1, cval=fill[c])
        for c in range(image.shape[2])
    ]
    made = like(np.stack(changed, axis=2), image)
    return made if np.ndim(I) == 3 else made[:, :, 0]


def _draw(given: Any) -> float:
    """A number from a range, or from a function of the user's."""
    pair: Any = (given(),) * 2 if callable(given) else given
    low, high = pair
    return float(low) if low == high else float(host().uniform(low, high))


def _check_range(name: str, given: Any) -> None:
    if callable(given):
        return
    pair = np.asarray(given, float) if not isinstance(given, str) else np.zeros(0)
    if pair.shape != (2,) or pair[0] > pair[1]:
        raise OptionError(
            f"imageDataAugmenter: {name} must be a range [low, high] or a function.",
            got={name: repr(given)},
            fix=f"Write {name}=[-10, 10], or a function without arguments that draws a number.",
        )
