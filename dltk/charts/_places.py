"""Where `drawnow` shows a figure. Imports Matplotlib: only what draws imports this."""

from __future__ import annotations

import io
import re
import sys
from abc import ABC, abstractmethod
from importlib import import_module
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure

from ..monitor._output import replace_file
from ._refresh import ready_values_only


class Place(ABC):
    """A place for one figure; ``pause`` seconds and ``share`` of the time are for `Pace`."""

    pause = 1.0
    share = 0.03

    def __init__(self, figure: Figure):
        self.figure = figure

    def show(self, *, final: bool) -> None:
        """Show the figure; ``final``: with the values that are still being computed."""
        if final:
            self.put()
        else:
            with ready_values_only():
                self.put()

    @abstractmethod
    def put(self) -> None:
        """Draw."""

    def poll(self) -> None:  # noqa: B027  most places have no user who does something
        """Let a user's doings come in."""

    def picture(self, dpi: float) -> bytes:
        """The figure as a PNG."""
        stream = io.BytesIO()
        self.figure.savefig(stream, format="png", dpi=dpi)
        self.figure.stale = False
        return stream.getvalue()


class Window(Place):
    """The window that pyplot made; the first time it has to be opened."""

    pause = 0.05
    share = 0.1

    def __init__(self, figure: Figure):
        super().__init__(figure)
        manager: Any = figure.canvas.manager
        manager.show()

    def put(self) -> None:
        """Draw into the window."""
        self.figure.canvas.draw()
        self.poll()

    def poll(self) -> None:
        """Let the user move the window."""
        self.figure.canvas.flush_events()


class Notebook(Place):
    """An image under the running cell, updated in place.

    When the cell ends, the figure is shown a last time and closed, before Matplotlib's own notebook
    backend would show it again.
    """

    def __init__(self, figure: Figure, shell: Any):
        super().__init__(figure)
        self._handle: Any = None
        self._shell = shell
        events = shell.events
        others = [f for f in events.callbacks["post_execute"] if "flush_figures" in f.__name__]
        for function in others:
            events.unregister("post_execute", function)
        events.register("post_execute", self._cell_ended)
        for function in others:
            events.register("post_execute", function)

    def put(self) -> None:
        """Put the picture in the place of the last one."""
        module = import_module("IPython.display")
        image = module.Image(data=self.picture(2 * self.figure.dpi), format="png", retina=True)
        if self._handle is None:
            self._handle = module.display(image, display_id=True)
        else:
            self._handle.update(image)

    def _cell_ended(self) -> None:
        from matplotlib import pyplot

        self._shell.events.unregister("post_execute", self._cell_ended)
        if self.figure.stale:
            self.show(final=True)
        pyplot.close(self.figure)


class File(Place):
    """A file named after the figure, in the folder that was current at first."""

    def __init__(self, figure: Figure):
        super().__init__(figure)
        manager: Any = figure.canvas.manager
        title = manager.get_window_title() if manager is not None else ""
        name = re.sub(r"\W+", "_", title or "Figure").strip("_").lower()
        self.path = Path(f"{name}.png").absolute()
        print(f"{title} is drawn in {self.path}", file=sys.stderr, flush=True)

    def put(self) -> None:
        """Write the file anew."""
        replace_file(self.path, self.picture(self.figure.dpi))


class Nowhere(Place):
    """Nothing is shown."""

    def put(self) -> None:
        """Do nothing."""
