"""Update functions: one step of a solver, and dlupdate."""

from ._adam import (
    adamupdate,
)
from ._dlupdate import (
    dlupdate,
)
from ._lbfgs import (
    lbfgsupdate,
)
from ._lbfgs_state import (
    lbfgsState,
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
    "lbfgsState",
    "lbfgsupdate",
    "rmspropupdate",
    "sgdmupdate",
]
