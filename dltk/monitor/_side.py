"""The texts around the sub-plots: title and progress bar above, values and time at the right."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from ._data import Data
from ._paper import (
    ALARM,
    COLORS,
    FAINT,
    HEADER,
    INK,
    MUTED,
    SIDE,
    TRACK,
    sheet,
    shorten,
    text_style,
)
from ._series import as_text

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

BUTTON_SPACE = 1.15  # inches at the right of the header


class Row(NamedTuple):
    """A line of the side panel; without a value it is a heading."""

    name: str
    value: str = ""
    swatch: str = ""
    color: str = INK


def draw_header(figure: Figure, data: Data) -> None:
    """Title, status and progress bar."""
    W, _ = figure.get_size_inches()
    axes = sheet(figure, 0, 0, W, HEADER)
    axes.text(0.32, 0.36, "Training Progress", color=INK, va="baseline",
              fontweight="bold", **text_style(13.5))  # fmt: skip
    status = " · ".join(filter(None, [data.stop * "stopped by the user", data.status]))
    status = shorten(status, max(8, int((W - 2.7 - BUTTON_SPACE) * 11)))
    axes.text(2.5, 0.36, status, color=MUTED, va="baseline", **text_style(10.5))
    if data.progress is None:
        axes.plot([0.32, W - 0.32], [0.6, 0.6], color=FAINT, lw=1.0)
        return
    _bar(axes, 0.38, W - 0.32 - 0.62, 0.66, data.progress)
    axes.text(W - 0.32, 0.66, f"{data.progress:.0f} %", color=INK, ha="right",
              va="center_baseline", fontweight="bold", **text_style(10.5))  # fmt: skip


def _bar(axes: Axes, left: float, right: float, y: float, percent: float) -> None:
    """A round-ended bar; lines end round at any size of the window."""
    axes.plot([left, right], [y, y], color=TRACK, lw=8, solid_capstyle="round")
    if percent > 0:
        end = left + (right - left) * percent / 100
        axes.plot([left, end], [y, y], color=COLORS[0], lw=8, solid_capstyle="round")


def draw_side(figure: Figure, data: Data, colors: dict[str, str]) -> None:
    """Latest values, infos and time, on a column at the right."""
    W, H = figure.get_size_inches()
    height = H - HEADER - 0.3
    axes = sheet(figure, W - SIDE + 0.12, HEADER + 0.08, SIDE - 0.44, height)
    width = axes.get_xlim()[1]
    axes.plot([0, 0], [0.02, height], color=FAINT, lw=1.0)
    rows = _rows(data, colors)
    lines = sum(_lines(row) for row in rows)
    pitch = min(0.27, max(0.05, (height - 0.1) / max(lines, 1)))
    size = min(9.5, 9.5 * pitch / 0.2)
    y = 0.0
    for row in rows:
        y += pitch * _lines(row)
        _draw_row(axes, row, y, pitch, width, size)


def _lines(row: Row) -> float:
    """Height of a row in lines: headings have air above, long values a line of their own."""
    return (1.45 if not row.value else 2.0 if _is_long(row) else 1.0) if row.name else 0.5


def _is_long(row: Row) -> bool:
    return len(row.name) + len(row.value) + 2 * bool(row.swatch) > 27


def _draw_row(axes: Axes, row: Row, y: float, pitch: float, width: float, size: float) -> None:
    """A row whose last line stands at ``y``."""
    left = 0.24
    if not row.value:
        axes.text(left, y, row.name, color=MUTED, fontweight="bold", **text_style(0.84 * size))
        return
    top = y - pitch if _is_long(row) else y
    if row.swatch:
        axes.plot([left + 0.02, left + 0.14], [top - 0.045] * 2, color=row.swatch, lw=0.37 * size,
                  solid_capstyle="round")  # fmt: skip
        left += 0.26
    axes.text(left, top, shorten(row.name, 22 if row.swatch else 25), color=INK, **text_style(size))
    axes.text(width, y, shorten(row.value, 24), color=row.color, ha="right", fontweight="bold",
              **text_style(size))  # fmt: skip


def _rows(data: Data, colors: dict[str, str]) -> list[Row]:
    latest = [
        Row(name, *_value_of(data.series[name].latest(), color)) for name, color in colors.items()
    ]
    infos = [Row(name, value or "–") for name, value in data.latest_info().items()]
    times = [Row("Start", data.started_at), Row("Elapsed", clock_text(data.elapsed))]
    if data.remaining is not None and not data.stop:
        times.append(Row("Remaining (est.)", clock_text(data.remaining)))
    sections = {"LATEST VALUES": latest, "INFORMATION": infos, "TIME": times}
    return [row for name, rows in sections.items() if rows for row in (Row(name), *rows)]


def _value_of(value: float | None, swatch: str) -> tuple[str, str, str]:
    if value is None:
        return "–", swatch, MUTED
    return as_text(value), swatch, INK if math.isfinite(value) else ALARM


def clock_text(seconds: float) -> str:
    """Hours, minutes, seconds, as MATLAB's duration shows them.

    >>> clock_text(3725.4)
    '01:02:05'
    """
    minutes, second = divmod(int(seconds), 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{second:02d}"
