"""Layers with a backward of their own: a call of the layer is one differentiable operation."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

import numpy as np

from . import _labels as labels
from ._differentiable import DifferentiableFunction
from ._errors import FormatError, OptionError
from ._random import Stream, draw, drawing_from
from .dlarray import dlarray, relabel, stripdims
from .layers._layer import Layer


def call_with_backward(layer: Any, method: str, *X: dlarray) -> tuple[dlarray, ...]:
    """Outputs and states of a layer, whose derivatives its ``backward`` computes."""
    function = LayerFunction(layer, method, [x.dims for x in X])
    values = [getattr(layer, name) for name in (*function.learnables, *function.states)]
    made = function(*(stripdims(x) for x in X), *values)
    made = made if isinstance(made, tuple) else (made,)
    return tuple(relabel(y, f) if f else y for y, f in zip(made, function.formats, strict=True))


class LayerFunction(DifferentiableFunction):
    """One call of a layer, as a function of its inputs, its learnables and its states."""

    def __init__(self, layer: Any, method: str, given: Sequence[str]):
        self.layer, self.method, self.given = layer, method, given
        self.learnables = [name for name in layer.learnables if name not in layer.absent]
        self.states = [name for name in layer.states if name not in layer.absent]
        self.formats: list[str] = []  # of the outputs and states, once they are known
        self.key = draw() if method == "forward" else None  # one that forward's numbers come from
        super().__init__(
            len(layer.outputs) + len(self.states),
            SaveInputsForBackward=True,
            SaveOutputsForBackward=True,
            NumMemoryValues=1,
        )

    @property
    def _who(self) -> str:
        """The layer, for errors."""
        return self.layer.kind

    def _chance(self) -> Any:
        """Where random numbers come from: never from the stream of what the call is a part of."""
        return contextlib.nullcontext() if self.key is None else drawing_from(Stream(self.key))

    def _seen(self, values: Sequence[Any]) -> tuple[Any, list[Any]]:
        """The layer with its parameters, and its inputs as dlarrays."""
        count = len(self.given)
        X = [dlarray(x, fmt) for x, fmt in zip(values[:count], self.given, strict=True)]
        names = (*self.learnables, *self.states)
        held = {n: _wrapped(v) for n, v in zip(names, values[count:], strict=True)}
        return self.layer.bound(held), X

    def forward(self, *values: Any) -> tuple[Any, ...]:
        """Outputs and states of the layer's method, then what it keeps for backward."""
        layer, X = self._seen(values)
        with self._chance():
            out = getattr(layer, self.method)(*X)
        out = out if isinstance(out, (tuple, list)) else (out,)
        count = self._options.outputs
        own = self.method == "forward" and type(layer).forward is not Layer.forward
        if not count <= len(out) <= count + own:
            raise OptionError(
                f"{self._who}: {self.method} returned {len(out)} values.",
                got={
                    "outputs": ", ".join(layer.outputs),
                    "states": ", ".join(self.states) or "none",
                },
                fix="Return the outputs, then the states"
                + (", then one memory value for backward." if own else "."),
            )
        made = [_wrapped(y) for y in out[:count]]
        self.formats[:] = [y.dims for y in made]
        memory = out[count] if len(out) > count else None
        return (*(stripdims(y)._data for y in made), memory)

    def backward(self, *arguments: Any) -> tuple[Any, ...]:
        """Derivatives by inputs, learnables and states, as the layer's backward gives them."""
        count = self._options.outputs
        inputs = len(self.given) + len(self.learnables) + len(self.states)
        derivatives, rest = arguments[:count], arguments[count + 1 :]
        layer, X = self._seen(rest[:inputs])
        known = [
            [dlarray(y, f) for y, f in zip(values, self.formats, strict=True)]
            for values in (rest[inputs:-1], derivatives)
        ]
        outputs = len(layer.outputs)
        Y, dLdY = (values[:outputs] for values in known)
        with self._chance():
            out = layer.backward(*X, *Y, *dLdY, *known[1][outputs:], rest[-1])
        out = out if isinstance(out, (tuple, list)) else (out,)
        names = [f"input {port}" for port in layer.inputs] + [*self.learnables, *self.states]
        if len(out) != inputs:
            raise OptionError(
                f"{self._who}: backward returned {len(out)} derivatives, {inputs} are needed.",
                got={"derivatives of the loss by": ", ".join(names)},
                fix="Return them in this order; None for one that is zero.",
            )
        return tuple(self._sized(*one) for one in zip(names, out, rest[:inputs], strict=True))

    def _sized(self, name: str, gradient: Any, value: Any) -> Any:
        """A derivative without labels, of the size of what it belongs to."""
        if gradient is None or np.size(gradient) == 0:
            return None
        gradient = stripdims(gradient)._data if isinstance(gradient, dlarray) else gradient
        sizes = [labels.trimmed_shape("", np.shape(a)) for a in (value, gradient)]
        if sizes[0] != sizes[1]:
            raise FormatError(
                f"{self._who}: backward returned a derivative by {name} of another size.",
                got={name: labels.show(sizes[0]), "derivative": labels.show(sizes[1])},
                fix="Sum over the dimensions along which the parameter was expanded.",
            )
        return gradient.reshape(np.shape(value))


def _wrapped(value: Any) -> Any:
    return value if value is None or isinstance(value, dlarray) else dlarray(value)
