"""Normalizations against NumPy in double, closed forms, published numbers, finite differences."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dltk._errors import FormatError, OptionError
from dltk.dlarray import dlarray, extractdata, wrap
from dltk.functions._normalization import (
    batchnorm,
    crosschannelnorm,
    groupnorm,
    instancenorm,
    layernorm,
)

from .gradients import assert_derivatives

RANDOM = np.random.default_rng(4)


def draw(*shape, dtype=np.float64):
    return RANDOM.standard_normal(shape).astype(dtype)


def assert_close(actual, wanted, tolerance=1e-10):
    np.testing.assert_allclose(actual, wanted, rtol=tolerance, atol=tolerance)


def beside(v, fmt):
    """A vector along the channels of an array with labels fmt."""
    return v.reshape([-1 if letter == "C" else 1 for letter in fmt])


def normalized(x, fmt, over, offset, scale, epsilon=1e-5):
    axes = tuple(i for i, letter in enumerate(fmt) if letter in over)
    mean, var = x.mean(axes, keepdims=True), x.var(axes, keepdims=True)
    return (x - mean) / np.sqrt(var + epsilon) * beside(scale, fmt) + beside(offset, fmt)


FORMATS = {
    "CB": (4, 6),
    "CBT": (4, 3, 5),
    "SCB": (5, 4, 3),
    "SSCB": (3, 5, 4, 2),
    "SSSCB": (2, 3, 2, 4, 2),
    "SSCBT": (3, 2, 4, 2, 3),
    "CBU": (4, 3, 2),
    "SC": (5, 4),
}

# function, what its statistics run over
FAMILY = {
    "batchnorm": (batchnorm, "SBTU", {}),
    "layernorm": (layernorm, "SC", {}),
    "layernorm, spatial-channel": (layernorm, "SC", {"OperationDimension": "spatial-channel"}),
    "layernorm, channel-only": (layernorm, "C", {"OperationDimension": "channel-only"}),
    "layernorm, batch-excluded": (layernorm, "SCTU", {"OperationDimension": "batch-excluded"}),
    "instancenorm": (instancenorm, "STU", {}),
    "groupnorm, one group": (
        lambda X, *rest, **options: groupnorm(X, "all-channels", *rest, **options),
        "SCTU",
        {},
    ),
    "groupnorm, channel-wise": (
        lambda X, *rest, **options: groupnorm(X, "channel-wise", *rest, **options),
        "STU",
        {},
    ),
}


@pytest.mark.parametrize(
    ("name", "fmt"),  # instancenorm of "CB" is an error, tested below
    [(n, f) for n in FAMILY for f in FORMATS if (n, f) != ("instancenorm", "CB")],
)
def test_statistics_run_over_the_right_dimensions(name, fmt):
    function, over, options = FAMILY[name]
    x, offset, scale = 3 + 2 * draw(*FORMATS[fmt]), draw(4), draw(4)
    Y = function(dlarray(x, fmt), offset, scale, **options)
    assert Y.dims == fmt
    assert_close(extractdata(Y), normalized(x, fmt, over, offset, scale))


@pytest.mark.parametrize(
    ("fmt", "shape"), [("SSCB", (3, 2, 6, 2)), ("CBT", (6, 2, 3)), ("CB", (6, 3))]
)
def test_groupnorm_takes_blocks_of_consecutive_channels(fmt, shape):
    x, offset, scale = draw(*shape), draw(6), draw(6)
    Y = extractdata(groupnorm(dlarray(x, fmt), 3, offset, scale))
    for block in range(3):
        part = slice(2 * block, 2 * block + 2)
        where = tuple(part if letter == "C" else slice(None) for letter in fmt)
        wanted = normalized(x[where], fmt, "SCTU", offset[part], scale[part])
        assert_close(Y[where], wanted)


@pytest.mark.parametrize("member", FAMILY.values(), ids=FAMILY)
def test_data_format_gives_unformatted_data_in_its_own_order(member):
    function, over, options = member
    x, offset, scale = draw(2, 5, 4, 3), draw(4), draw(4)  # BSCS
    Y = function(dlarray(x), offset, scale, DataFormat="BSCS", **options)
    assert Y.dims == ""
    assert_close(extractdata(Y), normalized(x, "BSCS", over, offset, scale))


def test_offset_and_scale_may_be_rows_columns_pages_labelled_or_scalars():
    x, v = draw(3, 5, 4, 2), draw(4)
    wanted = normalized(x, "SSCB", "SBTU", v, v)
    for form in [v, v[:, None], v.reshape(1, 1, 4), dlarray(v, "C"), dlarray(v)]:
        assert_close(extractdata(batchnorm(dlarray(x, "SSCB"), form, form)), wanted)
    plain = normalized(x, "SSCB", "SC", np.zeros(4), np.ones(4))
    assert_close(extractdata(layernorm(dlarray(x, "SSCB"), 0, 1)), plain)
    grouped = extractdata(groupnorm(dlarray(x, "SSCB"), "all-channels", 0, 1))
    assert_close(grouped, plain)


# batchnorm: the number of outputs selects the mode


def test_batchnorm_returns_the_statistics_of_the_batch():
    x = draw(3, 5, 4, 2)
    Y, mu, sigmaSq = batchnorm(dlarray(x, "SSCB"), 0, 1, nargout=3)
    assert (mu.dims, mu.shape, sigmaSq.shape) == ("", (4, 1), (4, 1))
    assert_close(extractdata(mu).ravel(), x.mean((0, 1, 3)))
    assert_close(extractdata(sigmaSq).ravel(), x.var((0, 1, 3)))
    assert_close(extractdata(Y), normalized(x, "SSCB", "SB", np.zeros(4), np.ones(4)))
    _, labelled = batchnorm(dlarray(x, "SSCB"), dlarray(np.zeros(4), "C"), 1, nargout=2)
    assert labelled.dims == "CU"
    assert_close(extractdata(labelled).ravel(), x.mean((0, 1, 3)))


def test_batchnorm_with_given_statistics_and_one_output_uses_them():
    x, m, v = draw(5, 4, 3), draw(4), RANDOM.random(4)
    Y = batchnorm(dlarray(x, "SCB"), np.full(4, 2.0), np.full(4, 3.0), m, v)
    wanted = 3 * (x - beside(m, "SCB")) / np.sqrt(beside(v, "SCB") + 1e-5) + 2
    assert_close(extractdata(Y), wanted)


@pytest.mark.parametrize("form", ["column", "row", "page", "labelled", "scalar"])
def test_batchnorm_with_given_statistics_and_three_outputs_updates_them(form):
    x = draw(5, 4, 3)
    m, v = np.full(4, 0.5), np.full(4, 2.0)
    shape = {"column": (4, 1), "row": (1, 4), "page": (1, 1, 4)}.get(form, (4,))
    make = {
        "labelled": lambda a: dlarray(a, "C"),
        "scalar": lambda a: a[0],
    }.get(form, lambda a: a.reshape(shape))
    Y, mu, sigmaSq = batchnorm(
        dlarray(x, "SCB"), 0, 1, make(m), make(v), MeanDecay=0.2, VarianceDecay=0.3, nargout=3
    )
    assert_close(extractdata(Y), normalized(x, "SCB", "SB", np.zeros(4), np.ones(4)))
    assert mu.dims == ("CU" if form == "labelled" else "")
    assert mu.shape == (shape if form in ("row", "page") else (4, 1))
    assert_close(extractdata(mu).ravel(), 0.2 * x.mean((0, 2)) + 0.8 * m)
    assert_close(extractdata(sigmaSq).ravel(), 0.3 * x.var((0, 2)) + 0.7 * v)


def test_the_decay_weighs_the_new_value_by_a_tenth_unless_given():
    _, mu, _ = batchnorm(dlarray([[1.0, 3.0]], "CB"), 0, 1, 10.0, 1.0, nargout=3)
    assert_close(mu.item(), 0.1 * 2 + 0.9 * 10)


# Number types and precision


@pytest.mark.parametrize("member", FAMILY.values(), ids=FAMILY)
def test_single_stays_single(member):
    function, _, options = member
    X = dlarray(draw(3, 4, 2, dtype=np.float32), "SCB")
    assert function(X, np.zeros(4), np.ones(4), **options).dtype == np.float32
    assert crosschannelnorm(X, 3).dtype == np.float32
    outputs = batchnorm(X, 0, 1, np.zeros(4), np.ones(4), nargout=3)
    assert [value.dtype for value in outputs] == [np.float32] * 3


def test_single_precision_far_from_zero_keeps_the_variance():
    x = (1000 + draw(30, 30, 2, 50)).astype(np.float32)
    Y, _, sigmaSq = batchnorm(dlarray(x, "SSCB"), 0, 1, nargout=3)
    exact = x.astype(float)
    np.testing.assert_allclose(extractdata(sigmaSq).ravel(), exact.var((0, 1, 3)), rtol=1e-5)
    wanted = normalized(exact, "SSCB", "SB", np.zeros(2), np.ones(2))
    np.testing.assert_allclose(extractdata(Y), wanted, atol=2e-4)


# crosschannelnorm


def test_crosschannelnorm_gives_the_numbers_on_its_reference_page():
    X = dlarray(np.ones((2, 2, 3)))
    Y = crosschannelnorm(X, 3, Alpha=1, Beta=1, K=1e-5, DataFormat="SSC")
    assert Y.dims == ""
    assert_close(extractdata(Y)[0, 0].round(4), [1.5, 1.0, 1.5])


@pytest.mark.parametrize("window", [1, 2, 3, 4, 5, 11, 16])
def test_crosschannelnorm_sums_over_a_window_of_channels(window):
    x = draw(2, 3, 7, 2)
    Y = crosschannelnorm(dlarray(x, "SSCB"), window, Alpha=0.5, Beta=0.6, K=1.5)
    for c in range(7):
        near = slice(max(c - (window - 1) // 2, 0), c + window // 2 + 1)
        squares = (x[:, :, near] ** 2).sum(2)
        wanted = x[:, :, c] / (1.5 + 0.5 * squares / window) ** 0.6
        assert_close(extractdata(Y)[:, :, c], wanted)


# Derivatives


@pytest.mark.parametrize("member", FAMILY.values(), ids=FAMILY)
def test_normalizations_have_right_first_and_second_derivatives(member):
    function, _, options = member

    def squares(X, offset, scale):
        return function(X, offset, scale, **options, Epsilon=0.1) ** 2

    arrays = draw(3, 2, 2), draw(2), draw(2)
    assert_derivatives(squares, *arrays, fmts=["SCB", "", ""])


def test_predicting_batchnorm_has_right_derivatives_in_the_statistics_too():
    def squares(X, mu, sigmaSq):
        return batchnorm(X, 0.5, 2.0, mu, sigmaSq) ** 2

    assert_derivatives(squares, draw(2, 3), draw(2), 1 + RANDOM.random(2), fmts=["CB", "", ""])


def test_crosschannelnorm_has_right_derivatives():
    assert_derivatives(lambda X: crosschannelnorm(X, 3, Alpha=2.0) ** 2, draw(4, 2), fmts=["CB"])


def test_the_second_step_does_not_trace_again():
    traces = []

    @jax.jit
    def step(x, mu, sigmaSq):
        traces.append(1)
        X = wrap(x, "SSCB")
        return [v._data for v in batchnorm(X, 0, 1, wrap(mu, ""), wrap(sigmaSq, ""), nargout=3)]

    x, mu, sigmaSq = jnp.ones((2, 4, 4, 3)), jnp.zeros((3, 1)), jnp.ones((3, 1))
    _, mu, sigmaSq = step(x, mu, sigmaSq)
    step(x, mu, sigmaSq)
    assert len(traces) == 1


# Errors


def message(error, function, *arguments, **options):
    with pytest.raises(error) as caught:
        function(*arguments, **options)
    return str(caught.value)


X = dlarray(np.zeros((3, 4, 5)), "SCB")


def test_a_vector_of_the_wrong_length_shows_all_sizes():
    assert message(FormatError, batchnorm, X, np.zeros(3), np.ones(4)) == (
        "batchnorm: offset has 3 values for 4 channels.\n"
        "  offset: 1×3\n"
        "  X: 3(S) × 4(C) × 5(B)\n"
        "Give one number for each of the 4 channels, or a scalar."
    )
    text = message(FormatError, batchnorm, X, 0, 1, np.zeros(5), np.ones(4))
    assert "mu has 5 values for 4 channels" in text


def test_data_without_channels_is_refused():
    text = message(FormatError, layernorm, dlarray(np.zeros((3, 5)), "SB"), 0, 1)
    assert 'layernorm: X has no "C" dimension.' in text


def test_instancenorm_needs_something_to_normalize_over():
    text = message(FormatError, instancenorm, dlarray(np.zeros((4, 5)), "CB"), 0, 1)
    assert 'X has no "S", "T" or "U" dimension' in text


@pytest.mark.parametrize(
    ("function", "arguments", "options", "part"),
    [
        (batchnorm, (X, 0, 1, 0), {}, "mu and sigmaSq come together"),
        (batchnorm, (X, 0, 1), {"nargout": 4}, "nargout must be 1 or 2 or 3"),
        (batchnorm, (X, 0, 1), {"Epsilon": -1}, "Epsilon must be a scalar, at least 0"),
        (
            batchnorm,
            (X, 0, 1, 0, 1),
            {"MeanDecay": 2, "nargout": 3},
            "MeanDecay must be a scalar, at least 0 and at most 1",
        ),
        (layernorm, (X, 0, 1), {"OperationDimension": "channels"}, 'Did you mean "channel-only"'),
        (groupnorm, (X, 3, 0, 1), {}, "3 groups do not divide 4 channels"),
        (groupnorm, (X, "all", 0, 1), {}, '"all-channels"'),
        (crosschannelnorm, (X, 3), {"Beta": 0.001}, "Beta must be a scalar, at least 0.01"),
        (crosschannelnorm, (X, 0), {}, "windowSize must be a positive whole number"),
        (batchnorm, (dlarray(1j * np.ones((3, 2)), "CB"), 0, 1), {}, "complex data"),
        (batchnorm, (np.zeros((3, 2)), 0, 1), {}, "none of the inputs is a dlarray"),
    ],
)
def test_wrong_options_are_explained(function, arguments, options, part):
    assert part in message(OptionError, function, *arguments, **options)
