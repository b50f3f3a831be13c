"""What becomes of each output of a mini-batch queue: number type, dlarray with labels, device."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .._device import canUseGPU, gpuArray
from .._errors import FormatError, OptionError, nearest
from .._labels import check as check_format
from ..dlarray import dlarray, extractdata
from ._categorical import categorical
from ._onehot import NUMERIC

FOR_DLARRAY = ("single", "double", "logical")
CASTS = (*NUMERIC, "categorical")
ENVIRONMENTS = ("auto", "gpu", "cpu")


@dataclass(frozen=True)
class Output:
    """The options of one output; ``number`` counts from 1."""

    number: int
    cast: str
    as_dlarray: bool
    format: str
    environment: str
    to_gpu: bool

    def convert(self, value: Any) -> Any:
        """The value of a mini-batch as `next` returns it: cast, then dlarray, then device."""
        fmt = self.format
        if isinstance(value, dlarray):
            fmt, value = fmt or value.dims, extractdata(value)
        if isinstance(value, categorical):
            if self.cast == "categorical":
                return value
            value = value.double()
        elif not self.as_dlarray and not _is_numeric(value):
            return value  # lists, dicts, text: as the function made them
        array = cast(self._numbers(value), self.cast)
        if self.as_dlarray:
            try:
                array = dlarray(array, fmt)
            except FormatError as error:
                error.add_note(f"in output {self.number} of the minibatchqueue")
                raise
        return gpuArray(array) if self.to_gpu else array

    def _numbers(self, value: Any) -> np.ndarray:
        array = value if isinstance(value, np.ndarray) else None
        if array is None and not isinstance(value, (list, tuple, dict, str)):
            array = np.asarray(value)
        if array is None or array.dtype.kind not in "fiubc":
            kind = f"a {type(value).__name__}" if array is None else f"an array of {array.dtype}"
            raise OptionError(
                f"minibatchqueue: output {self.number} is {kind}, not an array of numbers.",
                fix="Return one array from MiniBatchFcn (np.stack, padsequences, onehotencode), "
                f"or set OutputAsDlarray to false for output {self.number} and return a list.",
            )
        return array


def _is_numeric(value: Any) -> bool:
    if isinstance(value, (int, float, complex)):
        return True
    return hasattr(value, "__array__") and np.asarray(value).dtype.kind in "fiubc"


def cast(array: np.ndarray, typename: str) -> np.ndarray:
    """Numbers in another type, as MATLAB converts: integers round and saturate.

    >>> cast(np.array([-1.0, 2.5, 300.0, np.nan]), "uint8")
    array([  0,   3, 255,   0], dtype=uint8)
    """
    if typename == "categorical":
        return array
    dtype = NUMERIC[typename]
    if array.dtype.kind == "c" and dtype.kind == "f":
        return array.astype(np.result_type(dtype, np.complex64), copy=False)
    if dtype.kind in "iu" and array.dtype != dtype:
        limits = np.iinfo(dtype)
        if array.dtype.kind == "f":
            array = np.nan_to_num(np.trunc(array + np.copysign(0.5, array)), nan=0.0)
        return np.clip(array, limits.min, limits.max).astype(dtype)
    return array.astype(dtype, copy=False)


def outputs(
    count: int, OutputCast: Any, OutputAsDlarray: Any, MiniBatchFormat: Any, OutputEnvironment: Any
) -> tuple[Output, ...]:
    """The options of all outputs, checked; one value stands for all outputs."""
    casts = [word or "single" for word in _each(OutputCast, count, "OutputCast")]
    flags = [_logical(flag) for flag in _each(OutputAsDlarray, count, "OutputAsDlarray")]
    formats = [
        check_format(f, "minibatchqueue") for f in _each(MiniBatchFormat, count, "MiniBatchFormat")
    ]
    places = _each(OutputEnvironment, count, "OutputEnvironment")
    for word in casts:
        _check_word(word, CASTS, "OutputCast")
    for word in places:
        _check_word(word, ENVIRONMENTS, "OutputEnvironment")
    rows = zip(range(1, count + 1), casts, flags, formats, places, strict=True)
    return tuple(_output(*row) for row in rows)


def _output(number: int, cast: str, as_dlarray: bool, fmt: str, place: str) -> Output:
    if as_dlarray and cast not in FOR_DLARRAY:
        raise OptionError(
            f'minibatchqueue: output {number} is cast to "{cast}", but a dlarray holds single, '
            "double or logical.",
            fix=f"Set OutputAsDlarray to false for output {number}, or choose another OutputCast.",
        )
    if fmt and not as_dlarray:
        raise OptionError(
            f'minibatchqueue: output {number} has the format "{fmt}" but is no dlarray.',
            fix=f'Give output {number} the MiniBatchFormat "" or set its OutputAsDlarray to true.',
        )
    if place == "gpu" and not canUseGPU():
        raise OptionError(
            f'minibatchqueue: output {number} has OutputEnvironment "gpu", but there is no GPU.',
            fix='Use "auto", which takes a GPU if there is one.',
        )
    to_gpu = place != "cpu" and cast != "categorical" and canUseGPU()
    return Output(number, cast, as_dlarray, fmt, place, to_gpu)


def _each(value: Any, count: int, name: str) -> list[Any]:
    """One value per output."""
    if isinstance(value, (str, bool, int, np.bool_)):
        return [value] * count
    values = list(value) if isinstance(value, (Sequence, np.ndarray)) else [value]
    if len(values) == 1:
        return values * count
    if len(values) != count:
        raise OptionError(
            f"minibatchqueue: {name} has {len(values)} values for {count} output"
            f"{'s' if count > 1 else ''}.",
            got={name: values, "NumOutputs": count},
            fix="Give one value for all outputs or one per output. If MiniBatchFcn returns another "
            "number of outputs than the datastore has variables, pass it: minibatchqueue(ds, n).",
        )
    return values


def _logical(value: Any) -> bool:
    if value not in (True, False):
        raise OptionError(
            f"minibatchqueue: OutputAsDlarray is {value!r}.", fix="Use True or False per output."
        )
    return bool(value)


def _check_word(word: Any, words: Sequence[str], name: str) -> None:
    if word not in words:
        raise OptionError(
            f"minibatchqueue: {name} {word!r} does not exist.", fix=nearest(word, words)
        )
