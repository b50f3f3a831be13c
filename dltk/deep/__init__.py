"""MATLAB's namespace ``deep``: functions with a backward of your own, and score transforms."""

from .._differentiable import DifferentiableFunction
from . import transform

__all__ = ["DifferentiableFunction", "transform"]
