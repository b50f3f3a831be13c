"""`confusionchart`: a confusion matrix as a coloured table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from .._errors import OptionError, nearest
from ._confusionmat import given_matrix, normalized, order_names

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Normalization = Literal["absolute", "row-normalized", "column-normalized", "total-normalized"]
RowSummary = Literal["off", "absolute", "row-normalized", "total-normalized"]
ColumnSummary = Literal["off", "absolute", "column-normalized", "total-normalized"]

WORDS = {
    "Normalization": ("absolute", "row-normalized", "column-normalized", "total-normalized"),
    "RowSummary": ("off", "absolute", "row-normalized", "total-normalized"),
    "ColumnSummary": ("off", "absolute", "column-normalized", "total-normalized"),
}
TEXTS = ("Title", "XLabel", "YLabel")


class ConfusionMatrixChart:
    """A drawn confusion matrix; made by `confusionchart`.

    ``Title``, ``XLabel``, ``YLabel``, ``Normalization``, ``RowSummary`` and ``ColumnSummary`` can
    be assigned; the chart follows.

    Attributes:
        axes: The Matplotlib axes; ``chart.axes.figure.savefig("chart.png")`` keeps the picture.
    """

    def __init__(self, matrix: np.ndarray, names: list[str], axes: Axes, options: dict[str, str]):
        self.axes = axes
        self._matrix = matrix
        self._names = names
        self._options: dict[str, str] = {}
        for name, value in options.items():
            self._options[name] = _checked(name, value)
        self._draw()

    def __setattr__(self, name: str, value: Any) -> None:
        if name in WORDS or name in TEXTS:
            self._options[name] = _checked(name, value)
            self._draw()
        elif name.startswith("_") or name == "axes":
            object.__setattr__(self, name, value)
        else:
            raise OptionError(
                f"confusionchart: {name} cannot be assigned.", fix=nearest(name, [*WORDS, *TEXTS])
            )

    def __getattr__(self, name: str) -> str:
        if name in WORDS or name in TEXTS:
            return self._options[name]
        raise AttributeError(f"A confusion matrix chart has no {name}.")

    def __repr__(self) -> str:
        return f"ConfusionMatrixChart of {len(self._names)} classes: {', '.join(self._names)}"

    @property
    def ClassLabels(self) -> list[str]:
        """The classes in the order of the rows."""
        return list(self._names)

    @property
    def NormalizedValues(self) -> np.ndarray:
        """The matrix as ``Normalization`` says."""
        return normalized(self._matrix, self.Normalization)

    def sort(self, order: Any) -> None:
        """See the function `sortClasses`."""
        chosen = _order(self._matrix, self._names, order)
        self._matrix = self._matrix[np.ix_(chosen, chosen)]
        self._names = [self._names[k] for k in chosen]
        self._draw()

    def _draw(self) -> None:
        from ._confusiontable import draw

        draw(self.axes, self._matrix, self._names, self._options)


def confusionchart(
    trueLabels: Any,
    predictedLabels: Any = None,
    /,
    *,
    Title: str = "",
    XLabel: str = "Predicted Class",
    YLabel: str = "True Class",
    Normalization: Normalization = "absolute",
    RowSummary: RowSummary = "off",
    ColumnSummary: ColumnSummary = "off",
    ax: Axes | None = None,
) -> ConfusionMatrixChart:
    """Draw how often each true class was predicted as each class: right in blue, wrong in orange.

    Args:
        trueLabels: True classes (a categorical, texts, numbers, logicals), or a square matrix of
            counts with a row per true class.
        predictedLabels: As many predicted classes; of a matrix the names of the classes, 1, 2, ...
            at first.
        Title: Above the table.
        XLabel: Below it.
        YLabel: At its left.
        Normalization: What the cells show: "absolute" counts, or percentages of each row
            ("row-normalized"), column or of all observations ("total-normalized").
        RowSummary: At the right, right and wrong observations of each true class: "off",
            "absolute", "row-normalized" (recall and its complement), "total-normalized".
        ColumnSummary: Below, those of each predicted class: "off", "absolute", "column-normalized"
            (precision and its complement), "total-normalized".
        ax: Matplotlib axes to draw into; without them a new figure is made, which
            ``matplotlib.pyplot.show()`` opens.

    Returns:
        The chart, with ``NormalizedValues`` and ``ClassLabels``; options can be assigned later, and
        `sortClasses` changes the order.

    Raises:
        OptionError: Different numbers of elements, a matrix that is not square, or another word.

    Example:
        >>> import matplotlib
        >>> matplotlib.use("agg")
        >>> cm = confusionchart(["cat", "cat", "dog"], ["cat", "dog", "dog"])
        >>> cm.RowSummary = "row-normalized"
        >>> cm
        ConfusionMatrixChart of 2 classes: cat, dog
        >>> cm.NormalizedValues
        array([[1, 1],
               [0, 1]])

    Source:
        https://www.mathworks.com/help/deeplearning/ref/confusionchart.html
    """
    matrix, names = given_matrix(trueLabels, predictedLabels)
    options = {
        "Title": Title,
        "XLabel": XLabel,
        "YLabel": YLabel,
        "Normalization": Normalization,
        "RowSummary": RowSummary,
        "ColumnSummary": ColumnSummary,
    }
    for name, value in options.items():
        _checked(name, value)
    if ax is None:
        from ._confusiontable import new_axes

        ax = new_axes(names, options)
    return ConfusionMatrixChart(matrix, names, ax, options)


def sortClasses(cm: ConfusionMatrixChart, order: Any, /) -> None:
    """Change the order of the classes of a chart.

    Args:
        cm: The chart.
        order: "ascending-diagonal" or "descending-diagonal" (by the number of right observations),
            "auto" (by name), or the classes in the wanted order.

    Raises:
        OptionError: Another word, or not each class once.

    Example:
        >>> import matplotlib
        >>> matplotlib.use("agg")
        >>> cm = confusionchart([[5, 1], [0, 9]], ["cat", "dog"])
        >>> sortClasses(cm, "descending-diagonal")
        >>> cm.ClassLabels
        ['dog', 'cat']

    Source:
        https://www.mathworks.com/help/deeplearning/ref/sortclasses.html
    """
    if not isinstance(cm, ConfusionMatrixChart):
        raise OptionError(
            "sortClasses: the first argument is a chart.",
            got={"first argument": type(cm).__name__},
            fix="Make one: cm = confusionchart(trueLabels, predictedLabels).",
        )
    cm.sort(order)


def _order(matrix: np.ndarray, names: list[str], order: Any) -> list[int]:
    words = ("auto", "ascending-diagonal", "descending-diagonal")
    if isinstance(order, str):
        if order not in words:
            raise OptionError(
                "sortClasses: this is no order.",
                got={"order": repr(order)},
                fix=nearest(order, words),
            )
        if order == "auto":
            return sorted(range(len(names)), key=lambda k: names[k])
        sign = 1 if order == "ascending-diagonal" else -1
        return np.argsort(sign * np.diag(matrix), kind="stable").tolist()
    wanted = order_names(order)
    if sorted(wanted) != sorted(names):
        raise OptionError(
            "sortClasses: an order names each class once.",
            got={"order": ", ".join(wanted), "classes": ", ".join(names)},
        )
    return [names.index(name) for name in wanted]


def _checked(name: str, value: Any) -> str:
    if name in WORDS and value not in WORDS[name]:
        raise OptionError(
            f"confusionchart: this is no {name}.",
            got={name: repr(value)},
            fix=nearest(value, WORDS[name]),
        )
    return str(value)
