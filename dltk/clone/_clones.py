"""The function that `cloneFunction` returns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import jax

from .._errors import OptionError, StateError
from .._evaluate import forward, predict
from .._struct import struct
from .._values import parameter_value
from ..dlnetwork import dlnetwork
from ..functions._options import outputs
from ..layers._builtin import is_empty
from ..layers._layer import Layer
from ._build import alone, within
from ._copies import copies, tied
from ._evaluate import check_holds, inputs_of, with_parameters, with_state, without_values
from ._section import Section

WHO = "cloneFunction"


class CloneFunction:
    """What `cloneFunction` returns; see there for the three ways to use it.

    Attributes:
        net: The network that is cloned.
        parameters: "learnable", "constant" or "shared".
    """

    __slots__ = ("_part", "_several", "_view", "net", "parameters")

    def __init__(self, net: dlnetwork, part: Section, several: Any, mode: str):
        self.net, self.parameters = net, mode
        self._part, self._several = part, several
        self._view = None
        if (
            mode == "shared"
        ):  # what forward and predict run, once made as programs are kept by graph
            self._view = without_values(alone(part, self._copies(net, {})))

    def __repr__(self) -> str:
        names = [[node.name for node in nodes] for nodes in (self._part.inputs, self._part.outputs)]
        return f'cloneFunction(net, {names[0]}, {names[1]}, "{self.parameters}")'

    def __call__(self, *args: Any, Name: str = "") -> Any:
        """A clone by itself, or within a larger network."""
        if args and isinstance(args[0], dlnetwork):
            return self._within(args[0], self._counted(args[1:]), Name)
        if self.parameters == "shared":
            raise OptionError(
                f"{WHO}: a shared clone lives in the network that holds the original.",
                fix='Put it there: net, z = f(net, "node"), or use the parameters of the network '
                "in a function: Y = f.forward(net, X).",
            )
        arguments = self._counted(args or (None,) * len(self._part.inputs))
        for node, argument in zip(self._part.inputs, arguments, strict=True):
            if node.kind != "parameter" and argument is not None:
                raise OptionError(
                    f'{WHO}: for a clone by itself the argument for "{node.name}" is None.',
                    got={"argument": _shown(argument)},
                    fix="Give the data to the clone: clone = f(), then predict(clone, X). Or name "
                    'the larger network first: net, z = f(net, "node").',
                )
        members = self._several or ()
        return alone(self._part, self._copies(self.net, self._given(arguments)), members)

    def forward(self, net: dlnetwork, *X: Any, nargout: int = 1) -> Any:
        """Values of the output nodes, in training, for data and the parameters of ``net``."""
        return self._evaluated(forward, net, X, nargout)

    def predict(self, net: dlnetwork, *X: Any, nargout: int = 1) -> Any:
        """Values of the output nodes, in prediction, for data and the parameters of ``net``."""
        return self._evaluated(predict, net, X, nargout)

    def _within(self, net: dlnetwork, arguments: Sequence[Any], name: str) -> tuple[Any, Any]:
        given = self._given(arguments)
        source, originals = self.net, {}
        if self.parameters == "shared":
            check_holds(WHO, net, self._part)
            held = {layer.Name: layer for layer in net.Layers}
            originals = {name: tied(held[name]) for name in self._part.layers}
            source = net
        layers = self._copies(source, given, originals)
        made, names = within(WHO, net, self._part, layers, arguments, name, originals)
        return made, self._delivered(names)

    def _evaluated(self, run: Any, net: Any, X: Sequence[Any], nargout: int) -> Any:
        who = f"{WHO}: {run.__name__}"
        if self._view is None:
            raise OptionError(
                f'{who} is for parameters="shared", this function makes clones of its own '
                f'("{self.parameters}").',
                fix=f"Make the clone first: clone = f(), then {run.__name__}(clone, X).",
            )
        if not isinstance(net, dlnetwork):
            raise OptionError(
                f"{who}: the first argument must be the dlnetwork that holds the parameters, not "
                f"a {type(net).__name__}.",
                fix=f"Call it as f.{run.__name__}(net, X).",
            )
        check_holds(who, net, self._part)
        arguments = self._counted(X)
        view = with_parameters(self._view, net, self._given(arguments))
        count = len(self._part.outputs)
        *Y, state = run(view, *inputs_of(self._part, arguments), nargout=count + 1)
        result = self._delivered(Y)
        if outputs(who, nargout, (1, 2)) == 1:
            return result
        return result, with_state(net, view, state)

    # Arguments and results

    def _counted(self, arguments: Sequence[Any]) -> Sequence[Any]:
        if len(arguments) != len(self._part.inputs):
            raise OptionError(
                f"{WHO}: the function takes one argument per input node, "
                f"{len(self._part.inputs)}; {len(arguments)} given.",
                got={"inputNodes": ", ".join(f'"{node.name}"' for node in self._part.inputs)},
            )
        return arguments

    def _given(self, arguments: Sequence[Any]) -> dict[str, dict[str, Any]]:
        """Parameters of the caller's, by layer."""
        found: dict[str, dict[str, Any]] = {}
        for node, argument in zip(self._part.inputs, arguments, strict=True):
            if node.kind == "parameter":
                if isinstance(argument, (str, dlnetwork, Layer)):
                    raise OptionError(
                        f'{WHO}: the argument for the parameter "{node.name}" must be its value, '
                        f"or None for one that initialize draws, not {_shown(argument)}.",
                        fix="Give a dlarray or an array.",
                    )
                value = parameter_value(None if is_empty(argument) else argument)
                found.setdefault(node.layer, {})[node.part] = value
        return found

    def _copies(
        self, net: dlnetwork, given: Mapping[str, Any], originals: Mapping[str, Layer] | None = None
    ) -> list[Layer]:
        held = {layer.Name: layer for layer in net.Layers} | dict(originals or {})
        layers = [held[name] for name in self._part.layers]
        if self.parameters == "constant":
            _refuse_empty(layers, given)
        return copies(layers, self.parameters, given)

    def _delivered(self, values: Sequence[Any]) -> Any:
        """One value as it is; several as a tuple, or a struct with the names of the record."""
        if self._several is None:
            return values[0]
        if not self._several:
            return tuple(values)
        return struct(**dict(zip(self._several, values, strict=True)))


def _refuse_empty(layers: Sequence[Layer], given: Mapping[str, Any]) -> None:
    empty = [
        f"{layer.Name}/{name}"
        for layer in layers
        for name in (*layer.learnables, *layer.states)
        if name not in layer.absent and name not in given.get(layer.Name, {})
        if getattr(layer, name) is None
    ]
    if empty:
        raise StateError(
            f"{WHO}: a constant clone needs a network with values.",
            got={"parameters without value": ", ".join(empty)},
            fix="Initialize the network first: net = initialize(net).",
        )


def _shown(value: Any) -> str:
    return f'"{value}"' if isinstance(value, str) else f"a {type(value).__name__}"


def _flatten(f: CloneFunction) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    return (f.net, f._view), (f._part, f._several, f.parameters)


def _unflatten(static: tuple[Any, ...], parts: Sequence[Any]) -> CloneFunction:
    made = object.__new__(CloneFunction)
    made.net, made._view = parts
    made._part, made._several, made.parameters = static
    return made


jax.tree_util.register_pytree_node(CloneFunction, _flatten, _unflatten)
