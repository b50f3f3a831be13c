"""No test of the monitor opens a window or leaves a picture in the source folder."""

import pytest


class Clock:
    """A clock that moves only when told."""

    def __init__(self):
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture(autouse=True)
def headless(monkeypatch, tmp_path):
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "DLTK_MONITOR", "TQDM_DISABLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("dltk.monitor._window.has_display", lambda: False)
    monkeypatch.chdir(tmp_path)


class Watched:
    """A value on a device: counts how often it is read, and says whether it is computed."""

    def __init__(self, value=0.5, *, ready=True):
        self.value, self.ready, self.reads = value, ready, 0

    def __float__(self):
        self.reads += 1
        return float(self.value)

    def is_ready(self):
        return self.ready


@pytest.fixture
def watched():
    return Watched
