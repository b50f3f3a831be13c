"""One-hot vectors of a column with a name: a column per class."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from .._errors import OptionError
from .._struct import struct


def is_table(A: Any) -> bool:
    """Whether a value has columns with names: a dict, a struct, a pandas DataFrame."""
    return isinstance(A, (dict, struct)) or (hasattr(A, "columns") and hasattr(A, "iloc"))


def onehot_table(A: Any, encode: Callable[[Any], tuple[np.ndarray, list[str]]]) -> Any:
    """A table of the same kind with one column per class; ``A`` must have one column.

    Args:
        A: The table.
        encode: Makes N x K vectors and the K class names of the labels.
    """
    frame = hasattr(A, "iloc")
    columns: Mapping[str, Any] = {n: A[n] for n in A.columns} if frame else dict(_items(A))
    if len(columns) != 1:
        raise OptionError(
            f"onehotencode: the table has {len(columns)} columns, one is wanted.",
            got={"columns": ", ".join(map(str, columns))},
            fix='Choose one, such as A[["Color"]], or encode its values, onehotencode(A.Color, 2).',
        )
    (values,) = columns.values()
    vectors, names = encode(np.asarray(values) if frame else values)
    made = {name: vectors[:, k] for k, name in enumerate(names)}
    return type(A)(made, index=A.index) if frame else type(A)(made)


def _items(A: Any) -> Any:
    return vars(A).items() if isinstance(A, struct) else A.items()
