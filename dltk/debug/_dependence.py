"""What a value depends on, decided from its trace and not from numbers.

A recorded operation need not use all that it takes: the derivative of ``W*x + b`` by x takes b
along and never uses it. So the JAX expression of every operation is followed, from the outputs that
are wanted to the inputs that they need.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import jax

from .._tape import Node, Variable, _key


def dependencies(y: Variable) -> set[Any]:
    """Keys of all variables that y depends on, itself among them."""
    found, nodes = {_key(y)}, dict[int, Node]()
    wanted: defaultdict[int, set[int]] = defaultdict(set)  # outputs by the node's serial number

    def want(variable: Variable) -> None:
        if variable.node is not None:
            nodes[variable.node.serial] = variable.node
            wanted[variable.node.serial].add(variable.slot)

    want(y)
    while wanted:
        serial = max(wanted)  # what uses its outputs is newer
        node, slots = nodes[serial], wanted.pop(serial)
        for variable in _needed(node, slots):
            found.add(_key(variable))
            want(variable)
    return found


def _needed(node: Node, slots: set[int]) -> list[Variable]:
    """The traced inputs of a node that some of its outputs need."""
    traced = [(i, v) for i, v in enumerate(node.inputs) if v is not None]
    if len(node.values) != len(node.inputs):  # a barrier, which knows no function
        return [v for _, v in traced]
    with jax.enable_x64(True):
        expression = jax.make_jaxpr(node.function)(*node.values).jaxpr
    used = _used(expression, [i in slots for i in range(len(expression.outvars))])
    return [v for i, v in traced if used[i]]


def _used(expression: Any, wanted: Sequence[bool]) -> list[bool]:
    """Which inputs of a JAX expression the wanted outputs need."""
    needed = {_id(v) for v, want in zip(expression.outvars, wanted, strict=True) if want}
    for equation in reversed(expression.eqns):
        outs = [_id(v) in needed for v in equation.outvars]
        if not any(outs):
            continue
        inner = equation.params.get("jaxpr") if equation.primitive.name in ("jit", "pjit") else None
        used = [True] * len(equation.invars) if inner is None else _used(inner.jaxpr, outs)
        needed |= {_id(v) for v, use in zip(equation.invars, used, strict=True) if use}
    return [_id(v) in needed for v in expression.invars]


def _id(variable: Any) -> int:
    return id(variable)
