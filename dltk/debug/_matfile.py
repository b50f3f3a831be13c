"""A .mat file as dicts, lists, texts and NumPy arrays, with MATLAB's sizes.

SciPy reads what MATLAB saves with ``-v7`` and older versions. Files of version 7.3 (HDF5), and
objects such as a dlarray, a string or a table, need mat-io, the extra ``mat``.
"""

from __future__ import annotations

import os
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from .._errors import UnsupportedError

EXTRA = 'pip install "dltk-jax[mat]"'
PLAIN = "gather(extractdata(X)) of a dlarray"


def read_mat(file: Any, who: str) -> dict[str, Any]:
    """The variables of a .mat file."""
    import scipy.io

    path = os.fspath(file)
    if not os.path.exists(path):
        raise FileNotFoundError(f'{who}: there is no file "{path}".')
    try:
        with warnings.catch_warnings():  # of objects without a name
            warnings.simplefilter("ignore")
            content = scipy.io.loadmat(path)
        held = "__function_workspace__" in content  # objects
    except NotImplementedError:  # version 7.3
        content, held = None, True
    if held:
        content = _with_objects(path) or content
    if content is None:
        raise UnsupportedError(
            f"{who}: files of version 7.3 need mat-io.",
            got={"file": path},
            fix=f'Install it, {EXTRA}, or save with "-v7".',
        )
    named = {_name(name, x): x for name, x in content.items()}
    return {name: _plain(x) for name, x in named.items() if not name.startswith("__")}


def _name(name: Any, x: Any) -> str:
    """A variable's name; SciPy keeps that of an object within it."""
    return x[0]["s0"].decode() if _is_scipys_opaque(x) else str(name)


def _is_scipys_opaque(x: Any) -> bool:
    return isinstance(x, np.ndarray) and type(x).__name__ == "MatlabOpaque" and x.size > 0


def _with_objects(path: str) -> Mapping[str, Any] | None:
    try:
        import matio  # pyright: ignore[reportMissingImports]
    except ImportError:
        return None
    with warnings.catch_warnings():  # of classes that it does not know
        warnings.simplefilter("ignore")
        return matio.load_from_mat(path)


class Opaque:
    """An object whose numbers are not at hand."""

    def __init__(self, kind: str):
        self.kind = kind

    @property
    def advice(self) -> str:
        """What to do about it."""
        if self.kind == "dlnetwork":
            return "Save its learnables: Layer, Parameter and Value in a struct of cells."
        return f"Save plain numbers ({PLAIN}), or install mat-io: {EXTRA}."


def _plain(x: Any) -> Any:
    """A value as SciPy or mat-io gives it, made plain."""
    if hasattr(x, "properties"):
        return _of_object(x)
    if _is_scipys_opaque(x):
        return Opaque(x[0]["s2"].decode())
    if hasattr(x, "columns"):  # a table, as a pandas DataFrame
        return {str(name): [_plain(v) for v in x[name]] for name in x.columns}
    if not isinstance(x, np.ndarray):
        return x
    if x.dtype.names:
        structs = [{n: _plain(one[n]) for n in x.dtype.names} for one in x.ravel("F")]
        return structs[0] if len(structs) == 1 else structs
    if x.dtype == object:
        return [_plain(one) for one in x.ravel("F")]
    if x.dtype.kind not in "biufc":
        return str(x.item()) if x.size == 1 else [str(one) for one in x.ravel("F")]
    return x


def _of_object(x: Any) -> Any:
    """The numbers of a dlarray or gpuArray."""
    kind, fields = str(getattr(x, "classname", "object")), x.properties
    inner = fields.get("any") if isinstance(fields, Mapping) else None
    if kind == "dlarray" and inner is not None:
        record = _plain(inner)
        if not np.size(record.get("ViewPermutation", ())):
            return record["Data"]
    if kind == "gpuArray" and inner is not None:
        return _plain(inner)[1]
    return Opaque(kind)


def rows_of(x: Any) -> list[tuple[str, str, Any]] | None:
    """(layer, parameter, value) of what was a table of learnables; None for anything else."""
    if isinstance(x, Sequence) and x and all(isinstance(one, Mapping) for one in x):
        x = {name: [one.get(name) for one in x] for name in x[0]}
    if not isinstance(x, Mapping) or not {"Layer", "Parameter", "Value"} <= set(x):
        return None
    columns = (_column(x[name]) for name in ("Layer", "Parameter", "Value"))
    return [(str(a), str(b), value) for a, b, value in zip(*columns, strict=True)]


def _column(cells: Any) -> list[Any]:
    return list(cells) if isinstance(cells, list) else [cells]
