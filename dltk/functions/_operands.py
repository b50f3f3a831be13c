"""The shared front of all deep-learning operations: what they accept as data and parameters.

Data is a formatted dlarray, or unformatted together with ``DataFormat``; `formatted` gives the
dlarray to compute with and a function that brings the result back to the caller's layout. A
parameter (weights, bias, offset, ...) is numeric, an unformatted dlarray that lies as the
operation's page says, or a formatted dlarray whose labels say what is what; `parameter` and
`vector` check it and say how to bring its raw data into one order. (`_options` has the checks of
numbers and words.)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any, NamedTuple, Protocol

import numpy as np

from .. import _labels as labels
from .._errors import FormatError, OptionError
from .._numbers import Raw, raw
from ..dlarray import dlarray, stripdims


class Restore(Protocol):
    """Brings a formatted result to the layout of ``DataFormat``; see `formatted`."""

    def __call__(self, Y: dlarray, without: str = "") -> dlarray: ...


def formatted(
    name: str, X: Any, DataFormat: str | None, *parameters: Any, what: str = "X"
) -> tuple[dlarray, Restore]:
    """The data of an operation as a formatted dlarray, and the way back to the caller's layout.

    Args:
        name: Public name of the operation.
        X: The data: a formatted dlarray, or an unformatted dlarray or numbers with ``DataFormat``.
        DataFormat: Labels of unformatted ``X`` in the order of its dimensions.
        parameters: Further arguments, one of which may be the dlarray if ``X`` is none.
        what: The name of the argument ``X``.

    Returns:
        The formatted dlarray, and ``restore(Y, without="")``: for a formatted ``X`` it gives ``Y``
        back; else ``Y`` without labels, its dimensions in the order of ``DataFormat``. ``without``
        names labels that the operation removes.
    """
    _check_is_dlarray(name, X, parameters, what)
    if isinstance(X, dlarray) and X.dims:
        if DataFormat is not None:
            raise FormatError(
                f"{name}: DataFormat is given, but {what} has labels.",
                got={what: labels.show(X.shape, X.dims), "DataFormat": f'"{DataFormat}"'},
                fix=f"Leave DataFormat out, or remove the labels first: stripdims({what}).",
            )
        return X, lambda Y, without="": Y
    shape = _shape(X, name)
    if DataFormat is None:
        raise FormatError(
            f"{name}: {what} has no labels, so its dimensions have no meaning.",
            got={what: labels.show(shape)},
            fix=f'Label the data, for example dlarray({what}, "SSCB"), or say DataFormat="SSCB".',
        )
    fmt = labels.check(str(DataFormat), name)
    if len(fmt) < len(shape) and not (len(fmt) == 1 and sum(n != 1 for n in shape) <= 1):
        raise FormatError(
            f"{name}: DataFormat has {len(fmt)} labels, {what} has {len(shape)} dimensions.",
            got={what: labels.show(shape), "DataFormat": f'"{fmt}"'},
            fix=f"Give one label per dimension: {labels.MEANING}.",
        )
    given = dlarray(X, fmt)

    def restore(Y: dlarray, without: str = "") -> dlarray:
        return stripdims(Y, restored(fmt, given.dims, Y.dims, without))

    return given, restore


def _check_is_dlarray(name: str, X: Any, parameters: Iterable[Any], what: str) -> None:
    if isinstance(X, dlarray) or any(isinstance(p, dlarray) for p in parameters):
        return
    if isinstance(X, str) or X is None:
        raise OptionError(f"{name}: {what} must be a dlarray, not {X!r}.")
    raise OptionError(
        f"{name}: none of the inputs is a dlarray.",
        got={what: f"{labels.show(np.shape(X))} {type(X).__name__}"},
        fix=f'Make {what} a dlarray with labels, for example dlarray({what}, "SSCB").',
    )


@lru_cache(maxsize=1024)
def restored(DataFormat: str, given: str, dims: str, without: str = "") -> str:
    """The labels of a result in the order in which the caller gave his.

    Labels that the operation removed are gone, those that it added stand where MATLAB's order has
    them, and a singleton U that a dlarray does not keep is there again.

    >>> restored("BSSC", "SSCB", "SSCB"), restored("BSSC", "SSCB", "CB", "SU")
    ('BSSC', 'BC')
    >>> restored("TB", "BT", "CBT"), restored("CUB", "CB", "CB")
    ('CTB', 'CUB')
    """
    left = list(dims)
    order: list[str] = []
    dropped = {letter: DataFormat.count(letter) - given.count(letter) for letter in "U"}
    for letter in DataFormat:
        if letter in left:
            left.remove(letter)
            order.append(letter)
        elif dropped.get(letter, 0) > 0 and letter not in without:
            dropped[letter] -= 1
            order.append(letter)
    rank = labels.LOGICAL_ORDER.index
    for letter in left:
        later = (i for i, other in enumerate(order) if rank(other) > rank(letter))
        order.insert(next(later, len(order)), letter)
    return "".join(order)


def need(name: str, X: dlarray, label: str, what: str = "X") -> int:
    """The size of the dimension with a label that occurs once; an error if there is none.

    >>> need("dlconv", dlarray(np.zeros((3, 4)), "CB"), "C")
    3
    """
    found = labels.find(X.dims, label)
    if not found:
        raise FormatError(
            f'{name}: {what} has no "{label}" dimension.',
            got={what: labels.show(X.shape, X.dims)},
            fix=f'Label one dimension "{label}"; a label beyond the last dimension means size 1.',
        )
    return X.shape[found[0]]


def shown(value: Any) -> str:
    """Sizes, with labels if there are any, of a dlarray or of numbers.

    >>> shown(dlarray(np.zeros((3, 4)), "CB")), shown(5.0)
    ('3(C) × 4(B)', '1×1')
    """
    return labels.show(_shape(value), value.dims if isinstance(value, dlarray) else "")


def _shape(value: Any, name: str = "dlarray") -> tuple[int, ...]:
    if isinstance(value, dlarray):
        return value.shape
    return labels.trimmed_shape("", raw(value, name).shape)


# Parameters


class Parameter(NamedTuple):
    """A checked parameter.

    ``value`` goes into the inputs of `apply`; ``arrange`` brings its raw data to the order of
    dimensions that was asked for, in which its sizes are ``sizes``.
    """

    value: Any
    sizes: tuple[int, ...]
    arrange: Callable[[Raw], Raw]


def parameter(
    name: str, what: str, value: Any, order: str, fmt: str | None = None, *, option: str = ""
) -> Parameter:
    """Weights and the like, as an array whose dimensions mean ``order``.

    Args:
        name: Public name of the operation.
        what: Name of the argument.
        value: Numbers or an unformatted dlarray with its dimensions in this order (trailing ones
            may be missing), or a formatted dlarray, whose n-th "U" is the n-th "U" of ``order``.
        order: The labels of the result's dimensions, such as "SSCUU".
        fmt: Labels of an unformatted ``value`` (WeightsFormat).
        option: The public name of ``fmt``, "WeightsFormat" if empty.
    """
    option = option or "WeightsFormat"
    if fmt is not None:
        if isinstance(value, dlarray) and value.dims:
            raise FormatError(
                f"{name}: {option} is given, but {what} has labels.",
                got={what: shown(value), option: f'"{fmt}"'},
                fix=f"Leave {option} out, or remove the labels first: stripdims({what}).",
            )
        value = dlarray(value, labels.check(str(fmt), name))
    if not (isinstance(value, dlarray) and value.dims):
        return _unlabelled(name, what, value, order)
    if any(value.dims.count(letter) > order.count(letter) for letter in value.dims):
        raise FormatError(
            f'{name}: the labels of {what} do not fit; expected "{order}".',
            got={what: shown(value)},
            fix="Relabel it, or use stripdims and that order of dimensions.",
        )
    places = labels.slots(value.dims, order)
    sizes = [1] * len(order)
    for n, place in zip(value.shape, places, strict=True):
        sizes[place] = n
    back = labels.logical_axes(value.dims)
    axes = tuple(back[i] for i in sorted(range(len(places)), key=places.__getitem__))
    return Parameter(value, tuple(sizes), lambda w: w.transpose(axes).reshape(sizes))


def _unlabelled(name: str, what: str, value: Any, order: str) -> Parameter:
    shape = _shape(value, f"{name} ({what})")
    if len(shape) > len(order):
        raise FormatError(
            f"{name}: {what} has {len(shape)} dimensions, at most {len(order)} have a meaning.",
            got={what: shown(value)},
            fix=f'Unformatted {what} has its dimensions in the order "{order}".',
        )
    sizes = shape + (1,) * (len(order) - len(shape))
    return Parameter(value, sizes, lambda w: w.reshape(sizes))


def vector(
    name: str, what: str, value: Any, count: int, *, of: str = "channels", got: Any = None
) -> Any:
    """A parameter with one number per channel (a row or a column, or a scalar for all of them).

    A formatted one may have a size other than 1 only in "C". In the operation, ``v.reshape(-1)`` is
    the vector whatever its shape was.

    Args:
        name: Public name of the operation.
        what: Name of the argument.
        value: Numbers or a dlarray.
        count: How many numbers it must have.
        of: What is counted, for the error.
        got: Further values to show in the error.
    """
    shape = _shape(value, f"{name} ({what})")
    fmt = value.dims if isinstance(value, dlarray) else ""
    lengths = [(n, fmt[i : i + 1]) for i, n in enumerate(shape) if n != 1]
    if len(lengths) > 1 or (lengths and lengths[0][1] not in ("", "C")):
        raise FormatError(
            f"{name}: {what} must be a vector"
            + (', with a size other than 1 only in "C".' if fmt else "."),
            got={what: shown(value), **(got or {})},
            fix=f"Give one number for each of the {count} {of}.",
        )
    if math.prod(shape) not in (1, count):
        raise FormatError(
            f"{name}: {what} has {math.prod(shape)} values for {count} {of}.",
            got={what: shown(value), **(got or {})},
            fix=f"Give one number for each of the {count} {of}, or a scalar.",
        )
    return value


def is_zero(bias: Any) -> bool:
    """Whether a bias is the literal 0, which means none."""
    return isinstance(bias, (int, float)) and bias == 0


def per_channel(v: Raw, rank: int) -> Raw:
    """A vector (or scalar) over the channels of a stored array with ``rank`` dimensions.

    Channels come last in memory.
    """
    return v.reshape((1,) * (rank - 1) + (-1,))
