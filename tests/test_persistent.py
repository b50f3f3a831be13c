"""Compiled programs on disk: a second run finds them; they can be moved, damaged, switched off."""

import os
import subprocess
import sys

import pytest

SCRIPT = """
import jax, numpy as np
hits = []
jax.monitoring.register_event_listener(
    lambda event, **_: hits.append(1) if event.endswith("cache_hits") else None
)
import dltk
from dltk import dlarray, dlfeval, dlgradient, tanh, sum

def loss(x, A):
    for _ in range(40):
        x = tanh(A @ x)
    y = sum(x ** 2)
    return y, dlgradient(y, x)

dltk._persistent.LEAST_SECONDS = 0.0
BEFORE
A = np.eye(4) * 1.1
y, g = dlfeval(lambda x: loss(x, A), dlarray(np.ones((4, 1))))
print(len(hits), dltk.compilation_cache(), f"{y.item():.10f}")
"""


def run(before="", **environment):
    """Hits, folder and result of a script in a new Python."""
    env = {k: v for k, v in os.environ.items() if not k.startswith(("DLTK", "JAX"))}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", SCRIPT.replace("BEFORE", before)],
        capture_output=True,
        text=True,
        env={**env, **environment},
    )
    assert done.returncode == 0, done.stderr
    hits, folder, value = done.stdout.split()
    return int(hits), folder, value


@pytest.mark.long
def test_a_second_run_finds_its_programs_even_beside_damaged_ones(tmp_path):
    places = {"XDG_CACHE_HOME": str(tmp_path)}
    hits, folder, value = run(**places)
    assert hits == 0
    assert folder.startswith(str(tmp_path / "dltk" / "programs"))
    again, _, same = run(**places)
    assert again > 0
    assert same == value
    for name in os.listdir(folder):
        with open(os.path.join(folder, name), "r+b") as file:
            file.truncate(20)
    assert run(**places)[2] == value


@pytest.mark.long
def test_where_programs_are_kept_can_be_said(tmp_path):
    chosen = str(tmp_path / "here")
    assert run(DLTK_COMPILATION_CACHE=chosen)[1] == chosen
    assert os.listdir(chosen)
    assert run(DLTK_COMPILATION_CACHE="off", XDG_CACHE_HOME=str(tmp_path))[1] == "None"
    assert run("dltk.compilation_cache(False)", XDG_CACHE_HOME=str(tmp_path))[1] == "None"
    assert run(f"dltk.compilation_cache({chosen!r})", DLTK_COMPILATION_CACHE="off")[1] == chosen
    assert run(JAX_COMPILATION_CACHE_DIR=chosen)[1] == chosen  # JAX's own setting stays
    assert sorted(os.listdir(tmp_path)) == ["here"]


@pytest.mark.long
def test_a_folder_that_cannot_be_written_is_none(tmp_path):
    (tmp_path / "file").write_text("")
    assert run(XDG_CACHE_HOME=str(tmp_path / "file"))[1] == "None"


def test_a_file_is_not_a_folder(tmp_path):
    from dltk import OptionError, compilation_cache

    file = tmp_path / "file"
    file.write_text("")
    with pytest.raises(OptionError, match="not a folder"):
        compilation_cache(file)


def test_the_oldest_programs_go_when_there_are_too_many(tmp_path, monkeypatch):
    from dltk import _persistent

    monkeypatch.setattr(_persistent, "MOST_BYTES", 250)
    for age, name in enumerate("abc"):
        (tmp_path / name).write_bytes(b"x" * 100)
        os.utime(tmp_path / name, (1000 + age, 1000 + age))
    _persistent._remove_oldest(tmp_path)
    assert sorted(os.listdir(tmp_path)) == ["b", "c"]
