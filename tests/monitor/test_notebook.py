import sys
import types

import pytest

from dltk.monitor._data import Data
from dltk.monitor._notebook import Notebook, running_shell


class Events:
    def __init__(self):
        self.callbacks = {"post_run_cell": []}

    def register(self, name, function):
        self.callbacks[name].append(function)

    def unregister(self, name, function):
        self.callbacks[name].remove(function)


class Shell:
    """What is used of IPython's shell in a kernel."""

    def __init__(self, *, kernel):
        self.kernel = kernel
        self.events = Events()

    def end_cell(self):
        for function in self.events.callbacks["post_run_cell"]:
            function(None)


class Display:
    """What is used of IPython.display: a log of images, "new" or "update"."""

    def __init__(self):
        self.log = []

    def Image(self, *, data, format, retina):
        return data

    def display(self, image, *, display_id):
        self.log.append(("new", image))
        return types.SimpleNamespace(update=lambda image: self.log.append(("update", image)))


@pytest.fixture
def notebook(monkeypatch):
    """The shell and the display of a running kernel."""
    shell, display = Shell(kernel=object()), Display()
    ipython = types.ModuleType("IPython")
    monkeypatch.setattr(ipython, "get_ipython", lambda: shell, raising=False)
    monkeypatch.setattr(ipython, "version_info", (9, 0), raising=False)  # Matplotlib asks for it
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", display)
    return types.SimpleNamespace(shell=shell, display=display)


@pytest.fixture
def data(clock):
    data = Data(clock)
    data.set_metrics("Loss")
    return data


def test_one_image_is_updated_in_place(notebook, data):
    output = Notebook(data, notebook.shell)
    for _ in range(3):
        output.update(data, final=False)
    assert [kind for kind, _ in notebook.display.log] == ["new", "update", "update"]
    assert notebook.display.log[0][1].startswith(b"\x89PNG")


def test_the_end_of_a_cell_draws_what_is_new_and_waits_for_it(notebook, data, watched):
    output = Notebook(data, notebook.shell)
    output.update(data, final=False)
    late = watched(0.5, ready=False)
    data.record(1, {"Loss": late})
    notebook.shell.end_cell()
    notebook.shell.end_cell()
    assert [kind for kind, _ in notebook.display.log] == ["new", "update"]
    assert late.reads == 1


def test_a_cell_before_the_loop_shows_nothing(notebook, data):
    Notebook(data, notebook.shell)
    notebook.shell.end_cell()
    assert notebook.display.log == []


def test_closed_it_listens_no_more(notebook, data):
    output = Notebook(data, notebook.shell)
    output.close()
    output.close()
    assert notebook.shell.events.callbacks == {"post_run_cell": []}


def test_a_kernel_is_found(notebook):
    assert running_shell() is notebook.shell


def test_ipython_in_a_terminal_is_no_notebook(notebook):
    notebook.shell.kernel = None
    assert running_shell() is None


def test_without_ipython_there_is_no_notebook(monkeypatch):
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    assert running_shell() is None
