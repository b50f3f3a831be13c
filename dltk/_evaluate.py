"""`forward` and `predict`: the outputs of a network, compiled outside dlfeval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jax
import numpy as np

from . import _labels as labels
from ._errors import FormatError, OptionError, StateError
from ._graph import Port, output_ports
from ._numbers import SINGLE, is_known
from ._program import Programs
from ._random import drawing_from, generator
from ._run import run_layers
from .autodiff import may_compile
from .dlarray import dlarray, extractdata, stripdims


def _forward_compiled(net: Any, X: Any, wanted: Any) -> Any:
    return run_layers(net, X, wanted, "forward")


def _predict_compiled(net: Any, X: Any, wanted: Any) -> Any:
    return run_layers(net, X, wanted, "predict")


def _trace(function: Any, args: Any, kwargs: Any) -> Any:
    return function(*args, **kwargs)


def _run_eagerly(function: Any, args: Any, kwargs: Any) -> Any:
    with drawing_from(generator.device):
        return function(*args, **kwargs)


_programs = Programs(_trace, _run_eagerly, who="predict")


def forward(
    net: Any,
    *X: Any,
    Outputs: str | Sequence[str] | None = None,
    InputDataFormats: Any = "auto",
    OutputDataFormats: Any = "auto",
    Acceleration: str = "auto",
    nargout: int = 1,
) -> Any:
    """Outputs of a network as in training: dropout is active, batch norm uses the mini-batch.

    Args:
        net: An initialized dlnetwork.
        *X: One formatted dlarray per input, in the order of ``net.InputNames``. Unformatted
            dlarrays and plain arrays get the labels that the input layer implies (SSCB for images,
            BC for features, TCB for sequences); plain arrays give plain outputs.
        Outputs: Names of the layers (or ``layer/port``) to return, instead of ``net.OutputNames``.
        InputDataFormats: Labels of inputs that have none; one for all or one per input.
        OutputDataFormats: Labels that say in which order the dimensions of the outputs come; such
            outputs are unformatted.
        Acceleration: "auto" compiles calls outside dlfeval, "none" does not.
        nargout: Number of values to return. One more than there are outputs adds the new state.

    Returns:
        The outputs; with ``nargout`` one larger than their number, the state table as well.

    Raises:
        StateError: The network is not initialized.
        OptionError: Wrong number of inputs or outputs.
        FormatError: Data that does not fit a layer; the note names the layer.

    Example:
        >>> from dltk import dlnetwork, batchNormalizationLayer, featureInputLayer
        >>> net = dlnetwork([featureInputLayer(2), batchNormalizationLayer()])
        >>> Y, state = forward(net, dlarray([[1.0, 3.0], [2.0, 2.0]], "CB"), nargout=2)
        >>> net.State = state

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlnetwork.forward.html
    """
    formats = (InputDataFormats, OutputDataFormats)
    return _evaluate("forward", net, X, Outputs, formats, Acceleration, nargout)


def predict(
    net: Any,
    *X: Any,
    Outputs: str | Sequence[str] | None = None,
    InputDataFormats: Any = "auto",
    OutputDataFormats: Any = "auto",
    Acceleration: str = "auto",
    nargout: int = 1,
) -> Any:
    """Outputs of a network as in use: no dropout, batch norm with the trained statistics.

    Arguments, results and errors are those of `forward`.

    Example:
        >>> from dltk import dlnetwork, featureInputLayer, reluLayer
        >>> net = dlnetwork([featureInputLayer(2), reluLayer()])
        >>> predict(net, np.array([[-1.0, 3.0]], np.float32))
        array([[0., 3.]], dtype=float32)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlnetwork.predict.html
    """
    formats = (InputDataFormats, OutputDataFormats)
    return _evaluate("predict", net, X, Outputs, formats, Acceleration, nargout)


def _evaluate(
    method: str,
    net: Any,
    X: tuple[Any, ...],
    Outputs: Any,
    formats: tuple[Any, Any],
    acceleration: str,
    nargout: int,
) -> Any:
    if not hasattr(type(net), "OutputNames"):
        raise OptionError(
            f"{method}: the first argument must be a dlnetwork, not a {type(net).__name__}.",
            fix=f"Call it as {method}(net, X).",
        )
    if not net.Initialized:
        raise StateError(
            f"{method}: the network is not initialized.",
            got={"parameters without value": ", ".join(_empty_rows(net))},
            fix="Call net = initialize(net), with example inputs if it has no input layer.",
        )
    wanted = net._output_ports if Outputs is None else output_ports(net._graph, Outputs)
    if nargout > len(wanted) + 1:
        raise OptionError(
            f"{method}: the network has {len(wanted)} outputs and a state, nargout is {nargout}.",
            got={"outputs": ", ".join(net._graph.port_name(p, "output") for p in wanted)},
        )
    inputs = _labelled_inputs(method, net, X, formats[0])
    if acceleration != "none" and may_compile():
        run = _forward_compiled if method == "forward" else _predict_compiled
        outputs, state = _programs.call(run, (net, inputs, tuple(wanted)), {}, owner=net._graph)
    else:
        outputs, state = run_layers(net, inputs, wanted, method)
    plain = bool(X) and not any(isinstance(x, dlarray) for x in X)
    results = [_delivered(y, plain, formats[1]) for y in outputs]
    if nargout == len(wanted) + 1:
        results.append(state)
    return results[0] if nargout == 1 else tuple(results[:nargout])


def _empty_rows(net: Any) -> list[str]:
    return [f"{a}/{b}" for t in (net._learnables, net._states) for a, b, v in t if v is None]


def _labelled_inputs(method: str, net: Any, X: tuple[Any, ...], formats: Any) -> list[dlarray]:
    """The inputs as dlarrays with labels."""
    ports = net._graph.open_inputs
    if len(X) != len(ports):
        raise OptionError(
            f"{method}: {len(ports)} input{'s' * (len(ports) != 1)} expected, {len(X)} given.",
            got={"InputNames": ", ".join(net.InputNames)},
            fix=f"Call it as {method}(net, {', '.join(f'X{i + 1}' for i in range(len(ports)))}).",
        )
    each = [formats] * len(X) if isinstance(formats, str) else list(formats)
    return [_with_labels(method, net, p, x, f) for p, x, f in zip(ports, X, each, strict=True)]


def _with_labels(method: str, net: Any, port: Port, x: Any, fmt: str) -> dlarray:
    if isinstance(x, dlarray) and x.dims:
        return x
    layer = net._graph.layer(port[0])
    if fmt == "auto":
        fmt = layer.implied_format(np.ndim(x) if not isinstance(x, dlarray) else x.ndim)
        if not fmt and not layer.is_input:
            raise FormatError(
                f"{method}: the input of layer {port[0]!r} has no labels.",
                got={"X": labels.show(x.shape if isinstance(x, dlarray) else np.shape(x))},
                fix='Give a formatted dlarray, dlarray(X, "SSCB"), or InputDataFormats="SSCB".',
            )
    if not isinstance(x, (dlarray, jax.Array)):
        x = np.asarray(x)
        if x.dtype.kind in "iu" or x.dtype == np.float64:
            x = x.astype(SINGLE)
    return dlarray(x, fmt) if fmt else dlarray(x)


def _delivered(y: dlarray, plain: bool, fmt: Any) -> Any:
    """An output as the caller wants it: plain for plain inputs, observations first."""
    if fmt != "auto":
        y = stripdims(y, fmt)
        return extractdata(y) if plain else y
    if not plain:
        return y
    order = {"CB": "BC", "CBT": "TCB"}.get(y.dims)
    value = extractdata(stripdims(y, order) if order else y)
    return np.asarray(value) if is_known(value) else value
