"""Which values a file can hold: each is taken apart into simpler ones, and made of them again.

What remains in the end is JSON (None, logicals, numbers, text, lists, dicts with words as keys) and
arrays. Adding a kind is adding a row; nothing that a file says is ever run as code.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .. import schedules
from .._errors import OptionError
from .._struct import struct
from .._table import table
from ..data import categorical
from ..dlarray import dlarray, extractdata
from ..optimizers._lbfgs_history import History, Point
from ..optimizers._lbfgs_state import LBFGSState


@dataclass(frozen=True)
class Kind:
    """One kind of value.

    Attributes:
        tag: Its word in a file.
        type: Its class.
        parts: Takes a value apart.
        made: Makes it of its parts; the second argument is the object that it belongs to, if the
            user gave one.
    """

    tag: str
    type: type
    parts: Callable[[Any], Any]
    made: Callable[[Any, Any], Any]


KINDS: dict[type, Kind] = {}
OPEN: set[type] = {jax.Array, np.random.Generator}  # their subclasses are of the same kind
BY_TAG: dict[str, Kind] = {}


def add(
    tag: str, type_: type, parts: Callable[[Any], Any], made: Callable[[Any, Any], Any]
) -> None:
    """A row of the table."""
    assert tag not in BY_TAG
    KINDS[type_] = BY_TAG[tag] = Kind(tag, type_, parts, made)


def add_plain(
    tag: str, type_: type, parts: Callable[[Any], Any], made: Callable[[Any], Any]
) -> None:
    """A row for a kind that is made of its parts alone."""
    add(tag, type_, parts, lambda parts, _: made(parts))


class Items(dict[str, Any]):
    """The parts of something by name, as distinct from a dict of the user's."""


class Inner(Items):
    """Parts whose names only the file has: the place of a value in messages leaves them out."""


class Fixed(list[Any]):
    """Parts whose number belongs to the kind of the value, as distinct from a list that grows."""


class RandomKey:
    """Stands for the arrays of JAX that hold random keys, which have no class of their own."""


class Option:
    """A part that stays with the script if it cannot be saved: a function in a layer."""

    def __init__(self, value: Any):
        self.value = value


def add_record(cls: Any) -> None:
    """A row for a dataclass."""
    names = [field.name for field in fields(cls) if field.init]
    add_plain(
        cls.__name__,
        cls,
        lambda value: Items((name, getattr(value, name)) for name in names),
        lambda parts: cls(**parts),
    )


def _device_array(parts: Any) -> Any:
    with jax.enable_x64(True):
        return jnp.asarray(parts)


def _table_parts(t: table) -> Items:
    named = Items()
    for (layer, parameter), value in zip(t.names, t.Value, strict=True):
        name = f"{layer}/{parameter}"
        while name in named:
            name += "'"
        named[name] = value
    return Inner(names=Fixed(Fixed(row) for row in t.names), values=named)


def _table_made(parts: Any) -> table:
    return table.of(tuple(tuple(row) for row in parts["names"]), parts["values"].values())


def _dlarray_parts(x: dlarray) -> Items:
    return Inner(format=x.dims, data=np.asarray(extractdata(x)))


def _categorical_parts(c: categorical) -> Items:
    return Inner(categories=Fixed(c._names), codes=np.asarray(c._codes))


def _categorical_made(parts: Any) -> categorical:
    return categorical._make(parts["codes"], tuple(parts["categories"]))


def _key_parts(key: Any) -> Inner:
    return Inner(implementation=str(jax.random.key_impl(key)), data=jax.random.key_data(key))


def _key_made(parts: Any) -> Any:
    return jax.random.wrap_key_data(parts["data"], impl=parts["implementation"])


def _generator(parts: Any) -> np.random.Generator:
    names = ("MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64")
    if parts["bit_generator"] not in names:
        raise OptionError(f"load: there is no random number generator {parts['bit_generator']}.")
    bits = getattr(np.random, parts["bit_generator"])()
    bits.state = parts
    return np.random.Generator(bits)


def _lbfgs_made(parts: Any) -> LBFGSState:
    made = LBFGSState(0, 0, None)
    for name, value in parts.items():
        setattr(made, name, value)
    return made


add_plain("complex", complex, lambda z: Fixed([z.real, z.imag]), lambda parts: complex(*parts))
add_plain("tuple", tuple, Fixed, tuple)
add_plain("dict", dict, lambda d: [Fixed(item) for item in d.items()], dict)
add_plain(
    "deque", deque, lambda d: Inner(iterable=list(d), maxlen=d.maxlen), lambda parts: deque(**parts)
)
add_plain("set", set, list, set)
add_plain("bytes", bytes, lambda b: np.frombuffer(b, np.uint8), lambda a: a.tobytes())
add_plain("datetime", datetime, datetime.isoformat, datetime.fromisoformat)
add_plain("struct", struct, lambda s: Items(vars(s)), struct)
add_plain("table", table, _table_parts, _table_made)
add_plain("dlarray", dlarray, _dlarray_parts, lambda parts: dlarray(parts["data"], parts["format"]))
add_plain("device array", jax.Array, np.asarray, _device_array)
add_plain("random key", RandomKey, _key_parts, _key_made)
add_plain("categorical", categorical, _categorical_parts, _categorical_made)
add_plain("generator", np.random.Generator, lambda g: g.bit_generator.state, _generator)
add_plain("LBFGSState", LBFGSState, lambda s: Items(s.__getstate__()[1]), _lbfgs_made)
for record in (History, Point, *schedules.KINDS, schedules.learn_rate_sequence):
    add_record(record)


def kind_of(value: Any) -> Kind | None:
    """The row for a value, if there is one."""
    if isinstance(value, jax.Array) and jnp.issubdtype(value.dtype, jax.dtypes.prng_key):
        return KINDS[RandomKey]
    found = KINDS.get(type(value))
    if found is None:  # layers and device arrays have many classes
        found = next((KINDS[base] for base in OPEN if isinstance(value, base)), None)
    return found
