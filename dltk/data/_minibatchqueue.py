"""The mini-batch queue: read, preprocess, cast, label, and hand out mini-batches of a datastore."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import Any, Literal

import numpy as np

from .._errors import OptionError, StateError, nearest
from ._arrays_in import as_datastore
from ._batch import BatchMaker, name_of
from ._datastore import check_count, part, random_order
from ._outputs import outputs
from ._position import get_position, set_position
from ._prefetch import Ahead
from ._reading import Columns, reader_of, rows

PREPROCESSING = ("serial", "background", "parallel")
PARTIAL = ("return", "discard")


class minibatchqueue:
    """Mini-batches of a datastore, ready for a custom training loop.

    A mini-batch is made in this order: read ``MiniBatchSize`` observations, pass them to
    ``MiniBatchFcn``, cast each output to its ``OutputCast``, make it a dlarray with its
    ``MiniBatchFormat``, put it on its device. ``next(mbq)`` hands it out, ``hasdata(mbq)`` asks
    whether there is one, ``reset(mbq)`` starts again in the order of the datastore,
    ``shuffle(mbq)`` starts again in random order, ``partition(mbq, n, i)`` gives a part. The queue
    is one object however many names it has. ``for X, T in mbq`` walks through what is left.

    Categories of a categorical become their numbers, from 1 on; ``class_names`` keeps the names.

    Args:
        ds: A datastore. As an extension, any Python source of observations, such as PyTorch's
            Dataset or a function that returns a generator (see `iterable_datastore`); and arrays
            themselves: an array, a categorical, a list, or a
            tuple with one of these per variable. Where ``MiniBatchFcn`` is "collate" and the format
            has a "B", observations lie along it. Otherwise they lie along the length of a vector
            and along the last dimension of an array with three or more; a matrix needs an
            `arrayDatastore` that says whether its rows or its columns are meant.
        numOutputs: Number of outputs; without it the number of variables that a read of ``ds``
            gives. With fewer outputs than ``MiniBatchFcn`` returns, the first ones are taken.
        MiniBatchSize: Observations in a mini-batch.
        PartialMiniBatch: "return" or "discard" a last mini-batch that is shorter.
        MiniBatchFcn: "collate" concatenates observations along the "B" of the format, without it
            along a new last dimension. Or a function, called with one list per variable that holds
            an array per observation; it returns one value, or a tuple of several.
        PreprocessingEnvironment: "serial", or "background": the next mini-batch is prepared in a
            thread while the present one is used. "parallel" does the same here. The order of the
            mini-batches stays. Random numbers that ``MiniBatchFcn`` draws come one mini-batch
            earlier then, so a loop that draws itself gets other numbers than with "serial".
        DispatchInBackground: The older form; true means "background".
        OutputCast: Number type: "single" (the default), "double", "int8" ... "uint64", "logical";
            or "categorical", which leaves a categorical as it is. This and the next three are one
            value for all outputs or a list with one per output.
        OutputAsDlarray: Whether the output becomes a dlarray; if not, a NumPy array. Lists and
            other things than arrays pass unchanged where it is false.
        MiniBatchFormat: Labels such as "SSCB" of the dimensions that ``MiniBatchFcn`` returns.
        OutputEnvironment: "auto" (a GPU if there is one), "gpu" (an error if there is none), "cpu".

    Attributes:
        NumOutputs: Number of outputs.
        class_names: For each output the category names, None where it is not categorical or not
            yet known.

    Raises:
        OptionError: Wrong options, or something that is no datastore.
        FormatError: A wrong format, or (from ``next``) observations of different sizes.

    Example:
        >>> import numpy as np
        >>> from dltk.data import arrayDatastore, categorical, combine, onehotencode
        >>> X = np.zeros((28, 28, 1, 500))
        >>> T = categorical(np.arange(500) % 10)
        >>> ds = combine(arrayDatastore(X, IterationDimension=4), arrayDatastore(T))
        >>> def preprocess(XCell, TCell):
        ...     return np.stack(XCell, axis=3), onehotencode(TCell, 1)
        >>> mbq = minibatchqueue(ds, MiniBatchFcn=preprocess, MiniBatchFormat=["SSCB", "CB"])
        >>> X, T = mbq.next()
        >>> X.shape, X.dims, T.shape, T.dims
        ((28, 28, 1, 128), 'SSCB', (10, 128), 'CB')

    Source:
        https://www.mathworks.com/help/deeplearning/ref/minibatchqueue.html
    """

    def __init__(
        self,
        ds: Any,
        numOutputs: int | None = None,
        *,
        MiniBatchSize: int = 128,
        PartialMiniBatch: Literal["return", "discard"] = "return",
        MiniBatchFcn: Callable[..., Any] | Literal["collate"] = "collate",
        PreprocessingEnvironment: Literal["serial", "background", "parallel"] = "serial",
        DispatchInBackground: bool = False,
        OutputCast: Any = None,
        OutputAsDlarray: Any = True,
        MiniBatchFormat: Any = "",
        OutputEnvironment: Any = "auto",
    ):
        _check_word(PartialMiniBatch, PARTIAL, "PartialMiniBatch")
        _check_word(PreprocessingEnvironment, PREPROCESSING, "PreprocessingEnvironment")
        if not callable(MiniBatchFcn):
            _check_word(MiniBatchFcn, ("collate",), "MiniBatchFcn")
        self.MiniBatchSize = check_count(MiniBatchSize, "MiniBatchSize", "minibatchqueue")
        self.PartialMiniBatch = PartialMiniBatch
        self.MiniBatchFcn = MiniBatchFcn
        background = DispatchInBackground and PreprocessingEnvironment == "serial"
        self.PreprocessingEnvironment = "background" if background else PreprocessingEnvironment
        formats = "" if callable(MiniBatchFcn) else MiniBatchFormat
        self._data = as_datastore(ds, formats)
        count = _count_variables(self._data) if numOutputs is None else numOutputs
        self.NumOutputs = check_count(count, "numOutputs", "minibatchqueue")
        cast = "single" if OutputCast is None else OutputCast
        self._outputs = outputs(
            self.NumOutputs, cast, OutputAsDlarray, MiniBatchFormat, OutputEnvironment
        )
        self._maker = BatchMaker(
            MiniBatchFcn, self._outputs, exact=numOutputs is None, warn=OutputCast is None
        )
        self._ahead = Ahead()
        self._start(self._data)

    def _start(self, data: Any) -> None:
        """Begin at the first observation of ``data``, the datastore or a shuffled one."""
        self._current = data
        self._reader = reader_of(data)
        self._held: Columns | None = None
        self._order: np.ndarray | None = None

    # Options of the outputs, one per output

    @property
    def OutputCast(self) -> list[str]:
        return [output.cast for output in self._outputs]

    @property
    def OutputAsDlarray(self) -> list[bool]:
        return [output.as_dlarray for output in self._outputs]

    @property
    def MiniBatchFormat(self) -> list[str]:
        return [output.format for output in self._outputs]

    @property
    def OutputEnvironment(self) -> list[str]:
        return [output.environment for output in self._outputs]

    @property
    def class_names(self) -> list[list[str] | None]:
        return list(self._maker.class_names)

    # Walking through the data

    def hasdata(self) -> bool:
        """Whether there is another mini-batch."""
        if self._ahead.pending:
            return self._reader_is_countable or self._ahead.look() is not None
        left = self._reader.left()
        if self.PartialMiniBatch == "return":
            return self._reader.hasdata() if left is None else left > 0
        if left is not None:
            return left >= self.MiniBatchSize
        return self._whole(self._hold())

    def next(self) -> Any:
        """The next mini-batch: the output, or a tuple of several outputs."""
        made = self._ahead.take() if self._ahead.pending else None
        if made is None:
            made = self._make()
        if made is None:
            raise StateError(
                "next: no mini-batch left, the end of the data is reached.",
                got={"mini-batches of": f"{self.MiniBatchSize} observations"},
                fix="Call reset(mbq) or shuffle(mbq) to start again; ask hasdata(mbq) before next.",
            )
        if self.PreprocessingEnvironment != "serial" and self._may_have_more():
            self._ahead.start(self._make)
        return made[0] if self.NumOutputs == 1 else made

    def reset(self) -> None:
        """Back to the first mini-batch, in the order of the datastore."""
        self._ahead.drop()
        self._start(self._data)

    def shuffle(self) -> None:
        """Back to the first mini-batch, in a new random order."""
        self._ahead.drop()
        if hasattr(self._data, "shuffle"):
            made = self._data.shuffle()
            self._start(self._data if made is None else made)  # it may work in place
        else:
            order = random_order(self._data)
            self._start(self._data.subset(order))
            self._order = order

    def partition(self, numParts: int, indx: int) -> minibatchqueue:
        """A queue with the same options over part ``indx`` (from 1) of the observations."""
        made = copy(self)
        made._data = part(self._current, numParts, indx)
        made._maker = copy(self._maker)
        made._ahead = Ahead()
        made._start(made._data)
        return made

    def get_state(self) -> dict[str, Any]:
        """Order and position, with what is prepared already: all that a checkpoint needs."""
        return get_position(self)

    def set_state(self, state: dict[str, Any]) -> None:
        """Go on where a queue like this stood; `load` calls this.

        Raises:
            StateError: It was a queue with other options, or over other data.
        """
        set_position(self, state)

    def __iter__(self) -> minibatchqueue:
        return self

    def __next__(self) -> Any:
        if not self.hasdata():
            raise StopIteration
        return self.next()

    # Making a mini-batch (perhaps in the thread, never two at a time)

    @property
    def _reader_is_countable(self) -> bool:
        """Whether what is pending is known to be a mini-batch, without looking at it."""
        return self.PartialMiniBatch == "return" or self._reader.left() is not None

    def _may_have_more(self) -> bool:
        left = self._reader.left()
        if left is None:
            return self._reader.hasdata()
        return left >= (self.MiniBatchSize if self.PartialMiniBatch == "discard" else 1)

    def _hold(self) -> Columns:
        if self._held is None:
            self._held = self._reader.take(self.MiniBatchSize) if self._reader.hasdata() else ()
        return self._held

    def _whole(self, columns: Columns) -> bool:
        size = len(columns[0]) if columns else 0
        return size == self.MiniBatchSize if self.PartialMiniBatch == "discard" else size > 0

    def _make(self) -> tuple[Any, ...] | None:
        """The next mini-batch, None if there is none."""
        columns, self._held = self._hold(), None
        return self._maker.make(columns) if self._whole(columns) else None

    def __repr__(self) -> str:
        def cells(values: list[str]) -> str:
            return "{" + "  ".join(f"'{value}'" for value in values) + "}"

        plural = "s" if self.NumOutputs > 1 else ""
        flags = " ".join(str(int(flag)) for flag in self.OutputAsDlarray)
        return (
            f"minibatchqueue with {self.NumOutputs} output{plural} and properties:\n\n"
            "   Mini-batch creation:\n"
            f"               MiniBatchSize: {self.MiniBatchSize}\n"
            f"            PartialMiniBatch: '{self.PartialMiniBatch}'\n"
            f"                MiniBatchFcn: {name_of(self.MiniBatchFcn)}\n"
            f"    PreprocessingEnvironment: '{self.PreprocessingEnvironment}'\n\n"
            "   Outputs:\n"
            f"                  OutputCast: {cells(self.OutputCast)}\n"
            f"             OutputAsDlarray: {f'[{flags}]' if plural else flags}\n"
            f"             MiniBatchFormat: {cells(self.MiniBatchFormat)}\n"
            f"           OutputEnvironment: {cells(self.OutputEnvironment)}"
        )


def _check_word(word: Any, words: tuple[str, ...], name: str) -> None:
    if word not in words:
        raise OptionError(
            f"minibatchqueue: {name} {word!r} does not exist.", fix=nearest(word, words)
        )


def _count_variables(ds: Any) -> int:
    if hasattr(ds, "first"):  # a generator, of which nothing must be lost
        found = ds.first()
        count = 0 if found is None else len(rows(found, 1)[0])
    else:
        reader = reader_of(ds)
        count = len(reader.take(1)) if reader.hasdata() else 0
    if not count:
        raise OptionError(
            "minibatchqueue: the datastore is empty, so its number of variables is unknown.",
            fix="Pass numOutputs, or fill the datastore.",
        )
    return count
