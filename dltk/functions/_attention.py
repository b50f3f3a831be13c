"""Dot-product attention with several heads."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp
import numpy as np
from jax import lax

from .. import _labels as labels
from .._errors import FormatError, OptionError
from .._numbers import Raw, raw
from ..dlarray import apply, dlarray
from ._attention_masks import NAME, forbid, is_causal, kept, masked, padding, pairs
from ._operands import formatted, need, shown
from ._options import number, outputs, whole, word
from ._rows import rows_with_rows


def attention(
    queries: Any,
    keys: Any,
    values: Any,
    numHeads: int,
    *,
    DataFormat: str | None = None,
    Scale: Any = "auto",
    PaddingMask: Any = None,
    AttentionMask: Any = "none",
    DropoutProbability: float = 0,
    nargout: int = 1,
) -> Any:
    r"""Dot-product attention: for each query, a mean of the values, weighted by how keys match it.

    Channels are split into as many consecutive blocks as there are heads. For each head and
    observation

    .. math:: A = \operatorname{softmax}(s\, K^T Q), \qquad Y = V A

    with the softmax over the keys; the heads are put together along the channels.

    Args:
        queries: Data with "C" and positions along "T" or "S" (several "S" are taken as one),
            usually "CBT": a formatted dlarray, or an unformatted one with ``DataFormat``.
        keys: As many channels as ``queries``; any number of positions. Unformatted keys, values and
            masks have their dimensions in the order in which ``queries`` shows its own.
        values: As many positions as ``keys``; any number of channels.
        numHeads: Number of heads; it divides the channels of queries, keys and values.
        DataFormat: Labels of unformatted data.
        Scale: The factor s of the products, a scalar; "auto" is one over the square root of a
            head's number of key channels.
        PaddingMask: 1 for keys to use, 0 for padding; of the size of ``keys`` with one channel.
        AttentionMask: "none"; "causal", a query uses keys up to its own position; or an array keys
            x queries (x heads x observations), whose zeros forbid a pair. Numbers other than 0 and
            1 are added to the products instead.
        DropoutProbability: How often a weight becomes 0; the others are divided by one minus it.
        nargout: How many of the outputs to return, 1 or 2.

    Returns:
        ``Y``, with the labels and positions of ``queries`` and the channels of ``values``; with
        ``nargout=2`` also the weights, unformatted: keys x queries x heads x observations.

    Raises:
        FormatError: Sizes or labels do not fit together.
        OptionError: The number of heads does not divide the channels, or a word does not exist.

    Example:
        >>> Q = dlarray(np.zeros((4, 2, 3)), "CBT")
        >>> K, V = np.zeros((4, 2, 5)), np.ones((6, 2, 5))
        >>> Y, weights = attention(Q, K, V, 2, nargout=2)
        >>> Y.dims, Y.shape, weights.shape
        ('CBT', (6, 2, 3), (5, 3, 2, 2))

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlarray.attention.html and Vaswani et al.,
        Attention is all you need, 2017.
    """
    outputs(NAME, nargout, (1, 2))
    data, restore = formatted(NAME, queries, DataFormat, keys, values, what="queries")
    order = DataFormat or data.dims
    Q, K, V = (
        _Positions.of(what, x, order)
        for what, x in (("queries", data), ("keys", keys), ("values", values))
    )
    (heads,) = whole(NAME, "numHeads", numHeads)
    _check(Q, K, V, heads)
    sizes = (Q.batch, heads, Q.count, K.count)
    scale = _scale(Scale, K.channels // heads)
    causal = is_causal(AttentionMask)
    probability = number(NAME, "DropoutProbability", DropoutProbability, least=0, most=1)
    optional = {
        "padding": padding(K.X, PaddingMask, order),
        "pairs": pairs(AttentionMask, sizes),
        "kept": kept(probability, sizes),
    }
    given = {key: operand for key, operand in optional.items() if operand is not None}

    def run(q: Raw, k: Raw, v: Raw, s: Raw, *rest: Raw) -> tuple[Raw, ...]:
        extra = {key: x.reshape(o.stored) for (key, o), x in zip(given.items(), rest, strict=True)}
        q, k, v = (
            p.split(x, heads) for p, x in zip((Q, K, V), (q * s.reshape(()), k, v), strict=True)
        )
        products = rows_with_rows(q, k)
        if "padding" in extra:
            products = forbid(products, K.flat(extra["padding"])[:, None, None, :, 0])
        if "pairs" in extra:
            products = masked(products, extra["pairs"].transpose(3, 2, 1, 0))
        if causal:
            rows, columns = (jnp.arange(n, dtype=np.int32) for n in sizes[2:])
            products = forbid(products, (columns[None, :] <= rows[:, None])[None, None])
        exponentials, total = _exponentials(products)
        if "kept" in extra:
            larger = exponentials / (1 - probability)
            exponentials = jnp.where(extra["kept"] != 0, larger, 0 * exponentials)
        # the sum divides the values instead of the weights, of which there are many more
        y = Q.join(rows_with_rows(exponentials, v.swapaxes(-1, -2)) / total)
        return (y, (exponentials / total).transpose(3, 2, 1, 0))[:nargout]

    inputs = [Q.X, K.X, V.X, scale, *(o.value for o in given.values())]
    Y, *weights = apply(NAME, run, inputs, (data.dims, "")[:nargout])
    return restore(Y) if nargout == 1 else (restore(Y), *weights)


@dataclass(frozen=True)
class _Positions:
    """Queries, keys or values: how they lie, and as (observation, position, channel)."""

    what: str
    X: dlarray
    along: str

    @classmethod
    def of(cls, what: str, value: Any, order: str) -> _Positions:
        X = value if isinstance(value, dlarray) and value.dims else _ordered(what, value, order)
        need(NAME, X, "C", what)
        along = "T" if "T" in X.dims else "S"
        if "U" in X.dims or along not in X.dims or ("T" in X.dims and "S" in X.dims):
            raise FormatError(
                f'{NAME}: {what} must have positions along either "T" or "S".',
                got={what: labels.show(X.shape, X.dims)},
                fix='Label sequences "CBT", images "SSCB".',
            )
        return cls(what, X, along)

    def size(self, label: str) -> int:
        return math.prod(
            n for n, letter in zip(self.X.shape, self.X.dims, strict=True) if letter == label
        )

    @property
    def batch(self) -> int:
        return self.size("B")

    @property
    def channels(self) -> int:
        return self.size("C")

    @property
    def count(self) -> int:
        return self.size(self.along)

    def flat(self, x: Raw) -> Raw:
        """(observation, position, channel); the first spatial dimension runs fastest."""
        if "B" not in self.X.dims:
            x = x[:, None] if self.along == "T" else x[None]
        if self.along == "T":
            return x.transpose(1, 0, 2)
        return x.transpose(self._turned(x.ndim)).reshape(x.shape[0], -1, x.shape[-1])

    def unflat(self, y: Raw) -> Raw:
        """Back to how the data lies, with the channels that y has."""
        if self.along == "T":
            y = y.transpose(1, 0, 2)
            return y if "B" in self.X.dims else y[:, 0]
        spatial = [self.X.shape[axis] for axis in labels.find(self.X.dims, "S")]
        y = y.reshape(y.shape[0], *reversed(spatial), y.shape[-1])
        y = y.transpose(self._turned(y.ndim))
        return y if "B" in self.X.dims else y[0]

    def split(self, x: Raw, heads: int) -> Raw:
        """(observation, head, position, channel of the head)."""
        flat = self.flat(x)
        return flat.reshape(*flat.shape[:2], heads, -1).transpose(0, 2, 1, 3)

    def join(self, y: Raw) -> Raw:
        """The inverse of `split`, with the channels that y has."""
        y = y.transpose(0, 2, 1, 3)
        return self.unflat(y.reshape(*y.shape[:2], -1))

    def _turned(self, rank: int) -> tuple[int, ...]:
        return (0, *reversed(range(1, rank - 1)), rank - 1)


def _exponentials(products: Raw) -> tuple[Raw, Raw]:
    """The softmax over the last dimension before the division: numerators and their sum."""
    largest = lax.stop_gradient(products.max(axis=-1, keepdims=True))  # the quotient is without it
    exponentials = jnp.exp(products - largest)
    return exponentials, exponentials.sum(axis=-1, keepdims=True)


def _ordered(what: str, value: Any, order: str) -> dlarray:
    """Unformatted data with the labels of the queries."""
    if value is None or isinstance(value, str):
        raise OptionError(f"{NAME}: {what} must be numbers, not {value!r}.")
    value = value if isinstance(value, dlarray) else raw(value, NAME)
    if len(labels.trimmed_shape("", value.shape)) > len(order):
        raise FormatError(
            f"{NAME}: {what} has more dimensions than queries.",
            got={what: shown(value), "order": f'"{order}"'},
            fix=f"Label it: dlarray({what}, format).",
        )
    return dlarray(value, order)


def _check(Q: _Positions, K: _Positions, V: _Positions, heads: int) -> None:
    got = {p.what: labels.show(p.X.shape, p.X.dims) for p in (Q, K, V)}
    if Q.channels != K.channels or K.count != V.count or not Q.batch == K.batch == V.batch:
        raise FormatError(
            f"{NAME}: queries, keys and values do not fit together.",
            got=got,
            fix="Queries and keys need the same number of channels, keys and values the same "
            "number of positions, and all of them the same number of observations.",
        )
    if any(p.channels % heads for p in (Q, K, V)):
        raise OptionError(
            f"{NAME}: the number of heads must divide all numbers of channels.",
            got={"numHeads": heads, **got},
        )


def _scale(Scale: Any, channels: int) -> Any:
    if isinstance(Scale, str):
        return {"auto": 1 / math.sqrt(channels)}[word(NAME, "Scale", Scale, ["auto"])]
    return number(NAME, "Scale", Scale)
