"""The short-time Fourier transform against SciPy and loops; its inverse; derivatives."""

from datetime import timedelta

import jax
import numpy as np
import pytest
import scipy.signal
from hypothesis import given, settings
from hypothesis import strategies as st

from dltk import abs as absolute
from dltk import dlfeval, dlgradient, imag, real, sum
from dltk._errors import FormatError, OptionError
from dltk.dlarray import dlarray, extractdata
from dltk.functions._cat import cat
from dltk.functions._stft import dlistft, dlstft

from .gradients import assert_derivatives

RANDOM = np.random.default_rng(3)


def draw(*shape):
    return RANDOM.standard_normal(shape)


def by_loops(x, window, hop, points):
    """The transform of one signal, frequencies × frames, from the definition."""
    m = len(window)
    columns = []
    for start in range(0, len(x) - m + 1, hop):
        frame = x[start : start + m] * window
        angles = -2j * np.pi * np.outer(np.arange(points), np.arange(m)) / points
        columns.append(np.exp(angles) @ frame)
    return np.array(columns).T


def test_formats_are_those_of_the_reference_page():
    X = dlarray(draw(3, 1024, 5), "CTB")
    assert (X.dims, X.shape) == ("CBT", (3, 5, 1024))
    y = dlstft(X)
    assert (y.dims, y.shape) == ("SCBT", (65, 3, 5, (1024 - 96) // 32))
    back = dlistft(y)
    assert (back.dims, back.shape) == ("CBT", (3, 5, 1024))


def test_defaults_are_a_periodic_hann_window_of_128_samples_and_three_quarters():
    x = draw(300)
    window = scipy.signal.windows.hann(128, sym=False)
    wanted = by_loops(x, window, 32, 128)[:65]
    np.testing.assert_allclose(extractdata(dlstft(dlarray(x, "T"))), wanted, atol=1e-12)


def test_scipys_transform_has_the_same_numbers():
    x, window = draw(500), scipy.signal.windows.hamming(50)
    scipys = scipy.signal.ShortTimeFFT(window, 20, 1.0, mfft=64, phase_shift=None)
    # SciPy's slice p covers the samples from 20 p - 25 on; 2 is the first that does not stick out
    wanted = scipys.stft(x, p0=2, p1=24)
    got = dlstft(dlarray(x[15:], "T"), Window=window, OverlapLength=30, FFTLength=64)
    np.testing.assert_allclose(extractdata(got), wanted, atol=1e-12)


@settings(max_examples=8, deadline=None)  # every size compiles a transform
@given(
    st.integers(2, 9),
    st.integers(0, 8),
    st.integers(0, 5),
    st.integers(0, 12),
    st.sampled_from(["CBT", "TCB", "BT", "CT"]),
    st.sampled_from(["onesided", "twosided", "centered"]),
)
def test_any_lengths_and_formats_agree_with_loops(m, overlap, more, rest, fmt, side):
    overlap = min(overlap, m - 1)
    window, points = RANDOM.uniform(0.1, 1, m), m + more
    sizes = {"C": 2, "B": 3, "T": m + rest}
    x = draw(*(sizes[letter] for letter in fmt))
    options = {"Window": window, "OverlapLength": overlap, "FFTLength": points}
    got = dlstft(dlarray(x, fmt), **options, FrequencyRange=side)
    full = np.apply_along_axis(
        lambda v: by_loops(v, window, m - overlap, points).ravel(), fmt.index("T"), x
    )
    full = np.moveaxis(full, fmt.index("T"), -1)
    full = full.reshape(*full.shape[:-1], points, -1)
    chosen = {
        "onesided": np.arange(points // 2 + 1),
        "twosided": np.arange(points),
        "centered": np.arange(points) - (points - 1) // 2,
    }[side]
    wanted = dlarray(full[..., chosen, :], fmt.replace("T", "") + "ST")
    assert got.dims == wanted.dims
    np.testing.assert_allclose(extractdata(got), extractdata(wanted), atol=1e-11)
    back = dlistft(got, **options, FrequencyRange=side)
    assert back.dims == dlarray(x, fmt).dims
    kept = (len(full[0].T) if full.ndim == 2 else full.shape[-1]) - 1
    kept = kept * (m - overlap) + m
    signal = np.take(x, np.arange(kept), fmt.index("T"))
    np.testing.assert_allclose(extractdata(back), extractdata(dlarray(signal, fmt)), atol=1e-11)


@pytest.mark.parametrize("method", ["wola", "ola"])
def test_the_inverse_gives_the_signal_back_but_where_no_window_sees_it(method):
    x = draw(2, 3, 128 + 32 * 9)
    back = extractdata(dlistft(dlstft(dlarray(x, "CBT")), Method=method))
    np.testing.assert_allclose(back[:, :, 1:], x[:, :, 1:], atol=1e-10)
    np.testing.assert_allclose(back[:, :, 0], 0, atol=1e-14)  # there the Hann window is 0


def test_a_changed_transform_is_inverted_in_the_least_squares_sense():
    """Griffin and Lim: weighted overlap-add is the signal whose transform is nearest."""
    window = RANDOM.uniform(0.5, 1, 6)
    options = {"Window": window, "OverlapLength": 4, "FFTLength": 6, "FrequencyRange": "twosided"}
    y = draw(6, 5) + 1j * draw(6, 5)
    basis = []
    for n in range(2 * 4 + 6):
        unit = np.zeros(14, complex)
        unit[n] = 1
        basis.append(by_loops(unit, window, 2, 6).ravel())
    wanted = np.linalg.lstsq(np.array(basis).T, y.ravel(), rcond=None)[0]
    got = dlistft(dlarray(y, "ST"), **options)
    np.testing.assert_allclose(extractdata(got)[:, 0], wanted, atol=1e-10)


def test_frequencies_and_times():
    X = dlarray(draw(1, 200), "CT")
    options = {"Window": np.ones(10), "OverlapLength": 4, "FFTLength": 16}
    _, f, t = dlstft(X, 600, **options, nargout=3)
    np.testing.assert_allclose(extractdata(f)[:, 0], np.fft.rfftfreq(16, 1 / 600))
    np.testing.assert_allclose(extractdata(t)[:, 0], (5 + 6 * np.arange(32)) / 600)
    _, by_step, _ = dlstft(X, timedelta(seconds=1 / 600), **options, nargout=3)
    np.testing.assert_allclose(extractdata(by_step), extractdata(f), rtol=1e-3)
    _, f, t = dlstft(X, **options, nargout=3)
    np.testing.assert_allclose(extractdata(f)[:, 0], np.linspace(0, np.pi, 9))
    assert extractdata(t)[:2, 0].tolist() == [5, 11]
    assert len(dlstft(X, **options, nargout=2)) == 2
    _, f = dlstft(X, **options, FrequencyRange="centered", nargout=2)
    np.testing.assert_allclose(extractdata(f)[[0, -1], 0], [-7 / 8 * np.pi, np.pi])


def test_DataFormat_keeps_the_callers_order():
    x = draw(200, 1, 2)
    y = dlstft(dlarray(x), DataFormat="TCB")
    labelled = dlstft(dlarray(x, "TCB"))
    assert (y.dims, y.shape) == ("", (65, 3, 1, 2))
    np.testing.assert_allclose(
        extractdata(y), np.transpose(extractdata(labelled), (0, 3, 1, 2)), atol=1e-14
    )
    back = dlistft(y, DataFormat="STCB")
    assert (back.dims, back.shape) == ("", (192, 1, 2))
    np.testing.assert_allclose(extractdata(back)[1:], x[1:192], atol=1e-10)


def test_real_data_has_its_imaginary_parts_in_the_second_half_of_the_channels():
    X = dlarray(draw(2, 3, 160), "CBT")
    y = dlstft(X)
    apart = cat(2, real(y), imag(y))
    assert apart.shape == (65, 4, 3, 2)
    wanted = extractdata(dlistft(y))
    np.testing.assert_allclose(extractdata(dlistft(apart)), wanted, atol=1e-12)
    shape = apart.shape
    flat = np.reshape(extractdata(apart), (65 * 4, *shape[2:]), order="F")
    back = dlistft(dlarray(flat, "CBT"))
    assert (back.dims, back.shape) == ("CBT", (2, 3, 160))
    np.testing.assert_allclose(extractdata(back), wanted, atol=1e-12)


@pytest.mark.parametrize(("dtype", "kind"), [(np.float32, "complex64"), (float, "complex128")])
def test_the_number_type_stays(dtype, kind):
    X = dlarray(draw(2, 200).astype(dtype), "CT")
    y = dlstft(X)
    assert y.dtype == kind
    assert dlistft(y).dtype == dtype


def test_first_and_second_derivatives_agree_with_finite_differences():
    options = {"OverlapLength": 3, "FFTLength": 6}

    def energy(X, window):
        y = dlstft(X, Window=window, **options)
        return real(y) * imag(y) + real(y) ** 3

    def back(a, b, window):
        return dlistft(a + 1j * b, Window=window, **options) ** 2

    window = RANDOM.uniform(0.5, 1, 5)
    assert_derivatives(energy, draw(2, 9), window, fmts=["CT", ""], order=2)
    assert_derivatives(back, draw(4, 2, 3), draw(4, 2, 3), window, fmts=["SCT", "SCT", ""], order=2)


def test_the_gradient_of_a_spectral_loss_is_that_of_jax():
    x, window = draw(1, 200), scipy.signal.windows.hann(128, sym=False)

    def loss(X):
        value = sum(absolute(dlstft(X)) ** 2, "all")
        return value, dlgradient(value, X)

    value, slope = dlfeval(loss, dlarray(x, "CT"))

    def plain(x):
        frames = jax.numpy.stack([x[0, k : k + 128] * window for k in (0, 32, 64)])
        return (jax.numpy.abs(jax.numpy.fft.rfft(frames)) ** 2).sum()

    with jax.enable_x64(True):
        wanted, gradient = jax.value_and_grad(plain)(x)
    assert float(value) == pytest.approx(float(wanted))
    np.testing.assert_allclose(extractdata(slope), gradient, atol=1e-9)


def test_compiled_equals_eager():
    X = dlarray(draw(2, 300), "CT")
    np.testing.assert_allclose(extractdata(dlfeval(dlstft, X)), extractdata(dlstft(X)), atol=1e-13)
    y = dlstft(X)
    np.testing.assert_allclose(
        extractdata(dlfeval(dlistft, y)), extractdata(dlistft(y)), atol=1e-13
    )


# What goes wrong

X200 = dlarray(np.zeros((2, 200)), "CT")
Y = dlarray(np.zeros((65, 2, 4), complex), "SCT")


@pytest.mark.parametrize(
    ("call", "error", "part"),
    [
        (lambda: dlstft(dlarray(np.zeros((2, 3)), "CB")), FormatError, 'dlstft: x has no "T"'),
        (lambda: dlstft(dlarray(np.zeros((2, 3, 4)), "SCT")), FormatError, 'those of "CBT"'),
        (lambda: dlstft(dlarray(np.zeros((2, 99)), "CT")), FormatError, "99 samples, a window 128"),
        (lambda: dlstft(X200 * 1j), OptionError, 'Say FrequencyRange="twosided"'),
        (lambda: dlstft(X200, Window=np.ones((2, 2))), FormatError, "Window must be a real vector"),
        (lambda: dlstft(X200, Window=[1.0]), FormatError, "two samples or more"),
        (lambda: dlstft(X200, OverlapLength=128), OptionError, "OverlapLength is at most 127"),
        (lambda: dlstft(X200, FFTLength=100), OptionError, "Make FFTLength at least 128"),
        (lambda: dlstft(X200, FrequencyRange="onsided"), OptionError, 'mean "onesided"'),
        (lambda: dlstft(X200, -1), OptionError, "fs must be a scalar, larger than 0"),
        (lambda: dlstft(X200, nargout=4), OptionError, "nargout must be 1 or 2 or 3"),
        (lambda: dlstft(dlarray(np.zeros(200))), FormatError, "dlstft: x has no labels"),
        (lambda: dlistft(Y, FFTLength=256), FormatError, 'not have 129 frequencies in "S"'),
        (lambda: dlistft(Y, Method="wolla"), OptionError, 'mean "wola"'),
        (lambda: dlistft(dlarray(np.zeros((65, 3, 4)), "SCT")), FormatError, "even number of chan"),
        (lambda: dlistft(dlarray(np.zeros((66, 4)), "CT")), FormatError, "part of the channels"),
        (lambda: dlistft(dlarray(np.zeros((65, 2, 2)), "SSC")), FormatError, "only one dimension"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(call, error, part):
    with pytest.raises(error, match=part):
        call()
