"""dljacobian, dldivergence, dllaplacian: closed forms, JAX's derivatives, documented sizes."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dltk import (
    cat,
    debug,
    dlfeval,
    dlgradient,
    exp,
    fullyconnect,
    mean,
    real,
    reshape,
    sin,
    stripdims,
    tanh,
)
from dltk import sum as sum_
from dltk._errors import FormatError, OptionError, StateError
from dltk._jacobian import dldivergence, dljacobian, dllaplacian
from dltk._jaxfunction import jaxfunction
from dltk.dlarray import dlarray, extractdata

RANDOM = np.random.default_rng(3)
TIGHT = {"rtol": 1e-10, "atol": 1e-12}


def double(*shape):
    return RANDOM.standard_normal(shape)


def value(function, *arrays):
    """What dlfeval returns, as NumPy arrays."""
    out = dlfeval(function, *(dlarray(a) for a in arrays))
    return jax.tree.map(extractdata, out, is_leaf=lambda x: isinstance(x, dlarray))


def weights(*sizes):
    return [(double(b, a) / a**0.5, double(b, 1)) for a, b in itertools.pairwise(sizes)]


def network(params, x):
    """A network with coordinates along dimension 1, for dlarrays."""
    for W, b in params[:-1]:
        x = tanh(fullyconnect(x, W, b, DataFormat="CB"))
    return fullyconnect(x, *params[-1], DataFormat="CB")


def plain_network(params, x):
    """The same for JAX arrays."""
    for W, b in params[:-1]:
        x = jnp.tanh(W @ x + jnp.broadcast_to(b, (len(b), x.shape[1])))
    W, b = params[-1]
    return W @ x + jnp.broadcast_to(b, (len(b), x.shape[1]))


def per_observation(function, x):
    """JAX's ``function`` of every column on its own."""
    return np.asarray(jax.jit(jax.vmap(function, 1, -1))(x))


# Sizes


def test_jacobian_has_the_documented_size_and_values():
    W = double(5, 16 * 16 * 3)
    x = double(16, 16, 3, 12)  # 128 observations on the reference page
    J = value(lambda x: dljacobian(dlarray(W) @ reshape(x, 16 * 16 * 3, 12), x, 1), x)
    assert J.shape == (5, 16, 16, 3, 12)
    rows = np.stack([w.reshape(16, 16, 3, order="F") for w in W])
    np.testing.assert_allclose(J, np.repeat(rows[..., None], 12, -1), **TIGHT)


def test_jacobian_of_2c_by_n_is_2c_by_2c_by_n():
    J = value(lambda x: dljacobian(sin(x), x, 1), x := double(4, 3))
    expected = np.cos(x)[:, None, :] * np.eye(4)[:, :, None]
    np.testing.assert_allclose(J, expected, **TIGHT)


@pytest.mark.parametrize("shape", [(1, 7), (7, 1)])
def test_a_single_row_is_dropped_and_the_size_is_that_of_x(shape):
    J = value(lambda x: dljacobian(reshape(x**3, 1, 7), x, 1), x := double(*shape))
    np.testing.assert_allclose(J, 3 * x**2, **TIGHT)


def test_jacobian_along_the_second_dimension():
    J = value(lambda x: dljacobian(x**2, x, 2), x := double(3, 2))
    assert J.shape == (2, 3, 2)
    np.testing.assert_allclose(J[1, :, 1], 2 * x[:, 1], **TIGHT)
    np.testing.assert_allclose(J[1, :, 0], 0, **TIGHT)


def test_divergence_and_laplacian_have_the_size_of_x_with_one_for_dim():
    def both(x):
        return dldivergence(x**2, x, 2), dllaplacian(sum_(x**3, 2), x, 2)

    x = double(4, 3, 5)
    divergence, laplacian = value(both, x)
    np.testing.assert_allclose(divergence, 2 * x.sum(1, keepdims=True), **TIGHT)
    np.testing.assert_allclose(laplacian, 6 * x.sum(1, keepdims=True), **TIGHT)


def test_single_stays_single():
    def all_three(x):
        u = 2.0 * x**2
        return dljacobian(u, x, 1), dldivergence(u, x, 1), dllaplacian(sum_(u, 1), x, 1)

    out = value(all_three, np.ones((2, 3), np.float32))
    assert {o.dtype.name for o in out} == {"float32"}


# Values against JAX


@pytest.mark.parametrize(
    ("rows", "elements"), [(3, 8), (20, 24), (7, 2)], ids=["unrolled", "batched", "forward"]
)
def test_jacobian_is_jaxs_even_if_observations_are_coupled(rows, elements):
    A, B = double(rows, elements), double(elements, elements)

    def plain(x):
        return jnp.sin(A @ x) * (B @ x).sum() + (A @ x**2)

    def labelled(x):
        a, b = dlarray(A), dlarray(B)
        return dljacobian(sin(a @ x) * sum_(b @ x, "all") + a @ x**2, x, 1)

    x = double(elements, 1)
    with jax.enable_x64(True):
        expected = np.asarray(jax.jit(jax.jacobian(plain))(x))[:, 0, :, 0]
    np.testing.assert_allclose(value(labelled, x).reshape(rows, elements), expected, **TIGHT)


@pytest.mark.parametrize("d", [3, 18], ids=["unrolled", "batched"])
def test_divergence_and_laplacian_are_jaxs_of_every_observation(d):
    field, scalar = weights(d, 5, d), weights(d, 5, 1)
    x = double(d, 4)

    def both(x):
        return (
            dldivergence(network(field, x), x, 1),
            dllaplacian(network(scalar, x), x, 1),
        )

    def field_of(x):
        return plain_network(field, x[:, None])[:, 0]

    def scalar_of(x):
        return plain_network(scalar, x[:, None])[0, 0]

    divergence, laplacian = value(both, x)
    with jax.enable_x64(True):
        traces = per_observation(lambda x: jnp.trace(jax.jacobian(field_of)(x)), x)
        hessians = per_observation(lambda x: jnp.trace(jax.hessian(scalar_of)(x)), x)
    np.testing.assert_allclose(divergence[0], traces, **TIGHT)
    np.testing.assert_allclose(laplacian[0], hessians, **TIGHT)


def test_losses_of_derivatives_have_jaxs_gradients():
    params, x = weights(2, 6, 2), double(2, 5)

    def loss(params, x):
        u = network(params, x)
        J, d = dljacobian(u, x, 1), dldivergence(u, x, 1)
        l = dllaplacian(u[1:2, :], x, 1)
        total = sum_(J**2, "all") + sum_(d**3, "all") + sum_(l**2, "all")
        return dlgradient(total, params)

    def plain(params):
        def at(x):
            u = lambda x: plain_network(params, x[:, None])[:, 0]  # noqa: E731
            J = jax.jacobian(u)(x)
            laplacian = jnp.trace(jax.hessian(u)(x)[1])
            return (J**2).sum() + jnp.trace(J) ** 3 + laplacian**2

        return jax.vmap(at, 1)(x).sum()

    given = jax.tree.map(dlarray, params)
    gradients = dlfeval(loss, given, dlarray(x))
    with jax.enable_x64(True):
        expected = jax.jit(jax.grad(plain))(params)
    for (dW, db), (eW, eb) in zip(gradients, expected, strict=True):
        np.testing.assert_allclose(extractdata(dW), eW, rtol=1e-9, atol=1e-11)
        np.testing.assert_allclose(extractdata(db), eb, rtol=1e-9, atol=1e-11)


# Again and again


def test_third_derivatives_by_the_jacobian():
    def third(x):
        u = sin(2 * x)
        for _ in range(3):
            u = dljacobian(u, x, 1)
        return u

    np.testing.assert_allclose(value(third, x := double(1, 6)), -8 * np.cos(2 * x), **TIGHT)


def test_third_and_fourth_derivatives_by_the_laplacian():
    def higher(x):
        laplacian = dllaplacian(sum_(x**5, 1), x, 1)
        gradient = dlgradient(sum_(laplacian, "all"), x, EnableHigherDerivatives=True)
        return gradient, dldivergence(gradient, x, 1), dllaplacian(laplacian, x, 1)

    gradient, divergence, twice = value(higher, x := double(2, 3))
    np.testing.assert_allclose(gradient, 60 * x**2, **TIGHT)
    np.testing.assert_allclose(divergence, 120 * x.sum(0, keepdims=True), **TIGHT)
    np.testing.assert_allclose(twice, divergence, **TIGHT)


def test_mixed_derivatives_by_two_inputs():
    def mixed(x, t):
        u = exp(x * t)
        return dljacobian(dljacobian(u, x, 1), t, 1), dljacobian(dljacobian(u, t, 1), x, 1)

    x, t = double(1, 4), double(1, 4)
    expected = (1 + x * t) * np.exp(x * t)
    for found in value(mixed, x, t):
        np.testing.assert_allclose(found, expected, **TIGHT)


def burgers(params, x, t, derivatives):
    u = network(params, cat(1, x, t))
    ux, ut, uxx = derivatives(u, x, t)
    residual = ut + u * ux - 0.01 / np.pi * uxx
    return residual, dlgradient(mean(residual**2, "all"), params)


def by_jacobians(u, x, t):
    ux, ut = dljacobian(u, x, 1), dljacobian(u, t, 1)
    return ux, ut, dldivergence(ux, x, 1)


def by_laplacian(u, x, t):
    return dljacobian(u, x, 1), dljacobian(u, t, 1), dllaplacian(u, x, 1)


def nested(u, x, t):
    ux, ut = dlgradient(sum_(u, "all"), x, t, EnableHigherDerivatives=True)
    return ux, ut, dlgradient(sum_(ux, "all"), x, EnableHigherDerivatives=True)


@pytest.mark.parametrize("derivatives", [by_jacobians, by_laplacian])
@pytest.mark.parametrize("eagerly", [False, True], ids=["compiled", "eager"])
def test_burgers_residual_and_its_gradient_are_those_of_nested_dlgradient(derivatives, eagerly):
    params = jax.tree.map(dlarray, weights(2, 6, 1))
    x, t = dlarray(double(1, 5)), dlarray(double(1, 5))
    expected = dlfeval(burgers, params, x, t, nested)
    if eagerly:
        with debug.eager():
            found = dlfeval(burgers, params, x, t, derivatives)
    else:
        found = dlfeval(burgers, params, x, t, derivatives)
    found, expected = jax.tree.leaves(found), jax.tree.leaves(expected)
    for f, e in zip(found, expected, strict=True):
        np.testing.assert_allclose(f, e, **TIGHT)


def operations(derivatives):
    """Floating-point operations of the compiled loss and its gradient."""
    params = jax.tree.map(dlarray, weights(2, 20, 20, 1))
    x, t = dlarray(double(1, 50)), dlarray(double(1, 50))
    program = jax.jit(lambda *a: dlfeval(burgers, *a, derivatives)[1])
    with jax.enable_x64(True):
        return program.lower(params, x, t).compile().cost_analysis()["flops"]


def test_two_jacobians_of_one_u_share_their_sweep_back():
    assert operations(by_jacobians) < 1.02 * operations(nested)


def test_jacobians_of_one_u_by_inputs_that_join_at_different_places():
    def all_four(x, t, y):
        u = sin((x * t) * y)
        return [dljacobian(u, v, 1) for v in (x, t, y)], dljacobian(u, x, 2)

    x, t, y = double(2, 3), double(2, 3), double(2, 3)
    rows, columns = value(all_four, x, t, y)
    cosine = np.cos(x * t * y)
    for J, factor in zip(rows, (t * y, x * y, x * t), strict=True):
        expected = (cosine * factor)[:, None, :] * np.eye(2)[:, :, None]
        np.testing.assert_allclose(J, expected, **TIGHT)
    expected = (cosine * t * y)[None] * np.eye(3)[:, None, :]
    np.testing.assert_allclose(columns, expected, **TIGHT)


# Complex numbers, constants, what is no longer there


def test_complex_jacobian_is_the_conjugate_as_for_dlgradient():
    c = double(3) + 1j * double(3)

    def rows(z):
        return dljacobian(real(dlarray(c.reshape(3, 1)) * z), z, 1)

    z = double(1, 2) + 1j * double(1, 2)
    expected = np.broadcast_to(np.conj(c)[:, None, None], (3, 1, 2))
    np.testing.assert_allclose(value(rows, z), expected, **TIGHT)


def test_complex_rows_go_through_the_joined_inputs_unchanged():
    def both(z, w):
        joined = cat(1, z, w)
        u = real(sum_((2 + 3j) * joined, 1))
        return dljacobian(u, z, 1), dljacobian(u, w, 1)

    for found in value(both, double(1, 2) + 0j, double(1, 2) + 0j):
        np.testing.assert_allclose(found, np.full((1, 2), 2 - 3j), **TIGHT)


def test_complex_divergence_is_the_trace_of_the_complex_jacobian():
    def both(z):
        u = real((1 + 2j) * z**2)
        return dldivergence(u, z, 1), dljacobian(u, z, 1)

    divergence, J = value(both, double(2, 3) + 1j * double(2, 3))
    np.testing.assert_allclose(divergence[0], J[0, 0] + J[1, 1], **TIGHT)


def test_zeros_if_u_does_not_depend_on_x_and_again_zeros():
    def constant(x, y):
        u = 2 * y
        first = dljacobian(u, x, 1)
        return first, dldivergence(u, x, 1), dljacobian(first, x, 2)

    J, d, again = value(constant, double(2, 3), double(2, 3))
    assert J.shape == (2, 2, 3)
    assert d.shape == (1, 3)
    assert again.shape == (2, 2, 3)
    assert not np.any(J)
    assert not np.any(again)


def test_u_may_be_x_itself():
    J = value(lambda x: dljacobian(x, x, 1), double(2, 3))
    np.testing.assert_allclose(J, np.repeat(np.eye(2)[:, :, None], 3, -1))


def test_without_higher_derivatives_values_are_the_same_and_the_next_step_is_refused():
    x = double(2, 3)

    def once(x):
        u = x**3
        return [
            dljacobian(u, x, 1, EnableHigherDerivatives=False),
            dldivergence(u, x, 1, EnableHigherDerivatives=False),
            dllaplacian(sum_(u, 1), x, 1, EnableHigherDerivatives=False),
        ]

    J, divergence, laplacian = value(once, x)
    np.testing.assert_allclose(J[1, 1], 3 * x[1] ** 2, **TIGHT)
    np.testing.assert_allclose(divergence[0], 3 * (x**2).sum(0), **TIGHT)
    np.testing.assert_allclose(laplacian[0], 6 * x.sum(0), **TIGHT)

    def twice(x):
        slope = dljacobian(x**3, x, 1, EnableHigherDerivatives=False)
        return dllaplacian(sum_(slope, 1), x, 1)

    with pytest.raises(StateError, match="call of dljacobian that computed it"):
        value(lambda x: dlgradient(sum_(once(x)[0], "all"), x), x)
    with pytest.raises(StateError, match="dllaplacian: the value depends on"):
        value(twice, double(1, 3))


@pytest.mark.parametrize("higher", [True, False])
def test_functions_without_forward_mode_are_pulled_back(higher):
    @jax.custom_vjp
    def cube(x):
        return x**3

    cube.defvjp(lambda x: (x**3, x), lambda x, g: (3 * x**2 * g,))
    lifted = jaxfunction(cube)
    few = np.arange(1.0, 3.0).reshape(1, 2)

    def all_three(x, s):
        u = lifted(x)
        v, given = reshape(lifted(s), 1, 2), {"EnableHigherDerivatives": higher}
        rows = dljacobian(v * dlarray(np.ones((5, 1))), s, 1, **given)
        return dldivergence(u, x, 1, **given), dllaplacian(sum_(u, 1), x, 1, **given), rows

    divergence, laplacian, rows = value(all_three, x := double(2, 3), few)
    np.testing.assert_allclose(divergence[0], 3 * (x**2).sum(0), **TIGHT)
    np.testing.assert_allclose(laplacian[0], 6 * x.sum(0), **TIGHT)
    np.testing.assert_allclose(rows[4], 3 * few**2, **TIGHT)


# Errors


def refusal(function, *arrays, kind):
    with pytest.raises(kind) as caught:
        dlfeval(function, *arrays)
    return str(caught.value)


CB = dlarray(np.ones((2, 3)), "CB")
PLAIN = dlarray(np.ones((2, 3)))
FAMILY = pytest.mark.parametrize("function", [dljacobian, dldivergence, dllaplacian])


@FAMILY
def test_labels_are_to_be_stripped_first(function):
    text = refusal(lambda X: function(X**2, X, 1), CB, kind=FormatError)
    assert text.startswith(f"{function.__name__}: u has labels.\n  u: 2(C) × 3(B)")
    assert "stripdims" in text


@FAMILY
def test_x_stripped_too_late_is_not_silently_zero(function):
    def late(X):
        u = stripdims(sum_(X**2, 1) if function is dllaplacian else X**2)
        return function(u, stripdims(X), 1)

    text = refusal(late, CB, kind=StateError)
    assert f"{function.__name__}: u was not computed from x" in text
    assert "x = stripdims(X)" in text


@FAMILY
def test_untraced_values_are_named(function):
    text = refusal(lambda x: function(x**2, dlarray(np.ones((2, 3))), 1), PLAIN, kind=StateError)
    assert text.startswith(f"{function.__name__}: x is an untraced dlarray")
    text = refusal(lambda x: function(extractdata(x), x, 1), PLAIN, kind=StateError)
    assert text.startswith(f"{function.__name__}: u is a ")
    with pytest.raises(StateError, match="inside a function that dlfeval calls"):
        function(PLAIN, PLAIN, 1)


@FAMILY
@pytest.mark.parametrize("dim", [0, 3, 1.5])
def test_a_dimension_that_is_not_there(function, dim):
    def wrong(x):
        return function(sum_(x, 1) if function is dllaplacian else x, x, dim)

    assert f"{function.__name__}: " in refusal(wrong, PLAIN, kind=OptionError)


def test_sizes_that_do_not_match():
    text = refusal(lambda x: dldivergence(x[0:1, :], x, 1), PLAIN, kind=FormatError)
    assert "u has 1 components along dimension 1, x has 2." in text
    assert "u: 1×3" in text
    assert "x: 2×3" in text
    text = refusal(lambda x: dldivergence(x[:, 0:1], x, 1), PLAIN, kind=FormatError)
    assert "different numbers of observations" in text
    text = refusal(lambda x: dllaplacian(sum_(x, "all"), x, 1), PLAIN, kind=FormatError)
    assert "one value for each observation" in text


def test_complex_values_are_refused_where_they_have_no_meaning():
    z = dlarray(np.ones((2, 3)) * 1j)
    text = refusal(lambda z: dljacobian(z**2, z, 1), z, kind=OptionError)
    assert "dljacobian: u is complex." in text
    text = refusal(lambda z: dllaplacian(real(sum_(z, 1)), z, 1), z, kind=OptionError)
    assert "dllaplacian: x is complex." in text


def test_a_freed_trace_is_named():
    def freed(x):
        u = x**2
        dlgradient(sum_(u, "all"), x)
        return dljacobian(u, x, 1)

    text = refusal(freed, PLAIN, kind=StateError)
    assert text.startswith("dljacobian: the trace from the variables")
