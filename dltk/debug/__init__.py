"""Tools for finding what is wrong in a loss function."""

from ._eager import eager

__all__ = ["eager"]
