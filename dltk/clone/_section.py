"""The section of a network between a cut and its outputs: which layers, and what crosses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .._errors import OptionError
from .._graph import Connection, Graph, Port
from ._nodes import Node


@dataclass(frozen=True, eq=False)
class Section:
    """A part of a graph, cut out.

    Attributes:
        graph: The whole graph.
        inputs: The cut, in the order of the arguments.
        outputs: Nodes whose values are wanted.
        layers: Names of the layers between, in the graph's order.
        connections: Arrows among them.
        entries: For each input the inputs of those layers that take the argument.
    """

    graph: Graph
    inputs: tuple[Node, ...]
    outputs: tuple[Node, ...]
    layers: tuple[str, ...]
    connections: tuple[Connection, ...]
    entries: tuple[tuple[Port, ...], ...]

    def replaced(self, layer: str) -> dict[str, int]:
        """Parameters of a layer that are arguments, and their places among these."""
        return {
            node.part: place
            for place, node in enumerate(self.inputs)
            if node.kind == "parameter" and node.layer == layer
        }


def section(who: str, graph: Graph, inputs: Sequence[Node], outputs: Sequence[Node]) -> Section:
    """Walk back from the outputs to the cut.

    Raises:
        OptionError: Data crosses into the section elsewhere, an input node does nothing, or one
            depends on the section itself.
    """
    _refuse_twice(who, inputs)
    found, used = _back(graph, inputs, outputs)
    _refuse_missing(who, graph, inputs, outputs, found)
    _refuse_idle(who, inputs, outputs, found, used)
    _refuse_loop(who, graph, inputs, found)
    inside = [layer.Name for layer in graph.layers if layer.Name in found]
    cut = {node.port for node in inputs if node.kind == "output"}
    arrows = [c for c in graph.connections if c.destination[0] in found]
    entries = tuple(
        (node.port,)
        if node.kind == "input"
        else tuple(c.destination for c in arrows if node.kind == "output" and c.source == node.port)
        for node in inputs
    )
    kept = tuple(c for c in arrows if c.source not in cut)
    return Section(graph, tuple(inputs), tuple(outputs), tuple(inside), kept, entries)


def _back(
    graph: Graph, inputs: Sequence[Node], outputs: Sequence[Node]
) -> tuple[set[str], set[Port]]:
    """Layers from the cut (left out) to the outputs, and the ports of the cut that are met."""
    cut = {node.port for node in inputs if node.kind != "parameter"}
    stack: list[Port] = [node.port for node in outputs]
    found: set[str] = set()
    used: set[Port] = set()
    while stack:
        port = stack.pop()
        if port in cut:
            used.add(port)
        elif port[0] not in found:
            found.add(port[0])
            used |= {(port[0], name) for name in graph.layer(port[0]).inputs} & cut
            stack += _feeding(graph, port[0])
    return found, used


def _feeding(graph: Graph, layer: str) -> list[Port]:
    """What feeds a layer, open inputs left out."""
    return [source for source in graph.sources[graph.place[layer]] if source is not None]


def _open(graph: Graph, layer: str) -> list[Port]:
    return [port for port in graph.open_inputs if port[0] == layer]


def _refuse_twice(who: str, inputs: Sequence[Node]) -> None:
    places = [(node.kind, node.port) for node in inputs]
    twice = [n.name for n, place in zip(inputs, places, strict=True) if places.count(place) > 1]
    if twice or not inputs:
        raise OptionError(
            f"{who}: inputNodes must name at least one node, and none twice.",
            got={"named twice": ", ".join(twice)} if twice else None,
        )


def _refuse_missing(
    who: str, graph: Graph, inputs: Sequence[Node], outputs: Sequence[Node], found: set[str]
) -> None:
    """Every arrow from the data into what depends on the cut must be a part of the cut."""
    cut = {node.port for node in inputs if node.kind != "parameter"}
    fed: set[str] = set()  # layers that depend on the cut
    from_data: set[str] = set()  # layers that depend on data that is not in the cut
    given = {node.layer for node in inputs if node.kind == "parameter"}
    crossings: dict[str, str] = {}
    for place in graph.order:
        layer = graph.layers[place].Name
        if layer not in found:
            continue
        sources = _feeding(graph, layer)
        opened = _open(graph, layer)
        data = [port for port in opened if port not in cut]
        if data or any(s not in cut and s[0] in from_data for s in sources):
            from_data.add(layer)
        if layer in given or any(s in cut or s[0] in fed for s in [*sources, *opened]):
            fed.add(layer)
            for source in sources:
                if source not in cut and source[0] in from_data - fed:
                    crossings[graph.port_name(source, "output")] = layer
            crossings.update((_data_name(graph, port), layer) for port in data)
    for node in outputs:
        if node.layer in from_data - fed:
            crossings[node.name] = "the outputs"
    if crossings:
        raise OptionError(
            f"{who}: data crosses into the section at nodes that inputNodes does not list.",
            got={
                "missing": ", ".join(f'"{a}" (into "{b}")' for a, b in crossings.items()),
                "inputNodes": _names(inputs),
                "outputNodes": _names(outputs),
            },
            fix="List every node that the section takes data from.",
        )


def _data_name(graph: Graph, port: Port) -> str:
    return port[0] if graph.layer(port[0]).is_input else "/".join(port)


def _refuse_idle(
    who: str, inputs: Sequence[Node], outputs: Sequence[Node], found: set[str], used: set[Port]
) -> None:
    idle = [
        node
        for node in inputs
        if (node.layer not in found if node.kind == "parameter" else node.port not in used)
    ]
    if idle:
        raise OptionError(
            f"{who}: no output depends on the input node{'s' * (len(idle) != 1)} {_names(idle)}.",
            got={"inputNodes": _names(inputs), "outputNodes": _names(outputs)},
            fix="Leave it out; behind other input nodes it is not needed.",
        )


def _refuse_loop(who: str, graph: Graph, inputs: Sequence[Node], found: set[str]) -> None:
    """A path may not leave the section and come back by an input node."""
    for node in inputs:
        if node.kind != "output":
            continue
        inside = [layer for layer in _above(graph, node.layer) if layer in found]
        if inside:
            raise OptionError(
                f'{who}: the input node "{node.name}" depends on "{inside[0]}", which lies inside '
                "the section.",
                got={"inputNodes": _names(inputs), "inside": ", ".join(sorted(found))},
                fix="Cut so that no path leaves the section and comes back.",
            )


def _above(graph: Graph, layer: str) -> list[str]:
    """A layer and all that it depends on, nearest first."""
    seen = [layer]
    for name in seen:
        seen += [s[0] for s in _feeding(graph, name) if s[0] not in seen]
    return seen


def _names(nodes: Iterable[Node]) -> str:
    return ", ".join(f'"{node.name}"' for node in nodes)
