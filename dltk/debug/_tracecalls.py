"""`tracecalls`: a table of every operation of a function, up to the one that fails."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, NamedTuple

import numpy as np

from .._code import Place, users_line, where
from .._labels import show, to_logical
from ..autodiff import dlfeval
from ..dlarray import dlarray, listeners
from ._eager import eager

WIDEST = 70  # characters of operands in the printed table


class Call(NamedTuple):
    """An operation: public name, operands and results with sizes and labels, the user's line."""

    operation: str
    operands: str
    result: str
    line: str


def tracecalls(fun: Any, *args: Any, **kwargs: Any) -> list[Call]:
    """Run a function as `dlfeval` does, without compiling, and print every operation.

    The table has a row per operation: its name, sizes and labels of its operands, those of its
    result, and the line of your code that asked for it. If the function fails, the table ends with
    the line that failed, and the error is raised.

    Args:
        fun: A function as for dlfeval.
        *args: Its inputs.
        **kwargs: Its inputs by name.

    Returns:
        The rows of the table: tuples (operation, operands, result, line).

    Raises:
        Whatever ``fun`` raises, after the table is printed.

    Example:
        >>> from dltk import dlarray
        >>> def loss(X):
        ...     return X * 2 + dlarray([1.0, 2.0, 3.0], "C")
        >>> calls = tracecalls(loss, dlarray(np.ones((3, 4)), "CB"))  # doctest: +ELLIPSIS
        #  operation  operands ...
        1  times      3(C) × 4(B), 2 ...
        2  plus       3(C) × 4(B), 3(C) × 1(U) ...
    """
    calls: list[Call] = []
    try:
        with _listening(calls), eager():
            dlfeval(fun, *args, **kwargs)
    except Exception as error:
        print(_table(calls))
        print(f"failed: {_shown(where(error))}\n{type(error).__name__}: {error}")
        raise
    print(_table(calls))
    return calls


@contextmanager
def _listening(calls: list[Call]) -> Iterator[None]:
    def listen(name: str, inputs: Sequence[Any], out: Any, fmt: Any) -> None:
        outs, formats = (out, fmt) if isinstance(out, tuple) else ((out,), (fmt,))
        results = (show(to_logical(f, o.shape), f) for o, f in zip(outs, formats, strict=True))
        operands = ", ".join(_operand(x) for x in inputs)
        calls.append(Call(name, operands, ", ".join(results), _shown(users_line())))

    listeners.append(listen)
    try:
        yield
    finally:
        listeners.remove(listen)


def _operand(x: Any) -> str:
    if isinstance(x, dlarray):
        return show(x.shape, x.dims)
    return f"{np.asarray(x).item():g}" if np.size(x) == 1 and np.isrealobj(x) else show(np.shape(x))


def _shown(place: Place | None) -> str:
    if place is None:
        return ""
    filename, number, text = place
    return f"{os.path.basename(filename)}:{number}  {text}".rstrip()


def _table(calls: Sequence[Call]) -> str:
    rows = [("#", "operation", "operands", "result", "line")]
    for number, call in enumerate(calls, 1):
        operands = call.operands
        if len(operands) > WIDEST:
            operands = operands[: WIDEST - 3] + "..."
        rows.append((str(number), call.operation, operands, call.result, call.line))
    wide = [max(len(row[i]) for row in rows) for i in range(5)]
    lines = ("  ".join(c.ljust(w) for c, w in zip(row, wide, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in lines)
