"""Several arrays in one: `cat` and its forms; ranges."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .. import _labels as labels
from .._errors import FormatError, OptionError
from .._numbers import LOGICAL, Raw, describe, is_known, raw
from ..dlarray import apply, dlarray, extractdata, implements
from ._dimensions import dimension, from_axis, plain, refuse_list_of_dlarrays
from ._shape import as_array
from ._size import sizes_of


def cat(dim: Any, *arrays: Any) -> Any:
    """Join arrays along a dimension.

    Args:
        dim: Dimension number from 1 on. Beyond the last dimension the arrays become pages (along a
            "U" dimension if they have labels).
        *arrays: dlarrays and plain arrays. Formatted ones must all have the same format;
            unformatted ones lie as these show their dimensions. Empty ``[]`` are left out.

    Returns:
        A dlarray with the format of the formatted arrays; a plain array if all are plain. Its type
        is single if any array is single.

    Raises:
        FormatError: Formats or sizes differ.

    Example:
        >>> X = dlarray(np.ones((3, 2)), "CB")
        >>> cat(2, X, X).shape, cat(1, X, np.zeros((1, 2))).shape
        ((3, 4), (4, 2))

    Source:
        https://www.mathworks.com/help/matlab/ref/cat.html
    """
    return _cat("cat", dimension("cat", dim), arrays)


def horzcat(*arrays: Any) -> Any:
    """Join arrays along the second dimension: ``cat(2, ...)``.

    Args:
        *arrays: As for `cat`.

    Returns:
        As for `cat`.

    Example:
        >>> horzcat([1.0, 2.0], [3.0])
        array([1., 2., 3.])

    Source:
        https://www.mathworks.com/help/matlab/ref/horzcat.html
    """
    return _cat("horzcat", 1, arrays)


def vertcat(*arrays: Any) -> Any:
    """Join arrays along the first dimension: ``cat(1, ...)``.

    Args:
        *arrays: As for `cat`.

    Returns:
        As for `cat`.

    Example:
        >>> vertcat([1.0, 2.0], [3.0, 4.0])
        array([[1., 2.],
               [3., 4.]])

    Source:
        https://www.mathworks.com/help/matlab/ref/vertcat.html
    """
    return _cat("vertcat", 0, arrays)


def _cat(name: str, axis: int, arrays: Sequence[Any]) -> Any:
    for x in arrays:
        refuse_list_of_dlarrays(name, x)
    given = [x if isinstance(x, dlarray) else as_array(x) for x in arrays]
    parts = [x for x in given if sizes_of(x) != (0, 0)] or given[:1]
    if not parts:
        return np.zeros((0, 0))
    fmt = _common_format(name, given)
    shapes = [sizes_of(x) for x in parts]
    rank = max([axis + 1, *map(len, shapes)])
    fmt = fmt and fmt + "U" * (rank - len(fmt))
    rank = len(fmt) or rank
    full = [shape + (1,) * (rank - len(shape)) for shape in shapes]
    if len({shape[:axis] + shape[axis + 1 :] for shape in full}) > 1:
        raise FormatError(
            f"{name}: sizes differ in a dimension other than {axis + 1}.",
            got=_shown(given),
            fix="All sizes but the one along which the arrays are joined must be equal.",
        )
    if not any(isinstance(x, dlarray) for x in given):
        return _cat_plain(parts, full, axis, max(x.ndim for x in parts))
    forth = labels.stored_axes(fmt) if fmt else tuple(range(rank))
    place = forth.index(axis)

    def run(*values: Raw) -> Raw:
        aligned = [
            v.reshape(labels.to_stored(fmt, shape))
            if isinstance(x, dlarray) and x.dims
            else v.reshape(shape).transpose(forth)
            for x, v, shape in zip(parts, values, full, strict=True)
        ]
        return jnp.concatenate(aligned, place)

    parts = [x if isinstance(x, dlarray) else raw(x, name) for x in parts]
    return apply(name, run, parts, fmt, mix=any(x.dtype != LOGICAL for x in parts))


def _common_format(name: str, arrays: Sequence[Any]) -> str:
    """The format of all formatted arrays; trailing U dimensions may be missing (of size 1)."""
    formats = {x.dims for x in arrays if isinstance(x, dlarray) and x.dims}
    if len({fmt.rstrip("U") for fmt in formats}) > 1:
        raise FormatError(
            f"{name}: the formats differ: {' and '.join(sorted(formats))}.",
            got=_shown(arrays),
            fix="Relabel them alike, or remove the labels with stripdims.",
        )
    return max(formats, key=len, default="")


def _shown(arrays: Sequence[Any]) -> dict[str, str]:
    return {
        f"array {i + 1}": labels.show(sizes_of(x), x.dims if isinstance(x, dlarray) else "")
        for i, x in enumerate(arrays)
    }


def _cat_plain(parts: Sequence[Any], shapes: Sequence[Any], axis: int, rank: int) -> Any:
    shaped = [x if x.shape == s else x.reshape(s) for x, s in zip(parts, shapes, strict=True)]
    if all(is_known(x) for x in parts):
        return plain(np.concatenate(shaped, axis), rank)
    with jax.enable_x64(True):
        return plain(jnp.concatenate(shaped, axis), rank)


@implements(np.concatenate)
def _numpy_concatenate(arrays: Sequence[Any], axis: int = 0) -> dlarray:
    labelled = next(x for x in arrays if isinstance(x, dlarray))
    return cat(from_axis(labelled, axis), *arrays)


def colon(a: Any, b: Any, c: Any = None) -> Any:
    """Equally spaced numbers in a row: ``colon(a, c)`` is a:c, ``colon(a, step, c)`` is a:step:c.

    Args:
        a: First number, a scalar without labels.
        b: Last number, or the step if there are three arguments.
        c: Last number. It belongs to the range (unlike in Python's range).

    Returns:
        A row vector: an unformatted dlarray if an argument is a dlarray, else a NumPy vector.

    Raises:
        OptionError: An argument that is not a scalar, or has labels.

    Example:
        >>> colon(1, 4), colon(10, -5, 0)
        (array([1., 2., 3., 4.]), array([10.,  5.,  0.]))

    Source:
        https://www.mathworks.com/help/matlab/ref/colon.html
    """
    given = (a, 1.0, b) if c is None else (a, b, c)
    start, step, stop = (_end(x) for x in given)
    ratio = (stop - start) / step if step else -1.0
    count = max(0, math.floor(ratio * (1 + 4 * np.finfo(float).eps)) + 1) if ratio >= 0 else 0
    values = start + step * np.arange(count)
    if count and (values[-1] - stop) * step > 0:
        values[-1] = stop
    arrays = [x for x in given if isinstance(x, dlarray)]
    if not arrays:
        return values
    single = any(x.dtype == np.float32 for x in arrays)
    return dlarray(values.reshape(1, -1).astype(np.float32 if single else np.float64))


def _end(x: Any) -> float:
    shape = sizes_of(x)
    if math.prod(shape) != 1 or getattr(x, "dims", ""):
        raise OptionError(
            "colon: the ends of a range must be scalars without labels.",
            got={"given": labels.show(shape, getattr(x, "dims", ""))},
            fix="Use extractdata or stripdims on the scalar first.",
        )
    if isinstance(x, dlarray):
        return float(x)
    if (x.dtype if hasattr(x, "dtype") else np.asarray(x).dtype).kind not in "biufc":
        raise OptionError(f"colon: expected numbers, got {describe(x)}.")
    return float(np.reshape(extractdata(x), ()))
