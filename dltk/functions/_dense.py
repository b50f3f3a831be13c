"""Fully connected operations: the matrix product of `fullyconnect` and the look-up of `embed`."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import lax

from .. import _labels as labels
from .._errors import FormatError, OptionError
from .._numbers import Raw
from ..dlarray import apply, dlarray
from ._once import gradient_once
from ._operands import Parameter, formatted, is_zero, parameter, per_channel, shown, vector
from ._options import whole
from ._rows import rows_with_rows


def fullyconnect(
    X: Any, weights: Any, bias: Any, dim: Any = None, *, DataFormat: str | None = None
) -> dlarray:
    r"""Weighted sums of the inputs of each observation, plus a bias.

    .. math:: Y = W \operatorname{vec}(X) + b

    for every observation and time step. vec joins the spatial, channel and unspecified dimensions,
    the first one fastest; in their place the result has one "C" dimension.

    Args:
        X: Data, formatted, or unformatted with ``DataFormat``.
        weights: W, outputSize × number of joined values, or not joined: outputSize × sizes of the
            joined dimensions. Formatted: the first "U" stands for the outputs.
        bias: b, one number per output, or a scalar; 0 for none. Formatted: a size other than 1 only
            in "C".
        dim: Numbers (from 1) of the dimensions to join instead. The result keeps the others and has
            its outputs in place of "C", or of the first joined dimension if "C" is none of them.
            With ``dim`` an ``X`` without labels needs no ``DataFormat``.
        DataFormat: Labels of an unformatted ``X``; the result is then unformatted in that order.

    Returns:
        A dlarray with "C" of size outputSize and the "B" and "T" of ``X`` ("CU" if it has none).

    Raises:
        FormatError: The weights do not fit the data, or the bias the weights.

    Example:
        >>> X = dlarray(np.ones((28, 28, 3, 128), np.float32), "SSCB")
        >>> Y = fullyconnect(X, np.ones((10, 28 * 28 * 3), np.float32), 0)
        >>> Y.dims, Y.shape, float(Y[0, 0])
        ('CB', (10, 128), 2352.0)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlarray.fullyconnect.html
    """
    name = "fullyconnect"
    if dim is not None and DataFormat is None and isinstance(X, dlarray) and not X.dims:
        restore = None
    else:
        X, restore = formatted(name, X, DataFormat, weights, bias)
    joined = _joined(X, dim)
    W = _matrix(X, weights, joined)
    count = W.sizes[0]
    plan = _plan(X, joined, count, everything=dim is None)
    values = math.prod(plan.sizes)

    def multiply(x: Raw, w: Raw) -> Raw:
        w = jnp.reshape(W.arrange(w), (count, *plan.sizes), order="F").transpose(plan.columns)
        w = w.reshape(count, values)
        x = x.transpose(plan.rows_first)
        rows = x.shape[: plan.rows]
        if plan.rows < 2:
            return lax.dot_general(x.reshape(*rows, values), w, (((plan.rows,), (1,)), ((), ())))
        return rows_with_rows(x.reshape(-1, values), w).reshape(*rows, count)

    def finish(y: Raw) -> Raw:
        # A product of observations alone reads the gradient as it is; of observations and time
        # steps it reads it as one dimension, and XLA would compute the gradient for each reader.
        return plan.finish(gradient_once(y) if plan.rows > 1 else y)

    if is_zero(bias):
        Y = apply(name, lambda x, w: finish(multiply(x, w)), [X, W.value], plan.fmt)
    else:
        got = {"X": shown(X), "weights": shown(weights)}
        bias = vector(name, "bias", bias, count, of="outputs", got=got)

        def biased(x: Raw, w: Raw, b: Raw) -> Raw:
            return finish(multiply(x, w) + per_channel(b, plan.rows + 1))

        Y = apply(name, biased, [X, W.value, bias], plan.fmt)
    if restore is None:
        return Y
    return restore(Y, without="SU") if dim is None else restore(Y)


class _Plan(NamedTuple):
    """How data of one format meets a matrix: the joined dimensions come last."""

    fmt: str
    sizes: tuple[int, ...]
    columns: tuple[int, ...]
    rows_first: tuple[int, ...]
    rows: int
    finish: Callable[[Raw], Raw]


def _plan(X: dlarray, joined: tuple[int, ...], count: int, *, everything: bool) -> _Plan:
    stored = labels.logical_axes(X.dims) if X.dims else tuple(range(X.ndim))
    axes = tuple(stored[place] for place in joined)
    order = sorted(range(len(axes)), key=axes.__getitem__)  # as they lie in memory
    rows = tuple(axis for axis in range(X.ndim) if axis not in axes)
    fmt, at = _result(X, joined, everything=everything)

    def finish(y: Raw) -> Raw:
        if not rows:
            y = y.reshape((1, count))
        return jnp.moveaxis(y, -1, at)

    return _Plan(
        fmt=fmt,
        sizes=tuple(X.shape[place] for place in joined),
        columns=(0, *(1 + i for i in order)),
        rows_first=rows + tuple(axes[i] for i in order),
        rows=len(rows),
        finish=finish,
    )


def _result(X: dlarray, joined: tuple[int, ...], *, everything: bool) -> tuple[str, int]:
    """The format of the result, and where its outputs lie in memory."""
    if not X.dims:
        return "", joined[0]
    kept = "".join(letter for i, letter in enumerate(X.dims) if i not in joined)
    if everything:
        return ("C" + kept, -1) if kept else ("CU", -1)
    own = "C" if any(X.dims[i] == "C" for i in joined) else X.dims[joined[0]]
    earlier = sum(X.dims[i] == own for i in range(joined[0]))
    fmt = labels.arrange(own + kept)[0]
    return (fmt, labels.find_stored(fmt, own)[earlier]) if kept else (own + "U", -1)


def _joined(X: dlarray, dim: Any) -> tuple[int, ...]:
    """Positions of the dimensions that are joined, in MATLAB's order."""
    if dim is None:
        return labels.find(X.dims, "SCU")
    numbers = sorted(set(whole("fullyconnect", "dim", dim, np.size(dim))))
    if numbers[-1] > X.ndim:
        raise OptionError(
            f"fullyconnect: there is no dimension {numbers[-1]}.",
            got={"X": shown(X), "dim": dim},
            fix=f"Dimensions count from 1 to {X.ndim}.",
        )
    return tuple(n - 1 for n in numbers)


def _matrix(X: dlarray, weights: Any, joined: tuple[int, ...]) -> Parameter:
    """The weights, outputs first."""
    sizes = [X.shape[place] for place in joined]
    order = "U" + "".join(X.dims[place] for place in joined) if X.dims else "U" + "S" * len(sizes)
    if not joined or "C" not in order:
        order += "C"
    W = parameter("fullyconnect", "weights", weights, order)
    columns, values = math.prod(W.sizes[1:]), math.prod(sizes)
    if columns != values:
        raise FormatError(
            f"fullyconnect: weights has {columns} columns, X has {values} values per observation.",
            got={"X": shown(X), "weights": shown(weights)},
            fix=f"Make weights outputSize × {values}.",
        )
    return W


def embed(
    X: Any, weights: Any, *, DataFormat: str | None = None, WeightsFormat: str | None = None
) -> dlarray:
    r"""Look up a vector for each index.

    .. math:: Y_k = W_{:, X_k}

    0, NaN and every number that is no index of the vocabulary give the last column.

    Args:
        X: Indices from 1, formatted, or unformatted with ``DataFormat``; its "C" dimension, if any,
            has size 1.
        weights: W, embeddingDimension × (vocabularySize + 1). The last column is the vector for
            padding and unknown words. Formatted: "C" stands for the vector, "U" for the words.
        DataFormat: Labels of an unformatted ``X``. The result is then unformatted in that order; a
            new "C" stands where MATLAB's order of labels has it.
        WeightsFormat: Labels of unformatted ``weights``, "CU" or "UC".

    Returns:
        A dlarray with the labels of ``X`` and "C" of size embeddingDimension, of the number type of
        the weights. The indices have no derivative.

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
    channels = [X.shape[place] for place in labels.find(X.dims, "C")]
    if channels not in ([], [1]):
        raise FormatError(
            f'embed: X has {channels[0]} channels; indices have one, or no "C" dimension.',
            got={"X": shown(X)},
            fix='Each index is an observation ("B"), time step ("T") or place ("S").',
        )
    W = parameter("embed", "weights", weights, "CU", WeightsFormat)
    size, columns = W.sizes
    fmt = labels.union(X.dims, "C")
    where = [n for n, letter in zip(X.shape, X.dims, strict=True) if letter != "C"]
    stored = (*labels.to_stored(X.dims.replace("C", ""), where), size)

    def look_up(x: Raw, w: Raw) -> Raw:
        known = (x >= 1) & (x < columns) & (x == jnp.floor(x))
        index = jnp.where(known, x - 1, columns - 1).astype(np.int32).reshape(-1)
        table = jnp.asarray(W.arrange(w)).T
        return table.at[index].get(mode="promise_in_bounds").reshape(stored)

    return restore(apply("embed", look_up, [X, W.value], fmt, mix=False))
