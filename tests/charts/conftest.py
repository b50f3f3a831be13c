"""No test opens a window or leaves a figure or a picture behind."""

import matplotlib
import pytest

matplotlib.use("agg")


@pytest.fixture(autouse=True)
def clean(monkeypatch, tmp_path):
    from matplotlib import pyplot

    for name in ("DISPLAY", "WAYLAND_DISPLAY", "DLTK_MONITOR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    yield
    pyplot.close("all")
