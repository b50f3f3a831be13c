"""Positions: embedded, encoded, picked, put in front."""

# ruff: noqa: B008, E501  (tables read best one row per line; a loop's lambda binds its values)

import numpy as np

import dltk.layers as L

from ._table import SIZES, add


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
