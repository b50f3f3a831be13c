"""Compiled programs of `dlfeval`: made once, found again by what they depend on, never stale.

`Programs.call` walks over all that the function reads (`_reads.Walk`): the key names the program, the
leaves are its inputs. If it is new, JAX traces the function, rebuilt around traced leaves. What cannot be
traced goes down a ladder, remembered per function and announced once:

1. Python numbers are inputs like arrays (an epoch counter does not recompile);
2. Python numbers are part of the key (``if epoch > 5`` works, each value compiles anew);
3. no compiling: the same code on the same tape, with known values.
"""

from __future__ import annotations

import collections
import os
import threading
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import jax
import numpy as np

from . import _random
from ._code import name_of, user_level, where
from ._errors import DltkWarning
from ._numbers import Raw
from ._reads import Unseen, Walk
from ._rebuild import Rebuilt

TRACED, BY_VALUE, EAGER = 0, 1, 2
MOST_PROGRAMS = 256  # kept per process; the one not used for longest goes first
MOST_VALUES = 8  # programs per function that differ in plain numbers only, before running eagerly

Runner = Callable[..., Any]  # (function, args, kwargs) -> outputs, while tracing


class SideEffect(Exception):
    """The function changed something outside itself while it was traced."""


@jax.tree_util.register_static
@dataclass(frozen=True, eq=False)
class Fixed:
    """An output that is no array: the same in every call of one compiled program."""

    value: Any


def fix_outputs(out: Any) -> Any:
    """Outputs with everything that is not a value of the program wrapped in `Fixed`."""
    return jax.tree_util.tree_map(lambda v: v if isinstance(v, jax.core.Tracer) else Fixed(v), out)


def _unfix(value: Any) -> Any:
    if not isinstance(value, Fixed):
        return value
    return value.value.copy() if isinstance(value.value, np.ndarray) else value.value


class Program:
    """One compiled function (for all sizes of its inputs)."""

    def __init__(self, function: Any, call: tuple[Any, Any], runner: Runner, *, numbers: bool):
        self.function, self.call = function, call
        self.traces = 0
        self.has_fixed = True
        self._runner = runner
        self._numbers = numbers
        self.compiled = jax.jit(self._trace)

    def _trace(self, key: Raw, leaves: list[Raw]) -> tuple[Any, Raw | None]:
        self.traces += 1
        rebuilt = Rebuilt(leaves, numbers=self._numbers)
        function = rebuilt.value(self.function)
        args, kwargs = rebuilt.tree(self.call)
        stream = _random.Stream(key, compiling=True)
        with _random.drawing_from(stream):
            out = fix_outputs(self._runner(function, args, kwargs))
        changed = rebuilt.effects()
        if changed is not None:
            raise SideEffect(f"it changes {changed} outside itself")
        fixed = jax.tree_util.tree_leaves(out, is_leaf=lambda v: isinstance(v, Fixed))
        self.has_fixed = any(isinstance(v, Fixed) for v in fixed)
        return out, stream.key if stream.drawn else None

    def __call__(self, function: Any, call: tuple[Any, Any], leaves: list[Any]) -> Any:
        self.function, self.call = function, call
        stream = _random.generator.device
        with jax.enable_x64(True):
            out, advanced = self.compiled(stream.key, leaves)
        if advanced is not None:
            stream.key = advanced
        if not self.has_fixed:
            return out
        return jax.tree_util.tree_map(_unfix, out, is_leaf=lambda v: isinstance(v, Fixed))


@dataclass
class Ladder:
    """How far a function can be compiled."""

    step: int = TRACED
    values: set[Any] = field(default_factory=set)


class Programs:
    """The cache of programs and what is known about the functions."""

    def __init__(self, runner: Runner, eager: Runner, *, who: str = "dlfeval"):
        self._runner, self._eager, self._who = runner, eager, who
        self._programs: collections.OrderedDict[Any, Program] = collections.OrderedDict()
        self._ladders: dict[Any, Ladder] = {}
        self._lock = threading.RLock()

    def clear(self) -> None:
        """Forget all programs."""
        with self._lock:
            self._programs.clear()
            self._ladders.clear()

    @property
    def traces(self) -> int:
        """How often a function was traced, over all programs in the cache."""
        return sum(program.traces for program in self._programs.values())

    def call(
        self, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any], *, owner: Any = None
    ) -> Any:
        """The outputs of ``function(*args, **kwargs)``; ``owner`` tells apart one code's users."""
        identity = (_identity(function), owner)
        ladder = self._ladders.get(identity)
        if ladder is None:
            ladder = self._ladders.setdefault(identity, Ladder())
        while ladder.step != EAGER:
            try:
                program, walk = self._find(function, (args, kwargs), ladder)
            except Unseen as reason:
                self._step_down(function, ladder, EAGER, str(reason), None)
                break
            if program is None:
                break
            before = program.traces
            try:
                return program(function, (args, kwargs), walk.leaves)
            except Exception as error:
                if program.traces == before:
                    raise  # a compiled program failed while it ran
                return self._after_failure(function, args, kwargs, ladder, error)
        return self._eager(function, args, kwargs)

    def _find(
        self, function: Any, call: tuple[Any, Any], ladder: Ladder
    ) -> tuple[Program | None, Walk]:
        walk = Walk(numbers=ladder.step == TRACED)
        walk.value(function)
        walk.tree(call)
        key = (ladder.step, *walk.key)
        program = self._programs.get(key)
        if program is not None:
            self._programs.move_to_end(key)
            return program, walk
        if ladder.step == BY_VALUE:
            ladder.values.add(key)
            if len(ladder.values) > MOST_VALUES:
                reason = f"plain numbers steer it, and they took more than {MOST_VALUES} values"
                self._step_down(function, ladder, EAGER, reason, None)
                return None, walk
        program = Program(function, call, self._runner, numbers=ladder.step == TRACED)
        with self._lock:
            self._programs[key] = program
            while len(self._programs) > MOST_PROGRAMS:
                self._programs.popitem(last=False)
        return program, walk

    def _after_failure(
        self, function: Any, args: Any, kwargs: Any, ladder: Ladder, error: Exception
    ) -> Any:
        """Tracing failed: try numbers by value, else run with known values; errors show there."""
        saved = _random.generator.device.key
        if ladder.step == TRACED and not isinstance(error, (SideEffect, Unseen)):
            ladder.step = BY_VALUE
            try:
                program, walk = self._find(function, (args, kwargs), ladder)
                assert program is not None
                return program(function, (args, kwargs), walk.leaves)
            except Exception:
                ladder.step = TRACED
        _random.generator.device.key = saved
        out = self._eager(function, args, kwargs)  # an error of the user's own is raised here
        self._step_down(function, ladder, EAGER, _reason(error), where(error))
        return out

    def _step_down(
        self,
        function: Any,
        ladder: Ladder,
        step: int,
        reason: str,
        place: tuple[str, int, str] | None,
    ) -> None:
        ladder.step = step
        at = f"\n  {os.path.basename(place[0])}, line {place[1]}: {place[2]}" if place else ""
        warnings.warn(
            f"{self._who}: {name_of(function)} runs without compiling, so it is slower: {reason}.{at}\n"
            "The results are right. To compile it, let sizes, labels and plain values decide, use masks "
            "instead of branches on values, and pass in what it reads from outside.",
            DltkWarning,
            stacklevel=user_level(),
        )


def _identity(function: Any) -> Any:
    """What a step down is remembered for: the function's code."""
    inner = getattr(function, "func", None) or getattr(function, "__func__", None) or function
    return getattr(inner, "__code__", inner if isinstance(inner, type) else type(inner))


_VALUE_ERRORS = (
    jax.errors.ConcretizationTypeError,
    jax.errors.TracerArrayConversionError,
    jax.errors.TracerIntegerConversionError,
    jax.errors.TracerBoolConversionError,
    jax.errors.NonConcreteBooleanIndexError,
)


def _reason(error: Exception) -> str:
    if isinstance(error, SideEffect):
        return str(error)
    if isinstance(error, Unseen):
        return str(error)
    if isinstance(error, _VALUE_ERRORS):
        return "it needs a value that is not known while compiling"
    return f"it cannot be compiled ({type(error).__name__}: {str(error).splitlines()[0]})"
