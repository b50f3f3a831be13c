"""Recurrent layers, plain and projected, and folded sequences."""

import numpy as np

import dltk.layers as L

from .. import witness as w
from ._table import add

PARTS = ("InputWeights", "RecurrentWeights", "Bias")


def both_ways(p, x, last=False):
    (w1, w2), (r1, r2), (b1, b2) = (np.split(p[name], 2) for name in PARTS)
    h, c = np.split(p["HiddenState"], 2), np.split(p["CellState"], 2)
    wide = np.ones((1, x.shape[1]))
    ahead = w.lstm(x, w1, r1, b1, h[0] * wide, c[0] * wide)[0]
    back = w.lstm(x[:, :, ::-1], w2, r2, b2, h[1] * wide, c[1] * wide)[0]
    if last:
        return np.concatenate([ahead[:, :, -1], back[:, :, -1]])
    return np.concatenate([ahead, back[:, :, ::-1]])


def long_short(p, x):
    wide = np.ones((1, x.shape[1]))
    return w.lstm(x, *(p[n] for n in PARTS), p["HiddenState"] * wide, p["CellState"] * wide)[0]


def gated(p, x, mode="after-multiplication"):
    wide = np.ones((1, x.shape[1]))
    return w.gru(x, *(p[n] for n in PARTS), mode, p["HiddenState"] * wide)[0]


for name, make, run in [
    ("lstmLayer", L.lstmLayer, long_short),
    ("bilstmLayer", L.bilstmLayer, both_ways),
    ("gruLayer", L.gruLayer, gated),
]:
    add(name, lambda m=make: m(3), "CBT", run)
    add(
        f"{name}(one step)",
        lambda m=make: m(3),
        "CB",
        lambda p, x, r=run: r(p, x[:, :, None])[:, :, 0],
    )
    add(
        f"{name}(images)",
        lambda m=make: m(3),
        "SSCBT",
        lambda p, x, r=run: r(p, w.flatten(x, "SSCBT")),
        out="CBT",
        sizes=((2, 3, 2, 2, 3),),
    )
    last = (lambda p, x: both_ways(p, x, last=True)) if make is L.bilstmLayer else None
    add(
        f"{name}(last)",
        lambda m=make: m(3, OutputMode="last"),
        "CBT",
        last or (lambda p, x, r=run: r(p, x)[:, :, -1]),
        out="CB",
    )
    add(
        f"{name}(one observation)",
        lambda m=make: m(3, OutputMode="last"),
        "CT",
        (lambda p, x: both_ways(p, x[:, None], last=True))
        if make is L.bilstmLayer
        else (lambda p, x, r=run: r(p, x[:, None])[:, :, -1]),
        out="CU",
    )
for mode in ("before-multiplication", "recurrent-bias-after-multiplication"):
    add(
        f"gruLayer({mode})",
        lambda m=mode: L.gruLayer(3, ResetGateMode=m),
        "CBT",
        lambda p, x, m=mode: gated(p, x, m),
    )


# Projected


def unprojected(p):
    """Parameters of the layer without projectors that computes the same."""
    return {
        **p,
        "InputWeights": p["InputWeights"] @ p["InputProjector"].T,
        "RecurrentWeights": p["RecurrentWeights"] @ p["OutputProjector"].T,
    }


for name, make, run in (
    ("lstmProjectedLayer", L.lstmProjectedLayer, long_short),
    ("gruProjectedLayer", L.gruProjectedLayer, gated),
):
    add(name, lambda m=make: m(3, 2, 2), "CBT", lambda p, x, r=run: r(unprojected(p), x))
    add(
        f"{name}(one step)",
        lambda m=make: m(3, 2, 2),
        "CB",
        lambda p, x, r=run: r(unprojected(p), x[:, :, None])[:, :, 0],
    )
    add(
        f"{name}(last)",
        lambda m=make: m(3, 2, 2, OutputMode="last"),
        "CBT",
        lambda p, x, r=run: r(unprojected(p), x)[:, :, -1],
        out="CB",
    )
    add(
        f"{name}(images)",
        lambda m=make: m(3, 2, 4),
        "SSCBT",
        lambda p, x, r=run: r(unprojected(p), w.flatten(x, "SSCBT")),
        out="CBT",
        sizes=((2, 3, 2, 2, 3),),
    )
for mode in ("before-multiplication", "recurrent-bias-after-multiplication"):
    add(
        f"gruProjectedLayer({mode})",
        lambda m=mode: L.gruProjectedLayer(3, 2, 2, ResetGateMode=m),
        "CBT",
        lambda p, x, m=mode: gated(unprojected(p), x, m),
    )
for fmt, out in {"CBT": "CB", "SSCBT": "SSCB", "SCBT": "SCB"}.items():
    add(
        "sequenceFoldingLayer",
        L.sequenceFoldingLayer,
        fmt,
        lambda p, x: np.concatenate(list(np.moveaxis(x, -1, 0)), -1),
        out=out,
    )
