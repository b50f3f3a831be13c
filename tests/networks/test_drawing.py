"""The drawing of a network: places obey the rules of a layered drawing, whatever the graph."""

import itertools

import matplotlib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dltk import (
    additionLayer,
    connectLayers,
    dlnetwork,
    featureInputLayer,
    fullyConnectedLayer,
    layerGraph,
    plot,
    reluLayer,
)
from dltk.networks._places import BEND, GAP, places

matplotlib.use("agg")


@st.composite
def graphs(draw):
    """Arrows of an acyclic graph: each from a smaller to a larger number."""
    count = draw(st.integers(1, 9))
    pairs = list(itertools.combinations(range(count), 2))
    arrows = draw(st.lists(st.sampled_from(pairs), unique=True, max_size=14)) if pairs else []
    return arrows, count


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_arrows_point_down_and_boxes_do_not_overlap(graph):
    arrows, count = graph
    wide = [1.0 + 0.3 * (n % 3) for n in range(count)]
    found = places(arrows, range(count), wide)
    assert all(found.row[a] < found.row[b] for a, b in arrows)
    held = [(found.row[n], found.x[n], wide[n]) for n in range(count)]
    held += [(row, x, BEND) for path in found.arrows for x, row in path[1:-1]]
    for (row, x, w), (other, y, v) in itertools.combinations(held, 2):
        assert row != other or abs(x - y) >= (w + v) / 2 + GAP - 1e-6


@settings(max_examples=40, deadline=None)
@given(graphs())
def test_each_arrow_has_a_point_in_every_row_that_it_passes(graph):
    arrows, count = graph
    found = places(arrows, range(count), [1.0] * count)
    for (a, b), path in zip(arrows, found.arrows, strict=True):
        assert [row for _, row in path] == list(range(found.row[a], found.row[b] + 1))
        assert path[0][0] == found.x[a]
        assert path[-1][0] == found.x[b]


def test_a_chain_is_straight_and_a_skip_runs_beside_it():
    arrows = [(0, 1), (1, 2), (2, 3), (3, 4), (0, 4)]
    found = places(arrows, range(5), [1.0] * 5)
    assert np.ptp(found.x) < 1e-9
    beside = [x for x, _ in found.arrows[4][1:-1]]
    assert np.ptp(beside) < 1e-9
    assert abs(beside[0] - found.x[0]) == pytest.approx((1 + BEND) / 2 + GAP)


def test_two_skips_one_within_the_other_do_not_cross():
    arrows = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (0, 5), (1, 4)]
    found = places(arrows, range(6), [1.0] * 6)
    outer, inner = dict(map(reversed, found.arrows[5])), dict(map(reversed, found.arrows[6]))
    sides = {np.sign(outer[row] - inner[row]) for row in (2, 3)}
    assert len(sides) == 1
    assert np.sign(outer[1] - found.x[1]) in (0, *sides)


def test_every_layer_and_connection_is_drawn():
    layers = [
        featureInputLayer(3, Name="in"),
        fullyConnectedLayer(3, Name="fc"),
        reluLayer(Name="relu"),
        additionLayer(2, Name="add"),
    ]
    graph = connectLayers(layerGraph(layers), "in", "add/in2")
    for net in (graph, dlnetwork(graph)):
        axes = plot(net)
        assert [text.get_text() for text in axes.texts] == ["in", "fc", "relu", "add"]
        assert len(axes.patches) == 4 + 4  # boxes and arrows
        matplotlib.pyplot.close(axes.figure)


def test_a_drawing_can_go_into_axes_of_ones_own():
    figure, axes = matplotlib.pyplot.subplots()
    assert plot(dlnetwork([featureInputLayer(1)]), ax=axes) is axes
    matplotlib.pyplot.close(figure)
