"""Functions that change a network's graph or states, and tell what it consists of."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, TypeVar

from ._graph import Graph, check_layers
from ._layergraph import LayerGraph
from ._table import table
from ._values import owner
from .dlnetwork import dlnetwork
from .layers._layer import Layer

Network = TypeVar("Network", dlnetwork, LayerGraph)


def regraphed(net: Any, graph: Graph, new: Collection[str] = ()) -> Any:
    """A network (or layer graph) with another graph; all but new layers keep their values."""
    if isinstance(net, LayerGraph):
        return LayerGraph(graph)
    held = {layer.Name: layer for layer in net.Layers}
    layers = [x if x.Name in new else held.get(x.Name, x) for x in graph.layers]
    made = dlnetwork()
    made._set(graph.with_layers(layers), None)
    return made


def addLayers(net: Network, layers: Layer | Sequence[Layer]) -> Network:
    """Add layers to a network, connected in sequence among themselves but not to the rest.

    Args:
        net: A dlnetwork or layer graph (it is not changed).
        layers: One layer or a list; empty names are filled in, others must be new.

    Returns:
        The larger network; `initialize` gives values to what is new.

    Raises:
        OptionError: A name that stands already.

    Example:
        >>> from dltk.layers import additionLayer, reluLayer
        >>> net = addLayers(dlnetwork(), [reluLayer(Name="a"), additionLayer(2, Name="add")])
        >>> net.Connections
        [('a', 'add/in1')]

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlnetwork.addlayers.html
    """
    return regraphed(net, net._graph.added(check_layers(layers, Layer)))


def connectLayers(net: Network, s: str, d: str) -> Network:
    """Connect an output to an input.

    Args:
        net: A dlnetwork or layer graph (it is not changed).
        s: Source, ``"layer"`` or ``"layer/port"``.
        d: Destination, ``"layer"`` (its first free input) or ``"layer/port"``.

    Returns:
        The network with one more connection.

    Raises:
        OptionError: No such layer or port, or an input that is connected already.

    Example:
        >>> from dltk.layers import additionLayer, reluLayer
        >>> net = addLayers(dlnetwork(), [reluLayer(Name="a"), additionLayer(2, Name="add")])
        >>> connectLayers(net, "a", "add/in2").Connections
        [('a', 'add/in1'), ('a', 'add/in2')]

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlnetwork.connectlayers.html
    """
    return regraphed(net, net._graph.connected(s, d))


def disconnectLayers(net: Network, s: str, d: str) -> Network:
    """Remove the connection from ``s`` to ``d``.

    Args:
        net: A dlnetwork or layer graph (it is not changed).
        s: Source, ``"layer"`` or ``"layer/port"``.
        d: Destination, ``"layer"`` or ``"layer/port"``.

    Returns:
        The network with one connection less.

    Raises:
        OptionError: There is no such connection.

    Example:
        >>> from dltk.layers import reluLayer, tanhLayer
        >>> net = addLayers(dlnetwork(), [reluLayer(Name="a"), tanhLayer(Name="b")])
        >>> disconnectLayers(net, "a", "b").Connections
        []

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlnetwork.disconnectlayers.html
    """
    return regraphed(net, net._graph.disconnected(s, d))


def removeLayers(net: Network, layerNames: str | Sequence[str]) -> Network:
    """Remove layers and their connections.

    Args:
        net: A dlnetwork or layer graph (it is not changed).
        layerNames: One name or a list.

    Returns:
        The smaller network.

    Raises:
        OptionError: There is no layer of that name.

    Example:
        >>> from dltk.layers import reluLayer, tanhLayer
        >>> net = addLayers(dlnetwork(), [reluLayer(Name="a"), tanhLayer(Name="b")])
        >>> [layer.Name for layer in removeLayers(net, "a").Layers]
        ['b']

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlnetwork.removelayers.html
    """
    names = [layerNames] if isinstance(layerNames, str) else list(layerNames)
    return regraphed(net, net._graph.removed(names))


def getLayer(net: dlnetwork, name: str) -> Layer:
    """The layer of that name, with its current parameter values.

    A layer within a `networkLayer` is named "outer/inner".

    Example:
        >>> from dltk.layers import reluLayer
        >>> getLayer(addLayers(dlnetwork(), reluLayer(Name="a")), "a").Name
        'a'

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlnetwork.getlayer.html
    """
    outer, _, inner = name.partition("/")
    if name not in net._graph.place and inner and outer in net._graph.place:
        found = getLayer(net, outer).within(f"{inner}/")
        if found is not None:
            return getLayer(found[1], found[2][0])
    net._graph.layer(name, "getLayer")
    return next(layer for layer in net.Layers if layer.Name == name)


def resetState(net: dlnetwork) -> dlnetwork:
    """The network with its recurrent states as they were at first (batch statistics stay).

    Example:
        >>> from dltk.layers import lstmLayer, sequenceInputLayer
        >>> net = dlnetwork([sequenceInputLayer(3), lstmLayer(2)])
        >>> resetState(net).State["lstm", "HiddenState"].shape
        (2, 1)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlnetwork.resetstate.html
    """
    made = net._copy()
    fresh = {layer.Name: layer.resetState() for layer in net.Layers}
    owners = [owner(net._graph, *row) for row in net.State.names]
    values = [getattr(fresh[layer.Name], name) for layer, name in owners]
    made.State = table.of(net.State.names, values)
    return made


def summary(net: dlnetwork) -> None:
    """Print whether a network is initialized, how many learnables it has, and its inputs.

    Example:
        >>> from dltk.layers import featureInputLayer, fullyConnectedLayer
        >>> summary(dlnetwork([featureInputLayer(4), fullyConnectedLayer(3)]))
           Initialized: true
        <BLANKLINE>
           Number of learnables: 15
        <BLANKLINE>
           Inputs:
              1   'input'   4 features

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlnetwork.summary.html
    """
    count = sum(value.size for value in net.Learnables.Value if value is not None)
    lines = [
        f"   Initialized: {str(net.Initialized).lower()}",
        "",
        f"   Number of learnables: {_short(count)}",
        "",
        "   Inputs:",
    ]
    names = net.InputNames
    width = max((len(name) for name in names), default=0) + 2
    for number, (name, port) in enumerate(zip(names, net._graph.open_inputs, strict=True), 1):
        layer = net._graph.layer(port[0])
        what = layer.describe() if layer.is_input else "open input"
        quoted = f"'{name}'"
        lines.append(f"      {number}   {quoted.ljust(width)}   {what}")
    print("\n".join(lines))


def _short(count: int) -> str:
    """A count with three digits, as MATLAB prints it.

    >>> _short(15), _short(84_012), _short(21_200_000)
    ('15', '84k', '21.2M')
    """
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if count >= size:
            return f"{count / size:.3g}".rstrip() + letter
    return str(count)
