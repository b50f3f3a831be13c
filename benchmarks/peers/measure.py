"""How the numbers are taken: rounds that interleave all variants, and ratios within each round."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass, field
from typing import Any

import jax

from . import start
from .workloads import Workload, workload


@dataclass
class Result:
    """What was measured for one workload."""

    name: str
    title: str
    ms: dict[str, list[float]] = field(default_factory=dict)  # an iteration, per round
    first: dict[str, float] = field(default_factory=dict)  # seconds of the first call
    python: dict[str, float] = field(default_factory=dict)  # microseconds
    tracing: dict[str, float] = field(default_factory=dict)  # seconds

    def median(self, variant: str) -> float:
        """Milliseconds of an iteration."""
        return statistics.median(self.ms[variant])

    def ratio(self, variant: str, base: str) -> float:
        """Median over the rounds of the ratio within a round, which drifts of the machine spare."""
        pairs = zip(self.ms[variant], self.ms[base], strict=True)
        return statistics.median(a / b for a, b in pairs)


def measure(name: str, variants: list[str], rounds: int, turn: float) -> Result:
    """All numbers of one workload."""
    given = workload(name)
    result = Result(name, given.title)
    result.tracing = tracing(given)
    runs = {}
    for variant in variants:
        runs[variant], result.first[variant] = first_call(variant, given)
    result.ms = interleaved(runs, rounds, turn)
    narrow = workload(name, "narrow")
    runs = {variant: first_call(variant, narrow)[0] for variant in variants}
    for variant, ms in interleaved(runs, rounds, turn / 5).items():
        # What an iteration costs when its arithmetic costs nothing: the same layers, each a few
        # numbers wide. That is all Python, and the fixed costs below it (JAX's dispatch of a
        # compiled call, XLA's start of each operation), which hand-written JAX has too: compare
        # with those rows. The time until a full-size call returns would not do: JAX runs small
        # programs before it returns, waits for donated buffers, and PyTorch always computes first.
        result.python[variant] = 1e3 * statistics.median(ms)
    return result


def first_call(variant: str, given: Workload) -> tuple[Any, float]:
    """A run after its first iteration, and the seconds which that took: tracing and compiling.

    JAX's own small functions have been traced before, for everybody alike.
    """
    run = start(variant, given)
    begin = time.perf_counter()
    run.step()
    run.wait()
    return run, time.perf_counter() - begin


def interleaved(runs: dict[str, Any], rounds: int, turn: float) -> dict[str, list[float]]:
    """Milliseconds of an iteration, per round; each round starts with another variant."""
    order = list(runs)
    counts = {variant: _count(run, turn) for variant, run in runs.items()}
    ms: dict[str, list[float]] = {variant: [] for variant in order}
    for i in range(rounds):
        for variant in order[i % len(order) :] + order[: i % len(order)]:
            ms[variant].append(1e3 * _seconds(runs[variant], counts[variant]))
    return ms


def _count(run: Any, turn: float) -> int:
    """How many iterations fill a turn."""
    _seconds(run, 2)  # the first iterations compile again for arrays that are JAX's own now
    return max(1, round(turn / min(_seconds(run, 2) for _ in range(2))))


def _seconds(run: Any, count: int) -> float:
    begin = time.perf_counter()
    for _ in range(count):
        run.step()
    run.wait()
    return (time.perf_counter() - begin) / count


def tracing(given: Workload, repeats: int = 3) -> dict[str, float]:
    """Seconds until `dlfeval` and `jax.value_and_grad` have traced the loss function.

    `jax.make_jaxpr` stops a first call where compiling would begin. Caches are emptied before each
    try, so that nobody finds what somebody else has traced.
    """
    from dltk import autodiff, dlfeval

    ours, theirs = start("dltk", given), start("JAX two calls", given)
    inputs = *ours.carried[:-2], *ours.batch

    def by_dlfeval() -> Any:
        autodiff.programs.clear()
        return jax.make_jaxpr(lambda: dlfeval(ours.loss_function, *inputs))()

    def by_jax() -> Any:
        params, _, state = theirs.carried
        return jax.make_jaxpr(lambda: theirs.gradient(params, state, *theirs.batch))()

    tries: dict[str, list[float]] = {"dlfeval": [], "jax.value_and_grad": []}
    for _ in range(repeats):
        for (_, seconds), trace in zip(tries.items(), (by_dlfeval, by_jax), strict=True):
            jax.clear_caches()
            begin = time.perf_counter()
            trace()
            seconds.append(time.perf_counter() - begin)
    autodiff.programs.clear()  # or the first call would find what was traced here
    return {name: statistics.median(seconds) for name, seconds in tries.items()}
