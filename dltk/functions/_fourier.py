"""Discrete Fourier transforms, for arrays without labels.

Results are complex, except those of the inverse transforms with the word "symmetric".
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jax.numpy as jnp

from .._errors import OptionError
from .._numbers import COMPLEX_DOUBLE, COMPLEX_SINGLE, SINGLE, Raw
from ..dlarray import apply
from ._dimensions import along, dimension, is_empty_list, whole
from ._matrices import given_back, unlabelled
from ._options import word
from ._repeat import circshift
from ._shape import refuse_no_array
from ._size import sizes_of

SYMMETRY = ("symmetric", "nonsymmetric")


def fft(X: Any, n: Any = None, dim: Any = None) -> Any:
    r"""Discrete Fourier transform, :math:`Y_k = \sum_{j=1}^{n} X_j e^{-2\pi i (j-1)(k-1)/n}`.

    Args:
        X: An array without labels, a dlarray or plain (for which the result is plain).
        n: Number of points: zeros are added at the end of ``X``, or elements left out. By default
            (or []) the size of ``X`` along ``dim``.
        dim: Dimension number from 1 on. By default the first one whose size is not 1.

    Returns:
        A complex array of size ``n`` along ``dim``.

    Raises:
        FormatError: Labels.

    Example:
        >>> fft([1.0, 2.0, 3.0, 4.0])
        array([10.+0.j, -2.+2.j, -2.+0.j, -2.-2.j])

    Source:
        https://www.mathworks.com/help/matlab/ref/fft.html
    """
    return _transformed("fft", jnp.fft.fft, X, n, dim)


def ifft(X: Any, *args: Any) -> Any:
    r"""Inverse Fourier transform, :math:`X_j = \frac1n \sum_{k=1}^{n} Y_k e^{2\pi i (j-1)(k-1)/n}`.

    ``ifft(Y)``, ``ifft(Y, n)`` or ``ifft(Y, n, dim)``, each with a last argument "symmetric" if
    wanted.

    Args:
        X: An array without labels, a dlarray or plain (for which the result is plain).
        *args: ``n`` and ``dim`` as for `fft`; "symmetric" takes the second half of ``X`` to be the
            mirrored conjugate of the first, without looking at it, so that the result is real.

    Returns:
        A complex array, a real one with "symmetric".

    Raises:
        FormatError: Labels.

    Example:
        >>> ifft(fft([1.0, 2.0, 3.0]), "symmetric")
        array([1., 2., 3.])

    Source:
        https://www.mathworks.com/help/matlab/ref/ifft.html
    """
    numbers, symmetric = _symmetry("ifft", args, 2)
    return _transformed("ifft", _real_inverse if symmetric else jnp.fft.ifft, X, *numbers)


def _symmetry(name: str, args: tuple[Any, ...], most: int) -> tuple[list[Any], bool]:
    """The numbers among the arguments, and whether "symmetric" comes last."""
    symmetric = False
    if args and isinstance(args[-1], str):
        symmetric = word(name, "the symmetry", args[-1], SYMMETRY) == "symmetric"
        args = args[:-1]
    if len(args) > most:
        raise OptionError(f"{name}: too many arguments.", got={"numbers": args})
    return [*args, *(None,) * (most - len(args))], symmetric


def _real_inverse(x: Raw, n: int, axis: int) -> Raw:
    """Inverse transform of ``n`` points that reads the first half only."""
    half = _resized(x, n, axis)
    half = half[(slice(None),) * axis + (slice(0, n // 2 + 1),)]
    return jnp.fft.irfft(half, n, axis=axis)


def _resized(x: Raw, n: int, axis: int) -> Raw:
    """With ``n`` elements along an axis: zeros at the end, or the first ``n``."""
    x = x[(slice(None),) * axis + (slice(0, n),)]
    return jnp.pad(x, [(0, n - m if i == axis else 0) for i, m in enumerate(x.shape)])


def _points(name: str, n: Any) -> int | None:
    if n is None or is_empty_list(n):
        return None
    count = whole(name, n, "the number of points")
    if count < 0:
        raise OptionError(f"{name}: the number of points must not be negative.", got={"n": count})
    return count


def _transformed(
    name: str, transform: Callable[..., Raw], X: Any, n: Any = None, dim: Any = None
) -> Any:
    points = _points(name, n)

    def run(x: Raw, axis: int) -> Raw:
        return _along(transform, x, x.shape[axis] if points is None else points, axis)

    unlabelled(name, X)
    return along(name, run, X, dim)


def _along(transform: Callable[..., Raw], x: Raw, n: int, axis: int) -> Raw:
    """A transform of ``n`` points, also of nothing."""
    shape = (*x.shape[:axis], n, *x.shape[axis + 1 :])
    if 0 in shape:
        single = x.dtype in (SINGLE, COMPLEX_SINGLE)
        complex_type = COMPLEX_SINGLE if single else COMPLEX_DOUBLE
        return jnp.zeros(shape, complex_type if transform is not _real_inverse else x.real.dtype)
    return transform(_resized(x, n, axis), n, axis=axis)


def fft2(X: Any, m: Any = None, n: Any = None) -> Any:
    """Two-dimensional Fourier transform of each page: `fft` along rows and columns.

    Args:
        X: An array without labels, a dlarray or plain (for which the result is plain).
        m: Number of points along the first dimension: zeros are added, or elements left out.
        n: Number of points along the second one.

    Returns:
        A complex array.

    Raises:
        FormatError: Labels.

    Example:
        >>> fft2([[1.0, 2.0], [3.0, 4.0]])
        array([[10.+0.j, -2.+0.j],
               [-4.+0.j,  0.+0.j]])

    Source:
        https://www.mathworks.com/help/matlab/ref/fft2.html
    """
    return _both("fft2", jnp.fft.fft, jnp.fft.fft, X, m, n)


def ifft2(X: Any, *args: Any) -> Any:
    """Inverse of `fft2`, page by page.

    Args:
        X: An array without labels, a dlarray or plain (for which the result is plain).
        *args: ``m`` and ``n`` as for `fft2`; "symmetric" as last argument if ``X`` is the transform
            of something real, so that the result is real.

    Returns:
        A complex array, a real one with "symmetric".

    Raises:
        FormatError: Labels.

    Example:
        >>> ifft2(fft2([[1.0, 2.0], [3.0, 4.0]]), "symmetric")
        array([[1., 2.],
               [3., 4.]])

    Source:
        https://www.mathworks.com/help/matlab/ref/ifft2.html
    """
    numbers, symmetric = _symmetry("ifft2", args, 2)
    return _both("ifft2", jnp.fft.ifft, _real_inverse if symmetric else jnp.fft.ifft, X, *numbers)


def _both(
    name: str, rows: Callable[..., Raw], columns: Callable[..., Raw], X: Any, m: Any, n: Any
) -> Any:
    """One transform along the first dimension, then one along the second."""
    points = [_points(name, m), _points(name, n)]

    def run(x: Raw) -> Raw:
        sizes = [size if p is None else p for size, p in zip(x.shape[:2], points, strict=True)]
        return _along(columns, _along(rows, x, sizes[0], 0), sizes[1], 1)

    return given_back(apply(name, run, [unlabelled(name, X)], ""), X)


def fftshift(X: Any, dim: Any = None) -> Any:
    """Exchange the halves of an array, so that the zero frequency stands in the middle.

    Args:
        X: A dlarray (labels stay), or a plain array (for which the result is plain).
        dim: Dimension number from 1 on. By default every dimension.

    Returns:
        An array of the same kind and size.

    Example:
        >>> fftshift([0.0, 1.0, 2.0, -2.0, -1.0])
        array([-2., -1.,  0.,  1.,  2.])

    Source:
        https://www.mathworks.com/help/matlab/ref/fftshift.html
    """
    return _shifted("fftshift", X, dim, lambda size: size // 2)


def ifftshift(X: Any, dim: Any = None) -> Any:
    """Undo `fftshift`.

    Args:
        X: A dlarray (labels stay), or a plain array (for which the result is plain).
        dim: Dimension number from 1 on. By default every dimension.

    Returns:
        An array of the same kind and size.

    Example:
        >>> ifftshift([-2.0, -1.0, 0.0, 1.0, 2.0])
        array([ 0.,  1.,  2., -2., -1.])

    Source:
        https://www.mathworks.com/help/matlab/ref/ifftshift.html
    """
    return _shifted("ifftshift", X, dim, lambda size: -(size // 2))


def _shifted(name: str, X: Any, dim: Any, by: Callable[[int], int]) -> Any:
    refuse_no_array(name, X)
    shape = sizes_of(X)
    if dim is None:
        return circshift(X, [by(size) for size in shape])
    axis = dimension(name, dim)
    return circshift(X, by(shape[axis]) if axis < len(shape) else 0, axis + 1)
