"""How far two arrays are apart, and whether that is more than rounding."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .._labels import show
from ._look import values_of
from ._text import lined_up, subscripts

EPS = {"single": 2.0**-23, "double": 2.0**-52}
ROUNDINGS = 8  # of the largest number, that may add up in others
TOLERANCE = {"single": 1e-4, "double": 1e-10}  # of the largest value of an array


@dataclass(frozen=True)
class Difference:
    """Two arrays of one name.

    Attributes:
        name: Their name.
        size: Size of ours.
        largest: The largest difference; Inf if they cannot be compared.
        relative: The same, as a fraction of the largest value of theirs.
        entry: Subscripts (from 0) of the largest difference.
        ours: Our value there.
        theirs: Their value there.
        tolerance: The largest relative difference that is taken for rounding.
        noise: The largest difference that is, next to the arrays beside (see `difference`).
        note: Why they cannot be compared, and what might be wrong.
    """

    name: str
    size: str
    largest: float
    relative: float
    entry: tuple[int, ...]
    ours: Any
    theirs: Any
    tolerance: float
    noise: float = 0.0
    note: str = ""

    def __bool__(self) -> bool:
        return not (self.relative <= self.tolerance or self.largest <= self.noise)

    def __str__(self) -> str:
        if self.note:
            return f'"{self.name}" {self.note}'
        return (
            f'"{self.name}" differs by {self.largest:.3g}, {self.relative:.2g} of its largest '
            f"value, at {subscripts(self.entry)}: {self.ours:.6g} against {self.theirs:.6g}"
        )


def difference(
    name: str, ours: Any, theirs: Any, tolerance: float | None = None, *, beside: float = 0.0
) -> Difference:
    """Compare two arrays as a user sees them; equal NaN and Inf are no difference.

    Without ``tolerance`` it is 1e-4 if one of them is single, else 1e-10; and what is rounding of
    the largest number ``beside`` it is no difference either: a gradient that is zero but for
    rounding cannot be compared with itself.
    """
    a, b = values_of(ours), values_of(theirs)
    precision = _precision(a, b)
    allowed = TOLERANCE[precision] if tolerance is None else tolerance
    noise = ROUNDINGS * EPS[precision] * beside if tolerance is None else 0.0
    size = show(a.shape, getattr(ours, "dims", ""))
    a, b = _as_matrix(a), _as_matrix(b)
    if a.shape != b.shape:
        note = f"has size {size}, not {show(b.shape)}{_hint(a, b, allowed)}"
        return Difference(name, size, math.inf, math.inf, (), None, None, allowed, note=note)
    if not a.size:
        return Difference(name, size, 0.0, 0.0, (), None, None, allowed)
    gaps = _gaps(a, b)
    entry = tuple(int(i) for i in np.unravel_index(int(gaps.argmax()), gaps.shape))
    largest = float(gaps[entry])
    scale = size_of(b)
    relative = largest / scale if scale else (math.inf if largest else 0.0)
    values = a[entry].item(), b[entry].item()
    return Difference(name, size, largest, relative, entry, *values, allowed, noise)


def size_of(x: Any) -> float:
    """The largest finite number of an array, without its sign; 0 for what is no array."""
    values = values_of(x)
    if values.dtype.kind not in "fcbiu":
        return 0.0
    return float(np.abs(values[np.isfinite(values)]).max(initial=0))


def _precision(a: np.ndarray, b: np.ndarray) -> str:
    return "single" if any(x.dtype in (np.float32, np.complex64) for x in (a, b)) else "double"


def _as_matrix(values: np.ndarray) -> np.ndarray:
    """MATLAB's sizes: at least two dimensions, no trailing ones above, a vector is a row."""
    values = np.atleast_2d(values)
    while values.ndim > 2 and values.shape[-1] == 1:
        values = values[..., 0]
    return values if values.dtype.kind == "c" else values.astype(float)


def _gaps(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    with np.errstate(invalid="ignore"):
        gaps = np.abs(a - b)
    same = (a == b) | (np.isnan(a) & np.isnan(b))
    return np.where(same, 0.0, np.where(np.isnan(gaps), math.inf, gaps))


def _hint(a: np.ndarray, b: np.ndarray, tolerance: float) -> str:
    """What would make them equal."""
    if a.ndim == b.ndim == 2 and a.T.shape == b.shape and _close(a.T, b, tolerance):
        return " (its transpose agrees)"
    if a.size == b.size and _close(a.ravel("F"), b.ravel("F"), tolerance):
        return " (the same numbers in column-major order)"
    return ""


def _close(a: np.ndarray, b: np.ndarray, tolerance: float) -> bool:
    return bool(_gaps(a, b).max(initial=0.0) <= tolerance * size_of(b))


def table_of(differences: Iterable[Difference]) -> list[str]:
    """A line for each array."""
    rows = [("", "array", "size", "largest difference", "relative", "at")]
    for d in differences:
        mark = "differs" if d else "ok"
        if d.note:
            rows.append((mark, d.name, d.size, d.note, "", ""))
        else:
            numbers = f"{d.largest:.3g}", f"{d.relative:.2g}"
            rows.append((mark, d.name, d.size, *numbers, subscripts(d.entry) if d.largest else ""))
    return lined_up(rows)
