"""Data formats as strings: the whole algebra of labels, apart from any array.

A format has one letter per dimension: S spatial, C channel, B batch, T time, U unspecified. To the
user dimensions stand in *logical* order (S, C, B, T, U, as MATLAB shows them). In memory a
formatted array lies in *stored* order (T, B, U, S, C), in which XLA convolves, normalizes and scans
without transposing. Both orders follow from the format alone, and only this file knows them. An
unformatted array has the format "" and lies as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from ._errors import FormatError

LOGICAL_ORDER = "SCBTU"
STORED_ORDER = "TBUSC"
ONCE = "CBT"

MEANING = "S (spatial), C (channel), B (batch), T (time), U (unspecified)"


def check(fmt: str, who: str = "dlarray") -> str:
    """Return ``fmt``; refuse unknown letters and a second C, B or T.

    >>> check("SSCB")
    'SSCB'
    """
    for letter in fmt:
        if letter not in LOGICAL_ORDER:
            raise FormatError(
                f'{who}: "{letter}" is not a dimension label.',
                got={"format": f'"{fmt}"'},
                fix=f"Labels are {MEANING}, one letter per dimension.",
            )
    for letter in ONCE:
        if fmt.count(letter) > 1:
            raise FormatError(
                f'{who}: the label "{letter}" stands {fmt.count(letter)} times.',
                got={"format": f'"{fmt}"'},
                fix="C, B and T may stand once; S and U as often as needed.",
            )
    return fmt


@lru_cache(maxsize=4096)
def arrange(fmt: str) -> tuple[str, tuple[int, ...]]:
    """Sort a format into logical order; also the permutation of the axes.

    >>> arrange("TSS")
    ('SST', (1, 2, 0))
    """
    axes = sorted(range(len(fmt)), key=lambda axis: LOGICAL_ORDER.index(fmt[axis]))
    return "".join(fmt[axis] for axis in axes), tuple(axes)


@lru_cache(maxsize=4096)
def stored_axes(fmt: str) -> tuple[int, ...]:
    """Axes of the logical array in the order in which they are stored.

    ``stored = logical.transpose(stored_axes(fmt))``.

    >>> stored_axes("SSCB")
    (3, 0, 1, 2)
    """
    return tuple(sorted(range(len(fmt)), key=lambda axis: STORED_ORDER.index(fmt[axis])))


@lru_cache(maxsize=4096)
def logical_axes(fmt: str) -> tuple[int, ...]:
    """Inverse of `stored_axes`: ``logical = stored.transpose(logical_axes(fmt))``.

    >>> logical_axes("SSCB")
    (1, 2, 3, 0)
    """
    stored = stored_axes(fmt)
    return tuple(stored.index(axis) for axis in range(len(fmt)))


def find(fmt: str, labels: str) -> tuple[int, ...]:
    """Positions (from 0, logical order) of all dimensions whose label is one of ``labels``.

    >>> find("SSCB", "S"), find("SSCB", "T")
    ((0, 1), ())
    """
    return tuple(axis for axis, letter in enumerate(fmt) if letter in labels)


def find_stored(fmt: str, labels: str) -> tuple[int, ...]:
    """Positions of the same dimensions in the stored array.

    >>> find_stored("SSCB", "S"), find_stored("SSCB", "C")
    ((1, 2), (3,))
    """
    position = logical_axes(fmt)
    return tuple(position[axis] for axis in find(fmt, labels))


def stored_letters(fmt: str) -> str:
    """The letters in stored order.

    >>> stored_letters("SSCBT")
    'TBSSC'
    """
    return "".join(fmt[axis] for axis in stored_axes(fmt))


def to_logical(fmt: str, stored_shape: Sequence[int]) -> tuple[int, ...]:
    """Sizes as the user sees them, from the sizes in memory.

    >>> to_logical("SSCB", (128, 28, 27, 1))
    (28, 27, 1, 128)
    """
    return tuple(stored_shape[axis] for axis in logical_axes(fmt)) if fmt else tuple(stored_shape)


def to_stored(fmt: str, shape: Sequence[int]) -> tuple[int, ...]:
    """Sizes in memory, from the sizes the user sees."""
    return tuple(shape[axis] for axis in stored_axes(fmt)) if fmt else tuple(shape)


def trim(fmt: str, shape: Sequence[int]) -> str:
    """Drop trailing U labels of size 1, but keep two dimensions.

    >>> trim("CBU", (4, 3, 1)), trim("CU", (5, 1)), trim("SUU", (2, 1, 3))
    ('CB', 'CU', 'SUU')
    """
    while len(fmt) > 2 and fmt[-1] == "U" and shape[len(fmt) - 1] == 1:
        fmt = fmt[:-1]
    return fmt


def trimmed_shape(fmt: str, shape: Sequence[int]) -> tuple[int, ...]:
    """Sizes after `trim`; an unformatted array loses its trailing singletons above the second.

    >>> trimmed_shape("", (3, 4, 1, 1)), trimmed_shape("", ()), trimmed_shape("", (5,))
    ((3, 4), (1, 1), (1, 5))
    """
    if fmt:
        return tuple(shape[: len(trim(fmt, shape))])
    sizes = list(shape)
    if len(sizes) < 2:
        sizes = [1] * (2 - len(sizes)) + sizes
    while len(sizes) > 2 and sizes[-1] == 1:
        sizes.pop()
    return tuple(sizes)


@lru_cache(maxsize=4096)
def union(a: str, b: str) -> str:
    """The format of ``A + B`` for two formats: each label as often as the one that has more of it.

    >>> union("SCB", "SSC"), union("CB", "CT"), union("CB", "BU")
    ('SSCB', 'CBT', 'CBU')
    """
    return "".join(letter * max(a.count(letter), b.count(letter)) for letter in LOGICAL_ORDER)


@lru_cache(maxsize=4096)
def slots(fmt: str, target: str) -> tuple[int, ...]:
    """Where each dimension of ``fmt`` stands in ``target`` (logical order, from 0).

    Dimensions with one label pair from the first on, so what is missing is missing at the end of
    the label's block.

    >>> slots("SC", "SSCB"), slots("B", "CB")
    ((0, 2), (1,))
    """
    seen: dict[str, int] = {}
    places: list[int] = []
    for letter in fmt:
        nth = seen.get(letter, 0)
        seen[letter] = nth + 1
        places.append(find(target, letter)[nth])
    return tuple(places)


def show(shape: Sequence[int], fmt: str = "") -> str:
    """Sizes with labels, as MATLAB prints them.

    >>> show((28, 28, 1, 128), "SSCB"), show((10, 100))
    ('28(S) × 28(S) × 1(C) × 128(B)', '10×100')
    """
    if fmt:
        return " × ".join(f"{n}({letter})" for n, letter in zip(shape, fmt, strict=True))
    return "×".join(str(n) for n in trimmed_shape("", shape))
