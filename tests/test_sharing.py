"""Losses of values and their derivatives: what one pass hands out has the right derivatives."""

import numpy as np
import pytest

from dltk import cat, dlarray, dlfeval, dlgradient, dljacobian, dllaplacian, extractdata, max, tanh
from dltk import sum as sum_
from dltk.debug import eager

W = np.random.RandomState(0).randn(3, 2)
X, T = np.random.RandomState(1).randn(2, 1, 4)


def net(W, x, t):
    return sum_(tanh(W @ cat(1, x, t)) ** 2, 1)


def slope(u, *xs):
    return dlgradient(sum_(u, "all"), *xs, EnableHigherDerivatives=True)


def burgers(W, x, t):
    u = net(W, x, t)
    u_x, u_t = slope(u, x, t)
    return u_t + u * u_x - 0.1 * slope(u_x, x)


def one_call_each(W, x, t):
    u = net(W, x, t)
    u_x, u_t = slope(u, x), slope(u, t)
    return u * slope(u_x, x) + u_x * slope(u_t, t) + slope(u_x, t)


def third_order(W, x, t):
    u = net(W, x, t)
    u_x = slope(u, x)
    u_xx = slope(u_x, x)
    return u + u_x * u_xx + slope(u_xx, x) * u


def product_of_both(W, x, t):
    u = net(W, x, t)
    u_x = slope(u, x)
    a = u * u_x
    return slope(a, x) + a + u_x


def prepared_input(W, x, t):
    later = tanh(2 * t)
    u = net(W, x, later)
    u_x, u_t = slope(u, x, t)
    return slope(u * u_x, x) * later + u_t


def computed_input(W, x, t):
    z = x * t
    u = net(W, z, t)
    u_z, u_x = slope(u, z, x)
    return u * u_z + slope(u_z, z) + slope(u_x, x) + z


def largest(W, x, t):
    u = net(W, x, t)
    m, i = max(u * x, nargout=2)
    m_x = slope(m, x)
    return m * slope(m_x, x) + i * m_x


def rows(W, x, t):
    y = tanh(W @ cat(1, x, t))
    jacobian = dljacobian(y, x, 1)
    return sum_(slope(sum_(jacobian**2, 1), x) * y, 1)


def bend(W, x, t):
    u = net(W, x, t)
    return u * dllaplacian(u, x, 1) + slope(u, t)


def bend_of_slope(W, x, t):
    u = net(W, x, t)
    u_t = slope(u, t)
    return dllaplacian(u_t, x, 1) * u + u_t


RESIDUALS = [
    burgers,
    one_call_each,
    third_order,
    product_of_both,
    prepared_input,
    computed_input,
    largest,
    rows,
    bend,
    bend_of_slope,
]


@pytest.mark.parametrize("residual", RESIDUALS, ids=lambda f: f.__name__)
def test_gradients_of_a_loss_of_derivatives_are_the_numerical_ones(residual):
    def loss(W, x, t):
        value = sum_(residual(W, x, t) ** 2, "all")
        return value, *dlgradient(value, W, x, t)

    def at(*arrays):
        return dlfeval(loss, *(dlarray(a) for a in arrays))

    values = [W, X, T]
    compiled = at(*values)
    with eager():
        for a, b in zip(at(*values), compiled, strict=True):
            np.testing.assert_allclose(extractdata(a), extractdata(b), rtol=1e-9, atol=1e-12)
    for which, gradient in enumerate(compiled[1:]):
        for place in np.ndindex(values[which].shape):
            step = np.zeros_like(values[which])
            step[place] = 1e-5
            ends = [
                at(*(v + sign * step if i == which else v for i, v in enumerate(values)))[0].item()
                for sign in (1, -1)
            ]
            number = (ends[0] - ends[1]) / 2e-5
            assert gradient[place].item() == pytest.approx(number, rel=1e-5, abs=1e-6)


def test_a_gradient_by_a_value_on_the_way_goes_through_all_that_was_computed_from_it():
    def loss(x):
        u = x**2
        v = u**2  # x^4
        v_x = slope(v, x)  # 4 x^3: was computed from x, not from u
        value = sum_(u * v_x + v, "all")
        return dlgradient(value, u, x)

    by_u, by_x = dlfeval(loss, dlarray(2.0))
    assert by_u.item() == 4 * 8 + 2 * 4
    assert by_x.item() == 20 * 16 + 4 * 8  # of 4 x^5 + x^4


@pytest.mark.parametrize("coordinates", [2, 20])  # one by one, and as a batch
def test_a_laplacian_of_few_or_many_coordinates_hands_out_its_u(coordinates):
    def loss(x):
        u = sum_(x**3, 1)
        value = sum_(u * dllaplacian(u, x, 1), "all")
        return dlgradient(value, x)

    x = np.random.RandomState(2).randn(coordinates, 3)
    gradient = extractdata(dlfeval(loss, dlarray(x)))
    u, bend = (x**3).sum(0), 6 * x.sum(0)
    np.testing.assert_allclose(gradient, 3 * x**2 * bend + 6 * u, rtol=1e-12)


def test_two_losses_may_use_the_same_derivatives():
    def losses(x):
        u = x**3
        u_x = slope(u, x)
        u_xx = slope(u_x, x)
        first = dlgradient(u * u_x + u_xx, x, RetainData=True)
        return first, dlgradient(u_xx * u + u_x, x)

    first, second = dlfeval(losses, dlarray(2.0))
    assert first.item() == 15 * 2**4 + 6
    assert second.item() == 24 * 2**3 + 6 * 2
