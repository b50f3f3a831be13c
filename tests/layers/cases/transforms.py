"""Short-time Fourier transforms and their inverse, window by window."""

import numpy as np

import dltk.layers as L

from ._table import add

WINDOW = np.array([0.5, 1.0, 2.0, 1.5, 0.3])
MODES = {
    "mag": np.abs,
    "squaremag": lambda y: np.abs(y) ** 2,
    "logmag": lambda y: np.log(np.abs(y)),
    "logsquaremag": lambda y: np.log(np.abs(y) ** 2),
    "realimag": lambda y: np.concatenate([y.real, y.imag], 1),
}


def transformed(p, x, overlap, points):
    """(frequency, channel, observation, window), each window by itself."""
    w = p["Weights"].ravel()
    starts = range(0, x.shape[-1] - len(w) + 1, len(w) - overlap)
    parts = np.stack([x[..., i : i + len(w)] * w for i in starts], -2)
    return np.moveaxis(np.fft.rfft(parts, points), -1, 0)


for mode, function in MODES.items():
    add(
        "stftLayer" if mode == "mag" else f"stftLayer({mode})",
        lambda m=mode: L.stftLayer(Window=WINDOW, OverlapLength=3, FFTLength=8, TransformMode=m),
        "CBT",
        lambda p, x, f=function: f(transformed(p, x, 3, 8)),
        out="SCBT",
        sizes=((2, 3, 12),),
        derivatives=True,
    )
add(
    "stftLayer",
    lambda: L.stftLayer(Window=WINDOW, OverlapLength=3, FFTLength=8),
    "CT",
    lambda p, x: np.abs(transformed(p, x, 3, 8)),
    out="SCT",
    sizes=((2, 12),),
)


def restored(p, y, power):
    """Sums of windows over sums of powers of the window."""
    w = p["Weights"].ravel()
    half = y.shape[1] // 2
    z = np.fft.irfft(y[:, :half] + 1j * y[:, half:], 8, axis=0)[: len(w)]
    steps = y.shape[-1]
    total = np.zeros((*z.shape[1:-1], (steps - 1) * 2 + len(w)))
    norm = np.zeros(total.shape[-1])
    for k in range(steps):
        place = slice(2 * k, 2 * k + len(w))
        total[..., place] += np.moveaxis(z[..., k], 0, -1) * w**power
        norm[place] += w ** (power + 1)
    return total / norm


for method, power in (("wola", 1), ("ola", 0)):
    add(
        "istftLayer" if power else "istftLayer(ola)",
        lambda m=method: L.istftLayer(Window=WINDOW, OverlapLength=3, FFTLength=8, Method=m),
        "SCBT",
        lambda p, x, a=power: restored(p, x, a),
        out="CBT",
        sizes=((5, 4, 3, 4),),
        derivatives=True,
    )
