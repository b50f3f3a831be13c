"""The code on the pages of the docs runs, block after block, as a reader would run it."""

import pathlib
import re

import matplotlib
import pytest
from matplotlib import pyplot

DOCS = pathlib.Path(__file__).parent.parent / "docs"
PAGES = ["checkpoints.md", "layers.md", "progress.md", "recipes.md"]


@pytest.mark.parametrize("page", PAGES)
def test_code_of_a_page_runs(page, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DLTK_MONITOR", "file")  # no window
    matplotlib.use("agg")
    text = (DOCS / page).read_text()
    names = {}
    for found in re.finditer(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        line = text[: found.start()].count("\n") + 1
        code = "\n" * line + found.group(1)  # so that an error names the line of the page
        exec(compile(code, str(DOCS / page), "exec"), names)
    pyplot.close("all")
    assert names, "no code"
