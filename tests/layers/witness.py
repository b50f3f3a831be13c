"""What layers compute, in plain NumPy and SciPy on arrays in the order S, C, B, T."""

import itertools
import math

import numpy as np
from scipy.signal import correlate
from scipy.special import expit


def front(x, fmt, axes):
    """The dimensions slid over first, then C, then the others; and the way back."""
    order = [*axes, fmt.index("C"), *(i for i in range(x.ndim) if i not in axes and fmt[i] != "C")]
    return x.transpose(order), lambda y: y.transpose(np.argsort(order))


def dilated(w, steps):
    """Filters with holes between their cells; the first dimensions are space."""
    sizes = [(k - 1) * d + 1 for k, d in zip(w.shape, steps, strict=False)]
    out = np.zeros((*sizes, *w.shape[len(steps) :]))
    out[tuple(slice(None, None, d) for d in steps)] = w
    return out


def convolve(x, fmt, axes, w, b, strides, dilation, pads, mode="constant", **fill):
    """Convolution with filters space × channels × filters by scipy.signal.correlate."""
    x, back = front(x, fmt, axes)
    k = len(axes)
    x = np.pad(x, [*pads, *[(0, 0)] * (x.ndim - k)], mode=mode, **fill)
    w = dilated(w.reshape(*w.shape, *(1,) * (k + 2 - w.ndim)), dilation)
    strided = tuple(slice(None, None, s) for s in strides)
    rest = x.shape[k + 1 :]
    sizes = [-(-(n - e + 1) // s) for n, e, s in zip(x.shape, w.shape, strides, strict=False)]
    y = np.zeros((*sizes, w.shape[k + 1], *rest))
    for f, place in itertools.product(range(w.shape[k + 1]), np.ndindex(*rest)):
        for c in range(w.shape[k]):
            image = x[(..., c, *place)] if not place else x[(*[slice(None)] * k, c, *place)]
            full = correlate(image, w[(*[slice(None)] * k, c, f)], "valid", "direct")
            y[(*[slice(None)] * k, f, *place)] += full[strided]
        y[(*[slice(None)] * k, f, *place)] += b.ravel()[f]
    return back(y)


def grouped(x, fmt, axes, w, b, strides, dilation, pads):
    """Each group of channels with its own filters."""
    groups = w.shape[4] if w.ndim == 5 else 1
    parts = np.split(x, groups, fmt.index("C"))
    w = w.reshape(*w.shape, *(1,) * (5 - w.ndim))
    b = b.reshape(-1, groups, order="F")
    results = [
        convolve(part, fmt, axes, w[..., g], b[:, g], strides, dilation, pads)
        for g, part in enumerate(parts)
    ]
    return np.concatenate(results, fmt.index("C"))


def stamp(x, fmt, axes, w, b, strides, crops):
    """Transposed convolution with filters space × filters × channels: every cell adds a stamp."""
    x, back = front(x, fmt, axes)
    k = len(axes)
    window = w.shape[:k]
    w = w.reshape(*w.shape, *(1,) * (k + 2 - w.ndim))
    sizes = [(n - 1) * s + e for n, s, e in zip(x.shape, strides, window, strict=False)]
    y = np.zeros((*sizes, w.shape[k], *x.shape[k + 1 :]))
    for cell in np.ndindex(*x.shape[:k]):
        at = tuple(slice(i * s, i * s + e) for i, s, e in zip(cell, strides, window, strict=True))
        y[at] += np.einsum("...fc,cr->...fr", w, x[cell].reshape(x.shape[k], -1)).reshape(
            *window, w.shape[k], *x.shape[k + 1 :]
        )
    y = y[tuple(slice(a, n - b) for n, (a, b) in zip(sizes, crops, strict=True))]
    return back(y + b.reshape(-1, *(1,) * (y.ndim - k - 1)))


def pool(x, fmt, axes, reduce, window, strides, pads, fill):
    """Windows by loops."""
    x, back = front(x, fmt, axes)
    k = len(axes)
    x = np.pad(x, [*pads, *[(0, 0)] * (x.ndim - k)], constant_values=fill)
    sizes = [(n - w) // s + 1 for n, w, s in zip(x.shape, window, strides, strict=False)]
    y = np.zeros((*sizes, *x.shape[k:]))
    for cell in np.ndindex(*sizes):
        at = tuple(slice(i * s, i * s + w) for i, s, w in zip(cell, strides, window, strict=True))
        y[cell] = reduce(x[at], axis=tuple(range(k)))
    return back(y)


def flatten(x, fmt):
    """Spatial dimensions and channels in one, first dimension fastest."""
    count = fmt.count("S") + 1
    return x.reshape(math.prod(x.shape[:count]), *x.shape[count:], order="F")


def dense(x, fmt, w, b):
    """W x + b of the flattened data."""
    columns = flatten(x, fmt)
    return np.tensordot(w, columns, 1) + b.reshape(-1, *(1,) * (columns.ndim - 1))


def along_channels(v, fmt):
    """A vector that lies along C."""
    return v.reshape([-1 if letter == "C" else 1 for letter in fmt])


def normalize(x, fmt, over, offset, scale, epsilon=1e-5):
    """Zero mean and unit variance over the labels in ``over``, then scale and offset."""
    axes = tuple(i for i, letter in enumerate(fmt) if letter in over)
    standard = (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + epsilon)
    return standard * along_channels(scale, fmt) + along_channels(offset, fmt)


def normalize_groups(x, fmt, groups, offset, scale):
    """The same for blocks of channels."""
    parts = np.split(x, groups, fmt.index("C"))
    standard = [normalize(p, fmt, "SCT", np.zeros(1), np.ones(1)) for p in parts]
    joined = np.concatenate(standard, fmt.index("C"))
    return joined * along_channels(scale, fmt) + along_channels(offset, fmt)


def local_response(x, fmt, window, alpha, beta, k):
    """Each channel divided by the size of its neighbours."""
    x = np.moveaxis(x, fmt.index("C"), 0)
    y = np.zeros_like(x)
    for c in range(len(x)):
        near = x[max(0, c - (window - 1) // 2) : c + window // 2 + 1]
        y[c] = x[c] / (k + alpha / window * (near**2).sum(0)) ** beta
    return np.moveaxis(y, 0, fmt.index("C"))


def lstm(x, w, r, b, h=None, c=None):
    """Hidden states of all steps and the last states; x is inputs × observations × time."""
    units = r.shape[1]
    h = np.zeros((units, x.shape[1])) if h is None else h
    c = np.zeros((units, x.shape[1])) if c is None else c
    out = []
    for step in np.moveaxis(x, 2, 0):
        i, f, g, o = np.split(w @ step + r @ h + b, 4)
        c = expit(f) * c + expit(i) * np.tanh(g)
        h = expit(o) * np.tanh(c)
        out.append(h)
    return np.stack(out, 2), h, c


def gru(x, w, r, b, mode="after-multiplication", h=None):
    """The same for a gated recurrent unit."""
    units = r.shape[1]
    h = np.zeros((units, x.shape[1])) if h is None else h
    own, recurrent = (b, 0 * b) if len(b) == 3 * units else np.split(b, 2)
    out = []
    for step in np.moveaxis(x, 2, 0):
        a, z, n = np.split(w @ step + own, 3)
        ra, rz, rn = np.split(r @ h + recurrent, 3)
        reset, update = expit(a + ra), expit(z + rz)
        if mode == "before-multiplication":
            rn = r[2 * units :] @ (reset * h)
            reset = 1
        h = (1 - update) * np.tanh(n + reset * rn) + update * h
        out.append(h)
    return np.stack(out, 2), h
