"""Derivatives of the operations on sequences, which have rules of their own, to third order.

The witness is JAX's differentiation of the same formula, written without such rules; the tests of
each operation compare its first derivatives with finite differences.
"""

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.scipy.special import erf

from dltk.dlarray import dlarray, extractdata
from dltk.functions._activation import gelu
from dltk.functions._attention import attention
from dltk.functions._dense import fullyconnect
from dltk.functions._normalization import groupnorm, layernorm
from dltk.functions._recurrent import gru, lstm

RNG = np.random.default_rng(17)
B, T, UNITS = 2, 3, 2
STATE = {"tanh": jnp.tanh, "softsign": lambda x: x / (1 + abs(x)), "relu": jax.nn.relu}
GATE = {"sigmoid": jax.nn.sigmoid, "hard-sigmoid": lambda x: jnp.clip(0.2 * x + 0.5, 0, 1)}
MODES = ("after-multiplication", "before-multiplication", "recurrent-bias-after-multiplication")


def lstm_loop(state, gate, X, h, c, W, R, b):
    Y, tanh, sigma = [], STATE[state], GATE[gate]
    for t in range(T):
        i, f, g, o = jnp.split(W @ X[:, :, t] + R @ h + b, 4)
        c = sigma(f) * c + sigma(i) * tanh(g)
        h = sigma(o) * tanh(c)
        Y.append(h)
    return jnp.stack([*Y, c], 2)


def run_lstm(state, gate, X, *rest):
    options = {"StateActivationFunction": state, "GateActivationFunction": gate}
    Y, _, c = lstm(dlarray(X, "CBT"), *map(dlarray, rest), nargout=3, **options)
    return jnp.concatenate([extractdata(Y), extractdata(c)[:, :, None]], 2)


def gru_loop(mode, state, gate, X, h, W, R, b):
    Y, tanh, sigma = [], STATE[state], GATE[gate]
    later = jnp.split(b, 6)[3:] if mode.startswith("recurrent") else 3 * [0.0]
    (Wr, Wz, Wc), (Rr, Rz, Rc) = jnp.split(W, 3), jnp.split(R, 3)
    br, bz, bc = jnp.split(b[: 3 * UNITS], 3)
    for t in range(T):
        x = X[:, :, t]
        r = sigma(Wr @ x + br + Rr @ h + later[0])
        z = sigma(Wz @ x + bz + Rz @ h + later[1])
        back = Rc @ (r * h) if mode.startswith("before") else r * (Rc @ h + later[2])
        h = (1 - z) * tanh(Wc @ x + bc + back) + z * h
        Y.append(h)
    return jnp.stack(Y, 2)


def run_gru(mode, state, gate, X, *rest):
    options = {"StateActivationFunction": state, "GateActivationFunction": gate}
    return extractdata(gru(dlarray(X, "CBT"), *map(dlarray, rest), ResetGateMode=mode, **options))


def recurrent(blocks, states, inputs, biases):
    h = [RNG.standard_normal((UNITS, B)) for _ in range(states)]
    W, R, b = (RNG.standard_normal((blocks * UNITS, n)) for n in (inputs, UNITS, 1))
    return RNG.standard_normal((inputs, B, T)), *h, W, R, np.resize(b, (biases * UNITS, 1))


def recurrent_cases():
    usual, other = ("tanh", "sigmoid"), ("softsign", "hard-sigmoid")
    for inputs, words in ((2, usual), (2, other), (5, usual)):  # 5: wide against the state
        functions = partial(run_lstm, *words), partial(lstm_loop, *words)
        yield f"lstm {words[0]} {inputs}", *functions, recurrent(4, 2, inputs, 4)
    for mode, inputs, words in ((MODES[0], 5, usual), *((m, 2, other) for m in MODES)):
        functions = partial(run_gru, mode, *words), partial(gru_loop, mode, *words)
        arrays = recurrent(3, 1, inputs, 6 if mode.startswith("recurrent") else 3)
        yield f"gru {mode} {inputs}", *functions, arrays


def attention_formula(allowed, added, Q, K, V):
    Q, K, V = (x.reshape(2, 2, B, T) for x in (Q, K, V))  # heads first
    products = jnp.einsum("hcbk,hcbq->hbkq", K, Q) / np.sqrt(2) + added
    weights = allowed * jnp.exp(products)
    weights = weights / weights.sum(2, keepdims=True)
    y = jnp.einsum("hcbk,hbkq->hcbq", V, weights)
    return jnp.concatenate([y.ravel(), weights.ravel()])


def run_attention(options, Q, K, V):
    Q, K, V = (dlarray(x, "CBT") for x in (Q, K, V))
    Y, weights = attention(Q, K, V, 2, nargout=2, **options)
    weights = extractdata(weights).transpose(2, 3, 0, 1)
    return jnp.concatenate([extractdata(Y).ravel(), weights.ravel()])


def attention_cases():
    arrays = tuple(RNG.standard_normal((4, B, T)) for _ in range(3))
    mask = (RNG.random((T, T)) < 0.6) | np.eye(T, dtype=bool)  # keys x queries
    added = RNG.standard_normal((T, T))
    padding = np.ones((1, B, T))
    padding[0, 1, 2:] = 0
    for name, options, allowed, bias in (
        ("causal", {"AttentionMask": "causal"}, np.triu(np.ones((T, T))), 0.0),
        ("mask", {"AttentionMask": mask}, 1.0 * mask, 0.0),
        ("added", {"AttentionMask": added}, 1.0, added),
        ("padding", {"PaddingMask": padding}, padding[0][:, :, None], 0.0),
    ):
        functions = partial(run_attention, options), partial(attention_formula, allowed, bias)
        yield f"attention {name}", *functions, arrays


def formula_of_norm(axes, X, b, g):
    mean = X.mean(axes, keepdims=True)
    variance = ((X - mean) ** 2).mean(axes, keepdims=True)
    return (X - mean) / jnp.sqrt(variance + 1e-5) * g[:, :, None] + b[:, :, None]


def groups_formula(X, b, g):
    halves = jnp.split(X, 2), jnp.split(b, 2), jnp.split(g, 2)
    return jnp.concatenate(list(map(partial(formula_of_norm, (0, 2)), *halves)))


def run_norm(operation, X, b, g):
    return extractdata(operation(dlarray(X, "CBT"), dlarray(b), dlarray(g)))


def other_cases():
    X, b, g = (RNG.standard_normal(size) for size in ((4, B, T), (4, 1), (4, 1)))
    for how, axes in (("auto", (0,)), ("channel-only", (0,)), ("batch-excluded", (0, 2))):
        functions = partial(layernorm, OperationDimension=how), partial(formula_of_norm, axes)
        yield f"layernorm {how}", partial(run_norm, functions[0]), functions[1], (X, b, g)
    groups = partial(run_norm, lambda X, b, g: groupnorm(X, 2, b, g))
    yield "groupnorm", groups, groups_formula, (X, b, g)

    def dense(X, W, b):
        return extractdata(fullyconnect(dlarray(X, "CBT"), dlarray(W), dlarray(b)))

    def dense_formula(X, W, b):
        return jnp.einsum("oc,cbt->obt", W, X) + b[:, :, None]

    for outputs in (2, 6):  # fewer and more than inputs
        W, c = RNG.standard_normal((outputs, 4)), RNG.standard_normal((outputs, 1))
        yield f"fullyconnect {outputs}", dense, dense_formula, (X, W, c)
    yield "gelu", lambda x: gelu(x), lambda x: x / 2 * (1 + erf(x / np.sqrt(2))), (X,)


CASES = [*recurrent_cases(), *attention_cases(), *other_cases()]
every = pytest.mark.parametrize(
    ("ours", "plain", "arrays"), [case[1:] for case in CASES], ids=[case[0] for case in CASES]
)


def derivatives(function, arrays, directions):
    """Gradient; its derivative forward and in reverse; the third derivative; values forward."""

    def total(*arrays):
        return jnp.sin(function(*arrays)).sum()

    gradient = jax.grad(total, tuple(range(len(arrays))))

    def along(*arrays):
        return jax.jvp(gradient, arrays, directions)[1]

    def slope(*arrays):
        return sum((g * d).sum() for g, d in zip(gradient(*arrays), directions, strict=True))

    return {
        "forward": jax.jvp(function, arrays, directions),
        "gradient": gradient(*arrays),
        "forward over reverse": along(*arrays),
        "reverse over reverse": jax.grad(slope, tuple(range(len(arrays))))(*arrays),
        "third": jax.jvp(along, arrays, directions)[1],
    }


def assert_same(got, expected):
    assert jax.tree.structure(got) == jax.tree.structure(expected)
    for a, b in zip(jax.tree.leaves(got), jax.tree.leaves(expected), strict=True):
        np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-10)


@every
def test_derivatives_to_third_order_are_those_of_the_formula(ours, plain, arrays):
    directions = tuple(RNG.standard_normal(a.shape) for a in arrays)
    with jax.enable_x64(True), jax.numpy_rank_promotion("allow"):
        got, expected = (
            jax.jit(partial(derivatives, function, directions=directions))(arrays)
            for function in (ours, plain)
        )
        assert_same(got, expected)


@pytest.mark.parametrize(
    ("ours", "plain", "arrays"), [case[1:] for case in CASES[::3]], ids=[c[0] for c in CASES[::3]]
)
def test_gradients_of_a_batch_are_the_gradients_one_by_one(ours, plain, arrays):
    stacked = tuple(np.stack([a, a / 2]) for a in arrays)
    with jax.enable_x64(True), jax.numpy_rank_promotion("allow"):
        gradient = jax.grad(lambda *a: jnp.sin(ours(*a)).sum(), tuple(range(len(arrays))))
        got = jax.jit(jax.vmap(gradient))(*stacked)
        expected = [jax.jit(gradient)(*(a[k] for a in stacked)) for k in range(2)]
        assert_same(got, tuple(np.stack(parts) for parts in zip(*expected, strict=True)))


@every
def test_single_stays_single_in_the_gradient(ours, plain, arrays):
    single = tuple(a.astype(np.float32) for a in arrays)
    gradient = jax.grad(lambda *a: ours(*a).sum(), tuple(range(len(arrays))))
    assert {g.dtype for g in jax.eval_shape(gradient, *single)} == {np.dtype(np.float32)}
