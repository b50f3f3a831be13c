"""Norms of vectors and matrices."""

from __future__ import annotations

import functools
import math
from typing import Any

import jax.numpy as jnp

from .. import _labels as labels
from .._errors import OptionError, UnsupportedError, nearest
from .._numbers import Raw
from ..dlarray import dlarray, extractdata
from ._dimensions import compiled, operand, reduced, whole
from ._extrema import chosen, strides
from ._reduction import Kernel, root


@functools.lru_cache(maxsize=64)
def _kernel(p: float) -> Kernel:
    """The p-norm over stored axes, with derivative 0 where it is 0."""

    @compiled
    def norm(x: Raw, axes: Any) -> Raw:
        size = jnp.abs(x) if jnp.iscomplexobj(x) else jnp.sign(x) * x
        if math.isinf(p):
            return chosen(size, tuple(axes), strides(x.shape), 1 if p > 0 else -1)[0]
        if p == 1:
            return jnp.sum(size, axis=axes, keepdims=True)
        if p == 2:
            return root(jnp.sum(jnp.real(x * jnp.conj(x)), axis=axes, keepdims=True))
        total = jnp.sum(size**p, axis=axes, keepdims=True)
        positive = total != 0
        return jnp.where(positive, jnp.where(positive, total, 1) ** (1 / p), 0)

    return norm


@compiled
def _spectral(x: Raw, axes: Any) -> Raw:
    """The largest singular value of a matrix, with derivative 0 where it is 0."""
    if not x.size:
        return jnp.zeros((1, 1), jnp.real(x).dtype)
    largest = jnp.linalg.svd(x, compute_uv=False)[0]
    return jnp.where(largest > 0, largest, 0).reshape(1, 1)


def _order(name: str, p: Any) -> float:
    if isinstance(p, str) and p.lower() in ("inf", "-inf"):
        return float(p)
    if isinstance(p, str):
        raise OptionError(f'{name}: "{p}" is not an order.', fix=nearest(p, ["fro", "inf"]))
    order = float(extractdata(p)) if not isinstance(p, dlarray) else p.item()
    if not (order > 0 or (name == "norm" and order == -math.inf)):
        raise OptionError(f"{name}: the order p must be positive.", got={"p": p})
    return order


def vecnorm(X: Any, p: Any = 2, dim: Any = None) -> Any:
    r"""Norms of the vectors along a dimension, :math:`(\sum_i |X_i|^p)^{1/p}`.

    Args:
        X: A dlarray, or plain numbers (for which the result is plain).
        p: Order of the norm: a positive number or ``inf`` (the largest absolute value).
        dim: Dimension number from 1 on. By default the first one whose size is not 1.

    Returns:
        An array with the labels of ``X`` and size 1 along ``dim``. Where a norm is 0, so is its
        derivative.

    Example:
        >>> print(vecnorm([[3.0, 5.0], [4.0, 12.0]]))
        [[ 5. 13.]]

    Source:
        https://www.mathworks.com/help/matlab/ref/vecnorm.html
    """
    if dim is not None:
        dim = whole("vecnorm", dim, "the dimension")
    return reduced("vecnorm", _kernel(_order("vecnorm", p)), X, dim)


def norm(X: Any, p: Any = 2) -> Any:
    r"""Norm of a vector, :math:`(\sum_i |X_i|^p)^{1/p}`, of a matrix, or Frobenius norm.

    Args:
        X: A vector or matrix (a dlarray or plain numbers); with ``p="fro"`` an array of any size.
        p: Order of the norm. Of a vector: a positive number, ``inf`` (largest absolute value) or
            ``-inf`` (smallest one). Of a matrix: 1 (largest column sum), 2 (largest singular value)
            or ``inf`` (largest row sum). "fro" is the root of the sum of squares.

    Returns:
        A scalar; a formatted ``X`` keeps its labels, with size 1. A norm of 0 has derivative 0.

    Raises:
        UnsupportedError: Another order for a matrix.

    Example:
        >>> print(norm([3.0, 4.0]))
        5.0

    Source:
        https://www.mathworks.com/help/matlab/ref/norm.html
    """
    if isinstance(p, str) and p == "fro":
        return reduced("norm", _kernel(2), X, "all")
    Y = operand(X, "norm")
    order = _order("norm", p)
    if sum(n != 1 for n in Y.shape) <= 1:
        return reduced("norm", _kernel(order), X, "all")
    if Y.ndim > 2 or order not in (1, 2, math.inf):
        what = "an array with more than two dimensions" if Y.ndim > 2 else "a matrix"
        raise UnsupportedError(
            f"norm: there is no {order:g}-norm of {what}.",
            got={"X": labels.show(Y.shape, Y.dims)},
            fix='Use norm(X, "fro"), or vecnorm for the norms of the columns.',
        )
    if order == 2:
        return reduced("norm", _spectral, X, "all")
    first = 0 if order == 1 else 1
    sums = _kernel(1)
    along = [labels.logical_axes(Y.dims)[axis] if Y.dims else axis for axis in (first, 1 - first)]
    return reduced(
        "norm",
        lambda x, _: _kernel(math.inf)(sums(x, (along[0],)), (along[1],)),
        X,
        "all",
    )
