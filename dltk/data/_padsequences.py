"""Sequences of different lengths brought to one length."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from .._errors import FormatError, OptionError, nearest
from .._labels import show
from .._numbers import describe
from ..dlarray import dlarray, extractdata


def padsequences(
    X: list[Any],
    paddingDim: int,
    *,
    Length: Literal["longest", "shortest"] | int = "longest",
    Direction: Literal["right", "left", "both"] = "right",
    PaddingValue: float = 0,
    UniformOutput: bool = True,
    buckets: int | Sequence[int] = (),
) -> tuple[Any, Any]:
    """Pad or cut arrays to the same size along one dimension.

    Args:
        X: List of N arrays (MATLAB's cell array) that differ in size along ``paddingDim`` at most.
        paddingDim: Dimension to pad or cut, from 1: 2 for sequences of size C x T. (MATLAB accepts
            several; so does this: a list of dimensions, padded one after the other.)
        Length: "longest" pads all to the longest sequence, "shortest" cuts all to the shortest, a
            number pads or cuts to that length.
        Direction: Where values are added or cut: "right" at the end, "left" at the start, "both"
            half on each side (the odd one at the end).
        PaddingValue: The value added.
        UniformOutput: Whether to put all into one array along a new last dimension, so that
            sequences of size C x T give C x T x N ("CTB"); if not, lists come back.
        buckets: Lengths to which "longest" is rounded up, so that mini-batches come in few sizes
            and compiled programs are used again: a list of lengths, or a number, for its multiples.
            Longer sequences than the largest one keep their length.

    Returns:
        ``(XPad, mask)``: the padded arrays, of the type of ``X``, and logical arrays of the same
        size that are true where the values are those of ``X``.

    Raises:
        FormatError: Sizes differ along another dimension.
        OptionError: Wrong options, or ``X`` is no list.

    Example:
        >>> XPad, mask = padsequences([np.array([[1, 2, 3]]), np.array([[4]])], 2)
        >>> XPad.shape, XPad[:, :, 1], mask[:, :, 1]
        ((1, 3, 2), array([[4, 0, 0]]), array([[ True, False, False]]))

    Source:
        https://www.mathworks.com/help/deeplearning/ref/padsequences.html
    """
    direction = Direction.lower() if isinstance(Direction, str) else Direction
    if direction not in ("right", "left", "both"):
        raise OptionError(
            f"padsequences: Direction {Direction!r} does not exist.",
            fix=nearest(Direction, ["right", "left", "both"]),
        )
    if np.size(PaddingValue) != 1 or isinstance(PaddingValue, str):
        raise OptionError(
            "padsequences: PaddingValue must be one number.",
            got={"PaddingValue": repr(PaddingValue)},
        )
    arrays = _arrays(X)
    masks = [np.ones(array.shape, bool) for array in arrays]
    for dim in [paddingDim] if isinstance(paddingDim, (int, np.integer)) else paddingDim:
        _check_sizes(arrays, paddingDim, dim)
        axis = dim - 1
        length = _length(Length, [array.shape[axis] for array in arrays])
        if Length == "longest":
            length = _bucket(buckets, length)
        arrays = [_fit(array, axis, length, direction, PaddingValue) for array in arrays]
        masks = [_fit(mask, axis, length, direction, False) for mask in masks]
    if not UniformOutput:
        return arrays, masks
    return _joined(arrays), _joined(masks)


def _joined(arrays: list[np.ndarray]) -> np.ndarray:
    """Along a new last dimension, observations contiguous in memory."""
    return np.moveaxis(np.stack(arrays), 0, -1)


def _fit(array: np.ndarray, axis: int, length: int, direction: str, value: Any) -> np.ndarray:
    """Pad or cut one array to ``length``."""
    extra = length - array.shape[axis]
    if extra == 0:
        return array
    size = abs(extra)
    before = {"right": 0, "left": size, "both": size // 2}[direction]
    if extra < 0:
        kept = slice(before, before + length)
        return array[(slice(None),) * axis + (kept,)]
    sizes = list(array.shape)
    sizes[axis] = length
    padded = np.full(sizes, value, array.dtype)
    padded[(slice(None),) * axis + (slice(before, before + array.shape[axis]),)] = array
    return padded


def _length(wanted: Any, lengths: list[int]) -> int:
    if isinstance(wanted, str) and wanted.lower() in ("longest", "shortest"):
        return max(lengths) if wanted.lower() == "longest" else min(lengths)
    if isinstance(wanted, bool) or not isinstance(wanted, (int, float, np.number)):
        raise OptionError(
            f"padsequences: Length {wanted!r} does not exist.",
            fix=f"{nearest(wanted, ['longest', 'shortest'])} Or give a number of time steps.",
        )
    if wanted != int(wanted) or wanted < 1:
        raise OptionError(
            f"padsequences: Length is {wanted}.", fix="Give a whole number from 1 on."
        )
    return int(wanted)


def _bucket(buckets: Any, length: int) -> int:
    """The smallest bucket that holds a length.

    >>> _bucket([16, 32], 20), _bucket([16, 32], 40), _bucket(10, 21), _bucket((), 21)
    (32, 40, 30, 21)
    """
    sizes: list[Any] = [buckets] if np.ndim(buckets) == 0 else list(buckets)
    if any(not isinstance(size, (int, np.integer)) or size < 1 for size in sizes):
        raise OptionError(
            "padsequences: buckets must be lengths, whole numbers from 1 on.",
            got={"buckets": buckets},
            fix="Give a list such as [32, 64, 128], or one number for its multiples.",
        )
    if np.ndim(buckets) == 0:
        return -(-length // int(buckets)) * int(buckets)
    return min((int(size) for size in sizes if size >= length), default=length)


def _arrays(X: Any) -> list[np.ndarray]:
    if not isinstance(X, (list, tuple)) or not X:
        kind = "an empty list" if isinstance(X, (list, tuple)) else describe(X)
        raise OptionError(
            f"padsequences: X is {kind}; expected a list with an array per sequence.",
            fix="Pass a list such as [X1, X2]; in MiniBatchFcn it is the argument itself.",
        )
    arrays = [extractdata(x) if isinstance(x, dlarray) else x for x in X]
    if any(isinstance(x, (list, tuple)) for x in arrays):
        raise OptionError(
            "padsequences: the sequences are lists, not arrays.",
            fix='For data in a list write arrayDatastore(data, OutputType="same"); '
            "otherwise convert each with np.array(x).",
        )
    return [np.asarray(x) for x in arrays]


def _check_sizes(arrays: list[np.ndarray], given: Any, dim: Any) -> None:
    """All sizes must agree but those along the padded dimensions."""
    dims = [given] if isinstance(given, (int, np.integer)) else list(given)
    first = arrays[0]
    if not isinstance(dim, (int, np.integer)) or not 1 <= dim <= min(a.ndim for a in arrays):
        raise OptionError(
            f"padsequences: paddingDim is {dim}, the sequences have {first.ndim} dimensions.",
            got={
                "first sequence": show(first.shape) if first.ndim != 1 else f"{first.size} (vector)"
            },
            fix="Dimensions count from 1; time is dimension 2 of sequences of size C x T.",
        )
    for k, array in enumerate(arrays):
        same = [
            n == m
            for d, (n, m) in enumerate(zip(array.shape, first.shape, strict=False), 1)
            if d not in dims
        ]
        if array.ndim != first.ndim or not all(same):
            raise FormatError(
                f"padsequences: sequences differ along another dimension than {given}.",
                got={"sequence 1": show(first.shape), f"sequence {k + 1}": show(array.shape)},
                fix="Only paddingDim may differ; transpose the sequences if time is elsewhere.",
            )
