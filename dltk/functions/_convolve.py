"""Convolutions of signals and of matrices, and polynomials."""

from __future__ import annotations

from typing import Any, Literal

import jax.numpy as jnp
from jax import lax

from .. import _labels as labels
from .._errors import FormatError, OptionError
from .._numbers import Raw
from ..dlarray import apply, dlarray, unformatted
from ._dimensions import handed_back, operand
from ._matrices import given_back, is_vector, matrix
from ._options import word

SHAPES = ("full", "same", "valid")


def conv(u: Any, v: Any, shape: Literal["full", "same", "valid"] = "full") -> Any:
    r"""Convolution of two vectors, :math:`w_k = \sum_j u_j v_{k-j+1}` (a product of polynomials).

    Args:
        u: A vector without labels, a dlarray or plain.
        v: Likewise.
        shape: "full"; "same" for the central part, as long as ``u``; "valid" for the part that
            needs no zeros beyond the ends of ``u``.

    Returns:
        An unformatted dlarray (plain for two plain vectors), which lies as the longer vector does,
        and for "same" and "valid" as ``u``.

    Raises:
        FormatError: Labels, or an argument that is no vector.

    Example:
        >>> conv([1.0, 2.0], [1.0, 3.0])
        array([1., 5., 6.])

    Source:
        https://www.mathworks.com/help/matlab/ref/conv.html
    """
    how = word("conv", "shape", shape, SHAPES)
    X, Y = matrix("conv", u, "u"), matrix("conv", v, "v")
    if not (is_vector(X) and is_vector(Y)):
        raise FormatError(
            "conv: u and v must be vectors.",
            got={"u": labels.show(X.shape), "v": labels.show(Y.shape)},
            fix="For matrices use conv2.",
        )
    leading = X if how != "full" or X.size > Y.size else Y
    as_row = leading.shape[0] == 1

    def run(x: Raw, y: Raw) -> Raw:
        w = _convolved(x.reshape(-1, 1), y.reshape(-1, 1), how)
        return w.T if as_row else w

    return given_back(apply("conv", run, [X, Y], ""), u, v)


def conv2(A: Any, B: Any, *args: Any) -> Any:
    """Two-dimensional convolution of two matrices.

    ``conv2(A, B)``, or ``conv2(u, v, A)``, which convolves the columns of ``A`` with the vector
    ``u`` and then the rows with ``v``; each with a last argument "full", "same" or "valid".

    Args:
        A: A matrix without labels, a dlarray or plain.
        B: Likewise.
        *args: The matrix after two vectors; "full" (default), "same" for the central part, as large
            as ``A``, or "valid" for the part that needs no zeros around ``A``.

    Returns:
        An unformatted dlarray (plain for plain matrices).

    Raises:
        FormatError: Labels.

    Example:
        >>> conv2([[1.0, 2.0], [3.0, 4.0]], [[1.0, 1.0]])
        array([[1., 3., 2.],
               [3., 7., 4.]])

    Source:
        https://www.mathworks.com/help/matlab/ref/conv2.html
    """
    how = "full"
    if args and isinstance(args[-1], str):
        how, args = word("conv2", "shape", args[-1], SHAPES), args[:-1]
    if len(args) > 1:
        raise OptionError("conv2: expected two or three arrays.", fix="Use conv2(u, v, A).")
    if args:
        columns, rows = matrix("conv2", A, "u"), matrix("conv2", B, "v")

        def separate(x: Raw, u: Raw, v: Raw) -> Raw:
            return _convolved(_convolved(x, u.reshape(-1, 1), how), v.reshape(1, -1), how)

        result = apply("conv2", separate, [matrix("conv2", args[0]), columns, rows], "")
        return given_back(result, A, B, args[0])
    X, Y = matrix("conv2", A), matrix("conv2", B, "B")
    return given_back(apply("conv2", lambda x, y: _convolved(x, y, how), [X, Y], ""), A, B)


def _convolved(x: Raw, kernel: Raw, how: str) -> Raw:
    """The convolution of two raw matrices, or a part of it."""
    full = [max(n + m - 1, 0) if n and m else 0 for n, m in zip(x.shape, kernel.shape, strict=True)]
    if how == "valid":
        first = [max(m - 1, 0) for m in kernel.shape]
        sizes = [max(n - max(m - 1, 0), 0) for n, m in zip(x.shape, kernel.shape, strict=True)]
    else:
        first = [m // 2 if how == "same" else 0 for m in kernel.shape]
        sizes = list(x.shape) if how == "same" else full
    if not x.size or not kernel.size or 0 in sizes:
        return jnp.zeros(sizes, x.dtype)
    pads = [
        (m - 1 - low, n + low - k)
        for n, m, low, k in zip(sizes, kernel.shape, first, x.shape, strict=True)
    ]
    return lax.conv_general_dilated(
        x[None, None],
        jnp.flip(kernel)[None, None],
        (1, 1),
        pads,
        precision=lax.Precision.HIGHEST,
    )[0, 0]


def polyval(p: Any, x: Any) -> Any:
    r"""Value of the polynomial :math:`p_1 x^n + \dots + p_n x + p_{n+1}` at each element.

    Args:
        p: The coefficients, highest power first: a vector, a dlarray or plain.
        x: Where; a dlarray, whose labels stay, or plain.

    Returns:
        An array of the size of ``x``, a dlarray if an argument is one.

    Raises:
        FormatError: ``p`` is no vector.

    Example:
        >>> polyval([1.0, 0.0, 1.0], [2.0, 3.0])
        array([ 5., 10.])

    Source:
        https://www.mathworks.com/help/matlab/ref/polyval.html
    """
    P, X = operand(p, "polyval"), operand(x, "polyval")
    if not is_vector(P) and P.size:
        raise FormatError(
            "polyval: the coefficients must be a vector.", got={"p": labels.show(P.shape, P.dims)}
        )

    def run(coefficients: Raw, z: Raw) -> Raw:
        value = jnp.zeros_like(z)
        for coefficient in coefficients.reshape(-1):
            value = value * z + coefficient
        return value

    result = apply("polyval", run, [unformatted(P, "polyval"), X], X.dims)
    return result if isinstance(p, dlarray) else handed_back(result, x)
