"""The primitives of convolution against JAX's convolution, with derivatives of every kind."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from jax import export

from dltk.functions import _blocks
from dltk.functions import _cpu_weights as weights
from dltk.functions._bilinear import convolve, input_gradient, weight_gradient
from dltk.functions._form import Form, convolution

from ..strategies import few

RANDOM = np.random.default_rng(3)


def draw(*shape, dtype=np.float64):
    return RANDOM.standard_normal(shape).astype(dtype)


def shapes(form, observations, channels, filters):
    """Sizes of data and filters, with channels and filters of a group."""
    x = form.data_shape(observations, form.sizes, channels * form.groups)
    return x, (*form.window, channels, filters * form.groups)


def form(sizes, window, strides=1, dilation=1, pairs=(1, 1), groups=1, time=False):
    n = len(sizes)
    full = ((strides,) * n, (dilation,) * n) if isinstance(strides, int) else (strides, dilation)
    pairs = (pairs,) * n if isinstance(pairs[0], int) else pairs
    return Form(sizes, window, *full, pairs, groups, time)


# form, channels and filters of a group: at least one for each formulation
CASES = {
    "one channel": (form((7, 6), (3, 3)), 1, 4),
    "one channel, strided, dilated": (form((9, 8), (3, 2), 2, 2), 1, 3),
    "one channel, large filter": (form((12, 12), (9, 8), 2), 1, 2),
    "three channels": (form((6, 7), (3, 3)), 3, 4),
    "three channels, strided": (form((8, 7), (3, 5), 2, pairs=((1, 2), (0, 1))), 3, 4),
    "many channels": (form((5, 5), (3, 3)), 6, 5),
    "strided, cells left over": (form((8, 8), (3, 3), 3, pairs=(0, 0)), 4, 5),
    "stride beyond the filter": (form((9, 9), (2, 1), 3, pairs=(0, 1)), 4, 5),
    "dilated": (form((8, 7), (3, 2), 1, 2), 4, 3),
    "few positions, many filters": (form((3, 3), (3, 3), pairs=(0, 0)), 2, 8),
    "one cell": (form((5, 4), (1, 1), pairs=(0, 0)), 4, 5),
    "one cell, strided": (form((5, 4), (1, 1), 2, pairs=(0, 0)), 4, 5),
    "one cell, padded": (form((5, 4), (1, 1), 2, pairs=(1, 0)), 4, 5),
    "groups": (form((6, 5), (3, 3), groups=4), 2, 3),
    "groups, strided": (form((6, 5), (3, 2), 2, groups=3), 2, 3),
    "wide groups": (form((4, 4), (2, 2), groups=2), 33, 2),
    "a filter per channel": (form((6, 5), (3, 3), groups=5), 1, 1),
    "a filter per channel, strided": (form((7, 6), (3, 3), 2, groups=5), 1, 1),
    "two filters per channel": (form((6, 5), (3, 2), 2, groups=3), 1, 2),
    "one dimension": (form((9,), (3,)), 3, 4),
    "one dimension, strided": (form((9,), (4,), 2), 2, 4),
    "time, causal": (form((9,), (3,), 1, 2, pairs=(4, 0), time=True), 4, 5),
    "time, one channel": (form((9,), (3,), 2, 1, pairs=(2, 0), time=True), 1, 3),
    "time, groups": (form((9,), (3,), 1, 2, pairs=(4, 0), groups=2, time=True), 2, 3),
    "space and time": (form((6, 5), (3, 2), 1, time=True), 3, 4),
    "space and time, strided": (form((6, 5), (3, 2), 2, time=True), 3, 4),
    "three dimensions": (form((5, 4, 6), (3, 2, 3)), 2, 3),
    "three dimensions, strided": (form((5, 4, 6), (3, 2, 3), 2), 2, 3),
    "three dimensions, one channel": (form((5, 4, 6), (3, 2, 3), 2), 1, 3),
    "three dimensions, groups": (form((4, 4, 3), (2, 2, 2), groups=2), 2, 2),
    "two of space and time": (form((5, 4, 6), (3, 2, 2), time=True), 2, 3),
    "two of space and time, strided": (form((5, 4, 6), (3, 2, 2), 2, time=True), 2, 3),
    "cut away": (form((7, 6), (3, 3), 1, pairs=((-1, 0), (1, -2))), 2, 3),
    "cut away, strided": (form((7, 6), (2, 2), 2, pairs=((-1, 0), (1, -2))), 2, 3),
}
EACH = pytest.mark.parametrize("case", CASES.values(), ids=CASES)


def drawn(case, observations=2, dtype=np.float64):
    f, channels, filters = case
    x, w = (draw(*s, dtype=dtype) for s in shapes(f, observations, channels, filters))
    return f, x, w


def of_data(w, y, f, x):
    """Input gradient by JAX, of data with the size of x."""
    return jax.vjp(lambda x: convolution(x, w, f), x)[1](y)[0]


def of_filters(x, y, f, w):
    """Gradient of filters by JAX, of filters with the size of w."""
    return jax.vjp(lambda w: convolution(x, w, f), w)[1](y)[0]


def assert_same(function, other, arguments, dtype=np.float64):
    """Two functions, compiled, give the same."""
    tolerance = {np.float64: 1e-11, np.float32: 3e-5}[dtype]
    with jax.enable_x64(True):
        ours, theirs = jax.jit(function)(*arguments), jax.jit(other)(*arguments)
    leaves, wanted = jax.tree.leaves(ours), jax.tree.leaves(theirs)
    for a, b in zip(map(np.asarray, leaves), map(np.asarray, wanted), strict=True):
        assert a.dtype == b.dtype == dtype
        scale = np.abs(b).max() + 1e-30
        np.testing.assert_allclose(a / scale, b / scale, rtol=0, atol=tolerance)


def pairs_of_functions(case, dtype=np.float64):
    """The three primitives with what JAX says in their place, and arguments."""
    f, x, w = drawn(case, dtype=dtype)
    y = draw(*jax.eval_shape(lambda x, w: convolution(x, w, f), x, w).shape, dtype=dtype)
    return [
        (lambda x, w: convolve(x, w, f), lambda x, w: convolution(x, w, f), (x, w)),
        (lambda w, y: input_gradient(w, y, f), lambda w, y: of_data(w, y, f, x), (w, y)),
        (lambda x, y: weight_gradient(x, y, f), lambda x, y: of_filters(x, y, f, w), (x, y)),
    ]


@EACH
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_values_are_those_of_jax(case, dtype):
    for ours, theirs, arguments in pairs_of_functions(case, dtype):
        assert_same(ours, theirs, arguments, dtype)


def derivatives(function):
    """Of a cubic of the result: gradients in both operands, and mixtures up to third order."""

    def loss(*operands):
        return (function(*operands) ** 3).sum() / 3

    gradient = jax.grad(loss, (0, 1))

    def slope(*operands):
        return sum(
            (g * jnp.sin(a)).sum() for g, a in zip(gradient(*operands), operands, strict=True)
        )

    second = jax.grad(slope, (0, 1))  # reverse over reverse

    def curve(*operands):
        return sum((g * jnp.cos(a)).sum() for g, a in zip(second(*operands), operands, strict=True))

    def every(a, b):
        forward = jax.jvp(function, (a, b), (jnp.cos(a), jnp.sin(b)))[1]
        mixed = jax.jvp(gradient, (a, b), (jnp.cos(a), jnp.sin(b)))[1]
        return gradient(a, b), forward, mixed, second(a, b), jax.grad(curve, (0, 1))(a, b)

    return every


# The derivatives of the primitives are the primitives, so a few forms stand for all.
DERIVED = ["one channel", "three channels, strided", "dilated", "one cell, strided", "groups"]
DERIVED += ["a filter per channel, strided", "time, causal", "three dimensions", "cut away"]


@pytest.mark.parametrize("case", [CASES[name] for name in DERIVED], ids=DERIVED)
def test_derivatives_are_those_of_jax_up_to_third_order(case):
    ours, theirs, arguments = pairs_of_functions(case)[0]  # the others are its derivatives
    assert_same(derivatives(ours), derivatives(theirs), arguments)


MAPPED = [(0, None), (None, 0), (0, 0), (1, -1)]  # one for each form, all for some
VMAPS = [(name, MAPPED[i % 4]) for i, name in enumerate(CASES)]
VMAPS += [(name, axes) for name in ("many channels", "groups, strided") for axes in MAPPED]


@pytest.mark.parametrize(("name", "mapped"), sorted(set(VMAPS), key=str))
def test_vmap_is_that_of_jax(name, mapped):
    for ours, theirs, arguments in pairs_of_functions(CASES[name]):
        spread = [
            a if axis is None else np.stack([a, 2 - a, a * a], axis)
            for a, axis in zip(arguments, mapped, strict=True)
        ]
        assert_same(jax.vmap(ours, mapped), jax.vmap(theirs, mapped), spread)


def test_gradients_of_each_observation():
    f, x, w = drawn(CASES["many channels"], observations=4)

    def each(function):
        one = jax.grad(lambda w, x: (function(x[None], w, f) ** 2).sum())
        return jax.vmap(one, (None, 0))

    assert_same(each(convolve), each(convolution), (w, x))


def test_vmap_inside_vmap():
    f, x, w = drawn(CASES["groups"])
    xs, ws = np.stack([x, -x]), np.stack([w, w + 1, 2 * w])

    def grid(function):
        inner = jax.vmap(lambda x, w: function(x, w, f), (None, 0))
        return jax.vmap(inner, (0, None))

    assert_same(grid(convolve), grid(convolution), (xs, ws))


def test_linearize_and_transpose():
    f, x, w = drawn(CASES["three channels, strided"])
    with jax.enable_x64(True):
        y, linear = jax.linearize(lambda x: convolve(x, w, f), x)
        back = jax.linear_transpose(linear, x)(y)[0]
    np.testing.assert_allclose(back, of_data_numpy(x, w, f), rtol=1e-10, atol=1e-10)


def of_data_numpy(x, w, f):
    with jax.enable_x64(True):
        return np.asarray(of_data(w, convolution(x, w, f), f, x))


def test_observations_in_turns_give_the_same(monkeypatch):
    f, x, w = drawn(CASES["many channels"], observations=6)
    y = draw(6, *f.results, w.shape[-1])
    monkeypatch.setattr(weights, "MEMORY", 40_000)  # three turns of two
    with jax.enable_x64(True):
        text = jax.jit(lambda x, y: weight_gradient(x, y, f)).lower(x, y).as_text()
    assert "while" in text
    assert_same(lambda x, y: weight_gradient(x, y, f), lambda x, y: of_filters(x, y, f, w), (x, y))


@pytest.mark.parametrize("name", ["groups", "groups, strided", "time, groups"])
def test_too_many_groups_to_write_out(monkeypatch, name):
    monkeypatch.setattr(_blocks, "MOST", 0)
    for ours, theirs, arguments in pairs_of_functions(CASES[name]):
        assert_same(ours, theirs, arguments)


@pytest.mark.parametrize("dtype", [np.complex128, np.int32])
def test_complex_and_whole_numbers(dtype):
    f, x, w = drawn(CASES["strided, cells left over"])
    x, w = (10 * x).astype(dtype), (10 * w).astype(dtype)
    with jax.enable_x64(True):
        y = convolve(x, w, f)
        np.testing.assert_allclose(y, convolution(x, w, f), rtol=1e-12)
        if dtype == np.complex128:
            back = weight_gradient(x, y, f)
            np.testing.assert_allclose(back, of_filters(x, y, f, w), rtol=1e-11)


def test_shapes_without_numbers():
    for name in CASES:
        for ours, theirs, arguments in pairs_of_functions(CASES[name]):
            with jax.enable_x64(True):
                a, b = jax.eval_shape(ours, *arguments), jax.eval_shape(theirs, *arguments)
            assert (a.shape, a.dtype) == (b.shape, b.dtype)


@pytest.mark.parametrize("name", ["one channel", "groups", "a filter per channel", "many channels"])
def test_elsewhere_than_on_a_cpu_it_is_jaxs_convolution(name):
    f, x, w = drawn(CASES[name], dtype=np.float32)

    def loss(x, w):
        return (convolve(x, w, f) ** 2).sum()

    def lowered(platform):
        return export.export(jax.jit(jax.grad(loss, (0, 1))), platforms=[platform])(x, w)

    text = lowered("cuda").mlir_module()
    assert text.count("stablehlo.convolution") == 3
    assert "stablehlo.while" not in text
    assert "stablehlo.dot_general" not in text
    ours = lowered("cpu").call(x, w)
    theirs = jax.grad(lambda x, w: (convolution(x, w, f) ** 2).sum(), (0, 1))(x, w)
    for a, b in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-4 * np.abs(b).max())


@given(st.data())
@few
def test_any_sizes(data):
    whole = lambda low, high: data.draw(st.integers(low, high))  # noqa: E731
    n, time = whole(1, 3), data.draw(st.booleans())
    values = [
        (whole(1, 7), whole(1, 3), whole(1, 3), whole(1, 2), (whole(-1, 2), whole(-1, 2)))
        for _ in range(n)
    ]
    f = Form(*zip(*values, strict=True), groups=whole(1, 3), time=time)
    padded = [size + sum(pair) for size, pair in zip(f.sizes, f.pairs, strict=True)]
    assume(all(e <= size for e, size in zip(f.reach, padded, strict=True)))
    case = f, whole(1, 4), whole(1, 4)
    for ours, theirs, arguments in pairs_of_functions(case):
        assert_same(ours, theirs, arguments)
