"""Products of rows: values and derivatives are those of the plain product."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.test_util import check_grads

from dltk.functions._rows import rows_with_rows

RNG = np.random.default_rng(3)
# the smaller factor is transposed for the gradient: each of them once
SIZES = [((3, 4), (5, 4)), ((3, 6), (2, 6)), ((2, 3, 4), (2, 5, 4)), ((2, 2, 3, 6), (2, 2, 2, 6))]
sizes = pytest.mark.parametrize(("a", "b"), SIZES)


def plain(a, b):
    return jnp.einsum("...mc,...nc->...mn", a, b)


@sizes
def test_values_are_those_of_numpy(a, b):
    a, b = RNG.standard_normal(a), RNG.standard_normal(b)
    with jax.enable_x64(True):
        got = rows_with_rows(a, b)
    np.testing.assert_allclose(got, a @ np.swapaxes(b, -1, -2), rtol=1e-13)


@sizes
def test_derivatives_to_third_order_agree_with_finite_differences(a, b):
    given = RNG.standard_normal(a), RNG.standard_normal(b)

    def nonlinear(a, b):
        return rows_with_rows(jnp.sin(a), b) ** 2

    with jax.enable_x64(True):
        check_grads(nonlinear, given, order=3, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("axes", [(0, None), (None, 0), (0, 1)])
def test_batches_of_products_and_of_gradients(axes):
    def stacked(axis, size):
        values = RNG.standard_normal(size)
        return values if axis is None else np.stack([values, 2 * values, -values], axis)

    given = stacked(axes[0], (3, 4)), stacked(axes[1], (5, 4))
    with jax.enable_x64(True):
        for gradient in (lambda f: f, lambda f: jax.grad(lambda *x: (f(*x) ** 2).sum(), (0, 1))):
            got = jax.vmap(gradient(rows_with_rows), axes)(*given)
            expected = jax.vmap(gradient(plain), axes)(*given)
            jax.tree.map(lambda x, y: np.testing.assert_allclose(x, y, rtol=1e-12), got, expected)


@pytest.mark.parametrize(("outputs", "inputs"), [(512, 128), (128, 512)])
def test_the_smaller_factor_stands_on_the_left_of_the_gradient(outputs, inputs):
    x, w = jnp.zeros((2048, inputs)), jnp.zeros((outputs, inputs))
    program = jax.make_jaxpr(jax.grad(lambda w: rows_with_rows(x, w).sum()))(w)
    (product,) = [e for e in program.eqns if e.primitive.name == "dot_general"]
    assert product.invars[0].aval.shape == (128, 2048)


def test_single_stays_single():
    a, b = np.ones((2, 3), np.float32), np.ones((4, 3), np.float32)
    assert rows_with_rows(a, b).dtype == np.float32
