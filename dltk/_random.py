"""The generator behind `rng`: one seed, two streams.

The *host* stream is MATLAB's own (Mersenne Twister): `rand`, `randi` and `shuffle` called outside
`dlfeval` draw from it, so `rng(5); rand(3)` prints MATLAB's numbers. The *device* stream is a JAX
key: it serves whatever runs inside `dlfeval` (dropout, `rand`, `randn`). A compiled program takes
the key in and hands the advanced key out, so every call draws anew, and the same seed gives the
same numbers whether compiled or not.
"""

from __future__ import annotations

import contextlib
import contextvars
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from ._errors import StateError
from ._numbers import Raw, is_known

MATLAB_DEFAULT = 5489  # what MATLAB's seed 0 stands for


@dataclass
class Stream:
    """A JAX key that `draw` advances; inside a compiled program the key is traced."""

    key: Raw
    drawn: bool = False

    def advance(self, key: Raw) -> None:
        """Go on with another key."""
        if self is generator.device and not is_known(key):
            raise StateError(
                "Random numbers cannot be drawn inside a JAX transformation of your own.",
                fix="Call dlfeval outside of jax.jit, jax.grad and jax.vmap.",
            )
        self.key = key
        self.drawn = True


class Generator:
    """Seed and state of both streams."""

    def __init__(self, seed: int = 0):
        self.lock = threading.RLock()
        self.seed(seed)

    def seed(self, seed: int) -> None:
        self.number = seed
        self.host = np.random.RandomState(seed or MATLAB_DEFAULT)
        self.device = Stream(_key(seed))

    def state(self) -> dict[str, Any]:
        return {"host": self.host.get_state(), "device": np.asarray(self.device.key)}

    def restore(self, seed: int, state: dict[str, Any]) -> None:
        self.number = seed
        self.host.set_state(state["host"])
        self.device = Stream(np.asarray(state["device"]))


def _key(seed: int) -> np.ndarray:
    """The two words of a Threefry key, as `jax.random.key` makes them from a seed."""
    return np.array([seed >> 32 & 0xFFFFFFFF, seed & 0xFFFFFFFF], dtype=np.uint32)


generator = Generator()
_inside: contextvars.ContextVar[Stream | None] = contextvars.ContextVar("stream", default=None)


def host() -> np.random.RandomState:
    """MATLAB's stream, for numbers drawn outside dlfeval."""
    return generator.host


def inside() -> bool:
    """Whether a dlfeval is running in this thread."""
    return _inside.get() is not None


def tracing() -> bool:
    """Whether a program is being traced in this thread."""
    stream = _inside.get()
    return stream is not None and stream is not generator.device


def current() -> Stream:
    """The stream that `draw` advances."""
    return _inside.get() or generator.device


def draw() -> Raw:
    """A fresh key from the device stream (a raw Threefry key of two words)."""
    stream = current()
    with generator.lock:
        keys = jax.random.split(jax.random.wrap_key_data(stream.key, impl="threefry2x32"), 2)
        stream.advance(jax.random.key_data(keys[0]))
        return jax.random.key_data(keys[1])


@contextlib.contextmanager
def drawing_from(stream: Stream) -> Iterator[Stream]:
    """Inside, `draw` advances ``stream``."""
    token = _inside.set(stream)
    try:
        yield stream
    finally:
        _inside.reset(token)


@contextlib.contextmanager
def unadvanced() -> Iterator[None]:
    """Afterwards both streams stand where they stood: a look at a function costs no numbers."""
    stream, host_state = current(), generator.host.get_state()
    key, drawn = stream.key, stream.drawn
    try:
        yield
    finally:
        stream.key, stream.drawn = key, drawn
        generator.host.set_state(host_state)
