"""Cost of one training iteration: dlfeval + adamupdate against hand-written JAX.

Prints, for each workload, the median of the ratios over interleaved rounds, and milliseconds for
scale.
"""

import statistics
import sys
import time

import jax
import jax.numpy as jnp
import numpy as np

from dltk import (
    adamupdate,
    batchNormalizationLayer,
    convolution2dLayer,
    crossentropy,
    dlarray,
    dlfeval,
    dlgradient,
    dlnetwork,
    featureInputLayer,
    forward,
    fullyConnectedLayer,
    imageInputLayer,
    reluLayer,
    softmaxLayer,
)

RATE, BETA1, BETA2, EPSILON = 0.001, 0.9, 0.999, 1e-8


def modelLoss(net, X, T):
    Y, state = forward(net, X, nargout=2)
    loss = crossentropy(Y, T)
    return loss, dlgradient(loss, net.Learnables), state


def mlp(sizes):
    layers = [featureInputLayer(sizes[0])]
    for n in sizes[1:-1]:
        layers += [fullyConnectedLayer(n), reluLayer()]
    return dlnetwork([*layers, fullyConnectedLayer(sizes[-1]), softmaxLayer()])


def mlp_loss(params, state, X, T):
    for W, b in zip(params[:-2:2], params[1:-2:2], strict=True):
        X = jax.nn.relu(X @ W.T + b.T)
    return -(T * jnp.log(jax.nn.softmax(X @ params[-2].T + params[-1].T))).sum() / len(T), state


def cnn(size, filters):
    layers = [imageInputLayer([size, size, 1], Normalization="none")]
    for width, stride in ((5, 1), (3, 2), (3, 2)):
        conv = convolution2dLayer(width, filters, Padding="same", Stride=stride)
        layers += [conv, batchNormalizationLayer(), reluLayer()]
    return dlnetwork([*layers, fullyConnectedLayer(10), softmaxLayer()])


def cnn_loss(params, state, X, T):
    new, layout = [], ("NHWC", "HWIO", "NHWC")
    for i, stride in enumerate((1, 2, 2)):
        W, b, offset, scale = params[4 * i : 4 * i + 4]
        conv = jax.lax.conv_general_dilated
        X = conv(X, W, (stride, stride), "SAME", dimension_numbers=layout) + b.ravel()
        mean, var = X.mean((0, 1, 2)), X.var((0, 1, 2))
        decay = [m.ravel() for m in state[2 * i : 2 * i + 2]]
        new += [0.9 * decay[0] + 0.1 * mean, 0.9 * decay[1] + 0.1 * var]
        X = (X - mean) * jax.lax.rsqrt(var + 1e-5) * scale.ravel() + offset.ravel()
        X = jax.nn.relu(X)
    X = X.transpose(0, 3, 2, 1).reshape(len(T), -1)
    return -(T * jnp.log(jax.nn.softmax(X @ params[-2].T + params[-1].T))).sum() / len(T), new


def adam(params, grads, m, s, t):
    m = [BETA1 * a + (1 - BETA1) * g for a, g in zip(m, grads, strict=True)]
    s = [BETA2 * a + (1 - BETA2) * g * g for a, g in zip(s, grads, strict=True)]
    rate = RATE * jnp.sqrt(1 - BETA2**t) / (1 - BETA1**t)
    new = [p - rate * a / (jnp.sqrt(b) + EPSILON) for p, a, b in zip(params, m, s, strict=True)]
    return new, m, s


class TwoCalls:
    """Gradients in one jitted call, the update in another."""

    def __init__(self, loss, params, state):
        self.gradient = jax.jit(jax.value_and_grad(loss, has_aux=True))
        self.update = jax.jit(adam)
        self.params, self.state = params, state
        self.m = self.s = [jnp.zeros_like(p) for p in params]

    def step(self, X, T, t):
        (loss, self.state), grads = self.gradient(self.params, self.state, X, T)
        self.params, self.m, self.s = self.update(self.params, grads, self.m, self.s, float(t))
        return loss


class OneCall:
    """Everything in one jitted call with donated buffers."""

    def __init__(self, loss, params, state):
        def step(params, m, s, state, X, T, t):
            (value, state), grads = jax.value_and_grad(loss, has_aux=True)(params, state, X, T)
            return (value, state, *adam(params, grads, m, s, t))

        self.run = jax.jit(step, donate_argnums=(0, 1, 2))
        self.params, self.state = [jnp.array(p, copy=True) for p in params], state
        self.m = [jnp.zeros_like(p) for p in params]
        self.s = [jnp.zeros_like(p) for p in params]

    def step(self, X, T, t):
        value, self.state, self.params, self.m, self.s = self.run(
            self.params, self.m, self.s, self.state, X, T, float(t)
        )
        return value


class Dltk:
    """dlfeval and adamupdate."""

    def __init__(self, net, fmt):
        self.net, self.fmt = net, fmt
        self.averages = [], []

    def step(self, X, T, t):
        loss, gradients, self.net.State = dlfeval(
            modelLoss, self.net, dlarray(X, self.fmt), dlarray(T, "BC")
        )
        self.net, *self.averages = adamupdate(self.net, gradients, *self.averages, t)
        return loss


def compare(name, net, loss, X, T, fmt, iterations, rounds=7):
    values = [np.asarray(v) for v in net.Learnables.Value]
    state = [np.asarray(v).ravel() for v in net.State.Value]
    runs = {
        "dltk": Dltk(net, fmt),
        "two calls": TwoCalls(loss, values, state),
        "one call": OneCall(loss, values, state),
    }
    first, times, count = {}, {key: [] for key in runs}, 0
    for key, run in runs.items():
        start = time.perf_counter()
        jax.block_until_ready(run.step(X, T, 1))
        first[key] = time.perf_counter() - start
    for _ in range(rounds):
        for key, run in runs.items():
            start = time.perf_counter()
            for t in range(iterations):
                value = run.step(X, T, count + t + 2)
            jax.block_until_ready(value)
            times[key].append((time.perf_counter() - start) / iterations * 1e3)
        count += iterations
    ratio = {
        key: statistics.median(a / b for a, b in zip(times["dltk"], times[key], strict=True))
        for key in runs
    }
    print(
        f"{name:22} {statistics.median(times['dltk']):9.3f} ms   "
        f"to two calls {ratio['two calls']:.3f}   to one donated call {ratio['one call']:.3f}   "
        f"first call {first['dltk']:.1f} s (hand-written {first['two calls']:.1f} s)"
    )


def main():
    random = np.random.RandomState(0)
    eye = np.eye(10, dtype=np.float32)

    def labels(n):
        return eye[random.randint(10, size=n)]

    quick = "--quick" in sys.argv
    scale = 10 if quick else 1
    X = random.rand(32, 64).astype(np.float32)
    compare("MLP 64-32-10, 32", mlp([64, 32, 10]), mlp_loss, X, labels(32), "BC", 400 // scale)
    X = random.rand(128, 784).astype(np.float32)
    net = mlp([784, 512, 512, 10])
    compare("MLP 784-512-512-10, 128", net, mlp_loss, X, labels(128), "BC", 40 // scale)
    X = random.rand(128, 28, 28, 1).astype(np.float32)
    compare("digits CNN, 128", cnn(28, 20), cnn_loss, X, labels(128), "BSSC", 10 // scale)


if __name__ == "__main__":
    main()
