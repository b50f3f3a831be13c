"""Errors that pass through the user's own lines, seen even if a ``try`` statement hides them."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
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
