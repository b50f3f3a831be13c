"""`findnan`: the operation and the line where the first NaN or Inf appeared."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import jax.numpy as jnp
import numpy as np

from .._labels import show
from .._tape import Node, pull
from ..dlarray import dlarray, wrap
from ._look import Look, Spot, look, node_of, values_of
from ._names import named_outputs
from ._origins import Kind, NaNHunt, Origin

KINDS: tuple[Kind, ...] = ("NaN", "Inf")
DERIVATIVES = ("dlgradient", "dljacobian", "dldivergence", "dllaplacian")


def findnan(fun: Any, *args: Any, **kwargs: Any) -> NaNHunt:
    """Run a function as `dlfeval` does, and find where the first NaN or Inf appears.

    Looked at are the inputs, the result of every operation, every step of the way back when a
    gradient is taken (also of those that are differentiated again), and the outputs. If the
    function takes no gradient itself, that of its loss is taken. Reported is where a non-finite
    value comes out of finite ones (and NaN out of Inf), with the operation, your line, the layer,
    the first entry and the range of each operand. Random numbers are those of the next call of
    dlfeval, and stay the next ones.

    Args:
        fun: A function as for dlfeval: a loss function, a model function, a whole training step.
        *args: Its inputs.
        **kwargs: Its inputs by name.

    Returns:
        The result, which is printed too: ``first`` is the first place, ``origins`` are all of them;
        true if everything is finite.

    Raises:
        OptionError: ``fun`` is no function.
        Whatever ``fun`` raises, after what was found until then is printed.

    Example:
        >>> from dltk import dlarray, dlgradient, sqrt, sum
        >>> def loss(x):
        ...     y = sum(sqrt(x**2), "all")
        ...     return y, dlgradient(y, x)
        >>> result = findnan(loss, dlarray([3.0, 0.0]))  # doctest: +ELLIPSIS
        Inf first appears in the gradient of sqrt.
        ...
          operand 1: 1×2, from 0 to 9
        Later NaN in the gradient of power: ...
        Not finite: output 2.
        >>> result.first.operation, result.first.during, result.first.entry
        ('sqrt', 'gradient', (0, 1))
    """
    at = _Hunt()
    try:
        look("findnan", at, fun, args, kwargs)
    except Exception:
        if at.origins:
            print(at.found())
        raise
    result = at.found()
    print(result)
    return result


class _Made(NamedTuple):
    """What made a node: the operation as the user sees it."""

    name: str
    spot: Spot
    inputs: tuple[Any, ...]


class _Hunt(Look):
    """Looks at all values, in the order in which they come to be."""

    def __init__(self) -> None:
        super().__init__()
        self.origins: list[Origin] = []
        self.operations = 0
        self.made: dict[int, _Made] = {}  # by the serial number of the node
        self.walked: set[Kind] = set()  # kinds met on the last way back
        self.results: tuple[str, ...] = ()

    def found(self) -> NaNHunt:
        return NaNHunt(tuple(self.origins), self.operations, self.results)

    def begin(self, inputs: Any) -> None:
        super().begin(inputs)
        for one in inputs:
            self._note(one.value, "input", one.name, Spot("", ""), KINDS)

    def operation(self, name: str, inputs: Sequence[Any], results: Sequence[Any]) -> None:
        self.operations += 1
        made = _Made(name, self.spot, tuple(inputs))
        for result in results:
            node = node_of(result)
            if node is not None:
                self.made.setdefault(node.serial, made)
        before = _all_kinds(inputs)
        walked: set[Kind] = self.walked if name in DERIVATIVES else set()  # it is known where
        if name in DERIVATIVES:
            self.walked = set()
        for result in results:
            kinds = _kinds(result)
            if kinds and before and not self.origins:  # a captured value brought it
                bad = next(x for x in inputs if _kinds(x))
                self._note(bad, "operand", name, made.spot, KINDS, made.inputs)
            fresh = [] if "NaN" in before else _fresh(result, before | walked)
            if fresh and self._note(result, "forward", name, made.spot, fresh, made.inputs):
                break

    def derivative(self, y: Any, xs: Sequence[Any], nodes: Sequence[Any], *, pulled: bool) -> None:
        super().derivative(y, xs, nodes, pulled=pulled)
        if y.node is None:
            return
        aval = y.node.outputs[y.slot]
        pull(y, jnp.ones(aval.shape, aval.dtype), xs, nodes, self._step)

    def _step(self, node: Node, given: Sequence[Any], back: Sequence[Any]) -> None:
        """One step back: from the cotangents of the outputs to those of the inputs."""
        before = _all_kinds((*given, *node.values))
        made = self.made.get(node.serial, _Made(node.name, Spot("", ""), ()))
        for place, cotangent in zip(node.pulled, back, strict=True):
            fresh = _fresh(cotangent, before)
            fmt = getattr(made.inputs[place], "dims", "") if made.inputs else ""
            gradient = wrap(cotangent, fmt)
            self.walked |= _kinds(cotangent)
            if fresh and self._note(gradient, "gradient", made.name, made.spot, fresh, made.inputs):
                return

    def end(self, outputs: Any) -> None:
        self.differentiate(outputs)
        bad = [x for part in named_outputs(outputs) for x in part if _kinds(x.value)]
        self.results = tuple(x.name for x in bad)
        if bad and not self.origins:
            self._note(bad[0].value, "output", bad[0].name, Spot("", ""), KINDS)

    def _note(
        self,
        x: Any,
        during: Any,
        name: str,
        spot: Spot,
        kinds: Sequence[Kind],
        inputs: Sequence[Any] = (),
    ) -> bool:
        """Remember the first of some kinds of values in x, if there are any."""
        for kind in kinds:
            values = values_of(x)
            wrong = _is(kind, values) if values.dtype.kind in "fc" else np.zeros(1, bool)
            if wrong.any():
                entry = tuple(int(i) for i in np.argwhere(wrong)[0])
                counts = int(wrong.sum()), wrong.size
                ranges = tuple(map(_range, inputs))
                self.origins.append(Origin(kind, during, name, *spot, *counts, entry, ranges))
                return True
        return False


def _is(kind: Kind, values: np.ndarray) -> np.ndarray:
    return np.isnan(values) if kind == "NaN" else np.isinf(values)


def _kinds(x: Any) -> set[Kind]:
    """Which non-finite values an array has."""
    values = np.asarray(x._data if isinstance(x, dlarray) else () if x is None else x)
    if values.dtype.kind not in "fc" or np.isfinite(values).all():
        return set()
    return {kind for kind in KINDS if _is(kind, values).any()}


def _all_kinds(arrays: Iterable[Any]) -> set[Kind]:
    return {kind for x in arrays for kind in _kinds(x)}


def _fresh(x: Any, before: set[Kind]) -> list[Kind]:
    """Kinds that an array has and that were not there before."""
    kinds = _kinds(x)
    return [kind for kind in KINDS if kind in kinds and kind not in before]


def _range(x: Any) -> str:
    """Size, labels and range of an operand."""
    values = values_of(x)
    size = show(values.shape, getattr(x, "dims", ""))
    if values.size == 1:
        return f"{size}, {values.item():.4g}"
    finite, word = values[np.isfinite(values)], ""
    if not finite.size:
        return f"{size}, no finite value" if values.size else size
    if finite.dtype.kind == "c":
        finite, word = abs(finite), "size "
    rest = "" if finite.size == values.size else f", {values.size - finite.size} not finite"
    return f"{size}, {word}from {finite.min():.4g} to {finite.max():.4g}{rest}"
