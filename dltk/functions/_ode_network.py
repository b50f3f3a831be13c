"""A network as the right-hand side of an ordinary differential equation."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._errors import OptionError
from ..dlarray import dlarray, stripdims

NAME = "dlode45"


def refuse_theta(theta: Any) -> None:
    if theta is not None:
        raise OptionError(
            f"{NAME}: a network takes no theta; its parameters are its own.",
            got={"theta": f"a {type(theta).__name__}"},
            fix="The call is dlode45(net, tspan, Y0).",
        )


def network_rate(t: dlarray, y: dlarray, net: Any, *, DataFormat: str | None) -> dlarray:
    """What a network with the input y, or the inputs t and y, predicts."""
    count = len(net.InputNames)
    if count not in (1, 2):
        raise OptionError(
            f"{NAME}: the network has {count} inputs.",
            got={"InputNames": ", ".join(net.InputNames)},
            fix="It must have one input, y, or two, t and y.",
        )
    labelled = y if y.dims or DataFormat is None else dlarray(y, DataFormat)
    inputs = [labelled] if count == 1 else [_repeated(t, labelled), labelled]
    slope = net._predict(*inputs)
    if not y.dims and DataFormat is not None and len(slope.dims) == len(labelled.dims):
        return stripdims(slope, DataFormat)
    return slope


def _repeated(t: dlarray, y: dlarray) -> dlarray:
    """The time for every observation, with labels C and B (C alone, if y has no observations)."""
    if "B" not in y.dims:
        return dlarray(t, "C")
    count = y.shape[y.dims.index("B")]
    return dlarray(t * np.ones((1, count)), "CB")
