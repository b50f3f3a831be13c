"""How values print: MATLAB's ``format short``."""

from __future__ import annotations

import math
from itertools import product

import numpy as np

WIDTH = 80


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
    scale, cells = _cells(page)
    width = max(len(cell) for row in cells for cell in row)
    gap = 3 if page.dtype == bool or _all_whole(page) else 4
    columns = max(1, WIDTH // (width + gap))
    total = page.shape[1]
    blocks = []
    for start in range(0, total, columns):
        stop = min(start + columns, total)
        rows = ["".join(" " * gap + cell.rjust(width) for cell in row[start:stop]) for row in cells]
        title = f"  Columns {start + 1} through {stop}\n\n" if total > columns else ""
        blocks.append(title + "\n".join(rows))
    return (f"   {scale} *\n\n" if scale else "") + "\n\n".join(blocks)


def _all_whole(page: np.ndarray) -> bool:
    finite = page[np.isfinite(page)]
    return not np.iscomplexobj(page) and bool(np.all(finite == np.round(finite.real)))


def _cells(page: np.ndarray) -> tuple[str, list[list[str]]]:
    """The common scale factor as text ("" for none) and each value as text."""
    if page.dtype == bool:
        return "", [[str(int(v)) for v in row] for row in page]
    finite = np.abs(page[np.isfinite(page)])
    largest = float(finite.max()) if finite.size else 0.0
    if _all_whole(page) and largest < 1e9:
        return "", [[_special(v) or str(int(v)) for v in row] for row in page]
    exponent = math.floor(math.log10(largest)) if largest > 0 else 0
    scaled = page.size > 1 and (exponent >= 3 or exponent <= -4)
    alone = page.size == 1 and (exponent >= 5 or exponent <= -5)
    factor = 10.0**exponent if scaled else 1.0
    form = "{:.4e}" if alone else "{:.4f}"
    text = [[_number(v / factor, form) for v in row] for row in page]
    return (f"1.0e{exponent:+03d}" if scaled else ""), text


def _special(value: complex) -> str:
    if np.isnan(value):
        return "NaN"
    return ("-Inf" if value.real < 0 else "Inf") if np.isinf(value) else ""


def _number(value: complex, form: str) -> str:
    if np.iscomplexobj(value):
        sign = "-" if value.imag < 0 else "+"
        return f"{form.format(value.real)} {sign} {form.format(abs(value.imag))}i"
    return _special(value) or ("0" if value == 0 else form.format(value))
