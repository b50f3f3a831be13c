"""Everything a function reads: its arguments and, without being asked, its environment.

A compiled program must never be stale. So whatever a function's outcome may depend on is an input:
arguments, closure cells, defaults, the module globals it names, the same for the functions it
calls, `functools.partial`, bound methods, the attributes of their objects. A walk over all of this
gives

* a hashable *key* of what is compared: structure, code, strings, flags, ...
* the *leaves*: arrays and numbers, which become inputs of the program.

What can be made anew (functions, containers, objects) is rebuilt around traced leaves when a
program is traced (`_rebuild`). What cannot, classes and what hangs on them, is *shared*: all of it
is part of the key, and `_undo` watches it. What cannot be seen raises `Unseen`: such a function
runs without compiling.

Of objects and modules only those attributes count whose names the code knows. Which names those are
turns out during the walk itself (`Names`), so a first walk may have to be repeated.
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterable
from types import FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from ._environment import (
    FixedKey,
    Same,
    Unseen,
    are_words,
    attributes,
    attributes_read,
    cell_value,
    class_parts,
    globals_read,
    impure,
    is_array,
    is_public,
    is_served,
    typed_keys,
    users_nodes,
)
from ._facts import CodeFacts, facts
from ._kinds import kind_of
from ._libraries import (
    WATCHED,
    class_standing,
    function_standing,
    impure_attribute,
    is_impure_builtin,
    module_standing,
)
from ._struct import struct
from ._tree import flatten

NUMBERS = frozenset((int, float, complex))  # types of plain numbers
MOST_LEAVES = 20000
MOST_PARTS = 50000
MOST_CODES = 4096  # of one function, before what was known of their names is forgotten
_LEAF, _NUMBER, _AGAIN = "<leaf>", "<number>", "<again>"
_INT64 = 1 << 63


class Names:
    """The names that the code met so far may look up. If they grow, the walk is repeated."""

    __slots__ = ("codes", "every", "known")

    def __init__(self, *, every: bool = False):
        self.codes: dict[int, CodeFacts] = {}
        self.known: frozenset[str] = frozenset()
        self.every = every

    def with_code(self, codes: dict[int, CodeFacts]) -> Names:
        """These names and those of more code."""
        made = Names(every=self.every or any(f.looks_up for f in codes.values()))
        made.codes = {**self.codes, **codes}
        made.known = self.known.union(*(f.names for f in codes.values()))
        return made

    def __contains__(self, name: str) -> bool:
        return self.every or name in self.known


class Walk:
    """One walk over a function's inputs: builds the key and gathers the leaves.

    Args:
        names: What is known of the names that the code looks up; by default that it may be any.
        shared: Whether nothing can be rebuilt: all of it is compared, arrays by content.

    Attributes:
        key: What is compared.
        leaves: Arrays and numbers, the inputs of a program.
        numbers: Which leaves are plain numbers.
        captured: NumPy arrays that the function could change in place (not arguments themselves).
        shared: Mutable things that are not rebuilt.
        written: Modules' globals and the names that code which is not rebuilt assigns in them.
        fixed: Tree structures in which there are keys of the user's layers.
        watched: Built-in functions such as print that code names, and perhaps calls.
        new: Code whose names were not known yet.
        powers: Whether some code raises to a power.
        in_place: Whether some code has in-place operations.
        catches: Whether some code may catch errors.
    """

    def __init__(self, names: Names | None = None, *, shared: bool = False):
        self.key: list[Any] = []
        self.leaves: list[Any] = []
        self.numbers: list[int] = []
        self.captured: list[np.ndarray] = []
        self.shared: list[Any] = []
        self.written: list[tuple[dict[str, Any], tuple[str, ...]]] = []
        self.fixed: list[Any] = []
        self.watched: list[Any] = []
        self.new: dict[int, CodeFacts] = {}
        self.powers = self.in_place = self.catches = False
        self.names = Names(every=True) if names is None else names
        self._rebuilds = not shared
        self._seen: dict[Any, Any] = {}
        self._seen_shared: dict[Any, Any] = {}

    def call(self, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        """A function and the arguments of one call. Containers among the arguments are values."""
        self.value(function)
        leaves, structure = flatten((args, kwargs))
        self.key.append(structure)
        self._nodes_of(structure)
        found, key = self.leaves, self.key
        for place, leaf in enumerate(leaves):
            if is_array(leaf):
                found.append(leaf)
            else:
                key.append(place)
                self.value(leaf)
        if len(found) > MOST_LEAVES:
            raise Unseen(f"it reads {len(found)} arrays and numbers")

    def value(self, value: Any) -> None:
        """Anything."""
        handler = _by_type.get(type(value))
        if handler is None:
            if len(_by_type) > 4096:  # classes made in a loop
                _by_type.clear()
            handler = _by_type[type(value)] = _HANDLERS[kind_of(value)]
        handler(self, value)

    # Numbers and arrays

    def _number(self, value: Any) -> None:
        if self._rebuilds and (type(value) is not int or -_INT64 <= value < _INT64):
            self.key.append(_NUMBER)
            self.numbers.append(len(self.leaves))
            self.leaves.append(value)
        else:
            self.key.append((type(value), repr(value)))

    def _array(self, value: Any) -> None:
        if isinstance(value, np.ndarray):
            if value.dtype.kind not in "biufcSU":
                raise Unseen(f"it reads a NumPy array of {value.dtype}")
            if self._rebuilds and value.dtype.kind not in "SU":
                self.captured.append(value)
            else:
                self.shared.append(value)
                content = np.ascontiguousarray(value).tobytes()
                self.key.append((value.shape, value.dtype, content))
                return
        elif not self._rebuilds:
            self.key.append(Same(value))
            return
        self.key.append(_LEAF)
        self.leaves.append(value)

    def _constant(self, value: Any) -> None:
        self.key.append((type(value), value))

    def _same(self, value: Any) -> None:
        self.key.append(Same(value))

    def _enum(self, value: Any) -> None:
        self.key.append((type(value), value.name))
        self._type(type(value))

    # Functions

    def _function(self, function: FunctionType) -> None:
        if function in _fixed_functions:
            self.key.append(function)
            return
        code = function.__code__
        known = self.names.codes.get(id(code))
        if known is None:
            standing = function_standing(function)
            if standing != "own":
                self._library_function(function, standing)
                return
            known = self.new[id(code)] = facts(code)
        if not self._first_time(function):
            return
        if len(self.key) > MOST_PARTS:
            raise Unseen("it reads more than can be looked at in every call")
        self.powers |= known.powers
        self.in_place |= known.in_place
        self.catches |= known.catches
        if not self._rebuilds and known.stored:
            self.written.append((function.__globals__, known.stored))
        self.key.append(known.code)
        for cell in function.__closure__ or ():
            self.value(cell_value(cell))
        for part in (function.__defaults__, function.__kwdefaults__):
            self.value(part)
        for value in globals_read(function, known):
            self.value(value)
        for name, value in function.__dict__.items():
            self.key.append(name)
            self.value(value)
        for name in known.imports:
            self._imported(name, known.names)

    def _library_function(self, function: FunctionType, standing: str) -> None:
        if standing == "impure":
            raise impure(function)
        self.key.append(function if is_public(function) else function.__code__)
        if is_public(function):
            _fixed_functions.add(function)
        else:
            for cell in function.__closure__ or ():
                self._fixed(cell_value(cell))

    def _imported(self, name: str, names: frozenset[str]) -> None:
        module = sys.modules.get(name)
        if module is None or module_standing(module) == "own":
            raise Unseen(
                f"it imports {name or 'a neighbouring module'} while it runs; import it at the top"
            )
        self._library_module(module, names)

    def _method(self, method: MethodType) -> None:
        if kind_of(method.__self__) == "refused":
            self._refused(method.__self__)
        self.key.append(MethodType)
        self.value(method.__func__)
        self.value(method.__self__)

    def _partial(self, value: functools.partial[Any]) -> None:
        self.key.append(type(value))
        self.value(value.func)
        self.value(value.args)
        self.value(value.keywords)

    def _accelerated(self, value: Any) -> None:
        self.key.append(type(value))
        self.value(value.Function)

    def _builtin(self, value: Any) -> None:
        if any(value is one for one in WATCHED):
            self.watched.append(value)
        elif is_impure_builtin(value):
            raise impure(value)
        self.key.append(value)

    def _wrapper(self, value: Any) -> None:
        """A function in the hands of a library: jax.jit(f), jax.custom_jvp(f)."""
        self.key.append(Same(value))
        if self._first_time(value):
            for part in vars(value).values():
                if isinstance(part, (FunctionType, MethodType, functools.partial)):
                    self._fixed(part)

    def _fixed(self, value: Any) -> None:
        """Something that cannot be rebuilt: all of it, arrays included, is compared."""
        rebuilds, self._rebuilds = self._rebuilds, False
        try:
            self.value(value)
        finally:
            self._rebuilds = rebuilds

    # Containers

    def _first_time(self, value: Any, tag: Any = None) -> bool:
        """Whether a thing is met for the first time in its role (rebuilt or shared)."""
        seen = self._seen if self._rebuilds and tag is None else self._seen_shared
        place = id(value) if tag is None else (id(value), tag)
        if place in seen:
            self.key.append((_AGAIN, seen[place][0]))
            return False
        seen[place] = (len(seen), value)
        return True

    def _sequence(self, value: Any) -> None:
        if type(value) is list:
            if not self._first_time(value):
                return
            if not self._rebuilds:
                self.shared.append(value)
        self.key.append((type(value), len(value)))
        for item in value:
            self.value(item)

    def _mapping(self, value: dict[Any, Any]) -> None:
        if not self._first_time(value):
            return
        if not self._rebuilds:
            self.shared.append(value)
        self.key.append(type(value))
        self.key.append(tuple(value) if are_words(value) else typed_keys(value, "dict with keys"))
        factory = getattr(value, "default_factory", None)
        if factory is not None:
            self.value(factory)
        for item in value.values():
            self.value(item)

    def _struct(self, value: struct) -> None:
        self.key.append(struct)
        self._mapping(value.__dict__)

    def _set(self, value: Any) -> None:
        if not self._rebuilds:
            self.shared.append(value)
        self.key.append((type(value), frozenset(typed_keys(value, "set of values"))))

    def _slice(self, value: slice) -> None:
        self.key.append(slice)
        self._sequence((value.start, value.stop, value.step))

    def _node(self, value: Any) -> None:
        """What JAX takes apart: a dlarray, dlnetwork, table, named tuple, ..."""
        if not self._rebuilds:
            self.shared.append(value)
        leaves, structure = flatten(value)
        self.key.append(structure)
        self._nodes_of(structure)
        for place, leaf in enumerate(leaves):
            if self._rebuilds and is_array(leaf):
                self.leaves.append(leaf)
            else:
                self.key.append(place)
                self.value(leaf)

    def _nodes_of(self, structure: Any) -> None:
        """What hangs on the nodes of a tree: methods of the user's classes, layers of his own."""
        kinds, keys = users_nodes(structure)
        for kind in kinds:
            self._type(kind)
        for key in keys:
            if key.unseen:
                raise Unseen(key.unseen)
            self.fixed.append(structure)
            self.watched += key.watched

    # Modules, classes, objects

    def _module(self, module: ModuleType) -> None:
        if module_standing(module) != "own":
            self._library_module(module, self.names.known)
            return
        self.key.append(module.__name__)
        if self._first_time(module):
            for name in attributes_read(module, self.names):
                self.key.append(name)
                self.value(vars(module)[name])

    def _library_module(self, module: ModuleType, names: frozenset[str]) -> None:
        self.key.append(module.__name__)
        refused = impure_attribute(module.__name__, names)
        if module_standing(module) == "impure" or refused is not None:
            raise Unseen(
                f"it uses {module.__name__}{'.' + refused if refused else ''}, "
                "whose outcome is not fixed by its inputs"
            )

    def _class(self, kind: type) -> None:
        self._type(kind, made=True)

    def _type(self, kind: type, *, made: bool = False) -> None:
        """A class: what its methods read. ``made``: objects of it may be made, too."""
        self.key.append(kind)
        standing = class_standing(kind)
        if standing == "impure":
            raise impure(kind)
        if standing == "pure" or not self._first_time(kind, ("class", made)):
            return
        rebuilds, self._rebuilds = self._rebuilds, False
        every = is_served(kind)
        try:
            for base in kind.__mro__[:-1]:
                if class_standing(base) == "own":
                    self.shared.append(base)
                    self._class_body(class_parts(base, self.names, made=made, every=every))
        finally:
            self._rebuilds = rebuilds

    def _class_body(self, parts: Iterable[tuple[str, Any]]) -> None:
        for name, value in parts:
            self.key.append(name)
            if isinstance(value, property):
                for part in (value.fget, value.fset):
                    self.value(part)
            elif isinstance(value, (staticmethod, classmethod)):
                self.value(value.__func__)
            elif isinstance(value, functools.cached_property):
                self.value(value.func)
            else:
                self.value(value)

    def _object(self, value: Any) -> None:
        if not self._first_time(value):
            return
        if not self._rebuilds:
            self.shared.append(value)
        self._type(type(value))
        for name, item in attributes(value, self.names):
            self.key.append(name)
            self.value(item)

    def _refused(self, value: Any) -> None:
        kind = type(value)
        name = f"{kind.__module__}.{kind.__qualname__}".removeprefix("builtins.")
        raise Unseen(f"it reads an object of type {name}, whose state cannot be seen")


_HANDLERS: dict[str, Callable[[Walk, Any], None]] = {
    "number": Walk._number,
    "array": Walk._array,
    "constant": Walk._constant,
    "same": Walk._same,
    "enum": Walk._enum,
    "function": Walk._function,
    "method": Walk._method,
    "partial": Walk._partial,
    "accelerated": Walk._accelerated,
    "builtin": Walk._builtin,
    "wrapper": Walk._wrapper,
    "list": Walk._sequence,
    "tuple": Walk._sequence,
    "dict": Walk._mapping,
    "struct": Walk._struct,
    "set": Walk._set,
    "slice": Walk._slice,
    "node": Walk._node,
    "module": Walk._module,
    "class": Walk._class,
    "object": Walk._object,
    "refused": Walk._refused,
}
_fixed_functions: set[FunctionType] = set()  # public ones of libraries, which depend on nothing
_by_type: dict[type, Callable[[Walk, Any], None]] = {}


def fixed_key(value: Any) -> FixedKey:
    """A key of all that a value (say, the function of a functionLayer) reads, arrays by content."""
    walk = Walk(shared=True)
    try:
        walk.value(value)
    except Unseen as reason:
        return FixedKey([Same(object())], walk, str(reason))
    return FixedKey(walk.key, walk, "")


def walked(function: Any, call: tuple[Any, Any], names: Names) -> Walk:
    """The walk over a function and its arguments, repeated until all names are known."""
    if len(names.codes) > MOST_CODES:
        names = Names()
    while True:
        walk = Walk(names)
        walk.call(function, *call)
        if not walk.new:
            return walk
        names = names.with_code(walk.new)
