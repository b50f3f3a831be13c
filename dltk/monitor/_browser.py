"""The picture on a page in a browser, with a Stop button: Matplotlib's WebAgg canvas."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from queue import Empty
from typing import Any

from . import _window
from ._data import Data
from ._output import Output, picture
from ._plot import draw, figure_size, panel_at, plain_style

NEEDED = "tornado"
DPI = 100


class Browser(Output):
    """A page that any number of visitors look at; pressing Stop there sets ``data.stop``.

    Nothing is drawn while nobody looks.
    """

    has_user = True
    stays = True

    def __init__(self, data: Data):
        from matplotlib.backends.backend_webagg_core import (
            FigureCanvasWebAggCore,
            FigureManagerWebAgg,
        )
        from matplotlib.figure import Figure

        from ._server import server

        self._data = data
        self._server = server()
        with plain_style():
            self.figure = Figure(figsize=figure_size(data), dpi=DPI)
            self._manager: Any = FigureManagerWebAgg(FigureCanvasWebAggCore(self.figure), 1)
        self._manager.canvas.mpl_connect("resize_event", self._draw)
        self._manager.canvas.mpl_connect("button_press_event", self._pressed)
        self._visitors: set[Any] = self._manager.web_sockets
        self._is_done = False
        self.url, self._inbox = self._server.open_room()

    def update(self, data: Data, *, final: bool) -> None:
        """Draw anew for those who look."""
        self._is_done = final
        self.poll()
        self._tell()
        if self._visitors:
            with plain_style():
                self._draw()
                self._manager.canvas.draw()
        if final:
            self._server.leave(self.url, picture(data, dpi=DPI))
            for visitor in self._visitors:
                visitor.wait_sent(2.0)

    def poll(self) -> None:
        """Take in what visitors have done."""
        while True:
            try:
                visitor, message = self._inbox.get_nowait()
            except Empty:
                return
            with plain_style():
                self._take(visitor, message)

    def close(self) -> None:
        """Take the page away; pages that are open keep their last picture."""
        self._server.close_room(self.url)
        self._visitors.clear()

    def _take(self, visitor: Any, message: dict[str, Any]) -> None:
        match message["type"]:
            case "opened":
                self._draw()
                self._manager.add_web_socket(visitor)
                self._tell()
            case "closed":
                self._visitors.discard(visitor)
            case "stop":
                self._data.request_stop()
                self._tell()
            case "supports_binary":
                pass  # every browser does by now
            case _:
                self._manager.handle_json(message)

    def _draw(self, event: Any = None) -> None:
        self._data.settle(wait=False)
        draw(self.figure, self._data)

    def _pressed(self, event: Any) -> None:
        """A click on a y-axis switches between logarithmic and linear."""
        panel = panel_at(self.figure, event.x, event.y)
        if panel is not None:
            self._data.switch_scale(panel)
            self._draw()
            self._manager.canvas.draw()

    def _tell(self) -> None:
        """What the page around the picture shows."""
        data = self._data
        percent = "" if data.progress is None else f"{data.progress:.0f} % – "
        width, height = (0.8 * DPI * inches for inches in figure_size(data))
        state = "done" if self._is_done else "stopping" if data.stop else "running"
        for visitor in self._visitors:
            visitor.send_json(
                {
                    "type": "training",
                    "state": state,
                    "title": f"{percent}Training Progress",
                    "width": width,
                    "height": height,
                }
            )


def has_browser() -> bool:
    """Whether the library that pages need is installed."""
    return find_spec(NEEDED) is not None


def open_browser(data: Data) -> Browser:
    """A page, its address on stderr, and on a desktop the user's browser with it."""
    import matplotlib

    page = Browser(data)
    print(f"The training progress is shown at {page.url}", file=sys.stderr, flush=True)
    if _window.has_display() and matplotlib.rcParams["webagg.open_in_browser"]:
        import webbrowser

        webbrowser.open(page.url)
    return page
