"""`plot`: curves, a network's layers and connections, or a training's progress."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, overload

from .._errors import OptionError
from .._layergraph import LayerGraph
from ..charts._curves import curves
from ..dlnetwork import dlnetwork
from ..layers._layer import Layer
from ..monitor import trainingProgressMonitor
from ._drawing import draw_network

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D


@overload
def plot(  # pyright: ignore[reportOverlappingOverload]  numbers can be anything
    net: dlnetwork | LayerGraph, /, *, ax: Axes | None = None
) -> Axes: ...
@overload
def plot(monitor: trainingProgressMonitor, /) -> Figure: ...
@overload
def plot(
    *args: Any,
    Color: Any = None,
    LineStyle: str | None = None,
    LineWidth: float | None = None,
    Marker: str | None = None,
    MarkerSize: float | None = None,
    MarkerEdgeColor: Any = None,
    MarkerFaceColor: Any = None,
    DisplayName: str | None = None,
    ax: Axes | None = None,
) -> list[Line2D]: ...
def plot(
    *args: Any,
    Color: Any = None,
    LineStyle: str | None = None,
    LineWidth: float | None = None,
    Marker: str | None = None,
    MarkerSize: float | None = None,
    MarkerEdgeColor: Any = None,
    MarkerFaceColor: Any = None,
    DisplayName: str | None = None,
    ax: Axes | None = None,
) -> Axes | Figure | list[Line2D]:
    """Draw curves, the layers of a network, or the progress of a training.

    ``plot(net)``: the layers from top to bottom, with an arrow per connection. Branches stand side
    by side; a connection that skips layers runs beside them as a curve. The color of a box tells
    what its layer does. The figure is as large as readable names need.

    ``plot(monitor)``: the metrics that a `trainingProgressMonitor` has, with all values up to now:
    the picture of the training, afterwards.

    ``plot(Y)``, ``plot(X, Y)``, ``plot(X, Y, "r--o")``, ``plot(X1, Y1, X2, Y2, ...)``: curves in
    the current axes, by Matplotlib, but with MATLAB's rules: rows and columns are vectors,
    of a matrix each column is a curve (each row if ``X`` fits that), and the axes are cleared
    first unless `hold` is on.

    Args:
        *args: A dlnetwork, layer graph or monitor; or numbers, dlarrays included.
        Color: A colour of Matplotlib, or three numbers.
        LineStyle: "-", "--", ":", "-." or "none".
        LineWidth: In points.
        Marker: A marker of Matplotlib.
        MarkerSize: In points.
        MarkerEdgeColor: As ``Color``.
        MarkerFaceColor: As ``Color``.
        DisplayName: Text for ``matplotlib.pyplot.legend()``.
        ax: Matplotlib axes to draw into; without it a network is drawn in a new figure, which
            ``matplotlib.pyplot.show()`` opens.

    Returns:
        The curves; of a network the axes, ``plot(net).figure.savefig("net.png")`` keeps the
        picture; of a monitor the figure.

    Raises:
        OptionError: Something else, lengths that do not fit, an unknown style, options of curves
            for a network, or axes for a monitor.

    Example:
        >>> import matplotlib
        >>> matplotlib.use("agg")
        >>> from dltk import dlnetwork, featureInputLayer, reluLayer
        >>> axes = plot(dlnetwork([featureInputLayer(2), reluLayer()]))
        >>> [text.get_text() for text in axes.texts]
        ['input', 'relu']
        >>> plot([0, 1, 2], [5, 3, 4], "r--", LineWidth=2, ax=axes)
        [<matplotlib.lines.Line2D object at ...>]

    Source:
        https://www.mathworks.com/help/deeplearning/ref/dlnetwork.plot.html
        https://www.mathworks.com/help/matlab/ref/plot.html
    """
    options = {
        "Color": Color,
        "LineStyle": LineStyle,
        "LineWidth": LineWidth,
        "Marker": Marker,
        "MarkerSize": MarkerSize,
        "MarkerEdgeColor": MarkerEdgeColor,
        "MarkerFaceColor": MarkerFaceColor,
        "DisplayName": DisplayName,
    }
    first = args[0] if args else None
    if not isinstance(first, (dlnetwork, LayerGraph, trainingProgressMonitor)):
        _refuse_others(first)
        return curves(args, options, ax)
    used = [name for name, value in options.items() if value is not None]
    if used or len(args) > 1:
        raise OptionError(
            f"plot: a {type(first).__name__} is drawn without anything else.",
            got={"also given": ", ".join([*map(repr, args[1:]), *used])},
        )
    if not isinstance(first, trainingProgressMonitor):
        return draw_network(first, ax)
    if ax is not None:
        raise OptionError(
            "plot: the progress of a training has a figure of its own.",
            fix="Leave ax away, or plot columns of monitor.MetricData.",
        )
    return first.plot()


def _refuse_others(first: Any) -> None:
    """Layers are no network yet; a word, None or a function is nothing at all."""
    listed = first if isinstance(first, Sequence) and not isinstance(first, str) else [first]
    if any(isinstance(thing, Layer) for thing in listed):
        raise OptionError(
            "plot: layers are drawn as a network.", fix="Write plot(layerGraph(layers))."
        )
    if first is None or isinstance(first, str) or callable(first):
        raise OptionError(
            "plot: draws numbers, a dlnetwork, a layer graph or a trainingProgressMonitor, not a "
            f"{type(first).__name__}."
        )
