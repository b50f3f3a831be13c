"""The short-time Fourier transform of labelled signals, and its inverse."""

from __future__ import annotations

import math
from datetime import timedelta
from typing import Any, Literal

import jax.numpy as jnp
import numpy as np

from .. import _labels as labels
from .._errors import FormatError, OptionError
from .._numbers import Raw
from ..dlarray import apply, dlarray
from ._frames import Frames, add_up, along, cut, frames_of, only
from ._operands import formatted, need, shown
from ._options import number, outputs, word


def dlstft(
    x: Any,
    fs: Any = None,
    *,
    Window: Any = None,
    OverlapLength: int | None = None,
    FFTLength: int | None = None,
    FrequencyRange: Literal["onesided", "twosided", "centered"] = "onesided",
    DataFormat: str | None = None,
    nargout: int = 1,
) -> Any:
    r"""Short-time Fourier transform of signals along "T".

    .. math:: y_{f,k} = \sum_{n=0}^{M-1} w_n\, x_{n + kR}\, e^{-2\pi i f n / P}

    for windows of M samples that start R = M - OverlapLength samples apart, and P = FFTLength
    frequencies. Samples at the end that fill no window are left out; nothing is added.

    Args:
        x: Signals, "CBT" or less: a formatted dlarray, or an unformatted one with ``DataFormat``.
        fs: Samples per second, or the time between samples as a ``datetime.timedelta``.
        Window: w, a vector; it may be learned. The periodic Hann window of 128 samples if not
            given.
        OverlapLength: Samples that neighbouring windows share; three quarters if not given.
        FFTLength: P, at least M; windows are filled up with zeros at the end. 128, or M if that is
            larger, if not given.
        FrequencyRange: "onesided", the frequencies from 0 to half the sample rate of real signals;
            or all of them, "twosided" from 0 on, or "centered" around 0 (which needs no ``x``
            without imaginary part). Others than "onesided" are ours.
        DataFormat: Labels of an unformatted ``x``; the result is then unformatted in that order,
            frequencies first.
        nargout: How many of the outputs to return, 1 to 3.

    Returns:
        ``y``, complex, with the labels of ``x`` and "S" for the frequencies: "SCBT". Then ``f``,
        the frequencies, and ``t``, the times of the middles of the windows, as columns: in Hz and
        seconds with ``fs``, in radians per sample and samples without.

    Raises:
        FormatError: ``x`` has other labels, no "T", or fewer samples than the window.
        OptionError: Lengths that do not fit together, or complex ``x`` with "onesided".

    Example:
        >>> x = dlarray(np.cos(np.pi / 4 * np.arange(160)), "T")
        >>> y, f, t = dlstft(x, nargout=3)
        >>> y.dims, y.shape, t.shape
        ('ST', (65, 2), (2, 1))
        >>> k = int(np.argmax(np.abs(np.asarray(y)[:, 0])))
        >>> f"{f[k, 0].item() / np.pi:g} pi"
        '0.25 pi'

    Source:
        https://www.mathworks.com/help/signal/ref/dlstft.html
    """
    name = "dlstft"
    outputs(name, nargout, (1, 2, 3))
    data, restore = formatted(name, x, DataFormat, Window, what="x")
    frames = frames_of(name, Window, OverlapLength, FFTLength, FrequencyRange)
    only(name, "x", data, "CBT")
    samples = need(name, data, "T", "x")
    if frames.range == "onesided" and data.dtype.kind == "c":
        raise OptionError(
            f"{name}: a complex signal has two sides of frequencies.",
            got={"x": shown(data)},
            fix='Say FrequencyRange="twosided" or "centered".',
        )
    if samples < frames.length:
        raise FormatError(
            f"{name}: x has {samples} samples, a window {frames.length}.",
            got={"x": shown(data)},
            fix="Use a shorter Window.",
        )

    def transform(signal: Raw, window: Raw) -> Raw:
        parts = cut(signal, frames.length, frames.hop)
        parts = parts * along(window, parts.ndim)
        if frames.range == "onesided":
            y = jnp.fft.rfft(parts, frames.points, axis=1)
        else:
            y = jnp.roll(jnp.fft.fft(parts, frames.points, axis=1), -frames.first, axis=1)
        return jnp.moveaxis(y, 1, y.ndim - ("C" in data.dims) - 1)

    y = restore(apply(name, transform, [data, frames.window], "S" + data.dims))
    rate = _rate(name, fs)
    count = (samples - frames.length) // frames.hop + 1
    middles = (np.arange(count)[:, None] * frames.hop + frames.length / 2) / (rate or 1)
    f = frames.frequencies(rate or 2 * math.pi)
    return y if nargout == 1 else (y, dlarray(f), dlarray(middles))[:nargout]


def dlistft(
    y: Any,
    *,
    Window: Any = None,
    OverlapLength: int | None = None,
    FFTLength: int | None = None,
    Method: Literal["wola", "ola"] = "wola",
    FrequencyRange: Literal["onesided", "twosided", "centered"] = "onesided",
    DataFormat: str | None = None,
) -> dlarray:
    r"""Inverse short-time Fourier transform: signals whose `dlstft` is (nearest to) ``y``.

    .. math:: x_n = \frac{\sum_k w_{n-kR}^a\, z_{k,n-kR}}{\sum_k w_{n-kR}^{a+1}}

    where z are the inverse transforms of the columns of y, and a is 1 ("wola") or 0 ("ola").
    Where all windows are 0, as the Hann window at the first sample, so is the signal.

    Args:
        y: Complex data, "SCBT" or less with "S" for the frequencies. Real data is taken as real
            parts in the first half of the channels and imaginary parts in the second. "CBT" has
            the frequencies in the channels, first (what flattening "S" and "C" gives).
        Window: w, as for `dlstft`.
        OverlapLength: As for `dlstft`.
        FFTLength: As for `dlstft`.
        Method: "wola" weighs the parts by the window before it adds them up, "ola" does not.
        FrequencyRange: As for `dlstft`.
        DataFormat: Labels of an unformatted ``y``; the result is then unformatted in that order.

    Returns:
        The signals, with the labels of ``y`` without "S". Real for "onesided".

    Raises:
        FormatError: ``y`` has other labels, or another number of frequencies.
        OptionError: Lengths that do not fit together, or a word that does not exist.

    Example:
        >>> x = dlarray(np.sin(np.arange(3 * 1024)).reshape(3, 1024, 1), "CTB")
        >>> back = dlistft(dlstft(x))
        >>> back.dims, back.shape, bool(abs(back - x)[:, :, 1:].max() < 1e-12)
        ('CBT', (3, 1, 1024), True)

    Source:
        https://www.mathworks.com/help/signal/ref/dlistft.html and Griffin and Lim, Signal
        estimation from modified short-time Fourier transform, 1984.
    """
    name = "dlistft"
    data, restore = formatted(name, y, DataFormat, Window, what="y")
    frames = frames_of(name, Window, OverlapLength, FFTLength, FrequencyRange)
    power = {"wola": 1, "ola": 0}[word(name, "Method", Method, ["wola", "ola"])]
    only(name, "y", data, "SCBT")
    need(name, data, "T", "y")
    channels = _channels(name, data, frames)
    dims = data.dims.replace("S", "")
    dims = dims if len(dims) > 1 else "TU"

    def invert(spectra: Raw, window: Raw) -> Raw:
        z = _unflattened(spectra, data, frames, channels)
        if frames.range == "onesided":
            z = jnp.fft.irfft(z, frames.points, axis=1)
        else:
            z = jnp.fft.ifft(jnp.roll(z, frames.first, axis=1), axis=1)
        z = z[:, : frames.length]
        window = window.real.reshape(1, -1)  # made complex where y is
        total = add_up(z * along(window, z.ndim) ** power, frames.hop)
        norm = add_up(jnp.repeat(window ** (power + 1), len(z), axis=0), frames.hop)
        least = frames.length * np.asarray(jnp.finfo(norm.dtype).eps, norm.real.dtype)
        norm = jnp.where(jnp.abs(norm) < least, jnp.ones_like(norm), norm)
        signal = total / norm.reshape((-1,) + (1,) * (total.ndim - 1))
        return signal if signal.ndim > 1 else signal[:, None]

    return restore(apply(name, invert, [data, frames.window], dims), without="S")


def _rate(name: str, fs: Any) -> Any:
    """Samples per second, None without."""
    if fs is None:
        return None
    if isinstance(fs, timedelta):
        fs = 1 / fs.total_seconds()
    return float(number(name, "fs", fs, above=0))


def _channels(name: str, y: dlarray, frames: Frames) -> int:
    """The number of channels of the signals, real and imaginary ones apart."""
    sizes = dict(zip(y.dims, y.shape, strict=True))
    count = sizes.get("C", 1)
    rest = count % frames.bins if "S" not in y.dims else sizes["S"] - frames.bins
    if rest:
        where = '"S"' if "S" in y.dims else '"C" (without "S" they are part of the channels)'
        raise FormatError(
            f"{name}: y does not have {frames.bins} frequencies in {where}.",
            got={"y": shown(y), "FFTLength": frames.points, "FrequencyRange": frames.range},
            fix="Give Window, OverlapLength and FFTLength the values that dlstft had.",
        )
    count = count if "S" in y.dims else count // frames.bins
    if y.dtype.kind != "c" and count % 2:
        raise FormatError(
            f"{name}: real y needs an even number of channels, real parts before imaginary ones.",
            got={"y": shown(y)},
            fix="Give complex data, as dlstft does, or cat(finddim(y, 'C'), real(y), imag(y)).",
        )
    return count


def _unflattened(spectra: Raw, y: dlarray, frames: Frames, channels: int) -> Raw:
    """Complex (frame, frequency, ...) from data as it lies in memory."""
    if "S" not in y.dims:  # frequencies run fastest within the channels, as MATLAB flattens
        spectra = spectra.reshape((*spectra.shape[:-1], channels, frames.bins))
        spectra = jnp.swapaxes(spectra, -1, -2)
    if y.dtype.kind != "c":
        real, imaginary = jnp.split(spectra, 2, axis=-1)
        spectra = real + 1j * imaginary
    at = labels.find_stored(y.dims, "S")[0] if "S" in y.dims else spectra.ndim - 2
    return jnp.moveaxis(spectra, at, 1)
