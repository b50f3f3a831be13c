"""`replaceLayer` and `addInputLayer`: layers put into a network that is there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from .._edit import regraphed
from .._errors import OptionError, nearest
from .._graph import Connection, Graph, Port, assign_names, chain, check_layers, parse_port
from .._initialize import initialize
from ..dlnetwork import dlnetwork
from ..layers._layer import Layer


def replaceLayer(
    net: Any,
    layerName: str,
    layers: Layer | Sequence[Layer],
    *,
    ReconnectBy: Literal["name", "order"] = "name",
) -> Any:
    """Replace a layer by others, which take over its place and its connections.

    Args:
        net: A dlnetwork or layer graph (it is not changed).
        layerName: Name of the layer; ``"block/fc"`` for the layer fc within the network layer
            block.
        layers: One layer, or a list that is connected in sequence: what fed the old layer feeds the
            first, what the old layer fed is fed by the last.
        ReconnectBy: Whether ports correspond by their "name" or by their "order".

    Returns:
        The new network; `initialize` gives values to what is new.

    Raises:
        OptionError: There is no such layer, a name stands already, or a port that was connected has
            no counterpart.

    Example:
        >>> from dltk import dlnetwork, featureInputLayer, fullyConnectedLayer, reluLayer, tanhLayer
        >>> net = dlnetwork([featureInputLayer(2), fullyConnectedLayer(3), reluLayer()])
        >>> replaceLayer(net, "relu", tanhLayer(Name="tanh")).Connections
        [('input', 'fc'), ('fc', 'tanh')]

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlnetwork.replacelayer.html
    """
    if ReconnectBy not in ("name", "order"):
        raise OptionError(
            f"replaceLayer: ReconnectBy is {ReconnectBy!r}.",
            fix=nearest(ReconnectBy, ("name", "order")),
        )
    outer, _, inner = layerName.partition("/")
    graph: Graph = net._graph
    old = graph.layer(outer, "replaceLayer")
    if inner:
        held = next(layer for layer in net.Layers if layer.Name == outer)
        found = held.within(f"{inner}/")
        if found is None:
            raise OptionError(
                f'replaceLayer: layer "{outer}" ({old.kind}) has no layers within.',
                fix=nearest(outer, graph.place),
            )
        attribute, within, (path, _) = found
        network = replaceLayer(within, path, layers, ReconnectBy=ReconnectBy)
        made = [held.bound({attribute: network}) if x.Name == outer else x for x in net.Layers]
        return _kept_outputs(
            net, regraphed(net, graph.with_layers(made), graph.place), outer, outer
        )
    place = graph.place[outer]
    others = [layer.Name for layer in graph.layers if layer.Name != outer]
    new = assign_names(check_layers(layers, Layer), others)
    if not new:
        raise OptionError(
            "replaceLayer: there is no layer to put in.", fix=f'removeLayers(net, "{outer}")?'
        )
    arrows = [_rewired(c, old, new[0], new[-1], ReconnectBy) for c in graph.connections]
    together = [*graph.layers[:place], *new, *graph.layers[place + 1 :]]
    made = regraphed(net, Graph(together, [*arrows, *chain(new)]), [layer.Name for layer in new])
    return _kept_outputs(net, made, outer, new[-1].Name)


def _kept_outputs(net: Any, made: Any, old: str, new: str) -> Any:
    """With the outputs that the user chose, the new layer's for those of the old one."""
    chosen = getattr(net, "_outputs", None)
    if chosen is not None:
        ports = [(new if layer == old else layer, port) for layer, port in chosen]
        if all(port in made._graph.layer(layer).outputs for layer, port in ports):
            made._outputs = tuple(ports)
    return made


def _rewired(c: Connection, old: Layer, first: Layer, last: Layer, by: str) -> Connection:
    """A connection with the ports of the new layers where it had those of the old one."""
    source, destination = c.source, c.destination
    if source[0] == old.Name:
        source = last.Name, _port(old, last, "output", source, by)
    if destination[0] == old.Name:
        destination = first.Name, _port(old, first, "input", destination, by)
    return Connection(source, destination)


def _port(old: Layer, new: Layer, side: str, port: Port, by: str) -> str:
    """The new layer's port for one of the old layer's."""
    before, after = (old.inputs, new.inputs) if side == "input" else (old.outputs, new.outputs)
    if len(before) == len(after) == 1:
        return after[0]
    number = before.index(port[1])
    if by == "order" and number < len(after):
        return after[number]
    if by == "name" and port[1] in after:
        return port[1]
    raise OptionError(
        f'replaceLayer: the new layer "{new.Name}" has no {side} for "{"/".join(port)}".',
        got={
            f"{side}s of {old.Name}": ", ".join(before),
            f"{side}s of {new.Name}": ", ".join(after),
        },
        fix='Match them by place, ReconnectBy="order", or disconnect that port first.',
    )


def addInputLayer(
    net: Any, layer: Layer, inputName: str | None = None, *, Initialize: bool = True
) -> Any:
    """Put an input layer in front of an input that has none.

    Args:
        net: A dlnetwork or layer graph (it is not changed).
        layer: The input layer.
        inputName: Name of the open input, ``"layer"`` or ``"layer/port"``; by default the first
            one.
        Initialize: Whether to initialize the network, which is done once all inputs have input
            layers.

    Returns:
        The network with the input layer before the layer that it feeds.

    Raises:
        OptionError: It is no input layer, or the network has no open input of that name.

    Example:
        >>> from dltk import dlnetwork, featureInputLayer, fullyConnectedLayer
        >>> net = dlnetwork([fullyConnectedLayer(3)], Initialize=False)
        >>> net = addInputLayer(net, featureInputLayer(2))
        >>> net.Learnables["fc", "Weights"].shape
        (3, 2)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlnetwork.addinputlayer.html
    """
    graph: Graph = net._graph
    if not isinstance(layer, Layer) or not layer.is_input:
        raise OptionError(
            "addInputLayer: expected an input layer, such as featureInputLayer(4).",
            got={"layer": layer.kind if isinstance(layer, Layer) else repr(layer)[:80]},
        )
    names = [graph.port_name(p, "input") for p in graph.open_inputs if not _fed(graph, p)]
    if not names or (inputName is not None and inputName not in names):
        what = "input" if inputName is None else f'input "{inputName}"'
        raise OptionError(
            f"addInputLayer: the network has no open {what}.",
            got={"inputs without input layer": ", ".join(names) or "none"},
        )
    port = parse_port(names[0] if inputName is None else inputName, graph, "input", "addInputLayer")
    (named,) = assign_names([layer], graph.place)
    place = graph.place[port[0]]
    arrow = Connection((named.Name, named.outputs[0]), port)
    layers = [*graph.layers[:place], named, *graph.layers[place:]]
    made = regraphed(net, Graph(layers, [*graph.connections, arrow]))
    open_ones = [p for p in made._graph.open_inputs if not _fed(made._graph, p)]
    ready = Initialize and isinstance(made, dlnetwork) and not open_ones
    return initialize(made) if ready else made


def _fed(graph: Graph, port: Port) -> bool:
    """Whether an open input is that of an input layer."""
    return graph.layer(port[0]).is_input
