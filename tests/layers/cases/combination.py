"""Layers with several inputs."""

import numpy as np

import dltk.layers as L

from ._table import add

for fmt in ("CB", "SSCB", "CBT"):
    add("additionLayer", lambda: L.additionLayer(3), (fmt,) * 3, lambda p, *x: sum(x))
    add(
        "multiplicationLayer",
        lambda: L.multiplicationLayer(3),
        (fmt,) * 3,
        lambda p, a, b, c: a * b * c,
    )
    add(
        "depthConcatenationLayer",
        lambda: L.depthConcatenationLayer(2),
        (fmt,) * 2,
        lambda p, *x, f=fmt: np.concatenate(x, f.index("C")),
    )
    add(
        "concatenationLayer",
        lambda: L.concatenationLayer(2, 2),
        (fmt,) * 2,
        lambda p, *x: np.concatenate(x, 1),
    )
add(
    "additionLayer(expanding)",
    lambda: L.additionLayer(2),
    ("SSCB", "CB"),
    lambda p, a, b: a + b,
)
add(
    "multiplicationLayer(union)",
    lambda: L.multiplicationLayer(2),
    ("CB", "CT"),
    lambda p, a, b: a[:, :, None] * b[:, None, :],
    out="CBT",
)
