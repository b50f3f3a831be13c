"""How near an image is to a reference: `psnr`, and `ssim` by local statistics."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from .._errors import OptionError
from .._numbers import Raw
from ._image_pair import Pair
from ._local_statistics import Constants, local_moments, similarity
from ._options import number, outputs


def psnr(
    A: Any, ref: Any, peakval: Any = 1, *, DataFormat: str | None = None, nargout: int = 1
) -> Any:
    r"""Peak signal-to-noise ratio of images, in decibels.

    .. math::

        \text{peaksnr} = 10 \log_{10} \frac{\text{peakval}^2}{\text{MSE}}, \qquad
        \text{snr} = 10 \log_{10} \frac{\text{mean}(\text{ref}^2)}{\text{MSE}}

    Args:
        A: Images along "S": a formatted dlarray, or numbers. Without labels and ``DataFormat`` all
            dimensions are the image.
        ref: The reference, of the size of ``A``.
        peakval: The largest value that images can have.
        DataFormat: Labels of unformatted images; the result is then unformatted in that order.
        nargout: 1, or 2 for the ratio to the reference itself too.

    Returns:
        Ratios with the labels of ``A`` and spatial sizes 1; plain numbers for plain images. Equal
        images give Inf.

    Raises:
        FormatError: ``ref`` does not have the size and labels of ``A``, or there is no "S".
        OptionError: ``peakval`` is not positive.

    Example:
        >>> print(psnr(np.array([[0.0, 0.5]]), np.array([[0.1, 0.4]])).round(4))
        20.0

    Source:
        https://www.mathworks.com/help/images/ref/psnr.html
    """
    outputs("psnr", nargout, (1, 2))
    pair = Pair.of("psnr", A, ref, DataFormat, "S" * 99)
    peak = number("psnr", "peakval", peakval, above=0)
    axes = pair.axes

    def ratios(a: Raw, r: Raw, peak: Raw) -> tuple[Raw, Raw]:
        r = r.reshape(pair.stored)
        error = jnp.mean(jnp.square(a - r), axes, keepdims=True)
        signal = jnp.mean(jnp.square(r), axes, keepdims=True)
        return 10 * jnp.log10(peak.reshape(()) ** 2 / error), 10 * jnp.log10(signal / error)

    found = pair.run(ratios, [peak], 2)
    return found[0] if nargout == 1 else tuple(found)


def ssim(
    A: Any,
    ref: Any,
    *,
    DynamicRange: Any = 1,
    Exponents: Any = (1, 1, 1),
    Radius: float = 1.5,
    RegularizationConstants: Any = None,
    DataFormat: str | None = None,
    nargout: int = 1,
) -> Any:
    r"""Structural similarity of images: 1 for equal ones.

    .. math::

        \text{ssim} = \left(\frac{2 \mu_x \mu_y + C_1}{\mu_x^2 + \mu_y^2 + C_1}\right)^\alpha
        \left(\frac{2 \sigma_x \sigma_y + C_2}{\sigma_x^2 + \sigma_y^2 + C_2}\right)^\beta
        \left(\frac{\sigma_{xy} + C_3}{\sigma_x \sigma_y + C_3}\right)^\gamma

    at each place, with means, variances and covariances weighted by a Gaussian around it; the
    value is the mean over all places. Beyond the borders the nearest cell counts.

    Args:
        A: Images along "S" (2-D or 3-D): a formatted dlarray, or numbers. Without labels and
            ``DataFormat`` it is one gray image or volume.
        ref: The reference, of the size of ``A``.
        DynamicRange: The largest value L that images can have.
        Exponents: :math:`\alpha, \beta, \gamma`. Terms with a fractional one count from 0 up.
        Radius: Standard deviation of the Gaussian, which is cut after three of them.
        RegularizationConstants: :math:`C_1, C_2, C_3`; (0.01 L)^2, (0.03 L)^2 and half of that if
            not given.
        DataFormat: Labels of unformatted images; the result is then unformatted in that order.
        nargout: 1, or 2 for the similarity at each place too.

    Returns:
        Similarities with the labels of ``A`` and spatial sizes 1; plain numbers for plain images.

    Raises:
        FormatError: ``ref`` does not have the size and labels of ``A``, or there is no "S".
        OptionError: A number out of its range.

    Example:
        >>> from dltk.dlarray import dlarray
        >>> X = dlarray(np.random.default_rng(0).random((16, 16, 3, 2)), "SSCB")
        >>> value = ssim(X, X)
        >>> value.shape, value[0, 0, 0, 0].item()
        ((1, 1, 3, 2), 1.0)

    Source:
        https://www.mathworks.com/help/images/ref/ssim.html and Wang et al., Image quality
        assessment: from error visibility to structural similarity, 2004.
    """
    outputs("ssim", nargout, (1, 2))
    pair = Pair.of("ssim", A, ref, DataFormat, "SSS")
    largest = float(number("ssim", "DynamicRange", DynamicRange, above=0))
    radius = float(number("ssim", "Radius", Radius, above=0))
    exponents = _three("Exponents", Exponents)
    constants = Constants.of(largest)
    if RegularizationConstants is not None:
        constants = Constants(*_three("RegularizationConstants", RegularizationConstants))

    def index(a: Raw, r: Raw) -> tuple[Raw, Raw]:
        moments = local_moments(a, r.reshape(pair.stored), pair.axes, radius)
        here = similarity(moments, constants, exponents)
        return jnp.mean(here, pair.axes, keepdims=True), here

    found = pair.run(index, [], 2)
    return found[0] if nargout == 1 else tuple(found)


def _three(what: str, value: Any) -> tuple[float, float, float]:
    numbers = np.asarray(value, dtype=np.float64).ravel()
    if numbers.size != 3 or (numbers < 0).any():
        raise OptionError(f"ssim: {what} are three numbers from 0 on.", got={what: value})
    return float(numbers[0]), float(numbers[1]), float(numbers[2])
