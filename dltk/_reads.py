"""Everything a function reads: its arguments and, without being asked, its environment.

A compiled program must never be stale. So whatever a function's outcome may depend on is an input:
arguments, closure cells, defaults, the module globals it names, the same for the user's own functions
it calls, `functools.partial`, bound methods and the attributes of their objects. A walk over all of
this gives

* a hashable *key* of what is compared: structure, code, strings, flags, ...
* the *leaves*: arrays and numbers, which become inputs of the program.

When a program is traced, `rebuild` makes the same functions anew with their environment replaced by
traced leaves; the user's own objects stay untouched. `Rebuilt.effects` tells afterwards whether the
function changed something outside itself, which no compiled program may do. What cannot be seen raises
`Unseen`: such a function is run without compiling.
"""

from __future__ import annotations

import builtins
import collections
import enum
import functools
from collections.abc import Callable, Iterator
from types import (
    BuiltinFunctionType,
    CellType,
    CodeType,
    FunctionType,
    MethodType,
    MethodWrapperType,
    ModuleType,
    WrapperDescriptorType,
)
from typing import Any

import jax
import numpy as np

from ._code import (
    facts,
    impure_attribute,
    is_impure,
    is_library_class,
    is_library_file,
    is_library_module,
    name_of,
)
from ._struct import struct

NUMBERS = frozenset((int, float, complex))
CONSTANTS = frozenset((str, bool, bytes, type(None), type(Ellipsis), type(NotImplemented), range))
MISSING = "<missing>"


class Unseen(Exception):
    """The function reads something that cannot be followed; the text says what."""


class Same:
    """An object compared by identity (and kept alive, so that its id stays its own)."""

    __slots__ = ("held",)

    def __init__(self, held: Any):
        self.held = held

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Same) and self.held is other.held

    def __hash__(self) -> int:
        return id(self.held)


_LEAF, _AGAIN = "<leaf>", "<again>"
_DEVICE_ARRAY = type(jax.device_put(0))


class Walk:
    """One walk over a function's inputs: builds the key and gathers the leaves.

    Args:
        numbers: Whether Python numbers are leaves (traced) or part of the key.
        arrays: Whether arrays are leaves, or part of the key by content (for what cannot be rebuilt).
    """

    def __init__(self, *, numbers: bool = True, arrays: bool = True):
        self.key: list[Any] = []
        self.leaves: list[Any] = []
        self._numbers = numbers
        self._arrays = arrays
        self._seen: dict[int, Any] = {}
        self._again: dict[int, int] = {}

    def tree(self, value: Any) -> None:
        """A pytree: its structure is compared, its leaves are looked at one by one."""
        leaves, structure = jax.tree_util.tree_flatten(value)
        self.key.append(structure)
        for leaf in leaves:
            if type(leaf) is _DEVICE_ARRAY and self._arrays:  # only faster
                self.leaves.append(leaf)
            else:
                self.value(leaf)

    def value(self, value: Any, names: frozenset[str] = frozenset()) -> None:
        """Anything; ``names`` are the attribute names that the reading code knows."""
        kind = type(value)
        if kind in NUMBERS or isinstance(value, np.number):
            self._number(value)
        elif isinstance(value, (np.ndarray, jax.Array)):
            self._array(value)
        elif kind in CONSTANTS or isinstance(value, (enum.Enum, np.dtype, np.bool_)):
            self.key.append((kind, value))
        elif kind is FunctionType:
            self._function(value)
        elif isinstance(value, ModuleType):
            self._module(value, names)
        elif isinstance(value, type):
            self._class(value)
        elif kind in _SIMPLE:
            _SIMPLE[kind](self, value)
        elif is_impure(value):
            raise Unseen(f"it uses {name_of(value)}, whose outcome is not fixed by its inputs")
        elif kind in (BuiltinFunctionType, WrapperDescriptorType, MethodWrapperType, np.ufunc):
            self.key.append(value)
        elif _is_node(value):
            self.tree(value)
        else:
            self._object(value)

    def _number(self, value: Any) -> None:
        if self._numbers and self._arrays:
            self.key.append(_LEAF)
            self.leaves.append(value)
        else:
            self.key.append((type(value), value))

    def _array(self, value: Any) -> None:
        if value.dtype.kind in "biufc":
            if self._arrays:
                self.key.append(_LEAF)
                self.leaves.append(value)
                return
            if isinstance(value, jax.Array):
                self.key.append(Same(value))
                return
        elif value.dtype.kind not in "SU":
            raise Unseen(f"it reads a NumPy array of {value.dtype}")
        self.key.append((value.shape, value.dtype, np.ascontiguousarray(value).tobytes()))

    def _first_time(self, value: Any) -> bool:
        """Whether a mutable thing is met for the first time on this walk."""
        if id(value) in self._seen:
            self.key.append((_AGAIN, self._again[id(value)]))
            return False
        self._again[id(value)] = len(self._seen)
        self._seen[id(value)] = value
        return True

    def _function(self, function: FunctionType) -> None:
        code = function.__code__
        if is_library_file(code.co_filename):
            self._library_function(function)
            return
        if not self._first_time(function):
            return
        self.key.append(code)
        known = facts(code)
        for part in _cells(function):
            self.value(part, known.names)
        for part in _defaults(function):
            self.value(part, known.names)
        for name, value in globals_of(function, code):
            if isinstance(value, BuiltinFunctionType) and is_impure(value):
                raise Unseen(f"it calls {name}, which a compiled program would not do")
            self.value(value, known.names)
        for name, value in sorted(function.__dict__.items()):
            self.key.append(name)
            self.value(value, known.names)

    def _library_function(self, function: FunctionType) -> None:
        if is_impure(function):
            raise Unseen(f"it uses {name_of(function)}, whose outcome is not fixed by its inputs")
        if function.__closure__ is None or _is_public(function):
            self.key.append(function)
            return
        self.key.append(function.__code__)
        for part in _cells(function):
            if isinstance(part, (FunctionType, MethodType, functools.partial)):
                self._fixed(part)
            else:
                self.key.append(Same(part))

    def _fixed(self, value: Any, names: frozenset[str] = frozenset()) -> None:
        """Something that cannot be rebuilt: all of it, arrays included, is compared."""
        arrays, self._arrays = self._arrays, False
        try:
            self.value(value, names)
        finally:
            self._arrays = arrays

    def _method(self, method: MethodType) -> None:
        self.key.append(MethodType)
        self.value(method.__func__)
        self.value(method.__self__)

    def _partial(self, value: functools.partial[Any]) -> None:
        self.key.append(functools.partial)
        self.value(value.func)
        self._sequence(value.args)
        self._mapping(value.keywords)

    def _sequence(self, value: Any) -> None:
        if type(value) is list and not self._first_time(value):
            return
        self.key.append((type(value), len(value)))
        for item in value:
            self.value(item)

    def _mapping(self, value: dict[Any, Any]) -> None:
        if not self._first_time(value):
            return
        try:
            self.key.append((type(value), tuple(value)))
            hash(self.key[-1])
        except TypeError as error:
            raise Unseen("it reads a dict with keys that cannot be compared") from error
        for item in value.values():
            self.value(item)

    def _struct(self, value: struct) -> None:
        self.key.append(struct)
        self._mapping(value.__dict__)

    def _set(self, value: Any) -> None:
        self.key.append((type(value), frozenset(value)))

    def _slice(self, value: slice) -> None:
        self.key.append(slice)
        self._sequence((value.start, value.stop, value.step))

    def _module(self, module: ModuleType, names: frozenset[str]) -> None:
        self.key.append(module.__name__)
        if is_library_module(module):
            refused = impure_attribute(module, names)
            if refused is not None or is_impure(module):
                raise Unseen(
                    f"it uses {module.__name__}{'.' + refused if refused else ''}, "
                    "whose outcome is not fixed by its inputs"
                )
        elif self._first_time(module):
            for name in attributes_read(module, names):
                self.key.append(name)
                self.value(vars(module)[name], names)

    def _class(self, kind: type) -> None:
        self.key.append(kind)
        if is_library_class(kind):
            if is_impure(kind):
                raise Unseen(f"it uses {name_of(kind)}, whose outcome is not fixed by its inputs")
            return
        if self._first_time(kind):
            for base in kind.__mro__[:-1]:
                if not is_library_class(base):
                    self._class_body(base)

    def _class_body(self, kind: type) -> None:
        for name, value in vars(kind).items():
            if name in ("__dict__", "__weakref__", "__doc__", "__module__", "__annotations__"):
                continue
            if isinstance(value, property):
                for part in (value.fget, value.fset):
                    self._fixed(part)
            elif isinstance(value, (staticmethod, classmethod, functools.cached_property)):
                self._fixed(getattr(value, "func", None) or getattr(value, "__func__", None))
            elif type(value).__name__ in ("member_descriptor", "getset_descriptor", "_abc_data"):
                self.key.append(name)
            else:
                self.key.append(name)
                self._fixed(value)

    def _object(self, value: Any) -> None:
        wrapped = getattr(value, "__wrapped__", None)
        if isinstance(wrapped, FunctionType):
            self.key.append(Same(value))
            self._fixed(wrapped)
            return
        if not is_plain_object(value):
            raise Unseen(f"it reads {_describe(value)}, whose state cannot be seen")
        if not self._first_time(value):
            return
        self._class(type(value))
        for name, item in vars(value).items():
            self.key.append(name)
            self.value(item)


_SIMPLE: dict[type, Callable[[Walk, Any], None]] = {
    MethodType: Walk._method,
    functools.partial: Walk._partial,
    list: Walk._sequence,
    tuple: Walk._sequence,
    dict: Walk._mapping,
    collections.OrderedDict: Walk._mapping,
    collections.defaultdict: Walk._mapping,
    struct: Walk._struct,
    set: Walk._set,
    frozenset: Walk._set,
    slice: Walk._slice,
}


def fixed_key(value: Any) -> tuple[Any, ...]:
    """A key of all that a value (say, the function of a functionLayer) reads, arrays by content."""
    walk = Walk(arrays=False)
    walk.value(value)
    return tuple(walk.key)


def _describe(value: Any) -> str:
    kind = type(value)
    return f"an object of type {kind.__module__}.{kind.__qualname__}"


def _is_public(function: FunctionType) -> bool:
    """Whether a library function stands in its module under its name (its closure is fixed then)."""
    return function.__globals__.get(function.__name__) is function or (
        function.__module__.startswith("dltk.")
    )


def _is_node(value: Any) -> bool:
    """Whether JAX knows how to take the value apart (dlarray, dlnetwork, table, ...)."""
    return not jax.tree_util.all_leaves((value,))


def is_plain_object(value: Any) -> bool:
    """Whether the state of an object is just what stands in its ``__dict__``."""
    kind = type(value)
    bases = (b for b in kind.__mro__ if b not in (object,))
    return hasattr(value, "__dict__") and all(
        "__dict__" in vars(b) or not _has_slots(b) for b in bases
    )


def _has_slots(kind: type) -> bool:
    if kind.__flags__ & (1 << 9):  # defined by a class statement
        return bool(vars(kind).get("__slots__"))
    return True


def _cells(function: FunctionType) -> Iterator[Any]:
    for cell in function.__closure__ or ():
        yield cell_value(cell)


def cell_value(cell: CellType) -> Any:
    """What a closure cell holds; a mark for an empty one."""
    try:
        return cell.cell_contents
    except ValueError:
        return MISSING


def _defaults(function: FunctionType) -> tuple[Any, ...]:
    return (function.__defaults__ or (), function.__kwdefaults__ or {})


def globals_of(function: FunctionType, code: CodeType) -> Iterator[tuple[str, Any]]:
    """Names and values of the globals and built-ins that a function names."""
    space = function.__globals__
    for name in facts(code).global_names:
        if name in space:
            yield name, space[name]
        else:
            yield name, getattr(builtins, name, MISSING)


def attributes_read(module: ModuleType, names: frozenset[str]) -> list[str]:
    """Attributes of a user's module that code which knows ``names`` may read."""
    return [name for name in vars(module) if name in names]
