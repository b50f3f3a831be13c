"""`normalize` and `rescale`: data shifted and scaled to a usual range. NaN is left out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp
import numpy as np

from .._errors import OptionError, nearest
from .._numbers import Raw, is_known
from ..dlarray import apply, dlarray, extractdata
from ._align import broadcast
from ._dimensions import dimension, first_dimension, handed_back, operand, stored
from ._elementwise import minus, rdivide, times
from ._extrema import max as largest
from ._extrema import min as smallest
from ._extrema import refuse_complex
from ._options import outputs, word
from ._quantiles import iqr, quantile
from ._reduction import root

METHODS = ("zscore", "norm", "scale", "range", "center", "medianiqr")
Along = Callable[[dlarray, int], dlarray]


def _axes(X: dlarray, dim: int) -> tuple[int, ...]:
    """Where a dimension lies in memory; nowhere beyond the last."""
    return stored(X.dims, [dim - 1] if dim <= X.ndim else [])


def _mean(X: dlarray, dim: int) -> dlarray:
    def kernel(x: Raw) -> Raw:
        axes = _axes(X, dim)
        there = ~jnp.isnan(x)
        total = jnp.sum(jnp.where(there, x, 0), axis=axes, keepdims=True)
        return total / jnp.sum(there, axis=axes, keepdims=True).astype(x.dtype)

    return apply("normalize", kernel, [X], X.dims)


def _std(X: dlarray, dim: int) -> dlarray:
    def kernel(x: Raw, center: Raw) -> Raw:
        axes = _axes(X, dim)
        there = ~jnp.isnan(x)
        count = jnp.sum(there, axis=axes, keepdims=True)
        squares = jnp.where(there, jnp.square(jnp.where(there, x - center, 0)), 0)
        total = jnp.sum(squares, axis=axes, keepdims=True)
        return root(total / jnp.maximum(count - 1, 1).astype(x.dtype))

    return apply("normalize", kernel, [X, _mean(X, dim)], X.dims)


def _median(X: dlarray, dim: int) -> dlarray:
    return quantile(X, 0.5, dim)


def _mad(X: dlarray, dim: int) -> dlarray:
    """Median absolute deviation from the median."""
    away = minus(X, _median(X, dim))
    return quantile(apply("abs", lambda x: jnp.sign(x) * x, [away], X.dims), 0.5, dim)


def _first(X: dlarray, dim: int) -> dlarray:
    return X[tuple(slice(0, 1) if axis == dim - 1 else slice(None) for axis in range(X.ndim))]


def _norm(p: float) -> Along:
    def norm(X: dlarray, dim: int) -> dlarray:
        size = apply("abs", lambda x: jnp.where(jnp.isnan(x), 0, jnp.sign(x) * x), [X], X.dims)
        if np.isinf(p):
            return largest(size, [], dim)
        axes = _axes(X, dim)

        def kernel(x: Raw) -> Raw:
            total = jnp.sum(x**p, axis=axes, keepdims=True)
            return jnp.where(total == 0, 0, jnp.where(total == 0, 1, total) ** (1 / p))

        return apply("normalize", kernel, [size], X.dims)

    return norm


CENTERS: dict[str, Along] = {"mean": _mean, "median": _median}
SCALES: dict[str, Along] = {"std": _std, "mad": _mad, "first": _first, "iqr": iqr}


def _choice(what: str, words: dict[str, Along], usual: str, kind: Any) -> Along:
    """A function of the data, by its word; or the numbers that were given."""
    if kind is None or isinstance(kind, str):
        return words[word("normalize", what, usual if kind is None else kind, tuple(words))]
    return lambda X, dim: kind


def _range(X: dlarray, dim: int, ends: Any) -> tuple[Any, Any]:
    values = np.ravel(np.asarray(extractdata([0, 1] if ends is None else ends), float))
    if values.size != 2 or not values[0] < values[1]:
        raise OptionError("normalize: a range is [a, b] with a < b.", got={"range": ends})
    low, high = values
    least, most = smallest(X, [], dim), largest(X, [], dim)
    scale = rdivide(minus(most, least), high - low)
    return minus(least, times(scale, low)), scale


def _parts(X: dlarray, dim: int, method: str, kind: Any) -> tuple[Any, Any]:
    """What is subtracted, and what the rest is divided by (1 for none)."""
    if method == "zscore":
        robust = word("normalize", "method type", kind or "std", ("std", "robust")) == "robust"
        return (_median(X, dim), _mad(X, dim)) if robust else (_mean(X, dim), _std(X, dim))
    if method == "norm":
        p = 2.0 if kind is None else float(kind)
        if not p > 0:
            raise OptionError("normalize: the order of the norm must be positive.", got={"p": kind})
        return 0.0, _norm(p)(X, dim)
    if method == "scale":
        return 0.0, _choice("scale", SCALES, "std", kind)(X, dim)
    if method == "center":
        return _choice("center", CENTERS, "mean", kind)(X, dim), 1.0
    if method == "medianiqr":
        return _median(X, dim), iqr(X, dim)
    return _range(X, dim, kind)


def normalize(X: Any, *options: Any, nargout: int = 1, **both: Any) -> Any:
    """Shift and scale the data along a dimension: ``N = (X - C) / S``.

    ``normalize(X)`` gives mean 0 and standard deviation 1. NaN stays, and is left out of the
    statistics. Data that does not vary is shifted only (S = 1).

    Args:
        X: A dlarray, or plain numbers (for which the result is plain).
        *options: The dimension (by default the first one whose size is not 1), then a method and
            its type: "zscore" with "std" (default) or "robust" (median and median absolute
            deviation); "norm" with the order p (2); "scale" with "std", "mad", "first", "iqr" or
            numbers; "range" with [a, b] ([0, 1]); "center" with "mean", "median" or numbers;
            "medianiqr". "center" and "scale" may stand together.
        nargout: 2 gives C too, 3 also S.
        **both: ``center=`` and ``scale=``, another way to write these two.

    Returns:
        An array with the labels and sizes of ``X``; C and S with size 1 along the dimension (or as
        they were given).

    Raises:
        OptionError: A method or type that is none.

    Example:
        >>> normalize([1.0, 2.0, 3.0]).tolist()
        [-1.0, 0.0, 1.0]
        >>> N, C, S = normalize([1.0, 2.0, 5.0], "range", nargout=3)
        >>> N.tolist(), C.tolist(), S.tolist()
        ([0.0, 0.25, 1.0], [1.0], [4.0])

    Source:
        https://www.mathworks.com/help/matlab/ref/double.normalize.html
    """
    outputs("normalize", nargout, (1, 2, 3))
    words = list(options)
    Y = operand(X, "normalize")
    dim = None if not words or isinstance(words[0], str) else words.pop(0)
    axis = first_dimension(Y) if dim is None else dimension("normalize", dim)
    wanted = {**_methods(words), **both} or {"zscore": None}
    if len(wanted) > 1 and set(wanted) != {"center", "scale"}:
        raise OptionError(
            f"normalize: {' and '.join(wanted)} do not go together.",
            fix='Only "center" and "scale" do.',
        )
    C, S = 0.0, 1.0
    for method, kind in wanted.items():
        center, scale = _parts(Y, axis + 1, method, kind)
        C, S = (center if method != "scale" else C), (scale if method != "center" else S)
    S = broadcast("normalize", lambda s: jnp.where(s == 0, 1, s), S)
    N = handed_back(rdivide(minus(Y, C), S), X)
    if nargout == 1:
        return N
    return (N, *(handed_back(operand(v, "normalize"), X) for v in (C, S)[: nargout - 1]))


def _methods(words: list[Any]) -> dict[str, Any]:
    """Each method with its type, None without."""
    found: dict[str, Any] = {}
    while words:
        method = words.pop(0)
        if method not in METHODS:
            raise OptionError(
                f"normalize: {method!r} is not a method.", fix=nearest(method, METHODS)
            )
        typed = words and not (isinstance(words[0], str) and words[0] in METHODS)
        found[method] = words.pop(0) if typed else None
    return found


def rescale(X: Any, l: Any = 0, u: Any = 1, *, InputMin: Any = None, InputMax: Any = None) -> Any:
    r"""Scale all elements together to the range from l to u.

    .. math:: l + \frac{X - InputMin}{InputMax - InputMin} (u - l)

    Args:
        X: A dlarray (labels stay, operands line up by label) or plain numbers. NaN stays.
        l: Lower end of the range.
        u: Upper end of the range.
        InputMin: What becomes ``l``, by default the smallest element. Smaller elements become
            ``l``.
        InputMax: What becomes ``u``, by default the largest element. Larger elements become ``u``.

    Returns:
        An array with the labels and sizes of ``X``; ``l`` everywhere if it does not vary.

    Raises:
        OptionError: A lower end above the upper one.

    Example:
        >>> rescale([1.0, 2.0, 5.0]).tolist(), rescale([1.0, 2.0, 5.0], -1, 1).tolist()
        ([0.0, 0.25, 1.0], [-1.0, -0.5, 1.0])

    Source:
        https://www.mathworks.com/help/matlab/ref/rescale.html
    """
    ends = [extractdata(v) for v in (l, u)]
    if all(is_known(e) for e in ends) and bool((np.asarray(ends[0]) > np.asarray(ends[1])).any()):
        raise OptionError("rescale: the lower end is above the upper end.", got={"l": l, "u": u})
    Y = operand(X, "rescale")
    if Y.size == 0:
        return X
    least = _scalar(smallest(Y, [], "all")) if InputMin is None else InputMin
    most = _scalar(largest(Y, [], "all")) if InputMax is None else InputMax
    plain_in = not any(isinstance(v, dlarray) for v in (X, l, u, InputMin, InputMax))

    def kernel(x: Raw, low: Raw, high: Raw, a: Raw, b: Raw) -> Raw:
        refuse_complex("rescale", x)
        x = jnp.where(x < a, a, jnp.where(x > b, b, x))
        flat = a == b
        part = (x - a) / jnp.where(flat, 1, b - a)
        # from the nearer end, so that both ends are met exactly
        return jnp.where(part < 0.5, low + part * (high - low), high - (1 - part) * (high - low))

    result = broadcast("rescale", kernel, Y, l, u, least, most)
    return handed_back(result, X) if plain_in else result


def _scalar(X: dlarray) -> dlarray:
    return apply("rescale", lambda x: x.reshape((1, 1)), [X], "")
