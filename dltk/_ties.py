"""Parameters that several layers of a network have in common, and parameters that stay.

A clone of a section (`clone/`) marks its layers with two attributes:

* ``_ties``: names of parameters with a `Tie` each. All parameters of a graph with the same tie are
  one: the first layer that has it keeps the value, in one row of the tables; the others borrow it.
  So a derivative adds up all uses, and an update moves them together.
* ``_frozen``: names of learnable parameters that are kept among the states. Such a layer runs as in
  prediction in training, too.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ._errors import OptionError

Place = tuple[str, str]  # layer name, parameter name


class Tie:
    """One parameter that several layers have; compared by identity, so it survives renaming."""


def ties_of(layer: Any) -> Mapping[str, Tie]:
    """Ties of a layer's parameters, by name."""
    return vars(layer).get("_ties", {})


def marked(layer: Any, ties: Mapping[str, Tie], frozen: Iterable[str] | None = None) -> Any:
    """A copy with these ties; with ``frozen``, one that does not train them."""
    made = layer.bound({"_ties": dict(ties)})
    vars(made).pop("_frozen", None)
    return made if frozen is None else made.bound({"_frozen": tuple(frozen)})


def parameters_of(layer: Any, kind: str) -> tuple[str, ...]:
    """Names of a layer's learnables or states (``kind``), as the tables of a network show them."""
    own = tuple(name for name in getattr(layer, kind) if name not in layer.absent)
    frozen = vars(layer).get("_frozen")
    if frozen is None:
        return own
    if kind == "learnables":
        return tuple(name for name in own if name not in frozen)
    return (*own, *frozen)


def method_of(layer: Any, method: str) -> str:
    """Which method stands for "forward" or "predict"."""
    return "predict" if "_frozen" in vars(layer) else method


def borrowed(graph: Any) -> dict[Place, Place]:
    """Parameters whose value another layer keeps, and where."""
    found = vars(graph).get("_borrowed")
    if found is None:
        first: dict[Tie, Place] = {}
        found = {}
        for layer in graph.layers:
            for name, tie in ties_of(layer).items():
                place = layer.Name, name
                if first.setdefault(tie, place) != place:
                    found[place] = first[tie]
        _refuse_divided(graph, first)
        vars(graph)["_borrowed"] = found
    return found


def _refuse_divided(graph: Any, own: Mapping[Tie, Place]) -> None:
    """Two networks cannot hold one parameter, not even if one lies within the other."""
    for layer in graph.layers:
        divided = [own[tie] for tie in _within(layer) if tie in own]
        if divided:
            raise OptionError(
                "dlnetwork: shared parameters must lie in one network, these are divided.",
                got={f'also in "{layer.Name}"': ", ".join("/".join(place) for place in divided)},
                fix="Put all clones that share parameters, and the original, into the inner "
                "network, or none.",
            )


def _within(layer: Any) -> list[Tie]:
    """Ties in the networks within a layer."""
    graphs = [value._graph for value in vars(layer).values() if hasattr(value, "_graph")]
    layers = [inner for graph in graphs for inner in graph.layers]
    return [tie for inner in layers for tie in (*ties_of(inner).values(), *_within(inner))]


def home(graph: Any, layer: str, name: str) -> Place:
    """Layer and name under which a parameter's value is kept."""
    return borrowed(graph).get((layer, name), (layer, name))
