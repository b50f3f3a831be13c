"""Synthetic handwriting: digits of many typefaces, bent, stretched and rotated.

Each digit of each typeface is drawn once, large, and kept as a distance field (the signed distance
of every point to the outline). An image samples that field along a bent and rotated grid; adding a
number to the distances makes strokes thicker or thinner. NumPy samples many images at once.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from .._errors import StateError

SIZE = 28  # pixels of an image
FINE = 2  # samples per pixel and direction
MASTER = 96  # pixels of a distance field
HEIGHT = 56  # height of the digit in it
FONTS = (
    *(f"DejaVuSans{style}" for style in ("", "-Bold", "-Oblique", "-BoldOblique")),
    *(f"DejaVuSansMono{style}" for style in ("", "-Bold", "-Oblique", "-BoldOblique")),
    *(f"DejaVuSerif{style}" for style in ("", "-Bold", "-Italic", "-BoldItalic")),
    *(f"STIXGeneral{style}" for style in ("", "Bol", "Italic", "BolIta")),
    *("cmb10", "cmr10", "cmss10", "cmtt10", "cmti10", "cmmi10"),
)
BENDS = 4  # control points of the bending, per direction


def draw_digits(labels: np.ndarray, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Images of the digits ``labels``, different for every seed.

    Returns:
        Images, N x 28 x 28 bytes, white on black; and the angles in whole degrees by which the
        digits are rotated clockwise.
    """
    random = np.random.RandomState(seed)
    angles = random.randint(-45, 46, len(labels)).astype(float)
    chunks = [
        _draw(labels[start : start + 500], angles[start : start + 500], random)
        for start in range(0, len(labels), 500)
    ]
    return np.concatenate(chunks), angles


def _draw(labels: np.ndarray, angles: np.ndarray, random: np.random.RandomState) -> np.ndarray:
    count = len(labels)
    fonts = random.randint(0, len(FONTS), count)
    x, y = _grid(angles, random)
    distances = _sample(_masters(), fonts * 10 + labels, x, y)
    thickness = random.uniform(-0.7, 2.2, (count, 1, 1))
    softness = random.uniform(3.0, 5.0, (count, 1, 1))
    ink = np.clip(0.5 + (distances + thickness) / softness, 0, 1)
    ink = ink.reshape(count, SIZE, FINE, SIZE, FINE).mean(axis=(2, 4))
    ink *= random.uniform(0.8, 1.0, (count, 1, 1))
    noise = random.uniform(0, 0.05, (count, 1, 1)) * random.standard_normal(ink.shape)
    return np.rint(255 * np.clip(ink + noise, 0, 1)).astype(np.uint8)


def _grid(angles: np.ndarray, random: np.random.RandomState) -> tuple[np.ndarray, np.ndarray]:
    """Where in the distance field each sample of each image lies (x to the right, y down)."""
    count = len(angles)

    def one(low: float, high: float) -> np.ndarray:
        return random.uniform(low, high, (count, 1, 1))

    line = (np.arange(SIZE * FINE) + 0.5) / FINE - SIZE / 2  # pixels from the middle
    u, v = (
        line[np.newaxis, np.newaxis, :] - one(-1.5, 1.5),
        line[np.newaxis, :, np.newaxis] - one(-1.5, 1.5),
    )
    turn = np.deg2rad(angles)[:, np.newaxis, np.newaxis]
    x, y = u * np.cos(turn) + v * np.sin(turn), v * np.cos(turn) - u * np.sin(turn)
    scale = HEIGHT / one(16.5, 20.5)
    x, y = scale * one(0.88, 1.15) * (x + one(-0.12, 0.12) * y), scale * y
    basis = _bumps()
    bend = random.standard_normal((2, count, BENDS, BENDS)) * one(0.6, 2.2)
    x = x + basis @ bend[0] @ basis.T
    y = y + basis @ bend[1] @ basis.T
    return x + MASTER / 2, y + MASTER / 2


def _bumps() -> np.ndarray:
    """Smooth bumps, one per control point, that spread a bending over the samples."""
    centres = (np.arange(BENDS) + 0.5) * SIZE * FINE / BENDS
    samples = np.arange(SIZE * FINE)[:, np.newaxis]
    bumps = np.exp(-0.5 * ((samples - centres) / (0.8 * SIZE * FINE / BENDS)) ** 2)
    return bumps / np.sqrt((bumps**2).sum(axis=1, keepdims=True))


def _sample(fields: np.ndarray, which: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Bilinear interpolation in ``fields[which]``; outside, the edge goes on."""
    x, y = np.clip(x - 0.5, 0, MASTER - 1.001), np.clip(y - 0.5, 0, MASTER - 1.001)
    column, row = x.astype(np.intp), y.astype(np.intp)
    right, down = (x - column).astype(np.float32), (y - row).astype(np.float32)
    start = which[:, np.newaxis, np.newaxis] * MASTER * MASTER + row * MASTER + column
    flat = fields.reshape(-1)
    above = flat[start] * (1 - right) + flat[start + 1] * right
    below = flat[start + MASTER] * (1 - right) + flat[start + MASTER + 1] * right
    return above * (1 - down) + below * down


@cache
def _masters() -> np.ndarray:
    """Distance fields of the ten digits of each typeface, positive inside."""
    import matplotlib
    from PIL import ImageFont

    BASIC = ImageFont.Layout.BASIC  # the other engine is not installed everywhere
    folder = Path(matplotlib.get_data_path()) / "fonts" / "ttf"
    fields = []
    for name in FONTS:
        try:
            font = ImageFont.truetype(str(folder / f"{name}.ttf"), 100, layout_engine=BASIC)
        except OSError:
            raise StateError(
                f"digitTrain4DArrayData: the typeface {name} is missing.",
                got={"folder": folder},
                fix="It comes with Matplotlib: pip install --force-reinstall matplotlib.",
            ) from None
        fields.extend(_field(font, str(digit)) for digit in range(10))
    return np.stack(fields)


def _field(font: Any, digit: str) -> np.ndarray:
    """The digit centred, ``HEIGHT`` pixels high, as signed distances to its outline in pixels."""
    from PIL import Image, ImageDraw
    from scipy.ndimage import distance_transform_edt

    image = Image.new("L", (200, 200))
    ImageDraw.Draw(image).text((40, 30), digit, font=font, fill=255)
    box = image.getbbox()
    assert box is not None
    drawn = image.crop(box)
    width = max(1, round(drawn.width * HEIGHT / drawn.height))
    drawn = drawn.resize((width, HEIGHT), Image.Resampling.BILINEAR)
    framed = Image.new("L", (MASTER, MASTER))
    framed.paste(drawn, ((MASTER - width) // 2, (MASTER - HEIGHT) // 2))
    inside = np.asarray(framed) > 127
    inward, outward = (np.asarray(distance_transform_edt(m)) for m in (inside, ~inside))
    return (inward - outward).astype(np.float32)
