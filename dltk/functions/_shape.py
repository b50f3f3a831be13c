"""Functions that only move data: other sizes, dimensions in another order.

A formatted dlarray keeps its labels, except that `reshape` removes them; only "U" dimensions may be
permuted. Plain arrays (of any type) come back plain and of the same type.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .. import _labels as labels
from .._errors import FormatError, OptionError
from .._numbers import Raw, describe, is_known
from ..dlarray import apply, dlarray, implements
from ._dimensions import (
    dimension,
    from_axis,
    is_empty_list,
    plain,
    vector,
    whole,
)
from ._size import sizes_of


def move(name: str, function: Callable[..., Raw], X: Any, fmt: str = "", rank: int = 2) -> Any:
    """``function(xp, x)``, where xp is numpy for known plain arrays and jax.numpy for others.

    ``rank`` is the number of dimensions of plain input, to which rows are squeezed back.
    """
    if isinstance(X, dlarray):
        return apply(name, lambda x: function(jnp, x), [X], fmt, mix=False)
    refuse_no_array(name, X)
    X = as_array(X)
    if is_known(X):
        return plain(function(np, np.reshape(X, sizes_of(X))), rank)
    with jax.enable_x64(True):
        return plain(function(jnp, X.reshape(sizes_of(X))), rank)


def refuse_no_array(name: str, X: Any) -> None:
    """Raise for what NumPy would take as an array of one object: None and dicts."""
    if X is None or isinstance(X, Mapping):
        raise OptionError(f"{name}: expected an array, got {describe(X)}.")


def as_array(X: Any) -> Any:
    """A plain value with a shape; a JAX array with known values as a NumPy array."""
    if is_empty_list(X) and np.ndim(X) < 2:
        return np.zeros((0, 0))
    if hasattr(X, "shape") and not (isinstance(X, jax.Array) and is_known(X)):
        return X
    return np.asarray(X)


def format_of(X: Any) -> str:
    return X.dims if isinstance(X, dlarray) else ""


def shown(X: Any) -> str:
    return labels.show(sizes_of(X), format_of(X))


def reshape(X: Any, *sz: Any) -> Any:
    """The same elements in other sizes, first dimension fastest (MATLAB's column-major order).

    Args:
        X: A dlarray, or a plain array (for which the result is plain).
        *sz: The sizes one by one, of which one may be [] or None (it follows from the others), or
            all sizes as one vector.

    Returns:
        An unformatted dlarray: labels do not survive.

    Raises:
        OptionError: The number of elements would change.

    Example:
        >>> reshape(np.arange(6), 2, [])
        array([[0, 2, 4],
               [1, 3, 5]])
        >>> reshape(dlarray(np.zeros((28, 28, 1, 5)), "SSCB"), [784, 5]).shape
        (784, 5)

    Source:
        https://www.mathworks.com/help/matlab/ref/reshape.html
    """
    wanted = _wanted(X, sz)
    fmt = format_of(X)
    back = labels.logical_axes(fmt) if fmt else None

    def run(xp: Any, x: Raw) -> Raw:
        return xp.reshape(x.transpose(back) if back else x, wanted, order="F")

    return move("reshape", run, X)


def _wanted(X: Any, given: Sequence[Any]) -> tuple[int, ...]:
    if len(given) == 1:
        given = vector(given[0])
    open_places = [i for i, n in enumerate(given) if n is None or is_empty_list(n)]
    known = [1 if i in open_places else whole("reshape", n, "a size") for i, n in enumerate(given)]
    count, rest = math.prod(sizes_of(X)), math.prod(known)
    if open_places and len(open_places) == 1 and rest > 0 and count % rest == 0:
        known[open_places[0]] = count // rest
    wished = " × ".join("[]" if i in open_places else str(n) for i, n in enumerate(known))
    if len(known) < 2 or min(known) < 0 or len(open_places) > 1 or math.prod(known) != count:
        raise OptionError(
            f"reshape: {count} elements do not fit the sizes {wished}.",
            got={"X": shown(X)},
            fix="Give two or more sizes with that many elements; one of them may be [] (not -1).",
        )
    return tuple(known)


def permute(X: Any, dimorder: Any) -> Any:
    """Reorder the dimensions: dimension ``i`` of the result is ``dimorder[i]`` of ``X``.

    Args:
        X: A dlarray, or a plain array (for which the result is plain). Of a formatted dlarray only
            "U" dimensions may move.
        dimorder: The dimension numbers from 1 on, each once; numbers beyond the last dimension of
            an unformatted array add dimensions of size 1.

    Returns:
        An array of the same kind with the same labels.

    Raises:
        FormatError: A labelled dimension would move.

    Example:
        >>> permute(np.zeros((2, 3, 4)), [3, 1, 2]).shape
        (4, 2, 3)

    Source:
        https://www.mathworks.com/help/matlab/ref/permute.html
    """
    return _permute("permute", X, [dimension("permute", d) for d in vector(dimorder)])


def ipermute(X: Any, dimorder: Any) -> Any:
    """Undo ``permute(X, dimorder)``.

    Args:
        X: A dlarray, or a plain array (for which the result is plain).
        dimorder: The order that was given to `permute`.

    Returns:
        An array of the same kind with the same labels.

    Example:
        >>> ipermute(permute(np.zeros((2, 3, 4)), [3, 1, 2]), [3, 1, 2]).shape
        (2, 3, 4)

    Source:
        https://www.mathworks.com/help/matlab/ref/ipermute.html
    """
    order = [dimension("ipermute", d) for d in vector(dimorder)]
    return _permute("ipermute", X, [order.index(i) for i in range(len(order)) if i in order], order)


def _permute(name: str, X: Any, axes: list[int], given: list[int] | None = None) -> Any:
    shape, fmt = sizes_of(X), format_of(X)
    numbers = [a + 1 for a in (axes if given is None else given)]
    if sorted(numbers) != list(range(1, len(numbers) + 1)) or len(numbers) < len(shape):
        raise OptionError(
            f"{name}: {numbers} is no order of {len(shape)} dimensions.",
            got={"X": shown(X)},
            fix="Name each dimension once, counting from 1.",
        )
    if fmt:
        _refuse_labels(name, X, axes)
    stored = tuple(range(len(axes)))
    stored = labels.stored_axes(fmt) if fmt else stored
    back = labels.logical_axes(fmt) if fmt else tuple(range(len(shape)))

    def run(xp: Any, x: Raw) -> Raw:
        seen = xp.reshape(xp.transpose(x, back), shape + (1,) * (len(axes) - len(shape)))
        return xp.transpose(xp.transpose(seen, axes), stored)

    return move(name, run, X, fmt)


def _refuse_labels(name: str, X: dlarray, axes: Sequence[int]) -> None:
    moved = [axis for axis, source in enumerate(axes) if axis != source]
    if len(axes) > X.ndim or any(X.dims[axis] != "U" for axis in moved):
        raise FormatError(
            f'{name}: only "U" dimensions of a formatted array can change places.',
            got={"X": shown(X)},
            fix=f"Remove the labels first: {name}(stripdims(X), ...).",
        )


def transpose(X: Any) -> Any:
    """Transpose of a matrix (``X.T``).

    Args:
        X: An unformatted dlarray with two dimensions (or one whose labels are "UU"), or a plain
            matrix, for which the result is plain.

    Returns:
        An array of the same kind.

    Raises:
        FormatError: Labelled dimensions.

    Example:
        >>> transpose(dlarray(np.zeros((2, 3)))).shape
        (3, 2)

    Source:
        https://www.mathworks.com/help/matlab/ref/transpose.html
    """
    return _transpose("transpose", X)


def ctranspose(X: Any) -> Any:
    """Transpose of a matrix, complex numbers conjugated (MATLAB's ``X'``).

    Args:
        X: As for `transpose`.

    Returns:
        An array of the same kind.

    Example:
        >>> ctranspose(np.array([[1.0, 2.0j]]))
        array([[1.-0.j],
               [0.-2.j]])

    Source:
        https://www.mathworks.com/help/matlab/ref/ctranspose.html
    """
    return _transpose("ctranspose", X, conjugate=True)


def _transpose(name: str, X: Any, *, conjugate: bool = False) -> Any:
    if len(sizes_of(X)) > 2:
        raise OptionError(
            f"{name}: X has more than two dimensions.", got={"X": shown(X)}, fix="Use permute."
        )
    if format_of(X):
        _refuse_labels(name, X, (1, 0))

    def run(xp: Any, x: Raw) -> Raw:
        x = xp.transpose(x, (1, 0))
        return xp.conj(x) if conjugate and xp.iscomplexobj(x) else x

    return move(name, run, X, format_of(X))


def squeeze(X: Any) -> Any:
    """Remove dimensions of size 1, and their labels; two dimensions always stay.

    If only the first two dimensions have a size other than 1, just the others are removed.

    Args:
        X: A dlarray, or a plain array (for which the result is plain).

    Returns:
        An array of the same kind.

    Example:
        >>> squeeze(dlarray(np.zeros((1, 1, 3, 5)), "SSCB"))[:, 0].shape
        (3, 1)
        >>> squeeze(dlarray(np.zeros((1, 1, 3, 5)), "SSCB")).dims
        'CB'

    Source:
        https://www.mathworks.com/help/matlab/ref/squeeze.html
    """
    shape, fmt = sizes_of(X), format_of(X)
    keep = [axis for axis, n in enumerate(shape) if n != 1]
    if len(shape) == 2 or all(n == 1 for n in shape[2:]):
        keep = [0, 1]
    left = tuple(shape[axis] for axis in keep)
    kept = "".join(fmt[axis] for axis in keep) if fmt else ""
    if len(left) == 1:  # a column
        left, kept = (*left, 1), kept and kept + "U"
    wanted = labels.to_stored(kept, left)
    return move("squeeze", lambda xp, x: xp.reshape(x, wanted), X, kept, rank_of(X))


def rank_of(X: Any) -> int:
    return 2 if isinstance(X, dlarray) else np.ndim(X)


# NumPy's names for the same


@implements(np.reshape)
def _numpy_reshape(X: dlarray, shape: Any, *, order: str = "C") -> dlarray:
    """NumPy's order is last dimension first; the result is unformatted too."""
    back = labels.logical_axes(X.dims) if X.dims else tuple(range(X.ndim))
    return apply(
        "reshape",
        lambda x: jnp.reshape(x.transpose(back), shape, order=order),
        [X],
        "",
        mix=False,
    )


@implements(np.transpose)
def _numpy_transpose(X: dlarray, axes: Any = None) -> dlarray:
    return transpose(X) if axes is None else permute(X, from_axis(X, tuple(axes)))


@implements(np.squeeze)
def _numpy_squeeze(X: dlarray) -> dlarray:
    return squeeze(X)
