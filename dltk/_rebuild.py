"""A function made anew with its environment replaced: the other half of `_reads`.

`Rebuilt` walks in exactly the order of `_reads.Walk` and puts a new leaf wherever that found one. Copies
are made of functions, cells, module globals, containers and plain objects; nothing of the user's is
touched, so other threads see nothing of it.
"""

from __future__ import annotations

import collections
import copy
import enum
import functools
from collections.abc import Iterable, Iterator
from types import CellType, FunctionType, MethodType, ModuleType
from typing import Any

import jax
import numpy as np

from ._code import facts, is_library_file, is_library_module
from ._reads import (
    CONSTANTS,
    MISSING,
    NUMBERS,
    attributes_read,
    cell_value,
    globals_of,
    is_plain_object,
)
from ._struct import struct

CONTAINERS = (list, dict, collections.OrderedDict, collections.defaultdict, set)


class Rebuilt:
    """Makes values anew with their leaves replaced, in the order of a `Walk`.

    Args:
        leaves: The new leaves.
        numbers: As for the `Walk` that found the old ones.
    """

    def __init__(self, leaves: Iterable[Any], *, numbers: bool = True):
        self._leaves: Iterator[Any] = iter(leaves)
        self._numbers = numbers
        self._made: dict[int, Any] = {}
        self._kept: list[Any] = []  # keeps originals alive while their ids are in use
        self._spaces: dict[int, dict[str, Any]] = {}
        self._kept_spaces: list[dict[str, Any]] = []
        self._replaced: dict[tuple[int, str], Any] = {}
        self._watched: list[tuple[str, Any, list[Any]]] = []

    def tree(self, value: Any) -> Any:
        """A pytree with its leaves replaced."""
        leaves, structure = jax.tree_util.tree_flatten(value)
        leaves = [self.value(leaf) for leaf in leaves]
        made = jax.tree_util.tree_unflatten(structure, leaves)
        self._watch(f"a {type(value).__name__}", made, leaves)
        return made

    def value(self, value: Any, names: frozenset[str] = frozenset()) -> Any:
        """Anything, with the leaves in it replaced."""
        kind = type(value)
        if kind in NUMBERS or isinstance(value, np.number):
            return next(self._leaves) if self._numbers else value
        if isinstance(value, (np.ndarray, jax.Array)):
            return next(self._leaves) if value.dtype.kind in "biufc" else value
        if kind is FunctionType:
            return self._function(value)
        if isinstance(value, ModuleType):
            return self._module(value, names)
        if kind is MethodType:
            return MethodType(self.value(value.__func__), self.value(value.__self__))
        if kind is functools.partial:
            function, args = self.value(value.func), self.value(value.args)
            return functools.partial(function, *args, **self.value(value.keywords))
        if kind is tuple:
            return tuple(self.value(item) for item in value)
        if kind is slice:
            return slice(*(self.value(b) for b in (value.start, value.stop, value.step)))
        if kind in CONTAINERS:
            return self._container(value)
        if kind is struct:
            made = object.__new__(struct)
            made.__dict__ = self._container(value.__dict__)
            return made
        if not isinstance(value, type) and not jax.tree_util.all_leaves((value,)):
            return self.tree(value)
        if not isinstance(value, type) and _is_walked_object(value):
            return self._object(value)
        return value

    def _remember(self, original: Any, made: Any) -> Any:
        self._made[id(original)] = made
        self._kept.append(original)
        return made

    def _function(self, function: FunctionType) -> Any:
        code = function.__code__
        if is_library_file(code.co_filename):
            return function
        if id(function) in self._made:
            return self._made[id(function)]
        space = self._space(function)
        cells = tuple(CellType() for _ in function.__closure__ or ())
        made = FunctionType(code, space, function.__name__, None, cells or None)
        made.__qualname__ = function.__qualname__
        self._remember(function, made)
        names = facts(code).names
        for old, new in zip(function.__closure__ or (), cells, strict=True):
            self._fill(old, new, names)
        made.__defaults__ = self.value(function.__defaults__ or (), names) or None
        made.__kwdefaults__ = self.value(function.__kwdefaults__ or {}, names) or None
        for name, value in list(globals_of(function, code)):
            new = self.value(value, names)
            if name in function.__globals__:
                space[name] = new
                self._replaced[id(space), name] = new
        for name, value in sorted(function.__dict__.items()):
            made.__dict__[name] = self.value(value, names)
        return made

    def _space(self, function: FunctionType) -> dict[str, Any]:
        """One copy of a module's globals for all functions of the module."""
        original = function.__globals__
        if id(original) not in self._spaces:
            self._spaces[id(original)] = dict(original)
            self._kept_spaces.append(original)
        return self._spaces[id(original)]

    def _fill(self, old: CellType, new: CellType, names: frozenset[str]) -> None:
        content = cell_value(old)
        value = self.value(content, names)
        if content is not MISSING:
            new.cell_contents = value
        self._watch("a variable of an enclosing function", new, [value])

    def _container(self, value: Any) -> Any:
        if type(value) is set:
            made = set(value)
        elif id(value) in self._made:
            return self._made[id(value)]
        else:
            made = self._remember(value, copy.copy(value))
            for place in range(len(value)) if isinstance(value, list) else value:
                made[place] = self.value(value[place])
        self._watch(f"a {type(value).__name__}", made, _content(made))
        return made

    def _module(self, module: ModuleType, names: frozenset[str]) -> Any:
        if is_library_module(module):
            return module
        if id(module) in self._made:
            return self._made[id(module)]
        made = self._remember(module, ModuleType(module.__name__))
        made.__dict__.update(vars(module))
        for name in attributes_read(module, names):
            made.__dict__[name] = self.value(vars(module)[name], names)
        self._watch(f"the module {module.__name__}", made, _content(made))
        return made

    def _object(self, value: Any) -> Any:
        if id(value) in self._made:
            return self._made[id(value)]
        made = self._remember(value, object.__new__(type(value)))
        for name, item in list(vars(value).items()):
            vars(made)[name] = self.value(item)
        self._watch(f"an object of type {type(value).__name__}", made, _content(made))
        return made

    def _watch(self, what: str, made: Any, content: list[Any]) -> None:
        self._watched.append((what, made, content))

    def effects(self) -> str | None:
        """What the function changed outside itself, or None."""
        for what, made, before in self._watched:
            after = _content(made)
            if len(after) != len(before) or any(
                a is not b for a, b in zip(after, before, strict=True)
            ):
                return what
        for original, space in zip(self._kept_spaces, self._spaces.values(), strict=True):
            changed = [n for n, v in space.items() if v is not original.get(n, MISSING)]
            for name in changed:
                if (id(space), name) not in self._replaced or (
                    self._replaced[id(space), name] is not space[name]
                ):
                    return f"the global {name}"
        return None


def _content(made: Any) -> list[Any]:
    """The parts of a copy, to be compared by identity."""
    if isinstance(made, CellType):
        return [cell_value(made)]
    if isinstance(made, dict):
        return [part for pair in made.items() for part in pair]
    if isinstance(made, (list, set)):
        return list(made)
    if not jax.tree_util.all_leaves((made,)):
        return jax.tree_util.tree_leaves(made)
    return _content(vars(made))


def _is_walked_object(value: Any) -> bool:
    """Whether `Walk` looks into the attributes of this object."""
    if type(value) in CONSTANTS or isinstance(value, (enum.Enum, np.dtype, np.bool_, np.ufunc)):
        return False
    return not isinstance(getattr(value, "__wrapped__", None), FunctionType) and is_plain_object(
        value
    )
