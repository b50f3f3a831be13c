"""The table of functions in the documentation is what the code gives."""

import importlib.util
import pathlib
from typing import Any

import pytest

import dltk

DOCS = pathlib.Path(__file__).parent.parent / "docs"


def script(path: pathlib.Path) -> Any:
    """A script as a module, under a name that no package has."""
    spec = importlib.util.spec_from_file_location(f"docs_{path.stem}", path)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


table = script(DOCS / "coverage.py")


def test_missing_functions_are_missing_and_named_once():
    names = [name for part in table.FACTS["missing"] for name in part["names"].split()]
    assert len(set(names)) == len(names)
    assert not set(names) & set(dltk.__all__)


@pytest.mark.parametrize("facts", ["since", "deviations"])
def test_facts_are_about_functions_of_the_table(facts):
    names = {name for said in table.FACTS[facts].values() for name in said.split()}
    assert names <= set(table.ROWS)


def test_the_table_in_the_docs_is_the_one_made_from_the_code():
    records = table.measured()
    assert (DOCS / "functions.csv").read_text() == table.as_csv(records)
    assert (DOCS / "functions.md").read_text() == table.as_markdown(records)
