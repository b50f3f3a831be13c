"""Input layers: the data, here without normalization (see test_input)."""

import dltk.layers as L

from ._table import add

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
