"""`layerstats`: what every layer gives, and what gradient comes back to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import jax.numpy as jnp
import numpy as np

from .._labels import show
from .._tape import Node, _key, is_live, pull
from ._look import PLUMBING, Look, look, operand, variable_of
from ._statistics import LayerStats, ParameterStats, Statistics


def layerstats(fun: Any, *args: Any, **kwargs: Any) -> Statistics:
    """Statistics of what every layer gives, and of the gradient that comes back to it.

    A first table has a row per layer that runs (``block/fc1`` for a layer within another), and per
    operation outside networks: size, mean, standard deviation, smallest and largest output, the
    fraction that is exactly zero, and the root mean square of the loss's derivative by the output.
    Calls from one place are one row. A second table has root mean squares of every parameter and
    its gradient. Where several gradients are taken, the last one that reaches a value counts; if
    the function takes none, that of its loss is taken.

    Below stands what looks wrong: layers that give only zeros (dead) or NaN, parameters at which
    no gradient arrives, or one that has vanished (less than 1e-5 of the largest one).

    Args:
        fun: A function as for dlfeval: a loss function, a model function, `forward` itself.
        *args: Its inputs.
        **kwargs: Its inputs by name.

    Returns:
        The result, which is printed too: ``layers``, ``parameters``, ``notes``.

    Raises:
        OptionError: ``fun`` is no function.
        Whatever ``fun`` raises.

    Example:
        >>> from dltk import dlarray, fullyconnect, relu, struct, sum
        >>> def loss(p, X):
        ...     Y = relu(fullyconnect(X, p.W, p.b))
        ...     return sum(Y, "all")
        >>> p = struct(W=dlarray(np.ones((1, 3))), b=dlarray(-4.0))
        >>> result = layerstats(loss, p, dlarray(np.ones((3, 2)), "CB"))  # doctest: +ELLIPSIS
        layer ...
        Gives only zeros: relu <...>:2, sum <...>:3.
        No gradient arrives at: p.W, p.b.
        >>> result.layers[1].zeros
        1.0
    """
    at = _Meter()
    look("layerstats", at, fun, args, kwargs)
    result = at.found()
    print(result)
    return result


@dataclass
class _Row:
    """What is gathered for one row."""

    name: str
    kind: str
    output: str = ""
    outputs: list[np.ndarray] = field(default_factory=list)
    variables: list[Any] = field(default_factory=list)  # keys


class _Meter(Look):
    """Gathers outputs and gradients."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: dict[Any, _Row] = {}
        self.gradients: dict[Any, np.ndarray] = {}  # by the key of the variable

    def layer(self, kind: str, outputs: Sequence[Any]) -> None:
        self._add("/".join(self.path), kind, outputs)

    def operation(self, name: str, inputs: Sequence[Any], results: Sequence[Any]) -> None:
        super().operation(name, inputs, results)
        if not self.path and name not in PLUMBING and not _is_update(name):
            line = self.spot.line.split("  ")[0]
            self._add(f"{name} {line}", "", results)

    def _add(self, name: str, kind: str, outputs: Sequence[Any]) -> None:
        row = self.rows.setdefault(name, _Row(name, kind))
        row.output = ", ".join(map(operand, outputs))
        row.outputs += [np.asarray(x._data).ravel() for x in outputs]
        row.variables += [_key(x._variable) for x in outputs if is_live(x._variable)]

    def derivative(self, y: Any, xs: Sequence[Any], nodes: Sequence[Any], *, pulled: bool) -> None:
        super().derivative(y, xs, nodes, pulled=pulled)
        if y.node is None:
            return

        def visit(node: Node, given: Sequence[Any], back: Sequence[Any]) -> None:
            for slot, cotangent in enumerate(given):
                if cotangent.dtype.kind in "fc":
                    self.gradients[node.serial, slot] = np.asarray(cotangent)

        aval = y.node.outputs[y.slot]
        found = pull(y, jnp.ones(aval.shape, aval.dtype), xs, nodes, visit)
        for x, gradient in zip(xs, found, strict=True):
            self.gradients[self.source(x)] = (
                np.zeros(1) if gradient is None else np.asarray(gradient)
            )

    def end(self, outputs: Any) -> None:
        self.differentiate(outputs)

    def found(self) -> Statistics:
        layers = tuple(self._stats(row) for row in self.rows.values())
        return Statistics(layers, tuple(self._parameters()))

    def _stats(self, row: _Row) -> LayerStats:
        values = np.concatenate(row.outputs) if row.outputs else np.zeros(0)
        values = abs(values) if values.dtype.kind == "c" else values.astype(float)
        finite = values[np.isfinite(values)]
        mean, std, low, high = (
            float(f(finite)) if finite.size else np.nan for f in (np.mean, np.std, np.min, np.max)
        )
        zeros = float(np.mean(values == 0)) if values.size else 0.0
        known = [self.gradients[key] for key in row.variables if key in self.gradients]
        gradient = _rms(np.concatenate([g.ravel() for g in known])) if known else None
        bad = values.size - finite.size
        return LayerStats(
            row.name, row.kind, row.output, mean, std, low, high, zeros, bad, gradient
        )

    def _parameters(self) -> list[ParameterStats]:
        rows = []
        for x in self.inputs:
            variable = variable_of(x.value)
            gradient = None if variable is None else self.gradients.get(_key(variable))
            if gradient is not None:
                size = show(x.value.shape, x.value.dims)
                zeros = float(np.mean(gradient == 0))
                value = _rms(np.asarray(x.value._data))
                rows.append(ParameterStats(x.name, size, value, _rms(gradient), zeros))
        return rows


def _is_update(name: str) -> bool:
    return name.endswith("update") or name.startswith("dlgradient")


def _rms(values: np.ndarray) -> float:
    return (
        float(np.sqrt(np.mean(np.abs(values.astype(np.complex128)) ** 2))) if values.size else 0.0
    )
