"""The graph of a network: layers, connections, the order in which they run. No arrays."""

from __future__ import annotations

import collections
import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from ._errors import FormatError, OptionError, nearest

Port = tuple[str, str]  # layer name, port name


@dataclass(frozen=True)
class Connection:
    """One arrow: from an output of a layer to an input of another."""

    source: Port
    destination: Port


def assign_names(layers: Sequence[Any], taken: Iterable[str] = ()) -> list[Any]:
    """Copies of the layers with empty names filled in, as MATLAB does.

    A base word that only one unnamed layer has is the bare name; several get ``_1``, ``_2``, ...
    """
    used = set(taken) | {layer.Name for layer in layers if layer.Name}
    count = collections.Counter(layer.base_name for layer in layers if not layer.Name)
    given: collections.Counter[str] = collections.Counter()
    named = []
    for layer in layers:
        name = layer.Name
        if not name:
            base = layer.base_name
            while not name or name in used:
                given[base] += 1
                alone = count[base] == 1 and given[base] == 1
                name = base if alone else f"{base}_{given[base]}"
            used.add(name)
        named.append(layer.bound({"Name": name}))
    return named


def parse_port(text: str, graph: Graph, side: str, who: str) -> Port:
    """``"add/in2"`` or, for the first free port, ``"add"``."""
    layer_name, _, port = text.partition("/")
    layer = graph.layer(layer_name, who)
    ports = layer.inputs if side == "input" else layer.outputs
    if not port:
        if side == "input" and len(ports) > 1:
            taken = {c.destination for c in graph.connections}
            port = next((p for p in ports if (layer_name, p) not in taken), ports[0])
        else:
            port = ports[0]
    if port not in ports and not (side == "output" and layer.has_within(port)):
        raise OptionError(
            f'{who}: layer "{layer_name}" has no {side} "{port}".', fix=nearest(port, ports)
        )
    return layer_name, port


class Graph:
    """Layers (in the order added) and connections; immutable, compared by identity.

    Attributes:
        layers: The layers, each with its name.
        connections: The arrows.
        order: Indices of the layers in the order in which they can run.
        sources: For each layer the port that feeds each of its inputs (None for an open one).
        open_inputs: Ports that the user feeds: input layers, then open inputs, in layer order.
        open_outputs: Ports that nobody consumes, in layer order.
    """

    def __init__(self, layers: Sequence[Any], connections: Iterable[Connection]):
        self.layers = tuple(layers)
        self.connections = tuple(connections)
        self.place = {layer.Name: i for i, layer in enumerate(self.layers)}
        self._refuse_bad_layers()
        feeding = {c.destination: c.source for c in self.connections}
        self.sources = tuple(
            tuple(feeding.get((layer.Name, port)) for port in layer.inputs) for layer in self.layers
        )
        self.open_inputs: tuple[Port, ...] = tuple(
            (layer.Name, port)
            for layer, sources in zip(self.layers, self.sources, strict=True)
            for port, source in zip(layer.inputs, sources, strict=True)
            if source is None
        )
        consumed = {c.source for c in self.connections}
        self.open_outputs: tuple[Port, ...] = tuple(
            (layer.Name, port)
            for layer in self.layers
            for port in layer.outputs
            if (layer.Name, port) not in consumed
        )
        self.order = self._sorted()

    def _refuse_bad_layers(self) -> None:
        if len(self.place) != len(self.layers):
            counts = collections.Counter(layer.Name for layer in self.layers)
            twice = [name for name, n in counts.items() if n > 1]
            raise OptionError(
                "dlnetwork: layer names must be unique.",
                got={"names that stand twice": ", ".join(twice)},
                fix='Give each layer another Name, or "" for an automatic one.',
            )

    def _sorted(self) -> tuple[int, ...]:
        """Layer indices so that every layer comes after those that feed it, else in given order."""
        done: set[str] = set()
        order: list[int] = []
        waiting = list(range(len(self.layers)))
        while waiting:
            ready = [i for i in waiting if all(s is None or s[0] in done for s in self.sources[i])]
            if not ready:
                raise OptionError(
                    "dlnetwork: the graph has a cycle.",
                    got={"layers in it": ", ".join(self.layers[i].Name for i in waiting)},
                    fix="Data must flow from inputs to outputs without coming back.",
                )
            order.append(ready[0])
            done.add(self.layers[ready[0]].Name)
            waiting.remove(ready[0])
        return tuple(order)

    def layer(self, name: str, who: str = "dlnetwork") -> Any:
        """The layer with a name."""
        if name not in self.place:
            raise OptionError(f'{who}: there is no layer "{name}".', fix=nearest(name, self.place))
        return self.layers[self.place[name]]

    def with_layers(self, layers: Sequence[Any]) -> Graph:
        """The same connections between other layer records of the same names."""
        return Graph(layers, self.connections)

    def port_name(self, port: Port, side: str) -> str:
        """``layer``, or ``layer/port`` if the layer has several."""
        layer = self.layer(port[0])
        ports = layer.inputs if side == "input" else layer.outputs
        return port[0] if ports == (port[1],) else "/".join(port)

    @property
    def arrows(self) -> list[tuple[str, str]]:
        """(source, destination) of every connection, as names."""
        return [
            (self.port_name(c.source, "output"), self.port_name(c.destination, "input"))
            for c in self.connections
        ]

    def connected(self, source: str, destination: str) -> Graph:
        """With one more arrow."""
        a = parse_port(source, self, "output", "connectLayers")
        b = parse_port(destination, self, "input", "connectLayers")
        occupied = {c.destination: c.source for c in self.connections}
        if b in occupied:
            raise OptionError(
                f'connectLayers: "{self.port_name(b, "input")}" is already connected.',
                got={"fed by": self.port_name(occupied[b], "output")},
                fix="One input takes one source; disconnect it first, or use another input.",
            )
        return Graph(self.layers, (*self.connections, Connection(a, b)))

    def disconnected(self, source: str, destination: str) -> Graph:
        """With one arrow less."""
        a = parse_port(source, self, "output", "disconnectLayers")
        layer, _, port = destination.partition("/")
        ends = [c for c in self.connections if c.source == a and c.destination[0] == layer]
        ends = [c for c in ends if not port or c.destination[1] == port]
        if not ends:
            raise OptionError(
                f'disconnectLayers: "{source}" is not connected to "{destination}".',
                got={"Connections": ", ".join(self._show(c) for c in self.connections)},
            )
        return Graph(self.layers, [c for c in self.connections if c not in ends])

    def _show(self, c: Connection) -> str:
        ends = self.port_name(c.source, "output"), self.port_name(c.destination, "input")
        return " -> ".join(ends)

    def added(self, layers: Sequence[Any]) -> Graph:
        """With more layers, connected among themselves in sequence."""
        named = assign_names(layers, self.place)
        return Graph((*self.layers, *named), (*self.connections, *chain(named)))

    def removed(self, names: Sequence[str]) -> Graph:
        """Without some layers and their connections."""
        for name in names:
            self.layer(name, "removeLayers")
        kept = [layer for layer in self.layers if layer.Name not in names]
        ends = [
            c
            for c in self.connections
            if c.source[0] not in names and c.destination[0] not in names
        ]
        return Graph(kept, ends)


def chain(layers: Sequence[Any]) -> list[Connection]:
    """Arrows from the first output of each layer to the first input of the next."""
    arrows = []
    for before, after in itertools.pairwise(layers):
        if not after.inputs or after.is_input:
            continue
        arrows.append(Connection((before.Name, before.outputs[0]), (after.Name, after.inputs[0])))
    return arrows


def check_layers(layers: Any, layer_class: type) -> list[Any]:
    """A list of layers (nested lists are joined); refuse anything else."""
    if isinstance(layers, layer_class):
        return [layers]
    if not isinstance(layers, (list, tuple)):
        raise OptionError(
            f"dlnetwork: expected a list of layers, not a {type(layers).__name__}.",
            fix="For example dlnetwork([featureInputLayer(4), fullyConnectedLayer(3)]).",
        )
    flat: list[Any] = []
    for layer in layers:
        if isinstance(layer, (list, tuple)):
            flat += check_layers(layer, layer_class)
        elif isinstance(layer, layer_class):
            flat.append(layer)
        else:
            hint = "Call it: reluLayer(), not reluLayer." if callable(layer) else ""
            raise FormatError(
                f"dlnetwork: entry {len(flat) + 1} of the list is not a layer.",
                got={"entry": repr(layer)[:80]},
                fix=hint,
            )
    return flat


def output_ports(graph: Graph, names: str | Sequence[str]) -> tuple[Port, ...]:
    names = [names] if isinstance(names, str) else list(names)
    return tuple(parse_port(name, graph, "output", "dlnetwork") for name in names)
