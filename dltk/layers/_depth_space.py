"""Channels into blocks of cells, and back."""

from __future__ import annotations

from typing import Literal

from .. import _labels as labels
from .._errors import FormatError
from ..dlarray import dlarray, stripdims
from ..functions._operands import need, shown
from ..functions._options import whole, word
from ..functions._shape import permute, reshape
from ._builtin import BuiltinLayer, bracket
from ._convolution import Sizes


class BlockLayer(BuiltinLayer):
    """Base of both: the size of the blocks and what the input must be."""

    def __init__(self, blockSize: Sizes, Name: str):
        super().__init__(Name)
        self.BlockSize = whole(self.kind, "blockSize", blockSize, 2)

    def _sizes(self, X: dlarray) -> tuple[int, int, int]:
        """Height, width and channels."""
        count = need(self.kind, X, "C")
        if X.dims.count("S") != 2:
            raise FormatError(
                f'{self.kind}: the input must have two "S" dimensions.',
                got={"input": shown(X)},
                fix='Label images "SSCB".',
            )
        height, width = (X.shape[axis] for axis in labels.find(X.dims, "S"))
        return height, width, count

    def _line(self) -> str:
        return f"{self.Type} with blocks of {bracket(self.BlockSize)}"


class depthToSpace2dLayer(BlockLayer):
    """Make of each cell with many channels a block of cells with few.

    H × W × (C bh bw) becomes (H bh) × (W bw) × C; SSCB, also without B or with T; the labels stay.

    Args:
        blockSize: Height bh and width bw of the blocks; a scalar for both (property ``BlockSize``).
        Mode: Which channel goes where: "dcr", channel c of the cell in row i and column j of the
            block (from 0) is number c + C (j + bw i); "crd", it is j + bw (i + bh c).
        Name: Name in the network.

    Raises:
        OptionError: A wrong option.
        FormatError: The channels do not make whole blocks, or there are not two "S" (in `predict`).

    Example:
        >>> import numpy as np
        >>> depthToSpace2dLayer(2).predict(dlarray(np.zeros((3, 4, 8, 5)), "SSCB")).shape
        (6, 8, 2, 5)

    Source:
        https://www.mathworks.com/help/images/ref/nnet.cnn.layer.depthtospace2dlayer.html and ONNX,
        Operators, DepthToSpace.
    """

    base_name = "depthToSpace"
    Type = "2-D Depth to Space"

    def __init__(self, blockSize: Sizes, *, Mode: Literal["dcr", "crd"] = "dcr", Name: str = ""):
        super().__init__(blockSize, Name)
        self.Mode: str = word(self.kind, "Mode", Mode, ["dcr", "crd"])

    def predict(self, X: dlarray) -> dlarray:
        """Blocks of cells."""
        (height, width, count), (rows, columns) = self._sizes(X), self.BlockSize
        if count % (rows * columns):
            raise FormatError(
                f"{self.kind}: {count} channels do not make blocks of {bracket(self.BlockSize)}.",
                got={"input": shown(X)},
                fix=f"The number of channels must be a multiple of {rows * columns}.",
            )
        count //= rows * columns
        rest = X.shape[3:]
        if self.Mode == "dcr":
            parts, order = [count, columns, rows], [5, 1, 4, 2, 3, 6]
        else:
            parts, order = [columns, rows, count], [4, 1, 3, 2, 5, 6]
        Y = permute(reshape(stripdims(X), [height, width, *parts, None]), order)
        return dlarray(reshape(Y, [height * rows, width * columns, count, *rest]), X.dims)


class spaceToDepthLayer(BlockLayer):
    """Make of each block of cells one cell with more channels.

    H × W × C becomes floor(H / bh) × floor(W / bw) × (C bh bw); cells at the bottom and right that
    fill no block are left out. It undoes `depthToSpace2dLayer` with its mode "dcr". SSCB, also
    without B or with T; the labels stay.

    Args:
        blockSize: Height bh and width bw of the blocks; a scalar for both (property ``BlockSize``).
        Name: Name in the network.

    Raises:
        OptionError: A wrong option.
        FormatError: The input is smaller than a block, or has not two "S" (in `predict`).

    Example:
        >>> import numpy as np
        >>> spaceToDepthLayer(2).predict(dlarray(np.zeros((6, 9, 2, 5)), "SSCB")).shape
        (3, 4, 8, 5)

    Source:
        https://www.mathworks.com/help/images/ref/nnet.cnn.layer.spacetodepthlayer.html
    """

    base_name = "spaceToDepth"
    Type = "Space to Depth"

    def __init__(self, blockSize: Sizes, *, Name: str = ""):
        super().__init__(blockSize, Name)

    def predict(self, X: dlarray) -> dlarray:
        """Cells with the channels of a block."""
        (height, width, count), (rows, columns) = self._sizes(X), self.BlockSize
        height, width = height // rows, width // columns
        if not height or not width:
            raise FormatError(
                f"{self.kind}: the input is smaller than a block of {bracket(self.BlockSize)}.",
                got={"input": shown(X)},
            )
        rest = X.shape[3:]
        within = (slice(height * rows), slice(width * columns), *[slice(None)] * (X.ndim - 2))
        Y = reshape(stripdims(X[within]), [rows, height, columns, width, count, None])
        Y = permute(Y, [2, 4, 5, 3, 1, 6])
        return dlarray(reshape(Y, [height, width, count * rows * columns, *rest]), X.dims)
