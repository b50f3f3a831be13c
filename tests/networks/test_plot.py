"""What `plot` draws, and what it refuses; drawings of networks are in test_drawing."""

import matplotlib
import numpy as np
import pytest
from matplotlib import pyplot
from matplotlib.backend_bases import ResizeEvent
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from dltk import (
    OptionError,
    dlarray,
    dlnetwork,
    featureInputLayer,
    hold,
    plot,
    recordMetrics,
    reluLayer,
    trainingProgressMonitor,
)

matplotlib.use("agg")


@pytest.fixture(autouse=True)
def closed():
    yield
    pyplot.close("all")


def drawn(*args, **options):
    """The points of each curve."""
    return [line.get_xydata().tolist() for line in plot(*args, **options)]


LINE = [[1, 5], [2, 3], [3, 4]]


@pytest.mark.parametrize(
    "Y",
    [
        [5, 3, 4],
        np.array([[5, 3, 4]]),
        np.array([[5], [3], [4]]),
        dlarray([5.0, 3.0, 4.0]),
        dlarray([[5.0, 3.0, 4.0]], "CB"),
        dlarray(np.reshape([5.0, 3, 4], (1, 1, 3)), "CBT"),
    ],
    ids=["list", "row", "column", "dlarray", "CB", "CBT"],
)
def test_a_vector_is_a_curve_whichever_way_it_lies(Y):
    assert drawn(Y) == [LINE]
    assert drawn([[1], [2], [3]], Y) == [LINE]
    assert drawn(dlarray([1.0, 2, 3]), Y) == [LINE]


def test_columns_of_a_matrix_are_curves_and_rows_where_x_fits_them():
    Y = np.array([[1, 2, 3], [4, 5, 6]])
    columns = [[[1, 1], [2, 4]], [[1, 2], [2, 5]], [[1, 3], [2, 6]]]
    assert drawn(Y) == columns
    assert drawn([1, 2], Y) == columns
    assert drawn([7, 8, 9], Y) == [[[7, 1], [8, 2], [9, 3]], [[7, 4], [8, 5], [9, 6]]]
    assert drawn(Y, Y) == [[[1, 1], [4, 4]], [[2, 2], [5, 5]], [[3, 3], [6, 6]]]


def test_several_curves_each_have_their_style_and_all_the_options():
    one, two = plot([1, 2], [3, 4], "r--o", [1, 2], [5, 6], "k", LineWidth=3, DisplayName="L")
    assert (one.get_color(), one.get_linestyle(), one.get_marker()) == ("r", "--", "o")
    assert (to_hex(two.get_color()), two.get_linestyle()) == ("#000000", "-")
    assert one.get_linewidth() == two.get_linewidth() == 3
    assert two.get_label() == "L"


def test_new_curves_replace_old_ones_unless_they_are_held():
    plot([1, 2])
    pyplot.title("old")
    axes = plot([3, 4])[0].axes
    assert (len(axes.lines), axes.get_title()) == (1, "")
    hold("on")
    plot([5, 6])
    assert len(axes.lines) == 2
    hold()
    plot([5, 6])
    assert len(axes.lines) == 1


def test_curves_go_into_given_axes():
    one, other = pyplot.subplots(1, 2)[1]
    plot(one, [1, 2], [3, 4])
    plot([1, 2], ax=one)
    assert (len(one.lines), len(other.lines)) == (1, 0)


def test_the_progress_of_a_training_is_drawn_afterwards():
    monitor = trainingProgressMonitor(Metrics=["Loss", "Accuracy"], Visible=False)
    for step in (1, 2, 3):
        recordMetrics(monitor, step, Loss=dlarray(np.single(1 / step)), Accuracy=step)
    figure = plot(monitor)
    assert figure.number in pyplot.get_fignums()
    curves = {a.get_ylabel(): a.lines[0].get_xydata() for a in figure.axes if a.axison}
    np.testing.assert_allclose(curves["Loss"], [[1, 1], [2, 1 / 2], [3, 1 / 3]])
    assert set(curves) == {"Loss", "Accuracy"}
    figure.set_size_inches(14, 9)
    ResizeEvent("resize_event", figure.canvas)._process()
    assert len([a for a in figure.axes if a.axison]) == 2


def monitor():
    return trainingProgressMonitor(Metrics="Loss", Visible=False)


def net():
    return dlnetwork([featureInputLayer(1)])


WRONG = {
    "layers": (lambda: plot([reluLayer()]), r"plot\(layerGraph\(layers\)\)"),
    "nothing": (lambda: plot(), r"plot: draws numbers, a dlnetwork, .* not a NoneType"),
    "function": (lambda: plot(np.sin), r"not a ufunc"),
    "word first": (lambda: plot("r", [1]), r"not a str"),
    "words": (lambda: plot([1], "r", "g"), r"a style stands behind the numbers"),
    "style": (lambda: plot([1, 2], "red line"), r"(?s)refuses the style.* red line\n.*r--o"),
    "option": (lambda: plot([1, 2], Color="rot"), r"(?s)color: rot.*'rot' is not a valid"),
    "lengths": (lambda: plot([1, 2], [1, 2, 3]), r"not have the same length.\n  X: 2\n  Y: 3"),
    "texts": (lambda: plot([1, 2], ["a", "b"]), r"curves are drawn of real numbers.\n  Y: 2 list"),
    "complex": (lambda: plot(np.ones(3) * 1j), r"real numbers.\n  Y: 3 ndarray \(complex128\)"),
    "space": (lambda: plot(np.ones((2, 3, 4))), r"vectors and matrices.\n  Y: 2×3×4"),
    "net, color": (lambda: plot(net(), Color="r"), r"without anything else.\n  also given: Color"),
    "two": (lambda: plot(monitor(), [1]), r"a trainingProgressMonitor is drawn without anything"),
    "axes": (lambda: plot(monitor(), ax=Figure().add_subplot()), r"has a figure of its own"),
    "hold": (lambda: hold("yes"), r'hold: this is no state.\n  state: \'yes\'\nUse one of: "on"'),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_wrong_use_is_refused_in_words(case):
    call, text = WRONG[case]
    with pytest.raises(OptionError, match=text):
        call()
