"""Smallest and largest elements at once, their distance, and numbers kept between two ends."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from .._errors import OptionError
from .._numbers import Raw, is_known
from ..dlarray import extractdata, implements
from ._align import broadcast
from ._elementwise import minus
from ._extrema import extremum, refuse_complex
from ._options import outputs


def bounds(X: Any, dim: Any = None, *options: Any, nargout: int = 1) -> Any:
    """Smallest and largest elements.

    Args:
        X: A dlarray, or plain numbers (for which the results are plain).
        dim: Dimension number from 1 on, several of them, or "all". By default the first dimension
            whose size is not 1.
        *options: "omitnan" (default) or "includenan", as for `max`.
        nargout: 1 gives the smallest only, 2 both.

    Returns:
        The smallest elements, or the smallest and the largest ones.

    Example:
        >>> S, L = bounds([3.0, 1.0, 2.0], nargout=2)
        >>> print(S, L)
        1.0 3.0

    Source:
        https://www.mathworks.com/help/matlab/ref/bounds.html
    """
    outputs("bounds", nargout, (1, 2))
    smallest = extremum("bounds", -1, X, None, (dim, *options), 1)
    if nargout == 1:
        return smallest
    return smallest, extremum("bounds", 1, X, None, (dim, *options), 1)


def range_(X: Any, dim: Any = None) -> Any:
    """Largest minus smallest element (MATLAB's ``range``; the underscore keeps Python's name free).

    Args:
        X: A dlarray, or plain numbers (for which the result is plain). NaN is left out.
        dim: Dimension number from 1 on, several of them, or "all". By default the first dimension
            whose size is not 1.

    Returns:
        An array with the labels of ``X``, of size 1 in the reduced dimensions.

    Example:
        >>> print(range_([3.0, 1.0, 2.0]))
        2.0

    Source:
        https://www.mathworks.com/help/stats/range.html
    """
    least, most = (extremum("range", sign, X, None, (dim,), 1) for sign in (-1, 1))
    return minus(most, least)


def clip(X: Any, lower: Any, upper: Any) -> Any:
    """Numbers limited to a range: those outside become its nearest end.

    Args:
        X: A dlarray (labels stay, operands line up by label) or plain numbers. NaN stays.
        lower: The lower end, an array that lines up with ``X``.
        upper: The upper end, likewise.

    Returns:
        The same kind of array. The derivative goes to ``X`` within the range (ends included), else
        to the end that was taken.

    Raises:
        OptionError: The lower end is above the upper one; complex numbers.

    Example:
        >>> clip([-2.0, 0.5, 7.0], 0, 1).tolist()
        [0.0, 0.5, 1.0]

    Source:
        https://www.mathworks.com/help/matlab/ref/clip.html
    """
    ends = [np.asarray(e) for e in map(extractdata, (lower, upper)) if is_known(e)]
    if len(ends) == 2 and all(e.size == 1 for e in ends) and ends[0].item() > ends[1].item():
        raise OptionError(
            "clip: the lower end is above the upper end.", got={"lower": lower, "upper": upper}
        )

    def kernel(x: Raw, low: Raw, high: Raw) -> Raw:
        refuse_complex("clip", x)
        return jnp.where(x < low, low, jnp.where(x > high, high, x))

    return broadcast("clip", kernel, X, lower, upper)


implements(np.clip)(clip)
