"""Padding and Stride.

Shows: what a convolution computes, place by place, in one dimension, and how padding, stride and
    dilation change the number of places.
Needs: dltk only. Takes: seconds.
Prints: every sum of the convolution of 1 0 2 3 0 1 1 with the filter 2 1 3; then the output and its
    length for several settings, beside the formula.
"""

import numpy as np

from dltk import convolution1dLayer, dlarray, dlnetwork, extractdata, predict

x = [1, 0, 2, 3, 0, 1, 1]
w = [2, 1, 3]

# %% Convolve Without Padding

# The filter is laid over each run of three numbers; it is not turned around.


def convolve(**options):
    layer = convolution1dLayer(len(w), 1, Weights=np.float32(w).reshape(3, 1, 1), **options)
    X = dlarray(np.float32(x).reshape(-1, 1, 1), "SCB")
    Y = predict(dlnetwork([layer], X), X)
    return [int(y) for y in extractdata(Y).ravel()]


y = convolve()
print("  ".join(map(str, x)))
for i in range(len(y)):
    under = x[i : i + 3]
    terms = " + ".join(f"{a}*{b}" for a, b in zip(w, under, strict=True))
    print(f"{'   ' * i}{'  '.join(map(str, under)):<{28 - 3 * i}}{terms} = {y[i]}")
print(y)

# %% Pad, Stride, and Dilate

# With p padded numbers in all, stride s and a filter that reaches over e numbers, the output has
# floor((7 + p - e) / s) + 1 numbers.

settings = [
    (0, {}),
    (2, {"Padding": 1}),
    (2, {"Padding": "same"}),
    (2, {"Padding": [2, 0]}),
    (2, {"Padding": 1, "PaddingValue": "symmetric-exclude-edge"}),
    (0, {"Stride": 2}),
    (0, {"Stride": 3}),
    (2, {"Padding": "same", "Stride": 2}),
    (0, {"DilationFactor": 2}),
]

for p, options in settings:
    s = options.get("Stride", 1)
    e = 2 * options.get("DilationFactor", 1) + 1
    called = ", ".join(f"{name}={value!r}" for name, value in options.items())
    print(called or "no padding, stride 1")
    y = convolve(**options)
    print(f"    floor((7 + {p} - {e})/{s}) + 1 = {(7 + p - e) // s + 1}   {y}")
    assert len(y) == (7 + p - e) // s + 1
