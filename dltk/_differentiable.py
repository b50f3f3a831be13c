"""Functions with a backward of the user's own: MATLAB's ``deep.DifferentiableFunction``.

A call is one operation on the tape. Its function is a ``jax.custom_vjp`` around the user's forward
and backward, so that it compiles with all the rest, and can be part of what `dljacobian` replays.
What goes out of backward passes a mark that refuses to be differentiated: a backward says nothing
about second derivatives.

JAX's pullbacks carry the conjugate of MATLAB's complex gradients; it is taken on the way in and
out.
"""

from __future__ import annotations

import copy
import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from . import _labels as labels
from ._derivatives import conjugate
from ._errors import FormatError, OptionError, StateError, UnsupportedError
from ._jaxfunction import UNTRACEABLE, any_single, like_first_formatted, seen, storable
from ._numbers import Raw
from ._tape import is_live
from .dlarray import apply, dlarray, relabel


@jax.tree_util.register_static
@dataclass(frozen=True)
class Options:
    """What the constructor was told; fixed, so no input of compiled programs."""

    outputs: int
    inputs_saved: bool
    outputs_saved: bool
    memory: int


class DifferentiableFunction:
    """Base of functions with forward and backward of your own: subclass it, call its objects.

    A subclass defines ``forward``, ``backward`` and an ``__init__`` that calls
    ``super().__init__(numOutputs, ...)``; it may set other properties (constants).

    ``forward(self, X1, ..., Xk)``
        Takes JAX arrays without labels, dimensions in the order in which `size` shows them; inputs
        that are no dlarrays come as they are. Returns the outputs, then the memory values.
    ``backward(self, dLdY1, ..., computeGradients, X1, ..., Y1, ..., mem1, ...)``
        Takes the derivatives of the loss by the outputs, a logical vector that says for which
        inputs gradients are wanted, then the inputs, the outputs (each only if saved) and the
        memory values. Returns the derivatives of the loss by each input, of the input's size; None
        or ``[]`` where there is none. For complex arrays derivatives are dL/da + i dL/db, so that
        Y = c X needs conj(c).

    Calls with dlarrays give dlarrays: an output has the labels of the first formatted input if it
    has as many dimensions, and no labels otherwise. First derivatives only.

    With operations of ``jax.numpy`` the function compiles. Others (NumPy, SciPy) work as well, in
    first derivatives by `dlgradient`: `dlfeval` notices, and runs without compiling.

    Args:
        numOutputs: Number of outputs.
        SaveInputsForBackward: Whether backward takes the inputs.
        SaveOutputsForBackward: Whether backward takes the outputs.
        NumMemoryValues: Number of values that forward hands to backward besides.

    Raises:
        FormatError: A gradient has another size than its input.
        OptionError: forward or backward returns another number of values than announced.
        StateError: The subclass did not call ``super().__init__``.
        UnsupportedError: A second derivative through the function is asked for.

    Example:
        >>> from dltk import dlfeval, dlgradient
        >>> class clippedSquare(DifferentiableFunction):
        ...     def __init__(self, bound):
        ...         super().__init__(1, SaveInputsForBackward=True)
        ...         self.bound = bound
        ...
        ...     def forward(self, X):
        ...         return X**2
        ...
        ...     def backward(self, dLdY, computeGradients, X):
        ...         return jnp.clip(2 * X * dLdY, -self.bound, self.bound)
        >>> square = clippedSquare(4.0)
        >>> def slope(x):
        ...     return dlgradient(square(x), x)
        >>> dlfeval(slope, dlarray(1.0)).item(), dlfeval(slope, dlarray(3.0)).item()
        (2.0, 4.0)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/deep.differentiablefunction-class.html
    """

    def __init__(
        self,
        numOutputs: int = 1,
        *,
        SaveInputsForBackward: bool = False,
        SaveOutputsForBackward: bool = False,
        NumMemoryValues: int = 0,
    ):
        who = self._who
        self._options = Options(
            _count(who, "numOutputs", numOutputs, 1),
            bool(SaveInputsForBackward),
            bool(SaveOutputsForBackward),
            _count(who, "NumMemoryValues", NumMemoryValues, 0),
        )

    @property
    def _who(self) -> str:
        """What errors call it."""
        return type(self).__name__

    def forward(self, *X: Any) -> Any:
        """Outputs, then memory values. To be defined by subclasses."""
        raise NotImplementedError(f"{type(self).__name__} must define forward(self, X1, ..., Xk)")

    def backward(self, *arguments: Any) -> Any:
        """Gradients of the inputs. To be defined by subclasses."""
        raise NotImplementedError(
            f"{type(self).__name__} must define backward(self, dLdY, computeGradients, ...)"
        )

    def __call__(self, *X: Any) -> Any:
        """The outputs of forward, differentiable by backward; one, or a tuple of several."""
        if "_options" not in vars(self):
            raise StateError(
                f"{self._who}: DifferentiableFunction has not been initialized.",
                fix="Call super().__init__(numOutputs, ...) in __init__.",
            )
        given = [x for x in X if isinstance(x, dlarray)]
        call = _Call(copy.copy(self), X)  # as a value: later changes of the object do not count
        if not given:
            with jax.enable_x64(True):
                Y: Sequence[Any] = call.forward([])[0]
        else:
            none = ("",) * self._options.outputs
            Y = apply(self._who, call.function(), given, none, mix=False)
            formats = like_first_formatted(call.ranks, given)
            Y = [relabel(y, f) if f else y for y, f in zip(Y, formats, strict=True)]
        return Y[0] if len(Y) == 1 else tuple(Y)


class _Call:
    """One call: what it was called with, and its forward and backward on raw arrays."""

    def __init__(self, fcn: DifferentiableFunction, X: Sequence[Any]):
        self.fcn, self.X, self.options = fcn, X, fcn._options
        self.who = fcn._who
        self.places = [i for i, x in enumerate(X) if isinstance(x, dlarray)]
        given = [X[i] for i in self.places]
        self.single = any_single(given)
        traced = [x._variable for x in given if is_live(x._variable)]
        self.compiling = any(v is not None and v.tape.compiling for v in traced)
        self.wanted = np.array([isinstance(x, dlarray) and is_live(x._variable) for x in X], bool)
        self.ranks: list[int] = []

    def function(self) -> Any:
        """The call as a JAX function of the arrays of its dlarrays, with a pullback of its own."""

        @jax.custom_vjp
        def function(*values: Raw) -> tuple[Raw, ...]:
            return self.forward(values)[0]

        def forward(*values: Raw) -> Any:
            Y, memory = self.forward(values)
            saved = values if self.options.inputs_saved else ()
            return Y, (saved, Y if self.options.outputs_saved else (), memory)

        def backward(residuals: Any, cotangents: Sequence[Raw]) -> tuple[Raw | None, ...]:
            return self.backward(cotangents, *residuals)

        function.defvjp(forward, backward)
        return function

    def _filled(self, values: Sequence[Raw]) -> list[Any]:
        filled = list(self.X)
        for place, value in zip(self.places, values, strict=True):
            filled[place] = seen(value, self.X[place].dims, self.single)
        return filled

    def forward(self, values: Sequence[Raw]) -> tuple[tuple[Raw, ...], Any]:
        """Outputs and memory values of the user's forward."""
        out = self._run(self.fcn.forward, self._filled(values))
        out = out if isinstance(out, (tuple, list)) else (out,)
        count, memory = self.options.outputs, self.options.memory
        if len(out) != count + memory:
            raise OptionError(
                f"{self.who}: forward returned {_plural(len(out), 'value')}, but the constructor "
                f"announces {_plural(count, 'output')} and {_plural(memory, 'memory value')}.",
                fix="Return the outputs, then the memory values, in one tuple.",
            )
        if not self.places:
            return tuple(out[:count]), ()
        Y = tuple(storable(self.who, "forward", jnp.asarray(y), self.single) for y in out[:count])
        self.ranks = [y.ndim for y in Y]
        return Y, jax.tree_util.tree_map(_kept, tuple(out[count:]))

    def backward(
        self, cotangents: Sequence[Raw], saved: Sequence[Raw], Y: Sequence[Raw], memory: Any
    ) -> tuple[Raw | None, ...]:
        """What the user's backward says, as cotangents of the dlarrays among the inputs."""
        dLdY = [conjugate(_given(c)) for c in cotangents]
        X = self._filled(saved) if self.options.inputs_saved else ()
        memory = jax.tree_util.tree_map(_taken, memory, is_leaf=lambda m: isinstance(m, _Held))
        out = self._run(self.fcn.backward, [*dLdY, self.wanted.copy(), *X, *Y, *memory])
        count = len(self.X)
        several = isinstance(out, tuple) or (isinstance(out, list) and count > 1)
        gradients = tuple(out) if several else (out,)
        if len(gradients) != count:
            raise OptionError(
                f"{self.who}: backward returned {_plural(len(gradients), 'gradient')} for "
                f"{_plural(count, 'input')}.",
                fix="Return one for each input, in their order; None for one that has none.",
            )
        return tuple(self._cotangent(place, gradients[place]) for place in self.places)

    def _cotangent(self, place: int, gradient: Any) -> Raw | None:
        x = self.X[place]
        if not self.wanted[place] or gradient is None or (np.size(gradient) == 0 and x.size > 0):
            return None
        gradient = jnp.asarray(gradient)
        if gradient.shape != x.shape and not gradient.size == x.size == 1:
            raise FormatError(
                f"{self.who}: backward returned a gradient of another size than input {place + 1}.",
                got={"input": labels.show(x.shape, x.dims), "gradient": _size(gradient)},
                fix="A gradient has the size of its input; sum over what was expanded.",
            )
        if gradient.dtype.kind == "c" and x.dtype.kind != "c":
            gradient = gradient.real
        gradient = conjugate(gradient).astype(x.dtype).reshape(x.shape)
        stored = gradient.transpose(labels.stored_axes(x.dims)) if x.dims else gradient
        return _first_only(self.who, stored)

    def _run(self, method: Any, arguments: Sequence[Any]) -> Any:
        try:
            return method(*arguments)
        except UNTRACEABLE as error:
            if self.compiling:
                raise  # dlfeval runs it without compiling
            raise UnsupportedError(
                f"{self.who}: {method.__name__} needs the values of its arguments, which JAX does "
                "not know here.",
                got={"JAX says": str(error).splitlines()[0]},
                fix="Use jax.numpy in forward and backward, or EnableHigherDerivatives=False in "
                "what differentiates it.",
            ) from error


@jax.tree_util.register_static
@dataclass(frozen=True, eq=False)
class _Held:
    """A memory value that is no array."""

    value: Any


def _kept(value: Any) -> Any:
    plain = isinstance(value, (jax.Array, np.ndarray, np.number, float, int, complex))
    return value if plain and not isinstance(value, bool) else _Held(value)


def _taken(value: Any) -> Any:
    return value.value if isinstance(value, _Held) else value


def _given(cotangent: Any) -> Raw:
    """The cotangent of an output; JAX has none for logical values."""
    if cotangent.dtype == jax.dtypes.float0:
        return jnp.zeros(cotangent.shape)
    return jnp.asarray(cotangent)


@functools.partial(jax.custom_vjp, nondiff_argnums=(0,))
def _first_only(who: str, gradient: Raw) -> Raw:
    """A gradient that cannot be differentiated."""
    return gradient


def _refuse(who: str, residuals: None, cotangent: Raw) -> Any:
    raise UnsupportedError(
        f"{who}: only first derivatives go through a DifferentiableFunction.",
        fix="Write it as a function of dlarrays, or of JAX arrays lifted with jaxfunction; both "
        "have derivatives of any order.",
    )


_first_only.defvjp(lambda who, gradient: (gradient, None), _refuse)


def _count(who: str, what: str, value: Any, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
        raise OptionError(
            f"{who}: {what} must be a whole number of at least {least}.", got={what: repr(value)}
        )
    return int(value)


def _plural(count: int, word: str) -> str:
    return f"{count} {word}{'s' * (count != 1)}"


def _size(value: Raw) -> str:
    return "×".join(str(n) for n in value.shape) or "1"
