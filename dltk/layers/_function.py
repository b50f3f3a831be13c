"""A layer made of a function."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any

from .._errors import OptionError
from ..functions._options import whole
from ._builtin import BuiltinLayer, flag


class functionLayer(BuiltinLayer):
    """Apply a function of the user's, in training and prediction alike; it has no parameters.

    Args:
        predictFcn: Function of as many dlarrays as the layer has inputs (property
            ``PredictFcn``). It returns a dlarray, or a tuple of them.
        Formattable: Whether the function takes and returns formatted dlarrays. If not, it gets
            unformatted ones, dimensions in the order S, C, B, T, U, and the labels of the input are
            put on its result.
        Acceleratable: MATLAB's promise that calls may be cached; kept, but dltk finds out by
            itself.
        NumInputs: Number of inputs; by default that of the function's arguments without default, 1
            if their number is open.
        InputNames: Names of the inputs, instead.
        NumOutputs: Number of outputs.
        OutputNames: Names of the outputs, instead.
        Description: A line for people.
        Name: Name in the network.

    Raises:
        OptionError: ``predictFcn`` is no function.

    Example:
        >>> layer = functionLayer(lambda X1, X2: X1 - X2)
        >>> layer.inputs, layer.predict(5, 3)
        (('in1', 'in2'), 2)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.functionlayer.html
    """

    base_name = "layer"
    Type = "Function"

    def __init__(
        self,
        predictFcn: Callable[..., Any],
        *,
        Formattable: bool = False,
        Acceleratable: bool = False,
        NumInputs: int | None = None,
        InputNames: Sequence[str] = (),
        NumOutputs: int | None = None,
        OutputNames: Sequence[str] = (),
        Description: str = "",
        Name: str = "",
    ):
        if not callable(predictFcn):
            raise OptionError(
                f"{self.kind}: predictFcn must be a function, not {predictFcn!r}.",
                fix="For example functionLayer(lambda X: X - 0.5).",
            )
        if NumInputs is None and not InputNames:
            NumInputs = _arity(predictFcn)
        super().__init__(
            Name,
            Description=Description,
            **_ports(self.kind, "Input", NumInputs, InputNames),
            **_ports(self.kind, "Output", NumOutputs, OutputNames),
        )
        self.PredictFcn = predictFcn
        # on the object, as each layer has its own; in other classes it is a fact of the class
        vars(self)["Formattable"] = flag(self.kind, "Formattable", Formattable)
        self.Acceleratable = flag(self.kind, "Acceleratable", Acceleratable)

    def predict(self, *X: Any) -> Any:
        """What the function returns."""
        return self.PredictFcn(*X)

    def _line(self) -> str:
        name = getattr(self.PredictFcn, "__name__", "")
        return name if name.isidentifier() else self.Type


def _arity(function: Callable[..., Any]) -> int:
    """How many arguments a function needs; 1 if nobody can tell."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return 1
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    needed = [p for p in parameters if p.kind in positional and p.default is p.empty]
    return len(needed) or 1


def _ports(kind: str, side: str, count: Any, names: Sequence[str]) -> dict[str, Any]:
    names = [names] if isinstance(names, str) else list(names)
    number = len(names) if count is None and names else 1 if count is None else count
    (number,) = whole(kind, f"Num{side}s", number)
    if names and len(names) != number:
        raise OptionError(
            f"{kind}: {side}Names has {len(names)} names, Num{side}s is {number}.",
            got={f"{side}Names": names},
        )
    return {f"Num{side}s": number, f"{side}Names": names}
