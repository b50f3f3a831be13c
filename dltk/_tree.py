"""Trees with dicts in the order in which they were filled.

JAX sorts the keys of a dict, and takes 1 for True.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import jax

from ._struct import struct

tree_util = jax.tree_util


class InOrder:
    """A dict whose keys do not stand in sorted order, while it is part of a JAX tree."""

    __slots__ = ("keys", "values")

    def __init__(self, keys: tuple[Any, ...], values: Iterable[Any]):
        self.keys, self.values = keys, values


def _typed(keys: tuple[Any, ...]) -> tuple[tuple[type, Any], ...]:
    return tuple((type(key), key) for key in keys)  # 1 == True == 1.0 in Python


tree_util.register_pytree_with_keys(
    InOrder,
    lambda d: (
        tuple(zip(map(tree_util.DictKey, d.keys), d.values, strict=True)),
        _typed(d.keys),
    ),
    lambda typed, values: InOrder(tuple(key for _, key in typed), values),
    lambda d: (d.values, _typed(d.keys)),
)


def in_order(tree: Any) -> Any:
    """The same tree with `InOrder` in place of dicts that JAX would sort."""
    kind = type(tree)
    if kind is dict:
        parts = [in_order(value) for value in tree.values()]
        keys = tuple(tree)
        if not _are_sorted_words(keys):
            return InOrder(keys, parts)
        return dict(zip(keys, parts, strict=True))
    if kind is tuple or kind is list:
        return kind([in_order(part) for part in tree])
    if kind is struct:
        return _struct_of(tree, in_order)
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return kind(*(in_order(part) for part in tree))
    return tree


def as_filled(tree: Any) -> Any:
    """What `in_order` changed, changed back."""
    kind = type(tree)
    if kind is InOrder:
        return dict(zip(tree.keys, map(as_filled, tree.values), strict=True))
    if kind is dict:
        return {key: as_filled(value) for key, value in tree.items()}
    if kind is tuple or kind is list:
        return kind([as_filled(part) for part in tree])
    if kind is struct:
        return _struct_of(tree, as_filled)
    if isinstance(tree, tuple) and hasattr(tree, "_fields"):
        return kind(*(as_filled(part) for part in tree))
    return tree


def _struct_of(s: struct, function: Callable[[Any], Any]) -> struct:
    made = object.__new__(struct)
    made.__dict__.update((name, function(value)) for name, value in s.__dict__.items())
    return made


def _are_sorted_words(keys: tuple[Any, ...]) -> bool:
    last = ""
    for key in keys:
        if type(key) is not str or key < last:
            return False
        last = key
    return True


def is_whole(x: Any) -> bool:
    """Whether a value counts as one thing where arrays are told apart: a dlarray, a dlnetwork."""
    return hasattr(type(x), "_variable") or hasattr(type(x), "_map_arrays")


def flatten(tree: Any, is_leaf: Callable[[Any], bool] | None = None) -> tuple[list[Any], Any]:
    """Leaves of a tree and its structure, dicts in the order in which they were filled.

    >>> flatten({"b": 1, "a": [2, 3]})[0]
    [1, 2, 3]
    """
    return tree_util.tree_flatten(in_order(tree), is_leaf=is_leaf)


def unflatten(structure: Any, leaves: Sequence[Any]) -> Any:
    """The tree of that structure with these leaves.

    >>> unflatten(flatten({"b": 1, "a": 2})[1], [5, 6])
    {'b': 5, 'a': 6}
    """
    return as_filled(tree_util.tree_unflatten(structure, leaves))


def map_tree(
    function: Callable[[Any], Any], tree: Any, is_leaf: Callable[[Any], bool] | None = None
) -> Any:
    """The tree with ``function`` of every leaf."""
    leaves, structure = flatten(tree, is_leaf)
    return unflatten(structure, [function(leaf) for leaf in leaves])
