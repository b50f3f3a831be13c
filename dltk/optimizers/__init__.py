"""Update functions: one step of a solver, and dlupdate."""

from ._adam import (
    adamupdate,
)
from ._dlupdate import (
    dlupdate,
)
from ._rmsprop import (
    rmspropupdate,
)
from ._sgdm import (
    sgdmupdate,
)

__all__ = [
    "adamupdate",
    "dlupdate",
    "rmspropupdate",
    "sgdmupdate",
]
