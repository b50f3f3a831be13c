"""What dltk wants to reach, each goal with what was measured and by how much it was missed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from .measure import Result

ONE, TWO = "JAX one call", "JAX two calls"
LONG = 2.0  # milliseconds from which an iteration is compared by its ratio
EVERYWHERE = ("Equinox", "Flax NNX", "Keras")  # to be ahead of on every workload
AHEAD = ("tiny", "mlp", "pinn")  # to be ahead of PyTorch
NEAR = ("cnn", "lstm", "transformer")  # to be near PyTorch


@dataclass(frozen=True)
class Goal:
    """At most ``limit`` of what is ``measured``; a strict one must stay below."""

    what: str
    measured: float
    limit: float
    unit: str = ""
    strict: bool = False

    @property
    def reached(self) -> bool:
        """Whether it was."""
        return self.measured < self.limit or (not self.strict and self.measured == self.limit)

    def __str__(self) -> str:
        verdict = "reached" if self.reached else "MISSED "
        off = self.measured - self.limit
        wanted = f"{'<' if self.strict else '<='} {self.limit:g}{self.unit}"
        digits = 0 if self.unit else 3
        return (
            f"  {verdict}  {self.what:62} {self.measured:8.{digits}f}{self.unit}  "
            f"wanted {wanted:10} by {off:+.{digits}f}"
        )


def goals(results: list[Result]) -> Iterator[Goal]:
    """The goals that can be judged from what was measured."""
    for result in results:
        yield from _by_hand(result)
        yield from _peers(result)


def _by_hand(result: Result) -> Iterator[Goal]:
    name = result.name
    if result.median(TWO) >= LONG:
        ratio = result.ratio("dltk", TWO)
        yield Goal(f"{name}: dlfeval + adamupdate to two calls by hand", ratio, 1.05)
    if name == "tiny":
        over = 1e3 * (result.median("dltk") - result.median(TWO))
        yield Goal(f"{name}: dlfeval + adamupdate above two calls by hand", over, 150, " us")
    if "dltk accelerated" in result.ms:
        ratio = result.ratio("dltk accelerated", ONE)
        yield Goal(f"{name}: accelerated to one donated call by hand", ratio, 1.03)
    ratio = result.tracing["dlfeval"] / result.tracing["jax.value_and_grad"]
    yield Goal(f"{name}: tracing to that of jax.value_and_grad", ratio, 3)
    if name == "pinn":
        ratio = result.ratio("dltk", TWO)
        yield Goal(f"{name}: EnableHigherDerivatives to nested jax.grad", ratio, 1.02)
        ratio = result.ratio("dltk laplacian", TWO)
        yield Goal(f"{name}: dllaplacian to nested jax.grad", ratio, 1, strict=True)


def _peers(result: Result) -> Iterator[Goal]:
    ours = "dltk accelerated"
    if ours not in result.ms:
        return
    for peer in EVERYWHERE:
        if peer in result.ms:
            ratio = result.ratio(ours, peer)
            yield Goal(f"{result.name}: accelerated to {peer}", ratio, 1, strict=True)
    if "PyTorch" in result.ms:
        ratio = result.ratio(ours, "PyTorch")
        what = f"{result.name}: accelerated to PyTorch"
        if result.name in AHEAD:
            yield Goal(what, ratio, 1, strict=True)
        if result.name in NEAR:
            yield Goal(what, ratio, 1.15)
