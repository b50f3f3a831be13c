"""An image and its reference: where their places lie in memory, and the caller's layout."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .. import _labels as labels
from .._errors import FormatError
from .._numbers import raw
from ..dlarray import apply, dlarray, extractdata
from ._loss_common import Fit
from ._operands import Restore, formatted, shown


class Pair:
    """An image and its reference, lined up; ``axes`` are the spatial ones in memory.

    Every channel and observation is an image of its own.
    """

    def __init__(self, name: str, A: dlarray, ref: Any, restore: Restore, DataFormat: str | None):
        self.name, self.A, self.restore = name, A, restore
        places = labels.find(A.dims, "S")
        if not places or A.dtype.kind == "c":
            raise FormatError(
                f'{name}: the images must be real and have an "S" dimension.',
                got={"image": shown(A)},
                fix='Label the spatial dimensions "S".',
            )
        self.axes = labels.find_stored(A.dims, "S")
        operand = Fit(name, A, DataFormat, of="image").line_up("reference", ref, A.shape)
        self.ref, self.stored = operand.value, operand.stored
        self.plain = False

    @classmethod
    def of(
        cls, name: str, A: Any, ref: Any, DataFormat: str | None, spatial: str, more: bool = False
    ) -> Pair:
        """Check both; without labels the first dimensions are those in ``spatial``."""
        plain = not isinstance(A, dlarray) and not isinstance(ref, dlarray)
        if plain:
            A = dlarray(raw(A, name))
        unlabelled = not (isinstance(A, dlarray) and A.dims)
        if unlabelled and DataFormat is None:
            rank = A.ndim if isinstance(A, dlarray) else max(np.ndim(A), 2)
            DataFormat = spatial[:rank] + "U" * (rank - len(spatial)) * more
        A, restore = formatted(name, A, DataFormat, ref, what="image")
        pair = cls(name, A, ref, restore, DataFormat)
        pair.plain = plain
        return pair

    def run(self, function: Callable[..., Any], options: list[Any], count: int) -> list[Any]:
        """The outputs of a function of both, as the caller has the images."""
        found = apply(self.name, function, [self.A, self.ref, *options], (self.A.dims,) * count)
        results = [self.restore(x) for x in found]
        if not self.plain:
            return results
        values = [extractdata(x) for x in results]
        return [v[0, 0] if v.size == 1 else v for v in values]
