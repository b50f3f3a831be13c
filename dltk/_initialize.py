"""`initialize`: sizes and labels go through the graph, and parameters get their first values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import numpy as np

from ._errors import OptionError, UnsupportedError
from ._graph import Graph, Port
from ._numbers import is_known
from ._run import call_layer, in_layer, split
from ._values import bound, values_by_layer
from .dlarray import dlarray
from .layers._layer import Layer
from .layers._layout import networkDataLayout


def initialize(net: Any, *X: Any) -> Any:
    """Give all parameters that have no value yet their first values.

    Args:
        net: A dlnetwork; values that it has stay.
        *X: Examples (dlarrays or `networkDataLayout` objects) for inputs without input layer, one
            per entry of ``net.InputNames``; none if all inputs have input layers.

    Returns:
        The initialized network.

    Raises:
        OptionError: Wrong number of examples.
        FormatError: Sizes or labels do not fit a layer; the note names the layer.

    Example:
        >>> from dltk import dlnetwork, fullyConnectedLayer
        >>> net = dlnetwork([fullyConnectedLayer(2)], Initialize=False)
        >>> net = initialize(net, networkDataLayout([3, float("nan")], "CB"))
        >>> net.Learnables["fc", "Weights"].shape
        (2, 3)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlnetwork.initialize.html
    """
    graph = net._graph
    given = example_layouts(graph, X)
    values = values_by_layer(net)
    layouts: dict[Port, networkDataLayout] = {}
    layers = list(graph.layers)
    shortest = max((getattr(layer, "MinLength", 1) for layer in layers), default=1)
    for place in graph.order:
        layer, sources = layers[place], graph.sources[place]
        inputs = [
            given[layer.Name, port] if source is None else layouts[source]
            for port, source in zip(layer.inputs, sources, strict=True)
        ]
        with in_layer(graph, place):
            start = bound(layer, values).bound({})
            made = start.initialize(*inputs)
            made = start if made is None else made
            layers[place] = made
            for port, layout in zip(
                layer.outputs, output_layouts(made, inputs, shortest), strict=True
            ):
                layouts[layer.Name, port] = layout
    return net._with_graph(graph.with_layers(layers))


def example_layouts(graph: Graph, X: tuple[Any, ...]) -> dict[Port, networkDataLayout]:
    """What feeds each open input: an example, or what the input layer says."""
    own = {p: graph.layer(p[0]).layout() for p in graph.open_inputs if graph.layer(p[0]).is_input}
    rest = [port for port in graph.open_inputs if port not in own]
    ports = list(graph.open_inputs) if len(X) == len(graph.open_inputs) else rest
    if len(X) != len(ports):
        raise OptionError(
            f"dlnetwork: {len(rest)} input{'s have' if len(rest) != 1 else ' has'} no input layer, "
            f"{len(X)} example{'s were' if len(X) != 1 else ' was'} given.",
            got={
                "inputs without input layer": ", ".join(graph.port_name(p, "input") for p in rest)
            },
            fix="Start with an input layer, connect the input, or give an example: "
            'dlnetwork(layers, dlarray(zeros(28, 28, 1, 1), "SSCB")). '
            "Initialize=False leaves it for later.",
        )
    return own | {port: layout_of(x) for port, x in zip(ports, X, strict=True)}


def layout_of(x: Any) -> networkDataLayout:
    if isinstance(x, networkDataLayout):
        return x
    x = x if isinstance(x, dlarray) else dlarray(x)
    return networkDataLayout(x.shape, x.dims)


def output_layouts(
    layer: Layer, inputs: Sequence[networkDataLayout], shortest: int
) -> list[networkDataLayout]:
    """Sizes and labels of a layer's outputs; unknown sizes stay unknown where labels tell."""
    unknown = {
        letter
        for layout in inputs
        for n, letter in zip(layout.Size, layout.Format, strict=False)
        if n != n
    }
    outputs = _try_out(layer, [layout.zeros(shortest) for layout in inputs])
    sizes = [
        [float("nan") if d in unknown else n for n, d in zip(shape, fmt, strict=True)]
        if fmt
        else list(shape)
        for shape, fmt, _ in outputs
    ]
    return [
        networkDataLayout(s, fmt).holding(known)
        for s, (_, fmt, known) in zip(sizes, outputs, strict=True)
    ]


def _try_out(layer: Layer, inputs: Sequence[dlarray]) -> list[tuple[tuple[int, ...], str, Any]]:
    """Shapes and formats that predict gives for these inputs, without computing where possible.

    Also the values without labels that are known without computing: the sizes that unpooling needs.
    """
    found: list[tuple[tuple[int, ...], str, Any]] = []

    def run(*X: dlarray) -> None:
        outputs = split(layer, call_layer(layer, "predict", X))[0]
        plain = [None if y.dims or not is_known(y._data) else np.asarray(y) for y in outputs]
        found[:] = [(y.shape, y.dims, v) for y, v in zip(outputs, plain, strict=True)]

    try:
        with jax.enable_x64(True):
            jax.eval_shape(run, *inputs)
    except (
        jax.errors.ConcretizationTypeError,
        jax.errors.TracerArrayConversionError,
        UnsupportedError,  # one of these, in a layer with a backward of its own
    ):
        run(*inputs)
    return found
