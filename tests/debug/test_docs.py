"""docs/debugging.md: every snippet runs, and prints what stands below it."""

import linecache
import pathlib
import re

import numpy as np
import pytest
from scipy.io import savemat

from dltk import debug
from dltk._program import everything

PAGE = pathlib.Path(__file__).parents[2] / "docs" / "debugging.md"
BLOCK = re.compile(r"```python\n(.*?)```\n(?:\n```text\n(.*?)```)?", re.DOTALL)
ROUGH = ("compare", "profile", "recompilations")  # print numbers of this machine

(SETUP, _), *BLOCKS = BLOCK.findall(PAGE.read_text())
TOOLS = [re.search(r"debug\.(\w+)\(", code).group(1) for code, _ in BLOCKS]
SNIPPETS = [(tool, *block) for tool, block in zip(TOOLS, BLOCKS, strict=True)]


def run(code, space):
    """Run a snippet as a file loss.py of its own."""
    lines = code.splitlines(keepends=True)
    linecache.cache["loss.py"] = (len(code), None, lines, "loss.py")
    exec(compile(code, "loss.py", "exec"), space)


def matlabs_numbers(folder):
    """What MATLAB saves for the snippet: Y = W X, half the mean squared error, its gradients."""
    X, T, W = np.array([[1.0, 2, 3], [3, 2, 2]]), np.ones((1, 3)), np.array([[1.0, -1]])
    Y = W @ X
    value = np.empty((2, 1), object)
    value[:, 0] = [(Y - T) @ X.T / 3, np.sum(Y - T, keepdims=True) / 3]
    words = [np.array([[a], [b]], object) for a, b in (("fc", "fc"), ("Weights", "Bias"))]
    gradients = {"Layer": words[0], "Parameter": words[1], "Value": value}
    loss = np.sum((Y - T) ** 2) / 3 / 2
    savemat(folder / "parity.mat", {"Y": Y, "loss": loss, "gradients": gradients})


def without_numbers(text):
    """The lines in any order, as dearer operations come first, and without the dearest one.

    Which operation rounds otherwise when compiled depends on the machine: see test_compare.py.
    """
    lines = [" ".join(re.sub(r"\d[\d.]*", "#", line).split()) for line in text.splitlines()]
    machines = ("takes #%", "operation that differs", "no operation differs")
    return sorted(line for line in lines if not any(words in line for words in machines))


@pytest.mark.parametrize(("tool", "code", "printed"), SNIPPETS, ids=TOOLS)
def test_snippet_prints_what_the_page_shows(tool, code, printed, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    matlabs_numbers(tmp_path)
    space = {"__name__": "loss"}
    run(SETUP, space)
    for programs in list(everything):
        programs.clear()  # of other tests
    capsys.readouterr()
    run(code, space)
    out = capsys.readouterr().out
    if tool in ROUGH:
        assert without_numbers(out) == without_numbers(printed)
    else:
        assert out == printed


def test_every_tool_has_a_snippet():
    functions = {name for name in debug.__all__ if name.islower()} - {"eager"}
    assert functions == set(TOOLS)
