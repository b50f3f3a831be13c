"""One pass for what several derivatives compute on the way.

A derivative that is recorded as an operation computes its u from x anew, so that it can be
differentiated. A loss that uses u beside u_x and u_xx would then be swept back through the network
three times. But the derivative of highest order has u and u_x at hand: here it hands them out, and
takes the place of the operations that computed them. For a PINN's loss that gives the program of
hand-written JAX, where ``jax.grad(..., has_aux=True)`` returns u beside its derivatives.
"""

from __future__ import annotations

import graphlib
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import Any, Protocol, Self, TypeVar

Key = tuple[int, int]  # a value of the trace: the serial number of its operation, which output


class Shares:
    """A recorded function that can hand out values besides its own outputs.

    Attributes:
        inner: The keys of those values.
        later: Whether the way back through it is looked for only when it is taken.
    """

    inner: frozenset[Key] = frozenset()
    later: bool = False

    def __call__(self, *values: Any) -> Any:
        """Its own outputs."""
        raise NotImplementedError

    def handing_out(self, keys: Sequence[Key]) -> Callable[..., tuple[Any, ...]]:
        """The function that returns the values of ``keys`` too, after its own outputs."""
        raise NotImplementedError


class Operation(Protocol):
    """What stands in a trace."""

    function: Callable[..., Any]

    @property
    def keys(self) -> Sequence[Key]:
        """What it computes."""
        ...

    @property
    def read(self) -> Sequence[Key]:
        """What it computes that from."""
        ...

    def handing_out(self, keys: Sequence[Key]) -> Self:
        """The same with further outputs."""
        ...


O = TypeVar("O", bound=Operation)


def shared(wanted: Collection[Key], xs: Collection[Key], operations: Sequence[O]) -> list[O]:
    """The operations from xs to what is wanted, in order, without those that others make needless.

    A derivative that goes through one of the xs stays apart: the value it would hand out is not the
    x that the others read.
    """
    left, changed = list(operations), False
    for one in reversed(operations):
        if not isinstance(one.function, Shares) or one not in left:
            continue
        inner = one.function.inner
        if inner.isdisjoint(xs):
            inside = inner.difference(_behind(one, left))
            others = [o for o in left if o is not one and not inside.issuperset(o.keys)]
            used = {*wanted, *_all(o.read for o in others)}
            keys = sorted(inside & used - _all(o.keys for o in others))
            if keys or len(others) + 1 < len(left):
                left, changed = [*others, one.handing_out(keys) if keys else one], True
    return _in_order(left) if changed else left


def _all(keys: Iterable[Sequence[Key]]) -> set[Key]:
    return {key for some in keys for key in some}


def _behind(one: Operation, operations: Sequence[Operation]) -> set[Key]:
    """All that an operation was computed from."""
    made_by = {key: o for o in operations for key in o.keys}
    behind: set[Key] = set()
    stack = list(one.read)
    while stack:
        key = stack.pop()
        if key not in behind:
            behind.add(key)
            stack.extend(made_by[key].read if key in made_by else ())
    return behind


def _in_order(operations: Sequence[O]) -> list[O]:
    """Each after those that it reads from."""
    made_by = {key: place for place, o in enumerate(operations) for key in o.keys}
    graph = {
        place: [made_by[key] for key in o.read if key in made_by]
        for place, o in enumerate(operations)
    }
    return [operations[place] for place in graphlib.TopologicalSorter(graph).static_order()]
