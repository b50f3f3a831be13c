"""What dltk raises, and how a message is built.

::

    DltkError
    ├── FormatError       labels or sizes do not fit            (also ValueError)
    ├── OptionError       a wrong argument or option            (also ValueError)
    ├── StateError        right call, wrong moment              (also RuntimeError)
    ├── FileError         a file is damaged or of another kind  (also OSError)
    ├── NonFiniteError    a loss is NaN or infinite             (also FloatingPointError)
    └── UnsupportedError  dltk cannot do this (yet)             (also NotImplementedError)

    DltkWarning           something works, but not as fast or as far as it could

One class per thing a caller can *do*: relabel, reword the call, call something else first, take
another file, go back and train on more carefully, go another way. A message has three parts: what
is wrong (it starts with the public name), what was given (a line per value), what to do.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping


class DltkError(Exception):
    """Base of every error that dltk raises on purpose.

    Args:
        message: What is wrong, one sentence that starts with the public name.
        got: What was given: a line per value, shown with sizes and labels.
        fix: What to do about it.
    """

    def __init__(self, message: str, *, got: Mapping[str, object] | None = None, fix: str = ""):
        self.message = message
        self.got = dict(got or {})
        self.fix = fix
        lines = [message, *(f"  {name}: {value}" for name, value in self.got.items())]
        super().__init__("\n".join([*lines, fix] if fix else lines))


class FormatError(DltkError, ValueError):
    """Labels or sizes do not fit together."""


class OptionError(DltkError, ValueError):
    """An argument or option has a value that is not accepted, or is missing."""


class StateError(DltkError, RuntimeError):
    """The call is right, the moment is wrong (not initialized, not traced, no data left)."""


class FileError(DltkError, OSError):
    """A file is damaged, or not of the kind that it should be."""


class NonFiniteError(DltkError, FloatingPointError):
    """A loss is NaN or infinite."""


class UnsupportedError(DltkError, NotImplementedError):
    """Something that dltk does not offer."""


class DltkWarning(UserWarning):
    """Something works, but not as fast or as far as it could."""


def nearest(word: object, words: Iterable[str]) -> str:
    """The accepted words as a sentence, the likely one first.

    >>> nearest("sum", ["none", "sum"])
    'Use one of: "none", "sum".'
    >>> nearest("symetric", ["replicate", "symmetric"])
    'Did you mean "symmetric"? Use one of: "replicate", "symmetric".'
    """
    known = list(words)
    close = difflib.get_close_matches(str(word), known, n=1)
    hint = f'Did you mean "{close[0]}"? ' if close and close[0] != word else ""
    listed = ", ".join(f'"{w}"' for w in known)
    return f"{hint}Use one of: {listed}."
