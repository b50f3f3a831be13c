import pytest

from dltk._errors import DltkWarning, OptionError
from dltk.monitor import _screen
from dltk.monitor._bar import Lines
from dltk.monitor._data import Data
from dltk.monitor._notebook import Notebook
from dltk.monitor._output import File, Output
from dltk.monitor._screen import Screen, display_switch


class Recorder(Output):
    """An output that only notes when it was shown; showing takes ``cost`` seconds."""

    def __init__(self, clock, cost=0.0):
        self.clock, self.cost, self.log, self.is_closed = clock, cost, [], False

    def update(self, data, *, final):
        self.log.append((self.clock.now, data.changes, final))
        self.clock.now += self.cost

    def close(self):
        self.is_closed = True


class Pressable(Recorder):
    """An output with a user, like a window."""

    has_user = True
    stays = True
    polls = 0

    def poll(self):
        self.polls += 1


@pytest.fixture
def data(clock):
    data = Data(clock)
    data.set_metrics("Loss")
    return data


@pytest.fixture
def screen_with(data, monkeypatch):
    def make(*outputs):
        screen = Screen(data, visible=True, file=None, is_auto=True)
        monkeypatch.setattr(screen, "_chosen", lambda: list(outputs))
        return screen

    return make


def loop(screen, clock, *, seconds, step=0.01):
    """Iterations of ``step`` seconds."""
    iteration = 0
    end = clock.now + seconds
    while clock.now < end:
        iteration += 1
        clock.now += step
        screen.data.record(iteration, {"Loss": 1.0})
        screen.tick()


def test_nothing_is_shown_before_the_loop(screen_with, clock):
    output = Recorder(clock)
    screen = screen_with(output)
    clock.now = 10.0
    screen.end()
    assert output.log == []


def test_it_is_shown_about_every_second(screen_with, clock):
    output = Recorder(clock)
    loop(screen_with(output), clock, seconds=20)
    assert len(output.log) == pytest.approx(20, abs=1)


@pytest.mark.parametrize("cost", [0.2, 2.0])
def test_dear_outputs_take_a_few_percent_and_do_not_hold_up_cheap_ones(screen_with, clock, cost):
    dear, cheap = Recorder(clock, cost), Recorder(clock)
    loop(screen_with(dear, cheap), clock, seconds=500)
    assert 0.02 < (len(dear.log) - 1) * cost / 500 < 0.035
    assert len(cheap.log) > 300


def test_without_a_change_nothing_is_shown_again(screen_with, clock):
    output = Recorder(clock)
    screen = screen_with(output)
    for _ in range(100):
        clock.now += 1
        screen.look_for_stop()
    screen.interrupt.restore()
    assert len(output.log) == 1


def test_between_redraws_clicks_come_in_ten_times_a_second(screen_with, clock):
    window = Pressable(clock)
    loop(screen_with(window), clock, seconds=10)
    assert window.polls + len(window.log) == pytest.approx(100, rel=0.15)


def test_at_100_percent_the_last_values_are_shown_at_once(screen_with, clock, data):
    output = Recorder(clock)
    screen = screen_with(output)
    loop(screen, clock, seconds=0.5)
    data.set_progress(100)
    screen.progressed()
    assert output.log[-1] == (clock.now, data.changes, True)


def test_a_progress_that_starts_again_is_not_drawn_each_time_it_ends(screen_with, clock, data):
    output = Recorder(clock)
    screen = screen_with(output)
    for _ in range(100):
        for percent in (50, 100):
            clock.now += 0.01
            data.set_progress(percent)
            screen.progressed()
    assert len(output.log) <= 5


def test_values_that_are_not_computed_are_read_at_the_end_only(screen_with, clock, data, watched):
    screen = screen_with(Recorder(clock))
    late = watched(ready=False)
    data.record(1, {"Loss": late})
    clock.now = 5.0
    screen.tick()
    assert late.reads == 0
    screen.end()
    assert late.reads == 1


def test_the_end_closes_all_but_windows(screen_with, clock):
    output, window = Recorder(clock), Pressable(clock)
    screen = screen_with(output, window)
    screen.tick()
    screen.end()
    assert (output.is_closed, window.is_closed) == (True, False)
    screen.close()
    assert window.is_closed


def test_the_end_of_the_program_is_the_end_of_open_screens(screen_with, clock, monkeypatch):
    output = Recorder(clock)
    screen = screen_with(output)
    loop(screen, clock, seconds=0.5)
    _screen._end_all()
    assert output.log[-1][1:] == (screen.data.changes, True)


def test_an_output_that_fails_is_given_up_with_a_warning(screen_with, clock):
    class Broken(Recorder):
        def update(self, data, *, final):
            raise OSError("no space left on device")

    broken, output = Broken(clock), Recorder(clock)
    screen = screen_with(broken, output)
    with pytest.warns(DltkWarning, match=r"no longer shown in the broken.*no space left") as caught:
        loop(screen, clock, seconds=5)
    assert len(caught) == 1
    assert len(output.log) >= 4


def chosen(data, *, visible=True, file=None, is_auto=True):
    screen = Screen(data, visible=visible, file=file, is_auto=is_auto)
    return [type(output) for output in screen._opened()]


def test_headless_there_are_text_and_a_file(data, tmp_path):
    assert chosen(data, file=tmp_path / "a.png") == [Lines, File]


def test_without_a_file_there_is_text(data):
    assert chosen(data) == [Lines]


def test_invisible_only_a_named_file_is_written(data, tmp_path):
    file = tmp_path / "a.png"
    assert chosen(data, visible=False, file=file) == []
    assert chosen(data, visible=False, file=file, is_auto=False) == [File]


@pytest.mark.parametrize("is_auto", [True, False])
def test_in_a_notebook_there_is_an_image_and_a_named_file(data, tmp_path, monkeypatch, is_auto):
    from .test_notebook import Shell

    monkeypatch.setattr(_screen, "running_shell", lambda: Shell(kernel=1))
    file = tmp_path / "a.png"
    assert chosen(data, file=file, is_auto=is_auto) == [Notebook, File][: 2 - is_auto]
    monkeypatch.setenv("DLTK_MONITOR", "file")
    assert chosen(data, file=file, is_auto=is_auto) == [Lines, File]
    monkeypatch.setenv("DLTK_MONITOR", "OFF")
    assert chosen(data, file=file, is_auto=is_auto) == [File][: 1 - is_auto]


def test_on_a_desktop_there_is_a_window(data, tmp_path, monkeypatch, clock):
    monkeypatch.setattr(_screen, "open_window", lambda data: Pressable(clock))
    assert chosen(data, file=tmp_path / "a.png") == [Pressable]
    assert chosen(data, file=tmp_path / "a.png", is_auto=False) == [Pressable, File]


def test_an_unknown_word_of_the_switch_is_refused(monkeypatch):
    monkeypatch.setenv("DLTK_MONITOR", "flie")
    with pytest.raises(OptionError, match=r"DLTK_MONITOR has an unknown word(.|\n)*\"file\""):
        display_switch()
