"""Memory of results that nobody holds any more, given to the next call of the same program.

A training loop makes new parameters and averages in every iteration, and drops the old ones. Fresh
memory for them is dear (on a CPU it costs a third of the time of a small network's iteration), but
to donate the *inputs* of a call, as hand-written JAX does, would break the promise that a dlnetwork
is a value: ``best = net`` must stay what it was. So the results of the call before last are kept.
Those that nobody else refers to by now are the memory for the new results; for the others there is
fresh memory, and they stay untouched. When the last results die, as at the end of training, nothing
is kept.
"""

from __future__ import annotations

import sys
import threading
import weakref
from collections.abc import Sequence
from typing import Any

import jax
import jax.numpy as jnp

from ._numbers import Raw

LEAST = 1024  # bytes; smaller results are not worth a further input of the program


def _references(held: list[Any], place: int) -> int:
    return sys.getrefcount(held[place])


_ONLY_OURS = _references([object()], 0)  # differs between versions of Python


class Spare:
    """The memory of old results of one program.

    Args:
        shapes: Shapes and types of all results.
    """

    def __init__(self, shapes: Sequence[jax.ShapeDtypeStruct]):
        sizes = [shape.size * shape.dtype.itemsize for shape in shapes]
        self._places = [place for place, size in enumerate(sizes) if size >= LEAST]
        self._shapes = [shapes[place] for place in self._places]
        self._newer: list[weakref.ref[Any]] = []
        self._older: list[Any] = []
        self._lock = threading.RLock()

    def take(self) -> list[Raw]:
        """An array for each large result; a call may use their memory, nobody else knows them."""
        with self._lock:
            older = self._older or [None] * len(self._shapes)
            self._older = [held() for held in self._newer]
        for place, shape in enumerate(self._shapes):
            if older[place] is None or _references(older, place) > _ONLY_OURS:
                older[place] = jnp.zeros(shape.shape, shape.dtype)
        return older

    def keep(self, results: Sequence[Raw]) -> None:
        """Remember all results of a call; after the next call their memory may be used."""
        with self._lock:
            self._newer = [weakref.ref(results[p], self._forget) for p in self._places]

    def _forget(self, died: weakref.ref[Any]) -> None:
        """If all the last results are gone, and no call came after them, keep nothing."""
        with self._lock:
            if all(held() is None for held in self._newer):
                self._newer, self._older = [], []


def on_one_cpu(leaves: Sequence[Any]) -> bool:
    """Whether a program with these inputs runs on one CPU device, where fresh memory is dear."""
    if jax.default_backend() == "cpu" and jax.device_count() == 1:
        return True
    used = {d for leaf in leaves if isinstance(leaf, jax.Array) for d in leaf.devices()}
    return len(used) == 1 and used.pop() == jax.devices("cpu")[0]
