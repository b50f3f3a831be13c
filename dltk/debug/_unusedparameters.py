"""`unusedparameters`: parameters whose gradient is zero because nothing depends on them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from .._errors import OptionError
from .._labels import show
from .._tape import _key, is_live
from ._dependence import dependencies
from ._look import SAME, Look, Spot, look, variable_of
from ._text import Report, lined_up, listed, plural


@dataclass(frozen=True)
class Unused:
    """A parameter that the loss does not depend on.

    Attributes:
        name: Its name.
        size: Its size.
        operation: The operation that reads it first, "" if none does.
        line: The user's line of that operation.
        layer: Its layer.
    """

    name: str
    size: str
    operation: str = ""
    line: str = ""
    layer: str = ""

    @property
    def why(self) -> str:
        """The reason in words."""
        if not self.operation:
            return "no operation reads it"
        spot = Spot(self.line, self.layer)
        return f"the loss does not depend on it, though {self.operation} reads it: {spot}"


@dataclass(frozen=True, repr=False)
class UnusedParameters(Report):
    """What `unusedparameters` found; true if every parameter is used.

    Attributes:
        parameters: The unused ones.
        asked: How many parameters there are of which a gradient was asked.
        unasked: Names of parameters among the inputs of which no gradient was asked.
    """

    parameters: tuple[Unused, ...]
    asked: int
    unasked: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return not self.parameters

    @property
    def summary(self) -> str:
        """How many are unused."""
        if self:
            return f"The loss depends on all parameters ({self.asked})."
        return (
            f"The loss does not depend on {len(self.parameters)} of "
            f"{plural(self.asked, 'parameter')}: the gradient is zero whatever the values."
        )

    def __str__(self) -> str:
        lines = [self.summary]
        if self.parameters:
            rows = [(p.name, p.size, p.why) for p in self.parameters]
            lines += lined_up([("parameter", "size", "why"), *rows])
        if self.unasked:
            lines.append(f"No gradient is asked of {listed(self.unasked)}.")
        return "\n".join(lines)


def unusedparameters(fun: Any, *args: Any, **kwargs: Any) -> UnusedParameters:
    """Find the parameters that the loss of a function does not depend on.

    Decided from the trace, not from values: a parameter whose gradient happens to be zero (behind a
    dead relu) is used; one that no operation reads, or whose results never reach the loss, is not.
    Derivatives inside the loss are followed, too: the last bias of a network is unused if only
    derivatives of its output by the input enter the loss. If the function calls `dlgradient`
    several times, a parameter is unused if none of the calls that ask for its gradient reaches it.
    If it calls it never, its loss and all parameters among its inputs count.

    Args:
        fun: A function as for dlfeval.
        *args: Its inputs.
        **kwargs: Its inputs by name.

    Returns:
        The result, which is printed too; true if every parameter is used.

    Raises:
        OptionError: ``fun`` is no function, or there is neither a gradient nor a loss in it.
        Whatever ``fun`` raises.

    Example:
        >>> from dltk import dlarray, dlgradient, struct, sum
        >>> def loss(p, x):
        ...     y = sum(p.slope * x, "all")
        ...     return y, dlgradient(y, p)
        >>> p = struct(slope=dlarray(2.0), offset=dlarray(1.0))
        >>> result = unusedparameters(loss, p, dlarray([1.0, 2.0]))
        The loss does not depend on 1 of 2 parameters: the gradient is zero whatever the values.
        parameter  size  why
        p.offset   1×1   no operation reads it
    """
    at = _Reader()
    look("unusedparameters", at, fun, args, kwargs)
    if not at.derivatives:
        raise OptionError(
            "unusedparameters: the function takes no gradient and returns no loss that depends on "
            "its inputs.",
            fix="Let it call dlgradient(loss, parameters), or return the loss, a dlarray with one "
            "element; parameters are dlarrays among its inputs.",
        )
    result = at.found()
    print(result)
    return result


class _Reader(Look):
    """Notes who reads what, and what every loss depends on."""

    def __init__(self) -> None:
        super().__init__()
        self.read: dict[Any, tuple[str, Spot]] = {}
        self.asked: set[Any] = set()
        self.used: set[Any] = set()

    def operation(self, name: str, inputs: Sequence[Any], results: Sequence[Any]) -> None:
        super().operation(name, inputs, results)
        if name == "dlgradient" or name in SAME:
            return
        for x in inputs:
            variable = variable_of(x)
            if variable is not None and is_live(variable):
                self.read.setdefault(self.source(variable), (name, self.spot))

    def derivative(self, y: Any, xs: Sequence[Any], nodes: Sequence[Any], *, pulled: bool) -> None:
        super().derivative(y, xs, nodes, pulled=pulled)
        found = dependencies(y)
        self.asked |= {self.source(x) for x in xs}
        self.used |= {self.source(x) for x in xs if _key(x) in found}

    def end(self, outputs: Any) -> None:
        self.differentiate(outputs)

    def found(self) -> UnusedParameters:
        unused, unasked, asked = [], [], 0
        parameters = any(x.role == "parameter" for x in self.inputs)
        for x in self.inputs:
            variable = variable_of(x.value)
            if variable is None:
                continue
            key = _key(variable)
            if key not in self.asked:
                unasked += [x.name] if x.role == "parameter" else []
                continue
            asked += x.role == "parameter" or not parameters  # not data, such as the X of a PINN
            if key not in self.used:
                name, spot = self.read.get(key, ("", Spot("", "")))
                unused.append(Unused(x.name, show(x.value.shape, x.value.dims), name, *spot))
        return UnusedParameters(tuple(unused), asked, tuple(unasked))
