"""Data in memory as a datastore: an array, a list or a categorical, cut along one dimension."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import Any, Literal

import numpy as np

from .._errors import OptionError, nearest
from .._labels import show
from ..dlarray import dlarray, extractdata
from ._categorical import categorical
from ._datastore import Datastore, check_indices
from ._reading import Columns, Info, Reader


class arrayDatastore(Datastore):
    """Datastore of data in memory.

    Observation k is the slice number k along ``IterationDimension``. As in MATLAB a slice keeps its
    dimensions: rows of an N x F array are 1 x F, columns of F x N are F x 1, images of
    28 x 28 x 1 x N are 28 x 28 x 1. Elements of a one-dimensional array are scalars.

    An array is copied once into a layout in which slices are contiguous, so later changes of ``A``
    do not reach the datastore. Memory-mapped and read-only arrays are not copied.

    Args:
        A: A NumPy or JAX array, a dlarray, a categorical, or a list (MATLAB's cell array, a
            column).
        IterationDimension: Dimension that counts the observations, from 1.
        OutputType: "cell": ``read`` returns a list of observations. "same": ``read`` returns what
            ``A`` is, an array of rows or a part of the list; needs ``IterationDimension=1``. With
            "cell", elements of a list come in lists of length one, as in MATLAB; for sequences in a
            list use "same".
        ReadSize: How many observations one ``read`` returns.

    Raises:
        OptionError: A dimension that ``A`` does not have, a wrong word, data that cannot be cut.

    Example:
        >>> ds = arrayDatastore(np.arange(6.0).reshape(3, 2), ReadSize=2)
        >>> ds.read()
        [array([[0., 1.]]), array([[2., 3.]])]
        >>> ds.hasdata(), ds.numobservations()
        (True, 3)

    Source:
        https://www.mathworks.com/help/matlab/ref/matlab.io.datastore.arraydatastore.html
    """

    def __init__(
        self,
        A: Any,
        *,
        IterationDimension: int = 1,
        OutputType: Literal["cell", "same"] = "cell",
        ReadSize: int = 1,
    ):
        super().__init__(ReadSize)
        if OutputType not in ("cell", "same"):
            raise OptionError(
                f'arrayDatastore: OutputType "{OutputType}" does not exist.',
                fix=nearest(OutputType, ["cell", "same"]),
            )
        if OutputType == "same" and IterationDimension != 1:
            raise OptionError(
                f'arrayDatastore: OutputType "same" needs IterationDimension=1, not '
                f"{IterationDimension}.",
                fix='Use OutputType="cell", or move the observations to the first dimension.',
            )
        self.IterationDimension = IterationDimension
        self.OutputType = OutputType
        self._column: Any = _column(A, IterationDimension, OutputType)
        self._order = np.arange(len(self._column))

    def reader(self) -> Reader:
        """An independent walk through the datastore from its first observation."""
        return ArrayReader(self, self._order)

    def numobservations(self) -> int:
        """How many observations there are in all."""
        return len(self._order)

    def subset(self, indices: Any) -> arrayDatastore:
        """A new datastore with some observations, in the order of ``indices`` (from 0)."""
        made = copy(self)
        made._order = self._order[check_indices(indices, len(self))]
        made.reset()
        return made

    def gather(self, numbers: np.ndarray) -> Any:
        """The observations with these numbers in ``A``, as a column."""
        if isinstance(self._column, list):
            return [self._column[k] for k in numbers]
        return self._column[numbers]

    def present(self, column: Any) -> Any:
        """A column as ``read`` returns it."""
        if self.OutputType == "cell" or isinstance(column, list):
            return list(column)
        return column.reshape(column.shape[0], *column.shape[2:])

    def __repr__(self) -> str:
        cells = isinstance(self._column, list)
        size = "" if cells else f" of size {show(self._column.shape[1:])}"
        return (
            f"arrayDatastore with {len(self)} observations{size} and properties:\n\n"
            f"              ReadSize: {self.ReadSize}\n"
            f"    IterationDimension: {self.IterationDimension}\n"
            f'            OutputType: "{self.OutputType}"'
        )


class ArrayReader(Reader):
    """A walk through an arrayDatastore: whole mini-batches by one subscript."""

    def __init__(self, ds: arrayDatastore, order: np.ndarray):
        self.ds, self.order, self.position = ds, order, 0

    def hasdata(self) -> bool:
        return self.position < len(self.order)

    def left(self) -> int:
        return len(self.order) - self.position

    def get_state(self) -> Any:
        return self.position

    def set_state(self, state: Any) -> None:
        self.position = state

    def take(self, count: int) -> Columns:
        numbers = self.order[self.position : self.position + count]
        self.position += len(numbers)
        return (self.ds.gather(numbers),)

    def read(self) -> tuple[Any, Info]:
        numbers = self.order[self.position : self.position + self.ds.ReadSize]
        return self.ds.present(self.take(self.ds.ReadSize)[0]), {"observations": numbers}


def _column(A: Any, dim: int, output: str) -> Sequence[Any] | np.ndarray | categorical:
    """``A`` as a sequence of its slices along dimension ``dim`` (from 1)."""
    if isinstance(A, (list, tuple)):
        if dim != 1:
            raise OptionError(
                f"arrayDatastore: a list has one dimension, IterationDimension is {dim}.",
                fix="Leave IterationDimension out; for data in an array pass the array.",
            )
        return list(A) if output == "same" else [[value] for value in A]
    if isinstance(A, categorical):
        return categorical._make(_slices(A._codes, dim, copy=True), A._names)
    if isinstance(A, dlarray):
        A = extractdata(A)
    array = np.asarray(A)
    if array.dtype == object and not isinstance(A, np.ndarray):
        raise OptionError(
            f"arrayDatastore: data of type {type(A).__name__} cannot be cut into observations.",
            fix="Pass an array, a list or a categorical.",
        )
    return _slices(array, dim, copy=array.flags.writeable and not isinstance(A, np.memmap))


def _slices(array: np.ndarray, dim: int, *, copy: bool) -> np.ndarray:
    """Observations first; each with the dimensions that a slice has in MATLAB."""
    if not isinstance(dim, (int, np.integer)) or not 1 <= dim <= max(array.ndim, 1):
        raise OptionError(
            f"arrayDatastore: IterationDimension is {dim}, the data has {array.ndim} dimensions.",
            got={"A": show(array.shape)},
            fix="Name the dimension that counts the observations, from 1.",
        )
    if array.ndim < 2:
        return np.array(array.reshape(-1), copy=copy)
    moved = np.array(np.moveaxis(array, dim - 1, 0), copy=copy, order="C" if copy else "K")
    last_of_many = dim == array.ndim > 2
    return moved if last_of_many else np.expand_dims(moved, dim)
