"""Layers that enlarge or shrink images."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from .. import _labels as labels
from .._errors import FormatError, OptionError
from ..dlarray import dlarray
from ..functions._operands import shown
from ..functions._options import number, whole, word
from ..functions._resize import dlresize
from ._builtin import BuiltinLayer, flag, is_empty
from ._convolution import Sizes
from ._docs import describes

TRANSFORMS = ["half-pixel", "asymmetric"]
ROUNDINGS = ["round", "floor", "onnx-10"]

HOW = """OutputSize: Cells along each spatial dimension, a number for each.
        Scale: Factor of the sizes, one or a number for each; the size is floor(Scale times size).
        EnableReferenceInput: Whether the size is that of a second input, called ref.
        {method}
        GeometricTransformMode: "half-pixel" aligns the edges of the outermost cells, "asymmetric"
            the centers of the first ones.
        NearestRoundingMode: Which cell is nearest: "round" (halves up), "floor", or "onnx-10".
        Name: Name in the network.

    Raises:
        OptionError: A wrong option, or not exactly one of the three that tell the size.
        FormatError: The input has another number of spatial dimensions (in `predict`)."""


class ResizeLayer(BuiltinLayer):
    """Base of both resize layers."""

    rank: ClassVar[int]
    linear: ClassVar[str]

    def __init__(
        self,
        Name: str,
        OutputSize: Any,
        Scale: Any,
        EnableReferenceInput: bool,
        Method: str,
        GeometricTransformMode: Any,
        NearestRoundingMode: Any,
    ):
        enabled = flag(self.kind, "EnableReferenceInput", EnableReferenceInput)
        ports: dict[str, Any] = {"InputNames": ["in", "ref"], "NumInputs": 2} if enabled else {}
        super().__init__(Name, **ports)
        given = [not is_empty(OutputSize), not is_empty(Scale), enabled]
        if sum(given) != 1:
            raise OptionError(
                f"{self.kind}: one of OutputSize, Scale and EnableReferenceInput tells the size.",
                got={"OutputSize": OutputSize, "Scale": Scale, "EnableReferenceInput": enabled},
                fix="Give exactly one of them.",
            )
        self.OutputSize = whole(self.kind, "OutputSize", OutputSize, self.rank) if given[0] else ()
        self.Scale = self._scales(Scale) if given[1] else ()
        self.EnableReferenceInput = enabled
        self.Method: Any = word(self.kind, "Method", Method, ["nearest", self.linear])
        self.GeometricTransformMode: Any = word(
            self.kind, "GeometricTransformMode", GeometricTransformMode, TRANSFORMS
        )
        self.NearestRoundingMode: Any = word(
            self.kind, "NearestRoundingMode", NearestRoundingMode, ROUNDINGS
        )

    def _scales(self, Scale: Any) -> tuple[float, ...]:
        values = list(Scale) if hasattr(Scale, "__len__") else [Scale] * self.rank
        if len(values) != self.rank:
            raise OptionError(
                f"{self.kind}: Scale has {len(values)} values for {self.rank} dimensions.",
                got={"Scale": Scale},
                fix="Give a scalar, or one value for each dimension.",
            )
        return tuple(float(number(self.kind, "Scale", v, above=0)) for v in values)

    def predict(self, X: dlarray, *ref: dlarray) -> dlarray:
        """The input in another size."""
        for x in (X, *ref):
            check_spatial(self.kind, x, self.rank)
        size = self.OutputSize
        if ref:
            size = tuple(ref[0].shape[axis] for axis in labels.find(ref[0].dims, "S"))
        return dlresize(
            X,
            OutputSize=list(size) if size else None,
            Scale=list(self.Scale) if self.Scale else None,
            Method="linear" if self.Method == self.linear else "nearest",
            GeometricTransformMode=self.GeometricTransformMode,
            NearestRoundingMode=self.NearestRoundingMode,
        )


def check_spatial(kind: str, X: dlarray, rank: int) -> None:
    """Refuse data without exactly ``rank`` spatial dimensions."""
    if X.dims.count("S") != rank:
        raise FormatError(
            f'{kind}: the input must have {rank} "S" dimensions.',
            got={"input": shown(X)},
            fix=f'Label the data "{"S" * rank}CB".',
        )


@describes(how=HOW.replace("{method}", 'Method: "nearest", or "bilinear" interpolation.'))
class resize2dLayer(ResizeLayer):
    """Enlarge or shrink images by interpolation, with `dlresize`.

    SSCB, also without B or with T; the labels stay.

    Args:
        {how}

    Example:
        >>> import numpy as np
        >>> layer = resize2dLayer(Scale=2, Method="bilinear")
        >>> layer.predict(dlarray(np.zeros((3, 4, 2, 5)), "SSCB")).shape
        (6, 8, 2, 5)

    Source:
        https://www.mathworks.com/help/images/ref/nnet.cnn.layer.resize2dlayer.html
    """

    rank = 2
    linear = "bilinear"
    base_name = "resize2d"
    Type = "2-D Resize"

    def __init__(
        self,
        *,
        OutputSize: Sizes | None = None,
        Scale: Any = None,
        EnableReferenceInput: bool = False,
        Method: Literal["nearest", "bilinear"] = "nearest",
        GeometricTransformMode: Literal["half-pixel", "asymmetric"] = "half-pixel",
        NearestRoundingMode: Literal["round", "floor", "onnx-10"] = "round",
        Name: str = "",
    ):
        size = OutputSize, Scale, EnableReferenceInput
        super().__init__(Name, *size, Method, GeometricTransformMode, NearestRoundingMode)


@describes(how=HOW.replace("{method}", 'Method: "nearest", or "trilinear" interpolation.'))
class resize3dLayer(ResizeLayer):
    """Enlarge or shrink volumes by interpolation, with `dlresize`.

    SSSCB, also without B or with T; the labels stay.

    Args:
        {how}

    Example:
        >>> import numpy as np
        >>> layer = resize3dLayer(OutputSize=[4, 4, 4])
        >>> layer.predict(dlarray(np.zeros((2, 3, 8, 1)), "SSSC")).shape
        (4, 4, 4, 1)

    Source:
        https://www.mathworks.com/help/images/ref/nnet.cnn.layer.resize3dlayer.html
    """

    rank = 3
    linear = "trilinear"
    base_name = "resize3d"
    Type = "3-D Resize"

    def __init__(
        self,
        *,
        OutputSize: Sizes | None = None,
        Scale: Any = None,
        EnableReferenceInput: bool = False,
        Method: Literal["nearest", "trilinear"] = "nearest",
        GeometricTransformMode: Literal["half-pixel", "asymmetric"] = "half-pixel",
        NearestRoundingMode: Literal["round", "floor", "onnx-10"] = "round",
        Name: str = "",
    ):
        size = OutputSize, Scale, EnableReferenceInput
        super().__init__(Name, *size, Method, GeometricTransformMode, NearestRoundingMode)
