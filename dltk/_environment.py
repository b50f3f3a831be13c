"""What a function's environment consists of, piece by piece; `Walk` and `Rebuilt` agree on it."""

from __future__ import annotations

import builtins
from collections.abc import Container, Iterable, Iterator
from types import CellType, FunctionType, ModuleType
from typing import Any

import jax
import numpy as np
from jax._src.array import ArrayImpl  # the type of all arrays: making one would start a device

from ._code import name_of
from ._facts import CodeFacts
from ._kinds import MISSING, kind_of
from ._libraries import class_standing, function_standing

_CONSTANT_KEYS = (str, int, float, bool, bytes, type(None), complex)
_MAKERS = frozenset(["__init__", "__new__", "__post_init__"])
_SILENT = ("builtins", "abc", "typing", "enum", "_io")  # call by special names only
_UNUSED = frozenset(
    ["__repr__", "__str__", "__format__", "__dir__", "__sizeof__", "__init_subclass__"]
).union(["__reduce__", "__reduce_ex__", "__getstate__", "__setstate__", "__getnewargs__"])


class Unseen(Exception):
    """The function reads something that cannot be followed; the text says what."""


def impure(value: Any) -> Unseen:
    """What to raise for library code whose outcome depends on the world outside."""
    return Unseen(f"it uses {name_of(value)}, whose outcome is not fixed by its inputs")


def is_array(value: Any) -> bool:
    """Whether a leaf of a tree is an array that can be an input of a program."""
    kind = type(value)
    return kind is ArrayImpl or (kind is np.ndarray and value.dtype.kind in "biufc")


def cell_value(cell: CellType) -> Any:
    """What a closure cell holds; a mark for an empty one."""
    try:
        return cell.cell_contents
    except ValueError:
        return MISSING


def globals_read(function: FunctionType, known: CodeFacts) -> list[Any]:
    """Values of the globals and built-ins that a function names, in the order of the names."""
    space = function.__globals__
    return [
        space[name] if name in space else getattr(builtins, name, MISSING)
        for name in known.global_names
    ]


def is_special(name: str) -> bool:
    """Whether a name is one of Python's own, such as ``__init__``."""
    return name[:2] == "__" == name[-2:]


def attributes_read(module: ModuleType, names: Container[str]) -> list[str]:
    """Attributes of a user's module that code which knows ``names`` may read."""
    return [name for name in vars(module) if name in names and not is_special(name)]


def attributes(value: Any, names: Container[str]) -> Iterator[tuple[str, Any]]:
    """Attributes of an object that count: those that the code names, or all."""
    every = is_served(type(value))
    for name, item in list(vars(value).items()):
        if every or name in names:
            yield name, item


_served: dict[type, bool] = {}


def is_served(kind: type) -> bool:
    """Whether a library's class among its bases may look at attributes that no code here names."""
    found = _served.get(kind)
    if found is None:
        if len(_served) > 4096:  # classes made in a loop
            _served.clear()
        bases = [base for base in kind.__mro__ if class_standing(base) != "own"]
        found = _served[kind] = any(base.__module__ not in _SILENT for base in bases)
    return found


def class_parts(
    kind: type, names: Container[str], *, made: bool, every: bool
) -> Iterator[tuple[str, Any]]:
    """What of a class's body code may use: what it names, and what operators and syntax call.

    Args:
        kind: The class.
        names: The names that the code knows.
        made: Whether objects of the class may be made.
        every: Whether all names count.
    """
    unused = _UNUSED if made else _UNUSED | _MAKERS
    for name, value in list(vars(kind).items()):
        if not is_special(name):
            if every or name in names:
                yield name, value
        elif isinstance(value, FunctionType) and name not in unused:
            yield name, value


def is_public(function: FunctionType) -> bool:
    """Whether a library function stands in its module under its name: its closure is fixed."""
    return function.__closure__ is None or function.__globals__.get(function.__name__) is function


def are_words(keys: Iterable[Any]) -> bool:
    """Whether all keys are strings."""
    return all(type(key) is str for key in keys)


def typed_keys(values: Iterable[Any], what: str) -> tuple[Any, ...]:
    """Keys of a dict or elements of a set, with their types, as 1 == True == 1.0."""
    return tuple([_typed_key(value, what) for value in values])


def _typed_key(value: Any, what: str) -> Any:
    if type(value) in _CONSTANT_KEYS:
        return (type(value), repr(value))
    if type(value) is tuple:
        return typed_keys(value, what)
    if kind_of(value) in ("enum", "constant", "class") or (
        kind_of(value) == "function" and function_standing(value) == "pure"
    ):
        return value
    raise Unseen(f"it reads a {what} of type {type(value).__qualname__}")


class Same:
    """An object compared by identity (and kept alive, so that its id stays its own)."""

    __slots__ = ("held",)

    def __init__(self, held: Any):
        self.held = held

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.held is other.held

    def __hash__(self) -> int:
        return id(self.held)


class FixedKey(tuple[Any, ...]):
    """The key of all that a user's layer reads, as a part of the structure of a network.

    Attributes:
        shared, written, watched: As of the walk that made the key.
        unseen: What cannot be followed, if that is so.
    """

    shared: list[Any]
    written: list[Any]
    watched: list[Any]
    unseen: str

    def __new__(cls, key: Iterable[Any], walk: Any, unseen: str) -> FixedKey:
        made = super().__new__(cls, key)
        made.shared, made.written, made.watched = walk.shared, walk.written, walk.watched
        made.unseen = unseen
        return made


_nodes: dict[Any, tuple[tuple[type, ...], tuple[FixedKey, ...]]] = {}


def users_nodes(structure: Any) -> tuple[tuple[type, ...], tuple[FixedKey, ...]]:
    """The user's classes in a tree structure (they may have methods), and keys of his layers."""
    found = _nodes.get(structure)
    if found is None:
        if len(_nodes) > 1024:
            _nodes.clear()
        data = list(nodes(structure))
        if any(issubclass(kind, jax.tree_util.Partial) for kind, _ in data):
            raise Unseen("it is given a jax.tree_util.Partial, whose state cannot be seen")
        kinds = dict.fromkeys(kind for kind, _ in data if class_standing(kind) == "own")
        found = _nodes[structure] = (tuple(kinds), tuple(fixed_keys(structure)))
    return found


def nodes(structure: Any) -> Iterator[tuple[type, Any]]:
    """Type and static data of every node of a tree structure."""
    data = structure.node_data()
    if data is not None:
        yield data
        for child in structure.children():
            yield from nodes(child)


def fixed_keys(structure: Any) -> Iterator[FixedKey]:
    """The keys of users' layers in a tree structure."""
    for _, data in nodes(structure):
        yield from _keys_in(data)


def _keys_in(data: Any) -> Iterator[FixedKey]:
    if isinstance(data, FixedKey):
        yield data
    elif isinstance(data, tuple):
        for part in data:
            yield from _keys_in(part)
    elif hasattr(data, "key"):
        yield from _keys_in(data.key)
