"""What the tools print: tables, and results that are text and fields at once."""

from __future__ import annotations

from collections.abc import Sequence


class Report:
    """What a tool found: fields to read, and text to print (``str``)."""

    @property
    def summary(self) -> str:
        """What was found, in a line."""
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.summary}>"


def lined_up(rows: Sequence[Sequence[str]]) -> list[str]:
    """The lines of a table whose first row is its head.

    >>> lined_up([("a", "bb"), ("ccc", "")])
    ['a    bb', 'ccc']
    """
    wide = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = ("  ".join(c.ljust(w) for c, w in zip(row, wide, strict=True)) for row in rows)
    return [line.rstrip() for line in lines]


def plural(count: int, word: str) -> str:
    """A number with its noun.

    >>> plural(1, "value"), plural(3, "entry"), plural(2, "array")
    ('1 value', '3 entries', '2 arrays')
    """
    if count == 1:
        return f"1 {word}"
    if word.endswith("y") and word[-2] not in "aeiou":
        return f"{count} {word[:-1]}ies"
    return f"{count} {word}s"


def subscripts(entry: Sequence[int]) -> str:
    """Subscripts from 0 as one writes them."""
    return f"[{', '.join(map(str, entry))}]"


def listed(names: Sequence[str], most: int = 6) -> str:
    """Names in a row, as far as they fit a line.

    >>> listed(["a", "b", "c", "d"], most=2)
    'a, b and 2 more'
    """
    rest = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + rest
