"""Input layers for images, volumes, features and sequences: check the data, then normalize it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, Literal

from .. import _labels as labels
from .._errors import FormatError, OptionError
from ..dlarray import dlarray
from ..functions._options import whole
from ._builtin import BuiltinLayer, bracket, flag
from ._docs import describes
from ._layout import networkDataLayout
from ._statistics import MODES, check_statistics, normalized, split_complex

Size = int | Sequence[int]
Mode = (
    Literal["zerocenter", "zscore", "rescale-symmetric", "rescale-zero-one", "none"]
    | Callable[[dlarray], Any]
)
Dimension = Literal["auto", "channel", "element", "all"]

COMMON = """Normalization: "none", "zerocenter" (X - Mean), "zscore"
            ((X - Mean) / StandardDeviation), "rescale-symmetric" (2 (X - Min) / (Max - Min) - 1),
            "rescale-zero-one" ((X - Min) / (Max - Min)), or a function of X.
        NormalizationDimension: What the statistics are of: each "channel", each "element" or
            "all" of the data; "auto" takes them in any of these sizes.
        Mean: Mean of the data, per element (``inputSize``), per channel or a scalar.
        StandardDeviation: Standard deviation, likewise.
        Min: Smallest values, likewise.
        Max: Largest values, likewise.
        SplitComplexInputs: Make two channels of each complex one, the real and the imaginary part.
        Name: Name in the network."""

ERRORS = """OptionError: A wrong option, or a statistic that the normalization needs is missing (in
            `initialize`).
        FormatError: The data has other labels or another number of channels (in `predict`)."""


class NormalizingInputLayer(BuiltinLayer):
    """Base of the input layers that normalize.

    ``InputSize`` are sizes of the spatial dimensions, then the number of channels.
    """

    is_input = True
    sequences = False

    def __init__(
        self,
        InputSize: tuple[int, ...],
        Normalization: Mode,
        NormalizationDimension: Dimension,
        statistics: tuple[Any, Any, Any, Any],
        SplitComplexInputs: bool,
        Name: str,
    ):
        super().__init__(Name)
        self.InputSize = InputSize
        self.Normalization = Normalization
        self.NormalizationDimension = NormalizationDimension
        self.Mean, self.StandardDeviation, self.Min, self.Max = statistics
        self.SplitComplexInputs = flag(self.kind, "SplitComplexInputs", SplitComplexInputs)
        check_statistics(self, complete=False)

    @property
    def _observation(self) -> str:
        """Labels of one observation."""
        return "S" * (len(self.InputSize) - 1) + "C"

    def layout(self) -> networkDataLayout:
        """Size and labels of the data, with batch and time unknown."""
        unknown = "BT" if self.sequences else "B"
        sizes = [*self.InputSize, *[math.nan] * len(unknown)]
        return networkDataLayout(sizes, self._observation + unknown)

    def implied_format(self, ndim: int) -> str:
        """Labels of plain data: images SSCB, features BC, sequences of vectors TCB."""
        spatial = self._observation[:-1]
        if not self.sequences:
            return spatial + "CB" if spatial else "BC"
        return spatial + "CTB" if spatial else "TCB"

    def initialize(self, layout: networkDataLayout) -> NormalizingInputLayer:
        """Check that the statistics are there."""
        check_statistics(self, complete=True)
        return self

    def predict(self, X: dlarray) -> dlarray:
        """The data, normalized."""
        self._check(X)
        Y = normalized(self, X, self._observation)
        return split_complex(self.kind, Y) if self.SplitComplexInputs else Y

    def _check(self, X: dlarray) -> None:
        wanted = self.layout().Format
        got = {"X": labels.show(X.shape, X.dims)}
        spatial, needed = X.dims.count("S"), wanted.count("S")
        example = f'Label the data, for example dlarray(X, "{wanted}").'
        if not X.dims:
            raise FormatError(f"{self.kind}: the data has no labels.", got=got, fix=example)
        if spatial != needed:
            raise FormatError(
                f"{self.kind}: the data has {spatial} spatial dimension{'s' * (spatial != 1)}, "
                f"expected {needed}.",
                got=got,
                fix=example,
            )
        surplus = "".join(label for label in X.dims if label not in wanted)
        if surplus or "C" not in X.dims:
            fault = f'must not have a "{surplus[0]}"' if surplus else 'has no "C"'
            hint = " Use sequenceInputLayer for sequences." * ("T" in surplus)
            raise FormatError(
                f"{self.kind}: the data {fault} dimension.", got=got, fix=example + hint
            )
        count = X.shape[labels.find(X.dims, "C")[0]]
        if count != self.InputSize[-1]:
            raise FormatError(
                f"{self.kind}: the data has {count} channel{'s' * (count != 1)}, "
                f"expected {self.InputSize[-1]}.",
                got={**got, "InputSize": bracket(self.InputSize)},
                fix="Give data of the size of the input layer; perhaps its dimensions stand in "
                "another order than the labels say.",
            )

    def _normalization(self) -> str:
        mode = self.Normalization
        if mode == "none":
            return ""
        return f" with '{mode}' normalization" if mode in MODES else " with custom normalization"


def _sizes(kind: str, inputSize: Any, spatial: int) -> tuple[int, ...]:
    """Height, width, ... and channels, of which there is one if they are left out."""
    sizes = (inputSize,) if isinstance(inputSize, (int, float)) else tuple(inputSize)
    if len(sizes) not in (spatial, spatial + 1):
        names = ", ".join(["height", "width", "depth"][:spatial])
        raise OptionError(
            f"{kind}: inputSize has {len(sizes)} value{'s' * (len(sizes) != 1)}.",
            got={"inputSize": inputSize},
            fix=f"Give [{names}, channels], or [{names}] for one channel.",
        )
    return whole(kind, "inputSize", [*sizes, 1][: spatial + 1], spatial + 1, per="size")


@describes(common=COMMON, errors=ERRORS)
class imageInputLayer(NormalizingInputLayer):
    """Input of 2-D images, labels SSCB.

    Only the number of channels is checked: a network without fully connected layers takes images of
    other heights and widths than ``inputSize``.

    Args:
        inputSize: Height, width and number of channels (one channel if left out).
        {common}

    Raises:
        {errors}

    Example:
        >>> imageInputLayer([28, 28, 1], Normalization="rescale-zero-one", Min=0, Max=255).layout()
        28(S) × 28(S) × 1(C) × ?(B)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.imageinputlayer.html
    """

    base_name = "imageinput"
    Type = "Image Input"

    def __init__(
        self,
        inputSize: Sequence[int],
        *,
        Normalization: Mode = "zerocenter",
        NormalizationDimension: Dimension = "auto",
        Mean: Any = None,
        StandardDeviation: Any = None,
        Min: Any = None,
        Max: Any = None,
        SplitComplexInputs: bool = False,
        Name: str = "",
    ):
        super().__init__(
            _sizes(self.kind, inputSize, 2),
            Normalization,
            NormalizationDimension,
            (Mean, StandardDeviation, Min, Max),
            SplitComplexInputs,
            Name,
        )

    def _line(self) -> str:
        return f"{bracket(self.InputSize)} images{self._normalization()}"


@describes(common=COMMON, errors=ERRORS)
class image3dInputLayer(NormalizingInputLayer):
    """Input of 3-D images, labels SSSCB.

    Args:
        inputSize: Height, width, depth and number of channels (one channel if left out).
        {common}

    Raises:
        {errors}

    Example:
        >>> image3dInputLayer([9, 8, 7], Normalization="none").InputSize
        (9, 8, 7, 1)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.image3dinputlayer.html
    """

    base_name = "image3dinput"
    Type = "3-D Image Input"

    def __init__(
        self,
        inputSize: Sequence[int],
        *,
        Normalization: Mode = "zerocenter",
        NormalizationDimension: Dimension = "auto",
        Mean: Any = None,
        StandardDeviation: Any = None,
        Min: Any = None,
        Max: Any = None,
        SplitComplexInputs: bool = False,
        Name: str = "",
    ):
        super().__init__(
            _sizes(self.kind, inputSize, 3),
            Normalization,
            NormalizationDimension,
            (Mean, StandardDeviation, Min, Max),
            SplitComplexInputs,
            Name,
        )

    def _line(self) -> str:
        return f"{bracket(self.InputSize)} images{self._normalization()}"


@describes(common=COMMON, errors=ERRORS)
class featureInputLayer(NormalizingInputLayer):
    """Input of features, labels CB.

    Args:
        numFeatures: Number of features (property ``InputSize``).
        {common}

    Raises:
        {errors}

    Example:
        >>> layer = featureInputLayer(2, Normalization="zscore", Mean=[1, 2], StandardDeviation=2)
        >>> layer.predict(dlarray([[3.0], [2.0]], "CB"))[0, 0].item()
        1.0

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.featureinputlayer.html
    """

    base_name = "input"
    Type = "Feature Input"

    def __init__(
        self,
        numFeatures: int,
        *,
        Normalization: Mode = "none",
        NormalizationDimension: Dimension = "auto",
        Mean: Any = None,
        StandardDeviation: Any = None,
        Min: Any = None,
        Max: Any = None,
        SplitComplexInputs: bool = False,
        Name: str = "",
    ):
        super().__init__(
            whole(self.kind, "numFeatures", numFeatures),
            Normalization,
            NormalizationDimension,
            (Mean, StandardDeviation, Min, Max),
            SplitComplexInputs,
            Name,
        )

    def _line(self) -> str:
        return f"{self.InputSize[0]} features{self._normalization()}"


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
