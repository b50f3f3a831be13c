"""Whose code something is, a library's or the user's, and how to name it in messages."""

from __future__ import annotations

import functools
import linecache
import os
import sys
import sysconfig
from types import FrameType, FunctionType, TracebackType
from typing import Any

import jax

from ._errors import DltkError

Place = tuple[str, int, str]  # file, line number, text of the line


def _library_folders() -> tuple[str, ...]:
    paths = sysconfig.get_paths()
    folders = {paths[key] for key in ("stdlib", "platstdlib", "purelib", "platlib")}
    folders |= {path for path in sys.path if path.endswith(("site-packages", "dist-packages"))}
    folders.add(os.path.dirname(os.path.abspath(__file__)))
    return tuple(os.path.join(os.path.realpath(f), "") for f in folders)


_FOLDERS = _library_folders()


_OWN = os.path.join(os.path.dirname(os.path.realpath(__file__)), "")


@functools.lru_cache(maxsize=65536)
def is_library_file(filename: str) -> bool:
    """Whether a source file belongs to an installed package (dltk too), not to the user."""
    if filename.startswith("<frozen"):
        return True
    if filename.startswith("<"):
        return False
    return os.path.realpath(filename).startswith(_FOLDERS)


@functools.lru_cache(maxsize=65536)
def package_of(filename: str) -> str:
    """The package or module that a library's file belongs to."""
    real = os.path.realpath(filename)
    if real.startswith(_OWN):
        return "dltk"
    folder = max((f for f in _FOLDERS if real.startswith(f)), key=len, default="")
    return real[len(folder) :].split(os.sep)[0].removesuffix(".py")


def is_library_module(module: Any) -> bool:
    """Whether a module belongs to an installed package (built-in modules do)."""
    filename = getattr(module, "__file__", None)
    if filename is None:
        return module.__name__ != "__main__"
    return is_library_file(filename)


def is_library_class(kind: type) -> bool:
    """Whether a class was defined by an installed package."""
    module = sys.modules.get(kind.__module__)
    return module is not None and is_library_module(module)


def where(error: BaseException) -> Place | None:
    """The user's own line that raised, if there is one."""
    found, trace = None, error.__traceback__
    while trace is not None:
        filename = trace.tb_frame.f_code.co_filename
        if not is_library_file(filename):
            found = _place(filename, trace.tb_lineno)
        trace = trace.tb_next
    return found


HIDDEN = ("dltk", "jax", "jaxlib")
ADVICE = "(Frames of dltk are left out. Set JAX_TRACEBACK_FILTERING=off to see them.)"


def in_users_terms(error: Exception) -> Exception:
    """The same error with a traceback of the user's own lines, the failing one last."""
    if jax.config.jax_traceback_filtering == "off" or where(error) is None:  # pyright: ignore
        return error
    frames: list[TracebackType] = []
    trace, hidden = error.__traceback__, False
    while trace is not None:
        filename = trace.tb_frame.f_code.co_filename
        hidden = is_library_file(filename) and package_of(filename) in HIDDEN
        if not hidden:
            frames.append(trace)
        trace = trace.tb_next
    told = any("JAX_TRACEBACK_FILTERING" in note for note in getattr(error, "__notes__", []))
    if hidden and not told and not isinstance(error, DltkError):
        error.add_note(ADVICE)
    kept = None
    for frame in reversed(frames):
        kept = TracebackType(kept, frame.tb_frame, frame.tb_lasti, frame.tb_lineno)
    return error.with_traceback(kept)


def users_line() -> Place | None:
    """The innermost line of the user's code that is running, if there is one."""
    frame = _users_frame()[0]
    return None if frame is None else _place(frame.f_code.co_filename, frame.f_lineno)


def _place(filename: str, number: int) -> Place:
    return filename, number, linecache.getline(filename, number).strip()


def _users_frame() -> tuple[FrameType | None, int]:
    """The innermost frame of the user's code, and how many frames it stands above the caller."""
    level, frame = 0, sys._getframe(1)
    while frame is not None and is_library_file(frame.f_code.co_filename):
        frame, level = frame.f_back, level + 1
    return frame, level


def name_of(function: Any) -> str:
    """A function's name for messages."""
    if isinstance(function, functools.partial):
        code = getattr(function.func, "__code__", None)
        if function.args and callable(function.args[0]) and code is not None:
            served = is_library_file(code.co_filename)  # such as partial(dlfeval, modelLoss)
            return name_of(function.args[0] if served else function.func)
        return name_of(function.func)
    code = getattr(function, "__code__", None)
    if isinstance(function, FunctionType) and function.__name__ == "<lambda>" and code is not None:
        return f"the lambda in line {code.co_firstlineno} of {os.path.basename(code.co_filename)}"
    return getattr(function, "__qualname__", None) or type(function).__qualname__


def user_level() -> int:
    """The ``stacklevel`` with which a warning of the caller points at the user's own line."""
    return _users_frame()[1]
