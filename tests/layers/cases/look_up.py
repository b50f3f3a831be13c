"""Vectors for indices."""

import numpy as np

import dltk.layers as L

from ._table import add


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
