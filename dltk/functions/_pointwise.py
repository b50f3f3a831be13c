"""How a table row becomes a public elementwise function with its documentation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .._numbers import Raw
from ..dlarray import implements
from ._align import broadcast

REFERENCE = "https://www.mathworks.com/help/matlab/ref/{}.html"


class Rows:
    """Makers of functions that belong to the module ``module``."""

    def __init__(self, module: str):
        self.module = module

    def unary(
        self,
        name: str,
        function: Callable[[Raw], Raw],
        formula: str,
        x: float,
        y: float | bool | str,
        *numpy: Callable[..., Any],
    ) -> Callable[[Any], Any]:
        """A public function of one array; ``name(x)`` is ``y``."""

        def elementwise(X: Any) -> Any:
            return broadcast(name, function, X)

        return implements(*numpy)(self._named(elementwise, name, formula, f"{x}", y))

    def binary(
        self,
        name: str,
        function: Callable[[Raw, Raw], Raw],
        formula: str,
        a: float,
        b: float,
        y: float | bool | str,
        *numpy: Callable[..., Any],
    ) -> Callable[[Any, Any], Any]:
        """A public function of two arrays; ``name(a, b)`` is ``y``."""

        def elementwise(A: Any, B: Any) -> Any:
            return broadcast(name, function, A, B)

        return implements(*numpy)(self._named(elementwise, name, formula, f"{a}, {b}", y))

    def _named(self, function: Any, name: str, formula: str, arguments: str, y: Any) -> Any:
        option = "  # doctest: +ELLIPSIS" if isinstance(y, str) else ""
        function.__name__ = function.__qualname__ = name
        function.__module__ = self.module
        function.__doc__ = f"""{formula}, element by element.

    Takes dlarrays, whose labels and number type stay (two operands line up by label), and plain
    numbers and arrays, for which the result is plain.

    Example:
        >>> print({name}({arguments})){option}
        {y}

    Source:
        {REFERENCE.format(name)}
    """
        return function
