"""`checkgradients`: the gradients of a loss function against finite differences."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import jax
import numpy as np

from .. import _labels as labels
from .._errors import OptionError
from .._numbers import COMPLEX_DOUBLE, COMPLEX_SINGLE, DOUBLE, NAMES, SINGLE
from .._tree import flatten, in_order, map_tree, unflatten
from ..autodiff import dlfeval
from ..dlarray import dlarray, wrap
from ._look import check_function, loss_place, refuse_compiling, same_again
from ._text import Report, lined_up, subscripts

DOUBLES = {SINGLE: DOUBLE, COMPLEX_SINGLE: COMPLEX_DOUBLE}
TOLERANCE = {"double": 1e-5, "single": 2e-2}  # largest relative error that passes


@dataclass(frozen=True)
class ParameterCheck:
    """A parameter's entry (subscripts from 0) where gradient and finite difference differ most."""

    name: str
    entry: tuple[int, ...]
    analytic: complex
    numeric: complex
    error: float


@dataclass(frozen=True, repr=False)
class GradientCheck(Report):
    """What `checkgradients` found; true if all gradients are right.

    Attributes:
        parameters: The worst entry of each parameter.
        tolerance: The largest error that passes.
        precision: Number type of the loss.
    """

    parameters: tuple[ParameterCheck, ...]
    tolerance: float
    precision: str = "double"

    @property
    def worst(self) -> ParameterCheck:
        """The parameter with the largest error."""
        return max(self.parameters, key=lambda p: p.error)

    def __bool__(self) -> bool:
        return self.worst.error <= self.tolerance

    def __str__(self) -> str:
        rows = [("parameter", "worst entry", "gradient", "finite difference", "error")]
        for p in self.parameters:
            numbers = f"{p.analytic:.6g}", f"{p.numeric:.6g}", f"{p.error:.1e}"
            rows.append((p.name, subscripts(p.entry), *numbers))
        lines = [*lined_up(rows), self.summary]
        if self.precision == "single":
            lines.append(
                "The loss is single although the inputs are double, so the check is coarse: "
                "something in the function is single."
            )
        return "\n".join(lines)

    @property
    def summary(self) -> str:
        """Whether all agree, or which does not."""
        if self:
            return "All gradients agree."
        return f'The gradient of "{self.worst.name}" is wrong.'


def checkgradients(
    fun: Any,
    *args: Any,
    with_respect_to: int | None = None,
    entries: int = 10,
    tolerance: float | None = None,
) -> GradientCheck:
    """Compare the gradients that a loss function returns with finite differences in double.

    For an entry p of a parameter the finite difference is (loss(p + h) - loss(p - h)) / (2h), and
    the same in the imaginary direction of a complex one. All single inputs are made double first,
    and random numbers inside the function are the same in every evaluation. A report is printed:
    the worst entry of each parameter, and the error relative to the larger of the two numbers (or
    to 1, if both are small).

    If the loss is single nevertheless, because something else in the function is (a captured array,
    the mean of an input layer), the check is coarse, and the report says so.

    Args:
        fun: A loss function as for dlfeval. Of its outputs the first dlarray with one element is
            the loss, and the first that has the structure of the parameters is the gradients.
        *args: Its inputs.
        with_respect_to: Number (from 0) of the argument that the gradients belong to. By default
            the first argument whose structure the gradients have.
        entries: How many entries of each parameter to check (chosen at random, always the same).
        tolerance: The largest relative error that passes; by default 1e-5, 2e-2 for a single loss.

    Returns:
        The result, true if all gradients are right; ``worst`` names the worst entry.

    Raises:
        OptionError: The function returns no loss, or no gradients of one of its arguments.

    Example:
        >>> from dltk import dlarray, dlgradient
        >>> def loss(x):
        ...     y = x**3
        ...     return y, dlgradient(y, x)
        >>> result = checkgradients(loss, dlarray(2.0))
        parameter  worst entry  gradient  finite difference  error
        x          [0, 0]       12        12                 ...
        All gradients agree.
    """
    check_function("checkgradients", fun)
    refuse_compiling("checkgradients")
    args = map_tree(_double, args, is_leaf=_is_dlarray)
    outputs = _evaluate(fun, args)
    parts = outputs if isinstance(outputs, tuple) else (outputs,)
    place = _find_loss(parts)
    which, gradients = _find_gradients(parts, place, args, with_respect_to)
    precision = NAMES[parts[place].dtype]
    step = float(np.cbrt(np.finfo(parts[place].dtype).eps))
    names, leaves, put = _parameters(args[which])
    checks = []
    for number, (name, gradient) in enumerate(zip(names, gradients, strict=True)):

        def loss(values: np.ndarray, number: int = number) -> float:
            arrays = [x._data for x in leaves]
            arrays[number] = values
            out = _evaluate(fun, (*args[:which], put(arrays), *args[which + 1 :]))
            return float((out if isinstance(out, tuple) else (out,))[place])

        checks.append(_check(name, leaves[number], gradient, loss, entries, step))
    allowed = TOLERANCE[precision] if tolerance is None else tolerance
    result = GradientCheck(tuple(checks), allowed, precision)
    print(result)
    return result


def _is_dlarray(x: Any) -> bool:
    return isinstance(x, dlarray)


def _double(x: Any) -> Any:
    if isinstance(x, dlarray):
        return wrap(_double(x._data), x.dims)
    if isinstance(x, (np.ndarray, jax.Array)) and x.dtype in DOUBLES:
        return np.asarray(x, DOUBLES[np.dtype(x.dtype)])
    return x


def _evaluate(fun: Any, args: Sequence[Any]) -> Any:
    """The function's outputs, with the same random numbers in each evaluation."""
    return same_again(dlfeval, (fun, *args))


def _find_loss(parts: Sequence[Any]) -> int:
    place = loss_place(parts)
    if place is not None:
        return place
    raise OptionError(
        "checkgradients: the function returns no loss (a dlarray with one element).",
        got={"outputs": ", ".join(type(p).__name__ for p in parts)},
        fix="Let it return loss, gradients (and what else you need).",
    )


def _sizes(tree: Any) -> list[tuple[int, ...]]:
    tree = tree.Learnables if hasattr(type(tree), "Learnables") else tree
    return [np.shape(leaf) for leaf in flatten(tree)[0]]


def _find_gradients(
    parts: Sequence[Any], place: int, args: Sequence[Any], chosen: int | None
) -> tuple[int, list[Any]]:
    """The argument that the gradients belong to, and the gradients one by one."""
    candidates = range(len(args)) if chosen is None else [chosen]
    for which in candidates:
        for number, part in enumerate(parts):
            if number != place and _sizes(part) and _sizes(part) == _sizes(args[which]):
                return which, [np.asarray(g) for g in flatten(part)[0]]
    raise OptionError(
        "checkgradients: none of the outputs has the structure of an argument, so there are no "
        "gradients to check.",
        got={"outputs": ", ".join(type(p).__name__ for p in parts)},
        fix="Let the function return loss and gradients = dlgradient(loss, parameters).",
    )


def _parameters(argument: Any) -> tuple[list[str], list[dlarray], Callable[[list[Any]], Any]]:
    """Names and values of the parameters, and how to put other values in their place."""
    leaves, structure = flatten(argument)
    if hasattr(type(argument), "Learnables"):
        rows = argument.Learnables
        states = leaves[len(rows) :]  # a network's leaves are its learnables, then its states
        names = [f"{layer}/{parameter}" for layer, parameter in rows.names]
        return names, list(rows.Value), lambda arrays: structure.unflatten([*arrays, *states])
    paths, _ = jax.tree_util.tree_flatten_with_path(in_order(argument), is_leaf=_is_dlarray)
    words = (jax.tree_util.keystr(path, simple=True, separator=".") for path, _ in paths)
    names = [word or "x" for word in words]
    values = [x if isinstance(x, dlarray) else dlarray(x) for _, x in paths]
    return names, values, lambda arrays: unflatten(structure, arrays)


def _check(
    name: str,
    x: dlarray,
    gradient: np.ndarray,
    loss: Callable[[Any], float],
    entries: int,
    step: float,
) -> ParameterCheck:
    """The worst of some entries of one parameter."""
    values = np.asarray(x._data)
    worst = ParameterCheck(name, (), 0.0, 0.0, -1.0)
    for flat in np.random.RandomState(0).permutation(values.size)[:entries]:
        entry = tuple(int(i) for i in np.unravel_index(flat, values.shape))
        h = step * max(1.0, float(abs(values[entry])))
        numeric = 0.0
        for direction in (1, 1j) if values.dtype.kind == "c" else (1,):
            ends = []
            for sign in (1, -1):
                moved = values.copy()
                moved[entry] += sign * h * direction
                ends.append(loss(moved))
            numeric += direction * (ends[0] - ends[1]) / (2 * h)
        analytic = gradient[entry].item()
        error = abs(numeric - analytic) / max(abs(numeric), abs(analytic), 1.0)
        if not error <= worst.error:  # NaN is the worst of all
            seen = labels.to_logical(x.dims, entry)
            worst = ParameterCheck(name, seen, analytic, numeric, error)
    return worst
