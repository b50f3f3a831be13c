"""Patches, blocks, other orders and other shapes of the same numbers."""

# ruff: noqa: B008  (a loop's lambda binds its values)

import numpy as np

import dltk.layers as L

from .. import witness as w
from ._table import add


def patched(p, x, fmt, size, row_major=True):
    spatial = tuple(range(fmt.count("S")))
    y = w.convolve(
        x, fmt, spatial, p["Weights"], p["Bias"], size, (1,) * len(size), [(0, 0)] * len(size)
    )
    order = "C" if row_major else "F"
    rest = y.shape[len(size) :]
    y = np.moveaxis(y.reshape(*y.shape[: len(size)], -1), -1, 0)
    return np.stack([part.ravel(order=order) for part in y], -1).reshape(-1, *rest)


for fmt, size in {
    "SSCB": (3, 2),
    "SSC": (3, 2),
    "SSCBT": (3, 2),
    "SSSCB": (2, 3, 2),
    "SCB": (2,),
}.items():
    add(
        "patchEmbeddingLayer",
        lambda k=size: L.patchEmbeddingLayer(k, 3),
        fmt,
        lambda p, x, f=fmt, k=size: patched(p, x, f, k),
        out=fmt[fmt.count("S") - 1 :],
    )
add(
    "patchEmbeddingLayer(column-major)",
    lambda: L.patchEmbeddingLayer(2, 3, SpatialFlattenMode="column-major"),
    "SSCB",
    lambda p, x: patched(p, x, "SSCB", (2, 2), row_major=False),
    out="SCB",
)


def blocks(x, rows, columns, channel):
    """Depth to space, one element at a time."""
    h, v, c, *rest = x.shape
    few = c // rows // columns
    y = np.zeros((h * rows, v * columns, few, *rest))
    for i, j, k in np.ndindex(rows, columns, few):
        y[i::rows, j::columns, k] = x[:, :, channel(i, j, k, few)]
    return y


def gathered(x, rows, columns):
    """Space to depth, one element at a time."""
    h, v, c = x.shape[0] // rows, x.shape[1] // columns, x.shape[2]
    y = np.zeros((h, v, c * rows * columns, *x.shape[3:]))
    for i, j, k in np.ndindex(rows, columns, c):
        y[:, :, k + c * (j + columns * i)] = x[i : h * rows : rows, j : v * columns : columns, k]
    return y


for fmt, rest in {"SSCB": (3,), "SSC": (), "SSCBT": (2, 3)}.items():
    add(
        "depthToSpace2dLayer",
        lambda: L.depthToSpace2dLayer([2, 3]),
        fmt,
        lambda p, x: blocks(x, 2, 3, lambda i, j, k, few: k + few * (j + 3 * i)),
        sizes=((4, 5, 12, *rest),),
    )
    add(
        "spaceToDepthLayer",
        lambda: L.spaceToDepthLayer([2, 3]),
        fmt,
        lambda p, x: gathered(x, 2, 3),
        sizes=((5, 8, 2, *rest),),
    )
add(
    "depthToSpace2dLayer(crd)",
    lambda: L.depthToSpace2dLayer([2, 3], Mode="crd"),
    "SSCB",
    lambda p, x: blocks(x, 2, 3, lambda i, j, k, few: j + 3 * (i + 2 * k)),
    sizes=((4, 5, 12, 3),),
)
for fmt in ("CBT", "SCBT"):
    add(
        "permuteLayer",
        lambda: L.permuteLayer([3, 1, 2]),
        fmt,
        lambda p, x: x.transpose(2, 0, 1, *range(3, x.ndim)),
    )
add(
    "permuteLayer(more)",
    lambda: L.permuteLayer([1, 3, 2]),
    "CB",
    lambda p, x: x[:, None],
    out="CBU",
)
for fmt, sz, out in (
    ("SSCB", (5, 6, 4, 3), "SSCB"),
    ("CB", (2, 2, 1, []), "SSCB"),
    ("SSCB", (120, 3), "CB"),
    ("SSCBT", ([], 2, 5), "CBT"),
):
    wanted = tuple(-1 if n == [] else n for n in sz)
    add(
        "reshapeLayer" if sz[0] == 5 else f"reshapeLayer({sz})",
        lambda sz=sz: L.reshapeLayer(*sz),
        fmt,
        lambda p, x, n=wanted: x.reshape(n, order="F"),
        out=out,
    )
for fmt, sz, out in (("CBT", (2, 2), "SCBT"), ("SSCB", (120,), "CB"), ("SSC", (10, 3, []), "SSC")):
    wanted = tuple(-1 if n == [] else n for n in sz)
    add(
        f"reshapeLayer(spatial-channel,{sz})",
        lambda sz=sz: L.reshapeLayer(list(sz), OperationDimension="spatial-channel"),
        fmt,
        lambda p, x, n=wanted, k=fmt.count("S") + 1: x.reshape(*n, *x.shape[k:], order="F"),
        out=out,
    )
