"""`eager`: see values while a function runs."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from ..autodiff import without_compiling


@contextlib.contextmanager
def eager() -> Iterator[None]:
    """Run `dlfeval` (and `forward` and `predict`) without compiling: values can be looked at.

    The function then runs line by line as it is written, so ``print``, ``breakpoint()`` and pdb see
    numbers instead of sizes and types. Results and random numbers are those of the compiled
    function, up to rounding. Use it as a context manager or as a decorator.

    Example:
        >>> from dltk import dlarray, dlfeval
        >>> def loss(x):
        ...     print("x is", x.item())
        ...     return x**2
        >>> with eager():
        ...     y = dlfeval(loss, dlarray(3.0))
        x is 3.0
        >>> y.item()
        9.0
    """
    with without_compiling():
        yield
