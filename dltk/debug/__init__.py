"""Tools for finding what is wrong in a loss function."""

from ._checkgradients import GradientCheck, ParameterCheck, checkgradients
from ._compare import Comparison, compare
from ._comparewithmat import Parity, comparewithmat
from ._costs import Cost, Profile
from ._difference import Difference
from ._eager import eager
from ._findnan import findnan
from ._layerstats import layerstats
from ._origins import NaNHunt, Origin
from ._profile import profile
from ._recompilations import Recompilation, recompilations
from ._statistics import LayerStats, ParameterStats, Statistics
from ._tracecalls import Call, tracecalls
from ._unusedparameters import Unused, UnusedParameters, unusedparameters

__all__ = [
    "Call",
    "Comparison",
    "Cost",
    "Difference",
    "GradientCheck",
    "LayerStats",
    "NaNHunt",
    "Origin",
    "ParameterCheck",
    "ParameterStats",
    "Parity",
    "Profile",
    "Recompilation",
    "Statistics",
    "Unused",
    "UnusedParameters",
    "checkgradients",
    "compare",
    "comparewithmat",
    "eager",
    "findnan",
    "layerstats",
    "profile",
    "recompilations",
    "tracecalls",
    "unusedparameters",
]
