"""`recompilations`: which functions were compiled how often, and why again."""

from __future__ import annotations

from typing import NamedTuple

from .._program import everything


class Recompilation(NamedTuple):
    """A function: calls, compilations, seconds spent on them, and why the last one was needed."""

    function: str
    calls: int
    compilations: int
    seconds: float
    reason: str


def recompilations() -> list[Recompilation]:
    """Print which functions were compiled how often, the dearest first.

    A function is compiled at its first call and again for other sizes, labels, strings, flags or
    code. A function that is compiled again and again is slow; the last column says what changed.

    Returns:
        A list of `Recompilation`, one per function.

    Example:
        >>> from dltk import dlarray, dlfeval
        >>> def loss(X):
        ...     return X * 2
        >>> for n in (1, 2, 3):
        ...     Y = dlfeval(loss, dlarray([0.0] * n))
        >>> rows = recompilations()  # doctest: +ELLIPSIS
        function...compilations...
        >>> next(row.reason for row in rows if row.function == "loss" and row.calls == 3)
        'the size of X changes: 1×3 after 1×2'
    """
    rows = [
        Recompilation(h.name, h.calls, h.traces, h.seconds, h.reason)
        for programs in list(everything)
        for h in programs.histories()
    ]
    rows.sort(key=lambda row: -row.seconds)
    wide = max([8, *(len(row.function) for row in rows)])
    print(f"{'function':{wide}}    calls  compilations  seconds  last reason")
    for row in rows:
        print(
            f"{row.function:{wide}}  {row.calls:7}  {row.compilations:12}  {row.seconds:7.2f}  "
            f"{row.reason or '(first call)'}"
        )
    return rows
