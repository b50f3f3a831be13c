import sys
import types

import numpy as np
import pytest
from matplotlib import pyplot
from PIL import Image

from dltk import addpoints, animatedline, drawnow
from dltk._errors import OptionError
from dltk.charts import _drawnow

from ..monitor.test_notebook import Display, Shell
from .test_animatedline import Watched


class Clock:
    now = 0.0

    def perf_counter(self):
        return self.now


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    """A clock that moves only when told, and no exit to wait for."""
    clock = Clock()
    monkeypatch.setattr(_drawnow, "time", clock)
    monkeypatch.setattr(_drawnow.atexit, "register", lambda function: None)
    monkeypatch.setattr(_drawnow, "_places", type(_drawnow._places)())
    return clock


def black(path):
    """Black pixels of a picture."""
    return int((np.asarray(Image.open(path).convert("L")) < 50).sum())


def test_elsewhere_the_figure_is_kept_in_a_file(tmp_path, capsys):
    line = animatedline(range(100), range(100))
    drawnow()
    drawnow()
    assert [path.name for path in tmp_path.iterdir()] == ["figure_1.png"]
    assert capsys.readouterr().err == f"Figure 1 is drawn in {tmp_path / 'figure_1.png'}\n"
    with_line = black("figure_1.png")
    line.line.set_visible(False)
    _drawnow._end()
    assert with_line > black("figure_1.png") + 300


def test_a_figure_has_the_file_of_its_name(tmp_path):
    pyplot.figure("Training loss (all)")
    drawnow()
    assert [path.name for path in tmp_path.iterdir()] == ["training_loss_all.png"]


def test_it_is_drawn_at_most_every_second_and_at_the_end(clock):
    line = animatedline()

    def shown():
        return len(line.line.get_xydata())

    counts = []
    for k in range(25):
        clock.now = k / 10
        addpoints(line, k, k)
        drawnow("limitrate")
        counts.append(shown())
    assert counts == [1] * 10 + [11] * 10 + [21] * 5
    _drawnow._end()
    assert shown() == 25


def test_nothing_is_drawn_when_nothing_has_changed(clock, monkeypatch):
    animatedline([1], [1])
    drawnow()
    clock.now = 10
    monkeypatch.setattr(pyplot.gcf(), "savefig", lambda *args, **more: pytest.fail("drawn"))
    drawnow()


def test_what_the_device_still_computes_is_left_out_and_comes_at_the_end():
    line, late = animatedline([0], [0]), Watched(0.5, ready=False)
    addpoints(line, 1, late)
    drawnow()
    assert (line.line.get_xydata().tolist(), late.reads) == ([[0, 0]], 0)
    _drawnow._end()
    assert line.line.get_xydata().tolist() == [[0, 0], [1, 0.5]]


def test_switched_off_there_is_no_file(tmp_path, monkeypatch):
    monkeypatch.setenv("DLTK_MONITOR", "off")
    animatedline([1], [1])
    drawnow()
    _drawnow._end()
    assert list(tmp_path.iterdir()) == []


def test_the_current_figure_stays_the_current_one():
    first = pyplot.figure()
    pyplot.figure()
    pyplot.figure(first)
    drawnow()
    assert pyplot.gcf() is first


@pytest.fixture
def notebook(monkeypatch):
    """The shell and the display of a running kernel."""
    shell, display = Shell(kernel=object()), Display()
    shell.events.callbacks["post_execute"] = []
    monkeypatch.setattr(_drawnow, "running_shell", lambda: shell)
    monkeypatch.setitem(sys.modules, "IPython.display", display)

    def flush_figures():
        display.log.extend(("flushed", number) for number in pyplot.get_fignums())

    shell.events.register("post_execute", flush_figures)

    def end_cell():
        for function in list(shell.events.callbacks["post_execute"]):
            function()

    return types.SimpleNamespace(log=display.log, end_cell=end_cell, shell=shell)


def test_in_a_notebook_one_image_is_updated_and_not_shown_again_at_the_end(notebook, clock):
    line = animatedline([1], [1])
    drawnow()
    clock.now = 10
    addpoints(line, 2, 2)
    drawnow()
    addpoints(line, 3, 3)
    notebook.end_cell()
    assert [kind for kind, _ in notebook.log] == ["new", "update", "update"]
    assert notebook.log[0][1].startswith(b"\x89PNG")
    assert len(line.line.get_xydata()) == 3
    assert pyplot.get_fignums() == []
    assert [f.__name__ for f in notebook.shell.events.callbacks["post_execute"]] == [
        "flush_figures"
    ]


def test_windows_are_opened_once_drawn_and_kept_alive(monkeypatch, clock):
    line = animatedline([1], [1])
    canvas, log = pyplot.gcf().canvas, []
    monkeypatch.setattr(type(canvas), "required_interactive_framework", "tk")
    monkeypatch.setattr(canvas, "flush_events", lambda: log.append("events"))
    monkeypatch.setattr(canvas.manager, "show", lambda: log.append("show"))
    draw = canvas.draw
    monkeypatch.setattr(canvas, "draw", lambda: (log.append("draw"), draw()))
    drawnow()
    drawnow()
    clock.now = 1
    addpoints(line, 2, 2)
    drawnow()
    assert log == ["show", "draw", "events", "events", "draw", "events"]


def test_another_option_is_refused():
    with pytest.raises(OptionError, match=r'Did you mean "limitrate"\?'):
        drawnow("limitrat")
