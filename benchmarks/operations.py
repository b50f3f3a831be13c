"""Cost of convolutions by shape: dlconv against JAX's convolution and PyTorch's (where installed).

Prints for each shape milliseconds of dlconv, forward, and forward with both gradients, and the
ratios to the others: medians over interleaved rounds. Single precision, compiled.
"""

import os
import statistics
import sys

import jax
import numpy as np
from rounds import ratio, times

from dltk import dlarray, dlconv

try:
    import torch
except ImportError:
    torch = None

# size of the data, filter size × channels × filters (× groups), options;
# "SSCB" and so on for the data, in the stored order of dltk
IMAGES, SEQUENCES, VOLUMES = "BSSC", "TBC", "BSSSC"
CASES = {
    "stem, 1 channel, 5×5": (IMAGES, (128, 28, 28, 1), (5, 5, 1, 20), {}),
    "stem, 1 channel, 3×3": (IMAGES, (128, 28, 28, 1), (3, 3, 1, 32), {}),
    "stem, 3 channels, 5×5": (IMAGES, (64, 32, 32, 3), (5, 5, 3, 32), {}),
    "stem, 3 channels, 3×3": (IMAGES, (64, 32, 32, 3), (3, 3, 3, 32), {}),
    "stem, 3 channels, 7×7, stride 2": (IMAGES, (16, 64, 64, 3), (7, 7, 3, 64), {"Stride": 2}),
    "3×3, 20 channels, stride 2": (IMAGES, (128, 28, 28, 20), (3, 3, 20, 20), {"Stride": 2}),
    "3×3, 16 channels, 32×32": (IMAGES, (64, 32, 32, 16), (3, 3, 16, 16), {}),
    "3×3, 32 channels, 16×16": (IMAGES, (64, 16, 16, 32), (3, 3, 32, 32), {}),
    "3×3, 64 channels, 8×8": (IMAGES, (64, 8, 8, 64), (3, 3, 64, 64), {}),
    "3×3, 64 channels, 28×28": (IMAGES, (16, 28, 28, 64), (3, 3, 64, 64), {}),
    "3×3, 128 channels, 14×14": (IMAGES, (16, 14, 14, 128), (3, 3, 128, 128), {}),
    "3×3, 256 channels, 7×7": (IMAGES, (16, 7, 7, 256), (3, 3, 256, 256), {}),
    "3×3, 16 to 32, stride 2": (IMAGES, (64, 32, 32, 16), (3, 3, 16, 32), {"Stride": 2}),
    "3×3, 32 to 64, stride 2": (IMAGES, (64, 16, 16, 32), (3, 3, 32, 64), {"Stride": 2}),
    "5×5, 64 to 128, stride 2": (IMAGES, (16, 32, 32, 64), (5, 5, 64, 128), {"Stride": 2}),
    "5×5, 256 to 512, stride 2": (IMAGES, (16, 8, 8, 256), (5, 5, 256, 512), {"Stride": 2}),
    "1×1, 64 channels": (IMAGES, (16, 28, 28, 64), (1, 1, 64, 64), {}),
    "1×1, 64 to 128, stride 2": (IMAGES, (16, 28, 28, 64), (1, 1, 64, 128), {"Stride": 2}),
    "3×3, 4 groups of 8": (IMAGES, (64, 16, 16, 32), (3, 3, 8, 8, 4), {}),
    "3×3, a filter per channel": (IMAGES, (64, 16, 16, 32), (3, 3, 1, 1, 32), {}),
    "the same, stride 2": (IMAGES, (16, 28, 28, 64), (3, 3, 1, 1, 64), {"Stride": 2}),
    "3×3, dilated": (IMAGES, (32, 28, 28, 32), (3, 3, 32, 32), {"DilationFactor": 2}),
    "time, 32 channels, dilated": (SEQUENCES, (200, 16, 32), (3, 32, 32), {"DilationFactor": 4}),
    "time, 64 channels": (SEQUENCES, (200, 16, 64), (5, 64, 64), {}),
    "time, 175 channels, dilated": (
        SEQUENCES,
        (200, 16, 175),
        (3, 175, 175),
        {"DilationFactor": 8},
    ),
    "3-D, 8 to 16": (VOLUMES, (8, 16, 16, 16, 8), (3, 3, 3, 8, 16), {}),
    "3-D, 1 channel": (VOLUMES, (8, 16, 16, 16, 1), (3, 3, 3, 1, 8), {}),
}


def padding(size, window, fmt, options):
    """Pairs per dimension: causal over time, else those of "same"."""
    dilation, stride = options.get("DilationFactor", 1), options.get("Stride", 1)
    reach = [(k - 1) * dilation + 1 for k in window]
    if fmt == SEQUENCES:
        return [(reach[0] - 1, 0)]
    total = [
        max((-(-n // stride) - 1) * stride + e - n, 0)
        for n, e in zip(size[1:-1], reach, strict=True)
    ]
    return [(n // 2, n - n // 2) for n in total]


def of_dltk(fmt, shape, options, pairs):
    over = "".join(label for label in fmt if label in "ST")

    def run(x, w):
        Y = dlconv(
            dlarray(x, fmt),
            w,
            0,
            WeightsFormat=over + "CUU"[: w.ndim - len(over)],
            Padding=np.array(pairs).T,
            **options,
        )
        return Y._data

    return run


def of_jax(fmt, shape, options, pairs):
    n = len(pairs)
    groups = shape[n + 2] if len(shape) > n + 2 else 1
    data = (1, 2, 0) if fmt == SEQUENCES else (0, n + 1, *range(1, n + 1))
    numbers = jax.lax.ConvDimensionNumbers(data, (n + 1, n, *range(n)), data)

    def run(x, w):
        kernel = w.swapaxes(-1, -2) if groups > 1 else w
        return jax.lax.conv_general_dilated(
            x,
            kernel.reshape((*w.shape[: n + 1], -1)),
            (options.get("Stride", 1),) * n,
            pairs,
            rhs_dilation=(options.get("DilationFactor", 1),) * n,
            dimension_numbers=numbers,
            feature_group_count=groups,
        )

    return run


def of_torch(fmt, x, w, options, pairs):
    n = len(pairs)
    groups = w.shape[n + 2] if w.ndim > n + 2 else 1
    kernel = w.swapaxes(-1, -2) if groups > 1 else w
    kernel = np.moveaxis(kernel.reshape((*w.shape[: n + 1], -1)), (-1, -2), (0, 1))
    data = np.moveaxis(x, 0, -1) if fmt == SEQUENCES else np.moveaxis(x, -1, 1)
    arrays = [torch.tensor(np.ascontiguousarray(a), requires_grad=True) for a in (data, kernel)]
    convolve = (None, torch.conv1d, torch.conv2d, torch.conv3d)[n]
    flat = [amount for pair in reversed(pairs) for amount in pair]
    stride, dilation = options.get("Stride", 1), options.get("DilationFactor", 1)
    equal = all(a == b for a, b in pairs)

    def run(x, w):
        amounts = [a for a, _ in pairs] if equal else 0
        x = x if equal else torch.nn.functional.pad(x, flat)
        return convolve(x, w, None, stride, amounts, dilation, groups)

    def forward():
        with torch.no_grad():
            run(*arrays)

    weight = torch.ones_like(run(*arrays))

    def both():
        torch.autograd.grad(run(*arrays), arrays, weight)

    return forward, both


def compiled(run, x, w):
    """Forward, and forward with both gradients, as compiled calls."""
    y = run(x, w)

    def gradients(x, w, y):
        value, pull = jax.vjp(run, x, w)
        return value, pull(y)

    first, second = jax.jit(run), jax.jit(gradients)
    return (
        lambda: jax.block_until_ready(first(x, w)),
        lambda: jax.block_until_ready(second(x, w, y)),
    )


def main():
    quick = "--quick" in sys.argv
    rounds, budget = (3, 0.01) if quick else (5, 0.03)
    if torch:
        torch.set_num_threads(len(os.sched_getaffinity(0)))
    random = np.random.default_rng(0)
    print(f"{'':34}      forward                      forward and gradients")
    print(f"{'convolution':34}" + "       ms  to JAX  to PyTorch" * 2)
    for name, (fmt, size, shape, options) in CASES.items():
        window = shape[: len([label for label in fmt if label in "ST"])]
        pairs = padding(size, window, fmt, options)
        x = random.standard_normal(size, dtype=np.float32)
        w = random.standard_normal(shape, dtype=np.float32)
        arrays = jax.numpy.asarray(x), jax.numpy.asarray(w)
        ways = [compiled(way(fmt, shape, options, pairs), *arrays) for way in (of_dltk, of_jax)]
        if torch:
            ways.append(of_torch(fmt, x, w, options, pairs))
        line = f"{name:34}"
        for runs in zip(*ways, strict=True):
            table = times(runs, rounds, budget)
            ratios = [ratio(table[0], column) for column in table[1:]]
            line += f" {statistics.median(table[0]):8.2f} {ratios[0]:7.2f} "
            line += f"{ratios[1]:11.2f}" if torch else " " * 11
        print(line, flush=True)


if __name__ == "__main__":
    main()
