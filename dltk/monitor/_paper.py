"""What header, side panel and sub-plots share: sizes in inches, colours, text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

HEADER, SIDE = 0.95, 3.0  # height of the header, width of the side panel
COLORS = ("#0072BD", "#D95319", "#77AC30", "#7E2F8E", "#EDB120", "#4DBEEE", "#A2142F")  # MATLAB's
INK, MUTED, FAINT, TRACK, ALARM = "#1F2328", "#6B7280", "#E5E7EB", "#E9ECF0", "#C62828"


def text_style(size: float, **more: Any) -> dict[str, Any]:
    """Keywords of a text: a font that comes with Matplotlib, and dollar signs are just signs."""
    return {"fontsize": max(size, 4.0), "fontfamily": "DejaVu Sans", "parse_math": False, **more}


def sheet(figure: Figure, left: float, top: float, width: float, height: float) -> Axes:
    """Bare axes whose coordinates are inches from their own top left corner."""
    W, H = figure.get_size_inches()
    width, height = max(width, 0.1), max(height, 0.1)
    axes = figure.add_axes((left / W, (H - top - height) / H, width / W, height / H))
    axes.set_axis_off()
    axes.set(xlim=(0, width), ylim=(height, 0))
    axes.set_navigate(False)
    return axes


def shorten(text: str, length: int) -> str:
    """Cut a text that is too long, on one line.

    >>> shorten("resnet18 on flowers", 12)
    'resnet18 on…'
    """
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 1].rstrip() + "…"
