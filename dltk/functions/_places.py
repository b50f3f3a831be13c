"""Subscripts and positions as values; they count from 1 and number elements column by column."""

from __future__ import annotations

import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .. import _labels as labels
from .._errors import FormatError, OptionError
from .._numbers import DOUBLE, Raw, describe, is_known
from ..dlarray import apply, dlarray, logical, unformatted
from ._dimensions import operand, plain, sizes, whole
from ._matrices import number_back
from ._options import outputs, word
from ._size import sizes_of


def sub2ind(sz: Any, *subscripts: Any) -> Any:
    """Numbers of elements, from their subscripts.

    Args:
        sz: Sizes of the array, two or more. With fewer subscripts than sizes the last one runs over
            the merged rest.
        *subscripts: One array for each dimension, all of one size, dlarrays or plain; from 1 on.

    Returns:
        Positions from 1 on, column by column, as large as a subscript: an unformatted dlarray
        without derivative if a subscript is a dlarray, else whole numbers of NumPy.

    Raises:
        FormatError: Subscripts of different sizes.
        OptionError: A subscript outside the array (where values are known).

    Example:
        >>> sub2ind([3, 4], [1, 2, 3], [1, 1, 2])
        array([1, 2, 6])

    Source:
        https://www.mathworks.com/help/matlab/ref/sub2ind.html
    """
    shape = _merged("sub2ind", sz, len(subscripts))
    given = [operand(s, "sub2ind") for s in subscripts]
    if len({S.shape for S in given}) > 1:
        raise FormatError(
            "sub2ind: the subscripts have different sizes.",
            got={f"subscript {i + 1}": labels.show(S.shape) for i, S in enumerate(given)},
        )
    for i, (S, n) in enumerate(zip(given, shape, strict=True)):
        _check_range("sub2ind", S, n, f"subscript {i + 1}", shape)
    steps = [math.prod(shape[:axis]) for axis in range(len(shape))]
    flat = [unformatted(S, "sub2ind") for S in given]

    def run(*values: Raw) -> Raw:
        number = jnp.ones(values[0].shape, DOUBLE)
        for value, step in zip(values, steps, strict=True):
            number = number + (value.astype(DOUBLE) - 1) * step
        return number

    return _whole_numbers(apply("sub2ind", _untraced(run), flat, ""), *subscripts)


def ind2sub(sz: Any, ind: Any, *, nargout: int | None = None) -> Any:
    """Subscripts of elements, from their numbers.

    Args:
        sz: Sizes of the array, two or more.
        ind: Positions from 1 on, column by column, a dlarray or plain.
        nargout: Number of subscripts, by default as many as sizes. With fewer the last one runs
            over the merged rest; more are 1.

    Returns:
        A tuple of subscripts from 1 on, as large as ``ind``: unformatted dlarrays without
        derivative for a dlarray, else whole numbers of NumPy. ``nargout=1`` gives ``ind`` itself.

    Raises:
        OptionError: A position outside the array (where values are known).

    Example:
        >>> row, column = ind2sub([3, 4], [1, 2, 6])
        >>> row.tolist(), column.tolist()
        ([1, 2, 3], [1, 1, 2])

    Source:
        https://www.mathworks.com/help/matlab/ref/ind2sub.html
    """
    count = nargout or len(sizes("ind2sub", [sz]))
    shape = _merged("ind2sub", sz, count)
    positions = operand(ind, "ind2sub")
    _check_range("ind2sub", positions, math.prod(shape), "position", shape)

    def run(number: Raw) -> tuple[Raw, ...]:
        rest = number.astype(DOUBLE) - 1
        found = []
        for n in shape[:-1]:
            found.append(jnp.mod(rest, n) + 1)
            rest = jnp.floor_divide(rest, n)
        return (*found, rest + 1)

    flat = unformatted(positions, "ind2sub")
    found = apply("ind2sub", _untraced(run), [flat], ("",) * count)
    results = tuple(_whole_numbers(Y, ind) for Y in found)
    return results[0] if count == 1 else results


def _untraced(run: Any) -> Any:
    """Without derivative, whatever the inputs."""
    return lambda *values: run(*(jax.lax.stop_gradient(v) for v in values))


def _merged(name: str, sz: Any, count: int) -> tuple[int, ...]:
    """Sizes for ``count`` subscripts."""
    shape = sizes(name, [sz])
    if count < 1 or len(np.ravel(sz)) < 2:
        raise OptionError(
            f"{name}: expected two or more sizes, and subscripts.",
            got={"sz": sz},
            fix=f"For example {name}(size(X), ...).",
        )
    if count <= len(shape):
        return (*shape[: count - 1], math.prod(shape[count - 1 :]))
    return shape + (1,) * (count - len(shape))


def _check_range(name: str, S: dlarray, most: int, what: str, shape: tuple[int, ...]) -> None:
    if not is_known(S._data) or not S.size:
        return
    numbers = np.asarray(S._data)
    if (numbers < 1).any() or (numbers > most).any() or (numbers != np.floor(numbers)).any():
        wrong = numbers[(numbers < 1) | (numbers > most) | (numbers != np.floor(numbers))].flat[0]
        raise OptionError(
            f"{name}: {what} must be a whole number from 1 to {most}.",
            got={what: f"{wrong:g}", "sizes": labels.show(shape)},
            fix="MATLAB's subscripts count from 1.",
        )


def _whole_numbers(Y: dlarray, *given: Any) -> Any:
    """Positions as a dlarray of type double, or plain as whole numbers."""
    if any(isinstance(x, dlarray) for x in given):
        return Y
    values = logical(Y)
    return plain(values.astype(np.int64), max(np.ndim(x) for x in given))


def find(X: Any, n: Any = None, direction: Any = "first", *, nargout: int = 1) -> Any:
    """Positions of the elements that are not zero.

    Their number depends on the values, so these must be known: a function that calls ``find`` on
    what it computes is not compiled by `dlfeval`. Masks such as ``X[X > 0]`` or products with
    ``X > 0`` often do as well.

    Args:
        X: A dlarray or plain array.
        n: At most this many.
        direction: "first" or "last": which ones.
        nargout: 1 for positions, 2 for rows and columns (of all dimensions from the second on
            merged), 3 for the elements, too.

    Returns:
        Plain whole numbers from 1 on, column by column: a row for a row ``X``, else a column. The
        elements are of the kind of ``X``, and traced if it is.

    Example:
        >>> find([0, 3, 0, 5])
        array([2, 4])
        >>> row, column = find(np.array([[0, 1], [1, 0]]), nargout=2)
        >>> row.ravel().tolist(), column.ravel().tolist()
        ([2, 1], [1, 2])

    Source:
        https://www.mathworks.com/help/matlab/ref/find.html
    """
    outputs("find", nargout, (1, 2, 3))
    last = word("find", "direction", direction, ["first", "last"]) == "last"
    most = None if n is None else whole("find", n, "the number of positions")
    values = np.asarray(logical(X) if isinstance(X, dlarray) else X)  # JAX refuses unknown values
    if values.dtype.kind not in "biufc":
        raise OptionError(f"find: expected numbers, got {describe(X)}.")
    shape = sizes_of(X)
    places = np.flatnonzero(np.reshape(values, -1, order="F"))
    if most is not None:
        places = places[max(0, len(places) - most) :] if last else places[:most]
    rank = 2 if isinstance(X, dlarray) else np.ndim(X)
    lies = (1, -1) if len(shape) == 2 and shape[0] == 1 and shape != (1, 1) else (-1, 1)

    def out(numbers: Any) -> Any:
        return plain(numbers.reshape(lies), rank)

    if nargout == 1:
        return out(places + 1)
    row, column = places % shape[0], places // shape[0]
    if nargout == 2:
        return out(row + 1), out(column + 1)
    flat = np.reshape(values, -1, order="F")
    elements = X[places.reshape(lies)] if isinstance(X, dlarray) else out(flat[places])
    return out(row + 1), out(column + 1), elements


def nnz(X: Any) -> Any:
    """Number of elements that are not zero.

    Args:
        X: A dlarray or plain array.

    Returns:
        A scalar of type double without derivative: an unformatted dlarray for a dlarray, else a
        number.

    Example:
        >>> print(nnz([0, 3, 0, 5]))
        2.0

    Source:
        https://www.mathworks.com/help/matlab/ref/nnz.html
    """

    def run(x: Raw) -> Raw:
        return jnp.sum(x != 0).astype(DOUBLE).reshape(1, 1)

    return number_back(apply("nnz", run, [unformatted(operand(X, "nnz"))], "", mix=False), X)
