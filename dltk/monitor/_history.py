"""What a monitor has recorded, as numbers and texts, and back: for checkpoints."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._errors import StateError
from ._data import Data
from ._series import Series, number


def get_history(data: Data) -> dict[str, Any]:
    """Everything recorded so far; waits for the device."""
    data.settle(wait=True)
    return {
        "metrics": {name: np.array(series.columns()) for name, series in data.series.items()},
        "info": {name: [_plain(v) for v in values] for name, values in data.info.items()},
        "progress": data.progress,
        "status": data.status,
        "elapsed": data.elapsed,
        "began": data.began,
    }


def set_history(data: Data, state: dict[str, Any]) -> None:
    """Go on where another monitor of the same metrics was; its time counts."""
    for what, own in (("metrics", data.series), ("info", data.info)):
        if own.keys() != state[what].keys():
            raise StateError(
                f"trainingProgressMonitor: the {what} of the saved monitor are others.",
                got={
                    "saved": ", ".join(state[what]) or "none",
                    "this monitor": ", ".join(own) or "none",
                },
                fix="Make the monitor as it was made when it was saved, then load.",
            )
    data.series = {name: Series(name, *state["metrics"][name]) for name in data.series}
    data.info = {name: list(state["info"][name]) for name in data.info}
    data.progress, data.status = state["progress"], state["status"]
    data.began = state["began"]
    data.started = data.clock() - state["elapsed"]
    data.touch()


def _plain(value: Any) -> Any:
    return value if isinstance(value, (str, int, float)) else number(value)
