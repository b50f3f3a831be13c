"""What `analyzeNetwork` found, and how it prints."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from .. import _labels as labels

Sizes = tuple[tuple[str, tuple[int, ...]], ...]  # parameter, size


@dataclass(frozen=True)
class LayerRow:
    """One layer.

    Attributes:
        number: Its place, from 1.
        name: Its name.
        type: The function that makes such a layer.
        description: A line for people.
        activations: Size and labels of each output; "" where a mistake leaves it unknown.
        learnables: Name and size of each learnable parameter.
        states: Name and size of each state.
    """

    number: int
    name: str
    type: str
    description: str
    activations: tuple[str, ...]
    learnables: Sizes
    states: Sizes

    @property
    def num_learnables(self) -> int:
        """Number of learnable values."""
        return _count(self.learnables)


@dataclass(frozen=True)
class Issue:
    """A mistake: the layer's number (from 1), name and type, and what is wrong."""

    number: int
    name: str
    type: str
    message: str

    def __str__(self) -> str:
        first, *rest = self.message.splitlines()
        return "\n".join([f'{self.number}  "{self.name}": {first}', *(f"   {x}" for x in rest)])


@dataclass(frozen=True)
class Analysis:
    """What `analyzeNetwork` found; true if nothing is wrong.

    Attributes:
        LayerInfo: A row per layer.
        Issues: The mistakes, in the order of the layers.
        NumInputs: Number of inputs.
        NumOutputs: Number of outputs.
    """

    LayerInfo: tuple[LayerRow, ...]
    Issues: tuple[Issue, ...]
    NumInputs: int
    NumOutputs: int

    @property
    def TotalLearnables(self) -> int:
        """Number of learnable values of all layers."""
        return sum(row.num_learnables for row in self.LayerInfo)

    @property
    def TotalStates(self) -> int:
        """Number of values of all states."""
        return sum(_count(row.states) for row in self.LayerInfo)

    def __bool__(self) -> bool:
        return not self.Issues

    def __str__(self) -> str:
        counts = [
            _plural(self.NumInputs, "input"),
            _plural(self.NumOutputs, "output"),
            _plural(len(self.LayerInfo), "layer"),
            _plural(self.TotalLearnables, "learnable"),
            _plural(self.TotalStates, "state"),
        ]
        parts = [", ".join(counts), _table(self.LayerInfo, {i.number for i in self.Issues})]
        if not self.Issues:
            return "\n\n".join([*parts, "No mistakes found."])
        title = _plural(len(self.Issues), "mistake") + ":"
        return "\n\n".join([*parts, title, *map(str, self.Issues)])


def _count(sizes: Sizes) -> int:
    return sum(math.prod(size) for _, size in sizes)


def _plural(count: int, word: str) -> str:
    return f"{count:,} {word}{'s' * (count != 1)}"


def _table(rows: Sequence[LayerRow], wrong: set[int]) -> str:
    """A line per layer; an exclamation mark where something is wrong."""
    digits = len(str(len(rows)))
    cells = [("", "Name", "Type", "Activations", "Learnables", "States")]
    for row in rows:
        mark = "!" if row.number in wrong else " "
        number = f"{mark} {row.number:>{digits}}"
        outputs = " · ".join(text or "unknown" for text in row.activations)
        cells.append(
            (number, row.name, row.type, outputs, _list(row.learnables), _list(row.states))
        )
    wide = [max(len(line[i]) for line in cells) for i in range(len(cells[0]))]
    return "\n".join(
        "  ".join(text.ljust(w) for text, w in zip(line, wide, strict=True)).rstrip()
        for line in cells
    )


def _list(sizes: Sizes) -> str:
    return " · ".join(f"{name} {labels.show(size)}" for name, size in sizes)
