"""Structural similarity over several scales, of images and of volumes."""

from __future__ import annotations

from typing import Any

import jax.numpy as jnp
import numpy as np

from .._errors import FormatError, OptionError
from .._numbers import Raw
from ._image_pair import Pair
from ._local_statistics import Constants, halved, local_moments, power, terms
from ._operands import shown
from ._options import number, outputs, whole


def multissim(
    I: Any,
    Iref: Any,
    *,
    NumScales: int | None = None,
    ScaleWeights: Any = None,
    Sigma: float = 1.5,
    DynamicRange: Any = 1,
    DataFormat: str | None = None,
    nargout: int = 1,
) -> Any:
    r"""Structural similarity of images over several scales: 1 for equal ones.

    .. math:: \text{score} = \bar S_M^{w_M} \prod_{j<M} \bar c_j^{w_j}

    where c are contrast and structure of `ssim` at scale j, S the whole index at the last one, and
    the bar is the mean over all places (negative ones count as 0). From scale to scale the images
    shrink to the means of blocks of two cells each way.

    Args:
        I: Images along "S": a formatted dlarray, or numbers. Without labels and ``DataFormat`` the
            first two dimensions are the image.
        Iref: The reference, of the size of ``I``.
        NumScales: Number of scales; 5, or as many as there are weights.
        ScaleWeights: w, as many as scales; made to sum to 1. A Gaussian around the scale in the
            middle if not given.
        Sigma: Standard deviation of the Gaussian of local statistics.
        DynamicRange: The largest value that images can have.
        DataFormat: Labels of unformatted images; the result is then unformatted in that order.
        nargout: 1, or 2 for a list of what is averaged at each scale too.

    Returns:
        Scores with the labels of ``I`` and spatial sizes 1; plain numbers for plain images.

    Raises:
        FormatError: ``Iref`` does not have the size and labels of ``I``, there is no "S", or the
            images are too small for the number of scales.
        OptionError: A number out of its range.

    Example:
        >>> from dltk.dlarray import dlarray
        >>> X = dlarray(np.random.default_rng(0).random((32, 32, 1)), "SSC")
        >>> multissim(X, X).item(), multissim(1 - X, X).item()
        (1.0, 0.0)

    Source:
        https://www.mathworks.com/help/images/ref/multissim.html and Wang, Simoncelli and Bovik,
        Multiscale structural similarity for image quality assessment, 2003.
    """
    options = (NumScales, ScaleWeights, Sigma, DynamicRange, DataFormat, nargout)
    return _multiscale("multissim", I, Iref, "SS", *options)


def multissim3(
    V: Any,
    Vref: Any,
    *,
    NumScales: int | None = None,
    ScaleWeights: Any = None,
    Sigma: float = 1.5,
    DynamicRange: Any = 1,
    DataFormat: str | None = None,
    nargout: int = 1,
) -> Any:
    """Structural similarity of volumes over several scales: `multissim` with three dimensions.

    Args:
        V: Volumes along "S": a formatted dlarray, or numbers. Without labels and ``DataFormat`` the
            first three dimensions are the volume.
        Vref: The reference, of the size of ``V``.
        NumScales: Number of scales; 5, or as many as there are weights.
        ScaleWeights: As many as scales; made to sum to 1.
        Sigma: Standard deviation of the Gaussian of local statistics.
        DynamicRange: The largest value that volumes can have.
        DataFormat: Labels of unformatted volumes; the result is then unformatted in that order.
        nargout: 1, or 2 for a list of what is averaged at each scale too.

    Returns:
        Scores with the labels of ``V`` and spatial sizes 1; plain numbers for plain volumes.

    Raises:
        FormatError: ``Vref`` does not have the size and labels of ``V``, there is no "S", or the
            volumes are too small for the number of scales.
        OptionError: A number out of its range.

    Example:
        >>> from dltk.dlarray import dlarray
        >>> X = dlarray(np.random.default_rng(0).random((8, 8, 8)), "SSS")
        >>> multissim3(X, X, NumScales=2).item()
        1.0

    Source:
        https://www.mathworks.com/help/images/ref/multissim3.html
    """
    options = (NumScales, ScaleWeights, Sigma, DynamicRange, DataFormat, nargout)
    return _multiscale("multissim3", V, Vref, "SSS", *options)


def _multiscale(
    name: str,
    I: Any,
    Iref: Any,
    spatial: str,
    NumScales: Any,
    ScaleWeights: Any,
    Sigma: Any,
    DynamicRange: Any,
    DataFormat: str | None,
    nargout: int,
) -> Any:
    outputs(name, nargout, (1, 2))
    pair = Pair.of(name, I, Iref, DataFormat, spatial, more=True)
    constants = Constants.of(float(number(name, "DynamicRange", DynamicRange, above=0)))
    radius = float(number(name, "Sigma", Sigma, above=0))
    weights = _weights(name, NumScales, ScaleWeights)
    least = 2 ** (len(weights) - 1)
    if min(n for n, letter in zip(pair.A.shape, pair.A.dims, strict=True) if letter == "S") < least:
        raise FormatError(
            f"{name}: {len(weights)} scales need images of at least {least} cells each way.",
            got={"size": shown(pair.A)},
            fix="Use fewer NumScales.",
        )

    def score(a: Raw, r: Raw) -> tuple[Raw, ...]:
        r = r.reshape(pair.stored)
        maps, total = [], jnp.ones((), a.dtype)
        for j, weight in enumerate(weights):
            luminance, contrast, structure = terms(
                local_moments(a, r, pair.axes, radius), constants
            )
            here = contrast * structure
            here = here * luminance if j == len(weights) - 1 else here
            total = total * power(jnp.mean(here, pair.axes, keepdims=True), weight)
            maps.append(here)
            if j < len(weights) - 1:
                a, r = halved(a, pair.axes), halved(r, pair.axes)
        return (total, *maps)

    found = pair.run(score, [], 1 + len(weights))
    return found[0] if nargout == 1 else (found[0], found[1:])


def _weights(name: str, NumScales: Any, ScaleWeights: Any) -> list[float]:
    if ScaleWeights is None:
        (count,) = whole(name, "NumScales", 5 if NumScales is None else NumScales)
        weights = np.exp(-((np.arange(count) - (count - 1) / 2) ** 2) / 2)
    else:
        weights = np.asarray(ScaleWeights, dtype=np.float64).ravel()
        if NumScales is not None and NumScales != weights.size:
            raise OptionError(
                f"{name}: there are {weights.size} weights for {NumScales} scales.",
                got={"ScaleWeights": ScaleWeights},
            )
        if (weights < 0).any() or not weights.sum() > 0:
            raise OptionError(
                f"{name}: ScaleWeights must be positive.", got={"ScaleWeights": ScaleWeights}
            )
    return [float(w) for w in weights / weights.sum()]
