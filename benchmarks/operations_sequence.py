"""Cost of the operations on sequences: forward alone, and forward with all gradients.

Each is compared with the fastest of some formulations in plain JAX, and with PyTorch where it is
installed. All run compiled (PyTorch: eager) in one process, in turns; printed are the medians of
milliseconds and of the ratios. ``--quick`` takes fewer rounds.
"""

import math
import statistics
import sys
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from rounds import ratio, times

import dltk
from dltk import dlarray, extractdata

try:
    import torch
    from torch.nn import functional
except ImportError:
    torch = functional = None

RANDOM = np.random.RandomState(0)


def normal(*sizes, scale=1.0):
    return (scale * RANDOM.randn(*sizes)).astype(np.float32)


def as_stored(function, fmt, *args):
    """The operation on raw arrays that lie as dlarrays of that format do in memory."""
    axes = {"TBC": (2, 1, 0), "BSSC": (3, 0, 1, 2)}[fmt]
    return lambda x, *rest: extractdata(function(dlarray(x, fmt), *args, *rest)).transpose(axes)


def attend(heads, **options):
    def run(q, k, v):
        Q, K, V = (dlarray(x.transpose(2, 1, 0), "CBT") for x in (q, k, v))
        return extractdata(dltk.attention(Q, K, V, heads, **options)).transpose(2, 1, 0)

    return run


# Plain JAX: data as (time, batch, channel)


def lstm_steps(x, h, c, W, R, b):
    def step(carry, at):
        h, c = carry
        i, f, g, o = jnp.split(at @ W.T + h @ R.T + b, 4, axis=-1)
        c = jax.nn.sigmoid(f) * c + jax.nn.sigmoid(i) * jnp.tanh(g)
        h = jax.nn.sigmoid(o) * jnp.tanh(c)
        return (h, c), h

    return lax.scan(step, (h, c), x)[1]


def gru_steps(x, h, W, R, b):
    units = R.shape[1]

    def step(h, at):
        a, back = at @ W.T + b, h @ R.T
        r, z = jnp.split(jax.nn.sigmoid(a[:, : 2 * units] + back[:, : 2 * units]), 2, axis=-1)
        c = jnp.tanh(a[:, 2 * units :] + r * back[:, 2 * units :])
        h = (1 - z) * c + z * h
        return h, h

    return lax.scan(step, h, x)[1]


def einsum_attention(heads, mask=None):
    def run(q, k, v):
        q, k, v = (a.reshape(*a.shape[:2], heads, -1) for a in (q, k, v))
        products = jnp.einsum("qnhd,knhd->nhqk", q, k) / math.sqrt(q.shape[-1])
        if mask is not None:
            products = jnp.where(mask, products, -jnp.inf)
        y = jnp.einsum("nhqk,knhe->qnhe", jax.nn.softmax(products, axis=-1), v)
        return y.reshape(*y.shape[:2], -1)

    return run


def batched_attention(heads, mask=None):
    def run(q, k, v):
        q, k, v = (a.reshape(*a.shape[:2], heads, -1).transpose(1, 2, 0, 3) for a in (q, k, v))
        products = jnp.matmul(q, k.swapaxes(2, 3)) / math.sqrt(q.shape[-1])
        if mask is not None:
            products = jnp.where(mask, products, -jnp.inf)
        y = jnp.matmul(jax.nn.softmax(products, axis=-1), v).transpose(2, 0, 1, 3)
        return y.reshape(*y.shape[:2], -1)

    return run


def standardized(axes):
    # The mean of squares less the square of the mean takes 0.75 of the time forward, but in single
    # it loses all digits of the variance of data far from zero.
    def run(x, b, g):
        mean = x.mean(axes, keepdims=True)
        var = jnp.square(x - mean).mean(axes, keepdims=True)
        return (x - mean) * lax.rsqrt(var + 1e-5) * g + b

    return run


def grouped(groups):
    def run(x, b, g):
        split = x.reshape(*x.shape[:-1], groups, -1)
        y = standardized((1, 2, 4))(split, 0.0, 1.0)
        return y.reshape(x.shape) * g + b

    return run


def erf_gelu(x):
    return x / 2 * (1 + lax.erf(x * math.sqrt(0.5)))


# PyTorch


def torch_recurrent(kind, x, W, R, b):
    net = kind(x.shape[-1], R.shape[1])
    with torch.no_grad():
        for name, value in (("weight_ih_l0", W), ("weight_hh_l0", R), ("bias_ih_l0", b)):
            getattr(net, name).copy_(torch.from_numpy(value))

    def run(x, *_):
        net.zero_grad()
        return net(x)[0]

    return run


def torch_attention(heads, **options):
    def run(q, k, v):
        q, k, v = (a.reshape(*a.shape[:2], heads, -1).permute(1, 2, 0, 3) for a in (q, k, v))
        y = functional.scaled_dot_product_attention(q, k, v, **options)
        return y.permute(2, 0, 1, 3).reshape(*y.shape[2:3], y.shape[0], -1)

    return run


@dataclass
class Case:
    """An operation: dltk's, some in plain JAX, PyTorch's or None, and its arrays."""

    name: str
    ours: Any
    plain: list[Any]
    torch: Any
    arrays: tuple[np.ndarray, ...]


def recurrent_cases():
    units, inputs, batch, steps = 100, 12, 27, 100
    x, zeros = normal(steps, batch, inputs), np.zeros((batch, units), np.float32)
    W, R, b = normal(4 * units, inputs), normal(4 * units, units, scale=0.1), normal(4 * units)

    def lstm(x, h, c, W, R, b):
        X = dlarray(x.transpose(2, 1, 0), "CBT")
        return extractdata(dltk.lstm(X, h.T, c.T, W, R, b)).transpose(2, 1, 0)

    def gru(mode):
        def run(x, h, W, R, b):
            X = dlarray(x.transpose(2, 1, 0), "CBT")
            return extractdata(dltk.gru(X, h.T, W, R, b, ResetGateMode=mode)).transpose(2, 1, 0)

        return run

    peer = torch and torch_recurrent(torch.nn.LSTM, x, W, R, b)
    yield Case("lstm 100 units", lstm, [lstm_steps], peer, (x, zeros, zeros, W, R, b))
    W, R, b = W[: 3 * units], R[: 3 * units], b[: 3 * units]
    peer = torch and torch_recurrent(torch.nn.GRU, x, W, R, b)
    arrays = (x, zeros, W, R, b)
    yield Case("gru 100 units", gru("after-multiplication"), [gru_steps], peer, arrays)


def attention_cases():
    heads, count = 4, 128
    arrays = tuple(normal(count, 16, 128) for _ in range(3))
    causal = np.tril(np.ones((count, count), bool))
    some = RANDOM.rand(count, count) < 0.8
    for name, options, mask, peer in (
        ("", {}, None, {}),
        (", causal", {"AttentionMask": "causal"}, causal, {"is_causal": True}),
        (", mask", {"AttentionMask": some.T}, some, {"attn_mask": torch and torch.tensor(some)}),
    ):
        plain = [form(heads, mask) for form in (einsum_attention, batched_attention)]
        other = torch and torch_attention(heads, **peer)
        yield Case(f"attention{name}", attend(heads, **options), plain, other, arrays)


def normalization_cases():
    x, b, g = normal(128, 16, 128), normal(128), normal(128)
    peer = torch and (lambda x, b, g: functional.layer_norm(x, (128,), g, b))
    plain = [standardized((2,))]
    yield Case("layernorm", as_stored(dltk.layernorm, "TBC"), plain, peer, (x, b, g))
    x, b, g = normal(128, 28, 28, 20), normal(20), normal(20)
    peer = torch and (
        lambda x, b, g: functional.batch_norm(x.permute(0, 3, 1, 2), None, None, g, b, True)
    )
    plain = [standardized((0, 1, 2))]
    yield Case("batchnorm", as_stored(dltk.batchnorm, "BSSC"), plain, peer, (x, b, g))
    peer = torch and (lambda x, b, g: functional.group_norm(x.permute(0, 3, 1, 2), 4, g, b))
    plain = [grouped(4)]
    yield Case("groupnorm", as_stored(dltk.groupnorm, "BSSC", 4), plain, peer, (x, b, g))


def elementwise_cases():
    x = normal(128, 16, 512)
    softmax = torch and (lambda x: functional.softmax(x, -1))
    plain = [lambda x: jax.nn.softmax(x, axis=-1)]
    yield Case("softmax", as_stored(dltk.softmax, "TBC"), plain, softmax, (x,))
    peer = torch and functional.gelu
    plain = [erf_gelu, lambda x: jax.nn.gelu(x, approximate=False)]
    yield Case("gelu", as_stored(dltk.gelu, "TBC"), plain, peer, (x,))
    Y = RANDOM.dirichlet(np.ones(100), 2048).astype(np.float32)
    T = np.eye(100, dtype=np.float32)[RANDOM.randint(100, size=2048)]

    def loss(y):
        return extractdata(dltk.crossentropy(dlarray(y.T, "CB"), dlarray(T.T, "CB")))

    least = np.finfo(np.float32).eps  # bounded, as the definition has it
    plain = [lambda y: -(T * jnp.log(jnp.maximum(y, least))).sum() / len(T)]
    targets = torch and torch.from_numpy(T)
    peer = torch and (lambda y: -(targets * y.clamp(min=least).log()).sum() / len(T))
    yield Case("crossentropy", loss, plain, peer, (Y,))


def jax_runs(function, arrays):
    """Forward alone, and with the gradients of the sum of squares."""

    def both(*arrays):
        y, back = jax.vjp(function, *arrays)
        return back(y)

    arrays = [jnp.asarray(a) for a in arrays]
    for compiled in (jax.jit(function), jax.jit(both)):
        yield lambda compiled=compiled: jax.block_until_ready(compiled(*arrays))


def torch_runs(function, arrays):
    tensors = [torch.tensor(a, requires_grad=True) for a in arrays]

    def forward():
        with torch.no_grad():
            function(*tensors)

    def both():
        for tensor in tensors:
            tensor.grad = None
        y = function(*tensors)
        y.backward(y.detach())

    return forward, both


def compare(case, rounds):
    peers = [jax_runs(f, case.arrays) for f in (case.ours, *case.plain)]
    if torch:
        peers.append(torch_runs(case.torch, case.arrays))
    line = f"{case.name:18}"
    for runs in zip(*peers, strict=True):
        ours, *others = times(runs, rounds, 0.02)
        plain = others[: len(case.plain)]
        best = min(plain, key=statistics.median)
        line += f"{statistics.median(ours):10.3f}{ratio(ours, best):10.2f}"
        line += f"{ratio(ours, others[-1]):10.2f}" if torch else f"{'-':>10}"
    print(line, flush=True)


def main():
    rounds = 5 if "--quick" in sys.argv else 15
    columns = "".join(f"{word:>10}" for word in ("ms", "to JAX", "to PyTorch"))
    print(f"{'':18}{'forward':>30}{'forward and gradients':>30}")
    print(f"{'':18}{columns}{columns}")
    for cases in (recurrent_cases, attention_cases, normalization_cases, elementwise_cases):
        for case in cases():
            compare(case, rounds)


if __name__ == "__main__":
    main()
