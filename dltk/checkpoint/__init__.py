"""Saving: variables to files, and whole training loops so that they go on where they stopped."""

from ._checkpoints import checkpoints
from ._save import load, save

__all__ = ["checkpoints", "load", "save"]
