import math

import numpy as np
import pytest

from dltk._errors import OptionError, StateError
from dltk.monitor._data import Data


@pytest.fixture
def data(clock):
    data = Data(clock)
    data.set_metrics(["TrainingLoss", "ValidationLoss", "Accuracy"])
    data.set_info(["Epoch", "LearnRate"])
    return data


def test_a_metric_may_be_left_out_at_some_steps(data):
    for step in range(1, 5):
        data.record(step, {"TrainingLoss": 1 / step})
        if step % 2 == 0:
            data.record(step, {"ValidationLoss": step})
    read = data.metric_data()
    np.testing.assert_array_equal(read.TrainingLoss, [[1, 1], [2, 1 / 2], [3, 1 / 3], [4, 1 / 4]])
    np.testing.assert_array_equal(read.ValidationLoss, [[2, 2], [4, 4]])
    assert read.Accuracy.shape == (0, 2)


def test_infos_are_columns_of_numbers_or_texts(data, watched):
    data.update_info({"Epoch": "1 of 2", "LearnRate": 0.1})
    data.update_info({"Epoch": "2 of 2", "LearnRate": watched(0.05)})
    read = data.info_data()
    assert read.Epoch.tolist() == ["1 of 2", "2 of 2"]
    np.testing.assert_array_equal(read.LearnRate, [0.1, 0.05])


def test_the_newest_info_that_is_computed_is_shown(data, watched):
    data.update_info({"LearnRate": 0.1})
    late = watched(0.05, ready=False)
    data.update_info({"LearnRate": late})
    assert data.latest_info() == {"Epoch": "", "LearnRate": "0.1"}
    late.ready = True
    assert data.latest_info()["LearnRate"] == "0.05"


@pytest.mark.parametrize(
    ("step", "metrics", "text"),
    [
        (2, {"TraningLoss": 1}, '"TraningLoss" is not a metric of this monitor'),
        (2, {"TrainingLoss": np.ones(3)}, '"TrainingLoss" is not a real scalar'),
        (1, {"TrainingLoss": 1}, "steps must be finite and increase"),
        (math.nan, {"TrainingLoss": 1}, "steps must be finite and increase"),
        (math.inf, {"TrainingLoss": 1}, "steps must be finite and increase"),
        ("2", {"TrainingLoss": 1}, 'value of "step" is not a real scalar'),
    ],
)
def test_a_wrong_record_is_refused_as_a_whole(data, step, metrics, text):
    data.record(1, {"TrainingLoss": 1})
    with pytest.raises(OptionError, match=text):
        data.record(step, {"Accuracy": 50, **metrics})
    read = data.metric_data()
    assert (len(read.TrainingLoss), len(read.Accuracy)) == (1, 0)


def test_an_unknown_metric_is_told_the_near_one(data):
    with pytest.raises(OptionError) as caught:
        data.record(1, {"ValidatonLoss": 1})
    assert 'Did you mean "ValidationLoss"?' in str(caught.value)
    assert caught.value.got["Metrics"] == "TrainingLoss, ValidationLoss, Accuracy"


def test_a_step_back_shows_both_steps(data):
    data.record(150, {"Accuracy": 1})
    with pytest.raises(OptionError) as caught:
        data.record(149, {"Accuracy": 1})
    assert caught.value.got == {"step": "149", "last step of Accuracy": "150"}
    assert "new trainingProgressMonitor" in str(caught.value)


def test_recording_before_metrics_are_named_says_how_to_name_them(clock):
    with pytest.raises(StateError) as caught:
        Data(clock).record(1, {"Loss": 1, "Accuracy": 2})
    assert "has no metrics yet" in str(caught.value)
    assert "monitor.Metrics = ['Loss', 'Accuracy']" in str(caught.value)


def test_an_unknown_info_is_told_how_to_name_it(clock):
    with pytest.raises(OptionError) as caught:
        Data(clock).update_info({"Epoch": 1})
    assert '"Epoch" is not an info of this monitor' in str(caught.value)
    assert 'monitor.Info = ["Epoch"]' in str(caught.value)


def test_metrics_and_infos_stay_once_values_are_recorded(data):
    data.record(1, {"Accuracy": 1})
    data.update_info({"Epoch": 1})
    data.set_metrics(["TrainingLoss", "ValidationLoss", "Accuracy"])
    with pytest.raises(
        StateError, match="Metrics cannot change any more, because Accuracy has rec"
    ):
        data.set_metrics("Loss")
    with pytest.raises(StateError, match="Info cannot change any more, because Epoch has values"):
        data.set_info(["Epoch"])


def test_naming_metrics_anew_drops_groups_and_scales_of_old_ones(data):
    data.group("Loss", ["TrainingLoss", "ValidationLoss"])
    data.set_scale("Loss", "log")
    data.set_scale("Accuracy", "log")
    data.set_metrics(["Loss", "Accuracy"])
    assert [tuple(panel) for panel in data.panels()] == [
        ("Loss", ("Loss",), "linear"),
        ("Accuracy", ("Accuracy",), "log"),
    ]


@pytest.mark.parametrize("percent", [-1, 100.2, math.nan, math.inf, "50", [50]])
def test_progress_outside_of_0_to_100_is_refused(data, percent):
    with pytest.raises(OptionError, match="Progress"):
        data.set_progress(percent)
    assert data.progress is None


def test_progress_rounded_past_100_is_100(data):
    data.set_progress(100 + 1e-12)
    assert data.progress == 100


def test_remaining_time_is_in_proportion(data, clock):
    clock.now = 30.0
    data.set_progress(25)
    assert (data.elapsed, data.remaining) == (30, 90)


def test_groups_take_the_place_of_their_first_metric(data):
    data.group("Losses", "ValidationLoss")
    data.group("Losses", ["TrainingLoss"])
    data.set_scale("TrainingLoss", "log")
    assert [tuple(panel) for panel in data.panels()] == [
        ("Losses", ("ValidationLoss", "TrainingLoss"), "log"),
        ("Accuracy", ("Accuracy",), "linear"),
    ]


def test_a_scale_of_all_metrics_becomes_the_scale_of_their_group(data):
    data.set_scale("TrainingLoss", "log")
    data.set_scale("ValidationLoss", "log")
    data.group("Losses", ["TrainingLoss", "ValidationLoss"])
    assert data.panels()[0].scale == "log"
    data.set_scale("Losses", "linear")
    assert data.panels()[0].scale == "linear"


def test_a_group_of_different_scales_is_refused(data):
    data.set_scale("TrainingLoss", "log")
    with pytest.raises(OptionError, match="metrics of one sub-plot have one scale") as caught:
        data.group("Losses", ["TrainingLoss", "ValidationLoss"])
    assert caught.value.got == {"TrainingLoss": "log", "ValidationLoss": "linear"}
    assert len(data.panels()) == 3


def test_a_metric_in_two_groups_is_refused(data):
    data.group("Losses", ["TrainingLoss", "ValidationLoss"])
    with pytest.raises(OptionError, match="one group only") as caught:
        data.group("Training", ["TrainingLoss", "Accuracy"])
    assert caught.value.got["Losses"] == "TrainingLoss, ValidationLoss"


@pytest.mark.parametrize(
    ("call", "text"),
    [
        (lambda data: data.group("G", ["Acuracy"]), 'Did you mean "Accuracy"'),
        (lambda data: data.group(["A", "B"], "Accuracy"), "name of a group is a text"),
        (lambda data: data.set_scale("Los", "log"), '"Los" is not a metric or group'),
        (lambda data: data.set_scale("Accuracy", "logarithmic"), 'Use one of: "linear", "log"'),
    ],
)
def test_wrong_words_for_groups_and_scales_are_refused(data, call, text):
    with pytest.raises(OptionError, match=text):
        call(data)
