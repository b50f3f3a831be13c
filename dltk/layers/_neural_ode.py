"""A layer whose output is the solution of a differential equation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np

from .._errors import FormatError, OptionError, UnsupportedError
from .._struct import struct
from ..dlarray import dlarray, extractdata
from ..functions._cat import cat
from ..functions._ode import dlode45
from ..functions._ode_network import network_rate
from ..functions._options import number, word
from ._builtin import is_empty
from ._layer import Layer
from ._layout import networkDataLayout
from ._network import NestingLayer

MODES = ("direct", "adjoint", "adjoint-seminorm")
AUTO_STEPS = 10  # how many steps of "ode1" there are if its StepSize is "auto"

OPTIONS: dict[str, dict[str, Any]] = {
    "ode45": {
        "InitialStep": [],
        "MaxStep": [],
        "RelativeTolerance": 1e-3,
        "AbsoluteTolerance": 1e-6,
        "GradientMode": "direct",
    },
    "ode1": {"StepSize": "auto", "GradientMode": "direct"},
}


class neuralODELayer(NestingLayer):
    """Solution of dY/dt = f(Y) that starts at the input, with f a network.

    f is predict(net, Y), or predict(net, T, Y) for a network with two inputs, with T the time for
    every observation. The output is the solution at the end of ``tspan``, with the labels of the
    input; with more than two times those at all but the first, along a new dimension "T" (CB
    becomes CBT). The parameters of the network are those of the layer.

    Args:
        net: A dlnetwork (or layers) whose output has size and labels of its state input (property
            ``Network``).
        tspan: Times, increasing or decreasing (property ``TimeInterval``).
        Solver: "ode45", steps as long as the tolerances allow, or "ode1", Euler's method.
        SolverOptions: A struct or dict. For "ode45": InitialStep, MaxStep ([] for automatic),
            RelativeTolerance, AbsoluteTolerance, GradientMode. For "ode1": StepSize ("auto" for a
            tenth of the time), GradientMode.
        GradientMode: Older way to give this option: "direct" differentiates the steps, "adjoint"
            solves the adjoint equation, "adjoint-seminorm" does so in fewer steps.
        RelativeTolerance: Older way to give this option.
        AbsoluteTolerance: Older way to give this option.
        Name: Name in the network.

    Raises:
        OptionError: A wrong option, or a network with other than one or two inputs.
        FormatError: The network gives another size or other labels than those of its input.
        UnsupportedError: "ode1" with another GradientMode than "direct".

    Example:
        >>> from dltk import dlnetwork, featureInputLayer, fullyConnectedLayer, tanhLayer
        >>> f = dlnetwork([featureInputLayer(2), fullyConnectedLayer(2), tanhLayer()])
        >>> net = dlnetwork([featureInputLayer(2), neuralODELayer(f, [0, 1], Name="ode")])
        >>> net.Learnables["ode/fc", "Weights"].shape
        (2, 2)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.neuralodelayer.html and Chen
        et al., Neural ordinary differential equations, 2018.
    """

    base_name = "neuralode"
    Type = "Neural ODE"

    def __init__(
        self,
        net: Any,
        tspan: Sequence[float],
        *,
        Solver: Literal["ode45", "ode1"] = "ode45",
        SolverOptions: Any = None,
        GradientMode: Literal["direct", "adjoint", "adjoint-seminorm"] | None = None,
        RelativeTolerance: float | None = None,
        AbsoluteTolerance: float | None = None,
        Name: str = "",
    ):
        super().__init__(net, Name)
        times = np.asarray(extractdata(tspan), float).ravel()
        steps = np.diff(times)
        if not steps.size or not (np.all(steps > 0) or np.all(steps < 0)):
            raise OptionError(
                f"{self.kind}: tspan must be two or more times, increasing or decreasing.",
                got={"tspan": times.tolist()},
            )
        self.TimeInterval = tuple(times.tolist())
        if len(self.Network.InputNames) not in (1, 2) or len(self.Network.OutputNames) != 1:
            raise OptionError(
                f"{self.kind}: the network must have one output, and one input Y or two, T and Y.",
                got={"inputs": self.Network.InputNames, "outputs": self.Network.OutputNames},
            )
        self.Solver = word(self.kind, "Solver", Solver, list(OPTIONS))
        older = {
            "GradientMode": GradientMode,
            "RelativeTolerance": RelativeTolerance,
            "AbsoluteTolerance": AbsoluteTolerance,
        }
        self.SolverOptions = self._options(
            SolverOptions, {name: value for name, value in older.items() if value is not None}
        )

    def _options(self, given: Any, older: Mapping[str, Any]) -> struct:
        """All options of the solver, checked."""
        options = dict(OPTIONS[self.Solver])
        found = {} if is_empty(given) else {name: given[name] for name in given}
        for name, value in {**found, **older}.items():
            options[word(self.kind, "an option of the solver", name, list(options))] = value
        options["GradientMode"] = word(
            self.kind, "GradientMode", options["GradientMode"], list(MODES)
        )
        for name, value in options.items():
            if name != "GradientMode" and not is_empty(value) and value != "auto":
                number(self.kind, name, value, above=0)
        if self.Solver == "ode1" and options["GradientMode"] != "direct":
            raise UnsupportedError(
                f'{self.kind}: the solver "ode1" differentiates its steps.',
                got={"GradientMode": options["GradientMode"]},
                fix='Use GradientMode="direct", or Solver="ode45".',
            )
        return struct(**options)

    def initialize(self, layout: networkDataLayout) -> Layer:
        """With first values of the network's parameters; the step of "ode1" becomes a number."""
        net = self.Network
        if not net.Initialized:
            batch = [n for n, d in zip(layout.Size, layout.Format, strict=True) if d == "B"]
            time = networkDataLayout([1, *batch], "CB"[: 1 + len(batch)])
            given = [time, layout] if len(net.InputNames) == 2 else [layout]
            net = net._initialized(*given)
        options = struct(**{name: self.SolverOptions[name] for name in self.SolverOptions})
        if self.Solver == "ode1" and options.StepSize == "auto":
            options["StepSize"] = abs(self.TimeInterval[-1] - self.TimeInterval[0]) / AUTO_STEPS
        return self.bound({"Network": net, "SolverOptions": options})

    def predict(self, X: dlarray) -> dlarray:
        """The solution."""
        slope = network_rate(dlarray(self.TimeInterval[0]), X, self.Network, DataFormat=None)
        if slope.dims != X.dims or slope.shape != X.shape:
            raise FormatError(
                f"{self.kind}: the network must return size and labels of its input.",
                got={"input": f"{X.shape} {X.dims}", "output": f"{slope.shape} {slope.dims}"},
            )
        if self.Solver == "ode1":
            return self._euler(X)
        options = self.SolverOptions
        return dlode45(
            self.Network,
            list(self.TimeInterval),
            X,
            GradientMode=options.GradientMode,
            InitialStepSize=options.InitialStep,
            MaxStepSize=options.MaxStep,
            RelativeTolerance=options.RelativeTolerance,
            AbsoluteTolerance=options.AbsoluteTolerance,
        )

    def _euler(self, Y: dlarray) -> dlarray:
        """Y + h f(Y), with a last step as short as needed to reach each time."""
        found = []
        for start, end in zip(self.TimeInterval, self.TimeInterval[1:], strict=False):
            count = max(1, round(np.ceil(abs(end - start) / self.SolverOptions.StepSize - 1e-9)))
            step = float(np.copysign(self.SolverOptions.StepSize, end - start))
            times = [start + i * step for i in range(count)]
            for t, after in zip(times, [*times[1:], end], strict=True):
                Y = Y + (after - t) * network_rate(dlarray(t), Y, self.Network, DataFormat=None)
            found.append(Y)
        if len(found) == 1:
            return Y
        fmt = Y.dims.rstrip("U")
        each = [dlarray(y, f"{Y.dims[: len(fmt)]}T") for y in found]
        return cat(each[0].dims.index("T") + 1, *each)

    def _shown(self) -> dict[str, Any]:
        return {
            "TimeInterval": list(self.TimeInterval),
            "Solver": self.Solver,
            "SolverOptions": self.SolverOptions,
        }

    def _line(self) -> str:
        return f"Neural ODE from {self.TimeInterval[0]:g} to {self.TimeInterval[-1]:g}"
