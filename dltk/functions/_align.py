"""How two arrays line up before an elementwise operation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .. import _labels as labels
from .._errors import FormatError
from .._numbers import Raw, raw
from ..dlarray import apply, dlarray, extractdata

Adapter = Callable[[Raw], Raw]


def broadcast(name: str, function: Callable[..., Raw], *operands: Any, mix: bool = True) -> Any:
    """Elementwise ``function`` of operands that line up as MATLAB lines them up.

    Formatted operands line up by label, unformatted ones by position with the dimensions as they
    stand; sizes must be equal or 1. If no operand is a dlarray the result is plain.
    """
    given = [x if isinstance(x, dlarray) else raw(x, name) for x in operands]
    if not any(isinstance(x, dlarray) for x in given):
        return plain(apply(name, function, [_as_seen(x) for x in given], "", mix=mix), given)
    fmt = ""
    for x in given:
        fmt = labels.union(fmt, x.dims) if isinstance(x, dlarray) and x.dims else fmt
    rank = max(len(_seen(x)) for x in given)
    fmt = fmt + "U" * (rank - len(fmt)) if fmt else fmt
    sizes = [_sizes(x, fmt, rank) for x in given]
    _check(name, given, sizes, fmt)
    adapters = [_adapter(x, n, fmt) for x, n in zip(given, sizes, strict=True)]
    if all(adapter is None for adapter in adapters):
        return apply(name, function, given, fmt, mix=mix)

    def aligned(*values: Raw) -> Raw:
        pairs = zip(values, adapters, strict=True)
        return function(*(v if adapt is None else adapt(v) for v, adapt in pairs))

    return apply(name, aligned, given, fmt, mix=mix)


def plain(X: dlarray, inputs: Sequence[Any]) -> Any:
    """The value of a result whose inputs were all plain: in the shape NumPy would give it."""
    value = extractdata(X)
    rank = max((getattr(x, "ndim", 0) for x in inputs), default=0)
    if rank < 2 and value.ndim == 2 and value.shape[0] == 1:
        return value[0] if rank == 1 else value[0, 0]
    return value


def _as_seen(value: Raw) -> Raw:
    return value if value.ndim == 0 else value.reshape(labels.trimmed_shape("", value.shape))


def _seen(x: Any) -> tuple[int, ...]:
    """Sizes that count: none for a scalar."""
    if isinstance(x, dlarray):
        return x.shape
    return () if x.size == 1 else labels.trimmed_shape("", x.shape)


def _sizes(x: Any, fmt: str, rank: int) -> tuple[int, ...]:
    """Sizes of an operand, spread over the dimensions of the result."""
    shape = _seen(x)
    if not (isinstance(x, dlarray) and x.dims):
        return (
            shape + (1,) * (rank - len(shape))
            if not fmt
            else shape + (1,) * (len(fmt) - len(shape))
        )
    spread = [1] * len(fmt)
    for n, place in zip(shape, labels.slots(x.dims, fmt), strict=True):
        spread[place] = n
    return tuple(spread)


def _check(name: str, given: Sequence[Any], sizes: Sequence[Sequence[int]], fmt: str) -> None:
    for axis, lengths in enumerate(zip(*sizes, strict=True)):
        if len({n for n in lengths if n != 1}) > 1:
            where = f'the "{fmt[axis]}" dimension' if fmt else f"dimension {axis + 1}"
            shown = {
                f"operand {i + 1}": labels.show(_seen(x) or (1, 1), getattr(x, "dims", ""))
                for i, x in enumerate(given)
            }
            raise FormatError(
                f"{name}: sizes {' and '.join(str(n) for n in dict.fromkeys(lengths))} of {where} "
                "do not fit together.",
                got=shown,
                fix="Sizes of one dimension must be equal, or 1. Formatted arrays line up by "
                "label, unformatted ones by position.",
            )


def _adapter(x: Any, sizes: tuple[int, ...], fmt: str) -> Adapter | None:
    """What brings an operand's raw data to the stored order of the result; None for nothing."""
    if not isinstance(x, dlarray) and x.size == 1:
        return lambda v: v.reshape(())
    stored = labels.to_stored(fmt, sizes)
    if isinstance(x, dlarray) and x.dims:
        return None if x._data.shape == stored else lambda v: v.reshape(stored)
    axes = labels.stored_axes(fmt) if fmt else tuple(range(len(sizes)))
    if axes == tuple(range(len(axes))):
        return None if x.shape == sizes and x.ndim == len(sizes) else lambda v: v.reshape(sizes)
    return lambda v: v.reshape(sizes).transpose(axes)
