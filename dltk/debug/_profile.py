"""`profile`: time and memory of every operation, alone and as one program."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

import jax
import jax.numpy as jnp

from .._errors import OptionError
from .._tape import Node, pull
from .._tree import flatten
from ..autodiff import dlfeval, over_dlarrays, programs
from ..dlarray import wrap
from ._costs import Cost, Profile, Program, plus
from ._look import Look, Spot, compiled, look, node_of, same_again


def profile(fun: Any, *args: Any, repetitions: int = 3) -> Profile:
    """Time and memory of every operation of a function, forward and backward.

    Every operation that depends on the inputs is compiled and run by itself, and so is its way back
    where the function takes a gradient (if it takes none, that of its loss is taken); the best of
    several times counts. Flops are XLA's own count. The compiled function as a whole is measured,
    too: there XLA fuses operations, so it takes less than their sum.

    Args:
        fun: A function as for dlfeval.
        *args: Its inputs.
        repetitions: How often each time is taken.

    Returns:
        The result, which is printed too: ``operations``, the dearest first, and ``program``.

    Raises:
        OptionError: ``fun`` is no function, or ``repetitions`` no positive whole number.
        Whatever ``fun`` raises.

    Example:
        >>> import numpy as np
        >>> from dltk import dlarray, fullyconnect, tanh
        >>> def model(X, W):
        ...     return tanh(fullyconnect(X, W, 0))
        >>> X, W = dlarray(np.ones((30, 20)), "CB"), dlarray(np.ones((40, 30)))
        >>> result = profile(model, X, W)  # doctest: +ELLIPSIS
        operation     calls  forward ...
        >>> {cost.operation: cost.result for cost in result.operations}["tanh"]  # 40 x 20 doubles
        6400
    """
    if isinstance(repetitions, bool) or not isinstance(repetitions, int) or repetitions < 1:
        raise OptionError(
            "profile: repetitions must be a positive whole number.",
            got={"repetitions": repr(repetitions)},
        )
    with jax.enable_x64(True):  # on the device, so that no operation has to bring them there
        args = over_dlarrays(lambda x: wrap(jnp.asarray(x._data), x.dims), args)
    at = _Stopwatch(repetitions)
    look("profile", at, fun, args, {})
    costs = sorted(at.costs.values(), key=lambda cost: -cost.seconds)
    result = Profile(tuple(costs), _program(getattr(fun, "Function", fun), args, repetitions))
    print(result)
    return result


class _Stopwatch(Look):
    """Measures every operation when it is told of it."""

    def __init__(self, repetitions: int) -> None:
        super().__init__()
        self.repetitions = repetitions
        self.costs: dict[Any, Cost] = {}
        self.known: dict[Any, tuple[float, float]] = {}  # seconds and flops of an expression
        self.places: dict[int, tuple[str, Spot]] = {}  # by the serial number of the node
        self.held: dict[int, Any] = {}  # arrays that are in memory anyway, by address
        self.pulled = False  # whether the last derivative was taken by pullbacks

    def begin(self, inputs: Any) -> None:
        super().begin(inputs)
        self._hold(x.value._data for x in inputs if hasattr(x.value, "_data"))

    def operation(self, name: str, inputs: Sequence[Any], results: Sequence[Any]) -> None:
        self._hold(x._data for x in inputs if hasattr(x, "_data"))
        node, pulled = node_of(results[0]) if results else None, self.pulled
        self.pulled = False
        if node is None or not node.values or (pulled and name == "dlgradient"):
            return
        place = self.places[node.serial] = name, self.spot
        seconds, flops = self._measure(node.function, *node.values)
        size = self._hold(x._data for x in results)
        kept = self._hold(x for x in jax.tree_util.tree_leaves(node.pullback))
        self._add(place, 1, seconds, 0.0, flops, size, kept)

    def derivative(self, y: Any, xs: Sequence[Any], nodes: Sequence[Any], *, pulled: bool) -> None:
        super().derivative(y, xs, nodes, pulled=pulled)
        self.pulled = pulled  # and so measured here; replayed, it is an operation like others
        if y.node is not None and pulled:
            aval = y.node.outputs[y.slot]
            pull(y, jnp.ones(aval.shape, aval.dtype), xs, nodes, self._step)

    def _step(self, node: Node, given: Sequence[Any], back: Sequence[Any]) -> None:
        place = self.places.get(node.serial)
        if place is not None:
            cotangents = given[0] if node.single else tuple(given)
            seconds, _ = self._measure(lambda way, c: way(c), node.pullback, cotangents)
            self._add(place, 0, 0.0, seconds, 0.0, 0, 0)

    def end(self, outputs: Any) -> None:
        self.differentiate(outputs)

    def _hold(self, arrays: Any) -> int:
        """Bytes of those arrays that were not in memory before."""
        new = {_address(x): x for x in arrays if _address(x) not in self.held}
        self.held.update(new)
        return sum(getattr(x, "nbytes", 0) for x in new.values())

    def _measure(self, function: Callable[..., Any], *values: Any) -> tuple[float, float]:
        """Seconds and flops of a function of arrays, compiled; the same expression only once."""
        with jax.enable_x64(True):
            key = str(jax.make_jaxpr(function)(*values))
            if key not in self.known:
                program = jax.jit(function).lower(*values).compile()
                seconds = _best(lambda: program(*values), self.repetitions)
                self.known[key] = seconds, _flops(program)
        return self.known[key]

    def _add(self, place: tuple[str, Spot], *amounts: Any) -> None:
        name, spot = place
        cost = self.costs.get(place, Cost(name, *spot, 0, 0.0, 0.0, 0.0, 0, 0))
        self.costs[place] = plus(cost, *amounts)


def _address(x: Any) -> int:
    """Where an array lies; two JAX arrays may share their memory."""
    return x.unsafe_buffer_pointer() if isinstance(x, jax.Array) else id(x)


def _program(fun: Any, args: tuple[Any, ...], repetitions: int) -> Program | None:
    """The function as dlfeval compiles it."""
    _, is_compiled = compiled(fun, args)
    if not is_compiled:
        return None
    seconds = _best(lambda: same_again(dlfeval, (fun, *args), eagerly=False), repetitions)
    whole = same_again(lambda *a: programs.lowered(fun, *a).compile(), args, eagerly=False)
    memory = whole.memory_analysis()
    return Program(seconds, _flops(whole), int(getattr(memory, "temp_size_in_bytes", 0)))


def _best(call: Callable[[], Any], repetitions: int) -> float:
    """The shortest of several times, after one that is not counted."""
    jax.block_until_ready(flatten(call())[0])
    times = []
    for _ in range(repetitions):
        start = time.perf_counter()
        jax.block_until_ready(flatten(call())[0])
        times.append(time.perf_counter() - start)
    return min(times)


def _flops(program: Any) -> float:
    analysis = program.cost_analysis() or {}
    return max(float(analysis.get("flops", 0.0)), 0.0)
