"""Attention over T, or over S with the first dimension fastest."""

# ruff: noqa: E501  (tables read best one row per line)

import numpy as np
from scipy.special import softmax

import dltk.layers as L

from ._table import add


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
