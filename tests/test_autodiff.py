"""What dlfeval hands to a function and gives back; derivatives of what ordinary code does."""

import collections
import math
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from dltk import (
    DltkWarning,
    OptionError,
    StateError,
    abs,
    debug,
    dlarray,
    dlfeval,
    dlgradient,
    dlnetwork,
    exp,
    extractdata,
    featureInputLayer,
    fullyConnectedLayer,
    max,
    real,
    relu,
    round,
    sgdmupdate,
    sin,
    sqrt,
    struct,
    sum,
    table,
    tanh,
)


def numbers(X):
    return np.asarray(extractdata(X)).tolist()


# Traced inputs, in any nesting


class Pair(NamedTuple):
    first: object
    second: object


NESTED = {
    "struct in a struct": lambda x: struct(a=struct(b=x)),
    "dict in a list": lambda x: [{"k": x}],
    "tuple in a dict": lambda x: {"k": (1, x)},
    "list in a table": lambda x: table(["fc"], ["W"], [x]),
    "ordered dict": lambda x: collections.OrderedDict(k=x),
    "defaultdict": lambda x: collections.defaultdict(list, k=x),
    "named tuple": lambda x: Pair(3.0, x),
    "struct in a tuple": lambda x: (None, struct(x=x, name="text")),
}


def the_dlarray(tree):
    (found,) = jax.tree.leaves(
        jax.tree.map(lambda v: v if isinstance(v, dlarray) else None, tree, is_leaf=is_dlarray),
        is_leaf=is_dlarray,
    )
    return found


def is_dlarray(x):
    return isinstance(x, dlarray)


@pytest.mark.parametrize("nest", NESTED.values(), ids=NESTED)
@pytest.mark.parametrize("by_name", [False, True])
def test_a_dlarray_is_traced_wherever_it_stands_among_the_inputs(nest, by_name):
    def loss(inputs):
        x = the_dlarray(inputs)
        return dlgradient(sum(x**2, "all"), x)

    x = dlarray([[1.0, 2.0]], "CB")
    inputs = nest(x)
    gradient = dlfeval(loss, inputs=inputs) if by_name else dlfeval(loss, inputs)
    assert numbers(gradient) == [[2, 4]]
    assert gradient.dims == "CB"


def test_learnables_and_states_of_a_network_are_traced():
    net = dlnetwork([featureInputLayer(2), fullyConnectedLayer(1)])

    def loss(net):
        weights = net.Learnables["fc", "Weights"]
        return dlgradient(sum(weights**2, "all"), weights)

    gradient = dlfeval(loss, net)
    np.testing.assert_allclose(
        extractdata(gradient), 2 * extractdata(net.Learnables["fc", "Weights"])
    )


def test_plain_numbers_and_arrays_are_not_traced():
    for plain in (2.0, np.array([2.0])):
        with pytest.raises(StateError, match="cannot differentiate with respect to"):
            dlfeval(lambda x, p: dlgradient(x * dlarray(p), p), dlarray(1.0), plain)


def test_logical_dlarrays_are_data_without_derivative():
    def loss(mask, x):
        y = sum(x * mask, "all")
        return y, dlgradient(y, x)

    mask = dlarray(np.array([[True, False]]))
    y, gradient = dlfeval(loss, mask, dlarray([3.0, 5.0]))
    assert (y.item(), numbers(gradient)) == (3, [[1, 0]])
    with pytest.raises(StateError, match="an untraced dlarray"):
        dlfeval(lambda mask, x: dlgradient(sum(x * mask, "all"), mask), mask, dlarray([3.0, 5.0]))


def test_outputs_are_not_traced():
    def loss(x):
        y = x**2
        return struct(y=y, rest=[y * 2])

    out = dlfeval(loss, dlarray(3.0))
    with pytest.raises(StateError, match="called outside dlfeval"):
        dlgradient(out.y, out.rest[0])
    with pytest.raises(StateError, match="untraced dlarray"):
        dlfeval(lambda x: dlgradient(x**2, out.y), dlarray(1.0))


# Order of dicts


def layers_in_order():
    return {"w2": dlarray(2.0), "w1": dlarray(3.0), "b": dlarray(1.0)}


def chain(parameters, x):
    for w in parameters.values():
        x = w * x + 1
    return x, dlgradient(x, parameters), parameters


@pytest.mark.parametrize("eager", [False, True])
def test_dicts_keep_the_order_in_which_they_were_filled(eager):
    def run():
        return dlfeval(chain, layers_in_order(), dlarray(1.0))

    if eager:
        with debug.eager():
            y, gradients, back = run()
    else:
        y, gradients, back = run()
    assert y.item() == (2 * 1 + 1) * 3 + 1 + 1
    assert list(gradients) == list(back) == ["w2", "w1", "b"]
    assert [g.item() for g in gradients.values()] == [3, 3, 10]


def test_dicts_may_have_keys_that_cannot_be_sorted():
    def loss(p):
        y = p["a"] * p[1]
        return dlgradient(y, p)

    gradients = dlfeval(loss, {"a": dlarray(2.0), 1: dlarray(5.0)})
    assert [(key, g.item()) for key, g in gradients.items()] == [("a", 5), (1, 2)]


# Arguments are values


@pytest.mark.parametrize("eager", [False, True])
def test_what_a_function_does_to_its_arguments_stays_inside(eager):
    X, mask, data = dlarray([1.0, 2.0]), dlarray(np.array([[True, True]])), np.ones(2)
    items, s, net = [1.0], struct(a=1.0), dlnetwork([featureInputLayer(1)])

    def loss(X, mask, data, items, s, net):
        X[0] = 7
        mask[0] = False
        data += 1
        items.append(5.0)
        s.a = s.b = 8.0
        net.OutputNames = "input"
        return X, mask, data, items, s

    def run():
        return dlfeval(loss, X, mask, data, items, s, net)

    if eager:
        with debug.eager():
            out = run()
    else:
        out = run()
    assert numbers(out[0]) == [[7, 2]]
    assert numbers(out[1]) == [[False, True]]
    assert [np.asarray(out[2]).tolist(), out[3], dict(vars(out[4]))] == [
        [2, 2],
        [1.0, 5.0],
        {"a": 8.0, "b": 8.0},
    ]
    assert (numbers(X), numbers(mask), data.tolist()) == ([[1, 2]], [[True, True]], [1, 1])
    assert (items, s) == ([1.0], struct(a=1.0))


# Ordinary code


def test_functions_that_round_and_compare_have_no_derivative():
    def loss(x):
        y = x * 3 + round(x) * 100 + (x > 0) * 1000
        return y, dlgradient(y, x)

    y, gradient = dlfeval(loss, dlarray(1.25))
    assert (y.item(), gradient.item()) == (1103.75, 3)


def test_positions_of_the_largest_value_carry_no_derivative():
    def loss(x):
        largest, position = max(x, nargout=2)
        return dlgradient(sum(largest * position, "all"), x)

    assert numbers(dlfeval(loss, dlarray([[1.0], [4.0], [2.0]]))) == [[0], [2], [0]]


def test_corners_have_the_derivative_zero():
    def loss(x):
        return dlgradient(sum(relu(x) + abs(x), "all"), x)

    assert numbers(dlfeval(loss, dlarray([[0.0, 2.0, -2.0]]))) == [[0, 2, -1]]


def test_the_derivative_is_that_of_the_path_taken():
    def loss(x):
        y = x
        for _ in range(3):
            y = y**2 if y.item() < 2 else y * 10
        return y, dlgradient(y, x)

    with pytest.warns(DltkWarning, match="y.item"):
        y, gradient = dlfeval(loss, dlarray(1.5))
    assert (y.item(), gradient.item()) == (225, 2 * 1.5 * 100)  # 1.5^2 = 2.25, then times 100


def test_a_loop_that_fills_an_array_keeps_the_trace():
    def loss(x):
        y = dlarray(np.zeros((3, 1)))
        for k in range(3):
            y[k] = x ** (k + 1)
        return dlgradient(sum(y, "all"), x)

    assert dlfeval(loss, dlarray(2.0)).item() == 1 + 2 * 2 + 3 * 4


def test_the_same_variable_may_be_used_and_asked_for_twice():
    def loss(x):
        y = x * x + sin(x)
        return dlgradient(y, x, x)

    a, b = dlfeval(loss, dlarray(0.5))
    assert a.item() == b.item() == pytest.approx(2 * 0.5 + math.cos(0.5))


def test_a_value_differentiated_by_itself_is_one():
    def loss(x):
        y = x**2
        return dlgradient(y, y), dlgradient(x, x, EnableHigherDerivatives=True)

    assert [g.item() for g in dlfeval(loss, dlarray(3.0))] == [1, 1]


def test_derivatives_that_are_constant_can_be_differentiated():
    def loss(x, z):
        slope = dlgradient(3 * x, x, EnableHigherDerivatives=True)
        none = dlgradient(3 * x, z, EnableHigherDerivatives=True)
        return dlgradient(slope * x + none * z, x)

    assert dlfeval(loss, dlarray(5.0), dlarray(1.0)).item() == 3


@pytest.mark.parametrize("kind", ["single", "double"])
def test_gradients_have_the_type_of_their_variable(kind):
    dtype = {"single": np.float32, "double": np.float64}[kind]

    def loss(x, w):
        y = sum(x * w, "all")
        return dlgradient(y, x, w)

    gradients = dlfeval(loss, dlarray(np.ones(3, dtype)), dlarray(np.ones(3)))
    assert [g.dtype.name for g in gradients] == [np.dtype(dtype).name, "float64"]


# Higher orders against closed forms


def derivatives(f, x, order):
    """f and its derivatives up to an order, each with dlgradient."""
    found = [f(x)]
    for k in range(order):
        last = k == order - 1
        found.append(dlgradient(found[-1], x, EnableHigherDerivatives=not last))
    return found


CLOSED = {
    "exponential": (lambda x: exp(2 * x), lambda x: [2**k * math.exp(2 * x) for k in range(4)]),
    "sine": (sin, lambda x: [math.sin(x + k * math.pi / 2) for k in range(4)]),
    "power": (lambda x: x**5, lambda x: [x**5, 5 * x**4, 20 * x**3, 60 * x**2]),
    "inverse": (lambda x: 1 / x, lambda x: [1 / x, -1 / x**2, 2 / x**3, -6 / x**4]),
    "root": (sqrt, lambda x: [x**0.5, x**-0.5 / 2, -(x**-1.5) / 4, 3 * x**-2.5 / 8]),
    "product": (
        lambda x: x * tanh(x) * 0 + x * sin(x),
        lambda x: [
            x * math.sin(x),
            math.sin(x) + x * math.cos(x),
            2 * math.cos(x) - x * math.sin(x),
            -3 * math.sin(x) - x * math.cos(x),
        ],
    ),
}


@pytest.mark.parametrize("name", CLOSED)
@pytest.mark.parametrize("eager", [False, True])
def test_derivatives_up_to_the_third_order(name, eager):
    f, expected = CLOSED[name]

    def loss(x):
        return derivatives(f, x, 3)

    if eager:
        with debug.eager():
            found = dlfeval(loss, dlarray(0.8))
    else:
        found = dlfeval(loss, dlarray(0.8))
    np.testing.assert_allclose([v.item() for v in found], expected(0.8), rtol=1e-12)


def test_gradient_penalty_by_the_parameters():
    """The loss contains the norm of a gradient with respect to the inputs (WGAN-GP)."""
    W0, X0 = np.array([[0.3, -0.7]]), np.array([[1.0, 2.0, -1.0], [0.5, -0.5, 1.5]])

    def penalty(W, X):
        Y = tanh(W @ X)
        G = dlgradient(sum(Y, "all"), X, EnableHigherDerivatives=True)
        loss = sum((sqrt(sum(G**2, 1)) - 1) ** 2, "all")
        return loss, dlgradient(loss, W)

    def by_hand(W, X):
        G = jax.grad(lambda X: jnp.tanh(W @ X).sum())(X)
        return ((jnp.sqrt((G**2).sum(0)) - 1) ** 2).sum()

    loss, gradient = dlfeval(penalty, dlarray(W0), dlarray(X0))
    with jax.enable_x64(True):
        expected, slope = jax.value_and_grad(by_hand)(W0, X0)
    assert loss.item() == pytest.approx(float(expected), rel=1e-12)
    np.testing.assert_allclose(extractdata(gradient), slope, rtol=1e-12)


def test_data_are_retained_by_higher_derivatives():
    def loss(x):
        y = x**3
        first = dlgradient(y, x, EnableHigherDerivatives=True)
        return first, dlgradient(first, x), dlgradient(y, x)

    assert [g.item() for g in dlfeval(loss, dlarray(2.0))] == [12, 12, 12]


def test_freed_data_name_the_operation():
    def loss(x):
        y = sin(x) * 2
        dlgradient(y, x)
        return dlgradient(y * 3, x)

    with pytest.raises(StateError, match="first operation that was freed: sin"):
        dlfeval(loss, dlarray(1.0))


# Complex values


def test_gradient_of_a_modulus_points_uphill():
    """|z|^2 = a^2 + b^2 has the gradient 2a + 2bi = 2z."""

    def loss(z):
        return dlgradient(sum(abs(z) ** 2, "all"), z)

    z = dlarray(np.array([[3.0 + 4.0j, 1.0 - 2.0j]]))
    np.testing.assert_allclose(extractdata(dlfeval(loss, z)), [[6 + 8j, 2 - 4j]], rtol=1e-12)


def test_gradient_of_a_real_part_of_a_square():
    """L = Re(c z^2): dL/da + i dL/db = conj(2 c z)."""
    c, z0 = 2 + 3j, 1 - 2j

    def loss(z):
        return dlgradient(real(c * z**2), z)

    found = dlfeval(loss, dlarray(np.array([[z0]])))
    assert found.item() == pytest.approx(np.conj(2 * c * z0))


# Wrong use


@pytest.mark.parametrize(
    ("loss", "kind", "words"),
    [
        (lambda x: dlgradient(x, x), OptionError, r"value: 1×2"),
        (lambda x: dlgradient(extractdata(sum(x, "all")), x), StateError, "extractdata or NumPy"),
        (lambda x: dlgradient(sum(x, "all"), "x"), StateError, "with respect to a str"),
        (lambda x: dlgradient(sum(x, "all"), struct(a=x, b=2)), StateError, "to a int"),
        (lambda x: dlgradient(sum(x, "all"), extractdata(x)), StateError, "with respect to a"),
        (lambda x: np.tanh(extractdata(x)) + np.fft.fft(x), Exception, "fft"),
    ],
)
def test_wrong_use_is_explained(loss, kind, words):
    with pytest.raises(kind, match=words), debug.eager():
        dlfeval(loss, dlarray([[2.0, 1.0]]))


def test_an_inner_dlfeval_traces_what_the_outer_one_did_not():
    def inner(x, w):
        y = x * w**2
        return y, dlgradient(y, w, RetainData=True)

    def outer(x):
        y, slope = dlfeval(inner, x, dlarray(3.0))
        return y, slope, dlgradient(y, x)

    assert [v.item() for v in dlfeval(outer, dlarray(2.0))] == [18, 12, 9]


# Plain numbers as subscripts, dicts in update functions


def test_a_number_as_subscript_counts_from_the_end_and_is_checked():
    def element(x, k):
        return x[0, k]

    x = dlarray([1.0, 2.0, 3.0])
    assert [dlfeval(element, x, k).item() for k in (0, -1, 2)] == [1, 3, 3]
    with pytest.raises(IndexError, match="subscript 7 in position 2"):
        dlfeval(element, x, 7)


def test_a_dlarray_as_subscript_counts_from_the_end():
    def element(x, k):
        return x[0, k]

    x = dlarray([1.0, 2.0, 3.0])
    assert [dlfeval(element, x, dlarray(float(k))).item() for k in (0, -1, 2)] == [1, 3, 3]


def test_updates_keep_the_order_of_dicts():
    parameters = layers_in_order()
    _, gradients, _ = dlfeval(chain, parameters, dlarray(1.0))
    parameters, velocity = sgdmupdate(parameters, gradients, [], 0.1, 0)
    assert list(parameters) == list(velocity) == ["w2", "w1", "b"]
    assert [p.item() for p in parameters.values()] == pytest.approx([2 - 0.3, 3 - 0.3, 1 - 1.0])
