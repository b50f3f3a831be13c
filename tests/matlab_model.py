"""A slow model of MATLAB's labelled arrays, to compare dltk with.

An array is a dictionary from subscripts (from 0) to values, with a list of sizes and a string of
labels ("" for none). Everything is loops over subscripts, first dimension fastest; no array library
and no code of dltk takes part, except for reading values in and out. The rules are those of
MATLAB's documentation of dlarray.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

ORDER = "SCBTU"


class Refused(Exception):
    """MATLAB would raise an error."""


@dataclass
class Model:
    sizes: list[int]
    fmt: str
    cells: dict[tuple[int, ...], float]

    @property
    def rank(self) -> int:
        return len(self.sizes)

    def values(self) -> np.ndarray:
        """As a NumPy array, dimensions as MATLAB shows them."""
        out = np.zeros(self.sizes)
        for index, value in self.cells.items():
            out[index] = value
        return out

    def list(self) -> list[float]:
        """The elements in column-major order."""
        return [self.cells[index] for index in subscripts(self.sizes)]


def subscripts(sizes):
    """All subscripts, the first fastest."""
    if 0 in sizes:
        return
    index = [0] * len(sizes)
    while True:
        yield tuple(index)
        for axis, n in enumerate(sizes):
            index[axis] += 1
            if index[axis] < n:
                break
            index[axis] = 0
        else:
            return


def from_list(values, sizes, fmt=""):
    """From elements in column-major order."""
    return trimmed(Model(list(sizes), fmt, dict(zip(subscripts(sizes), values, strict=True))))


def trimmed(m):
    """Without trailing singletons beyond the second dimension, unless their label counts."""
    while m.rank > 2 and m.sizes[-1] == 1 and (not m.fmt or m.fmt[-1] == "U"):
        cells = {index[:-1]: value for index, value in m.cells.items()}
        m = Model(m.sizes[:-1], m.fmt[:-1], cells)
    return m


def make(array, fmt=""):
    """dlarray(array, fmt)."""
    array = np.asarray(array)
    array = array.reshape((1,) * (2 - array.ndim) + array.shape)
    m = trimmed(Model(list(array.shape), "", {i: float(array[i]) for i in np.ndindex(array.shape)}))
    return label(m, fmt) if fmt else m


def label(m, fmt):
    """New labels, read against the dimensions as they stand."""
    m = strip(m)
    for letter in "CBT":
        if fmt.count(letter) > 1:
            raise Refused
    if len(fmt) == 1:
        if len([n for n in m.sizes if n != 1]) > 1:
            raise Refused
        m, fmt = from_list(m.list(), [math.prod(m.sizes), 1]), fmt + "U"
    if len(fmt) < m.rank:
        raise Refused
    m = padded(m, len(fmt))
    order = [axis for letter in ORDER for axis in range(len(fmt)) if fmt[axis] == letter]
    return trimmed(moved(m, order, "".join(fmt[axis] for axis in order)))


def strip(m):
    return trimmed(Model(list(m.sizes), "", dict(m.cells)))


def padded(m, rank):
    """With trailing singletons up to a rank (U dimensions if there are labels)."""
    more = rank - m.rank
    cells = {index + (0,) * more: value for index, value in m.cells.items()}
    return Model(m.sizes + [1] * more, m.fmt and m.fmt + "U" * more, cells)


def moved(m, order, fmt):
    """Dimension i of the result is dimension order[i]."""
    cells = {tuple(index[axis] for axis in order): value for index, value in m.cells.items()}
    return Model([m.sizes[axis] for axis in order], fmt, cells)


def spread(m, fmt):
    """With the labels ``fmt``: what is missing is added at the end of each label's block."""
    sizes, places, used = [], [], 0
    for letter in ORDER:
        have, wanted = m.fmt.count(letter), fmt.count(letter)
        places += range(len(sizes), len(sizes) + have)
        sizes += m.sizes[used : used + have] + [1] * (wanted - have)
        used += have
    cells = {}
    for index, value in m.cells.items():
        full = [0] * len(sizes)
        for place, i in zip(places, index, strict=True):
            full[place] = i
        cells[tuple(full)] = value
    return Model(sizes, fmt, cells)


def elementwise(function, a, b):
    """function(a, b) with MATLAB's implicit expansion."""
    if a.fmt and b.fmt:
        fmt = "".join(letter * max(a.fmt.count(letter), b.fmt.count(letter)) for letter in ORDER)
        a, b = spread(a, fmt), spread(b, fmt)
    else:
        rank = max(a.rank, b.rank)
        a, b = padded(a, rank), padded(b, rank)
        fmt = a.fmt or b.fmt
    sizes = []
    for m, n in zip(a.sizes, b.sizes, strict=True):
        if m != n and 1 not in (m, n):
            raise Refused
        sizes.append(n if m == 1 else m)
    cells = {}
    for index in subscripts(sizes):
        at = [
            tuple(i if n != 1 else 0 for i, n in zip(index, m.sizes, strict=True)) for m in (a, b)
        ]
        cells[index] = function(a.cells[at[0]], b.cells[at[1]])
    return trimmed(Model(sizes, fmt, cells))


def reduce(function, m, axes):
    """function(list of elements, first dimension fastest) over dimensions (from 0)."""
    sizes = [1 if axis in axes else n for axis, n in enumerate(m.sizes)]
    groups = {index: [] for index in subscripts(sizes)}
    for index in subscripts(m.sizes):
        groups[tuple(0 if axis in axes else i for axis, i in enumerate(index))].append(
            m.cells[index]
        )
    return trimmed(Model(sizes, m.fmt, {index: function(group) for index, group in groups.items()}))


def along(function, m, axis):
    """function(list) -> list of the same length, along one dimension."""
    cells = {}
    lines = [n if a != axis else 1 for a, n in enumerate(m.sizes)]
    for start in subscripts(lines):
        line = [(*start[:axis], i, *start[axis + 1 :]) for i in range(m.sizes[axis])]
        cells.update(zip(line, function([m.cells[i] for i in line]), strict=True))
    return Model(list(m.sizes), m.fmt, cells)


# Subscripts. A subscript is ":" or a list of positions.


def _resolved(subs, sizes):
    return [range(n) if sub == ":" else list(sub) for sub, n in zip(subs, sizes, strict=True)]


def merged(m, count):
    """The last dimensions as one, so that ``count`` remain; without labels."""
    sizes = [*m.sizes[: count - 1], math.prod(m.sizes[count - 1 :])]
    return Model(sizes, "", dict(zip(subscripts(sizes), m.list(), strict=True)))


def select(m, subs):
    """m(s1, ..., sn) for n > 1."""
    m = merged(m, len(subs)) if len(subs) < m.rank else padded(m, len(subs))
    return trimmed(_grid(m, _resolved(subs, m.sizes)))


def _grid(m, places):
    sizes = [len(p) for p in places]
    cells = {
        index: m.cells[tuple(p[i] for p, i in zip(places, index, strict=True))]
        for index in subscripts(sizes)
    }
    return Model(sizes, m.fmt, cells)


def select_linear(m, places, shape):
    """m(k); ``shape`` is that of k, None for a colon."""
    m = strip(m)
    values = m.list()
    picked = values if shape is None else [values[p] for p in places]
    if shape is None:
        return from_list(picked, [len(picked), 1])
    if _is_vector(m.sizes) and len(shape) == 2 and 1 in shape:
        shape = [1, len(picked)] if m.sizes[0] == 1 else [len(picked), 1]
    return from_list(picked, shape)


def _is_vector(sizes):
    return len(sizes) == 2 and 1 in sizes and sizes != [1, 1]


def assign(m, subs, right):
    """m(s1, ..., sn) = right for n >= the number of dimensions; grows with zeros."""
    m = padded(m, len(subs))
    places = _resolved(subs, m.sizes)
    sizes = [max([n, *(i + 1 for i in p)]) for p, n in zip(places, m.sizes, strict=True)]
    cells = {index: m.cells.get(index, 0.0) for index in subscripts(sizes)}
    counts = [len(p) for p in places]
    values = right.list()
    if len(values) == 1:
        values = values * math.prod(counts)
    elif [n for n in right.sizes if n != 1] != [n for n in counts if n != 1]:
        raise Refused
    for index, value in zip(subscripts(counts), values, strict=True):
        cells[tuple(p[i] for p, i in zip(places, index, strict=True))] = value
    return trimmed(Model(sizes, m.fmt, cells))


def assign_linear(m, places, right):
    """m(k) = right; only a vector grows."""
    count, last = math.prod(m.sizes), max([-1, *places]) + 1
    sizes = list(m.sizes)
    if last > count:
        if not (m.rank == 2 and (1 in sizes or sizes == [0, 0])):
            raise Refused
        sizes = [last, 1] if sizes[1] == 1 and sizes[0] != 1 else [1, last]
    values = m.list() + [0.0] * (math.prod(sizes) - count)
    given = right.list()
    if len(given) not in (1, len(places)):
        raise Refused
    for i, place in enumerate(places):
        values[place] = given[i % len(given)]
    return from_list(values, sizes, m.fmt)


def delete(m, subs):
    """m(s1, ..., sn) = [] where at most one subscript is not a colon."""
    m = merged(m, len(subs)) if len(subs) < m.rank else padded(m, len(subs))
    places = _resolved(subs, m.sizes)
    partial = [a for a, (p, n) in enumerate(zip(places, m.sizes, strict=True)) if len(set(p)) != n]
    if len(partial) > 1:
        raise Refused
    axis = partial[0] if partial else 0
    keep = [range(n) for n in m.sizes]
    keep[axis] = [i for i in range(m.sizes[axis]) if i not in places[axis]]
    return trimmed(_grid(m, keep))


def delete_linear(m, places):
    """m(k) = []: a matrix becomes a row."""
    m = strip(m)
    values = [v for i, v in enumerate(m.list()) if i not in places]
    column = _is_vector(m.sizes) and m.sizes[1] == 1
    return from_list(values, [len(values), 1] if column else [1, len(values)])


# Other shapes


def reshape(m, sizes):
    return from_list(m.list(), sizes)


def permute(m, order):
    """Dimension i of the result is order[i] (from 0)."""
    if m.fmt and (
        len(order) > m.rank or any(m.fmt[a] != "U" for i, a in enumerate(order) if i != a)
    ):
        raise Refused
    return trimmed(moved(padded(m, len(order)), order, m.fmt))


def squeeze(m):
    keep = [axis for axis, n in enumerate(m.sizes) if n != 1]
    if m.rank == 2 or all(n == 1 for n in m.sizes[2:]):
        keep = [0, 1]
    sizes = [m.sizes[axis] for axis in keep]
    fmt = "".join(m.fmt[axis] for axis in keep) if m.fmt else ""
    if len(sizes) == 1:
        sizes, fmt = [*sizes, 1], fmt and fmt + "U"
    return from_list(m.list(), sizes, fmt)


def repmat(m, times):
    rank = max(m.rank, len(times))
    m, times = padded(m, rank), list(times) + [1] * (rank - len(times))
    sizes = [n * t for n, t in zip(m.sizes, times, strict=True)]
    cells = {
        i: m.cells[tuple(a % n for a, n in zip(i, m.sizes, strict=True))] for i in subscripts(sizes)
    }
    return trimmed(Model(sizes, m.fmt, cells))


def repelem(m, times):
    m = padded(m, max(m.rank, len(times)))
    times = list(times) + [1] * (m.rank - len(times))
    sizes = [n * t for n, t in zip(m.sizes, times, strict=True)]
    cells = {
        i: m.cells[tuple(a // t for a, t in zip(i, times, strict=True))] for i in subscripts(sizes)
    }
    return trimmed(Model(sizes, m.fmt, cells))


def cat(axis, models):
    """Along a dimension (from 0)."""
    formats = {m.fmt for m in models if m.fmt}  # further U dimensions of size 1 always exist
    if len({fmt.rstrip("U") for fmt in formats}) > 1:
        raise Refused
    fmt = max(formats, key=len, default="")
    rank = max([axis + 1, len(fmt), *(m.rank for m in models)])
    models = [padded(Model(m.sizes, "", m.cells), rank) for m in models]
    first = models[0]
    cells, at = {}, 0
    for m in models:
        if any(
            n != k for a, (n, k) in enumerate(zip(m.sizes, first.sizes, strict=True)) if a != axis
        ):
            raise Refused
        for index, value in m.cells.items():
            cells[(*index[:axis], index[axis] + at, *index[axis + 1 :])] = value
        at += m.sizes[axis]
    sizes = [*first.sizes[:axis], at, *first.sizes[axis + 1 :]]
    return trimmed(Model(sizes, fmt and fmt + "U" * (rank - len(fmt)), cells))
