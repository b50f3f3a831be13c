"""The verbs that datastores and mini-batch queues share; each calls the object's own method."""

from __future__ import annotations

import builtins
from typing import Any

from .._errors import OptionError
from .._numbers import describe
from ._datastore import part, shuffled


def hasdata(ds: Any) -> bool:
    """Whether a datastore or `minibatchqueue` has data left.

    Args:
        ds: A datastore or minibatchqueue.

    Example:
        >>> from dltk.data import arrayDatastore
        >>> ds = arrayDatastore([1.0, 2.0])
        >>> data = read(ds)
        >>> hasdata(ds)
        True

    Source:
        https://www.mathworks.com/help/deeplearning/ref/minibatchqueue.hasdata.html
    """
    return _method(ds, "hasdata")()


def reset(ds: Any) -> None:
    """Go back to the first observation of a datastore or `minibatchqueue`.

    A shuffled queue returns to the order that the datastore had before.

    Args:
        ds: A datastore or minibatchqueue.

    Example:
        >>> from dltk.data import arrayDatastore
        >>> ds = arrayDatastore([1.0, 2.0])
        >>> data = readall(ds)
        >>> reset(ds)
        >>> hasdata(ds)
        True

    Source:
        https://www.mathworks.com/help/deeplearning/ref/minibatchqueue.reset.html
    """
    _method(ds, "reset")()


def shuffle(ds: Any) -> Any:
    """Put the observations into random order.

    A `minibatchqueue` is shuffled in place and starts at its first mini-batch again. Of a datastore
    a new, shuffled one is returned; the parts of a combined datastore stay in step. The order comes
    from the generator that ``rng`` seeds.

    Args:
        ds: A datastore or minibatchqueue.

    Raises:
        OptionError: A datastore of your own without the methods that shuffling needs.

    Example:
        >>> from dltk.data import arrayDatastore
        >>> ds = shuffle(arrayDatastore([3.0, 1.0, 2.0]))
        >>> sorted(float(x) for (x,) in readall(ds))
        [1.0, 2.0, 3.0]

    Source:
        https://www.mathworks.com/help/deeplearning/ref/minibatchqueue.shuffle.html
    """
    _method(ds, "hasdata", who="shuffle")
    return shuffled(ds)


def partition(ds: Any, numParts: int, indx: int) -> Any:
    """One of several parts of a datastore or `minibatchqueue`.

    Parts are consecutive and differ by at most one observation in length. A part of a shuffled
    queue is cut from the shuffled order; shuffling a part shuffles only that part.

    Args:
        ds: A datastore or minibatchqueue.
        numParts: Number of parts.
        indx: Which part, from 1.

    Raises:
        OptionError: No such part, or a datastore that cannot be divided.

    Example:
        >>> from dltk.data import arrayDatastore
        >>> readall(partition(arrayDatastore([1, 2, 3, 4, 5], OutputType="same"), 2, 2))
        [4, 5]

    Source:
        https://www.mathworks.com/help/deeplearning/ref/minibatchqueue.partition.html
    """
    _method(ds, "hasdata", who="partition")
    return part(ds, numParts, indx)


def read(ds: Any, *, nargout: int = 1) -> Any:
    """The next ``ReadSize`` observations of a datastore.

    Args:
        ds: A datastore.
        nargout: 2 for the data and a dict with information about the read.

    Raises:
        StateError: No data left.

    Example:
        >>> import numpy as np
        >>> from dltk.data import arrayDatastore
        >>> read(arrayDatastore(np.array([[1.0, 2.0], [3.0, 4.0]])))
        [array([[1., 2.]])]

    Source:
        https://www.mathworks.com/help/matlab/ref/matlab.io.datastore.read.html
    """
    method = _method(ds, "read")
    return method() if nargout == 1 else method(nargout=nargout)


def readall(ds: Any) -> Any:
    """All observations of a datastore; its reading position stays.

    Args:
        ds: A datastore.

    Example:
        >>> from dltk.data import arrayDatastore
        >>> len(readall(arrayDatastore([1.0, 2.0, 3.0])))
        3

    Source:
        https://www.mathworks.com/help/matlab/ref/matlab.io.datastore.readall.html
    """
    return _method(ds, "readall")()


def preview(ds: Any) -> Any:
    """The first eight observations of a datastore; its reading position stays.

    Args:
        ds: A datastore.

    Example:
        >>> from dltk.data import arrayDatastore
        >>> len(preview(arrayDatastore([float(k) for k in range(20)])))
        8

    Source:
        https://www.mathworks.com/help/matlab/ref/matlab.io.datastore.preview.html
    """
    return _method(ds, "preview")()


def subset(ds: Any, indices: Any) -> Any:
    """A new datastore with some of the observations.

    Args:
        ds: A datastore.
        indices: Python's numbers of the observations (from 0), in the wanted order, or a mask.

    Example:
        >>> from dltk.data import arrayDatastore
        >>> readall(subset(arrayDatastore(["a", "b", "c"], OutputType="same"), [2, 0]))
        ['c', 'a']

    Source:
        https://www.mathworks.com/help/matlab/ref/matlab.io.datastore.subset.html
    """
    return _method(ds, "subset")(indices)


def numobservations(ds: Any) -> int:
    """How many observations a datastore has, read or not.

    Args:
        ds: A datastore.

    Example:
        >>> from dltk.data import arrayDatastore
        >>> numobservations(arrayDatastore([1.0, 2.0, 3.0]))
        3

    Source:
        https://www.mathworks.com/help/matlab/ref/matlab.io.datastore.numobservations.html
    """
    return _method(ds, "numobservations")()


def next(mbq: Any, *default: Any) -> Any:
    """The next mini-batch of a `minibatchqueue`.

    Of anything else than a queue it is Python's own ``next``, so importing this one does no harm.

    Args:
        mbq: A minibatchqueue.
        *default: For iterators: what to return at the end.

    Returns:
        The output of the queue, or a tuple of its outputs if it has several.

    Raises:
        StateError: The end of the data is reached.

    Example:
        >>> import numpy as np
        >>> from dltk.data import arrayDatastore, minibatchqueue
        >>> X = np.arange(6.0).reshape(3, 2)
        >>> mbq = minibatchqueue(arrayDatastore(X), MiniBatchSize=2, MiniBatchFormat="BC")
        >>> next(mbq)
          2(C) × 2(B) single dlarray
        <BLANKLINE>
             0     2
             1     3

    Source:
        https://www.mathworks.com/help/deeplearning/ref/minibatchqueue.next.html
    """
    if hasattr(mbq, "next"):
        return mbq.next()
    return builtins.next(mbq, *default)


def _method(ds: Any, name: str, who: str = "") -> Any:
    if isinstance(ds, type) or not hasattr(ds, name):
        raise OptionError(
            f"{who or name}: {describe(ds)} has no method {name}.",
            fix="Pass a datastore (arrays go into an arrayDatastore) or a minibatchqueue.",
        )
    return getattr(ds, name)
