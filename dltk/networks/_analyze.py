"""`analyzeNetwork`: sizes, parameters and all mistakes of a network, without running it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from .._errors import DltkError, OptionError
from .._graph import Graph, Port, assign_names, chain, check_layers
from .._initialize import layout_of, output_layouts
from .._layergraph import LayerGraph
from .._values import parameter_value
from ..dlnetwork import dlnetwork
from ..layers._layer import Layer
from ..layers._layout import networkDataLayout
from ._analysis import Analysis, Issue, LayerRow

Layouts = dict[Port, networkDataLayout]


def analyzeNetwork(net: Any, *X: Any, show: bool = True) -> Analysis:
    """Print what a network consists of, and all that is wrong with it.

    A row per layer gives the size and the labels of its outputs (one observation, one time step
    where these are not known), its learnable parameters and states. A network that cannot be
    initialized is analyzed as far as it goes: every mistake is reported with its layer and both
    sizes, and where a mistake leaves the output of its layer known, the layers behind are checked
    too.

    Args:
        net: A dlnetwork, a layer graph, or a list of layers.
        *X: Examples (dlarrays or `networkDataLayout` objects) for inputs without input layer, one
            per entry of ``net.InputNames`` or one per input that has no input layer.
        show: Whether to print; false to have the result only.

    Returns:
        The analysis, true if nothing is wrong: ``LayerInfo`` has a row per layer, ``Issues`` the
        mistakes, ``TotalLearnables`` and ``TotalStates`` the numbers of values.

    Raises:
        OptionError: Something that is no network, or another number of examples than inputs.

    Example:
        >>> from dltk import featureInputLayer, fullyConnectedLayer
        >>> result = analyzeNetwork([featureInputLayer(4), fullyConnectedLayer(3)])
        1 input, 1 output, 2 layers, 15 learnables, 0 states
        <BLANKLINE>
             Name   Type                 Activations  Learnables              States
          1  input  featureInputLayer    4(C) × 1(B)
          2  fc     fullyConnectedLayer  3(C) × 1(B)  Weights 3×4 · Bias 3×1
        <BLANKLINE>
        No mistakes found.

    Source:
        https://www.mathworks.com/help/deeplearning/ref/analyzenetwork.html
    """
    graph, issues = _graph_of(net)
    known: Layouts = {}
    given, missing = _inputs(graph, X)
    issues += missing
    layers: dict[int, Layer] = {}
    shortest = max((getattr(layer, "MinLength", 1) for layer in graph.layers), default=1)
    for place in graph.order:
        layer, sources = graph.layers[place], graph.sources[place]
        feeds = [
            given.get((layer.Name, port)) if source is None else known.get(source)
            for port, source in zip(layer.inputs, sources, strict=True)
        ]
        inputs = [layout for layout in feeds if layout is not None]
        if len(inputs) < len(feeds):
            continue
        made, outputs, error = _checked(layer, inputs, shortest)
        layers[place] = made
        known |= {(layer.Name, p): x for p, x in zip(layer.outputs, outputs, strict=False)}
        if error is not None:
            fed = [_source(graph, place, n) for n in range(len(inputs))]
            issues.append(Issue(place + 1, layer.Name, layer.kind, _text(error, fed, inputs)))
    rows = [_row(graph, place, layers.get(place), known) for place in range(len(graph.layers))]
    issues.sort(key=lambda issue: issue.number)
    result = Analysis(tuple(rows), tuple(issues), len(graph.open_inputs), len(graph.open_outputs))
    if show:
        print(result)
    return result


def _graph_of(net: Any) -> tuple[Graph, list[Issue]]:
    """The graph, its layers with their values; layers that share a name are told apart."""
    if isinstance(net, (dlnetwork, LayerGraph)):
        return net._graph.with_layers(net.Layers), []
    if not isinstance(net, (Layer, list, tuple)):
        raise OptionError(
            f"analyzeNetwork: expected a dlnetwork, a layer graph or a list of layers, not a "
            f"{type(net).__name__}."
        )
    named = assign_names(check_layers(net, Layer))
    places: dict[str, int] = {}
    issues, layers = [], []
    for number, layer in enumerate(named, 1):
        if layer.Name in places:
            text = f"The name stands already, for layer {places[layer.Name]}; names must be unique."
            issues.append(Issue(number, layer.Name, layer.kind, text))
            layer = layer.bound({"Name": f"{layer.Name} ({number})"})
        places.setdefault(layer.Name, number)
        layers.append(layer)
    return Graph(layers, chain(layers)), issues


def _inputs(graph: Graph, X: Sequence[Any]) -> tuple[Layouts, list[Issue]]:
    """What feeds each open input, and those that nothing feeds."""
    own = {p: graph.layer(p[0]).layout() for p in graph.open_inputs if graph.layer(p[0]).is_input}
    rest = [port for port in graph.open_inputs if port not in own]
    ports = list(graph.open_inputs) if len(X) == len(graph.open_inputs) else rest
    if X and len(X) != len(ports):
        raise OptionError(
            f"analyzeNetwork: {len(X)} example{'s' * (len(X) != 1)} for {len(rest)} "
            f"input{'s' * (len(rest) != 1)} without input layer.",
            got={"inputs": ", ".join(graph.port_name(p, "input") for p in rest) or "none"},
        )
    if X:
        return own | {port: layout_of(x) for port, x in zip(ports, X, strict=True)}, []
    issues = []
    for layer, port in rest:
        made = graph.layer(layer)
        what = "Its input" if len(made.inputs) == 1 else f'Its input "{port}"'
        text = f"{what} is connected to nothing: connect it, or give analyzeNetwork an example."
        issues.append(Issue(graph.place[layer] + 1, layer, made.kind, text))
    return own, issues


def _checked(
    layer: Layer, inputs: list[networkDataLayout], shortest: int
) -> tuple[Layer, list[networkDataLayout], Exception | None]:
    """The initialized layer, its outputs as far as they can be told, and what is wrong."""
    first: Exception | None = None
    for tried, fed in _attempts(layer, inputs):
        try:
            start = tried.bound({})
            made = start.initialize(*fed) or start
            return made, output_layouts(made, fed, shortest), first
        except Exception as error:
            first = first or error
    return layer, [], first


def _attempts(
    layer: Layer, inputs: list[networkDataLayout]
) -> Iterator[tuple[Layer, list[networkDataLayout]]]:
    """The layer as it is; then without what the user fixed; then fed by its first input alone."""
    yield layer, inputs
    names = (*layer.learnables, *layer.states)
    loose: dict[str, Any] = {} if any("/" in name for name in names) else dict.fromkeys(names)
    loose |= {n: "auto" for n in ("NumChannels", "InputSize") if n in vars(layer)}
    if not layer.is_input:
        yield layer.bound(loose), inputs
        yield layer.bound(loose), [inputs[0]] * len(inputs)


def _source(graph: Graph, place: int, number: int) -> str:
    source = graph.sources[place][number]
    return "example" if source is None else f'"{graph.port_name(source, "output")}"'


def _text(error: Exception, fed: Sequence[str], inputs: Sequence[networkDataLayout]) -> str:
    """A mistake in words: what is wrong, the sizes, where the data come from, what to do."""
    lines = [str(error) or type(error).__name__]
    if isinstance(error, DltkError):
        lines = [error.message, *(f"  {name}: {value}" for name, value in error.got.items())]
    lines += [f"  from {name}: {shown(x)}" for name, x in zip(fed, inputs, strict=True)]
    return "\n".join([*lines, error.fix] if isinstance(error, DltkError) and error.fix else lines)


def shown(layout: networkDataLayout) -> str:
    """A layout with one observation and one time step where these are not known."""
    sizes = [
        1 if n != n and letter in "BT" else n
        for n, letter in zip(layout.Size, layout.Format or "U" * len(layout.Size), strict=True)
    ]
    return repr(networkDataLayout(sizes, layout.Format))


def _row(graph: Graph, place: int, made: Layer | None, known: Layouts) -> LayerRow:
    layer = graph.layers[place] if made is None else made
    outputs = [known.get((layer.Name, port)) for port in layer.outputs]
    return LayerRow(
        place + 1,
        layer.Name,
        layer.kind,
        layer.describe(),
        tuple("" if layout is None else shown(layout) for layout in outputs),
        _sizes(layer, layer.learnables),
        _sizes(layer, [name for name in layer.states if name not in layer.absent]),
    )


def _sizes(layer: Layer, names: Sequence[str]) -> tuple[tuple[str, tuple[int, ...]], ...]:
    values = ((name, parameter_value(getattr(layer, name))) for name in names)
    return tuple((name, value.shape) for name, value in values if value is not None)
