"""Arrays where a datastore is expected: put into one, cut where their observations are."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._errors import OptionError
from .._labels import show
from ..dlarray import dlarray
from ._array_datastore import arrayDatastore
from ._categorical import categorical
from ._combine import combine
from ._iterable import is_source, iterable_datastore
from ._reading import check_datastore


def as_datastore(ds: Any, formats: Any) -> Any:
    """``ds``, or a datastore of the arrays that it is.

    Args:
        ds: A datastore, an array, a categorical, a list, or a tuple of these, one per variable; or
            a Python source of observations, see `iterable_datastore`.
        formats: Labels of the mini-batches, one for all or one per variable. An observation is cut
            where the label "B" stands.
    """
    if not (isinstance(ds, (tuple, list)) or _is_array(ds)):
        source = iterable_datastore(ds) if is_source(ds) else ds
        return check_datastore(source, "minibatchqueue")
    arrays = ds if isinstance(ds, tuple) else (ds,)
    labels = [formats] if isinstance(formats, str) else list(formats)
    labels = labels * len(arrays) if len(labels) == 1 else labels
    labels += [""] * (len(arrays) - len(labels))
    parts = [_in_datastore(A, fmt) for A, fmt in zip(arrays, labels, strict=False)]
    return parts[0] if len(parts) == 1 else combine(*parts)


def _is_array(A: Any) -> bool:
    known = isinstance(A, (np.ndarray, dlarray, categorical))
    return known or (hasattr(A, "__array__") and not hasattr(A, "read"))


def _in_datastore(A: Any, fmt: str) -> arrayDatastore:
    if isinstance(A, list):
        return arrayDatastore(A, OutputType="same")
    if not _is_array(A):
        check_datastore(A, "minibatchqueue")
    fmt = fmt or getattr(A, "dims", "")
    sizes = tuple(A.shape)
    if "B" in fmt:
        return arrayDatastore(A, IterationDimension=min(fmt.index("B") + 1, max(len(sizes), 1)))
    long = [dim for dim, n in enumerate(sizes, 1) if n != 1]
    if len(sizes) == 2 and len(long) == 2:
        raise OptionError(
            "minibatchqueue: either the rows or the columns of a matrix may be its observations.",
            got={"data": show(sizes)},
            fix="Write arrayDatastore(X, IterationDimension=1) for rows, 2 for columns.",
        )
    last = long[0] if len(sizes) == 2 and long else max(len(sizes), 1)
    return arrayDatastore(A, IterationDimension=last)
