"""Over which positions, steps of time or places in space, a layer works."""

from __future__ import annotations

from .. import _labels as labels
from .._errors import FormatError
from ..dlarray import dlarray
from ..functions._operands import shown


def position_axis(kind: str, X: dlarray, label: str = "") -> int:
    """The dimension (from 0) of the positions: ``label`` if given, else "T", else the only "S".

    >>> import numpy as np
    >>> position_axis("indexing1dLayer", dlarray(np.zeros((4, 3, 2, 5)), "SCBT"))
    3
    """
    letter = label or ("T" if "T" in X.dims else "S")
    places = labels.find(X.dims, letter)
    if len(places) != 1:
        wanted = f'"{label}" dimension' if label else '"T" dimension, or else one "S"'
        raise FormatError(
            f"{kind}: the input must have one {wanted}.",
            got={"input": shown(X)},
            fix='Sequences are "CBT", one-dimensional images "SCB".',
        )
    return places[0]
