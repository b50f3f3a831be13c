"""`minibatchpredict`: predictions for much data, a mini-batch at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Literal

import numpy as np

from .. import _labels as labels
from .._errors import FormatError, OptionError
from .._evaluate import predict
from ..data import minibatchqueue, padsequences
from ..dlarray import dlarray, extractdata, stripdims
from ..dlnetwork import dlnetwork
from ..functions._options import whole

# How outputs lie, as in MATLAB: observations first, but images last
ORDER = {"CB": "BC", "CBT": "TCB"}


def minibatchpredict(
    net: dlnetwork,
    *X: Any,
    MiniBatchSize: int = 128,
    Outputs: str | Sequence[str] | None = None,
    InputDataFormats: str | Sequence[str] = "auto",
    OutputDataFormats: str | Sequence[str] = "auto",
    SequenceLength: Literal["longest", "shortest"] | int = "longest",
    SequencePaddingDirection: Literal["right", "left"] = "right",
    SequencePaddingValue: float = 0,
    UniformOutput: bool = True,
    Acceleration: str = "auto",
) -> Any:
    """Predictions of a network, computed a mini-batch at a time and put together.

    Args:
        net: An initialized dlnetwork.
        *X: The data, one per entry of ``net.InputNames``: arrays with the labels that the input
            layer implies (images SSCB, features BC, sequences TCB); dlarrays; or lists with one
            sequence per observation, time × channels. Or one `minibatchqueue`, whose first outputs
            are the inputs.
        MiniBatchSize: Observations in a mini-batch; a queue has its own.
        Outputs: Names of the layers (or ``layer/port``) to return, instead of ``net.OutputNames``.
        InputDataFormats: Labels of inputs that have none; one for all or one per input.
        OutputDataFormats: Labels in the order of the dimensions of the outputs; one for all or one
            per output. "auto" is BC for features, TCB for sequences, SSCB for images.
        SequenceLength: Length to which the sequences of a mini-batch are padded or cut.
        SequencePaddingDirection: Where padding goes.
        SequencePaddingValue: Value of the padding.
        UniformOutput: Whether to return arrays. If not, lists with an entry per observation, and
            sequences in a list come back in their own lengths.
        Acceleration: As for `predict`.

    Returns:
        The outputs as arrays (dlarrays, if all inputs are), or lists; a tuple if there are several.

    Raises:
        OptionError: Another number of inputs, or inputs with different numbers of observations.
        FormatError: Data without labels, or sequences of different lengths in one array.

    Example:
        >>> from dltk import dlnetwork, featureInputLayer, fullyConnectedLayer
        >>> net = dlnetwork([featureInputLayer(4), fullyConnectedLayer(3)])
        >>> minibatchpredict(net, np.zeros((1000, 4)), MiniBatchSize=300).shape
        (1000, 3)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/minibatchpredict.html
    """
    (size,) = whole("minibatchpredict", "MiniBatchSize", MiniBatchSize)
    wanted = net.OutputNames if Outputs is None else Outputs
    wanted = [wanted] if isinstance(wanted, str) else list(wanted)
    orders = [OutputDataFormats] if isinstance(OutputDataFormats, str) else list(OutputDataFormats)
    orders = orders * len(wanted) if len(orders) == 1 else orders
    if len(orders) != len(wanted):
        raise OptionError(
            f"minibatchpredict: {len(orders)} OutputDataFormats for {len(wanted)} outputs.",
            got={"outputs": ", ".join(wanted)},
        )
    lengths: list[int] | None = None
    if len(X) == 1 and isinstance(X[0], minibatchqueue):
        batches = _queued(X[0], len(net.InputNames))
    else:
        formats = _formats(net, X, InputDataFormats)
        lengths = next(
            (
                [np.shape(s)[f.index("T")] for s in x]
                for x, f in zip(X, formats, strict=True)
                if isinstance(x, list)
            ),
            None,
        )
        padding = SequenceLength, SequencePaddingDirection, SequencePaddingValue
        batches = _batches(net, X, formats, size, padding)
    parts = [
        predict(net, *batch, Outputs=wanted, Acceleration=Acceleration, nargout=len(wanted))
        for batch in batches
    ]
    if not parts:
        raise OptionError("minibatchpredict: there are no observations.")
    columns = [parts] if len(wanted) == 1 else list(zip(*parts, strict=True))
    left = SequencePaddingDirection == "left"
    results = [
        _together(column, order, UniformOutput, lengths, left)
        for column, order in zip(columns, orders, strict=True)
    ]
    if all(isinstance(x, dlarray) for x in X) and UniformOutput:
        values = [dlarray(value, order) for value, order in results]
    else:
        values = [value for value, _ in results]
    return values[0] if len(values) == 1 else tuple(values)


def _batches(
    net: dlnetwork,
    X: Sequence[Any],
    formats: Sequence[str],
    size: int,
    padding: tuple[Any, Any, Any],
) -> Iterator[list[dlarray]]:
    """The inputs, a mini-batch at a time."""
    counts = [
        len(x) if isinstance(x, list) else _count(x, fmt) for x, fmt in zip(X, formats, strict=True)
    ]
    if len(set(counts)) > 1:
        raise OptionError(
            "minibatchpredict: the inputs have different numbers of observations.",
            got=dict(zip(net.InputNames, counts, strict=True)),
        )
    for start in range(0, counts[0], size):
        rows = range(start, min(start + size, counts[0]))
        yield [_part(x, fmt, rows, padding) for x, fmt in zip(X, formats, strict=True)]


def _queued(mbq: minibatchqueue, inputs: int) -> Iterator[Sequence[dlarray]]:
    """The first outputs of a queue, from its start."""
    mbq.reset()
    while mbq.hasdata():
        batch = mbq.next()
        yield (batch if isinstance(batch, tuple) else (batch,))[:inputs]


def _formats(net: dlnetwork, X: Sequence[Any], given: str | Sequence[str]) -> list[str]:
    """The labels of each input."""
    ports = net._graph.open_inputs
    if len(X) != len(ports):
        raise OptionError(
            f"minibatchpredict: {len(ports)} input{'s' * (len(ports) != 1)} expected, "
            f"{len(X)} given.",
            got={"InputNames": ", ".join(net.InputNames)},
        )
    each = [given] * len(X) if isinstance(given, str) else list(given)
    formats = []
    for (layer, _), x, fmt in zip(ports, X, each, strict=True):
        if isinstance(x, dlarray) and x.dims:
            fmt = x.dims
        elif isinstance(x, list):
            fmt = "TC" if fmt == "auto" else fmt.replace("B", "")
        elif fmt == "auto":
            fmt = net._graph.layer(layer).implied_format(np.ndim(x))
        if not fmt:
            raise FormatError(
                f'minibatchpredict: the input of layer "{layer}" has no labels.',
                got={"X": labels.show(np.shape(x))},
                fix='Say which, InputDataFormats="SSCB".',
            )
        formats.append(fmt)
    return formats


def _count(x: Any, fmt: str) -> int:
    shape = np.shape(x) if not isinstance(x, dlarray) else x.shape
    place = fmt.find("B")
    return shape[place] if 0 <= place < len(shape) else 1


def _part(x: Any, fmt: str, rows: range, padding: tuple[Any, Any, Any]) -> dlarray:
    """Some observations of an input, as a formatted single dlarray."""
    if isinstance(x, list):
        length, direction, value = padding
        together, _ = padsequences(
            [x[n] for n in rows],
            fmt.index("T") + 1,
            Length=length,
            Direction=direction,
            PaddingValue=value,
        )
        return dlarray(np.asarray(together, np.float32), fmt + "B")
    value = extractdata(x) if isinstance(x, dlarray) else np.asarray(x)
    value = np.asarray(value)
    if value.dtype != np.float32 and not (isinstance(x, dlarray) and value.dtype == np.float64):
        value = value.astype(np.float32)
    if "B" in fmt and fmt.index("B") < value.ndim:
        value = np.take(value, np.asarray(rows), axis=fmt.index("B"))
    return dlarray(value, fmt)


def _together(
    parts: Sequence[dlarray], fmt: str, uniform: bool, lengths: Sequence[int] | None, left: bool
) -> tuple[Any, str]:
    """The mini-batches of one output as one array, or as a list of observations; its labels."""
    labelled = parts[0].dims
    order = ORDER.get(labelled, labelled) if fmt == "auto" else fmt
    values = [_all_dimensions(extractdata(stripdims(part, order)), order) for part in parts]
    place, time = order.find("B"), order.find("T")
    if uniform:
        if time >= 0 and len({v.shape[time] for v in values}) > 1:
            longest = max(v.shape[time] for v in values)
            values = [_padded(v, time, longest, left) for v in values]
        return np.concatenate(values, axis=place) if place >= 0 else values[0], order
    single = [v.take(n, axis=place) for v in values for n in range(v.shape[place])]
    if lengths is not None and time >= 0:
        axis = time - (0 <= place < time)
        single = [_cut(v, axis, n, left) for v, n in zip(single, lengths, strict=True)]
    return single, order


def _all_dimensions(value: Any, order: str) -> np.ndarray:
    """With the last dimensions of size 1, which unformatted arrays do not have."""
    value = np.asarray(value)
    return value.reshape(value.shape + (1,) * (len(order) - value.ndim))


def _cut(value: np.ndarray, axis: int, length: int, left: bool) -> np.ndarray:
    """A sequence without its padding."""
    whole_length = value.shape[axis]
    length = min(length, whole_length)
    rows = range(whole_length - length, whole_length) if left else range(length)
    return value.take(rows, axis=axis)


def _padded(value: np.ndarray, axis: int, longest: int, left: bool) -> np.ndarray:
    """Zeros where a mini-batch's sequences are shorter than those of others."""
    missing = longest - value.shape[axis]
    wide = [(0, 0)] * value.ndim
    wide[axis] = (missing, 0) if left else (0, missing)
    return np.pad(value, wide)
