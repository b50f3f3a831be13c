"""The window on a desktop: the picture and a Stop button."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ._data import Data
from ._output import Output
from ._paper import INK
from ._plot import KEPT, draw, figure_size, panel_at, plain_style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_open: list[Window] = []  # a window lives until the user closes it, also without its monitor


class StopButton:
    """A button at the top right of a figure that stays while the rest is drawn anew."""

    def __init__(self, figure: Figure, on_press: Callable[[], None]):
        from matplotlib.widgets import Button

        self._figure = figure
        self._on_press = on_press
        self.axes = figure.add_axes((0.9, 0.9, 0.1, 0.1), label=KEPT, zorder=5)
        self._button = Button(self.axes, "Stop", color="#F3F4F6", hovercolor="#FBE3E3")
        self._button.label.set(color=INK, fontsize=9.5, fontfamily="DejaVu Sans")
        for spine in self.axes.spines.values():
            spine.set_color("#C4C9D0")
        self._button.on_clicked(self._press)
        self.place()

    def place(self) -> None:
        """Keep its size in inches when the window's size has changed."""
        W, H = self._figure.get_size_inches()
        self.axes.set_position(((W - 1.22) / W, (H - 0.46) / H, 0.9 / W, 0.3 / H))

    def _press(self, event: Any) -> None:
        self._button.label.set_text("Stopping")
        self._button.set_active(False)
        self._on_press()


class Window(Output):
    """A window of Matplotlib's GUI backend; pressing Stop or closing it sets ``data.stop``.

    It is not registered in pyplot: ``plt.plot`` never draws into it, ``plt.close("all")`` leaves
    it.
    """

    has_user = True
    stays = True

    def __init__(self, data: Data, manager: Any):
        self.manager = manager
        self.canvas = manager.canvas
        self.figure: Figure = self.canvas.figure
        self._data = data
        self._is_open = True
        with plain_style():
            self.button = StopButton(self.figure, self._data.request_stop)
        self.canvas.mpl_connect("close_event", self._closed)
        self.canvas.mpl_connect("resize_event", self._draw)
        self.canvas.mpl_connect("button_press_event", self._pressed)
        manager.set_window_title("Training Progress")
        manager.show()
        _open.append(self)

    def update(self, data: Data, *, final: bool) -> None:
        """Draw anew."""
        if not self._is_open:
            return
        self.button.axes.set_visible(not final)  # nothing is left to stop
        self._draw()
        with plain_style():
            self.canvas.draw()
        self.poll()

    def poll(self) -> None:
        """Let clicks come in and the window be painted."""
        if self._is_open:
            self.canvas.flush_events()

    def close(self) -> None:
        """Take the window away; the run is not stopped by this."""
        if self._is_open:
            self._forget()
            self.manager.destroy()

    def wait(self, seconds: float) -> bool:
        """Keep the window alive for a while; False when it is gone."""
        if self._is_open:
            self.canvas.start_event_loop(seconds)
        return self._is_open

    def _draw(self, event: Any = None) -> None:
        self._data.settle(wait=False)  # a new size of the window comes at any time
        with plain_style():
            draw(self.figure, self._data)
        self.button.place()

    def _pressed(self, event: Any) -> None:
        """A click on a y-axis switches between logarithmic and linear."""
        panel = panel_at(self.figure, event.x, event.y)
        if panel is not None:
            self._data.switch_scale(panel)
            self._draw()
            self.canvas.draw_idle()

    def _closed(self, event: Any) -> None:
        if self._is_open:
            self._forget()
            self.canvas.stop_event_loop()
            self._data.request_stop()

    def _forget(self) -> None:
        self._is_open = False
        if self in _open:
            _open.remove(self)


def hold() -> None:
    """At the end of a script keep its windows until the user closes them, as MATLAB does.

    Not after an error, and not in an interactive session, which has its own end.
    """
    is_interactive = hasattr(sys, "ps1") or sys.flags.interactive
    if not _open or is_interactive or hasattr(sys, "last_type"):
        return
    print("Close the window of the training progress to end the program.", file=sys.stderr)
    try:
        while _open:
            _open[0].wait(0.2)
    except KeyboardInterrupt:
        return


def open_window(data: Data) -> Window | None:
    """A window, or None without a display or a GUI toolkit; then pyplot is not even imported."""
    if not has_display() or threading.current_thread() is not threading.main_thread():
        return None
    import matplotlib
    from matplotlib import pyplot
    from matplotlib.figure import Figure

    try:
        with matplotlib.rc_context({"toolbar": "None"}):
            manager = pyplot.new_figure_manager(1, FigureClass=Figure, figsize=figure_size(data))
        has_toolkit = type(manager.canvas).required_interactive_framework is not None
        return Window(data, manager) if has_toolkit else None
    except Exception:  # each toolkit has errors of its own; all mean that there is no window
        return None


def has_display() -> bool:
    """Whether windows can be opened at all."""
    if sys.platform in ("win32", "darwin", "cygwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
