"""Convolution and transposed convolution over spatial and time dimensions."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from .. import _labels as labels
from .._errors import FormatError, OptionError, nearest
from .._numbers import Raw, is_known
from ..dlarray import apply, dlarray
from . import _windows as windows
from ._bilinear import convolve, input_gradient
from ._filters import Slide, kernel, slide
from ._operands import formatted, is_zero, per_channel, shown, vector
from ._options import number
from ._windows import listed

FILLS = {
    "symmetric-include-edge": "symmetric",
    "symmetric-exclude-edge": "reflect",
    "replicate": "edge",
}


def dlconv(
    X: Any,
    weights: Any,
    bias: Any,
    *,
    DataFormat: str | None = None,
    WeightsFormat: str | None = None,
    Stride: Any = 1,
    DilationFactor: Any = 1,
    Padding: Any = 0,
    PaddingValue: Any = 0,
) -> dlarray:
    r"""Convolution of data with sliding filters, plus a bias.

    .. math:: Y_f(p) = b_f + \sum_c \sum_k W_{cf}(k)\, X_c(s\,p + d\,k)

    for each filter f and position p, with stride s and dilation d; filters are not flipped
    (a cross-correlation). In a dimension of n cells a filter of k cells reaches over
    e = (k - 1) d + 1 cells, and the output has floor((n + padding - e) / s) + 1 cells.

    Filters slide over all "S" dimensions, and over "T" if the weights have a "T": three at most.
    All other dimensions are observations. Options with a value per dimension have them in the order
    S, ..., T.

    Args:
        X: Data with a "C" dimension: formatted, or unformatted with ``DataFormat``.
        weights: Filters. Formatted: "S" and "T" filter size, "C" channels per group, first "U"
            filters per group, second "U" groups, such as "SSCU". Unformatted: the same in this
            order, size × channels × filters × groups (trailing ones may be missing). Each group has
            a block of consecutive channels and gives a block of consecutive filters.
        bias: A scalar, or one number per filter (filters per group times groups); 0 for none.
            Formatted: a size other than 1 only in "C".
        DataFormat: Labels of an unformatted ``X``; the result is then unformatted in that order.
        WeightsFormat: Labels of unformatted ``weights``, such as "TCU".
        Stride: Step of the filters, a scalar or a value per dimension.
        DilationFactor: Step between the cells under a filter, a scalar or a value per dimension.
        Padding: Cells added around the data: a scalar, a value per dimension, a matrix of two rows
            (before; after), or "same" (ceil(n / s) cells out; an odd cell comes after).
        PaddingValue: What the added cells hold: a number, "symmetric-include-edge" (mirrored with
            the edge cell), "symmetric-exclude-edge" (without it) or "replicate" (the edge cell).

    Returns:
        A dlarray in the format of ``X``, with one channel per filter.

    Raises:
        FormatError: Labels or channels do not fit, or the filter is larger than the padded data.
        OptionError: A wrong option.

    Example:
        >>> X = dlarray([[1.0], [2.0], [4.0], [8.0]], "SC")
        >>> print(dlconv(X, [[-1.0], [1.0]], 0.5))
          3(S) × 1(C) dlarray
        <BLANKLINE>
            1.5000
            2.5000
            4.5000

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlarray.dlconv.html
    """
    X, restore = formatted("dlconv", X, DataFormat, weights, bias)
    on, given = slide("dlconv", X, weights, WeightsFormat, Stride, DilationFactor)
    channels, filters, groups = on.ends
    _check_channels("dlconv", X, weights, channels, groups)
    pairs = windows.amounts("dlconv", "Padding", Padding, len(on.sizes))
    if pairs is None:
        pairs = windows.same(on.sizes, on.reach, on.strides)
    _check_reach(X, weights, on, pairs)
    mode, value = _fill(PaddingValue)
    inside = mode == "constant" and value is None

    padded = tuple(n + sum(pair) for n, pair in zip(on.sizes, pairs, strict=True))
    form = on.form(on.sizes, pairs) if inside else on.form(padded, ((0, 0),) * len(pairs))

    def slid(x: Raw, w: Raw, *fill: Raw) -> Raw:
        x = x.reshape(on.merged)
        if not inside:
            x = _padded(x, on.axes, pairs, mode, *fill)
        return convolve(x, kernel(given.arrange(w)), form)

    stored = on.stored(form.results, filters * groups)
    inputs = [X, given.value] if value is None else [X, given.value, value]
    return restore(_with_bias("dlconv", slid, inputs, bias, stored))


def dltranspconv(
    X: Any,
    weights: Any,
    bias: Any,
    *,
    DataFormat: str | None = None,
    WeightsFormat: str | None = None,
    Stride: Any = 1,
    DilationFactor: Any = 1,
    Cropping: Any = 0,
) -> dlarray:
    r"""Transposed convolution: each value stamps the filters into a larger output, plus a bias.

    .. math:: Y_f(s\,p + d\,k) = b_f + \sum_c \sum_{p,k} W_{fc}(k)\, X_c(p)

    the adjoint of `dlconv` with stride s and dilation d. In a dimension of n cells a filter of k
    cells reaches over e = (k - 1) d + 1 cells; the output has (n - 1) s + e cells, less what is
    cropped.

    Args:
        X: Data with a "C" dimension: formatted, or unformatted with ``DataFormat``.
        weights: Filters. Formatted: "S" and "T" filter size, "C" filters per group, first "U"
            channels per group, second "U" groups: "C" and "U" change places against `dlconv`.
            Unformatted: the same in this order, size × filters × channels × groups (trailing ones
            may be missing).
        bias: A scalar, or one number per filter (filters per group times groups); 0 for none.
            Formatted: a size other than 1 only in "C".
        DataFormat: Labels of an unformatted ``X``; the result is then unformatted in that order.
        WeightsFormat: Labels of unformatted ``weights``, such as "TCU".
        Stride: Step between stamps, a scalar or a value per dimension (S, ..., T).
        DilationFactor: Step between the cells of a filter, a scalar or a value per dimension.
        Cropping: Cells cut from the output: a scalar, a value per dimension, a matrix of two rows
            (before; after), or "same" (n s cells out; an odd cell is cut at the end, and if e < s
            zeros are appended there).

    Returns:
        A dlarray in the format of ``X``, with one channel per filter.

    Raises:
        FormatError: Labels or channels do not fit, or nothing is left after cropping.
        OptionError: A wrong option.

    Example:
        >>> X = dlarray([[1.0], [10.0]], "SC")
        >>> print(dltranspconv(X, [[1.0], [2.0], [3.0]], 0, Stride=2))
          5(S) × 1(C) dlarray
        <BLANKLINE>
             1
             2
            13
            20
            30

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlarray.dltranspconv.html
    """
    X, restore = formatted("dltranspconv", X, DataFormat, weights, bias)
    on, given = slide("dltranspconv", X, weights, WeightsFormat, Stride, DilationFactor)
    filters, channels, groups = on.ends
    _check_channels("dltranspconv", X, weights, channels, groups)
    pairs = windows.amounts("dltranspconv", "Cropping", Cropping, len(on.sizes))
    if pairs is None:
        pairs = tuple(_halves(e - s) for e, s in zip(on.reach, on.strides, strict=True))
    sizes = tuple(
        (n - 1) * s + e - sum(pair)
        for n, s, e, pair in zip(on.sizes, on.strides, on.reach, pairs, strict=True)
    )
    _check_left(X, weights, sizes, pairs)
    form = on.form(sizes, pairs)

    def stamp(x: Raw, w: Raw) -> Raw:
        return input_gradient(kernel(given.arrange(w)), x.reshape(on.merged), form)

    stored = on.stored(sizes, filters * groups)
    return restore(_with_bias("dltranspconv", stamp, [X, given.value], bias, stored))


def _with_bias(
    name: str, function: Any, inputs: list[Any], bias: Any, stored: tuple[int, ...]
) -> dlarray:
    """Run a convolution of its inputs, X and the weights first, and add the bias."""
    X, weights = inputs[:2]
    if is_zero(bias):
        return apply(name, lambda *values: function(*values).reshape(stored), inputs, X.dims)
    got = {"X": shown(X), "weights": shown(weights)}
    bias = vector(name, "bias", bias, stored[-1], of="filters", got=got)

    def biased(b: Raw, *values: Raw) -> Raw:
        return function(*values).reshape(stored) + per_channel(b, len(stored))

    return apply(name, biased, [bias, *inputs], X.dims)


def _fill(PaddingValue: Any) -> tuple[str, Any]:
    """How to pad, and with which value (None for zeros, which need no padded copy)."""
    if isinstance(PaddingValue, str):
        if PaddingValue.lower() not in FILLS:
            raise OptionError(
                "dlconv: PaddingValue is a number or one of its words.",
                got={"PaddingValue": repr(PaddingValue)},
                fix=nearest(PaddingValue, FILLS),
            )
        return FILLS[PaddingValue.lower()], None
    value = number("dlconv", "PaddingValue", PaddingValue)
    data = value._data if isinstance(value, dlarray) else value
    if is_known(data) and not isinstance(value, dlarray) and not np.any(data):
        return "constant", None
    return "constant", value


def _padded(x: Raw, axes: tuple[int, ...], pairs: windows.Pairs, mode: str, *value: Raw) -> Raw:
    config = [(0, 0)] * x.ndim
    for axis, pair in zip(axes, pairs, strict=True):
        config[axis] = pair
    if mode != "constant":
        return jnp.pad(x, config, mode=mode)
    # lax.pad has no derivative in the value alone
    inside = np.pad(
        np.ones([n if any(p) else 1 for n, p in zip(x.shape, config, strict=True)], bool), config
    )
    return jnp.where(inside, jnp.pad(x, config), value[0].reshape(()))


def _halves(total: int) -> tuple[int, int]:
    """Cropping on both sides; an odd cell, or missing cells (total < 0), at the end."""
    return (total // 2, total - total // 2) if total > 0 else (0, total)


def _check_channels(name: str, X: dlarray, weights: Any, channels: int, groups: int) -> None:
    found = X.shape[labels.find(X.dims, "C")[0]]
    if channels * groups != found:
        of = f" in each of {groups} groups" if groups > 1 else ""
        order = "filters × channels" if name == "dltranspconv" else "channels × filters"
        raise FormatError(
            f"{name}: weights has {channels} channels{of}, X has {found} channels.",
            got={"X": shown(X), "weights": shown(weights)},
            fix="Channels per group times groups must be those of X. Unformatted weights are "
            f"size × {order} × groups.",
        )


def _check_reach(X: dlarray, weights: Any, on: Slide, pairs: windows.Pairs) -> None:
    padded = tuple(n + sum(pair) for n, pair in zip(on.sizes, pairs, strict=True))
    if any(e > n for e, n in zip(on.reach, padded, strict=True)):
        raise FormatError(
            f"dlconv: the filter reaches over {listed(on.reach)} cells, the padded data has "
            f"{listed(padded)}.",
            got={"X": shown(X), "weights": shown(weights), "DilationFactor": list(on.dilation)},
            fix="Use a smaller filter or dilation, or more Padding.",
        )


def _check_left(X: dlarray, weights: Any, sizes: tuple[int, ...], pairs: windows.Pairs) -> None:
    if min(sizes) < 1:
        raise FormatError(
            "dltranspconv: nothing is left after cropping.",
            got={"X": shown(X), "weights": shown(weights), "Cropping": [list(p) for p in pairs]},
            fix="Crop less, or use larger filters or strides.",
        )
