"""What `layerstats` reports: numbers of every layer and parameter, and what looks wrong."""

from __future__ import annotations

from dataclasses import dataclass

from ._text import Report, lined_up, listed

VANISHED = 1e-5  # of the largest gradient of a parameter


@dataclass(frozen=True)
class LayerStats:
    """What a layer (or an operation outside networks) gave.

    Attributes:
        name: Path of the layer; for an operation its name and line.
        kind: Kind of the layer, "" for an operation.
        output: Size and labels of the (last) output.
        mean: Mean of all outputs, and so on; NaN if none is finite.
        std: Their standard deviation.
        min: The smallest one.
        max: The largest one.
        zeros: Fraction that is exactly zero.
        nonfinite: How many are NaN or Inf.
        gradient: Root mean square of the derivatives of the loss by the outputs; None if the loss
            does not depend on them.
    """

    name: str
    kind: str
    output: str
    mean: float
    std: float
    min: float
    max: float
    zeros: float
    nonfinite: int
    gradient: float | None


@dataclass(frozen=True)
class ParameterStats:
    """A parameter and its gradient.

    Attributes:
        name: Its name.
        size: Its size.
        value: Root mean square of its values.
        gradient: Root mean square of its gradient.
        zeros: Fraction of the gradient that is exactly zero.
    """

    name: str
    size: str
    value: float
    gradient: float
    zeros: float


@dataclass(frozen=True, repr=False)
class Statistics(Report):
    """What `layerstats` found; true if nothing looks wrong.

    Attributes:
        layers: One entry per layer, in the order in which they ran.
        parameters: One entry per parameter of which a gradient was taken.
        notes: What looks wrong, in words.
    """

    layers: tuple[LayerStats, ...]
    parameters: tuple[ParameterStats, ...]

    def __bool__(self) -> bool:
        return not self.notes

    @property
    def notes(self) -> tuple[str, ...]:
        """What looks wrong, in words."""
        outputs, largest = self.layers, max((p.gradient for p in self.parameters), default=0)
        dead = [x.name for x in outputs if x.zeros == 1]
        bad = [x.name for x in outputs if x.nonfinite]
        none = [p.name for p in self.parameters if p.gradient == 0]
        small = [p.name for p in self.parameters if 0 < p.gradient < VANISHED * largest]
        found = {
            "Gives only zeros": dead,
            "Gives NaN or Inf": bad,
            "No gradient arrives at": none,
            "The gradient vanishes on the way to": small,
        }
        return tuple(f"{words}: {listed(names)}." for words, names in found.items() if names)

    @property
    def summary(self) -> str:
        """What looks wrong, or that nothing does."""
        return " ".join(self.notes) or f"{len(self.layers)} layers, nothing looks wrong."

    def __str__(self) -> str:
        rows: list[tuple[str, ...]] = [
            ("layer", "output", "mean", "std", "min", "max", "zeros", "gradient")
        ]
        for x in self.layers:
            numbers = map(_short, (x.mean, x.std, x.min, x.max))
            rows.append((x.name, x.output, *numbers, f"{x.zeros:.0%}", _short(x.gradient)))
        lines = lined_up(rows)
        if self.parameters:
            rows = [("parameter", "size", "value", "gradient", "gradient/value", "zeros")]
            for p in self.parameters:
                ratio = _short(p.gradient / p.value if p.value else None)
                numbers = _short(p.value), _short(p.gradient), ratio, f"{p.zeros:.0%}"
                rows.append((p.name, p.size, *numbers))
            lines += ["", *lined_up(rows)]
        return "\n".join([*lines, *self.notes])


def _short(value: float | None) -> str:
    return "" if value is None else f"{value:.3g}"
