"""A section as a function of data and of a network that holds its parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .._errors import OptionError
from .._ties import home
from .._values import copied, row_name, values_by_layer
from ..dlnetwork import dlnetwork
from ..layers._layer import Layer
from ._section import Section


def check_holds(who: str, net: dlnetwork, part: Section) -> None:
    """Refuse a network that does not have the section's layers.

    Raises:
        OptionError: A layer is missing, is of another kind, or has parameters of other sizes.
    """
    held = {layer.Name: layer for layer in net._graph.layers}
    wrong = [name for name in part.layers if not _alike(part.graph.layer(name), held.get(name))]
    if wrong:
        raise OptionError(
            f"{who}: the network does not hold the original of the shared clone.",
            got={
                "layers that it lacks, or that are others": ", ".join(wrong),
                "its layers": ", ".join(held),
            },
            fix="Give the network of which the function was made, or one that grew from it.",
        )


def _alike(layer: Layer, other: Layer | None) -> bool:
    if other is None or type(layer) is not type(other):
        return False
    if tuple(layer.learnables) != tuple(other.learnables):
        return False
    pairs = ((getattr(layer, name), getattr(other, name)) for name in layer.learnables)
    return all(
        a is None or b is None or getattr(a, "shape", ()) == getattr(b, "shape", ())
        for a, b in pairs
    )


def without_values(net: dlnetwork) -> dlnetwork:
    """The network, waiting for `with_parameters`."""
    return net._map_arrays(lambda value: None)


def with_parameters(
    view: dlnetwork, net: dlnetwork, given: Mapping[str, Mapping[str, Any]]
) -> dlnetwork:
    """The section's network with the very values of ``net``, or those given, traced or not."""
    values = values_by_layer(net)
    made = view._copy()
    for rows in (made._learnables, made._states):
        for place, row in enumerate(rows.names):
            layer, name = made._owner(*row)
            own = given.get(layer.Name, {})
            rows.Value[place] = own[name] if name in own else values[layer.Name][name]
    return made


def with_state(net: dlnetwork, view: dlnetwork, new: Any) -> Any:
    """The state table of ``net`` after the section has moved its part of it."""
    state = copied(net.State)
    places = {row: place for place, row in enumerate(state.names)}
    for *row, value in new:
        layer, name = view._owner(*row)
        kept = row_name(*home(net._graph, layer.Name, name))
        if kept in places:
            state.Value[places[kept]] = value
    return state


def inputs_of(part: Section, arguments: Sequence[Any]) -> list[Any]:
    """The data among the arguments."""
    pairs = zip(part.inputs, arguments, strict=True)
    return [argument for node, argument in pairs if node.kind != "parameter"]
