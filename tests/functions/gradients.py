"""Derivatives against finite differences, in double."""

import jax
import numpy as np
from jax.test_util import check_grads

from dltk.dlarray import dlarray, extractdata

RANDOM = np.random.default_rng(7)


def assert_derivatives(function, *arrays, fmts=None, order=1):
    """Derivatives up to ``order``, forward and reverse, are those of finite differences."""
    fmts = fmts or [""] * len(arrays)

    def raw(*values):
        labelled = (dlarray(v, fmt) for v, fmt in zip(values, fmts, strict=True))
        return extractdata(function(*labelled))

    with jax.enable_x64(True):
        values = [np.asarray(a, dtype=np.float64) for a in arrays]
        check_grads(
            jax.jit(raw), values, order, modes=("fwd", "rev"), rtol=1e-5, atol=1e-6, eps=1e-5
        )


def gradient(function, array, fmt=""):
    """Gradient of the sum of the elements of ``function(dlarray(array, fmt))``."""
    with jax.enable_x64(True):
        raw = jax.grad(lambda x: extractdata(function(dlarray(x, fmt))).sum())
        return np.asarray(raw(np.asarray(array, dtype=np.float64)))
