"""The house: imports point down, importing dltk is cheap, public names are MATLAB's."""

import ast
import json
import pathlib
import subprocess
import sys
import types

import pytest

import dltk

ROOT = pathlib.Path(dltk.__file__).parent

# What a part may import: parts of a lower rank only (a part is a file of dltk/ or a folder).
RANK = {
    "_errors": 0,
    "_switches": 0,
    "_listener": 0,
    "_struct": 1,
    "_labels": 1,
    "_display": 1,
    "_code": 2,
    "_facts": 3,
    "_watch": 3,
    "_tree": 2,
    "_libraries": 3,
    "_kinds": 4,
    "_environment": 5,
    "_numbers": 2,
    "_table": 2,
    "_indexing": 3,
    "_random": 3,
    "_reads": 6,
    "_sharing": 1,
    "_tape": 3,
    "_replay": 4,
    "_graph": 3,
    "_ties": 3,
    "_rebuild": 7,
    "_undo": 7,
    "_outputs": 8,
    "_spare": 8,
    "_history": 7,
    "_cache_folder": 1,
    "_persistent": 2,
    "_host_memory": 1,
    "_compiled": 9,
    "_program": 10,
    "dlarray": 10,
    "_device": 11,
    "autodiff": 11,
    "_derivatives": 3,
    "_accelerated": 12,
    "_jaxfunction": 12,
    "_replayed": 12,
    "_differentiable": 13,
    "_jacobian": 13,
    "functions": 11,
    "optimizers": 11,
    "data": 12,
    "layers": 12,
    "_values": 13,
    "_backward": 14,
    "_run": 15,
    "_layergraph": 14,
    "_initialize": 16,
    "_evaluate": 16,
    "dlnetwork": 17,
    "charts": 13,
    "clone": 18,
    "_edit": 18,
    "_factors": 14,
    "networks": 19,
    "deep": 14,
    "debug": 15,
    "monitor": 1,
    "schedules": 1,
    "checkpoint": 19,
    "recipes": 13,
    "__init__": 99,
}


def part_of(path: pathlib.Path) -> str:
    """The file or folder of dltk/ that a path belongs to."""
    return path.relative_to(ROOT).parts[0].removesuffix(".py")


def imported_parts(path: pathlib.Path) -> set[str]:
    """The parts of dltk that a file imports, other than its own."""
    depth = len(path.relative_to(ROOT).parts)
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            assert not any(a.name.partition(".")[0] == "dltk" for a in node.names), path
        if isinstance(node, ast.ImportFrom) and node.level == depth:
            module = (node.module or "").partition(".")[0]
            found.update([module] if module else [alias.name for alias in node.names])
    return {part for part in found if part} - {part_of(path)}


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.py")), ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_point_down(path):
    own = RANK[part_of(path)]
    assert not {part for part in imported_parts(path) if RANK[part] >= own}


def fresh(program: str) -> str:
    """What a program prints in a new Python."""
    command = [sys.executable, "-c", program]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def test_importing_dltk_imports_no_plotting():
    heavy = ["matplotlib", "sklearn", "PIL", "pandas", "scipy.optimize"]
    code = f"import dltk, sys; print([m for m in {heavy} if m in sys.modules])"
    assert fresh(code) == "[]"


def test_importing_dltk_leaves_jax_as_it_was():
    code = "import dltk, jax, jax.numpy as jnp; print(jax.config.jax_enable_x64, jnp.ones(1).dtype)"
    assert fresh(code) == "False float32"


def test_importing_dltk_touches_no_device():
    code = "import dltk; from jax._src import xla_bridge as b; print(b.backends_are_initialized())"
    assert fresh(code) == "False"


def test_dlarray_and_dlnetwork_are_the_classes_not_the_modules():
    assert isinstance(dltk.dlarray, type)
    assert isinstance(dltk.dlnetwork, type)


def test_everything_public_is_listed_once():
    assert len(set(dltk.__all__)) == len(dltk.__all__)
    missing = [name for name in dltk.__all__ if not hasattr(dltk, name)]
    assert not missing


def test_public_names_are_matlabs():
    names = json.loads((pathlib.Path(__file__).parent / "matlab_names.json").read_text())
    known = set(names["matlab"]) | set(names["ours"])
    assert set(dltk.__all__) - known == set()


@pytest.mark.parametrize("name", [n for n in dltk.__all__ if not n.startswith("__")])
def test_public_names_are_documented_with_an_example(name):
    value = getattr(dltk, name)
    if isinstance(value, types.ModuleType):
        assert value.__doc__
        return
    assert value.__doc__, name
    assert ">>>" in value.__doc__ or issubclass(value, Exception), name
