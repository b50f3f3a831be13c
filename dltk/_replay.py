"""Parts of a trace as pure functions, and derivatives of them as operations of the trace.

Such an operation takes the xs and all that the part reads besides, so its result can be
differentiated by any of them, any number of times, with the flops of nested ``jax.grad``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jax.numpy as jnp

from ._derivatives import Function, Handed
from ._numbers import Raw
from ._sharing import Key, Shares, shared
from ._tape import Node, Variable, _key


@dataclass(frozen=True, eq=False)
class Step:
    """An operation of the part, which outlives the trace: ``sources`` are keys or constants."""

    function: Callable[..., Any]
    sources: tuple[tuple[Key | None, Raw], ...]
    keys: tuple[Key, ...]
    single: bool

    @property
    def read(self) -> list[Key]:
        """What it is computed from."""
        return [key for key, _ in self.sources if key is not None]

    def handing_out(self, keys: Sequence[Key]) -> Step:
        """The same with further outputs."""
        assert isinstance(self.function, Shares)
        function = self.function.handing_out(keys)
        return Step(function, self.sources, (*self.keys, *keys), single=False)


class Replay:
    """The part of the trace between xs and y as a pure function of the xs and of all it reads.

    An x that is itself computed from another x enters as an offset of zero added to its computed
    value, so derivatives are total ones, as `pull` gives them.

    Attributes:
        values: What the part reads besides the xs.
        variables: Their variables.
        inner: The keys of what it computes and can hand out.
    """

    def __init__(self, y: Variable, xs: Sequence[Variable], nodes: Sequence[Node]):
        self.y = _key(y)
        self.xs = [_key(x) for x in xs]
        computed = {key for node in nodes for key in node.keys}
        self.offsets = computed.intersection(self.xs)
        outside: dict[Key, tuple[Raw, Variable]] = {}
        steps = []
        for node in nodes:
            sources: list[tuple[Key | None, Raw]] = []
            for value, variable in zip(node.values, node.inputs, strict=True):
                if variable is None:
                    sources.append((None, value))
                    continue
                key = _key(variable)
                sources.append((key, None))
                if key not in computed and key not in self.xs:
                    outside.setdefault(key, (value, variable))
            steps.append(Step(node.function, tuple(sources), node.keys, node.single))
        self._steps = steps
        self._outside = list(outside)
        self.values = [value for value, _ in outside.values()]
        self.variables = [variable for _, variable in outside.values()]
        self.inner: frozenset[Key] = frozenset()
        if not self.offsets:
            within = (s.function.inner for s in steps if isinstance(s.function, Shares))
            self.inner = frozenset(computed).union(*within)

    def at(self, xs: Sequence[Raw]) -> tuple[Raw, ...]:
        """What to pass for the xs, given their values: themselves, or an offset of zero."""
        return tuple(
            jnp.zeros_like(x) if key in self.offsets else x
            for key, x in zip(self.xs, xs, strict=True)
        )

    def function(self, values: Sequence[Raw], keys: Sequence[Key] = ()) -> Function:
        """The function of the xs, given what the part reads besides; ``keys`` are handed out."""
        steps = shared([self.y, *keys], self.xs, self._steps)
        outside = dict(zip(self._outside, values, strict=True))
        return lambda *xs: self._run(steps, outside, xs, keys)

    def _run(
        self,
        steps: Sequence[Step],
        outside: Mapping[Key, Raw],
        xs: Sequence[Raw],
        keys: Sequence[Key],
    ) -> tuple[Raw, Handed]:
        given = dict(zip(self.xs, xs, strict=True))
        held = {**outside, **{key: x for key, x in given.items() if key not in self.offsets}}
        for step in steps:
            out = step.function(*(c if key is None else held[key] for key, c in step.sources))
            for key, value in zip(step.keys, (out,) if step.single else out, strict=True):
                held[key] = value + given[key] if key in self.offsets else value
        return held[self.y], tuple(held[key] for key in keys)


class Derivative(Shares):
    """A derivative of a replayed part, as a pure function on raw arrays.

    Its arguments are the xs, then ``extra`` ones for ``derivative``, then what the part reads.

    Args:
        replay: The part.
        derivative: One of `_derivatives`: takes the part as a function, the xs in a tuple, and the
            extra arguments; returns a result or a tuple of results, and what was handed out.
        extra: How many extra arguments there are.
        later: As for `Shares`. What uses forward mode must go through ``jax.vjp`` at once: only
            then does JAX refuse functions that have no forward mode.
    """

    def __init__(
        self,
        replay: Replay,
        derivative: Callable[..., tuple[Any, Handed]],
        extra: int = 0,
        *,
        later: bool = False,
    ):
        self._replay, self._derivative, self._extra = replay, derivative, extra
        self.inner, self.later = replay.inner, later

    def __call__(self, *values: Raw) -> Any:
        return self._of(values, ())[0]

    def handing_out(self, keys: Sequence[Key]) -> Callable[..., tuple[Any, ...]]:
        """The function that returns values of the part too, after its own outputs."""

        def both(*values: Raw) -> tuple[Any, ...]:
            out, handed = self._of(values, keys)
            return (*(out if isinstance(out, tuple) else (out,)), *handed)

        return both

    def _of(self, values: Sequence[Raw], keys: Sequence[Key]) -> tuple[Any, Handed]:
        count = len(self._replay.xs)
        rest = values[count:]
        function = self._replay.function(rest[self._extra :], keys)
        return self._derivative(function, self._replay.at(values[:count]), *rest[: self._extra])
