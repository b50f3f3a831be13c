"""The network: a graph of layers together with the values of its parameters.

A `dlnetwork` is a value. Functions return a new one and leave their argument as it is; `net.State =
...` and `net.Learnables = ...` rebind on the object on which they are called. It is a JAX pytree:
learnables and states are its leaves, the graph is static.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import jax
import numpy as np

from . import _labels as labels
from ._code import is_library_class, is_library_file
from ._errors import FormatError, OptionError, StateError
from ._graph import Graph, Port, assign_names, chain, check_layers, parse_port
from ._numbers import SINGLE, is_known
from ._program import Programs
from ._random import drawing_from, generator
from ._reads import fixed_key
from ._table import table
from ._tape import is_live
from .autodiff import may_compile
from .dlarray import dlarray, extractdata, stripdims, unformatted, wrap
from .layers._layer import Layer
from .layers._layout import networkDataLayout

Row = tuple[str, str]  # layer name, parameter name


class dlnetwork:
    """Neural network for custom training loops.

    Args:
        layers: Layers, connected in sequence (an input layer starts a new branch). An empty list
            gives an empty network.
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
        >>> from dltk.layers import featureInputLayer, fullyConnectedLayer
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
        named = assign_names(check_layers(layers, Layer))
        graph = Graph(named, chain(named))
        for source, destination in Connections:
            graph = graph.connected(source, destination)
        self._set(graph, None if OutputNames is None else _output_ports(graph, OutputNames))
        if Initialize and named:
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
        self._learnables = _rows(graph, "learnables")
        self._states = _rows(graph, "states")

    def _copy(self) -> dlnetwork:
        made = object.__new__(dlnetwork)
        made._graph, made._outputs = self._graph, self._outputs
        made._learnables, made._states = _copied(self._learnables), _copied(self._states)
        return made

    # What it consists of

    @property
    def Layers(self) -> list[Layer]:
        """The layers, with their current parameter values."""
        return [_bound(layer, _values_by_layer(self)) for layer in self._graph.layers]

    @property
    def Connections(self) -> list[tuple[str, str]]:
        """(source, destination) of every arrow; a port is named where a layer has several."""
        g = self._graph
        return [
            (g.port_name(c.source, "output"), g.port_name(c.destination, "input"))
            for c in g.connections
        ]

    @property
    def Learnables(self) -> table:
        """Table of the learnable parameters."""
        return self._learnables

    @Learnables.setter
    def Learnables(self, new: table) -> None:
        self._learnables = _checked("Learnables", self._learnables, new)

    @property
    def State(self) -> table:
        """Table of the states."""
        return self._states

    @State.setter
    def State(self, new: table) -> None:
        self._states = _checked("State", self._states, new, sizes=False)

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
        self._outputs = _output_ports(self._graph, names)

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
            "InputNames": self.InputNames,
            "OutputNames": self.OutputNames,
            "Initialized": int(self.Initialized),
        }
        lines = [f"{name:>15}: {value}" for name, value in rows.items()]
        return "  dlnetwork with properties:\n\n" + "\n".join(lines)

    # What update functions, dlode45 and the tracing of inputs need

    def _predict(self, *X: Any) -> Any:
        """`predict` as a part of a larger function, for those who cannot import it."""
        return predict(self, *X, Acceleration="none")

    def _with_values(self, values: Sequence[Any]) -> dlnetwork:
        """A network with other learnables, in the order of the rows."""
        made = self._copy()
        made._learnables.Value = [v if isinstance(v, dlarray) else wrap(v, "") for v in values]
        return made

    @property
    def _learn_rates(self) -> tuple[Any, ...] | None:
        """Factor of each learnable's learning rate; None if all are 1."""
        factors = tuple(
            self._graph.layer(layer).factor("LearnRate", parameter)
            for layer, parameter in self._learnables.names
        )
        return None if all(np.ndim(f) == 0 and f == 1 for f in factors) else factors

    def _map_arrays(self, function: Callable[[dlarray], Any]) -> dlnetwork:
        """``function`` of every learnable and state."""
        made = self._copy()
        for part in (made._learnables, made._states):
            part.Value = [v if v is None else function(v) for v in part.Value]
        return made


# Construction


def _copied(rows: table) -> table:
    return table.of(rows.names, rows.Value)


def _rows(graph: Graph, kind: str) -> table:
    """The table of parameters from what the layers hold."""
    rows = [
        (layer, name)
        for layer in graph.layers
        for name in getattr(type(layer), kind)
        if name not in layer.absent
    ]
    names = tuple((layer.Name, name) for layer, name in rows)
    return table.of(names, [_parameter(getattr(layer, name)) for layer, name in rows])


def _parameter(value: Any) -> dlarray | None:
    """A parameter as the network keeps it: an unformatted dlarray, single unless it has a type."""
    if value is None or (isinstance(value, list) and not value):
        return None
    if isinstance(value, dlarray):
        return unformatted(value)
    array = value if hasattr(value, "dtype") else np.asarray(value, SINGLE)
    return dlarray(array)


def _output_ports(graph: Graph, names: str | Sequence[str]) -> tuple[Port, ...]:
    names = [names] if isinstance(names, str) else list(names)
    return tuple(parse_port(name, graph, "output", "dlnetwork") for name in names)


def _checked(what: str, old: table, new: Any, *, sizes: bool = True) -> table:
    """A new table of parameters for the old one's place."""
    if not isinstance(new, table):
        raise OptionError(
            f"dlnetwork: {what} must be a table with the columns Layer, Parameter and Value, "
            f"not a {type(new).__name__}.",
            fix="With state = the second output: Y, state = forward(net, X, nargout=2)."
            if what == "State"
            else "",
        )
    if new.names != old.names:
        ours, theirs = (["/".join(row) for row in t.names] for t in (old, new))
        raise OptionError(
            f"dlnetwork: the rows of {what} are those of another network.",
            got={"this network": ", ".join(ours), "given": ", ".join(theirs)},
        )
    made = _copied(new)
    made.Value = [_parameter(v) for v in new.Value]
    for (layer, parameter), before, after in zip(old.names, old.Value, made.Value, strict=True):
        if sizes and before is not None and (after is None or before.shape != after.shape):
            raise FormatError(
                f'dlnetwork: {parameter} of layer "{layer}" has another size.',
                got={
                    "has": labels.show(before.shape),
                    "given": "[]" if after is None else labels.show(after.shape),
                },
            )
    return made


def _values_by_layer(net: dlnetwork) -> dict[str, dict[str, Any]]:
    values: dict[str, dict[str, Any]] = {}
    for part in (net._learnables, net._states):
        for layer, parameter, value in part:
            if value is not None and not isinstance(value, dlarray):
                value = _parameter(value)  # put into the table by hand
            values.setdefault(layer, {})[parameter] = value
    return values


def _bound(layer: Layer, values: Mapping[str, Mapping[str, Any]]) -> Layer:
    return layer.bound(values[layer.Name]) if layer.Name in values else layer


def initialize(net: dlnetwork, *X: Any) -> dlnetwork:
    """Give all parameters that have no value yet their first values.

    Args:
        net: A dlnetwork; values that it has stay.
        *X: Examples (dlarrays or `networkDataLayout` objects) for inputs without input layer, one
            per entry of ``net.InputNames``; none if all inputs have input layers.

    Returns:
        The initialized network.

    Raises:
        OptionError: Wrong number of examples.
        FormatError: Sizes or labels do not fit a layer; the note names the layer.

    Example:
        >>> from dltk.layers import fullyConnectedLayer
        >>> net = dlnetwork([fullyConnectedLayer(2)], Initialize=False)
        >>> net = initialize(net, networkDataLayout([3, float("nan")], "CB"))
        >>> net.Learnables["fc", "Weights"].shape
        (2, 3)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlnetwork.initialize.html
    """
    graph = net._graph
    given = _example_layouts(graph, X)
    values = _values_by_layer(net)
    layouts: dict[Port, networkDataLayout] = {}
    layers = list(graph.layers)
    shortest = max((getattr(layer, "MinLength", 1) for layer in layers), default=1)
    for place in graph.order:
        layer, sources = layers[place], graph.sources[place]
        inputs = [
            given[layer.Name, port] if source is None else layouts[source]
            for port, source in zip(layer.inputs, sources, strict=True)
        ]
        with _in_layer(graph, place):
            start = _bound(layer, values).bound({})
            made = start.initialize(*inputs)
            made = start if made is None else made
            layers[place] = made
            for port, layout in zip(
                layer.outputs, _output_layouts(made, inputs, shortest), strict=True
            ):
                layouts[layer.Name, port] = layout
    made = object.__new__(dlnetwork)
    made._set(graph.with_layers(layers), net._outputs)
    return made


def _example_layouts(graph: Graph, X: tuple[Any, ...]) -> dict[Port, networkDataLayout]:
    """What feeds each open input: an example, or what the input layer says."""
    own = {p: graph.layer(p[0]).layout() for p in graph.open_inputs if graph.layer(p[0]).is_input}
    rest = [port for port in graph.open_inputs if port not in own]
    ports = list(graph.open_inputs) if len(X) == len(graph.open_inputs) else rest
    if len(X) != len(ports):
        raise OptionError(
            f"dlnetwork: {len(rest)} input{'s have' if len(rest) != 1 else ' has'} no input layer, "
            f"{len(X)} example{'s were' if len(X) != 1 else ' was'} given.",
            got={
                "inputs without input layer": ", ".join(graph.port_name(p, "input") for p in rest)
            },
            fix="Start with an input layer, connect the input, or give an example: "
            'dlnetwork(layers, dlarray(zeros(28, 28, 1, 1), "SSCB")). '
            "Initialize=False leaves it for later.",
        )
    return own | {port: _layout(x) for port, x in zip(ports, X, strict=True)}


def _layout(x: Any) -> networkDataLayout:
    if isinstance(x, networkDataLayout):
        return x
    x = x if isinstance(x, dlarray) else dlarray(x)
    return networkDataLayout(x.shape, x.dims)


def _output_layouts(
    layer: Layer, inputs: Sequence[networkDataLayout], shortest: int
) -> list[networkDataLayout]:
    """Sizes and labels of a layer's outputs; unknown sizes stay unknown where labels tell."""
    unknown = {
        letter
        for layout in inputs
        for n, letter in zip(layout.Size, layout.Format, strict=False)
        if n != n
    }
    outputs = _try_out(layer, [layout.zeros(shortest) for layout in inputs])
    sizes = [
        [float("nan") if d in unknown else n for n, d in zip(shape, fmt, strict=True)]
        if fmt
        else list(shape)
        for shape, fmt in outputs
    ]
    return [networkDataLayout(s, fmt) for s, (_, fmt) in zip(sizes, outputs, strict=True)]


def _try_out(layer: Layer, inputs: Sequence[dlarray]) -> list[tuple[tuple[int, ...], str]]:
    """Shapes and formats that predict gives for these inputs, without computing where possible."""
    found: list[tuple[tuple[int, ...], str]] = []

    def run(*X: dlarray) -> None:
        found[:] = [(y.shape, y.dims) for y in _split(layer, _call(layer, "predict", X))[0]]

    try:
        with jax.enable_x64(True):
            jax.eval_shape(run, *inputs)
    except (jax.errors.ConcretizationTypeError, jax.errors.TracerArrayConversionError):
        run(*inputs)
    return found


# Running


def _call(layer: Layer, method: str, X: Sequence[dlarray]) -> Any:
    """Run a layer, with labels taken off and put back on for one that is not formattable."""
    run = getattr(layer, method)
    if layer.Formattable:
        return run(*X)
    out = run(*(stripdims(x) for x in X))
    parts = out if isinstance(out, tuple) else (out,)
    count = len(layer.outputs)
    return (*(_relabelled(layer, y, X) for y in parts[:count]), *parts[count:])


def _relabelled(layer: Layer, y: Any, X: Sequence[dlarray]) -> dlarray:
    fmt = X[0].dims if X else ""
    y = y if isinstance(y, dlarray) else dlarray(y)
    if y.dims or not fmt:
        return y
    if y.ndim > len(fmt):
        raise FormatError(
            f"{layer.kind}: the output has more dimensions than the input has labels.",
            got={"input": labels.show(X[0].shape, fmt), "output": labels.show(y.shape)},
            fix="Set Formattable = True in the layer and return a formatted dlarray.",
        )
    return dlarray(y, fmt)


def _split(layer: Layer, out: Any) -> tuple[list[Any], list[Any]]:
    """Outputs and new states of a layer."""
    parts = list(out) if isinstance(out, (tuple, list)) else [out]
    wanted = len(layer.outputs)
    if len(parts) < wanted:
        raise FormatError(
            f"{layer.kind}: {len(parts)} outputs were returned, the layer has {wanted}.",
            got={"outputs": ", ".join(layer.outputs)},
        )
    return parts[:wanted], parts[wanted:]


@contextlib.contextmanager
def _in_layer(graph: Graph, place: int) -> Iterator[None]:
    """Errors raised inside say in which layer."""
    try:
        yield
    except Exception as error:
        layer = graph.layers[place]
        note = f'in layer "{layer.Name}" ({layer.kind}, {place + 1} of {len(graph.layers)})'
        if note not in getattr(error, "__notes__", ()):
            error.add_note(note)
        raise


def _run(
    net: dlnetwork, X: Sequence[dlarray], wanted: Sequence[Port], method: str
) -> tuple[list[dlarray], table]:
    """All layers that the wanted outputs need, and the new state."""
    graph = net._graph
    values = _values_by_layer(net)
    given = dict(zip(graph.open_inputs, X, strict=True))
    held: dict[Port, dlarray] = {}
    new: dict[Row, Any] = {}
    needed = _needed(graph, wanted)
    for place in graph.order:
        if place not in needed:
            continue
        layer, sources = _bound(graph.layers[place], values), graph.sources[place]
        inputs = [
            given[layer.Name, port] if source is None else held[source]
            for port, source in zip(layer.inputs, sources, strict=True)
        ]
        with _in_layer(graph, place):
            outputs, states = _split(layer, _call(layer, method, inputs))
        held.update(((layer.Name, port), y) for port, y in zip(layer.outputs, outputs, strict=True))
        names = [name for name in type(layer).states if name not in layer.absent]
        new.update(((layer.Name, name), s) for name, s in zip(names, states, strict=False))
    state = _copied(net._states)
    state.Value = [
        _parameter(new[row]) if row in new else old
        for row, old in zip(state.names, state.Value, strict=True)
    ]
    return [held[port] for port in wanted], state


def _needed(graph: Graph, wanted: Sequence[Port]) -> set[int]:
    """Layers from which a wanted output can be reached."""
    stack, found = [graph.place[layer] for layer, _ in wanted], set()
    while stack:
        place = stack.pop()
        if place not in found:
            found.add(place)
            stack += [graph.place[s[0]] for s in graph.sources[place] if s is not None]
    return found


def _forward_compiled(net: dlnetwork, X: Any, wanted: Any) -> Any:
    return _run(net, X, wanted, "forward")


def _predict_compiled(net: dlnetwork, X: Any, wanted: Any) -> Any:
    return _run(net, X, wanted, "predict")


def _trace(function: Any, args: Any, kwargs: Any) -> Any:
    return function(*args, **kwargs)


def _run_eagerly(function: Any, args: Any, kwargs: Any) -> Any:
    with drawing_from(generator.device):
        return function(*args, **kwargs)


_programs = Programs(_trace, _run_eagerly, who="predict")


def forward(
    net: dlnetwork,
    *X: Any,
    Outputs: str | Sequence[str] | None = None,
    InputDataFormats: Any = "auto",
    OutputDataFormats: Any = "auto",
    Acceleration: str = "auto",
    nargout: int = 1,
) -> Any:
    """Outputs of a network as in training: dropout is active, batch norm uses the mini-batch.

    Args:
        net: An initialized dlnetwork.
        *X: One formatted dlarray per input, in the order of ``net.InputNames``. Unformatted
            dlarrays and plain arrays get the labels that the input layer implies (SSCB for images,
            BC for features, TCB for sequences); plain arrays give plain outputs.
        Outputs: Names of the layers (or ``layer/port``) to return, instead of ``net.OutputNames``.
        InputDataFormats: Labels of inputs that have none; one for all or one per input.
        OutputDataFormats: Labels that say in which order the dimensions of the outputs come; such
            outputs are unformatted.
        Acceleration: "auto" compiles calls outside dlfeval, "none" does not.
        nargout: Number of values to return. One more than there are outputs adds the new state.

    Returns:
        The outputs; with ``nargout`` one larger than their number, the state table as well.

    Raises:
        StateError: The network is not initialized.
        OptionError: Wrong number of inputs or outputs.
        FormatError: Data that does not fit a layer; the note names the layer.

    Example:
        >>> from dltk.layers import batchNormalizationLayer, featureInputLayer
        >>> net = dlnetwork([featureInputLayer(2), batchNormalizationLayer()])
        >>> Y, state = forward(net, dlarray([[1.0, 3.0], [2.0, 2.0]], "CB"), nargout=2)
        >>> net.State = state

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlnetwork.forward.html
    """
    formats = (InputDataFormats, OutputDataFormats)
    return _evaluate("forward", net, X, Outputs, formats, Acceleration, nargout)


def predict(
    net: dlnetwork,
    *X: Any,
    Outputs: str | Sequence[str] | None = None,
    InputDataFormats: Any = "auto",
    OutputDataFormats: Any = "auto",
    Acceleration: str = "auto",
    nargout: int = 1,
) -> Any:
    """Outputs of a network as in use: no dropout, batch norm with the trained statistics.

    Arguments, results and errors are those of `forward`.

    Example:
        >>> from dltk.layers import featureInputLayer, reluLayer
        >>> net = dlnetwork([featureInputLayer(2), reluLayer()])
        >>> predict(net, np.array([[-1.0, 3.0]], np.float32))
        array([[0., 3.]], dtype=float32)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlnetwork.predict.html
    """
    formats = (InputDataFormats, OutputDataFormats)
    return _evaluate("predict", net, X, Outputs, formats, Acceleration, nargout)


def _evaluate(
    method: str,
    net: Any,
    X: tuple[Any, ...],
    Outputs: Any,
    formats: tuple[Any, Any],
    acceleration: str,
    nargout: int,
) -> Any:
    if not isinstance(net, dlnetwork):
        raise OptionError(
            f"{method}: the first argument must be a dlnetwork, not a {type(net).__name__}.",
            fix=f"Call it as {method}(net, X).",
        )
    if not net.Initialized:
        raise StateError(
            f"{method}: the network is not initialized.",
            got={"parameters without value": ", ".join(_empty_rows(net))},
            fix="Call net = initialize(net), with example inputs if it has no input layer.",
        )
    wanted = net._output_ports if Outputs is None else _output_ports(net._graph, Outputs)
    if nargout > len(wanted) + 1:
        raise OptionError(
            f"{method}: the network has {len(wanted)} outputs and a state, nargout is {nargout}.",
            got={"outputs": ", ".join(net._graph.port_name(p, "output") for p in wanted)},
        )
    inputs = _labelled_inputs(method, net, X, formats[0])
    if acceleration != "none" and may_compile():
        run = _forward_compiled if method == "forward" else _predict_compiled
        outputs, state = _programs.call(run, (net, inputs, tuple(wanted)), {}, owner=net._graph)
    else:
        outputs, state = _run(net, inputs, wanted, method)
    plain = bool(X) and not any(isinstance(x, dlarray) for x in X)
    results = [_delivered(y, plain, formats[1]) for y in outputs]
    if nargout == len(wanted) + 1:
        results.append(state)
    return results[0] if nargout == 1 else tuple(results[:nargout])


def _empty_rows(net: dlnetwork) -> list[str]:
    return [f"{a}/{b}" for t in (net._learnables, net._states) for a, b, v in t if v is None]


def _labelled_inputs(
    method: str, net: dlnetwork, X: tuple[Any, ...], formats: Any
) -> list[dlarray]:
    """The inputs as dlarrays with labels."""
    ports = net._graph.open_inputs
    if len(X) != len(ports):
        raise OptionError(
            f"{method}: {len(ports)} input{'s' * (len(ports) != 1)} expected, {len(X)} given.",
            got={"InputNames": ", ".join(net.InputNames)},
            fix=f"Call it as {method}(net, {', '.join(f'X{i + 1}' for i in range(len(ports)))}).",
        )
    each = [formats] * len(X) if isinstance(formats, str) else list(formats)
    return [_with_labels(method, net, p, x, f) for p, x, f in zip(ports, X, each, strict=True)]


def _with_labels(method: str, net: dlnetwork, port: Port, x: Any, fmt: str) -> dlarray:
    if isinstance(x, dlarray) and x.dims:
        return x
    layer = net._graph.layer(port[0])
    if fmt == "auto":
        fmt = layer.implied_format(np.ndim(x) if not isinstance(x, dlarray) else x.ndim)
        if not fmt and not layer.is_input:
            raise FormatError(
                f"{method}: the input of layer {port[0]!r} has no labels.",
                got={"X": labels.show(x.shape if isinstance(x, dlarray) else np.shape(x))},
                fix='Give a formatted dlarray, dlarray(X, "SSCB"), or InputDataFormats="SSCB".',
            )
    if not isinstance(x, (dlarray, jax.Array)):
        x = np.asarray(x)
        if x.dtype.kind in "iu" or x.dtype == np.float64:
            x = x.astype(SINGLE)
    return dlarray(x, fmt) if fmt else dlarray(x)


def _delivered(y: dlarray, plain: bool, fmt: Any) -> Any:
    """An output as the caller wants it: plain for plain inputs, observations first."""
    if fmt != "auto":
        y = stripdims(y, fmt)
        return extractdata(y) if plain else y
    if not plain:
        return y
    order = {"CB": "BC", "CBT": "TCB"}.get(y.dims)
    value = extractdata(stripdims(y, order) if order else y)
    return np.asarray(value) if is_known(value) else value


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
            functions = [v for v in vars(layer).values() if callable(v) and hasattr(v, "__code__")]
            found += [f for f in functions if not is_library_file(f.__code__.co_filename)]
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
                part.Value[row] = value = _parameter(value)
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
