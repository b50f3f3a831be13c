"""Long short-term memory and gated recurrent units: what they accept and return.

Data lies in memory with time first, so the loop over time needs no transposition.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import jax.numpy as jnp

from .. import _labels as labels
from .._errors import FormatError
from .._numbers import Raw
from ..dlarray import apply, dlarray, unformatted
from ._operands import Parameter, Restore, formatted, need, parameter, shown, vector
from ._options import outputs, word
from ._recurrence import GATE_WORDS, STATE_WORDS, lstm_over_time
from ._recurrence_gru import gru_over_time

MODES = ("after-multiplication", "before-multiplication", "recurrent-bias-after-multiplication")


def lstm(
    X: Any,
    H0: Any,
    C0: Any,
    weights: Any,
    recurrentWeights: Any,
    bias: Any,
    *,
    DataFormat: str | None = None,
    StateActivationFunction: Literal["tanh", "softsign", "relu"] = "tanh",
    GateActivationFunction: Literal["sigmoid", "hard-sigmoid"] = "sigmoid",
    nargout: int = 1,
) -> Any:
    r"""Long short-term memory: one hidden state for each time step.

    .. math::

        i &= \sigma(W_i x + R_i h + b_i) & f &= \sigma(W_f x + R_f h + b_f) \\
        g &= \tanh(W_g x + R_g h + b_g) & o &= \sigma(W_o x + R_o h + b_o) \\
        c &\leftarrow f \odot c + i \odot g & h &\leftarrow o \odot \tanh(c)

    Args:
        X: Sequences with "C" and "T", usually "CBT": a formatted dlarray, or an unformatted one
            with ``DataFormat``. Spatial dimensions are flattened into the channels, the first one
            fastest.
        H0: Initial hidden state, units x 1 (for all observations) or units x observations; "CB" if
            formatted.
        C0: Initial cell state, likewise.
        weights: 4 units x inputs; row blocks input gate, forget gate, cell candidate, output gate.
        recurrentWeights: 4 units x units, in the same blocks.
        bias: 4 units values.
        DataFormat: Labels of an unformatted ``X`` in the order of its dimensions.
        StateActivationFunction: Used where the formulas say tanh: "tanh", "softsign"
            (x / (1 + |x|)) or "relu".
        GateActivationFunction: The gates' sigma: "sigmoid" or "hard-sigmoid" (0.2 x + 0.5, kept
            between 0 and 1).
        nargout: How many of the outputs to return, 1, 2 or 3.

    Returns:
        ``Y``, the hidden states of all time steps, with the labels of ``X`` except "S" and units
        channels; with ``nargout=3`` ``(Y, hiddenState, cellState)``, the states after the last
        step, units x observations ("CB" if ``X`` is formatted).

    Raises:
        FormatError: ``X`` lacks "C" or "T", or sizes do not fit.
        OptionError: Another activation function.

    Example:
        >>> import numpy as np
        >>> X = dlarray(np.ones((3, 2, 5), np.float32), "CBT")
        >>> H0 = C0 = np.zeros((4, 1))
        >>> W, R, b = np.ones((16, 3)), np.ones((16, 4)), np.zeros((16, 1))
        >>> Y, hiddenState, cellState = lstm(X, H0, C0, W, R, b, nargout=3)
        >>> Y.dims, Y.shape, cellState.dims, cellState.shape
        ('CBT', (4, 2, 5), 'CB', (4, 2))

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlarray.lstm.html and Hochreiter and
        Schmidhuber, Long short-term memory, 1997.
    """
    outputs("lstm", nargout, (1, 2, 3))
    kinds = (
        word("lstm", "StateActivationFunction", StateActivationFunction, STATE_WORDS),
        word("lstm", "GateActivationFunction", GateActivationFunction, GATE_WORDS),
    )
    net = _Recurrent.of("lstm", 4, X, DataFormat, weights, recurrentWeights, H0, C0, bias)
    states = [net.state("H0", H0), net.state("C0", C0)]
    b = vector("lstm", "bias", bias, 4 * net.units, of="gate units")
    program = lstm_over_time(*kinds)

    def run(x: Raw, h: Raw, c: Raw, w: Raw, r: Raw, b: Raw) -> tuple[Raw, Raw, Raw]:
        initial = (net.spread(s, v) for s, v in zip(states, (h, c), strict=True))
        bias = jnp.broadcast_to(b.reshape(-1), 4 * net.units)
        hs, c = program(net.flat(x), *initial, net.W.arrange(w), net.R.arrange(r), bias)
        return net.out(hs), hs[-1], c

    inputs = [net.X, *(s.value for s in states), net.W.value, net.R.value, b]
    Y, h, c = apply("lstm", run, inputs, (net.dims, "CB", "CB"))
    return net.returned(Y, [h, c], nargout)


def gru(
    X: Any,
    H0: Any,
    weights: Any,
    recurrentWeights: Any,
    bias: Any,
    *,
    DataFormat: str | None = None,
    ResetGateMode: Literal[
        "after-multiplication", "before-multiplication", "recurrent-bias-after-multiplication"
    ] = "after-multiplication",
    StateActivationFunction: Literal["tanh", "softsign", "relu"] = "tanh",
    GateActivationFunction: Literal["sigmoid", "hard-sigmoid"] = "sigmoid",
    nargout: int = 1,
) -> Any:
    r"""Gated recurrent unit: one hidden state for each time step.

    .. math::

        r &= \sigma(W_r x + b_r + R_r h), \quad z = \sigma(W_z x + b_z + R_z h) \\
        c &= \tanh(W_c x + b_c + r \odot (R_c h)), \quad
        h \leftarrow (1 - z) \odot c + z \odot h

    Args:
        X: Sequences with "C" and "T", usually "CBT": a formatted dlarray, or an unformatted one
            with ``DataFormat``. Spatial dimensions are flattened into the channels, the first one
            fastest.
        H0: Initial hidden state, units x 1 (for all observations) or units x observations; "CB" if
            formatted.
        weights: 3 units x inputs; row blocks reset gate, update gate, candidate.
        recurrentWeights: 3 units x units, in the same blocks.
        bias: 3 units values, or 6 units for "recurrent-bias-after-multiplication".
        DataFormat: Labels of an unformatted ``X`` in the order of its dimensions.
        ResetGateMode: Where the reset gate acts: "after-multiplication" as above;
            "before-multiplication", :math:`R_c (r \odot h)`; or
            "recurrent-bias-after-multiplication", in which the second half of the bias is added to
            the products with R, :math:`r \odot (R_c h + b'_c)`.
        StateActivationFunction: Used where the formulas say tanh: "tanh", "softsign" or "relu".
        GateActivationFunction: The gates' sigma: "sigmoid" or "hard-sigmoid".
        nargout: How many of the outputs to return, 1 or 2.

    Returns:
        ``Y``, the hidden states of all time steps, with the labels of ``X`` except "S" and units
        channels; with ``nargout=2`` ``(Y, hiddenState)``, the state after the last step, units x
        observations ("CB" if ``X`` is formatted).

    Raises:
        FormatError: ``X`` lacks "C" or "T", or sizes do not fit.
        OptionError: Another mode or activation function.

    Example:
        >>> import numpy as np
        >>> X = dlarray(np.ones((3, 2, 5)), "CBT")
        >>> W, R, b = np.ones((12, 3)), np.ones((12, 4)), np.zeros((12, 1))
        >>> gru(X, np.zeros((4, 1)), W, R, b).shape
        (4, 2, 5)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlarray.gru.html and Cho et al., Learning
        phrase representations using RNN encoder-decoder, 2014.
    """
    outputs("gru", nargout, (1, 2))
    mode = word("gru", "ResetGateMode", ResetGateMode, MODES)
    kinds = (
        word("gru", "StateActivationFunction", StateActivationFunction, STATE_WORDS),
        word("gru", "GateActivationFunction", GateActivationFunction, GATE_WORDS),
    )
    net = _Recurrent.of("gru", 3, X, DataFormat, weights, recurrentWeights, H0, bias)
    state = net.state("H0", H0)
    count = (6 if mode.startswith("recurrent-bias") else 3) * net.units
    b = vector("gru", "bias", bias, count, of="gate units")

    def run(x: Raw, h: Raw, w: Raw, r: Raw, b: Raw) -> tuple[Raw, Raw]:
        bias = jnp.broadcast_to(b.reshape(-1), count)
        parts = net.flat(x), net.spread(state, h), net.W.arrange(w), net.R.arrange(r), bias
        hs = gru_over_time(*kinds, mode)(*parts)
        return net.out(hs), hs[-1]

    inputs = [net.X, state.value, net.W.value, net.R.value, b]
    Y, h = apply("gru", run, inputs, (net.dims, "CB"))
    return net.returned(Y, [h], nargout)


@dataclass(frozen=True)
class _Recurrent:
    """Data and weights of a recurrent operation, checked, and how they lie."""

    name: str
    X: dlarray
    restore: Restore
    W: Parameter
    R: Parameter
    units: int
    labelled: bool

    @classmethod
    def of(
        cls, name: str, blocks: int, X: Any, DataFormat: str | None, W: Any, R: Any, *rest: Any
    ) -> _Recurrent:
        """Check everything that does not depend on the states and the bias."""
        data, restore = formatted(name, X, DataFormat, W, R, *rest)
        channels, _ = need(name, data, "C"), need(name, data, "T")
        if "U" in data.dims:
            raise FormatError(
                f'{name}: X has a "U" dimension.',
                got={"X": labels.show(data.shape, data.dims)},
                fix='Sequences have the labels "C", "B", "T" and any "S".',
            )
        w = parameter(name, "weights", W, "CU", option="")
        r = parameter(name, "recurrentWeights", R, "CU", option="")
        for axis in labels.find(data.dims, "S"):
            channels *= data.shape[axis]
        units = r.sizes[1]
        wanted = {
            "weights": (blocks * units, channels),
            "recurrentWeights": (blocks * units, units),
        }
        if (w.sizes, r.sizes) != (wanted["weights"], wanted["recurrentWeights"]):
            raise FormatError(
                f"{name}: the sizes of X, weights and recurrentWeights do not fit together.",
                got={
                    "X": f"{labels.show(data.shape, data.dims)}, {channels} values per time step",
                    "weights": shown(W),
                    "recurrentWeights": shown(R),
                },
                fix=f"With {units} units, weights must be {labels.show(wanted['weights'])} and "
                f"recurrentWeights {labels.show(wanted['recurrentWeights'])}.",
            )
        labelled = isinstance(X, dlarray) and bool(X.dims)
        return cls(name, data, restore, w, r, units, labelled)

    @property
    def batch(self) -> int:
        found = labels.find(self.X.dims, "B")
        return self.X.shape[found[0]] if found else 1

    @property
    def dims(self) -> str:
        """Labels of the output."""
        return self.X.dims.replace("S", "")

    def state(self, what: str, value: Any) -> Parameter:
        """An initial state, units x 1 or units x observations."""
        state = parameter(self.name, what, value, "CB", option="")
        if state.sizes == (1, self.units) and self.units != 1:  # a row
            turned = state.arrange
            state = Parameter(state.value, (self.units, 1), lambda s: turned(s).T)
        if state.sizes[0] != self.units or state.sizes[1] not in (1, self.batch):
            raise FormatError(
                f"{self.name}: {what} has the wrong size.",
                got={"X": labels.show(self.X.shape, self.X.dims), what: shown(value)},
                fix=f"It must be {self.units}×1 or {self.units}×{self.batch}, a row per unit.",
            )
        return state

    def spread(self, state: Parameter, value: Raw) -> Raw:
        """An initial state as (batch, units)."""
        return jnp.broadcast_to(state.arrange(value).T, (self.batch, self.units))

    def flat(self, x: Raw) -> Raw:
        """Data as (time, batch, inputs); the first spatial dimension runs fastest."""
        if "B" not in self.X.dims:
            x = x[:, None]
        last_first = (0, 1, *reversed(range(2, x.ndim)))
        return x.transpose(last_first).reshape(*x.shape[:2], -1)

    def out(self, hs: Raw) -> Raw:
        """Hidden states as the output lies."""
        return hs if "B" in self.X.dims else hs[:, 0]

    def returned(self, Y: dlarray, states: list[dlarray], nargout: int) -> Any:
        """The outputs that were asked for, in the caller's layout."""
        Y = self.restore(Y, without="S")
        if nargout == 1:
            return Y
        shown = states if self.labelled else [unformatted(s, self.name) for s in states]
        return (Y, *shown[: nargout - 1])
