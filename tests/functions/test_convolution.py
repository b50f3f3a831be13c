"""dlconv and dltranspconv against loops in NumPy, SciPy, closed forms and finite differences."""

import itertools

import jax
import numpy as np
import pytest
from scipy.signal import correlate

from dltk._errors import FormatError, OptionError
from dltk.dlarray import dlarray, extractdata
from dltk.functions._convolution import dlconv, dltranspconv

from .gradients import assert_derivatives

RANDOM = np.random.default_rng(1)


def draw(*shape, dtype=np.float64):
    return RANDOM.standard_normal(shape).astype(dtype)


def assert_close(actual, wanted, tolerance=1e-12):
    np.testing.assert_allclose(actual, wanted, rtol=tolerance, atol=tolerance)


def convolve(x, w, strides, dilation, pads):
    """x: observations × channels × space, w: space × channels × filters × groups, by loops."""
    k = len(strides)
    x = np.pad(x, [(0, 0), (0, 0), *pads])
    window, (c, f, groups) = w.shape[:k], w.shape[k:]
    sizes = [
        (n - (e - 1) * d - 1) // s + 1
        for n, e, d, s in zip(x.shape[2:], window, dilation, strides, strict=True)
    ]
    y = np.zeros((x.shape[0], f * groups, *sizes))
    for g, cell in itertools.product(range(groups), itertools.product(*map(range, window))):
        part = tuple(
            slice(i * d, i * d + (n - 1) * s + 1, s)
            for i, d, n, s in zip(cell, dilation, sizes, strides, strict=True)
        )
        seen = x[(slice(None), slice(g * c, (g + 1) * c), *part)]
        y[:, g * f : (g + 1) * f] += np.einsum("bc...,cf->bf...", seen, w[(*cell, ..., g)])
    return y


def stamp(x, w, strides, dilation, crops):
    """Transposed convolution by loops; w: space × filters × channels × groups."""
    k = len(strides)
    window, (f, c, groups) = w.shape[:k], w.shape[k:]
    sizes = [
        (n - 1) * s + (e - 1) * d + 1
        for n, e, d, s in zip(x.shape[2:], window, dilation, strides, strict=True)
    ]
    y = np.zeros((x.shape[0], f * groups, *sizes))
    for g, cell in itertools.product(range(groups), itertools.product(*map(range, window))):
        part = tuple(
            slice(i * d, i * d + (n - 1) * s + 1, s)
            for i, d, n, s in zip(cell, dilation, x.shape[2:], strides, strict=True)
        )
        seen = x[:, g * c : (g + 1) * c]
        y[(slice(None), slice(g * f, (g + 1) * f), *part)] += np.einsum(
            "bc...,fc->bf...", seen, w[(*cell, ..., g)]
        )
    keep = tuple(slice(a, n - b) for n, (a, b) in zip(sizes, crops, strict=True))
    return y[(..., *keep)]


# sizes of X in "S..CB", weights, stride, dilation, padding (before, after)
CASES = {
    "1-D": ((9,), (3, 2, 4, 1), (1,), (1,), [(0, 0)]),
    "1-D strided, causal": ((9,), (3, 2, 4, 1), (2,), (2,), [(4, 0)]),
    "2-D": ((7, 6), (3, 2, 3, 4, 1), (1, 1), (1, 1), [(0, 0), (0, 0)]),
    "2-D strided, padded": ((7, 6), (3, 2, 3, 4, 1), (2, 1), (1, 2), [(1, 2), (0, 1)]),
    "2-D grouped": ((5, 5), (2, 2, 2, 3, 2), (1, 2), (1, 1), [(1, 1), (0, 0)]),
    "2-D channel-wise": ((5, 5), (3, 3, 1, 1, 3), (1, 1), (1, 1), [(1, 1), (1, 1)]),
    "3-D": ((4, 5, 3), (2, 3, 2, 2, 3, 1), (1, 2, 1), (1, 1, 2), [(0, 1), (1, 0), (1, 1)]),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_dlconv_equals_loops_over_the_filter(case):
    space, shape, strides, dilation, pads = case
    k = len(space)
    x, w, b = draw(2, shape[k] * shape[-1], *space), draw(*shape), draw(shape[-2] * shape[-1])
    Y = dlconv(
        dlarray(x, "BC" + "S" * k),
        w,
        b,
        Stride=strides,
        DilationFactor=dilation,
        Padding=np.array(pads).T,
    )
    wanted = convolve(x, w, strides, dilation, pads) + b.reshape(-1, *(1,) * k)
    assert Y.dims == "S" * k + "CB"
    assert_close(extractdata(Y), np.moveaxis(wanted, (0, 1), (-1, -2)))


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_dltranspconv_equals_stamping_by_loops(case):
    space, shape, strides, dilation, crops = case
    k = len(space)
    crops = [(min(a, 1), min(b, 1)) for a, b in crops]
    shape = (*shape[:k], shape[k + 1], shape[k], shape[-1])
    x, w = draw(2, shape[-2] * shape[-1], *space), draw(*shape)
    b = draw(shape[k] * shape[-1])
    Y = dltranspconv(
        dlarray(x, "BC" + "S" * k),
        w,
        b[:, None],
        Stride=strides,
        DilationFactor=dilation,
        Cropping=np.array(crops).T,
    )
    wanted = stamp(x, w, strides, dilation, crops) + b.reshape(-1, *(1,) * k)
    assert_close(extractdata(Y), np.moveaxis(wanted, (0, 1), (-1, -2)))


def test_dltranspconv_is_the_adjoint_of_dlconv():
    x, w = draw(7, 5, 2, 3), draw(3, 2, 2, 4)
    options = {"Stride": (2, 1), "DilationFactor": (1, 2)}
    Y = dlconv(dlarray(x, "SSCB"), w, 0, **options)
    z = draw(*Y.shape)
    back = dltranspconv(dlarray(z, "SSCB"), w, 0, **options)
    assert_close(np.sum(extractdata(Y) * z), np.sum(x * extractdata(back)))


def test_one_filter_is_scipys_correlation():
    x, w = draw(8, 9), draw(3, 4)
    Y = dlconv(dlarray(x, "SSC"), w, 0)
    assert_close(extractdata(Y)[..., 0], correlate(x, w, "valid"))


def test_trailing_singletons_of_weights_may_be_missing():
    x, w = draw(5, 6, 3, 2), draw(2, 2, 3)
    given = dlconv(dlarray(x, "SSCB"), w, 0)
    labelled = dlconv(dlarray(x, "SSCB"), dlarray(w, "SSC"), 0)
    full = dlconv(dlarray(x, "SSCB"), w[..., None, None], 0)
    assert given.shape == (4, 5, 1, 2)
    assert_close(extractdata(given), extractdata(full))
    assert_close(extractdata(labelled), extractdata(full))


@pytest.mark.parametrize("sizes", [(7, 3, 1), (8, 3, 2), (7, 2, 3), (6, 5, 2), (5, 1, 3)])
def test_same_padding_gives_the_rounded_up_size_and_puts_the_odd_cell_last(sizes):
    n, k, s = sizes
    x, w = draw(1, 1, n), draw(k, 1, 1, 1)
    total = max((-(-n // s) - 1) * s + k - n, 0)
    wanted = convolve(x, w, (s,), (1,), [(total // 2, total - total // 2)])
    Y = dlconv(dlarray(x, "BCS"), w, 0, Stride=s, Padding="same")
    assert Y.shape[0] == -(-n // s)
    assert_close(extractdata(Y).ravel(), wanted.ravel())


@pytest.mark.parametrize("sizes", [(4, 3, 1), (4, 3, 2), (4, 4, 2), (4, 5, 2), (4, 2, 3)])
def test_same_cropping_multiplies_the_size_by_the_stride(sizes):
    n, k, s = sizes
    x, w = draw(1, 1, n), draw(k, 1, 1, 1)
    whole = stamp(x, w, (s,), (1,), [(0, 0)]).ravel()
    first = max(k - s, 0) // 2
    wanted = np.append(whole, np.zeros(s))[first : first + n * s]
    Y = dltranspconv(dlarray(x, "BCS"), w, 0, Stride=s, Cropping="same")
    assert_close(extractdata(Y).ravel(), wanted)


@pytest.mark.parametrize(
    ("value", "wanted"),  # two cells on the left of 1 2 3
    [
        ("symmetric-include-edge", [2, 1, 1, 2, 3]),
        ("symmetric-exclude-edge", [3, 2, 1, 2, 3]),
        ("replicate", [1, 1, 1, 2, 3]),
        (7, [7, 7, 1, 2, 3]),
        (0, [0, 0, 1, 2, 3]),
    ],
)
def test_padding_value_fills_the_cells(value, wanted):
    X = dlarray([[1.0], [2.0], [3.0]], "SC")
    Y = dlconv(X, [[1.0]], 0, Padding=[[2], [0]], PaddingValue=value)
    assert extractdata(Y).ravel().tolist() == wanted


def test_padding_forms_mean_the_same():
    X, w = dlarray(draw(5, 6, 1), "SSC"), draw(2, 2)
    matrix = dlconv(X, w, 0, Padding=[[1, 2], [1, 2]])
    row = dlconv(X, w, 0, Padding=[1, 2])
    assert matrix.shape == (6, 9, 1)
    assert_close(extractdata(matrix), extractdata(row))


def test_weights_with_time_slide_over_time():
    x, w = draw(3, 2, 9), draw(4, 3, 5)
    wanted = convolve(x.transpose(1, 0, 2), w[..., None], (1,), (1,), [(3, 0)])
    for weights, fmt in [(w, "TCU"), (dlarray(w, "TCU"), None)]:
        Y = dlconv(dlarray(x, "CBT"), weights, 0, WeightsFormat=fmt, Padding=[[3], [0]])
        assert Y.dims == "CBT"
        assert_close(extractdata(Y), wanted.transpose(1, 0, 2))


def test_weights_with_space_and_time_slide_over_both_and_without_over_space_alone():
    x, w = draw(5, 3, 2, 7), draw(2, 3, 3, 4)  # SCBT, and S T C U
    both = dlconv(dlarray(x, "SCBT"), w, 0, WeightsFormat="STCU", Stride=[1, 2])
    wanted = convolve(x.transpose(2, 1, 0, 3), w[..., None], (1, 2), (1, 1), [(0, 0)] * 2)
    assert_close(extractdata(both), wanted.transpose(2, 1, 0, 3))
    alone = dlconv(dlarray(x, "SCBT"), w[:, 0], 0)
    for t in range(7):
        page = dlconv(dlarray(x[..., t], "SCB"), w[:, 0], 0)
        assert_close(extractdata(alone)[..., t], extractdata(page))


def test_dltranspconv_over_time():
    x, w = draw(3, 2, 4), draw(5, 2, 3)  # T, filters, channels
    wanted = stamp(x.transpose(1, 0, 2), w[..., None], (2,), (1,), [(0, 0)])
    Y = dltranspconv(dlarray(x, "CBT"), w, 0, WeightsFormat="TCU", Stride=2)
    assert_close(extractdata(Y), wanted.transpose(1, 0, 2))


def test_unspecified_dimensions_are_observations():
    x, w = draw(5, 2, 3, 2), draw(2, 2, 4)  # SCBU
    Y = dlconv(dlarray(x, "SCBU"), w, 0)
    assert (Y.dims, Y.shape) == ("SCBU", (4, 4, 3, 2))
    page = dlconv(dlarray(x[..., 1], "SCB"), w, 0)
    assert_close(extractdata(Y)[..., 1], extractdata(page))


def test_labelled_weights_may_lie_in_any_order():
    x, w = draw(5, 6, 3, 2), draw(2, 3, 3, 4)
    Y = dlconv(dlarray(x, "SSCB"), w, 0)
    shuffled = dlarray(w.transpose(2, 0, 3, 1), "CSUS")
    assert_close(extractdata(dlconv(dlarray(x, "SSCB"), shuffled, 0)), extractdata(Y))


@pytest.mark.parametrize("function", [dlconv, dltranspconv])
def test_data_format_gives_unformatted_data_in_its_own_order(function):
    x, w = draw(2, 3, 5, 6), draw(2, 2, 3, 3)
    labelled = function(dlarray(x, "BCSS"), w, [1.0, 2.0, 3.0])
    for X, weights in [(dlarray(x), w), (x, dlarray(w))]:
        Y = function(X, weights, [1.0, 2.0, 3.0], DataFormat="BCSS")
        assert Y.dims == ""
        assert_close(extractdata(Y), extractdata(labelled).transpose(3, 2, 0, 1))


def test_bias_may_be_a_scalar_a_row_a_column_or_labelled():
    X, w = dlarray(draw(5, 2, 3), "SCB"), draw(2, 2, 4)
    none, b = extractdata(dlconv(X, w, 0)), np.arange(1.0, 5.0)
    wanted = none + b[:, None]
    for bias in [b, b[:, None], b.reshape(1, 1, 4), dlarray(b, "C"), dlarray(b)]:
        assert_close(extractdata(dlconv(X, w, bias)), wanted)
    assert_close(extractdata(dlconv(X, w, 2.0)), none + 2)
    assert_close(extractdata(dlconv(X, w, dlarray(0.0))), none)


@pytest.mark.parametrize("function", [dlconv, dltranspconv])
def test_single_wins_over_double(function):
    X = dlarray(draw(5, 2, 3, dtype=np.float32), "SCB")
    w = draw(2, 2, 2)
    assert function(X, w, w[0, 0]).dtype == np.float32
    assert function(X, w, 0).dtype == np.float32
    assert dlconv(X, w, 0, Padding=1, PaddingValue=0.5).dtype == np.float32
    assert function(dlarray(draw(5, 2, 3), "SCB"), w, w[0, 0]).dtype == np.float64


def test_complex_data_convolves():
    x, w = draw(6, 1) + 1j * draw(6, 1), draw(3, 1) - 1j * draw(3, 1)
    Y = dlconv(dlarray(x, "SC"), w, 0)
    assert_close(extractdata(Y).ravel(), np.correlate(x[:, 0], w[:, 0].conj(), "valid"))


GRADIENTS = {
    "1-D": ("SCB", (5, 2, 2), (3, 2, 2), {"Padding": "same"}),
    "2-D, strided": ("SSCB", (4, 5, 2, 2), (2, 3, 2, 2), {"Stride": 2, "Padding": 1}),
    "grouped, dilated": ("SCB", (6, 4, 1), (2, 2, 1, 2), {"DilationFactor": 2}),
    "replicated": ("SCB", (4, 1, 2), (3, 1, 2), {"Padding": 1, "PaddingValue": "replicate"}),
    "time": ("CBT", (2, 2, 5), (2, 2, 2), {"WeightsFormat": "TCU"}),
}


@pytest.mark.parametrize("case", GRADIENTS.values(), ids=GRADIENTS)
def test_dlconv_has_right_first_and_second_derivatives(case):
    fmt, size, shape, options = case
    groups = shape[3] if len(shape) > 3 and fmt == "SCB" else 1
    filters = shape[-1] * groups if groups == 1 else shape[-2] * groups

    def squares(X, weights, bias):
        return dlconv(X, weights, bias, **options) ** 2

    assert_derivatives(squares, draw(*size), draw(*shape), draw(filters), fmts=[fmt, "", ""])


def test_dltranspconv_has_right_first_and_second_derivatives():
    def squares(X, weights, bias):
        return dltranspconv(X, weights, bias, Stride=2, Cropping="same") ** 2

    assert_derivatives(squares, draw(2, 3, 2, 2), draw(3, 2, 2, 2), draw(2), fmts=["SSCB", "", ""])


def test_padding_value_has_a_derivative():
    def loss(value):
        X = dlarray(np.ones((3, 1)), "SC")
        return extractdata(dlconv(X, [[2.0]], 0, Padding=1, PaddingValue=value)).sum()

    with jax.enable_x64(True):
        assert float(jax.grad(loss)(5.0)) == 4.0


# Errors


def message(error, function, *arguments, **options):
    with pytest.raises(error) as caught:
        function(*arguments, **options)
    return str(caught.value)


X23 = dlarray(np.zeros((8, 9, 3, 2)), "SSCB")


@pytest.mark.parametrize(
    ("function", "shape"), [(dlconv, (3, 3, 4, 5)), (dltranspconv, (3, 3, 5, 4))]
)
def test_wrong_channels_show_both_sizes(function, shape):
    text = message(FormatError, function, X23, np.zeros(shape), 0)
    assert text.startswith(f"{function.__name__}: weights has 4 channels, X has 3 channels.")
    assert "X: 8(S) × 9(S) × 3(C) × 2(B)" in text
    assert f"weights: {'×'.join(map(str, shape))}" in text


def test_wrong_bias_tells_the_number_of_filters():
    text = message(FormatError, dlconv, X23, np.zeros((3, 3, 3, 5)), np.zeros(4))
    assert "bias has 4 values for 5 filters" in text
    text = message(FormatError, dlconv, X23, np.zeros((3, 3, 3, 5)), dlarray(np.zeros(5), "B"))
    assert 'with a size other than 1 only in "C"' in text


def test_missing_labels_tell_what_to_do():
    w = np.zeros((3, 3, 3, 5))
    assert 'say DataFormat="SSCB"' in message(FormatError, dlconv, dlarray(np.zeros((8, 9))), w, 0)
    assert "none of the inputs is a dlarray" in message(OptionError, dlconv, np.zeros(3), w, 0)
    both = message(FormatError, dlconv, X23, w, 0, DataFormat="SSCB")
    assert "DataFormat is given, but X has labels" in both
    short = message(FormatError, dlconv, np.zeros((8, 9, 3)), dlarray(w), 0, DataFormat="SS")
    assert short.startswith("dlconv: DataFormat has 2 labels, X has 3 dimensions.")


def test_sequences_without_space_need_weights_with_time():
    X = dlarray(np.zeros((3, 2, 9)), "CBT")
    assert 'WeightsFormat="TCU"' in message(FormatError, dlconv, X, np.zeros((3, 3, 5)), 0)
    text = message(FormatError, dlconv, X23, np.zeros((3, 3, 5)), 0, WeightsFormat="TCU")
    assert 'X has no "T" dimension' in text


def test_weights_of_another_dimension_are_refused():
    text = message(FormatError, dlconv, X23, dlarray(np.zeros((3, 3, 5)), "SCU"), 0)
    assert 'weights has 1 "S" dimensions, X has 2' in text
    text = message(FormatError, dlconv, X23, np.zeros((3, 3, 3, 5, 1, 2)), 0)
    assert 'in the order "SSCUU"' in text


def test_a_filter_larger_than_the_data_is_refused():
    text = message(FormatError, dlconv, X23, np.zeros((5, 2, 3, 1)), 0, DilationFactor=2)
    assert "reaches over 9×3 cells, the padded data has 8×9" in text


def test_cropping_everything_is_refused():
    text = message(FormatError, dltranspconv, X23, np.zeros((1, 1, 1, 3)), 0, Cropping=4)
    assert "nothing is left after cropping" in text


@pytest.mark.parametrize(
    ("options", "part"),
    [
        ({"Stride": 0}, "Stride must be a positive whole number"),
        ({"Stride": [1, 2, 3]}, "Stride has 3 values for 2 dimensions"),
        ({"Padding": [1, 2, 3]}, "a scalar, a vector of 2, or a matrix of 2×2"),
        ({"Padding": -1}, "must not be negative"),
        ({"Padding": "some"}, '"same"'),
        ({"PaddingValue": "symetric-include-edge"}, 'Did you mean "symmetric-include-edge"'),
    ],
)
def test_wrong_options_are_explained(options, part):
    assert part in message(OptionError, dlconv, X23, np.zeros((3, 3, 3, 5)), 0, **options)


def test_more_than_three_dimensions_are_refused():
    X = dlarray(np.zeros((4, 4, 4, 1, 1, 4)), "SSSCBT")
    text = message(FormatError, dlconv, X, dlarray(np.zeros((2, 2, 2, 1, 2)), "SSSCT"), 0)
    assert "at most 3 dimensions, here it would be 4" in text
