"""Checks of the options of deep-learning operations: whole numbers, scalars, words, nargout."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from .._errors import OptionError, nearest
from .._numbers import is_known
from ..dlarray import dlarray


def whole(
    name: str, what: str, value: Any, count: int = 1, *, least: int = 1, per: str = "dimension"
) -> tuple[int, ...]:
    """Whole numbers: a scalar for all ``count`` dimensions, or one for each.

    >>> whole("dlconv", "Stride", 2, 2), whole("dlconv", "Stride", [1, 2], 2)
    ((2, 2), (1, 2))
    """
    numbers = np.atleast_1d(_numbers(name, what, value)).ravel()
    if numbers.size not in (1, count):
        raise OptionError(
            f"{name}: {what} has {numbers.size} values for {count} {per}{'s' * (count != 1)}.",
            got={what: value},
            fix=f"Give a scalar, or one value for each {per}.",
        )
    if (numbers != np.floor(numbers)).any() or (numbers < least).any():
        raise OptionError(
            f"{name}: {what} must be {_at_least(least)}.",
            got={what: value},
        )
    found = tuple(int(n) for n in numbers)
    return found * count if len(found) == 1 else found


def _at_least(least: int) -> str:
    return {1: "a positive whole number", 0: "a whole number, 0 or larger"}.get(
        least, f"a whole number of at least {least}"
    )


def _numbers(name: str, what: str, value: Any) -> np.ndarray:
    """An option's values; an option must be known when the operation is built."""
    if isinstance(value, dlarray):
        value = value._data
    numbers = np.asarray(value)
    if numbers.dtype.kind not in "biuf":
        raise OptionError(f"{name}: {what} must be a number.", got={what: repr(value)})
    return numbers


def number(
    name: str,
    what: str,
    value: Any,
    *,
    least: float = -math.inf,
    above: float = -math.inf,
    most: float = math.inf,
) -> Any:
    """A scalar option within limits, to be passed on as an input; unknown values pass unchecked.

    >>> number("batchnorm", "Epsilon", 1e-5, above=0)
    1e-05
    """
    data = value._data if isinstance(value, dlarray) else value
    if not is_known(data):
        return value
    numbers = _numbers(name, what, value)
    if numbers.size != 1 or not (least <= numbers <= most and numbers > above):
        limits = [f"at least {least:g}"] * (least > -math.inf)
        limits += [f"larger than {above:g}"] * (above > -math.inf)
        limits += [f"at most {most:g}"] * (most < math.inf)
        raise OptionError(
            f"{name}: {what} must be a scalar{', ' * bool(limits)}{' and '.join(limits)}.",
            got={what: value},
        )
    return value


def word(name: str, what: str, value: Any, words: Sequence[str]) -> str:
    """An option that is one of ``words``, in any case; returned as it is listed.

    >>> word("layernorm", "OperationDimension", "Auto", ["auto", "channel-only"])
    'auto'
    """
    written = value.lower() if isinstance(value, str) else None
    found = next((w for w in words if w.lower() == written), None)
    if found is None:
        raise OptionError(
            f"{name}: {what} is not one of its words.",
            got={what: repr(value)},
            fix=nearest(value, words),
        )
    return found


def outputs(name: str, nargout: int, values: Sequence[int]) -> int:
    """The number of outputs that a call asks for."""
    if nargout not in values:
        listed = " or ".join(str(n) for n in values)
        raise OptionError(f"{name}: nargout must be {listed}.", got={"nargout": nargout})
    return nargout
