"""MATLAB's namespace ``deep``: accelerated functions, backward by hand, score transforms."""

from .._accelerated import AcceleratedFunction
from .._differentiable import DifferentiableFunction
from . import transform

__all__ = ["AcceleratedFunction", "DifferentiableFunction", "transform"]
