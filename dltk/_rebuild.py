"""A function made anew with its environment replaced: the other half of `_reads`.

`Rebuilt` goes in the order of `_reads.Walk` and puts a new leaf wherever that found one (each place
is compared with what the walk saw). Copies are made of functions, cells, module globals, containers
and plain objects; nothing of the user's is touched, so other threads see nothing of it. What cannot
be copied is left as it is.
"""

from __future__ import annotations

import collections
import copy
import functools
from collections.abc import Callable, Iterable
from types import CellType, FunctionType, MethodType, ModuleType, SimpleNamespace
from typing import Any

import numpy as np
from jax.core import Tracer

from ._environment import (
    Unseen,
    attributes,
    attributes_read,
    cell_value,
    globals_read,
    is_array,
)
from ._facts import facts
from ._kinds import MISSING, kind_of
from ._libraries import function_standing, module_standing
from ._reads import Walk
from ._struct import struct
from ._tree import flatten, is_whole, unflatten


class Rebuilt:
    """Makes values anew with their leaves replaced, in the order of a `Walk`.

    Args:
        walk: The walk that found the leaves.
        leaves: The new leaves.
        fixed: Places of leaves that keep their values (numbers that are part of the key).
    """

    def __init__(self, walk: Walk, leaves: Iterable[Any], fixed: Iterable[int] = ()):
        self._names = walk.names
        self._powers = walk.powers
        self._old = walk.leaves
        self._new = list(leaves)
        self._fixed = frozenset(fixed)
        self._place = 0
        self._made: dict[int, Any] = {}
        self._kept: list[Any] = []  # keeps originals alive while their ids are in use
        self._spaces: dict[int, _Space] = {}
        self._watched: list[tuple[str, Any, list[Any]]] = []
        self._name = ""  # of the variable or attribute that is being rebuilt
        self.asked: set[int] = set()  # places of leaves whose type was asked for
        self._inside: set[int] = set()  # places of leaves that are the data of dlarrays
        self._places = {id(new): place for place, new in enumerate(self._new)}
        self._substitutes = _substitutes(self._original)

    def call(self, function: Any, call: tuple[Any, Any]) -> tuple[Any, Any, Any]:
        """A function and its arguments, all leaves replaced."""
        function = self.value(function)
        leaves, structure = flatten(call)
        made = [self._part(leaf, i) for leaf, i in zip(leaves, _insides(call), strict=True)]
        args, kwargs = unflatten(structure, made)
        if self._place != len(self._old):
            raise Unseen("what it reads changed while it was looked at")
        return function, args, kwargs

    def value(self, value: Any) -> Any:
        """Anything, with the leaves in it replaced."""
        maker = _MAKERS.get(kind_of(value))
        return value if maker is None else maker(self, value)

    # Leaves

    def _leaf(self, value: Any) -> Any:
        place = self._place
        if place >= len(self._old) or type(self._old[place]) is not type(value):
            raise Unseen("what it reads changed while it was looked at")
        self._place += 1
        if place in self._fixed:
            return value
        if self._powers and type(value) is int:  # 2**-n of integers is not what JAX makes of it
            self._new[place] = self._new[place] * 1.0
            self._places[id(self._new[place])] = place
        return self._new[place]

    def _original(self, value: Any, *, matters: bool) -> Any:
        """What a traced leaf stands for. If it ``matters``, it is an error not to know."""
        if not isinstance(value, Tracer):
            return value
        place = self._places.get(id(value))
        if place in self._inside:
            return np.empty(0, value.dtype)  # what extractdata gives
        if place is not None:
            self.asked.add(place)
            return self._old[place]
        if matters:
            raise Unknown("it asks for the type of a value computed from numbers or NumPy arrays")
        return value

    def _number(self, value: Any) -> Any:
        at_hand = self._place < len(self._old) and self._old[self._place] is value
        return self._leaf(value) if at_hand else value  # a number too large to be a leaf

    def _array(self, value: Any) -> Any:
        return value if value.dtype.kind in "SU" else self._leaf(value)

    def _part(self, leaf: Any, inside: bool) -> Any:
        """A leaf of a tree, ``inside`` a dlarray or network or not."""
        if not is_array(leaf):
            return self.value(leaf)
        if inside:
            self._inside.add(self._place)
        return self._leaf(leaf)

    def _node(self, value: Any) -> Any:
        leaves, structure = flatten(value)
        leaves = [self._part(leaf, i) for leaf, i in zip(leaves, _insides(value), strict=True)]
        made = unflatten(structure, leaves)
        self._watch(f"a {type(value).__name__}", made, leaves, self._name)
        return made

    def _remember(self, original: Any, made: Any) -> Any:
        self._made[id(original)] = made
        self._kept.append(original)
        return made

    # Functions

    def _function(self, function: FunctionType) -> Any:
        if function_standing(function) != "own":
            return function
        if id(function) in self._made:
            return self._made[id(function)]
        known = facts(function.__code__)
        space = self._space(function)
        space.stored.update(known.stored)
        cells = tuple(CellType() for _ in function.__closure__ or ())
        made = FunctionType(known.code, space.copy, function.__name__, None, cells or None)
        made.__qualname__ = function.__qualname__
        made.__doc__ = function.__doc__
        self._remember(function, made)
        old_cells = function.__closure__ or ()
        for name, old, new in zip(known.code.co_freevars, old_cells, cells, strict=True):
            self._name = name
            self._fill(old, new)
        self._name = "a default value"
        made.__defaults__ = self.value(function.__defaults__)
        made.__kwdefaults__ = self.value(function.__kwdefaults__)
        values = globals_read(function, known)
        for name, value in zip(known.global_names, values, strict=True):
            self._name = name
            new = self.value(value)
            if name in function.__globals__:
                space.copy[name] = space.before[name] = new
            elif name in self._substitutes:
                space.copy[name] = space.before[name] = self._substitutes[name]
        for name, value in list(function.__dict__.items()):
            made.__dict__[name] = self.value(value)
        self._watch(f"an attribute of {function.__name__}", made, content(made.__dict__), "")
        return made

    def _space(self, function: FunctionType) -> _Space:
        """One copy of a module's globals for all functions of the module."""
        original = function.__globals__
        if id(original) not in self._spaces:
            self._spaces[id(original)] = _Space(original)
        return self._spaces[id(original)]

    def _fill(self, old: CellType, new: CellType) -> None:
        held, name = cell_value(old), self._name
        value = self.value(held)
        if held is not MISSING:
            new.cell_contents = value
        self._watch("the variable", new, [value], name)

    def _method(self, method: MethodType) -> Any:
        function = self.value(method.__func__)
        return MethodType(function, self.value(method.__self__))

    def _partial(self, value: functools.partial[Any]) -> Any:
        function, args = self.value(value.func), self.value(value.args)
        return type(value)(function, *args, **self.value(value.keywords))

    def _accelerated(self, value: Any) -> Any:
        return value._around(self.value(value.Function))

    # Containers, modules, objects

    def _tuple(self, value: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple([self.value(item) for item in value])

    def _slice(self, value: slice) -> slice:
        return slice(*(self.value(bound) for bound in (value.start, value.stop, value.step)))

    def _list(self, value: list[Any]) -> list[Any]:
        if id(value) in self._made:
            return self._made[id(value)]
        made, name = self._remember(value, []), self._name
        made.extend([self.value(item) for item in list(value)])
        self._watch("a list", made, content(made), name)
        return made

    def _dict(self, value: dict[Any, Any]) -> dict[Any, Any]:
        if id(value) in self._made:
            return self._made[id(value)]
        made, name = self._remember(value, copy.copy(value)), self._name
        if isinstance(made, collections.defaultdict) and made.default_factory is not None:
            made.default_factory = self.value(made.default_factory)
        for key, item in list(value.items()):
            made[key] = self.value(item)
        self._watch("a dict", made, content(made), name)
        return made

    def _set(self, value: set[Any]) -> Any:
        if type(value) is frozenset:
            return value
        if id(value) in self._made:
            return self._made[id(value)]
        made = self._remember(value, set(value))
        self._watch("a set", made, content(made), self._name)
        return made

    def _struct(self, value: struct) -> struct:
        made = object.__new__(struct)
        made.__dict__ = self._dict(value.__dict__)
        return made

    def _module(self, module: ModuleType) -> Any:
        if module_standing(module) != "own":
            return module
        if id(module) in self._made:
            return self._made[id(module)]
        made = self._remember(module, ModuleType(module.__name__))
        made.__dict__.update(vars(module))
        for name in attributes_read(module, self._names):
            made.__dict__[name] = self.value(vars(module)[name])
        self._watch(f"the module {module.__name__}", made, content(vars(made)), "")
        return made

    def _object(self, value: Any) -> Any:
        if id(value) in self._made:
            return self._made[id(value)]
        kind = type(value)
        made = SimpleNamespace() if kind is SimpleNamespace else object.__new__(kind)
        self._remember(value, made)
        vars(made).update(vars(value))
        name = self._name
        for attribute, item in attributes(value, self._names):
            self._name = attribute
            vars(made)[attribute] = self.value(item)
        self._watch(f"an object of type {kind.__name__}", made, content(vars(made)), name)
        return made

    # What the function did

    def _watch(self, what: str, made: Any, before: list[Any], name: str) -> None:
        self._watched.append((f"{what} ({name})" if name else what, made, before))

    def effects(self) -> str | None:
        """What the function changed outside itself, or None."""
        for what, made, before in self._watched:
            if differ(_content_of(made), before):
                return what
        for space in self._spaces.values():
            for name in space.stored:
                if space.copy.get(name, MISSING) is not space.before.get(name, MISSING):
                    return f"the global {name}"
        return None


class _Space:
    """A module's globals: the copy that rebuilt functions use, and what it held at the start."""

    def __init__(self, original: dict[str, Any]):
        self.original = original  # kept, so that its id stays its own
        self.copy = dict(original)
        self.before = dict(original)
        self.stored: set[str] = set()


def _insides(tree: Any) -> list[bool]:
    """For each leaf of a tree whether it is the data of a dlarray or network."""
    found: list[bool] = []
    for part in flatten(tree, is_leaf=is_whole)[0]:
        found += [True] * len(flatten(part)[0]) if is_whole(part) else [False]
    return found


class Unknown(Exception):
    """The function asks for something that is not known while it is traced."""


_LIKELY = (int, float, complex, np.float64, np.ndarray)


def _substitutes(original: Callable[..., Any]) -> dict[str, Callable[..., Any]]:
    """Built-ins that ask what something is: of a traced leaf they tell what it stands for."""

    def type_of(value: Any, *rest: Any) -> Any:
        return type(value, *rest) if rest else type(original(value, matters=True))

    def is_instance(value: Any, kinds: Any) -> bool:
        kinds = type if kinds is type_of else kinds
        matters = isinstance(value, kinds) or any(issubclass(likely, kinds) for likely in _LIKELY)
        return isinstance(original(value, matters=matters), kinds)

    def has_attribute(value: Any, name: str) -> bool:
        matters = len({hasattr(likely, name) for likely in (*_LIKELY, value)}) > 1
        return hasattr(original(value, matters=matters), name)

    return {"isinstance": is_instance, "type": type_of, "hasattr": has_attribute}


def content(made: Any) -> list[Any]:
    """The parts of a container, to be compared by identity."""
    if isinstance(made, dict):
        return [part for pair in made.items() for part in pair]
    return list(made)


def differ(after: list[Any], before: list[Any]) -> bool:
    """Whether two lists hold other objects."""
    return len(after) != len(before) or any(a is not b for a, b in zip(after, before, strict=True))


def _content_of(made: Any) -> list[Any]:
    """What `_watch` was told at first, as it is now."""
    if isinstance(made, CellType):
        return [cell_value(made)]
    if isinstance(made, (list, dict, set)):
        return content(made)
    return flatten(made)[0] if kind_of(made) == "node" else content(vars(made))


_MAKERS: dict[str, Callable[[Rebuilt, Any], Any]] = {
    "number": Rebuilt._number,
    "array": Rebuilt._array,
    "function": Rebuilt._function,
    "method": Rebuilt._method,
    "partial": Rebuilt._partial,
    "accelerated": Rebuilt._accelerated,
    "list": Rebuilt._list,
    "tuple": Rebuilt._tuple,
    "dict": Rebuilt._dict,
    "struct": Rebuilt._struct,
    "set": Rebuilt._set,
    "slice": Rebuilt._slice,
    "node": Rebuilt._node,
    "module": Rebuilt._module,
    "object": Rebuilt._object,
}
