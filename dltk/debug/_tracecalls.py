"""`tracecalls`: a table of every operation of a function, up to the one that fails."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

from .._code import where
from .._numbers import NAMES
from ..dlarray import TRIM
from ._look import Look, look, operand, shown
from ._text import lined_up

WIDEST = 60  # characters of operands in the printed table


class Call(NamedTuple):
    """An operation: public name, operands and results with sizes and labels, where it stands.

    ``line`` is the user's line, ``type`` the number type of the results, ``layer`` the layer that
    asked for the operation ("" outside networks).
    """

    operation: str
    operands: str
    result: str
    line: str
    type: str = ""
    layer: str = ""


def tracecalls(fun: Any, *args: Any, **kwargs: Any) -> list[Call]:
    """Run a function as `dlfeval` does, without compiling, and print every operation.

    The table has a row per operation: its name, sizes and labels of its operands, those of its
    result with the number type, the layer that it belongs to, and the line of your code that asked
    for it. Gradients have rows, too. If the function fails, the table ends with the line that
    failed, and the error is raised.

    Args:
        fun: A function as for dlfeval: a loss function, a model function, a whole training step.
        *args: Its inputs.
        **kwargs: Its inputs by name.

    Returns:
        The rows of the table: tuples (operation, operands, result, line, type, layer).

    Raises:
        Whatever ``fun`` raises, after the table is printed.

    Example:
        >>> import numpy as np
        >>> from dltk import dlarray
        >>> def loss(X):
        ...     return X * 2 + dlarray([1.0, 2.0, 3.0], "C")
        >>> calls = tracecalls(loss, dlarray(np.ones((3, 4)), "CB"))  # doctest: +ELLIPSIS
        #  operation  operands                  result       type    line
        1  times      3(C) × 4(B), 2            3(C) × 4(B)  double  ...
        2  plus       3(C) × 4(B), 3(C) × 1(U)  3(C) × 4(B)  double  ...
    """
    at = _Walk()
    try:
        look("tracecalls", at, fun, args, kwargs)
    except Exception as error:
        if at.started:
            print(_table(at.calls))
            notes = getattr(error, "__notes__", ())
            print(
                f"failed: {shown(where(error))}\n{type(error).__name__}: {error}", *notes, sep="\n"
            )
        raise
    print(_table(at.calls))
    return at.calls


class _Walk(Look):
    """Writes the rows."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: list[Call] = []
        self.started = False

    def begin(self, inputs: Any) -> None:
        super().begin(inputs)
        self.started = True

    def operation(self, name: str, inputs: Sequence[Any], results: Sequence[Any]) -> None:
        made = ", ".join(map(operand, results))
        if name == TRIM:
            self.calls[-1] = self.calls[-1]._replace(result=made)
            return
        spot, operands = self.spot, ", ".join(map(operand, inputs))
        types = {NAMES[x.dtype]: None for x in results}
        self.calls.append(Call(name, operands, made, spot.line, ", ".join(types), spot.layer))


def _table(calls: Sequence[Call]) -> str:
    rows: list[tuple[str, ...]] = [
        ("#", "operation", "operands", "result", "type", "layer", "line")
    ]
    for number, call in enumerate(calls, 1):
        sizes = map(_short, (call.operands, call.result))
        rows.append((str(number), call.operation, *sizes, call.type, call.layer, call.line))
    if not any(call.layer for call in calls):
        rows = [(*row[:5], row[6]) for row in rows]
    return "\n".join(lined_up(rows))


def _short(sizes: str) -> str:
    return sizes if len(sizes) <= WIDEST else sizes[: WIDEST - 3] + "..."
