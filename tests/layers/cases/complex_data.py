"""Products, complex data, and waves."""

# ruff: noqa: B008, E501  (tables read best one row per line; a loop's lambda binds its values)

import numpy as np

import dltk.layers as L

from .. import witness as w
from ._table import SIZES, add

for fmt in ("CB", "CBT", "SSC"):
    add(
        "quadraticLayer",
        L.quadraticLayer,
        fmt,
        lambda p, x, a=fmt.index("C"): np.stack(
            [x.take(i, a) * x.take(j, a) for j in range(4) for i in range(j + 1)], a
        ),
    )


def whirled(x):
    """Complex data out of real data."""
    return x + 1j * np.roll(x, 1, 0) ** 2 - 0.3j


for fmt in ("CB", "SSCT"):
    for name, make, function in (
        ("complexReluLayer", L.complexReluLayer, lambda p, x: np.maximum(x.real, 0) + 1j * np.maximum(x.imag, 0)),
        ("zreluLayer", L.zreluLayer, lambda p, x: np.where((x.real >= 0) & (x.imag >= 0), x, 0)),
    ):  # fmt: skip
        add(name, make, fmt, function, data=whirled)
        add(f"{name}(real)", make, fmt, lambda p, x: np.maximum(x, 0))


def in_turn(x, axis):
    return np.stack([x.real, x.imag], axis + 1).reshape(
        *x.shape[:axis], 2 * x.shape[axis], *x.shape[axis + 1 :]
    )


for fmt, dim, axis in (
    ("CB", "C", 0),
    ("SSCB", "C", 2),
    ("CBT", "T", 2),
    ("SCB", "S", 0),
    ("CBT", "last", 2),
    ("SSCB", 2, 1),
):
    suffix = "" if dim == "C" else f"({dim})"
    add(
        f"complexToRealLayer{suffix}",
        lambda dim=dim: L.complexToRealLayer(OperationDimension=dim),
        fmt,
        lambda p, x, a=axis: in_turn(x, a),
        data=whirled,
    )
    size = [2 * n if i == axis else n for i, n in enumerate(SIZES[fmt])]
    add(
        f"realToComplexLayer{suffix}",
        lambda dim=dim: L.realToComplexLayer(OperationDimension=dim),
        fmt,
        lambda p, x, a=axis: (
            x.take(range(0, x.shape[a], 2), a) + 1j * x.take(range(1, x.shape[a], 2), a)
        ),
        sizes=(tuple(size),),
    )
for fmt in ("CB", "SSCB", "CBT", "SSC"):
    flat = fmt.replace("S", "")
    for name, data in (
        ("complexFullyConnectedLayer", whirled),
        ("complexFullyConnectedLayer(real)", np.positive),
    ):
        add(
            name,
            lambda: L.complexFullyConnectedLayer(3),
            fmt,
            lambda p, x, f=fmt: w.dense(x, f, p["Weights"], p["Bias"]),
            out=flat + "U" * (len(flat) < 2),
            data=data,
        )


def spectral(p, x, axes, channel):
    """Sums of waves, one for each frequency that is kept."""
    W = p["Weights"]
    k = len(axes)
    x = np.moveaxis(x, (*axes, channel), (*range(k), k))
    sizes = x.shape[:k]
    y = np.zeros((*sizes, W.shape[-1], *x.shape[k + 1 :]), complex)
    places = np.indices(sizes).reshape(k, *sizes)
    for mode in np.ndindex(*W.shape[:k]):
        angle = 2 * np.pi * sum(m * q / n for m, q, n in zip(mode, places, sizes, strict=True))
        found = np.tensordot(np.exp(-1j * angle), x, (range(k), range(k)))
        made = np.tensordot(W[mode].T, found, 1)
        part = np.multiply.outer(np.exp(1j * angle), made) / np.prod(sizes)
        # the mirrored half of the last dimension is the conjugate, taken after the others are back
        y += part if mode[-1] == 0 else part + np.conj(part)
    return np.moveaxis(y.real, (*range(k), k), (*axes, channel))


SPECTRAL = {
    1: (L.spectralConvolution1dLayer, 2, {"SCB": (0,), "SCBT": (0,), "CBT": (2,), "CT": (1,)}),
    2: (L.spectralConvolution2dLayer, [3, 2], {"SSCB": (0, 1), "SSCBT": (0, 1), "SCBT": (0, 3)}),
    3: (L.spectralConvolution3dLayer, 2, {"SSSCB": (0, 1, 2), "SSCBT": (0, 1, 4)}),
}
for make, modes, formats in SPECTRAL.values():
    for fmt, axes in formats.items():
        add(
            make.__name__,
            lambda make=make, m=modes: make(m, 3),
            fmt,
            lambda p, x, a=axes, f=fmt: spectral(p, x, a, f.index("C")),
        )
