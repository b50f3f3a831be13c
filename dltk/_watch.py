"""Looking over a function's shoulder while it runs in this thread: errors, forbidden calls."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Callable, Iterator, Sequence
from types import FrameType
from typing import Any

from ._code import is_library_file


@contextlib.contextmanager
def watching(
    errors: tuple[type[BaseException], ...], wanted: bool
) -> Iterator[list[BaseException]]:
    """Gather errors of these types that are raised in functions of the user's, if ``wanted``.

    >>> def careless():
    ...     try:
    ...         return 1 / 0
    ...     except ArithmeticError:
    ...         return 0
    >>> with watching((ZeroDivisionError,), True) as met:
    ...     x = careless()
    >>> met
    [ZeroDivisionError('division by zero')]
    """
    met: list[BaseException] = []
    if not wanted:
        yield met
        return

    def local(frame: FrameType, event: str, arg: Any) -> Any:
        if event == "exception" and isinstance(arg[1], errors) and arg[1] not in met:
            met.append(arg[1])
        return local

    def start(frame: FrameType, event: str, arg: Any) -> Any:
        if is_library_file(frame.f_code.co_filename):
            return None
        frame.f_trace_lines = False
        return local

    before = sys.gettrace()
    sys.settrace(start)
    try:
        yield met
    finally:
        sys.settrace(before)


@contextlib.contextmanager
def forbidding(calls: Sequence[Any], error: Callable[[Any], Exception]) -> Iterator[None]:
    """Raise ``error(function)`` instead of calling one of these functions written in C.

    >>> with forbidding([print], lambda f: RuntimeError(f"no {f.__name__}")):
    ...     print("hello")
    Traceback (most recent call last):
    ...
    RuntimeError: no print
    """
    if not calls:
        yield
        return

    def look(frame: FrameType, event: str, arg: Any) -> None:
        if event == "c_call" and any(arg is function for function in calls):
            raise error(arg)

    before = sys.getprofile()
    sys.setprofile(look)
    try:
        yield
    finally:
        sys.setprofile(before)
