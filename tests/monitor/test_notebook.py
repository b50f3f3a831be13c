import contextlib
import sys
import types

import pytest

from dltk.monitor import _notebook
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


class Button:
    """What is used of an ipywidgets button."""

    def __init__(self, *, description, tooltip):
        self.description, self.disabled = description, False
        self.layout, self.comm = types.SimpleNamespace(display=None), types.SimpleNamespace()

    def on_click(self, function):
        self.click = lambda: function(self)


class Asked:
    """What is used of jupyter_ui_poll: clicks come in while ``take`` is called."""

    def __init__(self):
        self.clicks = []

    @contextlib.contextmanager
    def ui_events(self):
        def take(count):
            while self.clicks:
                self.clicks.pop()()

        yield take


@pytest.fixture
def asked(notebook, monkeypatch):
    """A kernel that looks for clicks when asked, as those before ipykernel 7."""
    found = Asked()
    notebook.shell.kernel = types.SimpleNamespace(do_one_iteration=None)
    monkeypatch.setattr(_notebook, "find_spec", lambda name: name)
    monkeypatch.setitem(sys.modules, "ipywidgets", types.SimpleNamespace(Button=Button))
    monkeypatch.setitem(sys.modules, "jupyter_ui_poll", found)
    monkeypatch.setattr(
        notebook.display,
        "display",
        lambda thing, display_id=False: (
            notebook.display.log.append(("new", thing))
            or types.SimpleNamespace(update=lambda image: None)
        ),
    )
    return found


def test_a_click_on_the_button_asks_the_loop_to_stop(notebook, data, asked):
    output = Notebook(data, notebook.shell)
    output.update(data, final=False)
    button = notebook.display.log[0][1]
    assert (button.description, button.layout.display) == ("Stop", None)
    asked.clicks.append(button.click)
    assert not data.stop
    output.poll()
    assert data.stop
    assert (button.description, button.disabled) == ("Stopping", True)


def test_the_button_is_gone_when_nothing_is_left_to_stop(notebook, data, asked):
    output = Notebook(data, notebook.shell)
    output.update(data, final=False)
    output.update(data, final=True)
    assert notebook.display.log[0][1].layout.display == "none"


def test_no_button_where_a_click_would_not_arrive(notebook, data, asked, monkeypatch):
    monkeypatch.setattr(
        _notebook, "find_spec", lambda name: None if name == "jupyter_ui_poll" else name
    )
    output = Notebook(data, notebook.shell)
    output.update(data, final=False)
    output.poll()
    assert not output.has_user
    assert [type(thing) for _, thing in notebook.display.log] == [bytes]


def test_a_kernel_is_found(notebook):
    assert running_shell() is notebook.shell


def test_ipython_in_a_terminal_is_no_notebook(notebook):
    notebook.shell.kernel = None
    assert running_shell() is None


def test_without_ipython_there_is_no_notebook(monkeypatch):
    monkeypatch.delitem(sys.modules, "IPython", raising=False)
    assert running_shell() is None
