"""Every layer in the formats that it takes: what goes in, and what must come out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

SIZES = {
    "CB": (4, 3),
    "CBT": (4, 3, 5),
    "CT": (4, 5),
    "SCB": (6, 4, 3),
    "SCBT": (6, 4, 3, 5),
    "SSCB": (6, 5, 4, 3),
    "SSC": (6, 5, 4),
    "SSCT": (6, 5, 4, 3),
    "SSCBT": (6, 5, 4, 2, 5),
    "SSSCB": (4, 5, 3, 4, 2),
    "SSSCBT": (4, 3, 3, 4, 2, 2),
}

# Dimensions over which a convolution or a pool goes, by rank and format
OVER = {
    1: {"SCB": (0,), "SCBT": (0,), "CBT": (2,), "CT": (1,)},
    2: {"SSCB": (0, 1), "SSCBT": (0, 1), "SCBT": (0, 3), "SSC": (0, 1)},
    3: {"SSSCB": (0, 1, 2), "SSSCBT": (0, 1, 2), "SSCBT": (0, 1, 4)},
}


@dataclass
class Case:
    """One layer on data of one format.

    ``wanted(p, *x)`` gives the output from parameters and data, all NumPy arrays; ``trained`` does
    for `forward`, where that differs. One case of each layer is marked ``once``, for what labels do
    not change.
    """

    layer: Callable[[], Any]
    fmts: tuple[str, ...]
    out: str
    wanted: Callable[..., np.ndarray]
    trained: Callable[..., np.ndarray] | None = None
    sizes: tuple[tuple[int, ...], ...] | None = None
    derivatives: bool = True
    once: bool = False
    data: Callable[[np.ndarray], np.ndarray] = np.positive

    @property
    def shapes(self):
        return self.sizes or tuple(SIZES[fmt] for fmt in self.fmts)


CASES: dict[str, Case] = {}


def add(name, layer, fmt, wanted, out=None, **options):
    fmts = (fmt,) if isinstance(fmt, str) else fmt
    key = f"{name} {'+'.join(fmts)}"
    assert key not in CASES
    once = not any(k.rpartition(" ")[0] == name for k in CASES)
    options.setdefault("derivatives", "(" not in name)
    CASES[key] = Case(layer, fmts, out or fmts[0], wanted, once=once, **options)
