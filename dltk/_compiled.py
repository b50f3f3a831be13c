"""One compiled program: a function, rebuilt around traced leaves, as JAX compiles it.

Which of the plain numbers that the function reads are inputs of the program, and which are part of
its key, is found out by trying (`Entry`).
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from typing import Any

import jax
from jax.extend.core import jaxpr_as_fun

from . import _random
from ._code import where
from ._environment import Unseen, impure
from ._numbers import Raw
from ._outputs import Recipe
from ._reads import Walk
from ._rebuild import Rebuilt, Unknown
from ._spare import Spare, on_one_cpu
from ._undo import Undo
from ._watch import forbidding, watching

MOST_VALUES = 8  # programs of one function that differ in plain numbers only
MOST_FREED = 4  # numbers that change at once and are tried one by one

VALUE_ERRORS = (
    jax.errors.ConcretizationTypeError,
    jax.errors.TracerArrayConversionError,
    jax.errors.TracerIntegerConversionError,
    jax.errors.TracerBoolConversionError,
    jax.errors.NonConcreteBooleanIndexError,
    Unknown,
)

Runner = Callable[..., Any]  # (function, args, kwargs) -> outputs, while tracing
Call = tuple[tuple[Any, ...], dict[str, Any]]


class SideEffect(Exception):
    """The function changed something outside itself while it was traced."""


class Result:
    """What a program returns: arrays, the advanced random key, how to put the arrays together."""

    __slots__ = ("arrays", "key", "recipe")

    def __init__(self, arrays: list[Raw], key: Raw | None, recipe: Recipe):
        self.arrays, self.key, self.recipe = arrays, key, recipe


jax.tree_util.register_pytree_node(
    Result,
    lambda result: ((result.arrays, result.key), result.recipe),
    lambda recipe, parts: Result(*parts, recipe),
)


class _Pending(threading.local):
    """The call for which a program is being run in this thread: what to trace, if it must be."""

    call: tuple[Any, Call, Walk] | None = None


_pending = _Pending()
_no_lock = contextlib.nullcontext()


class Program:
    """One compiled function, for all sizes of its inputs.

    Args:
        runner: Runs the function while it is traced.
        fixed: Places of the leaves (plain numbers) that are not inputs but part of the key.
    """

    def __init__(self, runner: Runner, fixed: tuple[int, ...] = ()):
        self.fixed = fixed
        self.traces = 0
        self.draws: bool | None = None  # None: not known yet
        self.asked: frozenset[int] = frozenset()  # leaves whose type the function asked for
        self.compiled = jax.jit(self._trace)
        self._runner = runner

    def _trace(self, key: Raw, leaves: list[Raw]) -> Result:
        assert _pending.call is not None
        function, call, walk = _pending.call
        self.traces += 1
        undo = Undo(walk)
        rebuilt = Rebuilt(walk, leaves, self.fixed)
        stream = _random.Stream(key)
        try:
            function, args, kwargs = rebuilt.call(function, call)
            with (
                _random.drawing_from(stream),
                watching((*VALUE_ERRORS, Unseen), walk.catches) as hidden,
                forbidding(walk.watched, impure),
            ):
                recipe = Recipe(self._runner(function, args, kwargs), leaves)
        finally:
            changed = undo.back()
        if hidden:
            raise Unknown(f"a try statement hides that {_reason(hidden[0])}")
        changed = changed or rebuilt.effects()
        if changed:
            raise SideEffect(f"it changes {changed} outside itself")
        self.draws = bool(self.draws) or stream.drawn
        self.asked |= rebuilt.asked
        return Result(recipe.computed, stream.key if stream.drawn else None, recipe)

    def run(self, function: Any, call: Call, walk: Walk) -> Any:
        """The outputs of one call, whose inputs are in ``walk``."""
        outer, _pending.call = _pending.call, (function, call, walk)
        try:
            with _no_lock if self.draws is False else _random.generator.lock:
                stream = _random.current()
                with jax.enable_x64(True):
                    result = self._results(stream.key, walk.leaves)
                if result.key is not None:
                    stream.advance(result.key)
        finally:
            _pending.call = outer
        return result.recipe.build(result.arrays, walk.leaves)

    def _results(self, key: Raw, leaves: list[Raw]) -> Result:
        return self.compiled(key, leaves)

    def lowered(self, function: Any, call: Call, walk: Walk) -> Any:
        """The program before compilation, as `jax.jit(...).lower` gives it."""
        outer, _pending.call = _pending.call, (function, call, walk)
        try:
            with jax.enable_x64(True):
                return self.compiled.lower(_random.current().key, walk.leaves)
        finally:
            _pending.call = outer


class ThriftyProgram(Program):
    """A program for one size of its inputs that puts its results where old ones were (`_spare`).

    It is traced once; then the old results become further inputs, unused but donated.
    """

    _compute: Callable[..., list[Raw]] | None = None

    def _results(self, key: Raw, leaves: list[Raw]) -> Result:
        if not on_one_cpu(leaves):
            return self.compiled(key, leaves)
        if self._compute is None:
            self._make(key, leaves)
        assert self._compute is not None
        results = self._compute(self._spare.take(), key, *leaves)
        self._spare.keep(results)
        return jax.tree_util.tree_unflatten(self._structure, results)

    def _make(self, key: Raw, leaves: list[Raw]) -> None:
        traced = self.compiled.trace(key, leaves)
        shapes, self._structure = jax.tree_util.tree_flatten(traced.out_info)
        self._spare = Spare(shapes)
        function = jaxpr_as_fun(traced.jaxpr)
        self._compute = jax.jit(
            lambda spare, *inputs: function(*inputs), donate_argnums=0, keep_unused=True
        )


class Failure:
    """Why a program could not be made, and where."""

    def __init__(self, error: Exception):
        self.final = isinstance(error, (SideEffect, Unseen))
        self.reason = _reason(error)
        self.place = where(error)


class Entry:
    """The programs of one key. They differ in the values of the numbers that are not inputs."""

    def __init__(self) -> None:
        self.fixed: tuple[int, ...] = ()
        self.asked: tuple[int, ...] = ()
        self.steering: frozenset[int] = frozenset()  # of those, the ones that cannot be inputs
        self.programs: dict[tuple[Any, ...], Program] = {}
        self.tried = False  # whether it was run once to see if it changes arrays in place
        self.eager = False  # whether it cannot be compiled

    def values(self, walk: Walk) -> tuple[Any, ...]:
        """The numbers of a call that are part of the key, and types that were asked for."""
        leaves = walk.leaves
        return (
            *[(type(leaves[i]), repr(leaves[i])) for i in self.fixed],
            *[type(leaves[i]) for i in self.asked],
        )

    def find(self, walk: Walk) -> Program | None:
        """The program for a call, if it is there."""
        return self.programs.get(self.values(walk) if self.fixed or self.asked else ())

    def choices(self, walk: Walk) -> list[tuple[int, ...]]:
        """Which numbers to fix in a new program, best first."""
        everything = tuple(walk.numbers)
        if not self.programs or not self.fixed:
            return [(), everything] if everything else [()]
        changed = self._changed(walk)
        free = changed - self.steering
        found = [tuple(place for place in self.fixed if place not in free)]
        if 1 < len(free) <= MOST_FREED:  # perhaps one of them steers, and the others do not
            found += [tuple(p for p in self.fixed if p not in free or p == one) for one in free]
        return [*found, self.fixed] if free else [self.fixed]

    def _changed(self, walk: Walk) -> frozenset[int]:
        last = next(reversed(self.programs))
        pairs = zip(self.fixed, last, self.values(walk), strict=False)
        return frozenset(place for place, before, now in pairs if before != now)

    def keep(self, program: Program, walk: Walk) -> None:
        """Remember a program that could be made."""
        if self.programs and self.fixed:
            self.steering |= self._changed(walk).intersection(program.fixed)
        asked = tuple(sorted(program.asked.union(self.asked)))
        if (program.fixed, asked) != (self.fixed, self.asked):
            self.programs.clear()
            self.fixed, self.asked = program.fixed, asked
        self.programs[self.values(walk)] = program


def _reason(error: BaseException) -> str:
    if isinstance(error, (SideEffect, Unseen, Unknown)):
        return str(error)
    if isinstance(error, VALUE_ERRORS):
        return "it needs a value that is not known while compiling"
    lines = str(error).splitlines() or [""]
    return f"it cannot be compiled ({type(error).__name__}: {lines[0]})"
