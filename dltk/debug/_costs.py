"""What `profile` reports: what every operation costs, and the compiled function as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ._look import Spot
from ._text import Report, lined_up, plural

MOST_ROWS = 20
LEGEND = (
    "Forward and backward: time of each operation compiled and run by itself. Flop: XLA's count, "
    "forward.\nResult: size of what it gives. Kept: what the way back needs of it besides."
)


@dataclass(frozen=True)
class Cost:
    """What an operation costs, all its calls from one place taken together.

    Attributes:
        operation: Its public name.
        line: The user's line.
        layer: The layer, "" outside networks.
        calls: How often it is called.
        forward: Seconds.
        backward: Seconds on the way back, 0 if none leads through it.
        flops: Floating-point operations forward, as XLA counts them.
        result: Bytes of its results.
        kept: Bytes that stay in memory for the way back, other than inputs and earlier results.
    """

    operation: str
    line: str
    layer: str
    calls: int
    forward: float
    backward: float
    flops: float
    result: int
    kept: int

    @property
    def seconds(self) -> float:
        """Forward and backward."""
        return self.forward + self.backward


@dataclass(frozen=True)
class Program:
    """What the compiled function costs as a whole.

    Attributes:
        seconds: Time of a call of dlfeval.
        flops: Floating-point operations, as XLA counts them.
        scratch: Bytes that XLA sets aside for what is between inputs and results.
    """

    seconds: float
    flops: float
    scratch: int


@dataclass(frozen=True, repr=False)
class Profile(Report):
    """What `profile` found.

    Attributes:
        operations: One entry per operation and place, the dearest first.
        program: The compiled function as a whole; None if dlfeval does not compile it.
    """

    operations: tuple[Cost, ...]
    program: Program | None

    @property
    def summary(self) -> str:
        """The dearest operation, and the whole."""
        if not self.operations:
            return "No operation depends on the inputs."
        total, first = sum(c.seconds for c in self.operations), self.operations[0]
        part = first.seconds / total if total else 0.0
        spot = f'layer "{first.layer}"' if first.layer else first.line
        return f"{first.operation} ({spot}) takes {part:.0%} of {_time(total)}."

    def __str__(self) -> str:
        head = ("operation", "calls", "forward", "backward", "flop", "result", "kept", "where")
        rows = [head, *map(_row, self.operations[:MOST_ROWS])]
        if len(self.operations) > MOST_ROWS:
            more = plural(len(self.operations) - MOST_ROWS, "more")
            rows.append((f"({more})", *[""] * (len(head) - 1)))
        if len(self.operations) > 1:
            rows.append(_row(_total(self.operations)))
        whole = "dlfeval does not compile this function (its warning says why)."
        if self.program is not None:
            p = self.program
            whole = (
                f"Compiled as one program, a call takes {_time(p.seconds)}, {_count(p.flops)} flop "
                f"and {_bytes(p.scratch)} of scratch memory (XLA's analysis)."
            )
        return "\n".join([*lined_up(rows), LEGEND, self.summary, whole])


def plus(
    cost: Cost, calls: int, forward: float, backward: float, flops: float, result: int, kept: int
) -> Cost:
    """The cost with these amounts added."""
    return replace(
        cost,
        calls=cost.calls + calls,
        forward=cost.forward + forward,
        backward=cost.backward + backward,
        flops=cost.flops + flops,
        result=cost.result + result,
        kept=cost.kept + kept,
    )


def _total(costs: Sequence[Cost]) -> Cost:
    total = Cost("all", "", "", 0, 0.0, 0.0, 0.0, 0, 0)
    for c in costs:
        total = plus(total, c.calls, c.forward, c.backward, c.flops, c.result, c.kept)
    return total


def _row(cost: Cost) -> tuple[str, ...]:
    where = str(Spot(cost.line, cost.layer))
    times = _time(cost.forward), _time(cost.backward) if cost.backward else ""
    sizes = _count(cost.flops), _bytes(cost.result), _bytes(cost.kept)
    return (cost.operation, str(cost.calls), *times, *sizes, where)


def _time(seconds: float) -> str:
    return f"{1e3 * seconds:.3g} ms" if seconds < 1 else f"{seconds:.3g} s"


def _count(number: float) -> str:
    return _scaled(number, ("", " k", " M", " G", " T")).strip()


def _bytes(number: float) -> str:
    return _scaled(number, (" B", " kB", " MB", " GB", " TB"))


def _scaled(number: float, units: Sequence[str]) -> str:
    """Three digits and a unit.

    >>> _scaled(12345, (" B", " kB")), _scaled(0, (" B",))
    ('12.3 kB', '0 B')
    """
    place = 0
    while number >= 999.5 and place < len(units) - 1:
        number, place = number / 1000, place + 1
    return f"{number:.3g}{units[place]}"
