"""Every layer in the formats that it takes, a module per family."""

from . import (  # noqa: F401  (each fills the table)
    attention,
    combination,
    complex_data,
    convolution,
    dense,
    elementwise,
    inputs,
    look_up,
    moved,
    networks,
    pooling,
    positions,
    recurrence,
    sizes,
    targets,
    transforms,
)
from ._table import CASES

__all__ = ["CASES"]
