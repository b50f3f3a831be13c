"""Tools for finding what is wrong in a loss function."""

from ._checkgradients import GradientCheck, ParameterCheck, checkgradients
from ._eager import eager
from ._tracecalls import Call, tracecalls

__all__ = ["Call", "GradientCheck", "ParameterCheck", "checkgradients", "eager", "tracecalls"]
