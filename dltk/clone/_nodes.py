"""Nodes of a network, by name: outputs of layers, open inputs and learnable parameters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from .._errors import OptionError, nearest
from .._graph import Graph


@dataclass(frozen=True)
class Node:
    """A value in a network.

    Attributes:
        kind: "output" of a layer, what is fed to an open "input", or a "parameter".
        layer: Name of the layer.
        part: Name of the port or parameter.
        name: What the node was called.
    """

    kind: Literal["output", "input", "parameter"]
    layer: str
    part: str
    name: str = ""

    @property
    def port(self) -> tuple[str, str]:
        """Layer and port, as the graph names them."""
        return self.layer, self.part


def find(who: str, graph: Graph, name: Any) -> Node:
    """The node of that name.

    A layer's name means its (first) output, that of an input layer the data that is fed to it.
    ``.``, ``[``, ``]`` and ``/`` may be written as ``_``.
    """
    if not isinstance(name, str):
        raise OptionError(
            f"{who}: a node is given by its name, not by {name!r}.",
            fix='For example "fc1", "add/in2" (an open input) or "fc1/Weights" (a parameter).',
        )
    known = _known(graph)
    exact = known.get(name)
    if exact is not None:
        return Node(*exact, name)
    fits = {node: full for full, node in known.items() if _plain(full) == name.replace("/", "_")}
    if len(fits) > 1:
        raise OptionError(
            f'{who}: "{name}" may be several nodes.',
            got={"nodes": ", ".join(f'"{full}"' for full in fits.values())},
            fix="Write the name of one of them in full.",
        )
    if not fits:
        raise OptionError(f'{who}: there is no node "{name}".', fix=nearest(name, known))
    return Node(*next(iter(fits)), name)


def find_all(who: str, graph: Graph, names: Any) -> tuple[Node, ...]:
    """Nodes of one name or of (nested) lists of names."""
    if isinstance(names, Sequence) and not isinstance(names, str):
        return tuple(node for part in names for node in find_all(who, graph, part))
    return (find(who, graph, names),)


def _plain(name: str) -> str:
    """A name as it is written where ``.``, ``[`` and ``]`` cannot stand.

    >>> _plain("layers[3]/Weights")
    'layers_3__Weights'
    """
    return re.sub(r"[.\[\]/]", "_", name)


def _known(graph: Graph) -> dict[str, tuple[Any, str, str]]:
    """All nodes: full name to kind, layer and part; the short name of a layer comes first."""
    known: dict[str, tuple[Any, str, str]] = {}
    for layer in graph.layers:
        start = "input" if layer.is_input else "output"
        ports = layer.inputs if layer.is_input else layer.outputs
        if ports:
            known[layer.Name] = start, layer.Name, ports[0]
        parts = [("output", port) for port in layer.outputs]
        parts += [("parameter", name) for name in layer.learnables]
        parts += [("input", port) for name, port in graph.open_inputs if name == layer.Name]
        for kind, part in parts:
            known.setdefault(f"{layer.Name}/{part}", (kind, layer.Name, part))
    return known
