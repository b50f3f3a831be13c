"""Pooling against loops in NumPy, published numbers and finite differences."""

import itertools

import numpy as np
import pytest

from dltk._errors import FormatError, OptionError
from dltk.dlarray import dlarray, extractdata
from dltk.functions._pooling import avgpool, maxpool, maxunpool

from .gradients import assert_derivatives, gradient

RANDOM = np.random.default_rng(2)


def draw(*shape, dtype=np.float64):
    return RANDOM.standard_normal(shape).astype(dtype)


def assert_close(actual, wanted, tolerance=1e-12):
    np.testing.assert_allclose(actual, wanted, rtol=tolerance, atol=tolerance)


def pool(x, reduce, window, strides, pads, fill):
    """Pool the first dimensions of x by loops."""
    k = len(window)
    x = np.pad(x, [*pads, *[(0, 0)] * (x.ndim - k)], constant_values=fill)
    sizes = [(n - w) // s + 1 for n, w, s in zip(x.shape, window, strides, strict=False)]
    y = np.zeros((*sizes, *x.shape[k:]))
    for cell in itertools.product(*map(range, sizes)):
        part = tuple(slice(i * s, i * s + w) for i, s, w in zip(cell, strides, window, strict=True))
        y[cell] = reduce(x[part], axis=tuple(range(k)))
    return y


# labels and size of X, pool size, stride, padding (before, after)
CASES = {
    "1-D": ("SCB", (9, 3, 2), (3,), (1,), [(0, 0)]),
    "apart": ("SSCB", (8, 6, 3, 2), (2, 2), (2, 2), [(0, 0), (0, 0)]),
    "apart, with a rest": ("SSCB", (8, 9, 3, 2), (3, 2), (3, 2), [(0, 0), (0, 0)]),
    "apart, odd": ("SSCB", (15, 14, 2, 2), (7, 5), (7, 5), [(0, 0), (1, 0)]),
    "gaps": ("SCB", (11, 2, 2), (2,), (4,), [(1, 1)]),
    "overlapping": ("SSCB", (8, 9, 3, 2), (3, 3), (2, 2), [(1, 0), (0, 1)]),
    "different": ("SSCB", (8, 9, 3, 2), (3, 2), (1, 2), [(2, 1), (0, 1)]),
    "long": ("SCB", (40, 2, 2), (13,), (1,), [(3, 4)]),
    "long, strided": ("SCB", (60, 2, 1), (21,), (4,), [(0, 0)]),
    "3-D": ("SSSCB", (4, 5, 6, 2, 1), (2, 3, 2), (1, 2, 2), [(0, 0), (1, 1), (0, 0)]),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_maxpool_equals_loops_over_windows(case):
    fmt, size, window, strides, pads = case
    x = draw(*size)
    Y = maxpool(dlarray(x, fmt), window, Stride=strides, Padding=np.array(pads).T)
    assert Y.dims == fmt
    assert_close(extractdata(Y), pool(x, np.max, window, strides, pads, -np.inf))


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_avgpool_equals_loops_over_windows(case):
    fmt, size, window, strides, pads = case
    x = draw(*size)
    options = {"Stride": strides, "Padding": np.array(pads).T}
    zeros = avgpool(dlarray(x, fmt), window, **options)
    assert_close(extractdata(zeros), pool(x, np.mean, window, strides, pads, 0))
    inside = avgpool(dlarray(x, fmt), window, **options, PaddingValue="mean")
    assert_close(extractdata(inside), pool(x, np.nanmean, window, strides, pads, np.nan))


def test_the_stride_is_one_unless_given():
    X = dlarray(draw(8, 2, 3), "SCB")
    assert maxpool(X, 2).shape == (7, 2, 3)
    assert avgpool(X, 2).shape == (7, 2, 3)


@pytest.mark.parametrize("sizes", [(7, 3, 1), (8, 3, 2), (7, 2, 3), (6, 5, 2)])
def test_same_padding_gives_the_rounded_up_size(sizes):
    n, k, s = sizes
    x = draw(n, 2)
    total = max((-(-n // s) - 1) * s + k - n, 0)
    pads = [(total // 2, total - total // 2)]
    X = dlarray(x, "SC")
    largest = maxpool(X, k, Stride=s, Padding="same")
    assert_close(extractdata(largest), pool(x, np.max, (k,), (s,), pads, -np.inf))
    mean = avgpool(X, k, Stride=s, Padding="same", PaddingValue="mean")
    assert_close(extractdata(mean), pool(x, np.nanmean, (k,), (s,), pads, np.nan))


# The reference page of maxpool: a random 6-by-6 array, its maxima and their positions.

PUBLISHED = np.random.RandomState(5489).random_sample(36).reshape(6, 6, order="F")


def test_maxpool_gives_the_numbers_on_its_reference_page():
    X = dlarray(PUBLISHED[:, :, None, None], "SSCB")
    Y, indx, size = maxpool(X, 2, Stride=2, nargout=3)
    printed = [[0.9058, 0.9595, 0.7577], [0.9649, 0.8003, 0.7431], [0.9706, 0.9340, 0.8235]]
    assert_close(extractdata(Y)[:, :, 0, 0].round(4), printed)
    assert extractdata(indx).ravel(order="F").tolist() == [2, 10, 12, 20, 15, 24, 26, 27, 36]
    assert (indx.dims, indx.shape) == ("SSCB", (3, 3, 1, 1))
    assert size.tolist() == [6, 6, 1, 1]
    wanted = np.zeros(36)
    wanted[np.array([2, 10, 12, 20, 15, 24, 26, 27, 36]) - 1] = extractdata(Y).ravel(order="F")
    back = maxunpool(Y, indx, size)
    assert_close(extractdata(back)[:, :, 0, 0], wanted.reshape(6, 6, order="F"))


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_positions_point_at_the_maxima(case):
    fmt, size, window, strides, pads = case
    x = draw(*size)
    Y, indx, _ = maxpool(
        dlarray(x, fmt), window, Stride=strides, Padding=np.array(pads).T, nargout=3
    )
    found = x.ravel(order="F")[extractdata(indx).astype(int) - 1]
    assert_close(found, extractdata(Y))


def test_of_equal_values_the_first_in_the_column_wins():
    x = np.array([[0.0, 5.0, 1.0], [5.0, 5.0, 1.0], [5.0, 0.0, 1.0]])
    _, indx, _ = maxpool(dlarray(x, "SS"), 3, nargout=3)
    assert extractdata(indx).item() == 2
    received = gradient(lambda X: maxpool(X, 3), x, "SS")
    assert np.flatnonzero(received.ravel(order="F")).tolist() == [1]
    assert received.sum() == 1


def test_nan_is_not_hidden():
    X = dlarray([[1.0], [np.nan], [2.0], [3.0]], "SC")
    assert np.isnan(extractdata(maxpool(X, 2, Stride=2)).ravel()).tolist() == [True, False]


@pytest.mark.parametrize("fmt", ["BCSS", "SSCB", "CSBS"])
def test_data_format_counts_positions_in_the_callers_order(fmt):
    sizes = {"B": [2], "C": [3], "S": [6, 8]}
    x = draw(*(sizes[letter].pop(0) for letter in fmt))
    Y, indx, size = maxpool(dlarray(x), 2, Stride=2, DataFormat=fmt, nargout=3)
    assert (Y.dims, indx.dims, tuple(size)) == ("", "", x.shape)
    assert_close(x.ravel(order="F")[extractdata(indx).astype(int) - 1], extractdata(Y))
    back = maxunpool(Y, indx, size, DataFormat=fmt)
    assert back.dims == ""
    assert_close(extractdata(back) != 0, np.isin(x, extractdata(Y)))
    assert_close(extractdata(back)[extractdata(back) != 0], x[np.isin(x, extractdata(Y))])
    labelled = extractdata(avgpool(dlarray(x, fmt), 2))
    plain = avgpool(dlarray(x), 2, DataFormat=fmt)
    order = [{"S": 0, "C": 2, "B": 3}[letter] for letter in fmt]
    order[fmt.rindex("S")] = 1
    assert_close(extractdata(plain), labelled.transpose(order))


def test_pool_format_pools_over_time():
    x = draw(5, 3, 2, 8)  # SCBT
    X = dlarray(x, "SCBT")
    time = maxpool(X, 4, PoolFormat="T", Stride=2)
    wanted = pool(np.moveaxis(x, 3, 0), np.max, (4,), (2,), [(0, 0)], 0)
    assert_close(extractdata(time), np.moveaxis(wanted, 0, 3))
    both = avgpool(X, [2, 4], PoolFormat="ST", Stride=[1, 2])
    wanted = pool(np.moveaxis(x, 3, 1), np.mean, (2, 4), (1, 2), [(0, 0)] * 2, 0)
    assert_close(extractdata(both), np.moveaxis(wanted, 1, 3))
    turned = avgpool(X, [4, 2], PoolFormat="TS", Stride=[2, 1])
    assert_close(extractdata(turned), extractdata(both))


def test_time_and_observations_are_left_alone_without_pool_format():
    x = draw(4, 4, 2, 3, 5)
    Y = maxpool(dlarray(x, "SSCBT"), 2)
    page = maxpool(dlarray(x[..., 2], "SSCB"), 2)
    assert_close(extractdata(Y)[..., 2], extractdata(page))


def test_global_pooling_leaves_one_cell():
    x = draw(5, 4, 3, 2)
    X = dlarray(x, "SSCB")
    largest = maxpool(X, "global")
    assert (largest.dims, largest.shape) == ("SSCB", (1, 1, 3, 2))
    assert_close(extractdata(largest)[0, 0], x.max((0, 1)))
    assert_close(extractdata(avgpool(X, "global"))[0, 0], x.mean((0, 1)))
    sequence = draw(3, 2, 7)
    mean = avgpool(dlarray(sequence, "CBT"), "global", PoolFormat="T")
    assert (mean.dims, mean.shape) == ("CBT", (3, 2, 1))
    assert_close(extractdata(mean)[..., 0], sequence.mean(2))


def test_single_stays_single():
    X = dlarray(draw(4, 4, 1, 2, dtype=np.float32), "SSCB")
    Y, indx, size = maxpool(X, 2, Stride=2, nargout=3)
    assert (Y.dtype, indx.dtype) == (np.float32, np.float64)
    assert maxunpool(Y, indx, size).dtype == np.float32
    assert avgpool(X, 2, Padding="same", PaddingValue="mean").dtype == np.float32


def test_maxunpool_keeps_the_last_of_equal_positions_within_size():
    X = dlarray([[1.0], [2.0]], "SC")
    Y = maxunpool(X, dlarray([[3.0], [9.0]], "SC"), [4, 1])
    assert extractdata(Y).ravel().tolist() == [0, 0, 1, 0]


GRADIENTS = {
    "apart": ("SSCB", (4, 4, 2, 1), 2, {"Stride": 2}),
    "odd": ("SCB", (7, 2, 1), 3, {"Stride": 3}),
    "overlapping": ("SSCB", (5, 4, 1, 2), 3, {"Stride": 2, "Padding": "same"}),
    "long": ("SCB", (14, 1, 2), 9, {"Stride": 2}),
    "time": ("CBT", (2, 1, 6), 2, {"PoolFormat": "T"}),
}


@pytest.mark.parametrize("function", [maxpool, avgpool])
@pytest.mark.parametrize("case", GRADIENTS.values(), ids=GRADIENTS)
def test_pooling_has_right_first_and_second_derivatives(function, case):
    fmt, size, window, options = case
    x = RANDOM.permutation(np.prod(size)).reshape(size) / 7  # no ties, far from any

    assert_derivatives(lambda X: function(X, window, **options) ** 3, x, fmts=[fmt])


def test_maxunpool_has_right_derivatives():
    Y, indx, size = maxpool(dlarray(draw(4, 6, 2), "SSC"), 2, Stride=2, nargout=3)
    assert_derivatives(lambda X: maxunpool(X, indx, size) ** 3, extractdata(Y), fmts=["SSC"])


# Errors


def message(error, function, *arguments, **options):
    with pytest.raises(error) as caught:
        function(*arguments, **options)
    return str(caught.value)


X = dlarray(np.zeros((6, 8, 3, 2)), "SSCB")


def test_padding_as_large_as_the_window_is_refused():
    text = message(OptionError, maxpool, X, 2, Padding=2)
    assert "maxpool: Padding must be smaller than the pool size." in text


def test_windows_larger_than_the_data_are_refused():
    text = message(FormatError, avgpool, X, [7, 2])
    assert "windows of 7×2 cells do not fit into 6×8" in text
    assert "X: 6(S) × 8(S) × 3(C) × 2(B)" in text


def test_data_without_space_hints_at_time():
    text = message(FormatError, maxpool, dlarray(np.zeros((3, 2, 9)), "CBT"), 2)
    assert 'PoolFormat="T"' in text


@pytest.mark.parametrize(
    ("arguments", "options", "part"),
    [
        ((2,), {"PoolFormat": "T"}, "PoolFormat does not fit X"),
        ((2,), {"PoolFormat": "S"}, 'It names all "S" dimensions'),
        ((2,), {"PoolFormat": "SSC"}, "PoolFormat does not fit X"),
        ((2,), {"DataFormat": "SSCB"}, "DataFormat is given, but X has labels"),
    ],
)
def test_labels_that_do_not_fit_are_explained(arguments, options, part):
    assert part in message(FormatError, maxpool, X, *arguments, **options)


@pytest.mark.parametrize(
    ("function", "arguments", "options", "part"),
    [
        (maxpool, ("all",), {}, '"global"'),
        (maxpool, ("global",), {"Padding": 1}, "leaves nothing to pad"),
        (maxpool, ([2, 2, 2],), {}, "poolsize has 3 values for 2 dimensions"),
        (maxpool, (2,), {"nargout": 4}, "nargout must be 1 or 2 or 3"),
        (avgpool, (2,), {"PaddingValue": 1}, 'PaddingValue is 0 or "mean"'),
        (avgpool, (2.5,), {}, "poolsize must be a positive whole number"),
    ],
)
def test_wrong_options_are_explained(function, arguments, options, part):
    assert part in message(OptionError, function, X, *arguments, **options)


def test_complex_data_has_no_maximum():
    text = message(OptionError, maxpool, dlarray(np.zeros((4, 1), complex), "SC"), 2)
    assert "complex numbers have no maximum" in text


def test_maxunpool_refuses_sizes_that_do_not_fit():
    Y, indx, size = maxpool(X, 2, Stride=2, nargout=3)
    text = message(FormatError, maxunpool, Y, indx, [6, 8, 4, 2])
    assert 'only in "S" and "T" dimensions' in text
    assert "outputSize: [6, 8, 4, 2]" in text
    assert "indx does not have the size of X" in message(FormatError, maxunpool, Y, X, size)
