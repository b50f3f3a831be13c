"""Derivatives of any order through every operation: each order against finite differences.

The original refuses higher derivatives of lstm, gru, embed, prod and interp1.
"""

import numpy as np
import pytest

import dltk as dl
from dltk import dlarray, dlfeval, dlgradient, sum

RANDOM = np.random.default_rng(11)


def r(*shape):
    return 0.2 + RANDOM.random(shape)


W34, R44, B4 = r(12, 3) - 0.5, r(12, 3) - 0.5, r(12, 1)
G, H = r(9, 3) - 0.5, r(9, 3) - 0.5
T = dlarray(np.eye(3)[:, [0, 1, 2, 1]], "CB")
SCALE, OFFSET = r(3, 1), r(3, 1)
SQUARE = np.array([[0.9, 0.2, 0.1], [0.1, 1.1, 0.3], [0.2, 0.1, 1.3]])

CB, CBT, SCB, SSCB, PLAIN = (3, 4), (3, 2, 3), (5, 3, 2), (4, 4, 2, 2), (3, 3)

# name: labels, size, function
OPERATIONS = {
    "lstm": ("CBT", CBT, lambda x: dl.lstm(x, np.zeros((3, 1)), np.zeros((3, 1)), W34, R44, B4)),
    "gru": ("CBT", CBT, lambda x: dl.gru(x, np.zeros((3, 1)), G, H, np.zeros((9, 1)))),
    "lstm weights": (
        "",
        (12, 3),
        lambda w: dl.lstm(
            dlarray(np.ones((3, 2, 3)), "CBT"), np.zeros((3, 1)), np.ones((3, 1)), w, R44, B4
        ),
    ),
    "embed": ("", (2, 4), lambda w: dl.embed(dlarray([[1.0, 3.0, 1.0]], "CB"), w)),
    "prod": ("CB", CB, lambda x: dl.prod(x, 1)),
    "cumprod": ("", PLAIN, lambda x: dl.cumprod(x, 1)),
    "interp1": ("", (1, 4), lambda v: dl.interp1(np.arange(4.0), v, np.array([0.3, 1.7, 2.2]))),
    "interp1 points": (
        "",
        (1, 3),
        lambda q: dl.interp1(np.arange(4.0), np.array([0.0, 1.0, 4.0, 9.0]), q * 2),
    ),
    "attention": ("CBT", (4, 2, 3), lambda x: dl.attention(x, x, x, 2, AttentionMask="causal")),
    "dlconv": ("SSCB", SSCB, lambda x: dl.dlconv(x, FILTERS, np.ones(3), Padding="same", Stride=2)),
    "dlconv weights": ("", (3, 3, 2, 3), lambda w: dl.dlconv(IMAGE, w, 0)),
    "dltranspconv": ("SCB", SCB, lambda x: dl.dltranspconv(x, r2(3, 2, 3), 0, Stride=2)),
    "fullyconnect": ("CB", CB, lambda x: dl.fullyconnect(x, SQUARE, np.ones(3))),
    "avgpool": ("SSCB", SSCB, lambda x: dl.avgpool(x, 2)),
    "maxpool": ("SSCB", SSCB, lambda x: dl.maxpool(x, 2, Stride=2)),
    "batchnorm": ("CB", CB, lambda x: dl.batchnorm(x, OFFSET, SCALE)),
    "layernorm": ("CB", CB, lambda x: dl.layernorm(x, OFFSET, SCALE)),
    "groupnorm": ("SCB", SCB, lambda x: dl.groupnorm(x, "all-channels", OFFSET, SCALE)),
    "instancenorm": ("SCB", SCB, lambda x: dl.instancenorm(x, OFFSET, SCALE)),
    "crosschannelnorm": ("SCB", SCB, lambda x: dl.crosschannelnorm(x, 3)),
    "softmax": ("CB", CB, dl.softmax),
    "gelu": ("CB", CB, dl.gelu),
    "sigmoid": ("CB", CB, dl.sigmoid),
    "leakyrelu": ("CB", CB, lambda x: dl.leakyrelu(x - 0.7)),
    "crossentropy": ("CB", CB, lambda x: dl.crossentropy(dl.softmax(x), T)),
    "huber": ("CB", CB, lambda x: dl.huber(3 * x, T, TransitionPoint=0.8)),
    "mse": ("CB", CB, lambda x: dl.mse(x, T)),
    "ctc": (
        "CBT",
        (3, 2, 4),
        lambda x: dl.ctc(
            dl.softmax(x),
            dlarray(np.array([[2.0, 3.0], [3.0, 2.0]]), "BT"),
            np.ones((1, 2, 4)),
            np.ones((2, 2)),
        ),
    ),
    "mtimes": ("", PLAIN, lambda x: x @ SQUARE @ x),
    "mldivide": ("", PLAIN, lambda x: dl.mldivide(SQUARE + 0.1 * x, x)),
    "inv": ("", PLAIN, lambda x: dl.inv(SQUARE + 0.1 * x)),
    "det": ("", PLAIN, dl.det),
    "expm": ("", PLAIN, lambda x: dl.expm(0.3 * x)),
    "fft": ("", (1, 5), lambda x: dl.real(dl.fft(x)) * dl.imag(dl.fft(x))),
    "sort": ("", (1, 6), lambda x: dl.sort(x) * np.arange(6.0)),
    "max": ("CB", CB, lambda x: dl.max(x, [], 1)),
    "std": ("CB", CB, lambda x: dl.std(x, 0, 2)),
    "vecnorm": ("", PLAIN, dl.vecnorm),
    "indexing": ("", PLAIN, lambda x: x[[0, 2], :] * x[1, :]),
    "power": ("CB", CB, lambda x: x**2.5 + 2.0**x),
    "atan2": ("CB", CB, lambda x: dl.atan2(x, 1 + x)),
    "erf": ("CB", CB, dl.erf),
    "gamma": ("CB", CB, lambda x: dl.gamma(1 + x)),
}
FILTERS, IMAGE = r(3, 3, 2, 3) - 0.5, dlarray(r(4, 4, 2, 2), "SSCB")


def r2(*shape):
    return np.linspace(-0.5, 0.7, int(np.prod(shape))).reshape(shape)


@pytest.mark.long
@pytest.mark.parametrize("name", OPERATIONS)
def test_each_order_is_the_slope_of_the_one_before(name):
    fmt, shape, operation = OPERATIONS[name]
    random = np.random.default_rng(5)
    x, v = 0.2 + random.random(shape), random.normal(size=shape)

    def slopes(x, v):
        """The function and its first three derivatives along v."""
        values = [sum(dl.sin(operation(x)), "all")]
        for _ in range(3):
            gradient = dlgradient(values[-1], x, EnableHigherDerivatives=True)
            assert gradient.dims == x.dims
            values.append(sum(gradient * v, "all"))
        return [dl.stripdims(value) for value in values]

    def at(t):
        labelled = (dlarray(x + t * v, fmt), dlarray(v, fmt))
        return np.array([value.item() for value in dlfeval(slopes, *labelled)])

    h = 1e-4
    differences = (8 * (at(h) - at(-h)) - (at(2 * h) - at(-2 * h))) / (12 * h)
    np.testing.assert_allclose(at(0)[1:], differences[:-1], rtol=2e-6, atol=2e-6)
