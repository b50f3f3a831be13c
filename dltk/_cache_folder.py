"""The folder for what is dear to make and can be made again."""

from __future__ import annotations

import os
from pathlib import Path


def cache_folder() -> Path:
    """``DLTK_CACHE``, else the folder ``dltk`` in the user's cache folder."""
    if chosen := os.environ.get("DLTK_CACHE"):
        return Path(chosen).expanduser()
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "dltk"
