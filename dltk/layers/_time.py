"""Taking the time dimension off and putting it on."""

from __future__ import annotations

from jax import lax

from .. import _labels as labels
from ..dlarray import apply, dlarray, stripdims


def at_step(name: str, X: dlarray, step: int) -> dlarray:
    """One time step (counted from 0, from the end if negative), without the label "T".

    >>> import numpy as np
    >>> at_step("lstmLayer", dlarray(np.zeros((3, 2, 7)), "CBT"), -1).dims
    'CB'
    """
    axis = labels.find_stored(X.dims, "T")[0]
    kept = [(n, letter) for n, letter in zip(X.shape, X.dims, strict=True) if letter != "T"]
    fmt = "".join(letter for _, letter in kept) + "U" * (len(kept) < 2)
    sizes = labels.to_stored(fmt, [*(n for n, _ in kept), 1][: len(fmt)])
    return apply(
        name,
        lambda x: lax.index_in_dim(x, step, axis, keepdims=False).reshape(sizes),
        [X],
        fmt,
        mix=False,
    )


def with_time(X: dlarray) -> dlarray:
    """The same data as one time step."""
    return dlarray(stripdims(X), X.dims.rstrip("U") + "T")
