"""What the short-time Fourier transform and its inverse share: windows, frames, frequencies.

A frame is cut from blocks of one hop, and frames are added up as blocks: slices and sums alone,
so that derivatives need no scatter.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import lax

from .._errors import FormatError, OptionError
from .._numbers import Raw, raw
from ..dlarray import dlarray
from ._operands import shown
from ._options import whole, word

RANGES = ("onesided", "twosided", "centered")


class Frames(NamedTuple):
    """Checked options: the window as an input of the operation, and sizes."""

    window: Any
    length: int
    hop: int
    points: int
    range: str

    @property
    def bins(self) -> int:
        """How many frequencies there are."""
        return self.points // 2 + 1 if self.range == "onesided" else self.points

    @property
    def first(self) -> int:
        """The number of the first frequency; MATLAB's centered range is (-pi, pi]."""
        return -((self.points - 1) // 2) if self.range == "centered" else 0

    def frequencies(self, fs: float) -> np.ndarray:
        """A column of the frequencies of a signal with ``fs`` samples per unit."""
        return (np.arange(self.bins) + self.first)[:, None] * (fs / self.points)


def frames_of(
    name: str, Window: Any, OverlapLength: Any, FFTLength: Any, FrequencyRange: str
) -> Frames:
    """Check the options of a transform."""
    window = hann(128) if Window is None else Window
    window = window if isinstance(window, dlarray) else raw(window, name)
    length = int(np.prod(window.shape))
    if length < 2 or sum(n != 1 for n in window.shape) != 1 or window.dtype.kind == "c":
        raise FormatError(
            f"{name}: Window must be a real vector of two samples or more.",
            got={"Window": shown(window)},
        )
    overlap = length * 3 // 4 if OverlapLength is None else OverlapLength
    (overlap,) = whole(name, "OverlapLength", overlap, least=0)
    if overlap >= length:
        raise OptionError(
            f"{name}: windows of {length} samples cannot overlap by {overlap}.",
            got={"OverlapLength": overlap},
            fix=f"OverlapLength is at most {length - 1}.",
        )
    points = max(128, length) if FFTLength is None else FFTLength
    (points,) = whole(name, "FFTLength", points)
    if points < length:
        raise OptionError(
            f"{name}: FFTLength is smaller than the window.",
            got={"FFTLength": points, "window": f"{length} samples"},
            fix=f"Make FFTLength at least {length}.",
        )
    range_ = word(name, "FrequencyRange", FrequencyRange, RANGES)
    return Frames(window, length, length - overlap, points, range_)


def hann(length: int) -> np.ndarray:
    """The periodic Hann window.

    >>> hann(4)
    array([0. , 0.5, 1. , 0.5])
    """
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(length) / length)


def cut(x: Raw, length: int, hop: int) -> Raw:
    """(time, ...) as (frame, sample, ...); a rest that fills no frame is left out.

    >>> cut(np.arange(7.0), 4, 2).tolist()
    [[0.0, 1.0, 2.0, 3.0], [2.0, 3.0, 4.0, 5.0]]
    """
    count = (x.shape[0] - length) // hop + 1
    parts = -(-length // hop)
    blocks = count + parts - 1
    zero = np.zeros((), x.dtype)
    x = lax.pad(x, zero, [(0, blocks * hop - x.shape[0], 0), *[(0, 0, 0)] * (x.ndim - 1)])
    x = x.reshape((blocks, hop, *x.shape[1:]))
    joined = jnp.concatenate([x[i : i + count] for i in range(parts)], axis=1)
    return joined[:, :length]


def add_up(frames: Raw, hop: int) -> Raw:
    """(frame, sample, ...) as (time, ...), frames added where they overlap; the adjoint of `cut`.

    >>> add_up(np.ones((2, 3)), 2).tolist()
    [1.0, 1.0, 2.0, 1.0, 1.0]
    """
    count, length, *rest = frames.shape
    parts = -(-length // hop)
    zero, still = np.zeros((), frames.dtype), [(0, 0, 0)] * len(rest)
    frames = lax.pad(frames, zero, [(0, 0, 0), (0, parts * hop - length, 0), *still])
    blocks = frames.reshape((count, parts, hop, *rest))
    total: Any = 0
    for i in range(parts):
        ends = [(i, parts - 1 - i, 0), (0, 0, 0), *still]
        total = total + lax.pad(blocks[:, i], zero, ends)
    return total.reshape((-1, *rest))[: (count - 1) * hop + length]


def along(v: Raw, rank: int) -> Raw:
    """A vector of samples beside frames of ``rank`` dimensions."""
    return v.reshape((1, -1) + (1,) * (rank - 2))


def only(name: str, what: str, X: dlarray, letters: str) -> None:
    """Refuse labels that a transform has no place for, except a "U" of size 1."""
    sizes = zip(X.dims, X.shape, strict=True)
    if any(letter not in letters and (letter, n) != ("U", 1) for letter, n in sizes):
        raise FormatError(
            f'{name}: {what} has labels other than those of "{letters}".',
            got={what: shown(X)},
            fix=f'Label it "{letters}", or with some of these.',
        )
    if X.dims.count("S") > 1:
        raise FormatError(
            f'{name}: only one dimension of {what} can be the frequencies ("S").',
            got={what: shown(X)},
        )
