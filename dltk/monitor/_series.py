"""Values over steps that stay unread: nobody waits for a loss on the device until someone looks."""

from __future__ import annotations

import math
from array import array
from collections import deque
from collections.abc import Iterable
from typing import Any

import numpy as np

from .._errors import OptionError

REAL = "biufV"  # kinds of NumPy's number types; V is how it sees bfloat16


class Series:
    """Steps, values and times of one metric.

    Numbers and NumPy arrays are read when recorded: they are at hand, and an array could change
    later. Everything else (JAX arrays, dlarrays) is kept as it is until `settle`.
    """

    def __init__(
        self,
        name: str,
        steps: Iterable[float] = (),
        values: Iterable[float] = (),
        times: Iterable[float] = (),
    ):
        self.name = name
        self._steps = array("d", steps)
        self._times = array("d", times)
        self._read = array("d", values)
        self._waiting: deque[Any] = deque()

    def __len__(self) -> int:
        return len(self._steps)

    @property
    def last_step(self) -> float:
        """The step of the last record, -inf before the first."""
        return self._steps[-1] if self._steps else -math.inf

    @property
    def settled(self) -> int:
        """How many values have been read."""
        return len(self._read)

    def append(self, step: float, value: Any, time: float = math.nan) -> None:
        """Add a value that `check_number` has let through, ``time`` seconds after the start."""
        self._steps.append(step)
        self._times.append(time)
        self._waiting.append(snapshot(value))

    def settle(self, *, wait: bool) -> None:
        """Turn waiting values into numbers; without ``wait`` only those the device has finished.

        Raises:
            OptionError: A value turns out not to be a number; NaN stands in its place from then on.
        """
        while self._waiting and (wait or is_ready(self._waiting[0])):
            value = self._waiting.popleft()
            try:
                self._read.append(number(value))
            except Exception as error:
                self._read.append(math.nan)
                raise OptionError(
                    f'recordMetrics: the value of "{self.name}" could not be read as a number.',
                    got={
                        "step": f"{self._steps[len(self._read) - 1]:.15g}",
                        "value": kind(value),
                        "reason": f"{type(error).__name__}: {str(error).partition(chr(10))[0]}",
                    },
                    fix="Record a real scalar, outside of the function that dlfeval or a JAX "
                    "transformation runs.",
                ) from error

    def arrays(self) -> tuple[np.ndarray, np.ndarray]:
        """Steps and values that are settled."""
        values = np.array(self._read)
        return np.array(self._steps)[: len(values)], values

    def columns(self) -> tuple[array[float], array[float], array[float]]:
        """Steps, values and times; complete once all values are settled."""
        return self._steps, self._read, self._times

    def record(self, index: int) -> tuple[float, float, float]:
        """Step, value and time of a settled record."""
        return self._steps[index], self._read[index], self._times[index]

    def first_waiting(self) -> float:
        """The step of the first value that is not settled, inf when all are."""
        return self._steps[len(self._read)] if self._waiting else math.inf

    def latest(self) -> float | None:
        """The last settled value."""
        return self._read[-1] if self._read else None


def number(value: Any) -> float:
    """A scalar of any library as a float; waits for the device.

    >>> number(np.ones((1, 1)))
    1.0
    """
    if not getattr(value, "shape", ()):
        return float(value)
    return float(np.asarray(value).reshape(()))


def snapshot(value: Any) -> Any:
    """A NumPy value as a Python number, as arrays may be overwritten later; others as they are."""
    if isinstance(value, (np.ndarray, np.generic)):
        return value.item() if value.dtype.kind in "biuf" else number(value)
    return value


def as_text(value: Any) -> str:
    """A number with up to five digits, as MATLAB shows it; a text as it is.

    >>> as_text(0.0093457943), as_text(120000), as_text("1 of 5")
    ('0.0093458', '120000', '1 of 5')
    """
    if isinstance(value, (str, bool)):
        return str(value)
    found = value if isinstance(value, int) else number(value)
    if not math.isfinite(found):
        return "NaN" if math.isnan(found) else "Inf" if found > 0 else "-Inf"
    whole = abs(found) < 1e9 and found == int(found)
    return str(int(found)) if whole else f"{found:.5g}"


def check_number(function: str, name: str, value: Any) -> None:
    """Refuse what cannot be a real scalar, by type and size alone: the value is not read."""
    if type(value) is float or type(value) is int:
        return  # only faster, as is the next
    if getattr(value, "size", None) == 1 and getattr(value.dtype, "kind", "") in REAL:
        return
    if (
        not isinstance(value, (str, bytes, complex))
        and any(hasattr(type(value), way) for way in ("__float__", "__index__", "__array__"))
        and all(extent == 1 for extent in _shape(value))
        and _has_real_dtype(value)
    ):
        return
    raise OptionError(
        f'{function}: the value of "{name}" is not a real scalar.',
        got={name: kind(value)},
        fix="Give one number for each step, for example the mean of the values.",
    )


def kind(value: Any) -> str:
    """What a value is, without reading it: "dlarray of size 10(C) x 128(B)", "text 'high'"."""
    if isinstance(value, str):
        return f"text {value!r}"
    shape = _shape(value)
    labels = getattr(value, "dims", None)
    sizes = [str(extent) for extent in shape]
    if isinstance(labels, str) and len(labels) == len(shape):
        sizes = [f"{extent}({label})" for extent, label in zip(shape, labels, strict=True)]
    size = f" of size {' x '.join(sizes)}" if shape else ""
    dtype = "" if _has_real_dtype(value) else f" ({value.dtype})"
    return f"{type(value).__name__}{size}{dtype}"


def _shape(value: Any) -> tuple[int, ...]:
    shape = getattr(value, "shape", ())
    return shape if isinstance(shape, tuple) else ()


def _has_real_dtype(value: Any) -> bool:
    """False for complex numbers, texts and objects."""
    letter = getattr(getattr(value, "dtype", None), "kind", "f")
    return not isinstance(letter, str) or letter in REAL


def is_ready(value: Any) -> bool:
    """Whether reading would not wait; what has no ``is_ready`` (as JAX arrays have) is ready."""
    ask = getattr(value, "is_ready", None)
    return ask is None or bool(ask())
