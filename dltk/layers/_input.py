"""Input layers for images, volumes and features."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .._errors import OptionError
from ..functions._options import whole
from ._builtin import bracket
from ._docs import describes
from ._input_base import COMMON, ERRORS, Dimension, Mode, NormalizingInputLayer


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
        >>> from dltk import dlarray
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
