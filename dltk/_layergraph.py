"""`layerGraph`: layers and connections without values to run them, as older scripts build them."""

from __future__ import annotations

from typing import Any

from ._display import cell
from ._graph import Graph, assign_names, chain, check_layers
from .layers._layer import Layer


class LayerGraph:
    """Layers and connections, for `addLayers`, `connectLayers` and their like, then `dlnetwork`.

    Attributes:
        Layers: The layers, in the order added.
        Connections: Pairs (source, destination).
        InputNames: Names of the inputs of the network that it would make.
        OutputNames: Names of its outputs.

    Example:
        >>> from dltk import featureInputLayer, layerGraph, reluLayer
        >>> lgraph = layerGraph([featureInputLayer(3), reluLayer()])
        >>> lgraph.Connections
        [('input', 'relu')]
    """

    __slots__ = ("_graph",)

    def __init__(self, graph: Graph):
        self._graph = graph

    @property
    def Layers(self) -> list[Layer]:
        """The layers, in the order added."""
        return list(self._graph.layers)

    @property
    def Connections(self) -> list[tuple[str, str]]:
        """(source, destination) of every arrow; a port is named where a layer has several."""
        return self._graph.arrows

    @property
    def InputNames(self) -> list[str]:
        """Names of the inputs of the network that it would make."""
        return [self._graph.port_name(port, "input") for port in self._graph.open_inputs]

    @property
    def OutputNames(self) -> list[str]:
        """Names of its outputs."""
        return [self._graph.port_name(port, "output") for port in self._graph.open_outputs]

    def __repr__(self) -> str:
        rows = {
            "Layers": f"[{len(self._graph.layers)}×1 Layer]",
            "Connections": f"[{len(self._graph.connections)}×2 table]",
            "InputNames": cell(self.InputNames),
            "OutputNames": cell(self.OutputNames),
        }
        lines = [f"{name:>15}: {value}" for name, value in rows.items()]
        return "  LayerGraph with properties:\n\n" + "\n".join(lines)


def layerGraph(layers: Any = ()) -> LayerGraph:
    """A graph of layers; newer scripts build a `dlnetwork` at once instead.

    Args:
        layers: A list of layers, connected in sequence, or a dlnetwork, whose values the layers
            keep. Without it the graph is empty.

    Returns:
        The graph. ``dlnetwork(lgraph)`` makes a network of it.

    Raises:
        OptionError: Something else, or a name that stands twice.

    Example:
        >>> from dltk import additionLayer, connectLayers, dlnetwork, featureInputLayer, reluLayer
        >>> layers = [featureInputLayer(2), reluLayer(), additionLayer(2, Name="add")]
        >>> lgraph = connectLayers(layerGraph(layers), "input", "add/in2")
        >>> dlnetwork(lgraph).Initialized
        True

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layergraph.html
    """
    if hasattr(layers, "_graph"):
        return LayerGraph(layers._graph.with_layers(layers.Layers))
    named = assign_names(check_layers(layers, Layer))
    return LayerGraph(Graph(named, chain(named)))
