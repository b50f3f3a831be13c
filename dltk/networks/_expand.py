"""`expandLayers`: network layers replaced by the layers within them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._edit import regraphed
from .._errors import OptionError, nearest
from .._graph import Connection, Graph, Port
from .._ties import Tie, marked, ties_of
from ..dlnetwork import dlnetwork
from ..layers._layer import Layer
from ..layers._network import networkLayer


def expandLayers(
    net: dlnetwork,
    layers: str | int | Sequence[str | int] | None = None,
    *,
    Delimiter: str = ":",
    Recursive: bool = True,
) -> dlnetwork:
    """Replace network layers by the layers within them; the network computes what it did.

    Args:
        net: A dlnetwork (it is not changed).
        layers: Names or numbers (from 1) of the network layers to expand; all by default.
        Delimiter: What stands between the name of the network layer and that of a layer in it.
        Recursive: Whether to expand network layers within them as well.

    Returns:
        The network, with all values; "fc" in the network layer "block" is called "block:fc".

    Raises:
        OptionError: There is no such layer, or it is no network layer.

    Example:
        >>> from dltk import dlnetwork, featureInputLayer, fullyConnectedLayer, reluLayer
        >>> block = networkLayer([fullyConnectedLayer(3), reluLayer()], Name="block")
        >>> net = dlnetwork([featureInputLayer(2), block])
        >>> expandLayers(net).Connections
        [('input', 'block:fc'), ('block:fc', 'block:relu')]

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlnetwork.expandlayers.html
    """
    if layers is None:
        chosen = [layer.Name for layer in net._graph.layers if type(layer) is networkLayer]
    else:
        chosen = layer_names("expandLayers", net, layers)
    while chosen:
        name, *chosen = chosen
        net, within = _expanded(net, name, Delimiter)
        chosen = [*within, *chosen] if Recursive else chosen
    return net


def layer_names(who: str, net: dlnetwork, layers: Any) -> list[str]:
    """Names of layers that were given by name or by number."""
    given = [layers] if isinstance(layers, (str, int)) else list(layers)
    names = [layer.Name for layer in net._graph.layers]
    found = []
    for one in given:
        if isinstance(one, str):
            found.append(net._graph.layer(one, who).Name)
        elif one == int(one) and 1 <= one <= len(names):
            found.append(names[int(one) - 1])
        else:
            raise OptionError(f"{who}: there is no layer {one}, the network has {len(names)}.")
    return found


def _expanded(net: dlnetwork, name: str, delimiter: str) -> tuple[dlnetwork, list[str]]:
    """The network without one of its network layers; names of those that were within."""
    graph: Graph = net._graph
    held: Any = next(layer for layer in net.Layers if layer.Name == name)
    if type(held) is not networkLayer:
        others = [layer.Name for layer in graph.layers if type(layer) is networkLayer]
        raise OptionError(
            f'expandLayers: layer "{name}" ({held.kind}) is no network layer.',
            fix=nearest(name, others) if others else "The network has none.",
        )
    inner: Graph = held.Network._graph
    called = {layer.Name: f"{name}{delimiter}{layer.Name}" for layer in inner.layers}
    entries = dict(zip(held.inputs, inner.open_inputs, strict=True))
    exits = dict(zip(held.outputs, map(held.Network._output, held.OutputNames), strict=True))

    def moved(port: Port, ports: Mapping[str, Port]) -> Port:
        if port[0] != name:
            return port
        layer, own = ports[port[1]]
        return called[layer], own

    arrows = [
        *(
            Connection(moved(c.source, exits), moved(c.destination, entries))
            for c in graph.connections
        ),
        *(
            Connection(
                (called[c.source[0]], c.source[1]), (called[c.destination[0]], c.destination[1])
            )
            for c in inner.connections
        ),
    ]
    new = [layer.bound({"Name": called[layer.Name]}) for layer in _marked_within(held)]
    place = graph.place[name]
    together = [*graph.layers[:place], *new, *graph.layers[place + 1 :]]
    made = regraphed(net, Graph(together, arrows), list(called.values()))
    ports = tuple(moved(port, exits) for port in net._output_ports)
    if net._outputs is not None or ports != made._output_ports:
        made._outputs = ports
    return made, [layer.Name for layer in new if type(layer) is networkLayer]


def _marked_within(held: Any) -> list[Layer]:
    """The layers within a network layer, with what is marked as shared or frozen on it."""
    net, frozen = held.Network, vars(held).get("_frozen")
    ties, stays = {}, {}
    for path in {*ties_of(held), *(frozen or ())}:
        owner, parameter = net._owner(*held.within(path)[2])
        if path in ties_of(held):
            ties.setdefault(owner.Name, {})[parameter] = ties_of(held)[path]
        if path in (frozen or ()):
            stays.setdefault(owner.Name, []).append(parameter)
    # a parameter shared within and without has one tie afterwards
    one: dict[Tie, Tie] = {
        tie: ties[layer.Name][name]
        for layer in net.Layers
        for name, tie in ties_of(layer).items()
        if name in ties.get(layer.Name, {})
    }
    made = []
    for layer in net.Layers:
        own = {name: one.get(tie, tie) for name, tie in ties_of(layer).items()}
        kept = vars(layer).get("_frozen")
        if frozen is not None:
            kept = (*(kept or ()), *stays.get(layer.Name, ()))
        made.append(marked(layer, own | ties.get(layer.Name, {}), kept))
    return made
