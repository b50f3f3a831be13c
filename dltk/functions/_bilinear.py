"""Convolution and its two gradients as primitives of JAX, each the derivative of the others.

From two of the three arrays of a form (see `Form`) a primitive computes the third:

    convolve          x, w -> y
    input_gradient    w, y -> x    (this is the transposed convolution, too)
    weight_gradient   x, y -> w

Each is bilinear, and its derivative in either operand is another one of the three, so all
derivatives of any order, forward or reverse, are computed by the formulations chosen here. On a CPU
these are those of `_cpu_convolution` and `_cpu_weights`; elsewhere JAX's convolution and its
gradients, for which GPUs have tuned kernels.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
from jax.core import ShapedArray
from jax.extend.core import Primitive
from jax.interpreters import ad, batching, mlir

from .._numbers import Raw
from . import _cpu_convolution as cpu
from ._cpu_weights import weight_gradient as cpu_weight_gradient
from ._form import Form, Sizes, convolution
from ._once import once

OPERANDS = {"y": ("x", "w"), "x": ("w", "y"), "w": ("x", "y")}
DIMENSIONS = {"x": "BC", "w": "CF", "y": "BF"}  # observations, channels, filters


def convolve(x: Raw, w: Raw, form: Form) -> Raw:
    """The result y of filters sliding over data."""
    return _bind("y", form, x=x, w=w)


def input_gradient(w: Raw, y: Raw, form: Form) -> Raw:
    """The gradient of <convolve(x, w), y> with respect to x."""
    return _bind("x", form, w=w, y=y)


def weight_gradient(x: Raw, y: Raw, form: Form) -> Raw:
    """The gradient of <convolve(x, w), y> with respect to w."""
    return _bind("w", form, x=x, y=y)


def _bind(out: str, form: Form, **arrays: Raw) -> Raw:
    return PRIMITIVES[out].bind(*(arrays[operand] for operand in OPERANDS[out]), form=form)


def _shape(out: str, form: Form, a: Sizes, b: Sizes) -> Sizes:
    """Size of the result, from those of the operands."""
    if out == "y":
        return form.data_shape(a[form.batch], form.results, b[-1])
    if out == "x":
        return form.data_shape(b[form.batch], form.sizes, a[-2] * form.groups)
    return (*form.window, a[-1] // form.groups, b[-1])


def _plain(out: str, a: Raw, b: Raw, *, form: Form) -> Raw:
    """The result by JAX's convolution and what JAX derives from it."""
    if out == "y":
        return convolution(a, b, form)
    unknown = jax.ShapeDtypeStruct(_shape(out, form, a.shape, b.shape), a.dtype)
    known: Callable[[Raw], Raw] = (
        (lambda x: convolution(x, a, form)) if out == "x" else (lambda w: convolution(a, w, form))
    )
    return jax.linear_transpose(known, unknown)(b)[0]


CPU = {"y": cpu.convolve, "x": cpu.input_gradient, "w": cpu_weight_gradient}


def _fast(out: str, a: Raw, b: Raw, *, form: Form) -> Raw:
    """The result by the formulation that is fastest on a CPU; whole numbers stay with JAX.

    Computed once: XLA would repeat a sum over cells in each of its readers (a normalization has
    four), which took a quarter more time of a whole training step than all that was won.
    """
    if not jnp.issubdtype(a.dtype, jnp.inexact):
        return _plain(out, a, b, form=form)
    return once(CPU[out](a, b, form))


# vmap: a batch dimension joins one of those the operands have, or the groups


def _place(role: str, letter: str, form: Form) -> tuple[int, int]:
    """Where a dimension of an array is, and how many groups it counts before its own cells."""
    if letter == "B":
        return form.batch, 1
    if letter == "G":
        return -1, 1
    return (-2, 1) if role + letter == "wC" else (-1, form.groups)


def _fold(a: Raw, axis: int, before: int) -> Raw:
    """Join the first dimension with another one, behind ``before`` groups of its cells."""
    count, *shape = a.shape
    axis %= len(shape)
    a = a.reshape((count, *shape[:axis], before, shape[axis] // before, *shape[axis + 1 :]))
    shape[axis] *= count
    return jnp.moveaxis(a, 0, axis + 1).reshape(shape)


def _unfold(a: Raw, count: int, axis: int, before: int) -> Raw:
    """Undo `_fold`."""
    shape = list(a.shape)
    axis %= len(shape)
    cells = shape[axis] // before // count
    a = a.reshape((*shape[:axis], before, count, cells, *shape[axis + 1 :]))
    shape[axis] //= count
    return jnp.moveaxis(a, axis + 1, 0).reshape((count, *shape))


def _batch(out: str, operands: Any, dims: Any, *, form: Form) -> tuple[Raw, int]:
    names = OPERANDS[out]
    batched = [name for name, dim in zip(names, dims, strict=True) if dim is not None]
    if len(batched) == 2:
        letter = "G"
    else:
        letter = next(x for x in DIMENSIONS[batched[0]] if x in DIMENSIONS[out])
    count, arrays = 1, []
    for name, a, dim in zip(names, operands, dims, strict=True):
        if dim is not None:
            count = a.shape[dim]
            a = _fold(jnp.moveaxis(a, dim, 0), *_place(name, letter, form))
        arrays.append(a)
    wider = form._replace(groups=form.groups * count) if letter == "G" else form
    result = PRIMITIVES[out].bind(*arrays, form=wider)
    return _unfold(result, count, *_place(out, letter, form)), 0


def _primitive(out: str) -> Primitive:
    primitive = Primitive(f"dltk_convolution_{out}")
    first, second = OPERANDS[out]

    def shaped(a: Any, b: Any, *, form: Form) -> Any:
        return ShapedArray(_shape(out, form, a.shape, b.shape), a.dtype)

    def of_first(change: Raw, _: Any, b: Raw, *, form: Form) -> Raw:
        return _bind(first, form, **{out: change, second: b})

    def of_second(change: Raw, a: Raw, _: Any, *, form: Form) -> Raw:
        return _bind(second, form, **{first: a, out: change})

    primitive.def_impl(jax.jit(primitive.bind, static_argnames="form"))
    primitive.def_abstract_eval(shaped)
    ad.defbilinear(primitive, of_first, of_second)
    batching.primitive_batchers[primitive] = partial(_batch, out)
    plain = mlir.lower_fun(partial(_plain, out), multiple_results=False)
    mlir.register_lowering(primitive, plain)
    fast = mlir.lower_fun(partial(_fast, out), multiple_results=False)
    mlir.register_lowering(primitive, fast, platform="cpu")
    return primitive


PRIMITIVES = {out: _primitive(out) for out in OPERANDS}
