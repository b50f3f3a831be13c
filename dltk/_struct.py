"""MATLAB's struct: fields by name, made by assignment at any depth, a tree for JAX."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import jax


class struct:
    """Named fields, as in MATLAB: ``parameters.fc1.Weights = W``.

    Nested fields can be assigned at once; fields stand in the order of their first assignment. A
    struct is a JAX pytree, so update functions and `jax.tree` see its values.

    Args:
        *args: Name, value, name, value, ... as in MATLAB, or one mapping.
        **fields: The same as keywords.

    Example:
        >>> parameters = struct()
        >>> parameters.fc.Weights = 1.5
        >>> parameters.fc.Bias = 0.5
        >>> parameters
        struct(fc=struct(Weights=1.5, Bias=0.5))
        >>> fieldnames(parameters.fc)
        ['Weights', 'Bias']

    Source:
        https://www.mathworks.com/help/matlab/ref/struct.html
    """

    def __init__(self, *args: Any, **fields: Any):
        if len(args) == 1 and isinstance(args[0], (Mapping, struct)):
            fields = {**dict(items(args[0])), **fields}
        elif args:
            fields = {**dict(zip(args[::2], args[1::2], strict=True)), **fields}
        self.__dict__.update(fields)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return missing_field(self, name)

    def __getitem__(self, name: str) -> Any:
        if name not in self.__dict__:
            raise KeyError(f'no field "{name}"; fields: {", ".join(self.__dict__) or "none"}')
        return self.__dict__[name]

    def __setitem__(self, name: str, value: Any) -> None:
        setattr(self, name, value)

    def __contains__(self, name: object) -> bool:
        return name in self.__dict__

    def __iter__(self) -> Iterator[str]:
        return iter(self.__dict__)

    def __len__(self) -> int:
        return len(self.__dict__)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, struct) and self.__dict__ == other.__dict__

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"struct({', '.join(f'{name}={value!r}' for name, value in self.__dict__.items())})"


class missing_field:
    """A field that was read before it exists; assigning to it makes it, and its parents."""

    def __init__(self, parent: struct | missing_field, name: str):
        object.__setattr__(self, "_parent", parent)
        object.__setattr__(self, "_name", name)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_") or name in ("shape", "dtype", "ndim", "dims"):
            raise AttributeError(f"{self!r} has no {name}")  # asked of something taken for an array
        return missing_field(self, name)

    def __setattr__(self, field: str, value: Any) -> None:
        setattr(self._parent, self._name, struct(**{field: value}))

    def __bool__(self) -> bool:
        return False

    def __repr__(self) -> str:
        return f'missing field "{self._name}"'


def items(s: Mapping[str, Any] | struct) -> Iterable[tuple[str, Any]]:
    """Names and values of a struct or mapping."""
    return s.items() if isinstance(s, Mapping) else s.__dict__.items()


def fieldnames(s: struct) -> list[str]:
    """Names of the fields of a struct, in order.

    >>> fieldnames(struct(a=1, b=2))
    ['a', 'b']
    """
    return list(s.__dict__)


def isfield(s: struct, name: str) -> bool:
    """Whether a struct has a field of that name.

    >>> isfield(struct(a=1), "b")
    False
    """
    return isinstance(s, struct) and name in s.__dict__


def rmfield(s: struct, name: str) -> struct:
    """A copy of a struct without one field.

    >>> rmfield(struct(a=1, b=2), "a")
    struct(b=2)
    """
    if not isfield(s, name):
        raise KeyError(f'rmfield: no field "{name}"; fields: {", ".join(fieldnames(s)) or "none"}')
    return struct(**{key: value for key, value in s.__dict__.items() if key != name})


def _flatten(s: struct) -> tuple[tuple[Any, ...], tuple[str, ...]]:
    return tuple(s.__dict__.values()), tuple(s.__dict__)


def _flatten_with_keys(s: struct) -> tuple[tuple[Any, ...], tuple[str, ...]]:
    keys = jax.tree_util.GetAttrKey
    return tuple((keys(name), value) for name, value in s.__dict__.items()), tuple(s.__dict__)


def _unflatten(names: tuple[str, ...], values: Iterable[Any]) -> struct:
    made = object.__new__(struct)
    made.__dict__.update(zip(names, values, strict=True))
    return made


jax.tree_util.register_pytree_with_keys(struct, _flatten_with_keys, _unflatten, _flatten)
