"""Trees of parameters: what the update functions accept, and how two trees are matched.

A tree is anything that holds arrays: a dlnetwork, a table, a struct, a dict, a list or tuple
(MATLAB's cell), nested as deep as one likes, or a single array. Of a dlnetwork nothing is known
here but three attributes: ``Learnables`` (a table), ``_with_values`` (the network with other
values) and ``_learn_rates`` (a factor per row, or None).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import numpy as np

from .. import _labels as labels
from .. import _tree
from .._errors import FormatError, OptionError, StateError
from .._numbers import Raw, is_known, raw
from .._tape import is_live
from ..dlarray import dlarray, logical, unformatted, wrap


def _is_dlarray(x: object) -> bool:
    return type(x) is dlarray


def flatten(tree: Any) -> tuple[list[Any], Any]:
    """The arrays of a tree in order, and its structure; a dlarray counts as one array."""
    return _tree.flatten(tree, is_leaf=_is_dlarray)


class Parameters:
    """The arrays of a network or container, and the way back to its kind.

    Args:
        who: The public name, for errors.
        params: A dlnetwork or any tree of arrays.
    """

    __slots__ = ("factors", "leaves", "network", "structure", "who")

    def __init__(self, who: str, params: Any):
        self.who = who
        self.network = params if hasattr(params, "_with_values") else None
        tree = params if self.network is None else params.Learnables
        self.leaves, self.structure = flatten(tree)
        self.factors = None if self.network is None else params._learn_rates
        if self.network is not None and len(self.leaves) != len(tree):
            raise StateError(
                f"{who}: the network has no values yet.",
                fix="Initialize it first: net = initialize(net).",
            )

    def container(self, values: Sequence[Any]) -> Any:
        """``values`` in a container of the kind of the parameters (a table for a dlnetwork)."""
        return _tree.unflatten(self.structure, values)

    def updated(self, values: Sequence[Any]) -> Any:
        """The network or container with other values."""
        if self.network is None:
            return self.container(values)
        return self.network._with_values(list(values))

    def match(self, name: str, tree: Any) -> list[Any]:
        """The arrays of another tree (argument ``name``), one for each parameter; [] if empty.

        Raises:
            OptionError: The tree has other fields, rows or elements; the first difference is named.
        """
        leaves, structure = flatten(tree)
        if structure == self.structure:
            return leaves
        if hasattr(tree, "_with_values"):
            return self.match(name, tree.Learnables)
        if not leaves or (isinstance(tree, np.ndarray) and tree.size == 0):
            return []
        given, wanted = _paths(tree), _paths(self.container(self.leaves))
        by_path = dict(zip(given, leaves, strict=True))
        if len(by_path) == len(wanted) and all(path in by_path for path in wanted):
            return [by_path[path] for path in wanted]  # fields in another order, dict for struct
        raise OptionError(
            f"{self.who}: {name} does not have the structure of the parameters.",
            got={
                "parameters": _summary(wanted, self.leaves),
                name: _summary(given, leaves) if leaves else _describe(tree),
                "first difference": _difference(name, wanted, given),
            },
            fix=f"{name} must have the same fields, rows or elements as the parameters.",
        )

    def describe(self, index: int) -> str:
        """The name of a parameter inside its container, such as ``fc1/Weights``."""
        return _paths(self.container(self.leaves))[index]


def split(who: str, leaves: Sequence[Any]) -> tuple[list[Raw], list[str], bool]:
    """Raw data and formats of arrays, and whether one of them is traced by dlfeval."""
    try:
        data = [x._data for x in leaves]
    except AttributeError:
        leaves = [x if isinstance(x, dlarray) else wrap(raw(x, who), "") for x in leaves]
        data = [x._data for x in leaves]
    live = any(x._variable is not None and is_live(x._variable) for x in leaves)
    return data, [x._fmt for x in leaves], live


def conform(params: Parameters, name: str, leaves: Sequence[Any]) -> list[Any]:
    """Arrays laid out as the parameters are: same labels, same sizes.

    Raises:
        FormatError: An array has another size than its parameter.
    """
    pairs = zip(params.leaves, leaves, strict=True)
    return [_conformed(params, name, i, p, x) for i, (p, x) in enumerate(pairs)]


def _conformed(params: Parameters, name: str, index: int, p: Any, x: Any) -> Any:
    fmt, shape = getattr(p, "dims", ""), _sizes(p)
    if getattr(x, "dims", "") == fmt and _sizes(x) == shape:
        return x
    if labels.trimmed_shape("", _sizes(x)) != labels.trimmed_shape("", shape):
        where = params.describe(index)
        where = f" of {where}" if where else ""
        raise FormatError(
            f"{params.who}: {name}{where} has another size than the parameter.",
            got={
                "parameter": labels.show(shape, fmt),
                name: labels.show(_sizes(x), getattr(x, "dims", "")),
            },
            fix="Sizes must agree. A changed parameter needs its gradient computed anew and its "
            "state reset to [].",
        )
    if isinstance(x, dlarray) and is_live(x._variable):
        return dlarray(unformatted(x), fmt or None)
    values = logical(x) if isinstance(x, dlarray) else raw(x, params.who)
    return dlarray(values.reshape(shape), fmt) if fmt else values.reshape(shape)


def _sizes(x: Any) -> tuple[int, ...]:
    return x.shape if hasattr(x, "shape") else np.shape(x)


def restored(params: Parameters, fmts: Sequence[str], out: Sequence[Raw]) -> list[Any]:
    """Results as they are handed back: a dlarray for a dlarray, NumPy for NumPy, JAX for JAX."""
    return [
        wrap(x, fmt) if type(p) is dlarray else _plain(p, x)
        for p, fmt, x in zip(params.leaves, fmts, out, strict=True)
    ]


def _plain(leaf: Any, out: Raw) -> Any:
    keep = isinstance(leaf, jax.Array) or not is_known(out)
    return out if keep else np.array(out)[()]


def _paths(tree: Any) -> list[str]:
    """Names of all arrays of a tree, such as ``fc1/Weights`` or ``2/1`` in a cell of cells."""
    ordered = _tree.in_order(tree)
    with_paths, _ = jax.tree_util.tree_flatten_with_path(ordered, is_leaf=_is_dlarray)
    return ["/".join(_word(key) for key in path) for path, _ in with_paths]


def _word(key: Any) -> str:
    return str(getattr(key, "name", getattr(key, "key", getattr(key, "idx", key))))


def _summary(paths: Sequence[str], leaves: Sequence[Any]) -> str:
    """What a tree holds, in a line."""
    if paths == [""]:
        return _describe(leaves[0])
    shown = ", ".join(paths[:4]) + (", ..." if len(paths) > 4 else "")
    return f"{len(paths)} array{'s' * (len(paths) != 1)}: {shown}"


def _describe(value: Any) -> str:
    if isinstance(value, (dlarray, np.ndarray, jax.Array)):
        kind = "dlarray" if isinstance(value, dlarray) else "array"
        return f"{labels.show(value.shape, getattr(value, 'dims', ''))} {kind}"
    return "None" if value is None else f"a {type(value).__name__} without arrays"


def _difference(name: str, wanted: Sequence[str], given: Sequence[str]) -> str:
    if ([*wanted] == [""]) != ([*given] == [""]):
        single, other = (name, "parameters") if [*given] == [""] else ("parameters", name)
        return f"{single}: a single array; {other}: a container of arrays"
    missing = [path for path in wanted if path not in given]
    extra = [path for path in given if path not in wanted]
    if missing:
        return f'{name} has no "{missing[0]}"'
    if extra:
        return f'{name} has "{extra[0]}", the parameters do not'
    return f"{len(given)} arrays for {len(wanted)} parameters"
