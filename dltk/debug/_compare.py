"""`compare`: does the compiled function give what the function gives line by line?"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from .._code import name_of
from .._listener import listening
from .._program import Programs
from ..autodiff import dlfeval, run_eagerly, run_traced
from ..dlarray import TRIM, wrap
from ._difference import Difference, difference, size_of, table_of
from ._look import Look, Spot, check_function, compiled, refuse_compiling, same_again
from ._names import named_outputs
from ._text import Report


@dataclass(frozen=True, repr=False)
class Comparison(Report):
    """What `compare` found; true if all outputs agree.

    Attributes:
        outputs: One entry per output array; true where it differs.
        compiled: Whether `dlfeval` compiles the function at all.
        operation: The first operation whose result differs, "" if there is none.
        line: The user's line of that operation.
        layer: Its layer.
    """

    outputs: tuple[Difference, ...]
    compiled: bool
    operation: str = ""
    line: str = ""
    layer: str = ""

    @property
    def first(self) -> Difference | None:
        """The first output that differs."""
        return next((d for d in self.outputs if d), None)

    def __bool__(self) -> bool:
        return self.first is None

    @property
    def summary(self) -> str:
        """Whether they agree, or which output does not."""
        if not self.compiled:
            same = "agree" if self.first is None else f"differ: {self.first}; it changes by itself"
            return (
                "dlfeval does not compile this function (its warning says why). Two calls with the "
                f"same inputs {same}."
            )
        if self.first is None:
            return "Compiled and line by line agree."
        return f"Compiled and line by line differ: {self.first}."

    def __str__(self) -> str:
        lines = [*table_of(self.outputs), self.summary]
        if self.operation:
            spot = Spot(self.line, self.layer)
            lines.append(f"The first operation that differs is {self.operation}: {spot}")
        elif self.compiled and self.first is not None:
            lines.append(
                "Compiled so that every result can be looked at, no operation differs: it is the "
                "fusion of several that rounds otherwise."
            )
        return "\n".join(lines)


def compare(fun: Any, *args: Any, tolerance: float | None = None) -> Comparison:
    """Compare what `dlfeval` gives compiled with what the function gives line by line.

    Both have the same inputs and the same random numbers. A difference beyond rounding means that
    the function is sensitive to rounding (it takes the difference of large numbers, say), or that
    it depends on something that changes between two calls. If an output differs, the function is
    compiled once more so that the result of every operation can be looked at, and the first one
    that differs is named.

    Args:
        fun: A function as for dlfeval; it is called several times.
        *args: Its inputs.
        tolerance: The largest difference that passes, as a fraction of the largest value of the
            array; by default 1e-4 for single, 1e-10 for double.

    Returns:
        The result, which is printed too: ``outputs``, ``first``, ``operation``; true if all agree.

    Raises:
        OptionError: ``fun`` is no function.
        Whatever ``fun`` raises.

    Example:
        >>> from dltk import dlarray, exp
        >>> def model(X):
        ...     return exp(-X)
        >>> result = compare(model, dlarray([1.0, 2.0]))  # doctest: +ELLIPSIS
            array     size  largest difference  relative  at
        ok  output 1  1×2   ...
        Compiled and line by line agree.
    """
    check_function("compare", fun)
    refuse_compiling("compare")
    ours, is_compiled = compiled(fun, args)
    theirs = same_again(dlfeval, (fun, *args))
    outputs = tuple(_differences(ours, theirs, tolerance))
    culprit = _culprit(fun, args, tolerance) if is_compiled and any(outputs) else ("", "", "")
    result = Comparison(outputs, is_compiled, *culprit)
    print(result)
    return result


def _differences(ours: Any, theirs: Any, tolerance: float | None) -> Iterator[Difference]:
    """Array by array, those of one output side by side."""
    for mine, other in zip(named_outputs(ours), named_outputs(theirs), strict=True):
        beside = max((size_of(x.value) for x in other), default=0.0)
        for a, b in zip(mine, other, strict=True):
            yield difference(a.name, a.value, b.value, tolerance, beside=beside)


class _Results(Look):
    """Keeps the result of every operation."""

    def __init__(self) -> None:
        super().__init__()
        self.places: list[tuple[str, Spot]] = []
        self.results: list[Any] = []

    def operation(self, name: str, inputs: Sequence[Any], results: Sequence[Any]) -> None:
        if name != TRIM:
            self.places += [(name, self.spot)] * len(results)
            self.results += [wrap(x._data, x._fmt) for x in results]


def _keeping(runner: Callable[..., Any], at: list[_Results]) -> Callable[..., Any]:
    def run(fun: Any, args: Any, kwargs: Any) -> Any:
        at.append(_Results())
        with listening(at[-1]):
            runner(fun, args, kwargs)
        return at[-1].results

    return run


def _culprit(
    fun: Callable[..., Any], args: tuple[Any, ...], tolerance: float | None
) -> tuple[str, str, str]:
    """Name, line and layer of the first operation whose compiled result differs."""
    seen: list[_Results] = []
    kept = Programs(_keeping(run_traced, seen), run_eagerly, who=f"compare of {name_of(fun)}")
    ours = same_again(lambda *a: kept.call(fun, a, {}), args, eagerly=False)
    theirs = same_again(lambda *a: _keeping(run_eagerly, seen)(fun, a, {}), args)
    if len(ours) != len(theirs):
        return "", "", ""
    for (name, spot), a, b in zip(seen[-1].places, ours, theirs, strict=True):
        if difference(name, a, b, tolerance):
            return name, spot.line, spot.layer
    return "", "", ""
