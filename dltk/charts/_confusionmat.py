"""`confusionmat`: how often each class was taken for each other one."""

from __future__ import annotations

from typing import Any

import numpy as np

from .._errors import OptionError
from ..data._categorical import categorical, join
from ..functions._options import outputs


def confusionmat(group: Any, grouphat: Any, *, Order: Any = None, nargout: int = 1) -> Any:
    r"""Counts of true and predicted classes.

    .. math:: C_{ij} = \#\{k : g_k = \text{class}_i,\ \hat g_k = \text{class}_j\}

    Observations without a class (``<undefined>``, NaN, empty text) are not counted.

    Args:
        group: True classes: a categorical, texts, numbers or logicals.
        grouphat: Predicted classes, as many.
        Order: The classes in the order of the rows, each that occurs. At first: the categories of
            categoricals, in their order; else the values that occur, sorted.
        nargout: 2 gives the classes too.

    Returns:
        The matrix of counts, a row per true class; with ``nargout=2`` also the classes, a
        categorical with an element per row.

    Raises:
        OptionError: Different numbers of elements, texts beside numbers, or an ``Order`` without a
            class that occurs.

    Example:
        >>> C, order = confusionmat(["a", "b", "b", "c"], ["a", "b", "c", "c"], nargout=2)
        >>> C
        array([[1, 0, 0],
               [0, 1, 1],
               [0, 0, 1]])
        >>> order
        categorical(['a', 'b', 'c'], categories: a, b, c)

    Source:
        https://www.mathworks.com/help/stats/confusionmat.html
    """
    outputs("confusionmat", nargout, (1, 2))
    matrix, names = counted("confusionmat", group, grouphat, Order)
    return (matrix, categorical(names, names)) if nargout == 2 else matrix


def counted(function: str, group: Any, grouphat: Any, order: Any) -> tuple[np.ndarray, list[str]]:
    """The counts and the names of the classes."""
    both = [_labels(group), _labels(grouphat)]
    sizes = [len(labels) for labels in both]
    if sizes[0] != sizes[1]:
        raise OptionError(
            f"{function}: as many predicted as true classes are needed.",
            got={"true": f"{sizes[0]} elements", "predicted": f"{sizes[1]} elements"},
        )
    if any(isinstance(labels, categorical) for labels in both):
        together = join([categorical(labels) for labels in both])
    else:
        together = categorical([*both[0], *both[1]])
    names = list(together._names)
    if order is not None:
        together = together._make(*_reordered(function, together, order))
        names = list(together._names)
    true, predicted = np.asarray(together._codes).reshape(2, -1)
    known = (true >= 0) & (predicted >= 0)
    matrix = np.zeros((len(names), len(names)), int)
    np.add.at(matrix, (true[known], predicted[known]), 1)
    return matrix, names


def normalized(matrix: np.ndarray, how: str) -> np.ndarray:
    """Counts, or their parts of a row, a column or the whole; parts of nothing are NaN.

    >>> normalized(np.array([[3, 1], [0, 4]]), "row-normalized")
    array([[0.75, 0.25],
           [0.  , 1.  ]])
    """
    if how == "absolute":
        return matrix
    sums = {
        "row-normalized": matrix.sum(1, keepdims=True),
        "column-normalized": matrix.sum(0, keepdims=True),
        "total-normalized": matrix.sum(keepdims=True),
    }[how]
    return np.divide(matrix, sums, out=np.full(matrix.shape, np.nan), where=sums > 0)


def given_matrix(first: Any, second: Any) -> tuple[np.ndarray, list[str]]:
    """Counts and classes of what `confusionchart` was given: labels, or a matrix and names."""
    array = np.empty(0) if isinstance(first, categorical) else np.asarray(first)
    rows, columns = (len(array), array[0].size) if array.ndim == 2 else (1, 1)
    if 1 in (rows, columns):
        if second is None:
            raise OptionError(
                "confusionchart: predicted classes are missing.",
                fix="Write confusionchart(trueLabels, predictedLabels), or give a square matrix.",
            )
        return counted("confusionchart", first, second, None)
    is_count = array.dtype.kind in "buif" and bool(((array >= 0) & (array == array // 1)).all())
    if rows != columns or not is_count:
        raise OptionError(
            "confusionchart: a confusion matrix is square and has counts.",
            got={"matrix": f"{rows} x {columns} {array.dtype}"},
        )
    names = order_names(range(1, len(array) + 1) if second is None else second)
    if len(names) != len(array):
        raise OptionError(
            "confusionchart: each row of the matrix has one class.",
            got={"rows": len(array), "classes": len(names)},
        )
    return array.astype(int), names


def _labels(given: Any) -> Any:
    if isinstance(given, categorical):
        return given.ravel()
    return np.ravel(np.asarray(given)).tolist()


def _reordered(
    function: str, labels: categorical, order: Any
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Codes and names with the names as ordered."""
    names = order_names(order)
    codes = np.asarray(labels._codes)
    used = {labels._names[code] for code in np.unique(codes[codes >= 0])}
    if len(set(names)) < len(names) or used - set(names):
        raise OptionError(
            f"{function}: an order names each class once.",
            got={"order": ", ".join(names), "classes": ", ".join(labels._names)},
        )
    place = {name: position for position, name in enumerate(names)}
    moved = np.array([*(place.get(name, -1) for name in labels._names), -1])
    return moved[codes], tuple(names)


def order_names(order: Any) -> list[str]:
    """The names that `categorical` gives to classes.

    >>> order_names([2, 1])
    ['2', '1']
    """
    listed = [str(label) for label in order] if isinstance(order, categorical) else list(order)
    return list(categorical(listed, listed)._names)
