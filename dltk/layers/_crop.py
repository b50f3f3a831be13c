"""Layers that cut an image to the size of another one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar, Literal

from .. import _labels as labels
from .._errors import FormatError, OptionError
from ..dlarray import dlarray
from ..functions._operands import shown
from ..functions._options import whole
from ._builtin import BuiltinLayer, show_option
from ._resize import check_spatial

Location = Literal["centercrop"] | Sequence[int]


class CropLayer(BuiltinLayer):
    """Base of both crop layers."""

    rank: ClassVar[int]

    def __init__(self, location: Location, Name: str):
        super().__init__(Name, InputNames=["in", "ref"], NumInputs=2)
        if isinstance(location, str) and location != "centercrop":
            raise OptionError(
                f'{self.kind}: the location cannot be "{location}".',
                fix=f'Use "centercrop", or numbers: {"[x y z]" if self.rank == 3 else "[x y]"}.',
            )
        mode, corner = "centercrop", ()
        if not isinstance(location, str):
            mode, corner = "custom", whole(self.kind, "location", location, self.rank)
        self.Mode: str = mode
        self.Location: tuple[int, ...] = corner

    def predict(self, X: dlarray, ref: dlarray) -> dlarray:
        """The part of the first input."""
        for x in (X, ref):
            check_spatial(self.kind, x, self.rank)
        sizes, wanted = ([x.shape[axis] for axis in labels.find(x.dims, "S")] for x in (X, ref))
        starts = [(n - m) // 2 for n, m in zip(sizes, wanted, strict=True)]
        if self.Location:  # x counts columns, y rows
            x, y, *z = (n - 1 for n in self.Location)
            starts = [y, x, *z]
        ends = [a + m for a, m in zip(starts, wanted, strict=True)]
        if any(a < 0 or b > n for a, b, n in zip(starts, ends, sizes, strict=True)):
            raise FormatError(
                f"{self.kind}: the part of the size of the reference does not lie in the input.",
                got={
                    'input "in"': shown(X),
                    'input "ref"': shown(ref),
                    "location": show_option(self.Location or self.Mode),
                },
                fix="The reference must be as small as what remains of the input from there on.",
            )
        cut = [slice(a, b) for a, b in zip(starts, ends, strict=True)]
        return X[(*cut, *[slice(None)] * (X.ndim - self.rank))]

    def _line(self) -> str:
        return f"{self.Type}, {show_option(self.Location or self.Mode)}"


class crop2dLayer(CropLayer):
    """Cut the first input (in) to the height and width of the second (ref).

    SSCB, also without B or with T; the labels stay.

    Args:
        location: "centercrop" (an odd cell more is lost at the bottom and right), or the upper left
            corner [x y], column and row from 1 on (property ``Location``).
        Name: Name in the network.

    Raises:
        OptionError: Another location.
        FormatError: The part does not lie in the input (in `predict`).

    Example:
        >>> import numpy as np
        >>> X, ref = (dlarray(np.zeros((n, n, 3, 1)), "SSCB") for n in (8, 5))
        >>> crop2dLayer("centercrop").predict(X, ref).shape
        (5, 5, 3, 1)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.crop2dlayer.html
    """

    rank = 2
    base_name = "crop"
    Type = "Crop 2D"

    def __init__(self, location: Location, *, Name: str = ""):
        super().__init__(location, Name)


class crop3dLayer(CropLayer):
    """Cut the first input (in) to the height, width and depth of the second (ref).

    SSSCB, also without B or with T; the labels stay.

    Args:
        cropLocation: "centercrop" (an odd cell more is lost at the end), or the first corner
            [x y z], column, row and slice from 1 on (property ``Location``).
        Name: Name in the network.

    Raises:
        OptionError: Another location.
        FormatError: The part does not lie in the input (in `predict`).

    Example:
        >>> import numpy as np
        >>> X, ref = (dlarray(np.zeros((n, n, n, 1)), "SSSC") for n in (8, 5))
        >>> crop3dLayer([1, 2, 3]).predict(X, ref).shape
        (5, 5, 5, 1)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/nnet.cnn.layer.crop3dlayer.html
    """

    rank = 3
    base_name = "crop3d"
    Type = "Crop 3D"

    def __init__(self, cropLocation: Location = "centercrop", *, Name: str = ""):
        super().__init__(cropLocation, Name)
