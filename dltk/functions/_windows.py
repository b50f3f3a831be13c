"""Sliding windows: padding and size arithmetic, shared by convolution and pooling."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from jax import lax

from .._errors import OptionError
from .._numbers import Raw
from ..dlarray import dlarray

Pairs = tuple[tuple[int, int], ...]


def amounts(name: str, what: str, value: object, count: int, *, least: int = 0) -> Pairs | None:
    """Padding (or cropping) before and after, per dimension; None for "same".

    ``value`` is a scalar for all sides, a vector with one value per dimension, or a matrix with two
    rows, before and after, and a column per dimension.

    >>> amounts("dlconv", "Padding", [1, 2], 2)
    ((1, 1), (2, 2))
    >>> amounts("dlconv", "Padding", [[2], [0]], 1)
    ((2, 0),)
    """
    if isinstance(value, str):
        if value.lower() == "same":
            return None
        raise OptionError(
            f'{name}: {what} is a number, a vector, a matrix or "same".', got={what: repr(value)}
        )
    numbers = np.asarray(value._data if isinstance(value, dlarray) else value)
    if numbers.dtype.kind not in "biuf" or (numbers != np.floor(numbers)).any():
        raise OptionError(f"{name}: {what} must be whole numbers.", got={what: repr(value)})
    if (numbers < least).any():
        raise OptionError(f"{name}: {what} must not be negative.", got={what: repr(value)})
    whole = numbers.astype(int)
    if whole.size == 1:
        only = int(whole.flat[0])
        return ((only, only),) * count
    if whole.shape == (2, count) or (count == 1 and whole.size == 2):
        return tuple((int(a), int(b)) for a, b in whole.reshape(2, count).T)
    if whole.size == count:
        return tuple((int(n), int(n)) for n in whole.ravel())
    raise OptionError(
        f"{name}: {what} does not fit {count} dimension{'s' * (count != 1)}.",
        got={what: repr(value)},
        fix=f"Give a scalar, a vector of {count}, or a matrix of 2×{count} (before; after).",
    )


def same(sizes: Sequence[int], reach: Sequence[int], strides: Sequence[int]) -> Pairs:
    """Padding with which the output has size ceil(n / stride); an odd cell goes to the end.

    >>> same((5, 5), (3, 2), (2, 1))
    ((1, 1), (0, 1))
    """
    pairs = []
    for n, e, s in zip(sizes, reach, strides, strict=True):
        total = max((-(-n // s) - 1) * s + e - n, 0)
        pairs.append((total // 2, total - total // 2))
    return tuple(pairs)


def count(n: int, reach: int, stride: int) -> int:
    """How many windows fit into n cells.

    >>> count(28, 5, 1), count(7, 3, 2), count(2, 3, 1)
    (24, 3, 0)
    """
    return max((n - reach) // stride + 1, 0)


def pad(x: Raw, axes: Sequence[int], pairs: Pairs, value: Raw) -> Raw:
    """``x`` with ``value`` before and after, along some axes; negative amounts cut."""
    if not any(a or b for a, b in pairs):
        return x
    config = [(0, 0, 0)] * x.ndim
    for axis, (before, after) in zip(axes, pairs, strict=True):
        config[axis] = (before, after, 0)
    return lax.pad(x, value, config)


def cells(n: int, pair: tuple[int, int], window: int, stride: int) -> np.ndarray:
    """How many cells that are not padding each window holds.

    >>> cells(4, (1, 1), 3, 1)
    array([2, 3, 3, 2])
    """
    inside = np.concatenate([np.zeros(pair[0]), np.ones(n), np.zeros(pair[1])])
    starts = np.arange(count(n + sum(pair), window, stride)) * stride
    return np.array([int(inside[s : s + window].sum()) for s in starts])


def listed(sizes: Sequence[int]) -> str:
    """Sizes of the dimensions in question, however few.

    >>> listed((3,)), listed((3, 4))
    ('3', '3×4')
    """
    return "×".join(str(n) for n in sizes)
