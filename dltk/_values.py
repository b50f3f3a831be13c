"""The values of a network's parameters: from layers to tables, and back onto the layers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from . import _labels as labels
from ._errors import FormatError, OptionError
from ._graph import Graph
from ._numbers import SINGLE
from ._table import table
from ._ties import borrowed, parameters_of
from .dlarray import dlarray, unformatted
from .layers._layer import Layer

Row = tuple[str, str]  # layer name, parameter name


def copied(rows: table) -> table:
    return table.of(rows.names, rows.Value)


def rows_of(graph: Graph, kind: str) -> table:
    """The table of parameters from what the layers hold."""
    rows = [
        (layer, name)
        for layer in graph.layers
        for name in parameters_of(layer, kind)
        if (layer.Name, name) not in borrowed(graph)
    ]
    names = tuple(row_name(layer.Name, name) for layer, name in rows)
    return table.of(names, [parameter_value(getattr(layer, name)) for layer, name in rows])


def row_name(layer: str, name: str) -> Row:
    """The columns Layer and Parameter; of "fc/Weights" in the layer "sub": "sub/fc", "Weights"."""
    path, _, parameter = f"{layer}/{name}".rpartition("/")
    return path, parameter


def owner(graph: Graph, layer: str, parameter: str, who: str = "dlnetwork") -> tuple[Layer, str]:
    """The layer of the graph that a row belongs to, and the parameter's name within it."""
    if layer in graph.place:
        return graph.layer(layer), parameter
    outer, _, path = layer.partition("/")
    if not path or graph.layer(outer, who).within(f"{path}/{parameter}") is None:
        graph.layer(layer, who)  # refuses
    return graph.layer(outer), f"{path}/{parameter}"


def parameter_value(value: Any) -> dlarray | None:
    """A parameter as the network keeps it: an unformatted dlarray, single unless it has a type."""
    if value is None or (isinstance(value, list) and not value):
        return None
    if isinstance(value, dlarray):
        return unformatted(value)
    array = value if hasattr(value, "dtype") else np.asarray(value, SINGLE)
    return dlarray(array)


def checked(what: str, old: table, new: Any, *, sizes: bool = True) -> table:
    """A new table of parameters for the old one's place."""
    if not isinstance(new, table):
        raise OptionError(
            f"dlnetwork: {what} must be a table with the columns Layer, Parameter and Value, "
            f"not a {type(new).__name__}.",
            fix="With state = the second output: Y, state = forward(net, X, nargout=2)."
            if what == "State"
            else "",
        )
    if new.names != old.names:
        ours, theirs = (["/".join(row) for row in t.names] for t in (old, new))
        raise OptionError(
            f"dlnetwork: the rows of {what} are those of another network.",
            got={"this network": ", ".join(ours), "given": ", ".join(theirs)},
        )
    made = copied(new)
    made.Value = [_array(row, value) for row, value in zip(new.names, new.Value, strict=True)]
    for (layer, parameter), before, after in zip(old.names, old.Value, made.Value, strict=True):
        if sizes and before is not None and (after is None or before.shape != after.shape):
            raise FormatError(
                f'dlnetwork: {parameter} of layer "{layer}" has another size.',
                got={
                    "has": labels.show(before.shape),
                    "given": "[]" if after is None else labels.show(after.shape),
                },
            )
    return made


def _array(row: Row, value: Any) -> dlarray | None:
    try:
        return parameter_value(value)
    except (TypeError, ValueError) as error:
        raise OptionError(
            f'dlnetwork: {row[1]} of layer "{row[0]}" must be an array of numbers.',
            got={"given": repr(value)[:80]},
        ) from error


def values_by_layer(net: Any) -> dict[str, dict[str, Any]]:
    values: dict[str, dict[str, Any]] = {}
    for part in (net._learnables, net._states):
        for layer, parameter, value in part:
            if value is not None and not isinstance(value, dlarray):
                value = parameter_value(value)  # put into the table by hand
            held, name = owner(net._graph, layer, parameter)
            values.setdefault(held.Name, {})[name] = value
    for (layer, name), (keeper, kept) in borrowed(net._graph).items():
        values.setdefault(layer, {})[name] = values.get(keeper, {}).get(kept)
    return values


def bound(layer: Layer, values: Mapping[str, Mapping[str, Any]]) -> Layer:
    return layer.bound(values[layer.Name]) if layer.Name in values else layer
