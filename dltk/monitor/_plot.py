"""Draws the data of a monitor into a Matplotlib figure: the same data, the same picture.

Layout, in inches from the top left corner, so that texts keep their distance in a window of any
size::

    title, status                                   [stop button]
    progress bar
    sub-plots, one per metric or group              latest values, infos, time
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import TYPE_CHECKING

import numpy as np

from ._data import Data, Panel
from ._paper import COLORS, FAINT, HEADER, INK, MUTED, SIDE, shorten, text_style
from ._side import draw_header, draw_side
from ._smooth import thin_out, trend

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

KEPT = "kept when drawing anew"  # label of axes that are not ours to remove: the button's
LEFT, RIGHT, BOTTOM, GAP_X, GAP_Y, ABOVE = 0.9, 0.3, 0.62, 0.85, 0.42, 0.3


def plain_style() -> AbstractContextManager[None]:
    """Matplotlib's own settings for a while: not the user's, which stay as they are."""
    import matplotlib.style

    return matplotlib.style.context("default", after_reset=True)


def figure_size(data: Data) -> tuple[float, float]:
    """Width and height in inches that suit the number of sub-plots."""
    rows, columns = _grid(len(data.panels()))
    return 10.0 + 2.5 * (columns - 1), HEADER + ABOVE + BOTTOM + max(3.3, 2.3 * rows)


def draw(figure: Figure, data: Data) -> None:
    """Draw all of ``data`` anew; values that are not settled yet are left out."""
    for axes in [axes for axes in figure.axes if axes.get_label() != KEPT]:
        axes.remove()
    figure.set_facecolor("white")
    panels = data.panels()
    names = [name for panel in panels for name in panel.metrics]
    colors = {name: COLORS[i % len(COLORS)] for i, name in enumerate(names)}
    draw_header(figure, data)
    draw_side(figure, data, colors)
    if not panels:
        return
    rows, columns = _grid(len(panels))
    limits = _step_limits(data)
    for i, panel in enumerate(panels):
        axes = _add_axes(figure, divmod(i, columns), (rows, columns))
        _draw_panel(axes, data, panel, colors)
        axes.set_label(panel.title)
        axes.set_xlim(*limits)
        is_lowest = i + columns >= len(panels)
        axes.tick_params(labelbottom=is_lowest)
        axes.set_xlabel(data.xlabel if is_lowest else "", color=MUTED, **text_style(9.5))


def panel_at(figure: Figure, x: float, y: float) -> str | None:
    """The title of the sub-plot whose y-axis, numbers and label included, is at a pixel."""
    for axes in figure.axes:
        box = axes.get_window_extent()
        is_beside = box.x0 - 0.7 * figure.dpi <= x < box.x0 and box.y0 <= y <= box.y1
        if axes.axison and axes.get_label() != KEPT and is_beside:
            return str(axes.get_label())
    return None


def _grid(count: int) -> tuple[int, int]:
    columns = 1 if count <= 3 else 2 if count <= 6 else 3
    return max(1, -(-count // columns)), columns


def _add_axes(figure: Figure, place: tuple[int, int], grid: tuple[int, int]) -> Axes:
    (row, column), (rows, columns) = place, grid
    W, H = figure.get_size_inches()
    top = HEADER + ABOVE
    width = max(0.5, (W - LEFT - SIDE - RIGHT - (columns - 1) * GAP_X) / columns)
    height = max(0.3, (H - top - BOTTOM - (rows - 1) * GAP_Y) / rows)
    left, down = LEFT + column * (width + GAP_X), top + row * (height + GAP_Y)
    return figure.add_axes((left / W, (H - down - height) / H, width / W, height / H))


def _step_limits(data: Data) -> tuple[float, float]:
    """One range of steps for all sub-plots, so that they can be compared from top to bottom."""
    used = [series.arrays()[0] for series in data.series.values() if len(series)]
    low = min((steps[0] for steps in used if len(steps)), default=0.0)
    high = max((steps[-1] for steps in used if len(steps)), default=1.0)
    low = 0.0 if 0 <= low <= 0.2 * high else low
    margin = 0.015 * (high - low) or 1.0
    return low - margin, high + margin


def _draw_panel(axes: Axes, data: Data, panel: Panel, colors: dict[str, str]) -> None:
    curves = {name: data.series[name].arrays() for name in panel.metrics}
    _dress(axes, whole_steps=all((x == np.round(x)).all() for x, _ in curves.values()))
    values = np.concatenate([y for _, y in curves.values()])
    is_log = panel.scale == "log" and bool((values > 0).any())
    densest = max(series.settled for series in data.series.values())
    for name, (x, y) in curves.items():
        if is_log:
            y = np.where(y > 0, y, np.nan)
        is_check = name.lower().startswith(("val", "test")) or len(y) < 0.3 * densest
        _draw_curve(axes, x, y, colors[name], name, is_check=is_check, is_log=is_log)
    if is_log:
        axes.set_yscale("log")
    elif values.size:
        _start_at_zero(axes, values)
    note = "" if is_log else _common_factor(axes)
    if panel.scale == "log" and values.size and not is_log:
        note = "no positive values"
    label = f"{panel.title} ({note})" if note else panel.title
    axes.set_ylabel(_fitting(axes, label), color=INK, **text_style(10))
    if panel.metrics != (panel.title,):
        _legend(axes, panel)
    if not values.size:
        axes.tick_params(labelleft=False)
        axes.text(0.5, 0.5, "no values yet", color=MUTED, ha="center", va="center",
                  transform=axes.transAxes, **text_style(9))  # fmt: skip


def _draw_curve(
    axes: Axes, x: np.ndarray, y: np.ndarray, color: str, name: str, *, is_check: bool, is_log: bool
) -> None:
    """Few checks between: dashed, with markers. Many noisy values: thin, and their trend thick."""
    few = {"marker": "o", "markersize": 4.5, "markerfacecolor": "white", "markeredgewidth": 1.3}
    few["clip_on"] = False  # a marker on the edge of the sub-plot stays whole
    marks = few if len(y) <= 60 else {}
    if is_check:
        dashes = (0, (4, 2))
        axes.plot(*thin_out(x, y), color=color, lw=1.4, ls=dashes, label=name, zorder=4, **marks)
        return
    smooth = trend(x, np.log(y) if is_log else y)
    if smooth is None:
        axes.plot(*thin_out(x, y), color=color, lw=1.6, label=name, zorder=3, **marks)
        return
    smooth = np.exp(smooth) if is_log else smooth
    axes.plot(*thin_out(x, y), color=color, lw=0.8, alpha=0.38, zorder=2)
    axes.plot(*thin_out(x, smooth), color=color, lw=1.9, label=name, zorder=3)


def _start_at_zero(axes: Axes, values: np.ndarray) -> None:
    """Losses and accuracies are read against zero, unless that would flatten them."""
    finite = values[np.isfinite(values)]
    axes.margins(y=0.08)
    if finite.size and 0 <= finite.min() < 0.5 * finite.max():
        axes.set_ylim(bottom=0)


def _common_factor(axes: Axes) -> str:
    """What the numbers at the y-axis are to be multiplied with, as "×1e−4", or what is to be added.

    Without it they may be too long; above the axis it would stand where the legend is.
    """
    axes.ticklabel_format(axis="y", scilimits=(-3, 5))
    axes.yaxis.get_offset_text().set_visible(False)
    formatter = axes.yaxis.get_major_formatter()
    formatter.set_locs(axes.yaxis.get_majorticklocs().tolist())
    offset = formatter.get_offset()
    return f"×{offset}" if offset[:1].isdigit() else offset


def _dress(axes: Axes, *, whole_steps: bool) -> None:
    from matplotlib.ticker import MaxNLocator

    axes.set_facecolor("white")
    axes.grid(visible=True, color=FAINT, lw=0.8)
    axes.set_axisbelow(True)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color("#9CA3AF")
    axes.tick_params(which="both", color="#9CA3AF", labelcolor=MUTED, labelsize=8.5, length=3)
    axes.tick_params(which="minor", length=2)
    axes.xaxis.set_major_locator(MaxNLocator("auto", integer=whole_steps, steps=[1, 2, 5, 10]))
    axes.yaxis.set_label_coords(-0.56 / _inches(axes)[0], 0.5)  # labels stand in one line


def _inches(axes: Axes) -> tuple[float, float]:
    """Width and height."""
    figure = axes.get_figure(root=True)
    W, H = figure.get_size_inches() if figure else (1.0, 1.0)
    return axes.get_position().width * W, axes.get_position().height * H


def _fitting(axes: Axes, label: str) -> str:
    """A label no longer than the y-axis; about 14 letters make an inch."""
    return shorten(label, max(8, int(14 * _inches(axes)[1])))


def _legend(axes: Axes, panel: Panel) -> None:
    if not axes.get_legend_handles_labels()[0]:
        return
    legend = axes.legend(
        loc="lower left", bbox_to_anchor=(0, 1.0), ncols=min(4, len(panel.metrics)), frameon=False,
        borderaxespad=0.1, borderpad=0.1, handlelength=1.8, columnspacing=1.4,
        prop={"family": "DejaVu Sans", "size": 8.5}, labelcolor=INK,
    )  # fmt: skip
    for text in legend.get_texts():
        text.set_parse_math(False)
