"""What rules for derivatives (``jax.custom_jvp``) share."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from jax.custom_derivatives import SymbolicZero

from .._numbers import Raw


def known_tangents(tangents: Iterable[Any]) -> list[Raw | None]:
    """Tangents, with None for those that are zero because nothing depends on the variable."""
    return [None if isinstance(t, SymbolicZero) else t for t in tangents]
