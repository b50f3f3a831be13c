"""What recurrent layers have in common: parameters with a block of rows per gate, and states."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, ClassVar, Literal

import numpy as np

from .. import _labels as labels
from .._errors import FormatError, OptionError
from ..dlarray import dlarray, stripdims
from ..functions._operands import shown
from ..functions._options import number, whole, word
from ._builtin import BuiltinLayer, fitted, flag, is_empty
from ._initializers import Initializer
from ._layer import Layer
from ._layout import networkDataLayout
from ._time import at_step, with_time

Mode = Literal["sequence", "last"]
StateActivation = Literal["tanh", "softsign", "relu"]
GateActivation = Literal["sigmoid", "hard-sigmoid"]

PARAMETERS = ("InputWeights", "RecurrentWeights", "Bias")
WORDS = {
    "OutputMode": ["sequence", "last"],
    "StateActivationFunction": ["tanh", "softsign", "relu"],
    "GateActivationFunction": ["sigmoid", "hard-sigmoid"],
}

ACTIVATIONS = """StateActivationFunction: Used for tanh: "tanh", "relu", or "softsign"
            (x / (1 + abs(x))).
        GateActivationFunction: Used for sigma: "sigmoid", or "hard-sigmoid" (0.2 x + 0.5, kept
            between 0 and 1)."""

MODE = """OutputMode: "sequence" for all time steps, "last" for the last one, without "T"."""

VALUES = """InputWeights: First value; drawn by ``InputWeightsInitializer`` if empty.
        RecurrentWeights: First value; drawn by ``RecurrentWeightsInitializer`` if empty.
        Bias: First value; made by ``BiasInitializer`` if empty.
        InputWeightsInitializer: "glorot" (uniform, variance 2 / (inputs + outputs)), "he" (normal,
            variance 2 / inputs), "orthogonal", "narrow-normal" (normal, deviation 0.01), "zeros",
            "ones" or a function of the size.
        RecurrentWeightsInitializer: One of the same."""

FACTORS = """InputWeightsLearnRateFactor: Factor of the learning rate of ``InputWeights``: a
            scalar, or one value per gate, in the order of the rows.
        RecurrentWeightsLearnRateFactor: Factor for ``RecurrentWeights``, likewise.
        BiasLearnRateFactor: Factor for ``Bias``, likewise.
        InputWeightsL2Factor: Factor of the L2 penalty of ``InputWeights``, likewise.
        RecurrentWeightsL2Factor: Factor for ``RecurrentWeights``, likewise.
        BiasL2Factor: Factor for ``Bias``, likewise.
        Name: Name in the network."""

ERRORS = """OptionError: A wrong option.
        FormatError: The input has no "C" or another number of inputs, or the state is one of
            another number of observations (in `predict`; `resetState` makes a new one)."""


def arguments(scope: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of an ``__init__`` by name, from its ``locals()``."""
    return {name: value for name, value in scope.items() if name not in ("self", "__class__")}


class RecurrentLayer(BuiltinLayer):
    """Base of the recurrent layers."""

    learnables = PARAMETERS
    gates: ClassVar[int]  # blocks of rows in the weights
    directions: ClassVar[int] = 1
    ports: ClassVar[tuple[str, ...]]  # names of states that are inputs or outputs

    OutputMode: Any
    StateActivationFunction: Any
    GateActivationFunction: Any
    BiasInitializer: Any
    InputWeightsInitializer: Any
    RecurrentWeightsInitializer: Any

    def __init__(self, options: Mapping[str, Any]):
        """Check and keep the arguments of the layer's own ``__init__``, given by name."""
        given, returned = (
            flag(self.kind, name, options.get(name, False))
            for name in ("HasStateInputs", "HasStateOutputs")
        )
        super().__init__(options["Name"], **self._port_names(given, returned))
        (self.NumHiddenUnits,) = whole(self.kind, "numHiddenUnits", options["numHiddenUnits"])
        for name, words in WORDS.items():
            setattr(self, name, word(self.kind, name, options[name], words))
        self.HasStateInputs, self.HasStateOutputs = given, returned
        self.InputSize: Literal["auto"] | int = "auto"
        for name in PARAMETERS:
            setattr(self, name, options[name])
            setattr(self, f"{name}Initializer", options[f"{name}Initializer"])
        for name in (f"{p}{kind}Factor" for kind in ("LearnRate", "L2") for p in PARAMETERS):
            setattr(self, name, self._per_gate(name, options[name]))
        for name in type(self).states:
            setattr(self, name, options[name])
            if given and not is_empty(options[name]):
                raise OptionError(
                    f"{self.kind}: {name} must be empty, as the state is an input.",
                    fix="Leave it out, or set HasStateInputs=False.",
                )

    def _port_names(self, given: bool, returned: bool) -> dict[str, Any]:
        names = list(self.ports)
        options: dict[str, Any] = {}
        if given:
            options |= {"InputNames": ["in", *names], "NumInputs": 1 + len(names)}
        if returned:
            options |= {"OutputNames": ["out", *names], "NumOutputs": 1 + len(names)}
        return options

    def _per_gate(self, name: str, value: Any) -> Any:
        """A factor: one number, or one per gate."""
        if np.size(value) == 1:
            return number(self.kind, name, value, least=0)
        numbers = np.asarray(value, float).ravel()
        if numbers.size != self.gates or (numbers < 0).any():
            raise OptionError(
                f"{self.kind}: {name} must be a number or {self.gates} numbers, 0 or larger.",
                got={name: value},
            )
        return tuple(numbers.tolist())

    def _checked_factor(self, who: str, parameter: str, value: Any) -> Any:
        if parameter in PARAMETERS:
            return self._per_gate(f"the factor of {parameter}", value)
        return super()._checked_factor(who, parameter, value)

    def learn_rate(self, parameter: str) -> Any:
        """Factor of a parameter's learning rate; one per gate is spread over the rows."""
        value = super().learn_rate(parameter)
        if np.size(value) == 1:
            return value
        rows = self._bias_rows() if parameter == "Bias" else self.gates * self.NumHiddenUnits
        spread = np.repeat(value, self.NumHiddenUnits)
        return np.tile(spread, rows // spread.size)[:, None]

    @property
    def absent(self) -> tuple[str, ...]:
        """States that come as inputs."""
        return type(self).states if self.HasStateInputs else ()

    # Initialization

    def initialize(self, layout: networkDataLayout, *states: networkDataLayout) -> Layer:
        """With first values of the parameters and states."""
        sizes = layout.sizes("SC")
        if "C" not in layout.Format or any(math.isnan(n) for n in sizes):
            raise FormatError(
                f'{self.kind}: the input must have a "C", and known sizes of "S" and "C".',
                got={"input": repr(layout)},
                fix="Fix the size of the input layer.",
            )
        count, rows = int(math.prod(sizes)), self.gates * self.NumHiddenUnits
        inputs, hidden = self._columns(count)
        first = {
            "InputWeights": self._value(
                "InputWeights", (rows, inputs), self.InputWeightsInitializer, inputs, rows
            ),
            "RecurrentWeights": self._value(
                "RecurrentWeights", (rows, hidden), self.RecurrentWeightsInitializer, hidden, rows
            ),
            "Bias": self._value("Bias", (self._bias_rows(), 1), self._bias_initializer()),
        }
        own = {name: self._state(name) for name in type(self).states if name not in self.absent}
        start = vars(self).get("_start", own)
        return self.bound({"InputSize": count, **first, **own, "_start": start})

    def _columns(self, inputs: int) -> tuple[int, int]:
        """Columns of InputWeights and of RecurrentWeights."""
        return inputs, self.NumHiddenUnits

    def _bias_rows(self) -> int:
        return self.gates * self.NumHiddenUnits

    def _bias_initializer(self) -> Initializer:
        return self.BiasInitializer

    def _state(self, name: str) -> Any:
        """First value of a state: zeros, or the user's, for one observation or for several."""
        rows, given = self.directions * self.NumHiddenUnits, getattr(self, name)
        if is_empty(given):
            return np.zeros((rows, 1), np.float32)
        columns = np.shape(given)[1] if np.ndim(given) == 2 and np.shape(given)[0] == rows else 1
        return fitted(self.kind, name, given, (rows, columns))

    def resetState(self) -> Layer:
        """States as they were before the first call."""
        return self.bound(vars(self).get("_start", {}))

    # Running

    def predict(self, X: dlarray, *given: dlarray) -> tuple[Any, ...]:
        """The hidden states at all times or at the last one; the last states."""
        steps = X if "T" in X.dims else with_time(X)
        states = given or tuple(getattr(self, name) for name in type(self).states)
        self._check_observations(steps, states)
        Y, last = self._run(steps, states)
        if self.OutputMode == "last":
            Y = self._last(Y)
        elif "T" not in X.dims:
            Y = at_step(self.kind, Y, -1)
        returned = last if self.HasStateOutputs else ()
        return Y, *returned, *(() if given else (stripdims(s) for s in last))

    def _run(self, X: dlarray, states: tuple[Any, ...]) -> tuple[dlarray, tuple[Any, ...]]:
        """The operation: output at all times, last states."""
        raise NotImplementedError

    def _last(self, Y: dlarray) -> dlarray:
        return at_step(self.kind, Y, -1)

    def _check_observations(self, X: dlarray, states: tuple[Any, ...]) -> None:
        places = labels.find(X.dims, "B")
        count = X.shape[places[0]] if places else 1
        for name, state in zip(type(self).states, states, strict=True):
            if state.shape[1] not in (1, count):
                raise FormatError(
                    f"{self.kind}: {name} is for {state.shape[1]} observations, the input has "
                    f"{count}.",
                    got={"input": shown(X), name: shown(state)},
                    fix="Before a mini-batch of another size call net = resetState(net).",
                )

    def _line(self) -> str:
        return f"{self.Type} with {self.NumHiddenUnits} hidden units"
