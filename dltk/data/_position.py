"""Order and position of a mini-batch queue, so that a training goes on where it was interrupted.

A mini-batch that is being prepared in the background is waited for and becomes part of the state:
the random numbers that it took are gone from the generator.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from .._errors import OptionError, StateError

if TYPE_CHECKING:
    from ._minibatchqueue import minibatchqueue


def get_position(mbq: minibatchqueue) -> dict[str, Any]:
    """Order and position of a queue, as arrays, numbers, lists and dicts."""
    if hasattr(mbq._data, "shuffle") and not hasattr(mbq._data, "get_state"):
        raise StateError(
            f"minibatchqueue: a {type(mbq._data).__name__} shuffles itself, so that nobody else "
            "knows its order.",
            fix="Give it numobservations() and subset(indices) instead of shuffle(), or methods "
            "get_state() and set_state(state) for its order.",
        )
    pending = [mbq._ahead.look()] if mbq._ahead.pending else []
    return {
        **_facts(mbq),
        "order": mbq._order,
        "reader": mbq._reader.get_state(),
        "held": mbq._held,
        "pending": pending,
        "class_names": mbq.class_names,
    }


def set_position(mbq: minibatchqueue, state: dict[str, Any]) -> None:
    """Put a queue where another one stood."""
    for name, value in _facts(mbq).items():
        if value != state[name]:
            raise StateError(
                "minibatchqueue: the saved queue is not like this one.",
                got={"first difference": name, "saved": state[name], "this queue": value},
                fix="Make the queue as it was made when it was saved, then load.",
            )
    mbq._ahead.drop()
    order = state["order"]
    mbq._start(mbq._data if order is None else mbq._data.subset(np.asarray(order)))
    mbq._order = order
    mbq._reader.set_state(state["reader"])
    mbq._held = state["held"]
    mbq._maker.class_names = tuple(state["class_names"])
    if state["pending"]:
        mbq._ahead.put(state["pending"][0])


def _facts(mbq: minibatchqueue) -> dict[str, Any]:
    """What must be the same for the position to mean the same."""
    return {
        "number of observations": _count(mbq._data),
        "MiniBatchSize": mbq.MiniBatchSize,
        "PartialMiniBatch": mbq.PartialMiniBatch,
        "PreprocessingEnvironment": mbq.PreprocessingEnvironment,
        "NumOutputs": mbq.NumOutputs,
        "MiniBatchFormat": mbq.MiniBatchFormat,
        "OutputCast": mbq.OutputCast,
    }


def _count(ds: Any) -> int | None:
    try:
        return int(ds.numobservations())
    except (AttributeError, OptionError):  # one that can be read in order only
        return None
