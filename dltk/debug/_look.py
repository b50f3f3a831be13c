"""How the tools look at a function: they run it as `dlfeval` does, without compiling, and listen.

Values are known then, and every operation, layer and derivative is told to a `Look`. Afterwards the
random numbers stand where they stood, so a look changes nothing in a training that goes on.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from .. import _random
from .._code import Place, users_line
from .._environment import Unseen
from .._errors import OptionError
from .._labels import show
from .._listener import Listener, listening
from .._tape import Node, Variable, _key, is_live, way_back
from ..autodiff import apart, dlfeval, programs
from ..dlarray import TRIM, dlarray, logical
from ._names import Named, named_inputs

SAME = frozenset(["dlarray", "double", "single", "stripdims", TRIM])  # the same in another form
PLUMBING = SAME.union(["subscript", "subscripted assignment"])


class Spot(NamedTuple):
    """Where something happened: the user's line, and the layer if it was within a network."""

    line: str
    layer: str

    def __str__(self) -> str:
        return f'{self.line}  (layer "{self.layer}")' if self.layer else self.line


class Look(Listener):
    """What a tool is told while a function runs; a subclass says what it makes of it.

    Attributes:
        inputs: The arrays among the inputs.
        names: Their names, by the key of the variable that stands for them on the tape.
        derivatives: How many derivatives were taken.
    """

    def __init__(self) -> None:
        super().__init__()
        self.inputs: list[Named] = []
        self.names: dict[Any, str] = {}
        self.derivatives = 0
        self._sources: dict[Any, Any] = {}

    @property
    def spot(self) -> Spot:
        """Where the function is now."""
        return Spot(shown(users_line()), "/".join(self.path))

    def begin(self, inputs: list[Named]) -> None:
        """The function starts with these inputs, which are traced now."""
        self.inputs = inputs
        self.names = {
            _key(x.value._variable): x.name for x in inputs if is_live(variable_of(x.value))
        }

    def end(self, outputs: Any) -> None:
        """The function returned."""

    def operation(self, name: str, inputs: Sequence[Any], results: Sequence[Any]) -> None:
        """Notes which values are others in another form."""
        if name in SAME:
            made, given = variable_of(results[0]), variable_of(inputs[0])
            if made is not None and given is not None:
                self._sources[_key(made)] = self.source(given)

    def source(self, variable: Variable) -> Any:
        """The key of what a variable was before it changed its number type or labels."""
        return self._sources.get(_key(variable), _key(variable))

    def derivative(self, y: Any, xs: Sequence[Any], nodes: Sequence[Any], *, pulled: bool) -> None:
        """Counts derivatives."""
        self.derivatives += 1

    def differentiate(self, outputs: Any) -> None:
        """Take the derivative of the loss if the function did not ask for one by itself."""
        parts = outputs if isinstance(outputs, tuple) else (outputs,)
        place = loss_place(parts)
        if self.derivatives or place is None or not is_live(variable_of(parts[place])):
            return
        live = [x for x in self.inputs if is_live(variable_of(x.value)) and x.role != "state"]
        parameters = [x for x in live if x.role == "parameter"] or live
        variables = [x.value._variable for x in parameters]
        way_back("dlgradient", parts[place]._variable, variables, pulled=True)


def look(who: str, at: Look, fun: Any, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """The outputs of a function, after everything that happened in it was told to ``at``."""
    if fun is dlfeval and args:  # as the user calls it
        fun, *args = args
    check_function(who, fun)
    refuse_compiling(who)

    def run(*args: Any, **kwargs: Any) -> Any:
        at.begin(named_inputs(fun, args, kwargs))
        outputs = fun(*args, **kwargs)
        at.end(outputs)
        return outputs

    with _random.unadvanced(), listening(at):
        return apart(dlfeval, (run, *args), kwargs)


def check_function(who: str, fun: Any) -> None:
    """Refuse what cannot be called."""
    if not callable(fun):
        raise OptionError(
            f"{who}: the first argument must be a function, not a {type(fun).__name__}.",
            fix=f"Call it as debug.{who}(modelLoss, net, X, T), with the function's name only.",
        )


def refuse_compiling(who: str) -> None:
    """Inside a dlfeval that compiles, make it run the function as it is."""
    if _random.tracing():
        raise Unseen(f"debug.{who} looks at values")


def compiled(fun: Any, args: tuple[Any, ...]) -> tuple[Any, bool]:
    """The outputs of a compiled call, and whether `dlfeval` compiles the function at all."""
    kept = getattr(fun, "_programs", programs)  # an accelerated function has its own
    same_again(dlfeval, (fun, *args), eagerly=False)
    before = kept.hits
    outputs = same_again(dlfeval, (fun, *args), eagerly=False)
    return outputs, kept.hits > before


def same_again(function: Callable[..., Any], args: tuple[Any, ...], *, eagerly: bool = True) -> Any:
    """What a function gives outside of dlfeval, with the same random numbers in every call."""
    with _random.unadvanced():
        return apart(function, args, eagerly=eagerly)


def loss_place(parts: Sequence[Any]) -> int | None:
    """Which of the outputs is the loss: the first dlarray with one element."""
    losses = (i for i, x in enumerate(parts) if isinstance(x, dlarray) and x.size == 1)
    return next(losses, None)


def variable_of(x: Any) -> Variable | None:
    """What stands for an array on the tape."""
    return x._variable if isinstance(x, dlarray) else None


def node_of(x: dlarray) -> Node | None:
    """The recorded operation that made an array."""
    return None if x._variable is None else x._variable.node


def shown(place: Place | None) -> str:
    """A line of the user's as the tools print it."""
    if place is None:
        return ""
    filename, number, text = place
    return f"{os.path.basename(filename)}:{number}  {text}".rstrip()


def operand(x: Any) -> str:
    """An operand with size and labels; a plain number as it is."""
    if isinstance(x, dlarray):
        return show(x.shape, x.dims)
    return f"{np.asarray(x).item():g}" if np.size(x) == 1 and np.isrealobj(x) else show(np.shape(x))


def values_of(x: Any) -> np.ndarray:
    """The numbers of an operand or result as the user sees them."""
    return np.asarray(logical(x) if isinstance(x, dlarray) else x)
