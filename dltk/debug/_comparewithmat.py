"""`comparewithmat`: are these the numbers that MATLAB stored?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from .._errors import OptionError, UnsupportedError, nearest
from .._labels import show
from .._struct import items, struct
from .._table import table
from ._difference import Difference, difference, size_of, table_of
from ._look import refuse_compiling, values_of
from ._matfile import Opaque, read_mat, rows_of
from ._text import Report, listed, plural

WHO = "comparewithmat"
MOST_ROWS = 40

Path = tuple[str, ...]


@dataclass(frozen=True, repr=False)
class Parity(Report):
    """What `comparewithmat` found; true if all arrays agree.

    Attributes:
        file: The file.
        arrays: One entry per array, in the order given; true where it differs.
        rest: Variables of the file that nothing was compared with.
    """

    file: str
    arrays: tuple[Difference, ...]
    rest: tuple[str, ...] = ()

    @property
    def first(self) -> Difference | None:
        """The first array that differs."""
        return next((d for d in self.arrays if d), None)

    def __bool__(self) -> bool:
        return self.first is None

    @property
    def summary(self) -> str:
        """The first array that differs, and by how much."""
        if self.first is None:
            closest = max((d.relative for d in self.arrays), default=0.0)
            count = plural(len(self.arrays), "array")
            return f"{count} as in {self.file}, up to {closest:.2g} of the largest value."
        return f"The first that differs from {self.file}: {self.first}."

    def __str__(self) -> str:
        lines = table_of(self.arrays[:MOST_ROWS])
        if len(self.arrays) > MOST_ROWS:
            lines.append(f"... and {plural(len(self.arrays) - MOST_ROWS, 'more array')}")
        lines.append(self.summary)
        if self.rest:
            lines.append(f"Not compared: {listed(self.rest)}.")
        return "\n".join(lines)


def comparewithmat(file: Any, *, tolerance: float | None = None, **values: Any) -> Parity:
    """Compare arrays with those that MATLAB saved under the same names.

    In MATLAB, save plain numbers: ``Y = gather(extractdata(Y)); save("parity.mat", "Y", "-v7")``.
    Then ``debug.comparewithmat("parity.mat", Y=Y, loss=loss)`` says which is the first array, in
    the order given, that differs, and by how much. Give them in the order in which the script
    computes them.

    A struct or dict is compared field by field. The learnables of a network, gradients and states
    (a table, or the dlnetwork itself) are compared with a struct that has the fields Layer,
    Parameter and Value, as the table has, or with a struct of structs, ``fc1.Weights``.

    Args:
        file: A .mat file. Files of version 7.3, and dlarrays in it, need the extra ``mat``.
        tolerance: The largest difference that passes, as a fraction of the largest value of the
            array; by default 1e-4 if one side is single, else 1e-10.
        **values: What to compare, by the names of the variables in the file.

    Returns:
        The result, which is printed too: ``first``, ``arrays``; true if all agree.

    Raises:
        OptionError: No values, or a variable that the file does not have.
        UnsupportedError: The numbers of an object, or of a file of version 7.3, cannot be read.
        FileNotFoundError: There is no such file.

    Example:
        >>> import os, tempfile
        >>> from scipy.io import savemat
        >>> from dltk import dlarray, struct
        >>> file = os.path.join(tempfile.mkdtemp(), "parity.mat")
        >>> savemat(file, {"p": {"W": [[1.0, 2.0]], "b": 3.0}, "loss": 5.0})
        >>> p = struct(W=dlarray([1.0, 2.5]), b=dlarray(3.0))
        >>> result = comparewithmat(file, p=p)  # doctest: +ELLIPSIS
                 array  size  largest difference  relative  at
        differs  p.W    1×2   0.5                 0.25      [0, 1]
        ok       p.b    1×1   0                   0
        The first that differs from parity.mat: "p.W" differs by 0.5, 0.25 of its largest value, ...
        Not compared: loss.
    """
    if not values:
        raise OptionError(
            f"{WHO}: nothing to compare.",
            fix=f'Name the values as the file does: debug.{WHO}("parity.mat", Y=Y, loss=loss).',
        )
    refuse_compiling(WHO)
    stored = read_mat(file, WHO)
    for name in values:
        if name not in stored:
            raise OptionError(
                f'{WHO}: the file has no variable "{name}".',
                got={"file": file},
                fix=nearest(name, stored) if stored else "It has no variables at all.",
            )
    arrays = tuple(
        d for name, value in values.items() for d in _compared(name, value, stored, tolerance)
    )
    rest = tuple(name for name in stored if name not in values)
    result = Parity(re.split(r"[\\/]", str(file))[-1], arrays, rest)
    print(result)
    return result


def _arrays(path: Path, value: Any) -> Iterator[tuple[Path, Any]]:
    """The arrays of one value, with the names that lead to them."""
    if hasattr(type(value), "Learnables"):
        value = value.Learnables
    if isinstance(value, table):
        for layer, parameter, x in value:
            yield (*path, layer, parameter), x
    elif isinstance(value, (struct, Mapping)):
        for name, x in items(value):
            yield from _arrays((*path, str(name)), x)
    elif isinstance(value, (list, tuple)) and not all(np.isscalar(x) for x in value):
        for number, x in enumerate(value):
            yield from _arrays((*path, str(number)), x)
    else:
        yield path, value


def _compared(
    name: str, value: Any, stored: Mapping[str, Any], tolerance: float | None
) -> Iterator[Difference]:
    """One value with the variable of its name, array by array."""
    found = [(path, ours, _found(path, stored)) for path, ours in _arrays((name,), value)]
    beside = max((size_of(theirs) for _, _, theirs in found if _is_numeric(theirs)), default=0.0)
    for path, ours, theirs in found:
        full = ".".join(path)
        if isinstance(theirs, Opaque):
            raise UnsupportedError(
                f'{WHO}: the numbers of "{full}" cannot be read; it is a {theirs.kind} object.',
                fix=theirs.advice,
            )
        if ours is None or not _is_numeric(theirs):
            words = "is not in the file" if theirs is None else "is no array in the file"
            note = "is empty here" if ours is None else words
            size = "" if ours is None else show(np.shape(values_of(ours)))
            yield Difference(full, size, np.inf, np.inf, (), None, None, 0.0, note=note)
        else:
            yield difference(full, ours, theirs, tolerance, beside=beside)


def _is_numeric(x: Any) -> bool:
    return isinstance(x, (np.ndarray, np.generic, int, float, complex))


def _found(path: Path, stored: Any) -> Any:
    """What stands in the file at the end of a path of names; None if nothing does."""
    at = stored
    for place, name in enumerate(path):
        rows = rows_of(at)
        if rows is not None:
            wanted = path[place:]
            return next((value for *row, value in rows if tuple(row) == wanted), None)
        if isinstance(at, list) and name.isdigit() and int(name) < len(at):
            at = at[int(name)]
        elif isinstance(at, Mapping):
            at = at.get(name, at.get(re.sub(r"\W", "_", name)))
        elif isinstance(at, Opaque):
            return at
        else:
            return None
    return at
