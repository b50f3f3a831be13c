"""The derivative trace: what was computed from what, and how to go back.

`dlfeval` opens a `Tape` and gives every floating-point dlarray among its inputs a `Variable`. The
gate of all operations (`dlarray.apply`) calls `record` with pure functions on raw arrays. If an
input has a variable on an open tape, the operation becomes a `Node`: its function, its inputs, and
the pullback that `jax.vjp` made. The trace is the graph of those nodes, held by nothing but the
arrays themselves, so threads do not mix and what nobody needs is freed.

Two ways back, both from `y` to the variables `xs` only:

* `pull` walks the recorded pullbacks: a first derivative, at no extra forward cost.
* `_replay` gives the part of the trace between xs and y as a pure function, so that ``jax.grad`` of
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
from ._listener import listener
from ._numbers import Raw
from ._sharing import Key, Shares, shared

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
    ``handed`` are keys of values that it hands out in the place of other nodes (see `_sharing`).
    """

    __slots__ = (
        "__weakref__",
        "barrier",
        "function",
        "handed",
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
        self.handed: tuple[Key, ...] = ()

    @property
    def keys(self) -> tuple[Key, ...]:
        """The outputs, as `_key` names their variables."""
        own = len(self.outputs) - len(self.handed)
        return (*((self.serial, slot) for slot in range(own)), *self.handed)

    @property
    def read(self) -> list[Key]:
        """The traced inputs."""
        return [_key(v) for v in self.inputs if v is not None]

    def handing_out(self, keys: Sequence[Key]) -> Node:
        """The same with further outputs, for one way back."""
        assert isinstance(self.function, Shares)
        function = self.function.handing_out(keys)
        node = Node(self.name, function, self.values, self.inputs, self.pulled)
        node.serial, node.single, node.handed = self.serial, False, tuple(keys)
        out, node.pullback = _pullback(function, self.values, self.pulled)
        node.outputs = _shapes(out)
        return node


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
    tape = inputs[pulled[0]].tape  # type: ignore[union-attr]
    if tape.compiling and isinstance(function, Shares) and function.later:
        out, node.pullback = function(*values), _later(node)
    else:
        out, node.pullback = _pullback(function, values, pulled)
    node.single = not isinstance(out, tuple)
    outputs = (out,) if node.single else out
    node.outputs = _shapes(outputs)
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
    node.outputs = _shapes(outputs)
    node.pullback = _later(node)
    tape = inputs[pulled[0]].tape  # type: ignore[union-attr]
    tape.nodes.add(node)
    return [Variable(tape, node, slot) for slot in range(len(outputs))]


def _later(node: Node) -> Callable[..., Any]:
    """The way back through a node, found when it is taken."""
    function, values, pulled = node.function, node.values, node.pulled
    return lambda cotangents: _pullback(function, values, pulled)[1](cotangents)


def _shapes(values: Iterable[Raw]) -> tuple[jax.ShapeDtypeStruct, ...]:
    return tuple(jax.ShapeDtypeStruct(v.shape, v.dtype) for v in values)


def _untraced(slot: int) -> Variable | None:
    return None


def barrier(values: Sequence[Raw], variables: Sequence[Variable], reason: str) -> list[Variable]:
    """Variables for results that may be used but not be differentiated (``reason`` says why)."""
    live = [v for v in variables if is_live(v)]
    if not live:
        return []
    node = Node("dlgradient", _untraced, (), tuple(live), tuple(range(len(live))))
    node.barrier = reason
    node.outputs = _shapes(values)
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


def _key(variable: Variable) -> Key:
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


def way_back(name: str, y: Variable, xs: Sequence[Variable], *, pulled: bool = False) -> list[Node]:
    """The nodes between xs and y, for a derivative that is about to be taken.

    Raises if a way leads through something that cannot be differentiated or was freed; ``name`` is
    the public function that asks, ``pulled`` says whether it walks the recorded pullbacks.
    """
    nodes = between(y, xs)
    _refuse_barriers(name, nodes)
    who = listener()
    if who is not None:
        who.derivative(y, xs, nodes, pulled=pulled)
    return nodes


def _refuse_barriers(name: str, nodes: Sequence[Node]) -> None:
    for node in nodes:
        if node.barrier:
            raise StateError(
                f"{name}: the value depends on a gradient that cannot be differentiated again.",
                fix=node.barrier,
            )
    for node in nodes:
        if node.released:
            raise StateError(
                f"{name}: the trace from the variables to this value is no longer available; "
                "an earlier call of dlgradient has freed it.",
                got={"first operation that was freed": node.name},
                fix="Set RetainData=True (or EnableHigherDerivatives=True) in the earlier call.",
            )


def pull(
    y: Variable,
    seed: Raw,
    xs: Sequence[Variable],
    nodes: Sequence[Node],
    visit: Callable[[Node, Sequence[Raw], Sequence[Raw]], None] | None = None,
) -> list[Raw | None]:
    """Cotangents of xs, from the recorded pullbacks; None where y does not depend on an x.

    ``visit`` is told of every step: the node, the cotangents of its outputs, those of its traced
    inputs. Then every node is walked by itself, none takes the place of others (`_sharing`).
    """
    cotangents: dict[Key, Raw] = {_key(y): seed}
    ways = nodes if visit else shared([_key(y)], [_key(x) for x in xs], nodes)
    for node in reversed(ways):
        given = [cotangents.get(key) for key in node.keys]
        if all(g is None for g in given):
            continue
        filled = tuple(
            _zeros(aval) if g is None else g for g, aval in zip(given, node.outputs, strict=True)
        )
        assert node.pullback is not None
        back = node.pullback(filled[0] if node.single else filled)
        if visit is not None:
            visit(node, filled, back)
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
