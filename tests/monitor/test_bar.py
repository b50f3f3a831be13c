import io
import sys

import pytest

from dltk.monitor._bar import Bar, Lines, summary, text_output
from dltk.monitor._data import Data


class Terminal(io.StringIO):
    encoding = "utf-8"

    def isatty(self):
        return True

    def fileno(self):
        return 0


@pytest.fixture
def data(clock):
    data = Data(clock)
    data.set_metrics(["Loss", "Accuracy"])
    data.set_info("Epoch")
    data.xlabel = "Iteration"
    return data


def record(data, clock, step, now):
    clock.now = now
    data.record(step, {"Loss": 1 / step})
    data.update_info({"Epoch": "1 of 5"})
    data.set_progress(step)
    data.settle(wait=True)


def test_the_summary_has_step_metrics_and_infos_that_are_there(data, clock):
    assert summary(data) == ""
    record(data, clock, 4, 1.0)
    assert summary(data) == "Iteration 4, Loss 0.25, Epoch 1 of 5"


def test_a_log_gets_the_note_and_whole_lines(data, clock):
    stream = io.StringIO()
    lines = Lines(stream, "The picture is in a file.")
    lines.update(data, final=False)
    record(data, clock, 25, 30.0)
    lines.update(data, final=False)
    lines.update(data, final=True)
    assert stream.getvalue().splitlines() == [
        "The picture is in a file.",
        "Training: 25 %, Iteration 25, Loss 0.04, Epoch 1 of 5, elapsed 00:00:30, left 00:01:30",
    ]


def test_a_log_is_done_with_the_line_of_100_percent(data, clock):
    stream = io.StringIO()
    lines = Lines(stream)
    record(data, clock, 100, 60.0)
    lines.update(data, final=True)
    data.status = "Finished"
    lines.update(data, final=True)
    assert stream.getvalue() == (
        "Training: 100 %, Iteration 100, Loss 0.01, Epoch 1 of 5, elapsed 00:01:00\n"
    )


def test_a_terminal_gets_one_line_that_is_written_over(data, clock):
    stream = Terminal()
    bar = Bar(stream)
    data.status = "Running"
    for step in (25, 50, 100):
        record(data, clock, step, 60.0 * step)
        bar.update(data, final=step == 100)
    bar.update(data, final=True)
    shown = [line.strip() for line in stream.getvalue().split("\r")]
    half = next(line for line in shown if "Iteration 50" in line)
    assert half.startswith("Running  50%|██████████          | 25:00<25:00, Iteration 50, Loss")
    assert shown[-1].startswith("Running 100%|████████████████████| ")
    assert stream.getvalue().count("\n") == 1


def test_without_progress_the_bar_shows_time_only(data):
    stream = Terminal()
    bar = Bar(stream)
    data.record(3, {"Loss": 0.5})
    data.settle(wait=True)
    bar.update(data, final=True)
    assert "%" not in stream.getvalue()
    assert "Training 00:00, Iteration 3, Loss 0.5" in stream.getvalue()


def test_no_terminal_no_bar(monkeypatch):
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    assert isinstance(text_output(), Lines)


@pytest.mark.parametrize(("size", "kind"), [((120, 40), Bar), ((0, 0), Lines)])
def test_a_bar_needs_a_terminal_with_room(monkeypatch, size, kind):
    monkeypatch.setattr(sys, "stderr", Terminal())
    monkeypatch.setattr("os.get_terminal_size", lambda number: size)
    assert isinstance(text_output(), kind)


@pytest.mark.parametrize("word", ["1", "true"])
def test_tqdms_switch_turns_text_off(monkeypatch, word):
    monkeypatch.setenv("TQDM_DISABLE", word)
    assert text_output() is None


def test_a_program_without_stderr_gets_no_text(monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    assert text_output() is None
