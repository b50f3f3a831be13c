"""Every layer in the formats that it takes: what goes in, and what must come out."""

# ruff: noqa: E501  (tables read best one row per line)

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import erf, expit
from scipy.special import softmax as scipy_softmax

import dltk.layers as L

from . import witness as w

SIZES = {
    "CB": (4, 3),
    "CBT": (4, 3, 5),
    "CT": (4, 5),
    "SCB": (6, 4, 3),
    "SCBT": (6, 4, 3, 5),
    "SSCB": (6, 5, 4, 3),
    "SSC": (6, 5, 4),
    "SSCT": (6, 5, 4, 3),
    "SSCBT": (6, 5, 4, 2, 5),
    "SSSCB": (4, 5, 3, 4, 2),
    "SSSCBT": (4, 3, 3, 4, 2, 2),
}


@dataclass
class Case:
    """One layer on data of one format.

    ``wanted(p, *x)`` gives the output from parameters and data, all NumPy arrays; ``trained`` does
    for `forward`, where that differs. One case of each layer is marked ``once``, for what labels do
    not change.
    """

    layer: Callable[[], Any]
    fmts: tuple[str, ...]
    out: str
    wanted: Callable[..., np.ndarray]
    trained: Callable[..., np.ndarray] | None = None
    sizes: tuple[tuple[int, ...], ...] | None = None
    derivatives: bool = True
    once: bool = False
    data: Callable[[np.ndarray], np.ndarray] = np.positive

    @property
    def shapes(self):
        return self.sizes or tuple(SIZES[fmt] for fmt in self.fmts)


CASES: dict[str, Case] = {}


def add(name, layer, fmt, wanted, out=None, **options):
    fmts = (fmt,) if isinstance(fmt, str) else fmt
    key = f"{name} {'+'.join(fmts)}"
    assert key not in CASES
    once = not any(k.rpartition(" ")[0] == name for k in CASES)
    options.setdefault("derivatives", "(" not in name)
    CASES[key] = Case(layer, fmts, out or fmts[0], wanted, once=once, **options)


# Elementwise functions, in any format
ELEMENTWISE = {
    "reluLayer": (L.reluLayer, lambda p, x: np.maximum(x, 0)),
    "leakyReluLayer": (lambda: L.leakyReluLayer(0.1), lambda p, x: np.where(x >= 0, x, 0.1 * x)),
    "clippedReluLayer": (lambda: L.clippedReluLayer(0.5), lambda p, x: np.clip(x, 0, 0.5)),
    "eluLayer": (lambda: L.eluLayer(2), lambda p, x: np.where(x >= 0, x, 2 * np.expm1(x))),
    "geluLayer": (L.geluLayer, lambda p, x: x / 2 * (1 + erf(x / np.sqrt(2)))),
    "geluLayer(tanh)": (
        lambda: L.geluLayer(Approximation="tanh"),
        lambda p, x: x / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3))),
    ),
    "preluLayer": (L.preluLayer, lambda p, x: np.where(x > 0, x, p["Alpha"] * x)),
    "sigmoidLayer": (L.sigmoidLayer, lambda p, x: expit(x)),
    "tanhLayer": (L.tanhLayer, lambda p, x: np.tanh(x)),
    "softplusLayer": (L.softplusLayer, lambda p, x: np.logaddexp(x, 0)),
    "swishLayer": (L.swishLayer, lambda p, x: x * expit(x)),
    "identityLayer": (L.identityLayer, lambda p, x: x),
    "scalingLayer": (lambda: L.scalingLayer(Scale=3, Offset=-1), lambda p, x: 3 * x - 1),
    "functionLayer": (lambda: L.functionLayer(lambda X: X * X), lambda p, x: x**2),
    "dropoutLayer": (lambda: L.dropoutLayer(0), lambda p, x: x),
    "spatialDropoutLayer": (lambda: L.spatialDropoutLayer(Probability=0), lambda p, x: x),
    "crossChannelNormalizationLayer": (
        lambda: L.crossChannelNormalizationLayer(2, Alpha=0.5, K=1),
        lambda p, x, fmt: w.local_response(x, fmt, 2, 0.5, 0.75, 1),
    ),
    "softmaxLayer": (
        L.softmaxLayer,
        lambda p, x, fmt: scipy_softmax(x, fmt.index("C")),
    ),
    "layerNormalizationLayer": (
        L.layerNormalizationLayer,
        lambda p, x, fmt: w.normalize(x, fmt, "SC", p["Offset"], p["Scale"]),
    ),
    "layerNormalizationLayer(channel-only)": (
        lambda: L.layerNormalizationLayer(OperationDimension="channel-only"),
        lambda p, x, fmt: w.normalize(x, fmt, "C", p["Offset"], p["Scale"]),
    ),
    "layerNormalizationLayer(batch-excluded)": (
        lambda: L.layerNormalizationLayer(OperationDimension="batch-excluded", Epsilon=0.1),
        lambda p, x, fmt: w.normalize(x, fmt, "SCT", p["Offset"], p["Scale"], 0.1),
    ),
    "groupNormalizationLayer": (
        lambda: L.groupNormalizationLayer(2),
        lambda p, x, fmt: w.normalize_groups(x, fmt, 2, p["Offset"], p["Scale"]),
    ),
    "groupNormalizationLayer(all-channels)": (
        lambda: L.groupNormalizationLayer("all-channels"),
        lambda p, x, fmt: w.normalize_groups(x, fmt, 1, p["Offset"], p["Scale"]),
    ),
}
FREE = ("CB", "SSCT")


def with_format(wanted, fmt):
    takes_format = wanted.__code__.co_argcount == 3
    return (lambda p, x: wanted(p, x, fmt)) if takes_format else wanted


for name, (layer, wanted) in ELEMENTWISE.items():
    for fmt in FREE if "Normalization" not in name else ("CB", "SCB", "SSCB", "CBT", "SSCBT"):
        add(name, layer, fmt, with_format(wanted, fmt))

for fmt in ("SSCB", "CBT", "SCBT", "SSC"):
    add(
        "instanceNormalizationLayer",
        L.instanceNormalizationLayer,
        fmt,
        lambda p, x, fmt=fmt: w.normalize(x, fmt, "ST", p["Offset"], p["Scale"]),
    )
    add(
        "groupNormalizationLayer(channel-wise)",
        lambda: L.groupNormalizationLayer("channel-wise"),
        fmt,
        lambda p, x, fmt=fmt: w.normalize(x, fmt, "ST", p["Offset"], p["Scale"]),
    )


def by_states(p, x, fmt):
    mean, var, scale, offset = (
        w.along_channels(p[n], fmt) for n in ("TrainedMean", "TrainedVariance", "Scale", "Offset")
    )
    return scale * (x - mean) / np.sqrt(var + 1e-5) + offset


for fmt in ("CB", "CBT", "SCB", "SSCB", "SSC", "SSCBT", "SSSCB"):
    add(
        "batchNormalizationLayer",
        L.batchNormalizationLayer,
        fmt,
        lambda p, x, fmt=fmt: by_states(p, x, fmt),
        trained=lambda p, x, fmt=fmt: w.normalize(x, fmt, "SBT", p["Offset"], p["Scale"]),
    )

# Input layers: the data, here without normalization (see test_input)
for layer, fmts in {
    L.featureInputLayer: {"CB": 4},
    L.imageInputLayer: {"SSCB": [6, 5, 4], "SSC": [6, 5, 4]},
    L.image3dInputLayer: {"SSSCB": [4, 5, 3, 4]},
    L.sequenceInputLayer: {
        "CBT": 4,
        "CT": 4,
        "SCBT": [6, 4],
        "SSCBT": [6, 5, 4],
        "SSSCBT": [4, 3, 3, 4],
    },
}.items():
    for fmt, size in fmts.items():
        add(
            layer.__name__,
            lambda layer=layer, size=size: layer(size, Normalization="none"),
            fmt,
            lambda p, x: x,
        )
add("inputLayer", lambda: L.inputLayer([3, 6, 4], "BSC"), "SCB", lambda p, x: x)

# Convolution. Over which dimensions, by rank and format
OVER = {
    1: {"SCB": (0,), "SCBT": (0,), "CBT": (2,), "CT": (1,)},
    2: {"SSCB": (0, 1), "SSCBT": (0, 1), "SCBT": (0, 3), "SSC": (0, 1)},
    3: {"SSSCB": (0, 1, 2), "SSSCBT": (0, 1, 2), "SSCBT": (0, 1, 4)},
}
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

# Pooling
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

# Flattening and full connection
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


# Look-up
def columns(p, x):
    table = np.concatenate([p["Weights"], np.zeros((len(p["Weights"]), 1))], 1)
    index = np.where((x >= 1) & (x <= table.shape[1] - 1), x, table.shape[1]).astype(int)
    return np.moveaxis(table[:, index[0] - 1], 0, 0)


def indices(x):
    return np.floor(3 * np.abs(x))


for make in (L.embeddingLayer, L.wordEmbeddingLayer):
    for fmt, size in {"CB": (1, 7), "CBT": (1, 3, 5)}.items():
        add(
            make.__name__,
            lambda make=make: make(2, 4),
            fmt,
            columns,
            sizes=(size,),
            data=indices,
            derivatives=False,
        )
add(
    "embeddingLayer(first-vector)",
    lambda: L.embeddingLayer(2, 9, ZeroIndexMapping="first-vector"),
    "CB",
    lambda p, x: p["Weights"][:, x[0].astype(int)],
    sizes=((1, 7),),
    data=lambda x: np.minimum(indices(x), 9),
    derivatives=False,
)

# Recurrence
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

# Several inputs
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
