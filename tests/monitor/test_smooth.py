import numpy as np
import pytest

from dltk.monitor._smooth import _local_lines, thin_out, trend


def test_local_lines_are_numpys_fits_of_each_neighbourhood():
    rng = np.random.default_rng(0)
    x = np.cumsum(rng.uniform(0.5, 2, 40))
    y = rng.normal(size=40)
    windows = [slice(max(0, i - 4), i + 5) for i in range(40)]
    fits = [np.polyval(np.polyfit(x[w], y[w], 1), x[i]) for i, w in enumerate(windows)]
    np.testing.assert_allclose(_local_lines(x, y, 4), fits, rtol=1e-9)


def test_the_trend_of_a_noisy_decay_is_nearer_to_the_truth_everywhere():
    rng = np.random.default_rng(1)
    x = np.arange(500.0)
    truth = 2 * np.exp(-x / 80)
    noisy = truth + rng.normal(scale=0.2, size=500)
    smooth = trend(x, noisy)
    for part in np.split(np.arange(500), 5):
        assert np.std((smooth - truth)[part]) < 0.5 * np.std((noisy - truth)[part])


@pytest.mark.parametrize(
    "y",
    [1 / np.arange(1.0, 200), np.full(100, 3.0), np.sin(np.arange(29)), np.exp(-np.arange(99.0))],
    ids=["smooth with a steep start", "constant", "few points", "decay"],
)
def test_smooth_or_short_curves_are_left_alone(y):
    assert trend(np.arange(len(y), dtype=float), y) is None


def test_missing_values_stay_missing_in_the_trend():
    y = np.random.default_rng(2).normal(size=100)
    y[[10, 50]] = np.nan, np.inf
    assert np.flatnonzero(~np.isfinite(trend(np.arange(100.0), y))).tolist() == [10, 50]


@pytest.mark.parametrize("count", [2000, 2001, 54321])
def test_a_thinned_curve_keeps_ends_and_extremes(count):
    x = np.arange(float(count))
    y = np.random.default_rng(3).normal(size=count)
    y[count // 2], y[count // 3] = 50, -50
    few_x, few_y = thin_out(x, y)
    assert len(few_x) <= 2100
    assert np.isin([0, count // 3, count // 2, count - 1], few_x).all()
    np.testing.assert_array_equal(y[few_x.astype(int)], few_y)


def test_a_thinned_curve_passes_over_nan():
    y = np.tile([np.nan, 1.0, 2.0, 3.0], 2000)
    _, few = thin_out(np.arange(8000.0), y)
    assert {1.0, 3.0} <= set(few[~np.isnan(few)])
