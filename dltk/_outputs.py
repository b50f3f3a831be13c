"""What a traced function returned: which parts a program computes, and which are given."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import jax
import numpy as np
from jax.core import Tracer

from ._environment import nodes
from ._kinds import kind_of
from ._rebuild import Unknown
from ._struct import struct
from ._tree import InOrder, as_filled, in_order, is_whole

tree_util = jax.tree_util

# Returned as it is in every call: nothing that could hold a value of the program, or change
FIXED = frozenset(("number", "array", "constant", "enum", "set"))


class Recipe:
    """How outputs are put together from the arrays that a program returns.

    Args:
        outputs: What the function returned while it was traced.
        inputs: The traced leaves of its inputs: those among the outputs are handed through.
    """

    def __init__(self, outputs: Any, inputs: Iterable[Any]):
        places = {id(leaf): place for place, leaf in enumerate(inputs)}
        tree = tree_util.tree_map(lambda v: _marked(v, places), in_order(outputs), is_leaf=is_whole)
        leaves, self._structure = tree_util.tree_flatten(tree)
        found = list(nodes(self._structure))
        for word in _words(found):
            _refuse_text(word)
        self._reorder = any(kind is InOrder for kind, _ in found)
        self._makers = [_maker(leaf) for leaf in leaves]
        self._plain = all(maker is _computed for maker in self._makers)
        self.computed = [leaf for leaf in map(_traced, leaves) if leaf is not None]

    def build(self, arrays: Iterable[Any], inputs: list[Any]) -> Any:
        """The outputs of one call."""
        if not self._plain:
            values = iter(arrays)
            arrays = [maker(values, inputs) for maker in self._makers]
        out = tree_util.tree_unflatten(self._structure, arrays)
        return as_filled(out) if self._reorder else out


class _Mark:
    """An output outside of dlarrays: how it is made in each call."""

    __slots__ = ("make", "traced")

    def __init__(self, make: Callable[..., Any], traced: Any = None):
        self.make, self.traced = make, traced


def _computed(values: Any, inputs: list[Any]) -> Any:
    return next(values)


def _number(values: Any, inputs: list[Any]) -> Any:
    return next(values).item()


def _given(value: Any) -> Callable[..., Any]:
    if isinstance(value, np.ndarray):
        return lambda values, inputs: value.copy()
    return lambda values, inputs: value


def _handed_through(place: int) -> Callable[..., Any]:
    def make(values: Any, inputs: list[Any]) -> Any:
        value = inputs[place]
        return value.copy() if isinstance(value, np.ndarray) else value

    return make


def _marked(value: Any, places: dict[int, int]) -> Any:
    """One output, marked unless it is a dlarray or network of traced values."""
    if is_whole(value):
        return value
    if isinstance(value, Tracer):
        if id(value) in places:
            return _Mark(_handed_through(places[id(value)]))
        weak = value.weak_type and value.ndim == 0  # made of Python numbers alone
        return _Mark(_number if weak else _computed, value)
    if isinstance(value, str):
        _refuse_text(value)
    if kind_of(value) not in FIXED:
        name = type(value).__name__
        raise Unknown(f"it returns an object of type {name}, which may hold values")
    return _Mark(_given(value))


def _refuse_text(text: str) -> None:
    """Text made from a value that is not known: it would be the same in every call."""
    if "Tracer(" in text or "while dlfeval compiles" in text:
        raise Unknown("it makes a text of a value")


def _maker(leaf: Any) -> Callable[..., Any]:
    if isinstance(leaf, _Mark):
        return leaf.make
    return _computed if isinstance(leaf, Tracer) else _given(leaf)


def _traced(leaf: Any) -> Any:
    if isinstance(leaf, _Mark):
        return leaf.traced
    return leaf if isinstance(leaf, Tracer) else None


def _words(found: Iterable[tuple[type, Any]]) -> Iterator[str]:
    """Keys of dicts and names of fields, which are texts as well."""
    for kind, data in found:
        if kind is InOrder:
            yield from (key for _, key in data if isinstance(key, str))
        elif kind in (dict, struct) and data:
            yield from data
