"""A drawing of a network: layers from top to bottom, an arrow per connection."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .._graph import Graph
from .._layergraph import LayerGraph
from ..dlnetwork import dlnetwork
from ._places import Places, places

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LETTER, PAD, HEIGHT, ROW = 0.083, 0.22, 0.3, 0.52  # inches: a letter, a box, a row
MARGIN, LEGEND = 0.25, 1.75

# What a layer does, told by its maker's name; the first word that fits counts
FAMILIES = (
    ("input", "#c5ccd6", ("Input", "inputLayer")),
    ("normalization, dropout", "#e5d9f2", ("Normalization", "ropout")),
    ("pooling, resizing", "#cfe8e4", ("ooling", "resize", "crop", "flatten")),
    ("activation", "#fbe3c0", ("elu", "tanh", "sigmoid", "softmax", "softplus", "swish")),
    ("combination", "#f6cfd4", ("addition", "multiplication", "oncatenation")),
    ("recurrent, attention", "#f3e9a9", ("lstm", "gru", "ttention")),
    ("learnable", "#b5d2f7", ("onvolution", "onv", "fullyConnected", "mbedding")),
)
OTHER = ("other", "#ededed")
INK, LINE = "#1f2933", "#6b7a8c"


def draw_network(net: dlnetwork | LayerGraph, ax: Axes | None) -> Axes:
    """Draw into axes, or into those of a new figure that is large enough."""
    from matplotlib import pyplot

    graph: Graph = net._graph
    names = [layer.Name for layer in graph.layers]
    wide = [PAD + LETTER * len(name) for name in names]
    arrows = [(graph.place[c.source[0]], graph.place[c.destination[0]]) for c in graph.connections]
    where = places(list(dict.fromkeys(arrows)), graph.order, wide)
    if ax is None:
        left, right, high = _box(where, wide)
        size = right - left + LEGEND, max(high, 1.8)
        ax = pyplot.figure(figsize=size).add_axes((0, 0, 1, 1))
    _draw(ax, where, names, wide, [_family(layer.kind) for layer in graph.layers])
    return ax


def _family(kind: str) -> tuple[str, str]:
    return next(
        ((name, color) for name, color, words in FAMILIES if any(w in kind for w in words)), OTHER
    )


def _box(where: Places, wide: Sequence[float]) -> tuple[float, float, float]:
    """Left and right end of the drawing, and its height, in inches."""
    ends = [x + side * w / 2 for x, w in zip(where.x, wide, strict=True) for side in (-1, 1)]
    ends += [x for path in where.arrows for x, _ in path]
    high = max(where.row, default=0) * ROW + HEIGHT + 2 * MARGIN
    return min(ends, default=0) - MARGIN, max(ends, default=0) + MARGIN, high


def _draw(
    ax: Axes,
    where: Places,
    names: Sequence[str],
    wide: Sequence[float],
    families: Sequence[tuple[str, str]],
) -> None:
    from matplotlib.patches import FancyArrowPatch, FancyBboxPatch, Patch

    left, right, high = _box(where, wide)
    ax.set_xlim(left, right + LEGEND)
    ax.set_ylim(-high + HEIGHT / 2 + MARGIN, HEIGHT / 2 + MARGIN)
    ax.set_aspect("equal")
    ax.axis("off")
    for path in where.arrows:
        ax.add_patch(
            FancyArrowPatch(
                path=_curve(path),
                arrowstyle="-|>",
                mutation_scale=8,
                color=LINE,
                linewidth=1.1,
                zorder=1,
            )
        )
    for x, row, w, name, (_, color) in zip(where.x, where.row, wide, names, families, strict=True):
        corner = (x - w / 2, -row * ROW - HEIGHT / 2)
        style = "round,pad=0,rounding_size=0.08"
        ax.add_patch(
            FancyBboxPatch(
                corner, w, HEIGHT, boxstyle=style, facecolor=color, edgecolor=LINE, zorder=2
            )
        )
        ax.text(x, -row * ROW, name, ha="center", va="center", fontsize=9, color=INK, zorder=3)
    present = [pair for pair in [*(f[:2] for f in FAMILIES), OTHER] if pair in families]
    handles = [Patch(facecolor=color, edgecolor=LINE, label=name) for name, color in present]
    ax.legend(handles=handles, loc="upper right", fontsize=8, frameon=False)


def _curve(path: Sequence[tuple[float, int]]) -> Any:
    """From the lower edge of one box to the upper edge of another, upright at each bend."""
    from matplotlib.path import Path

    ends = [(x, -row * ROW) for x, row in path]
    ends[0] = (ends[0][0], ends[0][1] - HEIGHT / 2)
    ends[-1] = (ends[-1][0], ends[-1][1] + HEIGHT / 2)
    points, codes = [ends[0]], [Path.MOVETO]
    for (x0, y0), (x1, y1) in itertools.pairwise(ends):
        middle = (y0 + y1) / 2
        points += [(x0, middle), (x1, middle), (x1, y1)]
        codes += [Path.CURVE4] * 3
    return Path(points, codes)
