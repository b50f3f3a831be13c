import time

import matplotlib
import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from dltk.monitor._data import Data
from dltk.monitor._output import picture
from dltk.monitor._paper import COLORS
from dltk.monitor._plot import draw, figure_size


@pytest.fixture
def data(clock):
    data = Data(clock)
    data.began = time.mktime((2024, 5, 6, 7, 8, 9, 0, 0, -1))
    data.xlabel = "Iteration"
    return data


def drawn(data):
    data.settle(wait=True)
    figure = Figure(figsize=figure_size(data))
    FigureCanvasAgg(figure)
    draw(figure, data)
    figure.canvas.draw()
    return figure


def texts(figure):
    return [text.get_text() for axes in figure.axes for text in axes.texts]


def plots(figure):
    return [axes for axes in figure.axes if axes.axison]


def test_one_subplot_for_each_metric_and_group(data):
    data.set_metrics(["TrainingLoss", "ValidationLoss", "Accuracy"])
    data.group("Loss", ["TrainingLoss", "ValidationLoss"])
    figure = drawn(data)
    assert [axes.get_ylabel() for axes in plots(figure)] == ["Loss", "Accuracy"]
    assert [axes.get_xlabel() for axes in plots(figure)] == ["", "Iteration"]
    assert [t.get_text() for t in plots(figure)[0].get_legend().get_texts()] == [
        "TrainingLoss",
        "ValidationLoss",
    ]


def test_few_points_are_the_recorded_ones(data):
    data.set_metrics("Loss")
    for step in (1, 2, 5):
        data.record(step, {"Loss": 1 / step})
    (line,) = plots(drawn(data))[0].lines
    np.testing.assert_array_equal(line.get_xydata(), [[1, 1], [2, 0.5], [5, 0.2]])
    assert line.get_marker() == "o"


def test_noisy_metrics_are_thin_with_a_thick_trend(data):
    data.set_metrics("Loss")
    noise = np.random.default_rng(0).normal(size=200)
    for step in range(200):
        data.record(step, {"Loss": 10 + noise[step]})
    raw, smooth = plots(drawn(data))[0].lines
    np.testing.assert_array_equal(raw.get_ydata(), 10 + noise)
    assert np.std(smooth.get_ydata()) < 0.4
    assert raw.get_linewidth() < 1 < smooth.get_linewidth()


def test_metrics_recorded_at_few_steps_are_dashed_with_markers(data):
    data.set_metrics(["Loss", "Check"])
    for step in range(100):
        data.record(step, {"Loss": step, **({"Check": step} if step % 10 == 0 else {})})
    loss, check = (axes.lines[0] for axes in plots(drawn(data)))
    assert (loss.get_linestyle(), loss.get_marker()) == ("-", "None")
    assert (check.get_linestyle(), check.get_marker()) == ("--", "o")


def test_values_that_the_device_still_computes_do_not_change_the_style(data, watched):
    data.set_metrics("Loss")
    for step in range(100):
        data.record(step, {"Loss": watched(step, ready=step < 20)})
    data.settle(wait=False)
    figure = Figure()
    FigureCanvasAgg(figure)
    draw(figure, data)
    (line,) = plots(figure)[0].lines
    assert len(line.get_xdata()) == 20
    assert line.get_linestyle() == "-"


@pytest.mark.parametrize(
    ("values", "label"),
    [
        ([0, 0.5, 1], "Loss"),
        ([0, 1e-4, 2e-4], "Loss (×1e−4)"),
        ([0, 1e6, 2e6], "Loss (×1e6)"),
        ([1e6, 1e6 + 0.5, 1e6 + 1], "Loss (+1e6)"),
    ],
)
def test_long_numbers_have_their_common_factor_in_the_label(data, values, label):
    data.set_metrics("Loss")
    for step, value in enumerate(values):
        data.record(step, {"Loss": value})
    (plot,) = plots(drawn(data))
    assert plot.get_ylabel() == label
    assert max(len(text.get_text()) for text in plot.get_yticklabels()) <= 4


def test_all_subplots_span_the_same_steps(data):
    data.set_metrics(["Loss", "ValidationLoss"])
    data.record(1, {"Loss": 1})
    data.record(100, {"Loss": 0.5, "ValidationLoss": 1})
    limits = {axes.get_xlim() for axes in plots(drawn(data))}
    assert len(limits) == 1
    low, high = limits.pop()
    assert low < 1 < 100 < high


def test_a_log_scale_leaves_out_what_is_not_positive(data):
    data.set_metrics(["Loss", "Negative"])
    data.set_scale("Loss", "log")
    data.set_scale("Negative", "log")
    for step, value in enumerate([1.0, 0.0, 1e-3]):
        data.record(step, {"Loss": value, "Negative": -1 - value})
    loss, negative = plots(drawn(data))
    assert (loss.get_yscale(), negative.get_yscale()) == ("log", "linear")
    np.testing.assert_array_equal(loss.lines[0].get_ydata(), [1.0, np.nan, 1e-3])
    assert negative.get_ylabel() == "Negative (no positive values)"


def test_infos_values_and_times_stand_beside(data, clock):
    data.set_metrics(["Loss", "Accuracy"])
    data.set_info(["Epoch", "Cost"])
    clock.now = 3725.0
    data.record(1, {"Loss": float("nan")})
    data.update_info({"Epoch": "1 of 5", "Cost": "$5 and $6"})
    data.set_progress(50)
    data.status = "Running"
    shown = texts(drawn(data))
    for text in ("Running", "50 %", "NaN", "–", "1 of 5", "$5 and $6", "2024-05-06 07:08:09"):
        assert text in shown
    assert shown.count("01:02:05") == 2  # elapsed, and at half time as much remains


def test_the_picture_says_that_the_user_has_stopped(data):
    data.set_metrics("Loss")
    data.status = "Epoch 3"
    data.request_stop()
    assert "stopped by the user · Epoch 3" in texts(drawn(data))


def test_values_that_are_not_computed_yet_are_left_out(data, watched):
    data.set_metrics("Loss")
    late = watched(3.0, ready=False)
    data.record(1, {"Loss": 1.0})
    data.record(2, {"Loss": late})
    data.settle(wait=False)
    figure = Figure()
    draw(figure, data)
    assert plots(figure)[0].lines[0].get_xydata().tolist() == [[1, 1]]
    assert late.reads == 0


def colors_of(image, color):
    """How many pixels have a colour."""
    rgb = [int(color[i : i + 2], 16) for i in (1, 3, 5)]
    return int((image[..., :3] == np.array(rgb)).all(axis=-1).sum())


def pixels(data):
    import io

    from PIL import Image

    return np.asarray(Image.open(io.BytesIO(picture(data, dpi=80))).convert("RGB"))


def test_the_picture_shows_curve_and_bar_in_their_colours(data):
    data.set_metrics(["A", "B"])
    for step in range(100):
        data.record(step, {"A": step, "B": -step})
    data.settle(wait=True)
    without_bar = colors_of(pixels(data), COLORS[0])
    data.set_progress(50)
    assert without_bar > 100
    assert colors_of(pixels(data), COLORS[1]) > 100
    assert colors_of(pixels(data), COLORS[0]) > without_bar + 1000


def test_the_users_settings_do_not_change_the_picture_nor_the_picture_them(data):
    data.set_metrics("Loss")
    data.record(1, {"Loss": 1})
    data.settle(wait=True)
    plain = picture(data, dpi=60)
    mine = {"axes.facecolor": "black", "font.size": 30, "lines.linewidth": 9, "axes.grid": False}
    with matplotlib.rc_context(mine):
        before = dict(matplotlib.rcParams)
        assert picture(data, dpi=60) == plain
        assert dict(matplotlib.rcParams) == before


@pytest.mark.parametrize("size", [(3, 1.5), (0.5, 0.5), (30, 20)])
@pytest.mark.parametrize("count", [0, 1, 5, 10])
def test_any_number_of_metrics_fits_into_any_window(data, size, count):
    data.set_metrics([f"Metric{i}" for i in range(count)])
    data.set_info([f"Info{i}" for i in range(count)])
    figure = Figure(figsize=size, dpi=20)
    FigureCanvasAgg(figure)
    draw(figure, data)
    draw(figure, data)
    figure.canvas.draw()
    assert len(plots(figure)) == count


def test_metrics_have_colours_of_their_own(data):
    data.set_metrics(["A", "B", "C"])
    data.group("G", ["A", "B", "C"])
    data.record(1, {"A": 1, "B": 2, "C": 3})
    lines = plots(drawn(data))[0].lines
    assert [to_hex(line.get_color()).upper() for line in lines] == list(COLORS[:3])
