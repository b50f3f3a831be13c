"""Names for the arrays among a function's inputs."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import Any, Literal, NamedTuple

import jax
import numpy as np

from .._tree import in_order, is_whole

NUMERIC = (np.ndarray, jax.Array, np.generic, int, float, complex)
Role = Literal["parameter", "state", "array"]


class Named(NamedTuple):
    """An array (or number) among inputs or outputs: name, value, and what it is there for."""

    name: str
    value: Any
    role: Role


def named_inputs(fun: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> list[Named]:
    """The arrays among the inputs of a function, by the names of its arguments.

    Learnables are "fc1/Weights" (after the argument's name, if there are several networks), the
    fields of a struct "parameters.fc1.Weights".
    """
    arguments = _arguments(fun, args, kwargs)
    several = sum(map(_count_networks, arguments.values())) > 1
    return [
        named
        for name, value in arguments.items()
        for named in named_within(name, value, prefix=f"{name}/" if several else "")
    ]


def named_outputs(outputs: Any) -> list[list[Named]]:
    """The arrays of every output."""
    parts = outputs if isinstance(outputs, tuple) else (outputs,)
    return [list(named_within(f"output {i}", part)) for i, part in enumerate(parts, 1)]


def named_within(name: str, tree: Any, *, prefix: str = "") -> Iterator[Named]:
    """The arrays of one argument; ``prefix`` stands before the layers of a network."""
    paths, _ = jax.tree_util.tree_flatten_with_path(in_order(tree), is_leaf=is_whole)
    for path, x in paths:
        word = jax.tree_util.keystr(path, simple=True, separator=".")
        if hasattr(type(x), "Learnables"):
            for layer, parameter, value in x.Learnables:
                yield Named(f"{prefix}{layer}/{parameter}", value, "parameter")
            for layer, parameter, value in x.State:
                yield Named(f"{prefix}{layer}/{parameter}", value, "state")
        elif hasattr(type(x), "_variable") or isinstance(x, NUMERIC):
            full = ".".join(part for part in (name, word) if part)
            yield Named(full, x, "parameter" if word else "array")


def _count_networks(tree: Any) -> int:
    leaves = jax.tree_util.tree_leaves(in_order(tree), is_leaf=is_whole)
    return sum(hasattr(type(x), "Learnables") for x in leaves)


def _arguments(fun: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> dict[str, Any]:
    try:
        signature = inspect.signature(getattr(fun, "Function", fun))
        bound = signature.bind(*args, **kwargs).arguments
    except (TypeError, ValueError):  # no signature, or one that the call does not fit
        return {**{f"argument {i}": x for i, x in enumerate(args, 1)}, **kwargs}
    found: dict[str, Any] = {}
    for name, value in bound.items():
        kind = signature.parameters[name].kind
        found.update(value if kind is inspect.Parameter.VAR_KEYWORD else {name: value})
    return found
