"""Flattening and full connection."""

import numpy as np

import dltk.layers as L

from .. import witness as w
from ._table import add

for fmt in ("CB", "SCB", "SSCB", "SSSCB", "CBT", "SCBT", "SSCBT", "SSC"):
    flat = fmt.replace("S", "")
    flat += "U" * (len(flat) < 2)
    add("flattenLayer", L.flattenLayer, fmt, lambda p, x, f=fmt: w.flatten(x, f), out=flat)
    add(
        "fullyConnectedLayer",
        lambda: L.fullyConnectedLayer(3),
        fmt,
        lambda p, x, f=fmt: w.dense(x, f, p["Weights"], p["Bias"]),
        out=flat,
    )
add(
    "fullyConnectedLayer(3)",
    lambda: L.fullyConnectedLayer(2, 3),
    "CBT",
    lambda p, x: np.einsum("ot,cbt->cbo", p["Weights"], x) + p["Bias"].ravel(),
)
add(
    "fullyConnectedLayer(1)",
    lambda: L.fullyConnectedLayer(2, 1),
    "SSCB",
    lambda p, x: np.einsum("oh,hwcb->owcb", p["Weights"], x) + p["Bias"].reshape(-1, 1, 1, 1),
)
add(
    "fullyConnectedLayer(unspecified)",
    lambda: L.fullyConnectedLayer(2),
    "SCU",
    lambda p, x: w.dense(x, "SC", p["Weights"], p["Bias"]),
    out="CU",
    sizes=((3, 4, 5),),
)
