"""The short-time Fourier transform and its inverse as layers with a learnable window."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np

from .. import _labels as labels
from ..dlarray import dlarray
from ..functions._cat import cat
from ..functions._elementwise import abs, imag, log, real
from ..functions._extrema import max
from ..functions._frames import frames_of
from ..functions._options import word
from ..functions._stft import dlistft, dlstft
from ._builtin import BuiltinLayer, factor
from ._docs import describes
from ._layer import Layer
from ._layout import networkDataLayout

Mode = Literal["mag", "squaremag", "logmag", "logsquaremag", "realimag"]
MODES = ["mag", "squaremag", "logmag", "logsquaremag", "realimag"]
SMALLEST = float(np.finfo(np.float32).tiny)

OPTIONS = """Window: A vector; the periodic Hann window of 128 samples if not given.
        OverlapLength: Samples that neighbouring windows share; three quarters if not given.
        FFTLength: Number of frequencies from 0 to the sample rate, at least the samples of the
            window; just these if not given."""

FACTORS = """WeightLearnRateFactor: Factor of the learning rate of ``Weights``; 0, the default,
            keeps the window as it is.
        WeightL2Factor: Factor of the L2 penalty of ``Weights``, for a loop that has one.
        Name: Name in the network."""


class WindowLayer(BuiltinLayer):
    """Base of both layers: Weights are the window."""

    learnables = ("Weights",)

    def __init__(
        self, Name: str, Window: Any, OverlapLength: Any, FFTLength: Any, factors: tuple[Any, Any]
    ):
        super().__init__(Name)
        points = np.size(Window) if FFTLength is None and Window is not None else FFTLength
        frames = frames_of(self.kind, Window, OverlapLength, points, "onesided")
        self.Window = np.asarray(frames.window, np.float64).ravel()
        self.OverlapLength = frames.length - frames.hop
        self.FFTLength = frames.points
        self.Weights: Any = None
        names = ("WeightLearnRateFactor", "WeightL2Factor")
        for name, value in zip(names, factors, strict=True):
            setattr(self, name, factor(self.kind, name, value))

    def initialize(self, layout: networkDataLayout) -> Layer:
        """With the window as the first value of Weights."""
        size = (len(self.Window), 1)
        return self.bound({"Weights": self._value("Weights", size, self._window)})

    def _window(self, size: Sequence[int]) -> np.ndarray:
        return self.Window.reshape(size)

    def _options(self) -> dict[str, Any]:
        return {
            "Window": self.Weights,
            "OverlapLength": self.OverlapLength,
            "FFTLength": self.FFTLength,
        }

    def _line(self) -> str:
        return f"{self.Type} with a window of {len(self.Window)} samples"


@describes(options=OPTIONS, factors=FACTORS)
class stftLayer(WindowLayer):
    """Short-time Fourier transform of signals, as `dlstft`.

    CBT becomes SCBT with the frequencies from 0 to half the sample rate along "S" and a time step
    for each window. Samples at the end that fill no window are left out.

    Learns Weights (samples of the window × 1), which begin as the window.

    Args:
        {options}
        TransformMode: What becomes of the complex numbers: "mag" (magnitude), "squaremag" (its
            square), "logmag" and "logsquaremag" (their natural logarithms, of nothing smaller than
            the smallest normal single), or "realimag" (real parts as channels, then imaginary
            ones).
        {factors}

    Raises:
        OptionError: Lengths that do not fit together, or a word that does not exist.
        FormatError: The input has no "T", or fewer samples than the window (in `predict`).

    Example:
        >>> from dltk import dlnetwork, predict, sequenceInputLayer
        >>> net = dlnetwork([sequenceInputLayer(2, MinLength=160), stftLayer()])
        >>> predict(net, dlarray(np.zeros((2, 3, 160)), "CBT")).shape
        (65, 2, 3, 2)

    Source:
        https://www.mathworks.com/help/signal/ref/stftlayer.html
    """

    base_name = "stft"
    Type = "STFT"

    def __init__(
        self,
        *,
        Window: Any = None,
        OverlapLength: int | None = None,
        FFTLength: int | None = None,
        TransformMode: Mode = "mag",
        WeightLearnRateFactor: float = 0,
        WeightL2Factor: float = 1,
        Name: str = "",
    ):
        factors = (WeightLearnRateFactor, WeightL2Factor)
        super().__init__(Name, Window, OverlapLength, FFTLength, factors)
        self.TransformMode: Any = word(self.kind, "TransformMode", TransformMode, MODES)

    def predict(self, X: dlarray) -> dlarray:
        """The transform."""
        y = dlstft(X, **self._options())
        if self.TransformMode == "realimag":
            return cat(labels.find(y.dims, "C")[0] + 1, real(y), imag(y))
        square = "square" in self.TransformMode
        size = real(y) ** 2 + imag(y) ** 2 if square else abs(y)
        return log(max(size, SMALLEST)) if self.TransformMode.startswith("log") else size


@describes(options=OPTIONS, factors=FACTORS)
class istftLayer(WindowLayer):
    """Inverse short-time Fourier transform, as `dlistft`: signals from what `stftLayer` made.

    Takes real SCBT, frequencies along "S" and as many imaginary as real channels, real ones first
    (`TransformMode` "realimag"); or CBT with the frequencies in the channels, running fastest, as
    `flattenLayer` makes of that. The output is CBT.

    Learns Weights (samples of the window × 1), which begin as the window.

    Args:
        {options}
        Method: "wola" weighs the parts by the window before it adds them up, "ola" does not.
        {factors}

    Raises:
        OptionError: Lengths that do not fit together, or a word that does not exist.
        FormatError: The input has another number of frequencies or of channels (in `predict`).

    Example:
        >>> from dltk import dlnetwork, predict, sequenceInputLayer
        >>> layers = [stftLayer(TransformMode="realimag"), istftLayer()]
        >>> net = dlnetwork([sequenceInputLayer(1, MinLength=256), *layers])
        >>> X = dlarray(np.sin(np.arange(256.0)).reshape(1, 1, -1), "CBT")
        >>> bool(abs(predict(net, X) - X)[:, :, 9:247].max() < 1e-4)
        True

    Source:
        https://www.mathworks.com/help/signal/ref/istftlayer.html
    """

    base_name = "istft"
    Type = "ISTFT"

    def __init__(
        self,
        *,
        Window: Any = None,
        OverlapLength: int | None = None,
        FFTLength: int | None = None,
        Method: Literal["wola", "ola"] = "wola",
        WeightLearnRateFactor: float = 0,
        WeightL2Factor: float = 1,
        Name: str = "",
    ):
        factors = (WeightLearnRateFactor, WeightL2Factor)
        super().__init__(Name, Window, OverlapLength, FFTLength, factors)
        self.Method: Any = word(self.kind, "Method", Method, ["wola", "ola"])

    def predict(self, X: dlarray) -> dlarray:
        """The signals."""
        return dlistft(X, Method=self.Method, **self._options())
