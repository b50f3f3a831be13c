"""More rows of the table: attention, positions, complex data, moving data, networks within."""

# ruff: noqa: B008, E501  (tables read best one row per line; a loop's lambda binds its values)

import numpy as np
from scipy.special import softmax

import dltk.layers as L

from . import witness as w
from .cases import CASES, SIZES, add, gated, long_short

__all__ = ["CASES"]

# Attention over T, or over S with the first dimension fastest


def positions(x, fmt):
    """(channel, position, observation), and the way back for another number of channels."""
    order = [fmt.index("C"), *(i for i, d in enumerate(fmt) if d in "ST")]
    batched = "B" in fmt
    y = x.transpose([*order, fmt.index("B")] if batched else order)
    sizes = y.shape[1 : len(order)]
    y = y.reshape(len(y), -1, y.shape[-1] if batched else 1, order="F")

    def back(z):
        z = z.reshape(len(z), *sizes, *z.shape[2:] if batched else (), order="F")
        return z.transpose(np.argsort([*order, fmt.index("B")] if batched else order))

    return y, back


def heads_of(q, k, v, heads, scale=None, used=None, causal=False):
    """Values weighted by the softmax of the products, head by head, observation by observation."""
    out = np.zeros((len(v), *q.shape[1:]))
    for n in range(q.shape[2]):
        for Q, K, V, Y in zip(
            *(np.split(a[..., n], heads) for a in (q, k, v)), np.split(out[..., n], heads), strict=True
        ):  # fmt: skip
            products = K.T @ Q * (1 / np.sqrt(len(K)) if scale is None else scale)
            if used is not None:
                products[used[:, n] == 0] = -np.inf
            if causal:
                products[np.tril(np.ones(products.shape), -1) == 1] = -np.inf
            Y[:] = V @ softmax(products, 0)
    return out


def attended(fmt, **how):
    def wanted(p, q, k, v, *mask):
        flat, back = positions(q, fmt)
        if mask:
            how["used"] = positions(mask[0], fmt)[0][0]
        return back(heads_of(flat, positions(k, fmt)[0], positions(v, fmt)[0], 2, **how))

    return wanted


def self_attended(fmt, **how):
    def wanted(p, x, *mask):
        flat, back = positions(x, fmt)
        q, k, v = (
            np.einsum("oc,cpn->opn", p[f"{n}Weights"], flat) + p[f"{n}Bias"][:, :, None]
            for n in ("Query", "Key", "Value")
        )
        if mask:
            how["used"] = positions(mask[0], fmt)[0][0]
        y = heads_of(q, k, v, 2, **how)
        y = np.einsum("oc,cpn->opn", p["OutputWeights"], y) + p["OutputBias"][:, :, None]
        return back(y)

    return wanted


def ones_somewhere(x):
    """Data; a mask out of data with one channel, whose first position is used."""
    if 1 not in x.shape:
        return x
    mask = (x > 0) * 1.0
    mask.reshape(-1)[:] = np.where(np.arange(mask.size) % 5 < 2, 1, mask.reshape(-1))
    return mask


for fmt, sizes in {
    "CBT": ((4, 3, 5), (4, 3, 6), (6, 3, 6)),
    "CT": ((4, 5), (4, 6), (6, 6)),
    "SCB": ((5, 4, 3), (6, 4, 3), (6, 6, 3)),
    "SSCB": ((2, 3, 4, 3), (5, 2, 4, 3), (5, 2, 6, 3)),
}.items():
    add("attentionLayer", lambda: L.attentionLayer(2), (fmt,) * 3, attended(fmt), sizes=sizes)
SEQUENCES = ((4, 3, 5), (4, 3, 5), (6, 3, 5))
add(
    "attentionLayer(options)",
    lambda: L.attentionLayer(2, Scale=0.3, AttentionMask="causal", HasScoresOutput=True),
    ("CBT",) * 3,
    attended("CBT", scale=0.3, causal=True),
    sizes=SEQUENCES,
    derivatives=True,
)
add(
    "attentionLayer(mask)",
    lambda: L.attentionLayer(2, HasPaddingMaskInput=True),
    ("CBT",) * 4,
    attended("CBT"),
    sizes=(*SEQUENCES, (1, 3, 5)),
    data=ones_somewhere,
)
for fmt in ("CBT", "CT", "SCB", "SSCB", "SSC"):
    add("selfAttentionLayer", lambda: L.selfAttentionLayer(2, 6), fmt, self_attended(fmt))
add(
    "selfAttentionLayer(options)",
    lambda: L.selfAttentionLayer(
        2,
        6,
        NumValueChannels=8,
        OutputSize=3,
        HasPaddingMaskInput=True,
        HasScoresOutput=True,
        AttentionMask="causal",
    ),
    ("CBT", "CBT"),
    self_attended("CBT", causal=True),
    sizes=((4, 3, 5), (1, 3, 5)),
    data=lambda x: x if len(x) > 1 else np.ones(x.shape) - (np.arange(5) == 3),
)

# Positions


def at_positions(vectors, x, fmt):
    """channels × positions, for all observations and other places."""
    along = "T" if "T" in fmt else "S"
    one = [fmt.index("C"), fmt.index(along)]
    matrix = vectors if one[0] < one[1] else vectors.T
    shape = [n if i in one else 1 for i, n in zip(range(len(fmt)), x.shape, strict=True)]
    shape[one[0]] = len(vectors)
    sizes = list(x.shape)
    sizes[one[0]] = len(vectors)
    return np.broadcast_to(matrix.reshape(shape), sizes)


def waves(p, channels):
    """Sines and cosines in turn, one number at a time."""
    d = channels
    return np.array(
        [
            [(np.cos if c % 2 else np.sin)(t / 10000 ** (2 * (c // 2) / d)) for t in p]
            for c in range(d)
        ]
    )


for fmt in ("CBT", "CT", "SCB", "SC", "SCBT", "SSCBT"):
    along = "T" if "T" in fmt else "S"
    count = SIZES.get(fmt, (6, 4))[fmt.index(along)]
    size = None if fmt in SIZES else ((6, 4),)
    add(
        "positionEmbeddingLayer",
        lambda: L.positionEmbeddingLayer(3, 9),
        fmt,
        lambda p, x, f=fmt, n=count: at_positions(p["Weights"][:, :n], x, f),
        sizes=size,
    )
    add(
        "sinusoidalPositionEncodingLayer",
        lambda: L.sinusoidalPositionEncodingLayer(6),
        fmt,
        lambda p, x, f=fmt, n=count: at_positions(waves(np.arange(1, n + 1), 6), x, f),
        sizes=size,
    )
    if fmt != "SSCBT":
        axis = fmt.index(along)
        add(
            "embeddingConcatenationLayer",
            L.embeddingConcatenationLayer,
            fmt,
            lambda p, x, f=fmt, a=axis: np.concatenate(
                [at_positions(p["Weights"], x.take([0], a), f), x], a
            ),
            sizes=size,
        )
    for place, word in ((0, "first"), (-1, "last")):
        out = fmt.replace(along, "")
        add(
            f"indexing1dLayer({word})" if place else "indexing1dLayer",
            lambda word=word: L.indexing1dLayer(word),
            fmt,
            lambda p, x, a=fmt.index(along), i=place: x.take(i, a),
            out=out + "U" * (len(out) < 2),
            sizes=size,
        )
add(
    "positionEmbeddingLayer(spatial)",
    lambda: L.positionEmbeddingLayer(3, 9, PositionDimension="spatial"),
    "SCBT",
    lambda p, x: np.broadcast_to(p["Weights"][:, :6].T[:, :, None, None], (6, 3, 3, 5)),
)
for fmt, size in {"CB": (1, 4), "CBT": (1, 3, 4), "SSCB": (3, 2, 1, 4)}.items():
    add(
        "sinusoidalPositionEncodingLayer(data)",
        lambda: L.sinusoidalPositionEncodingLayer(4, Positions="data-values"),
        fmt,
        lambda p, x, a=fmt.index("C"): np.moveaxis(
            waves(x.ravel(), 4).reshape(4, *x.squeeze(a).shape), 0, a
        ),
        sizes=(size,),
        derivatives=True,
    )
for word, place in (("first", 0), ("last", -1)):
    add(
        f"indexing1dLayer({word},mask)",
        lambda word=word: L.indexing1dLayer(word, HasPaddingMaskInput=True),
        ("CBT", "CBT"),
        lambda p, x, mask, i=place: np.stack(
            [x[:, n, np.flatnonzero(mask[0, n])[i]] for n in range(3)], 1
        ),
        out="CB",
        sizes=((4, 3, 5), (1, 3, 5)),
        data=lambda x: x if len(x) > 1 else np.array([[[0, 1, 1, 1, 0], [1, 1, 0, 0, 0], [0, 0, 1, 1, 1]]]) * 1.0,
    )  # fmt: skip

# Patches, blocks, other orders and sizes


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

# Sizes


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


# Statistics of targets
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

# Products and complex data
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


# Recurrence


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

# Networks within


def block():
    inner = L.networkLayer([L.fullyConnectedLayer(3), L.batchNormalizationLayer()], Name="in")
    return L.networkLayer([inner, L.tanhLayer()])


def by_block(p, x, mean=None, variance=None):
    y = w.dense(x, "CB", p["in/fc/Weights"], p["in/fc/Bias"])
    mean = p["in/batchnorm/TrainedMean"] if mean is None else y.mean(1, keepdims=True)
    variance = p["in/batchnorm/TrainedVariance"] if variance is None else y.var(1, keepdims=True)
    y = (y - mean) / np.sqrt(variance + 1e-5)
    return np.tanh(p["in/batchnorm/Scale"] * y + p["in/batchnorm/Offset"])


add("networkLayer", block, "CB", by_block, trained=lambda p, x: by_block(p, x, "own", "own"))


def euler(p, y, steps):
    for h in steps:
        y = y + h * np.tanh(w.dense(y, "CB", p["fc/Weights"], p["fc/Bias"]))
    return y


def slope():
    return [L.fullyConnectedLayer(4), L.tanhLayer()]


add(
    "neuralODELayer",
    lambda: L.neuralODELayer(slope(), [0, 1], Solver="ode1"),
    "CB",
    lambda p, x: euler(p, x, [0.1] * 10),
)
add(
    "neuralODELayer(times)",
    lambda: L.neuralODELayer(
        slope(), [1, 0.5, -0.2], Solver="ode1", SolverOptions={"StepSize": 0.2}
    ),
    "CB",
    lambda p, x: np.stack(
        [euler(p, x, [-0.2, -0.2, -0.1]), euler(p, x, [-0.2, -0.2, -0.1, -0.2, -0.2, -0.2, -0.1])],
        2,
    ),
    out="CBT",
    derivatives=True,
)
