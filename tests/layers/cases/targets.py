"""Statistics of targets taken back."""

import numpy as np

import dltk.layers as L

from .. import witness as w
from ._table import add

STATISTICS = {"Mean": 3.0, "StandardDeviation": 2.0, "Min": -1.0, "Max": 5.0}
BACK = {
    "zscore": lambda x: x * 2 + 3,
    "zerocenter": lambda x: x + 3,
    "rescale-zero-one": lambda x: x * 6 - 1,
    "rescale-symmetric": lambda x: (x + 1) * 3 - 1,
}
for mode, back in BACK.items():
    add(
        "inverseNormalizationLayer" if mode == "zscore" else f"inverseNormalizationLayer({mode})",
        lambda mode=mode: L.inverseNormalizationLayer(Normalization=mode, **STATISTICS),
        "CB",
        lambda p, x, back=back: back(x),
        trained=lambda p, x: x,
    )
for fmt in ("SSCB", "CBT", "CB"):
    add(
        "inverseNormalizationLayer(vector)",
        lambda: L.inverseNormalizationLayer(Mean=[1, 2, 3, 4], StandardDeviation=[4, 3, 2, 1]),
        fmt,
        lambda p, x, f=fmt: (
            x * w.along_channels(np.array([4, 3, 2, 1.0]), f)
            + w.along_channels(np.array([1, 2, 3, 4.0]), f)
        ),
        trained=lambda p, x: x,
    )
add(
    "inverseNormalizationLayer(2)",
    lambda: L.inverseNormalizationLayer(2, Normalization="zerocenter", Mean=[1, 2, 3]),
    "CBT",
    lambda p, x: x + np.array([1, 2, 3.0])[:, None],
    trained=lambda p, x: x,
)
