"""The user's right-hand side of an ordinary differential equation, called on labelled arrays.

Inside the solver a state is a vector. A `Rate` knows how it is laid out, and what the arrays in
``theta`` are; it calls the user's function on dlarrays and checks what comes back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import jax
import numpy as np

from .. import _labels as labels
from .. import _random
from .._environment import Unseen
from .._errors import FormatError, OptionError, StateError
from .._numbers import ACCEPTED, Raw, describe, is_known, raw
from .._reads import Same, fixed_key
from .._tape import Tape, Variable, is_floating, is_live
from .._tree import map_tree
from ..dlarray import dlarray, wrap
from ._ode_network import NAME, network_rate, refuse_theta

IN_THETA = "Pass it in theta: dlode45(odefun, tspan, Y0, theta) calls odefun(t, y, theta)."


class _Slot:
    """The place of an array in theta."""

    def __init__(self, array: Any):
        self.fmt = array.dims if isinstance(array, dlarray) else None


class Rate:
    """A right-hand side with everything about its arguments but their values.

    Two that compute the same are equal, so that programs compiled for one serve the other.

    Args:
        odefun: The user's function of t, y and, if there is one, theta; or a network.
        Y0: A state, for its labels and size.
        theta: What odefun takes besides; None if nothing.
        DataFormat: Labels of an unformatted ``Y0``, for a network.
        arrays: Receives the arrays in theta, which are inputs of the solution.

    Attributes:
        key: What it consists of; None if that cannot be seen or holds values not known yet.
        why: If it cannot be seen, the reason.
    """

    def __init__(
        self, odefun: Any, Y0: dlarray, theta: Any, DataFormat: str | None, arrays: list[Any]
    ):
        self.odefun, self.fmt, self.shape = odefun, Y0.dims, Y0.shape
        if hasattr(odefun, "_with_values"):
            refuse_theta(theta)
            self.odefun, theta = partial(network_rate, DataFormat=DataFormat), odefun
        elif not callable(odefun):
            raise OptionError(
                f"{NAME}: the first argument must be a function or a network, not "
                f"{describe(odefun)}.",
                fix="The call is dlode45(odefun, tspan, Y0, theta) or dlode45(net, tspan, Y0).",
            )
        self._takes_theta = theta is not None
        self._theta = _over_arrays(lambda array: arrays.append(array) or _Slot(array), theta)
        self._needs_tape = False
        self.why = ""
        self.key = self._find_key(theta, arrays)

    def _find_key(self, theta: Any, arrays: Sequence[Any]) -> tuple[Any, ...] | None:
        try:
            rest = fixed_key((self.odefun, _over_arrays(lambda array: None, theta)))
        except Unseen as reason:
            self.why = str(reason)
            return None
        except StateError as error:  # a traced dlarray in its environment
            raise _captured() from error
        if any(isinstance(part, Same) and not is_known(part.held) for part in rest):
            return None
        formats = tuple(getattr(array, "dims", None) for array in arrays)
        return (*rest, formats, self.fmt, self.shape)

    def __eq__(self, other: object) -> bool:
        if self.key is None:
            return self is other
        return isinstance(other, Rate) and self.key == other.key

    def __hash__(self) -> int:
        return id(self) if self.key is None else hash(self.key)

    def with_arrays(self, arrays: Sequence[Any]) -> Callable[[Any, dlarray], dlarray]:
        """The right-hand side on dlarrays, for the given arrays in theta."""
        rest = self._rest(arrays, lambda array, fmt: array)
        return lambda t, y: self._slope(t, y, *rest)

    def _rest(self, values: Sequence[Any], make: Callable[[Any, str], Any]) -> tuple[Any, ...]:
        """The third argument of odefun, if it has one; ``make`` makes a dlarray of a value."""
        if not self._takes_theta:
            return ()
        remaining = iter(values)

        def fill(slot: _Slot) -> Any:
            value = next(remaining)
            return value if slot.fmt is None else make(value, slot.fmt)

        return (_over_arrays(fill, self._theta, slots=True),)

    def __call__(self, t: Raw, y: Raw, values: Sequence[Raw]) -> Raw:
        """The slope as it is stored, from raw values: t, y as it is stored, the arrays of theta."""
        try:
            return self._called(t, y, values)
        except StateError as error:
            if self._needs_tape or not error.message.startswith("dlgradient:"):
                raise
            self._needs_tape = True  # odefun asks for gradients with respect to its arguments
            return self._called(t, y, values)

    def _called(self, t: Raw, y: Raw, values: Sequence[Raw]) -> Raw:
        tape = Tape(compiling=True) if self._needs_tape else None

        def make(value: Raw, fmt: str) -> dlarray:
            traced = tape is not None and is_floating(np.dtype(value.dtype))
            return wrap(value, fmt, Variable(tape) if traced else None)  # type: ignore[arg-type]

        try:
            state = make(t.reshape(1, 1), ""), make(y, self.fmt)
            slope = self._slope(*state, *self._rest(values, make))
            _refuse_captured(slope._variable, tape)
            return slope._data
        finally:
            if tape is not None:
                tape.open = False

    def _slope(self, *arguments: Any) -> dlarray:
        """What odefun returns, laid out as the state is; it may not draw random numbers."""
        stream = _random.Stream(np.zeros(2, np.uint32))
        try:
            with _random.drawing_from(stream):
                returned = self.odefun(*arguments)
        except Exception as error:
            note = f"in odefun, which dlode45 called with y of {labels.show(self.shape, self.fmt)}"
            if note not in getattr(error, "__notes__", ()):
                error.add_note(note)
            raise
        if stream.drawn:
            raise OptionError(
                f"{NAME}: odefun draws random numbers, so it is no function of t and y.",
                fix="Use predict instead of forward in it, or draw outside and pass in theta.",
            )
        return self._checked(returned)

    def _checked(self, slope: Any) -> dlarray:
        if slope is None or isinstance(slope, (str, tuple, dict)):
            raise OptionError(
                f"{NAME}: odefun must return the derivative of y, an array.",
                got={"odefun returned": f"a {type(slope).__name__}"},
            )
        slope = slope if isinstance(slope, dlarray) else dlarray(raw(slope, NAME))
        trimmed = labels.trimmed_shape("", self.shape)
        if not slope.dims and self.fmt and labels.trimmed_shape("", slope.shape) == trimmed:
            slope = dlarray(slope, self.fmt)
        if slope.dims != self.fmt or slope.shape != self.shape:
            raise FormatError(
                f"{NAME}: odefun returned an array that is not laid out as y is.",
                got={
                    "y": labels.show(self.shape, self.fmt),
                    "odefun returned": labels.show(slope.shape, slope.dims),
                },
                fix="It must return dy/dt, with the size and the labels of y.",
            )
        return slope


def _over_arrays(function: Callable[[Any], Any], theta: Any, *, slots: bool = False) -> Any:
    """Theta with ``function`` of every array (or slot) in it, networks included."""

    def is_whole(x: Any) -> bool:
        return isinstance(x, (dlarray, _Slot)) or hasattr(type(x), "_map_arrays")

    def visit(x: Any) -> Any:
        if hasattr(type(x), "_map_arrays"):
            return x._map_arrays(function)
        return function(x) if (isinstance(x, _Slot) if slots else _is_array(x)) else x

    return map_tree(visit, theta, is_leaf=is_whole)


def _is_array(x: Any) -> bool:
    return isinstance(x, (dlarray, np.ndarray, jax.Array)) and x.dtype in ACCEPTED


def _captured() -> StateError:
    return StateError(
        f"{NAME}: odefun uses a traced dlarray that is not among its arguments, so its derivative "
        "would be lost.",
        fix=f"{IN_THETA} (A dlfeval inside odefun looks the same: call dlgradient without it.)",
    )


def _refuse_captured(variable: Variable | None, tape: Tape | None) -> None:
    """Raise if a value was computed from variables of another tape."""
    stack, seen = [variable], set()
    while stack:
        found = stack.pop()
        if found is None or not is_live(found) or id(found) in seen:
            continue
        if found.tape is not tape:
            raise _captured()
        seen.add(id(found))
        if found.node is not None and id(found.node) not in seen:
            seen.add(id(found.node))
            stack.extend(found.node.inputs)
