"""Gradients inside dlfeval: published numbers, containers, higher orders, what may go wrong."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dltk import (
    OptionError,
    StateError,
    dlarray,
    dlfeval,
    dlgradient,
    dlnetwork,
    extractdata,
    featureInputLayer,
    forward,
    fullyConnectedLayer,
    mse,
    real,
    relu,
    sin,
    stripdims,
    struct,
    sum,
    table,
    tanh,
)
from dltk.autodiff import programs


def rosenbrock(x):
    y = 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2
    return y, dlgradient(y, x)


def test_rosenbrock_has_the_published_value_and_gradient():
    y, gradient = dlfeval(rosenbrock, dlarray([-1.0, 2.0]))
    assert y.item() == 104
    np.testing.assert_array_equal(extractdata(gradient), [[396, 200]])


def test_two_separate_inputs_give_two_gradients():
    def two(a, b):
        y = 100 * (b - a**2) ** 2 + (1 - a) ** 2
        return dlgradient(y, a, b)

    assert [g.item() for g in dlfeval(two, dlarray(-1.0), dlarray(2.0))] == [396, 200]


def test_sum_of_sines_has_the_published_value_and_gradient():
    t = np.arange(11.0)

    def wave(p):
        y = sum(sin(p[0] * t + p[1]), "all")
        return y, dlgradient(y, p)

    y, gradient = dlfeval(wave, dlarray([1.0, 2.0]))
    assert y.item() == pytest.approx(-0.9668, abs=5e-5)
    np.testing.assert_allclose(extractdata(gradient), [[0.6788, -1.1095]], atol=5e-5)


# Containers


@pytest.mark.parametrize(
    ("container", "leaves"),
    [
        (lambda a, b: struct(u=a, v=struct(w=b)), lambda c: (c.u, c.v.w)),
        (lambda a, b: {"u": a, "v": [b]}, lambda c: (c["u"], c["v"][0])),
        (lambda a, b: [a, (b,)], lambda c: (c[0], c[1][0])),
        (lambda a, b: table(["f", "f"], ["W", "b"], [a, b]), lambda c: (c.Value[0], c.Value[1])),
    ],
    ids=["struct", "dict", "list", "table"],
)
def test_gradients_have_the_container_and_the_labels_of_their_variables(container, leaves):
    a, b = dlarray(np.ones((3, 2), np.float32), "CB"), dlarray([[2.0]])

    def loss(c):
        u, v = leaves(c)
        y = sum(u**2, "all") * v
        return dlgradient(y, c)

    gradient = dlfeval(loss, container(a, b))
    du, dv = leaves(gradient)
    assert type(gradient) is type(container(a, b))
    assert (du.dims, du.shape, du.dtype) == ("CB", (3, 2), np.float32)
    np.testing.assert_array_equal(extractdata(du), np.full((3, 2), 4))
    assert dv.item() == 6


def test_a_network_stands_for_its_learnables_and_rows_can_be_chosen():
    net = dlnetwork([featureInputLayer(2), fullyConnectedLayer(1)])
    X = dlarray(np.array([[1.0], [2.0]], np.float32), "CB")

    def loss(net, X):
        y = sum(forward(net, X), "all")
        weights = net.Learnables[net.Learnables.Parameter == "Weights"]
        return dlgradient(y, net, RetainData=True), dlgradient(y, weights)

    every, some = dlfeval(loss, net, X)
    np.testing.assert_array_equal(extractdata(every["fc", "Weights"]), [[1, 2]])
    np.testing.assert_array_equal(extractdata(every["fc", "Bias"]), [[1]])
    assert some.names == (("fc", "Weights"),)


def test_variables_without_influence_have_zero_gradients():
    def loss(a, b):
        return dlgradient(a * 2, a, b)

    _, db = dlfeval(loss, dlarray(1.0), dlarray(np.ones((2, 3)), "CB"))
    np.testing.assert_array_equal(extractdata(db), np.zeros((2, 3)))
    assert db.dims == "CB"


def test_an_intermediate_value_has_a_gradient():
    def gradcam(x):
        features = relu(x) * 3
        score = sum(features**2, "all")
        return dlgradient(score, features, x)

    df, dx = dlfeval(gradcam, dlarray([[1.0, -1.0, 2.0]]))
    np.testing.assert_array_equal(extractdata(df), [[6, 0, 12]])
    np.testing.assert_array_equal(extractdata(dx), [[18, 0, 36]])


# What is traced


def test_captured_and_extracted_values_are_constants():
    w = dlarray(3.0)

    def loss(x):
        y = x * w + extractdata(x) * 5 + dlarray(2.0) * x
        return dlgradient(y, x)

    assert dlfeval(loss, dlarray(1.0)).item() == 3 + 2


def test_labels_keep_the_trace():
    def loss(x):
        y = sum(stripdims(dlarray(stripdims(x), "BC")) ** 2, "all")
        return dlgradient(y, x)

    gradient = dlfeval(loss, dlarray([[1.0, 2.0]], "CB"))
    assert gradient.dims == "CB"
    np.testing.assert_array_equal(extractdata(gradient), [[2, 4]])


def test_assignment_into_an_untraced_array_is_traced():
    def loss(x):
        y = dlarray(np.zeros((2, 1)))
        y[0] = x * 2
        y[1] = x**2
        return dlgradient(sum(y, "all"), x)

    assert dlfeval(loss, dlarray(3.0)).item() == 2 + 6


# Several calls


def test_two_losses_with_retained_data():
    def gan(g, d):
        fake = g * 2
        lossG, lossD = (fake * d) ** 2, fake + d**2
        return dlgradient(lossG, g, RetainData=True), dlgradient(lossD, d)

    dg, dd = dlfeval(gan, dlarray(1.0), dlarray(3.0))
    assert (dg.item(), dd.item()) == (72, 6)


def test_second_call_without_retained_data_says_what_to_set():
    def twice(x):
        y = x**2
        dlgradient(y, x)
        return dlgradient(y, x)

    with pytest.raises(StateError, match="no longer available") as caught:
        dlfeval(twice, dlarray(1.0))
    assert "RetainData=True" in str(caught.value)


# Higher derivatives


def test_third_derivative_of_a_power():
    def third(x):
        y = x**5
        for _ in range(2):
            y = dlgradient(y, x, EnableHigherDerivatives=True)
        return dlgradient(y, x)

    assert dlfeval(third, dlarray(2.0)).item() == 60 * 4


def test_derivative_by_the_input_then_by_the_parameter():
    def loss(w, x):
        slope = dlgradient(sum(tanh(w * x), "all"), x, EnableHigherDerivatives=True)
        return dlgradient(sum(slope**2, "all"), w)

    def plain(w, x):
        return jnp.sum((w * (1 - jnp.tanh(w * x) ** 2)) ** 2)

    x = np.linspace(-1, 1, 7)[None]
    gradient = dlfeval(loss, dlarray(0.7), dlarray(x))
    with jax.enable_x64(True):
        expected = jax.grad(plain)(0.7, x)
    assert gradient.item() == pytest.approx(float(expected), rel=1e-12)


def test_total_derivative_through_a_second_variable_in_both_modes():
    def loss(x):
        z = x**2
        y = z * x
        first = dlgradient(y, x, z, RetainData=True)
        higher = dlgradient(y, x, z, EnableHigherDerivatives=True)
        return first, higher

    first, higher = dlfeval(loss, dlarray(2.0))
    assert [g.item() for g in first] == [g.item() for g in higher] == [12, 2]


def test_a_gradient_without_higher_derivatives_cannot_be_differentiated():
    def penalty(x):
        g = dlgradient(x**3, x)
        return dlgradient(g**2, x)

    with pytest.raises(StateError, match="EnableHigherDerivatives=True"):
        dlfeval(penalty, dlarray(1.0))


def test_an_update_inside_can_be_differentiated_by_the_new_parameter():
    def loss(p):
        p = p - 0.1 * dlgradient(p**2, p)
        return p, dlgradient(p**2, p)

    p, gradient = dlfeval(loss, dlarray(1.0))
    assert gradient.item() == pytest.approx(2 * p.item()) == pytest.approx(1.6)


# Burgers' equation: the program of a step costs what nested jax.grad costs

WIDTH, DEPTH, POINTS = 20, 9, 500


def burgers_parameters():
    random = np.random.RandomState(0)
    sizes = [2, *[WIDTH] * (DEPTH - 1), 1]
    return [
        (random.randn(n, m) / np.sqrt(m), np.zeros((n, 1))) for m, n in itertools.pairwise(sizes)
    ]


def burgers(parameters, x, t):
    """dltk: u_t + u u_x - 0.01/pi u_xx, squared, and its gradient."""
    u = parameters[0].W[:, [0]] @ x + parameters[0].W[:, [1]] @ t + parameters[0].b
    for layer in parameters[1:]:
        u = layer.W @ tanh(u) + layer.b
    u_x, u_t = dlgradient(sum(u, "all"), x, t, EnableHigherDerivatives=True)
    u_xx = dlgradient(sum(u_x, "all"), x, EnableHigherDerivatives=True)
    f = u_t + u * u_x - (0.01 / np.pi) * u_xx
    loss = sum(f**2, "all") / f.size
    return loss, dlgradient(loss, parameters)


def burgers_by_hand(parameters, x, t):
    def network(x, t):
        (W, b), *rest = parameters
        u = W[:, :1] @ x + W[:, 1:] @ t + b
        for W, b in rest:
            u = W @ jnp.tanh(u) + b
        return u

    def total(x, t):
        u = network(x, t)
        return u.sum(), u

    def slopes(x):
        (u_x, u_t), u = jax.grad(total, (0, 1), has_aux=True)(x, t)
        return u_x.sum(), (u, u_x, u_t)

    u_xx, (u, u_x, u_t) = jax.grad(slopes, has_aux=True)(x)  # one pass for all four
    f = u_t + u * u_x - (0.01 / np.pi) * u_xx
    return (f**2).mean()


def flops(lowered):
    return lowered.compile().cost_analysis()["flops"]


@pytest.mark.long
def test_burgers_step_has_the_flops_and_values_of_nested_jax_grad():
    plain = burgers_parameters()
    x, t = np.random.RandomState(1).rand(2, 1, POINTS)
    parameters = [struct(W=dlarray(W), b=dlarray(b)) for W, b in plain]
    programs.clear()
    loss, gradients = dlfeval(burgers, parameters, dlarray(x), dlarray(t))
    ours = flops(programs.lowered(burgers, parameters, dlarray(x), dlarray(t)))
    with jax.enable_x64(True):
        hand = jax.jit(jax.value_and_grad(burgers_by_hand))
        expected_loss, expected = hand(plain, x, t)
        theirs = flops(hand.lower(plain, x, t))
    assert loss.item() == pytest.approx(float(expected_loss), rel=1e-10)
    for (W, b), g in zip(expected, gradients, strict=True):
        np.testing.assert_allclose(extractdata(g.W), W, rtol=1e-8, atol=1e-12)
        np.testing.assert_allclose(extractdata(g.b), b, rtol=1e-8, atol=1e-12)
    assert ours == pytest.approx(theirs, rel=0.01)


# Complex values


def test_complex_gradient_is_the_conjugate_of_jaxs():
    def loss(z):
        y = real((2 + 3j) * z)
        return dlgradient(y, z), dlgradient(y * 2, z, EnableHigherDerivatives=True)

    def first(z):
        return dlgradient(real((2 + 3j) * z), z)

    def traced(z):
        return dlgradient(real((2 + 3j) * z), z, EnableHigherDerivatives=True)

    z = dlarray(np.array([[1.0 + 1.0j]]))
    assert dlfeval(first, z).item() == 2 - 3j
    assert dlfeval(traced, z).item() == 2 - 3j


def test_complex_gradients_can_be_refused():
    def loss(z):
        return dlgradient(real((2 + 3j) * z), z, AllowComplex=False)

    with pytest.raises(OptionError, match="AllowComplex is False"):
        dlfeval(loss, dlarray(np.array([[1.0 + 1.0j]])))


def test_complex_values_on_the_way_can_be_refused():
    def loss(x, allowed):
        return dlgradient(real((2 + 3j) * x**2), x, AllowComplex=allowed)

    assert dlfeval(loss, dlarray(5.0), True).item() == 20
    with pytest.raises(OptionError, match="AllowComplex is False") as caught:
        dlfeval(loss, dlarray(5.0), False)
    assert caught.value.got == {"complex": "the result of times"}
    assert dlfeval(lambda x: dlgradient(x**2, x, AllowComplex=False), dlarray(5.0)).item() == 10


def test_retained_data_serves_several_outputs():
    def jacobian(x):
        y = x**2 * dlarray([1.0, 10.0, 100.0])
        return [dlgradient(y[k], x, RetainData=True) for k in range(3)]

    rows = [extractdata(g)[0].tolist() for g in dlfeval(jacobian, dlarray([1.0, 2.0, 3.0]))]
    assert rows == [[2, 0, 0], [0, 40, 0], [0, 0, 600]]


# Wrong use


@pytest.mark.parametrize(
    ("loss", "kind", "words"),
    [
        (lambda x: dlgradient(x * 1j, x), OptionError, "complex"),
        (lambda x: dlgradient(float(2), x), StateError, "a float, not a traced dlarray"),
        (lambda x: dlgradient(dlarray(1.0), x), StateError, "not computed from an input"),
        (lambda x: dlgradient(dlarray(extractdata(x)), x), StateError, "do not extract data"),
        (lambda x: dlgradient(x**2, 3.0), StateError, "with respect to a float"),
        (lambda x: dlgradient(x**2, dlarray(1.0)), StateError, "an untraced dlarray"),
        (lambda x: dlgradient(x**2), OptionError, "no variable"),
        (lambda x: dlgradient(mse(x, x), [x, None, 4]), StateError, "with respect to a int"),
        (lambda x: jax.tree.map(lambda v: v, {"a": x}), StateError, "went into a JAX function"),
        (lambda x: np.linalg.norm(x), Exception, "norm"),
    ],
)
def test_wrong_use_is_explained(loss, kind, words):
    with pytest.raises(kind, match=words):
        dlfeval(loss, dlarray([[2.0]], "CB"))


def test_dlfeval_wants_a_function():
    with pytest.raises(OptionError, match="must be a function, not a float"):
        dlfeval(3.0, dlarray(1.0))


def test_dlfeval_inside_dlfeval_is_part_of_it():
    def inner(x):
        return x**3

    def outer(x):
        return dlgradient(dlfeval(inner, x), x)

    assert dlfeval(outer, dlarray(2.0)).item() == 12
