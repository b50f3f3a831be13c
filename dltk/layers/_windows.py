"""Over which dimensions a convolution or pooling layer slides, and its padding in MATLAB's forms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .._errors import FormatError, OptionError, nearest
from ..functions import _windows as windows

FORMS = {
    1: 'a number, [left right] or "same"',
    2: 'a number, [a b], [top bottom left right] or "same"',
    3: 'a number, [a b c], [top left front; bottom right back] or "same"',
}


def window(kind: str, rank: int, shown: str, fmt: str) -> str:
    """Labels of the dimensions over which a layer of this rank slides.

    All "S" dimensions if there are ``rank`` of them, else "S" and "T".

    >>> window("convolution2dLayer", 2, "", "SSCBT"), window("convolution2dLayer", 2, "", "SCBT")
    ('SS', 'ST')
    """
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
        got={"input": shown},
        fix=f"This layer needs {needed}, or {other}.",
    )


class Sides:
    """Padding or cropping of a layer: `mode` and `size` as MATLAB shows them."""

    def __init__(self, kind: str, name: str, value: Any, rank: int, words: Sequence[str] = ("same",)):
        self.size: tuple[Any, ...] = ()
        if isinstance(value, str):
            if value not in words:
                raise OptionError(
                    f'{kind}: {name} cannot be "{value}".',
                    fix=f"{nearest(value, words)} Or give {FORMS[rank]}.",
                )
            self.mode = value
            return
        self.mode = "manual"
        pairs = _pairs(kind, name, value, rank)
        self.size = sides(pairs)


def _pairs(kind: str, name: str, value: Any, rank: int) -> windows.Pairs:
    numbers = np.asarray(value)
    fits = {1: (2,), 2: (2, 4), 3: (3, 6)}[rank]
    if numbers.size != 1 and numbers.size not in fits:
        raise OptionError(
            f"{kind}: {name} has {numbers.size} values.",
            got={name: repr(value)},
            fix=f"Give {FORMS[rank]}.",
        )
    if rank == 2 and numbers.size == 4:
        numbers = numbers.reshape(2, 2).T  # top bottom left right, to (before; after)
    pairs = windows.amounts(kind, name, numbers, rank)
    assert pairs is not None
    return pairs


def sides(pairs: windows.Pairs) -> tuple[Any, ...]:
    """Cells before and after per dimension, as the property PaddingSize (CroppingSize) has them.

    >>> sides(((1, 2),)), sides(((1, 2), (3, 4))), sides(((1, 2), (3, 4), (5, 6)))
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
