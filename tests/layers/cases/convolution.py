"""Convolution, transposed and grouped, by rank and format."""

# ruff: noqa: E501  (tables read best one row per line)

import dltk.layers as L

from .. import witness as w
from ._table import OVER, add

CONVOLUTIONS = {1: L.convolution1dLayer, 2: L.convolution2dLayer, 3: L.convolution3dLayer}
TRANSPOSED = {1: L.transposedConv1dLayer, 2: L.transposedConv2dLayer, 3: L.transposedConv3dLayer}


def slides(name, layer, fmt, axes, witness, *how):
    add(
        name,
        layer,
        fmt,
        lambda p, x: witness(x, fmt, axes, p["Weights"], p["Bias"], *how),
        sizes=None,
    )


for rank, formats in OVER.items():
    one, none = (1,) * rank, ((0, 0),) * rank
    for fmt, axes in formats.items():
        make = CONVOLUTIONS[rank]
        slides(make.__name__, lambda m=make: m(2, 3), fmt, axes, w.convolve, one, one, none)
        make = TRANSPOSED[rank]
        slides(
            make.__name__,
            lambda m=make, r=rank: m(3, 2, Stride=2, Cropping=1),
            fmt,
            axes,
            w.stamp,
            (2,) * rank,
            ((1, 1),) * rank,
        )

# name, layer, format, stride, dilation, padding before and after; sizes 6, 5 are padded by hand
for name, layer, fmt, axes, *how in [
    ("1d(same)", lambda: L.convolution1dLayer(4, 2, Padding="same"), "SCB", (0,), (1,), (1,), [(1, 2)]),
    ("1d(causal)", lambda: L.convolution1dLayer(3, 2, Padding="causal", DilationFactor=2), "CBT", (2,), (1,), (2,), [(4, 0)]),
    ("1d(left)", lambda: L.convolution1dLayer(2, 2, Padding=[2, 0], Stride=3), "SCB", (0,), (3,), (1,), [(2, 0)]),
    ("2d(same)", lambda: L.convolution2dLayer([3, 4], 2, Padding="same", Stride=[2, 1]), "SSCB", (0, 1), (2, 1), (1, 1), [(0, 1), (1, 2)]),
    ("2d(sides)", lambda: L.convolution2dLayer(2, 2, Padding=[1, 2, 0, 3]), "SSCB", (0, 1), (1, 1), (1, 1), [(1, 2), (0, 3)]),
    ("2d(pairs)", lambda: L.convolution2dLayer([2, 3], 2, Padding=[1, 2], DilationFactor=[1, 2]), "SSCB", (0, 1), (1, 1), (1, 2), [(1, 1), (2, 2)]),
    ("3d(sides)", lambda: L.convolution3dLayer(2, 2, Padding=[[1, 0, 2], [0, 1, 1]]), "SSSCB", (0, 1, 2), (1, 1, 1), (1, 1, 1), [(1, 0), (0, 1), (2, 1)]),
]:  # fmt: skip
    slides(f"convolution{name}", layer, fmt, axes, w.convolve, *how)

for mode, word in {
    "symmetric": "symmetric-include-edge",
    "reflect": "symmetric-exclude-edge",
    "edge": "replicate",
}.items():
    add(
        f"convolution2dLayer({word})",
        lambda word=word: L.convolution2dLayer(3, 2, Padding=2, PaddingValue=word),
        "SSCB",
        lambda p, x, mode=mode: w.convolve(
            x, "SSCB", (0, 1), p["Weights"], p["Bias"], (1, 1), (1, 1), [(2, 2)] * 2, mode
        ),
    )
add(
    "convolution2dLayer(value)",
    lambda: L.convolution2dLayer(3, 2, Padding=1, PaddingValue=7),
    "SSCB",
    lambda p, x: w.convolve(
        x, "SSCB", (0, 1), p["Weights"], p["Bias"], (1, 1), (1, 1), [(1, 1)] * 2, constant_values=7
    ),
)

for groups, filters in ((2, 3), ("channel-wise", 1), (1, 2), ("channel-wise", 2)):
    for fmt in ("SSCB", "SCBT"):
        slides(
            f"groupedConvolution2dLayer({groups},{filters})",
            lambda g=groups, f=filters: L.groupedConvolution2dLayer(2, f, g, Padding=1),
            fmt,
            OVER[2][fmt],
            w.grouped,
            (1, 1),
            (1, 1),
            [(1, 1)] * 2,
        )

slides(
    "transposedConv2dLayer(same)",
    lambda: L.transposedConv2dLayer(5, 2, Stride=2, Cropping="same"),
    "SSCB",
    (0, 1),
    w.stamp,
    (2, 2),
    ((1, 2), (1, 2)),
)
slides(
    "transposedConv2dLayer(sides)",
    lambda: L.transposedConv2dLayer([3, 4], 2, Cropping=[0, 1, 2, 0]),
    "SSCB",
    (0, 1),
    w.stamp,
    (1, 1),
    ((0, 1), (2, 0)),
)
