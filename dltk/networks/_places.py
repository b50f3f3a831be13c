"""Where the boxes of a layer graph are drawn: rows from top to bottom, few crossings.

A layer stands one row below the last of the layers that feed it. A connection that skips rows gets
a bend in each of them. Then the order within the rows is improved, and with it fixed the places are
those at which all arrows together go least to the side, as in Graphviz (Gansner et al., 1993).
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

SWEEPS = 24
GAP = 0.3  # between boxes, in the unit of the widths
BEND = 0.12  # width kept free around a connection that passes a row


@dataclass(frozen=True)
class Places:
    """The drawing: a point per box, and the points that each arrow passes (boxes, then bends).

    Attributes:
        x: Horizontal place of each box.
        row: Row of each box, from 0 at the top.
        arrows: For each connection the points (x, row) from box to box.
    """

    x: tuple[float, ...]
    row: tuple[int, ...]
    arrows: tuple[tuple[tuple[float, int], ...], ...]


def places(
    arrows: Sequence[tuple[int, int]], order: Sequence[int], wide: Sequence[float]
) -> Places:
    """Places of boxes 0, 1, ... of given widths with arrows between them.

    >>> places([(0, 1), (1, 2)], [0, 1, 2], [1, 1, 1]).row
    (0, 1, 2)
    """
    row = _rows(arrows, order)
    nodes = list(row)
    widths = list(wide)
    paths = []
    for a, b in arrows:
        bends = range(len(nodes), len(nodes) + row[b] - row[a] - 1)
        nodes += range(row[a] + 1, row[b])
        widths += [BEND] * len(bends)
        paths.append([a, *bends, b])
    links = [pair for path in paths for pair in itertools.pairwise(path)]
    rows = [[n for n, at in enumerate(nodes) if at == k] for k in range(max(nodes, default=-1) + 1)]
    rows = _uncrossed(rows, links)
    x = _aligned(rows, links, np.array(widths), len(row))
    return Places(
        tuple(float(v) for v in x[: len(row)]),
        tuple(row),
        tuple(tuple((float(x[n]), nodes[n]) for n in path) for path in paths),
    )


def _rows(arrows: Sequence[tuple[int, int]], order: Sequence[int]) -> list[int]:
    """One below the last feeder; what nothing feeds stands right above what it feeds."""
    row = [0] * len(order)
    for n in order:
        row[n] = max((row[a] + 1 for a, b in arrows if b == n), default=0)
    for n in order:
        fed = [row[b] for a, b in arrows if a == n]
        if fed and not any(b == n for _, b in arrows):
            row[n] = min(fed) - 1
    return row


def _uncrossed(rows: list[list[int]], links: Sequence[tuple[int, int]]) -> list[list[int]]:
    """The rows in an order with few crossings: each node near the middle of its neighbours."""
    above, below = _neighbours(links)
    best, least = [list(r) for r in rows], _crossings(rows, links)
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        for k in range(len(rows)) if down else reversed(range(len(rows))):
            other = k - 1 if down else k + 1
            if not 0 <= other < len(rows):
                continue
            place = {n: i for i, n in enumerate(rows[other])}
            side = above if down else below
            now = {n: i for i, n in enumerate(rows[k])}
            middle = {
                n: np.mean([place[m] for m in side.get(n, []) if m in place] or [now[n]])
                for n in rows[k]
            }
            rows[k] = sorted(rows[k], key=lambda n: (middle[n], now[n]))
        found = _crossings(rows, links)
        if found < least:
            best, least = [list(r) for r in rows], found
    return best


def _neighbours(links: Sequence[tuple[int, int]]) -> tuple[dict[int, list[int]], ...]:
    above: dict[int, list[int]] = {}
    below: dict[int, list[int]] = {}
    for a, b in links:
        above.setdefault(b, []).append(a)
        below.setdefault(a, []).append(b)
    return above, below


def _crossings(rows: Sequence[Sequence[int]], links: Sequence[tuple[int, int]]) -> int:
    """How many pairs of arrows cross between rows that follow each other."""
    place = {n: (k, i) for k, row in enumerate(rows) for i, n in enumerate(row)}
    count = 0
    for k in range(len(rows) - 1):
        between = [(place[a][1], place[b][1]) for a, b in links if place[a][0] == k]
        count += sum((a - c) * (b - d) < 0 for (a, b), (c, d) in itertools.combinations(between, 2))
    return count


def _aligned(
    rows: Sequence[Sequence[int]],
    links: Sequence[tuple[int, int]],
    wide: np.ndarray,
    boxes: int,
) -> np.ndarray:
    """Horizontal places with the least sideways way of all links, boxes apart from each other.

    A sum of absolute values leaves most links exactly upright, where squares would tilt all.
    """
    from scipy.optimize import linprog
    from scipy.sparse import coo_array

    pairs = [pair for row in rows for pair in itertools.pairwise(row)]
    height = _height(links, len(wide))
    terms, limits = [], []
    for row, (a, b) in enumerate(pairs):  # x[b] - x[a] >= distance
        terms += [(row, a, 1), (row, b, -1)]
        limits.append(-float((wide[a] + wide[b]) / 2 + GAP))
    for n, (a, b) in enumerate(links):  # way[n] >= x[b] - x[a] and way[n] >= x[a] - x[b]
        row, way = len(limits), len(wide) + n
        terms += [(row, a, -1), (row, b, 1), (row, way, -1)]
        terms += [(row + 1, a, 1), (row + 1, b, -1), (row + 1, way, -1)]
        limits += [0.0, 0.0]
    if not limits:
        return np.zeros(len(wide))
    at, column, sign = (np.array(part) for part in zip(*terms, strict=True))
    size = len(limits), len(wide) + len(links)
    cost = np.zeros(size[1])
    cost[len(wide) :] = [_stiffness(a, b, boxes, height) for a, b in links]
    matrix = coo_array((sign, (at, column)), shape=size).tocsr()
    bounds = [(None, None)] * len(wide) + [(0, None)] * len(links)
    return linprog(cost, A_ub=matrix, b_ub=limits, bounds=bounds, method="highs").x[: len(wide)]


def _height(links: Sequence[tuple[int, int]], count: int) -> list[int]:
    """For each node the number of links on the longest way down from it."""
    height = [0] * count
    for _ in range(count):
        new = [0] * count
        for a, b in links:
            new[a] = max(new[a], height[b] + 1)
        if new == height:
            break
        height = new
    return height


def _stiffness(a: int, b: int, boxes: int, height: Sequence[int]) -> float:
    """How much a link wants to be upright: most of all between bends, then on the longest way."""
    if a >= boxes and b >= boxes:
        return 8
    if a >= boxes or b >= boxes:
        return 1
    return 4 if height[a] == height[b] + 1 else 2
