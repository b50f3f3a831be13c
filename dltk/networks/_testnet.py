"""`testnet` and `scores2label`: how good predictions are, and which class they mean."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .._errors import FormatError, OptionError, nearest
from ..data import categorical, onehotencode
from ..dlarray import dlarray, extractdata
from ..dlnetwork import dlnetwork
from ._minibatchpredict import minibatchpredict


def scores2label(scores: Any, classNames: Sequence[str], dim: int = 2) -> Any:
    """The class with the highest score, of each observation.

    Args:
        scores: Scores, observations × classes as `minibatchpredict` gives them, or a formatted
            dlarray, whose classes are along "C".
        classNames: Names of the classes, in the order of the scores.
        dim: Dimension of the classes, from 1.

    Returns:
        A categorical with one element per observation; undefined where a score is NaN.

    Raises:
        FormatError: Another number of scores than classes.

    Example:
        >>> labels = scores2label(np.array([[0.1, 0.9], [0.7, 0.3]]), ["cat", "dog"])
        >>> [str(label) for label in labels]
        ['dog', 'cat']

    Source:
        https://www.mathworks.com/help/deeplearning/ref/scores2label.html
    """
    if isinstance(scores, dlarray) and "C" in scores.dims:
        dim = scores.dims.index("C") + 1
    values = np.asarray(extractdata(scores) if isinstance(scores, dlarray) else scores)
    names = [str(name) for name in classNames]
    if values.ndim < dim or values.shape[dim - 1] != len(names):
        raise FormatError(
            f"scores2label: {len(names)} class names for scores of another size.",
            got={"scores": "×".join(map(str, values.shape)), "dimension of the classes": dim},
        )
    best = np.array(names, dtype=object)[np.nan_to_num(values, nan=-np.inf).argmax(axis=dim - 1)]
    best[np.isnan(values).any(axis=dim - 1)] = None
    return categorical(best.ravel().tolist(), names)


def _accuracy(Y: np.ndarray, T: np.ndarray) -> float:
    return 100 * float(np.mean(Y.argmax(axis=1) == T.argmax(axis=1)))


def _mse(Y: np.ndarray, T: np.ndarray) -> float:
    return float(np.mean((Y - T) ** 2))


def _rmse(Y: np.ndarray, T: np.ndarray) -> float:
    return float(np.sqrt(_mse(Y, T)))


METRICS: dict[str, Callable[[np.ndarray, np.ndarray], float]] = {
    "accuracy": _accuracy,
    "mse": _mse,
    "rmse": _rmse,
}


def testnet(
    net: dlnetwork,
    X: Any,
    targets: Any,
    metrics: str | Callable[..., Any] | Sequence[Any],
    *,
    MiniBatchSize: int = 128,  # noqa: PT028
    InputDataFormats: str | Sequence[str] = "auto",  # noqa: PT028
) -> Any:
    """Metrics of a network on test data.

    Args:
        net: An initialized dlnetwork with one output.
        X: The data as for `minibatchpredict`; a tuple for several inputs.
        targets: A categorical (its categories in the order of the scores), or an array,
            observations first.
        metrics: "accuracy" (in percent), "mse", "rmse", or a function of the predictions and the
            targets (observations first, classes one-hot); or a list of these.
        MiniBatchSize: Observations in a mini-batch.
        InputDataFormats: Labels of inputs that have none.

    Returns:
        One number, or an array with one per metric.

    Raises:
        OptionError: There is no such metric.
        FormatError: Predictions and targets have different sizes.

    Example:
        >>> from dltk import dlnetwork, featureInputLayer
        >>> net = dlnetwork([featureInputLayer(2)])
        >>> X = np.array([[0.2, 0.8], [0.6, 0.4]])
        >>> testnet(net, X, categorical(["b", "b"], ["a", "b"]), "accuracy")
        50.0

    Source:
        https://www.mathworks.com/help/deeplearning/ref/testnet.html
    """
    inputs = X if isinstance(X, tuple) else (X,)
    Y = minibatchpredict(
        net, *inputs, MiniBatchSize=MiniBatchSize, InputDataFormats=InputDataFormats
    )
    Y = np.asarray(extractdata(Y) if isinstance(Y, dlarray) else Y)
    targets = onehotencode(targets, 2) if isinstance(targets, categorical) else targets
    T = np.asarray(extractdata(targets) if isinstance(targets, dlarray) else targets)
    T = T.reshape(Y.shape) if T.ndim == 1 and T.size == Y.size else T
    if Y.shape != T.shape:
        raise FormatError(
            "testnet: predictions and targets have different sizes.",
            got={
                "predictions": "×".join(map(str, Y.shape)),
                "targets": "×".join(map(str, T.shape)),
            },
            fix="Give a categorical with as many categories as there are scores, or an array with "
            "observations first.",
        )
    if isinstance(metrics, str) or callable(metrics):
        return _metric(metrics)(Y, T)
    return np.array([_metric(metric)(Y, T) for metric in metrics])


def _metric(metric: Any) -> Callable[..., Any]:
    if callable(metric):
        return metric
    if metric not in METRICS:
        raise OptionError(f'testnet: there is no metric "{metric}".', fix=nearest(metric, METRICS))
    return METRICS[metric]


vars(testnet)["__test__"] = False  # pytest takes it for a test otherwise
