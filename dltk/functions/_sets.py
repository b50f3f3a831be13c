"""Values as sets: which are there, and whether one is among them. Words are values, too."""

from __future__ import annotations

from typing import Any, Literal

import jax.numpy as jnp
import numpy as np

from .._errors import OptionError
from .._numbers import DOUBLE, Raw
from ..dlarray import apply, dlarray, logical, unformatted
from ._dimensions import handed_back, operand
from ._options import outputs, word
from ._shape import refuse_no_array


def unique(A: Any, order: Literal["sorted", "stable"] = "sorted", *, nargout: int = 1) -> Any:
    """The different values of an array, each once.

    Their number depends on the values, so these must be known: a function that calls ``unique`` on
    what it computes is not compiled by `dlfeval`.

    Args:
        A: A dlarray, a plain array, or a list of words.
        order: "sorted", or "stable" for the order in which they come first.
        nargout: 2 gives where each value comes first, 3 also which value each element has.

    Returns:
        The values C in a row for a row ``A``, else in a column; NaNs are all different. A dlarray
        (unformatted, traced if ``A`` is) or plain as ``A`` is. With more outputs positions from 1
        on, whole numbers: ``ia`` and ``ic`` with ``C == A[ia - 1]`` and ``A[:] == C[ic - 1]``.

    Example:
        >>> unique([3, 1, 3, 2])
        array([1, 2, 3])
        >>> C, ia, ic = unique(["b", "a", "b"], "stable", nargout=3)
        >>> C.tolist(), ia.tolist(), ic.tolist()
        (['b', 'a'], [1, 2], [1, 2, 1])

    Source:
        https://www.mathworks.com/help/matlab/ref/double.unique.html
    """
    outputs("unique", nargout, (1, 2, 3))
    stable = word("unique", "order", order, ["sorted", "stable"]) == "stable"
    refuse_no_array("unique", A)
    values = np.asarray(logical(A) if isinstance(A, dlarray) else A)  # JAX refuses unknown values
    flat = values.reshape(-1, order="F")
    _, first, member = np.unique(flat, return_index=True, return_inverse=True, equal_nan=False)
    if stable:
        rank = np.argsort(first)
        first, member = first[rank], np.argsort(rank)[member]
    shape = values.shape if values.ndim > 1 else (1, values.size)
    row = len(shape) == 2 and shape[0] == 1
    lies = (-1,) if values.ndim < 2 else (1, -1) if row else (-1, 1)
    places = first.reshape(lies)
    found = unformatted(A)[places] if isinstance(A, dlarray) else flat[places]
    results = (found, places + 1, member.reshape((-1,) if values.ndim < 2 else (-1, 1)) + 1)
    return results[0] if nargout == 1 else results[:nargout]


def ismember(A: Any, B: Any, *, nargout: int = 1) -> Any:
    """Whether elements are among those of another array.

    Args:
        A: A dlarray (labels stay), a plain array, a word or a list of words.
        B: Where to look: likewise.
        nargout: 2 gives the positions in ``B``, too.

    Returns:
        Truth values as large as ``A``; a NaN is no member. With ``nargout=2`` also the first
        position from 1 on in ``B``, 0 for none. Of a dlarray these are dlarrays without derivative.

    Raises:
        OptionError: Words compared with numbers.

    Example:
        >>> ismember([1, 5, 2], [2, 1])
        array([ True, False,  True])
        >>> ismember("relu", ["tanh", "relu"])
        np.True_

    Source:
        https://www.mathworks.com/help/matlab/ref/double.ismember.html
    """
    outputs("ismember", nargout, (1, 2))
    words = [not isinstance(x, dlarray) and np.asarray(x).dtype.kind in "US" for x in (A, B)]
    if any(words):
        if not all(words) and 0 not in (np.size(np.asarray(A)), np.size(np.asarray(B))):
            raise OptionError(
                "ismember: words can only be among words.",
                got={"A": repr(A), "B": repr(B)},
            )
        found = _place_of_words(np.asarray(A), np.asarray(B))
        return found > 0 if nargout == 1 else (found > 0, found)
    X, S = operand(A, "ismember"), unformatted(operand(B, "ismember"), "ismember")

    def run(x: Raw, s: Raw) -> tuple[Raw, Raw]:
        s = jnp.ravel(jnp.asarray(s), order="F")
        if not s.size:
            return jnp.zeros(x.shape, bool), jnp.zeros(x.shape, DOUBLE)
        order = jnp.argsort(s, stable=True)
        at = jnp.clip(jnp.searchsorted(s[order], x), 0, s.size - 1)
        there = s[order][at] == x
        return there, jnp.where(there, order[at] + 1, 0).astype(DOUBLE)

    there, place = apply("ismember", run, [X, S], (X.dims, X.dims))
    if isinstance(B, dlarray) and not isinstance(A, dlarray):
        return there if nargout == 1 else (there, place)
    there = handed_back(there, A)
    return there if nargout == 1 else (there, handed_back(place, A))


def _place_of_words(A: np.ndarray, B: np.ndarray) -> Any:
    """First position from 1 on, 0 for none."""
    known: dict[str, int] = {}
    for place, value in enumerate(B.reshape(-1, order="F").tolist()):
        known.setdefault(value, place + 1)
    places = np.array([known.get(value, 0) for value in A.ravel().tolist()], dtype=np.int64)
    return places.reshape(A.shape)[()]
