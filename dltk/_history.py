"""How often a function was called and compiled, and what made it compile again.

The inputs of each compilation are described (sizes with labels, types, values of strings and
flags), and compared with those of the compilation before.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ._labels import show
from ._reads import NUMBERS, Walk
from ._tree import flatten, in_order, is_whole, tree_util

MANY = 12  # after so many compilations of one function, most of them in vain,
LONG = 30.0  # and so many seconds spent on them, say so


class Input(NamedTuple):
    """One input of a compilation: ``what`` of it was compared, in words, and its identity."""

    what: str
    text: str
    same: Any


@dataclass
class History:
    """The calls and compilations of one function."""

    name: str = ""
    calls: int = 0
    traces: int = 0
    seconds: float = 0.0
    reason: str = ""  # of the last compilation but the first
    told: bool = False
    _inputs: dict[str, Input] = field(default_factory=dict)
    _outside: tuple[Any, ...] = ()

    def note(self, function: Any, call: Any, walk: Walk, seconds: float) -> bool:
        """Remember a compilation; says whether there are too many now, once."""
        self.traces += 1
        self.seconds += seconds
        inputs = dict(_described(function, call))
        outside = (tuple(walk.key), [getattr(leaf, "shape", ()) for leaf in walk.leaves])
        again = inputs == self._inputs and outside == self._outside  # a further try of one call
        if self._outside and not again:
            self.reason = _difference(self._inputs, inputs) or _outside(self._outside, outside)
        self._inputs, self._outside = inputs, outside
        too_many = self.traces >= MANY and self.traces > self.calls / 2 and self.seconds >= LONG
        if not too_many or self.told:
            return False
        self.told = True
        return True


def _described(function: Any, call: Any) -> Iterator[tuple[str, Input]]:
    """The arguments of a call, by name."""
    args, kwargs = call
    names = _argument_names(function)
    for place, value in enumerate(args):
        name = names[place] if place < len(names) else f"argument {place + 1}"
        yield from _parts(name, value)
    for name, value in kwargs.items():
        yield from _parts(name, value)


def _argument_names(function: Any) -> list[str]:
    while hasattr(function, "func") and hasattr(function, "args"):  # a functools.partial
        given = function.args
        function = given[0] if given and callable(given[0]) else function.func
    code = getattr(getattr(function, "__func__", function), "__code__", None)
    if code is None:
        return []
    names = list(code.co_varnames[: code.co_argcount])
    return names[1:] if hasattr(function, "__self__") else names


def _parts(name: str, value: Any) -> Iterator[tuple[str, Input]]:
    if is_whole(value) and not hasattr(value, "dims"):
        leaves, structure = flatten(value)
        sizes = tuple(getattr(leaf, "shape", ()) for leaf in leaves)
        text = f"a {type(value).__name__} of {len(leaves)} arrays"
        yield name, Input("network", text, (structure, sizes))
        return
    paths = tree_util.tree_flatten_with_path(in_order(value), is_leaf=is_whole)[0]
    for path, leaf in paths:
        yield name + tree_util.keystr(path), _input(leaf)


def _input(leaf: Any) -> Input:
    dims = getattr(leaf, "dims", "")
    if hasattr(leaf, "shape") and hasattr(leaf, "dtype"):
        text = show(leaf.shape, dims)
        return Input("size", text, (leaf.shape, dims, str(leaf.dtype)))
    if type(leaf) in NUMBERS:
        return Input("number", repr(leaf), type(leaf))
    text = f"{leaf!r:.40}" if isinstance(leaf, (str, bool, type(None))) else type(leaf).__name__
    return Input("value", text, text)


def _difference(before: dict[str, Input], now: dict[str, Input]) -> str:
    """What differs between the arguments of two compilations, in words; "" for nothing."""
    if list(before) != list(now):
        return "the arguments have another structure"
    for name, new in now.items():
        old = before[name]
        if new.same != old.same:
            if new.what == old.what == "size" and new.text == old.text:
                return f"the type of {name} changes: {new.same[-1]} after {old.same[-1]}"
            return f"the {new.what} of {name} changes: {new.text} after {old.text}"
    for name, new in now.items():
        if new.what == "number" and new.text != before[name].text:
            return (
                f"the number {name} steers what is computed: {new.text} after {before[name].text}"
            )
    return ""


def _outside(before: tuple[Any, ...], now: tuple[Any, ...]) -> str:
    """What differs in what a function reads besides its arguments."""
    if before[0] == now[0]:
        pairs = zip(before[1], now[1], strict=True)
        sizes = next(((a, b) for a, b in pairs if a != b), None)
        if sizes is None:
            return "the types of numbers change"
        old, new = ("×".join(map(str, s)) for s in sizes)
        return f"the size of an array that it reads from outside changes: {new} after {old}"
    pairs = zip(before[0], now[0], strict=False)
    old, new = next(((a, b) for a, b in pairs if a != b), (None, None))
    if isinstance(new, tuple) and isinstance(old, tuple) and new[:1] == old[:1]:
        return f"what it reads changes, such as {new[-1]!r:.40} after {old[-1]!r:.40}"
    return "the structure, the labels or the code of what it reads changes"
