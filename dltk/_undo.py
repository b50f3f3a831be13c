"""What a function changes in things that are not rebuilt for it: noticed, and taken back.

While a program is traced, rebuilt copies keep the user's own objects untouched. Classes, what hangs
on them, and modules' globals written by their methods are shared with the rest of the world; `Undo`
looks at them before and after.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from ._environment import fixed_keys
from ._kinds import MISSING
from ._reads import Walk


class Undo:
    """The state of what a walk found to be shared.

    Args:
        walk: The walk over the function.
    """

    def __init__(self, walk: Walk):
        keys = [key for structure in walk.fixed for key in fixed_keys(structure)]
        shared = [thing for part in (walk, *keys) for thing in part.shared]
        written = [pair for part in (walk, *keys) for pair in part.written]
        self._states = [state for thing in shared for state in _states_of(thing)]
        self._states += [_Globals(space, names) for space, names in written]

    def back(self) -> str | None:
        """Restore what changed; says what it was, or None."""
        changed = [state.what for state in self._states if state.restored()]
        return changed[0] if changed else None


class _Globals:
    """Some names of a module."""

    def __init__(self, space: dict[str, Any], names: Iterable[str]):
        self.what, self._space = "a global", space
        self._before = {name: space.get(name, MISSING) for name in names}

    def restored(self) -> bool:
        now = {name: self._space.get(name, MISSING) for name in self._before}
        changed = [name for name, value in self._before.items() if now[name] is not value]
        for name in changed:
            self._space[name] = self._before[name]
            if self._before[name] is MISSING:
                del self._space[name]
        return bool(changed)


class _Class:
    """The body of a class."""

    def __init__(self, kind: type):
        self.what, self._kind = f"the class {kind.__name__}", kind
        self._before = dict(vars(kind))

    def restored(self) -> bool:
        now = {name: value for name, value in vars(self._kind).items() if not _is_special(name)}
        changed = [n for n in {**self._before, **now} if now.get(n) is not self._before.get(n)]
        changed = [name for name in changed if not _is_special(name)]
        for name in changed:
            if name in self._before:
                setattr(self._kind, name, self._before[name])
            else:
                delattr(self._kind, name)
        return bool(changed)


class _Container:
    """A list, set or dict; the attributes of an object."""

    def __init__(self, held: Any, what: str):
        self.what, self._held = what, held
        self._before = list(_parts(held))

    def restored(self) -> bool:
        now = list(_parts(self._held))
        if len(now) == len(self._before) and all(map(_is, now, self._before)):
            return False
        self._held.clear()
        if isinstance(self._held, dict):
            self._held.update(zip(self._before[::2], self._before[1::2], strict=True))
        elif isinstance(self._held, set):
            self._held.update(self._before)
        else:
            self._held.extend(self._before)
        return True


class _Slots:
    """The slots of an object, such as a dlarray."""

    def __init__(self, held: Any, names: list[str], what: str):
        self.what, self._held = what, held
        self._before = {name: getattr(held, name, MISSING) for name in names}

    def restored(self) -> bool:
        changed = [n for n, v in self._before.items() if getattr(self._held, n, MISSING) is not v]
        for name in changed:
            object.__setattr__(self._held, name, self._before[name])
        return bool(changed)


class _Numbers:
    """The numbers in a NumPy array."""

    what = "a NumPy array"

    def __init__(self, held: np.ndarray):
        self._held, self._before = held, held.copy()

    def restored(self) -> bool:
        if self._held.tobytes() == self._before.tobytes():
            return False
        self._held[...] = self._before
        return True


def _states_of(thing: Any) -> Iterator[Any]:
    what = f"an object of type {type(thing).__name__}"
    if isinstance(thing, type):
        yield _Class(thing)
    elif isinstance(thing, np.ndarray):
        yield _Numbers(thing)
    elif isinstance(thing, (list, set, dict)):
        yield _Container(thing, f"a {type(thing).__name__}")
    elif not isinstance(thing, (tuple, frozenset)):
        if hasattr(thing, "__dict__"):
            yield _Container(vars(thing), what)
        names = [name for base in type(thing).__mro__ for name in getattr(base, "__slots__", ())]
        yield _Slots(thing, [name for name in names if not _is_special(name)], what)


def _is(a: Any, b: Any) -> bool:
    return a is b


def _is_special(name: str) -> bool:
    return name[:2] == "__" == name[-2:]


def _parts(held: Any) -> Iterator[Any]:
    if isinstance(held, dict):
        for pair in held.items():
            yield from pair
    else:
        yield from held


def fingerprints(arrays: Iterable[np.ndarray]) -> list[int]:
    """A number for the content of each array, to notice changes in place.

    >>> a = np.zeros(3)
    >>> before = fingerprints([a])
    >>> a += 1
    >>> fingerprints([a]) == before
    False
    """
    return [zlib.crc32(np.ascontiguousarray(array).view(np.uint8).data) for array in arrays]
