"""Labels to one-hot vectors and back, on the host: a few NumPy calls for a whole mini-batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .._errors import FormatError, OptionError, nearest
from .._labels import show
from ..dlarray import dlarray, extractdata
from ._categorical import categorical, join
from ._onehot_table import is_table, onehot_table

NUMERIC = {
    "double": np.dtype(np.float64),
    "single": np.dtype(np.float32),
    **{name: np.dtype(name) for name in ("int8", "int16", "int32", "int64")},
    **{name: np.dtype(name) for name in ("uint8", "uint16", "uint32", "uint64")},
    "logical": np.dtype(bool),
}


def onehotencode(
    A: Any, featureDim: int | None = None, typename: str = "double", *, ClassNames: Any = None
) -> Any:
    """Labels as vectors of zeros with a one in the place of the class.

    Dimension ``featureDim`` of ``A`` must have size 1; it gets one entry per class, in the order of
    ``categories(A)`` (all of them, used or not) or of ``ClassNames``. Undefined labels, and labels
    that are not among ``ClassNames``, become vectors of NaN.

    Args:
        A: Labels: a categorical; or text or numbers, with ``ClassNames``. A vector of N labels
            without a second dimension counts as 1 x N for ``featureDim=1`` (the result is K x N)
            and as N x 1 otherwise (N x K for ``featureDim=2``). A list of single labels, as
            functions for `minibatchqueue` receive it, is a vector. Or a table of one column: a
            pandas DataFrame, a dict or a struct.
        featureDim: Dimension of the one-hot vectors, counted from 1; none for a table.
        typename: Number type of the result: "double", "single", "logical", "int8" ... "uint64".
            Only the first two have NaN.
        ClassNames: The classes and their order.

    Returns:
        A NumPy array of the size of ``A``, but K along ``featureDim``. Of a table, one of the same
        kind with a column per class.

    Raises:
        OptionError: ``ClassNames`` missing for text or numbers, an unknown type, undefined labels
            in a type without NaN.
        FormatError: Dimension ``featureDim`` of ``A`` is not of size 1.

    Example:
        >>> onehotencode(categorical(["cat", "dog", "dog"]), 1)
        array([[1., 0., 0.],
               [0., 1., 1.]])
        >>> onehotencode([3, 5], 2, "single", ClassNames=[5, 3])
        array([[0., 1.],
               [1., 0.]], dtype=float32)
        >>> onehotencode({"Color": categorical(["red", "blue"])})
        {'blue': array([0., 1.]), 'red': array([1., 0.])}

    Source:
        https://www.mathworks.com/help/deeplearning/ref/onehotencode.html
    """
    dtype = _number_type("onehotencode", typename)
    if is_table(A) and featureDim is None:
        return onehot_table(A, lambda column: _of_column(column, typename, ClassNames))
    if featureDim is None:
        raise OptionError(
            "onehotencode: featureDim is missing.",
            fix="Name the dimension of the vectors, onehotencode(T, 1) for K x N.",
        )
    labels = _as_categorical(A, ClassNames)
    shape = _shape(labels._codes.shape, featureDim)
    codes = labels._codes.reshape(-1)
    result = np.zeros((codes.size, len(labels._names)), dtype)
    result[np.arange(codes.size), codes] = 1
    missing = codes < 0
    if missing.any():
        result[missing] = _nan(dtype, int(missing.sum()), codes.size)
    axis = featureDim - 1
    spread = result.reshape(*shape[:axis], *shape[axis + 1 :], -1)
    return np.moveaxis(spread, -1, axis)


def _of_column(column: Any, typename: str, names: Any) -> tuple[np.ndarray, list[str]]:
    """N x K vectors and class names of a column; text and numbers are made categorical."""
    labels = column if isinstance(column, categorical) else categorical(column)
    labels = _as_categorical(labels.ravel(), names)
    return onehotencode(labels, 2, typename), list(labels._names)


def onehotdecode(
    B: Any, classes: Any, featureDim: int, typename: str = "categorical"
) -> categorical | np.ndarray:
    """The class with the largest score, for each vector of scores along a dimension.

    The first of several largest scores wins. NaN is never the largest; a vector of NaN alone gives
    ``<undefined>`` (NaN for numeric types).

    Args:
        B: Scores or one-hot vectors, K along ``featureDim``: a NumPy or JAX array or a dlarray
            (whose dimensions count in the order in which ``size`` shows them).
        classes: The K class names: text, numbers or a categorical.
        featureDim: Dimension of the scores, counted from 1.
        typename: "categorical" (the categories are ``classes``, in their order), "string", or a
            number type such as "double" when the class names are numbers.

    Returns:
        Labels of the size of ``B``, but 1 along ``featureDim``.

    Raises:
        FormatError: The number of classes differs from the size of ``B`` along ``featureDim``.
        OptionError: An unknown type, or a number type for class names that are no numbers.

    Example:
        >>> onehotdecode([[0.9, 0.2], [0.1, 0.8]], ["cat", "dog"], 1)
        categorical([['cat', 'dog']], categories: cat, dog)

    Source:
        https://www.mathworks.com/help/deeplearning/ref/onehotdecode.html
    """
    scores = _scores(B, featureDim)
    names = _class_names(classes, "onehotdecode")
    axis = featureDim - 1
    if scores.shape[axis] != len(names):
        raise FormatError(
            f"onehotdecode: {len(names)} classes, but B has size {scores.shape[axis]} along "
            f"dimension {featureDim}.",
            got={"B": show(B.shape, B.dims) if isinstance(B, dlarray) else show(scores.shape)},
            fix="Name the dimension of the classes, from 1: it is 1 for scores of size K x N.",
        )
    codes = _largest(scores, axis)
    labels = categorical._make(codes, tuple(names))
    if typename == "categorical":
        return labels
    if typename == "string":
        return np.asarray(labels)
    return _numbers(labels, _number_type("onehotdecode", typename, ["categorical", "string"]))


def _as_categorical(A: Any, ClassNames: Any) -> categorical:
    """The labels, with the classes as categories."""
    if isinstance(A, (list, tuple)) and any(isinstance(a, categorical) for a in A):
        A = _vector_of(A)
    if ClassNames is None and not isinstance(A, categorical):
        raise OptionError(
            f"onehotencode: labels of type {type(A).__name__} need ClassNames.",
            fix="Pass ClassNames=classes, or labels made with categorical.",
        )
    if not isinstance(A, categorical):
        return categorical(A, ClassNames)
    if ClassNames is None or A._names == tuple(ClassNames):
        return A
    return categorical(A, _class_names(ClassNames, "onehotencode"))


def _vector_of(cells: Sequence[Any]) -> categorical:
    """A list of categoricals with one element each, as a vector."""
    names = cells[0]._names if isinstance(cells[0], categorical) else None
    if all(isinstance(c, categorical) and c._names is names and c.size == 1 for c in cells):
        return categorical._make(np.array([c._codes for c in cells]).reshape(-1), cells[0]._names)
    return join(
        [np.asarray(c).reshape(-1) if not isinstance(c, categorical) else c.ravel() for c in cells]
    )


def _class_names(classes: Any, who: str) -> list[str]:
    made = classes if isinstance(classes, categorical) else categorical(classes, classes)
    names = list(made._names)
    if isinstance(classes, categorical):
        names = classes.ravel().tolist()
    if len(set(names)) < len(names):
        raise OptionError(f"{who}: a class is named twice.", got={"classes": ", ".join(names)})
    return names


def _shape(shape: tuple[int, ...], featureDim: int) -> tuple[int, ...]:
    """The sizes of the labels with a 1 in place ``featureDim``."""
    _check_dim("onehotencode", featureDim)
    if len(shape) < 2:
        shape = (
            (1, *shape) if featureDim == 1 and len(shape) == 1 else (*shape, *(1, 1)[len(shape) :])
        )
    sizes = shape + (1,) * (featureDim - len(shape))
    if sizes[featureDim - 1] != 1:
        free = [dim + 1 for dim, n in enumerate(sizes) if n == 1] or [len(sizes) + 1]
        raise FormatError(
            f"onehotencode: dimension {featureDim} of the labels has size {sizes[featureDim - 1]}, "
            "the one-hot vectors need it.",
            got={"A": show(sizes)},
            fix=f"Name a dimension of size 1 such as {free[0]}, counted from 1.",
        )
    return sizes


def _scores(B: Any, featureDim: int) -> np.ndarray:
    """Scores with at least ``featureDim`` dimensions; a vector is a row for ``featureDim=2``."""
    _check_dim("onehotdecode", featureDim)
    scores = np.asarray(extractdata(B) if isinstance(B, dlarray) else B)
    if scores.ndim == 1 and featureDim == 2:
        scores = scores[np.newaxis]
    return scores.reshape(*scores.shape, *(1,) * (featureDim - scores.ndim))


def _check_dim(who: str, featureDim: object) -> None:
    if not isinstance(featureDim, (int, np.integer)) or featureDim < 1:
        raise OptionError(f"{who}: featureDim is {featureDim!r}.", fix="Dimensions count from 1.")


def _number_type(who: str, typename: str, others: Sequence[str] = ()) -> np.dtype:
    if typename not in NUMERIC:
        raise OptionError(
            f'{who}: "{typename}" is not a type of the result.',
            fix=nearest(typename, [*others, *NUMERIC]),
        )
    return NUMERIC[typename]


def _nan(dtype: np.dtype, missing: int, labels: int) -> float:
    if dtype.kind != "f":
        raise OptionError(
            f"onehotencode: {missing} of {labels} labels are undefined or not among the classes, "
            f"and {dtype} has no NaN.",
            fix='Use the type "single" or "double", or complete ClassNames.',
        )
    return np.nan


def _largest(scores: np.ndarray, axis: int) -> np.ndarray:
    """Positions of the first largest values; -1 where all are NaN."""
    nan = np.isnan(scores)
    if not nan.any():
        return np.argmax(scores, axis=axis, keepdims=True).astype(np.int32)
    codes = np.argmax(np.where(nan, -np.inf, scores), axis=axis, keepdims=True)
    return np.where(nan.all(axis=axis, keepdims=True), -1, codes).astype(np.int32)


def _numbers(labels: categorical, dtype: np.dtype) -> np.ndarray:
    """The class names as numbers."""
    try:
        values = np.array([float(name) for name in labels._names])
    except ValueError:
        raise OptionError(
            "onehotdecode: the class names are no numbers.",
            got={"classes": ", ".join(labels._names)},
            fix='Use the type "categorical" or "string".',
        ) from None
    undefined = np.append(values, np.nan)[labels._codes]
    return undefined.astype(dtype)
