"""What a datastore can do, asked before it is tried."""

from __future__ import annotations

from typing import Any


def isShuffleable(ds: Any) -> bool:
    """Whether `shuffle` works on a datastore.

    Args:
        ds: A datastore.

    Example:
        >>> from dltk.data import arrayDatastore
        >>> isShuffleable(arrayDatastore([1.0, 2.0]))
        True

    Source:
        https://www.mathworks.com/help/matlab/ref/matlab.io.datastore.isshuffleable.html
    """
    return hasattr(ds, "shuffle") or isSubsettable(ds)


def isPartitionable(ds: Any) -> bool:
    """Whether `partition` works on a datastore.

    Args:
        ds: A datastore.

    Example:
        >>> from dltk.data import arrayDatastore
        >>> isPartitionable(arrayDatastore([1.0, 2.0]))
        True

    Source:
        https://www.mathworks.com/help/matlab/ref/matlab.io.datastore.ispartitionable.html
    """
    return hasattr(ds, "partition") or isSubsettable(ds)


def isSubsettable(ds: Any) -> bool:
    """Whether `subset` works on a datastore, and on all the datastores that it is made of.

    Args:
        ds: A datastore.

    Example:
        >>> from dltk.data import iterable_datastore
        >>> isSubsettable(iterable_datastore(lambda: iter([1, 2, 3])))
        False

    Source:
        https://www.mathworks.com/help/matlab/ref/matlab.io.datastore.issubsettable.html
    """
    parts = [*getattr(ds, "UnderlyingDatastores", ())]
    if hasattr(ds, "UnderlyingDatastore"):
        parts.append(ds.UnderlyingDatastore)
    return (
        hasattr(ds, "subset")
        and hasattr(ds, "numobservations")
        and all(isSubsettable(part) for part in parts)
    )
