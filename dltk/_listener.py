"""Who is told what happens while a function runs; the tools of `debug` listen, nobody else does."""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Iterator, Sequence
from typing import Any


class Listener:
    """Told of operations, layers and derivatives in the order in which they happen.

    Attributes:
        path: Names of the layers that are running, the outermost first.
    """

    def __init__(self) -> None:
        self.path: tuple[str, ...] = ()

    def operation(self, name: str, inputs: Sequence[Any], results: Sequence[Any]) -> None:
        """An operation made dlarrays from dlarrays, numbers and plain arrays."""

    def layer(self, kind: str, outputs: Sequence[Any]) -> None:
        """The layer at the end of ``path`` has returned its outputs."""

    def derivative(self, y: Any, xs: Sequence[Any], nodes: Sequence[Any], *, pulled: bool) -> None:
        """A derivative of ``y`` by ``xs`` (variables) is taken on the way back through ``nodes``.

        ``pulled`` says whether by their recorded pullbacks, or by one operation that replays them.
        """


_told: contextvars.ContextVar[Listener | None] = contextvars.ContextVar("listener", default=None)


def listener() -> Listener | None:
    """Who listens in this thread."""
    return _told.get()


@contextlib.contextmanager
def listening(who: Listener) -> Iterator[None]:
    """Inside, ``who`` is told what happens in this thread."""
    token = _told.set(who)
    try:
        yield
    finally:
        _told.reset(token)


@contextlib.contextmanager
def in_path(name: str) -> Iterator[None]:
    """Inside, the layer of that name runs."""
    who = _told.get()
    if who is None:
        yield
        return
    outer, who.path = who.path, (*who.path, name)
    try:
        yield
    finally:
        who.path = outer
