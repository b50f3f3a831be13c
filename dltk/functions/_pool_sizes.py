"""Pooling by the numbers: which windows slide where, and linear positions as the caller counts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from .. import _labels as labels
from .._errors import FormatError, OptionError
from ..dlarray import dlarray
from . import _windows as windows
from ._operands import shown
from ._options import whole


class Pool(NamedTuple):
    """Windows on stored data: a value per pooled dimension, in MATLAB's order of dimensions."""

    axes: tuple[int, ...]
    window: tuple[int, ...]
    strides: tuple[int, ...]
    pairs: windows.Pairs


def pooling(
    name: str, X: dlarray, poolsize: Any, PoolFormat: str | None, Stride: Any, Padding: Any
) -> Pool:
    """Check the options of a pooling operation."""
    places = _pooled(name, X, PoolFormat)
    sizes = tuple(X.shape[place] for place in places)
    count = len(places)
    if isinstance(poolsize, str):
        if poolsize.lower() != "global":
            raise OptionError(
                f'{name}: poolsize is a number, a vector or "global".', got={"poolsize": poolsize}
            )
        window, strides, pairs = sizes, sizes, windows.amounts(name, "Padding", Padding, count)
        if pairs is None or any(map(any, pairs)):
            raise OptionError(
                f'{name}: a "global" window leaves nothing to pad.', got={"Padding": Padding}
            )
    else:
        window = whole(name, "poolsize", poolsize, count)
        strides = whole(name, "Stride", Stride, count)
        pairs = _padding(name, X, Padding, sizes, window, strides)
    stored = labels.logical_axes(X.dims)
    order = sorted(range(count), key=places.__getitem__)
    return Pool(
        tuple(stored[places[i]] for i in order),
        tuple(window[i] for i in order),
        tuple(strides[i] for i in order),
        tuple(pairs[i] for i in order),
    )


def _pooled(name: str, X: dlarray, PoolFormat: str | None) -> tuple[int, ...]:
    """Positions of the pooled dimensions, in the order of PoolFormat."""
    over = "S" * X.dims.count("S") if PoolFormat is None else labels.check(PoolFormat, name)
    got = {"X": shown(X)} if PoolFormat is None else {"X": shown(X), "PoolFormat": PoolFormat}
    if not over:
        also = ' To pool over time, say PoolFormat="T".' * ("T" in X.dims)
        raise FormatError(
            f'{name}: X has no "S" dimension to pool.',
            got=got,
            fix='Label one to three dimensions "S".' + also,
        )
    if any(letter not in "ST" or over.count(letter) != X.dims.count(letter) for letter in over):
        raise FormatError(
            f"{name}: PoolFormat does not fit X.",
            got=got,
            fix='It names all "S" dimensions, the "T" dimension, or both.',
        )
    if len(over) > 3:
        raise FormatError(
            f"{name}: at most 3 dimensions can be pooled, here it would be {len(over)}.", got=got
        )
    seen = {letter: iter(labels.find(X.dims, letter)) for letter in "ST"}
    return tuple(next(seen[letter]) for letter in over)


def _padding(
    name: str,
    X: dlarray,
    Padding: Any,
    sizes: Sequence[int],
    window: Sequence[int],
    strides: Sequence[int],
) -> windows.Pairs:
    pairs = windows.amounts(name, "Padding", Padding, len(sizes))
    if pairs is None:
        return windows.same(sizes, window, strides)
    if any(max(pair) >= k for pair, k in zip(pairs, window, strict=True)):
        raise OptionError(
            f"{name}: Padding must be smaller than the pool size.",
            got={"poolsize": list(window), "Padding": [list(pair) for pair in pairs]},
        )
    padded = [n + sum(pair) for n, pair in zip(sizes, pairs, strict=True)]
    if any(k > n for k, n in zip(window, padded, strict=True)):
        raise FormatError(
            f"{name}: windows of {windows.listed(window)} cells do not fit into "
            f"{windows.listed(padded)} (padded) cells.",
            got={"X": shown(X), "poolsize": list(window)},
            fix='Use smaller windows, more Padding, or "global".',
        )
    return pairs


def cells(stored: Sequence[int], on: Pool) -> np.ndarray:
    """How many cells of the data each window holds, to be broadcast against the stored result."""
    held = np.ones((1,) * len(stored))
    for axis, k, s, pair in zip(on.axes, on.window, on.strides, on.pairs, strict=True):
        along = windows.cells(stored[axis], pair, k, s)
        held = held * along.reshape([-1 if i == axis else 1 for i in range(len(stored))])
    return held


# Linear positions


def steps(fmt: str, sizes: Sequence[int], dims: str) -> tuple[int, ...]:
    """How far apart neighbours along each stored dimension lie in the caller's column-major count.

    Args:
        fmt: The labels in the caller's order.
        sizes: The sizes in that order.
        dims: The labels of the dlarray made of it.

    >>> steps("SCB", (5, 2, 3), "SCB"), steps("BCS", (3, 2, 5), "SCB")
    ((10, 1, 5), (1, 6, 3))
    """
    if len(fmt) == 1:
        sizes = (math.prod(sizes),)
    far = [math.prod(sizes[:axis]) for axis in range(len(fmt))]
    return labels.to_stored(dims, reordered(fmt, far, dims))


def reordered(fmt: str, values: Sequence[int], dims: str) -> tuple[int, ...]:
    """One value per dimension, from the caller's order of dimensions to that of the dlarray.

    >>> reordered("BCS", (3, 2, 5), "SCB")
    (5, 2, 3)
    """
    padded = (*values, *(1,) * (len(fmt) - len(values)))
    ordered = tuple(padded[axis] for axis in labels.arrange(fmt)[1])[: len(dims)]
    return ordered + (1,) * (len(dims) - len(ordered))


def unpooled_size(X: dlarray, outputSize: Any, fmt: str) -> tuple[int, ...]:
    """The checked size of the result of maxunpool, in the caller's order."""
    size = whole("maxunpool", "outputSize", outputSize, np.size(outputSize))
    while len(size) > len(fmt) and size[-1] == 1:
        size = size[:-1]
    wanted = reordered(fmt, size, X.dims) if len(size) <= len(fmt) else None
    if wanted is None or any(
        a != b and letter not in "ST" for a, b, letter in zip(wanted, X.shape, X.dims, strict=True)
    ):
        raise FormatError(
            'maxunpool: outputSize may differ from the size of X only in "S" and "T" dimensions.',
            got={"X": shown(X), "outputSize": list(size)},
            fix="Pass the third output of maxpool (nargout=3).",
        )
    return size


def alike(X: dlarray, indx: Any, DataFormat: str | None) -> dlarray:
    """Positions that lie as the values do."""
    labelled = isinstance(indx, dlarray) and indx.dims
    positions = indx if labelled else dlarray(indx, DataFormat or X.dims)
    if positions.dims != X.dims or positions.shape != X.shape:
        raise FormatError(
            "maxunpool: indx does not have the size of X.",
            got={"X": shown(X), "indx": shown(indx)},
            fix="Pass the first two outputs of maxpool (nargout=3).",
        )
    return positions
