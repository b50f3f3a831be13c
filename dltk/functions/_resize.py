"""Resizing the spatial dimensions: one dimension after the other, by a table of neighbours."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal, NamedTuple

import jax.numpy as jnp
import numpy as np

from .. import _labels as labels
from .._errors import FormatError, OptionError
from .._numbers import Raw
from ..dlarray import apply, dlarray
from ._operands import formatted, shown
from ._options import word

NAME = "dlresize"


def dlresize(
    X: Any,
    *,
    Scale: Any = None,
    OutputSize: Any = None,
    Method: Literal["nearest", "linear"] = "nearest",
    GeometricTransformMode: Literal["half-pixel", "asymmetric"] = "half-pixel",
    NearestRoundingMode: Literal["round", "floor", "onnx-10"] = "round",
    DataFormat: str | None = None,
) -> dlarray:
    r"""Enlarge or shrink the spatial dimensions by interpolation.

    Cell i (from 0) of a dimension with m cells lies at the place

    .. math:: p_i = \frac{i + 1/2}{s} - \frac12 \quad \text{or} \quad p_i = \frac{i}{s}

    among the n cells of the input ("half-pixel", "asymmetric"), with s the scale. Beyond the ends
    the outermost cell counts.

    Args:
        X: Data with at least one "S" dimension, formatted, or unformatted with ``DataFormat``.
        Scale: s, a positive number for all spatial dimensions or one for each; m = floor(s n).
        OutputSize: m, a number for each spatial dimension; s = m / n. One of them may be NaN and
            keeps the proportions.
        Method: "nearest" takes the cell next to p, "linear" interpolates between the two around
            it, in one spatial dimension after the other.
        GeometricTransformMode: "half-pixel" aligns the edges of the outermost cells, "asymmetric"
            the centers of the first ones.
        NearestRoundingMode: What is next to p: "round" (halves up), "floor", or "onnx-10": floor
            where the data grows and ceil where it shrinks.
        DataFormat: Labels of an unformatted ``X``; the result is then unformatted in that order.

    Returns:
        A dlarray in the format of ``X``.

    Raises:
        FormatError: ``X`` has no "S" dimension.
        OptionError: A wrong option, or not exactly one of ``Scale`` and ``OutputSize``.

    Example:
        >>> X = dlarray([[1.0], [3.0]], "SC")
        >>> dlresize(X, Scale=2, Method="linear")
          4(S) × 1(C) dlarray
        <BLANKLINE>
            1.0000
            1.5000
            2.5000
            3.0000

    Source:
        https://www.mathworks.com/help/images/ref/dlresize.html and ONNX, Operators, Resize, whose
        versions 10 and 11 the modes name.
    """
    data, restore = formatted(NAME, X, DataFormat)
    places = labels.find(data.dims, "S")
    if not places:
        raise FormatError(
            f'{NAME}: X has no "S" dimension to resize.',
            got={"X": shown(data)},
            fix='Label the spatial dimensions "S".',
        )
    linear = word(NAME, "Method", Method, ["nearest", "linear"]) == "linear"
    mode = word(
        NAME, "GeometricTransformMode", GeometricTransformMode, ["half-pixel", "asymmetric"]
    )
    rounding = word(NAME, "NearestRoundingMode", NearestRoundingMode, list(ROUNDINGS))
    sizes = tuple(data.shape[place] for place in places)
    targets = _targets(data, sizes, Scale, OutputSize)
    stored = labels.find_stored(data.dims, "S")

    def resize(x: Raw) -> Raw:
        for axis, n, (m, scale) in zip(stored, sizes, targets, strict=True):
            if m != n or scale != 1:
                where = _places(m, scale, mode)
                if linear:
                    x = _linear(x, axis, n, where)
                else:
                    nearest = np.clip(ROUNDINGS[rounding](where, scale), 0, n - 1)
                    x = jnp.take(x, nearest.astype(np.int32), axis, mode="clip")
        return x

    return restore(apply(NAME, resize, [data], data.dims))


ROUNDINGS = {
    "round": lambda p, scale: np.floor(p + 0.5),
    "floor": lambda p, scale: np.floor(p),
    "onnx-10": lambda p, scale: np.ceil(p) if scale < 1 else np.floor(p),
}


class _Target(NamedTuple):
    """How many cells a dimension gets, and its scale."""

    cells: int
    scale: float


def _targets(X: dlarray, sizes: Sequence[int], Scale: Any, OutputSize: Any) -> list[_Target]:
    if (Scale is None) == (OutputSize is None):
        raise OptionError(
            f"{NAME}: give either Scale or OutputSize.",
            got={"X": shown(X), "Scale": Scale, "OutputSize": OutputSize},
        )
    if Scale is not None:
        scales = _numbers("Scale", Scale, len(sizes), all_alike=True)
        cells = [math.floor(s * n) for s, n in zip(scales, sizes, strict=True)]
        if min(cells) < 1:
            raise OptionError(
                f"{NAME}: nothing is left at this scale.", got={"X": shown(X), "Scale": Scale}
            )
        return [_Target(m, float(s)) for m, s in zip(cells, scales, strict=True)]
    given = _numbers("OutputSize", OutputSize, len(sizes), all_alike=False)
    unknown = np.isnan(given)
    if unknown.any():
        ratios = {m / n for m, n in zip(given[~unknown], np.array(sizes)[~unknown], strict=True)}
        if len(ratios) != 1:
            raise OptionError(
                f"{NAME}: NaN in OutputSize keeps the proportions, which the other sizes must fix.",
                got={"X": shown(X), "OutputSize": OutputSize},
            )
        (ratio,) = ratios
        given = np.where(unknown, np.maximum(np.ceil(np.array(sizes) * ratio), 1), given)
    if (given != np.floor(given)).any():
        raise OptionError(
            f"{NAME}: OutputSize must be whole numbers.", got={"OutputSize": OutputSize}
        )
    return [_Target(int(m), float(m) / n) for m, n in zip(given, sizes, strict=True)]


def _numbers(what: str, value: Any, count: int, *, all_alike: bool) -> np.ndarray:
    numbers = np.atleast_1d(np.asarray(value, dtype=np.float64)).ravel()
    if numbers.size == 1 and all_alike:
        numbers = np.repeat(numbers, count)
    if numbers.size != count:
        raise OptionError(
            f"{NAME}: {what} has {numbers.size} values for {count} spatial "
            f"dimension{'s' * (count != 1)}.",
            got={what: value},
        )
    if (numbers <= 0).any() or (np.isnan(numbers).any() and all_alike):
        raise OptionError(f"{NAME}: {what} must be positive.", got={what: value})
    return numbers


def _places(cells: int, scale: float, mode: str) -> np.ndarray:
    """Where the cells of the result lie among those of the input."""
    i = np.arange(cells)
    return (i + 0.5) / scale - 0.5 if mode == "half-pixel" else i / scale


def _linear(x: Raw, axis: int, n: int, where: np.ndarray) -> Raw:
    where = np.clip(where, 0, n - 1)
    left = np.floor(where).astype(np.int32)
    weight = np.asarray(where - left, x.real.dtype).reshape(
        [-1 if i == axis else 1 for i in range(x.ndim)]
    )
    a, b = (jnp.take(x, at, axis, mode="clip") for at in (left, np.minimum(left + 1, n - 1)))
    return a + weight * (b - a)
