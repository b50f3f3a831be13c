"""`drawnow`: the open figures as they are now, in a window, a notebook or a file."""

from __future__ import annotations

import atexit
import os
import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from .._errors import OptionError, nearest
from ..monitor._notebook import running_shell
from ..monitor._pace import Pace

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ._places import Place

OPTIONS = ("limitrate", "nocallbacks", "update", "expose")

_places: WeakKeyDictionary[Figure, tuple[Place, Pace]] = WeakKeyDictionary()


def drawnow(*options: str) -> None:
    """Show the open figures as they are now, and let the user move windows.

    Where: in a window on a desktop; in a notebook under the running cell, each figure updated in
    place; elsewhere in the files ``figure_1.png``, ... of the current folder. As often as it is
    cheap: windows take at most a tenth of the time, notebooks and files three percent and at most
    one picture a second; a call that is too early returns at once. Values that the device still
    computes are left out. When a cell or the program ends, the last state is shown with all values;
    windows then stay until the user closes them.

    Args:
        *options: MATLAB's "limitrate", "nocallbacks", "update", "expose" are accepted; drawing is
            limited in any case.

    Raises:
        OptionError: Another option.

    Example:
        >>> import os, matplotlib
        >>> matplotlib.use("agg")
        >>> os.environ["DLTK_MONITOR"] = "off"  # no files of this example
        >>> from dltk import addpoints, animatedline
        >>> line = animatedline()
        >>> for iteration in range(100):
        ...     addpoints(line, iteration, 1 / (1 + iteration))
        ...     drawnow("limitrate")
        >>> del os.environ["DLTK_MONITOR"]

    Source:
        https://www.mathworks.com/help/matlab/ref/drawnow.html
    """
    for option in options:
        if option not in OPTIONS:
            raise OptionError(
                "drawnow: this is not an option.",
                got={"option": repr(option)},
                fix=nearest(option, OPTIONS),
            )
    if "matplotlib.pyplot" not in sys.modules:
        return  # no figure is open
    for figure in _open_figures():
        place, pace = _place(figure)
        if time.perf_counter() < pace.next or not figure.stale:
            place.poll()
            continue
        with pace.spend():
            place.show(final=False)


def _open_figures() -> list[Figure]:
    """All figures of pyplot, without making one of them the current one."""
    from matplotlib._pylab_helpers import Gcf

    return [manager.canvas.figure for manager in Gcf.get_all_fig_managers()]


def _place(figure: Figure) -> tuple[Place, Pace]:
    from ._places import File, Notebook, Nowhere, Window

    found = _places.get(figure)
    if found is not None:
        return found
    if not _places:
        atexit.register(_end)
    shell: Any = running_shell()
    place: Place
    if type(figure.canvas).required_interactive_framework is not None:
        place = Window(figure)
    elif os.environ.get("DLTK_MONITOR", "").lower() == "off":
        place = Nowhere(figure)
    elif shell is not None:
        place = Notebook(figure, shell)
    else:
        place = File(figure)
    _places[figure] = place, Pace(time.perf_counter, place.pause, place.share)
    return _places[figure]


def _end() -> None:
    """At the end of the program: the last state, and windows stay until they are closed."""
    from matplotlib import pyplot

    from ._places import Window

    shown = [_places[figure][0] for figure in _open_figures() if figure in _places]
    for place in shown:
        with suppress(OSError):  # the folder of a picture is gone
            place.show(final=True)
    is_interactive = hasattr(sys, "ps1") or sys.flags.interactive or hasattr(sys, "last_type")
    if any(isinstance(place, Window) for place in shown) and not is_interactive:
        print("Close the figures to end the program.", file=sys.stderr)
        pyplot.show(block=True)
