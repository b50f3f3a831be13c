"""Values to JSON and arrays.

A value becomes a *node*. None, a logical, a whole number, a float and a text stand for themselves,
a list for a list. Everything else is an object with one key, the tag of its kind: ``{"struct":
{"fields": {...}}}``, ``{"array": {"name": "net/Learnables/fc/Weights", "type": "float32", "size":
[10, 784]}}``.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from .._errors import OptionError
from .._numbers import describe
from .._ties import Tie
from ._kinds import Fixed, Inner, Items, Option, kind_of

Node = Any

# The number types that every reader of the file format has; others are stored as bytes.
STORED = frozenset(
    [
        "bool",
        "int8",
        "int16",
        "int32",
        "int64",
        "uint8",
        "uint16",
        "uint32",
        "uint64",
        "float16",
        "float32",
        "float64",
    ]
)


def is_handle(value: Any) -> bool:
    """Whether a value is an object with a state: a queue, a monitor, one of the user's own."""
    return not isinstance(value, type) and all(
        callable(getattr(value, name, None)) for name in ("get_state", "set_state")
    )


class Encoder:
    """Gathers the arrays of what it encodes.

    Args:
        states: Whether to ask objects for their states; without it only for their classes.

    Attributes:
        arrays: The arrays by name.
    """

    def __init__(self, *, states: bool = True):
        self.states = states
        self.arrays: dict[str, np.ndarray] = {}
        self._ties: dict[Tie, int] = {}
        self._around: list[int] = []

    def node(self, value: Any, path: str) -> Node:
        """The node of a value; ``path`` is its place, for the names of arrays and for messages."""
        if value is None or type(value) in (bool, int, str):
            return value
        if type(value) is float:
            return value if math.isfinite(value) else {"float": repr(value)}
        if isinstance(value, np.ndarray):
            return self._array(value, path)
        if isinstance(value, np.generic):
            return {"scalar": self._array(np.asarray(value), path)}
        if isinstance(value, Tie):
            return {"tie": self._ties.setdefault(value, len(self._ties))}
        if id(value) in self._around:
            raise OptionError(f"save: {path} contains itself.", fix="Save it in another form.")
        self._around.append(id(value))
        try:
            return self._compound(value, path)
        finally:
            self._around.pop()

    def _compound(self, value: Any, path: str) -> Node:
        if isinstance(value, Inner):
            return {"parts": {k: self.node(v, path) for k, v in value.items()}}
        if isinstance(value, Items):
            return {"fields": {k: self.node(v, f"{path}/{k}") for k, v in value.items()}}
        if isinstance(value, Fixed):
            return {"fixed": self._each(value, path)}
        if type(value) is list:
            return self._each(value, path)
        if isinstance(value, Option):
            return self._option(value.value, path)
        kind = kind_of(value)
        if kind is not None:
            return {kind.tag: self.node(kind.parts(value), path)}
        if is_handle(value):
            state = self.node(value.get_state(), path) if self.states else None
            return {"object": {"class": type(value).__name__, "state": state}}
        raise OptionError(
            f"save: {path} is {describe(value)}, which cannot be saved.",
            fix="Numbers, text, arrays, dlarrays, networks, tables, structs, lists, tuples, dicts "
            "can, states of solvers, and objects with get_state() and set_state(state).",
        )

    def _each(self, values: Any, path: str) -> list[Node]:
        return [self.node(value, f"{path}/{i}") for i, value in enumerate(values)]

    def _option(self, value: Any, path: str) -> Node:
        before = dict(self.arrays)
        try:
            return self.node(value, path)
        except OptionError:
            self.arrays = before
            return {"external": describe(value)}

    def _array(self, array: np.ndarray, path: str) -> Node:
        array = np.asarray(array)  # a memory-mapped one, too
        if array.dtype.kind == "U":
            return {"texts": {"size": list(array.shape), "items": array.ravel().tolist()}}
        if array.dtype.hasobject or array.dtype.fields:
            raise OptionError(
                f"save: {path} is an array of {array.dtype}, which cannot be saved.",
                fix="Save a list of its elements, or one array for each field.",
            )
        array = array.astype(array.dtype.newbyteorder("="), copy=False)
        # The writer stores memory as it lies, so elements must lie row by row.
        bits = np.ascontiguousarray(array).reshape(array.shape)
        if array.dtype.name not in STORED:
            bits = bits.reshape(-1).view(np.uint8)
        while path in self.arrays:
            path += "'"
        self.arrays[path] = bits
        return {"array": {"name": path, "type": str(array.dtype), "size": list(array.shape)}}
