"""The table of learnables (or states): columns Layer, Parameter, Value."""

from __future__ import annotations

import fnmatch
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import jax
import numpy as np

from ._errors import OptionError, nearest
from ._labels import show

Names = tuple[tuple[str, str], ...]

if TYPE_CHECKING:
    import pandas  # pyright: ignore[reportMissingImports]


class table:
    """A table with the columns Layer, Parameter and Value, as ``net.Learnables`` shows them.

    A JAX pytree whose leaves are the values. Rows are addressed by place (``t[0:2]``, a list, a
    logical vector) or by name (``t["conv1", "Weights"]``, patterns such as ``t["conv*", :]`` give a
    table).

    Args:
        Layer: Name of the layer of each row.
        Parameter: Name of the parameter of each row.
        Value: One array a row.

    Example:
        >>> t = table(["fc", "fc"], ["Weights", "Bias"], [np.ones((2, 3)), np.zeros((2, 1))])
        >>> t["fc", "Bias"].shape
        (2, 1)
        >>> t[t.Parameter == "Weights"].Layer
        array(['fc'], dtype='<U2')

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlnetwork.html
    """

    __slots__ = ("Value", "names")

    def __init__(self, Layer: Sequence[str], Parameter: Sequence[str], Value: Sequence[Any]):
        if not len(Layer) == len(Parameter) == len(Value):
            raise OptionError(
                "table: the columns have different lengths.",
                got={"Layer": len(Layer), "Parameter": len(Parameter), "Value": len(Value)},
            )
        pairs = zip(map(str, Layer), map(str, Parameter), strict=True)
        self.names: Names = tuple(pairs)  # (layer, parameter) of each row
        self.Value = list(Value)

    @classmethod
    def of(cls, names: Names, values: Iterable[Any]) -> table:
        """A table from its (layer, parameter) pairs and values."""
        made = object.__new__(cls)
        made.names = names
        made.Value = list(values)
        return made

    @property
    def Layer(self) -> np.ndarray:
        """Layer names, one a row."""
        return np.array([layer for layer, _ in self.names], dtype=str)

    @property
    def Parameter(self) -> np.ndarray:
        """Parameter names, one a row."""
        return np.array([parameter for _, parameter in self.names], dtype=str)

    def __len__(self) -> int:
        return len(self.Value)

    def __iter__(self) -> Iterator[tuple[str, str, Any]]:
        return ((*row, value) for row, value in zip(self.names, self.Value, strict=True))

    def __getitem__(self, key: Any) -> Any:
        rows = self._rows(key)
        return self.Value[rows] if isinstance(rows, int) else self._part(rows)

    def __setitem__(self, key: Any, value: Any) -> None:
        rows = self._rows(key)
        if isinstance(rows, int):
            self.Value[rows] = value
            return
        given = value.Value if isinstance(value, table) else list(value)
        for row, item in zip(rows, given, strict=True):
            self.Value[row] = item

    def _part(self, rows: Sequence[int]) -> table:
        return table.of(tuple(self.names[r] for r in rows), [self.Value[r] for r in rows])

    def _rows(self, key: Any) -> int | list[int]:
        """Row numbers that a key selects; a single number for a pair of plain names."""
        if isinstance(key, tuple) and len(key) == 2 and isinstance(key[0], str):
            return self._named(*key)
        if isinstance(key, str):
            return self._named(key, slice(None))
        if isinstance(key, tuple):  # t[idx, :]
            key = key[0]
        if isinstance(key, slice):
            return list(range(*key.indices(len(self))))
        index = np.asarray(key)
        if index.dtype == bool:
            return [int(i) for i in np.flatnonzero(index)]
        return [range(len(self))[int(i)] for i in index.ravel()]

    def _named(self, layer: str, parameter: Any) -> int | list[int]:
        wanted = "*" if isinstance(parameter, slice) else parameter
        layers = {name for name, _ in self.names}
        rows = [
            row
            for row, (a, b) in enumerate(self.names)
            if fits(a, layer, layers) and fnmatch.fnmatchcase(b, wanted)
        ]
        if not rows:
            known = [name for name, _ in self.names]
            listed = [name for _, name in self.names] if layer in known else known
            word = wanted if layer in known else layer
            raise OptionError(
                f'table: no row for layer "{layer}", parameter "{wanted}".',
                fix=nearest(word, dict.fromkeys(listed)),
            )
        pattern = any(c in layer for c in "*?[") and layer not in layers
        pattern |= isinstance(parameter, slice) or any(c in wanted for c in "*?[")
        return rows if pattern else rows[0]

    def to_pandas(self) -> pandas.DataFrame:
        """The table as a pandas DataFrame (needs the extra ``pandas``)."""
        try:
            import pandas  # pyright: ignore[reportMissingImports]
        except ImportError as error:
            raise ImportError('to_pandas needs pandas: pip install "dltk-jax[pandas]"') from error
        columns = {"Layer": self.Layer, "Parameter": self.Parameter, "Value": self.Value}
        return pandas.DataFrame(columns)

    def __repr__(self) -> str:
        if not self.Value:
            return "0×3 table"
        cells = [("Layer", "Parameter", "Value")]
        cells += [(a, b, _sketch(v)) for a, b, v in self]
        wide = [max(len(row[i]) for row in cells) for i in range(3)]
        lines = ["    ".join(c.ljust(w) for c, w in zip(row, wide, strict=True)) for row in cells]
        rule = "    ".join("_" * w for w in wide)
        body = [lines[0], rule, *lines[1:]]
        return f"{len(self)}×3 table\n\n" + "\n".join(f"    {line.rstrip()}" for line in body)


def fits(name: str, wanted: str, names: Collection[str]) -> bool:
    """Whether a name is the wanted one, or fits it as a pattern if there is no such name."""
    return name == wanted if wanted in names else fnmatch.fnmatchcase(name, wanted)


def _sketch(value: Any) -> str:
    """Size and kind of a value, as MATLAB shows a cell."""
    if value is None:
        return "[]"
    shape, dtype = getattr(value, "shape", ()), np.dtype(getattr(value, "dtype", float))
    kind = {"float32": "single ", "float64": "double "}.get(dtype.name, f"{dtype.name} ")
    return f"{{{show(shape)} {kind}{type(value).__name__ if hasattr(value, 'dims') else 'array'}}}"


def _flatten(t: table) -> tuple[list[Any], Names]:
    return t.Value, t.names


def _flatten_with_keys(t: table) -> tuple[list[Any], Names]:
    keys = (jax.tree_util.DictKey(f"{a}/{b}") for a, b in t.names)
    return list(zip(keys, t.Value, strict=True)), t.names


jax.tree_util.register_pytree_with_keys(table, _flatten_with_keys, table.of, _flatten)
