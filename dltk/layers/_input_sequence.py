"""The input layer for sequences."""

from __future__ import annotations

from typing import Any

from .._errors import OptionError
from ..functions._options import whole
from ._builtin import bracket
from ._docs import describes
from ._input_base import COMMON, ERRORS, Dimension, Mode, NormalizingInputLayer, Size


@describes(common=COMMON, errors=ERRORS)
class sequenceInputLayer(NormalizingInputLayer):
    """Input of sequences: of vectors (labels CBT), of 1-D, 2-D or 3-D images (SCBT to SSSCBT).

    What pads the sequences of a mini-batch is normalized like data.

    Args:
        inputSize: Number of channels, or [height, channels], [height, width, channels] or
            [height, width, depth, channels] for sequences of images.
        MinLength: Number of time steps of the shortest sequence that the network must take; layers
            that convolve or pool over time are tried out with it when the network is initialized.
        {common}

    Raises:
        {errors}

    Example:
        >>> sequenceInputLayer(12).layout(), sequenceInputLayer([64, 64, 3]).layout().Format
        (12(C) × ?(B) × ?(T), 'SSCBT')

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.sequenceinputlayer.html
    """

    base_name = "sequenceinput"
    sequences = True
    Type = "Sequence Input"

    def __init__(
        self,
        inputSize: Size,
        *,
        MinLength: int = 1,
        Normalization: Mode = "none",
        NormalizationDimension: Dimension = "auto",
        Mean: Any = None,
        StandardDeviation: Any = None,
        Min: Any = None,
        Max: Any = None,
        SplitComplexInputs: bool = False,
        Name: str = "",
    ):
        sizes = (inputSize,) if isinstance(inputSize, (int, float)) else tuple(inputSize)
        if not 1 <= len(sizes) <= 4:
            raise OptionError(
                f"{self.kind}: inputSize has {len(sizes)} values.",
                got={"inputSize": inputSize},
                fix="Give the number of channels, or [height, width, channels] for images.",
            )
        super().__init__(
            whole(self.kind, "inputSize", sizes, len(sizes), per="size"),
            Normalization,
            NormalizationDimension,
            (Mean, StandardDeviation, Min, Max),
            SplitComplexInputs,
            Name,
        )
        (self.MinLength,) = whole(self.kind, "MinLength", MinLength)

    def _line(self) -> str:
        count = bracket(self.InputSize)
        plural = "s" * (self.InputSize != (1,))
        return f"Sequence input with {count} dimension{plural}{self._normalization()}"
