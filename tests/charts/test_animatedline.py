import jax.numpy as jnp
import matplotlib
import numpy as np
import pytest
from matplotlib import pyplot

from dltk import (
    addpoints,
    animatedline,
    clearpoints,
    colororder,
    dlarray,
    getpoints,
    xlim,
    ylim,
)
from dltk._errors import OptionError, UnsupportedError

inf = float("inf")


class Watched:
    """A value on a device: counts how often it is read, and says whether it is computed."""

    def __init__(self, value, *, ready=True):
        self.value, self.ready, self.reads = value, ready, 0

    def __float__(self):
        self.reads += 1
        return self.value

    def is_ready(self):
        return self.ready


def drawn(line):
    """The points that are in the picture when a figure is saved."""
    pyplot.gcf().savefig("figure.png")
    return line.line.get_xydata().tolist()


def test_points_come_in_with_the_next_drawing_of_anybody():
    line = animatedline()
    addpoints(line, 1, 0.5)
    addpoints(line, 2, 0.25)
    assert line.line.get_xydata().tolist() == []
    assert drawn(line) == [[1, 0.5], [2, 0.25]]


@pytest.mark.parametrize(
    "loss", [0.5, np.float32(0.5), jnp.float32(0.5), dlarray(np.single(0.5)), [0.5], np.ones(1) / 2]
)
def test_every_scalar_is_a_point(loss):
    line = animatedline()
    addpoints(line, 3, loss)
    x, y = getpoints(line, nargout=2)
    assert (x.tolist(), y.tolist()) == ([3.0], [0.5])
    assert x.dtype == y.dtype == np.float64


def test_a_loss_on_the_device_is_not_read_before_it_is_drawn():
    line, loss = animatedline(), Watched(0.5)
    addpoints(line, 1, loss)
    assert loss.reads == 0
    assert drawn(line) == [[1, 0.5]]
    drawn(line)
    assert loss.reads == 1


def test_vectors_are_several_points():
    line = animatedline([1, 2], [3, 4])
    addpoints(line, np.array([[3.0, 4.0]]), dlarray([5.0, 6.0]))
    x, y = getpoints(line, nargout=2)
    np.testing.assert_array_equal(x, [1, 2, 3, 4])
    np.testing.assert_array_equal(y, [3, 4, 5, 6])
    np.testing.assert_array_equal(getpoints(line), x)


def test_an_array_that_is_overwritten_later_keeps_its_value():
    line, running = animatedline(), np.array([1.0])
    addpoints(line, 1, running)
    running += 1
    assert getpoints(line, nargout=2)[1].tolist() == [1.0]


def test_only_the_last_points_stay():
    line = animatedline(MaximumNumPoints=3)
    for k in range(10):
        addpoints(line, k, -k)
    assert drawn(line) == [[7, -7], [8, -8], [9, -9]]


def test_without_points_the_line_is_gone_and_grows_again():
    line = animatedline([1, 2], [3, 4])
    assert len(drawn(line)) == 2
    clearpoints(line)
    assert drawn(line) == []
    addpoints(line, 5, 6)
    assert drawn(line) == [[5, 6]]


def test_options_are_those_of_the_line():
    line = animatedline(
        Color=colororder()[1], LineStyle="--", LineWidth=2, Marker="o", DisplayName="Loss"
    ).line
    assert matplotlib.colors.to_hex(line.get_color()) == "#d95319"
    assert (line.get_linestyle(), line.get_linewidth(), line.get_marker()) == ("--", 2, "o")
    assert line.get_markerfacecolor() == "none"
    assert [text.get_text() for text in pyplot.legend().get_texts()] == ["Loss"]


def test_a_line_is_black_and_in_no_legend_at_first():
    line = animatedline().line
    assert line.get_color() == "black"
    assert line.axes.get_legend_handles_labels() == ([], [])


def test_the_axes_follow_the_points():
    line = animatedline()
    for k in range(1, 101):
        addpoints(line, k, 100 - k)
    drawn(line)
    assert line.line.axes.get_xlim() == pytest.approx((1 - 4.95, 100 + 4.95))
    clearpoints(line)
    addpoints(line, [0, 1], [0, 1])
    drawn(line)
    assert line.line.axes.get_ylim() == pytest.approx((-0.05, 1.05))


def test_one_end_stays_and_the_other_follows():
    line = animatedline()
    ylim([0, inf])
    for loss in (5, 10):
        addpoints(line, loss, loss)
        drawn(line)
    low, high = line.line.axes.get_ylim()
    assert low == 0
    assert 10 < high < 11
    assert ylim() == (low, high)


def test_one_end_stays_for_plain_plots_too():
    pyplot.plot([1, 2], [3, 4])
    ylim([0, inf])
    pyplot.plot([1, 2], [30, 40])
    pyplot.gcf().savefig("figure.png")
    low, high = ylim()
    assert low == 0
    assert 40 < high < 45


def test_two_ends_stay_until_they_are_automatic_again():
    line = animatedline()
    assert ylim([0, 100]) == (0, 100)
    assert xlim([-1, 1]) == (-1, 1)
    addpoints(line, [5, 6], [500, 600])
    drawn(line)
    assert (xlim(), ylim()) == ((-1, 1), (0, 100))
    ylim("auto")
    drawn(line)
    assert ylim()[1] > 600
    held = ylim("manual")
    addpoints(line, 7, 7000)
    drawn(line)
    assert ylim() == held


def test_a_cleared_figure_forgets_its_lines():
    line = animatedline()
    pyplot.clf()
    addpoints(line, 1, 1)
    pyplot.gcf().savefig("figure.png")
    assert line.line.get_xydata().tolist() == []


def test_several_lines_and_subplots_are_drawn():
    pyplot.subplot(2, 1, 1)
    one, two = animatedline(), animatedline()
    pyplot.subplot(2, 1, 2)
    three = animatedline()
    for line in (one, two, three):
        addpoints(line, 1, 2)
    assert drawn(one) == drawn(two) == drawn(three) == [[1, 2]]
    assert one.line.axes is two.line.axes is not three.line.axes


def test_colours_are_matlabs():
    expected = [[0, 114, 189], [217, 83, 25], [237, 177, 32], [126, 47, 142], [119, 172, 48],
                [77, 190, 238], [162, 20, 47]]  # fmt: skip
    np.testing.assert_array_equal(np.round(255 * colororder()), expected)


WRONG = {
    "no line": (lambda: addpoints(3, 1, 1), r"addpoints: the first argument is an animated line"),
    "text": (lambda: addpoints(animatedline(), 1, "a"), r'the value of "y" is not a real scalar'),
    "complex": (lambda: addpoints(animatedline(), 1j, 1), r'value of "x" is not a real scalar'),
    "sizes": (lambda: addpoints(animatedline(), [1, 2], [1]), r"different numbers.*\n.*2\n.*1"),
    "count": (lambda: animatedline(MaximumNumPoints=0), r"MaximumNumPoints is at least 1"),
    "limits": (lambda: ylim([1, 0]), r"ylim: limits are two numbers in order.\n  limits: \[1, 0\]"),
    "word": (lambda: xlim("automatic"), r'xlim: limits .*\n.*\n.*"auto", "manual"'),
    "nargout": (lambda: getpoints(animatedline(), nargout=3), r"nargout must be 1 or 2"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_wrong_use_is_refused_in_words(case):
    call, text = WRONG[case]
    with pytest.raises(OptionError, match=text):
        call()


def test_space_is_refused_with_a_way():
    with pytest.raises(UnsupportedError, match="projection='3d'"):
        addpoints(animatedline(), 1, 2, 3)
