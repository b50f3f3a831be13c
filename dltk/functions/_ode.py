"""Solutions of ordinary differential equations that can be differentiated."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np

from .. import _labels as labels
from .. import _random
from .._code import name_of, user_level
from .._compiled import VALUE_ERRORS
from .._errors import DltkWarning
from .._numbers import DOUBLE, Raw, common, convert, is_known
from ..dlarray import apply, dlarray
from . import _ode_arguments as arguments
from ._adjoint import solve_adjoint
from ._ode_eager import march
from ._ode_network import NAME
from ._ode_rate import Rate
from ._runge_kutta import solve

MOST_REFUSED = 256


def dlode45(
    odefun: Any,
    tspan: Any,
    Y0: Any,
    theta: Any = None,
    *,
    DataFormat: str | None = None,
    GradientMode: Literal["direct", "adjoint", "adjoint-seminorm"] = "direct",
    InitialStepSize: Any = None,
    MaxStepSize: Any = None,
    RelativeTolerance: Any = 1e-3,
    AbsoluteTolerance: Any = 1e-6,
    GradientsMode: str | None = None,
) -> dlarray:
    r"""Solution of an ordinary differential equation, for neural ODEs.

    .. math:: \frac{dy}{dt} = \text{odefun}(t, y, \theta), \qquad y(t_0) = Y_0

    by the Runge-Kutta pair of Dormand and Prince, orders 5 and 4. Each step is as long as the
    tolerances allow: the difference of the two orders is at most ``RelativeTolerance`` times the
    larger of the state's absolute value and ``AbsoluteTolerance / RelativeTolerance``, element by
    element. Values between the steps come from the method's polynomial of degree 4.

    Args:
        odefun: Function of the time (a scalar dlarray), the state (a dlarray with the labels of
            ``Y0``, or without) and ``theta`` that returns the derivative of the state. All that
            needs gradients must come through ``Y0`` or ``theta``. Or a dlnetwork with the input y,
            or the inputs t and y.
        tspan: Times as a vector without labels, strictly increasing or decreasing: the start, then
            where the solution is wanted.
        Y0: The state at ``tspan[0]``: a dlarray without label "T".
        theta: Anything that odefun takes: a dlarray, struct, table, dlnetwork, ... Without it
            odefun is called with t and y only.
        DataFormat: Labels of an unformatted ``Y0``, for a network.
        GradientMode: "direct" differentiates the steps of the solution, for which it takes them
            again on the way back; derivatives of any order. "adjoint" solves the adjoint equation
            backwards: its memory does not grow with the number of steps, its gradients are as
            exact as the tolerances. "adjoint-seminorm" does so without controlling the error of
            the gradients of ``theta``, so it needs fewer steps.
        InitialStepSize: Length of the first step; ``[]`` or None: chosen from the first slope.
        MaxStepSize: Length of the longest step; ``[]`` or None: a tenth of the whole time.
        RelativeTolerance: Error of a step relative to the state.
        AbsoluteTolerance: Error of a step below which the relative one does not matter.
        GradientsMode: Older name of ``GradientMode``.

    Returns:
        The solution at ``tspan[1:]``. With more than two times a formatted ``Y0`` gives a "T"
        dimension, an unformatted one a last dimension. With two times the size of ``Y0`` stays.
        NaN from where the solution cannot be continued with the smallest step; in the mode "direct"
        also if derivatives are asked for and it took more than 4096 steps.

    Raises:
        FormatError: Times with labels, a state with label "T", or an odefun that returns another
            size or other labels than those of the state.
        OptionError: Times that are fewer than two or not monotonic, or a wrong option.
        StateError: odefun uses a traced dlarray that is not among its arguments.

    Example:
        >>> decay = lambda t, y, theta: -theta * y
        >>> Y = dlode45(decay, [0, 1, 2], dlarray([1.0, 2.0], "CB"), dlarray(0.5))
        >>> Y.dims, Y.shape
        ('CBT', (1, 2, 2))
        >>> print(f"{Y[0, 1, 1].item():.3f}")  # 2 exp(-1)
        0.736

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlode45.html and Dormand and Prince, A
        family of embedded Runge-Kutta formulae, 1980.
    """
    mode = arguments.mode(GradientMode, GradientsMode)
    y0, times = arguments.state(Y0, DataFormat), arguments.times(tspan)
    numbers = arguments.numbers(InitialStepSize, MaxStepSize, RelativeTolerance, AbsoluteTolerance)
    arrays: list[Any] = []
    rate = Rate(odefun, y0, theta, DataFormat, arrays)
    inputs = [times, y0, numbers, *arrays]
    several = arguments.size(times) > 2
    fmt = labels.arrange(y0.dims + "T")[0] if y0.dims and several else y0.dims
    known = all(is_known(x._data if isinstance(x, dlarray) else x) for x in inputs)
    why = (rate.why or _refused.get(rate, "")) if known else ""
    if not why:
        function = _compiled if known and rate.key is not None else _Solution
        try:
            return apply(NAME, function(rate, mode), inputs, fmt, mix=False)
        except Exception as error:
            if not known:
                raise  # dlfeval runs it once more, with known values
            if not isinstance(error, VALUE_ERRORS):
                _call_once(rate, *inputs)  # an error of the user's shows here as it is
                raise
            why = "it needs a value that is not known while compiling"
    _announce(odefun, rate, why)
    states = march(rate.with_arrays(arrays), dlarray(times), y0, np.asarray(numbers))
    return _stacked(states, fmt) if several else states[0]


# Compiled


@lru_cache(maxsize=64)
def _compiled(rate: Rate, mode: str) -> Callable[..., Any]:
    return jax.jit(_Solution(rate, mode))


@dataclass(frozen=True, eq=False)
class _Solution:
    """The solution as it is stored, as a function of raw values: what `apply` runs."""

    rate: Rate
    mode: str

    def __call__(self, times: Raw, y0: Raw, numbers: Raw, *arrays: Raw) -> Raw:
        times = jnp.asarray(times).reshape(-1).astype(DOUBLE)
        arrays = tuple(map(jnp.asarray, arrays))
        slope = jax.eval_shape(lambda: self.rate(times[0], y0, arrays))
        dtype = common((np.dtype(y0.dtype), np.dtype(slope.dtype)))

        def vector(t: Raw, y: Raw, arrays: tuple[Raw, ...]) -> Raw:
            return convert(self.rate(t, y.reshape(y0.shape), arrays).reshape(-1), dtype)

        once = jax.jit(vector, inline=True)  # so that odefun is traced once
        run = solve if self.mode == "direct" else self._adjoint
        ys = run(once, times, convert(y0, dtype).reshape(-1), arrays, jnp.asarray(numbers))
        ys = ys.reshape(-1, *y0.shape)
        if len(ys) == 1:
            return ys[0]
        return ys if self.rate.fmt else jnp.moveaxis(ys, 0, -1)  # stored, T comes first

    def _adjoint(self, *arguments: Any) -> Raw:
        return solve_adjoint(*arguments, seminorm=self.mode == "adjoint-seminorm")


# Not compiled


def _call_once(rate: Rate, times: Any, y0: dlarray, numbers: Raw, *arrays: Any) -> None:
    time, *rest = (x._data if isinstance(x, dlarray) else x for x in (times, *arrays))
    with jax.enable_x64(True):
        rate(np.asarray(time, DOUBLE).ravel()[0], y0._data, rest)


_refused: dict[Rate, str] = {}  # right-hand sides that were tried, and why they did not compile
_announced: set[Any] = set()  # their code, if the user was told


def _stacked(states: list[dlarray], fmt: str) -> dlarray:
    axis = 0 if fmt else -1
    return apply(NAME, lambda *ys: jnp.stack(ys, axis), states, fmt)


def _announce(odefun: Any, rate: Rate, why: str) -> None:
    """Say once that a right-hand side is not compiled, unless dlfeval has said so."""
    for known in (_refused, _announced):
        if len(known) > MOST_REFUSED:
            known.clear()
    if rate.key is not None:
        _refused[rate] = why
    code = getattr(odefun, "__code__", type(odefun))
    if not _random.inside() and code not in _announced:
        _announced.add(code)
        warnings.warn(
            f"{NAME}: {name_of(odefun)} runs without compiling, so it is slower: {why}.\n"
            "The results are right. To compile it, use masks instead of branches on values.",
            DltkWarning,
            stacklevel=user_level(),
        )
