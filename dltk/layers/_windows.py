"""Over which dimensions convolution and pooling layers slide, and padding in MATLAB's forms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import _labels as labels
from .._errors import FormatError, OptionError, nearest
from ..dlarray import dims, dlarray
from ..functions import _windows as windows
from ._layout import networkDataLayout

FORMS = {
    1: 'a number, [left right] or "same"',
    2: 'a number, [a b], [top bottom left right] or "same"',
    3: 'a number, [a b c], [top left front; bottom right back] or "same"',
}


def window(kind: str, rank: int, X: dlarray | networkDataLayout) -> str:
    """Labels of the dimensions over which a layer of this rank slides.

    All "S" dimensions if there are ``rank`` of them, else "S" and "T".

    >>> window("convolution1dLayer", 1, networkDataLayout([5, 3, 9], "SCT"))
    'S'
    >>> window("convolution2dLayer", 2, networkDataLayout([5, 3, 9], "SCT"))
    'ST'
    """
    fmt = dims(X)
    spatial = fmt.count("S")
    if spatial == rank:
        return "S" * rank
    if spatial == rank - 1 and "T" in fmt:
        return "S" * spatial + "T"
    needed = f'{rank} "S" dimension{"s" * (rank > 1)}'
    other = f'{rank - 1} "S" and a "T"' if rank > 1 else 'a "T"'
    raise FormatError(
        f"{kind}: the input has {spatial} spatial dimension{'s' * (spatial != 1)}"
        f"{' and no time dimension' if 'T' not in fmt else ''}.",
        got={"input": labels.show(X.shape, fmt) if isinstance(X, dlarray) else repr(X)},
        fix=f"This layer needs {needed}, or {other}.",
    )


def sides(
    kind: str, name: str, value: Any, rank: int, words: Sequence[str] = ("same",)
) -> tuple[str, tuple[Any, ...]]:
    """Padding or cropping as the layer shows it: mode and size.

    >>> sides("convolution2dLayer", "Padding", 1, 2)
    ('manual', (1, 1, 1, 1))
    >>> sides("convolution2dLayer", "Padding", "same", 2)
    ('same', ())
    """
    if not isinstance(value, str):
        return "manual", _size(_pairs(kind, name, value, rank))
    if value not in words:
        raise OptionError(
            f'{kind}: {name} cannot be "{value}".',
            fix=f"{nearest(value, words)} Or give {FORMS[rank]}.",
        )
    return value, ()


def _pairs(kind: str, name: str, value: Any, rank: int) -> windows.Pairs:
    numbers = np.asarray(value)
    fits = {1: (2,), 2: (2, 4), 3: (3, 6)}[rank]
    if numbers.size != 1 and numbers.size not in fits:
        raise OptionError(
            f"{kind}: {name} has {numbers.size} values.",
            got={name: repr(value)},
            fix=f"Give {FORMS[rank]}.",
        )
    if rank == 2 and numbers.size == 4 and numbers.shape != (2, 2):
        numbers = numbers.reshape(2, 2).T  # top bottom left right, to (before; after)
    pairs = windows.amounts(kind, name, numbers, rank)
    assert pairs is not None
    return pairs


def _size(pairs: windows.Pairs) -> tuple[Any, ...]:
    """Cells before and after per dimension, as the property PaddingSize (CroppingSize) has them.

    >>> _size(((1, 2),)), _size(((1, 2), (3, 4))), _size(((1, 2), (3, 4), (5, 6)))
    ((1, 2), (1, 2, 3, 4), ((1, 3, 5), (2, 4, 6)))
    """
    if len(pairs) < 3:
        return tuple(n for pair in pairs for n in pair)
    return tuple(zip(*pairs, strict=True))


def rows(mode: str, size: tuple[Any, ...]) -> Any:
    """What to tell the operation: "same", or cells before (first row) and after, per dimension.

    >>> rows("manual", (1, 2, 3, 4)), rows("manual", (1, 2))
    (((1, 3), (2, 4)), ((1,), (2,)))
    """
    if mode == "same":
        return "same"
    return size if len(size) == 2 and np.ndim(size) == 2 else (size[0::2], size[1::2])


def reach(FilterSize: Sequence[int], DilationFactor: Sequence[int]) -> tuple[int, ...]:
    """Cells from the first to the last under a filter.

    >>> reach((3, 5), (1, 2))
    (3, 9)
    """
    return tuple((k - 1) * d + 1 for k, d in zip(FilterSize, DilationFactor, strict=True))


def check_length(
    kind: str, X: dlarray, over: str, cells: Sequence[int], mode: str, padding: Any
) -> None:
    """Refuse sequences that are shorter, when padded, than the window over "T"."""
    if "T" not in over or mode == "same":
        return
    length = X.shape[labels.find(X.dims, "T")[0]]
    padded = length + sum(row[-1] for row in padding)
    if cells[-1] > padded:
        raise FormatError(
            f"{kind}: a window of {cells[-1]} time steps does not fit into {length}"
            f"{f' ({padded} when padded)' * (padded != length)}.",
            got={"input": labels.show(X.shape, X.dims)},
            fix="Use longer sequences or more Padding. A network is tried out with MinLength time "
            f"steps: sequenceInputLayer(..., MinLength={cells[-1] - padded + length}).",
        )
