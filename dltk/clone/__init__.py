"""Cloning a section of a network."""

from ._clones import CloneFunction
from ._function import cloneFunction

__all__ = ["CloneFunction", "cloneFunction"]
