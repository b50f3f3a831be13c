"""Records of L-BFGS: pairs of steps and gradient differences, and a point with its loss."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .._numbers import NAMES, Raw


@dataclass(frozen=True, eq=False)
class History:
    """The last steps s and gradient differences y as rows, the newest last; empty rows are 0.

    ``rho`` is 1 / (s'y), and 0 for an empty row; ``factor`` times the identity is the first guess
    of the inverse Hessian matrix.
    """

    steps: Raw
    differences: Raw
    rho: Raw
    factor: Raw

    @classmethod
    def empty(cls, size: int, count: int, dtype: Any, factor: float) -> History:
        """A history of ``size`` pairs of vectors with ``count`` elements, none of them filled."""
        with jax.enable_x64(True):
            rows = jnp.zeros((size, count), dtype)
            return cls(rows, rows, jnp.zeros(size, dtype), jnp.asarray(factor, dtype))

    def converted(self, dtype: Any) -> History:
        """The same history in another number type."""
        if self.steps.dtype == dtype:
            return self
        with jax.enable_x64(True):
            return jax.tree.map(lambda x: x.astype(dtype), self)

    def filled(self) -> np.ndarray:
        """Numbers of the rows that hold a pair, the oldest first."""
        return np.flatnonzero(np.asarray(self.rho))


jax.tree_util.register_dataclass(
    History, data_fields=["steps", "differences", "rho", "factor"], meta_fields=[]
)


@dataclass(frozen=True, eq=False)
class Point:
    """Parameters, and what the loss function returned for them."""

    net: Any
    values: tuple[Raw, ...]  # the parameters that move
    loss: Any
    gradients: Any
    extra: tuple[Any, ...]
    gradient: Raw  # of the parameters that move, as one vector
    loss_value: float
    gradient_norm: float


def kinds(values: Sequence[Raw]) -> str:
    """Number and sizes of parameters, for messages."""
    sizes = ", ".join("×".join(map(str, v.shape)) for v in values[:4])
    more = ", ..." if len(values) > 4 else ""
    types = " and ".join(sorted({NAMES[np.dtype(v.dtype)] for v in values}))
    return f"{len(values)} array{'s' * (len(values) != 1)} ({sizes}{more}; {types})"
