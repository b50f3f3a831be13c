"""Make the table of all functions on dlarrays: ``python docs/coverage.py``.

Writes functions.csv, for programs, and functions.md, for readers. The functions and the labels in
and out come from running the calls in tests/functions/every.py; whether a function can be
differentiated stands there too, and the tests hold it to that. Releases, deviations and what is
missing are in coverage.toml.
"""

import csv
import io
import itertools
import pathlib
import sys
import tomllib

import jax

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from tests.functions.every import ROWS, Row, arrays, labels  # noqa: E402

FACTS = tomllib.loads((HERE / "coverage.toml").read_text())
COLUMNS = [
    "function",
    "group",
    "labels_in",
    "labels_out",
    "differentiable",
    "since",
    "deviations",
]
INTRODUCTION = """# Functions on dlarrays

Every function is listed with the labels of one call: what goes in and what comes out ("none": a
dlarray without labels; "plain": no dlarray). Functions with "none" as their only input refuse
labels. *differentiable* says "yes" (first and second order are tested), "zero" (the derivative is 0
everywhere) or "no" (the result is not traced). *since* is MATLAB's first release with dlarrays,
where it is known. The same table for programs: [functions.csv](functions.csv);
`python docs/coverage.py` makes both.
"""
MISSING = """## Not there, and why

Functions of the MATLAB language that scripts with dlarrays use and that dltk does not have.
"""


def said_of(name: str, facts: dict[str, str]) -> str:
    """What is said of a function in a table of lists of functions."""
    return "; ".join(text for text, names in facts.items() if name in names.split())


def labels_out(row: Row) -> list[str | None]:
    """Labels of the outputs; of a function that can be compiled they are known without running."""
    seen = []

    def run(*given: object) -> None:
        seen.extend(labels(Y) for Y in row(*given))

    with jax.enable_x64(True):
        if row.compiles:
            jax.eval_shape(run, *arrays(row))
        else:
            run(*arrays(row))
    return seen


def shown(formats: list[str | None]) -> str:
    """Formats as a table shows them."""
    words = ["plain" if fmt is None else fmt or "none" for fmt in formats]
    return words[0] if len(set(words)) == 1 and words[0] in ("none", "plain") else ", ".join(words)


def measured() -> list[dict[str, str]]:
    """A record per function."""
    return [
        {
            "function": row.name,
            "group": row.group,
            "labels_in": shown([labels(X) for X in arrays(row)]),
            "labels_out": shown(list(row.out) if row.name == "gpuArray" else labels_out(row)),
            "differentiable": row.derivative,
            "since": said_of(row.name, FACTS["since"]),
            "deviations": said_of(row.name, FACTS["deviations"]),
        }
        for row in ROWS.values()
    ]


def as_csv(records: list[dict[str, str]]) -> str:
    """The text of functions.csv."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(records)
    return text.getvalue()


def as_markdown(records: list[dict[str, str]]) -> str:
    """The text of functions.md."""
    parts = [INTRODUCTION]
    for group, members in itertools.groupby(records, key=lambda record: record["group"]):
        parts.append(f"## {group}\n")
        columns = [column for column in COLUMNS if column != "group"]
        parts.append(
            _line(columns)
            + _line(["---"] * len(columns))
            + "".join(_line([f"`{m['function']}`", *(m[c] for c in columns[1:])]) for m in members)
        )
    reasons = "".join(
        _line(
            [", ".join(f"`{n}`" for n in sorted(part["names"].split(), key=str.lower)), part["why"]]
        )
        for part in FACTS["missing"]
    )
    return "\n".join([*parts, MISSING, _line(["functions", "why"]) + _line(["---"] * 2) + reasons])


def _line(cells: list[str]) -> str:
    return "| " + " | ".join(cells) + " |\n"


def main() -> None:
    """Write both files."""
    records = measured()
    (HERE / "functions.csv").write_text(as_csv(records))
    (HERE / "functions.md").write_text(as_markdown(records))


if __name__ == "__main__":
    main()
