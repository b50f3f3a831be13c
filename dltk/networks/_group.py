"""`groupLayers`: layers put together into network layers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._edit import regraphed
from .._errors import OptionError
from .._graph import Connection, Graph, Port, assign_names
from .._ties import Tie, marked, ties_of
from ..dlnetwork import dlnetwork
from ..layers._layer import Layer
from ..layers._network import networkLayer
from ._expand import layer_names


def groupLayers(
    net: dlnetwork,
    groups: Sequence[Any] | None = None,
    *,
    GroupNames: str | Sequence[str] | None = None,
    Delimiter: str = ":",
    Recursive: bool = True,
) -> dlnetwork:
    """Put layers together into network layers; the network computes what it did.

    Without ``groups``, layers whose names have the same text before ``Delimiter`` form a group: the
    reverse of `expandLayers`.

    Args:
        net: A dlnetwork (it is not changed).
        groups: A list of groups, each a list of names or numbers (from 1) of layers; or the list of
            one group.
        GroupNames: Names of the network layers, one per group; automatic ones by default.
        Delimiter: What ends the name of the network layer in the name of a layer of it.
        Recursive: Whether to group by further delimiters in the names within a group.

    Returns:
        The network, with all values; "block:fc" is the layer "fc" in the network layer "block". A
        network layer stands where its first layer stood, so inputs may come in another order.

    Raises:
        OptionError: There is no such layer, a layer in two groups, another number of names than of
            groups, or data that leave a group and come back.

    Example:
        >>> from dltk import dlnetwork, featureInputLayer, fullyConnectedLayer, reluLayer
        >>> layers = [fullyConnectedLayer(3, Name="block:fc"), reluLayer(Name="block:relu")]
        >>> net = groupLayers(dlnetwork([featureInputLayer(2), *layers]))
        >>> net.Connections, net.Learnables.names[0]
        ([('input', 'block')], ('block/fc', 'Weights'))

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlnetwork.grouplayers.html
    """
    if groups is None:
        return _by_prefix(net, Delimiter, Recursive)
    flat = all(isinstance(member, (str, int)) for member in groups)
    members = [layer_names("groupLayers", net, g) for g in ([groups] if flat else groups)]
    twice = [name for name in net._graph.place if sum(g.count(name) for g in members) > 1]
    if twice or not all(members):
        raise OptionError(
            "groupLayers: groups must have layers, and each layer one group.",
            got={"in two groups": ", ".join(twice) or "none"},
        )
    names = [GroupNames] if isinstance(GroupNames, str) else GroupNames
    if names is None:
        blank = [networkLayer(net) for _ in members]
        names = [layer.Name for layer in assign_names(blank, net._graph.place)]
    if len(names) != len(members):
        raise OptionError(f"groupLayers: {len(names)} GroupNames for {len(members)} groups.")
    for name, group in zip(names, members, strict=True):
        net = _grouped(net, name, {member: member for member in group})
    return net


def _by_prefix(net: dlnetwork, delimiter: str, recursive: bool) -> dlnetwork:
    """Groups by the text before a delimiter, the innermost first."""
    depth = max((layer.count(delimiter) for layer in net._graph.place), default=0)
    for level in range(depth if recursive else min(depth, 1), 0, -1):
        groups: dict[str, dict[str, str]] = {}
        for layer in net._graph.place:
            parts = layer.split(delimiter)
            prefix, rest = (delimiter.join(p) for p in (parts[:level], parts[level:]))
            if prefix and rest:
                groups.setdefault(prefix, {})[layer] = rest
        for name, members in groups.items():
            net = _grouped(net, name, members)
    return net


def _grouped(net: dlnetwork, name: str, members: Mapping[str, str]) -> dlnetwork:
    """The network with one more network layer, of layers whose names become others in it."""
    graph: Graph = net._graph
    _refuse_detour(graph, name, members)
    within = [layer for layer in net.Layers if layer.Name in members]
    outside = {tie for x in graph.layers if x.Name not in members for tie in ties_of(x).values()}
    lifted = {
        f"{members[layer.Name]}/{parameter}": tie
        for layer in within
        for parameter, tie in ties_of(layer).items()
        if tie in outside
    }
    inner = dlnetwork()
    inner._set(
        Graph(
            [_renamed(layer, members[layer.Name], outside) for layer in within],
            [
                Connection(_port(c.source, members), _port(c.destination, members))
                for c in graph.connections
                if c.source[0] in members and c.destination[0] in members
            ],
        ),
        None,
    )
    consumed = {c.source for c in graph.connections if c.destination[0] not in members}
    leaving = [
        (layer.Name, port)
        for layer in within
        for port in layer.outputs
        if (layer.Name, port) in consumed or (layer.Name, port) in net._output_ports
    ]
    exits = [_port(port, members) for port in leaving] or list(inner._graph.open_outputs)
    inner._outputs = None if tuple(exits) == inner._graph.open_outputs else tuple(exits)
    entries = inner._graph.open_inputs
    block: Any = networkLayer(inner, Name=name)
    block = marked(block, lifted, None) if lifted else block

    def moved(port: Port, ports: Sequence[Port], names: Sequence[str]) -> Port:
        return (name, names[ports.index(_port(port, members))]) if port[0] in members else port

    arrows = [
        Connection(
            moved(c.source, exits, block.outputs), moved(c.destination, entries, block.inputs)
        )
        for c in graph.connections
        if not (c.source[0] in members and c.destination[0] in members)
    ]
    place = min(graph.place[member] for member in members)
    rest = [
        [x for x in part if x.Name not in members]
        for part in (graph.layers[:place], graph.layers[place:])
    ]
    made = regraphed(net, Graph([*rest[0], block, *rest[1]], arrows), [name])
    ports = tuple(moved(port, exits, block.outputs) for port in net._output_ports)
    if net._outputs is not None or ports != made._output_ports:
        made._outputs = ports
    return made


def _port(port: Port, names: Mapping[str, str]) -> Port:
    return names[port[0]], port[1]


def _renamed(layer: Layer, name: str, outside: set[Tie]) -> Layer:
    """A layer under its name in the group, without ties that lead out of it."""
    own = {parameter: tie for parameter, tie in ties_of(layer).items() if tie not in outside}
    return marked(layer, own, vars(layer).get("_frozen")).bound({"Name": name})


def _refuse_detour(graph: Graph, name: str, members: Mapping[str, str]) -> None:
    """Layers outside that the group feeds, and that feed the group, would make a cycle."""
    feeds = {
        layer.Name: {source[0] for source in sources if source is not None}
        for layer, sources in zip(graph.layers, graph.sources, strict=True)
    }
    behind: set[str] = set()  # fed by the group, directly or not
    for place in graph.order:
        layer = graph.layers[place].Name
        if layer not in members and feeds[layer] & (behind | set(members)):
            behind.add(layer)
    back = {source for member in members for source in feeds[member]} & behind
    if back:
        raise OptionError(
            f'groupLayers: data leave the group "{name}" and come back.',
            got={"from the layers": ", ".join(sorted(back))},
            fix="Put the layers between into the group, too.",
        )
