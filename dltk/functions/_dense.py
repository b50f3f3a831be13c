"""Fully connected operations: `fullyconnect` and the look-up `embed`."""

from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp
import numpy as np

from .. import _labels as labels
from .._errors import FormatError
from .._numbers import Raw
from ..dlarray import apply, dlarray, unformatted
from ._operands import formatted, parameter, shown, vector

FLATTENED = "SCU"


def fullyconnect(X: Any, weights: Any, bias: Any, *, DataFormat: str | None = None) -> dlarray:
    r"""Weighted sum of all inputs of an observation, plus a bias.

    .. math:: Y = W \operatorname{vec}(X) + b

    for every observation and time step, where vec runs over the spatial, channel and unspecified
    dimensions, the first one fastest.

    Args:
        X: Data; the dimensions "S", "C" and "U" are joined, "B" and "T" stay.
        weights: outputSize × number of joined values, or not joined: outputSize × sizes of the
            joined dimensions.
        bias: One number for each of the outputs, or a scalar such as 0.
        DataFormat: Labels of ``X`` when it has none.

    Returns:
        A dlarray with "C" = outputSize, and the "B" and "T" of ``X``.

    Raises:
        FormatError: The weights do not fit the data, or the bias the weights.

    Example:
        >>> X = dlarray(np.ones((4, 3, 2, 5)), "SSCB")
        >>> Y = fullyconnect(X, np.ones((10, 24)), 0)
        >>> Y.dims, Y.shape
        ('CB', (10, 5))

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlarray.fullyconnect.html
    """
    X, restore = formatted("fullyconnect", X, DataFormat, weights, bias)
    joined = [n for n, letter in zip(X.shape, X.dims, strict=True) if letter in FLATTENED]
    W = _matrix(X, weights, math.prod(joined))
    outputs = W.shape[0]
    given = {"weights": shown(weights)}
    bias = vector("fullyconnect", "bias", bias, outputs, of="outputs", got=given)
    kept = "".join(letter for letter in X.dims if letter not in FLATTENED)
    fmt = f"C{kept}" if kept else "CU"
    compute = _multiply(X.dims, X.shape, outputs, bool(kept))
    return restore(apply("fullyconnect", compute, [X, W, bias], fmt), without="SU")


def _matrix(X: dlarray, weights: Any, features: int) -> Any:
    """The weights as outputSize × features."""
    W = unformatted(weights) if isinstance(weights, dlarray) else np.asarray(weights)
    shape = labels.trimmed_shape("", W.shape)
    if math.prod(shape[1:]) != features:
        raise FormatError(
            f"fullyconnect: weights has {math.prod(shape[1:])} columns, X has {features} values per "
            "observation.",
            got={"X": shown(X), "weights": shown(weights)},
            fix=f"Make weights outputSize × {features}.",
        )
    return W


def _multiply(fmt: str, shape: tuple[int, ...], outputs: int, batched: bool) -> Any:
    """The product on stored data: the joined dimensions stand last, rows are the others.

    The weights, not the data, are brought to the order in memory; they are the smaller part.
    """
    axes = labels.find_stored(fmt, FLATTENED)
    letters = labels.stored_letters(fmt)
    rows = [axis for axis in range(len(fmt)) if letters[axis] not in FLATTENED]
    sizes = [n for n, letter in zip(shape, fmt, strict=True) if letter in FLATTENED]
    order = sorted(range(len(axes)), key=axes.__getitem__)  # joined dimensions as they are stored

    def multiply(x: Raw, w: Raw, b: Raw) -> Raw:
        w = jnp.reshape(w, (outputs, *sizes), order="F")
        w = w.transpose(0, *(1 + i for i in order)).reshape(outputs, -1)
        lengths = [x.shape[axis] for axis in rows]
        x = x.transpose(*rows, *(axes[i] for i in order)).reshape(*lengths, -1)
        y = x @ w.T + b.reshape((1,) * len(lengths) + (-1,))
        return y if batched else y.reshape(1, -1)

    return multiply


def embed(
    X: Any, weights: Any, *, DataFormat: str | None = None, WeightsFormat: str | None = None
) -> dlarray:
    """Look up a vector for each index.

    Index k gives column k of the weights; 0, NaN and every index beyond the vocabulary give the
    last column.

    Args:
        X: Indices from 1, with a channel dimension of size 1 or none.
        weights: embeddingDimension × (vocabularySize + 1); the last column stands for what is
            unknown.
        DataFormat: Labels of ``X`` when it has none.
        WeightsFormat: Labels of unformatted weights, "CU" or "UC".

    Returns:
        A dlarray with the labels of ``X`` and "C" of size embeddingDimension.

    Raises:
        FormatError: ``X`` has several channels.

    Example:
        >>> W = np.array([[1.0, 2.0, 9.0], [3.0, 4.0, 9.0]])
        >>> embed(dlarray([[2.0, 1.0, 7.0]], "CB"), W)
          2(C) × 3(B) dlarray
        <BLANKLINE>
             2     1     9
             4     3     9

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlarray.embed.html
    """
    X, restore = formatted("embed", X, DataFormat, weights)
    channels = [n for n, letter in zip(X.shape, X.dims, strict=True) if letter == "C"]
    if channels and channels[0] != 1:
        raise FormatError(
            f'embed: X has {channels[0]} channels; indices have one, or no "C" dimension.',
            got={"X": shown(X)},
        )
    table = parameter("embed", "weights", weights, "CU", WeightsFormat)
    columns = table.sizes[1]
    fmt = (
        labels.trim(labels.union(X.dims, "C"), (*X.shape, 1))
        if channels
        else (labels.union(X.dims, "C"))
    )

    def look_up(x: Raw, w: Raw) -> Raw:
        known = (x >= 1) & (x < columns) & (x == jnp.round(x))
        index = jnp.where(known, x - 1, columns - 1).astype(np.int32)
        index = index.reshape(index.shape[:-1] if channels else index.shape)
        return jnp.take(table.arrange(w).T, index, axis=0)

    return restore(apply("embed", look_up, [X, table.value], fmt, mix=False))
