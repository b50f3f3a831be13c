"""One step of any solver, for all parameters at once.

A solver is a record: its name, what it keeps from step to step, and two formulas. `update` runs it
as one compiled program for all parameters. The numbers (learning rate, iteration, decays) are an
input of that program, so a schedule never compiles again; learn-rate factors are part of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from .._errors import OptionError
from .._numbers import DOUBLE, Raw, convert, is_known, raw
from .._spare import Spare, on_one_cpu
from .._tape import is_live
from ..dlarray import apply, dlarray
from ._trees import Parameters, conform, restored, split


@dataclass(frozen=True, eq=False)
class Solver:
    """What makes one solver.

    ``prepare`` turns the numbers of a call (in double) into the rate of this step and the other
    coefficients; ``rule`` takes a parameter, its gradient, its states, and those, and gives the new
    parameter and states.
    """

    name: str
    call: str
    states: tuple[str, ...]
    prepare: Callable[..., tuple[Raw, ...]]
    rule: Callable[..., tuple[Raw, ...]]


class _SizesDiffer(Exception):
    """A gradient or state is not laid out as its parameter is."""


def update(
    solver: Solver, net: Any, grad: Any, states: Sequence[Any], numbers: Sequence[Any]
) -> tuple[Any, ...]:
    """The network (or container) after one step, and the states after it."""
    params = Parameters(solver.name, net)
    given = [params.match("grad", grad)]
    if params.leaves and not given[0]:
        raise OptionError(
            f"{solver.name}: there are no gradients.",
            got={"grad": "None" if grad is None else f"a {type(grad).__name__} without arrays"},
            fix=f"Return them from the function that dlfeval calls. The call is {solver.call}.",
        )
    for name, state in zip(solver.states, states, strict=True):
        given.append(params.match(name, state) or _zeros(params.leaves))
    values, fmts, live = split(solver.name, params.leaves)
    others = [split(solver.name, leaves) for leaves in given]
    if live or any(o[2] for o in others) or any(_is_live(n) for n in numbers):
        return _recorded(solver, params, given, numbers)
    if any(o[1] != fmts for o in others):
        others = _conformed(solver, params, given)
    packed = _pack(numbers)
    try:
        out = _run(solver, params.factors, values, [o[0] for o in others], packed)
    except _SizesDiffer:
        others = _conformed(solver, params, given)
        out = _run(solver, params.factors, values, [o[0] for o in others], packed)
    new, *kept = (restored(params, fmts, xs) for xs in out)
    return (params.updated(new), *(params.container(k) for k in kept))


def _zeros(leaves: Sequence[Any]) -> list[Any]:
    """The state before the first step."""
    return [
        dlarray(np.zeros(p.shape, p.dtype), p.dims or None)
        if isinstance(p, dlarray)
        else np.zeros(np.shape(p), raw(p).dtype)
        for p in leaves
    ]


def _conformed(solver: Solver, params: Parameters, given: Sequence[Any]) -> list[Any]:
    names = ("grad", *solver.states)
    laid_out = (conform(params, n, leaves) for n, leaves in zip(names, given, strict=True))
    return [split(solver.name, leaves) for leaves in laid_out]


def _is_live(number: Any) -> bool:
    return isinstance(number, dlarray) and is_live(number._variable)


def _pack(numbers: Sequence[Any]) -> Raw:
    """The numbers of a call as one vector, a single input of the compiled program."""
    numbers = [n._data if isinstance(n, dlarray) else n for n in numbers]
    if all(isinstance(n, float) for n in numbers):
        return np.array(numbers, DOUBLE)
    with jax.enable_x64(True):
        return jnp.stack([jnp.asarray(n).astype(DOUBLE).reshape(()) for n in numbers])


def _run(
    solver: Solver, factors: Any, values: list[Raw], others: list[list[Raw]], numbers: Raw
) -> Any:
    plain, arrays = _split_factors(factors)
    with jax.enable_x64(True):
        if not on_one_cpu(values) or not all(map(is_known, values)):
            return _step(solver, plain, values, others, numbers, arrays)
        spare = _spare((solver, plain, *[(v.shape, v.dtype) for v in values]))
        out = _thrifty_step(spare.take(), solver, plain, values, others, numbers, arrays)
        spare.keep([result for results in out for result in results])
        return out


@lru_cache(maxsize=16)  # of what is trained at the same time
def _spare(key: tuple[Any, ...]) -> Spare:
    """The memory of old results of a solver, for parameters of some shapes and types."""
    solver, _, *sizes = key
    return Spare([jax.ShapeDtypeStruct(*size) for size in sizes] * (1 + len(solver.states)))


def _split_factors(factors: Any) -> tuple[tuple[float | None, ...] | None, list[Raw]]:
    """Scalar factors, which are part of the program (None for an array), and the arrays."""
    if factors is None:
        return None, []
    plain = tuple(float(f) if np.ndim(f) == 0 else None for f in factors)
    return plain, [raw(f) for f, p in zip(factors, plain, strict=True) if p is None]


@partial(jax.jit, static_argnums=(0, 1))
def _step(
    solver: Solver,
    factors: tuple[float | None, ...] | None,
    values: list[Raw],
    others: list[list[Raw]],
    numbers: Raw,
    arrays: list[Raw],
) -> tuple[list[Raw], ...]:
    """The compiled program: lists of new values and of new states."""
    coefficients = solver.prepare(*numbers)
    remaining = iter(arrays)
    out: tuple[list[Raw], ...] = tuple([] for _ in range(1 + len(solver.states)))
    for i, (p, *given) in enumerate(zip(values, *others, strict=True)):
        factor = 1.0 if factors is None else factors[i]
        results = _one(
            solver, p, given, coefficients, next(remaining) if factor is None else factor
        )
        for column, result in zip(out, results, strict=True):
            column.append(result)
    return out


@partial(jax.jit, static_argnums=(1, 2), donate_argnums=0, keep_unused=True)
def _thrifty_step(spare: list[Raw], *arguments: Any) -> tuple[list[Raw], ...]:
    """The same, with the memory of old results for the new ones."""
    return _step(*arguments)


def _one(
    solver: Solver, p: Raw, given: Sequence[Raw], coefficients: Sequence[Raw], factor: Any
) -> tuple[Raw, ...]:
    """New value and states of one parameter, in its own number type."""
    if any(x.shape != p.shape for x in given):
        raise _SizesDiffer
    dtype = jnp.finfo(p.dtype).dtype
    rate, *rest = (convert(c, dtype) for c in coefficients)
    given = [convert(x, p.dtype) for x in given]
    if isinstance(factor, float):
        new, *kept = solver.rule(p, *given, rate if factor == 1 else rate * factor, *rest)
        return (p if factor == 0 else new, *kept)
    factor = convert(factor, dtype).reshape(factor.shape + (1,) * (p.ndim - factor.ndim))
    new, *kept = solver.rule(p, *given, rate * factor, *rest)
    return (jnp.where(factor == 0, p, new), *kept)


def _recorded(
    solver: Solver, params: Parameters, given: Sequence[Any], numbers: Sequence[Any]
) -> tuple[Any, ...]:
    """The same step inside dlfeval, an operation per parameter, so that derivatives flow."""
    names = ("grad", *solver.states)
    columns = [conform(params, n, leaves) for n, leaves in zip(names, given, strict=True)]
    factors = params.factors or (1.0,) * len(params.leaves)
    results = [
        _recorded_one(solver, p, xs, numbers, factor)
        for p, xs, factor in zip(params.leaves, zip(*columns, strict=True), factors, strict=True)
    ]
    new, *kept = (list(c) for c in zip(*results, strict=True))
    return (params.updated(new), *(params.container(k) for k in kept))


def _recorded_one(
    solver: Solver, p: Any, xs: Sequence[Any], numbers: Sequence[Any], factor: Any
) -> tuple[Any, ...]:
    scalar = float(factor) if np.ndim(factor) == 0 else None
    stop = 1 + len(xs)

    def function(*inputs: Raw) -> tuple[Raw, ...]:
        scalars = (n.astype(DOUBLE).reshape(()) for n in inputs[stop : stop + len(numbers)])
        by = inputs[-1] if scalar is None else scalar
        return _one(solver, inputs[0], inputs[1:stop], solver.prepare(*scalars), by)

    extra = [factor] if scalar is None else []
    fmts = (getattr(p, "dims", ""),) * (1 + len(solver.states))
    return apply(solver.name, function, [p, *xs, *numbers, *extra], fmts, mix=False)


# The numbers of a call


def number(
    solver: Solver, name: str, value: Any, *, low: float = -np.inf, high: float = np.inf
) -> Any:
    """A scalar argument as a float; a value that is not known yet (or is traced) stays as it is.

    Raises:
        OptionError: Not a real scalar, or out of range.
    """
    if type(value) is float and low <= value <= high:
        return value
    if isinstance(value, dlarray) and is_live(value._variable):
        return value
    data: Any = value._data if isinstance(value, dlarray) else value
    if not is_known(data) and data.size == 1:
        return data
    try:
        array = np.asarray(data, dtype=DOUBLE)
    except (TypeError, ValueError):
        array = np.zeros(0)
    if array.size != 1:
        raise OptionError(
            f"{solver.name}: {name} is not a real scalar.",
            got={name: _shown(value)},
            fix=f"The call is {solver.call}.",
        )
    scalar = float(array.reshape(()))
    if not low <= scalar <= high:
        bounds = f"from {low:g} to {high:g}" if np.isfinite(high) else f"at least {low:g}"
        raise OptionError(
            f"{solver.name}: {name} must be {bounds}.",
            got={name: f"{scalar:g}"},
            fix=f"The call is {solver.call}.",
        )
    return scalar


def _shown(value: Any) -> str:
    shape = np.shape(value) if not isinstance(value, (str, dict)) else ()
    size = f"{'×'.join(map(str, shape))} " if len(shape) else ""
    return f"{size}{type(value).__name__}" + (f" {value!r}" if isinstance(value, str) else "")
