"""Compiled programs of `dlfeval`: made once, found again by what they depend on, never stale.

`Programs.call` walks over all that the function reads (`_reads`): the key names the program, the
leaves are its inputs. If it is new, JAX traces the function (`_compiled`). What cannot be traced
goes down a ladder, and the last step is announced once:

1. Python numbers are inputs like arrays: an epoch counter does not recompile.
2. Python numbers are part of the key: ``zeros(n)`` and ``if epoch > 5`` work, and each value
   compiles anew. A number that changes is tried as an input again, so those that steer nothing
   stay inputs.
3. No compiling: the same code on the same tape, with known values.
"""

from __future__ import annotations

import collections
import functools
import os
import threading
import time
import warnings
import weakref
from dataclasses import dataclass, field
from types import FunctionType, MethodType
from typing import Any

import jax

from . import _random
from ._code import name_of, user_level
from ._compiled import MOST_VALUES, Call, Entry, Failure, Program, Runner, ThriftyProgram
from ._environment import Unseen, cell_value
from ._errors import DltkWarning
from ._history import History
from ._persistent import keep_programs
from ._reads import NUMBERS, Names, Walk, walked
from ._undo import fingerprints

MOST_ENTRIES = 256  # keys of programs kept
MOST_FUNCTIONS = 4096
MOST_FAILURES = 4  # keys of one function that could not be compiled, before none is tried


@dataclass
class Ladder:
    """What is known about a function: how far it can be compiled."""

    failures: int = 0
    told: bool = False
    names: Names = field(default_factory=Names)
    history: History = field(default_factory=History)


everything: weakref.WeakSet[Programs] = weakref.WeakSet()  # for reports


class Programs:
    """Runs functions as compiled programs where that can be done.

    Args:
        runner: Runs a function while it is traced.
        eager: Runs a function without compiling.
        who: The public name, for messages.
        by_size: Whether there is a program for each size of the inputs, which uses the memory of
            old results again; else one program serves all sizes.

    Attributes:
        most: How many keys of programs are kept; the one not used for longest goes first.
        calls: How many calls there were.
        hits: How many of them found a program.
        traces: How often functions were traced.
    """

    def __init__(
        self, runner: Runner, eager: Runner, *, who: str = "dlfeval", by_size: bool = False
    ):
        self.most = MOST_ENTRIES
        self.calls = self.hits = self.traces = 0
        self._runner, self._eager, self._who, self._by_size = runner, eager, who, by_size
        self._entries: collections.OrderedDict[Any, Entry] = collections.OrderedDict()
        self._ladders: dict[Any, Ladder] = {}
        self._lock = threading.RLock()
        everything.add(self)

    def histories(self) -> list[History]:
        """What is known of the functions that were compiled."""
        with self._lock:
            return [one.history for one in self._ladders.values() if one.history.traces]

    def clear(self) -> None:
        """Forget all programs."""
        with self._lock:
            self._entries.clear()
            self._ladders.clear()
            self.calls = self.hits = 0

    def __len__(self) -> int:
        """How many programs are kept."""
        with self._lock:
            return sum(len(entry.programs) for entry in self._entries.values())

    def call(
        self, function: Any, args: tuple[Any, ...], kwargs: dict[str, Any], *, owner: Any = None
    ) -> Any:
        """The outputs of ``function(*args, **kwargs)``; ``owner`` tells apart one code's users."""
        self.calls += 1
        ladder = self._ladder(function, owner)
        if ladder.failures >= MOST_FAILURES or jax.config.jax_disable_jit:  # pyright: ignore
            return self._eager(function, args, kwargs)
        call = (args, kwargs)
        walk = self._walk(function, call, ladder)
        if type(walk) is Failure:
            out = self._eager(function, args, kwargs)
            self._tell(function, ladder, walk)
            return out
        ladder.names = walk.names
        ladder.history.calls += 1
        entry = self._entry(self._key(walk))
        if entry.eager:
            return self._eager(function, args, kwargs)
        program = entry.find(walk)
        if program is None:
            return self._first_call(function, call, walk, ladder, entry)
        before = program.traces
        out = self._attempt(program, function, call, walk, ladder)
        if type(out) is Failure:
            return self._first_call(function, call, walk, ladder, entry)
        self.hits += program.traces == before
        return out

    def lowered(self, function: Any, *args: Any, **kwargs: Any) -> Any:
        """The program for a call that was compiled before, as ``jax.jit(...).lower`` gives it."""
        walk = walked(function, (args, kwargs), self._ladder(function, None).names)
        program = self._entry(self._key(walk)).find(walk)
        assert program is not None, "not compiled yet"
        return program.lowered(function, (args, kwargs), walk)

    def _key(self, walk: Walk) -> tuple[Any, ...]:
        if not self._by_size:
            return tuple(walk.key)
        return (*walk.key, *[_size_of(leaf) for leaf in walk.leaves])

    def _walk(self, function: Any, call: Call, ladder: Ladder) -> Any:
        """All that a call reads, or a `Failure`."""
        try:
            return walked(function, call, ladder.names)
        except Unseen as error:
            return Failure(error)

    def _ladder(self, function: Any, owner: Any) -> Ladder:
        whose = (identity(function), owner)
        ladder = self._ladders.get(whose)
        if ladder is None:
            if len(self._ladders) > MOST_FUNCTIONS:
                self._ladders.clear()
            ladder = self._ladders.setdefault(whose, Ladder())
            ladder.history.name = name_of(function)
        return ladder

    def _entry(self, key: tuple[Any, ...]) -> Entry:
        with self._lock:
            entry = self._entries.get(key)
            if entry is None:
                entry = self._entries[key] = Entry()
                while len(self._entries) > self.most:
                    self._entries.popitem(last=False)
            else:
                self._entries.move_to_end(key)
        return entry

    def _attempt(
        self, program: Program, function: Any, call: Call, walk: Walk, ladder: Ladder
    ) -> Any:
        """The outputs, or a `Failure` if the function could not be traced."""
        before, start = program.traces, time.perf_counter()
        try:
            return program.run(function, call, walk)
        except Exception as error:
            if program.traces == before:
                raise  # a compiled program failed while it ran
            return Failure(error)
        finally:
            if program.traces != before:
                self.traces += program.traces - before
                seconds = time.perf_counter() - start
                if ladder.history.note(function, call, walk, seconds):
                    self._tell_of_many(function, ladder.history)

    def _first_call(
        self, function: Any, call: Call, walk: Walk, ladder: Ladder, entry: Entry
    ) -> Any:
        """Make a program; if that cannot be done, run eagerly now and the next times."""
        keep_programs()
        failure, trial = None, []
        if walk.captured and walk.in_place and not entry.tried:
            entry.tried = True
            failure = self._try_out(function, call, walk, trial)
        if failure is None:
            for fixed in entry.choices(walk):
                if fixed and len(entry.programs) >= MOST_VALUES:
                    failure = Failure(
                        Unseen(f"plain numbers steer it: more than {MOST_VALUES} values")
                    )
                    break
                program = (ThriftyProgram if self._by_size else Program)(self._runner, fixed)
                out = self._attempt(program, function, call, walk, ladder)
                if type(out) is not Failure:
                    ladder.failures = 0
                    with self._lock:
                        entry.keep(program, walk)
                    return out
                failure = out
                if failure.final:
                    break
        assert failure is not None
        out = trial[0] if trial else self._eager(function, *call)  # the user's own errors show here
        entry.eager = True
        ladder.failures += 1
        self._tell(function, ladder, failure)
        return out

    def _try_out(self, function: Any, call: Call, walk: Walk, trial: list[Any]) -> Failure | None:
        """Run it once as it is, to see whether it changes NumPy arrays in place."""
        stream = _random.current()
        before, key = fingerprints(walk.captured), stream.key
        trial.append(self._eager(function, *call))
        if fingerprints(walk.captured) != before:
            return Failure(Unseen("it changes a NumPy array in place"))
        stream.key = key
        return None

    def _tell(self, function: Any, ladder: Ladder, failure: Failure) -> None:
        """Say once that a function runs eagerly, and why."""
        if ladder.told:
            return
        ladder.told, at = True, ""
        if failure.place is not None:
            file, line, text = failure.place
            at = f"\n  {os.path.basename(file)}, line {line}: {text}"
        warnings.warn(
            f"{self._who}: {name_of(function)} runs without compiling, so it is slower: "
            f"{failure.reason}.{at}\nThe results are right. To compile it, let sizes, labels and "
            "plain values decide, use masks instead of branches on values, and pass in what it "
            "reads from outside.",
            DltkWarning,
            stacklevel=user_level(),
        )

    def _tell_of_many(self, function: Any, history: History) -> None:
        """Say that a function is compiled again and again."""
        warnings.warn(
            f"{self._who}: {name_of(function)} was compiled {history.traces} times in "
            f"{history.calls} calls, which took {history.seconds:.0f} s: {history.reason}.\n"
            'Each compilation takes time. Keep sizes equal (PartialMiniBatch="discard", '
            "padding to a few lengths), and pass what changes as numbers or dlarrays.",
            DltkWarning,
            stacklevel=user_level(),
        )


def _size_of(leaf: Any) -> Any:
    return type(leaf) if type(leaf) in NUMBERS else (leaf.shape, leaf.dtype)


def identity(function: Any) -> Any:
    """What a step down is remembered for: the function's code, and that of what it wraps."""
    kind = type(function)
    if kind is functools.partial:
        return identity(function.func)
    if kind is MethodType:
        function = function.__func__
    code = getattr(function, "__code__", None)
    if code is None:
        wrapped = getattr(function, "__wrapped__", None)
        return kind if wrapped is None else (kind, identity(wrapped))
    wrapped = [c for c in map(cell_value, function.__closure__ or ()) if type(c) is FunctionType]
    return (code, *(c.__code__ for c in wrapped)) if wrapped else code
