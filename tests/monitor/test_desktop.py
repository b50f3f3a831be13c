"""A real window on a virtual display, with a real mouse."""

import os
import shutil
import subprocess
import sys

import pytest

LOOP = """
from dltk.monitor import recordMetrics, trainingProgressMonitor

monitor = trainingProgressMonitor(Metrics="Loss", XLabel="Iteration")
iteration = 0
while not monitor.Stop:
    iteration += 1
    recordMetrics(monitor, iteration, Loss=1 / iteration)
print("The loop has ended.")
monitor.close()
"""


@pytest.fixture
def display():
    """The name of a virtual display, such as ":1"."""
    pytest.importorskip("tkinter")
    if not all(map(shutil.which, ("Xvfb", "xdotool"))):
        pytest.skip("needs a virtual display (Debian: apt install xvfb xdotool)")
    read, write = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write), "-screen", "0", "1400x900x24"],
        pass_fds=[write],
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    with os.fdopen(read) as answer:
        yield f":{answer.readline().strip()}"
    server.terminate()
    server.wait()


@pytest.fixture
def xdo(display):
    """Runs xdotool."""

    def run(*words):
        result = subprocess.run(
            ["xdotool", *map(str, words)],
            env={**os.environ, "DISPLAY": display},
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
        return result.stdout.split()

    return run


@pytest.fixture
def training(display):
    """A program with a loop that only Stop can end."""
    program = subprocess.Popen(
        [sys.executable, "-c", LOOP],
        env={**os.environ, "DISPLAY": display, "MPLBACKEND": "TkAgg"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    yield program
    program.kill()
    program.wait()


def test_a_click_on_stop_in_a_window_ends_the_loop(training, xdo):
    window = xdo("search", "--sync", "--onlyvisible", "--name", "^Training Progress$")[-1]
    size = dict(line.split("=") for line in xdo("getwindowgeometry", "--shell", window))
    right, top = int(size["WIDTH"]), 0
    xdo("mousemove", "--window", window, right - 77, top + 31)  # the middle of the button
    xdo("click", 1)
    out, err = training.communicate(timeout=60)
    assert (out, training.returncode) == ("The loop has ended.\n", 0), err
