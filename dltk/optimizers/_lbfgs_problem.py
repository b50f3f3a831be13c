"""The user's loss function, evaluated at points; what it returns is checked here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import jax
import numpy as np

from .._environment import Unseen
from .._errors import OptionError, StateError
from .._labels import show
from .._numbers import Raw, describe, raw
from .._reads import NUMBERS, Names, walked
from .._undo import fingerprints
from ..dlarray import dlarray
from . import _lbfgs_steps as steps
from ._lbfgs_history import Point
from ._line_search import Trial
from ._trees import Parameters, conform, restored, split

NAME = "lbfgsupdate"
RETURN = "It must return loss and gradients, as lambda net: dlfeval(modelLoss, net, X, T) does."


class Problem:
    """A loss function with the network (or parameters) that it starts from.

    Args:
        net: Network or container.
        lossFcn: The user's function.
        outputs: How many of its outputs to keep.
    """

    def __init__(self, net: Any, lossFcn: Callable[[Any], Any], outputs: int):
        if not callable(lossFcn) or hasattr(lossFcn, "_with_values"):
            raise OptionError(
                f"{NAME}: the second argument must be a function, not {describe(lossFcn)}.",
                fix="The call is net, solverState = lbfgsupdate(net, lossFcn, solverState), with "
                "lossFcn = lambda net: dlfeval(modelLoss, net, X, T).",
            )
        self.net, self.function, self._outputs = net, lossFcn, outputs
        self._params = params = Parameters(NAME, net)
        self._all, self._formats, live = split(NAME, params.leaves)
        if live:
            raise StateError(
                f"{NAME}: the parameters are traced, so this runs inside dlfeval.",
                fix="Call it outside; dlfeval belongs into the loss function.",
            )
        if any(v.dtype.kind not in "f" for v in self._all):
            wrong = next(v.dtype for v in self._all if v.dtype.kind not in "f")
            raise OptionError(
                f"{NAME}: parameters must be real numbers, single or double.",
                got={"found": wrong},
            )
        self._moving, self._masks = _moving(params)
        if not self._moving:
            raise OptionError(
                f"{NAME}: there are no parameters to update.",
                got={"parameters": len(params.leaves)},
                fix="A learn-rate factor of 0 freezes a parameter; at least one must be free.",
            )
        self.values = [self._all[i] for i in self._moving]

    def start(self) -> Point:
        """The point where the parameters are now."""
        kept = tuple(np.array(v) if isinstance(v, np.ndarray) else v for v in self.values)
        return self._evaluated(self.net, kept, None)[0]

    def at(self, along: Raw, step: float) -> Trial:
        """The point after a step along a direction."""
        with jax.enable_x64(True):
            values = steps.moved(self.values, along, np.float64(step))
        everything = list(self._all)
        for place, value in zip(self._moving, values, strict=True):
            everything[place] = value
        net = self._params.updated(restored(self._params, self._formats, everything))
        point, slope = self._evaluated(net, tuple(values), along)
        return Trial(step, point.loss_value, slope, point)

    def known(self, point: Point | None) -> Point | None:
        """The same point with the present network, if the parameters are where it is."""
        if point is None or not all(map(_same, point.values, self.values)):
            return None
        return replace(point, net=self.net)

    def _evaluated(
        self, net: Any, values: tuple[Raw, ...], along: Raw | None
    ) -> tuple[Point, float]:
        loss, gradients, *extra = self._outputs_of(self.function(net))
        value = _checked_loss(loss)
        leaves = self._params.match("gradients", gradients)
        if not leaves:
            raise OptionError(
                f"{NAME}: the second output of the loss function holds no gradients.",
                got={"second output": describe(gradients)},
                fix=RETURN,
            )
        given, formats, _ = split(NAME, leaves)
        if formats != self._formats or any(
            g.shape != v.shape for g, v in zip(given, self._all, strict=True)
        ):
            given = split(NAME, conform(self._params, "gradients", leaves))[0]
        with jax.enable_x64(True):
            moving = [g if m is None else g * m for g, m in self._masked(given)]
            flat, numbers = steps.measured(moving, value, along)
        loss_value, slope, norm = np.asarray(numbers).tolist()
        point = Point(net, values, loss, gradients, tuple(extra), flat, loss_value, norm)
        return point, slope

    def _masked(self, given: Sequence[Raw]) -> Iterator[tuple[Raw, Raw | None]]:
        """The gradients of what moves, with masks for parameters frozen in part."""
        for place, mask in zip(self._moving, self._masks, strict=True):
            gradient = given[place]
            if mask is not None:
                mask = mask.reshape(mask.shape + (1,) * (gradient.ndim - mask.ndim))
                mask = mask.astype(gradient.dtype)
            yield gradient, mask

    def _outputs_of(self, returned: Any) -> Sequence[Any]:
        outputs = returned if isinstance(returned, (tuple, list)) else (returned,)
        if len(outputs) < self._outputs:
            given = f"{len(outputs)} value{'s' * (len(outputs) != 1)}"
            raise OptionError(
                f"{NAME}: the loss function returned {given}, {self._outputs} are needed.",
                got={"returned": ", ".join(map(_kind, outputs)) or "nothing"},
                fix=RETURN,
            )
        return outputs[: self._outputs]


def _moving(params: Parameters) -> tuple[list[int], list[np.ndarray | None]]:
    """Places of the parameters that are not frozen; masks for those that are frozen in part."""
    if params.factors is None:
        return list(range(len(params.leaves))), [None] * len(params.leaves)
    free = [np.asarray(raw(factor)) != 0 for factor in params.factors]
    places = [i for i, mask in enumerate(free) if mask.any()]
    return places, [None if free[i].all() else free[i] for i in places]


def _same(held: Raw, given: Raw) -> bool:
    """Whether a parameter is still what it was (a NumPy array may have been written into)."""
    if held is given and not isinstance(given, np.ndarray):
        return True
    return (
        isinstance(given, np.ndarray)
        and held.dtype == given.dtype
        and np.array_equal(np.asarray(held), given)
    )


def _checked_loss(loss: Any) -> Raw:
    value = loss._data if isinstance(loss, dlarray) else loss
    try:
        value = raw(value, NAME)
    except OptionError:
        value = np.zeros(0)
    if value.size != 1 or value.dtype.kind != "f":
        raise OptionError(
            f"{NAME}: the first output of the loss function is not a real scalar.",
            got={"first output": _kind(loss)},
            fix=f"{RETURN} The loss comes first.",
        )
    return value


def _kind(value: Any) -> str:
    if isinstance(value, (dlarray, np.ndarray, jax.Array)):
        kind = "dlarray" if isinstance(value, dlarray) else "array"
        return f"a {show(value.shape, getattr(value, 'dims', ''))} {kind}"
    return describe(value)


# What the loss function reads


class Reads:
    """All that a function reads besides its argument, to notice when it would give another loss.

    Args:
        function: The loss function.
        last: What it read in the last call, if there was one.
    """

    __slots__ = ("_content", "_key", "_leaves", "_names")

    def __init__(self, function: Any, last: Reads | None):
        names = Names() if last is None else last._names
        try:
            walk = walked(function, ((), {}), names)
        except Unseen:
            self._key, self._names = None, names
            return
        self._key, self._leaves, self._names = tuple(walk.key), walk.leaves, walk.names
        self._content = fingerprints(walk.captured)

    def alike(self, last: Reads | None) -> bool:
        """Whether it is the same code with the same data as in the last call."""
        if last is None or self._key is None or self._key != last._key:
            return False
        return self._content == last._content and all(
            x is y or (type(x) in NUMBERS and type(x) is type(y) and x == y)
            for x, y in zip(self._leaves, last._leaves, strict=True)
        )
