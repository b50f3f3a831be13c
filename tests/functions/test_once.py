"""Identities that end a fusion: values, derivatives, and that XLA computes once what is before."""

import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dltk.functions._once import gradient_once, once

both = pytest.mark.parametrize("identity", [once, gradient_once])


@both
def test_values_and_derivatives_of_all_orders_are_those_of_the_identity(identity):
    def cube(x):
        return identity(identity(x) * x) * x

    for transform in (jax.jit, jax.vmap):
        np.testing.assert_array_equal(transform(identity)(jnp.arange(3.0)), np.arange(3))
    for inner in (jax.grad, jax.jacfwd):
        first = inner(cube)
        for outer in (jax.grad, jax.jacfwd):
            assert (first(2.0), outer(first)(2.0), outer(outer(first))(2.0)) == (12, 12, 6)


@both
def test_integers_and_zero_gradients_pass(identity):
    assert identity(np.arange(3, dtype=np.int32)).dtype == np.int32
    constant = jax.grad(lambda x: (jax.lax.stop_gradient(identity(x)) * x).sum())
    np.testing.assert_array_equal(constant(jnp.ones(2)), np.ones(2))


def calls(function, *arrays):
    program = jax.jit(function).lower(*arrays).compile().as_text()
    return len(re.findall(r" call\(", program))


@pytest.mark.skipif(jax.default_backend() != "cpu", reason="other compilers need no such end")
def test_the_compiled_program_keeps_what_is_computed_once_apart():
    x = jnp.ones((4, 4))

    def loss(x):
        return (jnp.sin(gradient_once(x)) ** 2).sum()

    assert calls(lambda x: once(x + 1) * 2, x) == 1
    assert calls(loss, x) == 0
    assert calls(jax.grad(loss), x) == 1
