"""How filters meet data: which dimensions they slide over, sizes, kernels."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from .. import _labels as labels
from .._errors import FormatError
from .._numbers import Raw
from ..dlarray import dlarray
from ._form import Form, Sizes
from ._operands import Parameter, need, parameter, shown
from ._options import whole
from ._windows import Pairs


class Slide(NamedTuple):
    """Filters on data. All tuples have one value per dimension slid over, in the order S, ..., T.

    ``ends`` are the sizes of "C", first "U" and second "U" of the weights. ``merged`` are the sizes
    of the stored data with all observations in one dimension; ``batch`` and ``axes`` are the
    positions of that dimension and of those slid over.
    """

    dims: str
    shape: Sizes
    ends: tuple[int, int, int]
    sizes: Sizes
    window: Sizes
    strides: Sizes
    dilation: Sizes
    merged: Sizes
    batch: int
    axes: Sizes

    @property
    def reach(self) -> tuple[int, ...]:
        """Cells from the first to the last under a filter."""
        return tuple((k - 1) * d + 1 for k, d in zip(self.window, self.dilation, strict=True))

    def form(self, sizes: Sizes, pairs: Pairs) -> Form:
        """The form for data of these sizes, padded by these pairs."""
        window, strides, dilation = self.window, self.strides, self.dilation
        time = self.batch == 1
        return Form(sizes, window, strides, dilation, pairs, self.ends[2], time)

    def stored(self, sizes: tuple[int, ...], channels: int) -> tuple[int, ...]:
        """Sizes in memory of a result with other sizes of the dimensions slid over and channels."""
        shape = list(self.shape)
        for axis, n in zip(_slid(self.dims, time=self.batch == 1), sizes, strict=True):
            shape[axis] = n
        shape[labels.find(self.dims, "C")[0]] = channels
        return labels.to_stored(self.dims, shape)


def _slid(dims: str, *, time: bool) -> tuple[int, ...]:
    """Positions of the dimensions that filters slide over."""
    return labels.find(dims, "S") + (labels.find(dims, "T") if time else ())


def slide(
    name: str, X: dlarray, weights: Any, WeightsFormat: str | None, Stride: Any, Dilation: Any
) -> tuple[Slide, Parameter]:
    """Check the labels of data and weights and find out what slides where."""
    need(name, X, "C")
    time = _slides_over_time(name, X, weights, WeightsFormat)
    axes = _slid(X.dims, time=time)
    over = "".join(X.dims[axis] for axis in axes)
    filters = parameter(name, "weights", weights, over + "CUU", WeightsFormat)
    _check_labels(name, X, filters.value, over)
    stored = labels.to_stored(X.dims, X.shape)
    spatial = X.dims.count("S")
    middle = stored[len(stored) - 1 - spatial :]
    lead = stored[: len(stored) - 1 - spatial]
    merged = (lead[0], math.prod(lead[1:]), *middle) if time else (math.prod(lead), *middle)
    batch = 1 if time else 0
    c, u, groups = filters.sizes[-3:]
    on = Slide(
        dims=X.dims,
        shape=X.shape,
        ends=(c, u, groups),
        sizes=tuple(X.shape[axis] for axis in axes),
        window=filters.sizes[: len(over)],
        strides=whole(name, "Stride", Stride, len(over)),
        dilation=whole(name, "DilationFactor", Dilation, len(over)),
        merged=merged,
        batch=batch,
        axes=tuple(range(batch + 1, batch + 1 + spatial)) + (0,) * time,
    )
    return on, filters


def _slides_over_time(name: str, X: dlarray, weights: Any, WeightsFormat: str | None) -> bool:
    given = weights.dims if isinstance(weights, dlarray) else ""
    time = "T" in (given or WeightsFormat or "")
    spatial = X.dims.count("S")
    if time and "T" not in X.dims:
        raise FormatError(
            f'{name}: weights slide over time, but X has no "T" dimension.',
            got={"X": shown(X), "weights": shown(weights), "WeightsFormat": WeightsFormat},
            fix='Label the time steps of X "T", or the weights "S" instead of "T".',
        )
    if spatial + time == 0:
        also = ' To slide over "T", label the weights, for example WeightsFormat="TCU".'
        raise FormatError(
            f'{name}: X has no "S" dimension to slide over.',
            got={"X": shown(X), "weights": shown(weights)},
            fix='Label one to three dimensions "S".' + also * ("T" in X.dims),
        )
    if spatial + time > 3:
        raise FormatError(
            f"{name}: filters slide over at most 3 dimensions, here it would be {spatial + time}.",
            got={"X": shown(X), "weights": shown(weights)},
        )
    return time


def _check_labels(name: str, X: dlarray, weights: Any, over: str) -> None:
    fmt = weights.dims if isinstance(weights, dlarray) else ""
    if fmt and fmt.count("S") != over.count("S"):
        raise FormatError(
            f'{name}: weights has {fmt.count("S")} "S" dimensions, X has {over.count("S")}.',
            got={"X": shown(X), "weights": shown(weights)},
            fix=f'Label the weights "{over}CU"; a filter of size 1 leaves a dimension alone.',
        )


def kernel(weights: Raw) -> Raw:
    """Weights size × channels × filters × groups as a kernel: groups join the filters."""
    *size, channels, filters, groups = weights.shape
    if groups > 1:
        weights = weights.swapaxes(-1, -2)
    return weights.reshape((*size, channels, groups * filters))
