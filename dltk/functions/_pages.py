"""Transposition of every page of an array."""

from __future__ import annotations

from typing import Any

from .._numbers import Raw
from ..dlarray import dlarray
from ._matrices import unlabelled
from ._shape import move
from ._size import sizes_of


def pagetranspose(X: Any) -> Any:
    """Transpose of each page ``X[:, :, k]``.

    Args:
        X: An array without labels, a dlarray or plain (for which the result is plain).

    Returns:
        An array of the same kind, its first two dimensions exchanged.

    Raises:
        FormatError: Labels.

    Example:
        >>> pagetranspose(dlarray([[1.0, 2.0, 3.0]])).shape
        (3, 1)

    Source:
        https://www.mathworks.com/help/matlab/ref/pagetranspose.html
    """
    return _exchanged("pagetranspose", X)


def pagectranspose(X: Any) -> Any:
    """Transpose of each page ``X[:, :, k]``, complex numbers conjugated.

    Args:
        X: An array without labels, a dlarray or plain (for which the result is plain).

    Returns:
        An array of the same kind, its first two dimensions exchanged.

    Raises:
        FormatError: Labels.

    Example:
        >>> pagectranspose([[1.0, 2.0j]])
        array([[1.-0.j],
               [0.-2.j]])

    Source:
        https://www.mathworks.com/help/matlab/ref/pagectranspose.html
    """
    return _exchanged("pagectranspose", X, conjugate=True)


def _exchanged(name: str, X: Any, *, conjugate: bool = False) -> Any:
    if isinstance(X, dlarray):
        unlabelled(name, X)
    order = (1, 0, *range(2, len(sizes_of(X))))

    def run(xp: Any, x: Raw) -> Raw:
        x = xp.transpose(x, order)
        return xp.conj(x) if conjugate and xp.iscomplexobj(x) else x

    return move(name, run, X)
