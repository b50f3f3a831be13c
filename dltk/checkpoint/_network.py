"""Networks and layers, taken apart and built again.

A file names the kind of each layer and its options. A layer that comes with dltk is made of them
without calling anything. What only a script has, classes and functions of the user's own, comes
from the network that is handed to `load`.
"""

from __future__ import annotations

import copy
from typing import Any

from .. import layers
from .._errors import OptionError
from .._graph import Connection, Graph
from ..dlnetwork import dlnetwork
from ..layers._layer import Layer
from ._kinds import OPEN, Fixed, Inner, Items, Option, add


class Bare:
    """A network without the values of its parameters."""

    def __init__(self, net: dlnetwork):
        self.net = net


def _network_parts(net: dlnetwork) -> Items:
    return Items(Network=Bare(net), Learnables=net.Learnables, State=net.State)


def _network_made(parts: Any, _: Any) -> dlnetwork:
    net = parts["Network"].net
    net.Learnables, net.State = parts["Learnables"], parts["State"]
    return net


def _bare_parts(bare: Bare) -> Items:
    graph, outputs = bare.net._graph, bare.net._outputs
    arrows = ((*c.source, *c.destination) for c in graph.connections)
    return Items(
        Layers=Items((layer.Name, layer) for layer in graph.layers),
        Connections=Fixed(Fixed(arrow) for arrow in arrows),
        OutputNames=None if outputs is None else Fixed(Fixed(port) for port in outputs),
    )


def _bare_made(parts: Any, _: Any) -> Bare:
    arrows = [Connection((a, b), (c, d)) for a, b, c, d in parts["Connections"]]
    outputs = parts["OutputNames"]
    net = object.__new__(dlnetwork)
    net._set(
        Graph(list(parts["Layers"].values()), arrows),
        None if outputs is None else tuple((layer, port) for layer, port in outputs),
    )
    return Bare(net)


def _layer_parts(layer: Layer) -> Items:
    own = {*layer.learnables, *layer.states}  # their values are in the tables of the network
    options = Items()
    for name, value in vars(layer).items():
        if name not in own:
            options[name] = Bare(value) if isinstance(value, dlnetwork) else Option(value)
    return Inner(kind=type(layer).__name__, options=options)


def _layer_made(parts: Any, given: Any) -> Layer:
    kind, options = parts["kind"], parts["options"]
    values = {k: v.net if isinstance(v, Bare) else v for k, v in options.items()}
    known = getattr(layers, kind, None) if kind in layers.__all__ else None
    if isinstance(known, type) and issubclass(known, Layer):
        made = object.__new__(known)
    elif isinstance(given, Layer) and type(given).__name__ == kind:
        made = copy.copy(given)
        for name in (*given.learnables, *given.states):
            vars(made).pop(name, None)
    else:
        raise OptionError(
            f'load: layer "{values.get("Name", "")}" is a {kind}, a class of your own.',
            fix="Build the network as in the script that saved it, and hand it over: "
            "load(filename, net=net).",
        )
    vars(made).update(values)
    return made


add("dlnetwork", dlnetwork, _network_parts, _network_made)
add("network", Bare, _bare_parts, _bare_made)
add("layer", Layer, _layer_parts, _layer_made)
OPEN.add(Layer)
