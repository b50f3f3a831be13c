"""Pooling over windows, over everything, and to a given size."""

# ruff: noqa: E501  (tables read best one row per line)

import numpy as np

import dltk.layers as L

from .. import witness as w
from ._table import OVER, add

POOLS = {
    1: (L.maxPooling1dLayer, L.averagePooling1dLayer),
    2: (L.maxPooling2dLayer, L.averagePooling2dLayer),
    3: (L.maxPooling3dLayer, L.averagePooling3dLayer),
}
GLOBAL = {
    1: (L.globalMaxPooling1dLayer, L.globalAveragePooling1dLayer),
    2: (L.globalMaxPooling2dLayer, L.globalAveragePooling2dLayer),
    3: (L.globalMaxPooling3dLayer, L.globalAveragePooling3dLayer),
}
for rank, formats in OVER.items():
    for fmt, axes in formats.items():
        for make, reduce in zip(POOLS[rank], (np.max, np.mean), strict=True):
            add(
                make.__name__,
                lambda make=make: make(2, Stride=2),
                fmt,
                lambda p, x, f=fmt, a=axes, r=reduce, k=rank: w.pool(
                    x, f, a, r, (2,) * k, (2,) * k, [(0, 0)] * k, 0
                ),
            )
        time = any(fmt[axis] == "T" for axis in axes)
        out = fmt.replace("T", "") if time else fmt
        for make, reduce in zip(GLOBAL[rank], (np.max, np.mean), strict=True):
            add(
                make.__name__,
                make,
                fmt,
                lambda p, x, a=axes, r=reduce, t=time: (
                    r(x, axis=a, keepdims=True)[..., 0] if t else r(x, axis=a, keepdims=True)
                ),
                out=out + "U" * (len(out) < 2),
            )

for name, layer, reduce, fill in [
    ("maxPooling2dLayer(same)", lambda: L.maxPooling2dLayer(3, Stride=2, Padding="same"), np.max, -np.inf),
    ("averagePooling2dLayer(same)", lambda: L.averagePooling2dLayer(3, Stride=2, Padding="same"), np.mean, 0),
    ("averagePooling2dLayer(mean)", lambda: L.averagePooling2dLayer(3, Stride=2, Padding="same", PaddingValue="mean"), np.nanmean, np.nan),
]:  # fmt: skip
    # 6 and 5 cells with stride 2 make 3: they need 1 and 2 cells of padding, an odd one at the end
    add(
        name,
        layer,
        "SSCB",
        lambda p, x, r=reduce, f=fill: w.pool(
            x, "SSCB", (0, 1), r, (3, 3), (2, 2), [(0, 1), (1, 1)], f
        ),
    )


def adaptive(x, sizes):
    y = np.zeros((*sizes, *x.shape[2:]))
    for i, j in np.ndindex(*sizes):
        (a, b), (c, d) = (
            (int(np.floor(k * n / m)), int(np.ceil((k + 1) * n / m)))
            for k, n, m in zip((i, j), x.shape, sizes, strict=False)
        )
        y[i, j] = x[a:b, c:d].mean((0, 1))
    return y


for fmt in ("SSCB", "SSC", "SSCBT"):
    add(
        "adaptiveAveragePooling2dLayer",
        lambda: L.adaptiveAveragePooling2dLayer([4, 2]),
        fmt,
        lambda p, x: adaptive(x, (4, 2)),
    )
