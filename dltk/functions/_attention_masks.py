"""What attention leaves out: padding, forbidden pairs, dropped weights."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .. import _labels as labels
from .._errors import FormatError
from .._numbers import LOGICAL, Raw
from .._random import draw
from ..dlarray import apply, dlarray, unformatted
from ._loss_common import Fit, Operand
from ._operands import shown
from ._options import word

NAME = "attention"


def padding(keys: dlarray, PaddingMask: Any, order: str) -> Operand | None:
    """Which keys are real, one number for each of them."""
    one = tuple(1 if label == "C" else n for n, label in zip(keys.shape, keys.dims, strict=True))
    mask = Fit(NAME, keys, order, of="keys").mask(PaddingMask, one, "PaddingMask")
    if mask is None:
        return None
    full = jnp.broadcast_to  # a mask of one observation holds for all
    sizes = labels.to_stored(keys.dims, one)
    value = apply(NAME, lambda m: full(m.reshape(mask.stored), sizes), [mask.value], keys.dims)
    return Operand(value, sizes)


def is_causal(AttentionMask: Any) -> bool:
    """Whether keys after a query are forbidden; other words are refused."""
    if not isinstance(AttentionMask, str):
        return False
    return word(NAME, "AttentionMask", AttentionMask, ["none", "causal"]) == "causal"


def pairs(AttentionMask: Any, sizes: tuple[int, int, int, int]) -> Operand | None:
    """A mask of keys x queries (x heads x observations)."""
    if isinstance(AttentionMask, str):
        return None
    plain = unformatted(dlarray(AttentionMask), NAME)
    batch, heads, count, keys = sizes
    wanted = (keys, count, heads, batch)
    shape = (*plain.shape, 1, 1)[:4] if plain.ndim < 4 else plain.shape
    fits = len(shape) == 4 and shape[:2] == wanted[:2]
    if not fits or any(n not in (1, m) for n, m in zip(shape[2:], wanted[2:], strict=True)):
        raise FormatError(
            f"{NAME}: AttentionMask of the wrong size.",
            got={"AttentionMask": shown(AttentionMask), "keys": keys, "queries": count},
            fix=f"It must be {keys}×{count} (keys x queries), or that x {heads} heads x {batch} "
            "observations.",
        )
    return Operand(plain, shape)


def kept(probability: Any, sizes: tuple[int, ...]) -> Operand | None:
    """Which weights survive; single numbers, so that a seed means the same for any type."""
    if not isinstance(probability, dlarray) and probability == 0:
        return None
    key = jax.random.wrap_key_data(draw(), impl="threefry2x32")
    kept = jax.random.uniform(key, sizes, np.float32) >= probability
    return Operand(dlarray(kept), sizes)


def forbid(products: Raw, allowed: Raw) -> Raw:
    """Products of forbidden pairs are so small that their weight is 0 (unless all are)."""
    lowest = jnp.full((), jnp.finfo(products.dtype).min, products.dtype)
    return jnp.where(jnp.broadcast_to(allowed, products.shape) != 0, products, lowest)


def masked(products: Raw, mask: Raw) -> Raw:
    """A mask of zeros and ones forbids; other numbers are added."""
    if mask.dtype == LOGICAL:
        return forbid(products, mask)
    mask = jnp.broadcast_to(mask, products.shape)
    forbids = jnp.all((mask == 0) | (mask == 1))
    return jnp.where(forbids, forbid(products, mask), products + mask)
