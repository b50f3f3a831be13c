"""fullyconnect and embed against published numbers, NumPy and finite differences."""

import numpy as np
import pytest

from dltk._errors import FormatError, OptionError
from dltk.dlarray import dlarray, extractdata
from dltk.functions._dense import embed, fullyconnect

from .gradients import assert_derivatives, gradient

RANDOM = np.random.default_rng(3)


def draw(*shape, dtype=np.float64):
    return RANDOM.standard_normal(shape).astype(dtype)


def assert_close(actual, wanted, tolerance=1e-12):
    np.testing.assert_allclose(actual, wanted, rtol=tolerance, atol=tolerance)


def matlab_rand(*shape):
    """The first numbers of rand in a fresh MATLAB, column by column."""
    stream = np.random.RandomState(5489)
    return stream.random_sample(int(np.prod(shape))).reshape(shape, order="F")


# fullyconnect


def test_fullyconnect_gives_the_number_on_its_reference_page():
    X = dlarray(matlab_rand(12, 12, 32, 1), "SSCB")
    Y = fullyconnect(X, np.ones((10, 12, 12, 32)), np.ones((10, 1)))
    assert (Y.dims, Y.shape) == ("CB", (10, 1))
    assert f"{extractdata(Y)[0, 0] / 1000:.4f}" == "2.3266"
    assert np.ptp(extractdata(Y)) == 0


def test_fullyconnect_of_features_has_the_size_on_its_reference_page():
    Y = fullyconnect(dlarray(draw(128, 12), "BC"), draw(10, 12), draw(10, 1))
    assert (Y.dims, Y.shape) == ("CB", (10, 128))


@pytest.mark.parametrize(
    ("fmt", "shape", "result"),
    [
        ("CB", (5, 3), "CB"),
        ("SCB", (4, 2, 3), "CB"),
        ("SSCB", (4, 3, 2, 5), "CB"),
        ("SSSCB", (2, 3, 2, 2, 4), "CB"),
        ("CBT", (5, 3, 4), "CBT"),
        ("SCBT", (2, 3, 2, 4), "CBT"),
        ("CBTU", (2, 3, 2, 4), "CBT"),
        ("BUU", (3, 2, 4), "CB"),
        ("CT", (2, 5), "CT"),
        ("SSC", (2, 3, 4), "CU"),
        ("SB", (2, 3), "CB"),
    ],
)
def test_fullyconnect_multiplies_columns_of_joined_dimensions(fmt, shape, result):
    x = draw(*shape)
    X = dlarray(x, fmt)
    joined = [n for n, letter in zip(X.shape, X.dims, strict=True) if letter in "SCU"]
    kept = [n for n, letter in zip(X.shape, X.dims, strict=True) if letter in "BT"]
    w, b = draw(3, int(np.prod(joined))), draw(3)
    # observations last, joined dimensions in MATLAB's order
    letters = [i for i, letter in enumerate(X.dims) if letter in "SCU"]
    others = [i for i, letter in enumerate(X.dims) if letter in "BT"]
    columns = extractdata(X).transpose(*letters, *others).reshape(-1, *kept, order="F")
    columns = columns.reshape(w.shape[1], -1, order="F")
    wanted = (w @ columns + b[:, None]).reshape(3, *(kept or [1]), order="F")
    Y = fullyconnect(X, w, b)
    assert Y.dims == result
    assert_close(extractdata(Y), wanted)


def test_weights_may_be_flat_unflattened_or_labelled():
    X = dlarray(draw(4, 3, 2, 5), "SSCB")
    w = draw(6, 24)
    wanted = extractdata(fullyconnect(X, w, 0))
    full = w.reshape(6, 4, 3, 2, order="F")
    for weights in [
        full,
        dlarray(full),
        dlarray(full, "USSC"),
        dlarray(w, "UC"),
        dlarray(w.T, "CU"),
    ]:
        assert_close(extractdata(fullyconnect(X, weights, 0)), wanted)


def test_bias_may_be_none_a_scalar_a_vector_or_labelled():
    X, w, b = dlarray(draw(4, 5), "CB"), draw(3, 4), draw(3)
    none = extractdata(fullyconnect(X, w, 0))
    for bias in [b, b[:, None], dlarray(b, "C"), dlarray(b[:, None])]:
        assert_close(extractdata(fullyconnect(X, w, bias)), none + b[:, None])
    assert_close(extractdata(fullyconnect(X, w, 2.5)), none + 2.5)


@pytest.mark.parametrize("fmt", ["BSCS", "SSCB", "CBSS"])
def test_data_format_gives_unformatted_data_in_its_own_order(fmt):
    sizes = {"B": [5], "C": [2], "S": [4, 3]}
    x, w = draw(*(sizes[letter].pop(0) for letter in fmt)), draw(6, 24)
    Y = fullyconnect(x, dlarray(w), 0, DataFormat=fmt)
    wanted = extractdata(fullyconnect(dlarray(x, fmt), w, 0))
    assert Y.dims == ""
    assert_close(extractdata(Y), wanted.T if fmt.index("B") < fmt.index("C") else wanted)


def test_dim_joins_other_dimensions():
    x = draw(4, 3, 2, 5)
    X = dlarray(x, "SSCB")
    w = draw(6, 3)
    Y = fullyconnect(X, w, 0, 2)
    assert (Y.dims, Y.shape) == ("SSCB", (4, 6, 2, 5))
    assert_close(extractdata(Y), np.einsum("ok,hkcb->hocb", w, x))
    w = draw(6, 12)
    Y = fullyconnect(X, w, np.ones(6), [1, 2])
    assert (Y.dims, Y.shape) == ("SCB", (6, 2, 5))
    assert_close(extractdata(Y), np.einsum("owh,hwcb->ocb", w.reshape(6, 3, 4), x) + 1)
    plain = fullyconnect(dlarray(x), w.reshape(6, 4, 3, order="F"), 0, [1, 2])
    assert plain.dims == ""
    assert_close(extractdata(plain), extractdata(Y) - 1)


def test_no_observations_give_no_sums():
    assert fullyconnect(dlarray(np.zeros((3, 0)), "CB"), np.zeros((2, 3)), 0).shape == (2, 0)


def test_single_wins_over_double():
    Y = fullyconnect(dlarray(draw(4, 5, dtype=np.float32), "CB"), draw(3, 4), draw(3))
    assert Y.dtype == np.float32
    assert fullyconnect(dlarray(draw(4, 5), "CB"), draw(3, 4), 0).dtype == np.float64


def test_complex_weights_give_complex_sums():
    x, w = draw(4, 5), draw(3, 4) + 1j * draw(3, 4)
    assert_close(extractdata(fullyconnect(dlarray(x, "CB"), w, 0)), w @ x)


@pytest.mark.parametrize(("fmt", "shape"), [("SCB", (2, 2, 3)), ("CBT", (2, 2, 3))])
def test_fullyconnect_has_right_derivatives(fmt, shape):
    columns = shape[0] * shape[1] if fmt == "SCB" else shape[0]

    def squares(X, weights, bias):
        return fullyconnect(X, weights, bias) ** 2

    assert_derivatives(squares, draw(*shape), draw(3, columns), draw(3), fmts=[fmt, "", ""])


def message(error, function, *arguments, **options):
    with pytest.raises(error) as caught:
        function(*arguments, **options)
    return str(caught.value)


def test_weights_that_do_not_fit_show_both_sizes():
    X = dlarray(np.zeros((28, 28, 1, 128)), "SSCB")
    text = message(FormatError, fullyconnect, X, np.zeros((10, 100)), 0)
    assert text == (
        "fullyconnect: weights has 100 columns, X has 784 values per observation.\n"
        "  X: 28(S) × 28(S) × 1(C) × 128(B)\n"
        "  weights: 10×100\n"
        "Make weights outputSize × 784."
    )


def test_wrong_arguments_are_explained():
    X = dlarray(np.zeros((4, 5)), "CB")
    text = message(FormatError, fullyconnect, X, np.zeros((3, 4)), np.zeros(4))
    assert "bias has 4 values for 3 outputs" in text
    text = message(FormatError, fullyconnect, dlarray(np.zeros((4, 5))), np.zeros((3, 4)), 0)
    assert "X has no labels" in text
    text = message(OptionError, fullyconnect, X, np.zeros((3, 4)), 0, 3)
    assert "there is no dimension 3" in text
    text = message(FormatError, fullyconnect, X, dlarray(np.zeros((3, 4)), "BC"), 0)
    assert 'the labels of weights do not fit; expected "UC"' in text


# embed


def test_embed_gives_the_numbers_on_its_reference_page():
    weights = matlab_rand(10, 3)
    X = dlarray(np.array([[2.0], [1.0], [2.0], [1.0], [1.0]]), "BC")
    Y = embed(X, weights)
    first = [0.8147, 0.9058, 0.1270, 0.9134, 0.6324, 0.0975, 0.2785, 0.5469, 0.9575, 0.9649]
    second = [0.1576, 0.9706, 0.9572, 0.4854, 0.8003, 0.1419, 0.4218, 0.9157, 0.7922, 0.9595]
    assert (Y.dims, Y.shape) == ("CB", (10, 5))
    assert_close(extractdata(Y).round(4).T, [second, first, second, first, first])


def test_what_is_no_index_gives_the_last_column():
    weights = np.arange(8.0).reshape(2, 4)
    X = dlarray([[0.0, np.nan, 4.0, 5.0, -1.0, np.inf, 1.5, 1.0, 3.0]], "CB")
    Y = extractdata(embed(X, weights))
    assert Y[0].tolist() == [3, 3, 3, 3, 3, 3, 3, 0, 2]


@pytest.mark.parametrize(
    ("fmt", "shape", "result"),
    [
        ("BT", (2, 11), "CBT"),
        ("TB", (11, 2), "CBT"),
        ("T", (7,), "CT"),
        ("SSCB", (3, 4, 1, 2), "SSCB"),
    ],
)
def test_embed_adds_or_fills_the_channel_dimension(fmt, shape, result):
    weights, x = draw(5, 9), RANDOM.integers(0, 12, shape).astype(float)
    X = dlarray(x, fmt)
    Y = embed(X, weights)
    index = extractdata(X).astype(int)
    index = np.where((index < 1) | (index > 9), 9, index) - 1
    place = result.index("C")
    index = index.squeeze(place) if "C" in fmt else index.reshape(index.shape[: len(fmt)])
    assert Y.dims == result
    assert_close(extractdata(Y), np.moveaxis(weights[:, index], 0, place))


def test_embed_takes_labelled_weights_and_unformatted_data():
    weights, x = draw(5, 4), np.array([[1.0, 3.0, 2.0], [2.0, 0.0, 1.0]])
    wanted = extractdata(embed(dlarray(x, "TB"), weights))  # C × B × T
    for W, fmt in [
        (dlarray(weights, "CU"), None),
        (dlarray(weights.T, "UC"), None),
        (weights.T, "UC"),
    ]:
        Y = embed(dlarray(x, "TB"), W, WeightsFormat=fmt)
        assert_close(extractdata(Y), wanted)
    Y = embed(x, dlarray(weights), DataFormat="TB")
    assert Y.dims == ""
    assert_close(extractdata(Y), wanted.transpose(0, 2, 1))


def test_embed_has_the_type_of_the_weights():
    X = dlarray([[1.0, 2.0]], "CB")
    assert embed(X, draw(2, 3, dtype=np.float32)).dtype == np.float32


def test_the_derivative_counts_how_often_a_column_is_used():
    X = dlarray([[2.0, 2.0, 7.0]], "CB")
    received = gradient(lambda W: embed(X, W), np.zeros((2, 4)))
    assert received.tolist() == [[0, 2, 0, 1], [0, 2, 0, 1]]


def test_several_channels_are_no_indices():
    text = message(FormatError, embed, dlarray(np.zeros((3, 2)), "CB"), np.zeros((4, 5)))
    assert "embed: X has 3 channels" in text
