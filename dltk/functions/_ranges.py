"""Equally spaced numbers, and the grids that vectors span."""

from __future__ import annotations

import math
from typing import Any

import jax.numpy as jnp
import numpy as np

from .. import _labels as labels
from .._errors import FormatError, OptionError
from .._numbers import Raw
from ..dlarray import apply, dlarray
from ._dimensions import whole
from ._elementwise import power
from ._matrices import given_back, is_scalar, unlabelled
from ._options import outputs


def linspace(a: Any, b: Any, n: Any = 100) -> Any:
    """Equally spaced numbers in a row, the ends among them.

    Args:
        a: First number, a scalar without labels.
        b: Last number, likewise.
        n: How many; for ``n`` below 2 only ``b``.

    Returns:
        A row vector: an unformatted dlarray if an end is one, with derivatives with respect to the
        ends, else a NumPy vector.

    Raises:
        OptionError: An end that is not a scalar, or has labels.

    Example:
        >>> linspace(0, 1, 5)
        array([0.  , 0.25, 0.5 , 0.75, 1.  ])

    Source:
        https://www.mathworks.com/help/matlab/ref/linspace.html
    """
    return _spaced("linspace", a, b, n)


def _spaced(name: str, a: Any, b: Any, n: Any) -> Any:
    count = max(1, whole(name, n, "the number of points"))
    for end in (a, b):
        if not is_scalar(end):
            shape = end.shape if isinstance(end, dlarray) else np.shape(end)
            raise OptionError(
                f"{name}: the ends must be scalars without labels.",
                got={"given": labels.show(shape or (1, 1), getattr(end, "dims", ""))},
                fix="Use stripdims on the scalar first.",
            )

    def run(first: Raw, last: Raw) -> Raw:
        first, last = first.reshape(()), last.reshape(())
        share = jnp.arange(count, dtype=first.real.dtype) / max(count - 1, 1)
        row = (first + share * (last - first)).at[-1].set(last)
        return row.reshape(1, -1)

    result = apply(name, run, [a, b], "")
    return given_back(result, np.zeros(1), a, b)


def logspace(a: Any, b: Any, n: Any = 50) -> Any:
    """Numbers in a row, from 10 to the power ``a`` to 10 to the power ``b``, at equal ratios.

    Args:
        a: Exponent of the first number, a scalar without labels.
        b: Exponent of the last number, likewise. If it is pi, the numbers end at pi.
        n: How many; for ``n`` below 2 only the last.

    Returns:
        A row vector: an unformatted dlarray if an end is one, with derivatives with respect to the
        ends, else a NumPy vector.

    Raises:
        OptionError: An end that is not a scalar, or has labels.

    Example:
        >>> logspace(0, 2, 3)
        array([  1.,  10., 100.])

    Source:
        https://www.mathworks.com/help/matlab/ref/logspace.html
    """
    if isinstance(b, (int, float)) and b == math.pi:
        b = math.log10(math.pi)
    return power(10.0, _spaced("logspace", a, b, n))


def meshgrid(x: Any, y: Any = None, z: Any = None, *, nargout: int | None = None) -> Any:
    """Coordinates of the points of a grid: ``x`` runs along the rows, ``y`` along the columns.

    Args:
        x: A vector without labels, a dlarray or plain (dlarrays if any is one).
        y: Likewise; by default ``x``.
        z: Likewise, for a grid in three dimensions.
        nargout: Number of outputs: by default 2, or 3 if ``z`` is given (or for x, y = z = x).

    Returns:
        The arrays X, Y (and Z) of size ``numel(y) x numel(x)`` (``x numel(z)``).

    Raises:
        FormatError: Labels, or an argument that is no vector.

    Example:
        >>> X, Y = meshgrid([1, 2, 3], [10, 20])
        >>> X.tolist(), Y.tolist()
        ([[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]], [[10.0, 10.0, 10.0], [20.0, 20.0, 20.0]])

    Source:
        https://www.mathworks.com/help/matlab/ref/meshgrid.html
    """
    count = nargout or (2 if z is None else 3)
    outputs("meshgrid", count, (1, 2, 3) if z is not None or y is None else (1, 2))
    vectors = [x, x if y is None else y]
    if z is not None or count == 3:
        vectors.append(x if z is None else z)
    places = (1, 0, 2)[: len(vectors)]
    return _grid("meshgrid", vectors, places, count)


def ndgrid(*x: Any, nargout: int | None = None) -> Any:
    """Coordinates of the points of a grid: the first vector runs along dimension 1, and so on.

    Args:
        *x: Vectors without labels, dlarrays or plain (the result is dlarrays if any is one); a
            single one stands for all dimensions.
        nargout: Number of outputs, by default as many as vectors (2 for a single one).

    Returns:
        As many arrays as there are dimensions.

    Raises:
        FormatError: Labels, or an argument that is no vector.

    Example:
        >>> X, Y = ndgrid([1, 2], [10, 20, 30])
        >>> X.tolist(), Y.tolist()
        ([[1.0, 1.0, 1.0], [2.0, 2.0, 2.0]], [[10.0, 20.0, 30.0], [10.0, 20.0, 30.0]])

    Source:
        https://www.mathworks.com/help/matlab/ref/ndgrid.html
    """
    if not x:
        raise OptionError("ndgrid: the vectors are missing.", fix="For example ndgrid(x, y).")
    count = nargout or max(2, len(x))
    if len(x) > 1:
        outputs("ndgrid", count, range(1, len(x) + 1))
    vectors = [*x] if len(x) > 1 else [*x] * max(2, count)
    return _grid("ndgrid", vectors, tuple(range(len(vectors))), count)


def _grid(name: str, given: list[Any], places: tuple[int, ...], count: int) -> Any:
    """Each vector spread along the others; vector ``i`` runs along dimension ``places[i]``."""
    vectors = [unlabelled(name, v, f"vector {i + 1}") for i, v in enumerate(given)]
    if any(sum(n != 1 for n in V.shape) > 1 for V in vectors):
        raise FormatError(
            f"{name}: a grid is spanned by vectors.",
            got={f"vector {i + 1}": labels.show(V.shape) for i, V in enumerate(vectors)},
        )
    shape = [0] * len(vectors)
    for V, place in zip(vectors, places, strict=True):
        shape[place] = V.size

    def spread(place: int) -> Any:
        line = [n if axis == place else 1 for axis, n in enumerate(shape)]
        return lambda v: jnp.broadcast_to(v.reshape(line), shape)

    grids = [
        apply(name, spread(p), [V], "", mix=False) for V, p in zip(vectors, places, strict=True)
    ][:count]
    plain_rank = np.zeros((1, 1))
    found = tuple(given_back(G, plain_rank, *given) for G in grids)
    return found[0] if count == 1 else found
