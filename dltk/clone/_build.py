"""Networks made of a section: by itself, or within a larger network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._errors import OptionError
from .._graph import Connection, Graph, Port, parse_port
from ..dlnetwork import dlnetwork
from ..layers._layer import Layer
from ..layers._utility import identityLayer
from ._section import Section


def alone(part: Section, layers: Sequence[Layer], members: Sequence[str] = ()) -> dlnetwork:
    """The section as a network.

    Inputs are called like the input nodes; outputs like the members of the record, if there is one.
    """
    held = {layer.Name: layer for layer in layers}
    heads: list[Layer] = []
    arrows = list(part.connections)
    fed: dict[Port, Port] = {}
    for node, entries in zip(part.inputs, part.entries, strict=True):
        if node.kind == "parameter":
            continue
        source = part.graph.layer(node.layer)
        if node.kind == "input" and source.is_input:
            heads.append(held.pop(node.layer))
            continue
        single = node.kind == "output" and len(source.outputs) == 1
        name = node.layer if single else "_".join(node.port)
        while name in part.layers or name in (head.Name for head in heads):
            name += "_"
        heads.append(identityLayer(Name=name))
        fed[node.port] = name, "out"
        arrows += [Connection((name, "out"), entry) for entry in entries]
    all_layers = [*heads, *held.values()]
    ports = [fed.get(node.port, node.port) for node in part.outputs]
    for place, member in enumerate(members):
        if Graph(all_layers, arrows).port_name(ports[place], "output") != member:
            _refuse_taken(member, all_layers)
            all_layers.append(identityLayer(Name=member))
            arrows.append(Connection(ports[place], (member, "in")))
            ports[place] = member, "out"
    made = dlnetwork()
    made._set(Graph(all_layers, arrows), tuple(ports))
    return made


def _refuse_taken(member: str, layers: Sequence[Layer]) -> None:
    if member in (layer.Name for layer in layers) or "/" in member or not member:
        raise OptionError(
            f'cloneFunction: an output of the clone cannot be called "{member}".',
            got={"names of its layers": ", ".join(layer.Name for layer in layers)},
            fix="Choose another name for it in outputNodes, without /.",
        )


def within(
    who: str,
    net: dlnetwork,
    part: Section,
    layers: Sequence[Layer],
    arguments: Sequence[Any],
    prefix: str,
    originals: Mapping[str, Layer],
) -> tuple[dlnetwork, list[str]]:
    """The larger network with a clone in it, and the names of the clone's outputs there.

    ``originals`` are layers that take the place of those of the same name.
    """
    graph = net._graph
    prefix = _prefix(who, graph, prefix)

    def moved(port: Port) -> Port:
        return f"{prefix}.{port[0]}", port[1]

    arrows = [Connection(moved(c.source), moved(c.destination)) for c in part.connections]
    fed: dict[Port, Port] = {}
    for node, entries, argument in zip(part.inputs, part.entries, arguments, strict=True):
        if node.kind != "parameter":
            source = _port(who, graph, argument, node.name)
            arrows += [Connection(source, moved(entry)) for entry in entries]
            if node.kind == "output":
                fed[node.port] = source
    old = [originals.get(layer.Name, layer) for layer in net.Layers]
    new = [layer.bound({"Name": f"{prefix}.{layer.Name}"}) for layer in layers]
    larger = Graph([*old, *new], [*graph.connections, *arrows])
    made = dlnetwork()
    made._set(larger, None)
    ports = [fed.get(node.port) or moved(node.port) for node in part.outputs]
    return made, [larger.port_name(port, "output") for port in ports]


def _prefix(who: str, graph: Graph, name: Any) -> str:
    """What the names of the clone's layers begin with; "clone", "clone_1", ... by default."""
    if not isinstance(name, str) or "/" in name:
        raise OptionError(f"{who}: Name must be text without /, not {name!r}.")
    taken = {layer.partition(".")[0] for layer in graph.place}
    if name and any(layer.startswith(f"{name}.") for layer in graph.place):
        raise OptionError(
            f'{who}: the network has a part called "{name}" already.', fix="Choose another Name."
        )
    number, made = 0, name or "clone"
    while not name and made in taken:
        number += 1
        made = f"clone_{number}"
    return made


def _port(who: str, graph: Graph, argument: Any, node: str) -> Port:
    if not isinstance(argument, str):
        raise OptionError(
            f'{who}: the argument for "{node}" must be the name of a node of the larger network, '
            f"not a {type(argument).__name__}.",
            fix="For values use a network, clone = f() and forward(clone, X), or with "
            'parameters="shared" f.forward(net, X).',
        )
    return parse_port(argument, graph, "output", who)
