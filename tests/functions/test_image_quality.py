"""Structural similarity and PSNR against SciPy's filters and closed forms; derivatives."""

import jax
import numpy as np
import pytest
import scipy.ndimage
from hypothesis import given, settings
from hypothesis import strategies as st

from dltk import dlfeval
from dltk._errors import FormatError, OptionError
from dltk.dlarray import dlarray, extractdata
from dltk.functions._image_quality import psnr, ssim
from dltk.functions._multiscale import multissim, multissim3

from .gradients import assert_derivatives

RANDOM = np.random.default_rng(5)


def images(*shape):
    x = RANDOM.random(shape)
    return x, np.clip(x + 0.2 * RANDOM.standard_normal(shape), 0, 1)


def smooth(x, radius=1.5):
    reach = int(np.ceil(3 * radius))
    return scipy.ndimage.gaussian_filter(x, radius, mode="nearest", radius=reach)


def local_terms(x, y, radius, constants):
    """Luminance, contrast, structure of one image, from the definition."""
    c1, c2, c3 = constants
    mx, my = smooth(x, radius), smooth(y, radius)
    vx, vy = smooth(x * x, radius) - mx**2, smooth(y * y, radius) - my**2
    vxy = smooth(x * y, radius) - mx * my
    sx, sy = np.sqrt(np.maximum(vx, 0)), np.sqrt(np.maximum(vy, 0))
    luminance = (2 * mx * my + c1) / (mx**2 + my**2 + c1)
    return luminance, (2 * sx * sy + c2) / (vx + vy + c2), (vxy + c3) / (sx * sy + c3)


USUAL = (1e-4, 9e-4, 4.5e-4)


def by_scipy(x, y, radius=1.5, constants=USUAL, exponents=(1, 1, 1)):
    return np.prod(
        [t**e for t, e in zip(local_terms(x, y, radius, constants), exponents, strict=True)], axis=0
    )


def test_ssim_is_that_of_scipys_gaussian_filter():
    x, y = images(14, 17)
    value, here = ssim(x, y, nargout=2)
    assert isinstance(here, np.ndarray)
    np.testing.assert_allclose(here, by_scipy(x, y), rtol=1e-10)
    assert value == pytest.approx(here.mean())
    volume = images(7, 8, 9)
    assert ssim(*volume) == pytest.approx(by_scipy(*volume).mean(), rel=1e-10)


def test_radius_constants_exponents_and_range():
    x, y = images(15, 12)
    got = ssim(x, y, Radius=0.8, nargout=2)[1]
    np.testing.assert_allclose(got, by_scipy(x, y, 0.8), rtol=1e-10)
    constants = (1e-3, 2e-3, 5e-3)
    got = ssim(x, y, RegularizationConstants=constants, nargout=2)[1]
    np.testing.assert_allclose(got, by_scipy(x, y, 1.5, constants), rtol=1e-10)
    got = ssim(x, y, RegularizationConstants=constants, Exponents=[2, 1, 3], nargout=2)[1]
    np.testing.assert_allclose(got, by_scipy(x, y, 1.5, constants, (2, 1, 3)), rtol=1e-10)
    got = ssim(255 * x, 255 * y, DynamicRange=255)
    assert got == pytest.approx(by_scipy(x, y).mean(), rel=1e-10)


def test_fractional_exponents_count_terms_from_zero_up():
    x = RANDOM.random((12, 12))
    y = 1 - x  # negative structure
    luminance, contrast, structure = local_terms(x, y, 1.5, USUAL)
    assert (structure < 0).any()
    wanted = luminance**0.5 * contrast * np.maximum(structure, 0) ** 1.5
    got = ssim(x, y, Exponents=(0.5, 1, 1.5), nargout=2)[1]
    np.testing.assert_allclose(got, wanted, rtol=1e-9, atol=1e-12)
    luminance_only = ssim(x, y, Exponents=(1, 0, 0), nargout=2)[1]
    np.testing.assert_allclose(luminance_only, luminance, rtol=1e-10)


@settings(max_examples=6, deadline=None)
@given(st.sampled_from(["SSCB", "BCSS", "SCSB", "SSB", "SSST"]), st.integers(6, 9))
def test_every_channel_and_observation_has_its_own_value(fmt, n):
    sizes = iter((n, n + 1, 6))
    others = {"C": 2, "B": 3, "T": 2}
    x, y = images(*(others[letter] if letter in others else next(sizes) for letter in fmt))
    got = ssim(dlarray(x, fmt), y if fmt == dlarray(x, fmt).dims else dlarray(y, fmt))
    X, Y = (extractdata(dlarray(a, fmt)) for a in (x, y))
    k = fmt.count("S")
    assert got.dims == dlarray(x, fmt).dims
    assert got.shape == (1,) * k + X.shape[k:]
    for place in np.ndindex(*X.shape[k:]):
        at = (slice(None),) * k + place
        assert extractdata(got)[(0,) * k + place] == pytest.approx(by_scipy(X[at], Y[at]).mean())
    plain = ssim(dlarray(x), y, DataFormat=fmt)
    kept = [1 if letter == "S" else m for letter, m in zip(fmt, x.shape, strict=True)]
    while len(kept) > 2 and kept[-1] == 1:
        kept.pop()
    assert (plain.dims, list(plain.shape)) == ("", kept)


def test_psnr_in_closed_form():
    x, y = images(4, 5, 3)
    error = ((x - y) ** 2).mean()
    peak, snr = psnr(x, y, 2.0, nargout=2)
    assert peak == pytest.approx(10 * np.log10(4 / error))
    assert snr == pytest.approx(10 * np.log10((y**2).mean() / error))
    each = psnr(dlarray(x, "SSC"), dlarray(y, "SSC"))
    assert (each.dims, each.shape) == ("SSC", (1, 1, 3))
    wanted = -10 * np.log10(((x - y) ** 2).mean((0, 1)))
    np.testing.assert_allclose(extractdata(each)[0, 0], wanted)
    assert psnr(x, x) == np.inf
    turned = psnr(dlarray(np.moveaxis(x, 2, 0)), np.moveaxis(y, 2, 0), DataFormat="CSS")
    assert turned.shape == (3, 1)


def halved(x):
    x = np.pad(x, [(0, n % 2) for n in x.shape], mode="edge")
    for axis in range(x.ndim):
        pairs = np.moveaxis(x, axis, 0)
        x = np.moveaxis((pairs[::2] + pairs[1::2]) / 2, 0, axis)
    return x


def multiscale(x, y, weights):
    total = 1.0
    for j, w in enumerate(weights):
        luminance, contrast, structure = local_terms(x, y, 1.5, USUAL)
        here = contrast * structure * (luminance if j == len(weights) - 1 else 1)
        total *= max(here.mean(), 0) ** w
        x, y = halved(x), halved(y)
    return total


GAUSSIAN = np.array([0.05448868, 0.24420134, 0.40261995, 0.24420134, 0.05448868])


def test_multissim_multiplies_over_scales():
    x, y = images(35, 32)
    assert multissim(x, y) == pytest.approx(multiscale(x, y, GAUSSIAN), rel=1e-6)
    weights = np.array([0.0448, 0.2856, 0.3001])
    wanted = multiscale(x, y, weights / weights.sum())
    assert multissim(x, y, ScaleWeights=weights) == pytest.approx(wanted, rel=1e-9)
    score, maps = multissim(x, y, NumScales=3, nargout=2)
    assert [m.shape for m in maps] == [(35, 32), (18, 16), (9, 8)]
    assert 0 < score < 1
    pages = np.stack([x, y, x], axis=-1)
    reference = np.stack([y, y, y], axis=-1)
    each = multissim(pages, reference, NumScales=2)
    assert each.shape == (1, 1, 3)
    assert each[0, 0].tolist() == pytest.approx([each[0, 0, 2], 1, multissim(x, y, NumScales=2)])


def test_multissim3_takes_volumes():
    x, y = images(9, 8, 8)
    wanted = multiscale(x, y, np.array([0.5, 0.5]))
    assert multissim3(x, y, NumScales=2) == pytest.approx(wanted, rel=1e-9)
    labelled = multissim3(dlarray(x, "SSS"), dlarray(y, "SSS"), NumScales=2)
    assert (labelled.dims, labelled.shape) == ("SSS", (1, 1, 1))


@pytest.mark.parametrize("function", [psnr, ssim, lambda *a: multissim(*a, NumScales=2)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_number_type_stays_and_compiled_equals_eager(function, dtype):
    x, y = (dlarray(a.astype(dtype), "SSC") for a in images(8, 9, 2))
    eager = function(x, y)
    assert eager.dtype == dtype
    tolerance = 1e-4 if dtype == np.float32 else 1e-12
    compiled = dlfeval(function, x, y)
    np.testing.assert_allclose(extractdata(compiled), extractdata(eager), rtol=tolerance)


@pytest.mark.parametrize(
    "function",
    [
        psnr,
        lambda a, b: ssim(a, b, Radius=0.6),
        lambda a, b: ssim(a, b, Radius=0.6, Exponents=(0.5, 1, 2)),
        lambda a, b: multissim(a, b, NumScales=2, Sigma=0.6),
    ],
    ids=["psnr", "ssim", "ssim, apart", "multissim"],
)
def test_first_and_second_derivatives_agree_with_finite_differences(function):
    x, y = images(4, 5)
    assert_derivatives(function, x, y / 2 + x / 2, fmts=["SS", "SS"], order=2)


def test_flat_images_have_finite_derivatives():
    def value(x):
        return extractdata(ssim(dlarray(x, "SS"), np.full((4, 4), 0.5), Exponents=(1, 1, 2))).sum()

    with jax.enable_x64(True):
        slope = jax.grad(value)(np.full((4, 4), 0.25))
    assert np.isfinite(slope).all()


# What goes wrong


@pytest.mark.parametrize(
    ("call", "error", "part"),
    [
        (lambda x: ssim(x, np.ones((3, 3))), FormatError, "^ssim: reference of the wrong size"),
        (
            lambda x: psnr(x, dlarray(np.ones((8, 8)), "SC")),
            FormatError,
            "labels and sizes of imag",
        ),
        (lambda x: ssim(dlarray(np.ones((3, 3)), "CB"), x), FormatError, 'have an "S" dimension'),
        (lambda x: ssim(x * 1j, x), FormatError, "^ssim: the images must be real"),
        (lambda x: ssim(x, x, Radius=0), OptionError, "Radius must be a scalar, larger than 0"),
        (lambda x: ssim(x, x, Exponents=(1, 2)), OptionError, "Exponents are three numbers"),
        (lambda x: ssim(x, x, RegularizationConstants=(1, 2, -1)), OptionError, "from 0 on"),
        (lambda x: ssim(x, x, nargout=3), OptionError, "nargout must be 1 or 2"),
        (lambda x: psnr(x, x, 0), OptionError, "peakval must be a scalar, larger than 0"),
        (lambda x: multissim(x, x), FormatError, "5 scales need images of at least 16 cells"),
        (lambda x: multissim(x, x, NumScales=2, ScaleWeights=[1]), OptionError, "1 weights for 2"),
        (lambda x: multissim3(x, x, ScaleWeights=[1, -1]), OptionError, "must be positive"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(call, error, part):
    with pytest.raises(error, match=part):
        call(dlarray(np.ones((8, 8)), "SS"))
