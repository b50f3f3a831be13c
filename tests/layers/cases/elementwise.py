"""Layers that act element by element, or keep size and labels in any format."""

import numpy as np
from scipy.special import erf, expit
from scipy.special import softmax as scipy_softmax

import dltk.layers as L

from .. import witness as w
from ._table import add

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
