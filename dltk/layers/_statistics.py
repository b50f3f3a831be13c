"""Normalization of input data by statistics that the user gives."""

from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp
import numpy as np

from .. import _labels as labels
from .._errors import FormatError, OptionError, nearest
from ..dlarray import apply, dlarray, extractdata
from ..functions._options import word
from ._builtin import bracket, is_empty

# what each kind of normalization needs
MODES: dict[str, tuple[str, ...]] = {
    "none": (),
    "zerocenter": ("Mean",),
    "zscore": ("Mean", "StandardDeviation"),
    "rescale-symmetric": ("Min", "Max"),
    "rescale-zero-one": ("Min", "Max"),
}
DIMENSIONS = ("auto", "channel", "element", "all")


def check_statistics(layer: Any, *, complete: bool) -> None:
    """Check words and sizes of the statistics; if ``complete``, also that they are given."""
    mode = layer.Normalization
    if not callable(mode) and mode not in MODES:
        raise OptionError(
            f"{layer.kind}: there is no normalization {mode!r}.",
            fix=nearest(mode, MODES) + " Or give a function.",
        )
    layer.NormalizationDimension = word(
        layer.kind, "NormalizationDimension", layer.NormalizationDimension, DIMENSIONS
    )
    for name in ("Mean", "StandardDeviation", "Min", "Max"):
        value = getattr(layer, name)
        if is_empty(value):
            if complete and not callable(mode) and name in MODES[mode]:
                raise _missing(layer, name)
            continue
        statistic(layer, name)


def _missing(layer: Any, name: str) -> OptionError:
    needed = MODES[layer.Normalization]
    values = ", ".join(f"{n}=..." for n in needed)
    return OptionError(
        f'{layer.kind}: Normalization "{layer.Normalization}" needs {name}, which is empty.',
        fix=f'Compute it from the data and give {values}, or set Normalization="none".',
    )


def statistic(layer: Any, name: str) -> np.ndarray:
    """A statistic with one dimension per label of an observation."""
    value = np.asarray(extractdata(getattr(layer, name)))
    size = layer.InputSize
    channel = (1,) * (len(size) - 1) + size[-1:]
    allowed = {"all": (1,) * len(size), "channel": channel, "element": size}
    only = layer.NormalizationDimension
    shape = labels.trimmed_shape("", value.shape)
    for kind, wanted in allowed.items():
        vector = math.prod(wanted) in wanted and value.size == max(shape)
        same = shape == labels.trimmed_shape("", wanted) or vector
        if value.size == math.prod(wanted) and same and only in ("auto", kind):
            return value.reshape(wanted)
    if only != "auto" and value.size == 1:
        return value.reshape(allowed["all"])
    choices = dict.fromkeys(bracket(s) for kind, s in allowed.items() if only in ("auto", kind))
    raise FormatError(
        f"{layer.kind}: {name} has the wrong size.",
        got={name: labels.show(shape), "InputSize": bracket(size)},
        fix=f"It must have size {' or '.join(choices)}.",
    )


def normalized(layer: Any, X: dlarray, observation: str) -> dlarray:
    """The data of an input layer after its normalization; ``observation`` labels the statistics."""
    mode = layer.Normalization
    if callable(mode):
        Y = mode(X)
        return Y if isinstance(Y, dlarray) and Y.dims else dlarray(Y, X.dims)
    if mode == "none":
        return X
    a, *b = (dlarray(_checked(layer, X, n), observation) for n in MODES[mode])
    if mode == "zerocenter":
        return X - a
    if mode == "zscore":
        return (X - a) / b[0]
    Y = (X - a) / (b[0] - a)
    return 2 * Y - 1 if mode == "rescale-symmetric" else Y


def _checked(layer: Any, X: dlarray, name: str) -> np.ndarray:
    """A statistic that is there and fits the data."""
    if is_empty(getattr(layer, name)):
        raise _missing(layer, name)
    value = statistic(layer, name)
    sizes = [X.shape[place] for place in labels.find(X.dims, "SC")]
    if any(n not in (1, m) for n, m in zip(value.shape, sizes, strict=True)):
        raise FormatError(
            f"{layer.kind}: {name} is per element, so the data must have the size of the layer.",
            got={"X": labels.show(X.shape, X.dims), "InputSize": bracket(layer.InputSize)},
            fix="Give data of that size, or statistics per channel.",
        )
    return value


def split_complex(kind: str, X: dlarray) -> dlarray:
    """Channels 2n - 1 and 2n are the real and the imaginary part of channel n."""

    def split(x: Any) -> Any:
        # channels come last in memory
        parts = jnp.stack([jnp.real(x), jnp.imag(x)], axis=-1)
        return parts.reshape((*x.shape[:-1], 2 * x.shape[-1]))

    return apply(kind, split, [X], X.dims)
