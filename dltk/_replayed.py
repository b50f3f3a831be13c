"""Derivatives of the replayed trace between two variables, recorded as operations of their own.

An operation recorded here takes x and all that the part of the trace between x and u reads besides,
so its result can be differentiated by any of them, any number of times.

PINNs differentiate one u by several inputs, x and t, one call each. Separate sweeps back through
the network would then be swept back twice by the gradient of the loss, too. So Jacobian rows are
taken in two steps: first by the *waist*, a variable through which all ways from x to u lead and in
which x has met another traced value (x and t joined to one array), then from there to x. The first
step is remembered with u, and the call for t finds it: for the Burgers loss with 10000 points that
saves 251 of 1413 million operations, so that two calls cost what one for both would.
"""

from __future__ import annotations

import weakref
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import jax

from ._derivatives import Function, Handed, conjugate, pulled_rows, rows
from ._numbers import Raw
from ._replay import Derivative, Replay
from ._tape import Node, Variable, _key, barrier, between, way_back
from .dlarray import apply, dlarray, wrap

# by the variable of u: rows of the Jacobian by a waist, under (waist, axis)
_known: weakref.WeakKeyDictionary[Variable, dict[Any, dlarray]] = weakref.WeakKeyDictionary()


def connection(who: str, u: Variable, x: Variable) -> list[Node] | None:
    """The nodes on the ways from x to u (none if u is x); None if u does not depend on x."""
    nodes = way_back(who, u, [x])
    return nodes if nodes or _key(u) == _key(x) else None


def derived(
    who: str,
    derivative: Callable[..., tuple[Raw, Handed]],
    u: Variable,
    x: dlarray,
    nodes: Sequence[Node],
    *extra: dlarray,
    higher: bool = True,
) -> dlarray:
    """``derivative(function, x, *extra)`` for the function from x to u, recorded if ``higher``."""
    assert x._variable is not None
    replay = Replay(u, [x._variable], nodes)
    operation = Derivative(replay, lambda f, xs, *more: derivative(f, *xs, *more), len(extra))
    if higher:
        outside = [wrap(v, "", m) for v, m in zip(replay.values, replay.variables, strict=True)]
        return apply(who, operation, [x, *extra, *outside], "", mix=False)
    with jax.enable_x64(True):
        given = (x._data, *(e._data for e in extra), *replay.values)
        out = dlarray(jax.vjp(operation, *given)[0])  # see Derivative on forward mode
    advice = f"Set EnableHigherDerivatives=True in the call of {who} that computed it."
    return wrap(out._data, "", barrier([out._data], [u, x._variable], advice)[0])


def jacobian(u: dlarray, x: dlarray, axis: int, nodes: Sequence[Node], *, higher: bool) -> dlarray:
    """Gradients of the sums of u(k, ...), for each k along ``axis``."""
    assert u._variable is not None
    assert x._variable is not None
    count = u.shape[axis]
    waist = _waist(u._variable, x._variable, nodes) if higher and count <= x.size else None
    if waist is None:

        def direct(function: Function, at: Raw) -> tuple[Raw, Handed]:
            return _without_single(*rows(function, at, axis, count))

        return derived("dljacobian", direct, u._variable, x, nodes, higher=higher)
    shape = (count, *waist._data.shape)

    def through(function: Function, at: Raw, inner: Raw) -> tuple[Raw, Handed]:
        cotangents = conjugate(inner).reshape(shape)
        return _without_single(*pulled_rows(function, at, cotangents))

    inner = _rows_by_waist(u, waist, axis)
    assert waist._variable is not None
    before = between(waist._variable, [x._variable])
    return derived("dljacobian", through, waist._variable, x, before, inner)


def _without_single(rows: Raw, handed: Handed) -> tuple[Raw, Handed]:
    return (rows[0] if len(rows) == 1 else rows), handed


def _rows_by_waist(u: dlarray, waist: dlarray, axis: int) -> dlarray:
    """The first step back, remembered with u as long as the trace is there."""
    assert u._variable is not None
    assert waist._variable is not None
    known = _known.setdefault(u._variable, {})
    key = (_key(waist._variable), axis)
    found = known.get(key)
    if found is None or _is_released(found):
        nodes, count = between(u._variable, [waist._variable]), u.shape[axis]
        found = derived(
            "dljacobian", lambda f, at: rows(f, at, axis, count), u._variable, waist, nodes
        )
        known[key] = found
    return found


def _is_released(X: dlarray) -> bool:
    node = None if X._variable is None else X._variable.node
    return node is None or node.released


def _waist(u: Variable, x: Variable, nodes: Sequence[Node]) -> dlarray | None:
    """The first variable through which all ways lead after x has met another traced value."""
    uses = Counter(_key(v) for node in nodes for v in node.inputs if v is not None)
    uses[_key(u)] += 1  # never used up
    reached, met = {_key(x)}, False
    alive = {_key(x)}  # what nodes still to come use
    for place, node in enumerate(nodes):
        keys = [_key(v) for v in node.inputs if v is not None]
        made = {(node.serial, slot) for slot in range(len(node.outputs))}
        met = met or not reached.issuperset(keys)
        uses.subtract(keys)
        alive = {key for key in alive if uses[key] > 0} | {key for key in made if uses[key] > 0}
        reached |= made
        if met and len(alive) == 1 and alive <= made and _key(u) not in alive:
            (waist,) = alive
            return _value_of(Variable(x.tape, node, waist[1]), nodes[place + 1 :])
    return None


def _value_of(variable: Variable, nodes: Sequence[Node]) -> dlarray:
    """A variable with its value, which one of the nodes uses, as it lies in memory."""
    return next(
        wrap(value, "", variable)
        for node in nodes
        for value, used in zip(node.values, node.inputs, strict=True)
        if used is not None and _key(used) == _key(variable)
    )
