"""Switches in the environment, such as ``DLTK_KEEP_MEMORY=off``."""

from __future__ import annotations

import os


def is_off(name: str) -> bool:
    """Whether a switch of the environment says no."""
    return os.environ.get(name, "").lower() in ("off", "0", "false", "no")
