"""Matrix products. They need arrays without labels; a labelled one may be scaled."""

from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp
import numpy as np

from .. import _labels as labels
from .._errors import FormatError, OptionError
from .._numbers import Raw
from ..dlarray import apply, dlarray, extractdata, implements
from ._align import broadcast
from ._dimensions import dimension, first_dimension, operand, scalar_if, stored
from ._options import word

TRANSPOSITIONS = ("none", "transpose", "ctranspose")


def mtimes(A: Any, B: Any) -> Any:
    """Matrix product, ``A @ B``.

    Args:
        A: A dlarray or plain matrix without labels; or any array if ``B`` is an unformatted scalar.
        B: Likewise. A one-dimensional array is a row.

    Returns:
        An unformatted dlarray (plain for two plain arrays); with a scalar the format of the other.

    Raises:
        FormatError: A labelled array with anything but an unformatted scalar, or inner sizes that
            differ.

    Example:
        >>> mtimes(dlarray(np.ones((2, 3))), np.ones((3, 4))).shape
        (2, 4)
        >>> mtimes(2.0, dlarray(np.ones((2, 3)), "CB")).dims
        'CB'

    Source:
        https://www.mathworks.com/help/matlab/ref/mtimes.html
    """
    X, Y = operand(A, "mtimes"), operand(B, "mtimes")
    shown = {"A": labels.show(X.shape, X.dims), "B": labels.show(Y.shape, Y.dims)}
    scalars = [math.prod(Z.shape) == 1 and not Z.dims for Z in (X, Y)]
    if any(scalars):
        return broadcast("mtimes", jnp.multiply, A, B)
    if X.dims or Y.dims:
        raise FormatError(
            "mtimes: a matrix product needs arrays without labels.",
            got=shown,
            fix="Use stripdims first, or fullyconnect for data with labels; times (A * B) "
            "multiplies element by element.",
        )
    if X.ndim > 2 or Y.ndim > 2 or X.shape[1] != Y.shape[0]:
        raise FormatError(
            "mtimes: the sizes do not fit a matrix product.",
            got=shown,
            fix="A needs as many columns as B has rows (a one-dimensional array is a row). "
            "For pages use pagemtimes.",
        )
    return _given_back(apply("mtimes", jnp.matmul, [X, Y], ""), A, B)


def _given_back(Z: dlarray, A: Any, B: Any) -> Any:
    """A dlarray if any operand is one, else plain."""
    return Z if isinstance(A, dlarray) or isinstance(B, dlarray) else extractdata(Z)


def pagemtimes(A: Any, *args: Any) -> Any:
    """Matrix products of the pages of two arrays, which expand over the other dimensions.

    ``pagemtimes(A, B)``, or ``pagemtimes(A, transpA, B, transpB)``, where the words "none",
    "transpose" and "ctranspose" say what is done to each page first.

    Args:
        A: An array without labels whose first two dimensions are the pages. A formatted dlarray is
            accepted if the pages of the other array are unformatted scalars.
        *args: ``B``, or ``transpA, B, transpB``.

    Returns:
        An unformatted dlarray (plain for two plain arrays).

    Raises:
        FormatError: Labels, or sizes that do not fit.

    Example:
        >>> A, B = dlarray(np.ones((2, 3, 5))), dlarray(np.ones((4, 3)))
        >>> pagemtimes(A, "none", B, "transpose").shape
        (2, 4, 5)

    Source:
        https://www.mathworks.com/help/matlab/ref/pagemtimes.html
    """
    if len(args) not in (1, 3):
        raise OptionError(
            "pagemtimes: expected two arrays, or two arrays each followed by a word.",
            fix='For example pagemtimes(A, "transpose", B, "none").',
        )
    words = ("none", "none") if len(args) == 1 else (args[0], args[2])
    words = tuple(word("pagemtimes", "transposition", w, TRANSPOSITIONS) for w in words)
    B = args[0] if len(args) == 1 else args[1]
    X, Y = operand(A, "pagemtimes"), operand(B, "pagemtimes")
    if X.dims or Y.dims:
        return _scaled_pages(X, Y, words)
    rank = max(X.ndim, Y.ndim)
    pages = [
        (1,) * (rank - Z.ndim) + Z.shape[:1:-1] for Z in (X, Y)
    ]  # in memory they stand first, the last page dimension outermost
    sizes = [
        Z.shape[:2] if w == "none" else Z.shape[1::-1] for Z, w in zip((X, Y), words, strict=True)
    ]
    fit = all(m == n or 1 in (m, n) for m, n in zip(*pages, strict=True))
    if not fit or sizes[0][1] != sizes[1][0]:
        raise FormatError(
            "pagemtimes: the sizes do not fit.",
            got={"A": labels.show(X.shape), "B": labels.show(Y.shape)},
            fix="Each page of A needs as many columns as a page of B has rows, after transposing; "
            "the other sizes must be equal or 1.",
        )

    def run(x: Raw, y: Raw) -> Raw:
        x, y = (_pages_first(v, p, w) for v, p, w in zip((x, y), pages, words, strict=True))
        return jnp.matmul(x, y).transpose((rank - 2, rank - 1, *range(rank - 3, -1, -1)))

    return _given_back(apply("pagemtimes", run, [X, Y], ""), A, B)


def _pages_first(x: Raw, pages: tuple[int, ...], how: str) -> Raw:
    """Pages as the last two dimensions, transposed as ``how`` says."""
    order = (*range(x.ndim - 1, 1, -1), *((0, 1) if how == "none" else (1, 0)))
    x = x.transpose(order)
    x = jnp.conj(x) if how == "ctranspose" and jnp.iscomplexobj(x) else x
    return x.reshape(pages + x.shape[-2:])


def _scaled_pages(X: dlarray, Y: dlarray, words: tuple[str, ...]) -> dlarray:
    """The product of a labelled array with scalar pages."""
    for Z, how, other, other_how in ((X, words[0], Y, words[1]), (Y, words[1], X, words[0])):
        if Z.dims and how == "none" and not other.dims and other.shape[:2] == (1, 1):

            def scale(z: Raw, s: Raw, conjugate: bool = other_how == "ctranspose") -> Raw:
                return jnp.multiply(z, jnp.conj(s) if conjugate else s)

            return broadcast("pagemtimes", scale, Z, other)
    raise FormatError(
        "pagemtimes: a product of pages needs arrays without labels.",
        got={"A": labels.show(X.shape, X.dims), "B": labels.show(Y.shape, Y.dims)},
        fix="Use stripdims first. A labelled array can only be multiplied by pages of size 1×1.",
    )


def dot(A: Any, B: Any, dim: Any = None) -> Any:
    r"""Scalar products along a dimension, :math:`\sum_i \bar A_i B_i`.

    Args:
        A: A dlarray or plain array. Two vectors may lie differently.
        B: Of the same size.
        dim: Dimension number from 1 on. By default the first one whose size is not 1.

    Returns:
        An array of size 1 along the dimension; labels stay.

    Raises:
        FormatError: The sizes differ.

    Example:
        >>> print(dot([1.0, 2.0], [3.0, 4.0]))
        11.0

    Source:
        https://www.mathworks.com/help/matlab/ref/dot.html
    """
    X, Y = operand(A, "dot"), operand(B, "dot")
    if dim is None and not (X.dims and Y.dims) and X.shape != Y.shape and _vectors(X, Y):
        if X.dims:
            Y = _as_column(Y, X)
        else:
            X = _as_column(X, Y)
    if X.shape != Y.shape or (X.dims and Y.dims and X.dims != Y.dims):
        raise FormatError(
            "dot: the sizes or labels of the arrays differ.",
            got={"A": labels.show(X.shape, X.dims), "B": labels.show(Y.shape, Y.dims)},
            fix="Give two arrays of the same size.",
        )
    axis = first_dimension(X) if dim is None else dimension("dot", dim)
    fmt = X.dims or Y.dims
    forth = labels.stored_axes(fmt) if fmt else tuple(range(X.ndim))
    place = stored(fmt, [axis]) if axis < X.ndim else ()

    def run(x: Raw, y: Raw) -> Raw:
        x, y = (v if Z.dims else v.transpose(forth) for v, Z in ((x, X), (y, Y)))
        x = jnp.conj(x) if jnp.iscomplexobj(x) else x
        return jnp.sum(jnp.multiply(x, y), axis=place, keepdims=True)

    result = apply("dot", run, [X, Y], fmt)
    if isinstance(A, dlarray) or isinstance(B, dlarray):
        return result
    return scalar_if(extractdata(result), dim, A if np.ndim(A) >= np.ndim(B) else B)


def _vectors(X: dlarray, Y: dlarray) -> bool:
    """Whether both are vectors of the same length."""
    lengths = [math.prod(Z.shape) for Z in (X, Y)]
    return lengths[0] == lengths[1] and all(max(Z.shape) == math.prod(Z.shape) for Z in (X, Y))


def _as_column(Z: dlarray, like: dlarray) -> dlarray:
    """A vector in the sizes of another."""
    shape = like.shape
    return apply("dot", lambda z: z.reshape(shape), [Z], "", mix=False)


implements(np.matmul)(mtimes)


@implements(np.dot)
def _numpy_dot(A: Any, B: Any) -> Any:
    """Two rows (NumPy's vectors) have a scalar product; else the matrix product."""
    X, Y = operand(A, "dot"), operand(B, "dot")
    rows = X.shape == Y.shape and X.ndim == 2 and X.shape[0] == 1
    return dot(A, B) if rows else mtimes(A, B)
