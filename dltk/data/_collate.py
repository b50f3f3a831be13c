"""Observations to one array: what ``MiniBatchFcn="collate"`` does.

Observations are stacked with the batch dimension first, which is how a dlarray stores it; `arrange`
then turns that into MATLAB's order without copying.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from .._errors import FormatError, OptionError
from .._labels import show
from ..dlarray import dlarray, extractdata
from ._categorical import categorical

Array = np.ndarray | categorical


def stack(column: Any, number: int) -> Array:
    """The observations of variable ``number`` (from 1) as one array, observations first."""
    if not isinstance(column, list):
        return column
    if any(isinstance(value, categorical) for value in column):
        return np.stack(column)  # categories may differ
    arrays = [_array(value, number) for value in column]
    sizes = [array.shape for array in arrays]
    if len(set(sizes)) > 1:
        other = next(k for k, size in enumerate(sizes) if size != sizes[0])
        raise FormatError(
            f"minibatchqueue: observations of variable {number} have different sizes, so they "
            "cannot be put into one array.",
            got={
                "first observation": show(sizes[0]),
                f"observation {other + 1} of the mini-batch": show(sizes[other]),
            },
            fix="Pad them in MiniBatchFcn, for example X, mask = padsequences(XCell, 2).",
        )
    return np.stack(arrays)


def _array(value: Any, number: int) -> np.ndarray:
    if isinstance(value, dlarray):
        return extractdata(value)
    if isinstance(value, list):
        raise OptionError(
            f"minibatchqueue: observations of variable {number} are lists, not arrays.",
            got={"first observation": f"list of {len(value)}"},
            fix='For data in a list write arrayDatastore(data, OutputType="same").',
        )
    return np.asarray(value)


def arrange(stacked: Array, fmt: str, number: int) -> Array:
    """Move the batch dimension from the front to its place in MATLAB.

    With a "B" in the format, observations are concatenated along its place: rows 1 x F for "BC"
    give N x F, columns F x 1 for "CB" give F x N, images 28 x 28 x 1 for "SSCB" give
    28 x 28 x 1 x N. Without it single numbers give a column, all else gets a new last dimension.

    >>> arrange(np.zeros((128, 1, 5)), "BC", 1).shape, arrange(np.zeros((128, 5, 1)), "CB", 1).shape
    ((128, 5), (5, 128))
    >>> arrange(np.zeros((128, 28, 28)), "SSCB", 1).shape, arrange(np.zeros(128), "CB", 1).shape
    ((28, 28, 1, 128), (1, 128))
    >>> arrange(np.zeros((128, 12, 7)), "", 1).shape, arrange(np.zeros((128, 1, 1)), "", 1).shape
    ((12, 7, 128), (128, 1))
    """
    if isinstance(stacked, categorical):
        return categorical._make(_place(stacked._codes, fmt, number), stacked._names)
    return _place(stacked, fmt, number)


def _place(stacked: np.ndarray, fmt: str, number: int) -> np.ndarray:
    count, sizes = stacked.shape[0], stacked.shape[1:]
    batch = fmt.find("B")
    if batch < 0:
        if len(sizes) == 2 and sizes == (1, 1):
            return stacked.reshape(count, 1)
        return np.moveaxis(stacked, 0, -1)
    if len(sizes) == 1 and batch == 0 and len(fmt) > 1:
        return stacked  # a vector of features is a row of "BC"
    if batch < len(sizes):
        if sizes[batch] != 1:
            raise FormatError(
                f"minibatchqueue: observations of variable {number} have size {sizes[batch]} in "
                f'dimension {batch + 1}, where the format "{fmt}" has its B.',
                got={"one observation": show(sizes), "MiniBatchFormat": f'"{fmt}"'},
                fix="Observations need size 1 there. Put B where they have none, often at the end.",
            )
        stacked = stacked.reshape(count, *sizes[:batch], *sizes[batch + 1 :])
    else:
        stacked = stacked.reshape(count, *sizes, *(1,) * (batch - len(sizes)))
    placed = np.moveaxis(stacked, 0, batch)
    extra = placed.ndim - len(fmt)
    if extra > 0 and all(n == 1 for n in placed.shape[len(fmt) :]):
        placed = placed.reshape(placed.shape[: len(fmt)])
    return placed.reshape(-1, 1) if placed.ndim == 1 and len(fmt) > 1 else placed
