"""Groups of channels, taken together in blocks that are convolutions of one group.

A CPU has no fast kernel for groups. Neighbouring groups of few channels become one group whose
filters are zero between them: more to compute, but by the fast kernel.
"""

from __future__ import annotations

from typing import NamedTuple

import jax.numpy as jnp
import numpy as np

from .._numbers import Raw
from ._form import Form

LEAST = 32  # channels that a block should have at least
MOST = 32  # blocks, as each of them is written out


class Blocks(NamedTuple):
    """``total`` blocks of ``joined`` groups each; ``form`` is that of one block."""

    form: Form
    total: int
    joined: int

    def cut(self, a: Raw) -> list[Raw]:
        """The part of each block of data, filters or results."""
        return jnp.split(a, self.total, -1)

    def join(self, w: Raw) -> Raw:
        """Filters of a block's groups as filters of all its channels."""
        *size, channels, filters = w.shape
        w = w.reshape((*size, 1, channels, self.joined, filters // self.joined))
        return (w * self._own(w)).reshape((*size, self.joined * channels, filters))

    def part(self, w: Raw) -> Raw:
        """The adjoint of `join`: what belongs to the channels of a filter's own group."""
        *size, channels, filters = w.shape
        j = self.joined
        w = w.reshape((*size, j, channels // j, j, filters // j))
        return (w * self._own(w)).sum(-4).reshape((*size, channels // j, filters))

    def _own(self, w: Raw) -> np.ndarray:
        own = np.eye(self.joined, dtype=w.dtype)
        return own.reshape((1,) * (w.ndim - 4) + (self.joined, 1, self.joined, 1))


def blocks(form: Form, channels: int, filters: int) -> Blocks | None:
    """How to take groups of so many channels and filters together; None for too many blocks.

    >>> form = Form((9,), (3,), (1,), (1,), ((0, 0),), groups=12)
    >>> blocks(form, 8, 16)[1:], blocks(form, 64, 64)[1:]
    ((6, 2), (12, 1))
    """
    fitting = (n for n in range(1, form.groups + 1) if form.groups % n == 0)
    joined = next((n for n in fitting if n * max(channels, filters) >= LEAST), form.groups)
    total = form.groups // joined
    return Blocks(form._replace(groups=1), total, joined) if total <= MOST else None
