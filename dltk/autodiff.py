"""Evaluate a function with derivative traces, and ask for gradients inside it.

`dlfeval` marks the dlarrays in its inputs as traced, runs the function and, unless that cannot be
done, compiles all of it, forward and backward, into one XLA program (`_program`). `dlgradient`
walks the trace back (`_tape`).
"""

from __future__ import annotations

import contextlib
import contextvars
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from . import _labels as labels
from . import _random
from ._code import in_users_terms
from ._derivatives import conjugate, gradients
from ._errors import OptionError, StateError
from ._listener import listener
from ._program import Programs
from ._replay import Derivative, Replay
from ._tape import (
    Node,
    Tape,
    Variable,
    barrier,
    between,
    is_floating,
    is_live,
    pull,
    record_later,
    release,
    way_back,
)
from ._tree import flatten, is_whole, map_tree, unflatten
from .dlarray import apply, dlarray, wrap

_tape: contextvars.ContextVar[Tape | None] = contextvars.ContextVar("tape", default=None)
_eagerly: contextvars.ContextVar[bool] = contextvars.ContextVar("eagerly", default=False)
_accelerated: contextvars.ContextVar[bool] = contextvars.ContextVar("accelerated", default=False)


def dlfeval(fun: Any, *args: Any, **kwargs: Any) -> Any:
    """Evaluate a function in which `dlgradient` may be called.

    ``dlfeval(fun, x1, ..., xn)`` returns what ``fun(x1, ..., xn)`` returns. The dlarrays among the
    inputs (in structs, dicts, lists, tuples, tables and dlnetworks too) are traced inside ``fun``;
    the outputs are not.

    The function is compiled, and compiled again only if something other than the values of arrays
    and numbers changes: sizes, labels, strings, flags, code. All that it reads counts as its input,
    whether passed or captured. A function that cannot be compiled, for example one with an ``if``
    on the value of an array, is run as it is, with one warning that names the line.

    Args:
        fun: A function of ``args``.
        *args: Its inputs, of any type. Plain numbers and arrays are not traced for derivatives.
            Arrays and containers are values, as in MATLAB: ``fun`` works on its own ones. Other
            objects are handles: ``fun`` sees and changes the caller's.
        **kwargs: Its inputs by name.

    Returns:
        What ``fun`` returns.

    Raises:
        Whatever ``fun`` raises.

    Example:
        >>> def rosenbrock(x):
        ...     y = 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2
        ...     return y, dlgradient(y, x)
        >>> y, gradient = dlfeval(rosenbrock, dlarray([-1.0, 2.0]))
        >>> y.item(), gradient.shape
        (104.0, (1, 2))

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlfeval.html
    """
    if not callable(fun):
        raise OptionError(
            f"dlfeval: the first argument must be a function, not a {type(fun).__name__}.",
            fix="Call it as dlfeval(modelLoss, net, X, T), with the function's name only.",
        )
    try:
        return _dlfeval(fun, args, kwargs)
    except Exception as error:
        raise in_users_terms(error)  # noqa: B904  (it is the same error)


def _dlfeval(fun: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    outer = _tape.get()
    if outer is not None:  # inside another dlfeval: one trace, one program
        args, kwargs = _mark((args, kwargs), outer)
        return fun(*args, **kwargs)
    if _eagerly.get():
        return run_eagerly(fun, args, kwargs)
    if _random.tracing():  # inside an accelerated function: a part of its program
        return run_traced(fun, args, kwargs)
    if hasattr(type(fun), "_dlfeval"):  # an accelerated function keeps its own programs
        return fun._dlfeval(args, kwargs)
    return programs.call(fun, args, kwargs)


def _is_dlarray(x: Any) -> bool:
    return isinstance(x, dlarray)


def over_dlarrays(function: Callable[[Any], Any], tree: Any) -> Any:
    """``function`` of every dlarray in a tree; other leaves stay."""

    def visit(x: Any) -> Any:
        if isinstance(x, dlarray):
            return function(x)
        return x._map_arrays(visit) if hasattr(type(x), "_map_arrays") else x

    return map_tree(visit, tree, is_leaf=is_whole)


def as_values(tree: Any, variable: Callable[[dlarray], Variable | None] | None = None) -> Any:
    """Arguments as a function gets them: containers and arrays of its own, as in MATLAB.

    ``variable`` says what stands for a dlarray on the tape; by default what stood for it before.
    """

    def copied(x: Any) -> Any:
        if isinstance(x, dlarray):
            return wrap(x._data, x._fmt, x._variable if variable is None else variable(x))
        if hasattr(type(x), "_map_arrays"):
            return x._map_arrays(copied)
        return x.copy() if type(x) is np.ndarray else x

    return map_tree(copied, tree, is_leaf=is_whole)


def _mark(tree: Any, tape: Tape) -> Any:
    """The arguments as the function gets them, floating-point dlarrays traced."""

    def variable(x: dlarray) -> Variable | None:
        if not is_floating(x.dtype):
            return None
        return x._variable if is_live(x._variable) else Variable(tape)

    return as_values(tree, variable)


def _strip(tree: Any) -> Any:
    """The same tree without traces."""
    return over_dlarrays(lambda x: wrap(x._data, x._fmt), tree)


def _evaluate(fun: Any, args: Any, kwargs: Any, *, compiling: bool) -> Any:
    tape = Tape(compiling=compiling)
    token = _tape.set(tape)
    try:
        args, kwargs = _mark((args, kwargs), tape)
        return _strip(fun(*args, **kwargs))
    finally:
        tape.close()
        _tape.reset(token)


def run_traced(fun: Any, args: Any, kwargs: Any) -> Any:
    """What `dlfeval` does while JAX traces: the function on a tape, with unknown values."""
    return _evaluate(fun, args, kwargs, compiling=True)


def run_eagerly(fun: Any, args: Any, kwargs: Any) -> Any:
    """What `dlfeval` does without compiling: the function on a tape, with known values."""
    with _random.drawing_from(_random.generator.device), jax.enable_x64(True):
        return _evaluate(fun, args, kwargs, compiling=False)


programs = Programs(run_traced, run_eagerly)


def may_compile() -> bool:
    """Whether a call made now may compile: not inside another, not in debug.eager."""
    return not _eagerly.get() and _tape.get() is None and not _random.tracing()


@contextlib.contextmanager
def without_compiling() -> Iterator[None]:
    """Inside, dlfeval runs functions as they are (see `debug.eager`)."""
    token = _eagerly.set(True)
    try:
        yield
    finally:
        _eagerly.reset(token)


def apart(
    function: Callable[..., Any], args: Any, kwargs: Any = None, *, eagerly: bool = True
) -> Any:
    """What a function (often `dlfeval`) gives outside of every dlfeval, wherever it is called.

    ``eagerly`` says whether it runs as in `debug.eager`, whatever is around it.
    """
    tape, before = _tape.set(None), _eagerly.set(eagerly)
    try:
        args, kwargs = _strip((args, kwargs or {}))
        return function(*args, **kwargs)
    except Exception as error:
        raise in_users_terms(error)  # noqa: B904  (it is the same error)
    finally:
        _eagerly.reset(before)
        _tape.reset(tape)


@contextlib.contextmanager
def inside_accelerated() -> Iterator[None]:
    """Inside, gradients can be differentiated again without being asked to."""
    token = _accelerated.set(True)
    try:
        yield
    finally:
        _accelerated.reset(token)


def dlgradient(
    y: dlarray,
    *x: Any,
    RetainData: bool = False,
    EnableHigherDerivatives: bool | None = None,
    AllowComplex: bool = True,
) -> Any:
    r"""Gradient of a scalar with respect to traced values, inside a function called by `dlfeval`.

    .. math:: g = \partial y / \partial x

    and for complex x = a + ib, as in MATLAB,
    :math:`\partial y/\partial a + i\,\partial y/\partial b` (the conjugate of ``jax.grad``).

    Args:
        y: A real traced dlarray with one element.
        *x: What to differentiate by: traced dlarrays (inputs of dlfeval or computed from them), or
            structs, dicts, lists, tuples and tables of them, such as ``net.Learnables``. A
            dlnetwork stands for its Learnables.
        RetainData: Keep the trace, so that dlgradient can use it once more.
        EnableHigherDerivatives: Trace the gradient too, so that it can be differentiated; implies
            RetainData. By default only inside a function that `dlaccelerate` made.
        AllowComplex: Whether complex values on the way from ``x`` to ``y`` are fine; if not, they
            are an error. The gradient of a real variable is real either way (MATLAB's may have an
            imaginary part).

    Returns:
        For each ``x`` the same kind of container, each gradient a dlarray with size, type and
        labels of its variable; zeros for a variable that ``y`` does not depend on. A tuple for
        several ``x``.

    Raises:
        StateError: ``y`` or an ``x`` is not traced (dlgradient outside dlfeval, extracted data), or
            the trace was freed by an earlier call.
        OptionError: ``y`` is not a real scalar, there is no ``x``, or a complex value is met and
            not allowed.

    Example:
        >>> def slope(x):
        ...     return dlgradient(x**3, x)
        >>> dlfeval(slope, dlarray(2.0)).item()
        12.0

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlarray.dlgradient.html
    """
    _check_value(y)
    if not x:
        raise OptionError(
            "dlgradient: no variable to differentiate by.",
            fix="Call it as dlgradient(loss, net.Learnables) or dlgradient(loss, parameters).",
        )
    leaves, structure = flatten(_learnables(x), is_leaf=_is_dlarray)
    for leaf in leaves:
        _check_variable(leaf)
    if not AllowComplex:
        _refuse_complex(y, leaves)
    with jax.enable_x64(True):
        if EnableHigherDerivatives:
            found = _traced_gradients(y, leaves)
        else:
            again = EnableHigherDerivatives is None and _accelerated.get()
            found = _gradients(y, leaves, free=not (RetainData or again), again=again)
            who = listener()
            if who is not None:  # of traced gradients the gate tells
                who.operation("dlgradient", (y, *leaves), found)
    out = unflatten(structure, found)
    return out[0] if len(x) == 1 else out


def _learnables(x: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(part.Learnables if hasattr(type(part), "Learnables") else part for part in x)


def _check_value(y: Any) -> None:
    advice = "Call dlgradient inside a function that dlfeval calls: dlfeval(modelLoss, net, X, T)."
    if not isinstance(y, dlarray):
        raise StateError(
            f"dlgradient: the value to differentiate is a {type(y).__name__}, not a traced "
            "dlarray.",
            fix="Values that went through extractdata or NumPy have no derivatives; stay with "
            "dlarrays.",
        )
    shown = labels.show(y.shape, y.dims)
    if y.size != 1:
        raise OptionError(
            "dlgradient: the value to differentiate is not a scalar.",
            got={"value": shown},
            fix='Reduce it first, for example with sum(Y, "all") or a loss such as mse.',
        )
    if y.dtype.kind == "c":
        raise OptionError(
            "dlgradient: the value to differentiate is complex.",
            fix="Take its real part, imag or abs first.",
        )
    if not is_live(y._variable):
        why = (
            "dlgradient was called outside dlfeval"
            if _tape.get() is None
            else ("it was not computed from an input of dlfeval")
        )
        raise StateError(
            f"dlgradient: the value to differentiate is not traced; {why}.",
            got={"value": shown},
            fix=advice
            if _tape.get() is None
            else "Pass the variables to dlfeval as dlarrays (captured ones are constants), and do "
            "not extract data on the way from them to the loss.",
        )


def _check_variable(x: Any) -> None:
    if isinstance(x, dlarray) and is_live(x._variable):
        return
    what = "an untraced dlarray" if isinstance(x, dlarray) else f"a {type(x).__name__}"
    raise StateError(
        f"dlgradient: cannot differentiate with respect to {what}.",
        got={"x": labels.show(x.shape, x.dims)} if isinstance(x, dlarray) else {"x": repr(x)[:60]},
        fix="x must be an input of the function that dlfeval calls, passed as a dlarray (or in a "
        "struct, dict, list, table or dlnetwork), or be computed from one.",
    )


def _gradients(y: dlarray, xs: Sequence[dlarray], *, free: bool, again: bool) -> list[dlarray]:
    """First derivatives by the recorded pullbacks.

    ``again`` says whether the results can be differentiated: how, is found out when that happens.
    """
    target, sources = y._variable, [x._variable for x in xs]
    assert target is not None
    nodes = way_back("dlgradient", target, sources, pulled=True)  # type: ignore[arg-type]
    seed = jnp.ones(y._data.shape, y.dtype)
    found = pull(target, seed, sources, nodes)  # type: ignore[arg-type]
    values = [_as_gradient(g, x) for g, x in zip(found, xs, strict=True)]
    if free:
        release(nodes)
    if again and not nodes and target not in sources:
        return [wrap(v, x._fmt) for v, x in zip(values, xs, strict=True)]
    if again:
        function, inputs = _gradient_operation(target, xs, nodes)
        given = tuple(x._data for x in inputs)
        marks = record_later("dlgradient", function, given, [x._variable for x in inputs], values)
        return [wrap(v, x._fmt, m) for v, x, m in zip(values, xs, marks, strict=True)]
    marks = barrier(
        values,
        [target, *sources],  # type: ignore[list-item]
        "Set EnableHigherDerivatives=True in the call of dlgradient that computed the gradient.",
    )
    return [wrap(v, x._fmt, m) for v, x, m in zip(values, xs, marks, strict=True)]


def _as_gradient(gradient: Any, x: dlarray) -> Any:
    if gradient is None:
        return jnp.zeros(x._data.shape, x.dtype)
    return conjugate(gradient)


def _traced_gradients(y: dlarray, xs: Sequence[dlarray]) -> list[dlarray]:
    """Gradients as one recorded operation: jax's gradient of the replayed trace."""
    target, sources = y._variable, [x._variable for x in xs]
    assert target is not None
    nodes = way_back("dlgradient", target, sources)  # type: ignore[arg-type]
    if not nodes and target not in sources:
        return [wrap(jnp.zeros(x._data.shape, x.dtype), x._fmt) for x in xs]
    function, inputs = _gradient_operation(target, xs, nodes)
    return list(apply("dlgradient", function, inputs, tuple(x._fmt for x in xs), mix=False))


def _gradient_operation(
    target: Variable, xs: Sequence[dlarray], nodes: Sequence[Node]
) -> tuple[Callable[..., Any], list[dlarray]]:
    """The gradient by xs as a pure function, and its inputs: xs and what is read besides."""
    replay = Replay(target, [x._variable for x in xs], nodes)  # type: ignore[arg-type]
    outside = [wrap(v, "", m) for v, m in zip(replay.values, replay.variables, strict=True)]
    return Derivative(replay, gradients, later=True), [*xs, *outside]


def _refuse_complex(y: dlarray, xs: Sequence[dlarray]) -> None:
    variables = [x._variable for x in xs]
    met = [f"x ({labels.show(x.shape, x.dims)})" for x in xs if x.dtype.kind == "c"]
    for node in between(y._variable, variables):  # type: ignore[arg-type]
        met += [f"the result of {node.name}" for out in node.outputs if out.dtype.kind == "c"]
    if met:
        raise OptionError(
            "dlgradient: a complex value is met, and AllowComplex is False.",
            got={"complex": met[0]},
            fix="Make the values real (real, abs) on the way to the loss, or allow complex ones.",
        )
