"""The network: a graph of layers together with the values of its parameters.

A `dlnetwork` is a value. Functions return a new one and leave their argument as it is; `net.State =
...` and `net.Learnables = ...` rebind on the object on which they are called. It is a JAX pytree:
learnables and states are its leaves, the graph is static.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import numpy as np

from ._code import is_library_class, is_library_file
from ._display import cell
from ._errors import StateError
from ._evaluate import predict
from ._graph import Graph, Port, output_ports, parse_port
from ._initialize import initialize
from ._layergraph import LayerGraph, layerGraph
from ._reads import fixed_key
from ._run import run_layers
from ._table import table
from ._tape import is_live
from ._values import bound, checked, copied, owner, parameter_value, rows_of, values_by_layer
from .dlarray import dlarray, wrap
from .layers._layer import Layer
from .layers._network import NestingLayer


class dlnetwork:
    """Neural network for custom training loops.

    Args:
        layers: Layers, connected in sequence (an input layer starts a new branch), or a
            `layerGraph`. An empty list gives an empty network.
        *X: Examples for the inputs that have no input layer: dlarrays or `networkDataLayout`
            objects, one per entry of ``InputNames``.
        OutputNames: Names of the layers (or ``layer/port``) that `forward` and `predict` return.
        Connections: More arrows than the sequence has, as pairs such as ``("relu_1", "add/in2")``.
        Initialize: Whether to give the parameters their values now.

    Attributes:
        Layers: The layers, in the order added.
        Connections: Pairs (source, destination).
        Learnables: Table of the learnable parameters (Layer, Parameter, Value).
        State: Table of the states.
        InputNames: Names of the inputs, in the order in which `forward` takes them.
        OutputNames: Names of the outputs, in the order in which `forward` returns them; settable.
        Initialized: Whether all parameters have values.

    Raises:
        OptionError: Something that is not a layer, a name that stands twice, a cycle.
        FormatError: Data of the wrong size or with the wrong labels; the note names the layer.

    Example:
        >>> from dltk import featureInputLayer, fullyConnectedLayer
        >>> net = dlnetwork([featureInputLayer(4), fullyConnectedLayer(3)])
        >>> net.Learnables["fc", "Weights"].shape
        (3, 4)
        >>> predict(net, dlarray(np.zeros((4, 5), np.float32), "CB")).shape
        (3, 5)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlnetwork.html
    """

    __slots__ = ("__weakref__", "_graph", "_learnables", "_outputs", "_states")

    def __init__(
        self,
        layers: Any = (),
        *X: Any,
        OutputNames: str | Sequence[str] | None = None,
        Connections: Sequence[tuple[str, str]] = (),
        Initialize: bool = True,
    ):
        graph = (layers if isinstance(layers, LayerGraph) else layerGraph(layers))._graph
        for source, destination in Connections:
            graph = graph.connected(source, destination)
        self._set(graph, None if OutputNames is None else output_ports(graph, OutputNames))
        if Initialize and graph.layers:
            made = initialize(self, *X)
            self._graph, self._learnables, self._states = (
                made._graph,
                made._learnables,
                made._states,
            )

    def _set(self, graph: Graph, outputs: tuple[Port, ...] | None) -> None:
        """Take a graph; parameters are what its layers hold."""
        self._graph = graph
        self._outputs = outputs
        self._learnables = rows_of(graph, "learnables")
        self._states = rows_of(graph, "states")

    def _with_graph(self, graph: Graph) -> dlnetwork:
        """The same outputs of a graph whose layers hold the values."""
        made = object.__new__(dlnetwork)
        made._set(graph, self._outputs)
        return made

    def _copy(self) -> dlnetwork:
        made = object.__new__(dlnetwork)
        made._graph, made._outputs = self._graph, self._outputs
        made._learnables, made._states = copied(self._learnables), copied(self._states)
        return made

    # What it consists of

    @property
    def Layers(self) -> list[Layer]:
        """The layers, with their current parameter values."""
        return [bound(layer, values_by_layer(self)) for layer in self._graph.layers]

    @property
    def Connections(self) -> list[tuple[str, str]]:
        """(source, destination) of every arrow; a port is named where a layer has several."""
        return self._graph.arrows

    @property
    def Learnables(self) -> table:
        """Table of the learnable parameters."""
        return self._learnables

    @Learnables.setter
    def Learnables(self, new: table) -> None:
        self._learnables = checked("Learnables", self._learnables, new)

    @property
    def State(self) -> table:
        """Table of the states."""
        return self._states

    @State.setter
    def State(self, new: table) -> None:
        self._states = checked("State", self._states, new, sizes=False)

    @property
    def InputNames(self) -> list[str]:
        """Names of the inputs, in the order of the arguments of `forward`."""
        return [self._graph.port_name(port, "input") for port in self._graph.open_inputs]

    @property
    def OutputNames(self) -> list[str]:
        """Names of the outputs, in the order in which `forward` returns them."""
        return [self._graph.port_name(port, "output") for port in self._output_ports]

    @OutputNames.setter
    def OutputNames(self, names: str | Sequence[str]) -> None:
        self._outputs = output_ports(self._graph, names)

    @property
    def _output_ports(self) -> tuple[Port, ...]:
        return self._graph.open_outputs if self._outputs is None else self._outputs

    @property
    def Initialized(self) -> bool:
        """Whether all parameters have values."""
        return all(v is not None for t in (self._learnables, self._states) for v in t.Value)

    def __repr__(self) -> str:
        rows = {
            "Layers": f"[{len(self._graph.layers)}×1 Layer]",
            "Connections": f"[{len(self._graph.connections)}×2 table]",
            "Learnables": f"[{len(self._learnables)}×3 table]",
            "State": f"[{len(self._states)}×3 table]",
            "InputNames": cell(self.InputNames),
            "OutputNames": cell(self.OutputNames),
            "Initialized": int(self.Initialized),
        }
        lines = [f"{name:>15}: {value}" for name, value in rows.items()]
        more = "\n\n  View summary with summary(net)."
        return "  dlnetwork with properties:\n\n" + "\n".join(lines) + more

    def _compared(self) -> tuple[Any, Any]:
        """What is equal in networks that are equal: all that is fixed, and the values."""
        layers = [(layer.kind, _options(layer)) for layer in self._graph.layers]
        names = [self._learnables.names, self._states.names, self.InputNames, self.OutputNames]
        fixed = [layers, sorted(self.Connections), *names]
        return fixed, [*self._learnables.Value, *self._states.Value]

    # What update functions, dlode45, layers and the tracing of inputs need

    def _predict(self, *X: Any) -> Any:
        """`predict` as a part of a larger function, for those who cannot import it."""
        return predict(self, *X, Acceleration="none")

    def _evaluated(self, method: str, X: Sequence[dlarray], names: Sequence[str]) -> Any:
        """Outputs of these names and the new state, as a part of a larger network."""
        return run_layers(self, X, output_ports(self._graph, names), method)

    def _output(self, name: str) -> Port:
        """An output by its name, which must exist."""
        return parse_port(name, self._graph, "output", "dlnetwork")

    def _initialized(self, *X: Any) -> dlnetwork:
        """`initialize`, for those who cannot import it."""
        return initialize(self, *X)

    def _map_layers(self, function: Callable[[Layer], Layer]) -> dlnetwork:
        """A network of ``function`` of every layer; parameters are what those layers hold."""
        made = self._copy()
        made._set(self._graph.with_layers([function(x) for x in self.Layers]), self._outputs)
        return made

    def _with_rows(self, values: Mapping[tuple[str, str], Any]) -> dlnetwork:
        """A network with other values in these rows of its tables."""
        made = self._copy()
        for part in (made._learnables, made._states):
            part.Value = [
                values.get(row, old) for row, old in zip(part.names, part.Value, strict=True)
            ]
        return made

    def _owner(self, layer: str, parameter: str) -> tuple[Layer, str]:
        """`owner` among the layers of this network."""
        return owner(self._graph, layer, parameter)

    def _with_values(self, values: Sequence[Any]) -> dlnetwork:
        """A network with other learnables, in the order of the rows."""
        made = self._copy()
        made._learnables.Value = [v if isinstance(v, dlarray) else wrap(v, "") for v in values]
        return made

    @property
    def _learn_rates(self) -> tuple[Any, ...] | None:
        """Factor of each learnable's learning rate; None if all are 1."""
        factors = tuple(
            layer.learn_rate(parameter)
            for layer, parameter in (owner(self._graph, *row) for row in self._learnables.names)
        )
        return None if all(np.ndim(f) == 0 and f == 1 for f in factors) else factors

    def _map_arrays(self, function: Callable[[dlarray], Any]) -> dlnetwork:
        """``function`` of every learnable and state."""
        made = self._copy()
        for part in (made._learnables, made._states):
            part.Value = [v if v is None else function(v) for v in part.Value]
        return made


def _options(layer: Layer) -> dict[str, Any]:
    """What a layer is, without its values."""
    values = (*layer.learnables, *layer.states)
    options = {k: v for k, v in vars(layer).items() if k not in values and k[0] != "_"}
    inner = {k: v._compared()[0] for k, v in options.items() if isinstance(v, dlnetwork)}
    return {**options, **inner, "factors": sorted(layer.factors.items())}


# Its pytree


class _UserGraph:
    """A graph with the user's own code in it: equal if that code reads the same."""

    __slots__ = ("graph", "key")

    def __init__(self, graph: Graph, key: tuple[Any, ...]):
        self.graph, self.key = graph, key

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _UserGraph) and self.graph is other.graph and self.key == other.key

    def __hash__(self) -> int:
        return hash((id(self.graph), self.key))


def _users_code(graph: Graph) -> list[Any]:
    """Layers of the user's own classes, and functions that he gave to functionLayer."""
    found: list[Any] = []
    for layer in graph.layers:
        if not is_library_class(type(layer)):
            found.append(layer)
        else:
            values = vars(layer).values()
            functions = [v for v in values if callable(v) and hasattr(v, "__code__")]
            found += [f for f in functions if not is_library_file(f.__code__.co_filename)]
            for inner in values:
                found += _users_code(inner._graph) if isinstance(inner, dlnetwork) else []
    return found


def _flatten(net: dlnetwork) -> tuple[tuple[Any, ...], Any]:
    graph = net._graph
    own = graph.__dict__.get("users_code")
    if own is None:
        own = graph.__dict__["users_code"] = _users_code(graph)
    key = _UserGraph(graph, tuple(fixed_key(part) for part in own)) if own else graph
    arrays = []
    for part in (net._learnables, net._states):
        for row, value in enumerate(part.Value):
            if value is not None and not isinstance(value, dlarray):
                part.Value[row] = value = parameter_value(value)
            if value is not None and is_live(value._variable):
                raise StateError(
                    "dlnetwork: a traced network went into a JAX function; derivatives would go.",
                    fix="Use dltk's functions, such as dlupdate, instead of jax.tree.map.",
                )
            arrays.append(None if value is None else value._data)
    return tuple(arrays), (key, net._outputs, net._learnables.names, net._states.names)


def _unflatten(static: Any, arrays: Any) -> dlnetwork:
    key, outputs, learnable_rows, state_rows = static
    made = object.__new__(dlnetwork)
    made._graph = key.graph if isinstance(key, _UserGraph) else key
    made._outputs = outputs
    values = [None if a is None else wrap(a, "") for a in arrays]
    count = len(learnable_rows)
    made._learnables = table.of(learnable_rows, values[:count])
    made._states = table.of(state_rows, values[count:])
    return made


jax.tree_util.register_pytree_node(dlnetwork, _flatten, _unflatten)
NestingLayer.maker = dlnetwork
