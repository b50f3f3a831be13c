import subprocess
import sys

import pytest
from matplotlib.backend_bases import CloseEvent, MouseButton, MouseEvent, ResizeEvent
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from dltk.monitor import _window
from dltk.monitor._data import Data
from dltk.monitor._plot import draw
from dltk.monitor._window import StopButton, Window, hold, open_window


class Manager:
    """What a GUI backend gives, on a canvas without a window; ``log`` has what was asked of it."""

    def __init__(self):
        self.log = []
        self.canvas = FigureCanvasAgg(Figure(figsize=(8, 5)))
        self.canvas.flush_events = lambda: self.log.append("events")
        self.canvas.start_event_loop = lambda seconds: self.log.append(f"loop {seconds}")
        self.canvas.stop_event_loop = lambda: self.log.append("end of loop")

    def set_window_title(self, title):
        self.log.append(title)

    def show(self):
        self.log.append("show")

    def destroy(self):
        self.log.append("destroy")


@pytest.fixture
def data(clock):
    data = Data(clock)
    data.set_metrics("Loss")
    return data


@pytest.fixture
def window(data):
    window = Window(data, Manager())
    yield window
    window.close()


def mouse(canvas, name, x, y):
    MouseEvent(f"button_{name}_event", canvas, x, y, MouseButton.LEFT)._process()


def middle_of_button(button):
    box = button.axes.get_window_extent()
    return (box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2


def test_a_click_on_the_button_asks_the_loop_to_stop(window, data):
    window.update(data, final=False)
    x, y = middle_of_button(window.button)
    mouse(window.canvas, "press", x, y)
    assert not data.stop
    window.update(data, final=False)  # a redraw between pressing and letting go
    mouse(window.canvas, "release", x, y)
    assert data.stop
    assert window.button._button.label.get_text() == "Stopping"


def test_a_click_beside_the_button_does_nothing(window, data):
    window.update(data, final=False)
    x, y = middle_of_button(window.button)
    mouse(window.canvas, "press", x, y - 60)
    mouse(window.canvas, "release", x, y - 60)
    assert not data.stop


def test_a_click_on_a_y_axis_switches_its_scale(window, data):
    data.record(1, {"Loss": 0.5})
    window.update(data, final=False)
    (plot,) = [axes for axes in window.figure.axes if axes.get_label() == "Loss"]
    box = plot.get_window_extent()
    for scale in ("log", "linear"):
        mouse(window.canvas, "press", box.x0 - 20, (box.y0 + box.y1) / 2)
        (plot,) = [axes for axes in window.figure.axes if axes.get_label() == "Loss"]
        assert (plot.get_yscale(), data.scales["Loss"]) == (scale, scale)
    mouse(window.canvas, "press", box.x0 + 20, (box.y0 + box.y1) / 2)
    assert data.scales["Loss"] == "linear"


def test_closing_the_window_asks_the_loop_to_stop(window, data):
    CloseEvent("close_event", window.canvas)._process()
    assert data.stop
    count = len(window.manager.log)
    window.update(data, final=True)
    window.poll()
    window.close()
    assert len(window.manager.log) == count  # a closed window is left alone


def test_closing_from_the_program_stops_nothing(window, data):
    window.close()
    assert window.manager.log[-1] == "destroy"
    assert not data.stop


def test_the_button_is_gone_when_nothing_is_left_to_stop(window, data):
    window.update(data, final=True)
    assert not window.button.axes.get_visible()
    window.update(data, final=False)
    assert window.button.axes.get_visible()


def test_the_button_keeps_its_size_in_inches():
    figure = Figure(figsize=(8, 5))
    button = StopButton(figure, lambda: None)
    before = button.axes.get_window_extent().size
    figure.set_size_inches(16, 10)
    button.place()
    assert button.axes.get_window_extent().size == pytest.approx(before)


def test_a_new_size_is_drawn_at_once(window, data):
    window.update(data, final=False)
    data.record(1, {"Loss": 0.5})
    window.figure.set_size_inches(16, 10)
    ResizeEvent("resize_event", window.canvas)._process()
    (plot,) = [
        axes for axes in window.figure.axes if axes.axison and axes is not window.button.axes
    ]
    assert plot.lines[0].get_xydata().tolist() == [[1, 0.5]]
    bottom = plot.get_position().y0 * 10
    assert bottom == pytest.approx(0.62)


def test_drawing_anew_keeps_the_button_and_adds_nothing(data):
    figure = Figure()
    button = StopButton(figure, lambda: None)
    draw(figure, data)
    count = len(figure.axes)
    draw(figure, data)
    assert len(figure.axes) == count
    assert button.axes in figure.axes


def test_a_script_waits_at_its_end_for_the_user_to_close_the_window(
    window, data, capsys, monkeypatch
):
    monkeypatch.delattr(sys, "ps1", raising=False)
    monkeypatch.delattr(sys, "last_type", raising=False)

    def close_after_the_third_look(seconds):
        window.manager.log.append("loop")
        if window.manager.log.count("loop") == 3:
            CloseEvent("close_event", window.canvas)._process()

    window.canvas.start_event_loop = close_after_the_third_look
    hold()
    assert window.manager.log.count("loop") == 3
    assert "Close the window" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["ps1", "last_type"], ids=["interactive", "after an error"])
def test_a_session_or_a_failed_script_does_not_wait(window, capsys, monkeypatch, name):
    monkeypatch.setattr(sys, name, "x", raising=False)
    hold()
    assert capsys.readouterr().err == ""


def test_no_display_no_window_and_no_pyplot(data, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", None)  # importing it would be an error
    assert open_window(data) is None


def test_a_backend_without_windows_gives_no_window(data, monkeypatch):
    monkeypatch.setattr(_window, "has_display", lambda: True)
    monkeypatch.setattr("matplotlib.pyplot.new_figure_manager", lambda *args, **more: Manager())
    assert open_window(data) is None


def test_a_toolkit_that_fails_gives_no_window(data, monkeypatch):
    def fail(*args, **options):
        raise ImportError("Cannot load backend 'TkAgg'")

    monkeypatch.setattr(_window, "has_display", lambda: True)
    monkeypatch.setattr("matplotlib.pyplot.new_figure_manager", fail)
    assert open_window(data) is None


def test_importing_the_monitor_imports_neither_matplotlib_nor_tqdm():
    code = (
        "import sys, dltk.monitor as m; t = m.trainingProgressMonitor(Metrics='L', Visible=False);"
        "m.recordMetrics(t, 1, L=1); t.MetricData;"
        "print([name for name in ('matplotlib', 'tqdm', 'IPython') if name in sys.modules])"
    )
    command = [sys.executable, "-c", code]
    assert subprocess.run(command, capture_output=True, text=True).stdout.strip() == "[]"
