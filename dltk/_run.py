"""The layers of a network one after the other: what each returns, errors that say where."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator, Sequence
from typing import Any

from . import _labels as labels
from ._backward import call_with_backward
from ._errors import DltkError, FormatError
from ._graph import Graph, Port
from ._listener import in_path, listener
from ._table import table
from ._ties import home, method_of, parameters_of
from ._values import Row, bound, copied, parameter_value, row_name, values_by_layer
from .dlarray import dlarray, stripdims
from .layers._layer import Layer


def call_layer(layer: Layer, method: str, X: Sequence[dlarray]) -> Any:
    """Run a layer, with labels taken off and put back on for one that is not formattable."""
    method = method_of(layer, method)
    run = getattr(layer, method)
    if hasattr(layer, "backward"):
        run = functools.partial(call_with_backward, layer, method)
    if layer.Formattable:
        return run(*X)
    out = run(*(stripdims(x) for x in X))
    parts = out if isinstance(out, tuple) else (out,)
    count = len(layer.outputs)
    return (*(_relabelled(layer, y, X) for y in parts[:count]), *parts[count:])


def _relabelled(layer: Layer, y: Any, X: Sequence[dlarray]) -> dlarray:
    fmt = X[0].dims if X else ""
    y = y if isinstance(y, dlarray) else dlarray(y)
    if y.dims or not fmt:
        return y
    if y.ndim > len(fmt):
        raise FormatError(
            f"{layer.kind}: the output has more dimensions than the input has labels.",
            got={"input": labels.show(X[0].shape, fmt), "output": labels.show(y.shape)},
            fix="Set Formattable = True in the layer and return a formatted dlarray.",
        )
    return dlarray(y, fmt)


def split(layer: Layer, out: Any) -> tuple[list[Any], list[Any]]:
    """Outputs and new states of a layer."""
    parts = list(out) if isinstance(out, (tuple, list)) else [out]
    wanted = len(layer.outputs)
    if len(parts) < wanted:
        raise FormatError(
            f"{layer.kind}: {len(parts)} outputs were returned, the layer has {wanted}.",
            got={"outputs": ", ".join(layer.outputs)},
        )
    return parts[:wanted], [value for part in parts[wanted:] for value in _states(part)]


def _states(part: Any) -> list[Any]:
    """A new state, or those of a network within the layer."""
    held = part.State if hasattr(part, "State") else part
    return held.Value if isinstance(held, table) else [held]


@contextlib.contextmanager
def in_layer(graph: Graph, place: int) -> Iterator[None]:
    """Errors raised inside say in which layer."""
    try:
        yield
    except Exception as error:
        layer = graph.layers[place]
        if isinstance(error, DltkError):  # which speaks of the user's data, not of JAX's frames
            notes = getattr(error, "__notes__", [])
            notes[:] = [note for note in notes if "JAX_TRACEBACK_FILTERING" not in note]
        note = f'in layer "{layer.Name}" ({layer.kind}, {place + 1} of {len(graph.layers)})'
        if note not in getattr(error, "__notes__", ()):
            error.add_note(note)
        raise


def run_layers(
    net: Any, X: Sequence[dlarray], wanted: Sequence[Port], method: str
) -> tuple[list[dlarray], table]:
    """All layers that the wanted outputs need, and the new state."""
    graph = net._graph
    values = values_by_layer(net)
    given = dict(zip(graph.open_inputs, X, strict=True))
    held: dict[Port, dlarray] = {}
    new: dict[Row, Any] = {}
    needed = _needed(graph, wanted)
    for place in graph.order:
        if place not in needed:
            continue
        layer, sources = bound(graph.layers[place], values), graph.sources[place]
        kept = {name: home(graph, layer.Name, name) for name in parameters_of(layer, "states")}
        moved = {name: new[row] for name, row in kept.items() if row in new}
        layer = layer.bound(moved) if moved else layer  # by a layer that has the same states
        inputs = [
            given[layer.Name, port] if source is None else held[source]
            for port, source in zip(layer.inputs, sources, strict=True)
        ]
        inner = [p for name, p in wanted if name == layer.Name and p not in layer.outputs]
        ports = (*layer.outputs, *inner)
        layer = layer.exposing(inner) if inner else layer
        with in_layer(graph, place), in_path(layer.Name):
            outputs, states = split(layer, call_layer(layer, method, inputs))
            who = listener()
            if who is not None:
                who.layer(layer.kind, outputs)
        held.update(((layer.Name, port), y) for port, y in zip(ports, outputs, strict=True))
        new.update(zip(kept.values(), states, strict=False))
    new = {row_name(*place): value for place, value in new.items()}
    state = copied(net._states)
    state.Value = [
        parameter_value(new[row]) if row in new else old
        for row, old in zip(state.names, state.Value, strict=True)
    ]
    return [held[port] for port in wanted], state


def _needed(graph: Graph, wanted: Sequence[Port]) -> set[int]:
    """Layers from which a wanted output can be reached."""
    stack, found = [graph.place[layer] for layer, _ in wanted], set()
    while stack:
        place = stack.pop()
        if place not in found:
            found.add(place)
            stack += [graph.place[s[0]] for s in graph.sources[place] if s is not None]
    return found
