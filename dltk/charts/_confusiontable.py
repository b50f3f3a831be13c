"""Draws a confusion matrix into axes. Imports Matplotlib: only what draws imports this."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from ._confusionmat import normalized

BLUE, ORANGE = (0.0, 0.447, 0.741), (0.85, 0.325, 0.098)  # right and wrong, as in MATLAB
GAP = 0.35  # cells between the matrix and a summary
LETTER = 0.085  # inches
INK, EDGE = "#1F2328", "#B9C0C8"


def new_axes(names: Sequence[str], options: dict[str, str]) -> Axes:
    """Axes of a new figure that is large enough for the names and numbers."""
    from matplotlib import pyplot

    count = len(names)
    cell = 0.62 if count <= 12 else max(0.22, 7.5 / count)
    longest = max(map(len, names), default=1) * LETTER
    wide = (options["RowSummary"] != "off") * (2 + GAP) * cell
    high = (options["ColumnSummary"] != "off") * (2 + GAP) * cell
    size = longest + 1.1 + count * cell + wide, longest + 1.2 + count * cell + high
    figure = pyplot.figure(figsize=(max(size[0], 4), max(size[1], 3.2)))
    figure.set_layout_engine("constrained", w_pad=0.1, h_pad=0.1)
    return figure.add_subplot()


def draw(axes: Axes, matrix: np.ndarray, names: Sequence[str], options: dict[str, str]) -> None:
    """Draw anew: cells, summaries, names."""
    axes.clear()
    count = len(names)
    shares = np.nan_to_num(normalized(matrix, "row-normalized"))
    shown = normalized(matrix, options["Normalization"])
    is_right = np.eye(count, dtype=bool)
    _cells(axes, 0, 0, shown, shares, is_right)
    right, below = float(count), float(count)
    if options["RowSummary"] != "off":
        _cells(axes, count + GAP, 0, *_summary(matrix, options["RowSummary"], 1))
        right += GAP + 2
    if options["ColumnSummary"] != "off":
        values, parts, right_ones = _summary(matrix, options["ColumnSummary"], 0)
        _cells(axes, 0, count + GAP, values.T, parts.T, right_ones.T)
        below += GAP + 2
    axes.set(xlim=(-0.02, right + 0.02), ylim=(below + 0.02, -0.02), aspect="equal")
    turned = count > 12 or max(map(len, names), default=0) > 7
    axes.set_xticks(np.arange(count) + 0.5, names, rotation=90 if turned else 0)
    axes.set_yticks(np.arange(count) + 0.5, names)
    axes.tick_params(length=0, labelcolor=INK, labelsize=9 if count <= 25 else 6)
    for side in axes.spines.values():
        side.set_visible(False)
    axes.set_xlabel(options["XLabel"], color=INK)
    axes.set_ylabel(options["YLabel"], color=INK)
    axes.set_title(options["Title"], color=INK, parse_math=False)


def _summary(matrix: np.ndarray, how: str, axis: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Right and wrong of each row (axis 1) or column (axis 0): values, parts, which are right."""
    right = np.diag(matrix)
    total = matrix.sum(axis)
    counts = np.stack([right, total - right], axis=1)
    parts = np.divide(
        counts, total[:, None], out=np.full(counts.shape, np.nan), where=total[:, None] > 0
    )
    values = {"absolute": counts, "total-normalized": counts / max(matrix.sum(), 1)}.get(how, parts)
    is_right = np.tile([True, False], (len(matrix), 1))
    return values, np.nan_to_num(parts), is_right


def _cells(
    axes: Axes, left: float, top: float, values: np.ndarray, parts: np.ndarray, is_right: Any
) -> None:
    """A block of cells; the larger the part of its class, the stronger the colour."""
    rows, columns = values.shape
    size = 9.5 if max(rows, columns) <= 12 else 7.5 if max(rows, columns) <= 25 else 5
    for i in range(rows):
        for j in range(columns):
            strength = float(parts[i, j]) ** 0.5
            base = np.array(BLUE if is_right[i, j] else ORANGE)
            color = 1 - (1 - base) * 0.9 * strength
            axes.add_patch(
                Rectangle((left + j, top + i), 1, 1, facecolor=color, edgecolor=EDGE, linewidth=0.6)
            )
            text = _text(values[i, j])
            if text:
                ink = "white" if strength > 0.75 else INK
                axes.text(left + j + 0.5, top + i + 0.5, text, color=ink, fontsize=size,
                          ha="center", va="center")  # fmt: skip


def _text(value: Any) -> str:
    """Counts as they are, parts as percentages, nothing for none."""
    if not np.isfinite(value) or value == 0:
        return ""
    if np.issubdtype(np.asarray(value).dtype, np.integer):
        return str(value)
    return f"{100 * value:.1f}%"
