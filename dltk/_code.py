"""Facts about Python functions that can be read off their code: what they name, whose they are."""

from __future__ import annotations

import builtins
import dis
import functools
import os
import sys
import sysconfig
from collections.abc import Iterator
from types import CodeType, FunctionType
from typing import Any

# Calling these shows or reads something outside the function, so a compiled program would be wrong.
IMPURE_BUILTINS = frozenset(
    ("print", "input", "open", "eval", "exec", "globals", "locals", "vars", "breakpoint", "next")
)
IMPURE_MODULES = frozenset(
    ["random", "time", "datetime", "os", "sys", "io", "secrets", "uuid", "threading", "subprocess", "socket", "logging", "tkinter", "warnings", "contextvars", "asyncio", "signal", "tempfile", "shutil", "pathlib"]
)
IMPURE_ATTRIBUTES = {"numpy": frozenset(("random", "load", "save", "fromfile", "loadtxt"))}


class CodeFacts:
    """What a function's code, nested functions included, names and writes.

    Attributes:
        global_names: Names looked up in the module.
        names: Every attribute and global name, and every string constant: what the code may look up
            in a module it reads.
    """

    __slots__ = ("global_names", "names")

    def __init__(self, code: CodeType):
        read: dict[str, None] = {}
        names: dict[str, None] = {}
        for part in _nested(code):
            names.update(dict.fromkeys(part.co_names))
            names.update(dict.fromkeys(c for c in part.co_consts if isinstance(c, str)))
            for step in dis.get_instructions(part):
                if step.opname in ("LOAD_GLOBAL", "LOAD_NAME", "STORE_GLOBAL", "DELETE_GLOBAL"):
                    read[step.argval] = None
        self.global_names = tuple(read)
        self.names = frozenset(names)


def _nested(code: CodeType) -> Iterator[CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _nested(constant)


@functools.lru_cache(maxsize=4096)
def facts(code: CodeType) -> CodeFacts:
    """The facts of a code object."""
    return CodeFacts(code)


def _library_folders() -> tuple[str, ...]:
    paths = sysconfig.get_paths()
    folders = {paths[key] for key in ("stdlib", "platstdlib", "purelib", "platlib")}
    folders |= {path for path in sys.path if path.endswith(("site-packages", "dist-packages"))}
    folders.add(os.path.dirname(os.path.abspath(__file__)))
    return tuple(os.path.join(os.path.realpath(f), "") for f in folders)


_FOLDERS = _library_folders()


@functools.lru_cache(maxsize=65536)
def is_library_file(filename: str) -> bool:
    """Whether a source file belongs to an installed package (dltk too), not to the user."""
    if filename.startswith("<frozen"):
        return True
    if filename.startswith("<"):
        return False
    return os.path.realpath(filename).startswith(_FOLDERS)


def is_library_module(module: Any) -> bool:
    """Whether a module belongs to an installed package (built-in modules do)."""
    filename = getattr(module, "__file__", None)
    return (
        (filename is None
        and module.__name__ != "__main__")
        or (filename is not None and is_library_file(filename))
    )


def is_library_class(kind: type) -> bool:
    """Whether a class was defined by an installed package."""
    module = sys.modules.get(kind.__module__)
    return module is not None and is_library_module(module)


def is_impure(value: Any) -> bool:
    """Whether reading this library value makes a function depend on the world outside."""
    if value is getattr(builtins, getattr(value, "__name__", ""), None):
        return value.__name__ in IMPURE_BUILTINS
    name = getattr(value, "__name__", "") if type(value) is type(sys) else None
    if name is None:
        name = getattr(value, "__module__", None) or ""
    return isinstance(name, str) and name.partition(".")[0] in IMPURE_MODULES


def impure_attribute(module: Any, names: frozenset[str]) -> str | None:
    """The first name of an attribute of a library module that depends on the world outside."""
    refused = IMPURE_ATTRIBUTES.get(module.__name__, frozenset())
    return next((name for name in sorted(refused) if name in names), None)


def where(error: BaseException) -> tuple[str, int, str] | None:
    """File, line number and text of the user's own line that raised, if there is one."""
    import linecache

    found, trace = None, error.__traceback__
    while trace is not None:
        filename = trace.tb_frame.f_code.co_filename
        if not is_library_file(filename):
            text = linecache.getline(filename, trace.tb_lineno).strip()
            found = (filename, trace.tb_lineno, text)
        trace = trace.tb_next
    return found


def name_of(function: Any) -> str:
    """A function's name for messages."""
    if isinstance(function, functools.partial):
        return name_of(function.func)
    code = getattr(function, "__code__", None)
    if isinstance(function, FunctionType) and function.__name__ == "<lambda>" and code is not None:
        return f"the lambda in line {code.co_firstlineno} of {os.path.basename(code.co_filename)}"
    return getattr(function, "__qualname__", None) or type(function).__qualname__


def user_level() -> int:
    """The ``stacklevel`` with which a warning raised by the caller points at the user's own line."""
    level, frame = 1, sys._getframe(1)
    while frame is not None and is_library_file(frame.f_code.co_filename):
        frame, level = frame.f_back, level + 1
    return level
