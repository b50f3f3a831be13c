"""Limited-memory BFGS: one iteration, with its line search.

The loss function is the caller's, so the line search runs in Python and reads one small vector per
evaluation. Everything else happens in compiled programs on one flat vector of all parameters.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np

from .._errors import OptionError, nearest
from .._numbers import raw
from ..dlarray import dlarray
from . import _lbfgs_steps as steps
from ._lbfgs_history import History, Point, kinds
from ._lbfgs_problem import NAME, Problem, Reads
from ._lbfgs_state import LBFGSState, count, lbfgsState
from ._line_search import METHODS, Trial, search


def lbfgsupdate(
    net: Any,
    lossFcn: Callable[[Any], Any],
    solverState: Any = None,
    *,
    LineSearchMethod: Literal["weak-wolfe", "strong-wolfe", "backtracking"] = "weak-wolfe",
    MaxNumLineSearchIterations: int = 20,
    NumLossFunctionOutputs: int = 2,
) -> tuple[Any, LBFGSState]:
    r"""One iteration of the limited-memory Broyden-Fletcher-Goldfarb-Shanno method (L-BFGS).

    .. math:: \theta \leftarrow \theta - \eta\, H g

    where g is the gradient and H stands for an approximate inverse Hessian matrix: it starts as
    :math:`\lambda I` and is corrected by the last m pairs of steps s and gradient differences y
    (two-loop recursion), with :math:`\lambda = s^T y / y^T y` of the newest pair. The step length
    :math:`\eta` comes from a line search, which evaluates the loss function a few times.

    It works with all data at once: the loss function must give the same loss for the same
    parameters, so no mini-batches and no dropout.

    Args:
        net: A dlnetwork, or parameters: a table, struct, dict, list, tuple, dlarray or NumPy array.
            A parameter of a dlnetwork with learn-rate factor 0 stays as it is; other factors do not
            count. In double precision (``net = dlupdate(double, net)``) it comes much further.
        lossFcn: Function of the network (or parameters) that returns loss and gradients, such as
            ``lambda net: dlfeval(modelLoss, net, X, T)``. It brings its data with it. If it reads
            what it read in the last call, the loss where that call ended is not evaluated anew.
        solverState: What the last call returned, or `lbfgsState`; None or ``[]`` in the first call.
        LineSearchMethod: What a step must satisfy: "weak-wolfe" (the loss decreases sufficiently
            and the slope along the step has become flatter), "strong-wolfe" (flatter in absolute
            value) or "backtracking" (sufficient decrease only).
        MaxNumLineSearchIterations: Most evaluations of the loss function in the line search.
        NumLossFunctionOutputs: How many outputs of the loss function to keep, at least 2. Those
            after loss and gradients are in ``solverState.AdditionalLossFunctionOutputs``.

    Returns:
        The updated network or parameters, and the new state. Stop when ``GradientsNorm`` or
        ``StepNorm`` of the state is small, or ``LineSearchStatus`` is "failed": then no step
        satisfied the conditions, and the parameters are those of the best step that decreased the
        loss, or the old ones.

    Raises:
        OptionError: The loss function returns too little, a loss that is no real scalar, or
            gradients of another structure; the state belongs to other parameters.
        StateError: Called inside dlfeval.

    Example:
        >>> def lossFcn(x):
        ...     return ((x - 3) ** 2).sum(), 2 * (x - 3)
        >>> x, solverState = lbfgsupdate(np.zeros(2), lossFcn)
        >>> x, solverState = lbfgsupdate(x, lossFcn, solverState)
        >>> x.round(6), solverState.LineSearchStatus
        (array([3., 3.]), 'completed')

    Source:
        https://www.mathworks.com/help/deeplearning/ref/lbfgsupdate.html and Liu and Nocedal, On the
        limited memory BFGS method for large scale optimization, Mathematical Programming 45, 1989.
    """
    if LineSearchMethod not in METHODS:
        raise OptionError(
            f"{NAME}: there is no line search {LineSearchMethod!r}.",
            fix=nearest(LineSearchMethod, METHODS),
        )
    limit = count(NAME, "MaxNumLineSearchIterations", MaxNumLineSearchIterations)
    outputs = count(NAME, "NumLossFunctionOutputs", NumLossFunctionOutputs, 2)
    problem = Problem(net, lossFcn, outputs)
    state = _checked_state(solverState)
    reads = Reads(lossFcn, state._reads)
    start = _start(problem, state, reads, outputs)
    history = _history(state, problem, start)
    along, slope, norm = _direction(start, history)
    end, step_norm, satisfied = start, 0.0, start.gradient_norm == 0
    if slope < 0:
        origin = Trial(0.0, start.loss_value, slope, start)
        trial, satisfied = search(
            LineSearchMethod, lambda step: problem.at(along, step), origin, limit, _roundoff(start)
        )
        if trial is not None:
            end, step_norm = trial.point, trial.step * norm
            history = _longer(history, along, trial, start)
        else:  # a call that tries again starts from steepest descent
            history = _empty_history(state, start)
    status = "completed" if satisfied else "failed"
    used = {"LineSearchMethod": LineSearchMethod, "MaxNumLineSearchIterations": limit}
    return end.net, state.after(end, history, reads, step_norm, status, used)


def _checked_state(state: Any) -> LBFGSState:
    if isinstance(state, LBFGSState):
        return state
    if state is None or (hasattr(state, "__len__") and len(state) == 0):
        return lbfgsState()
    raise OptionError(
        f"{NAME}: the solver state is a {type(state).__name__}.",
        fix="Start with solverState = lbfgsState() and pass on what lbfgsupdate returns.",
    )


def _start(problem: Problem, state: LBFGSState, reads: Reads, outputs: int) -> Point:
    """The present point: known from the last call, or evaluated."""
    known = problem.known(state._point)
    enough = known is not None and len(known.extra) == outputs - 2
    if known is not None and enough and reads.alike(state._reads):
        return known
    return problem.start()


def _history(state: LBFGSState, problem: Problem, start: Point) -> History:
    """The history of the state, or an empty one; a state of other parameters is refused."""
    if state._point is None or state._history is None:
        return _empty_history(state, start)
    if [v.shape for v in state._point.values] != [v.shape for v in problem.values]:
        raise OptionError(
            f"{NAME}: the solver state belongs to other parameters.",
            got={"state": kinds(state._point.values), "parameters": kinds(problem.values)},
            fix="Use one state for each network, and start anew with lbfgsState() when parameters "
            "change in size or number.",
        )
    return state._history.converted(start.gradient.dtype)


def _empty_history(state: LBFGSState, start: Point) -> History:
    factor = _first_factor(state, start)
    return History.empty(state.HistorySize, start.gradient.size, start.gradient.dtype, factor)


def _longer(history: History, along: Any, trial: Trial, start: Point) -> History:
    """The history after a step."""
    with jax.enable_x64(True):
        step = np.float64(trial.step)
        return steps.pushed(history, along, step, start.gradient, trial.point.gradient)


def _first_factor(state: LBFGSState, start: Point) -> float:
    size = state.InitialStepSize
    if isinstance(size, list):
        return state.InitialInverseHessianFactor
    with jax.enable_x64(True):
        if size == "auto":
            size = 0.5 * float(steps.largest(start.values)) + 0.1
        slope = float(steps.largest([start.gradient]))
    return size / slope if 0 < slope < np.inf else 1.0


def _direction(start: Point, history: History) -> tuple[Any, float, float]:
    """A direction of descent, the slope along it, and its norm."""
    with jax.enable_x64(True):
        along, numbers = steps.direction(start.gradient, history)
        slope, norm = np.asarray(numbers).tolist()
        if not (slope < 0 and np.isfinite(slope)) and start.gradient_norm > 0:
            along = -history.factor * start.gradient  # rounding spoilt the pairs
            norm = float(history.factor) * start.gradient_norm
            slope = -norm * start.gradient_norm
    usable = np.isfinite(slope) and np.isfinite(start.loss_value)
    return along, slope if usable else np.nan, norm


def _roundoff(start: Point) -> float:
    """The relative error that a loss may have: a few units in the last place."""
    loss = start.loss._data if isinstance(start.loss, dlarray) else raw(start.loss)
    return 4 * float(jnp.finfo(loss.dtype).eps)
