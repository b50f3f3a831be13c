"""What `findnan` reports: the places where non-finite values appeared."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ._look import Spot
from ._text import Report, listed, plural, subscripts

Kind = Literal["NaN", "Inf"]
MOST_SHOWN = 3  # further places in the printed report


@dataclass(frozen=True)
class Origin:
    """A place where non-finite values appeared out of finite ones.

    Attributes:
        kind: "NaN" or "Inf".
        during: "input", "operand" (a captured value that is not finite), "forward", "gradient" (the
            way back through the operation) or "output".
        operation: Public name of the operation; the name of the array for inputs and outputs.
        line: The user's line.
        layer: The layer, "" outside networks.
        count: How many values are such.
        size: Of how many.
        entry: Subscripts (from 0) of the first one.
        operands: Size, labels and range of each operand.
    """

    kind: Kind
    during: Literal["input", "operand", "forward", "gradient", "output"]
    operation: str
    line: str
    layer: str
    count: int
    size: int
    entry: tuple[int, ...]
    operands: tuple[str, ...] = ()

    @property
    def place(self) -> str:
        """What the value appeared in, in words."""
        if self.during in ("input", "output"):
            return f'the {self.during} "{self.operation}"'
        word = {"operand": "an operand", "gradient": "the gradient"}.get(self.during)
        return f"{word} of {self.operation}" if word else self.operation

    def __str__(self) -> str:
        lines = [f"{self.kind} first appears in {self.place}."]
        if self.line:
            lines.append(f"  {Spot(self.line, self.layer)}")
        lines.append(
            f"  {self.kind} in {self.count} of {plural(self.size, 'value')}, "
            f"first at {subscripts(self.entry)}"
        )
        lines += [f"  operand {i}: {text}" for i, text in enumerate(self.operands, 1)]
        return "\n".join(lines)


@dataclass(frozen=True, repr=False)
class NaNHunt(Report):
    """What `findnan` found; true if all values are finite.

    Attributes:
        origins: The places, in the order in which they were met.
        operations: How many operations were looked at.
        results: Names of the outputs that are not finite.
    """

    origins: tuple[Origin, ...]
    operations: int
    results: tuple[str, ...] = ()

    @property
    def first(self) -> Origin | None:
        """The first place."""
        return self.origins[0] if self.origins else None

    def __bool__(self) -> bool:
        return not self.origins

    @property
    def summary(self) -> str:
        """Where the first one appeared."""
        if self.first is None:
            return f"All values are finite ({plural(self.operations, 'operation')})."
        return f"{self.first.kind} first appears in {self.first.place}."

    def __str__(self) -> str:
        if self.first is None:
            return self.summary
        lines = [str(self.first)]
        for later in self.origins[1 : 1 + MOST_SHOWN]:
            spot = f": {Spot(later.line, later.layer)}" if later.line else ""
            lines.append(f"Later {later.kind} in {later.place}{spot}")
        if len(self.origins) > 1 + MOST_SHOWN:
            lines.append(f"... and at {plural(len(self.origins) - 1 - MOST_SHOWN, 'more place')}")
        reached = listed(self.results)
        lines.append(f"Not finite: {reached}." if reached else "All outputs are finite.")
        return "\n".join(lines)
