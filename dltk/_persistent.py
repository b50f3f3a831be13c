"""Compiled programs on disk, so that the second run of a script starts at once.

JAX can keep what XLA compiled in a folder. dltk asks it to when the first function is compiled
(importing dltk changes nothing), unless the user chose a folder for JAX himself. Tracing is done
anew in every run, so nothing can become stale: the key of an entry is the program itself.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import threading
from pathlib import Path
from typing import Any

import jax

from ._cache_folder import cache_folder
from ._errors import OptionError
from ._switches import is_off

SWITCH = "DLTK_COMPILATION_CACHE"  # "off", or a folder
LEAST_SECONDS = 0.1  # of compilation, for a program to be kept
MOST_BYTES = 2 << 30  # in the folder; at the start of a run the oldest programs go

_lock = threading.Lock()
_asked = False  # whether it was decided already


def compilation_cache(folder: str | os.PathLike[str] | bool | None = None) -> Path | None:
    """Say where compiled programs are kept between runs of a script, or that they are not.

    By default they are kept in the user's cache folder from the first `dlfeval` on. The environment
    variable ``DLTK_COMPILATION_CACHE`` says the same: a folder, or "off". A folder that was chosen
    with JAX's own setting ``jax_compilation_cache_dir`` stays.

    Args:
        folder: A folder; True for the default one; False for none. Without it, nothing changes.

    Returns:
        The folder in use, or None.

    Raises:
        OptionError: Something that is not a folder.

    Example:
        >>> compilation_cache(False) is None
        True
    """
    global _asked
    if isinstance(folder, bool) or folder is None:
        chosen = _default_folder() if folder else None
    else:
        chosen = Path(os.fspath(folder)).expanduser()
        if chosen.exists() and not chosen.is_dir():
            raise OptionError(
                "compilation_cache: this is not a folder.", got={"folder": str(chosen)}
            )
    with _lock:
        if folder is not None:
            _asked = True
            _use(chosen)
        now = jax.config.jax_compilation_cache_dir  # pyright: ignore
    return Path(now) if now else None


def keep_programs() -> None:
    """Turn the cache on, once, unless the user decided otherwise."""
    global _asked
    if _asked:
        return
    with _lock:
        if _asked:
            return
        _asked = True
        if is_off(SWITCH):
            return
        switch = os.environ.get(SWITCH)
        if jax.config.jax_compilation_cache_dir is None:  # pyright: ignore
            _use(Path(switch).expanduser() if switch else _default_folder())


def _use(folder: Path | None) -> None:
    """Tell JAX. A folder that cannot be written is none."""
    if folder is not None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _remove_oldest(folder)
        except OSError:
            folder = None
    settings: dict[str, Any] = {"jax_compilation_cache_dir": folder and str(folder)}
    if folder is not None and jax.config.jax_persistent_cache_min_compile_time_secs == 1.0:  # pyright: ignore
        settings["jax_persistent_cache_min_compile_time_secs"] = LEAST_SECONDS
    for name, value in settings.items():
        jax.config.update(name, value)


def _default_folder() -> Path:
    """A folder of its own for each kind of processor, as a home may be seen by several machines."""
    name = [platform.machine(), platform.system(), jax.__version__]
    with contextlib.suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        name += sorted({line for line in lines if line.startswith(("flags", "Features"))})
    return cache_folder() / "programs" / hashlib.sha256("\n".join(name).encode()).hexdigest()[:16]


def _remove_oldest(folder: Path) -> None:
    files = [(file.stat(), file) for file in folder.iterdir() if file.is_file()]
    total = sum(facts.st_size for facts, _ in files)
    for facts, file in sorted(files, key=lambda pair: max(pair[0].st_atime, pair[0].st_mtime)):
        if total <= MOST_BYTES:
            return
        with contextlib.suppress(OSError):
            file.unlink()
            total -= facts.st_size
