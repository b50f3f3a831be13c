"""Copies of the layers of a section: parameters that train, stay, or are the original's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from .._ties import Tie, marked, ties_of
from ..dlarray import dlarray, wrap
from ..layers._builtin import is_empty
from ..layers._layer import Layer

Treatment = Literal["learnable", "constant", "shared"]


def copies(
    layers: Sequence[Layer], parameters: str, given: Mapping[str, Mapping[str, Any]]
) -> list[Layer]:
    """The layers anew; ``given`` are values of parameters that the caller supplies, by layer.

    With "shared" the layers must carry their ties already (`tied`). A parameter that several of the
    layers have in common is one in the copies, too.
    """
    anew: dict[Tie, Tie] = {}
    made = []
    for layer in layers:
        own = dict(given.get(layer.Name, {}))
        ties = {name: tie for name, tie in ties_of(layer).items() if name not in own}
        frozen = vars(layer).get("_frozen") if parameters == "shared" else None
        if parameters != "shared":
            ties = {name: anew.setdefault(tie, Tie()) for name, tie in ties.items()}
        if parameters == "constant":
            frozen = layer.learnables
        if frozen is not None:
            frozen = [name for name in frozen if name not in own]
        held = {name: _value(getattr(layer, name)) for name in (*layer.learnables, *layer.states)}
        held.update((name, None if is_empty(value) else value) for name, value in own.items())
        made.append(_resized(marked(layer, ties, frozen).bound(held), own))
    return made


def tied(layer: Layer) -> Layer:
    """The original of a shared clone: its parameters and trained states can be borrowed.

    What `resetState` sets back (hidden states) belongs to one sequence, so each clone has its own.
    """
    trained = (name for name in layer.states if not _is_reset(layer, name))
    names = (*layer.learnables, *trained)
    ties = {name: Tie() for name in names if name not in layer.absent} | dict(ties_of(layer))
    return marked(layer, ties, vars(layer).get("_frozen"))


def _is_reset(layer: Layer, state: str) -> bool:
    """Whether `resetState` sets a state back."""
    found = layer.within(state)
    if found is not None:  # of a network within the layer
        return _is_reset(*found[1]._owner(*found[2]))
    return type(layer).resetState is not Layer.resetState


def _value(value: Any) -> Any:
    """A value of its own: not traced."""
    return wrap(value._data, value._fmt) if isinstance(value, dlarray) else value


# Attributes that repeat a size of a parameter: attribute, parameter, dimension
_DENSE = (("OutputSize", "Bias", 0), ("InputSize", "Weights", 1), ("OutputSize", "Weights", 0))


def _resized(layer: Layer, given: Mapping[str, Any]) -> Layer:
    """With the sizes that follow from parameters of the caller's."""
    shapes = {name: value.shape for name, value in given.items() if hasattr(value, "shape")}
    sizes: dict[str, Any] = {}
    if hasattr(layer, "OutputSize"):
        for attribute, name, axis in _DENSE:
            if name in shapes:
                sizes[attribute] = shapes[name][axis]
    elif hasattr(layer, "FilterSize") and hasattr(layer, "NumFilters"):
        rank = len(layer.FilterSize)
        if "Bias" in shapes:
            sizes["NumFilters"] = (*shapes["Bias"], *[1] * rank)[rank]
        if "Weights" in shapes:
            *window, channels, filters = (*shapes["Weights"], *[1] * rank)[: rank + 2]
            sizes |= {"FilterSize": tuple(window), "NumChannels": channels, "NumFilters": filters}
    return layer.bound(sizes)
