"""What sort of thing a value is, for the walk over all that a function reads.

Decided by type and remembered. `Walk` and `Rebuilt` both ask here, so that they agree.
"""

from __future__ import annotations

import abc
import collections
import enum
import fractions
import functools
import pathlib
import re
from types import (
    BuiltinFunctionType,
    ClassMethodDescriptorType,
    FunctionType,
    GetSetDescriptorType,
    MemberDescriptorType,
    MethodDescriptorType,
    MethodType,
    MethodWrapperType,
    ModuleType,
    SimpleNamespace,
    WrapperDescriptorType,
)
from typing import Any

import jax
import numpy as np
from jax.core import Tracer

from ._libraries import class_standing
from ._struct import struct

MISSING = "<missing>"

_EXACT: dict[type, str] = {
    int: "number",
    float: "number",
    complex: "number",
    np.ndarray: "array",
    FunctionType: "function",
    MethodType: "method",
    functools.partial: "partial",
    jax.tree_util.Partial: "partial",
    list: "list",
    tuple: "tuple",
    dict: "dict",
    collections.OrderedDict: "dict",
    collections.defaultdict: "dict",
    struct: "struct",
    set: "set",
    frozenset: "set",
    slice: "slice",
    SimpleNamespace: "object",
}
_CONSTANT = (
    *(str, bool, bytes, type(None), type(Ellipsis), type(NotImplemented), range, object),
    *(re.Pattern, fractions.Fraction, np.bool_, MemberDescriptorType, GetSetDescriptorType),
    type(collections.namedtuple("_Pair", "a").a),  # pyright: ignore[reportAttributeAccessIssue]
    type(abc.ABC._abc_impl),  # pyright: ignore[reportAttributeAccessIssue]
)
_BUILTIN = (
    *(BuiltinFunctionType, WrapperDescriptorType, MethodWrapperType, MethodDescriptorType),
    *(ClassMethodDescriptorType, np.ufunc, type(np.dot)),
)
_EXACT.update(dict.fromkeys(_CONSTANT, "constant"))
_EXACT.update(dict.fromkeys(_BUILTIN, "builtin"))
_REFUSED = (functools._lru_cache_wrapper, np.ndarray)
_kinds: dict[type, str] = dict(_EXACT)


class _Plain:
    pass


def kind_of(value: Any) -> str:
    """The sort of a value: "number", "array", "function", "object", ..., or "refused"."""
    found = _kinds.get(type(value))
    if found is None:
        if len(_kinds) > 4096:  # classes made in a loop
            _kinds.clear()
            _kinds.update(_EXACT)
        found = _kinds[type(value)] = _classify(value)
    return found


def _classify(value: Any) -> str:
    kind = type(value)
    if issubclass(kind, enum.Enum):
        return "enum"
    if issubclass(kind, np.bool_ | np.dtype | pathlib.PurePath):
        return "constant"
    if issubclass(kind, np.number):
        return "number"
    if isinstance(value, (jax.Array, Tracer)):
        return "array"
    if issubclass(kind, ModuleType):
        return "module"
    if issubclass(kind, type):
        return "class"
    if issubclass(kind, _REFUSED):
        return "refused"
    if hasattr(kind, "_dlfeval"):
        return "accelerated"
    if not jax.tree_util.all_leaves((value,)):
        return "node"
    return _classify_object(value, class_standing(kind))


def _classify_object(value: Any, standing: str) -> str:
    kind = type(value)
    if standing == "impure":
        return "refused"
    if standing == "pure":
        if issubclass(kind, (int, float, complex, str)):
            return "constant"
        if kind.__module__ == "typing" or kind.__module__ == "types":
            return "same"
        if hasattr(value, "__wrapped__"):
            return "wrapper"
    if is_plain(kind):
        return "object"
    if kind.__module__.partition(".")[0] not in ("jax", "jaxlib"):
        return "refused"
    return "constant" if kind.__hash__ not in (None, object.__hash__) else "same"


def is_plain(kind: type) -> bool:
    """Whether the state of objects of a class is just what stands in their ``__dict__``."""
    if kind is SimpleNamespace:
        return True
    return (
        kind.__dictoffset__ != 0
        and kind.__basicsize__ <= _Plain.__basicsize__
        and kind.__itemsize__ == 0
        and not hasattr(kind, "__del__")
    )
