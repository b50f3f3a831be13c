"""Tools for finding what is wrong in a loss function."""

from ._checkgradients import GradientCheck, ParameterCheck, checkgradients
from ._eager import eager
from ._recompilations import Recompilation, recompilations
from ._tracecalls import Call, tracecalls

__all__ = [
    "Call",
    "GradientCheck",
    "ParameterCheck",
    "Recompilation",
    "checkgradients",
    "eager",
    "recompilations",
    "tracecalls",
]
