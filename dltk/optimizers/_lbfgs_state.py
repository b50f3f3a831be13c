"""What L-BFGS keeps from call to call: pairs of steps and gradient changes, and the last point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import jax
import numpy as np

from .._errors import OptionError, nearest
from .._numbers import Raw
from ._lbfgs_history import History, Point


class LBFGSState:
    """State of `lbfgsupdate`, made by `lbfgsState`. A call returns a new one; nothing changes it.

    Attributes:
        HistorySize: How many pairs of steps and gradient differences are kept.
        InitialInverseHessianFactor: The first guess of the inverse Hessian, times the identity.
        InitialStepSize: Largest element of the first step, ``[]`` if not chosen.
        InverseHessianFactor: The factor that the next call starts from.
        StepHistory: The last steps, the newest last, as lists of arrays, one for each parameter.
        GradientsDifferenceHistory: How the gradients changed along these steps, likewise.
        HistoryIndices: Where the pairs stand in these lists, from 1, the oldest first.
        Loss: Loss of the returned parameters, as the loss function returned it; ``[]`` at first.
        Gradients: Their gradients.
        AdditionalLossFunctionOutputs: Further outputs of the loss function there, a list.
        StepNorm: Euclidean norm of the last step, a float.
        GradientsNorm: Euclidean norm of the gradients, a float.
        LineSearchStatus: "completed", "failed", or "" before the first call.
        LineSearchMethod: Line search of the last call.
        MaxNumLineSearchIterations: Its limit.
    """

    __slots__ = (
        "HistorySize",
        "InitialInverseHessianFactor",
        "InitialStepSize",
        "LineSearchMethod",
        "LineSearchStatus",
        "MaxNumLineSearchIterations",
        "StepNorm",
        "_history",
        "_point",
        "_reads",
    )

    def __init__(self, size: int, factor: float, step: Any):
        self.HistorySize = size
        self.InitialInverseHessianFactor = factor
        self.InitialStepSize = step
        self.LineSearchMethod = ""
        self.LineSearchStatus = ""
        self.MaxNumLineSearchIterations: Any = []
        self.StepNorm: Any = []
        self._history: History | None = None
        self._point: Point | None = None
        self._reads: Any = None

    def after(
        self,
        point: Point,
        history: History,
        reads: Any,
        step_norm: float,
        status: str,
        used: Mapping[str, Any],
    ) -> LBFGSState:
        """The state after a call; ``used`` are the options of its line search."""
        made = LBFGSState(self.HistorySize, self.InitialInverseHessianFactor, self.InitialStepSize)
        made._point, made._history, made._reads = replace(point, net=None), history, reads
        made.StepNorm, made.LineSearchStatus = step_norm, status
        for name, value in used.items():
            setattr(made, name, value)
        return made

    def __getstate__(self) -> tuple[None, dict[str, Any]]:
        # As NumPy arrays, so that double stays double; what the loss function reads stays out, as
        # functions cannot be saved.
        kept = {name: getattr(self, name) for name in self.__slots__} | {"_reads": None}
        kept["_history"] = jax.tree.map(np.asarray, self._history)
        if self._point is not None:
            values = tuple(np.asarray(v) for v in self._point.values)
            gradient = np.asarray(self._point.gradient)
            kept["_point"] = replace(self._point, values=values, gradient=gradient)
        return None, kept

    @property
    def Loss(self) -> Any:
        """Loss of the returned parameters."""
        return [] if self._point is None else self._point.loss

    @property
    def Gradients(self) -> Any:
        """Gradients at the returned parameters."""
        return [] if self._point is None else self._point.gradients

    @property
    def AdditionalLossFunctionOutputs(self) -> list[Any]:
        """Outputs of the loss function after loss and gradients."""
        return [] if self._point is None else list(self._point.extra)

    @property
    def GradientsNorm(self) -> Any:
        """Euclidean norm of the gradients."""
        return [] if self._point is None else self._point.gradient_norm

    @property
    def InverseHessianFactor(self) -> float:
        """Factor of the first guess of the inverse Hessian in the next call."""
        if self._history is None:
            return self.InitialInverseHessianFactor
        return float(self._history.factor)

    @property
    def HistoryIndices(self) -> np.ndarray:
        """Where the pairs stand in the histories, from 1, the oldest first."""
        count = 0 if self._history is None else len(self._history.filled())
        return np.arange(1, count + 1)

    @property
    def StepHistory(self) -> list[Any]:
        """The last steps."""
        return [] if self._history is None else self._rows(self._history.steps)

    @property
    def GradientsDifferenceHistory(self) -> list[Any]:
        """The last differences of gradients."""
        return [] if self._history is None else self._rows(self._history.differences)

    def _rows(self, rows: Raw) -> list[list[np.ndarray]]:
        assert self._history is not None
        assert self._point is not None
        shapes = [v.shape for v in self._point.values]
        cuts = np.cumsum([int(np.prod(shape)) for shape in shapes])[:-1]
        return [
            [part.reshape(s) for part, s in zip(np.split(row, cuts), shapes, strict=True)]
            for row in np.asarray(rows)[self._history.filled()]
        ]

    def __repr__(self) -> str:
        shown = {
            "Loss": self.Loss if isinstance(self.Loss, list) else f"{self._point.loss_value:g}",  # type: ignore[union-attr]
            "GradientsNorm": self.GradientsNorm,
            "StepNorm": self.StepNorm,
            "LineSearchStatus": f'"{self.LineSearchStatus}"',
            "LineSearchMethod": f'"{self.LineSearchMethod}"',
            "MaxNumLineSearchIterations": self.MaxNumLineSearchIterations,
            "HistorySize": self.HistorySize,
            "Pairs in the history": len(self.HistoryIndices),
            "InverseHessianFactor": self.InverseHessianFactor,
            "InitialInverseHessianFactor": self.InitialInverseHessianFactor,
            "InitialStepSize": self.InitialStepSize,
        }
        lines = [
            f"{name:>28}: {f'{v:g}' if isinstance(v, float) else v}" for name, v in shown.items()
        ]
        return "  LBFGSState with properties:\n\n" + "\n".join(lines)


def lbfgsState(
    *,
    HistorySize: int = 10,
    InitialInverseHessianFactor: float = 1.0,
    InitialStepSize: Any = None,
) -> LBFGSState:
    r"""The state with which `lbfgsupdate` starts.

    Args:
        HistorySize: How many pairs of steps and gradient differences to keep; 3 to 20 suit most
            tasks. Memory and time of an update grow with it.
        InitialInverseHessianFactor: The factor :math:`\lambda_0` of the first step,
            :math:`-\lambda_0 g`.
        InitialStepSize: Instead of the factor, the largest element of the first step: a positive
            number, or "auto" for half of the largest parameter plus 0.1. ``[]`` or None: the factor
            counts.

    Returns:
        An `LBFGSState`.

    Raises:
        OptionError: A size that is no positive whole number, or a factor that is not positive.

    Example:
        >>> solverState = lbfgsState(HistorySize=5)
        >>> solverState.HistorySize, solverState.LineSearchStatus
        (5, '')

    Source:
        https://www.mathworks.com/help/deeplearning/ref/lbfgsstate.html
    """
    size = count("lbfgsState", "HistorySize", HistorySize)
    factor = _positive("InitialInverseHessianFactor", InitialInverseHessianFactor)
    return LBFGSState(size, factor, _step_size(InitialStepSize))


def _step_size(value: Any) -> Any:
    if value is None or (isinstance(value, Sequence) and not value):
        return []
    if isinstance(value, str):
        if value != "auto":
            raise OptionError(
                f'lbfgsState: "{value}" is not an InitialStepSize.',
                fix=f"{nearest(value, ['auto'])} A positive number or [] will do as well.",
            )
        return value
    return _positive("InitialStepSize", value)


def _positive(name: str, value: Any) -> float:
    number = _float(value)
    if not 0 < number < np.inf:
        raise OptionError(f"lbfgsState: {name} must be a positive number.", got={name: value})
    return number


def count(who: str, name: str, value: Any, least: int = 1) -> int:
    """A whole number that is at least ``least``."""
    number = _float(value)
    if not (number >= least and number == int(number)):
        raise OptionError(
            f"{who}: {name} must be a whole number of at least {least}.", got={name: value}
        )
    return int(number)


def _float(value: Any) -> float:
    """A scalar as a float; NaN for anything else."""
    try:
        number = np.asarray(value, dtype=np.float64)
    except (TypeError, ValueError):
        return np.nan
    return float(number.reshape(())) if number.size == 1 and np.isfinite(number) else np.nan
