"""Descriptions of arguments that many layers share, put into their docstrings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T", bound=type[Any])


def describes(**parts: str) -> Callable[[T], T]:
    """Replace ``{name}`` in the docstring of a class by shared text."""

    def fill(layer: T) -> T:
        text = layer.__doc__ or ""
        for name, part in parts.items():
            assert "{" + name + "}" in text, f"{layer.__name__} has no {{{name}}}"
            text = text.replace("{" + name + "}", part)
        layer.__doc__ = text
        return layer

    return fill
