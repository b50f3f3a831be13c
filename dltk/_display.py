"""How values print: MATLAB's ``format short``.

Four decimals in columns ten wide, whole numbers without decimals, a common scale factor for a
matrix whose largest number is 1000 or more, or below 0.001.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import product

import numpy as np

LINE = 80
LARGE, SMALL = 1e3, 1e-3  # within these limits numbers print without a power of ten


def show_values(values: np.ndarray) -> str:
    """All values as MATLAB prints them: a matrix, or page by page.

    >>> print(show_values(np.array([[1.0, 2.0], [3.0, 4.5]])))
        1.0000    2.0000
        3.0000    4.5000
    """
    if values.size == 0:
        return f"    [] ({'×'.join(map(str, values.shape))})"
    if values.ndim <= 2 or all(n == 1 for n in values.shape[2:]):
        return _matrix(values.reshape(values.shape[:2]))
    pages = []
    for index in product(*(range(n) for n in reversed(values.shape[2:]))):
        page = tuple(reversed(index))
        subscript = ",".join(str(i + 1) for i in page)
        pages.append(
            f"\n(:,:,{subscript}) =\n\n{_matrix(values[(slice(None), slice(None), *page)])}"
        )
    return "\n\n".join(pages)


def _matrix(page: np.ndarray) -> str:
    """One page, split into blocks of columns that fit a line."""
    scale, width, cells = _cells(page)
    columns = max(1, LINE // width)
    total = page.shape[1]
    blocks = []
    for start in range(0, total, columns):
        stop = min(start + columns, total)
        rows = ["".join(cell.rjust(width) for cell in row[start:stop]) for row in cells]
        blocks.append((_title(start + 1, stop) if total > columns else "") + "\n".join(rows))
    return (f"   {scale} *\n\n" if scale else "") + "\n\n".join(blocks)


def _title(first: int, last: int) -> str:
    return f"  Column {first}\n\n" if first == last else f"  Columns {first} through {last}\n\n"


def _cells(page: np.ndarray) -> tuple[str, int, list[list[str]]]:
    """The common scale factor as text ("" for none), the width of a column, each value as text."""
    finite = np.abs(page[np.isfinite(page)])
    largest = float(finite.max()) if finite.size else 0.0
    if page.dtype == bool:
        return "", 4, [[str(int(v)) for v in row] for row in page]
    if _all_whole(page) and largest < 1e9:
        width = 6 if largest < LARGE else 12
        return "", width, [[_special(v) or str(int(v)) for v in row] for row in page]
    fits = SMALL <= largest < LARGE or largest == 0
    if page.size == 1:
        form = "{:.4f}" if fits and largest != SMALL else "{:.4e}"
        text = _number(page[0, 0], form)
        return "", max(10, len(text) + 3), [[text]]
    exponent = 0 if fits else math.floor(math.log10(largest)) + (largest < 1)
    text = [[_number(v / 10.0**exponent, "{:.4f}") for v in row] for row in page]
    width = max(10, *(len(cell) + 3 for row in text for cell in row if cell.endswith("i")), 0)
    return (f"1.0e{exponent:+03d}" if exponent else ""), width, text


def _all_whole(page: np.ndarray) -> bool:
    finite = page[np.isfinite(page)]
    return not np.iscomplexobj(page) and bool(np.all(finite == np.round(finite)))


def _special(value: complex) -> str:
    if np.isnan(value):
        return "NaN"
    return ("-Inf" if value.real < 0 else "Inf") if np.isinf(value) else ""


def _number(value: complex, form: str) -> str:
    if np.iscomplexobj(value):
        sign = "-" if value.imag < 0 else "+"
        return f"{form.format(value.real)} {sign} {form.format(abs(value.imag))}i"
    return _special(value) or ("0" if value == 0 else form.format(value))


def cell(names: Sequence[str]) -> str:
    """Names as MATLAB shows a cell array of them.

    >>> cell(["conv", "fc"])
    "{'conv', 'fc'}"
    """
    return "{" + ", ".join(f"'{name}'" for name in names) + "}"
