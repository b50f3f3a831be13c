"""Derivatives by inputs: dllaplacian and dldivergence against nested gradients, in PINN losses.

Each run is one training gradient: u of x, its derivatives by x, the loss built from them, and the
gradient of the loss by the parameters. Prints the medians of the ratios over interleaved rounds,
and milliseconds for scale.
"""

import itertools
import statistics
import sys
import time

import jax
import jax.numpy as jnp
import numpy as np

from dltk import (
    cat,
    dlarray,
    dldivergence,
    dlfeval,
    dlgradient,
    dljacobian,
    dllaplacian,
    fullyconnect,
    mean,
    tanh,
)
from dltk import sum as sum_

LAYERS, WIDTH = 9, 20


def parameters(inputs, outputs, seed=0):
    random = np.random.RandomState(seed)
    sizes = [inputs, *[WIDTH] * (LAYERS - 1), outputs]
    return [
        (random.randn(b, a).astype(np.float32) / np.float32(a) ** 0.5, np.zeros((b, 1), np.float32))
        for a, b in itertools.pairwise(sizes)
    ]


# dltk: x has its coordinates along dimension 1 and its observations along dimension 2


def model(params, x):
    for W, b in params[:-1]:
        x = tanh(fullyconnect(x, W, b, DataFormat="CB"))
    return fullyconnect(x, *params[-1], DataFormat="CB")


def columns(gradient, i):
    return gradient[i : i + 1, :]


def slope(u, x):
    return dlgradient(sum_(u, "all"), x, EnableHigherDerivatives=True)


def poisson(params, x):
    loss = mean((dllaplacian(model(params, x), x, 1) + 1) ** 2, "all")
    return loss, dlgradient(loss, params)


def poisson_nested(params, x):
    first = slope(model(params, x), x)
    seconds = [columns(slope(columns(first, i), x), i) for i in range(x.shape[0])]
    total = seconds[0]
    for second in seconds[1:]:
        total = total + second
    loss = mean((total + 1) ** 2, "all")
    return loss, dlgradient(loss, params)


def burgers(params, x, t):
    u = model(params, cat(1, x, t))
    ux, ut = dljacobian(u, x, 1), dljacobian(u, t, 1)
    return burgers_loss(params, u, ux, ut, dldivergence(ux, x, 1))


def burgers_laplacian(params, x, t):
    u = model(params, cat(1, x, t))
    ux, ut = dljacobian(u, x, 1), dljacobian(u, t, 1)
    return burgers_loss(params, u, ux, ut, dllaplacian(u, x, 1))


def burgers_nested(params, x, t):
    u = model(params, cat(1, x, t))
    ux, ut = dlgradient(sum_(u, "all"), x, t, EnableHigherDerivatives=True)
    return burgers_loss(params, u, ux, ut, slope(ux, x))


def burgers_loss(params, u, ux, ut, uxx):
    loss = mean((ut + u * ux - 0.003 * uxx) ** 2, "all")
    return loss, dlgradient(loss, params)


def flow(params, x):
    loss = mean(dldivergence(model(params, x), x, 1) ** 2, "all")
    return loss, dlgradient(loss, params)


def flow_nested(params, x):
    u = model(params, x)
    total = 0
    for i in range(x.shape[0]):
        total = total + columns(slope(columns(u, i), x), i)
    loss = mean(total**2, "all")
    return loss, dlgradient(loss, params)


# The same in JAX by hand, observations first


def jax_model(params, x):
    for W, b in params[:-1]:
        x = jnp.tanh(x @ W.T + b.T)
    return x @ params[-1][0].T + params[-1][1].T


def jax_poisson(params, x):
    def component(i):
        def first(x):
            return jax.grad(lambda x: jax_model(params, x).sum())(x)[:, i].sum()

        return jax.grad(first)(x)[:, i]

    return jnp.mean((sum(component(i) for i in range(x.shape[1])) + 1) ** 2)


def jax_burgers(params, x, t):
    def total(x, t):
        return jax_model(params, jnp.concatenate([x, t], 1)).sum()

    u = jax_model(params, jnp.concatenate([x, t], 1))
    ux, ut = jax.grad(total, (0, 1))(x, t)
    uxx = jax.grad(lambda x: jax.grad(total)(x, t).sum())(x)
    return jnp.mean((ut + u * ux - 0.003 * uxx) ** 2)


def jax_flow(params, x):
    def component(i):
        return jax.grad(lambda x: jax_model(params, x)[:, i].sum())(x)[:, i]

    return jnp.mean(sum(component(i) for i in range(x.shape[1])) ** 2)


def compare(name, runs, calls, rounds):
    """Interleaved rounds of all runs; ratios to the first."""
    times = {key: [] for key in runs}
    values = {key: float(jax.block_until_ready(run())[0].item()) for key, run in runs.items()}
    first = next(iter(values.values()))
    assert all(abs(v - first) < 1e-3 * abs(first) for v in values.values()), values
    for _ in range(rounds):
        for key, run in runs.items():
            start = time.perf_counter()
            jax.block_until_ready([run() for _ in range(calls)])
            times[key].append((time.perf_counter() - start) / calls * 1e3)
    base, *others = runs
    print(f"{name:26} {base} {statistics.median(times[base]):8.2f} ms", end="")
    for key in others:
        ratio = statistics.median(a / b for a, b in zip(times[base], times[key], strict=True))
        print(f"   to {key} {ratio:.3f}", end="")
    print()


def dltk_run(function, params, *arrays):
    params = [tuple(dlarray(p) for p in pair) for pair in params]
    arrays = [dlarray(a) for a in arrays]
    return lambda: dlfeval(function, params, *arrays)


def jax_run(function, params, *arrays):
    compiled = jax.jit(jax.value_and_grad(function))
    arrays = [np.ascontiguousarray(a.T) for a in arrays]
    return lambda: compiled(params, *arrays)


def main():
    quick = "--quick" in sys.argv
    count, calls, rounds = (1000, 2, 3) if quick else (10000, 3, 15)
    random = np.random.RandomState(1)
    params = parameters(2, 1)
    x, t = random.rand(2, 1, count).astype(np.float32)
    forms = {"dldivergence": burgers, "dllaplacian": burgers_laplacian}
    for form, function in forms.items():
        runs = {
            form: dltk_run(function, params, x, t),
            "nested dlgradient": dltk_run(burgers_nested, params, x, t),
            "nested jax.grad": jax_run(jax_burgers, params, x, t),
        }
        compare(f"Burgers, {count}", runs, calls, rounds)
    for d in (2, 3) if quick else (1, 2, 3, 10):
        x, n = random.rand(d, count // d).astype(np.float32), count // d
        params = parameters(d, 1)
        runs = {
            "dllaplacian": dltk_run(poisson, params, x),
            "nested dlgradient": dltk_run(poisson_nested, params, x),
            "nested jax.grad": jax_run(jax_poisson, params, x),
        }
        compare(f"Laplacian, {d} x {n}", runs, calls, rounds)
        params = parameters(d, d)
        runs = {
            "dldivergence": dltk_run(flow, params, x),
            "nested dlgradient": dltk_run(flow_nested, params, x),
            "nested jax.grad": jax_run(jax_flow, params, x),
        }
        compare(f"divergence, {d} x {n}", runs, calls, rounds)


if __name__ == "__main__":
    main()
