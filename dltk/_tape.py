"""The derivative trace: what was computed from what, and how to go back.

`dlfeval` opens a `Tape` and gives every floating-point dlarray among its inputs a `Variable`. The
gate of all operations (`dlarray.apply`) calls `record` with pure functions on raw arrays. If an
input has a variable on an open tape, the operation becomes a `Node`: its function, its inputs, and
the pullback that `jax.vjp` made. The trace is the graph of those nodes, held by nothing but the
arrays themselves, so threads do not mix and what nobody needs is freed.

Two ways back, both from `y` to the variables `xs` only:

* `pull` walks the recorded pullbacks: a first derivative, at no extra forward cost.
* `Replay` gives the part of the trace between xs and y as a pure function, so that ``jax.grad`` of
  it can be recorded as one operation: derivatives of any order, with the flops of nested
  ``jax.grad``.

Under `jax.jit` all this exists only while the program is traced.
"""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from ._errors import StateError
from ._numbers import Raw

_serial = itertools.count()


class Tape:
    """One evaluation by dlfeval. When it returns, variables on its tape become constants."""

    __slots__ = ("compiling", "nodes", "open")

    def __init__(self, *, compiling: bool):
        self.open = True
        self.compiling = compiling
        self.nodes: weakref.WeakSet[Node] = weakref.WeakSet()

    def close(self) -> None:
        """Make its variables constants, and free what their way back held."""
        self.open = False
        release(self.nodes)
        for node in self.nodes:
            node.inputs, node.function = (), _untraced


class Variable:
    """A traced value: an input of dlfeval (``node`` is None) or output ``slot`` of a node."""

    __slots__ = ("__weakref__", "node", "slot", "tape")

    def __init__(self, tape: Tape, node: Node | None = None, slot: int = 0):
        self.tape = tape
        self.node = node
        self.slot = slot


class Node:
    """One recorded operation.

    ``inputs`` are the variables (None for constants) beside ``values``; ``pullback`` takes the
    cotangents of all outputs and gives those of ``pulled``, the positions of the traced inputs.
    """

    __slots__ = (
        "__weakref__",
        "barrier",
        "function",
        "inputs",
        "name",
        "outputs",
        "pullback",
        "pulled",
        "released",
        "serial",
        "single",
        "values",
    )

    def __init__(self, name: str, function: Callable[..., Any], values, inputs, pulled):
        self.name = name
        self.function = function
        self.values: tuple[Raw, ...] = values
        self.inputs: tuple[Variable | None, ...] = inputs
        self.pulled: tuple[int, ...] = pulled
        self.outputs: tuple[jax.ShapeDtypeStruct, ...] = ()
        self.single = True
        self.pullback: Callable[..., Any] | None = None
        self.released = False
        self.barrier = ""
        self.serial = next(_serial)


def is_live(variable: Variable | None) -> bool:
    """Whether a value is traced now."""
    return variable is not None and variable.tape.open


def is_floating(dtype: np.dtype) -> bool:
    """Whether values of this type have derivatives."""
    return dtype.kind in "fc"


def record(
    name: str,
    function: Callable[..., Any],
    values: tuple[Raw, ...],
    variables: Sequence[Variable | None],
) -> tuple[Any, Callable[[int], Variable | None]]:
    """Run a pure function and, when an input is traced, remember how to go back.

    Returns the function's output(s) and a function from the number of an output to its variable.
    """
    inputs = tuple(v if is_live(v) else None for v in variables)
    pulled = tuple(i for i, v in enumerate(inputs) if v is not None)
    if not pulled:
        return function(*values), _untraced
    node = Node(name, function, values, inputs, pulled)
    out, node.pullback = _pullback(function, values, pulled)
    node.single = not isinstance(out, tuple)
    outputs = (out,) if node.single else out
    node.outputs = tuple(jax.ShapeDtypeStruct(o.shape, o.dtype) for o in outputs)
    tape = inputs[pulled[0]].tape  # type: ignore[union-attr]
    tape.nodes.add(node)
    return (
        out,
        lambda slot: Variable(tape, node, slot) if is_floating(outputs[slot].dtype) else None,
    )


def _pullback(
    function: Callable[..., Any], values: tuple[Raw, ...], pulled: tuple[int, ...]
) -> tuple[Any, Callable[..., Any]]:
    """The outputs of a function, and the way back to the values at some positions."""

    def of_traced(*traced: Raw) -> Any:
        return function(*_fill(values, pulled, traced))

    return jax.vjp(of_traced, *(values[i] for i in pulled))


def record_later(
    name: str,
    function: Callable[..., Any],
    values: tuple[Raw, ...],
    variables: Sequence[Variable | None],
    outputs: Sequence[Raw],
) -> list[Variable]:
    """Variables for known outputs of a function, whose way back is found when it is asked for."""
    inputs = tuple(v if is_live(v) else None for v in variables)
    pulled = tuple(i for i, v in enumerate(inputs) if v is not None)
    node = Node(name, function, values, inputs, pulled)
    node.single = False
    node.outputs = tuple(jax.ShapeDtypeStruct(o.shape, o.dtype) for o in outputs)
    node.pullback = lambda back: _pullback(function, values, pulled)[1](back)
    tape = inputs[pulled[0]].tape  # type: ignore[union-attr]
    tape.nodes.add(node)
    return [Variable(tape, node, slot) for slot in range(len(outputs))]


def _untraced(slot: int) -> Variable | None:
    return None


def barrier(values: Sequence[Raw], variables: Sequence[Variable], reason: str) -> list[Variable]:
    """Variables for results that may be used but not be differentiated (``reason`` says why)."""
    live = [v for v in variables if is_live(v)]
    if not live:
        return []
    node = Node("dlgradient", _untraced, (), tuple(live), tuple(range(len(live))))
    node.barrier = reason
    node.outputs = tuple(jax.ShapeDtypeStruct(v.shape, v.dtype) for v in values)
    return [Variable(live[0].tape, node, slot) for slot in range(len(values))]


def _fill(values: Sequence[Raw], positions: Sequence[int], new: Sequence[Raw]) -> list[Raw]:
    filled = list(values)
    for position, value in zip(positions, new, strict=True):
        filled[position] = value
    return filled


def _ancestors(y: Variable) -> list[Node]:
    """All nodes that y was computed from, oldest first."""
    nodes: dict[int, Node] = {}
    stack = [y.node]
    while stack:
        node = stack.pop()
        if node is None or node.serial in nodes:
            continue
        nodes[node.serial] = node
        stack.extend(v.node for v in node.inputs if v is not None)
    return [nodes[serial] for serial in sorted(nodes)]


def _key(variable: Variable) -> tuple[int, int]:
    """Variables of one output are equal, whichever object stands for them."""
    return (id(variable), 0) if variable.node is None else (variable.node.serial, variable.slot)


def between(y: Variable, xs: Sequence[Variable]) -> list[Node]:
    """The nodes on the ways from xs to y, oldest first."""
    reached = {_key(x) for x in xs}
    nodes = []
    for node in _ancestors(y):
        if any(v is not None and _key(v) in reached for v in node.inputs):
            nodes.append(node)
            reached.update((node.serial, slot) for slot in range(len(node.outputs)))
    return nodes


def refuse_barriers(nodes: Sequence[Node]) -> None:
    """Raise if a way leads through something that cannot be differentiated or was freed."""
    for node in nodes:
        if node.barrier:
            raise StateError(
                "dlgradient: the value depends on a gradient that cannot be differentiated again.",
                fix=node.barrier,
            )
    for node in nodes:
        if node.released:
            raise StateError(
                "dlgradient: the trace from the variables to this value is no longer available; "
                "an earlier call of dlgradient has freed it.",
                got={"first operation that was freed": node.name},
                fix="Set RetainData=True (or EnableHigherDerivatives=True) in the earlier call.",
            )


def pull(y: Variable, seed: Raw, xs: Sequence[Variable], nodes: Sequence[Node]) -> list[Raw | None]:
    """Cotangents of xs, from the recorded pullbacks; None where y does not depend on an x."""
    cotangents: dict[tuple[int, int], Raw] = {_key(y): seed}
    for node in reversed(nodes):
        given = [cotangents.get((node.serial, slot)) for slot in range(len(node.outputs))]
        if all(g is None for g in given):
            continue
        filled = tuple(
            _zeros(aval) if g is None else g for g, aval in zip(given, node.outputs, strict=True)
        )
        assert node.pullback is not None
        back = node.pullback(filled[0] if node.single else filled)
        for position, cotangent in zip(node.pulled, back, strict=True):
            key = _key(node.inputs[position])  # type: ignore[arg-type]
            held = cotangents.get(key)
            cotangents[key] = cotangent if held is None else held + cotangent
    return [cotangents.get(_key(x)) for x in xs]


def _zeros(aval: jax.ShapeDtypeStruct) -> Raw:
    if is_floating(aval.dtype):
        return jnp.zeros(aval.shape, aval.dtype)
    return np.zeros(aval.shape, jax.dtypes.float0)


def release(nodes: Iterable[Node]) -> None:
    """Free what the ways back held."""
    for node in nodes:
        node.pullback = None
        node.values = ()
        node.released = True


class Replay:
    """The part of the trace between xs and y as a pure function of the xs and of all it reads.

    An x that is itself computed from another x enters as an offset of zero added to its computed
    value, so derivatives are total ones, as `pull` gives them.
    """

    def __init__(self, y: Variable, xs: Sequence[Variable], nodes: Sequence[Node]):
        self.y = _key(y)
        self.xs = [_key(x) for x in xs]
        self.nodes = tuple(nodes)
        self.values: list[Raw] = []
        self.variables: list[Variable | None] = []
        computed = {(node.serial, slot) for node in nodes for slot in range(len(node.outputs))}
        self.offsets = frozenset(key for key in self.xs if key in computed)
        self._sources: list[list[tuple[int, int] | int]] = []
        known: dict[tuple[int, int], int] = {}
        for node in nodes:
            sources: list[tuple[int, int] | int] = []
            for value, variable in zip(node.values, node.inputs, strict=True):
                key = None if variable is None else _key(variable)
                if key is not None and (key in computed or key in self.xs):
                    sources.append(key)
                elif key is not None and key in known:
                    sources.append(known[key])
                else:
                    if key is not None:
                        known[key] = len(self.values)
                    sources.append(len(self.values))
                    self.values.append(value)
                    self.variables.append(variable)
            self._sources.append(sources)

    def at(self, xs: Sequence[Raw]) -> tuple[Raw, ...]:
        """What to pass for the xs, given their values: themselves, or an offset of zero."""
        return tuple(
            jnp.zeros_like(x) if key in self.offsets else x
            for key, x in zip(self.xs, xs, strict=True)
        )

    def __call__(self, xs: Sequence[Raw], values: Sequence[Raw]) -> Raw:
        """Y from the xs and from ``values`` (what the part reads besides)."""
        given = dict(zip(self.xs, xs, strict=True))
        held = {key: x for key, x in given.items() if key not in self.offsets}
        for node, sources in zip(self.nodes, self._sources, strict=True):
            out = node.function(*(values[s] if isinstance(s, int) else held[s] for s in sources))
            for slot, value in enumerate((out,) if node.single else out):
                key = (node.serial, slot)
                held[key] = value + given[key] if key in self.offsets else value
        return held[self.y]
