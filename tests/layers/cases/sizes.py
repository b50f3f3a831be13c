"""Resized and cropped data."""

import numpy as np

import dltk.layers as L

from ._table import SIZES, add


def resized(x, sizes, method):
    """Half-pixel resizing of the first dimensions, one cell at a time."""
    for axis, m in enumerate(sizes):
        n = x.shape[axis]
        cells = []
        for i in range(m):
            place = (i + 0.5) * n / m - 0.5
            if method == "nearest":
                cells.append(x.take(np.clip(int(np.floor(place + 0.5)), 0, n - 1), axis))
            else:
                low = int(np.floor(place))
                a, b = (x.take(np.clip(low + d, 0, n - 1), axis) for d in (0, 1))
                cells.append(a + (place - low) * (b - a))
        x = np.stack(cells, axis)
    return x


for make, method, fmts, sizes in (
    (L.resize2dLayer, "bilinear", ("SSCB", "SSC", "SSCBT"), (9, 4)),
    (L.resize3dLayer, "trilinear", ("SSSCB", "SSSCBT"), (3, 6, 5)),
):
    for fmt in fmts:
        add(
            f"{make.__name__}(nearest)",
            lambda make=make, n=sizes: make(OutputSize=n),
            fmt,
            lambda p, x, n=sizes: resized(x, n, "nearest"),
        )
        add(
            make.__name__,
            lambda make=make, n=sizes, m=method: make(OutputSize=n, Method=m),
            fmt,
            lambda p, x, n=sizes, m=method: resized(x, n, m),
        )
    fmt = fmts[0]
    add(
        f"{make.__name__}(scale)",
        lambda make=make, m=method: make(Scale=2, Method=m),
        fmt,
        lambda p, x, f=fmt, m=method: resized(x, [2 * n for n in x.shape[: f.count("S")]], m),
    )
    add(
        f"{make.__name__}(reference)",
        lambda make=make: make(EnableReferenceInput=True),
        (fmt, fmt[:-1]),
        lambda p, x, ref, f=fmt: resized(x, ref.shape[: f.count("S")], "nearest"),
        sizes=(SIZES[fmt], tuple(range(3, 3 + fmt.count("S") + 1))),
    )
for fmt, size, ref in (
    ("SSCB", (7, 6, 2, 3), (4, 4, 5, 1)),
    ("SSC", (7, 6, 2), (4, 4, 2)),
    ("SSCBT", (7, 6, 2, 2, 3), (4, 4, 2, 2, 3)),
):
    for name, location, rows, columns in (
        ("crop2dLayer", "centercrop", slice(1, 5), slice(1, 5)),
        ("crop2dLayer([3 2])", [3, 2], slice(1, 5), slice(2, 6)),
    ):
        add(
            name,
            lambda where=location: L.crop2dLayer(where),
            (fmt, fmt),
            lambda p, x, ref, r=rows, c=columns: x[r, c],
            sizes=(size, ref),
        )
add(
    "crop3dLayer",
    L.crop3dLayer,
    ("SSSCB", "SSSCB"),
    lambda p, x, ref: x[1:4, 0:3, 1:3],
    sizes=((5, 4, 4, 2, 3), (3, 3, 2, 1, 1)),
)
add(
    "crop3dLayer([2 1 3])",
    lambda: L.crop3dLayer([2, 1, 3]),
    ("SSSC", "SSSC"),
    lambda p, x, ref: x[0:3, 1:4, 2:4],
    sizes=((5, 4, 4, 2), (3, 3, 2, 1)),
)
