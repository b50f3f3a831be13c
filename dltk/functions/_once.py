"""Arrays that are computed once, although several computations read them (CPU).

XLA for the CPU fuses a cheap elementwise computation into each of its readers, and so repeats it.
For the gradient along the residual connections of a deep network that costs time quadratic in the
depth: the sum over all later layers is computed anew for every product of every layer. A call that
is not inlined ends the fusion (``optimization_barrier`` does not: it is removed before). It costs a
microsecond and copies nothing.
"""

from __future__ import annotations

from typing import Any

import jax
from jax.experimental.xla_metadata import set_xla_metadata
from jax.extend.core import Primitive
from jax.interpreters import ad, batching, mlir

from .._numbers import Raw


def once(x: Raw) -> Raw:
    """The array itself, computed once."""
    return _once.bind(x)


def gradient_once(x: Raw) -> Raw:
    """The array itself, whose gradient is computed once."""
    return _gradient_once.bind(x)


@jax.jit
def _itself(x: Raw) -> Raw:
    return x


def _called(x: Raw) -> Raw:
    with set_xla_metadata(inlineable="false"):
        return _itself(x)


def _identity(name: str) -> Primitive:
    """An identity; it and its derivatives of all orders are linear, and transpose to `once`."""
    primitive = Primitive(name)
    primitive.def_impl(lambda x: x)
    primitive.def_abstract_eval(lambda x: x)
    batching.defvectorized(primitive)
    ad.deflinear2(primitive, _transpose)
    mlir.register_lowering(primitive, lambda _, x: [x])
    return primitive


def _transpose(cotangent: Any, _: Any) -> list[Any]:
    return [cotangent if type(cotangent) is ad.Zero else once(cotangent)]


_once = _identity("once")
mlir.register_lowering(_once, mlir.lower_fun(_called, multiple_results=False), platform="cpu")
_gradient_once = _identity("gradient_once")
