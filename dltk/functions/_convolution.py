"""Convolution and transposed convolution over spatial and time dimensions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import lax

from .. import _labels as labels
from .._errors import FormatError, OptionError, nearest
from .._numbers import Raw, is_known
from ..dlarray import apply, dlarray
from . import _windows as windows
from ._operands import Parameter, formatted, need, parameter, per_channel, shown, vector
from ._options import number, whole

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

    .. math:: Y_f(p) = b_f + \sum_{c} \sum_{k} W_{c f}(k)\, X_c(s\,p + d\,k)

    for each filter f and position p, with stride s and dilation d: filters are not flipped (a
    cross-correlation). Per dimension of n cells, with a filter of k cells that reaches over
    e = (k - 1) d + 1 cells, the output has floor((n + padding - e) / s) + 1 cells.

    It slides over all "S" dimensions, and over "T" if the weights have a "T"; three at most. All other
    dimensions are observations. Options with a value per dimension have them in the order S, ..., T.

    Args:
        X: Data with a "C" dimension: formatted, or unformatted with ``DataFormat``.
        weights: Filters. Formatted: "S" and "T" filter size, "C" channels per group, first "U"
            filters per group, second "U" groups, such as "SSCU". Unformatted: the same in this order,
            size × channels per group × filters per group × groups (trailing ones may be missing).
            Group g takes its channels in consecutive blocks.
        bias: A scalar or one number per filter (filters per group times groups); 0 for none.
            Formatted: a size other than 1 only in "C".
        DataFormat: Labels of an unformatted ``X``; the result is then unformatted in that order.
        WeightsFormat: Labels of unformatted ``weights``, such as "TCU".
        Stride: Step of the filter, a scalar or a value per dimension.
        DilationFactor: Step between the cells under a filter, a scalar or a value per dimension.
        Padding: Cells added around the data: a scalar, a value per dimension, a matrix of two rows
            (before; after), or "same" (output of size ceil(n / stride); an odd cell comes last).
        PaddingValue: What the added cells hold: a number, or "symmetric-include-edge" (mirror with the
            edge), "symmetric-exclude-edge" (mirror without it) or "replicate" (the edge).

    Returns:
        A dlarray in the format of ``X``, its "C" of size filters per group times groups.

    Raises:
        FormatError: Channels do not fit, labels do not fit, or the filter is larger than the data.
        OptionError: A wrong option.

    Example:
        >>> X = dlarray(np.arange(1.0, 6.0), "BS")
        >>> W = np.array([1.0, 0.0, -1.0]).reshape(3, 1)
        >>> dlconv(dlarray(X, "SCB"), W, 0).shape
        (3, 1, 1)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlarray.dlconv.html
    """
    X, restore = formatted("dlconv", X, DataFormat, weights, bias)
    filters = _filters("dlconv", X, weights, WeightsFormat)
    channels, each, groups = filters.ends
    _check_channels("dlconv", X, weights, channels * groups, groups)
    bias = vector("dlconv", "bias", bias, each * groups, of="filters", got={"weights": shown(weights)})
    plan = _Plan.of("dlconv", X, filters, Stride, DilationFactor)
    pairs = windows.amounts("dlconv", "Padding", Padding, len(plan.sizes))
    if pairs is None:
        pairs = windows.same(plan.sizes, plan.reach, plan.strides)
    _check_reach("dlconv", X, weights, plan, pairs)
    fill = _fill("dlconv", PaddingValue)
    zero = fill is None and is_known(PaddingValue) and not np.any(np.asarray(PaddingValue))

    def convolve(x: Raw, w: Raw, *rest: Raw) -> Raw:
        x = x.reshape(plan.merged)
        if not zero:
            x = _padded(x, plan.axes, pairs, fill, rest[-1])
        y = lax.conv_general_dilated(
            x,
            _forward_kernel(filters.arrange(w)),
            plan.strides,
            pairs if zero else ((0, 0),) * len(pairs),
            rhs_dilation=plan.dilation,
            dimension_numbers=plan.numbers(forward=True),
            feature_group_count=groups,
        )
        return y
    ...
    return restore(X)
