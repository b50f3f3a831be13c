"""Named results that read like a MATLAB struct, and names that are checked like its fields."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from .._errors import OptionError, nearest

_IDENTIFIER = re.compile(r"[A-Za-z][A-Za-z0-9_]*")


class Fields(Mapping[str, np.ndarray]):
    """Read-only fields by name, as attribute (``data.Loss``) or as item (``data["Loss"]``).

    >>> Fields({"Loss": np.zeros((3, 2)), "Epoch": np.array([], dtype=object)})
    struct with fields:
       Loss: 3 x 2 float64
      Epoch: 0 object
    """

    def __init__(self, values: Mapping[str, np.ndarray]):
        self._values = dict(values)

    def __getitem__(self, name: str) -> np.ndarray:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __getattr__(self, name: str) -> np.ndarray:
        if name.startswith("_") or name not in self._values:
            known = nearest(name, self._values) if self._values else "There are no fields."
            raise AttributeError(f'There is no field "{name}". {known}')
        return self._values[name]

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *self._values]

    def __repr__(self) -> str:
        width = max(map(len, self._values), default=0) + 2
        lines = [
            f"{name:>{width}}: {' x '.join(map(str, value.shape))} {value.dtype}"
            for name, value in self._values.items()
        ]
        return "\n".join(["struct with fields:" if lines else "struct with no fields", *lines])


def names_of(function: str, argument: str, given: object) -> tuple[str, ...]:
    """One name or several as a tuple: identifiers, each once.

    >>> names_of("trainingProgressMonitor", "Metrics", "Loss")
    ('Loss',)
    """
    if given is None or (isinstance(given, str) and given == ""):
        return ()
    names: list[Any] = [given]
    if isinstance(given, Iterable) and not isinstance(given, (str, bytes, Mapping)):
        names = list(given)
    for name in names:
        if not isinstance(name, str) or not _IDENTIFIER.fullmatch(name):
            raise OptionError(
                f"{function}: a name in {argument} is not a valid identifier.",
                got={argument: repr(name)},
                fix="A name starts with a letter and has letters, digits and underscores only"
                + (f', such as "{_repaired(name)}".' if isinstance(name, str) else "."),
            )
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise OptionError(
            f"{function}: {argument} names {twice[0]!r} more than once.",
            got={argument: names},
            fix="Name each one once.",
        )
    return tuple(str(name) for name in names)


def pairs(function: str, args: tuple[Any, ...], named: dict[str, Any]) -> dict[str, Any]:
    """Names and values from keywords, from a struct or mapping, or from ``"name", value, ...``."""
    if not args:
        return named
    found = _pairs_of_struct(args[0]) if len(args) == 1 else _pairs_in_turn(args)
    if found is None:
        raise OptionError(
            f"{function}: a value has no name.",
            got={"positional arguments": ", ".join(type(value).__name__ for value in args)},
            fix=f"Write {function}(..., Name=value), or name and value in turn, or a struct.",
        )
    if found.keys() & named.keys():
        raise OptionError(f"{function}: {min(found.keys() & named.keys())!r} is given twice.")
    return {**found, **named}


def _pairs_of_struct(value: Any) -> dict[str, Any] | None:
    if isinstance(value, Mapping):
        return dict(value)
    is_number = any(hasattr(type(value), way) for way in ("__float__", "__array__"))
    return None if is_number or not hasattr(value, "__dict__") else dict(vars(value))


def _pairs_in_turn(args: tuple[Any, ...]) -> dict[str, Any] | None:
    names = args[::2]
    if len(args) % 2 or not all(isinstance(name, str) for name in names):
        return None
    return dict(zip(names, args[1::2], strict=True))


def _repaired(name: str) -> str:
    return re.sub(r"^(?![A-Za-z])", "x", re.sub(r"\W+", "_", name.strip(), flags=re.ASCII))
