"""dlupdate: containers, several inputs and outputs, messages."""

import jax
import numpy as np
import pytest

from dltk._errors import OptionError
from dltk._struct import struct
from dltk.dlarray import apply, dlarray, extractdata
from dltk.optimizers._dlupdate import dlupdate

from .network import Network, gradients_of


def test_plain_gradient_descent_on_a_network():
    net = Network()
    grad = gradients_of(net)
    new = dlupdate(lambda p, g: p - 0.1 * g, net, grad)
    assert isinstance(new, Network)
    for p, g, q in zip(net.values, grad.Value, new.values, strict=True):
        expected = extractdata(p) - np.float32(0.1) * extractdata(g)
        np.testing.assert_allclose(extractdata(q), expected, rtol=1e-6)


def test_further_outputs_of_a_network_are_tables():
    net = Network()
    new, doubled, halved = dlupdate(lambda p: (p, 2 * p, p / 2), net)
    assert isinstance(new, Network)
    assert doubled.names == halved.names == net.Learnables.names
    np.testing.assert_array_equal(
        extractdata(doubled["fc1", "Bias"]), 2 * extractdata(net.values[1])
    )


def test_nargout_takes_the_first_outputs():
    params = struct(a=np.ones(2), b=np.zeros(1))
    one = dlupdate(lambda p: (p + 1, p + 2, p + 3), params, nargout=1)
    assert (one.a == 2).all()
    first, second = dlupdate(lambda p: (p + 1, p + 2, p + 3), params, nargout=2)
    assert (first.a == 2).all()
    assert (second.b == 2).all()
    with pytest.raises(OptionError, match="returns 1 of the 2 outputs asked for"):
        dlupdate(lambda p: p, params, nargout=2)


def test_the_function_sees_what_the_leaf_is():
    seen = []
    dlupdate(lambda p: seen.append(type(p)) or p, [dlarray(1.0), np.ones(2)])
    assert seen == [dlarray, np.ndarray]


def test_a_part_of_a_table_can_be_updated():
    net = Network()
    grad = gradients_of(net)
    idx = net.Learnables.Parameter == "Weights"
    before = [extractdata(v) for v in grad.Value]
    grad[idx] = dlupdate(lambda g, w: g + 0.5 * w, grad[idx], net.Learnables[idx])
    np.testing.assert_array_equal(extractdata(grad.Value[1]), before[1])
    expected = before[2] + np.float32(0.5) * extractdata(net.values[2])
    np.testing.assert_allclose(extractdata(grad.Value[2]), expected, rtol=1e-6)


def test_a_cell_with_one_element_goes_to_every_place():
    gradients = [np.ones(2), np.full(3, 2.0)]
    scaled = dlupdate(lambda g, factor: g * factor, gradients, [0.5])
    np.testing.assert_array_equal(scaled[0], [0.5, 0.5])
    np.testing.assert_array_equal(scaled[1], [1.0, 1.0, 1.0])


def test_number_types_can_be_changed():
    net = dlupdate(lambda p: dlarray(extractdata(p).astype(np.float64)), Network())
    assert all(v.dtype == np.float64 for v in net.values)


def test_a_single_array_needs_no_container():
    assert dlupdate(lambda p: p * 2, np.array([1.5])) == [3.0]
    assert dlupdate(lambda p, q: p + q, dlarray(1.0, "CB"), dlarray(2.0, "CB")).dims == "CB"


def test_empty_containers_stay_empty():
    assert dlupdate(lambda p: p, []) == []
    assert dlupdate(lambda p: (p, p), struct(), nargout=2) == (struct(), struct())


def test_derivatives_flow_through_the_function():
    autodiff = pytest.importorskip("dltk.autodiff")

    def loss(p):
        squares = dlupdate(lambda w: w * w, struct(a=p))
        total = apply("sum", lambda x: x.sum().reshape(1, 1), [squares.a], "")
        return autodiff.dlgradient(total, p)

    slope = autodiff.dlfeval(loss, dlarray([[1.0, 2.0]]))
    np.testing.assert_array_equal(extractdata(slope), [[2.0, 4.0]])


def test_it_can_be_compiled():
    params = struct(W=dlarray(np.ones((2, 2), np.float32)))
    new = jax.jit(lambda p: dlupdate(lambda w: w * 3, p))(params)
    assert (extractdata(new.W) == 3).all()


def test_the_order_of_arguments_is_explained():
    with pytest.raises(OptionError, match="first argument must be a function") as error:
        dlupdate(Network(), lambda p: p)
    assert "dlupdate(fun, net, A1, ..., An)" in str(error.value)


def test_a_function_that_returns_nothing_is_named():
    def clip(g):
        g / 2

    with pytest.raises(OptionError, match="the function returned nothing") as error:
        dlupdate(clip, [np.ones(2)])
    assert "function: clip" in str(error.value)


def test_an_error_inside_names_the_parameter():
    def fail(p):
        raise ZeroDivisionError("user's own")

    with pytest.raises(ZeroDivisionError) as error:
        dlupdate(fail, struct(fc=struct(W=np.ones(2))))
    assert error.value.__notes__ == ["in dlupdate, for the parameter fc/W"]


def test_another_structure_and_an_empty_state_are_explained():
    params = struct(a=np.ones(2), b=np.ones(2))
    with pytest.raises(OptionError, match="A1 does not have the structure") as error:
        dlupdate(lambda p, s: p, params, struct(a=np.ones(2)))
    assert 'A1 has no "b"' in str(error.value)
    with pytest.raises(OptionError, match="A2 holds no arrays"):
        dlupdate(lambda p, s, t: p, params, params, [])
